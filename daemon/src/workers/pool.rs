//! The workers of one job: how many there may be, where their executable is, who lives. Each lane owns one worker
//! process.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use vigie_core::extract::lane::{Extractors, Lane, LaneError, Task};
use vigie_core::index::JobControl;

use super::lane::{LanePlace, WorkerLane};
use super::process::Roster;
use super::spare::Spare;
use crate::telemetry::Telemetry;

/// The executable that runs now, even if its file was replaced: an upgraded worker never pairs with an old daemon.
const EXECUTABLE: &str = "/proc/self/exe";

/// Extraction in worker processes, for one job. Its lanes stop as soon as the job's control says so.
#[derive(Debug)]
pub struct WorkerPool {
    lanes_max: usize,
    lanes_open: AtomicUsize,
    executable: PathBuf,
    control: Arc<JobControl>,
    roster: Arc<Roster>,
    spare: Spare,
}

impl WorkerPool {
    /// A pool of at most `count` lanes, thus workers, at a time. None is started before a file is there for it.
    pub fn new(count: usize, control: Arc<JobControl>) -> WorkerPool {
        let (executable, roster, spare) = (EXECUTABLE.into(), Arc::default(), Spare::default());
        WorkerPool { lanes_max: count, lanes_open: AtomicUsize::new(0), executable, control, roster, spare }
    }

    /// A pool for files that come one by one: a worker that has nothing to do waits for the next, until [`WorkerPool::let_go`].
    pub fn for_single_files() -> WorkerPool {
        WorkerPool { spare: Spare::keeping(), ..WorkerPool::new(usize::MAX, Arc::default()) }
    }

    /// Ends the worker that waits, if there was nothing for it for so long.
    pub fn let_go(&self, unused: Duration) {
        self.spare.let_go(unused);
    }

    /// Starts workers from another executable, which must answer the argument `worker` by calling
    /// [`super::run_worker`].
    pub fn with_executable(self, executable: impl Into<PathBuf>) -> WorkerPool {
        WorkerPool { executable: executable.into(), ..self }
    }

    /// The same, whose workers are counted.
    pub(crate) fn counted(self, telemetry: Arc<Telemetry>) -> WorkerPool {
        WorkerPool { roster: Arc::new(Roster::counted(telemetry)), ..self }
    }

    /// Process ids of the workers that live now, for sampling their memory. They are not dumpable, so of the files in
    /// `/proc/PID` only those that are open to everybody can be read (`statm` and `stat` are, `smaps_rollup` is not).
    pub fn pids(&self) -> Vec<u32> {
        self.roster.pids()
    }
}

impl Extractors for WorkerPool {
    fn lane(&self) -> Result<Box<dyn Lane + '_>, LaneError> {
        let place = LanePlace::take(&self.lanes_open, self.lanes_max)?;
        Ok(Box::new(WorkerLane::new(&self.executable, &self.control, &self.roster, &self.spare, place)))
    }

    fn foresee(&self, task: Task) {
        // Beside a worker that is at it another would only be in its way.
        if self.lanes_open.load(Ordering::Relaxed) == 0 {
            self.spare.foresee(task, &self.executable, &self.roster);
        }
    }
}
