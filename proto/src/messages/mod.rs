//! Every message, one struct each, by family. Every struct, also one repeated inside a list, ends in `ext`: later optional
//! fields are tags there, because a longer struct inside a list would shift everything after it silently.

mod common;
mod connection;
mod jobs;
mod progress;
mod projects;
mod query;

pub use common::{Bytes, Ext};
pub use connection::{Done, ErrorCode, Failure, GoAway, Hello, Ping, Pong, Shutdown, Welcome, Withdraw, capability};
pub use jobs::{
    Budget, CancelAck, CancelJob, Index, JobAccepted, JobKind, JobRow, JobRows, JobState, Limit, ListJobs, job_flag,
};
pub use progress::{
    EventType, FileEvent, FileEvents, KeepAlive, ProgressEvent, ProjectEvent, ProjectEventType, Resync, Snapshot,
    Stage, Stats, Subscribe,
};
pub use projects::{JobBrief, ListProjects, ProjectRow, ProjectRows, ProjectState, Status, StatusReply, Target};
pub use query::{
    CoverageQuery, CoverageRow, CoverageRows, CoverageSummary, Disposition, DumpLines, DumpQuery, FileQuery, FileRow,
    FileRows, Freshness, MatchMode, QueryOptions, QuerySummary, Span, StructureState, SymbolKind, SymbolMode,
    SymbolQuery, SymbolRow, SymbolRows, TextQuery, TextRow, TextRows, row_flag, text_flag,
};
