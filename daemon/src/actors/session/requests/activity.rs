//! `Activity`: what goes on in the daemon at this moment, and what took long lately.

use vigie_proto::{Activity, ActivityReply, Ext, Failure};

use super::Call;
use crate::actors::indexer::TakeWorkload;
use crate::convert::failures;
use crate::convert::observe::{client, file_now, micros, millis, slow_file, slow_query, worker};
use crate::memory;
use crate::telemetry::{SLOW_FILE, SLOW_QUERY};

/// Answers an `Activity`.
pub(super) async fn run(call: Call, _: Activity) -> Result<(), Failure> {
    let about = &call.services.about;
    let workload = call.services.indexer.send(TakeWorkload).await.map_err(|_| failures::unavailable())?;
    let (readers, waiting) = call.services.readers.load();
    let (queries, files) = about.telemetry.slow.read();
    call.ticket.finish(&ActivityReply {
        uptime_ms: millis(about.started.elapsed()),
        memory_bytes: memory::own_resident_bytes(),
        memory_bytes_max: workload.memory_bytes_max.unwrap_or(0),
        queries_waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
        readers: u32::try_from(readers).unwrap_or(u32::MAX),
        workers: workload.workers.iter().copied().map(worker).collect(),
        clients: about.telemetry.clients.read().iter().map(|entry| client(entry)).collect(),
        files_now: workload.files.iter().map(file_now).collect(),
        slow_queries: queries.iter().map(slow_query).collect(),
        slow_query_us: micros(SLOW_QUERY),
        slow_files: files.iter().map(slow_file).collect(),
        slow_file_us: micros(SLOW_FILE),
        ext: Ext::default(),
    });
    Ok(())
}
