//! Every message, one struct each, by family. Every struct, also one repeated inside a list, ends in `ext`: later optional
//! fields are tags there, because a longer struct inside a list would shift everything after it silently.

mod changed;
mod choices;
mod common;
mod config;
mod connection;
mod context;
mod impact;
mod jobs;
mod map;
mod observe;
mod progress;
mod projects;
mod query;
mod search;
mod structure;

pub use changed::{ChangeKind, ChangedQuery, ChangedRow, ChangedRows, OldFile, OldState};
pub use choices::{Disposition, JobState, Limit, Stage};
pub use common::{Bytes, Ext, Target};
pub use config::{Config, ConfigReply, ConfigRow, ConfigSource};
pub use connection::{Done, ErrorCode, Failure, GoAway, Hello, Ping, Pong, Shutdown, Welcome, Withdraw, capability};
pub use context::{ContextQuery, ContextRow, ContextRows, Form, Reason, TokenBudget};
pub use impact::{ImpactQuery, ImpactRow, ImpactRows};
pub use jobs::{
    Budget, CancelAck, CancelJob, Index, JobAccepted, JobKind, JobRow, JobRows, ListJobs, PauseAck, PauseJob, Refresh,
    Refreshed, ResumeJob, job_flag,
};
pub use map::{MapQuery, MapRow, MapRows, MapSymbol};
pub use observe::{
    Activity, ActivityReply, Check, CheckRow, CheckRows, CheckState, ClientRow, FileNow, Metric, MetricKind,
    MetricLabel, MetricSample, Metrics, MetricsReply, SlowFile, SlowQuery, WorkerRow,
};
pub use progress::{
    EventType, FileEvent, FileEvents, KeepAlive, ProgressEvent, ProjectEvent, ProjectEventType, Resync, Snapshot,
    Stats, Subscribe, Tier,
};
pub use projects::{
    Forget, Forgotten, JobBrief, ListProjects, ProjectRow, ProjectRows, ProjectState, Status, StatusReply, Watch,
    WatchState, Watched,
};
pub use query::{
    CoverageQuery, CoverageRow, CoverageRows, CoverageSummary, DumpLines, DumpQuery, FileMatchQuery, FileMatchRow,
    FileMatchRows, FileQuery, FileRow, FileRows, Freshness, MatchCount, MatchMode, QueryOptions, QuerySummary, Span,
    StructureState, TextQuery, TextRow, TextRows, row_flag, text_flag,
};
pub use search::{ScoreParts, SearchQuery, SearchRow, SearchRows};
pub use structure::{
    CallQuery, CallRow, CallRows, Confidence, Direction, HierarchyQuery, HierarchyRow, HierarchyRows, ImportQuery,
    ImportRow, ImportRows, Meaning, ReferenceQuery, ReferenceRow, ReferenceRows, Role, SymbolBrief, SymbolKind,
    SymbolMode, SymbolQuery, SymbolRow, SymbolRows, call_tag, reference_flag,
};
