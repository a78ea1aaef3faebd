//! The indexer owns the job table: it accepts and joins requests, decides what runs, cancels, and writes every end down before
//! it is told. The work itself happens on jobs' threads.

mod table;

mod ending;

mod run;

mod calls;

mod refresh;

mod ahead;

mod pause;

mod workload;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use tokio::sync::oneshot;
use vigie_core::index::{Budget, Collected, IndexError, JobControl, JobSpec};
use vigie_core::kinds::Stage;
use vigie_core::store::registry::{JobRecord, JobState};
use vigie_core::store::{FactsCache, StoreError};
use vigie_proto::{self as wire, Failure, ProgressEvent};

use self::ahead::Ahead;
pub(crate) use self::ahead::ParseAhead;
pub(crate) use self::calls::{
    Active, ActiveOf, CancelJob, Cancelled, ControlOf, ListActive, OwnerLeaves, Pause, StartJob, Started, WaitEnd,
    Waited,
};
use self::ending::{Ran, Verdict, first_event, state_of, verdict};
pub(crate) use self::ending::{cancelled_before, died_too_often};
pub(crate) use self::pause::{Halted, SetPaused};
pub(crate) use self::refresh::{Foresee, RefreshEnd, RefreshFiles, Which};
use self::refresh::{Turn, Turns};
use self::run::{Run, RunEnded, Site, WalkEnded};
use self::table::{Key, Phase, Table};
pub(crate) use self::table::{Restart, restart};
pub(crate) use self::workload::{TakeWorkload, WorkedOn};
use super::Vital;
use super::hub::feed::JobFeed;
use super::hub::{Hub, JobEnded, JobOpened, LastOf, StageBegan, StateChanged};
use super::storage::{Acquire, Awaited, Figures, Lease, Notice, Storage};
use crate::clock::now_ms;
use crate::config::Live;
use crate::convert::{failures, jobs};
use crate::memory;
use crate::registry::RegistryHandle;
use crate::telemetry::{Counters, Telemetry};
use crate::workers::WorkerPool;

/// How often the memory of daemon and workers is looked at while a job runs.
const MEMORY_EVERY: Duration = Duration::from_millis(100);

/// What a job takes beside its workers, in bytes, as measured on trees of 20,000 to 80,000 files.
const JOB_BYTES: u64 = 64 << 20;
/// What one more worker takes, in bytes, with the lane that feeds it.
const WORKER_BYTES: u64 = 32 << 20;

/// How jobs are run.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Worker processes of one job.
    pub(crate) workers: usize,
    /// What is allowed.
    pub(crate) live: Arc<Live>,
    /// The person's own global ignore file.
    pub(crate) global_excludes: Option<Arc<Path>>,
    /// Most stores open at once.
    pub(crate) open_projects_max: usize,
    /// Memory of daemon and workers together beyond which no second job begins, in bytes; `None` = no limit.
    pub(crate) memory_bytes_max: Option<u64>,
    /// What need not be parsed, whichever project it is in.
    pub(crate) cache: Arc<FactsCache>,
    /// What is counted.
    pub(crate) telemetry: Arc<Telemetry>,
}

/// Somebody who waits for a job that is being written down.
type Creation = (vigie_core::index::Budget, Option<u64>, oneshot::Sender<Result<Started, Failure>>);

/// The actor.
pub(crate) struct Indexer {
    table: Table,
    creating: BTreeMap<Key, Vec<Creation>>,
    left: BTreeSet<u64>,
    pools: BTreeMap<u64, Weak<WorkerPool>>,
    /// How many files each job works on, or worked on, at a time.
    lanes_of: BTreeMap<u64, usize>,
    turns: Turns,
    /// Where files are parsed that come without a job.
    single_files: Arc<WorkerPool>,
    /// Files that are parsed before anybody asks.
    ahead: Option<Ahead>,
    /// The workers that do, until the last has finished what it had begun.
    ahead_pool: Weak<WorkerPool>,
    /// Memory that refreshes freed is to be given back.
    is_memory_due: bool,
    found: Vec<(JobRecord, u16)>,
    settings: Settings,
    registry: RegistryHandle,
    storage: Addr<Storage>,
    hub: Addr<Hub>,
    sampling: Option<SpawnHandle>,
    paused: Option<oneshot::Sender<()>>,
    vital: Vital,
}

impl Indexer {
    /// The indexer; `found` are the jobs that an earlier life of the daemon left, with the share of each that is
    /// done.
    pub(crate) fn new(
        settings: Settings,
        found: Vec<(JobRecord, u16)>,
        registry: RegistryHandle,
        storage: Addr<Storage>,
        hub: Addr<Hub>,
        vital: Vital,
    ) -> Indexer {
        Indexer {
            table: Table::new(settings.open_projects_max),
            creating: BTreeMap::new(),
            left: BTreeSet::new(),
            pools: BTreeMap::new(),
            lanes_of: BTreeMap::new(),
            turns: Turns::default(),
            single_files: Arc::new(WorkerPool::for_single_files().counted(Arc::clone(&settings.telemetry))),
            ahead: None,
            ahead_pool: Weak::new(),
            is_memory_due: false,
            found,
            settings,
            registry,
            storage,
            hub,
            sampling: None,
            paused: None,
            vital,
        }
    }

    /// A job that is written down enters the table, and its first event goes out at once.
    fn admit(&mut self, record: JobRecord, permille: u16, owner: Option<u64>) {
        Counters::add(&self.settings.telemetry.counters.jobs_accepted, 1);
        let feed = JobFeed::new(Arc::new(JobControl::new(record.budget, permille)));
        let first = Box::new(ProgressEvent { permille, ..first_event(&record, now_ms()) });
        self.hub.do_send(JobOpened { feed: feed.clone(), first });
        self.table.insert(record, feed, owner);
    }

    /// Starts whatever may run.
    fn schedule(&mut self, ctx: &mut Context<Indexer>) {
        if self.paused.is_some() || self.vital.is_stopping() {
            return;
        }
        while let Some(job) = self.table.next() {
            if self.table.is_busy() && !self.has_room(JOB_BYTES) {
                // The end of another job looks again.
                return self.tell_waiting(job);
            }
            self.begin(job, ctx);
        }
    }

    /// Whether so much more memory may be used.
    fn has_room(&self, bytes: u64) -> bool {
        self.settings.memory_bytes_max.is_none_or(|max| self.memory_bytes() + bytes <= max)
    }

    /// Memory of daemon and workers, in bytes.
    fn memory_bytes(&self) -> u64 {
        let pools = self.pools.values().chain([&self.ahead_pool]).filter_map(Weak::upgrade);
        let workers: u64 = pools.flat_map(|pool| pool.pids()).map(memory::resident_bytes).sum();
        memory::own_resident_bytes() + workers
    }

    fn tell_waiting(&mut self, number: u64) {
        let max = self.settings.memory_bytes_max.unwrap_or(u64::MAX) >> 20;
        let message = format!("Waiting for another job to end: the daemon may use {max} MiB of memory");
        self.hub.do_send(StateChanged { job: number, state: wire::JobState::QUEUED, message });
    }

    /// How many files a job works on at a time: what it may, and what there is memory for.
    fn lanes(&self, budget: &Budget) -> usize {
        let wanted = budget.workers_max.map_or(self.settings.workers, |max| self.settings.workers.min(max as usize));
        let room = self.settings.memory_bytes_max.map_or(u64::MAX, |max| max.saturating_sub(self.memory_bytes()));
        let fitting = room.saturating_sub(JOB_BYTES) / WORKER_BYTES + 1;
        wanted.min(usize::try_from(fitting).unwrap_or(usize::MAX)).max(1)
    }

    fn begin(&mut self, number: u64, ctx: &mut Context<Indexer>) {
        let Some(job) = self.table.get_mut(number) else { return };
        job.phase = Phase::Running;
        job.record.state = JobState::Running;
        if job.record.started_ms == 0 {
            job.record.started_ms = now_ms();
        }
        let record = job.record.clone();
        let state = jobs::state(&record);
        let message = format!("Started: index {}", record.root.display());
        // On disk before the first step: a job under which the daemon dies at once must be found to have run.
        let written = self.registry.call(move |registry| registry.update_job(&record)).into_actor(self);
        ctx.spawn(written.map(move |written, indexer, ctx| {
            if let Err(failure) = written {
                tracing::error!(job = number, reason = failure.message, "a job's start was not written");
            }
            if indexer.table.get_mut(number).is_some_and(|job| !job.is_paused()) {
                indexer.hub.do_send(StateChanged { job: number, state, message });
            }
            indexer.walk(number, ctx);
        }));
    }

    fn walk(&mut self, number: u64, ctx: &mut Context<Indexer>) {
        let Some(site) = self.site(number) else { return };
        if let Err(e) = site.walk(ctx.address().recipient()) {
            self.ran(number, no_thread(&e), ctx);
        }
    }

    fn site(&mut self, number: u64) -> Option<Site> {
        let job = self.table.get_mut(number)?;
        Some(Site {
            job: number,
            root: job.record.root.as_path().into(),
            feed: job.feed.clone(),
            live: Arc::clone(&self.settings.live),
            global_excludes: self.settings.global_excludes.clone(),
            hub: self.hub.clone(),
            telemetry: Arc::clone(&self.settings.telemetry),
        })
    }

    /// Begins a job anew whose store turned out to be damaged: it is set aside when it is opened again.
    fn rebuild(&mut self, number: u64, ctx: &mut Context<Indexer>) {
        tracing::warn!(job = number, "the store is damaged; it is set aside and rebuilt");
        self.walk(number, ctx);
    }

    /// The first walk is over: asks for the project's store.
    fn walked(&mut self, number: u64, collected: Collected, ctx: &mut Context<Indexer>) {
        let Some(job) = self.table.get_mut(number) else { return };
        let (root, stopped) = (job.record.root.clone(), job.stopped.clone());
        let turn = self.turns.take(&root);
        let acquire = self.storage.send(Acquire { root, job: Some((number, ctx.address().recipient())) });
        let lease = async move {
            let lease = async { Ok((acquire.await.unwrap_or_else(|_| Err(failures::unavailable()))?, turn.await)) };
            tokio::select! {
                biased;
                () = stopped.notified() => None,
                lease = lease => Some(lease),
            }
        };
        ctx.spawn(lease.into_actor(self).map(move |lease, indexer, ctx| match lease {
            None => indexer.ran(number, Ran::Stopped, ctx),
            Some(Err(failure)) => indexer.ran(number, Ran::NoStore(failure), ctx),
            Some(Ok((lease, turn))) => indexer.run(number, lease, turn, collected, ctx),
        }));
    }

    fn run(&mut self, number: u64, lease: Lease, turn: Turn, collected: Collected, ctx: &mut Context<Indexer>) {
        // What is begun is finished while the job reads, and seldom parsed twice.
        self.ahead = None;
        let Some(site) = self.site(number) else { return };
        let Some(job) = self.table.get_mut(number) else { return };
        let (force, job_budget) = (job.record.force, job.record.budget);
        let lanes = self.lanes(&job_budget);
        let pool = WorkerPool::new(lanes, site.feed.control.clone()).counted(Arc::clone(&self.settings.telemetry));
        let pool = Arc::new(pool);
        self.pools.insert(number, Arc::downgrade(&pool));
        self.lanes_of.insert(number, lanes);
        let run = Run {
            site,
            spec: JobSpec { job: number, force },
            collected,
            lease,
            turn,
            extractors: pool,
            lanes,
            cache: Arc::clone(&self.settings.cache),
            ended: ctx.address().recipient(),
        };
        if let Err(e) = run.start() {
            self.ran(number, no_thread(&e), ctx);
        }
        // A job that is done before the sampler's first look has a peak too.
        self.sample_memory();
        if self.sampling.is_none() {
            self.sampling = Some(ctx.run_interval(MEMORY_EVERY, |indexer, _| indexer.sample_memory()));
        }
    }

    fn sample_memory(&mut self) {
        let own = memory::own_resident_bytes();
        for job in self.table.iter().filter(|job| job.phase == Phase::Running) {
            let pids = self.pools.get(&job.record.job).and_then(Weak::upgrade).map(|pool| pool.pids());
            let workers: u64 = pids.into_iter().flatten().map(memory::resident_bytes).sum();
            job.feed.control.note_memory(own + workers);
        }
    }

    /// A run is over: decides what that means and, if it is the job's end, writes it down before anybody hears of it.
    fn ran(&mut self, number: u64, ran: Ran, ctx: &mut Context<Indexer>) {
        if let Some(job) = self.table.get_mut(number)
            && !(job.is_stopping && ran.is_halt())
        {
            job.phase = Phase::Ending;
        }
        self.pools.remove(&number);
        if self.pools.is_empty()
            && let Some(sampling) = self.sampling.take()
        {
            ctx.cancel_future(sampling);
        }
        let last = self.hub.send(LastOf(number)).into_actor(self);
        ctx.spawn(last.map(move |last, indexer, ctx| indexer.conclude(number, &ran, last.ok().flatten(), ctx)));
    }

    fn conclude(&mut self, number: u64, ran: &Ran, last: Option<ProgressEvent>, ctx: &mut Context<Indexer>) {
        let Some(job) = self.table.get_mut(number) else { return };
        let now = now_ms();
        let last = last.unwrap_or_else(|| first_event(&job.record, now));
        match verdict(ran, &job.record, &job.cancelled_by, &job.feed.control, last, now) {
            Verdict::Interrupted => self.interrupt(number, ctx),
            Verdict::Ended(event) => self.end(number, event, ctx),
        }
    }

    fn end(&mut self, number: u64, event: Box<ProgressEvent>, ctx: &mut Context<Indexer>) {
        let Some(job) = self.table.get_mut(number) else { return };
        job.phase = Phase::Ending;
        job.record.state = state_of(&event);
        job.record.ended_ms = event.timestamp_ms;
        job.record.terminal = wire::encode(&*event).unwrap_or_default();
        let record = job.record.clone();
        self.tell_end(&record, &event);
        let written = self.registry.call(move |registry| registry.update_job(&record)).into_actor(self);
        ctx.spawn(written.map(move |written, indexer, ctx| {
            if let Err(failure) = written {
                tracing::error!(job = number, reason = failure.message, "a job's end was not written");
            }
            indexer.ended(number, event, ctx);
        }));
    }

    /// One line of the log for each job, with its figures.
    fn tell_end(&self, record: &JobRecord, event: &ProgressEvent) {
        let Counters { jobs_done, jobs_failed, jobs_cancelled, .. } = &self.settings.telemetry.counters;
        Counters::add(
            match record.state {
                JobState::Done => jobs_done,
                JobState::Cancelled => jobs_cancelled,
                _ => jobs_failed,
            },
            1,
        );
        let stats = event.stats.clone().unwrap_or_default();
        tracing::info!(
            job = record.job,
            root = %record.root.display(),
            state = event.state.name(),
            kind = wire::JobKind(record.kind).name(),
            force = record.force,
            files = stats.files_seen,
            indexed = stats.files_indexed,
            cached = stats.files_cached,
            failed = stats.files_failed,
            bytes = stats.bytes,
            ms = stats.elapsed_ms,
            waited_ms = record.started_ms.saturating_sub(record.accepted_ms),
            text_ready_ms = stats.text_ready_ms,
            peak_memory_bytes = stats.peak_memory_bytes,
            workers = self.lanes_of.get(&record.job).copied().unwrap_or(0),
            limit = stats.limit.name(),
            store_bytes = stats.store_bytes,
            generation = stats.generation,
            "job ended"
        );
    }

    fn ended(&mut self, number: u64, event: Box<ProgressEvent>, ctx: &mut Context<Indexer>) {
        self.lanes_of.remove(&number);
        let Some(job) = self.table.remove(number) else { return };
        for waiting in job.waiting {
            // Whoever waited may have gone.
            let _gone = waiting.send((*event).clone());
        }
        self.hub.do_send(JobEnded(event));
        self.schedule(ctx);
        self.notify_if_paused();
    }

    fn interrupt(&mut self, number: u64, ctx: &mut Context<Indexer>) {
        let is_leaving = self.paused.is_some() || self.vital.is_stopping();
        if self.table.get_mut(number).is_some_and(|job| job.is_stopping && !is_leaving) {
            return self.park(number, ctx);
        }
        self.lanes_of.remove(&number);
        let Some(mut job) = self.table.remove(number) else { return };
        if job.is_paused() {
            // It is written down as that, and stays so.
            return self.notify_if_paused();
        }
        job.record.state = JobState::Interrupted;
        let state = jobs::state(&job.record);
        let record = job.record;
        tracing::info!(job = number, root = %record.root.display(), "job interrupted");
        let written = self.registry.call(move |registry| registry.update_job(&record)).into_actor(self);
        ctx.spawn(written.map(move |written, indexer, _| {
            if let Err(failure) = written {
                tracing::error!(job = number, reason = failure.message, "an interruption was not written");
            }
            let message = "Interrupted: the daemon stops; the job goes on at its next start".to_owned();
            indexer.hub.do_send(StateChanged { job: number, state, message });
            indexer.notify_if_paused();
        }));
    }

    fn notify_if_paused(&mut self) {
        if !self.table.is_busy()
            && let Some(paused) = self.paused.take()
        {
            // Lifecycle waits, or its patience has ended.
            let _gone = paused.send(());
        }
    }
}

impl Actor for Indexer {
    type Context = Context<Indexer>;

    fn started(&mut self, ctx: &mut Self::Context) {
        for (record, permille) in std::mem::take(&mut self.found) {
            let (root, is_paused) = (record.root.display(), record.state == JobState::Paused);
            tracing::info!(job = record.job, %root, deaths = record.deaths, is_paused, "job goes on");
            self.admit(record, permille, None);
        }
        self.schedule(ctx);
    }
}

/// From now on jobs are run so.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct SetLimits {
    /// Worker processes of one job, of those that begin from now on.
    pub(crate) workers: usize,
    /// Most stores open at once.
    pub(crate) open_projects_max: usize,
}

impl Handler<SetLimits> for Indexer {
    type Result = ();

    fn handle(&mut self, limits: SetLimits, ctx: &mut Self::Context) {
        let SetLimits { workers, open_projects_max } = limits;
        self.settings = Settings { workers, open_projects_max, ..self.settings.clone() };
        self.table.set_open_max(open_projects_max);
        self.schedule(ctx);
    }
}

impl Handler<Notice> for Indexer {
    type Result = ();

    fn handle(&mut self, notice: Notice, _: &mut Self::Context) {
        let Some(job) = self.table.get_mut(notice.job) else { return };
        let (stage, message) = match notice.what {
            Awaited::Switch(sentence) => (Stage::SwitchingProjects, sentence),
            Awaited::Open => (Stage::LoadingStorage, format!("Opening the index of {}", job.record.root.display())),
        };
        let progress = job.feed.control.progress();
        self.hub.do_send(StageBegan { job: notice.job, stage, progress, message });
    }
}

impl Handler<WalkEnded> for Indexer {
    type Result = ();

    fn handle(&mut self, ended: WalkEnded, ctx: &mut Self::Context) {
        match ended.walked {
            Ok(collected) => self.walked(ended.job, collected, ctx),
            Err(ran) => self.ran(ended.job, *ran, ctx),
        }
    }
}

impl Handler<RunEnded> for Indexer {
    type Result = ();

    fn handle(&mut self, ended: RunEnded, ctx: &mut Self::Context) {
        let root = self.table.get_mut(ended.job).map(|job| job.record.root.clone());
        if let (Some(root), Some(summary)) = (root, ended.summary) {
            self.storage.do_send(Figures { root, summary, is_milestone: true });
        }
        let is_damaged = matches!(ended.ran, Ran::ToEnd(Err(IndexError::Store(StoreError::Corrupt { .. }))));
        if let Some(job) = self.table.get_mut(ended.job)
            && is_damaged
            && !std::mem::replace(&mut job.is_rebuilding, true)
        {
            return self.rebuild(ended.job, ctx);
        }
        self.ran(ended.job, ended.ran, ctx);
    }
}

fn no_thread(error: &std::io::Error) -> Ran {
    Ran::NoStore(failures::internal(&format!("a thread for the job cannot be started: {error}")))
}
