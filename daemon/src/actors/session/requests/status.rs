//! `Status`: the daemon, its jobs, and one project.

use std::future::Future;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use vigie_core::store::Summary;
use vigie_proto::{ErrorCode, Failure, Freshness, JobBrief, ProgressEvent, Status, StatusReply};

use super::Call;
use super::projects::warnings;
use crate::actors::hub::Now;
use crate::actors::indexer::ActiveOf;
use crate::actors::storage::{Inventory, TakeInventory};
use crate::actors::watcher::StandingOf;
use crate::clock::now_ms;
use crate::convert::{failures, progress, projects};
use crate::memory;

/// A store that is not to be had within this is reported by the figures of its last close.
const STORE_WAIT_MAX: Duration = Duration::from_secs(1);

/// Answers a `Status`.
pub(super) async fn run(call: Call, status: Status) -> Result<(), Failure> {
    let mut reply = daemon(&call).await?;
    let resolved = call.known_root(&status.target).await;
    let summary = match &resolved {
        Ok(root) => within_reason(summary(&call, root)).await?,
        Err(_) => None,
    };
    // Asked last: to answer a question about a project its store may have been opened.
    let inventory = call.services.storage.send(TakeInventory).await.map_err(|_| failures::unavailable())?;
    reply.stores_open = u32::try_from(inventory.open).unwrap_or(u32::MAX);
    match resolved {
        Ok(root) => project(&call, &root, summary, &inventory, &mut reply).await?,
        Err(failure) if failure.code == ErrorCode::NOT_INDEXED => {}
        // Without a path the question is about the daemon only.
        Err(_) if status.target.path.is_empty() && status.target.project.is_empty() => {}
        Err(failure) => return Err(failure),
    }
    call.ticket.finish(&reply);
    Ok(())
}

async fn daemon(call: &Call) -> Result<StatusReply, Failure> {
    let about = &call.services.about;
    let now = call.services.hub.send(Now).await.map_err(|_| failures::unavailable())?;
    Ok(StatusReply {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        epoch: about.epoch,
        uptime_ms: u64::try_from(about.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        memory_bytes: memory::own_resident_bytes(),
        socket: progress::path_bytes(&about.socket),
        state_dir: progress::path_bytes(&about.state_dir),
        sessions: about.sessions.load(Ordering::Relaxed),
        stores_open_max: u32::try_from(about.live.values().open_projects_max).unwrap_or(u32::MAX),
        jobs: now.jobs.iter().map(brief).collect(),
        warnings: about.live.warning().into_iter().collect(),
        freshness: Freshness::UNVERIFIED,
        ..StatusReply::default()
    })
}

fn brief(event: &ProgressEvent) -> JobBrief {
    JobBrief {
        job: event.job,
        project: event.project.clone(),
        state: event.state,
        stage: event.stage,
        permille: event.permille,
        ..JobBrief::default()
    }
}

async fn project(
    call: &Call,
    root: &Path,
    summary: Option<Summary>,
    inventory: &Inventory,
    reply: &mut StatusReply,
) -> Result<(), Failure> {
    let known = inventory.projects.iter().find(|(record, _)| record.root == root);
    let dir = call.services.about.state_dir.join("projects");
    let standing = call.services.watcher.send(StandingOf(root.to_path_buf())).await;
    let standing = standing.map_err(|_| failures::unavailable())?;
    reply.project = known.map(|(record, state)| {
        projects::with_watch(projects::row(record, *state, summary.as_ref(), &dir), standing.as_ref())
    });
    if let Some(row) = &mut reply.project {
        let root = root.to_path_buf();
        let values = call.services.about.live.values();
        row.warnings = call.blocking(move || warnings(&root, &values.roots_allowed)).await?;
    }
    let active = call.services.indexer.send(ActiveOf(root.to_path_buf())).await;
    let is_active = !active.map_err(|_| failures::unavailable())?.moving.is_empty();
    reply.freshness = super::query::freshness(call, root, is_active).await?;
    if let Some(summary) = summary {
        reply.coverage = projects::coverage(&summary);
        reply.age_ms = projects::age_ms(&summary, now_ms());
    }
    Ok(())
}

/// Nothing if it takes too long.
async fn within_reason(summary: impl Future<Output = Result<Summary, Failure>>) -> Result<Option<Summary>, Failure> {
    tokio::time::timeout(STORE_WAIT_MAX, summary).await.map_or(Ok(None), |summary| summary.map(Some))
}

/// Read from memory, so that no reader is needed.
async fn summary(call: &Call, root: &Path) -> Result<Summary, Failure> {
    super::query::summary_of(&call.lease(root).await?)
}
