//! `Check`: the daemon looks at itself. What waits for the disk happens on a thread of its own, one store after the other, and stops when
//! nobody wants to know any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use vigie_core::store::registry::ProjectRecord;
use vigie_core::store::{Patience, check_store};
use vigie_proto::{Check, CheckRow, CheckRows, Ext, Failure, WatchState};

use super::Call;
use crate::actors::indexer::TakeWorkload;
use crate::actors::storage::TakeInventory;
use crate::actors::watcher::Standings;
use crate::convert::{checks, failures};
use crate::{limits, memory};

/// Answers a `Check`.
pub(super) async fn run(call: Call, check: Check) -> Result<(), Failure> {
    let has_target = !check.target.path.is_empty() || !check.target.project.is_empty();
    let only = if has_target { Some(call.known_root(&check.target).await?) } else { None };
    let inventory = call.services.storage.send(TakeInventory).await.map_err(|_| failures::unavailable())?;
    let projects: Vec<ProjectRecord> = inventory.projects.into_iter().map(|(record, _)| record).collect();
    let rows = of_daemon(&call, &projects).await?;
    call.ticket.send(&CheckRows { rows, ext: Ext::default() });
    if !check.quick {
        let wanted = Wanted::default();
        for record in projects.iter().filter(|record| only.as_ref().is_none_or(|root| *root == record.root)) {
            call.ticket.send(&CheckRows { rows: vec![checks::store_begun(record)], ext: Ext::default() });
            let row = store(&call, record, check.store_ms_max, &wanted).await?;
            call.ticket.send(&CheckRows { rows: vec![row], ext: Ext::default() });
        }
    }
    call.ticket.finish(&CheckRows::default());
    Ok(())
}

/// Everything but the stores.
async fn of_daemon(call: &Call, projects: &[ProjectRecord]) -> Result<Vec<CheckRow>, Failure> {
    let services = &call.services;
    let about = &services.about;
    let values = about.live.values();
    let workload = services.indexer.send(TakeWorkload).await.map_err(|_| failures::unavailable())?;
    let standings = services.watcher.send(Standings).await.map_err(|_| failures::unavailable())?;
    let damage = services.registry.call(|registry| registry.check()).await;
    let damage = damage.unwrap_or_else(|failure| vec![failure.message]);
    let allowed = Arc::clone(&values);
    let roots: Vec<_> = projects.iter().map(|record| record.root.clone()).collect();
    let state_dir = about.state_dir.clone();
    let pids: Vec<u32> = workload.workers.iter().map(|(pid, _)| *pid).collect();
    let looked = call.blocking(move || {
        let memory_bytes = memory::own_resident_bytes() + pids.into_iter().map(memory::resident_bytes).sum::<u64>();
        let there = roots.iter().map(|root| (root.is_dir(), allowed.roots_allowed.refusal(root).map(str::to_owned)));
        let there: Vec<_> = there.collect();
        (
            limits::descriptors(),
            limits::inotify(),
            limits::disk(&state_dir),
            memory::cgroup_limit_bytes(),
            memory_bytes,
            there,
        )
    });
    let (descriptors, inotify, disk, cgroup, memory_bytes, there) = looked.await?;
    let directories = standings.values().map(|standing| standing.directories).sum();
    let used = projects.iter().map(|record| record.store_bytes).sum();
    let mut rows = vec![
        checks::config(values.file.path.as_deref(), values.file.is_there, about.live.warning()),
        checks::memory(memory_bytes, values.memory_bytes_max, cgroup),
        checks::descriptors(descriptors, values.open_projects_max, values.workers),
        checks::inotify(inotify, directories),
    ];
    rows.extend(checks::disk(&about.state_dir, disk, used, values.store_quota_bytes));
    rows.push(checks::registry(&damage, projects.len(), &about.state_dir.join("registry.sqlite")));
    for (record, (is_there, outside)) in projects.iter().zip(there) {
        let standing = standings.get(&record.root).filter(|standing| standing.state == WatchState::POLLED);
        rows.extend(outside.map(|place| checks::outside(record, &place)));
        rows.extend(checks::project(record, is_there, standing.map(|standing| standing.note.as_str())));
    }
    Ok(rows)
}

async fn store(call: &Call, record: &ProjectRecord, ms_max: u32, wanted: &Wanted) -> Result<CheckRow, Failure> {
    let path = call.services.about.state_dir.join("projects").join(&record.store_name);
    let until = (ms_max > 0).then(|| Instant::now() + Duration::from_millis(ms_max.into()));
    let patience = Patience { until, stop: Arc::clone(&wanted.0) };
    let found = call.blocking(move || check_store(&path, &patience).map_err(|e| e.to_string())).await?;
    Ok(checks::store(record, &found, ms_max))
}

/// Whether somebody waits for the outcome; dropped with the request, it stops the thread.
#[derive(Default)]
struct Wanted(Arc<AtomicBool>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
