//! The hub numbers state events, keeps those that a cursor may ask for, and tells every subscriber. Jobs' threads never wait
//! for it: it fetches their counters ten times a second while there is a job.

pub(crate) mod feed;

pub(crate) mod log;

mod rate;

mod view;

mod board;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, AsyncContext, Context, Handler, MessageResult, SpawnHandle};
use vigie_core::index::Progress;
use vigie_core::kinds::Stage;
use vigie_proto::{Bytes, JobState, ProgressEvent, ProjectEventType, Tier};

use self::board::{Board, Subscribed, Wish, project_event};
use self::feed::JobFeed;
use self::log::{EVENTS_MAX, EventLog};
use super::Vital;
use crate::clock::now_ms;
use crate::convert::progress::{fill_counters, stage};

pub(crate) use self::board::{Begin, Wish as Subscribe};
pub(crate) use self::log::Filter;

/// How often counters are looked at.
const TICK: Duration = Duration::from_millis(100);

/// The actor.
#[derive(Debug)]
pub(crate) struct Hub {
    board: Board,
    ticking: Option<SpawnHandle>,
    _vital: Vital,
}

impl Hub {
    /// The hub of this epoch.
    pub(crate) fn new(epoch: u64, vital: Vital) -> Hub {
        Hub { board: Board::new(EventLog::new(epoch, EVENTS_MAX)), ticking: None, _vital: vital }
    }

    /// The clock runs only while a job moves: an idle daemon sleeps.
    fn set_clock(&mut self, ctx: &mut Context<Hub>) {
        match (self.board.has_moving_jobs(), self.ticking) {
            (true, None) => {
                let tick = |hub: &mut Hub, _: &mut Context<Hub>| hub.board.tick(Instant::now(), now_ms());
                self.ticking = Some(ctx.run_interval(TICK, tick));
            }
            (false, Some(clock)) => {
                ctx.cancel_future(clock);
                self.ticking = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
}

impl Actor for Hub {
    type Context = Context<Hub>;
}

/// A job was accepted and written down; its first event.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct JobOpened {
    /// Its counters.
    pub(crate) feed: Arc<JobFeed>,
    /// What to publish.
    pub(crate) first: Box<ProgressEvent>,
}

impl Handler<JobOpened> for Hub {
    type Result = ();

    fn handle(&mut self, opened: JobOpened, ctx: &mut Self::Context) {
        self.board.open(opened.feed, *opened.first);
        self.set_clock(ctx);
    }
}

/// A job enters a stage.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct StageBegan {
    /// The job.
    pub(crate) job: u64,
    /// The stage.
    pub(crate) stage: Stage,
    /// Its counters at that moment.
    pub(crate) progress: Progress,
    /// A sentence for people.
    pub(crate) message: String,
}

impl Handler<StageBegan> for Hub {
    type Result = ();

    fn handle(&mut self, began: StageBegan, _: &mut Self::Context) {
        self.board.change(began.job, |event| {
            event.stage = stage(began.stage);
            (event.current, event.total, event.bytes) = (0, 0, 0);
            event.rate_milli = 0;
            event.message = began.message;
            event.timestamp_ms = now_ms();
            fill_counters(event, &began.progress);
        });
    }
}

/// A job's state changes: it runs, is joined, is being cancelled.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct StateChanged {
    /// The job.
    pub(crate) job: u64,
    /// Its state now.
    pub(crate) state: JobState,
    /// A sentence for people.
    pub(crate) message: String,
}

impl Handler<StateChanged> for Hub {
    type Result = ();

    fn handle(&mut self, changed: StateChanged, ctx: &mut Self::Context) {
        self.board.change(changed.job, |event| {
            event.state = changed.state;
            event.message = changed.message;
            event.timestamp_ms = now_ms();
        });
        if changed.state == JobState::INTERRUPTED {
            self.board.leave(changed.job);
        }
        self.set_clock(ctx);
    }
}

/// A job's next run has other counters.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct JobRenewed {
    /// The job.
    pub(crate) job: u64,
    /// They.
    pub(crate) feed: Arc<JobFeed>,
}

impl Handler<JobRenewed> for Hub {
    type Result = ();

    fn handle(&mut self, JobRenewed { job, feed }: JobRenewed, _: &mut Self::Context) {
        self.board.renew(job, feed);
    }
}

/// A job has ended, and its end is on disk.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct JobEnded(pub(crate) Box<ProgressEvent>);

impl Handler<JobEnded> for Hub {
    type Result = ();

    fn handle(&mut self, JobEnded(event): JobEnded, ctx: &mut Self::Context) {
        self.board.end(*event);
        self.set_clock(ctx);
    }
}

/// Something happened to a project.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct ProjectChanged {
    /// What.
    pub(crate) r#type: ProjectEventType,
    /// Canonical root.
    pub(crate) root: Bytes,
    /// Generation of its index.
    pub(crate) generation: u64,
    /// Which files the generation changed, if it is known.
    pub(crate) changed: Changed,
    /// A sentence for people.
    pub(crate) message: String,
}

/// Files that a generation changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    /// None: something else happened to the project.
    None,
    /// These, relative to the root, each up to this tier.
    Paths(Tier, Vec<Bytes>),
    /// More than are named, up to this tier.
    Many(Tier),
}

impl Handler<ProjectChanged> for Hub {
    type Result = ();

    fn handle(&mut self, changed: ProjectChanged, _: &mut Self::Context) {
        self.board.project(project_event(changed));
    }
}

impl actix::Message for Wish {
    type Result = Option<Subscribed>;
}

impl Handler<Wish> for Hub {
    type Result = MessageResult<Wish>;

    fn handle(&mut self, wish: Wish, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.board.subscribe(wish))
    }
}

/// A subscriber leaves.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct Unsubscribe(pub(crate) u64);

impl Handler<Unsubscribe> for Hub {
    type Result = ();

    fn handle(&mut self, Unsubscribe(subscription): Unsubscribe, _: &mut Self::Context) {
        self.board.unsubscribe(subscription);
    }
}

/// Asks for the last event of a job that has not ended.
#[derive(Debug, actix::Message)]
#[rtype(result = "Option<ProgressEvent>")]
pub(crate) struct LastOf(pub(crate) u64);

impl Handler<LastOf> for Hub {
    type Result = Option<ProgressEvent>;

    fn handle(&mut self, LastOf(job): LastOf, _: &mut Self::Context) -> Self::Result {
        self.board.last(job)
    }
}

/// Asks for the last event of every job that has not ended, and for the cursor of now.
#[derive(Debug, actix::Message)]
#[rtype(result = "vigie_proto::Snapshot")]
pub(crate) struct Now;

impl Handler<Now> for Hub {
    type Result = MessageResult<Now>;

    fn handle(&mut self, _: Now, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.board.snapshot(&Filter::All))
    }
}
