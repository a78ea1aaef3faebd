//! The watcher knows which projects are followed, and keeps of each what has changed and is not in its index yet. It has the indexer
//! look at that, one refresh at a time for a project; where the store is closed it waits until somebody opens it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{
    Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, MessageResult, Recipient, ResponseActFuture,
    ResponseFuture, WrapFuture,
};
use tokio::sync::oneshot;
use vigie_core::index::REFRESH_FILES_MAX;
use vigie_proto::{Failure, WatchState};

use super::Vital;
use super::indexer::{Foresee, Indexer, ParseAhead, RefreshEnd, RefreshFiles, WaitEnd, Waited, Which};
use super::storage::{Stands, Storage, StoreStands, TakeInventory, TellStands};
use crate::config::Live;
use crate::convert::failures;
use crate::telemetry::{Counters, Telemetry};
use crate::watch::{Barrier, Dirty, Lagging, Told, Watch};

/// How often a tree that cannot be watched is looked at, unless that takes long.
const POLL_EVERY: Duration = Duration::from_secs(5);
/// Looking takes no more than this part of the time, a twentieth.
const POLL_SHARE: u32 = 20;
/// How often a watched tree is looked at as a whole: writes through a memory map, or from another machine, are told by nobody.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// After this long a refresh that failed is tried again, and twice as long after each further failure, a minute at most.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often that is doubled.
const RETRY_DOUBLED_MAX: u32 = 6;

/// How a project is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// In one word.
    pub(crate) state: WatchState,
    /// Directories watched.
    pub(crate) directories: u64,
    /// Why it is polled; else empty.
    pub(crate) note: String,
    /// Everything that was told is in the index.
    pub(crate) is_clean: bool,
}

/// A project that is followed.
struct Followed {
    /// Tells one watch of a root from the next.
    number: u64,
    watch: Option<Watch>,
    state: WatchState,
    directories: u64,
    note: String,
    dirty: Dirty,
    /// They wait until what is in `dirty` is in the index.
    barriers: Vec<Barrier>,
    /// They wait until it is known whether the tree can be watched.
    starting: Vec<oneshot::Sender<Standing>>,
    is_refreshing: bool,
    /// Refreshes that jobs see to, which have not ended. A few files that change meanwhile need not wait for them: they overtake.
    by_jobs: usize,
    is_open: bool,
    /// Refreshes in a row that failed.
    failures: u32,
    /// How long the last look at the whole tree took, with what it found.
    looked_for: Duration,
}

impl Followed {
    /// How long to wait between two looks at the whole tree.
    fn pause(&self) -> Duration {
        match self.state {
            WatchState::POLLED => POLL_EVERY.max(self.looked_for * POLL_SHARE),
            _ => SWEEP_EVERY,
        }
    }

    /// Whether something is on its way to the index.
    fn is_at_work(&self) -> bool {
        self.is_refreshing || self.by_jobs > 0
    }

    fn standing(&self) -> Standing {
        let is_settled = self.watch.as_ref().is_some_and(|watch| !watch.is_unsettled());
        Standing {
            state: self.state,
            directories: self.directories,
            note: self.note.clone(),
            is_clean: is_settled && self.state == WatchState::WATCHED && self.dirty.is_empty() && !self.is_at_work(),
        }
    }
}

/// The actor.
pub(crate) struct Watcher {
    followed: BTreeMap<PathBuf, Followed>,
    numbers: u64,
    live: Arc<Live>,
    global_excludes: Option<Arc<Path>>,
    indexer: Addr<Indexer>,
    storage: Addr<Storage>,
    telemetry: Arc<Telemetry>,
    lagging: Lagging,
    vital: Vital,
}

impl Watcher {
    /// A watcher that begins with the projects of which storage says that they are to be watched.
    pub(crate) fn new(
        live: Arc<Live>,
        global_excludes: Option<Arc<Path>>,
        indexer: Addr<Indexer>,
        storage: Addr<Storage>,
        telemetry: Arc<Telemetry>,
        vital: Vital,
    ) -> Watcher {
        let (followed, lagging) = (BTreeMap::new(), Lagging::default());
        Watcher { followed, numbers: 0, live, global_excludes, indexer, storage, telemetry, lagging, vital }
    }

    /// The projects whose index may lack what happened long ago.
    pub(crate) fn lagging(&self) -> Lagging {
        self.lagging.clone()
    }

    /// Follows what storage says is to be watched, if it may be.
    fn take_stock(&self) -> ResponseActFuture<Watcher, ()> {
        let (storage, live) = (self.storage.clone(), Arc::clone(&self.live));
        let stock = async move {
            // Without storage, or a thread to look at directories, the daemon is on its way out.
            let inventory = storage.send(TakeInventory).await.ok()?;
            let sorted = tokio::task::spawn_blocking(move || {
                let roots_allowed = live.values().roots_allowed.clone();
                let watched = inventory.projects.into_iter().map(|(record, _)| record).filter(|record| record.watched);
                watched.map(|record| record.root).partition(|root| roots_allowed.refusal(root).is_none())
            });
            sorted.await.ok()
        };
        Box::pin(stock.into_actor(self).map(|sorted, watcher, ctx| {
            let (allowed, refused): (Vec<PathBuf>, Vec<PathBuf>) = sorted.unwrap_or_default();
            for root in refused {
                tracing::warn!(root = %root.display(), "not watched: it lies outside of roots_allowed");
                watcher.let_go(&root);
            }
            for root in allowed {
                if !watcher.followed.contains_key(&root) {
                    // Its store is opened once, for what happened while nobody watched.
                    watcher.follow(root, true, ctx);
                }
            }
            watcher.lagging.know();
        }))
    }

    fn follow(&mut self, root: PathBuf, is_open: bool, ctx: &mut Context<Watcher>) {
        self.numbers += 1;
        let number = self.numbers;
        let mut followed = Followed {
            number,
            watch: None,
            state: WatchState::STARTING,
            directories: 0,
            note: String::new(),
            // What happened before is not known.
            dirty: Dirty::all(),
            barriers: Vec::new(),
            starting: Vec::new(),
            is_refreshing: false,
            by_jobs: 0,
            is_open,
            failures: 0,
            looked_for: Duration::ZERO,
        };
        let tell: Recipient<TreeTold> = ctx.address().recipient();
        let of = root.clone();
        let watch = Watch::start(root.clone(), self.global_excludes.clone(), move |told| {
            tell.do_send(TreeTold { root: of.clone(), number, told });
        });
        match watch {
            Ok(watch) => followed.watch = Some(watch),
            Err(e) => {
                let told = Told::Unwatchable(format!("the tree cannot be watched: {e}"));
                ctx.notify(TreeTold { root: root.clone(), number, told });
            }
        }
        self.lagging.add(&root);
        self.followed.insert(root, followed);
    }

    /// Follows a project no longer; whether it did.
    fn let_go(&mut self, root: &Path) -> bool {
        self.lagging.remove(root);
        self.followed.remove(root).is_some()
    }

    fn of(&mut self, root: &Path, number: u64) -> Option<&mut Followed> {
        self.followed.get_mut(root).filter(|followed| followed.number == number)
    }

    /// The tree cannot be watched, or no longer: it is looked at again and again.
    fn poll(&mut self, root: &Path, number: u64, note: String, ctx: &mut Context<Watcher>) {
        let Some(followed) = self.of(root, number) else { return };
        tracing::warn!(root = %root.display(), note, "polled, not watched");
        followed.watch = None;
        followed.state = WatchState::POLLED;
        followed.directories = 0;
        followed.note = note;
        followed.dirty = Dirty::all();
        // How old its index is every answer says.
        self.lagging.remove(root);
        self.repeat(root.to_path_buf(), number, ctx);
    }

    /// Has the whole tree looked at, every now and then, as long as its store is open.
    fn repeat(&mut self, root: PathBuf, number: u64, ctx: &mut Context<Watcher>) {
        let Some(followed) = self.of(&root, number) else { return };
        ctx.run_later(followed.pause(), move |watcher, ctx| {
            let Some(followed) = watcher.of(&root, number) else { return };
            match &followed.watch {
                // It brings the set of its directories up to date first.
                Some(watch) if followed.is_open => watch.look_at_all(),
                Some(_) => {}
                None => followed.dirty = Dirty::all(),
            }
            watcher.refresh(&root, ctx);
            watcher.repeat(root, number, ctx);
        });
    }

    /// Has the indexer look at what has changed, if there is anything, and it is not at it already.
    fn refresh(&mut self, root: &Path, ctx: &mut Context<Watcher>) {
        let is_stopping = self.vital.is_stopping();
        let Some(followed) = self.followed.get_mut(root) else { return };
        if followed.is_refreshing || is_stopping || followed.state == WatchState::STARTING {
            return;
        }
        if followed.dirty.is_empty() {
            // What came before them may be with a job still.
            if followed.by_jobs == 0 {
                followed.barriers.drain(..).for_each(reach);
            }
            return;
        }
        if !followed.is_open && followed.barriers.is_empty() {
            return;
        }
        // More than what overtakes a job would have it walk again and again: it waits for the end.
        let overtakes = !followed.dirty.all && followed.dirty.paths.len() <= REFRESH_FILES_MAX;
        if followed.by_jobs > 0 && !overtakes {
            return;
        }
        followed.is_refreshing = true;
        let dirty = std::mem::take(&mut followed.dirty);
        let barriers = std::mem::take(&mut followed.barriers);
        let which = if dirty.all { Which::All } else { Which::Paths(dirty.paths.clone()) };
        let batch = Batch { number: followed.number, dirty, barriers, began: Instant::now() };
        let root = root.to_path_buf();
        let asked = self.indexer.send(RefreshFiles { root: root.clone(), which });
        ctx.spawn(asked.into_actor(self).map(move |end, watcher, ctx| {
            let Some(followed) = watcher.of(&root, batch.number) else { return };
            followed.is_refreshing = false;
            match end.unwrap_or_else(|_| Err(failures::unavailable())) {
                Ok(RefreshEnd::Done(_)) => watcher.refreshed(&root, batch, ctx),
                Ok(RefreshEnd::ByJob(job)) => watcher.await_job(root, job, batch, ctx),
                Err(failure) => watcher.failed(root, batch, &failure, ctx),
            }
        }));
    }

    /// Waits for the job that sees to what has changed. What changes meanwhile is looked at meanwhile.
    fn await_job(&mut self, root: PathBuf, job: u64, batch: Batch, ctx: &mut Context<Watcher>) {
        let Some(followed) = self.of(&root, batch.number) else { return };
        followed.by_jobs += 1;
        let ended = self.indexer.send(WaitEnd(job));
        let of = root.clone();
        ctx.spawn(ended.into_actor(self).map(move |waited, watcher, ctx| {
            let Some(followed) = watcher.of(&of, batch.number) else { return };
            followed.by_jobs -= 1;
            match waited {
                Ok(Waited::Ended(_) | Waited::NotHere) => watcher.refreshed(&of, batch, ctx),
                // Of a job that is paused nothing can be expected; later it is asked again.
                Ok(Waited::Halted) => watcher.failed(of, batch, &failures::paused(job), ctx),
                Err(_) => watcher.failed(of, batch, &failures::unavailable(), ctx),
            }
        }));
        self.refresh(&root, ctx);
    }

    /// The index has what had changed.
    fn refreshed(&mut self, root: &Path, batch: Batch, ctx: &mut Context<Watcher>) {
        let Some(followed) = self.of(root, batch.number) else { return };
        followed.failures = 0;
        if batch.dirty.all {
            followed.looked_for = batch.began.elapsed();
        }
        if followed.by_jobs == 0 {
            batch.barriers.into_iter().for_each(reach);
            if followed.is_open || followed.dirty.is_empty() {
                self.lagging.remove(root);
            }
        } else {
            // What came before them is with a job still.
            followed.barriers.extend(batch.barriers);
        }
        self.refresh(root, ctx);
    }

    /// It is tried again, later and later. Whoever waits is told by the end of the channel, and asks in another way.
    fn failed(&mut self, root: PathBuf, batch: Batch, failure: &Failure, ctx: &mut Context<Watcher>) {
        let Some(followed) = self.of(&root, batch.number) else { return };
        if followed.failures == 0 {
            tracing::warn!(root = %root.display(), reason = failure.message, "a refresh failed");
        }
        let after = RETRY_AFTER * (1 << followed.failures.min(RETRY_DOUBLED_MAX));
        followed.failures += 1;
        followed.dirty.merge(batch.dirty);
        ctx.run_later(after, move |watcher, ctx| watcher.refresh(&root, ctx));
    }
}

/// What was given to the indexer at a time.
struct Batch {
    /// That of the watch.
    number: u64,
    dirty: Dirty,
    barriers: Vec<Barrier>,
    began: Instant,
}

/// What a barrier's keeper waits for has come.
fn reach(barrier: Barrier) {
    // Whoever waited may have gone.
    let _gone = barrier.send(());
}

impl Actor for Watcher {
    type Context = Context<Watcher>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.storage.do_send(TellStands(ctx.address().recipient()));
        ctx.spawn(self.take_stock());
    }
}

/// What is allowed has changed: projects that may not be watched any more are let go of, and those that may again are followed.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct TakeStock;

impl Handler<TakeStock> for Watcher {
    type Result = ResponseActFuture<Watcher, ()>;

    fn handle(&mut self, _: TakeStock, _: &mut Self::Context) -> Self::Result {
        self.take_stock()
    }
}

/// What the watch of a tree tells.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
struct TreeTold {
    root: PathBuf,
    number: u64,
    told: Told,
}

impl Handler<TreeTold> for Watcher {
    type Result = ();

    fn handle(&mut self, TreeTold { root, number, told }: TreeTold, ctx: &mut Self::Context) {
        let telemetry = Arc::clone(&self.telemetry);
        let Some(followed) = self.of(&root, number) else { return };
        match told {
            Told::Ready(directories) => {
                followed.state = WatchState::WATCHED;
                followed.directories = directories as u64;
                self.repeat(root.clone(), number, ctx);
            }
            Told::Written(path) => {
                if followed.is_open && !followed.is_at_work() {
                    self.indexer.do_send(Foresee { root, path });
                }
                return;
            }
            Told::Burst(paths) => {
                if followed.is_open && !followed.is_at_work() {
                    self.indexer.do_send(ParseAhead { root, paths });
                }
                return;
            }
            Told::Lost => {
                Counters::add(&telemetry.counters.watch_overflows, 1);
                return;
            }
            Told::Changed(dirty, barriers, directories) => {
                Counters::add(&telemetry.counters.watch_changes, u64::from(!dirty.is_empty()));
                followed.directories = directories as u64;
                followed.dirty.merge(dirty);
                followed.barriers.extend(barriers);
                if !followed.is_open && !followed.dirty.is_empty() {
                    self.lagging.add(&root);
                }
            }
            Told::Unwatchable(note) => self.poll(&root, number, note, ctx),
        }
        if let Some(followed) = self.of(&root, number) {
            let standing = followed.standing();
            for starting in followed.starting.drain(..) {
                // Whoever asked may have gone.
                let _gone = starting.send(standing.clone());
            }
        }
        self.refresh(&root, ctx);
    }
}

impl Handler<StoreStands> for Watcher {
    type Result = ();

    fn handle(&mut self, StoreStands { root, how }: StoreStands, ctx: &mut Self::Context) {
        if how == Stands::Forgotten {
            self.let_go(&root);
        } else if let Some(followed) = self.followed.get_mut(&root) {
            followed.is_open = how == Stands::Open;
            if !followed.is_open && !followed.dirty.is_empty() {
                self.lagging.add(&root);
            }
            self.refresh(&root, ctx);
        }
    }
}

/// Follows a project from now on, and resolves when it is known how.
#[derive(Debug, actix::Message)]
#[rtype(result = "Result<Standing, Failure>")]
pub(crate) struct Follow(pub(crate) PathBuf);

impl Handler<Follow> for Watcher {
    type Result = ResponseFuture<Result<Standing, Failure>>;

    fn handle(&mut self, Follow(root): Follow, ctx: &mut Self::Context) -> Self::Result {
        if self.vital.is_stopping() {
            return Box::pin(async { Err(failures::unavailable()) });
        }
        // What stood in the way of watching may be gone: whoever asks again has it tried again.
        if self.followed.get(&root).is_none_or(|followed| followed.state == WatchState::POLLED) {
            self.follow(root.clone(), true, ctx);
        }
        let (started, standing) = oneshot::channel();
        if let Some(followed) = self.followed.get_mut(&root) {
            if followed.state == WatchState::STARTING {
                followed.starting.push(started);
            } else {
                // Whoever asked may have gone.
                let _gone = started.send(followed.standing());
            }
        }
        Box::pin(async move { standing.await.map_err(|_| failures::unavailable()) })
    }
}

/// Follows a project no longer; whether it did.
#[derive(Debug, actix::Message)]
#[rtype(result = "bool")]
pub(crate) struct Unfollow(pub(crate) PathBuf);

impl Handler<Unfollow> for Watcher {
    type Result = bool;

    fn handle(&mut self, Unfollow(root): Unfollow, _: &mut Self::Context) -> Self::Result {
        self.let_go(&root)
    }
}

/// Asks how projects are followed; those that are not are missing.
#[derive(Debug, actix::Message)]
#[rtype(result = "BTreeMap<PathBuf, Standing>")]
pub(crate) struct Standings;

impl Handler<Standings> for Watcher {
    type Result = MessageResult<Standings>;

    fn handle(&mut self, _: Standings, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.followed.iter().map(|(root, followed)| (root.clone(), followed.standing())).collect())
    }
}

/// Asks how one project is followed.
#[derive(Debug, actix::Message)]
#[rtype(result = "Option<Standing>")]
pub(crate) struct StandingOf(pub(crate) PathBuf);

impl Handler<StandingOf> for Watcher {
    type Result = MessageResult<StandingOf>;

    fn handle(&mut self, StandingOf(root): StandingOf, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.followed.get(&root).map(Followed::standing))
    }
}

/// Resolves with `true` when everything that happened to a watched project's tree until now is in its index; with `false` if it is
/// not watched, or cannot say.
#[derive(Debug, actix::Message)]
#[rtype(result = "bool")]
pub(crate) struct CatchUp(pub(crate) PathBuf);

impl Handler<CatchUp> for Watcher {
    type Result = ResponseFuture<bool>;

    fn handle(&mut self, CatchUp(root): CatchUp, _: &mut Self::Context) -> Self::Result {
        let followed = self.followed.get(&root).filter(|followed| followed.state == WatchState::WATCHED);
        let Some(watch) = followed.and_then(|followed| followed.watch.as_ref()) else {
            return Box::pin(async { false });
        };
        let (barrier, reached) = oneshot::channel();
        watch.barrier(barrier);
        Box::pin(async move { reached.await.is_ok() })
    }
}
