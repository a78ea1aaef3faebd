//! One job, from walk to finish: what changed is planned, scanned, parsed and committed in batches, so that an end at any moment
//! leaves a consistent index and the same job can go on from there.

mod control;

mod plan;

mod gate;

mod committer;

mod demand;

mod overtake;

mod ahead;

mod scan;

mod structure;

mod job;

mod refresh;

pub use ahead::{foresee, parse_ahead};
pub use control::{Budget, JobControl, Limit, Progress, Stop};
pub use demand::Told;
pub use job::{Collected, collect, run};
pub use overtake::Overtaken;
pub use refresh::{REFRESH_FILES_MAX, Refreshed, refresh, sweep};

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::extract::lane::Extractors;
use crate::kinds::{Disposition, Language, Stage};
use crate::store::{FactsCache, ProjectStore, StoreError};

/// Source bytes after which a batch is committed.
const BATCH_BYTES: u64 = 8 << 20;
/// Time after which a batch is committed.
const BATCH_TIME: Duration = Duration::from_millis(250);

/// What to do.
#[derive(Clone, Debug)]
pub struct JobSpec {
    /// Id of the job; written into the store with every commit, so that an interrupted job knows what it has done.
    pub job: u64,
    /// Read and parse every file again, also unchanged ones.
    pub force: bool,
}

/// Where a job works and who steers and hears it.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The project's canonical root.
    pub root: &'a Path,
    /// Cancel, join, budgets, counters.
    pub control: &'a JobControl,
    /// Who is told.
    pub observer: &'a dyn Observer,
    /// The person's own global ignore file.
    pub global_excludes: Option<&'a Path>,
}

/// What a job works with.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// Where, and who steers and hears it.
    pub around: Surroundings<'a>,
    /// The project's store.
    pub store: &'a ProjectStore,
    /// Where files are parsed.
    pub extractors: &'a dyn Extractors,
    /// How many are parsed at a time.
    pub lanes: usize,
    /// What need not be parsed; nothing is looked up by a job that is to parse everything.
    pub cache: Option<&'a FactsCache>,
}

/// Told of each step of a job, from whichever thread takes it; must not wait.
pub trait Observer: Sync {
    /// A stage begins. The message is a sentence for people.
    fn stage(&self, stage: Stage, message: &str);
    /// A stage is done with a file.
    fn file(&self, outcome: &FileOutcome<'_>);
    /// Facts were committed: of these files, or of more, of which the first that are more than [`CHANGED_NAMED_MAX`] are given.
    fn committed(&self, generation: u64, changed: &[ChangedFile]);
}

/// Most changed files that are named; of more it is only said that they are many.
pub const CHANGED_NAMED_MAX: usize = 1000;

/// A file that a commit changed in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Relative to the root.
    pub path: Arc<[u8]>,
    /// The index has all of it; else its structure is that of older content, or missing, and a later commit has it.
    pub is_whole: bool,
}

/// Adds a file unless there are more already than are named.
fn note_changed(changed: &mut Vec<ChangedFile>, path: impl Into<Arc<[u8]>>, is_whole: bool) {
    if changed.len() <= CHANGED_NAMED_MAX {
        changed.push(ChangedFile { path: path.into(), is_whole });
    }
}

/// What became of one file.
#[derive(Clone, Debug)]
pub struct FileOutcome<'a> {
    /// Relative to the root.
    pub path: &'a [u8],
    /// `Scanning` or `Indexing`.
    pub stage: Stage,
    /// Its disposition.
    pub disposition: Disposition,
    /// Why, if it is not simply indexed.
    pub reason: &'a str,
    /// Its language.
    pub language: Option<Language>,
    /// Definitions found.
    pub symbols: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// Microseconds spent on it.
    pub micros: u64,
}

/// What a job did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files the walk found.
    pub files_seen: u64,
    /// Files read and indexed anew, by this run and by earlier runs of the same job.
    pub files_indexed: u64,
    /// Files whose structure was known from files of the same content, so that they were not parsed.
    pub files_cached: u64,
    /// Files found unchanged.
    pub files_unchanged: u64,
    /// Files left out on purpose: binary, too large, special.
    pub files_skipped: u64,
    /// Files that were found and whose content was not reached, because a budget or a stop came first.
    pub files_pending: u64,
    /// Files and directories that could not be read, and files that could not be parsed.
    pub files_failed: u64,
    /// Of those, the ones that could not be read.
    pub files_unread: u64,
    /// Of those, directories.
    pub directories_unread: u64,
    /// Files that are gone.
    pub files_deleted: u64,
    /// Definitions in the index.
    pub symbols: u64,
    /// References in the index.
    pub references: u64,
    /// Source bytes of the project's files.
    pub bytes: u64,
    /// Milliseconds of this run.
    pub elapsed_ms: u64,
    /// Milliseconds until every file was searchable as text; 0 = not reached.
    pub text_ready_ms: u64,
    /// The generation the job ended on.
    pub generation: u64,
    /// Bytes of the project's store on disk.
    pub store_bytes: u64,
}

/// How a job ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What it did.
    pub stats: Stats,
    /// The stage it was in.
    pub stage: Stage,
    /// Why it ended.
    pub end: End,
}

/// Why a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Everything is done.
    Done,
    /// A budget ended it; what is committed is consistent.
    Limited(Limit),
    /// It was told to stop.
    Stopped(Stop),
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The root is gone or cannot be read.
    #[error("cannot walk {root}: {reason}")]
    Walk {
        /// The root.
        root: String,
        /// What the system said.
        reason: String,
    },
    /// The daemon has no descriptors or memory left: what it could not read is not taken for gone or unreadable.
    #[error("{what} cannot be read, as the system has nothing left for the daemon: {reason}")]
    Exhausted {
        /// The file or directory.
        what: String,
        /// What the system said.
        reason: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Workers cannot be started.
    #[error("cannot parse: {0}")]
    Extract(String),
}
