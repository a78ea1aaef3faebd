//! Greeting, failing, leaving.

use serde::{Deserialize, Serialize};

use super::common::Ext;
use crate::names::named_numbers;

/// Names of what a daemon can do; a client asks for abilities, never for version numbers.
pub mod capability {
    /// `Index`, `ListJobs`, `CancelJob`.
    pub const JOBS: &str = "jobs";
    /// `Refresh`.
    pub const REFRESH: &str = "refresh";
    /// `Subscribe` with snapshot and cursor.
    pub const EVENTS: &str = "events";
    /// The per-file topic.
    pub const FILE_EVENTS: &str = "file-events";
    /// `TextQuery`, `FileMatchQuery`.
    pub const TEXT: &str = "text";
    /// `SymbolQuery`.
    pub const SYMBOLS: &str = "symbols";
    /// `SearchQuery`.
    pub const SEARCH: &str = "search";
    /// `ChangedQuery`.
    pub const CHANGED: &str = "changed";
    /// `ReferenceQuery`.
    pub const REFERENCES: &str = "references";
    /// `CallQuery`.
    pub const CALLS: &str = "calls";
    /// Of `ReferenceQuery` and `CallQuery`, what is certain alone.
    pub const CERTAIN: &str = "certain";
    /// `HierarchyQuery`.
    pub const HIERARCHY: &str = "hierarchy";
    /// `ImportQuery`.
    pub const IMPORTS: &str = "imports";
    /// `ContextQuery`.
    pub const CONTEXT: &str = "context";
    /// `MapQuery`.
    pub const MAP: &str = "map";
    /// `ImpactQuery`.
    pub const IMPACT: &str = "impact";
    /// `FileQuery`.
    pub const FILES: &str = "files";
    /// `CoverageQuery`.
    pub const COVERAGE: &str = "coverage";
    /// `DumpQuery`.
    pub const DUMP: &str = "dump";
    /// `Watch`.
    pub const WATCH: &str = "watch";
    /// `Forget`.
    pub const FORGET: &str = "forget";
    /// `Config`.
    pub const CONFIG: &str = "config";
    /// `PauseJob`, `ResumeJob`.
    pub const PAUSE: &str = "pause";
    /// `Metrics`.
    pub const METRICS: &str = "metrics";
    /// `Check`.
    pub const CHECK: &str = "check";
    /// `Activity`.
    pub const ACTIVITY: &str = "activity";
    /// `Shutdown`.
    pub const SHUTDOWN: &str = "shutdown";
    /// All of this build.
    pub const ALL: &[&str] = &[
        JOBS,
        REFRESH,
        EVENTS,
        FILE_EVENTS,
        TEXT,
        SYMBOLS,
        SEARCH,
        CHANGED,
        REFERENCES,
        CALLS,
        CERTAIN,
        HIERARCHY,
        IMPORTS,
        CONTEXT,
        MAP,
        IMPACT,
        FILES,
        COVERAGE,
        DUMP,
        WATCH,
        FORGET,
        CONFIG,
        PAUSE,
        METRICS,
        CHECK,
        ACTIVITY,
        SHUTDOWN,
    ];
}

/// The client's first frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// What the client is: `vigie`, `vigie.nvim`, `vigie-mcp`.
    pub client: String,
    /// Its version.
    pub version: String,
    /// Capabilities it cannot work without; the daemon answers `UNIMPLEMENTED` naming those it lacks.
    pub required: Vec<String>,
    /// Later fields.
    pub ext: Ext,
}

/// The daemon's answer to `Hello`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// Version of the daemon.
    pub version: String,
    /// The protocol version both sides now speak.
    pub protocol: u16,
    /// Life of the daemon: event cursors are (epoch, seq) and mean nothing in another epoch.
    pub epoch: u64,
    /// Process id of the daemon.
    pub pid: u32,
    /// Everything this daemon can do.
    pub capabilities: Vec<String>,
    /// Largest body it accepts, in bytes.
    pub body_bytes_max: u32,
    /// Most requests of one connection it works on at a time; one more is answered `BUSY`.
    pub requests_max: u32,
    /// Later fields.
    pub ext: Ext,
}

/// The daemon is leaving; no further answers come. Belongs to no request (id 0).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GoAway {
    /// Why, as a sentence.
    pub reason: String,
    /// The client may expect a daemon again after this many milliseconds; 0 = not known.
    pub retry_after_ms: u32,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// What went wrong, for programs; `Failure::message` says it to people.
    ErrorCode {
        /// A fault of the daemon.
        1 INTERNAL "internal",
        /// Kind or capability not known here.
        2 UNIMPLEMENTED "unimplemented",
        /// The body is not what its kind says.
        3 MALFORMED "malformed",
        /// The frame is longer than the limit.
        4 FRAME_TOO_LARGE "frame-too-large",
        /// The daemon is shutting down.
        5 UNAVAILABLE "unavailable",
        /// Too much at once; retry after the time given.
        6 BUSY "busy",
        /// The request's deadline passed.
        7 DEADLINE "deadline",
        /// The request was withdrawn.
        8 WITHDRAWN "withdrawn",
        /// The path does not exist.
        9 NO_SUCH_PATH "no-such-path",
        /// The path is not a directory.
        10 NOT_A_DIRECTORY "not-a-directory",
        /// This root may not be indexed.
        11 ROOT_REFUSED "root-refused",
        /// Permission denied.
        12 PERMISSION "permission",
        /// The path lies in no indexed project; `Failure::root` is the one that would be indexed, if any.
        13 NOT_INDEXED "not-indexed",
        /// No job of that id.
        14 NO_SUCH_JOB "no-such-job",
        /// The project's store is being closed or opened; retry after the time given.
        15 STORAGE_SWITCHING "storage-switching",
        /// The store was written by a newer version.
        16 STORE_NEWER "store-newer",
        /// The store or the disk failed.
        17 STORAGE "storage",
        /// A pattern that does not parse.
        18 BAD_PATTERN "bad-pattern",
        /// Another argument that makes no sense.
        19 BAD_ARGUMENT "bad-argument",
        /// The index changed between two pages of an answer that must be from one snapshot.
        20 GENERATION_CHANGED "generation-changed",
        /// `Hello` is missing.
        21 NOT_GREETED "not-greeted",
    }
}

/// A request failed; always its last frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what and where.
    pub message: String,
    /// For people: what to do; may be empty.
    pub hint: String,
    /// Milliseconds after which the same request may succeed; 0 = not known or never.
    pub retry_after_ms: u32,
    /// With `NOT_INDEXED`: the root with a version-control directory that `Index` would take, or a known one whose index holds nothing;
    /// else empty.
    pub root: super::Bytes,
    /// Later fields.
    pub ext: Ext,
}

/// Asks for a `Pong`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ping {
    /// Returned unchanged.
    pub token: u64,
    /// Later fields.
    pub ext: Ext,
}

/// Answers a `Ping`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pong {
    /// The ping's token.
    pub token: u64,
    /// Later fields.
    pub ext: Ext,
}

/// Gives up the request whose id the frame bears; it ends with a `Failure` of `WITHDRAWN` unless it had ended already. A job
/// that the request started goes on unless the request owned it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Withdraw {
    /// Later fields.
    pub ext: Ext,
}

/// Asks the daemon to stop; running jobs become `interrupted` and go on at the next start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shutdown {
    /// Later fields.
    pub ext: Ext,
}

/// An answer that says no more than that the request was carried out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// Later fields.
    pub ext: Ext,
}
