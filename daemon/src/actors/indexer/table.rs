//! The job table: which jobs wait and run, who joins whom, what runs next, what a cancel and a leaving owner do. Pure: the
//! actor carries out and writes down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{Notify, oneshot};
use vigie_core::index::{Budget, JobControl, Stop};
use vigie_core::store::registry::{JobRecord, JobState};
use vigie_proto::{JobKind, ProgressEvent};

use crate::actors::hub::feed::JobFeed;

/// Most jobs that run at a time; a project has one at most.
const RUNNING_MAX: usize = 2;
/// Most jobs that have not ended.
pub(crate) const JOBS_MAX: usize = 256;
/// A job under which the daemon died this often is not tried again.
const DEATHS_MAX: u32 = 3;

/// What makes two requests one job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// Canonical root.
    pub(crate) root: PathBuf,
    /// Number of the kind on the wire.
    pub(crate) kind: u16,
    /// Read and parse every file again.
    pub(crate) force: bool,
}

/// Where a job of the table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waiting for its turn.
    Queued,
    /// At work.
    Running,
    /// Its end is being written down.
    Ending,
    /// Somebody paused it, and nothing of it runs.
    Paused,
}

/// A job that has not ended.
#[derive(Debug)]
pub(crate) struct Job {
    /// As it is, or is about to be, in the registry.
    pub(crate) record: JobRecord,
    /// Its control and what it tells the hub.
    pub(crate) feed: Arc<JobFeed>,
    /// Where it stands.
    pub(crate) phase: Phase,
    /// Wakes whoever waits on the job's behalf before its thread runs.
    pub(crate) stopped: Arc<Notify>,
    /// Who cancelled it, for its last sentence.
    pub(crate) cancelled_by: String,
    /// Told of its end.
    pub(crate) waiting: Vec<oneshot::Sender<ProgressEvent>>,
    /// It met a damaged store and was begun anew.
    pub(crate) is_rebuilding: bool,
    /// Somebody paused it while it was at work: when its thread has stopped it is set aside, or begun again if it was resumed by then.
    pub(crate) is_stopping: bool,
    owners: BTreeSet<u64>,
    is_shared: bool,
}

/// What a cancel does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cancel {
    /// It waits for its turn: it ends at once.
    Queued,
    /// It was told to stop.
    Running,
    /// It has ended already, and that is being written down.
    Ending,
    /// It is not here.
    Unknown,
}

/// What a pause or a resume meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// It is not here.
    Unknown,
    /// It has ended already, and that is being written down.
    Ending,
    /// It is being cancelled, and that stands.
    Cancelling,
    /// A job that is as it was to be.
    Same,
    /// A job of which nothing runs.
    Idle,
    /// A job at work, whose thread stops.
    AtWork,
}

/// What the leaving of an owner means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// Nobody else wants this job.
    Last(u64),
    /// Somebody else does.
    OthersStay,
    /// No job here has that owner.
    Unknown,
}

/// What becomes of an unfinished job when the daemon starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    /// It is queued again.
    Queue,
    /// An acknowledged cancel is kept.
    Cancel,
    /// The daemon died under it too often.
    Fail,
    /// Somebody paused it, and it stays so.
    StayPaused,
}

/// Decides it, and counts the death if there was one.
pub(crate) fn restart(record: &mut JobRecord) -> Restart {
    if record.state == JobState::Running {
        record.deaths += 1;
    }
    if record.cancel_requested {
        Restart::Cancel
    } else if record.state == JobState::Paused {
        Restart::StayPaused
    } else if record.deaths >= DEATHS_MAX {
        Restart::Fail
    } else {
        record.state = JobState::Queued;
        Restart::Queue
    }
}

/// All jobs that have not ended.
#[derive(Debug)]
pub(crate) struct Table {
    jobs: BTreeMap<u64, Job>,
    running_max: usize,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(open_projects_max: usize) -> Table {
        let mut table = Table { jobs: BTreeMap::new(), running_max: RUNNING_MAX };
        table.set_open_max(open_projects_max);
        table
    }

    /// So many stores may be open. A job keeps its store open, so one of several places is left to queries.
    pub(crate) fn set_open_max(&mut self, open_projects_max: usize) {
        self.running_max = RUNNING_MAX.min(open_projects_max.saturating_sub(1)).max(1);
    }

    /// A job that is written down; nobody owns it yet.
    pub(crate) fn insert(&mut self, record: JobRecord, feed: Arc<JobFeed>, owner: Option<u64>) {
        let phase = if record.state == JobState::Paused { Phase::Paused } else { Phase::Queued };
        let job = Job {
            feed,
            phase,
            stopped: Arc::default(),
            cancelled_by: String::new(),
            waiting: Vec::new(),
            is_rebuilding: false,
            is_stopping: false,
            owners: owner.into_iter().collect(),
            is_shared: owner.is_none(),
            record,
        };
        self.jobs.insert(job.record.job, job);
    }

    /// Takes a job out, ended.
    pub(crate) fn remove(&mut self, job: u64) -> Option<Job> {
        self.jobs.remove(&job)
    }

    /// A job.
    pub(crate) fn get_mut(&mut self, job: u64) -> Option<&mut Job> {
        self.jobs.get_mut(&job)
    }

    /// All jobs, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Whether any is at work or ending.
    pub(crate) fn is_busy(&self) -> bool {
        self.jobs.values().any(Job::is_at_work)
    }

    /// The paused job of a project that has been so for the longest time, if there is one.
    pub(crate) fn paused_of(&self, root: &Path) -> Option<u64> {
        let is_paused = |job: &&Job| job.record.root == root && job.is_paused();
        self.jobs.values().find(is_paused).map(|job| job.record.job)
    }

    /// The control of the job that is at work on a project, if one is.
    pub(crate) fn running(&self, root: &Path) -> Option<&JobControl> {
        let is_running =
            |job: &&Job| job.record.root == root && job.phase == Phase::Running && !job.record.cancel_requested;
        self.jobs.values().find(is_running).map(|job| &*job.feed.control)
    }

    /// The kind of a job of this project that a request for a walk may join, if there is one.
    pub(crate) fn kind_of_walk(&self, root: &Path) -> Option<u16> {
        let may_join = |job: &&Job| job.record.root == root && !job.record.force && job.phase != Phase::Ending;
        self.jobs.values().rev().find(may_join).map(|job| job.record.kind)
    }

    /// Joins an identical job, if there is one that walks again; whether its record changed.
    pub(crate) fn join(&mut self, key: &Key, budget: Budget, owner: Option<u64>) -> Option<(u64, bool)> {
        let is_twin = |job: &&mut Job| {
            let record = &job.record;
            let same = record.root == key.root && record.kind == key.kind && record.force == key.force;
            same && !record.cancel_requested && job.phase != Phase::Ending
        };
        // One that was paused walks anew when it goes on: whether its thread has stopped by now makes no difference.
        let may_join = |job: &&mut Job| job.feed.control.join(budget) || job.is_stopping;
        let job = self.jobs.values_mut().rev().filter(is_twin).find(may_join)?;
        match owner {
            Some(owner) => {
                job.owners.insert(owner);
            }
            None => job.is_shared = true,
        }
        let larger = job.record.budget.larger(budget);
        let changed = larger != job.record.budget;
        job.record.budget = larger;
        Some((job.record.job, changed))
    }

    /// The next job that may run: the oldest of a project none of whose jobs is at work, while fewer than two are.
    pub(crate) fn next(&self) -> Option<u64> {
        let at_work: Vec<_> = self.jobs.values().filter(|job| job.is_at_work()).map(|job| &job.record.root).collect();
        if at_work.len() >= self.running_max {
            return None;
        }
        let may_run = |job: &&Job| job.phase == Phase::Queued && !at_work.contains(&&job.record.root);
        // What a person has asked for comes before what only follows a tree.
        let is_background = |job: &&Job| job.record.kind != JobKind::INDEX.0;
        self.jobs.values().filter(may_run).min_by_key(is_background).map(|job| job.record.job)
    }

    /// Cancels a job on somebody's behalf: from here on it can end in no other way.
    pub(crate) fn cancel(&mut self, job: u64, by: &str) -> Cancel {
        let Some(job) = self.jobs.get_mut(&job) else { return Cancel::Unknown };
        if job.phase == Phase::Ending {
            return Cancel::Ending;
        }
        if !job.record.cancel_requested {
            job.record.cancel_requested = true;
            job.cancelled_by = by.to_owned();
        }
        job.feed.control.stop(Stop::Cancel);
        job.stopped.notify_one();
        match job.phase {
            Phase::Queued | Phase::Paused => Cancel::Queued,
            Phase::Running | Phase::Ending => Cancel::Running,
        }
    }

    /// An owner leaves the job it owns, if that is here.
    pub(crate) fn owner_leaves(&mut self, owner: u64) -> Leaving {
        let Some(job) = self.jobs.values_mut().find(|job| job.owners.contains(&owner)) else { return Leaving::Unknown };
        job.owners.remove(&owner);
        if job.owners.is_empty() && !job.is_shared { Leaving::Last(job.record.job) } else { Leaving::OthersStay }
    }

    /// Pauses a job: from here on its record says so. Whoever waits for its end waits no longer.
    pub(crate) fn pause(&mut self, job: u64) -> Met {
        let met = self.meet(job, true);
        let Some(job) = self.jobs.get_mut(&job).filter(|_| [Met::Idle, Met::AtWork].contains(&met)) else { return met };
        job.record.state = JobState::Paused;
        job.waiting.clear();
        match met {
            Met::AtWork => {
                job.is_stopping = true;
                job.feed.control.stop(Stop::Pause);
                job.stopped.notify_one();
            }
            _ => job.phase = Phase::Paused,
        }
        met
    }

    /// Has a paused job go on: it waits for its turn, one whose thread is still stopping as soon as it has.
    pub(crate) fn resume(&mut self, job: u64) -> Met {
        let met = self.meet(job, false);
        let Some(job) = self.jobs.get_mut(&job).filter(|_| [Met::Idle, Met::AtWork].contains(&met)) else { return met };
        job.record.state = JobState::Queued;
        if met == Met::Idle {
            job.phase = Phase::Queued;
        }
        met
    }

    fn meet(&self, job: u64, to_pause: bool) -> Met {
        match self.jobs.get(&job) {
            None => Met::Unknown,
            Some(job) if job.phase == Phase::Ending => Met::Ending,
            Some(job) if job.record.cancel_requested => Met::Cancelling,
            Some(job) if job.is_paused() == to_pause => Met::Same,
            Some(job) if job.phase == Phase::Running => Met::AtWork,
            Some(_) => Met::Idle,
        }
    }

    /// Tells every job at work that the daemon stops.
    pub(crate) fn interrupt(&self) {
        for job in self.jobs.values() {
            job.feed.control.stop(Stop::Pause);
            job.stopped.notify_one();
        }
    }
}

impl Job {
    /// Whether it holds its project, or will in a moment.
    fn is_at_work(&self) -> bool {
        match self.phase {
            Phase::Running | Phase::Ending => true,
            Phase::Queued | Phase::Paused => false,
        }
    }

    /// Whether somebody paused it; its thread may still be stopping.
    pub(crate) fn is_paused(&self) -> bool {
        self.record.state == JobState::Paused && !self.record.cancel_requested
    }
}

#[cfg(test)]
pub(crate) fn record(job: u64, root: &str, force: bool) -> JobRecord {
    JobRecord {
        job,
        root: root.into(),
        kind: 1,
        force,
        budget: Budget::default(),
        state: JobState::Queued,
        cancel_requested: false,
        accepted_ms: 1,
        started_ms: 0,
        ended_ms: 0,
        deaths: 0,
        terminal: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(root: &str, force: bool) -> Key {
        Key { root: root.into(), kind: 1, force }
    }

    fn table(jobs: &[(u64, &str, bool, Option<u64>)]) -> Table {
        let mut table = Table::new(8);
        for (job, root, force, owner) in jobs {
            table.insert(record(*job, root, *force), JobFeed::new(Arc::default()), *owner);
        }
        table
    }

    fn run(table: &mut Table) -> Option<u64> {
        let job = table.next()?;
        table.get_mut(job)?.phase = Phase::Running;
        Some(job)
    }

    #[test]
    fn only_an_identical_request_joins() {
        let mut table = table(&[(1, "/a", false, None)]);
        let none = Budget::default();
        assert_eq!(table.join(&key("/a", false), none, None), Some((1, false)));
        assert_eq!(table.join(&key("/a", true), none, None), None, "forced is another job");
        assert_eq!(table.join(&key("/b", false), none, None), None);
        assert_eq!(table.join(&Key { kind: 2, ..key("/a", false) }, none, None), None);
    }

    #[test]
    fn a_job_that_is_ending_or_cancelled_is_not_joined() {
        let mut table = table(&[(1, "/a", false, None)]);
        table.get_mut(1).unwrap().phase = Phase::Ending;
        assert_eq!(table.join(&key("/a", false), Budget::default(), None), None);
        table.get_mut(1).unwrap().phase = Phase::Running;
        table.cancel(1, "me");
        assert_eq!(table.join(&key("/a", false), Budget::default(), None), None);
    }

    #[test]
    fn a_join_enlarges_the_budget() {
        let mut table = Table::new(8);
        let small = Budget { files_max: Some(5), ..Budget::default() };
        let control = Arc::new(vigie_core::index::JobControl::new(small, 0));
        table.insert(JobRecord { budget: small, ..record(1, "/a", false) }, JobFeed::new(control), None);
        let larger = Budget { files_max: Some(9), ..Budget::default() };
        assert_eq!(table.join(&key("/a", false), larger, None), Some((1, true)));
        assert_eq!(table.get_mut(1).unwrap().record.budget.files_max, Some(9));
    }

    #[test]
    fn two_run_at_a_time_and_one_of_a_project() {
        let mut table =
            table(&[(1, "/a", false, None), (2, "/a", true, None), (3, "/b", false, None), (4, "/c", false, None)]);
        assert_eq!((run(&mut table), run(&mut table), run(&mut table)), (Some(1), Some(3), None));
        table.remove(3);
        assert_eq!(run(&mut table), Some(4), "2 waits behind 1");
        table.remove(1);
        assert_eq!(run(&mut table), Some(2));
    }

    #[test]
    fn what_was_asked_for_runs_before_what_follows_a_tree() {
        let mut table = Table::new(1);
        for (job, root, kind) in [(1, "/a", JobKind::REFRESH), (2, "/b", JobKind::INDEX), (3, "/c", JobKind::INDEX)] {
            table.insert(JobRecord { kind: kind.0, ..record(job, root, false) }, JobFeed::new(Arc::default()), None);
        }
        let mut order = Vec::new();
        while let Some(job) = run(&mut table) {
            order.push(job);
            table.remove(job);
        }
        assert_eq!(order, [2, 3, 1]);
    }

    #[test]
    fn a_place_for_a_store_is_left_to_queries() {
        assert_eq!(Table::new(1).running_max, 1);
        assert_eq!(Table::new(2).running_max, 1);
        assert_eq!(Table::new(8).running_max, 2);
    }

    #[test]
    fn p5_a_cancel_stops_the_job_and_is_remembered() {
        let mut table = table(&[(1, "/a", false, None), (2, "/a", true, None)]);
        run(&mut table);
        assert_eq!(table.cancel(1, "vigie"), Cancel::Running);
        assert_eq!(table.cancel(1, "another"), Cancel::Running);
        assert_eq!(table.cancel(2, "vigie"), Cancel::Queued);
        assert_eq!(table.cancel(9, "vigie"), Cancel::Unknown);
        let job = table.get_mut(1).unwrap();
        assert_eq!((job.cancelled_by.as_str(), job.record.cancel_requested), ("vigie", true));
        assert_eq!(job.feed.control.stopped(), Some(Stop::Cancel));
    }

    #[test]
    fn the_last_owner_takes_the_job_along_unless_somebody_joined() {
        let mut table = table(&[(1, "/a", false, Some(10)), (2, "/b", false, Some(12))]);
        table.join(&key("/a", false), Budget::default(), Some(11));
        assert_eq!(table.owner_leaves(10), Leaving::OthersStay, "11 is left");
        assert_eq!(table.owner_leaves(11), Leaving::Last(1));
        assert_eq!(table.owner_leaves(11), Leaving::Unknown, "only once");
        table.join(&key("/b", false), Budget::default(), None);
        assert_eq!(table.owner_leaves(12), Leaving::OthersStay, "another request wants it");
    }

    #[test]
    fn p7_what_a_start_finds_goes_on_unless_it_must_not() {
        let check = |state, cancel_requested, deaths| {
            let mut record = JobRecord { state, cancel_requested, deaths, ..record(1, "/a", false) };
            (restart(&mut record), record.deaths, record.state)
        };
        assert_eq!(check(JobState::Queued, false, 0), (Restart::Queue, 0, JobState::Queued));
        assert_eq!(check(JobState::Interrupted, false, 2), (Restart::Queue, 2, JobState::Queued));
        assert_eq!(check(JobState::Running, false, 1), (Restart::Queue, 2, JobState::Queued));
        assert_eq!(check(JobState::Running, false, 2).0, Restart::Fail);
        assert_eq!(check(JobState::Running, true, 2).0, Restart::Cancel);
        assert_eq!(check(JobState::Paused, false, 2), (Restart::StayPaused, 2, JobState::Paused), "no death");
        assert_eq!(check(JobState::Paused, true, 0).0, Restart::Cancel);
    }

    #[test]
    fn a_paused_job_makes_way_and_keeps_its_place() {
        let mut table = table(&[(1, "/a", false, None), (2, "/a", true, None), (3, "/b", false, None)]);
        assert_eq!(run(&mut table), Some(1));
        assert_eq!((table.pause(1), table.pause(1), table.pause(9)), (Met::AtWork, Met::Same, Met::Unknown));
        assert_eq!(table.get_mut(1).unwrap().feed.control.stopped(), Some(Stop::Pause));
        assert_eq!(run(&mut table), Some(3), "the thread of 1 still has its project");
        table.get_mut(1).unwrap().phase = Phase::Paused;
        assert_eq!(table.paused_of(Path::new("/a")), Some(1));
        table.remove(3);
        assert_eq!((run(&mut table), table.is_busy()), (Some(2), true), "another job of the project may run");
        table.remove(2);
        assert!(!table.is_busy() && run(&mut table).is_none());
        assert_eq!((table.resume(1), table.resume(1)), (Met::Idle, Met::Same));
        assert_eq!(run(&mut table), Some(1));
    }

    #[test]
    fn a_job_that_is_resumed_while_it_stops_waits_for_its_thread() {
        let mut table = table(&[(1, "/a", false, None)]);
        run(&mut table);
        table.pause(1);
        assert_eq!((table.resume(1), run(&mut table)), (Met::AtWork, None));
        assert!(table.get_mut(1).unwrap().is_stopping && !table.get_mut(1).unwrap().is_paused());
    }

    #[test]
    fn a_paused_job_is_joined_while_its_thread_stops_too() {
        let mut table = table(&[(1, "/a", false, None)]);
        run(&mut table);
        table.pause(1);
        // The last that the thread does.
        table.get_mut(1).unwrap().feed.control.close();
        let key = key("/a", false);
        let budget = Budget { files_max: Some(7), ..Budget::default() };
        assert_eq!(table.join(&key, budget, None).map(|(job, _)| job), Some(1));
        table.get_mut(1).unwrap().is_stopping = false;
        assert_eq!(table.join(&key, budget, None), None, "what is closed and does not go on");
    }

    #[test]
    fn a_cancel_prevails_over_a_pause() {
        let mut table = table(&[(1, "/a", false, None), (2, "/b", false, None)]);
        run(&mut table);
        assert_eq!((table.pause(1), table.pause(2)), (Met::AtWork, Met::Idle));
        assert_eq!((table.cancel(1, "me"), table.cancel(2, "me")), (Cancel::Running, Cancel::Queued));
        assert_eq!((table.resume(1), table.pause(1)), (Met::Cancelling, Met::Cancelling));
        assert_eq!(table.get_mut(1).unwrap().feed.control.stopped(), Some(Stop::Cancel));
    }
}
