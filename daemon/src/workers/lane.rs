//! One lane: keeps its worker busy with two files, in order, and finds out which file is at fault when the worker dies.
//! A file is never blamed for a death it may only have witnessed: it is tried again alone, in a fresh worker, and only
//! a second failure of the same kind is its own.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use vigie_core::extract::lane::{Extraction, LANE_IN_FLIGHT_MAX, Lane, LaneError, Task};
use vigie_core::facts::PackedFacts;
use vigie_core::index::JobControl;

use super::process::{Answer, Gone, Roster, Worker};
use super::spare::{Spare, Waiting, is_same};
use super::verdict::{Death, Failure};
use super::wire::{SOURCE_BYTES_MAX, answer_bytes_max};

/// How long a lane waits at a time before it looks whether its job was stopped.
const STOP_NOTICED_WITHIN: Duration = Duration::from_millis(20);

/// How often a file's worker may be killed from outside, and how often in a row a worker may end before it is ready.
const MISHAPS_MAX: u32 = 5;

/// How many different failures a file may have; one more is its last, whichever it is.
const FAILURES_MAX: usize = 5;

pub(super) struct WorkerLane<'p> {
    executable: &'p Path,
    control: &'p JobControl,
    roster: &'p Arc<Roster>,
    spare: &'p Spare,
    worker: Option<Worker>,
    starts_failed: u32,
    /// Unanswered files, oldest first; at most [`LANE_IN_FLIGHT_MAX`] that were sent.
    files: VecDeque<File>,
    _place: LanePlace<'p>,
}

struct File {
    task: Task,
    /// It was foreseen that it would be sent, and it was not: nobody is told what becomes of it.
    foreseen: bool,
    /// The worker that lives now has it.
    assigned: bool,
    /// How it failed so far, or may have; none is there twice.
    failures: Vec<Failure>,
    /// How often a worker was killed while it was being parsed.
    killed: u32,
}

impl<'p> WorkerLane<'p> {
    pub(super) fn new(
        executable: &'p Path,
        control: &'p JobControl,
        roster: &'p Arc<Roster>,
        spare: &'p Spare,
        place: LanePlace<'p>,
    ) -> Self {
        let (worker, foreseen) = match spare.take() {
            Some(Waiting { worker, foreseen }) => (Some(worker), foreseen),
            None => (None, Vec::new()),
        };
        let files =
            foreseen.into_iter().map(|task| File { foreseen: true, assigned: true, ..File::new(task) }).collect();
        WorkerLane { executable, control, roster, spare, worker, starts_failed: 0, files, _place: place }
    }

    /// Ends the worker at once if the job was told to stop.
    fn check_stop(&mut self) -> Result<(), LaneError> {
        if self.control.stopped().is_none() {
            return Ok(());
        }
        self.worker = None;
        Err(LaneError::Cancelled)
    }

    /// Gives the worker what it may have: suspects alone and in a fresh worker, all others as they come.
    fn assign(&mut self) -> Result<(), LaneError> {
        if self.files.front().is_some_and(|oldest| oldest.is_suspect() && !oldest.assigned) {
            self.worker.take_if(|worker| worker.is_used());
        }
        for (place, file) in self.files.iter_mut().enumerate() {
            if file.is_suspect() && place > 0 {
                break;
            }
            if !file.assigned {
                let worker = started(&mut self.worker, self.spare, self.executable, self.roster)?;
                worker.assign(&file.task).map_err(unavailable)?;
                file.assigned = true;
            }
            if file.is_suspect() {
                break;
            }
        }
        Ok(())
    }

    /// Waits for the worker a little. `None` = the oldest file has no outcome yet.
    fn step(&mut self) -> Result<Option<Extraction>, LaneError> {
        let (Some(worker), Some(oldest)) = (&mut self.worker, self.files.front()) else { return Ok(None) };
        worker.wait(STOP_NOTICED_WITHIN).map_err(unavailable)?;
        match worker.answer(answer_bytes_max(oldest.task.source.len())) {
            Ok(Some(Answer::Facts(packed))) => Ok(self.answered(&packed)),
            Ok(Some(Answer::Failed(reason))) => Ok(self.misbehaved(Failure::Refused(reason))),
            Ok(None) => Ok(None),
            Err(Gone::Nonsense) => Ok(self.misbehaved(Failure::Malformed)),
            Err(Gone::Ended) => self.bereaved(),
        }
    }

    fn answered(&mut self, packed: &[u8]) -> Option<Extraction> {
        self.starts_failed = 0;
        match PackedFacts::check(packed) {
            Ok(facts) => self.files.pop_front().map(|_| Extraction::Facts(facts)),
            Err(_) => self.misbehaved(Failure::Malformed),
        }
    }

    /// The worker lives, but what it did with the oldest file makes it unfit for the others.
    fn misbehaved(&mut self, failure: Failure) -> Option<Extraction> {
        self.worker = None;
        self.take_back();
        self.blame_oldest(failure)
    }

    /// Notes that no worker has any of the files, and says how many of them the last one had: always the oldest.
    fn take_back(&mut self) -> usize {
        self.files.iter_mut().map(|file| usize::from(std::mem::take(&mut file.assigned))).sum()
    }

    /// What was foreseen and never asked for takes too long: others need not wait for it.
    fn forsake(&mut self) {
        self.worker = None;
        self.files.retain(|file| !file.foreseen);
        self.take_back();
    }

    /// The worker has died.
    fn bereaved(&mut self) -> Result<Option<Extraction>, LaneError> {
        let Some(worker) = self.worker.take() else { return Ok(None) };
        let was_ready = worker.is_ready();
        let death = worker.bury();
        let assigned = self.take_back();
        if !was_ready {
            return self.start_failed(&death).map(|()| None);
        }
        match death {
            Death::Killed => Ok(self.count_kill()),
            Death::Own(failure) => {
                // The oldest is judged below; whoever was with it is a suspect from now on.
                self.files.iter_mut().take(assigned).skip(1).for_each(|witness| witness.failures.push(failure.clone()));
                Ok(self.blame_oldest(failure))
            }
        }
    }

    fn start_failed(&mut self, death: &Death) -> Result<(), LaneError> {
        self.starts_failed += 1;
        if self.starts_failed < MISHAPS_MAX {
            return Ok(());
        }
        let cause = match death {
            Death::Own(failure) => failure.reason(0),
            Death::Killed => "they are killed".into(),
        };
        Err(LaneError::Unavailable(format!("{MISHAPS_MAX} in a row ended before they were ready: {cause}")))
    }

    fn count_kill(&mut self) -> Option<Extraction> {
        let oldest = self.files.front_mut()?;
        oldest.killed += 1;
        if oldest.killed < MISHAPS_MAX {
            return None;
        }
        self.files.pop_front();
        Some(Extraction::Failed(format!("its worker was killed {MISHAPS_MAX} times")))
    }

    fn blame_oldest(&mut self, failure: Failure) -> Option<Extraction> {
        let oldest = self.files.front_mut()?;
        if !oldest.failures.contains(&failure) && oldest.failures.len() < FAILURES_MAX {
            oldest.failures.push(failure);
            return None;
        }
        let reason = failure.reason(oldest.task.source.len());
        self.files.pop_front();
        Some(Extraction::Failed(reason))
    }
}

impl Lane for WorkerLane<'_> {
    fn send(&mut self, task: Task) -> Result<(), LaneError> {
        self.check_stop()?;
        // Answers come in the order in which files were sent: it must not be before one that was sent already.
        let mut behind_sent = self.files.iter_mut().rev().take_while(|file| file.foreseen);
        if let Some(begun) = behind_sent.find(|file| is_same(&file.task, &task)) {
            begun.foreseen = false;
            return self.assign();
        }
        if self.files.iter().filter(|file| !file.foreseen).count() >= LANE_IN_FLIGHT_MAX {
            return Err(LaneError::Unavailable(format!("{LANE_IN_FLIGHT_MAX} files are unanswered already")));
        }
        if task.source.len() > SOURCE_BYTES_MAX {
            return Err(LaneError::Unavailable(format!("a file of {} bytes is too large for them", task.source.len())));
        }
        self.files.push_back(File::new(task));
        self.assign()
    }

    fn receive(&mut self) -> Result<Extraction, LaneError> {
        loop {
            let Some(oldest) = self.files.front() else {
                return Err(LaneError::Unavailable("nothing was sent".into()));
            };
            let is_wanted = !oldest.foreseen;
            self.check_stop()?;
            self.assign()?;
            match self.step()? {
                Some(extraction) if is_wanted => return Ok(extraction),
                None if !is_wanted => self.forsake(),
                Some(_) | None => {}
            }
        }
    }
}

impl File {
    fn new(task: Task) -> File {
        File { task, foreseen: false, assigned: false, failures: Vec::new(), killed: 0 }
    }

    fn is_suspect(&self) -> bool {
        !self.failures.is_empty()
    }
}

impl Drop for WorkerLane<'_> {
    fn drop(&mut self) {
        // One that is still at what somebody has asked for and left would hold up the next.
        let is_at_rest = self.files.iter().all(|file| file.foreseen && file.assigned && !file.is_suspect());
        if let Some(worker) = self.worker.take().filter(|_| is_at_rest) {
            self.spare.put(Waiting { worker, foreseen: self.files.drain(..).map(|file| file.task).collect() });
        }
    }
}

fn started<'w>(
    worker: &'w mut Option<Worker>,
    spare: &Spare,
    executable: &Path,
    roster: &Arc<Roster>,
) -> Result<&'w mut Worker, LaneError> {
    if worker.is_none() {
        *worker = Some(spare.start(executable, roster).map_err(unavailable)?);
    }
    worker.as_mut().ok_or_else(|| LaneError::Unavailable("none was started".into()))
}

fn unavailable(e: impl std::fmt::Display) -> LaneError {
    LaneError::Unavailable(e.to_string())
}

/// One of the pool's lanes; its place is free again when this is dropped.
pub(super) struct LanePlace<'p>(&'p AtomicUsize);

impl<'p> LanePlace<'p> {
    /// Takes one of `count_max` places, of which `open` counts those taken.
    pub(super) fn take(open: &'p AtomicUsize, count_max: usize) -> Result<LanePlace<'p>, LaneError> {
        let one_more = |count| (count < count_max).then_some(count + 1);
        match open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more) {
            Ok(_) => Ok(LanePlace(open)),
            Err(count) => Err(LaneError::Unavailable(format!("all {count} lanes are in use"))),
        }
    }
}

impl Drop for LanePlace<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
