//! Questions, answered page by page. Between pages a question is a saved position: it holds no transaction, no connection and
//! no thread, so that a slow client costs nothing.

mod coverage;
mod cursor;
mod dump;
mod files;
mod filter;
mod page;
mod select;
mod symbols;
mod text;

pub use coverage::coverage;
pub use dump::dump;
pub use files::files;
pub use select::Selection;
pub use symbols::symbols;
pub use text::{TextRequest, file_matches, text};

use crate::facts::Position;
use crate::kinds::{Disposition, Language, SymbolKind};
use crate::store::{ProjectStore, StoreError};

/// A question under way. `page` is called, one at a time and from any thread, until it says `done`.
pub trait Query: Send {
    /// The next rows, about `page_bytes` of them as the wire would have them.
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError>;

    /// What is known of the answer so far; final once a page said `done`.
    fn report(&self) -> Report;
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
    /// Of [`symbols`].
    Symbols(Vec<SymbolRow>),
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
    /// The file changed after it was indexed.
    pub changed: bool,
    /// The structure is of older content than the text.
    pub stale: bool,
    /// How well it matches, higher is better.
    pub score: u32,
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

/// Which definitions.
#[derive(Clone, Debug)]
pub enum SymbolRequest {
    /// By name.
    Name {
        /// The name or part of it.
        query: String,
        /// How it is meant.
        mode: NameMode,
        /// Only these kinds; empty = all.
        kinds: Vec<SymbolKind>,
    },
    /// The definitions of `name`, of `Container.name`, or of the name at FILE:LINE:COL.
    Definition {
        /// As typed; FILE may be absolute or relative to the root.
        target: String,
        /// Only these kinds; empty = all.
        kinds: Vec<SymbolKind>,
    },
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
