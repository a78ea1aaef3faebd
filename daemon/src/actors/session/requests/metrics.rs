//! `Metrics`: every number that the daemon counts, and what can be seen by looking.

use std::path::{Path, PathBuf};

use vigie_proto::{Ext, Failure, Metrics, MetricsReply};

use super::Call;
use crate::actors::indexer::TakeWorkload;
use crate::actors::storage::TakeInventory;
use crate::actors::watcher::Standings;
use crate::convert::failures;
use crate::convert::metrics::{Gauges, metrics};
use crate::memory;

/// Answers a `Metrics`.
pub(super) async fn run(call: Call, _: Metrics) -> Result<(), Failure> {
    let services = &call.services;
    let about = &services.about;
    let workload = services.indexer.send(TakeWorkload).await.map_err(|_| failures::unavailable())?;
    let inventory = services.storage.send(TakeInventory).await.map_err(|_| failures::unavailable())?;
    let standings = services.watcher.send(Standings).await.map_err(|_| failures::unavailable())?;
    let projects_dir = about.state_dir.join("projects");
    let stores: Vec<PathBuf> =
        inventory.projects.iter().map(|(record, _)| projects_dir.join(&record.store_name)).collect();
    let cache = std::sync::Arc::clone(&about.cache);
    let pids: Vec<u32> = workload.workers.iter().map(|(pid, _)| *pid).collect();
    let looked = call.blocking(move || {
        let wal = stores.iter().map(|store| bytes(&wal_of(store))).sum::<u64>();
        let workers = pids.into_iter().map(memory::resident_bytes).collect::<Vec<u64>>();
        (stores.iter().map(|store| bytes(store)).sum::<u64>(), wal, cache.bytes(), workers)
    });
    let (store_bytes, wal_bytes, cache_bytes, workers) = looked.await?;
    let loads: Vec<_> = about.telemetry.clients.read().iter().map(|client| client.outbox.load()).collect();
    let (readers, queries_waiting) = services.readers.load();
    let values = about.live.values();
    let gauges = Gauges {
        started_ms: about.started_ms,
        jobs: workload.jobs,
        sessions: loads.len() as u64,
        subscriptions: loads.iter().map(|load| load.streams as u64).sum(),
        queued_bytes: loads.iter().map(|load| load.bytes as u64).sum(),
        resyncs: loads.iter().map(|load| load.resyncs).sum(),
        files_dropped: loads.iter().map(|load| load.files_dropped).sum(),
        projects: inventory.projects.len() as u64,
        stores_open: inventory.open as u64,
        stores_open_max: values.open_projects_max as u64,
        watches: standings.values().map(|standing| standing.state).collect(),
        watch_directories: standings.values().map(|standing| standing.directories).sum(),
        store_bytes,
        wal_bytes,
        store_quota_bytes: values.store_quota_bytes,
        cache_bytes,
        cache_looked_up: about.cache.looked_up(),
        memory_bytes: memory::own_resident_bytes(),
        workers,
        readers: readers as u64,
        queries_waiting: queries_waiting as u64,
    };
    let rows = metrics(&about.telemetry.counters, &gauges);
    call.ticket.finish(&MetricsReply { rows, ext: Ext::default() });
    Ok(())
}

fn bytes(path: &Path) -> u64 {
    path.metadata().map_or(0, |meta| meta.len())
}

fn wal_of(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}
