//! Questions about text and files, what all questions share, and the summary. Every query ends with a `QuerySummary` that bears FIN.

use serde::{Deserialize, Serialize};

use super::choices::Disposition;
use super::common::{Bytes, Ext, Target};
use crate::names::named_numbers;

/// What all queries share.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryOptions {
    /// Give up after this many milliseconds; 0 = never.
    pub deadline_ms: u32,
    /// Most rows; 0 = all.
    pub limit: u64,
    /// Where an earlier answer was cut: `QuerySummary::cursor`; empty = from the start.
    pub cursor: Bytes,
    /// Walk the tree first, so that every earlier change is in the answer.
    pub fresh: bool,
    /// Only these languages; empty = all.
    pub languages: Vec<String>,
    /// Only files whose path, relative to the root, matches one of these globs; one that ends in a plain name means all below a
    /// directory of that name too; empty = all.
    pub globs: Vec<String>,
    /// Only at or below these paths, relative to the root and without `..`; empty = all.
    pub paths: Vec<Bytes>,
    /// Later fields.
    pub ext: Ext,
}

/// Flags of [`TextQuery`].
pub mod text_flag {
    /// The pattern is a literal.
    pub const FIXED: u16 = 1;
    /// Ignore case.
    pub const IGNORE_CASE: u16 = 2;
    /// Ignore case unless the pattern has an upper-case letter.
    pub const SMART_CASE: u16 = 4;
    /// Only whole words.
    pub const WORD: u16 = 8;
    /// Only whole lines.
    pub const LINE: u16 = 16;
    /// A line over 4 KiB comes in as many rows as it takes to show every match; without it only those near the first are shown.
    pub const EVERY_MATCH: u16 = 32;
}

/// Lines that match a pattern, in files as they are now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TextQuery {
    /// Where.
    pub target: Target,
    /// A regular expression in ripgrep's syntax, or a literal.
    pub pattern: String,
    /// More of the same: lines that match any of them are found.
    pub alternatives: Vec<String>,
    /// See [`text_flag`].
    pub flags: u16,
    /// Lines to send before each matching line.
    pub before: u32,
    /// Lines to send after each matching line.
    pub after: u32,
    /// Only files of these types, as ripgrep's `-t` names them; empty = all.
    pub types: Vec<String>,
    /// No files of these types.
    pub types_not: Vec<String>,
    /// Globs as ripgrep's `-g` takes them: `!` leaves out, and the last that matches counts.
    pub overrides: Vec<String>,
    /// The absolute directory that `overrides` are relative to; empty = the root.
    pub overrides_dir: Bytes,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// Flags of rows.
pub mod row_flag {
    /// The file changed after it was indexed: the row shows the file as it is (text), or may be out of date (symbols).
    pub const CHANGED: u16 = 1;
    /// The structure is of older content than the text; it will be replaced.
    pub const STALE: u16 = 2;
    /// `text` was cut around the match.
    pub const TRUNCATED: u16 = 4;
    /// A prototype or forward declaration.
    pub const DECLARATION: u16 = 8;
    /// The line does not match, but stands near one that does.
    pub const CONTEXT: u16 = 16;
    /// The file changed in that it is no file any more; then `CHANGED` is set too.
    pub const GONE: u16 = 32;
}

/// A range of bytes within a line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One after the last byte.
    pub end: u32,
    /// Later fields.
    pub ext: Ext,
}

/// One matching line, or one near it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TextRow {
    /// Relative to the root.
    pub path: Bytes,
    /// From 1.
    pub line: u64,
    /// Byte column of the first match in `spans`, from 1; 0 with `CONTEXT`.
    pub column: u32,
    /// The same in UTF-16 units.
    pub column_utf16: u32,
    /// The line without its terminator; cut to 4 KiB around the first match.
    pub text: Bytes,
    /// The matches, within `text`.
    pub spans: Vec<Span>,
    /// See [`row_flag`].
    pub flags: u16,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`TextQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TextRows {
    /// By path, then line.
    pub rows: Vec<TextRow>,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// What is counted of a file.
    MatchCount {
        /// Nothing: its search ends at the first matching line.
        0 NONE "none",
        /// Matching lines.
        1 LINES "lines",
        /// Matching lines, and the matches in them.
        2 MATCHES "matches",
    }
}

/// Files with lines that match a pattern, as they are now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileMatchQuery {
    /// Which lines, and in which files; `before` and `after` have no meaning here.
    pub text: TextQuery,
    /// What is counted.
    pub count: MatchCount,
    /// Later fields.
    pub ext: Ext,
}

/// One file with matching lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileMatchRow {
    /// Relative to the root.
    pub path: Bytes,
    /// Matching lines; 1 if they were not to be counted.
    pub lines: u64,
    /// Matches in them; 0 if they were not to be counted.
    pub matches: u64,
    /// See [`row_flag`].
    pub flags: u16,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`FileMatchQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileMatchRows {
    /// By path.
    pub rows: Vec<FileMatchRow>,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// How a file query's text is meant.
    MatchMode {
        /// The letters in order, best first.
        1 FUZZY "fuzzy",
        /// A glob over the whole path.
        2 GLOB "glob",
        /// Part of the path.
        3 SUBSTRING "substring",
    }
}

/// Files by path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileQuery {
    /// Where.
    pub target: Target,
    /// Part of the path; empty = every file.
    pub query: String,
    /// How it is meant.
    pub mode: MatchMode,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileRow {
    /// Relative to the root.
    pub path: Bytes,
    /// Its language; empty = none.
    pub language: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its disposition.
    pub disposition: Disposition,
    /// How well it matches, higher is better; 0 where that has no meaning.
    pub score: u32,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`FileQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileRows {
    /// The files.
    pub rows: Vec<FileRow>,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// What the structure tier holds of a file.
    StructureState {
        /// Its language has no grammar here, or it is not text.
        0 NONE "none",
        /// Facts of its content.
        1 CURRENT "current",
        /// Not parsed yet.
        2 PENDING "pending",
        /// Facts of older content; will be replaced.
        3 STALE "stale",
        /// Names only, found lexically: too large to parse, or quarantined.
        4 LEXICAL "lexical",
    }
}

/// What the index holds, file by file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoverageQuery {
    /// Where.
    pub target: Target,
    /// Only files committed after this generation; 0 = all.
    pub since: u64,
    /// Only these dispositions; empty = all.
    pub dispositions: Vec<Disposition>,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// What the index holds of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoverageRow {
    /// Relative to the root.
    pub path: Bytes,
    /// Its disposition.
    pub disposition: Disposition,
    /// Why, if it is not simply indexed.
    pub reason: String,
    /// Its language; empty = none.
    pub language: String,
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
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`CoverageQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoverageRows {
    /// By path.
    pub rows: Vec<CoverageRow>,
    /// Later fields.
    pub ext: Ext,
}

/// The canonical dump: two equal indexes dump equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DumpQuery {
    /// Where.
    pub target: Target,
    /// Do not wait for a running job; the summary says so.
    pub partial: bool,
    /// Later fields.
    pub ext: Ext,
}

/// Part of a dump: whole lines of JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DumpLines {
    /// Lines, each with its newline.
    pub lines: Bytes,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// How an answer relates to the files as they are.
    Freshness {
        /// The tree was walked after the request began.
        1 FRESH "fresh",
        /// Nobody looked since the last walk.
        2 UNVERIFIED "unverified",
        /// A job is running.
        3 INDEXING "indexing",
    }
}

/// How complete an index is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoverageSummary {
    /// Everything that was found is in, in both tiers.
    pub complete: bool,
    /// Files known.
    pub files: u64,
    /// Files searchable as text.
    pub text_files: u64,
    /// Files of a known language.
    pub structure_files: u64,
    /// Files whose structure is not that of their content.
    pub structure_pending: u64,
    /// Files found but not scanned yet.
    pub text_pending: u64,
    /// Files left out on purpose: binary, too large, special.
    pub skipped: u64,
    /// Files that failed: unreadable, unstable, quarantined; directories too.
    pub failed: u64,
    /// Of those, files and directories that could not be read: what they hold is in no answer.
    pub unread: u64,
    /// Later fields.
    pub ext: Ext,
}

/// The end of a query's answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QuerySummary {
    /// Canonical root of the project that answered.
    pub root: Bytes,
    /// The generation seen.
    pub generation: u64,
    /// A page came from a later generation than the first.
    pub generation_changed: bool,
    /// How the answer relates to the files as they are.
    pub freshness: Freshness,
    /// Milliseconds since the tree was last walked; 0 with `FRESH`.
    pub age_ms: u64,
    /// How complete the index is.
    pub coverage: CoverageSummary,
    /// Files that contain the name that was asked for and whose structure is not known yet: rows may be missing.
    pub pending: u64,
    /// No row is missing, but what names mean may be told with more confidence once the whole index is complete.
    pub provisional: bool,
    /// There are more rows.
    pub truncated: bool,
    /// Where to go on; empty unless `truncated`.
    pub cursor: Bytes,
    /// Rows sent, those with `CONTEXT` not counted.
    pub rows: u64,
    /// Candidate files that no longer exist.
    pub vanished: u64,
    /// Microseconds the daemon worked on it.
    pub elapsed_us: u64,
    /// Sentences worth showing: a fall-back to a full scan, near names.
    pub notes: Vec<String>,
    /// Later fields.
    pub ext: Ext,
}
