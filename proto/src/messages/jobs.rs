//! Starting, listing and cancelling jobs.

use serde::{Deserialize, Serialize};

use super::choices::{JobState, Stage};
use super::common::{Bytes, Ext, Target};
use super::progress::ProgressEvent;
use crate::names::named_numbers;

/// What one job may use. 0 = no limit. On a limit the job commits what is consistent and completes, naming it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Files processed.
    pub files_max: u64,
    /// Source bytes processed.
    pub bytes_max: u64,
    /// Seconds of running.
    pub seconds_max: u64,
    /// Memory of daemon and workers together, in bytes.
    pub memory_bytes_max: u64,
    /// Files worked on at a time, and so processors used. It ends no job.
    pub workers_max: u32,
    /// Later fields.
    pub ext: Ext,
}

/// Flags of [`Index`].
pub mod job_flag {
    /// Read and parse every file again.
    pub const FORCE: u16 = 1;
    /// Answer `JobAccepted` and end; do not stream.
    pub const DETACH: u16 = 2;
    /// Cancel the job when this request's connection ends and no other owner or joiner is left.
    pub const OWN: u16 = 4;
    /// Stream per-file events too.
    pub const FILES: u16 = 8;
}

/// Index a project, or join the job that already does. Answered by `JobAccepted`; then, unless detached, by the job's event
/// stream as if subscribed: a `Snapshot`, events, and the terminal event as the last frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// Absolute path: the directory to index, or one inside a project.
    pub path: Bytes,
    /// Absolute root that overrides the search for one; empty = search.
    pub project: Bytes,
    /// See [`job_flag`].
    pub flags: u16,
    /// Limits.
    pub budget: Budget,
    /// Later fields.
    pub ext: Ext,
}

/// The job is known and written down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobAccepted {
    /// Its id, below 2^53.
    pub job: u64,
    /// An identical job was joined.
    pub joined: bool,
    /// It was paused, and goes on because of this request.
    pub resumed: bool,
    /// Canonical root of the project.
    pub root: Bytes,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// What kind of work a job is.
    JobKind {
        /// Asked for by a client.
        1 INDEX "index",
        /// A large burst of changes.
        2 REFRESH "refresh",
    }
}

/// Asks for the jobs, running and queued first, then ended ones, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListJobs {
    /// Most ended jobs to list; 0 = only those not ended.
    pub ended_max: u32,
    /// Later fields.
    pub ext: Ext,
}

/// One job of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// Its id.
    pub job: u64,
    /// Canonical root of its project.
    pub project: Bytes,
    /// Kind of work.
    pub kind: JobKind,
    /// Where it stands.
    pub state: JobState,
    /// Its last stage.
    pub stage: Stage,
    /// Files done in the stage.
    pub current: u64,
    /// Files of the stage.
    pub total: u64,
    /// Share of the whole job done, in thousandths.
    pub permille: u16,
    /// When it was accepted, in milliseconds since 1970.
    pub accepted_ms: u64,
    /// When it first ran; 0 = not yet.
    pub started_ms: u64,
    /// When it ended; 0 = not yet.
    pub ended_ms: u64,
    /// Whether it re-reads everything.
    pub force: bool,
    /// One sentence about how it stands or ended.
    pub message: String,
    /// Later fields.
    pub ext: Ext,
}

/// Part of a list of jobs; the last one bears FIN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobRows {
    /// The jobs.
    pub rows: Vec<JobRow>,
    /// Later fields.
    pub ext: Ext,
}

/// Ends a job for everybody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CancelJob {
    /// Which.
    pub job: u64,
    /// Later fields.
    pub ext: Ext,
}

/// The cancel is written down: even if the daemon dies now, the job ends as cancelled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CancelAck {
    /// Which job.
    pub job: u64,
    /// `CANCELLING`, or the terminal state it had reached before.
    pub state: JobState,
    /// The job's terminal event, if it had ended.
    pub ended: Option<ProgressEvent>,
    /// Later fields.
    pub ext: Ext,
}

/// Says that files of a project have changed, so that they, and nothing else, are looked at: without a job, and in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refresh {
    /// The project.
    pub target: Target,
    /// The files, absolute or relative to the root; also what is new or gone.
    pub files: Vec<Bytes>,
    /// Later fields.
    pub ext: Ext,
}

/// The files are in the index as they are, or a job sees to that.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refreshed {
    /// Canonical root.
    pub root: Bytes,
    /// The generation that has them.
    pub generation: u64,
    /// Files read and indexed anew.
    pub indexed: u64,
    /// Files that were as the index knew them.
    pub unchanged: u64,
    /// Files that are gone, from the index too.
    pub removed: u64,
    /// Files that are no part of the project: ignored, or never there.
    pub ignored: u64,
    /// Sentences that name those, at least the first of them, and say why.
    pub notes: Vec<String>,
    /// A job that sees to it before it ends, since the files are many, one of them says which others are ignored, or the job at work is
    /// past them; 0 = it is done.
    pub job: u64,
    /// Later fields.
    pub ext: Ext,
}

/// Pauses a job: it lets go of its workers and its store and keeps its place, until it is resumed or cancelled. What it has committed
/// answers questions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PauseJob {
    /// Which.
    pub job: u64,
    /// Later fields.
    pub ext: Ext,
}

/// Has a paused job go on. Nothing happens to one that is not paused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResumeJob {
    /// Which.
    pub job: u64,
    /// Later fields.
    pub ext: Ext,
}

/// The pause, or its end, is written down: it holds even if the daemon dies now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PauseAck {
    /// Which job.
    pub job: u64,
    /// `PAUSED` after a pause, though its workers may still be stopping; after a resume where it stands now; or the terminal state it
    /// had reached before.
    pub state: JobState,
    /// The job's terminal event, if it had ended.
    pub ended: Option<ProgressEvent>,
    /// Later fields.
    pub ext: Ext,
}
