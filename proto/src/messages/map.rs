//! The shape of a project, under a budget of tokens.

use serde::{Deserialize, Serialize};

use super::common::{Bytes, Ext, Target};
use super::context::TokenBudget;
use super::query::QueryOptions;
use super::structure::SymbolKind;

/// The directories and files of a project to which most refers, with their main definitions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapQuery {
    /// Where.
    pub target: Target,
    /// Most tokens of the answer, a token being four bytes.
    pub tokens_max: u32,
    /// Levels that are shown; 0 = all.
    pub depth: u32,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// A main definition of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapSymbol {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Line of its name, from 1.
    pub line: u32,
    /// Later fields.
    pub ext: Ext,
}

/// A directory or file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapRow {
    /// Relative to the root.
    pub path: Bytes,
    /// What to print of the path, behind two blanks for each level of `depth`.
    pub name: String,
    /// What to print two blanks behind it: how many files a directory has, the main definitions of a file; may be empty.
    pub detail: String,
    /// It is a directory.
    pub directory: bool,
    /// Rows around it.
    pub depth: u32,
    /// Files in it; 1 if it is one.
    pub files: u64,
    /// How much refers to it, in thousandths, higher is more; comparable within one answer only.
    pub rank_milli: u64,
    /// Main definitions of a file, those to which most refers first.
    pub symbols: Vec<MapSymbol>,
    /// What its line takes of the budget.
    pub tokens: u32,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`MapQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapRows {
    /// Each before what is in it, those to which more refers first.
    pub rows: Vec<MapRow>,
    /// That of the whole answer, in each part the same.
    pub budget: TokenBudget,
    /// Later fields.
    pub ext: Ext,
}
