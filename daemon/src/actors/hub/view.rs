//! What the hub knows of one job that has not ended: its last event, and when to tell of it next. Pure: time is an argument.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie_core::index::Progress;
use vigie_core::kinds::Stage;
use vigie_proto::{Bytes, EventType, JobState, ProgressEvent, Tier};

use super::Changed;
use super::feed::JobFeed;
use super::rate::Rate;
use crate::convert::numbers::{count, files};
use crate::convert::progress::{fill_counters, stage};

/// While nothing completes, a heartbeat comes this often.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Commits are told of no more often than this.
const GENERATION_EVERY: Duration = Duration::from_secs(1);

/// One job.
#[derive(Debug)]
pub(crate) struct JobView {
    /// Where its counters are.
    pub(crate) feed: Arc<JobFeed>,
    last: ProgressEvent,
    rate: Rate,
    told: Instant,
    moved: Instant,
    generation: (u64, Instant),
}

impl JobView {
    /// A job whose first event is this.
    pub(crate) fn new(feed: Arc<JobFeed>, first: ProgressEvent, now: Instant) -> JobView {
        JobView { feed, last: first, rate: Rate::new(), told: now, moved: now, generation: (0, now) }
    }

    /// Whether somebody paused it.
    pub(crate) fn is_paused(&self) -> bool {
        self.last.state == JobState::PAUSED
    }

    /// Its counters are there from now on. Generations go on where they were.
    pub(crate) fn renew(&mut self, feed: Arc<JobFeed>) {
        self.feed = feed;
        self.rate.restart();
        (self.last.rate_milli, self.last.eta_ms) = (0, 0);
    }

    /// Its last event.
    pub(crate) fn last(&self) -> &ProgressEvent {
        &self.last
    }

    /// The next state event, which the caller publishes: what changes is put onto what was.
    pub(crate) fn advance(&mut self, change: impl FnOnce(&mut ProgressEvent), now: Instant) -> ProgressEvent {
        let before = self.last.stage;
        self.last.sample = false;
        (self.last.file, self.last.file_ms) = (Bytes::default(), 0);
        change(&mut self.last);
        if self.last.stage != before {
            self.rate.restart();
        }
        (self.told, self.moved) = (now, now);
        self.last.clone()
    }

    /// Keeps the number that a state event was given.
    pub(crate) fn numbered(&mut self, seq: u64) {
        self.last.seq = seq;
    }

    /// A sample, if there is something to tell: the counters moved, or nothing has for so long that a heartbeat is due.
    /// `total` in `total`less stages stays 0.
    pub(crate) fn sample(&mut self, progress: &Progress, now: Instant, now_ms: u64) -> Option<ProgressEvent> {
        if progress.stage.map(stage) != Some(self.last.stage) {
            return self.heartbeat_due(now).then(|| self.heartbeat(now, now_ms));
        }
        let has_moved = (progress.current, progress.total, progress.bytes, progress.errors)
            != (self.last.current, self.last.total, self.last.bytes, self.last.errors)
            || progress.permille > self.last.permille;
        if has_moved {
            self.moved = now;
        } else if !self.heartbeat_due(now) {
            return None;
        }
        (self.last.file, self.last.file_ms) = (Bytes::default(), 0);
        fill_counters(&mut self.last, progress);
        self.rate.note(now, progress.current, self.last.permille);
        Some(self.tell(progress.stage, now, now_ms))
    }

    fn heartbeat_due(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.told) >= HEARTBEAT
    }

    fn heartbeat(&mut self, now: Instant, now_ms: u64) -> ProgressEvent {
        (self.told, self.last.sample, self.last.timestamp_ms) = (now, true, now_ms);
        self.last.clone()
    }

    fn tell(&mut self, stage: Option<Stage>, now: Instant, now_ms: u64) -> ProgressEvent {
        self.told = now;
        let last = &mut self.last;
        last.rate_milli = self.rate.milli();
        last.eta_ms = self.rate.eta_ms();
        (last.r#type, last.sample, last.timestamp_ms) = (EventType::PROGRESS, true, now_ms);
        last.message = sentence(last, stage, now.saturating_duration_since(self.moved));
        last.clone()
    }

    /// Whether it is time to tell of a generation. `at_once` = the job ends.
    pub(crate) fn generation_due(&self, now: Instant, at_once: bool) -> bool {
        let (told, when) = self.generation;
        let is_time = at_once || told == 0 || now.saturating_duration_since(when) >= GENERATION_EVERY;
        is_time && self.feed.generation() > told
    }

    /// The latest generation, which is told of now, and what it and those since the last one told of changed; `tier` is how far the job
    /// is, for when that is not known file by file.
    pub(crate) fn take_generation(&mut self, now: Instant, tier: Tier) -> (u64, Changed) {
        let (generation, changed) = self.feed.take_changed(tier);
        self.generation = (generation, now);
        (generation, changed)
    }
}

/// What a job is doing, for people; after a second without a finished file it names the one being worked on.
fn sentence(event: &ProgressEvent, stage: Option<Stage>, still: Duration) -> String {
    let file = event.file.to_text();
    if still >= HEARTBEAT && !file.is_empty() {
        return format!("Working on {file} for {:.1} s", Duration::from_millis(event.file_ms).as_secs_f64());
    }
    match stage {
        Some(Stage::Scanning) => format!("Reading {} of {}", count(event.current), files(event.total)),
        Some(Stage::Indexing) => format!("Parsing {} of {}", count(event.current), files(event.total)),
        Some(Stage::Collecting) => format!("Found {}", files(event.current)),
        Some(Stage::Starting | Stage::SwitchingProjects | Stage::LoadingStorage | Stage::Finalizing) | None => {
            event.message.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto as wire;

    fn view(now: Instant) -> JobView {
        let first =
            ProgressEvent { stage: wire::Stage::SCANNING, message: "Reading files".into(), ..ProgressEvent::default() };
        JobView::new(JobFeed::new(Arc::default()), first, now)
    }

    fn at(current: u64, permille: u16) -> Progress {
        Progress { stage: Some(Stage::Scanning), current, total: 10, permille, ..Progress::default() }
    }

    #[test]
    fn samples_come_only_when_something_moved() {
        let start = Instant::now();
        let mut view = view(start);
        let sample = view.sample(&at(1, 5), start + Duration::from_millis(100), 1).unwrap();
        assert!(sample.sample && sample.current == 1 && sample.total == 10);
        assert_eq!(view.sample(&at(1, 5), start + Duration::from_millis(200), 2), None);
        assert!(view.sample(&at(2, 5), start + Duration::from_millis(300), 3).is_some());
    }

    #[test]
    fn a_heartbeat_names_the_file_and_how_long() {
        let start = Instant::now();
        let mut view = view(start);
        view.sample(&at(1, 5), start, 1);
        let slow = Progress { file: Some((b"a/slow.rs".as_slice().into(), Duration::from_millis(2500))), ..at(1, 5) };
        assert_eq!(view.sample(&slow, start + Duration::from_millis(900), 2), None);
        let beat = view.sample(&slow, start + Duration::from_millis(1100), 3).unwrap();
        assert_eq!((beat.file.to_text().as_str(), beat.file_ms), ("a/slow.rs", 2500));
        assert_eq!(beat.message, "Working on a/slow.rs for 2.5 s");
    }

    #[test]
    fn permille_never_falls() {
        let start = Instant::now();
        let mut view = view(start);
        view.sample(&at(1, 50), start, 1);
        let sample = view.sample(&at(2, 20), start + Duration::from_millis(100), 2).unwrap();
        assert_eq!(sample.permille, 50);
    }

    #[test]
    fn counters_of_another_stage_are_not_told_before_its_state_event() {
        let start = Instant::now();
        let mut view = view(start);
        let ahead = Progress { stage: Some(Stage::Indexing), ..at(3, 9) };
        assert_eq!(view.sample(&ahead, start + Duration::from_millis(100), 1), None);
        let beat = view.sample(&ahead, start + Duration::from_millis(1100), 2).unwrap();
        assert_eq!((beat.stage, beat.current), (wire::Stage::SCANNING, 0));
    }

    #[test]
    fn commits_are_told_of_once_a_second_and_the_last_one_always() {
        let start = Instant::now();
        let mut view = view(start);
        view.feed.committed(1, &[]);
        assert!(view.generation_due(start, false));
        assert_eq!(view.take_generation(start, Tier::TEXT).0, 1);
        view.feed.committed(2, &[]);
        assert!(!view.generation_due(start + Duration::from_millis(500), false));
        assert!(view.generation_due(start + Duration::from_millis(600), true));
        assert_eq!(view.take_generation(start + Duration::from_millis(600), Tier::TEXT).0, 2);
        assert!(!view.generation_due(start + Duration::from_secs(9), true));
    }
}
