//! What goes on, and what took long, as rows.

use std::sync::atomic::Ordering;
use std::time::Duration;

use vigie_proto as wire;

use super::progress::{disposition, path_bytes};
use crate::actors::indexer::WorkedOn;
use crate::memory;
use crate::telemetry::{Client, SlowFile, SlowQuery};

/// Whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A connection.
pub(crate) fn client(client: &Client) -> wire::ClientRow {
    let (name, version) = client.greeting.get().cloned().unwrap_or_default();
    let load = client.outbox.load();
    wire::ClientRow {
        session: client.session,
        name,
        version,
        pid: client.pid,
        since_ms: client.since_ms,
        requests_open: client.requests_open.load(Ordering::Relaxed),
        requests: client.requests.load(Ordering::Relaxed),
        subscriptions: u32::try_from(load.streams).unwrap_or(u32::MAX),
        queued_bytes: load.bytes as u64,
        resyncs: load.resyncs,
        files_dropped: load.files_dropped,
        ext: wire::Ext::default(),
    }
}

/// A worker process, by its id and job.
pub(crate) fn worker((pid, job): (u32, u64)) -> wire::WorkerRow {
    wire::WorkerRow { pid, job, memory_bytes: memory::resident_bytes(pid), ext: wire::Ext::default() }
}

/// A file that is being parsed.
pub(crate) fn file_now(file: &WorkedOn) -> wire::FileNow {
    wire::FileNow {
        job: file.job,
        project: path_bytes(&file.root),
        path: wire::Bytes(file.path.to_vec()),
        elapsed_ms: millis(file.elapsed),
        ext: wire::Ext::default(),
    }
}

/// A question that took long.
pub(crate) fn slow_query(query: &SlowQuery) -> wire::SlowQuery {
    wire::SlowQuery {
        kind: query.kind,
        asked_ms: query.asked_ms,
        elapsed_us: micros(query.elapsed),
        worked_us: micros(query.worked),
        rows: query.rows,
        project: query.root.as_deref().map(path_bytes).unwrap_or_default(),
        generation: query.generation,
        client: query.client.clone(),
        failure: query.failure,
        ext: wire::Ext::default(),
    }
}

/// A file that took long.
pub(crate) fn slow_file(file: &SlowFile) -> wire::SlowFile {
    wire::SlowFile {
        job: file.job,
        project: path_bytes(&file.root),
        path: wire::Bytes(file.path.clone()),
        language: file.language.map(|language| language.name().to_owned()).unwrap_or_default(),
        done_ms: file.done_ms,
        elapsed_us: micros(file.elapsed),
        bytes: file.bytes,
        disposition: disposition(file.disposition),
        ext: wire::Ext::default(),
    }
}
