//! Whether a job may go on: asked before each file.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::control::{JobControl, Limit, Stop};

/// Why a job does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// It was told to stop.
    Stopped(Stop),
    /// A budget is used up.
    Limited(Limit),
    /// Somebody waits for other files: it goes on when it has looked at them.
    Overtaken,
}

/// Watches stop and the budgets of time and memory; those of files and bytes are the plan's. None of them ends a job that has not taken a
/// file, so that whoever has it go on often enough comes to its end.
pub(super) struct Gate<'a> {
    control: &'a JobControl,
    since: Instant,
    has_taken: AtomicBool,
}

impl<'a> Gate<'a> {
    /// The gate of a job that began to run at `since`.
    pub(super) fn new(control: &'a JobControl, since: Instant) -> Gate<'a> {
        Gate { control, since, has_taken: AtomicBool::new(false) }
    }

    /// When the job began to run.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// A file is done that the job need not look at again.
    pub(super) fn took_file(&self) {
        self.has_taken.store(true, Ordering::Relaxed);
    }

    /// An error if the job must not go on.
    pub(super) fn check(&self) -> Result<(), Halt> {
        if let Some(stop) = self.control.stopped() {
            return Err(Halt::Stopped(stop));
        }
        if self.has_taken.load(Ordering::Relaxed)
            && let Some(limit) = self.control.used_up(self.since.elapsed())
        {
            return Err(Halt::Limited(limit));
        }
        if self.control.overtaking().is_due() { Err(Halt::Overtaken) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::control::Budget;
    use super::*;

    #[test]
    fn a_budget_that_was_used_up_stays_used_up_and_a_cancel_overrides_it() {
        let control = JobControl::new(Budget { memory_bytes_max: Some(100), ..Budget::default() }, 0);
        let gate = Gate::new(&control, Instant::now());
        assert_eq!(gate.check(), Ok(()));
        control.note_memory(101);
        assert_eq!(gate.check(), Ok(()), "it takes one file");
        gate.took_file();
        assert_eq!(gate.check(), Err(Halt::Limited(Limit::Memory)));
        control.note_memory(1);
        assert_eq!(gate.check(), Err(Halt::Limited(Limit::Memory)));
        assert!(!control.join(Budget::default()), "it ends without another walk");
        assert_eq!(gate.check(), Err(Halt::Limited(Limit::Memory)));
        control.stop(Stop::Cancel);
        assert_eq!(gate.check(), Err(Halt::Stopped(Stop::Cancel)));
    }
}
