//! The progress event stream. Field names of [`ProgressEvent`] are those of LeIndex, from which this design descends.

use serde::{Deserialize, Serialize};

use super::choices::{Disposition, JobState, Limit, Stage};
use super::common::{Bytes, Ext};
use crate::names::named_numbers;

named_numbers! {
    /// What an event says.
    EventType {
        /// The job goes on.
        1 PROGRESS "progress",
        /// Terminal: it ended well.
        2 COMPLETE "complete",
        /// Terminal: it failed.
        3 ERROR "error",
        /// Terminal: it was cancelled.
        4 CANCELLED "cancelled",
    }
}

/// Asks for a stream of events: a `Snapshot` first, then what follows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Subscribe {
    /// One job; the stream ends with its terminal event. 0 = no single job.
    pub job: u64,
    /// With `job` 0: only jobs of the project this absolute path lies in; empty = all projects.
    pub path: Bytes,
    /// Epoch of the cursor; 0 or another daemon's = begin with a snapshot of now.
    pub epoch: u64,
    /// Last state event seen in that epoch: what is retained after it is sent again.
    pub seq: u64,
    /// Send per-file events too.
    pub files: bool,
    /// Later fields.
    pub ext: Ext,
}

/// How things stand, and the seq after which events follow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Epoch of `seq`.
    pub epoch: u64,
    /// Every state event up to this one is in the snapshot.
    pub seq: u64,
    /// The last event of each job subscribed to; terminal if it has ended. Of a project or all of them, only jobs that have not ended.
    pub jobs: Vec<ProgressEvent>,
    /// The cursor could not be honoured (another epoch, or no longer retained).
    pub reset: bool,
    /// Later fields.
    pub ext: Ext,
}

/// One step of a job. State events (a new stage, a join, the end) have a seq of their own and are never lost; samples
/// (`sample`) bear the seq of the last state event and the latest one wins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProgressEvent {
    /// What the event says.
    pub r#type: EventType,
    /// What the job is doing.
    pub stage: Stage,
    /// Files of the stage done.
    pub current: u64,
    /// Files of the stage; 0 = not known yet, only in `collecting` and before.
    pub total: u64,
    /// One sentence for people.
    pub message: String,
    /// When, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// The job.
    pub job: u64,
    /// Number of the last state event up to here.
    pub seq: u64,
    /// Where the job stands.
    pub state: JobState,
    /// Canonical root of the project.
    pub project: Bytes,
    /// Path, relative to the root, of a file being worked on; may be empty.
    pub file: Bytes,
    /// How long that file has been worked on, in milliseconds.
    pub file_ms: u64,
    /// Source bytes of the stage done.
    pub bytes: u64,
    /// Files that could not be read or parsed, so far.
    pub errors: u64,
    /// Files a second, in thousandths.
    pub rate_milli: u64,
    /// Estimated milliseconds until the job ends; 0 = not known.
    pub eta_ms: u64,
    /// Share of the whole job done, in thousandths; never falls, 1000 only in `complete`.
    pub permille: u16,
    /// A sample or heartbeat, not a state event.
    pub sample: bool,
    /// With a terminal event, what the job did.
    pub stats: Option<Stats>,
    /// Later fields.
    pub ext: Ext,
}

/// What a job did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Files the walk found.
    pub files_seen: u64,
    /// Files read and indexed anew.
    pub files_indexed: u64,
    /// Files found unchanged.
    pub files_unchanged: u64,
    /// Files left out on purpose: binary, too large, special.
    pub files_skipped: u64,
    /// Files found and not reached, because a budget or a stop came first.
    pub files_pending: u64,
    /// Files and directories that could not be read, and files that could not be parsed.
    pub files_failed: u64,
    /// Of those, files and directories that could not be read: what they hold is in no answer.
    pub files_unread: u64,
    /// Of those, directories.
    pub directories_unread: u64,
    /// Files that are gone.
    pub files_deleted: u64,
    /// Files that were not parsed because one of the same content was before, in whatever project.
    pub files_cached: u64,
    /// Definitions in the index.
    pub symbols: u64,
    /// References in the index.
    pub references: u64,
    /// Source bytes of the project's files.
    pub bytes: u64,
    /// Milliseconds of running.
    pub elapsed_ms: u64,
    /// Milliseconds until every file was searchable as text; 0 = not reached.
    pub text_ready_ms: u64,
    /// The generation the job ended on.
    pub generation: u64,
    /// Highest memory seen, daemon and workers together, in bytes.
    pub peak_memory_bytes: u64,
    /// Bytes of the project's store on disk.
    pub store_bytes: u64,
    /// The budget that ended it early.
    pub limit: Limit,
    /// Later fields.
    pub ext: Ext,
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileEvent {
    /// Relative to the root.
    pub path: Bytes,
    /// Which stage is done with it.
    pub stage: Stage,
    /// Its disposition.
    pub disposition: Disposition,
    /// Why, if it is not simply indexed.
    pub reason: String,
    /// Its language; empty = none.
    pub language: String,
    /// Definitions found.
    pub symbols: u32,
    /// Microseconds spent on it.
    pub micros: u64,
    /// Later fields.
    pub ext: Ext,
}

/// Per-file events: a topic of its own, lossy under pressure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileEvents {
    /// The job.
    pub job: u64,
    /// How many were dropped just before these; `CoverageQuery` with `since` has them.
    pub dropped: u64,
    /// The files.
    pub files: Vec<FileEvent>,
    /// Later fields.
    pub ext: Ext,
}

/// The subscriber was too slow: state events were dropped. A `Snapshot` follows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resync {
    /// How many events were dropped.
    pub dropped: u64,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// What happened to a project.
    ProjectEventType {
        /// Its store was opened.
        1 OPENED "opened",
        /// Its store was closed after a checkpoint.
        2 CLOSED "closed",
        /// Facts were committed.
        3 GENERATION "generation",
        /// Its index was removed to keep within the room for all of them, or because its root has long been gone.
        4 DROPPED "dropped",
    }
}

named_numbers! {
    /// What is known of a file.
    Tier {
        /// No tier is meant.
        0 NONE "none",
        /// Its text.
        1 TEXT "text",
        /// Its text and its structure.
        2 STRUCTURE "structure",
    }
}

/// Something happened to a project, outside of any job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProjectEvent {
    /// What.
    pub r#type: ProjectEventType,
    /// Number of this state event.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Canonical root.
    pub project: Bytes,
    /// Generation of its index.
    pub generation: u64,
    /// With `GENERATION`: up to which tier the index has what changed.
    pub tier: Tier,
    /// With `GENERATION`: the files that were indexed anew or left the index, relative to the root; at most 1,000.
    pub changed: Vec<Bytes>,
    /// More files changed than are named; `ChangedQuery` has them.
    pub changed_many: bool,
    /// One sentence for people.
    pub message: String,
    /// Later fields.
    pub ext: Ext,
}

/// Nothing happened for fifteen seconds; the daemon is alive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeepAlive {
    /// When, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Later fields.
    pub ext: Ext,
}
