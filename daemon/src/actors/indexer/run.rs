//! One job on a thread of its own: the engine does the work, and every step of it is passed on without waiting.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use actix::{Addr, Recipient};
use vigie_core::extract::lane::Extractors;
use vigie_core::index::{
    ChangedFile, Collected, Environment, FileOutcome, IndexError, JobSpec, Observer, Surroundings, collect,
};
use vigie_core::kinds::Stage;
use vigie_core::store::{FactsCache, ProjectStore, StoreError, Summary};

use super::ending::Ran;
use super::refresh::Turn;
use crate::actors::hub::feed::JobFeed;
use crate::actors::hub::{Hub, StageBegan};
use crate::actors::storage::Lease;
use crate::allocator;
use crate::config::Live;
use crate::convert::failures;
use crate::convert::progress::file;
use crate::telemetry::{Tally, Telemetry};

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

/// A job's first walk is over.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct WalkEnded {
    /// The job.
    pub(crate) job: u64,
    /// What it found, or how the job ends there.
    pub(crate) walked: Result<Collected, Box<Ran>>,
}

/// What a job needs from its first step on.
#[derive(Clone)]
pub(super) struct Site {
    /// Its number.
    pub(super) job: u64,
    /// Canonical root of its project.
    pub(super) root: Arc<Path>,
    /// Steering and counters.
    pub(super) feed: Arc<JobFeed>,
    /// What is allowed.
    pub(super) live: Arc<Live>,
    /// The person's own global ignore file.
    pub(super) global_excludes: Option<Arc<Path>>,
    /// Who is told of stages.
    pub(super) hub: Addr<Hub>,
    /// Where files are counted.
    pub(super) telemetry: Arc<Telemetry>,
}

impl Site {
    /// Starts the thread of the first walk, which needs no store: people see files counted while another project's store is
    /// being closed. Whatever happens on the thread, the indexer hears of its end exactly once.
    pub(super) fn walk(self, ended: Recipient<WalkEnded>) -> std::io::Result<()> {
        let name = format!("walk-{}", self.job);
        let work = move || {
            let walked =
                catch_unwind(AssertUnwindSafe(|| self.collect())).unwrap_or_else(|_| Err(Box::new(Ran::Panicked)));
            ended.do_send(WalkEnded { job: self.job, walked });
        };
        std::thread::Builder::new().name(name).spawn(work).map(drop)
    }

    /// Whoever asked for the job was checked; it may be from before the daemon was started, or was configured otherwise.
    fn collect(&self) -> Result<Collected, Box<Ran>> {
        if let Some(place) = self.live.values().roots_allowed.refusal(&self.root) {
            return Err(Box::new(Ran::Refused(failures::outside(&self.root, place))));
        }
        self.around(&self.relay(), collect).map_err(|e| Box::new(Ran::ToEnd(Err(e))))
    }

    fn relay(&self) -> Relay<'_> {
        let tally = Tally { telemetry: &self.telemetry, job: self.job, root: &self.root };
        Relay { job: self.job, feed: &self.feed, hub: &self.hub, tally }
    }

    fn around<T>(&self, observer: &Relay<'_>, work: impl FnOnce(&Surroundings<'_>) -> T) -> T {
        work(&Surroundings {
            root: &self.root,
            control: &self.feed.control,
            observer,
            global_excludes: self.global_excludes.as_deref(),
        })
    }
}

/// Everything a job's thread works with.
pub(super) struct Run {
    /// Where, and who hears of it.
    pub(super) site: Site,
    /// What to do.
    pub(super) spec: JobSpec,
    /// What the first walk found.
    pub(super) collected: Collected,
    /// The store.
    pub(super) lease: Lease,
    /// Nobody else changes the index meanwhile.
    pub(super) turn: Turn,
    /// Who parses.
    pub(super) extractors: Arc<dyn Extractors + Send + Sync>,
    /// How many files are parsed at a time.
    pub(super) lanes: usize,
    /// What need not be parsed.
    pub(super) cache: Arc<FactsCache>,
    /// Who is told of the end.
    pub(super) ended: Recipient<RunEnded>,
}

impl Run {
    /// Starts the thread. Whatever happens on it, the indexer hears of its end exactly once.
    pub(super) fn start(self) -> std::io::Result<()> {
        let name = format!("job-{}", self.site.job);
        std::thread::Builder::new().name(name).spawn(move || self.work()).map(drop)
    }

    fn work(self) {
        let Run { site, spec, collected, lease, turn, extractors, lanes, cache, ended } = self;
        let index = || {
            let store = lease.store()?;
            Some(site.around(&site.relay(), |around| {
                // Whoever wants everything parsed again does not trust what was parsed.
                let cache = (!spec.force).then_some(&*cache);
                let environment = Environment { around: *around, store, extractors: &*extractors, lanes, cache };
                vigie_core::index::run(&spec, &environment, collected)
            }))
        };
        let ran = match catch_unwind(AssertUnwindSafe(index)) {
            Ok(Some(result)) => Ran::ToEnd(result),
            Ok(None) => Ran::NoStore(failures::internal("the store was not there")),
            Err(_) => Ran::Panicked,
        };
        if let Ran::ToEnd(Err(IndexError::Store(StoreError::Corrupt { .. }))) = &ran {
            lease.condemn();
        }
        let summary = lease.store().map(ProjectStore::summary);
        // Workers and the store are let go of before the end is told, so that whoever hears of it finds them free.
        drop(extractors);
        drop(lease);
        drop(turn);
        ended.do_send(RunEnded { job: site.job, ran, summary });
        allocator::release();
    }
}

/// Passes on what the engine tells.
struct Relay<'a> {
    job: u64,
    feed: &'a JobFeed,
    hub: &'a Addr<Hub>,
    tally: Tally<'a>,
}

impl Observer for Relay<'_> {
    fn stage(&self, stage: Stage, message: &str) {
        let progress = self.feed.control.progress();
        self.hub.do_send(StageBegan { job: self.job, stage, progress, message: message.to_owned() });
    }

    fn file(&self, outcome: &FileOutcome<'_>) {
        self.tally.file(outcome);
        if self.feed.is_heard() {
            self.feed.file(file(outcome));
        }
    }

    fn committed(&self, generation: u64, changed: &[ChangedFile]) {
        self.feed.committed(generation, changed);
    }
}
