//! What only rises, in relaxed atomics: nothing is ordered by them, and who reads them wants to know about how many.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper ends of the buckets of times, in microseconds. From what memory answers to what a person has given up on; most answers lie
/// below ten milliseconds, so that is where the buckets are narrow.
pub(crate) const BOUNDS_US: [u64; 14] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000,
];

/// Kinds of questions on the wire: 64 and those above it.
const QUERY_KIND_MIN: u16 = 64;
/// So many kinds are told apart.
const QUERY_KINDS: usize = 64;

/// How many events took how long.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    /// One for each of [`BOUNDS_US`], and one for what took longer.
    counts: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

/// A histogram at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    /// How many took at most as long as each of [`BOUNDS_US`], and at last how many there were.
    pub(crate) counts: Vec<u64>,
    /// All of them together, in microseconds.
    pub(crate) sum_us: u64,
}

impl Histogram {
    /// An event took so long.
    pub(crate) fn note(&self, elapsed: Duration) {
        let us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        Counters::add(&self.counts[BOUNDS_US.partition_point(|bound| *bound < us)], 1);
        Counters::add(&self.sum_us, us);
    }

    /// How it stands; nothing if there was no event.
    pub(crate) fn read(&self) -> Option<Times> {
        let mut all = 0;
        let counts = self.counts.iter().map(|count| {
            all += count.load(Ordering::Relaxed);
            all
        });
        let counts = counts.collect();
        (all > 0).then(|| Times { counts, sum_us: self.sum_us.load(Ordering::Relaxed) })
    }
}

/// See the top of this file.
#[derive(Debug)]
pub(crate) struct Counters {
    /// Requests of all kinds.
    pub(crate) requests: AtomicU64,
    /// Connections that were greeted.
    pub(crate) sessions: AtomicU64,
    /// Connections that were refused because too many were open.
    pub(crate) sessions_refused: AtomicU64,
    /// Questions that ended without an answer.
    pub(crate) queries_failed: AtomicU64,
    /// Streams that began again because their reader was too slow, of connections that have ended.
    pub(crate) resyncs_of_ended: AtomicU64,
    /// Per-file events that were dropped, of connections that have ended.
    pub(crate) files_dropped_of_ended: AtomicU64,
    /// Jobs that were accepted.
    pub(crate) jobs_accepted: AtomicU64,
    /// Jobs that ended well.
    pub(crate) jobs_done: AtomicU64,
    /// Jobs that ended by an error.
    pub(crate) jobs_failed: AtomicU64,
    /// Jobs that were cancelled.
    pub(crate) jobs_cancelled: AtomicU64,
    /// How often the index was brought up to date without a job.
    pub(crate) refreshes: AtomicU64,
    /// Files that were read.
    pub(crate) files_read: AtomicU64,
    /// Their bytes.
    pub(crate) bytes_read: AtomicU64,
    /// Files whose structure was found.
    pub(crate) files_parsed: AtomicU64,
    /// Their bytes.
    pub(crate) bytes_parsed: AtomicU64,
    /// Files on which a grammar failed twice.
    pub(crate) files_quarantined: AtomicU64,
    /// Worker processes that were started.
    pub(crate) workers_started: AtomicU64,
    /// Worker processes that died of what they were doing.
    pub(crate) workers_died: AtomicU64,
    /// Worker processes that somebody else ended.
    pub(crate) workers_killed: AtomicU64,
    /// How often a watch told of changes.
    pub(crate) watch_changes: AtomicU64,
    /// How often a watch could not tell what changed, so that everything was looked at.
    pub(crate) watch_overflows: AtomicU64,
    queries: [Histogram; QUERY_KINDS],
}

impl Default for Counters {
    fn default() -> Counters {
        Counters {
            requests: AtomicU64::new(0),
            sessions: AtomicU64::new(0),
            sessions_refused: AtomicU64::new(0),
            queries_failed: AtomicU64::new(0),
            resyncs_of_ended: AtomicU64::new(0),
            files_dropped_of_ended: AtomicU64::new(0),
            jobs_accepted: AtomicU64::new(0),
            jobs_done: AtomicU64::new(0),
            jobs_failed: AtomicU64::new(0),
            jobs_cancelled: AtomicU64::new(0),
            refreshes: AtomicU64::new(0),
            files_read: AtomicU64::new(0),
            bytes_read: AtomicU64::new(0),
            files_parsed: AtomicU64::new(0),
            bytes_parsed: AtomicU64::new(0),
            files_quarantined: AtomicU64::new(0),
            workers_started: AtomicU64::new(0),
            workers_died: AtomicU64::new(0),
            workers_killed: AtomicU64::new(0),
            watch_changes: AtomicU64::new(0),
            watch_overflows: AtomicU64::new(0),
            queries: std::array::from_fn(|_| Histogram::default()),
        }
    }
}

impl Counters {
    /// Counts.
    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }

    /// The times of questions of that kind, by its number on the wire; nothing if such a request is no question.
    pub(crate) fn query(&self, kind: u16) -> Option<&Histogram> {
        self.queries.get(usize::from(kind.checked_sub(QUERY_KIND_MIN)?))
    }

    /// The times of all kinds of questions that were asked.
    pub(crate) fn queries(&self) -> impl Iterator<Item = (u16, Times)> {
        (QUERY_KIND_MIN..).zip(&self.queries).filter_map(|(kind, times)| Some((kind, times.read()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_first_bucket_that_holds_it_and_in_all_above() {
        let counters = Counters::default();
        for us in [0, 250, 251, 10_000_000, 10_000_001] {
            counters.query(64).unwrap().note(Duration::from_micros(us));
        }
        let all: Vec<_> = counters.queries().collect();
        let (kind, times) = &all[0];
        assert_eq!((all.len(), *kind, times.sum_us), (1, 64, 20_000_502));
        assert_eq!(times.counts, [2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5]);
    }

    #[test]
    fn only_questions_are_timed() {
        let counters = Counters::default();
        assert!(counters.query(5).is_none() && counters.query(63).is_none() && counters.query(128).is_none());
        assert!(counters.query(97).is_some());
        assert_eq!(counters.queries().count(), 0);
    }
}
