//! Whether a job may go on: asked before each file.

use std::time::Instant;

use super::control::{JobControl, Limit, Stop};

/// Why a job does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// It was told to stop.
    Stopped(Stop),
    /// A budget is used up.
    Limited(Limit),
}

/// Watches stop and the budgets of time and memory; those of files and bytes are the plan's.
pub(super) struct Gate<'a> {
    control: &'a JobControl,
    since: Instant,
}

impl<'a> Gate<'a> {
    pub(super) fn new(control: &'a JobControl) -> Gate<'a> {
        Gate { control, since: Instant::now() }
    }

    /// When the job began to run.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// An error if the job must not go on.
    pub(super) fn check(&self) -> Result<(), Halt> {
        if let Some(stop) = self.control.stopped() {
            return Err(Halt::Stopped(stop));
        }
        let budget = self.control.budget();
        if budget.time_max.is_some_and(|max| self.since.elapsed() >= max) {
            return Err(Halt::Limited(Limit::Seconds));
        }
        if budget.memory_bytes_max.is_some_and(|max| self.control.memory_bytes() > max) {
            return Err(Halt::Limited(Limit::Memory));
        }
        Ok(())
    }
}
