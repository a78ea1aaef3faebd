//! Definitions by name. The first page decides which names answer, in which order; each page then looks up the definitions of the
//! next names.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::kinds::SymbolKind;
use crate::resolve::World;
use crate::source::SourceRoot;
use crate::store::{FileId, ProjectStore, Snapshot, StoreError};

use super::cursor::Cursor;
use super::filter::Filter;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::rows::symbol_row;
use super::{NameMode, Options, Page, Query, QueryError, Report, Rows, SymbolRequest, SymbolRow, near, open_root};

/// Definitions whose name matches.
pub fn symbols(store: &ProjectStore, request: SymbolRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let SymbolRequest { query, mode, kinds } = request;
    if query.is_empty() {
        return Err(QueryError::Argument("the name is empty; give one, or a part of one".into()));
    }
    Ok(Box::new(SymbolsQuery::new(store, Wanted::Names(query, mode), kinds, &options)?))
}

/// Which definitions answer.
pub(super) enum Wanted {
    /// Those whose name matches.
    Names(String, NameMode),
    /// Those of a name whose qualified name ends in this.
    Definitions { name: String, qualified: String },
}

impl Wanted {
    /// Whether a row answers; an impl block is no definition of the type it is for.
    fn admits(&self, row: &SymbolRow, kinds: &[SymbolKind]) -> bool {
        let of_kind = if kinds.is_empty() { row.kind != SymbolKind::Impl } else { kinds.contains(&row.kind) };
        let named = match self {
            Wanted::Names(..) => true,
            Wanted::Definitions { qualified, .. } => {
                let before = row.qualified.strip_suffix(qualified.as_str());
                before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
            }
        };
        of_kind && named
    }

    /// The name in full, if it is given.
    fn whole_name(&self) -> Option<&str> {
        match self {
            Wanted::Definitions { name, .. } | Wanted::Names(name, NameMode::Exact) => Some(name),
            Wanted::Names(..) => None,
        }
    }
}

/// The question; between pages a place in its names.
pub(super) struct SymbolsQuery {
    wanted: Wanted,
    kinds: Vec<SymbolKind>,
    filter: Filter,
    after: Option<Cursor>,
    course: Course,
    root: SourceRoot,
    /// Best first.
    names: Vec<(u32, String)>,
    /// The name whose rows come next.
    next: usize,
    /// The files that define it, by path, whose rows were not handed over yet; `None` = not looked up.
    files: Option<VecDeque<FileId>>,
}

impl SymbolsQuery {
    pub(super) fn new(
        store: &ProjectStore,
        wanted: Wanted,
        kinds: Vec<SymbolKind>,
        options: &Options,
    ) -> Result<SymbolsQuery, QueryError> {
        Ok(SymbolsQuery {
            wanted,
            kinds,
            filter: Filter::new(options)?,
            after: Cursor::unpack(&options.cursor)?,
            course: Course::new(options),
            root: open_root(store)?,
            names: Vec::new(),
            next: 0,
            files: None,
        })
    }
}

impl Query for SymbolsQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        let mut rows: Vec<SymbolRow> = Vec::new();
        let mut limited = false;
        store.snapshot(|snapshot| {
            if self.course.begin_page(snapshot.generation()) {
                self.names = self.find_names(snapshot)?;
                if let Some(after) = &self.after {
                    let key = (Reverse(after.score), after.name.as_str());
                    self.next = self.names.partition_point(|(score, name)| (Reverse(*score), name.as_str()) < key);
                }
            }
            let world = World::new(snapshot);
            let mut budget = PageBudget::new(page_bytes);
            while !limited && !budget.is_over() {
                let Some((score, name)) = self.names.get(self.next).cloned() else { break };
                limited = self.take_rows(&world, &name, score, &mut budget, &mut rows)?;
            }
            let is_done = limited || self.next >= self.names.len();
            if is_done
                && self.course.is_without_rows()
                && let Some(name) = self.wanted.whole_name()
            {
                self.course.note_near(near::names(snapshot, name)?);
            }
            Ok(())
        })?;
        // Rows of earlier pages are behind the cursor too: it must not point before them.
        if let Some(last) = rows.last() {
            self.after = Some(key(last));
        }
        Ok(Page { done: limited || self.next >= self.names.len(), rows: Rows::Symbols(rows) })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

fn key(row: &SymbolRow) -> Cursor {
    Cursor {
        score: row.score,
        name: row.name.clone(),
        path: row.path.clone(),
        line: row.position.line.into(),
        column: row.position.column,
    }
}

fn key_order(key: &Cursor) -> (Reverse<u32>, &str, &[u8], u64, u32) {
    (Reverse(key.score), &key.name, &key.path, key.line, key.column)
}

impl SymbolsQuery {
    fn find_names(&self, snapshot: &Snapshot<'_>) -> Result<Vec<(u32, String)>, StoreError> {
        let (query, mode) = match &self.wanted {
            Wanted::Definitions { name, .. } => return Ok(vec![(0, name.clone())]),
            Wanted::Names(query, NameMode::Exact) => return Ok(vec![(0, query.clone())]),
            Wanted::Names(query, mode) => (query, *mode),
        };
        let prefix = if mode == NameMode::Prefix { query } else { "" };
        let mut score = scoring(query, mode);
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        snapshot.each_defined_name(prefix, |name| {
            if let Some(score) = score(name)
                && !found.contains_key(name)
            {
                found.insert(name.to_owned(), score);
            }
            true
        })?;
        let mut names: Vec<(u32, String)> = found.into_iter().map(|(name, score)| (score, name)).collect();
        names.sort_by(|a, b| (Reverse(a.0), &a.1).cmp(&(Reverse(b.0), &b.1)));
        Ok(names)
    }

    /// Takes rows of a name, file by file, until the page is over or the name has no more; `true` = the limit was reached.
    fn take_rows(
        &mut self,
        world: &World<'_>,
        name: &str,
        score: u32,
        budget: &mut PageBudget,
        rows: &mut Vec<SymbolRow>,
    ) -> Result<bool, StoreError> {
        let mut files = match self.files.take() {
            Some(files) => files,
            None => {
                let after = self.after.as_ref().filter(|after| after.score == score && after.name == name);
                let first = after.map(|after| after.path.as_slice());
                self.filter.by_path(world, world.defining_files(name)?, first)?
            }
        };
        while !budget.is_over()
            && let Some(file) = files.pop_front()
        {
            for row in self.rows_of(world, file, name, score)? {
                if self.after.as_ref().is_some_and(|after| key_order(&key(&row)) <= key_order(after)) {
                    continue;
                }
                let last = || rows.last().map(key).or_else(|| self.after.clone());
                if !self.course.take_row(last) {
                    return Ok(true);
                }
                let texts = row.path.len() + row.qualified.len() * 2 + row.signature.len() + row.doc.len();
                budget.spend(ROW_BYTES + texts);
                rows.push(row);
            }
        }
        if files.is_empty() {
            self.next += 1;
        } else {
            self.files = Some(files);
        }
        Ok(false)
    }

    /// The rows of a name in a file.
    fn rows_of(&self, world: &World<'_>, id: FileId, name: &str, score: u32) -> Result<Vec<SymbolRow>, StoreError> {
        let mut rows = Vec::new();
        let Some(file) = world.file(id)? else { return Ok(rows) };
        for symbol in world.defined_in_file(&file, name)? {
            let row = SymbolRow { score, ..symbol_row(world, &self.root, &file, symbol.id, None)? };
            rows.extend(Some(row).filter(|row| self.wanted.admits(row, &self.kinds)));
        }
        rows.sort_by(|a, b| key_order(&key(a)).cmp(&key_order(&key(b))));
        Ok(rows)
    }
}

/// Scores a name; `None` = it does not match.
type Score<'a> = Box<dyn FnMut(&str) -> Option<u32> + 'a>;

/// How well a name matches; exact before prefix before part.
fn scoring(query: &str, mode: NameMode) -> Score<'_> {
    let grade = |name: &str, query: &str| match name.find(query) {
        Some(0) if name.len() == query.len() => Some(3),
        Some(0) => Some(2),
        Some(_) => Some(1),
        None => None,
    };
    let sensitive = query.chars().any(char::is_uppercase);
    match mode {
        NameMode::Exact => Box::new(move |name| (name == query).then_some(3)),
        NameMode::Prefix => Box::new(move |name| grade(name, query).filter(|grade| *grade > 1)),
        NameMode::Substring if sensitive => Box::new(move |name| grade(name, query)),
        NameMode::Substring => Box::new(move |name| {
            if name.is_ascii() && name.len() < query.len() { None } else { grade(&name.to_lowercase(), query) }
        }),
        NameMode::Fuzzy => {
            let pattern = Pattern::new(query, CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy);
            let mut matcher = Matcher::new(Config::DEFAULT);
            let mut characters = Vec::new();
            Box::new(move |name| pattern.score(Utf32Str::new(name, &mut characters), &mut matcher))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_names_come_before_prefixes_and_parts() {
        let grades = |mode| ["get", "getter", "forget", "Get", "set"].map(scoring("get", mode));
        assert_eq!(grades(NameMode::Substring), [Some(3), Some(2), Some(1), Some(3), None]);
        assert_eq!(grades(NameMode::Prefix), [Some(3), Some(2), None, None, None]);
    }
}
