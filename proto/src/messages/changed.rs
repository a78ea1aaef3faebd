//! Questions about what changed, since a generation of the index or from old contents of files.

use serde::{Deserialize, Serialize};

use super::common::{Bytes, Ext, Target};
use super::query::QueryOptions;
use super::structure::SymbolKind;
use crate::names::named_numbers;

named_numbers! {
    /// How something changed.
    ChangeKind {
        /// It was not there before.
        1 ADDED "added",
        /// It is not there any more.
        2 REMOVED "removed",
        /// It is declared differently.
        3 SIGNATURE "signature",
        /// It is declared as before, and its text is another.
        4 BODY "body",
        /// Something in the file changed, and it cannot be told what.
        5 NOT_COMPARED "not-compared",
    }
}

named_numbers! {
    /// What is said of a file's old content.
    OldState {
        /// The file was not there.
        1 ABSENT "absent",
        /// It was what `content` is.
        2 PRESENT "present",
        /// It was there, and is too large to be sent.
        3 TOO_LARGE "too-large",
        /// It was there, and its content is not at hand.
        4 MISSING "missing",
    }
}

/// The old content of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OldFile {
    /// Relative to the root.
    pub path: Bytes,
    /// What is said of it.
    pub state: OldState,
    /// Its bytes, if it is present.
    pub content: Bytes,
    /// Later fields.
    pub ext: Ext,
}

/// Definitions that changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangedQuery {
    /// Where.
    pub target: Target,
    /// The generation since which; absent = from the contents in `files`.
    pub since: Option<u64>,
    /// Old contents, of the files that the answer is about; only without `since`.
    pub files: Vec<OldFile>,
    /// Only definitions of these kinds, and then no files as a whole; empty = all.
    pub kinds: Vec<SymbolKind>,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// A change of a definition, or of a file as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangedRow {
    /// Relative to the root.
    pub path: Bytes,
    /// How it changed.
    pub change: ChangeKind,
    /// What the definition is; 0 = it is the file as a whole.
    pub kind: SymbolKind,
    /// Its name; empty for a file.
    pub name: String,
    /// With its containers, joined by `.`; empty for a file.
    pub qualified: String,
    /// Line of its name, or where that stood if it was removed; 0 for a file.
    pub line: u32,
    /// In bytes.
    pub column: u32,
    /// In UTF-16 units.
    pub column_utf16: u32,
    /// Its declaration in one line, of what was removed the one it had.
    pub signature: String,
    /// The declaration it had, if that changed.
    pub old_signature: String,
    /// The language of the file; empty = none.
    pub language: String,
    /// Why nothing better can be said; empty if there is no reason.
    pub reason: String,
    /// See [`row_flag`](super::row_flag).
    pub flags: u16,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`ChangedQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangedRows {
    /// By path, then place.
    pub rows: Vec<ChangedRow>,
    /// Later fields.
    pub ext: Ext,
}
