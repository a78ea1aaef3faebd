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
