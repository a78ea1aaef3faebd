//! What sessions and lifecycle ask of the indexer.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use actix::{ActorFutureExt, AsyncContext, Context, Handler, ResponseActFuture, ResponseFuture, WrapFuture};
use tokio::sync::oneshot;
use vigie_core::index::{Budget, JobControl};
use vigie_core::store::registry::JobRecord;
use vigie_proto::{Failure, JobState, ProgressEvent};

use super::ending::Ran;
use super::pause::SetPaused;
use super::table::{Cancel, JOBS_MAX, Key, Leaving, Phase};
use super::{Indexer, StateChanged};
use crate::clock::now_ms;
use crate::convert::failures;

/// When a request that found the table full may be sent again, in milliseconds.
const FULL_RETRY_MS: u32 = 2000;

/// Asks for a job, or to join the one that does the same.
#[derive(Debug, actix::Message)]
#[rtype(result = "Result<Started, Failure>")]
pub(crate) struct StartJob {
    /// Canonical, checked, registered root.
    pub(crate) root: PathBuf,
    /// Number of the kind on the wire.
    pub(crate) kind: u16,
    /// Read and parse every file again.
    pub(crate) force: bool,
    /// Limits.
    pub(crate) budget: Budget,
    /// Whose leaving ends the job.
    pub(crate) owner: Option<u64>,
    /// Who asks, if it is a person or a program and not the daemon itself: then a paused job that does the same goes on.
    pub(crate) by: Option<String>,
}

/// The job is known and written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Started {
    /// Its id.
    pub(crate) job: u64,
    /// An identical one was joined.
    pub(crate) joined: bool,
    /// It was paused, and goes on now.
    pub(crate) resumed: bool,
}

impl Handler<StartJob> for Indexer {
    type Result = ResponseFuture<Result<Started, Failure>>;

    fn handle(&mut self, start: StartJob, ctx: &mut Self::Context) -> Self::Result {
        if self.paused.is_some() || self.vital.is_stopping() {
            return Box::pin(async { Err(failures::unavailable()) });
        }
        let StartJob { root, kind, force, budget, owner, by } = start;
        if by.is_none()
            && let Some(job) = self.table.paused_of(&root)
        {
            // What somebody has paused is not done by another job instead.
            return Box::pin(async move { Ok(Started { job, joined: true, resumed: false }) });
        }
        let key = Key { root, kind, force };
        if let Some((job, joined)) = self.join(&key, budget, owner) {
            let Some(by) = by.filter(|_| self.table.get_mut(job).is_some_and(|job| job.is_paused())) else {
                return joined;
            };
            let resumed = ctx.address().send(SetPaused { job, paused: false, by });
            return Box::pin(async move {
                let started = joined.await?;
                resumed.await.map_err(|_| failures::unavailable())??;
                Ok(Started { resumed: true, ..started })
            });
        }
        let (answer, answered) = oneshot::channel();
        if self.table.len() + self.creating.len() >= JOBS_MAX {
            return Box::pin(async { Err(failures::busy("too many jobs wait", FULL_RETRY_MS)) });
        }
        match self.creating.get_mut(&key) {
            Some(waiting) => waiting.push((budget, owner, answer)),
            None => self.create(key, (budget, owner, answer), ctx),
        }
        Box::pin(async move { answered.await.unwrap_or_else(|_| Err(failures::unavailable())) })
    }
}

impl Indexer {
    /// Joins an identical job. A larger budget is written down before the join is acknowledged.
    fn join(
        &mut self,
        key: &Key,
        budget: Budget,
        owner: Option<u64>,
    ) -> Option<(u64, ResponseFuture<Result<Started, Failure>>)> {
        let (job, changed) = self.table.join(key, budget, owner)?;
        let entry = self.table.get_mut(job)?;
        let (record, state) = (entry.record.clone(), crate::convert::jobs::state(&entry.record));
        let message = "Joined by another request: the tree is walked once more before the end".to_owned();
        self.hub.do_send(StateChanged { job, state, message });
        let started = Started { job, joined: true, resumed: false };
        if !changed {
            return Some((job, Box::pin(async move { Ok(started) })));
        }
        let written = self.registry.call(move |registry| registry.update_job(&record));
        Some((job, Box::pin(async move { written.await.map(|()| started) })))
    }

    /// Writes a new job down; requests like it that come meanwhile wait for that and join.
    fn create(&mut self, key: Key, first: super::Creation, ctx: &mut Context<Indexer>) {
        let budget = first.0;
        self.creating.insert(key.clone(), vec![first]);
        let created = {
            let key = key.clone();
            self.registry.call(move |registry| registry.create_job(&key.root, key.kind, key.force, budget, now_ms()))
        };
        let created = created.into_actor(self);
        ctx.spawn(created.map(move |created, indexer, ctx| indexer.created(&key, created, ctx)));
    }

    fn created(&mut self, key: &Key, created: Result<JobRecord, Failure>, ctx: &mut Context<Indexer>) {
        let mut waiting = self.creating.remove(key).unwrap_or_default().into_iter();
        let Some((budget, owner, answer)) = waiting.next() else { return };
        let record = match created {
            Ok(record) => record,
            Err(failure) => {
                for (_, owner, answer) in std::iter::once((budget, owner, answer)).chain(waiting) {
                    owner.map(|owner| self.left.remove(&owner));
                    let _gone = answer.send(Err(failure.clone()));
                }
                return;
            }
        };
        let job = record.job;
        self.admit(record, 0, owner);
        let owners: Vec<u64> =
            owner.into_iter().chain(waiting.as_slice().iter().filter_map(|(_, its, _)| *its)).collect();
        // Whoever asked may have gone; its job goes on unless it was owned.
        let _gone = answer.send(Ok(Started { job, joined: false, resumed: false }));
        for (budget, owner, answer) in waiting {
            if let Some((_, joined)) = self.join(key, budget, owner) {
                actix_rt::spawn(async move { answer.send(joined.await) });
            }
        }
        for owner in owners.into_iter().filter(|owner| self.left.remove(owner)) {
            ctx.notify(OwnerLeaves(owner));
        }
        self.schedule(ctx);
    }
}

/// Ends a job for everybody.
#[derive(Debug, actix::Message)]
#[rtype(result = "Result<Cancelled, Failure>")]
pub(crate) struct CancelJob {
    /// Which.
    pub(crate) job: u64,
    /// On whose behalf.
    pub(crate) by: String,
}

/// What a cancel met.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cancelled {
    /// It is written down, and the job is stopping.
    Acknowledged,
    /// The job ended with this event.
    Ended(Box<ProgressEvent>),
    /// The job is not among those that have not ended.
    Unknown,
}

impl Handler<CancelJob> for Indexer {
    type Result = ResponseActFuture<Indexer, Result<Cancelled, Failure>>;

    fn handle(&mut self, cancel: CancelJob, ctx: &mut Self::Context) -> Self::Result {
        let CancelJob { job, by } = cancel;
        match self.table.cancel(job, &by) {
            Cancel::Unknown => Box::pin(actix::fut::ready(Ok(Cancelled::Unknown))),
            Cancel::Queued => {
                let end = self.end_of(job);
                self.ran(job, Ran::Stopped, ctx);
                Box::pin(actix::fut::wrap_future(end))
            }
            Cancel::Ending => Box::pin(actix::fut::wrap_future(self.end_of(job))),
            Cancel::Running => self.acknowledge(job, &by),
        }
    }
}

impl Indexer {
    fn end_of(&mut self, job: u64) -> impl Future<Output = Result<Cancelled, Failure>> + 'static {
        let end = self.event_of_end(job);
        async move { end.await.map(Cancelled::Ended) }
    }

    /// Resolves with a job's terminal event once it has ended.
    pub(super) fn event_of_end(
        &mut self,
        job: u64,
    ) -> impl Future<Output = Result<Box<ProgressEvent>, Failure>> + 'static {
        let (told, end) = oneshot::channel();
        if let Some(job) = self.table.get_mut(job) {
            job.waiting.push(told);
        }
        async move { end.await.map(Box::new).map_err(|_| failures::unavailable()) }
    }

    fn acknowledge(&mut self, job: u64, by: &str) -> ResponseActFuture<Indexer, Result<Cancelled, Failure>> {
        let Some(record) = self.table.get_mut(job).map(|job| job.record.clone()) else {
            return Box::pin(actix::fut::ready(Ok(Cancelled::Unknown)));
        };
        let message = format!("Cancelling: asked by {by}");
        let written = self.registry.call(move |registry| registry.update_job(&record)).into_actor(self);
        Box::pin(written.map(move |written, indexer, _| {
            written?;
            indexer.hub.do_send(StateChanged { job, state: JobState::CANCELLING, message });
            Ok(Cancelled::Acknowledged)
        }))
    }
}

/// An owner is gone: its job is cancelled if nobody else wants it.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct OwnerLeaves(pub(crate) u64);

impl Handler<OwnerLeaves> for Indexer {
    type Result = ();

    fn handle(&mut self, OwnerLeaves(owner): OwnerLeaves, ctx: &mut Self::Context) {
        match self.table.owner_leaves(owner) {
            Leaving::Last(job) => {
                let cancelled = ctx.address().send(CancelJob { job, by: "its owner, who left".to_owned() });
                actix_rt::spawn(async move {
                    if let Ok(Err(failure)) = cancelled.await {
                        tracing::error!(reason = failure.message, "a cancel was not written");
                    }
                });
            }
            Leaving::OthersStay => {}
            Leaving::Unknown => {
                // Its job may be on its way into the table: then it leaves as soon as that is there.
                let is_coming = |waiting: &Vec<super::Creation>| waiting.iter().any(|(_, its, _)| *its == Some(owner));
                if self.creating.values().any(is_coming) {
                    self.left.insert(owner);
                }
            }
        }
    }
}

/// Asks for the records of all jobs that have not ended, oldest first.
#[derive(Debug, actix::Message)]
#[rtype(result = "Vec<JobRecord>")]
pub(crate) struct ListActive;

impl Handler<ListActive> for Indexer {
    type Result = Vec<JobRecord>;

    fn handle(&mut self, _: ListActive, _: &mut Self::Context) -> Self::Result {
        let rank = |phase: Phase| match phase {
            Phase::Running | Phase::Ending => 0,
            Phase::Queued => 1,
            Phase::Paused => 2,
        };
        let mut jobs: Vec<_> = self.table.iter().collect();
        jobs.sort_by_key(|job| rank(job.phase));
        jobs.into_iter().map(|job| job.record.clone()).collect()
    }
}

/// Asks which jobs of a project have not ended.
#[derive(Debug, actix::Message)]
#[rtype(result = "Active")]
pub(crate) struct ActiveOf(pub(crate) PathBuf);

/// Jobs of a project that have not ended, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, actix::MessageResponse)]
pub(crate) struct Active {
    /// At work, or waiting for their turn: they will end by themselves.
    pub(crate) moving: Vec<u64>,
    /// Paused.
    pub(crate) paused: Vec<u64>,
}

impl Handler<ActiveOf> for Indexer {
    type Result = Active;

    fn handle(&mut self, ActiveOf(root): ActiveOf, _: &mut Self::Context) -> Self::Result {
        let mut active = Active::default();
        for job in self.table.iter().filter(|job| job.record.root == root) {
            let jobs = if job.is_paused() { &mut active.paused } else { &mut active.moving };
            jobs.push(job.record.job);
        }
        active
    }
}

/// Asks for the control of the job that a project has, the oldest if it has several. One that is paused brings nothing about.
#[derive(Debug, actix::Message)]
#[rtype(result = "Option<Arc<JobControl>>")]
pub(crate) struct ControlOf(pub(crate) PathBuf);

impl Handler<ControlOf> for Indexer {
    type Result = Option<Arc<JobControl>>;

    fn handle(&mut self, ControlOf(root): ControlOf, _: &mut Self::Context) -> Self::Result {
        let mut jobs = self.table.iter().filter(|job| job.record.root == root && !job.is_paused());
        jobs.next().map(|job| Arc::clone(&job.feed.control))
    }
}

/// Resolves when a job has ended, or when it is paused.
#[derive(Debug, actix::Message)]
#[rtype(result = "Waited")]
pub(crate) struct WaitEnd(pub(crate) u64);

/// What came of waiting for a job's end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Waited {
    /// It ended with this event.
    Ended(Box<ProgressEvent>),
    /// It is not here: it has ended before.
    NotHere,
    /// It is paused, or the daemon stops under it.
    Halted,
}

impl Handler<WaitEnd> for Indexer {
    type Result = ResponseFuture<Waited>;

    fn handle(&mut self, WaitEnd(job): WaitEnd, _: &mut Self::Context) -> Self::Result {
        let end = match self.table.get_mut(job) {
            None => return Box::pin(async { Waited::NotHere }),
            Some(job) if job.is_paused() => return Box::pin(async { Waited::Halted }),
            Some(job) => {
                let (told, end) = oneshot::channel();
                job.waiting.push(told);
                end
            }
        };
        Box::pin(async move { end.await.map_or(Waited::Halted, |event| Waited::Ended(Box::new(event))) })
    }
}

/// Interrupts every job and resolves when none is at work; from now on none is accepted.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct Pause;

impl Handler<Pause> for Indexer {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Pause, _: &mut Self::Context) -> Self::Result {
        let (paused, all_paused) = oneshot::channel();
        self.paused = Some(paused);
        self.ahead = None;
        self.table.interrupt();
        self.notify_if_paused();
        Box::pin(async move {
            let _dropped = all_paused.await;
        })
    }
}
