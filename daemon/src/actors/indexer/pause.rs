//! Pausing and resuming jobs. A job that is paused is written down as that, lets go of its thread, workers and store, and stays in the
//! table; its next run has a control of its own, since whoever waited for something of the last one was told that it is over.

use std::sync::Arc;

use actix::{ActorFutureExt, Context, Handler, ResponseActFuture, WrapFuture};
use vigie_core::index::JobControl;
use vigie_core::store::registry::JobState;
use vigie_proto::{self as wire, Failure, ProgressEvent};

use super::table::{Met, Phase};
use super::{Indexer, StateChanged};
use crate::actors::hub::JobRenewed;
use crate::actors::hub::feed::JobFeed;
use crate::convert::jobs;

/// Pauses a job, or has a paused one go on.
#[derive(Debug, actix::Message)]
#[rtype(result = "Result<Halted, Failure>")]
pub(crate) struct SetPaused {
    /// Which.
    pub(crate) job: u64,
    /// Whether it is to be paused.
    pub(crate) paused: bool,
    /// On whose behalf.
    pub(crate) by: String,
}

/// What that met.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Halted {
    /// It stands so now, and that is written down.
    Stands(wire::JobState),
    /// The job ended with this event.
    Ended(Box<ProgressEvent>),
    /// The job is not among those that have not ended.
    Unknown,
}

impl Handler<SetPaused> for Indexer {
    type Result = ResponseActFuture<Indexer, Result<Halted, Failure>>;

    fn handle(&mut self, set: SetPaused, _: &mut Self::Context) -> Self::Result {
        let SetPaused { job, paused, by } = set;
        let met = if paused { self.table.pause(job) } else { self.table.resume(job) };
        match met {
            Met::Unknown => Box::pin(actix::fut::ready(Ok(Halted::Unknown))),
            Met::Ending => {
                let end = self.event_of_end(job);
                Box::pin(actix::fut::wrap_future(async move { end.await.map(Halted::Ended) }))
            }
            Met::Cancelling => Box::pin(actix::fut::ready(Ok(Halted::Stands(wire::JobState::CANCELLING)))),
            Met::Same => self.write_halt(job, None),
            Met::Idle | Met::AtWork => {
                if met == Met::Idle && paused {
                    self.renew(job);
                }
                if paused {
                    tracing::info!(job, by, "job paused");
                } else {
                    tracing::info!(job, by, "job resumed");
                }
                let message = if paused {
                    format!("Paused by `{by}`; `vigie resume {job}` has it go on")
                } else {
                    format!("Resumed by `{by}`")
                };
                self.write_halt(job, Some(message))
            }
        }
    }
}

impl Indexer {
    /// Writes down how a job stands, and tells of it if there is something to tell.
    fn write_halt(&mut self, job: u64, message: Option<String>) -> ResponseActFuture<Indexer, Result<Halted, Failure>> {
        let Some(record) = self.table.get_mut(job).map(|job| job.record.clone()) else {
            return Box::pin(actix::fut::ready(Ok(Halted::Unknown)));
        };
        let state = jobs::state(&record);
        let written = self.registry.call(move |registry| registry.update_job(&record)).into_actor(self);
        Box::pin(written.map(move |written, indexer, ctx| {
            written?;
            if let Some(message) = message {
                indexer.hub.do_send(StateChanged { job, state, message });
            }
            // Only now a job that is resumed may run: its start is told after this.
            indexer.schedule(ctx);
            Ok(Halted::Stands(state))
        }))
    }

    /// A paused job's thread has stopped: sets the job aside, or has it wait for its turn if it was resumed meanwhile.
    pub(super) fn park(&mut self, number: u64, ctx: &mut Context<Indexer>) {
        let Some(job) = self.table.get_mut(number) else { return };
        let is_paused = job.is_paused();
        job.is_stopping = false;
        job.is_rebuilding = false;
        job.phase = if is_paused { Phase::Paused } else { Phase::Queued };
        if !is_paused {
            job.record.state = JobState::Queued;
        }
        tracing::info!(job = number, root = %job.record.root.display(), is_paused, "job halted");
        self.renew(number);
        self.schedule(ctx);
        self.notify_if_paused();
    }

    /// Gives a job of which nothing runs what its next run needs.
    fn renew(&mut self, number: u64) {
        let Some(job) = self.table.get_mut(number) else { return };
        let control = &job.feed.control;
        control.close();
        job.feed = JobFeed::new(Arc::new(JobControl::new(job.record.budget, control.progress().permille)));
        // The old one may hold a notice that nobody has read.
        job.stopped = Arc::default();
        self.hub.do_send(JobRenewed { job: number, feed: Arc::clone(&job.feed) });
    }
}
