//! The strings by which a running job is steered and watched from outside: cancel, join, budgets, counters. All of it is
//! lock-free or locked for a few instructions, so that neither side ever waits for the other.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::kinds::Stage;
use crate::store::FileId;

use super::demand::{Demands, Told};
use super::overtake::{Overtaken, Overtaking};

/// What a job may use; `None` = no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Files processed.
    pub files_max: Option<u64>,
    /// Source bytes processed.
    pub bytes_max: Option<u64>,
    /// Time of running.
    pub time_max: Option<Duration>,
    /// Memory of daemon and workers together, in bytes.
    pub memory_bytes_max: Option<u64>,
    /// Files that are worked on at a time, and so processors.
    pub workers_max: Option<u32>,
}

impl Budget {
    /// The larger of the two in each respect.
    pub fn larger(self, other: Budget) -> Budget {
        fn larger<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
            Some(a?.max(b?))
        }
        Budget {
            files_max: larger(self.files_max, other.files_max),
            bytes_max: larger(self.bytes_max, other.bytes_max),
            time_max: larger(self.time_max, other.time_max),
            memory_bytes_max: larger(self.memory_bytes_max, other.memory_bytes_max),
            workers_max: larger(self.workers_max, other.workers_max),
        }
    }
}

/// Which budget ended a job early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `files_max`.
    Files,
    /// `bytes_max`.
    Bytes,
    /// `time_max`.
    Seconds,
    /// `memory_bytes_max`.
    Memory,
}

/// Why a job was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody cancelled it.
    Cancel,
    /// It goes on later: at the daemon's next start, or when whoever paused it wants it to.
    Pause,
}

/// A job's counters at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Stage, `None` before the first.
    pub stage: Option<Stage>,
    /// Files of the stage done.
    pub current: u64,
    /// Files of the stage; 0 = not known.
    pub total: u64,
    /// Source bytes of the stage done.
    pub bytes: u64,
    /// Files that failed, by what is committed.
    pub errors: u64,
    /// Share of the whole job that is committed, in thousandths; at most 999.
    pub permille: u16,
    /// The file worked on for the longest time, relative to the root, and for how long.
    pub file: Option<(Arc<[u8]>, Duration)>,
}

const RUN: u8 = 0;
const CANCEL: u8 = 1;
const PAUSE: u8 = 2;

/// Shared between the thread that runs a job and those who steer and watch it.
#[derive(Debug, Default)]
pub struct JobControl {
    stop: AtomicU8,
    stage: AtomicU8,
    current: AtomicU64,
    total: AtomicU64,
    bytes: AtomicU64,
    errors: AtomicU64,
    permille: AtomicU32,
    memory_bytes: AtomicU64,
    memory_bytes_peak: AtomicU64,
    changed: AtomicBool,
    shared: Mutex<Shared>,
    demands: Demands,
    overtaking: Overtaking,
}

#[derive(Debug, Default)]
struct Shared {
    budget: Budget,
    /// The budget that was used up first. It stays used up: memory that falls again, or a join with more time, must not let one
    /// part of a job go on with what another has left undone.
    used_up: Option<Limit>,
    rewalk: bool,
    closed: bool,
    lanes: Vec<Option<(Arc<[u8]>, Instant)>>,
}

impl JobControl {
    /// Control of a job with that budget, whose share of done work begins at `permille_floor` (from an earlier run).
    pub fn new(budget: Budget, permille_floor: u16) -> JobControl {
        let control = JobControl::default();
        control.permille.store(permille_floor.into(), Ordering::Relaxed);
        control.shared().budget = budget;
        control
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // The guarded code cannot panic halfway through a change, so a poisoned lock still holds sound data.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the job to stop. The first reason stands, except that a cancel overrides a pause.
    pub fn stop(&self, why: Stop) {
        match why {
            Stop::Cancel => self.stop.store(CANCEL, Ordering::SeqCst),
            Stop::Pause => {
                // Losing this race means that a stop was asked for already.
                let _already = self.stop.compare_exchange(RUN, PAUSE, Ordering::SeqCst, Ordering::SeqCst);
            }
        }
    }

    /// Whether the job was told to stop, and why.
    pub fn stopped(&self) -> Option<Stop> {
        match self.stop.load(Ordering::Relaxed) {
            RUN => None,
            CANCEL => Some(Stop::Cancel),
            _ => Some(Stop::Pause),
        }
    }

    /// Joins another request to this job: its budget grows, and it walks the tree once more before it ends, because a request
    /// is satisfied only by a walk that began after it. `false` = too late, the job is past its last walk or ended by a budget:
    /// start another.
    pub fn join(&self, budget: Budget) -> bool {
        let mut shared = self.shared();
        if shared.closed || shared.used_up.is_some() {
            return false;
        }
        shared.budget = shared.budget.larger(budget);
        shared.rewalk = true;
        true
    }

    /// The job's budget now.
    pub fn budget(&self) -> Budget {
        self.shared().budget
    }

    /// The budget of time or memory that was used up, by a job that has run for `elapsed`.
    pub(crate) fn used_up(&self, elapsed: Duration) -> Option<Limit> {
        let mut shared = self.shared();
        let Budget { time_max, memory_bytes_max, .. } = shared.budget;
        if shared.used_up.is_none() {
            shared.used_up = if time_max.is_some_and(|max| elapsed >= max) {
                Some(Limit::Seconds)
            } else if memory_bytes_max.is_some_and(|max| self.memory_bytes() > max) {
                Some(Limit::Memory)
            } else {
                None
            };
        }
        shared.used_up
    }

    /// Called by the job before each walk: joins up to here are satisfied by it, and joins are taken from now on.
    pub(crate) fn walk_begins(&self) {
        let mut shared = self.shared();
        (shared.rewalk, shared.closed) = (false, false);
    }

    /// Called by the job when its work is done: `true` = nobody joined since the last walk began, and from now on nobody can.
    pub(crate) fn close_to_joins(&self) -> bool {
        let mut shared = self.shared();
        shared.closed = !shared.rewalk;
        shared.closed
    }

    /// Called when the job ends for another reason than being done, or does not go on under this control: nobody can join it any more,
    /// and whoever waits for its files is told.
    pub fn close(&self) {
        self.shared().closed = true;
        self.demands.close();
        self.overtaking.close();
    }

    /// Tells when every file is searchable as text, or the job is over.
    pub fn when_text_is_ready(&self, told: Told) {
        self.demands.when_text_is_ready(told);
    }

    /// Has files parsed before all others and tells when their facts are committed, or the job is over.
    pub fn demand(&self, files: Vec<FileId>, told: Told) {
        self.demands.demand(files, told);
    }

    /// Has the job look at files before it goes on with its own: at `paths`, and what is below those that are directories, relative to
    /// the root. `false` = it is past that.
    pub fn overtake(&self, paths: BTreeSet<Vec<u8>>, told: Overtaken) -> bool {
        self.overtaking.ask(paths, told)
    }

    /// What it is overtaken by.
    pub(super) fn overtaking(&self) -> &Overtaking {
        &self.overtaking
    }

    /// What the job is waited for.
    pub(super) fn demands(&self) -> &Demands {
        &self.demands
    }

    /// Tells the job what memory daemon and workers use now, in bytes.
    pub fn note_memory(&self, bytes: u64) {
        self.memory_bytes.store(bytes, Ordering::Relaxed);
        self.memory_bytes_peak.fetch_max(bytes, Ordering::Relaxed);
    }

    /// The memory noted last, in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory_bytes.load(Ordering::Relaxed)
    }

    /// The highest memory noted, in bytes.
    pub fn memory_bytes_peak(&self) -> u64 {
        self.memory_bytes_peak.load(Ordering::Relaxed)
    }

    /// Enters a stage whose number of files is `total` (0 = not known), `current` of which an earlier run has done.
    pub(crate) fn enter(&self, stage: Stage, current: u64, total: u64) {
        self.current.store(current, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
        self.stage.store(stage.number(), Ordering::Relaxed);
    }

    /// Counts finished files and their bytes.
    pub(crate) fn advance(&self, files: u64, bytes: u64) {
        self.current.fetch_add(files, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Says how many files of the index have failed, as the end will say.
    pub(crate) fn note_errors(&self, files: u64) {
        self.errors.store(files, Ordering::Relaxed);
    }

    /// Raises the share of committed work; it never falls and stays below 1000.
    pub(crate) fn raise_permille(&self, permille: u16) {
        self.permille.fetch_max(permille.min(999).into(), Ordering::Relaxed);
    }

    /// Says which file a lane works on; `None` = it is idle.
    pub(crate) fn lane_file(&self, lane: usize, path: Option<Arc<[u8]>>) {
        let mut shared = self.shared();
        if shared.lanes.len() <= lane {
            shared.lanes.resize(lane + 1, None);
        }
        shared.lanes[lane] = path.map(|path| (path, Instant::now()));
    }

    /// The files worked on, each with for how long, the longest first.
    pub fn files_now(&self) -> Vec<(Arc<[u8]>, Duration)> {
        let mut files: Vec<_> = self.shared().lanes.iter().flatten().cloned().collect();
        files.sort_by_key(|(_, since)| *since);
        files.into_iter().map(|(path, since)| (path, since.elapsed())).collect()
    }

    /// Whether any file was finished since this was last asked.
    pub fn take_advanced(&self) -> bool {
        self.changed.swap(false, Ordering::Relaxed)
    }

    /// The counters now.
    pub fn progress(&self) -> Progress {
        let file = self.shared().lanes.iter().flatten().min_by_key(|(_, since)| *since).cloned();
        Progress {
            stage: Stage::from_number(self.stage.load(Ordering::Relaxed)),
            current: self.current.load(Ordering::Relaxed),
            total: self.total.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            permille: u16::try_from(self.permille.load(Ordering::Relaxed)).unwrap_or(999),
            file: file.map(|(path, since)| (path, since.elapsed())),
        }
    }
}
