//! Files by path.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::project::below;
use crate::store::{ProjectStore, Snapshot, StoreError};

use super::absent::why_not_held;
use super::cursor::Cursor;
use super::filter::{Filter, compile_globs};
use super::nothing;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::{FileRow, Options, Page, PathMode, Query, QueryError, Report, Rows};

/// Files by path; an empty query means every file.
pub fn files(
    store: &ProjectStore,
    query: &str,
    mode: PathMode,
    options: Options,
) -> Result<Box<dyn Query>, QueryError> {
    let scorer = match mode {
        _ if query.is_empty() => Scorer::Any,
        PathMode::Fuzzy => Scorer::Fuzzy(
            Pattern::parse(query, CaseMatching::Smart, Normalization::Smart),
            Config::DEFAULT.match_paths(),
        ),
        PathMode::Glob => Scorer::Glob(compile_globs(&[query.to_owned()])?),
        PathMode::Substring => Scorer::Substring(query.as_bytes().to_vec()),
    };
    Ok(Box::new(FileQuery {
        query: query.to_owned(),
        // A query may be the path of a file.
        path: below(store.root(), Path::new(query)).unwrap_or_default(),
        scorer,
        filter: Filter::new(&options)?,
        after: Cursor::unpack(&options.cursor)?,
        course: Course::new(&options),
        found: Vec::new(),
        next: 0,
    }))
}

enum Scorer {
    Any,
    Fuzzy(Pattern, Config),
    Glob(globset::GlobSet),
    Substring(Vec<u8>),
}

struct FileQuery {
    query: String,
    path: Vec<u8>,
    scorer: Scorer,
    filter: Filter,
    after: Option<Cursor>,
    course: Course,
    found: Vec<FileRow>,
    next: usize,
}

impl Query for FileQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        // All rows come from the first page's snapshot.
        if self.course.is_new() {
            self.find(store)?;
        }
        let mut budget = PageBudget::new(page_bytes);
        let mut rows = Vec::new();
        while self.next < self.found.len() && !budget.is_full() {
            let last = || self.next.checked_sub(1).map(|index| key(&self.found[index]));
            if !self.course.take_row(last) {
                return Ok(Page { rows: Rows::Files(rows), done: true });
            }
            let row = self.found[self.next].clone();
            budget.spend(ROW_BYTES + row.path.len());
            rows.push(row);
            self.next += 1;
        }
        Ok(Page { rows: Rows::Files(rows), done: self.next >= self.found.len() })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

fn key(row: &FileRow) -> Cursor {
    Cursor { score: row.score, path: row.path.clone(), ..Cursor::default() }
}

impl FileQuery {
    fn find(&mut self, store: &ProjectStore) -> Result<(), StoreError> {
        let mut score = scoring(&self.scorer);
        store.snapshot(|snapshot| {
            self.course.begin_page(snapshot.generation());
            snapshot.each_file(None, |row| {
                if !row.is_directory()
                    && self.filter.admits(&row.path, row.language)
                    && let Some(score) = score(&row.path)
                {
                    self.found.push(FileRow {
                        path: row.path,
                        language: row.language,
                        bytes: row.stat.size,
                        disposition: row.disposition,
                        score,
                    });
                }
                true
            })
        })?;
        if self.found.is_empty() && self.course.is_without_rows() {
            let why = store.snapshot(|snapshot| self.why_nothing(snapshot, store.root()))?;
            self.course.note(why);
        }
        self.found.sort_by(|a, b| (Reverse(a.score), &a.path).cmp(&(Reverse(b.score), &b.path)));
        if let Some(after) = &self.after {
            let key = (Reverse(after.score), &after.path);
            self.next = self.found.partition_point(|row| (Reverse(row.score), &row.path) <= key);
        }
        Ok(())
    }

    /// Says why there is no row at all.
    fn why_nothing(&self, snapshot: &Snapshot<'_>, root: &Path) -> Result<String, StoreError> {
        let (mut score, mut left_out) = (scoring(&self.scorer), 0u64);
        snapshot.each_file(None, |row| {
            left_out += u64::from(score(&row.path).is_some());
            true
        })?;
        if left_out > 0 {
            let filters = nothing::joined(&self.filter.given_with_paths());
            return Ok(format!("files that match and are left out by {filters}: {left_out}"));
        }
        let is_there = root.join(OsStr::from_bytes(&self.path)).symlink_metadata().is_ok();
        let why = if is_there { why_not_held(snapshot, root, &self.path)? } else { None };
        Ok(why.unwrap_or_else(|| match self.query.is_empty() {
            true => "the index has no files".to_owned(),
            false => format!("no path in the index matches {:?}", self.query),
        }))
    }
}

/// Scores a path; `None` = it does not match.
type Score<'a> = Box<dyn FnMut(&[u8]) -> Option<u32> + 'a>;

fn scoring(scorer: &Scorer) -> Score<'_> {
    match scorer {
        Scorer::Any => Box::new(|_| Some(0)),
        Scorer::Fuzzy(pattern, config) => {
            let mut matcher = Matcher::new(config.clone());
            let mut characters = Vec::new();
            Box::new(move |path| {
                let text = String::from_utf8_lossy(path);
                pattern.score(Utf32Str::new(&text, &mut characters), &mut matcher)
            })
        }
        Scorer::Glob(globs) => Box::new(|path| globs.is_match(OsStr::from_bytes(path)).then_some(0)),
        Scorer::Substring(part) => {
            let finder = memchr::memmem::Finder::new(part);
            Box::new(move |path| finder.find(path).map(|_| 0))
        }
    }
}
