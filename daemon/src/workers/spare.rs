//! A worker that has done its work and waits for the next file: starting one takes longer than parsing a file that a person has just
//! saved.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::process::Worker;

/// At most one worker.
#[derive(Default)]
pub(super) struct Spare {
    /// Without it nothing is kept: the workers of a job end with it.
    keeps: bool,
    worker: Mutex<Option<(Worker, Instant)>>,
}

// A worker may hold a file's bytes, which nobody is to see.
impl std::fmt::Debug for Spare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spare").finish_non_exhaustive()
    }
}

impl Spare {
    /// A place that keeps one.
    pub(super) fn keeping() -> Spare {
        Spare { keeps: true, ..Spare::default() }
    }

    fn replace(&self, worker: Option<(Worker, Instant)>) -> Option<(Worker, Instant)> {
        // What is guarded is replaced as a whole.
        std::mem::replace(&mut *self.worker.lock().unwrap_or_else(PoisonError::into_inner), worker)
    }

    /// Takes the one that waits.
    pub(super) fn take(&self) -> Option<Worker> {
        self.replace(None).map(|(worker, _)| worker)
    }

    /// Keeps a worker, in place of the one that waits. One that is not kept ends.
    pub(super) fn put(&self, worker: Worker) {
        if self.keeps {
            drop(self.replace(Some((worker, Instant::now()))));
        }
    }

    /// Ends the one that waits, if nobody has wanted it for so long.
    pub(super) fn let_go(&self, unused: Duration) {
        if let Some((worker, since)) = self.replace(None)
            && since.elapsed() < unused
        {
            self.replace(Some((worker, since)));
        }
    }
}
