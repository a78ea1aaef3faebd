//! What all questions do alike: keep to a page's size and time, count rows against the limit, and report.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::cursor::Cursor;
use super::{Options, QueryError, Report};

/// Longest a page takes, one file beyond it: a question with few answers must still let go of its thread.
const PAGE_TIME: Duration = Duration::from_millis(100);

/// Bytes that a row takes on the wire besides its texts, roughly.
pub(super) const ROW_BYTES: usize = 120;

/// One page being filled.
pub(super) struct PageBudget {
    bytes_max: usize,
    bytes: usize,
    since: Instant,
}

impl PageBudget {
    pub(super) fn new(bytes_max: usize) -> PageBudget {
        // A page of nothing would never come to an end.
        PageBudget { bytes_max: bytes_max.max(1), bytes: 0, since: Instant::now() }
    }

    /// Counts a row.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Whether the rows so far fill the page.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= self.bytes_max
    }

    /// Whether the page should be handed over.
    pub(super) fn is_over(&self) -> bool {
        self.is_full() || self.since.elapsed() >= PAGE_TIME
    }
}

/// The next page of rows that were all found at once, and do not go on behind a limit.
pub(super) fn next_page<R>(
    left: &mut VecDeque<R>,
    course: &mut Course,
    page_bytes: usize,
    bytes_of: impl Fn(&R) -> usize,
) -> Vec<R> {
    let mut budget = PageBudget::new(page_bytes);
    let mut rows = Vec::new();
    while !budget.is_full()
        && let Some(row) = left.pop_front()
    {
        if !course.take_row(|| None) {
            left.clear();
            break;
        }
        budget.spend(bytes_of(&row));
        rows.push(row);
    }
    rows
}

/// The course of an answer over its pages.
pub(super) struct Course {
    limit: Option<u64>,
    report: Report,
    begun: bool,
    /// It goes on where an earlier answer was cut.
    continues: bool,
    /// It was said why there is no row.
    explained: bool,
}

impl Course {
    pub(super) fn new(options: &Options) -> Course {
        let continues = !options.cursor.is_empty();
        Course { limit: options.limit, report: Report::default(), begun: false, continues, explained: false }
    }

    /// Whether no page was begun yet.
    pub(super) fn is_new(&self) -> bool {
        !self.begun
    }

    /// Notes the generation of a page; `true` for the first one.
    pub(super) fn begin_page(&mut self, generation: u64) -> bool {
        let first = !self.begun;
        if first {
            self.begun = true;
            self.report.generation = generation;
        } else if self.report.generation != generation {
            self.report.generation_changed = true;
        }
        first
    }

    /// The same, for an answer that must come from one snapshot.
    pub(super) fn begin_page_of_one_generation(&mut self, generation: u64) -> Result<bool, QueryError> {
        let first = self.begin_page(generation);
        if self.report.generation_changed { Err(QueryError::GenerationChanged) } else { Ok(first) }
    }

    /// Whether the limit leaves room for another row; if not, the answer is truncated, and goes on behind `last`.
    pub(super) fn has_room(&mut self, last: impl FnOnce() -> Option<Cursor>) -> bool {
        if self.limit.is_some_and(|limit| self.report.rows >= limit) {
            self.report.truncated = true;
            self.report.cursor = last().map(|cursor| cursor.pack()).unwrap_or_default();
            return false;
        }
        true
    }

    /// Ends the answer behind `last`, though there is more.
    pub(super) fn cut(&mut self, last: Option<&Cursor>) {
        self.report.truncated = true;
        self.report.cursor = last.map(Cursor::pack).unwrap_or_default();
    }

    /// Counts a row, if there is room for it.
    pub(super) fn take_row(&mut self, last: impl FnOnce() -> Option<Cursor>) -> bool {
        let has_room = self.has_room(last);
        self.report.rows += u64::from(has_room);
        has_room
    }

    /// Counts a candidate that is gone.
    pub(super) fn vanish(&mut self) {
        self.report.vanished += 1;
    }

    /// Adds a sentence to the report.
    pub(super) fn note(&mut self, note: String) {
        self.report.notes.push(note);
    }

    /// Adds a sentence to the report, if there is one.
    pub(super) fn note_if(&mut self, note: Option<String>) {
        self.report.notes.extend(note);
    }

    /// Says how many rows were left out because nobody can be certain of them: of a part of an answer, only those that belong to it.
    pub(super) fn note_uncertain(&mut self, count: u64) {
        if count == 0 {
            return;
        }
        let verb = if count == 1 { "is" } else { "are" };
        let is_part = self.continues || self.report.truncated;
        let part = if is_part { "in this part of the answer " } else { "" };
        self.note(format!("{part}{count} {verb} not certain, and not shown"));
    }

    /// Says why there is no row.
    pub(super) fn explain(&mut self, why: String) {
        self.explained = true;
        self.note(why);
    }

    /// Whether there is no row, and nobody said why.
    pub(super) fn lacks_reason(&self) -> bool {
        self.is_without_rows() && !self.explained
    }

    /// Whether there were no rows yet, and no cursor before which there may have been.
    pub(super) fn is_without_rows(&self) -> bool {
        self.report.rows == 0 && !self.continues
    }

    /// The report so far.
    pub(super) fn report(&self) -> Report {
        self.report.clone()
    }
}
