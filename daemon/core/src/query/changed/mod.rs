//! What changed: since a generation, as the change log tells, or from contents that whoever asks has kept.

mod contents;

pub use contents::{Compared, Kept, OldFile, compare_contents};

use std::collections::VecDeque;

use crate::changes::{Change, ChangeKind, FileState, compare};
use crate::facts::Position;
use crate::kinds::{Language, SymbolKind};
use crate::source::SourceRoot;
use crate::store::{FileRow, ProjectStore, Snapshot, StoreError};

use super::cursor::Cursor;
use super::filter::Filter;
use super::nothing;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::{Options, Page, Query, QueryError, Report, Rows, Since, open_root};

/// A change of a definition, or of a file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// How it changed.
    pub change: ChangeKind,
    /// The kind of the definition; `None` = it is the file.
    pub kind: Option<SymbolKind>,
    /// Its name; empty for a file.
    pub name: String,
    /// With its containers, joined by `.`; empty for a file.
    pub qualified: String,
    /// Where its name stands; of what was removed, where it stood. Zero for a file.
    pub position: Position,
    /// Its declaration in one line, of what was removed the one it had.
    pub signature: String,
    /// The declaration it had, where that is another.
    pub old_signature: String,
    /// The language of the file.
    pub language: Option<Language>,
    /// Why nothing better can be said, as a fragment; may be empty.
    pub reason: String,
    /// What has become of the file since the state that the row is about.
    pub since: Since,
    /// The structure is of older content than the text.
    pub stale: bool,
}

/// What changed since a generation.
pub fn changed_since(
    store: &ProjectStore,
    generation: u64,
    kinds: &[SymbolKind],
    options: Options,
) -> Result<Box<dyn Query>, QueryError> {
    let log = Log { generation, files: VecDeque::new(), root: open_root(store)? };
    Ok(Box::new(ChangedQuery::new(Of::Log(log), kinds, &options)?))
}

/// What changed from contents that were compared with the files as they are.
pub fn changed_from(compared: Compared, kinds: &[SymbolKind], options: Options) -> Result<Box<dyn Query>, QueryError> {
    Ok(Box::new(ChangedQuery::new(Of::Contents(compared.files), kinds, &options)?))
}

/// Where changes come from.
enum Of {
    Log(Log),
    Contents(VecDeque<Vec<ChangedRow>>),
}

/// Files that may have changed since a generation.
struct Log {
    generation: u64,
    /// Those to come, by path, each with the generation whose entry says what it was.
    files: VecDeque<(Vec<u8>, u64)>,
    root: SourceRoot,
}

struct ChangedQuery {
    of: Of,
    kinds: Vec<SymbolKind>,
    filter: Filter,
    after: Option<Cursor>,
    course: Course,
    /// Rows of the last file that were not handed over yet: no more than a file has definitions.
    rest: VecDeque<ChangedRow>,
    /// Something changed, whether it was asked for or not.
    any_change: bool,
}

impl ChangedQuery {
    fn new(of: Of, kinds: &[SymbolKind], options: &Options) -> Result<ChangedQuery, QueryError> {
        Ok(ChangedQuery {
            of,
            kinds: kinds.to_vec(),
            filter: Filter::new(options)?,
            after: Cursor::unpack(&options.cursor)?,
            course: Course::new(options),
            rest: VecDeque::new(),
            any_change: false,
        })
    }
}

impl Query for ChangedQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        store.snapshot(|snapshot| Ok(self.page_of(store, snapshot, page_bytes)))?
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl ChangedQuery {
    fn page_of(
        &mut self,
        store: &ProjectStore,
        snapshot: &Snapshot<'_>,
        page_bytes: usize,
    ) -> Result<Page, QueryError> {
        let is_first = self.course.begin_page(snapshot.generation());
        if let Of::Log(log) = &mut self.of {
            log.check(store, snapshot, is_first)?;
            if is_first {
                log.files = snapshot.paths_since(log.generation)?.into();
            }
        }
        let mut budget = PageBudget::new(page_bytes);
        let mut rows: Vec<ChangedRow> = Vec::new();
        let (mut is_done, mut is_cut) = (false, false);
        while !budget.is_over() && !is_done {
            match self.rest.pop_front() {
                Some(row) => {
                    if !self.course.take_row(|| self.after.clone()) {
                        (is_done, is_cut) = (true, true);
                        continue;
                    }
                    self.after = Some(key(&row));
                    budget.spend(bytes(&row));
                    rows.push(row);
                }
                None => match self.of.next_file(snapshot)? {
                    Some(changes) => {
                        self.any_change |= !changes.is_empty();
                        self.rest = changes.into_iter().filter(|row| self.is_wanted(row)).collect();
                    }
                    None => is_done = true,
                },
            }
        }
        if is_done
            && !is_cut
            && self.course.lacks_reason()
            && let Some(why) = self.why_nothing()
        {
            self.course.explain(why);
        }
        Ok(Page { done: is_done, rows: Rows::Changed(rows) })
    }

    fn is_wanted(&self, row: &ChangedRow) -> bool {
        let of_kind = self.kinds.is_empty() || row.kind.is_some_and(|kind| self.kinds.contains(&kind));
        of_kind
            && self.filter.admits(&row.path, row.language)
            && self.after.as_ref().is_none_or(|after| order(after) < order(&key(row)))
    }

    /// Says why there is no row. Whoever has old contents knows better than anybody here what they are of.
    fn why_nothing(&self) -> Option<String> {
        let since = match &self.of {
            Of::Log(log) => format!(" since generation {}", log.generation),
            Of::Contents(_) => String::new(),
        };
        if !self.any_change {
            return matches!(self.of, Of::Log(_)).then(|| format!("nothing changed{since}"));
        }
        let filters: Vec<String> =
            nothing::of_kinds(&self.kinds).into_iter().chain(self.filter.given_with_paths()).collect();
        Some(nothing::left_nothing(&filters, &format!("what changed{since}")))
    }
}

impl Of {
    /// The changes of the next file in the order of paths, in their order.
    fn next_file(&mut self, snapshot: &Snapshot<'_>) -> Result<Option<Vec<ChangedRow>>, StoreError> {
        match self {
            Of::Contents(files) => Ok(files.pop_front()),
            Of::Log(log) => match log.files.pop_front() {
                Some((path, generation)) => log.changes(snapshot, &path, generation).map(Some),
                None => Ok(None),
            },
        }
    }
}

impl Log {
    /// Whether the log can say what was there at the generation; else a sentence says what can be asked.
    fn check(&self, store: &ProjectStore, snapshot: &Snapshot<'_>, is_first: bool) -> Result<(), QueryError> {
        let (asked, now) = (self.generation, snapshot.generation());
        let root = store.root().display();
        match snapshot.log_begins()? {
            Some(begins) if begins <= asked && asked <= now => Ok(()),
            Some(_) if !is_first => Err(QueryError::GenerationChanged),
            _ if asked > now => Err(QueryError::Argument(format!(
                "there is no generation {asked} of {root} yet; it is at generation {now}"
            ))),
            Some(begins) => Err(QueryError::Argument(format!(
                "what changed in {root} since generation {asked} is not known any more; the oldest that can be asked about is {begins}"
            ))),
            None => Err(QueryError::Argument(format!(
                "what changes in {root} is noted from the end of its first whole index on, which there was not yet"
            ))),
        }
    }

    fn changes(&self, snapshot: &Snapshot<'_>, path: &[u8], generation: u64) -> Result<Vec<ChangedRow>, StoreError> {
        let Some(before) = snapshot.logged(generation, path)? else { return Ok(Vec::new()) };
        let row = snapshot.file_by_path(path)?;
        let after = snapshot.state(row.as_ref())?;
        let about = About {
            path,
            language: after.language.or(before.language),
            since: since(&self.root, path, row.as_ref()),
            stale: row.is_some_and(|row| row.structure_stale()),
        };
        Ok(about.rows(before, after))
    }
}

/// What has become of a file since it was indexed, or since it was found to be gone.
fn since(root: &SourceRoot, path: &[u8], row: Option<&FileRow>) -> Since {
    match (root.stat(path), row) {
        (Some(stat), Some(row)) if stat == row.stat => Since::Unchanged,
        (Some(_), _) => Since::Changed,
        (None, Some(_)) => Since::Gone,
        (None, None) => Since::Unchanged,
    }
}

/// What all rows of a file have alike.
struct About<'a> {
    path: &'a [u8],
    language: Option<Language>,
    since: Since,
    stale: bool,
}

impl About<'_> {
    /// The changes between two states, by place.
    fn rows(&self, before: FileState, after: FileState) -> Vec<ChangedRow> {
        let changes = compare(before.content, after.content);
        let mut rows: Vec<ChangedRow> = changes.into_iter().map(|change| self.row(change)).collect();
        rows.sort_by(|a, b| order(&key(a)).cmp(&order(&key(b))));
        rows
    }

    fn row(&self, change: Change) -> ChangedRow {
        let Change { kind: change, before, after, reason } = change;
        let old_signature = before.as_ref().map(|before| before.signature.clone()).unwrap_or_default();
        let defined = after.or(before);
        let kind = defined.as_ref().map(|defined| defined.kind);
        let position = defined.as_ref().map(|defined| defined.position).unwrap_or_default();
        let (name, qualified, signature) =
            defined.map(|defined| (defined.name, defined.qualified, defined.signature)).unwrap_or_default();
        ChangedRow {
            path: self.path.to_vec(),
            change,
            kind,
            name,
            qualified,
            position,
            old_signature: if change == ChangeKind::Signature { old_signature } else { String::new() },
            signature,
            language: self.language,
            reason,
            since: self.since,
            stale: self.stale,
        }
    }
}

fn key(row: &ChangedRow) -> Cursor {
    Cursor {
        score: row.change as u32,
        name: row.qualified.clone(),
        path: row.path.clone(),
        line: row.position.line.into(),
        column: row.position.column,
    }
}

/// By path and place; of what stands, or stood, at one place by how it changed and by name.
fn order(key: &Cursor) -> (&[u8], u64, u32, u32, &str) {
    (&key.path, key.line, key.column, key.score, &key.name)
}

fn bytes(row: &ChangedRow) -> usize {
    ROW_BYTES + row.path.len() + 2 * row.qualified.len() + row.signature.len() + row.old_signature.len()
}
