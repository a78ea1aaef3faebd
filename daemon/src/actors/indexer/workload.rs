//! What the indexer has at work, for whoever looks on.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use actix::{Handler, MessageResult};

use super::Indexer;
use super::table::Phase;
use crate::convert::jobs;

/// Most files that are named; there are never more than two for each worker.
const FILES_MAX: usize = 256;

/// Asks what is at work.
#[derive(Debug, actix::Message)]
#[rtype(result = "Workload")]
pub(crate) struct TakeWorkload;

/// What is at work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workload {
    /// State of each job that has not ended, as it stands on the wire.
    pub(crate) jobs: Vec<vigie_proto::JobState>,
    /// Worker processes, each with its job; 0 = it parses single files.
    pub(crate) workers: Vec<(u32, u64)>,
    /// Files that are being parsed, the one longest at work first.
    pub(crate) files: Vec<WorkedOn>,
    /// Memory that daemon and workers may use, in bytes; `None` = no limit.
    pub(crate) memory_bytes_max: Option<u64>,
}

/// A file that is being parsed.
#[derive(Clone, Debug)]
pub(crate) struct WorkedOn {
    /// The job.
    pub(crate) job: u64,
    /// Canonical root of its project.
    pub(crate) root: PathBuf,
    /// Relative to the root.
    pub(crate) path: Arc<[u8]>,
    /// For how long.
    pub(crate) elapsed: Duration,
}

impl Handler<TakeWorkload> for Indexer {
    type Result = MessageResult<TakeWorkload>;

    fn handle(&mut self, _: TakeWorkload, _: &mut Self::Context) -> Self::Result {
        let ahead = Weak::upgrade(&self.ahead_pool).map(|pool| pool.pids()).unwrap_or_default();
        let without_job = self.single_files.pids().into_iter().chain(ahead);
        let mut workers: Vec<(u32, u64)> = without_job.map(|pid| (pid, 0)).collect();
        for (job, pool) in &self.pools {
            let pids = Weak::upgrade(pool).map(|pool| pool.pids()).unwrap_or_default();
            workers.extend(pids.into_iter().map(|pid| (pid, *job)));
        }
        let mut files = Vec::new();
        for job in self.table.iter().filter(|job| job.phase == Phase::Running) {
            files.extend(job.feed.control.files_now().into_iter().map(|(path, elapsed)| WorkedOn {
                job: job.record.job,
                root: job.record.root.clone(),
                path,
                elapsed,
            }));
        }
        files.sort_by_key(|file| std::cmp::Reverse(file.elapsed));
        files.truncate(FILES_MAX);
        MessageResult(Workload {
            jobs: self.table.iter().map(|job| jobs::state(&job.record)).collect(),
            workers,
            files,
            memory_bytes_max: self.settings.memory_bytes_max,
        })
    }
}
