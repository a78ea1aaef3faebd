//! Files that somebody waits for. A question about one name asks a running job to parse the files that contain it before all others,
//! and is told when their facts are committed.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::FileId;

/// Called once, from whichever thread brings it about; must not wait.
pub type Told = Box<dyn FnOnce() + Send>;

/// What is waited for.
#[derive(Default)]
pub(super) struct Demands {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Every file is searchable as text.
    text_is_ready: bool,
    /// The job is over, or past its last parsing.
    is_closed: bool,
    on_text: Vec<Told>,
    /// To be parsed next.
    queue: VecDeque<FileId>,
    demands: Vec<Demand>,
    /// What was committed since the round began: a demand may be made by a question that saw an older snapshot.
    committed: HashSet<FileId>,
}

struct Demand {
    unparsed: HashSet<FileId>,
    uncommitted: HashSet<FileId>,
    told: Told,
}

impl std::fmt::Debug for Demands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demands").finish_non_exhaustive()
    }
}

impl Demands {
    fn state(&self) -> MutexGuard<'_, State> {
        // The guarded code cannot panic halfway through a change, so a poisoned lock still holds sound data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells when every file is searchable as text, or the job is over.
    pub(super) fn when_text_is_ready(&self, told: Told) {
        let mut state = self.state();
        if state.text_is_ready || state.is_closed {
            drop(state);
            told();
        } else {
            state.on_text.push(told);
        }
    }

    /// Puts files before all others and tells when they are committed, or the job is over.
    pub(super) fn demand(&self, files: Vec<FileId>, told: Told) {
        let mut state = self.state();
        let files: HashSet<FileId> = files.into_iter().filter(|file| !state.committed.contains(file)).collect();
        if state.is_closed || files.is_empty() {
            drop(state);
            return told();
        }
        state.queue.extend(files.iter().copied());
        state.demands.push(Demand { unparsed: files.clone(), uncommitted: files, told });
    }

    /// Every file is searchable as text now.
    pub(super) fn text_is_ready(&self) {
        let told = {
            let mut state = self.state();
            state.text_is_ready = true;
            std::mem::take(&mut state.on_text)
        };
        told.into_iter().for_each(|told| told());
    }

    /// Parsing begins, perhaps once more.
    pub(super) fn begin_round(&self) {
        self.state().committed.clear();
    }

    /// The file to parse next.
    pub(super) fn next(&self) -> Option<FileId> {
        self.state().queue.pop_front()
    }

    /// Whether a demand waits for more files to be parsed: what is parsed already is committed together with those.
    pub(super) fn is_awaited(&self) -> bool {
        self.state().demands.iter().any(|demand| !demand.unparsed.is_empty())
    }

    /// A file was parsed. `true` = nothing more is wanted by a demand than a commit.
    pub(super) fn parsed(&self, file: FileId) -> bool {
        let mut is_whole = false;
        for demand in &mut self.state().demands {
            is_whole |= demand.unparsed.remove(&file) && demand.unparsed.is_empty();
        }
        is_whole
    }

    /// Files were committed, or will not be: they are not what was scanned any more.
    pub(super) fn committed(&self, files: &[FileId]) {
        let mut met = Vec::new();
        {
            let mut state = self.state();
            state.committed.extend(files);
            let mut open = Vec::new();
            for mut demand in std::mem::take(&mut state.demands) {
                for file in files {
                    demand.unparsed.remove(file);
                    demand.uncommitted.remove(file);
                }
                if demand.uncommitted.is_empty() { met.push(demand.told) } else { open.push(demand) }
            }
            state.demands = open;
        }
        met.into_iter().for_each(|told| told());
    }

    /// Nothing more will be parsed.
    pub(super) fn close(&self) {
        let (on_text, demands) = {
            let mut state = self.state();
            state.is_closed = true;
            (std::mem::take(&mut state.on_text), std::mem::take(&mut state.demands))
        };
        on_text.into_iter().chain(demands.into_iter().map(|demand| demand.told)).for_each(|told| told());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn counter() -> (Arc<AtomicU32>, impl Fn() -> Told) {
        let count = Arc::new(AtomicU32::new(0));
        let told = Arc::clone(&count);
        (count, move || {
            let told = Arc::clone(&told);
            Box::new(move || {
                told.fetch_add(1, Ordering::Relaxed);
            })
        })
    }

    #[test]
    fn a_demand_is_met_by_the_commit_of_all_its_files() {
        let (count, told) = counter();
        let demands = Demands::default();
        demands.demand(vec![3, 5], told());
        let mut queue = [demands.next(), demands.next()];
        queue.sort();
        assert_eq!((queue, demands.next()), ([Some(3), Some(5)], None));
        assert!(demands.is_awaited());
        assert!(!demands.parsed(3) && demands.parsed(5) && !demands.is_awaited());
        demands.committed(&[3]);
        assert_eq!(count.load(Ordering::Relaxed), 0);
        demands.committed(&[4, 5]);
        assert_eq!(count.load(Ordering::Relaxed), 1);
        // What was committed before it was asked for is not waited for.
        demands.demand(vec![3, 4], told());
        assert_eq!((count.load(Ordering::Relaxed), demands.next()), (2, None));
        demands.begin_round();
        demands.demand(vec![3], told());
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn the_end_of_a_job_ends_all_waiting() {
        let (count, told) = counter();
        let demands = Demands::default();
        demands.when_text_is_ready(told());
        demands.demand(vec![1], told());
        demands.close();
        demands.demand(vec![1], told());
        demands.when_text_is_ready(told());
        assert_eq!(count.load(Ordering::Relaxed), 4);
    }
}
