//! Questions in words, whose answers are ranked.

use serde::{Deserialize, Serialize};

use super::common::{Bytes, Ext, Target};
use super::query::{QueryOptions, Span};
use super::structure::{SymbolKind, SymbolRow};

/// Definitions, and regions of files, that are about what is said in words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchQuery {
    /// Where.
    pub target: Target,
    /// What is looked for, in any words.
    pub query: String,
    /// Only definitions of these kinds, and then no regions; empty = all.
    pub kinds: Vec<SymbolKind>,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// What a score is made of: `(text + path + definition + passage + density) * prior`, in thousandths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreParts {
    /// Of the file's text.
    pub text_milli: u32,
    /// Of its path.
    pub path_milli: u32,
    /// Of its best definition.
    pub definition_milli: u32,
    /// What of the question stands close together in it.
    pub passage_milli: u32,
    /// How much of it is about what is asked for.
    pub density_milli: u32,
    /// How likely such a file answers anything, at most 1000.
    pub prior_milli: u32,
    /// Later fields.
    pub ext: Ext,
}

/// The place in a file that answers best.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchRow {
    /// Relative to the root.
    pub path: Bytes,
    /// The language of the file; empty = none.
    pub language: String,
    /// The definition; absent if the region is in none.
    pub symbol: Option<SymbolRow>,
    /// First line of the definition or region, from 1.
    pub start_line: u32,
    /// Its last line.
    pub end_line: u32,
    /// How well the file answers, in thousandths, higher is better; comparable within one answer only.
    pub score_milli: u32,
    /// What the score is made of.
    pub parts: ScoreParts,
    /// The line within that says most of what is asked for, from 1; 0 = there is none.
    pub line: u32,
    /// That line as it is now, without blanks around it and cut.
    pub text: Bytes,
    /// What is asked for, within `text`.
    pub spans: Vec<Span>,
    /// See [`row_flag`](super::row_flag).
    pub flags: u16,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`SearchQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchRows {
    /// Best first, one of each file.
    pub rows: Vec<SearchRow>,
    /// Later fields.
    pub ext: Ext,
}
