//! Definitions by name. The first page decides which names answer, in which order; each page then looks up the definitions of the
//! next names.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Component, Path, PathBuf};

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::facts::Position;
use crate::kinds::SymbolKind;
use crate::source::SourceRoot;
use crate::store::{FileId, FileRow, ProjectStore, Snapshot, StoreError, StoredDefinition};

use super::cursor::Cursor;
use super::filter::Filter;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::{NameMode, Options, Page, Query, QueryError, Report, Rows, SymbolRequest, SymbolRow};

/// Definitions.
pub fn symbols(store: &ProjectStore, request: SymbolRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let root = SourceRoot::open(store.root()).map_err(|e| {
        QueryError::Argument(format!("{} cannot be opened: {e}; is the project still there?", store.root().display()))
    })?;
    let (wanted, kinds) = match request {
        SymbolRequest::Name { query, .. } if query.is_empty() => {
            return Err(QueryError::Argument("the name is empty; give one, or a part of one".into()));
        }
        SymbolRequest::Name { query, mode, kinds } => (Wanted::Names(query, mode), kinds),
        SymbolRequest::Definition { target, kinds } => (Wanted::of_target(store, &target)?, kinds),
    };
    Ok(Box::new(SymbolsQuery {
        wanted,
        kinds,
        filter: Filter::new(&options)?,
        after: Cursor::unpack(&options.cursor)?,
        course: Course::new(&options),
        root,
        names: Vec::new(),
        next: 0,
        files: None,
    }))
}

enum Wanted {
    /// Names that match.
    Names(String, NameMode),
    /// The definitions of a name, whose qualified name ends in this.
    Definitions { name: String, qualified: String },
    /// The definition whose name stands at this place.
    At { name: String, path: Vec<u8>, position: Position },
}

impl Wanted {
    fn of_target(store: &ProjectStore, target: &str) -> Result<Wanted, QueryError> {
        if let Some((file, line, column)) = parse_location(target)? {
            return at_place(store, file, line, column);
        }
        let qualified = target.replace("::", ".");
        match qualified.rsplit('.').next() {
            Some(name) if !name.is_empty() => Ok(Wanted::Definitions { name: name.to_owned(), qualified }),
            _ => Err(QueryError::Argument(format!(
                "{target:?} is neither a name, nor Container.name, nor FILE:LINE:COLUMN"
            ))),
        }
    }

    /// Whether a row answers; an impl block is no definition of the type it is for.
    fn admits(&self, row: &SymbolRow, kinds: &[SymbolKind]) -> bool {
        let of_kind = if kinds.is_empty() { row.kind != SymbolKind::Impl } else { kinds.contains(&row.kind) };
        let named = match self {
            Wanted::Names(..) => true,
            Wanted::Definitions { qualified, .. } => {
                let before = row.qualified.strip_suffix(qualified.as_str());
                before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
            }
            Wanted::At { path, position, .. } => row.path == *path && row.position == *position,
        };
        of_kind && named
    }
}

/// FILE:LINE:COLUMN, as editors write a place; `None` = it is no place.
fn parse_location(target: &str) -> Result<Option<(&str, u32, u32)>, QueryError> {
    let numbers_from =
        |text: &str| text.rsplit_once(':').and_then(|(rest, n)| Some((rest.len(), n.parse::<u32>().ok()?)));
    let Some((rest, last)) = numbers_from(target) else { return Ok(None) };
    let Some((file, line)) = numbers_from(&target[..rest]) else {
        let message = format!("{target:?} names a file and a line; give the column too: FILE:LINE:COLUMN");
        return if rest > 0 && !target[..rest].ends_with(':') { Err(QueryError::Argument(message)) } else { Ok(None) };
    };
    if line == 0 || last == 0 {
        return Err(QueryError::Argument(format!("{target:?} is no place: lines and columns begin at 1")));
    }
    Ok((file > 0).then_some((&target[..file], line, last)))
}

/// What the name at a place asks for: its definition, if it stands there, else all definitions of the name.
fn at_place(store: &ProjectStore, file: &str, line: u32, column: u32) -> Result<Wanted, QueryError> {
    let path = Path::new(file);
    let relative = if path.is_absolute() { path.strip_prefix(store.root()).ok() } else { Some(path) };
    let relative = relative.ok_or_else(|| {
        let root = store.root().display();
        QueryError::Argument(format!("{file} lies outside the project {root}; name a file inside it"))
    })?;
    let relative: PathBuf = relative.components().filter(|part| *part != Component::CurDir).collect();
    let path = relative.as_os_str().as_encoded_bytes();
    let found = store.snapshot(|snapshot| {
        let Some(row) = snapshot.file_by_path(path)? else { return Ok(None) };
        name_in_file(snapshot, &row, line, column).map(Some)
    })?;
    match found {
        None => Err(QueryError::Argument(format!("{file} is not in the index; `vigie coverage` lists what is"))),
        Some(None) => {
            Err(QueryError::Argument(format!("no name stands at line {line}, column {column} of {file} in the index")))
        }
        Some(Some(wanted)) => Ok(wanted),
    }
}

fn name_in_file(snapshot: &Snapshot<'_>, file: &FileRow, line: u32, column: u32) -> Result<Option<Wanted>, StoreError> {
    let definitions = snapshot.definitions(file.id)?;
    let occurrences = snapshot.occurrences(file.id)?;
    let defined = definitions.iter().map(|d| (d.position, d.name, d.kind != SymbolKind::Impl));
    let mentioned = occurrences.references.iter().map(|r| (r.position, r.name, false));
    for (position, rank, is_definition) in defined.chain(mentioned) {
        if position.line != line || position.column > column {
            continue;
        }
        let name = snapshot.name(file.id, rank)?;
        if (column - position.column) as usize > name.len() {
            continue;
        }
        return Ok(Some(if is_definition {
            Wanted::At { name, path: file.path.clone(), position }
        } else {
            Wanted::Definitions { qualified: name.clone(), name }
        }));
    }
    Ok(None)
}

struct SymbolsQuery {
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
            let mut budget = PageBudget::new(page_bytes);
            while !limited && !budget.is_over() {
                let Some((score, name)) = self.names.get(self.next).cloned() else { break };
                limited = self.take_rows(snapshot, &name, score, &mut budget, &mut rows)?;
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
            Wanted::Definitions { name, .. } | Wanted::At { name, .. } => return Ok(vec![(0, name.clone())]),
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
        })?;
        let mut names: Vec<(u32, String)> = found.into_iter().map(|(name, score)| (score, name)).collect();
        names.sort_by(|a, b| (Reverse(a.0), &a.1).cmp(&(Reverse(b.0), &b.1)));
        Ok(names)
    }

    /// Takes rows of a name, file by file, until the page is over or the name has no more; `true` = the limit was reached.
    fn take_rows(
        &mut self,
        snapshot: &Snapshot<'_>,
        name: &str,
        score: u32,
        budget: &mut PageBudget,
        rows: &mut Vec<SymbolRow>,
    ) -> Result<bool, StoreError> {
        let hits = snapshot.find_name(name)?;
        // Numbers of files hold from page to page, numbers of names do not.
        let ranks: HashMap<FileId, u32> = hits.iter().filter(|hit| hit.defines).map(|h| (h.file, h.name)).collect();
        let mut files = match self.files.take() {
            Some(files) => files,
            None => {
                let after = self.after.as_ref().filter(|after| after.score == score && after.name == name);
                self.files_by_path(snapshot, &ranks, after.map(|after| after.path.as_slice()))?
            }
        };
        while !budget.is_over()
            && let Some(file) = files.pop_front()
        {
            let Some(rank) = ranks.get(&file) else { continue };
            for row in self.rows_of(snapshot, file, (name, *rank), score)? {
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

    /// Those of the files that are wanted, by path, from `first` on.
    fn files_by_path(
        &self,
        snapshot: &Snapshot<'_>,
        files: &HashMap<FileId, u32>,
        first: Option<&[u8]>,
    ) -> Result<VecDeque<FileId>, StoreError> {
        let mut by_path = Vec::with_capacity(files.len());
        for id in files.keys() {
            let Some(row) = snapshot.file(*id)?.filter(|row| self.filter.admits(row)) else { continue };
            if first.is_none_or(|first| row.path.as_slice() >= first) {
                by_path.push((row.path, *id));
            }
        }
        by_path.sort_unstable();
        Ok(by_path.into_iter().map(|(_, id)| id).collect())
    }

    /// The rows of a name, given with its number there, in a file.
    fn rows_of(
        &self,
        snapshot: &Snapshot<'_>,
        id: FileId,
        (name, rank): (&str, u32),
        score: u32,
    ) -> Result<Vec<SymbolRow>, StoreError> {
        let mut rows = Vec::new();
        let Some(file) = snapshot.file(id)? else { return Ok(rows) };
        let changed = self.root.stat(&file.path) != Some(file.stat);
        let definitions = snapshot.definitions(id)?;
        let mut names = Names { snapshot, file: id, known: HashMap::new() };
        for definition in definitions.iter().filter(|definition| definition.name == rank) {
            let container = names.qualified(&definitions, definition.container)?;
            let row = row(&file, name, definition, container, changed, score);
            rows.extend(row.filter(|row| self.wanted.admits(row, &self.kinds)));
        }
        rows.sort_by(|a, b| key_order(&key(a)).cmp(&key_order(&key(b))));
        Ok(rows)
    }
}

/// Names of one file's facts, looked up once each.
pub(super) struct Names<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) file: FileId,
    pub(super) known: HashMap<u32, String>,
}

impl Names<'_> {
    /// The text of a name.
    pub(super) fn get(&mut self, rank: u32) -> Result<&str, StoreError> {
        if !self.known.contains_key(&rank) {
            self.known.insert(rank, self.snapshot.name(self.file, rank)?);
        }
        Ok(self.known.get(&rank).map_or("", String::as_str))
    }

    /// The qualified name of a definition: its containers' names and its own, joined by dots; empty for none.
    pub(super) fn qualified(
        &mut self,
        definitions: &[StoredDefinition],
        index: Option<u32>,
    ) -> Result<String, StoreError> {
        let mut parts = Vec::new();
        let mut next = index;
        while let Some(definition) = next.and_then(|index| definitions.get(index as usize)) {
            parts.push(self.get(definition.name)?.to_owned());
            // A container stands before what it contains; anything else would be a circle.
            next = definition.container.filter(|outer| Some(*outer) < next);
        }
        parts.reverse();
        Ok(parts.join("."))
    }
}

fn row(
    file: &FileRow,
    name: &str,
    definition: &StoredDefinition,
    container: String,
    changed: bool,
    score: u32,
) -> Option<SymbolRow> {
    Some(SymbolRow {
        name: name.to_owned(),
        qualified: if container.is_empty() { name.to_owned() } else { format!("{container}.{name}") },
        kind: definition.kind,
        path: file.path.clone(),
        position: definition.position,
        start_line: definition.start_line,
        end_line: definition.end_line,
        container,
        signature: definition.signature.clone(),
        doc: definition.doc.clone(),
        language: file.language?,
        declaration: definition.declaration,
        changed,
        stale: file.structure_stale(),
        score,
    })
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
    fn places_are_told_from_names() {
        let place = |target| parse_location(target).ok().flatten();
        assert_eq!(place("src/lib.rs:12:3"), Some(("src/lib.rs", 12, 3)));
        assert_eq!(place("a:b:c.rs:12:3"), Some(("a:b:c.rs", 12, 3)));
        for name in ["std::fs", "Class.name", ":1:2", "Tuple::0"] {
            assert!(matches!(parse_location(name), Ok(None)), "{name}");
        }
        for place in ["src/lib.rs:12", "src/lib.rs:0:1", "src/lib.rs:1:0"] {
            assert!(matches!(parse_location(place), Err(QueryError::Argument(_))), "{place}");
        }
    }

    #[test]
    fn exact_names_come_before_prefixes_and_parts() {
        let grades = |mode| ["get", "getter", "forget", "Get", "set"].map(scoring("get", mode));
        assert_eq!(grades(NameMode::Substring), [Some(3), Some(2), Some(1), Some(3), None]);
        assert_eq!(grades(NameMode::Prefix), [Some(3), Some(2), None, None, None]);
    }
}
