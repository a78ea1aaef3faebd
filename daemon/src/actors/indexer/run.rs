//! One job on a thread of its own: the engine does the work, and every step of it is passed on without waiting.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use actix::{Addr, Recipient};
use vigie_core::extract::lane::Extractors;
use vigie_core::index::{Environment, FileOutcome, IndexError, JobSpec, Observer, Outcome};
use vigie_core::kinds::Stage;
use vigie_core::store::{ProjectStore, StoreError, Summary};

use super::ending::Ran;
use crate::actors::hub::feed::JobFeed;
use crate::actors::hub::{Hub, StageBegan};
use crate::actors::storage::Lease;
use crate::convert::failures;
use crate::convert::progress::file;

/// A job's thread has ended.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct RunEnded {
    /// The job.
    pub(crate) job: u64,
    /// How.
    pub(crate) ran: Ran,
    /// How the index stands after it.
    pub(crate) summary: Option<Summary>,
}

/// Everything a job's thread works with.
pub(super) struct Run {
    /// What to do.
    pub(super) spec: JobSpec,
    /// Where.
    pub(super) lease: Lease,
    /// Steering and counters.
    pub(super) feed: Arc<JobFeed>,
    /// Who parses.
    pub(super) extractors: Arc<dyn Extractors + Send + Sync>,
    /// How many files are parsed at a time.
    pub(super) lanes: usize,
    /// The person's own global ignore file.
    pub(super) global_excludes: Option<Arc<Path>>,
    /// Who is told of stages.
    pub(super) hub: Addr<Hub>,
    /// Who is told of the end.
    pub(super) ended: Recipient<RunEnded>,
}

impl Run {
    /// Starts the thread. Whatever happens on it, the indexer hears of its end exactly once.
    pub(super) fn start(self) -> std::io::Result<()> {
        let name = format!("job-{}", self.spec.job);
        std::thread::Builder::new().name(name).spawn(move || self.work()).map(drop)
    }

    fn work(self) {
        let job = self.spec.job;
        let ran = match catch_unwind(AssertUnwindSafe(|| self.index())) {
            Ok(Some(result)) => Ran::ToEnd(result),
            Ok(None) => Ran::NoStore(failures::internal("the store was not there")),
            Err(_) => Ran::Panicked,
        };
        if let Ran::ToEnd(Err(IndexError::Store(StoreError::Corrupt { .. }))) = &ran {
            self.lease.condemn();
        }
        let summary = self.lease.store().map(ProjectStore::summary);
        let Run { lease, extractors, ended, .. } = self;
        // Workers and the store are let go of before the end is told, so that whoever hears of it finds them free.
        drop(extractors);
        drop(lease);
        ended.do_send(RunEnded { job, ran, summary });
    }

    fn index(&self) -> Option<Result<Outcome, IndexError>> {
        let observer = Relay { job: self.spec.job, feed: &self.feed, hub: &self.hub };
        let environment = Environment {
            store: self.lease.store()?,
            extractors: &*self.extractors,
            lanes: self.lanes,
            control: &self.feed.control,
            observer: &observer,
            global_excludes: self.global_excludes.as_deref(),
        };
        Some(vigie_core::index::run(&self.spec, &environment))
    }
}

/// Passes on what the engine tells.
struct Relay<'a> {
    job: u64,
    feed: &'a JobFeed,
    hub: &'a Addr<Hub>,
}

impl Observer for Relay<'_> {
    fn stage(&self, stage: Stage, message: &str) {
        let progress = self.feed.control.progress();
        self.hub.do_send(StageBegan { job: self.job, stage, progress, message: message.to_owned() });
    }

    fn file(&self, outcome: &FileOutcome<'_>) {
        if self.feed.is_heard() {
            self.feed.file(file(outcome));
        }
    }

    fn committed(&self, generation: u64) {
        self.feed.committed(generation);
    }
}
