//! The numbering of state events within one life of the daemon, and those of them that are retained. Pure: one place gives
//! order, and a subscriber is a cursor into it.

use std::collections::VecDeque;

use vigie_proto::{Bytes, ProgressEvent, ProjectEvent};

/// Most state events retained for cursors.
pub(crate) const EVENTS_MAX: usize = 8192;

/// Most paths of changed files in retained events.
const PATHS_MAX: usize = 65_536;

/// A state event with its number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StateEvent {
    /// Of a job.
    Job(Box<ProgressEvent>),
    /// Of a project.
    Project(ProjectEvent),
}

impl StateEvent {
    /// Its number.
    pub(crate) fn seq(&self) -> u64 {
        match self {
            StateEvent::Job(event) => event.seq,
            StateEvent::Project(event) => event.seq,
        }
    }

    /// How many changed files it names.
    fn paths(&self) -> usize {
        match self {
            StateEvent::Job(_) => 0,
            StateEvent::Project(event) => event.changed.len(),
        }
    }
}

/// Which events a subscriber wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Those of one job.
    Job(u64),
    /// Those of a project and of its jobs.
    Project(Bytes),
    /// All.
    All,
}

impl Filter {
    /// Whether a job's event passes.
    pub(crate) fn takes_job(&self, event: &ProgressEvent) -> bool {
        match self {
            Filter::Job(job) => event.job == *job,
            Filter::Project(root) => event.project == *root,
            Filter::All => true,
        }
    }

    /// Whether a state event passes.
    pub(crate) fn takes(&self, event: &StateEvent) -> bool {
        match (self, event) {
            (_, StateEvent::Job(event)) => self.takes_job(event),
            (Filter::Job(_), StateEvent::Project(_)) => false,
            (Filter::Project(root), StateEvent::Project(event)) => event.project == *root,
            (Filter::All, StateEvent::Project(_)) => true,
        }
    }
}

/// The events of one epoch.
#[derive(Debug)]
pub(crate) struct EventLog {
    epoch: u64,
    seq: u64,
    retained: VecDeque<StateEvent>,
    retained_paths: usize,
    retained_max: usize,
}

impl EventLog {
    /// The empty log of an epoch.
    pub(crate) fn new(epoch: u64, retained_max: usize) -> EventLog {
        EventLog { epoch, seq: 0, retained: VecDeque::new(), retained_paths: 0, retained_max }
    }

    /// The daemon's life.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Number of the last state event.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// Numbers an event and retains it.
    pub(crate) fn append(&mut self, mut event: StateEvent) -> StateEvent {
        self.seq += 1;
        match &mut event {
            StateEvent::Job(event) => event.seq = self.seq,
            StateEvent::Project(event) => event.seq = self.seq,
        }
        self.retained_paths += event.paths();
        self.retained.push_back(event.clone());
        while self.retained.len() > self.retained_max || self.retained_paths > PATHS_MAX {
            let Some(oldest) = self.retained.pop_front() else { break };
            self.retained_paths -= oldest.paths();
        }
        event
    }

    /// Everything after a cursor; `None` = the cursor is of another epoch, of the future, or older than what is retained.
    pub(crate) fn since(&self, epoch: u64, seq: u64) -> Option<impl Iterator<Item = &StateEvent>> {
        let oldest = self.retained.front().map_or(self.seq + 1, StateEvent::seq);
        if epoch != self.epoch || seq > self.seq || seq + 1 < oldest {
            return None;
        }
        let skip = usize::try_from(seq + 1 - oldest).ok()?;
        Some(self.retained.iter().skip(skip))
    }

    /// The first event of a job, if it is retained.
    pub(crate) fn first_of_job(&self, job: u64) -> Option<&ProgressEvent> {
        self.retained.iter().find_map(|event| match event {
            StateEvent::Job(event) if event.job == job => Some(&**event),
            StateEvent::Job(_) | StateEvent::Project(_) => None,
        })
    }

    /// The last retained event of a job up to a cursor.
    pub(crate) fn last_of_job(&self, job: u64, seq: u64) -> Option<&ProgressEvent> {
        self.retained.iter().rev().find_map(|event| match event {
            StateEvent::Job(event) if event.job == job && event.seq <= seq => Some(&**event),
            StateEvent::Job(_) | StateEvent::Project(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(events: u64, retained_max: usize) -> EventLog {
        let mut log = EventLog::new(3, retained_max);
        for n in 0..events {
            let event = ProgressEvent { job: n % 2, current: n, ..ProgressEvent::default() };
            log.append(StateEvent::Job(Box::new(event)));
        }
        log
    }

    fn seqs(log: &EventLog, seq: u64) -> Option<Vec<u64>> {
        log.since(3, seq).map(|events| events.map(StateEvent::seq).collect())
    }

    #[test]
    fn p3_a_cursor_gets_every_later_event_once_and_in_order() {
        let log = log(10, 100);
        assert_eq!(seqs(&log, 0).unwrap(), (1..=10).collect::<Vec<_>>());
        assert_eq!(seqs(&log, 7).unwrap(), [8, 9, 10]);
        assert_eq!(seqs(&log, 10).unwrap(), [0; 0]);
    }

    #[test]
    fn p3_a_cursor_that_cannot_be_honoured_is_refused() {
        let log = log(10, 4);
        assert_eq!(seqs(&log, 6).unwrap(), [7, 8, 9, 10]);
        assert_eq!(seqs(&log, 5), None, "6 is no longer retained");
        assert_eq!(seqs(&log, 11), None, "the future");
        assert!(log.since(2, 8).is_none(), "another life");
    }

    #[test]
    fn events_that_name_many_files_are_retained_for_less_long() {
        let mut log = EventLog::new(3, 100);
        let changed = vec![Bytes::from("a"); PATHS_MAX / 4];
        for _ in 0..10 {
            log.append(StateEvent::Project(ProjectEvent { changed: changed.clone(), ..ProjectEvent::default() }));
        }
        assert_eq!(seqs(&log, 6).unwrap(), [7, 8, 9, 10]);
        assert_eq!(seqs(&log, 5), None);
    }

    #[test]
    fn an_empty_log_honours_only_its_beginning() {
        let log = log(0, 4);
        assert_eq!(seqs(&log, 0).unwrap(), [0; 0]);
        assert_eq!(seqs(&log, 1), None);
    }

    #[test]
    fn the_state_at_a_cursor_is_that_of_then() {
        let log = log(10, 100);
        assert_eq!(log.last_of_job(0, 6).unwrap().seq, 5);
        assert_eq!(log.last_of_job(7, 6), None);
    }

    #[test]
    fn filters() {
        let of = |project: &str, job| ProgressEvent { project: project.into(), job, ..ProgressEvent::default() };
        let project = StateEvent::Project(ProjectEvent { project: "/a".into(), ..ProjectEvent::default() });
        assert!(Filter::Job(1).takes_job(&of("/a", 1)) && !Filter::Job(1).takes_job(&of("/a", 2)));
        assert!(!Filter::Job(1).takes(&project));
        let filter = Filter::Project("/a".into());
        assert!(filter.takes(&project) && filter.takes_job(&of("/a", 5)) && !filter.takes_job(&of("/a/b", 5)));
        assert!(Filter::All.takes(&project));
    }
}
