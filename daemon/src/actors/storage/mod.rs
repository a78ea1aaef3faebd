//! Storage fronts the stores of all projects: it opens and closes them, leases them to jobs and queries, and knows which
//! projects there are. Opening and closing wait for the disk and so run on threads of their own.

mod lease;

mod shelf;

mod housekeeping;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{
    Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, MessageResult, Recipient, ResponseActFuture,
    ResponseFuture, WrapFuture,
};
use tokio::sync::oneshot;
use vigie_core::store::registry::ProjectRecord;
use vigie_core::store::{Checkpoint, FactsCache, ProjectStore, StoreError, Summary, remove_store};
use vigie_proto::{Failure, ProjectEventType, ProjectState};

pub(crate) use self::lease::{Lease, Released};
use self::shelf::{Shelf, Standing, Step, Waiter};
use super::Vital;
use super::hub::{Changed, Hub, ProjectChanged};
use crate::allocator;
use crate::clock::now_ms;
use crate::convert::progress::path_bytes;
use crate::convert::{failures, projects};
use crate::registry::RegistryHandle;

/// How long a store keeps tables in memory that nobody asks for.
const TABLES_KEPT: Duration = Duration::from_secs(60);

/// How often it is looked which projects are to be let go of.
const HOUSE_EVERY: Duration = Duration::from_secs(3600);

/// How long nobody has used a store when its page caches are given back.
const REST_AFTER: Duration = Duration::from_secs(5);

/// Why a job waits before it can use its store.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct Notice {
    /// The job.
    pub(crate) job: u64,
    /// What it waits for.
    pub(crate) what: Awaited,
}

/// What a job waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// Another store to be closed; a sentence.
    Switch(String),
    /// Its own store to be opened.
    Open,
}

/// Who waits for a lease.
struct Token {
    answer: oneshot::Sender<Result<Lease, Failure>>,
    job: Option<(u64, Recipient<Notice>)>,
    told: Option<Awaited>,
}

impl Token {
    /// Tells a job what it waits for, unless it knows.
    fn notify(&mut self, what: Awaited) {
        if let Some((job, recipient)) = &self.job
            && self.told.as_ref() != Some(&what)
        {
            recipient.do_send(Notice { job: *job, what: what.clone() });
            self.told = Some(what);
        }
    }
}

/// The actor.
pub(crate) struct Storage {
    projects_dir: PathBuf,
    records: BTreeMap<PathBuf, ProjectRecord>,
    roots: Arc<BTreeSet<PathBuf>>,
    shelf: Shelf<Arc<ProjectStore>, Token>,
    registry: RegistryHandle,
    /// What files of all projects were parsed to; that of a project goes with it.
    cache: Arc<FactsCache>,
    hub: Addr<Hub>,
    emptied: Option<oneshot::Sender<()>>,
    /// Room for all indexes together, in bytes.
    quota_bytes: u64,
    /// Who hears of every store that is opened or closed.
    stands: Option<Recipient<StoreStands>>,
    /// Projects whose stores are removed as soon as they are closed.
    forgetting: BTreeMap<PathBuf, (ProjectRecord, oneshot::Sender<Result<u64, Failure>>)>,
    /// Stores that keep names in memory, of which it is looked after that they do not for ever.
    keeping_tables: BTreeSet<PathBuf>,
    /// When stores were last given back that have not rested since.
    given_back: BTreeMap<PathBuf, Instant>,
    _vital: Vital,
}

impl Storage {
    /// Storage of the projects known so far, whose stores lie in `projects_dir`; at most `open_max` are open at once, and all together
    /// have at most `quota_bytes`.
    pub(crate) fn new(
        projects_dir: PathBuf,
        known: Vec<ProjectRecord>,
        (open_max, quota_bytes): (usize, u64),
        (registry, cache): (RegistryHandle, Arc<FactsCache>),
        hub: Addr<Hub>,
        vital: Vital,
    ) -> Storage {
        let records: BTreeMap<_, _> = known.into_iter().map(|record| (record.root.clone(), record)).collect();
        let roots = Arc::new(records.keys().cloned().collect());
        let shelf = Shelf::new(open_max);
        Storage {
            projects_dir,
            records,
            roots,
            shelf,
            registry,
            cache,
            hub,
            emptied: None,
            quota_bytes,
            stands: None,
            forgetting: BTreeMap::new(),
            keeping_tables: BTreeSet::new(),
            given_back: BTreeMap::new(),
            _vital: vital,
        }
    }

    fn carry_out(&mut self, steps: Vec<Step<Arc<ProjectStore>, Token>>, ctx: &mut Context<Storage>) {
        for step in steps {
            match step {
                Step::Open(root) => self.open(root, ctx),
                Step::Close(root, store) => close(root, store, ctx),
                Step::Grant(root, store, token) => grant(root, store, token, ctx),
            }
        }
        for (token, reason) in self.shelf.waiting() {
            token.notify(reason.map_or(Awaited::Open, Awaited::Switch));
        }
        self.notify_if_empty();
    }

    fn open(&mut self, root: PathBuf, ctx: &mut Context<Storage>) {
        let Some(record) = self.records.get(&root) else { return self.refuse(&root, &unknown(&root), ctx) };
        let path = self.projects_dir.join(&record.store_name);
        let opening = {
            let root = root.clone();
            tokio::task::spawn_blocking(move || ProjectStore::open(&path, &root))
        };
        ctx.spawn(opening.into_actor(self).map(move |result, storage, ctx| match result {
            Ok(Ok((store, note))) => storage.opened(&root, store, note, ctx),
            Ok(Err(e)) => storage.refuse(&root, &failures::store(&e), ctx),
            Err(_) => storage.refuse(&root, &failures::internal("opening the store failed"), ctx),
        }));
    }

    fn opened(&mut self, root: &Path, store: ProjectStore, note: Option<String>, ctx: &mut Context<Storage>) {
        let message = note.clone().unwrap_or_else(|| format!("Opened {}", root.display()));
        if let Some(note) = note
            && let Some(record) = self.records.get_mut(root)
        {
            tracing::warn!(root = %root.display(), note, "store set aside");
            record.note = note;
            persist(&self.registry, record.clone());
        }
        self.publish(ProjectEventType::OPENED, root, message);
        let mut steps = self.shelf.opened(root, Arc::new(store));
        if self.emptied.is_some() {
            // Whoever asked for it was sent away meanwhile, and nobody will give it back.
            steps.extend(self.shelf.close_idle());
        }
        self.carry_out(steps, ctx);
        self.tell_stands(root, Stands::Open);
        if self.forgetting.contains_key(root) {
            let steps = self.shelf.condemn(root);
            self.carry_out(steps, ctx);
        }
    }

    fn refuse(&mut self, root: &Path, failure: &Failure, ctx: &mut Context<Storage>) {
        tracing::error!(root = %root.display(), reason = failure.message, "store not opened");
        let (tokens, steps) = self.shelf.failed(root);
        for token in tokens {
            // Whoever asked may have gone.
            let _gone = token.answer.send(Err(failure.clone()));
        }
        self.carry_out(steps, ctx);
    }

    fn closed(&mut self, root: &Path, closed: Option<Closed>, ctx: &mut Context<Storage>) {
        let message = closing_words(root, closed.as_ref().map(|closed| &closed.checkpoint));
        tracing::info!(root = %root.display(), message, "store closed");
        if let Some(closed) = closed {
            self.note_figures(root, &closed.summary);
        }
        self.publish(ProjectEventType::CLOSED, root, message);
        self.tell_stands(root, Stands::Closed);
        let steps = self.shelf.closed(root);
        self.carry_out(steps, ctx);
        self.remove_if_forgotten(root);
    }

    fn tell_stands(&self, root: &Path, how: Stands) {
        if let Some(stands) = &self.stands {
            stands.do_send(StoreStands { root: root.to_path_buf(), how });
        }
    }

    /// Removes the closed store of a project that is being forgotten, and then what the registry has of it.
    fn remove_if_forgotten(&mut self, root: &Path) {
        if self.shelf.standing(root) != Standing::Closed {
            return;
        }
        let Some((record, answer)) = self.forgetting.remove(root) else { return };
        let path = self.projects_dir.join(&record.store_name);
        let (registry, cache) = (self.registry.clone(), Arc::clone(&self.cache));
        actix_rt::spawn(async move {
            let parsed_of = record.root.clone();
            let remove = move || {
                let removed = remove_store(&path);
                cache.forget(&parsed_of);
                removed
            };
            let removed = tokio::task::spawn_blocking(remove).await;
            let forgotten = match removed {
                Ok(Ok(bytes)) => registry.call(move |registry| registry.forget(&record.root)).await.map(|()| bytes),
                Ok(Err(e)) => Err(failures::store(&e)),
                Err(_) => Err(failures::internal("removing the store failed")),
            };
            // Whoever asked may have gone.
            let _gone = answer.send(forgotten);
        });
    }

    /// Sees to it that the tables which a store keeps in memory are forgotten when nobody asks for them any more.
    fn forget_tables_later(&mut self, root: &Path, ctx: &mut Context<Storage>) {
        if self.keeping_tables.contains(root) {
            return;
        }
        if let Some(left) = self.shelf.store(root).and_then(|store| store.forget_tables(TABLES_KEPT)) {
            self.keeping_tables.insert(root.to_path_buf());
            let root = root.to_path_buf();
            ctx.run_later(left, move |storage, ctx| {
                storage.keeping_tables.remove(&root);
                storage.forget_tables_later(&root, ctx);
                tokio::task::spawn_blocking(allocator::release);
            });
        }
    }

    /// Lets a store rest when nobody has used it for a while.
    fn rest_later(&mut self, root: &Path, ctx: &mut Context<Storage>) {
        if self.given_back.insert(root.to_path_buf(), Instant::now()).is_none() {
            self.rest_after(REST_AFTER, root.to_path_buf(), ctx);
        }
    }

    fn rest_after(&self, pause: Duration, root: PathBuf, ctx: &mut Context<Storage>) {
        ctx.run_later(pause, move |storage, ctx| {
            let Some(unused) = storage.given_back.get(&root).map(Instant::elapsed) else { return };
            if unused < REST_AFTER {
                return storage.rest_after(REST_AFTER - unused, root, ctx);
            }
            storage.given_back.remove(&root);
            // One that is in use comes back again.
            let Some(store) = storage.shelf.store(&root).filter(|_| storage.shelf.is_idle(&root)).cloned() else {
                return;
            };
            tokio::task::spawn_blocking(move || {
                // One that is closed meanwhile has given back more.
                let _closed = store.rest();
                drop(store);
                allocator::release();
            });
        });
    }

    /// Looks which roots are there, and lets go of projects as the quota and lost roots ask for it.
    fn keep_house(&mut self, ctx: &mut Context<Storage>) {
        let roots = Arc::clone(&self.roots);
        // A root may lie on a disk that does not answer.
        let looked = tokio::task::spawn_blocking(move || {
            roots.iter().filter(|root| root.is_dir()).cloned().collect::<BTreeSet<_>>()
        });
        ctx.spawn(looked.into_actor(self).map(|there, storage, ctx| {
            let Ok(there) = there else { return };
            let now = now_ms();
            for record in storage.records.values_mut() {
                let gone_ms = match record.gone_ms {
                    _ if there.contains(&record.root) => 0,
                    0 => now,
                    since => since,
                };
                if gone_ms != record.gone_ms {
                    record.gone_ms = gone_ms;
                    persist(&storage.registry, record.clone());
                }
            }
            storage.make_room(ctx);
        }));
    }

    /// Lets go of projects whose index has no place any more.
    fn make_room(&mut self, ctx: &mut Context<Storage>) {
        let may_go = |record: &ProjectRecord| {
            self.shelf.standing(&record.root) == Standing::Closed || self.shelf.is_idle(&record.root)
        };
        for (root, why) in housekeeping::to_let_go(self.records.values(), self.quota_bytes, now_ms(), may_go) {
            tracing::warn!(root = %root.display(), why, "a project was let go of");
            self.publish(ProjectEventType::DROPPED, &root, why);
            let (answer, _nobody) = oneshot::channel();
            self.forget(&root, answer, ctx);
        }
    }

    /// Forgets a project, and tells once its store is gone. `false` = it is not known.
    fn forget(
        &mut self,
        root: &Path,
        answer: oneshot::Sender<Result<u64, Failure>>,
        ctx: &mut Context<Storage>,
    ) -> bool {
        let Some(record) = self.records.remove(root) else { return false };
        self.roots = Arc::new(self.records.keys().cloned().collect());
        self.forgetting.insert(root.to_path_buf(), (record, answer));
        self.tell_stands(root, Stands::Forgotten);
        let steps = self.shelf.condemn(root);
        self.carry_out(steps, ctx);
        self.remove_if_forgotten(root);
        true
    }

    fn note_figures(&mut self, root: &Path, summary: &Summary) {
        if let Some(record) = self.records.get_mut(root) {
            *record = projects::with_figures(record.clone(), summary);
            persist(&self.registry, record.clone());
        }
    }

    fn publish(&self, r#type: ProjectEventType, root: &Path, message: String) {
        let generation = self.records.get(root).map_or(0, |record| record.generation);
        let (root, changed) = (path_bytes(root), Changed::None);
        self.hub.do_send(ProjectChanged { r#type, root, generation, changed, message });
    }

    fn notify_if_empty(&mut self) {
        if self.shelf.len() == 0
            && let Some(emptied) = self.emptied.take()
        {
            // Lifecycle waits, or its patience has ended.
            let _gone = emptied.send(());
        }
    }

    fn register(&mut self, record: ProjectRecord) {
        self.cache.welcome(&record.root);
        self.records.insert(record.root.clone(), record);
        self.roots = Arc::new(self.records.keys().cloned().collect());
    }
}

impl Actor for Storage {
    type Context = Context<Storage>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(HOUSE_EVERY, |storage, ctx| storage.keep_house(ctx));
        self.keep_house(ctx);
    }
}

/// From now on at most so many stores are open at once.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct SetOpenMax(pub(crate) usize);

impl Handler<SetOpenMax> for Storage {
    type Result = ();

    fn handle(&mut self, SetOpenMax(open_max): SetOpenMax, ctx: &mut Self::Context) {
        let steps = self.shelf.set_open_max(open_max);
        self.carry_out(steps, ctx);
    }
}

fn unknown(root: &Path) -> Failure {
    failures::not_indexed(root, failures::Advice::Directory(root.to_path_buf()))
}

fn grant(root: PathBuf, store: Arc<ProjectStore>, token: Token, ctx: &mut Context<Storage>) {
    let lease = Lease::new(store, root, token.job.is_some(), ctx.address().recipient());
    // A lease that nobody takes is dropped, and so given back.
    let _gone = token.answer.send(Ok(lease));
}

struct Closed {
    summary: Summary,
    checkpoint: Result<Checkpoint, StoreError>,
}

fn close(root: PathBuf, store: Arc<ProjectStore>, ctx: &mut Context<Storage>) {
    let closing = tokio::task::spawn_blocking(move || {
        let summary = store.summary();
        let checkpoint = store.close();
        allocator::release();
        Closed { summary, checkpoint }
    });
    let closing = actix::fut::wrap_future::<_, Storage>(closing);
    ctx.spawn(closing.map(move |closed, storage, ctx| storage.closed(&root, closed.ok(), ctx)));
}

/// What became of the write-ahead log, for people.
fn closing_words(root: &Path, checkpoint: Option<&Result<Checkpoint, StoreError>>) -> String {
    let root = root.display();
    match checkpoint {
        Some(Ok(Checkpoint { busy: false, wal_frames: 0, moved_frames })) => {
            format!("Closed {root} after a checkpoint: the WAL is empty ({moved_frames} frames moved)")
        }
        Some(Ok(Checkpoint { busy: _, wal_frames, moved_frames })) => {
            format!("Closed {root}; its WAL was in use: {moved_frames} frames moved, {wal_frames} left")
        }
        Some(Err(e)) => format!("Closed {root} without a checkpoint: {e}"),
        None => format!("Closed {root} without a checkpoint: a fault of the daemon; see its log"),
    }
}

fn persist(registry: &RegistryHandle, record: ProjectRecord) {
    let written = registry.call(move |registry| registry.update_project(&record));
    actix_rt::spawn(async move {
        if let Err(failure) = written.await {
            tracing::error!(reason = failure.message, "a project's record was not written");
        }
    });
}

/// Asks for the use of a store, which is opened if it is closed.
#[derive(Debug, actix::Message)]
#[rtype(result = "Result<Lease, Failure>")]
pub(crate) struct Acquire {
    /// Canonical root.
    pub(crate) root: PathBuf,
    /// For a job: its id, and who hears what it waits for.
    pub(crate) job: Option<(u64, Recipient<Notice>)>,
}

impl Handler<Acquire> for Storage {
    type Result = ResponseFuture<Result<Lease, Failure>>;

    fn handle(&mut self, acquire: Acquire, ctx: &mut Self::Context) -> Self::Result {
        if self.emptied.is_some() || self._vital.is_stopping() {
            return Box::pin(async { Err(failures::unavailable()) });
        }
        let Acquire { root, job } = acquire;
        let (answer, answered) = oneshot::channel();
        let is_job = job.is_some();
        let steps = self.shelf.wait(Waiter { root, is_job, token: Token { answer, job, told: None } });
        self.carry_out(steps, ctx);
        Box::pin(async move { answered.await.unwrap_or_else(|_| Err(failures::unavailable())) })
    }
}

impl Handler<Released> for Storage {
    type Result = ();

    fn handle(&mut self, released: Released, ctx: &mut Self::Context) {
        if let Some(record) = self.records.get_mut(&released.root) {
            // Written down with the store's figures, when it is closed.
            record.used_ms = now_ms();
        }
        self.forget_tables_later(&released.root, ctx);
        self.rest_later(&released.root, ctx);
        let mut steps = self.shelf.released(&released.root, released.was_job, released.condemned);
        if self.emptied.is_some() {
            steps.extend(self.shelf.close_idle());
        }
        self.carry_out(steps, ctx);
    }
}

/// Makes a root known.
#[derive(Debug, actix::Message)]
#[rtype(result = "Result<(), Failure>")]
pub(crate) struct Register(pub(crate) PathBuf);

impl Handler<Register> for Storage {
    type Result = ResponseActFuture<Storage, Result<(), Failure>>;

    fn handle(&mut self, Register(root): Register, _: &mut Self::Context) -> Self::Result {
        if self.records.contains_key(&root) {
            return Box::pin(actix::fut::ready(Ok(())));
        }
        let registered = self.registry.call(move |registry| registry.register(&root, now_ms()));
        let registered = registered.into_actor(self);
        Box::pin(registered.map(|record, storage, _| record.map(|record| storage.register(record))))
    }
}

/// A store was opened or closed.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct StoreStands {
    /// Canonical root.
    pub(crate) root: PathBuf,
    /// How it stands now.
    pub(crate) how: Stands,
}

/// How a store stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// It was opened.
    Open,
    /// It was closed.
    Closed,
    /// There is no such project any more.
    Forgotten,
}

/// Says who is to hear of every store that is opened or closed.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct TellStands(pub(crate) Recipient<StoreStands>);

impl Handler<TellStands> for Storage {
    type Result = ();

    fn handle(&mut self, TellStands(stands): TellStands, _: &mut Self::Context) {
        self.stands = Some(stands);
    }
}

/// Writes down whether a project is to be watched.
#[derive(Debug, actix::Message)]
#[rtype(result = "Result<(), Failure>")]
pub(crate) struct SetWatched {
    /// Canonical, registered root.
    pub(crate) root: PathBuf,
    /// Whether.
    pub(crate) watched: bool,
}

impl Handler<SetWatched> for Storage {
    type Result = ResponseFuture<Result<(), Failure>>;

    fn handle(&mut self, SetWatched { root, watched }: SetWatched, _: &mut Self::Context) -> Self::Result {
        let Some(record) = self.records.get_mut(&root) else {
            return Box::pin(async move { Err(unknown(&root)) });
        };
        record.watched = watched;
        let record = record.clone();
        Box::pin(self.registry.call(move |registry| registry.update_project(&record)))
    }
}

/// Removes a project: from now on it is not known, and once nobody uses its store that is removed. Resolves with the bytes it had.
#[derive(Debug, actix::Message)]
#[rtype(result = "Result<u64, Failure>")]
pub(crate) struct ForgetProject(pub(crate) PathBuf);

impl Handler<ForgetProject> for Storage {
    type Result = ResponseFuture<Result<u64, Failure>>;

    fn handle(&mut self, ForgetProject(root): ForgetProject, ctx: &mut Self::Context) -> Self::Result {
        let (answer, answered) = oneshot::channel();
        if !self.forget(&root, answer, ctx) {
            return Box::pin(async move { Err(unknown(&root)) });
        }
        Box::pin(async move { answered.await.unwrap_or_else(|_| Err(failures::unavailable())) })
    }
}

/// Asks which roots are known.
#[derive(Debug, actix::Message)]
#[rtype(result = "Arc<BTreeSet<PathBuf>>")]
pub(crate) struct Roots;

impl Handler<Roots> for Storage {
    type Result = Arc<BTreeSet<PathBuf>>;

    fn handle(&mut self, _: Roots, _: &mut Self::Context) -> Self::Result {
        self.roots.clone()
    }
}

/// Figures of a store, for lists that must not open it.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct Figures {
    /// Canonical root.
    pub(crate) root: PathBuf,
    /// How its index stands.
    pub(crate) summary: Summary,
    /// They are written down; else that is done when the store is closed: each write to the registry is synced to disk.
    pub(crate) is_milestone: bool,
}

impl Handler<Figures> for Storage {
    type Result = ();

    fn handle(&mut self, figures: Figures, ctx: &mut Self::Context) {
        if figures.is_milestone {
            self.note_figures(&figures.root, &figures.summary);
        } else if let Some(record) = self.records.get_mut(&figures.root) {
            *record = projects::with_figures(record.clone(), &figures.summary);
        }
        self.make_room(ctx);
    }
}

/// All projects, and how many stores are open.
#[derive(Debug)]
pub(crate) struct Inventory {
    /// Each project with the state of its store, by root.
    pub(crate) projects: Vec<(ProjectRecord, ProjectState)>,
    /// Stores that are not closed.
    pub(crate) open: usize,
}

/// Asks for the inventory.
#[derive(Debug, actix::Message)]
#[rtype(result = "Inventory")]
pub(crate) struct TakeInventory;

impl Handler<TakeInventory> for Storage {
    type Result = MessageResult<TakeInventory>;

    fn handle(&mut self, _: TakeInventory, _: &mut Self::Context) -> Self::Result {
        let state = |root: &Path| match self.shelf.standing(root) {
            Standing::Closed => ProjectState::CLOSED,
            Standing::Opening => ProjectState::OPENING,
            Standing::Open => ProjectState::OPEN,
            Standing::Closing => ProjectState::CLOSING,
        };
        let projects = self.records.values().map(|record| (record.clone(), state(&record.root))).collect();
        MessageResult(Inventory { projects, open: self.shelf.len() })
    }
}

/// Closes every store and resolves when none is left; from now on nobody gets a lease.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct CloseAll;

impl Handler<CloseAll> for Storage {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: CloseAll, ctx: &mut Self::Context) -> Self::Result {
        let (emptied, empty) = oneshot::channel();
        self.emptied = Some(emptied);
        for token in self.shelf.dismiss() {
            let _gone = token.answer.send(Err(failures::unavailable()));
        }
        let steps = self.shelf.close_idle();
        self.carry_out(steps, ctx);
        Box::pin(async move {
            let _dropped = empty.await;
        })
    }
}
