//! The jobs: what events and lists say of each, and how fast it goes.

use std::cmp::Reverse;
use std::collections::VecDeque;

use vigie::is_terminal;
use vigie_proto::{Bytes, JobRow, JobState, ProgressEvent, Stage, Stats};

/// Ended jobs that are kept.
const ENDED_MAX: usize = 20;
/// A job of which a list does not know may be younger than the list.
const YOUNG_MS: u64 = 2_000;
/// Bytes a second are those of so long a time.
const PACE_MS: u64 = 3_000;
/// How many seconds of its past a job's curve shows.
const PAST_SECONDS: usize = 60;

/// One job.
#[derive(Clone, Debug, Default)]
pub(crate) struct Job {
    /// Its number.
    pub(crate) id: u64,
    /// Root of its project.
    pub(crate) project: Bytes,
    /// Where it stands.
    pub(crate) state: JobState,
    /// What it does.
    pub(crate) stage: Stage,
    /// Files of the stage done.
    pub(crate) current: u64,
    /// Files of the stage; 0 = not known.
    pub(crate) total: u64,
    /// Share of the whole job done, in thousandths.
    pub(crate) permille: u16,
    /// Files a second, in thousandths.
    pub(crate) rate_milli: u64,
    /// Source bytes a second.
    pub(crate) bytes_rate: u64,
    /// Milliseconds to go; 0 = not known.
    pub(crate) eta_ms: u64,
    /// The file at work.
    pub(crate) file: Bytes,
    /// For how long.
    pub(crate) file_ms: u64,
    /// Files that failed.
    pub(crate) errors: u64,
    /// How it stands or ended, in a sentence.
    pub(crate) message: String,
    /// When it ended; 0 = not yet.
    pub(crate) ended_ms: u64,
    /// What it did.
    pub(crate) stats: Option<Stats>,
    /// Files a second, one value a second, the last one newest.
    pub(crate) rates: VecDeque<u64>,
    heard_ms: u64,
    bytes: VecDeque<(u64, u64)>,
}

impl Job {
    /// Whether it has not ended.
    pub(crate) fn is_active(&self) -> bool {
        ![JobState::DONE, JobState::FAILED, JobState::CANCELLED].contains(&self.state)
    }

    fn event(&mut self, event: &ProgressEvent) {
        if event.stage != self.stage {
            self.bytes.clear();
        }
        self.bytes.push_back((event.timestamp_ms, event.bytes));
        while self.bytes.front().is_some_and(|(at, _)| at + PACE_MS < event.timestamp_ms) && self.bytes.len() > 2 {
            self.bytes.pop_front();
        }
        self.bytes_rate = pace(&self.bytes);
        self.project.clone_from(&event.project);
        (self.state, self.stage) = (event.state, event.stage);
        (self.current, self.total, self.permille) = (event.current, event.total, event.permille);
        (self.rate_milli, self.eta_ms, self.errors) = (event.rate_milli, event.eta_ms, event.errors);
        self.file.clone_from(&event.file);
        self.file_ms = event.file_ms;
        self.message.clone_from(&event.message);
        self.heard_ms = event.timestamp_ms;
        if is_terminal(event) {
            self.ended_ms = event.timestamp_ms;
            self.stats.clone_from(&event.stats);
        }
        self.stop_unless_at_work();
    }

    /// A list knows less than events do, but it knows of jobs that no event was about.
    fn row(&mut self, row: &JobRow) {
        if self.heard_ms == 0 || row.state != self.state {
            self.project.clone_from(&row.project);
            (self.state, self.stage) = (row.state, row.stage);
            (self.current, self.total, self.permille) = (row.current, row.total, row.permille);
            self.message.clone_from(&row.message);
        }
        self.ended_ms = row.ended_ms;
        self.stop_unless_at_work();
    }

    /// What a job did last says nothing about one that waits, or has ended.
    fn stop_unless_at_work(&mut self) {
        if [JobState::RUNNING, JobState::CANCELLING].contains(&self.state) {
            return;
        }
        (self.rate_milli, self.bytes_rate, self.eta_ms, self.file_ms) = (0, 0, 0, 0);
        self.file = Bytes::default();
        self.bytes.clear();
    }

    /// Those that move come first, then those that wait, then ended ones, the last one first.
    fn order(&self) -> (u8, Reverse<u64>, u64) {
        let group = match self.state {
            JobState::RUNNING | JobState::CANCELLING => 0,
            _ if self.is_active() => 1,
            _ => 2,
        };
        (group, Reverse(self.ended_ms), self.id)
    }
}

fn pace(bytes: &VecDeque<(u64, u64)>) -> u64 {
    match (bytes.front(), bytes.back()) {
        (Some((began, first)), Some((ended, last))) if ended > began => {
            last.saturating_sub(*first).saturating_mul(1000) / (ended - began)
        }
        _ => 0,
    }
}

/// All jobs that are worth a line.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Vec<Job>);

impl Jobs {
    /// In the order in which they are shown.
    pub(crate) fn rows(&self) -> &[Job] {
        &self.0
    }

    /// Whether this one has not ended.
    pub(crate) fn is_active(&self, id: u64) -> bool {
        self.0.iter().any(|job| job.id == id && job.is_active())
    }

    /// Jobs that have not ended.
    pub(crate) fn active(&self) -> impl Iterator<Item = &Job> {
        self.0.iter().filter(|job| job.is_active())
    }

    /// That of a project.
    pub(crate) fn active_of(&self, root: &Bytes) -> Option<&Job> {
        self.active().find(|job| job.project == *root)
    }

    /// Takes in an event.
    pub(crate) fn event(&mut self, event: &ProgressEvent) {
        self.entry(event.job).event(event);
        self.settle();
    }

    /// Takes in a list of all jobs.
    pub(crate) fn list(&mut self, rows: &[JobRow], now_ms: u64) {
        for row in rows {
            self.entry(row.job).row(row);
        }
        let is_listed = |job: &Job| rows.iter().any(|row| row.job == job.id);
        self.0.retain(|job| is_listed(job) || !job.is_active() || job.heard_ms + YOUNG_MS > now_ms);
        self.settle();
    }

    /// A second has passed; returns how many files were done in it.
    pub(crate) fn second(&mut self) -> u64 {
        let mut all = 0;
        for job in &mut self.0 {
            if job.state == JobState::RUNNING {
                let rate = job.rate_milli / 1000;
                all += rate;
                job.rates.push_back(rate);
                if job.rates.len() > PAST_SECONDS {
                    job.rates.pop_front();
                }
            }
        }
        all
    }

    fn entry(&mut self, id: u64) -> &mut Job {
        let at = self.0.iter().position(|job| job.id == id).unwrap_or_else(|| {
            self.0.push(Job { id, ..Job::default() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    fn settle(&mut self) {
        self.0.sort_by_key(Job::order);
        let active = self.active().count();
        self.0.truncate(active + ENDED_MAX);
    }
}
