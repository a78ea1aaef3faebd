//! Files that have lines which match a pattern, with or without their number. Of a file whose lines are not counted no more is searched
//! than up to its first match.

use crate::store::ProjectStore;
use crate::text::{Count, Counter};

use super::super::cursor::Cursor;
use super::super::page::{Course, PageBudget, ROW_BYTES};
use super::super::{FileMatchRow, Options, Page, Query, QueryError, Report, Rows};
use super::candidates::Candidates;
use super::{TextRequest, bad_pattern, gave_up};

/// Files with lines that match a pattern, as they are now, by path. Lines around a match have no meaning here.
pub fn file_matches(
    store: &ProjectStore,
    request: &TextRequest,
    count: Count,
    options: Options,
) -> Result<Box<dyn Query>, QueryError> {
    let counter = Counter::new(&request.pattern, count).map_err(bad_pattern)?;
    let candidates = Candidates::new(store, request, &options)?;
    let mut course = Course::new(&options);
    candidates.remark(&mut course);
    Ok(Box::new(FileMatchQuery { counter, after: Cursor::unpack(&options.cursor)?, candidates, course }))
}

struct FileMatchQuery {
    counter: Counter,
    after: Option<Cursor>,
    candidates: Candidates,
    course: Course,
}

impl Query for FileMatchQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        // All candidates come from the first page's snapshot. The cursor names the first file that did not fit.
        if self.course.is_new() {
            self.candidates.find(store, &mut self.course, self.after.as_ref())?;
        }
        let mut budget = PageBudget::new(page_bytes);
        let mut rows = Vec::new();
        while !self.candidates.is_done() && !budget.is_over() {
            if let Some(row) = self.count_next()? {
                let here = || Some(Cursor { path: row.path.clone(), ..Cursor::default() });
                if !self.course.take_row(here) {
                    return Ok(Page { rows: Rows::FileMatches(rows), done: true });
                }
                budget.spend(ROW_BYTES + row.path.len());
                rows.push(row);
            }
            self.candidates.advance(store)?;
        }
        Ok(Page { rows: Rows::FileMatches(rows), done: self.candidates.is_done() })
    }

    fn report(&self) -> Report {
        self.candidates.report(&self.course)
    }
}

impl FileMatchQuery {
    fn count_next(&mut self) -> Result<Option<FileMatchRow>, QueryError> {
        let Some(text) = self.candidates.read(&mut self.course) else { return Ok(None) };
        let tally = self.counter.count(text.bytes.as_slice()).map_err(gave_up)?;
        Ok((tally.lines > 0).then(|| FileMatchRow {
            path: text.path.to_vec(),
            lines: tally.lines,
            matches: tally.matches,
            changed: text.changed,
        }))
    }
}
