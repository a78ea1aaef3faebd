//! What depends on something.

use serde::{Deserialize, Serialize};

use super::common::{Bytes, Ext, Target};
use super::query::QueryOptions;
use super::structure::{Confidence, Role, SymbolBrief, SymbolKind};

/// What depends on some things, directly or by steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImpactQuery {
    /// Where.
    pub target: Target,
    /// Names, `Container.name`, or places `FILE:LINE:COLUMN`. Of a name that nothing defines, whoever mentions it is found.
    pub targets: Vec<String>,
    /// Names of definitions that are gone, as `Container.name`: whoever mentions one of them, where nothing says what that means, is
    /// found too.
    pub gone: Vec<String>,
    /// Only definitions of these kinds are meant; empty = all.
    pub kinds: Vec<SymbolKind>,
    /// Steps between them and the farthest row; 0 = until nothing more is found.
    pub depth: u32,
    /// Only rows that are certain. How many are not is said in a note.
    pub certain: bool,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// A definition that depends on something, or a file that does outside of any.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImpactRow {
    /// The definition; none if the uses stand outside of any.
    pub user: Option<SymbolBrief>,
    /// Its file, relative to the root.
    pub path: Bytes,
    /// Line of the first use in it, from 1.
    pub line: u32,
    /// Byte column of that, from 1.
    pub column: u32,
    /// The same in UTF-16 units.
    pub column_utf16: u32,
    /// What it does with what it depends on.
    pub roles: Vec<Role>,
    /// How often.
    pub uses: u32,
    /// What it depends on, one step nearer to what was asked about, if that can be told.
    pub on: Option<SymbolBrief>,
    /// By what the surest of its uses was found. With `AMBIGUOUS` or `NONE` it is not certain that it depends on that.
    pub confidence: Confidence,
    /// It is part of a test.
    pub test: bool,
    /// Steps between it and what was asked about, from 1.
    pub depth: u32,
    /// See [`row_flag`](super::row_flag).
    pub flags: u16,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`ImpactQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImpactRows {
    /// By depth, those that are certain first, of these what no program wrote, then by path and place; each dependent once, at its
    /// smallest depth.
    pub rows: Vec<ImpactRow>,
    /// Later fields.
    pub ext: Ext,
}
