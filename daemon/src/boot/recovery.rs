//! What an earlier life of the daemon left unfinished: jobs go on under their numbers, acknowledged cancels are kept, and a job
//! under which the daemon died too often ends. Ends are written down here, before anybody can ask.

use std::collections::BTreeMap;
use std::path::Path;

use vigie_core::store::registry::{JobRecord, JobState, ProjectRecord, Registry};
use vigie_core::store::{ProjectStore, StoreError};
use vigie_proto::ProgressEvent;

use crate::actors::indexer::{Restart, cancelled_before, died_too_often, restart};

/// What the daemon begins its life with.
#[derive(Debug)]
pub(super) struct Recovered {
    /// The number of this life.
    pub(super) epoch: u64,
    /// Projects known.
    pub(super) projects: Vec<ProjectRecord>,
    /// Jobs that go on, each with the share of it that is done, in thousandths.
    pub(super) jobs: Vec<(JobRecord, u16)>,
}

/// Settles the registry.
pub(super) fn recover(registry: &mut Registry, projects_dir: &Path, now_ms: u64) -> Result<Recovered, StoreError> {
    let epoch = registry.begin_epoch()?;
    let mut projects: BTreeMap<_, _> = registry.projects()?.into_iter().map(|p| (p.root.clone(), p)).collect();
    let mut jobs = Vec::new();
    for mut record in registry.unfinished_jobs()? {
        match restart(&mut record) {
            Restart::Queue | Restart::StayPaused => {
                registry.update_job(&record)?;
                let project = projects.get_mut(&record.root).filter(|_| record.started_ms > 0);
                let done = project.map_or(Ok(0), |project| share_done(registry, project, projects_dir, record.job))?;
                jobs.push((record, done));
            }
            Restart::Cancel => end(registry, record, JobState::Cancelled, cancelled_before, now_ms)?,
            Restart::Fail => end(registry, record, JobState::Failed, died_too_often, now_ms)?,
        }
    }
    Ok(Recovered { epoch, projects: projects.into_values().collect(), jobs })
}

/// How much of a job its store says is done: what watchers were shown before never falls. A store that cannot be opened says
/// nothing here; the job that goes on will say why.
fn share_done(
    registry: &mut Registry,
    project: &mut ProjectRecord,
    projects_dir: &Path,
    job: u64,
) -> Result<u16, StoreError> {
    let Ok((store, note)) = ProjectStore::open(&projects_dir.join(&project.store_name), &project.root) else {
        return Ok(0);
    };
    let mark = store.job();
    if let Err(e) = store.close() {
        tracing::warn!(reason = %e, "a store was not closed cleanly");
    }
    if let Some(note) = note {
        tracing::warn!(root = %project.root.display(), note, "store set aside");
        project.note = note;
        registry.update_project(project)?;
    }
    Ok(if mark.job == job { mark.permille.min(999) } else { 0 })
}

fn end(
    registry: &mut Registry,
    mut record: JobRecord,
    state: JobState,
    event: impl Fn(&JobRecord, u64) -> ProgressEvent,
    now_ms: u64,
) -> Result<(), StoreError> {
    record.terminal = vigie_proto::encode(&event(&record, now_ms)).unwrap_or_default();
    (record.state, record.ended_ms) = (state, now_ms);
    registry.update_job(&record)
}
