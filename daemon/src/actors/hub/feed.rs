//! What a job's threads leave for the hub to fetch, so that they never wait for it and cannot flood it: counters, the latest
//! generation, and per-file events in a ring, filled only while somebody listens.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use vigie_core::index::JobControl;
use vigie_proto::FileEvent;

use crate::actors::session::queue::{FILES_BYTES_MAX, file_bytes};

/// Between one job and the hub.
#[derive(Debug)]
pub(crate) struct JobFeed {
    /// The job's counters.
    pub(crate) control: Arc<JobControl>,
    generation: AtomicU64,
    is_heard: AtomicBool,
    files: Mutex<Files>,
}

#[derive(Debug, Default)]
struct Files {
    events: VecDeque<FileEvent>,
    bytes: usize,
    dropped: u64,
}

impl JobFeed {
    /// For a job with that control.
    pub(crate) fn new(control: Arc<JobControl>) -> Arc<JobFeed> {
        let (generation, is_heard, files) = (AtomicU64::new(0), AtomicBool::new(false), Mutex::default());
        Arc::new(JobFeed { control, generation, is_heard, files })
    }

    /// Facts were committed.
    pub(crate) fn committed(&self, generation: u64) {
        self.generation.fetch_max(generation, Ordering::Relaxed);
    }

    /// The latest generation; 0 = none yet.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    /// Whether anybody wants per-file events.
    pub(crate) fn is_heard(&self) -> bool {
        self.is_heard.load(Ordering::Relaxed)
    }

    /// Says whether anybody wants per-file events.
    pub(crate) fn set_heard(&self, is_heard: bool) {
        self.is_heard.store(is_heard, Ordering::Relaxed);
    }

    /// A per-file event; the oldest goes if too many wait.
    pub(crate) fn file(&self, event: FileEvent) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.bytes += file_bytes(&event);
        files.events.push_back(event);
        while files.bytes > FILES_BYTES_MAX {
            let Some(oldest) = files.events.pop_front() else { break };
            files.bytes -= file_bytes(&oldest);
            files.dropped += 1;
        }
    }

    /// The per-file events that wait, and how many were dropped before them.
    pub(crate) fn take_files(&self) -> (u64, VecDeque<FileEvent>) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let Files { events, bytes: _, dropped } = std::mem::take(&mut *files);
        (dropped, events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p2_per_file_events_that_nobody_fetches_are_bounded_and_counted() {
        let feed = JobFeed::new(Arc::default());
        let events_max = FILES_BYTES_MAX / file_bytes(&FileEvent::default());
        assert!(events_max > 10_000, "a quick walk of thousands of files fits");
        for _ in 0..events_max + 3 {
            feed.file(FileEvent::default());
        }
        let (dropped, events) = feed.take_files();
        assert_eq!((dropped, events.len()), (3, events_max));
        assert_eq!(feed.take_files(), (0, VecDeque::new()));
    }
}
