//! Lines that match a pattern. One short snapshot yields the candidates; the files themselves are then read as they are now, so
//! that no line is shown that is not there.

use std::ops::{ControlFlow, Range};

use crate::source::{Source, SourceRoot, TEXT_BYTES_MAX};
use crate::store::{FileRow, FileStat, ProjectStore, StoreError};
use crate::text::{MatchLine, Pattern, Plan, Verifier};

use super::cursor::Cursor;
use super::filter::Filter;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::{Options, Page, Query, QueryError, Report, Rows, TextRow};

/// Lines that match a pattern, in files as they are now, by path and line.
pub fn text(store: &ProjectStore, pattern: &Pattern, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let bad = |e: crate::text::PatternError| QueryError::Pattern(e.to_string());
    let plan = Plan::new(pattern).map_err(bad)?;
    let mut course = Course::new(&options);
    if plan.is_scan() {
        course.note("no three letters of the pattern are certain, so every file was read".into());
    }
    let root = SourceRoot::open(store.root()).map_err(|e| {
        QueryError::Argument(format!("{} cannot be opened: {e}; is the project still there?", store.root().display()))
    })?;
    Ok(Box::new(TextQuery {
        verifier: Verifier::new(pattern).map_err(bad)?,
        filter: Filter::new(&options)?,
        after: Cursor::unpack(&options.cursor)?,
        plan,
        root,
        course,
        candidates: Vec::new(),
        next: 0,
        lines_done: 0,
        unread: 0,
    }))
}

struct TextQuery {
    verifier: Verifier,
    plan: Plan,
    filter: Filter,
    root: SourceRoot,
    after: Option<Cursor>,
    course: Course,
    candidates: Vec<Candidate>,
    /// The candidate to read next.
    next: usize,
    /// Its lines up to this one were handed over.
    lines_done: u64,
    /// Candidates that are there and cannot be searched any more.
    unread: u64,
}

struct Candidate {
    path: Box<[u8]>,
    stat: FileStat,
}

impl Query for TextQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        // All candidates come from the first page's snapshot.
        if self.course.is_new() {
            self.find_candidates(store)?;
        }
        let mut budget = PageBudget::new(page_bytes);
        let mut rows = Vec::new();
        while self.next < self.candidates.len() && !budget.is_over() {
            match self.search_next(&mut rows, &mut budget)? {
                FileEnd::Whole => {
                    self.next += 1;
                    self.lines_done = 0;
                }
                FileEnd::PageFull => break,
                FileEnd::Limit => return Ok(Page { rows: Rows::Text(rows), done: true }),
            }
        }
        Ok(Page { rows: Rows::Text(rows), done: self.next >= self.candidates.len() })
    }

    fn report(&self) -> Report {
        let mut report = self.course.report();
        if self.unread > 0 {
            let count = self.unread;
            report.notes.push(format!("files that may match but cannot be searched any more: {count}; index again"));
        }
        report
    }
}

enum FileEnd {
    Whole,
    PageFull,
    Limit,
}

impl TextQuery {
    fn find_candidates(&mut self, store: &ProjectStore) -> Result<(), StoreError> {
        let mut found = Vec::new();
        store.snapshot(|snapshot| {
            self.course.begin_page(snapshot.generation());
            let mut consider = |row: FileRow| {
                if row.is_text() && self.filter.admits(&row) {
                    found.push(Candidate { path: row.path.into(), stat: row.stat });
                }
            };
            match snapshot.candidates(&self.plan)? {
                Some(files) => {
                    for id in files {
                        snapshot.file(id)?.into_iter().for_each(&mut consider);
                    }
                    Ok(())
                }
                None => snapshot.each_file(None, |row| {
                    consider(row);
                    true
                }),
            }
        })?;
        found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.candidates = found;
        if let Some(after) = &self.after {
            self.next = self.candidates.partition_point(|candidate| *candidate.path < *after.path);
            if self.candidates.get(self.next).is_some_and(|candidate| *candidate.path == *after.path) {
                self.lines_done = after.line;
            }
        }
        Ok(())
    }

    fn search_next(&mut self, rows: &mut Vec<TextRow>, budget: &mut PageBudget) -> Result<FileEnd, QueryError> {
        let candidate = &self.candidates[self.next];
        let (bytes, stat) = match self.root.read(&candidate.path, TEXT_BYTES_MAX) {
            Source::Read(bytes, stat, _) => (bytes, stat),
            Source::Vanished => {
                self.course.vanish();
                return Ok(FileEnd::Whole);
            }
            Source::TooLarge(_) | Source::Unstable(_) | Source::Special | Source::Unreadable(_) => {
                self.unread += 1;
                return Ok(FileEnd::Whole);
            }
        };
        let changed = stat != candidate.stat;
        let mut end = FileEnd::Whole;
        let (course, lines_done) = (&mut self.course, &mut self.lines_done);
        let each = |line: MatchLine<'_>| {
            if line.number <= *lines_done {
                return ControlFlow::Continue(());
            }
            if budget.is_full() {
                end = FileEnd::PageFull;
                return ControlFlow::Break(());
            }
            let here = || Some(Cursor { path: candidate.path.to_vec(), line: line.number - 1, ..Cursor::default() });
            if !course.take_row(here) {
                end = FileEnd::Limit;
                return ControlFlow::Break(());
            }
            *lines_done = line.number;
            let row = row(&candidate.path, &line, changed);
            budget.spend(ROW_BYTES + row.path.len() + row.text.len() + row.spans.len() * 16);
            rows.push(row);
            ControlFlow::Continue(())
        };
        // Reading from memory cannot fail; what could is the matcher giving up on one file.
        self.verifier
            .search(bytes.as_slice(), each)
            .map_err(|e| QueryError::Pattern(format!("the pattern cannot be searched for: {e}")))?;
        Ok(end)
    }
}

fn row(path: &[u8], line: &MatchLine<'_>, changed: bool) -> TextRow {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let excerpt = line.excerpt();
    let span = |range: &Range<usize>| (number(range.start), number(range.end));
    TextRow {
        path: path.to_vec(),
        line: line.number,
        column: number(line.column()),
        column_utf16: number(line.column_utf16()),
        text: excerpt.text.to_vec(),
        spans: excerpt.spans.iter().map(span).collect(),
        truncated: excerpt.is_cut,
        changed,
    }
}
