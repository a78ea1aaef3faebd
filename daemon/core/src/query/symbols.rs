//! Definitions by name. The first page decides which names answer, in which order; each page then looks up the definitions of the
//! next names.

use std::cmp::Reverse;
use std::collections::VecDeque;

use crate::kinds::SymbolKind;
use crate::resolve::World;
use crate::source::SourceRoot;
use crate::store::{FileId, ProjectStore, Snapshot, StoreError};

use super::cursor::Cursor;
use super::filter::Filter;
use super::matches::{Matches, just, matches, none};
use super::nothing;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::rows::symbol_row;
use super::target::{Asked, is_called};
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
            Wanted::Definitions { qualified, .. } => is_called(&row.qualified, &row.path, qualified),
        };
        of_kind && named
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
    names: Matches,
    /// The files that define the first of them, by path, whose rows were not handed over yet; `None` = not looked up.
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
            names: none(),
            files: None,
        })
    }
}

impl Query for SymbolsQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        let mut rows: Vec<SymbolRow> = Vec::new();
        let (mut limited, mut is_done, mut no_name_matches) = (false, false, false);
        store.snapshot(|snapshot| {
            if self.course.begin_page(snapshot.generation()) {
                self.names = self.find_names(snapshot)?;
                no_name_matches = self.names.peek().is_none();
                self.skip_names();
            }
            let world = World::new(snapshot);
            let mut budget = PageBudget::new(page_bytes);
            while !limited && !budget.is_over() {
                let Some((score, name)) = self.names.peek().cloned() else { break };
                limited = self.take_rows(&world, &name, score, &mut budget, &mut rows)?;
            }
            is_done = limited || self.names.peek().is_none();
            if is_done && self.course.is_without_rows() {
                let why = self.why_nothing(&world, no_name_matches)?;
                self.course.note(why);
            }
            Ok(())
        })?;
        // Rows of earlier pages are behind the cursor too: it must not point before them.
        if let Some(last) = rows.last() {
            self.after = Some(key(last));
        }
        Ok(Page { done: is_done, rows: Rows::Symbols(rows) })
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
    fn find_names(&self, snapshot: &Snapshot<'_>) -> Result<Matches, StoreError> {
        match &self.wanted {
            Wanted::Definitions { name, .. } => Ok(just(name)),
            Wanted::Names(query, mode) => matches(snapshot, query, *mode),
        }
    }

    /// Says why there is no row at all.
    fn why_nothing(&self, world: &World<'_>, no_name_matches: bool) -> Result<String, StoreError> {
        let filters: Vec<String> = nothing::of_kinds(&self.kinds).into_iter().chain(self.filter.given()).collect();
        match &self.wanted {
            Wanted::Definitions { name, qualified } => {
                let asked = Asked::Name { name: name.clone(), qualified: qualified.clone() };
                let filters = [asked.filters(&self.kinds), self.filter.given()].concat();
                near::why_no_definition(world, name, &filters)
            }
            Wanted::Names(part, _) if no_name_matches => near::no_such_name(world, part),
            Wanted::Names(name, NameMode::Exact) if world.defining_files(name)?.is_empty() => {
                near::why_no_definition(world, name, &filters)
            }
            Wanted::Names(part, _) => {
                let names = self.find_names(world.snapshot)?.map(|(_, name)| name);
                near::what_is_left_out(world, part, &filters, names)
            }
        }
    }

    /// Passes over the names whose rows earlier pages held.
    fn skip_names(&mut self) {
        let Some(after) = &self.after else { return };
        let key = (Reverse(after.score), after.name.as_str());
        while self.names.next_if(|(score, name)| (Reverse(*score), name.as_str()) < key).is_some() {}
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
            self.names.next();
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
