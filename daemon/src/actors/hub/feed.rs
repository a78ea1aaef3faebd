//! What a job's threads leave for the hub to fetch, so that they never wait for it and cannot flood it: counters, the latest
//! generation, and per-file events in a ring, filled only while somebody listens.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vigie_core::index::{CHANGED_NAMED_MAX, ChangedFile, JobControl};
use vigie_proto::{Bytes, FileEvent, Tier};

use super::Changed;
use crate::actors::session::queue::{FILES_BYTES_MAX, file_bytes};

/// Between one job and the hub.
#[derive(Debug)]
pub(crate) struct JobFeed {
    /// The job's counters.
    pub(crate) control: Arc<JobControl>,
    commits: Mutex<Commits>,
    is_heard: AtomicBool,
    files: Mutex<Files>,
}

/// What a job has committed. Which files that changed is kept until they are more than are named.
#[derive(Debug, Default)]
struct Commits {
    generation: u64,
    files: BTreeMap<Arc<[u8]>, Standing>,
    is_many: bool,
}

/// What is to be told of a file that a job changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing more.
    Told,
    /// That its text is in the index.
    Text,
    /// That it is in the index.
    Whole,
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
        let (commits, is_heard, files) = (Mutex::default(), AtomicBool::new(false), Mutex::default());
        Arc::new(JobFeed { control, commits, is_heard, files })
    }

    fn commits(&self) -> MutexGuard<'_, Commits> {
        self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Facts of these files were committed.
    pub(crate) fn committed(&self, generation: u64, changed: &[ChangedFile]) {
        let mut commits = self.commits();
        commits.generation = commits.generation.max(generation);
        if commits.is_many {
            return;
        }
        let standing = |file: &ChangedFile| if file.is_whole { Standing::Whole } else { Standing::Text };
        commits.files.extend(changed.iter().map(|file| (Arc::clone(&file.path), standing(file))));
        if commits.files.len() > CHANGED_NAMED_MAX {
            (commits.files, commits.is_many) = (BTreeMap::new(), true);
        }
    }

    /// The latest generation; 0 = none yet.
    pub(crate) fn generation(&self) -> u64 {
        self.commits().generation
    }

    /// The latest generation, and what was changed since this was last asked; `tier` is how far the job is, for when that is not known
    /// file by file.
    pub(crate) fn take_changed(&self, tier: Tier) -> (u64, Changed) {
        let mut commits = self.commits();
        if commits.is_many {
            return (commits.generation, Changed::Many(tier));
        }
        let (mut paths, mut tier) = (Vec::new(), Tier::STRUCTURE);
        for (path, standing) in commits.files.iter_mut().filter(|(_, standing)| **standing != Standing::Told) {
            if *standing == Standing::Text {
                tier = Tier::TEXT;
            }
            *standing = Standing::Told;
            paths.push(Bytes(path.to_vec()));
        }
        (commits.generation, Changed::Paths(tier, paths))
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

    fn commit(feed: &JobFeed, generation: u64, files: &[(&str, bool)]) {
        let changed =
            |(path, is_whole): &(&str, bool)| ChangedFile { path: path.as_bytes().into(), is_whole: *is_whole };
        feed.committed(generation, &files.iter().map(changed).collect::<Vec<_>>());
    }

    #[test]
    fn a_file_is_named_once_for_each_tier_that_is_told_of() {
        let feed = JobFeed::new(Arc::default());
        let paths = |tier, paths: &[&str]| Changed::Paths(tier, paths.iter().map(|path| Bytes::from(*path)).collect());
        commit(&feed, 3, &[("b", false), ("gone", true)]);
        assert_eq!(feed.take_changed(Tier::NONE), (3, paths(Tier::TEXT, &["b", "gone"])));
        commit(&feed, 4, &[("c", false)]);
        commit(&feed, 5, &[("b", true), ("c", true)]);
        assert_eq!(feed.take_changed(Tier::NONE), (5, paths(Tier::STRUCTURE, &["b", "c"])));
        assert_eq!(feed.take_changed(Tier::NONE), (5, paths(Tier::STRUCTURE, &[])));
    }

    #[test]
    fn more_files_than_are_named_are_many_from_then_on() {
        let feed = JobFeed::new(Arc::default());
        let names: Vec<String> = (0..=CHANGED_NAMED_MAX).map(|number| number.to_string()).collect();
        let files: Vec<(&str, bool)> = names.iter().map(|name| (name.as_str(), true)).collect();
        commit(&feed, 1, &files[..CHANGED_NAMED_MAX]);
        let (_, Changed::Paths(_, paths)) = feed.take_changed(Tier::TEXT) else { panic!("they are named") };
        assert_eq!(paths.len(), CHANGED_NAMED_MAX);
        commit(&feed, 2, &files[CHANGED_NAMED_MAX..]);
        commit(&feed, 3, &files[..1]);
        assert_eq!(feed.take_changed(Tier::TEXT), (3, Changed::Many(Tier::TEXT)));
    }

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
