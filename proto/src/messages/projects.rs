//! Projects and the daemon's own state.

use serde::{Deserialize, Serialize};

use super::choices::{JobState, Stage};
use super::common::{Bytes, Ext, Target};
use super::query::{CoverageSummary, Freshness};
use crate::names::named_numbers;

/// Asks how the daemon and one project stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Which project; one that is not indexed leaves `StatusReply::project` empty.
    pub target: Target,
    /// Later fields.
    pub ext: Ext,
}

/// How the daemon and one project stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StatusReply {
    /// Version of the daemon.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// Its epoch.
    pub epoch: u64,
    /// Milliseconds since it started.
    pub uptime_ms: u64,
    /// Its memory (resident set) in bytes, workers not counted.
    pub memory_bytes: u64,
    /// Path of its socket.
    pub socket: Bytes,
    /// Its state directory.
    pub state_dir: Bytes,
    /// Connections open now.
    pub sessions: u32,
    /// Stores open now.
    pub stores_open: u32,
    /// Most stores open at once.
    pub stores_open_max: u32,
    /// Jobs that have not ended.
    pub jobs: Vec<JobBrief>,
    /// The project asked for, if it is indexed.
    pub project: Option<ProjectRow>,
    /// What is wrong with the configuration of the daemon, each a sentence with what holds instead.
    pub warnings: Vec<String>,
    /// Freshness of its index.
    pub freshness: Freshness,
    /// Milliseconds since its tree was last walked; 0 with `FRESH`.
    pub age_ms: u64,
    /// How complete its index is.
    pub coverage: CoverageSummary,
    /// Later fields.
    pub ext: Ext,
}

/// A job in one line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobBrief {
    /// Its id.
    pub job: u64,
    /// Its project.
    pub project: Bytes,
    /// Where it stands.
    pub state: JobState,
    /// Its stage.
    pub stage: Stage,
    /// Share done, in thousandths.
    pub permille: u16,
    /// Later fields.
    pub ext: Ext,
}

/// Asks for every known project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListProjects {
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// State of a project's store.
    ProjectState {
        /// On disk only.
        1 CLOSED "closed",
        /// Being opened.
        2 OPENING "opening",
        /// Ready.
        3 OPEN "open",
        /// Being checkpointed and closed.
        4 CLOSING "closing",
    }
}

named_numbers! {
    /// How a project's tree is followed.
    WatchState {
        /// It is not.
        0 NONE "none",
        /// Its watches are being set up.
        1 STARTING "starting",
        /// The system tells what changes in it.
        2 WATCHED "watched",
        /// It cannot be watched, and is looked at again and again.
        3 POLLED "polled",
    }
}

/// One known project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProjectRow {
    /// Canonical root.
    pub root: Bytes,
    /// State of its store.
    pub state: ProjectState,
    /// Generation of its index; 0 while it was never opened in this epoch and nothing was committed.
    pub generation: u64,
    /// Files known.
    pub files: u64,
    /// Source bytes of them.
    pub bytes: u64,
    /// Definitions.
    pub symbols: u64,
    /// References.
    pub references: u64,
    /// Bytes of its store on disk.
    pub store_bytes: u64,
    /// When it was last indexed to the end, in milliseconds since 1970; 0 = never.
    pub indexed_ms: u64,
    /// Where its store is.
    pub store: Bytes,
    /// What happened to an earlier store that could not be read, if anything; may be empty.
    pub note: String,
    /// How its tree is followed.
    pub watch: WatchState,
    /// Directories watched.
    pub watch_directories: u64,
    /// Why it is not watched though it should be, and what to do; may be empty.
    pub watch_note: String,
    /// What is wrong with what the project says of itself in `.vigie.toml`, each a sentence that names file and line.
    pub warnings: Vec<String>,
    /// Later fields.
    pub ext: Ext,
}

/// Part of the list of projects; the last one bears FIN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProjectRows {
    /// The projects, by root.
    pub rows: Vec<ProjectRow>,
    /// Later fields.
    pub ext: Ext,
}

/// Have a project's tree followed from now on, or no longer; kept across restarts of the daemon. A directory that is no project yet
/// becomes one and is indexed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Absolute path: the directory to watch, or one inside a project.
    pub path: Bytes,
    /// Absolute root that overrides the search for one; empty = search.
    pub project: Bytes,
    /// Follow it no longer.
    pub end: bool,
    /// Later fields.
    pub ext: Ext,
}

/// How the tree is followed now. Answered when its watches stand: what happens from then on is followed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Canonical root.
    pub root: Bytes,
    /// How it is followed.
    pub state: WatchState,
    /// Directories watched.
    pub directories: u64,
    /// Why it is not watched though it should be, and what to do; may be empty.
    pub note: String,
    /// Later fields.
    pub ext: Ext,
}

/// Remove a project: its index, its watch, and that it was known. Its jobs are cancelled. Its own files are not touched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forget {
    /// Which; a root that is gone is found by its path.
    pub target: Target,
    /// Later fields.
    pub ext: Ext,
}

/// Nothing is left of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Its root.
    pub root: Bytes,
    /// Bytes that its index had on disk.
    pub store_bytes: u64,
    /// Later fields.
    pub ext: Ext,
}
