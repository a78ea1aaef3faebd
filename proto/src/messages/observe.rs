//! How the daemon does: numbers for monitoring, what it has checked of itself, and what goes on in it at this moment.

use serde::{Deserialize, Serialize};

use super::choices::Disposition;
use super::common::{Bytes, Ext, Target};
use crate::names::named_numbers;

/// Asks for every number that the daemon counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Later fields.
    pub ext: Ext,
}

/// Every number that the daemon counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricsReply {
    /// The metrics, each name once.
    pub rows: Vec<Metric>,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// What a metric is.
    MetricKind {
        /// It only rises, from 0 at the daemon's start.
        1 COUNTER "counter",
        /// It is as it is now.
        2 GAUGE "gauge",
        /// How many events took how long, from the daemon's start.
        3 HISTOGRAM "histogram",
    }
}

/// One metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name, whose last words are its unit; letters, digits and `_`.
    pub name: String,
    /// What it is, in a sentence.
    pub help: String,
    /// What kind of number it is.
    pub kind: MetricKind,
    /// What one of its unit is as a number here, as 1,000,000 where a metric in seconds is sent in microseconds. Not 0.
    pub scale: u64,
    /// Upper ends of a histogram's buckets, rising, scaled; without the last one, which has none.
    pub bounds: Vec<u64>,
    /// Its values, one for each set of labels.
    pub samples: Vec<MetricSample>,
    /// Later fields.
    pub ext: Ext,
}

/// One value of a metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricSample {
    /// What it is the value of; each name once. Never a path, nor anything else that somebody wrote.
    pub labels: Vec<MetricLabel>,
    /// The value, scaled; of a histogram the sum of all.
    pub value: u64,
    /// Of a histogram: how many were at most as large as each of `bounds`, and at last how many there were at all.
    pub counts: Vec<u64>,
    /// Later fields.
    pub ext: Ext,
}

/// A label.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricLabel {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Later fields.
    pub ext: Ext,
}

/// Has the daemon check itself: its limits, its disk, its registry, and the stores of its projects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The one project whose store is read; without path and project those of all are.
    pub target: Target,
    /// Leave reading a store after so many milliseconds; 0 = read it whole.
    pub store_ms_max: u32,
    /// Leave out what reads stores.
    pub quick: bool,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// What came of a check.
    CheckState {
        /// It has begun, and may take long; the same check says later what came of it.
        0 BEGUN "begun",
        /// All is well.
        1 OK "ok",
        /// It works, and may not for long.
        2 WARN "warn",
        /// It does not work.
        3 FAIL "fail",
    }
}

/// What came of some checks, as soon as it did; the last one bears FIN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckRows {
    /// The checks.
    pub rows: Vec<CheckRow>,
    /// Later fields.
    pub ext: Ext,
}

/// One check.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckRow {
    /// What was checked, in one word.
    pub name: String,
    /// Root of the project that it is about; empty = about the daemon.
    pub project: Bytes,
    /// What came of it.
    pub state: CheckState,
    /// What was found, in a sentence.
    pub found: String,
    /// What to do, where something is to be done: a command, or a sentence.
    pub fix: String,
    /// Later fields.
    pub ext: Ext,
}

/// Asks what goes on in the daemon at this moment, and what took long lately.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Later fields.
    pub ext: Ext,
}

/// What goes on, and what took long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActivityReply {
    /// Milliseconds since the daemon started.
    pub uptime_ms: u64,
    /// Its memory (resident set) in bytes, workers not counted.
    pub memory_bytes: u64,
    /// Memory that it may use with its workers, in bytes; 0 = no limit.
    pub memory_bytes_max: u64,
    /// Questions that wait for a thread.
    pub queries_waiting: u32,
    /// Threads that answer questions.
    pub readers: u32,
    /// Worker processes that live.
    pub workers: Vec<WorkerRow>,
    /// Connections, oldest first.
    pub clients: Vec<ClientRow>,
    /// Files that are being parsed, the one longest at work first; the most that are named is 256.
    pub files_now: Vec<FileNow>,
    /// Questions that took long, newest first; the daemon remembers so many.
    pub slow_queries: Vec<SlowQuery>,
    /// A question is slow from so many microseconds on.
    pub slow_query_us: u64,
    /// Files that took long, newest first; the daemon remembers so many.
    pub slow_files: Vec<SlowFile>,
    /// A file is slow from so many microseconds on.
    pub slow_file_us: u64,
    /// Later fields.
    pub ext: Ext,
}

/// A worker process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorkerRow {
    /// Its process id.
    pub pid: u32,
    /// The job that it works for; 0 = it parses single files.
    pub job: u64,
    /// Its memory (resident set) in bytes.
    pub memory_bytes: u64,
    /// Later fields.
    pub ext: Ext,
}

/// A connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientRow {
    /// Its number in this life of the daemon.
    pub session: u64,
    /// What the client calls itself; empty = it has not greeted.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its process id, as the kernel tells it; 0 = not known here.
    pub pid: u32,
    /// When it connected, in milliseconds since 1970.
    pub since_ms: u64,
    /// Requests that are open now, streams of events too.
    pub requests_open: u32,
    /// Requests that it has sent.
    pub requests: u64,
    /// Streams of events that are open now.
    pub subscriptions: u32,
    /// Bytes that wait for it to read.
    pub queued_bytes: u64,
    /// How often a stream of it began again because it read too slowly.
    pub resyncs: u64,
    /// Per-file events that it was not sent because it read too slowly.
    pub files_dropped: u64,
    /// Later fields.
    pub ext: Ext,
}

/// A file that is being parsed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileNow {
    /// The job.
    pub job: u64,
    /// Canonical root of its project.
    pub project: Bytes,
    /// The file, relative to the root.
    pub path: Bytes,
    /// Milliseconds that it has taken until now.
    pub elapsed_ms: u64,
    /// Later fields.
    pub ext: Ext,
}

/// A question that took long. What was asked is not remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SlowQuery {
    /// Kind of the request.
    pub kind: u16,
    /// When it was asked, in milliseconds since 1970.
    pub asked_ms: u64,
    /// Microseconds from the request to the end of its answer, whatever it waited for.
    pub elapsed_us: u64,
    /// Microseconds of that which a thread worked for it.
    pub worked_us: u64,
    /// Rows of the answer.
    pub rows: u64,
    /// Canonical root of the project; empty = it was not found.
    pub project: Bytes,
    /// Generation that answered.
    pub generation: u64,
    /// Who asked, as it called itself.
    pub client: String,
    /// How it ended: 0 = with an answer, else the code of its failure.
    pub failure: u16,
    /// Later fields.
    pub ext: Ext,
}

/// A file that took long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SlowFile {
    /// The job.
    pub job: u64,
    /// Canonical root of its project.
    pub project: Bytes,
    /// The file, relative to the root.
    pub path: Bytes,
    /// Its language; empty = none is known.
    pub language: String,
    /// When it was done, in milliseconds since 1970.
    pub done_ms: u64,
    /// Microseconds it took.
    pub elapsed_us: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// What became of it.
    pub disposition: Disposition,
    /// Later fields.
    pub ext: Ext,
}
