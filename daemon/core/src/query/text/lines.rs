//! Lines that match a pattern, with the lines around them that were asked for.

use std::ops::{ControlFlow, Range};

use crate::store::ProjectStore;
use crate::text::{Line, Role, Verifier};

use super::super::cursor::Cursor;
use super::super::page::{Course, PageBudget, ROW_BYTES};
use super::super::{Options, Page, Query, QueryError, Report, Rows, TextRow};
use super::candidates::Candidates;
use super::{TextRequest, bad_pattern, gave_up};

/// Bytes that a span takes on the wire.
const SPAN_BYTES: usize = 16;

/// Lines that match a pattern, in files as they are now, by path and line. The limit counts lines that match, not those around them.
pub fn text(store: &ProjectStore, request: &TextRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let lines = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let verifier = Verifier::new(&request.pattern).map_err(bad_pattern)?;
    let candidates = Candidates::new(store, request, &options)?;
    let mut course = Course::new(&options);
    candidates.remark(&mut course);
    Ok(Box::new(TextQuery {
        verifier: verifier
            .with_context(lines(request.before), lines(request.after))
            .with_every_match(request.every_match),
        after: Cursor::unpack(&options.cursor)?,
        candidates,
        course,
        done: (0, 0),
    }))
}

struct TextQuery {
    verifier: Verifier,
    after: Option<Cursor>,
    candidates: Candidates,
    course: Course,
    /// Lines of the next candidate up to this piece of this one were handed over.
    done: (u64, u32),
}

impl Query for TextQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        // All candidates come from the first page's snapshot.
        if self.course.is_new() && self.candidates.find(store, &mut self.course, self.after.as_ref())? {
            self.done = self.after.as_ref().map_or((0, 0), |after| (after.line, u32::MAX));
        }
        let mut budget = PageBudget::new(page_bytes);
        let mut rows = Vec::new();
        while !self.candidates.is_done() && !budget.is_over() {
            match self.search_next(&mut rows, &mut budget)? {
                FileEnd::Whole => {
                    self.candidates.advance(store)?;
                    self.done = (0, 0);
                }
                FileEnd::PageFull => break,
                FileEnd::Limit => return Ok(Page { rows: Rows::Text(rows), done: true }),
            }
        }
        Ok(Page { rows: Rows::Text(rows), done: self.candidates.is_done() })
    }

    fn report(&self) -> Report {
        self.candidates.report(&self.course)
    }
}

enum FileEnd {
    Whole,
    PageFull,
    Limit,
}

impl TextQuery {
    fn search_next(&mut self, rows: &mut Vec<TextRow>, budget: &mut PageBudget) -> Result<FileEnd, QueryError> {
        let Some(text) = self.candidates.read(&mut self.course) else { return Ok(FileEnd::Whole) };
        let mut end = FileEnd::Whole;
        let (course, done) = (&mut self.course, &mut self.done);
        let each = |line: Line<'_>| {
            if (line.number, line.piece) <= *done {
                return ControlFlow::Continue(());
            }
            if budget.is_full() {
                end = FileEnd::PageFull;
                return ControlFlow::Break(());
            }
            let here = || Some(Cursor { path: text.path.to_vec(), line: done.0, ..Cursor::default() });
            let has_room = match line.role {
                // Its line has been counted.
                Role::Match if line.piece > 0 => true,
                Role::Match => course.take_row(here),
                // Without the line that it announces, it would stand there for nothing.
                Role::Before => course.has_room(here),
                Role::After => true,
            };
            if !has_room {
                end = FileEnd::Limit;
                return ControlFlow::Break(());
            }
            *done = (line.number, line.piece);
            let row = row(text.path, &line, text.changed);
            budget.spend(ROW_BYTES + row.path.len() + row.text.len() + row.spans.len() * SPAN_BYTES);
            rows.push(row);
            ControlFlow::Continue(())
        };
        self.verifier.search(text.bytes.as_slice(), each).map_err(gave_up)?;
        Ok(end)
    }
}

fn row(path: &[u8], line: &Line<'_>, changed: bool) -> TextRow {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let excerpt = line.excerpt();
    let span = |range: &Range<usize>| (number(range.start), number(range.end));
    let is_match = line.role == Role::Match;
    TextRow {
        path: path.to_vec(),
        line: line.number,
        column: if is_match { number(line.column()) } else { 0 },
        column_utf16: if is_match { number(line.column_utf16()) } else { 0 },
        text: excerpt.text.to_vec(),
        spans: excerpt.spans.iter().map(span).collect(),
        truncated: excerpt.is_cut,
        changed,
        context: !is_match,
    }
}
