//! Everything that is counted, as named numbers. Names, units and kinds are those of Prometheus; whoever prints them adds nothing.
//! Labels are of few values that are known here: nothing that a person wrote, no path above all, is one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use vigie_proto::{Ext, JobState, Kind, Metric, MetricKind, MetricLabel, MetricSample, WatchState};

use crate::telemetry::{BOUNDS_US, Counters, Times};

/// In microseconds what is named in seconds.
const MICROS: u64 = 1_000_000;
/// In milliseconds what is named in seconds.
const MILLIS: u64 = 1_000;

/// What is not counted, but found by looking.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gauges {
    /// When the daemon started, in milliseconds since 1970.
    pub(crate) started_ms: u64,
    /// State of each job that has not ended.
    pub(crate) jobs: Vec<JobState>,
    /// Connections.
    pub(crate) sessions: u64,
    /// Streams of events.
    pub(crate) subscriptions: u64,
    /// Bytes that wait for clients.
    pub(crate) queued_bytes: u64,
    /// Resynchronised streams of connections that are open.
    pub(crate) resyncs: u64,
    /// Per-file events dropped on connections that are open.
    pub(crate) files_dropped: u64,
    /// Projects known.
    pub(crate) projects: u64,
    /// Stores open.
    pub(crate) stores_open: u64,
    /// Most stores open at once.
    pub(crate) stores_open_max: u64,
    /// How each followed project is followed.
    pub(crate) watches: Vec<WatchState>,
    /// Directories watched.
    pub(crate) watch_directories: u64,
    /// Bytes of all indexes, without what is in their write-ahead logs.
    pub(crate) store_bytes: u64,
    /// Bytes of their write-ahead logs.
    pub(crate) wal_bytes: u64,
    /// Room for all indexes.
    pub(crate) store_quota_bytes: u64,
    /// Bytes of the cache of facts.
    pub(crate) cache_bytes: u64,
    /// Hits and misses of it.
    pub(crate) cache_looked_up: (u64, u64),
    /// Memory of the daemon.
    pub(crate) memory_bytes: u64,
    /// Memory of each worker.
    pub(crate) workers: Vec<u64>,
    /// Threads that answer questions.
    pub(crate) readers: u64,
    /// Questions that wait for one.
    pub(crate) queries_waiting: u64,
}

/// All metrics.
pub(crate) fn metrics(counters: &Counters, gauges: &Gauges) -> Vec<Metric> {
    let g = gauges;
    let c = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    vec![
        Metric {
            samples: vec![labelled(&[("version", env!("CARGO_PKG_VERSION"))], 1)],
            ..gauge("vigie_build_info", "Version of the daemon; always 1.", 1)
        },
        Metric { scale: MILLIS, ..gauge("vigie_start_time_seconds", "When the daemon started.", g.started_ms) },
        gauge("vigie_resident_memory_bytes", "Memory of the daemon, its workers not counted.", g.memory_bytes),
        gauge("vigie_workers", "Worker processes.", g.workers.len() as u64),
        gauge("vigie_workers_resident_memory_bytes", "Memory of all workers.", g.workers.iter().sum()),
        counter("vigie_workers_started_total", "Worker processes that were started.", c(&counters.workers_started)),
        Metric {
            samples: vec![
                labelled(&[("cause", "own")], c(&counters.workers_died)),
                labelled(&[("cause", "killed")], c(&counters.workers_killed)),
            ],
            ..counter("vigie_worker_deaths_total", "Worker processes that ended before their work did.", 0)
        },
        counter(
            "vigie_files_quarantined_total",
            "Files on which a grammar failed twice.",
            c(&counters.files_quarantined),
        ),
        tiers(
            "vigie_files_indexed_total",
            "Files that were read, and files that were parsed.",
            [c(&counters.files_read), c(&counters.files_parsed)],
        ),
        tiers("vigie_source_bytes_total", "Bytes of them.", [c(&counters.bytes_read), c(&counters.bytes_parsed)]),
        Metric { samples: by_state(&g.jobs), ..gauge("vigie_jobs", "Jobs that have not ended.", 0) },
        counter(
            "vigie_jobs_accepted_total",
            "Jobs that were accepted, or found at the start.",
            c(&counters.jobs_accepted),
        ),
        Metric {
            samples: vec![
                labelled(&[("state", JobState::DONE.name())], c(&counters.jobs_done)),
                labelled(&[("state", JobState::FAILED.name())], c(&counters.jobs_failed)),
                labelled(&[("state", JobState::CANCELLED.name())], c(&counters.jobs_cancelled)),
            ],
            ..counter("vigie_jobs_total", "Jobs that have ended.", 0)
        },
        counter("vigie_refreshes_total", "Looks at files without a job.", c(&counters.refreshes)),
        gauge("vigie_sessions", "Connections.", g.sessions),
        counter("vigie_sessions_total", "Connections that were greeted.", c(&counters.sessions)),
        counter("vigie_sessions_refused_total", "Connections that were refused.", c(&counters.sessions_refused)),
        counter("vigie_requests_total", "Requests of all kinds.", c(&counters.requests)),
        gauge("vigie_subscriptions", "Streams of events.", g.subscriptions),
        gauge("vigie_client_queue_bytes", "Bytes that wait for clients to read them.", g.queued_bytes),
        counter(
            "vigie_resyncs_total",
            "Streams that began again because their reader was too slow.",
            c(&counters.resyncs_of_ended) + g.resyncs,
        ),
        counter(
            "vigie_file_events_dropped_total",
            "Per-file events that were not sent because their reader was too slow.",
            c(&counters.files_dropped_of_ended) + g.files_dropped,
        ),
        gauge("vigie_readers", "Threads that answer questions.", g.readers),
        gauge("vigie_queries_waiting", "Questions that wait for a thread.", g.queries_waiting),
        counter("vigie_queries_failed_total", "Questions that ended without an answer.", c(&counters.queries_failed)),
        Metric {
            kind: MetricKind::HISTOGRAM,
            scale: MICROS,
            bounds: BOUNDS_US.to_vec(),
            samples: counters.queries().map(|(kind, times)| timed(kind, times)).collect(),
            ..gauge("vigie_query_duration_seconds", "Time from a question to the end of its answer.", 0)
        },
        gauge("vigie_projects", "Projects known.", g.projects),
        gauge("vigie_stores_open", "Stores open.", g.stores_open),
        gauge("vigie_stores_open_max", "Most stores open at once.", g.stores_open_max),
        Metric {
            samples: [WatchState::STARTING, WatchState::WATCHED, WatchState::POLLED]
                .into_iter()
                .map(|state| labelled(&[("state", state.name())], count(&g.watches, state)))
                .collect(),
            ..gauge("vigie_projects_followed", "Projects whose trees are followed.", 0)
        },
        gauge("vigie_watch_directories", "Directories that have an inotify watch.", g.watch_directories),
        counter("vigie_watch_changes_total", "How often watches told of changes.", c(&counters.watch_changes)),
        counter(
            "vigie_watch_overflows_total",
            "How often a watch could not tell what changed, so that everything was looked at.",
            c(&counters.watch_overflows),
        ),
        gauge("vigie_store_bytes", "Bytes of all indexes on disk, without their write-ahead logs.", g.store_bytes),
        gauge("vigie_store_wal_bytes", "Bytes of their write-ahead logs.", g.wal_bytes),
        gauge("vigie_store_quota_bytes", "Room for all indexes together.", g.store_quota_bytes),
        gauge("vigie_facts_cache_bytes", "Bytes of what files were parsed to, shared by all projects.", g.cache_bytes),
        Metric {
            samples: vec![
                labelled(&[("result", "hit")], g.cache_looked_up.0),
                labelled(&[("result", "miss")], g.cache_looked_up.1),
            ],
            ..counter("vigie_facts_cache_lookups_total", "Files looked for in there.", 0)
        },
    ]
}

fn gauge(name: &str, help: &str, value: u64) -> Metric {
    Metric {
        name: name.to_owned(),
        help: help.to_owned(),
        kind: MetricKind::GAUGE,
        scale: 1,
        bounds: Vec::new(),
        samples: vec![labelled(&[], value)],
        ext: Ext::default(),
    }
}

fn counter(name: &str, help: &str, value: u64) -> Metric {
    Metric { kind: MetricKind::COUNTER, ..gauge(name, help, value) }
}

fn tiers(name: &str, help: &str, [text, structure]: [u64; 2]) -> Metric {
    let samples = vec![labelled(&[("tier", "text")], text), labelled(&[("tier", "structure")], structure)];
    Metric { samples, ..counter(name, help, 0) }
}

fn labelled(labels: &[(&str, &str)], value: u64) -> MetricSample {
    let label = |(name, value): &(&str, &str)| MetricLabel {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
        ext: Ext::default(),
    };
    MetricSample { labels: labels.iter().map(label).collect(), value, counts: Vec::new(), ext: Ext::default() }
}

fn count<T: PartialEq>(all: &[T], one: T) -> u64 {
    all.iter().filter(|other| **other == one).count() as u64
}

/// A sample for each state that a job can be in before its end, also of those in which none is: a series that comes and goes misleads.
fn by_state(jobs: &[JobState]) -> Vec<MetricSample> {
    let mut states: BTreeMap<&str, u64> =
        [JobState::QUEUED, JobState::RUNNING, JobState::PAUSED, JobState::CANCELLING].map(|s| (s.name(), 0)).into();
    for state in jobs {
        *states.entry(state.name()).or_default() += 1;
    }
    states.into_iter().map(|(state, jobs)| labelled(&[("state", state)], jobs)).collect()
}

fn timed(kind: u16, times: Times) -> MetricSample {
    MetricSample { counts: times.counts, ..labelled(&[("kind", &question(kind))], times.sum_us) }
}

/// What a person calls a question of that kind: `file-match` for `FileMatchQuery`.
fn question(kind: u16) -> String {
    let name = Kind(kind).name().unwrap_or("unknown");
    let name = name.strip_suffix("Query").unwrap_or(name);
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::time::Duration;

    fn all() -> Vec<Metric> {
        let counters = Counters::default();
        counters.query(75).unwrap().note(Duration::from_millis(3));
        metrics(&counters, &Gauges { jobs: vec![JobState::PAUSED, JobState(99)], ..Gauges::default() })
    }

    #[test]
    fn names_are_unique_and_end_in_their_unit() {
        let metrics = all();
        let names: BTreeSet<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
        assert_eq!(names.len(), metrics.len());
        for metric in &metrics {
            let is_total = metric.name.ends_with("_total");
            assert_eq!(is_total, metric.kind == MetricKind::COUNTER, "{}", metric.name);
            assert!(metric.name.starts_with("vigie_") && metric.scale > 0 && metric.help.ends_with('.'));
            assert!(metric.scale == 1 || metric.name.ends_with("_seconds"), "{}", metric.name);
        }
    }

    #[test]
    fn a_histogram_counts_up_to_all() {
        let metrics = all();
        let times = metrics.iter().find(|metric| metric.kind == MetricKind::HISTOGRAM).unwrap();
        let sample = &times.samples[0];
        assert_eq!((sample.labels[0].value.as_str(), sample.value), ("file-match", 3_000));
        assert_eq!(sample.counts.len(), times.bounds.len() + 1);
        assert_eq!((sample.counts[3], sample.counts[4], sample.counts.last()), (0, 1, Some(&1)));
    }

    #[test]
    fn states_without_a_job_are_there_too() {
        let metrics = all();
        let jobs = metrics.iter().find(|metric| metric.name == "vigie_jobs").unwrap();
        let states: Vec<_> = jobs.samples.iter().map(|s| (s.labels[0].value.as_str(), s.value)).collect();
        assert_eq!(states, [("cancelling", 0), ("paused", 1), ("queued", 0), ("running", 0), ("unknown", 1)]);
    }
}
