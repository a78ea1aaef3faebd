//! How the indexer hands files to extraction without knowing where it runs: in this process (tests, benches) or in worker
//! processes (the daemon).

use std::sync::Arc;

use super::extract;
use crate::facts::PackedFacts;
use crate::kinds::Language;

/// Most files a lane may hold unanswered: one being parsed, one on its way, so that neither side waits for the other.
pub const LANE_IN_FLIGHT_MAX: usize = 2;

/// One file to extract.
#[derive(Clone, Debug)]
pub struct Task {
    /// Path relative to the root, for heartbeats and logs.
    pub path: Arc<[u8]>,
    /// Which grammar.
    pub language: Language,
    /// The file's bytes as they were hashed.
    pub source: Arc<[u8]>,
}

/// What became of one file.
#[derive(Clone, Debug)]
pub enum Extraction {
    /// Its facts.
    Facts(PackedFacts),
    /// The grammar failed on it twice, alone in a fresh process the second time; why, as a fragment (`crashed (SIGSEGV)`).
    Failed(String),
}

/// Why a lane gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    /// The job was cancelled while the lane waited.
    #[error("extraction was cancelled")]
    Cancelled,
    /// Workers cannot be started at all.
    #[error("extraction workers cannot be started: {0}")]
    Unavailable(String),
    /// The system has nothing left to read files with.
    #[error("{} cannot be read: {reason}", String::from_utf8_lossy(path))]
    Exhausted {
        /// The file that was to be read, relative to the root.
        path: Arc<[u8]>,
        /// What the system said.
        reason: String,
    },
}

/// Where a job's files are extracted.
pub trait Extractors: Sync {
    /// Opens a lane; each is used by one thread and does one file at a time.
    fn lane(&self) -> Result<Box<dyn Lane + '_>, LaneError>;

    /// Most likely a lane will be handed this file soon: whoever can begins with it, and tells nobody if it cannot. By default nothing
    /// is begun.
    fn foresee(&self, _task: Task) {}
}

/// One file after another, answered in order.
pub trait Lane: Send {
    /// Hands over a file. The caller keeps at most [`LANE_IN_FLIGHT_MAX`] unanswered.
    fn send(&mut self, task: Task) -> Result<(), LaneError>;

    /// The answer to the oldest unanswered file; waits for it.
    fn receive(&mut self) -> Result<Extraction, LaneError>;
}

/// Extraction in the calling thread, for tests and benches.
#[derive(Debug, Default)]
pub struct InProcess;

impl Extractors for InProcess {
    fn lane(&self) -> Result<Box<dyn Lane + '_>, LaneError> {
        Ok(Box::new(InProcessLane::default()))
    }
}

#[derive(Default)]
struct InProcessLane {
    waiting: std::collections::VecDeque<Task>,
}

impl Lane for InProcessLane {
    fn send(&mut self, task: Task) -> Result<(), LaneError> {
        self.waiting.push_back(task);
        Ok(())
    }

    fn receive(&mut self) -> Result<Extraction, LaneError> {
        let task = self.waiting.pop_front().ok_or_else(|| LaneError::Unavailable("nothing was sent".into()))?;
        let packed = PackedFacts::check(&extract(task.language, &task.source).pack());
        Ok(packed.map_or_else(|e| Extraction::Failed(e.to_string()), Extraction::Facts))
    }
}
