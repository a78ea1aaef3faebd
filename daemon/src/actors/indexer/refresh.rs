//! Few files that have changed, looked at without a job: nothing is written down in the registry. One refresh at a time for a project,
//! and never beside a job of it: where a job is at work it walks once more, and so sees them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix::{Addr, AsyncContext, Context, Handler, ResponseFuture};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use vigie_core::index::{
    Budget, ChangedFile, Environment, FileOutcome, IndexError, JobControl, Observer, REFRESH_FILES_MAX, Refreshed,
    Surroundings, foresee, refresh, sweep,
};
use vigie_core::kinds::Stage;
use vigie_core::store::{FactsCache, StoreError, Summary};
use vigie_core::walk;
use vigie_proto::{Bytes, Failure, JobKind, ProjectEventType, Tier};

use super::table::Phase;
use super::{Indexer, StartJob};
use crate::actors::hub::{Changed, Hub, ProjectChanged};
use crate::actors::storage::{Acquire, Figures, Lease, Storage};
use crate::allocator;
use crate::config::RootsAllowed;
use crate::convert::failures;
use crate::convert::progress::path_bytes;
use crate::telemetry::{Counters, Tally, Telemetry};
use crate::workers::WorkerPool;

/// How long a worker waits for the next file that somebody saves.
const SPARE_KEPT: Duration = Duration::from_secs(30);

/// How long freed memory is kept after a refresh.
const MEMORY_KEPT: Duration = Duration::from_secs(2);

/// Whose turn it is to change the index of a project: that of a job, or of a refresh.
#[derive(Debug, Default)]
pub(super) struct Turns(BTreeMap<PathBuf, Arc<Mutex<()>>>);

/// Held while the index of a project is changed.
pub(super) type Turn = OwnedMutexGuard<()>;

impl Turns {
    /// Waits for the turn.
    pub(super) fn take(&mut self, root: &Path) -> impl Future<Output = Turn> + use<> {
        self.0.retain(|_, turn| Arc::strong_count(turn) > 1);
        let turn = self.0.entry(root.to_path_buf()).or_default();
        Arc::clone(turn).lock_owned()
    }
}

/// Which files a refresh looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// These, and what is below those that are directories; relative to the root.
    Paths(BTreeSet<Vec<u8>>),
    /// All, by their stat.
    All,
}

/// Brings the index up to date with some files.
#[derive(Debug, actix::Message)]
#[rtype(result = "Result<RefreshEnd, Failure>")]
pub(crate) struct RefreshFiles {
    /// Canonical, registered root.
    pub(crate) root: PathBuf,
    /// Which.
    pub(crate) which: Which,
}

/// A file was written, and soon somebody will have it looked at: what can be done before is begun.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct Foresee {
    /// Canonical, registered root.
    pub(crate) root: PathBuf,
    /// The file, relative to it.
    pub(crate) path: Vec<u8>,
}

impl Handler<Foresee> for Indexer {
    type Result = ();

    fn handle(&mut self, Foresee { root, path }: Foresee, ctx: &mut Self::Context) {
        let is_job_there = self.table.iter().any(|job| job.record.root == root && job.phase != Phase::Paused);
        if self.paused.is_some() || self.vital.is_stopping() || is_job_there {
            return;
        }
        let extractors = self.single_files(ctx);
        let cache = Arc::clone(&self.settings.cache);
        tokio::task::spawn_blocking(move || foresee(&root, &path, &cache, &*extractors));
    }
}

impl Indexer {
    /// The workers for files that come one by one; the one that waits for more is let go after a while.
    fn single_files(&self, ctx: &mut Context<Indexer>) -> Arc<WorkerPool> {
        ctx.run_later(2 * SPARE_KEPT, |indexer, _| indexer.single_files.let_go(SPARE_KEPT));
        Arc::clone(&self.single_files)
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefreshEnd {
    /// The index has the files as they are.
    Done(Refreshed),
    /// This job sees to it.
    ByJob(u64),
}

impl Handler<RefreshFiles> for Indexer {
    type Result = ResponseFuture<Result<RefreshEnd, Failure>>;

    fn handle(&mut self, RefreshFiles { root, which }: RefreshFiles, ctx: &mut Self::Context) -> Self::Result {
        if self.paused.is_some() || self.vital.is_stopping() {
            return Box::pin(async { Err(failures::unavailable()) });
        }
        let needs_walk = match &which {
            Which::Paths(paths) => paths.len() > REFRESH_FILES_MAX || paths.iter().any(|path| walk::has_rules(path)),
            Which::All => false,
        };
        let kind = self.table.kind_of_walk(&root);
        // A paused job holds up no few files.
        let is_job_there = self.table.iter().any(|job| job.record.root == root && job.phase != Phase::Paused);
        if needs_walk || is_job_there {
            let by_job = by_job(ctx.address(), root.clone(), kind.unwrap_or(JobKind::REFRESH.0));
            let Which::Paths(paths) = which else { return Box::pin(by_job) };
            let running = self.table.running(&root).filter(|_| !needs_walk);
            let Some(overtaken) = running.and_then(|control| overtake(control, paths)) else { return Box::pin(by_job) };
            let hub = self.hub.clone();
            return Box::pin(async move {
                let Ok(Some(refreshed)) = overtaken.await else { return by_job.await };
                tell(&hub, &root, &refreshed);
                Ok(RefreshEnd::Done(refreshed))
            });
        }
        self.ahead.take_if(|ahead| ahead.is_of(&root));
        let turn = self.turns.take(&root);
        let (storage, hub, indexer) = (self.storage.clone(), self.hub.clone(), ctx.address());
        let ended = indexer.clone();
        let global_excludes = self.settings.global_excludes.clone();
        let live = Arc::clone(&self.settings.live);
        let (cache, telemetry) = (Arc::clone(&self.settings.cache), Arc::clone(&self.settings.telemetry));
        let extractors = self.single_files(ctx);
        Box::pin(async move {
            let turn = turn.await;
            let lease = acquire(&storage, &root).await?;
            if lease.store().is_none_or(|store| store.summary().walked_ms == 0) {
                // Nothing is known of the project yet.
                drop(turn);
                return by_job(indexer, root, JobKind::INDEX.0).await;
            }
            let look = move || {
                Counters::add(&telemetry.counters.refreshes, 1);
                let looking = Looking {
                    roots_allowed: &live.values().roots_allowed,
                    global_excludes: global_excludes.as_deref(),
                    cache: &cache,
                    telemetry: &telemetry,
                };
                let refreshed = look(&lease, &which, &looking, &extractors);
                drop(lease);
                drop(turn);
                refreshed
            };
            let looked = tokio::task::spawn_blocking(look).await;
            let (refreshed, summary) = looked.map_err(|_| failures::internal("looking at the files failed"))??;
            let Some(refreshed) = refreshed else { return by_job(indexer, root, JobKind::REFRESH.0).await };
            tell(&hub, &root, &refreshed);
            storage.do_send(Figures { root, summary, is_milestone: false });
            ended.do_send(RefreshEnded);
            Ok(RefreshEnd::Done(refreshed))
        })
    }
}

/// Memory is given back when the question that mostly follows is answered, and in a series of refreshes every now and then.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
struct RefreshEnded;

impl Handler<RefreshEnded> for Indexer {
    type Result = ();

    fn handle(&mut self, _: RefreshEnded, ctx: &mut Self::Context) {
        if !std::mem::replace(&mut self.is_memory_due, true) {
            ctx.run_later(MEMORY_KEPT, |indexer, _| {
                indexer.is_memory_due = false;
                tokio::task::spawn_blocking(allocator::release);
            });
        }
    }
}

/// Has a running job look at files before its own; what became of them, or nothing if it ends before.
fn overtake(control: &JobControl, paths: BTreeSet<Vec<u8>>) -> Option<oneshot::Receiver<Option<Refreshed>>> {
    let (told, overtaken) = oneshot::channel();
    // Whoever waits may have gone.
    let is_taken = control.overtake(paths, Box::new(move |refreshed| drop(told.send(refreshed))));
    is_taken.then_some(overtaken)
}

async fn by_job(indexer: Addr<Indexer>, root: PathBuf, kind: u16) -> Result<RefreshEnd, Failure> {
    let start = StartJob { root, kind, force: false, budget: Budget::default(), owner: None, by: None };
    let started = indexer.send(start).await.map_err(|_| failures::unavailable())??;
    Ok(RefreshEnd::ByJob(started.job))
}

async fn acquire(storage: &Addr<Storage>, root: &Path) -> Result<Lease, Failure> {
    let acquire = Acquire { root: root.to_path_buf(), job: None };
    storage.send(acquire).await.map_err(|_| failures::unavailable())?
}

/// What a look at files needs besides their store.
struct Looking<'a> {
    roots_allowed: &'a RootsAllowed,
    global_excludes: Option<&'a Path>,
    cache: &'a FactsCache,
    telemetry: &'a Telemetry,
}

/// Nothing if that is work for a job.
fn look(
    lease: &Lease,
    which: &Which,
    looking: &Looking<'_>,
    extractors: &WorkerPool,
) -> Result<(Option<Refreshed>, Summary), Failure> {
    let store = lease.store().ok_or_else(failures::unavailable)?;
    if let Some(place) = looking.roots_allowed.refusal(store.root()) {
        return Err(failures::outside(store.root(), place));
    }
    let control = JobControl::new(Budget::default(), 0);
    let Looking { roots_allowed: _, global_excludes, cache, telemetry } = *looking;
    let observer = Counting(Tally { telemetry, job: 0, root: store.root() });
    let around = Surroundings { root: store.root(), control: &control, observer: &observer, global_excludes };
    let environment = Environment { around, store, extractors, lanes: 1, cache: Some(cache) };
    let refreshed = match which {
        Which::Paths(paths) => refresh(paths, REFRESH_FILES_MAX, &environment),
        Which::All => sweep(REFRESH_FILES_MAX, &environment),
    };
    let refreshed = refreshed.map_err(|e| {
        if let IndexError::Store(StoreError::Corrupt { .. }) = e {
            lease.condemn();
        }
        failures::refresh(&e)
    })?;
    Ok((refreshed, store.summary()))
}

fn tell(hub: &Addr<Hub>, root: &Path, refreshed: &Refreshed) {
    if !refreshed.changed.is_empty() {
        hub.do_send(ProjectChanged {
            r#type: ProjectEventType::GENERATION,
            root: path_bytes(root),
            generation: refreshed.generation,
            changed: Changed::Paths(Tier::STRUCTURE, refreshed.changed.iter().cloned().map(Bytes).collect()),
            message: format!("Looked at files of {}", root.display()),
        });
    }
}

/// Nobody follows so little work; it is counted.
struct Counting<'a>(Tally<'a>);

impl Observer for Counting<'_> {
    fn stage(&self, _: Stage, _: &str) {}
    fn file(&self, outcome: &FileOutcome<'_>) {
        self.0.file(outcome);
    }
    fn committed(&self, _: u64, _: &[ChangedFile]) {}
}
