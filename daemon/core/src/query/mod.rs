//! Questions, answered page by page. Between pages a question is a saved position: it holds no transaction, no connection and
//! no thread, so that a slow client costs nothing.

mod absent;
mod aliases;
mod bearers;
mod calls;
mod changed;
mod context;
mod coverage;
mod cursor;
mod definitions;
mod dump;
mod files;
mod filter;
mod glob;
mod hierarchy;
mod impact;
mod imports;
mod levels;
mod map;
mod matches;
mod near;
mod nothing;
mod outline;
mod overrides;
mod page;
mod pending;
mod places;
mod references;
mod rows;
mod search;
mod select;
mod subjects;
mod symbols;
mod target;
mod text;
mod tokens;
mod users;

pub use absent::why_no_matches;
pub use calls::calls;
pub use changed::{ChangedRow, Compared, Kept, OldFile, changed_from, changed_since, compare_contents};
pub use context::{ContextRequest, ContextRow, Form, Reason, context};
pub use coverage::coverage;
pub use definitions::definitions;
pub use dump::dump;
pub use files::files;
pub use hierarchy::hierarchy;
pub use impact::{ImpactRequest, ImpactRow, impact};
pub use imports::imports;
pub use map::{MapRequest, MapRow, MapSymbol, map};
pub use outline::outline;
pub use pending::{Need, pending};
pub use references::references;
pub use search::{ScoreParts, SearchRow, search};
pub use select::Selection;
pub use symbols::symbols;
pub use text::{TextRequest, file_matches, text};
pub use tokens::{TokenBudget, tokens};

use crate::facts::Position;
use crate::kinds::{Confidence, Disposition, Language, Role, SymbolKind};
use crate::resolve::World;
use crate::source::SourceRoot;
use crate::store::{ProjectStore, StoreError};

/// A question under way. `page` is called, one at a time and from any thread, until it says `done`.
pub trait Query: Send {
    /// The next rows, about `page_bytes` of them as the wire would have them.
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError>;

    /// What is known of the answer so far; final once a page said `done`.
    fn report(&self) -> Report;

    /// Ends the answer with what there is, between two pages, since the time for it is over; `false` = there is no such end.
    fn cut(&mut self) -> bool {
        false
    }
}

/// Some rows.
#[derive(Debug)]
pub struct Page {
    /// The rows, all of one kind.
    pub rows: Rows,
    /// No more pages.
    pub done: bool,
}

/// Rows of one kind.
#[derive(Debug)]
pub enum Rows {
    /// Of [`text`].
    Text(Vec<TextRow>),
    /// Of [`file_matches`].
    FileMatches(Vec<FileMatchRow>),
    /// Of [`symbols`], [`definitions`] and [`outline`].
    Symbols(Vec<SymbolRow>),
    /// Of [`references`].
    References(Vec<ReferenceRow>),
    /// Of [`calls`].
    Calls(Vec<CallRow>),
    /// Of [`hierarchy`].
    Hierarchy(Vec<HierarchyRow>),
    /// Of [`imports`].
    Imports(Vec<ImportRow>),
    /// Of [`context`].
    Context(Vec<ContextRow>, TokenBudget),
    /// Of [`map`].
    Map(Vec<MapRow>, TokenBudget),
    /// Of [`impact`].
    Impact(Vec<ImpactRow>),
    /// Of [`search`].
    Search(Vec<SearchRow>),
    /// Of [`changed_since`] and [`changed_from`].
    Changed(Vec<ChangedRow>),
    /// Of [`files`].
    Files(Vec<FileRow>),
    /// Of [`coverage`].
    Coverage(Vec<CoverageRow>),
    /// Of [`dump`]: whole lines of JSON.
    Dump(Vec<u8>),
}

/// What is said of an answer as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The generation of the first page.
    pub generation: u64,
    /// A page came from a later generation.
    pub generation_changed: bool,
    /// There are more rows than the limit.
    pub truncated: bool,
    /// Where to go on; empty unless truncated.
    pub cursor: Vec<u8>,
    /// Rows so far, those around matching lines not counted.
    pub rows: u64,
    /// Candidate files that no longer exist.
    pub vanished: u64,
    /// Sentences worth showing.
    pub notes: Vec<String>,
}

/// What all questions share.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Most rows.
    pub limit: Option<u64>,
    /// Where an earlier answer was cut.
    pub cursor: Vec<u8>,
    /// Only these languages; empty = all.
    pub languages: Vec<Language>,
    /// Only files whose relative path matches one of these globs; empty = all.
    pub globs: Vec<String>,
    /// Only at or below these relative paths; empty = all.
    pub paths: Vec<Vec<u8>>,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The pattern does not parse; a sentence with the position of the fault.
    #[error("{0}")]
    Pattern(String),
    /// The pattern is one that cannot be searched for; a sentence that says what can.
    #[error("{0}")]
    Unsearchable(String),
    /// Another argument makes no sense; a sentence.
    #[error("{0}")]
    Argument(String),
    /// The index changed between two pages of an answer that must be from one snapshot.
    #[error("the index changed while the answer was being read")]
    GenerationChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What has become of a file since it was indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// It is what was indexed.
    Unchanged,
    /// It is something else.
    Changed,
    /// It is no file any more.
    Gone,
}

/// One matching line, or one near it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRow {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// From 1.
    pub line: u64,
    /// Byte column of the first match, from 1; 0 for a line that does not match.
    pub column: u32,
    /// The same in UTF-16 units.
    pub column_utf16: u32,
    /// The line without its terminator, cut around the match.
    pub text: Vec<u8>,
    /// Matches within `text`, as byte ranges.
    pub spans: Vec<(u32, u32)>,
    /// `text` was cut.
    pub truncated: bool,
    /// The file changed after it was indexed; the row shows it as it is.
    pub changed: bool,
    /// The line does not match, but stands near one that does.
    pub context: bool,
}

/// One file with lines that match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMatchRow {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// Lines that match; 1 if they were not to be counted.
    pub lines: u64,
    /// Matches in them; 0 if they were not to be counted.
    pub matches: u64,
    /// The file changed after it was indexed; the row is about it as it is.
    pub changed: bool,
}

/// One definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolRow {
    /// Its name.
    pub name: String,
    /// With its containers, joined by `.`.
    pub qualified: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Relative to the root.
    pub path: Vec<u8>,
    /// Where the name stands.
    pub position: Position,
    /// First line of the whole definition.
    pub start_line: u32,
    /// Last line of the whole definition.
    pub end_line: u32,
    /// Qualified name of what holds it; empty at file level.
    pub container: String,
    /// Its declaration in one line.
    pub signature: String,
    /// First line of its documentation.
    pub doc: String,
    /// Its language.
    pub language: Language,
    /// A prototype or forward declaration.
    pub declaration: bool,
    /// What has become of the file since.
    pub since: Since,
    /// The structure is of older content than the text.
    pub stale: bool,
    /// How well it matches, higher is better.
    pub score: u32,
    /// By what it was found, where that was a question of resolving a name.
    pub confidence: Option<Confidence>,
}

/// A definition in few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolBrief {
    /// With its containers, joined by `.`.
    pub qualified: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Relative to the root.
    pub path: Vec<u8>,
    /// Where the name stands.
    pub position: Position,
}

/// What a name means, or may mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// By what it was found; `None` = nothing was.
    pub confidence: Option<Confidence>,
    /// It comes from outside of the index.
    pub external: bool,
    /// What is meant; of something ambiguous the nearest candidates.
    pub targets: Vec<SymbolBrief>,
    /// How many candidates there are, where that are more than are named.
    pub total: u64,
}

/// An occurrence of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRow {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// The name as it stands there.
    pub name: String,
    /// What is done with it; `None` = it is defined there.
    pub role: Option<Role>,
    /// Where it stands.
    pub position: Position,
    /// Qualified name of the innermost definition around it; empty at file level.
    pub enclosing: String,
    /// What it means.
    pub meaning: Meaning,
    /// Its language.
    pub language: Language,
    /// The line as it is now, without blanks around it, cut; empty if it was not asked for or is not there any more.
    pub text: Vec<u8>,
    /// What has become of the file since.
    pub since: Since,
    /// The structure is of older content than the text.
    pub stale: bool,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// Who calls; `None` = it stands at the top of the file.
    pub from: Option<SymbolBrief>,
    /// What is called, as it is named there.
    pub name: String,
    /// What is called.
    pub to: Meaning,
    /// File of the call, relative to the root.
    pub path: Vec<u8>,
    /// Where the name of what is called stands.
    pub position: Position,
    /// Calls between this one and what was asked about, from 1.
    pub depth: u32,
    /// What has become of the file since.
    pub since: Since,
    /// The structure is of older content than the text.
    pub stale: bool,
}

/// One step up or down from a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HierarchyRow {
    /// It is a base; else it is derived.
    pub is_base: bool,
    /// The type that inherits, implements or embeds.
    pub derived: SymbolBrief,
    /// The base as it is named there.
    pub name: String,
    /// The base.
    pub base: Meaning,
    /// Steps from the type that was asked about, from 1.
    pub depth: u32,
}

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// The importing file, relative to the root.
    pub path: Vec<u8>,
    /// Where the import stands.
    pub position: Position,
    /// The module as written.
    pub module: String,
    /// The name taken from it; `*` for all of them, empty for the module itself.
    pub name: String,
    /// The name it is given, if another.
    pub alias: String,
    /// It is offered to others as if it were defined there.
    pub exported: bool,
    /// What is imported; nothing if that lies outside of the index.
    pub meaning: Meaning,
    /// What has become of the file since.
    pub since: Since,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// Its language.
    pub language: Option<Language>,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its disposition.
    pub disposition: Disposition,
    /// How well it matches, higher is better.
    pub score: u32,
}

/// What the structure tier holds of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StructureState {
    /// Its language has no grammar here, or it is not text.
    None,
    /// Facts of its content.
    Current,
    /// Not parsed yet.
    Pending,
    /// Facts of older content.
    Stale,
    /// Names only, found lexically.
    Lexical,
}

/// What the index holds of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageRow {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// Its disposition.
    pub disposition: Disposition,
    /// Why, if it is not simply indexed.
    pub reason: String,
    /// Its language.
    pub language: Option<Language>,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its structure.
    pub structure: StructureState,
    /// Definitions.
    pub symbols: u32,
    /// References.
    pub references: u32,
    /// Generation of its latest facts.
    pub generation: u64,
}

/// How a symbol's name is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameMode {
    /// Any part of the name.
    Substring,
    /// The whole name.
    Exact,
    /// The beginning of the name.
    Prefix,
    /// The letters in order.
    Fuzzy,
}

/// Which names.
#[derive(Clone, Debug)]
pub struct SymbolRequest {
    /// The name or part of it.
    pub query: String,
    /// How it is meant.
    pub mode: NameMode,
    /// Only these kinds; empty = all.
    pub kinds: Vec<SymbolKind>,
}

/// What is meant by `name`, by `Container.name`, or by the name at FILE:LINE:COL, or at FILE:LINE:COL:NAME.
#[derive(Clone, Debug)]
pub struct TargetRequest {
    /// As typed; FILE may be absolute or relative to the root.
    pub target: String,
    /// Only these kinds; empty = all.
    pub kinds: Vec<SymbolKind>,
}

/// Which occurrences.
#[derive(Clone, Debug)]
pub struct ReferenceRequest {
    /// Of what.
    pub target: TargetRequest,
    /// Only these roles; `None` = all.
    pub roles: Option<Vec<Role>>,
    /// Also where it is defined.
    pub with_definitions: bool,
    /// Each row with the text of its line.
    pub with_text: bool,
    /// Where it is not certain what the name means is counted and not shown.
    pub only_certain: bool,
}

/// Which calls.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// Of or by what.
    pub target: TargetRequest,
    /// Who calls it; else what it calls.
    pub callers: bool,
    /// Calls between the target and the farthest row.
    pub depth: u32,
    /// Of what it is not certain what is called is counted and not shown, nor followed.
    pub only_certain: bool,
}

/// Which types.
#[derive(Clone, Debug)]
pub struct HierarchyRequest {
    /// Around what.
    pub target: TargetRequest,
    /// What it inherits from.
    pub bases: bool,
    /// What inherits from it.
    pub derived: bool,
    /// Steps up and down.
    pub depth: u32,
}

/// Which imports.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The file, absolute or relative to the root.
    pub file: Vec<u8>,
    /// Those of it by others; else those it makes.
    pub importers: bool,
}

/// How a file's path is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathMode {
    /// The letters in order, best first.
    Fuzzy,
    /// A glob over the whole path.
    Glob,
    /// Part of the path.
    Substring,
}

/// Reads in a world of one snapshot.
fn in_world<T>(store: &ProjectStore, read: impl FnOnce(&World<'_>) -> Result<T, QueryError>) -> Result<T, QueryError> {
    store.snapshot(|snapshot| Ok(read(&World::new(snapshot))))?
}

fn open_root(store: &ProjectStore) -> Result<SourceRoot, QueryError> {
    SourceRoot::open(store.root()).map_err(|e| {
        QueryError::Argument(format!("{} cannot be opened: {e}; is the project still there?", store.root().display()))
    })
}
