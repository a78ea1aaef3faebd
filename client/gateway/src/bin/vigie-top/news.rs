//! What may happen, and what may be asked of the daemon.

use vigie_proto::{
    ActivityReply, Bytes, CoverageRow, JobRow, ProgressEvent, ProjectEvent, ProjectRow, QuerySummary, Snapshot,
    StatusReply,
};

/// Something that the daemon said, or that became of the way to it.
#[derive(Debug)]
pub(crate) enum News {
    /// How the jobs stand; the stream of events is there, or there again.
    Snapshot(Snapshot),
    /// A step of a job.
    Progress(Box<ProgressEvent>),
    /// Something happened to a project.
    Project(ProjectEvent),
    /// So many events were dropped because this reader was slow.
    Resync(u64),
    /// The stream ended, or cannot begin, for this reason.
    Down(String),
    /// Who the daemon is.
    Status(Box<StatusReply>),
    /// What goes on in it.
    Activity(Box<ActivityReply>),
    /// The daemon is older than `Activity`.
    NoActivity,
    /// All projects.
    Projects(Vec<ProjectRow>),
    /// The jobs that have not ended, and the last ones that have.
    Jobs(Vec<JobRow>),
    /// What became of a request.
    Done(Result<String, String>),
    /// Some files of the coverage with this number.
    Coverage(u64, Vec<CoverageRow>),
    /// Its end.
    CoverageEnd(u64, Result<Box<QuerySummary>, String>),
}

/// Something to ask the daemon for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// End a job.
    Cancel(u64),
    /// Pause a job.
    Pause(u64),
    /// Have a paused job go on.
    Resume(u64),
    /// Follow a project.
    Watch(Bytes),
    /// Follow it no longer.
    Unwatch(Bytes),
    /// Index what lies at this path.
    Index(Bytes),
    /// Tell what the index holds of this project, under a number.
    Coverage(u64, Bytes),
    /// Start a daemon.
    Start,
}
