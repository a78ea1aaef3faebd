//! Sends commits to the writer a few ahead, and tells of each once it is on disk: the share of work done that people see never
//! exceeds what a crash would leave.

use std::collections::VecDeque;

use crate::store::{Commit, FileId, JobMark, ProjectStore, StoreError, Ticket};

use super::control::JobControl;
use super::plan::Work;
use super::{ChangedFile, Observer};

/// Commits under way at a time.
const AHEAD_MAX: usize = 2;

/// Share of a job, in thousandths, after its walk. Where scanning ends and parsing begins depends on the files.
pub(super) const PERMILLE_COLLECTED: u16 = 10;
/// Share of a job, in thousandths, when everything is parsed.
pub(super) const PERMILLE_INDEXED: u16 = 990;

/// The way to the writer.
pub(super) struct Committer<'a> {
    store: &'a ProjectStore,
    control: &'a JobControl,
    observer: &'a dyn Observer,
    mark: JobMark,
    permille_scanned: u16,
    tickets: VecDeque<UnderWay>,
}

/// A commit that is not on disk yet.
struct UnderWay {
    ticket: Ticket,
    permille: u16,
    /// Files whose structure it holds.
    parsed: Vec<FileId>,
    /// Files that it changes.
    changed: Vec<ChangedFile>,
}

impl<'a> Committer<'a> {
    pub(super) fn new(
        store: &'a ProjectStore,
        control: &'a JobControl,
        observer: &'a dyn Observer,
        mark: JobMark,
    ) -> Committer<'a> {
        control.raise_permille(mark.permille);
        Committer { store, control, observer, mark, permille_scanned: PERMILLE_COLLECTED, tickets: VecDeque::new() }
    }

    /// The job's mark as the next commit will write it.
    pub(super) fn mark(&self) -> JobMark {
        self.mark
    }

    /// Says how many files are still to be scanned.
    pub(super) fn set_scan_pending(&mut self, files: u64) {
        self.mark.scan_pending = files;
    }

    /// Says which part of the way from the walk to the end of parsing is scanning.
    pub(super) fn set_work(&mut self, work: Work) {
        self.permille_scanned = PERMILLE_COLLECTED + work.scan_share(PERMILLE_INDEXED - PERMILLE_COLLECTED);
    }

    /// Raises the share of the job that the next commit completes: `done` of `total` scanned.
    pub(super) fn reach_scanned(&mut self, done: u64, total: u64) {
        self.reach(PERMILLE_COLLECTED, self.permille_scanned, done, total);
    }

    /// Raises the share of the job that the next commit completes: `done` of `total` parsed.
    pub(super) fn reach_parsed(&mut self, done: u64, total: u64) {
        self.reach(self.permille_scanned, PERMILLE_INDEXED, done, total);
    }

    /// Raises the share of the job that the next commit completes: `done` of `total` on the way between two parts.
    pub(super) fn reach(&mut self, from: u16, to: u16, done: u64, total: u64) {
        let span = u64::from(to - from);
        // Trees of exabytes lose precision, not correctness.
        let share = span.saturating_mul(done.min(total)).checked_div(total).unwrap_or(span);
        let permille = from + u16::try_from(share).unwrap_or(0);
        self.mark.permille = self.mark.permille.max(permille);
    }

    /// Sends a commit, made with the job's mark. Waits while too many are under way.
    pub(super) fn send(&mut self, commit: impl FnOnce(JobMark) -> Commit) -> Result<(), StoreError> {
        self.send_changed((Vec::new(), Vec::new()), commit)
    }

    /// The same of a commit that holds the structure of `parsed`, and is told to have changed `changed`.
    pub(super) fn send_changed(
        &mut self,
        (parsed, changed): (Vec<FileId>, Vec<ChangedFile>),
        commit: impl FnOnce(JobMark) -> Commit,
    ) -> Result<(), StoreError> {
        let ticket = self.store.commit(commit(self.mark))?;
        self.tickets.push_back(UnderWay { ticket, permille: self.mark.permille, parsed, changed });
        while self.tickets.len() > AHEAD_MAX {
            self.settle_oldest()?;
        }
        Ok(())
    }

    /// Waits until everything sent is on disk.
    pub(super) fn drain(&mut self) -> Result<(), StoreError> {
        while !self.tickets.is_empty() {
            self.settle_oldest()?;
        }
        Ok(())
    }

    fn settle_oldest(&mut self) -> Result<(), StoreError> {
        if let Some(UnderWay { ticket, permille, parsed, changed }) = self.tickets.pop_front() {
            let generation = ticket.wait()?;
            self.control.raise_permille(permille);
            self.control.note_errors(self.store.summary().failed);
            self.observer.committed(generation, &changed);
            self.control.demands().committed(&parsed);
        }
        Ok(())
    }
}
