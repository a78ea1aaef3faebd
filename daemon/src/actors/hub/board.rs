//! The hub's plain code: it publishes events to subscribers' outboxes, answers late comers with a snapshot and what follows it
//! in one step, and ends streams. It never waits: a subscriber that is too slow begins again from a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;
use vigie_proto::{
    EventType, Ext, Failure, FileEvent, Message, ProgressEvent, ProjectEvent, ProjectEventType, Resync, Snapshot,
    Stage, Tier, frame_bytes,
};

use super::feed::JobFeed;
use super::log::{EventLog, Filter, StateEvent};
use super::view::JobView;
use super::{Changed, ProjectChanged};
use crate::actors::session::ticket::Ticket;

/// Where a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// With a snapshot of now.
    Now,
    /// With the one job's first event, if it is retained; else with a snapshot of now.
    Start,
    /// After the last state event seen in an epoch.
    After(u64, u64),
}

/// What somebody subscribes with.
#[derive(Debug)]
pub(crate) struct Wish {
    /// Which events.
    pub(crate) filter: Filter,
    /// Where it begins.
    pub(crate) from: Begin,
    /// Per-file events too.
    pub(crate) files: bool,
    /// Where the stream goes.
    pub(crate) ticket: Arc<Ticket>,
}

/// A subscription; its stream's end closes the channel.
#[derive(Debug)]
pub(crate) struct Subscribed {
    /// Its number, to end it by.
    pub(crate) subscription: u64,
    /// Resolves when the stream has ended.
    pub(crate) ended: oneshot::Receiver<()>,
}

#[derive(Debug)]
struct Subscriber {
    filter: Filter,
    files: bool,
    ticket: Arc<Ticket>,
    _ended: oneshot::Sender<()>,
}

/// All jobs that have not ended, all events retained, all subscribers.
#[derive(Debug)]
pub(crate) struct Board {
    log: EventLog,
    jobs: BTreeMap<u64, JobView>,
    subscribers: BTreeMap<u64, Subscriber>,
    subscriptions: u64,
}

impl Board {
    /// An empty board.
    pub(crate) fn new(log: EventLog) -> Board {
        Board { log, jobs: BTreeMap::new(), subscribers: BTreeMap::new(), subscriptions: 0 }
    }

    /// Whether there is a job that is not paused.
    pub(crate) fn has_moving_jobs(&self) -> bool {
        self.jobs.values().any(|view| !view.is_paused())
    }

    /// A job's next run has other counters: tells of what the last one did, first.
    pub(crate) fn renew(&mut self, job: u64, feed: Arc<JobFeed>) {
        self.tell_generation(job, true);
        self.tell_files(job);
        if let Some(view) = self.jobs.get_mut(&job) {
            view.renew(feed);
        }
        self.set_heard(job);
    }

    /// The last event of a job that has not ended.
    pub(crate) fn last(&self, job: u64) -> Option<ProgressEvent> {
        self.jobs.get(&job).map(|view| view.last().clone())
    }

    /// A job was accepted.
    pub(crate) fn open(&mut self, feed: Arc<JobFeed>, first: ProgressEvent) {
        let job = first.job;
        self.jobs.insert(job, JobView::new(feed, first.clone(), Instant::now()));
        self.set_heard(job);
        self.publish_job(first);
    }

    /// A job changes: publishes the state event that says so. Nothing happens to a job that has ended.
    pub(crate) fn change(&mut self, job: u64, change: impl FnOnce(&mut ProgressEvent)) {
        let now = Instant::now();
        if let Some(view) = self.jobs.get_mut(&job) {
            let event = view.advance(change, now);
            self.publish_job(event);
        }
    }

    /// A job has ended, and that is written down: publishes its terminal event, with which its streams end.
    pub(crate) fn end(&mut self, event: ProgressEvent) {
        if !self.jobs.contains_key(&event.job) {
            return;
        }
        self.tell_generation(event.job, true);
        self.tell_files(event.job);
        let (job, project) = (event.job, event.project.clone());
        if let Some(view) = self.jobs.get_mut(&job) {
            // A subscriber whose stream overflows on this very event learns of the end from its new snapshot.
            view.advance(|last| last.clone_from(&event), Instant::now());
        }
        self.publish_job(event);
        self.jobs.remove(&job);
        tracing::debug!(job, project = %project.to_text(), "job ended");
    }

    /// A job leaves the board without an end: the daemon stops under it.
    pub(crate) fn leave(&mut self, job: u64) {
        self.jobs.remove(&job);
    }

    /// Something happened to a project.
    pub(crate) fn project(&mut self, event: ProjectEvent) {
        let event = self.log.append(StateEvent::Project(event));
        self.deliver(&event);
    }

    fn publish_job(&mut self, event: ProgressEvent) {
        let event = self.log.append(StateEvent::Job(Box::new(event)));
        if let StateEvent::Job(event) = &event
            && let Some(view) = self.jobs.get_mut(&event.job)
        {
            view.numbered(event.seq);
        }
        self.deliver(&event);
    }

    fn deliver(&mut self, event: &StateEvent) {
        let mut ended = Vec::new();
        for (number, subscriber) in &self.subscribers {
            if !subscriber.filter.takes(event) {
                continue;
            }
            if ends(&subscriber.filter, event) {
                finish(&subscriber.ticket, event);
                ended.push(*number);
            } else if push(&subscriber.ticket, event).is_err() {
                self.resync(subscriber);
            }
        }
        for number in ended {
            self.subscribers.remove(&number);
        }
    }

    /// Begins a slow subscriber's stream again.
    fn resync(&self, subscriber: &Subscriber) {
        let ticket = &subscriber.ticket;
        let snapshot = self.snapshot(&subscriber.filter);
        ticket.outbox.with(|queue| {
            queue.count_resync();
            let resync = Resync { dropped: queue.clear_stream(ticket.id), ext: Ext::default() };
            for bytes in [frame(ticket.id, false, &resync), frame(ticket.id, false, &snapshot)].into_iter().flatten() {
                queue.begin_again(ticket.id, bytes);
            }
        });
    }

    /// A snapshot of now.
    pub(crate) fn snapshot(&self, filter: &Filter) -> Snapshot {
        let jobs = self.jobs.values().map(JobView::last).filter(|event| filter.takes_job(event)).cloned().collect();
        Snapshot { epoch: self.log.epoch(), seq: self.log.seq(), jobs, reset: false, ext: Ext::default() }
    }

    /// Begins a stream: a snapshot, and everything after it. `None` = the one job wanted is not here (any more).
    pub(crate) fn subscribe(&mut self, wish: Wish) -> Option<Subscribed> {
        let (snapshot, missed) = self.begin(&wish)?;
        let Wish { filter, files, ticket, .. } = wish;
        ticket.outbox.with(|queue| {
            queue.open_stream(ticket.id, Instant::now());
            if let Some(bytes) = frame(ticket.id, false, &snapshot) {
                queue.begin(ticket.id, bytes);
            }
        });
        self.subscriptions += 1;
        let (_ended, ended) = oneshot::channel();
        let subscribed = Subscribed { subscription: self.subscriptions, ended };
        let subscriber = Subscriber { filter, files, ticket, _ended };
        if self.catch_up(&subscriber, missed) {
            self.subscribers.insert(self.subscriptions, subscriber);
            self.refresh_heard();
        }
        Some(subscribed)
    }

    /// The snapshot a stream begins with, and the retained events that follow it.
    fn begin(&self, wish: &Wish) -> Option<(Snapshot, Vec<StateEvent>)> {
        let cursor = match (wish.from, &wish.filter) {
            (Begin::After(epoch, seq), _) => Some((epoch, seq)),
            (Begin::Start, Filter::Job(job)) => self.log.first_of_job(*job).map(|first| (self.log.epoch(), first.seq)),
            (Begin::Start | Begin::Now, _) => None,
        };
        let missed = cursor.and_then(|(epoch, seq)| self.log.since(epoch, seq));
        let missed: Option<Vec<_>> = missed.map(|events| events.filter(|e| wish.filter.takes(e)).cloned().collect());
        if let Filter::Job(job) = wish.filter {
            let ends_later = missed.iter().flatten().any(|event| ends(&wish.filter, event));
            if !self.jobs.contains_key(&job) && !ends_later {
                return None;
            }
        }
        Some(match (missed, cursor) {
            (Some(missed), Some((_, seq))) => (self.snapshot_at(&wish.filter, seq), missed),
            _ => (Snapshot { reset: cursor.is_some(), ..self.snapshot(&wish.filter) }, Vec::new()),
        })
    }

    /// A snapshot of the time of a cursor, as far as it is retained.
    fn snapshot_at(&self, filter: &Filter, seq: u64) -> Snapshot {
        let job_of = |filter: &Filter| match filter {
            Filter::Job(job) => vec![*job],
            Filter::Project(_) | Filter::All => self.jobs.keys().copied().collect(),
        };
        let then = |job: u64| self.log.last_of_job(job, seq).filter(|event| filter.takes_job(event)).cloned();
        Snapshot { seq, jobs: job_of(filter).into_iter().filter_map(then).collect(), ..self.snapshot(filter) }
    }

    /// Sends what a cursor missed; `false` = the stream has ended with it.
    fn catch_up(&self, subscriber: &Subscriber, missed: Vec<StateEvent>) -> bool {
        for event in missed {
            if ends(&subscriber.filter, &event) {
                finish(&subscriber.ticket, &event);
                return false;
            }
            if push(&subscriber.ticket, &event).is_err() {
                self.resync(subscriber);
                let Filter::Job(job) = subscriber.filter else { return true };
                return self.jobs.contains_key(&job) || self.finish_retained(subscriber, job);
            }
        }
        true
    }

    /// Ends the stream of a job whose terminal event is retained. Returns `false`, as a stream that has ended.
    fn finish_retained(&self, subscriber: &Subscriber, job: u64) -> bool {
        if let Some(event) = self.log.last_of_job(job, self.log.seq()) {
            finish(&subscriber.ticket, &StateEvent::Job(Box::new(event.clone())));
        }
        false
    }

    /// Ends a subscription; its ticket is not touched.
    pub(crate) fn unsubscribe(&mut self, subscription: u64) {
        self.subscribers.remove(&subscription);
        self.refresh_heard();
    }

    /// Looks at every job's counters and tells of what moved.
    pub(crate) fn tick(&mut self, now: Instant, now_ms: u64) {
        // Of a paused job there is nothing to tell, not even that it lives.
        let jobs: Vec<u64> = self.jobs.iter().filter(|(_, view)| !view.is_paused()).map(|(job, _)| *job).collect();
        for job in jobs {
            self.tell_generation(job, false);
            self.tell_files(job);
            let Some(view) = self.jobs.get_mut(&job) else { continue };
            let progress = view.feed.control.progress();
            let _advanced = view.feed.control.take_advanced();
            if let Some(sample) = view.sample(&progress, now, now_ms) {
                self.tell_sample(&sample);
            }
        }
    }

    fn tell_sample(&self, sample: &ProgressEvent) {
        for subscriber in self.subscribers.values().filter(|subscriber| subscriber.filter.takes_job(sample)) {
            let ticket = &subscriber.ticket;
            if let Some(bytes) = frame(ticket.id, false, sample) {
                ticket.outbox.with(|queue| queue.sample(ticket.id, sample.job, bytes));
            }
        }
    }

    fn tell_generation(&mut self, job: u64, at_once: bool) {
        let Some(view) = self.jobs.get_mut(&job) else { return };
        if !view.generation_due(Instant::now(), at_once) {
            return;
        }
        let last = view.last().clone();
        let tier = if last.stage == Stage::SCANNING { Tier::TEXT } else { Tier::STRUCTURE };
        let (generation, changed) = view.take_generation(Instant::now(), tier);
        self.project(project_event(ProjectChanged {
            r#type: ProjectEventType::GENERATION,
            root: last.project,
            generation,
            changed,
            message: String::new(),
        }));
    }

    fn tell_files(&self, job: u64) {
        let Some(view) = self.jobs.get(&job).filter(|view| view.feed.is_heard()) else { return };
        let (dropped, events) = view.feed.take_files();
        if events.is_empty() && dropped == 0 {
            return;
        }
        for subscriber in self.subscribers.values().filter(|subscriber| hears(subscriber, view)) {
            tell_subscriber(&subscriber.ticket, job, dropped, events.iter());
        }
    }

    fn set_heard(&self, job: u64) {
        if let Some(view) = self.jobs.get(&job) {
            view.feed.set_heard(self.subscribers.values().any(|subscriber| hears(subscriber, view)));
        }
    }

    fn refresh_heard(&self) {
        for job in self.jobs.keys() {
            self.set_heard(*job);
        }
    }
}

fn hears(subscriber: &Subscriber, view: &JobView) -> bool {
    subscriber.files && subscriber.filter.takes_job(view.last())
}

fn tell_subscriber<'a>(ticket: &Ticket, job: u64, dropped: u64, events: impl Iterator<Item = &'a FileEvent>) {
    ticket.outbox.with(|queue| {
        if dropped > 0 {
            queue.files_dropped(ticket.id, job, dropped);
        }
        for event in events {
            queue.file(ticket.id, job, event.clone());
        }
    });
}

/// Whether an event is the last one that this filter lets through.
fn ends(filter: &Filter, event: &StateEvent) -> bool {
    match (filter, event) {
        (Filter::Job(job), StateEvent::Job(event)) => event.job == *job && is_terminal(event),
        (Filter::Job(_) | Filter::Project(_) | Filter::All, _) => false,
    }
}

fn is_terminal(event: &ProgressEvent) -> bool {
    [EventType::COMPLETE, EventType::ERROR, EventType::CANCELLED].contains(&event.r#type)
}

fn frame<M: Message>(id: u64, fin: bool, message: &M) -> Option<Vec<u8>> {
    frame_bytes(id, fin, message)
        .inspect_err(|e| tracing::error!(kind = M::NAME, error = %e, "an event could not be encoded"))
        .ok()
}

fn push(ticket: &Ticket, event: &StateEvent) -> Result<(), super::super::session::queue::Overflow> {
    let (job, bytes) = match event {
        StateEvent::Job(event) => (event.job, frame(ticket.id, false, &**event)),
        StateEvent::Project(event) => (0, frame(ticket.id, false, event)),
    };
    bytes.map_or(Ok(()), |bytes| ticket.outbox.event(ticket.id, job, bytes))
}

fn finish(ticket: &Ticket, event: &StateEvent) {
    let bytes = match event {
        StateEvent::Job(event) => frame(ticket.id, true, &**event),
        StateEvent::Project(event) => frame(ticket.id, true, event),
    };
    match bytes {
        Some(bytes) if ticket.end() => ticket.outbox.with(|queue| queue.end_stream(ticket.id, bytes)),
        Some(_) => {}
        None => ticket.fail(&Failure::default()),
    }
}

/// A project's event, not numbered yet.
pub(crate) fn project_event(changed: ProjectChanged) -> ProjectEvent {
    let ProjectChanged { r#type, root: project, generation, changed, message } = changed;
    let (tier, changed, changed_many) = match changed {
        Changed::None => (Tier::NONE, Vec::new(), false),
        Changed::Paths(tier, paths) => (tier, paths, false),
        Changed::Many(tier) => (tier, Vec::new(), true),
    };
    let timestamp_ms = crate::clock::now_ms();
    let seq = 0;
    ProjectEvent {
        r#type,
        seq,
        timestamp_ms,
        project,
        generation,
        tier,
        changed,
        changed_many,
        message,
        ext: Ext::default(),
    }
}

#[cfg(test)]
mod tests;
