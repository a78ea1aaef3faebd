//! Questions about the structure of code: definitions, occurrences of names and what they mean, calls, inheritance, imports.

use serde::{Deserialize, Serialize};

use super::common::{Bytes, Ext, Target};
use super::query::QueryOptions;
use crate::names::named_numbers;

named_numbers! {
    /// How a symbol query's text is meant.
    SymbolMode {
        /// Any part of the name, case ignored unless the query has an upper-case letter; exact and prefix matches first.
        1 SUBSTRING "substring",
        /// The whole name.
        2 EXACT "exact",
        /// The beginning of the name.
        3 PREFIX "prefix",
        /// The letters in order.
        4 FUZZY "fuzzy",
        /// The definitions of what is meant by a name, by `Container.name`, or by the name at `FILE:LINE:COLUMN`.
        5 DEFINITION "definition",
        /// The definitions of a file, whose path the query is, absolute or relative to the root, in their order.
        6 OUTLINE "outline",
    }
}

named_numbers! {
    /// What a definition is.
    SymbolKind {
        1 MODULE "module",
        2 PACKAGE "package",
        3 NAMESPACE "namespace",
        4 CLASS "class",
        5 STRUCT "struct",
        6 UNION "union",
        7 ENUM "enum",
        8 VARIANT "variant",
        9 INTERFACE "interface",
        10 TRAIT "trait",
        11 IMPL "impl",
        12 FUNCTION "function",
        13 METHOD "method",
        14 CONSTRUCTOR "constructor",
        15 FIELD "field",
        16 PROPERTY "property",
        17 CONSTANT "constant",
        18 VARIABLE "variable",
        19 MACRO "macro",
        20 TYPE "type",
        /// A key or heading of a format that holds no code.
        21 ELEMENT "element",
        /// Of an answer about a place: a local variable.
        22 LOCAL "local",
        /// Of an answer about a place.
        23 PARAMETER "parameter",
        /// Of an answer about a place.
        24 TYPE_PARAMETER "type-parameter",
        /// Of an answer about a place: what is imported lies outside of the index.
        25 IMPORT "import",
    }
}

named_numbers! {
    /// By what it was found what a name means, the surest first.
    Confidence {
        /// By nothing: nothing in the index explains it.
        0 NONE "none",
        /// A lexical scope, or the class around (`self`, `this`).
        1 SCOPE "scope",
        /// The declared type of what stands before the dot.
        2 TYPE "type",
        /// An import.
        3 IMPORT "import",
        /// The same file.
        4 FILE "file",
        /// The same package.
        5 PACKAGE "package",
        /// Nothing else in the index has that name.
        6 UNIQUE "unique",
        /// It is one of several candidates, or none of them.
        7 AMBIGUOUS "ambiguous",
        /// It comes from outside of the index.
        8 OUTSIDE "outside",
    }
}

/// Definitions by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SymbolQuery {
    /// Where.
    pub target: Target,
    /// The name or part of it.
    pub query: String,
    /// How it is meant.
    pub mode: SymbolMode,
    /// Only these kinds; empty = all.
    pub kinds: Vec<SymbolKind>,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// One definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SymbolRow {
    /// Its name.
    pub name: String,
    /// With its containers, joined by `.`.
    pub qualified: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Relative to the root.
    pub path: Bytes,
    /// Line of the name, from 1.
    pub line: u32,
    /// Byte column of the name, from 1.
    pub column: u32,
    /// The same in UTF-16 units.
    pub column_utf16: u32,
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
    pub language: String,
    /// See [`row_flag`](super::row_flag).
    pub flags: u16,
    /// How well it matches, higher is better; 0 where that has no meaning.
    pub score: u32,
    /// By what it was found, where that was a question of what a name means; else `NONE`.
    pub confidence: Confidence,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`SymbolQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SymbolRows {
    /// The definitions.
    pub rows: Vec<SymbolRow>,
    /// Later fields.
    pub ext: Ext,
}

/// A definition in few words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SymbolBrief {
    /// With its containers, joined by `.`.
    pub qualified: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Relative to the root.
    pub path: Bytes,
    /// Line of the name, from 1.
    pub line: u32,
    /// Byte column of the name, from 1.
    pub column: u32,
    /// The same in UTF-16 units.
    pub column_utf16: u32,
    /// Later fields.
    pub ext: Ext,
}

/// What a name means, or may mean.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Meaning {
    /// By what it was found.
    pub confidence: Confidence,
    /// What is meant, overloads and parts of one thing included; of something ambiguous the nearest candidates.
    pub targets: Vec<SymbolBrief>,
    /// How many candidates there are; more than `targets` if only the nearest are named.
    pub total: u64,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// What is done with a name where it occurs.
    Role {
        /// It is defined there.
        0 DEFINITION "definition",
        1 CALL "call",
        2 READ "read",
        3 WRITE "write",
        4 TYPE "type",
        5 INHERIT "inherit",
        6 IMPORT "import",
        7 DECORATE "decorate",
        /// A member stands in for one of a base. Only an [`ImpactRow`](super::ImpactRow) says so.
        8 OVERRIDE "override",
    }
}

/// Flags of [`ReferenceQuery`].
pub mod reference_flag {
    /// Send definitions too.
    pub const DEFINITIONS: u16 = 1;
    /// Send each row with the text of its line.
    pub const TEXT: u16 = 2;
    /// Only rows of which it is certain what the name means there. How many are left out is said in a note, which counts those of
    /// its own part where a limit cuts the answer. A daemon without the capability `certain` ignores it.
    pub const CERTAIN: u16 = 4;
}

/// Occurrences of a name: asked by a mere name all of them, whatever they mean; asked about one thing those that mean it, and those
/// of which it cannot be told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReferenceQuery {
    /// Where.
    pub target: Target,
    /// A name, `Container.name`, or the place `FILE:LINE:COLUMN` of one.
    pub query: String,
    /// Only of definitions of these kinds; empty = all.
    pub kinds: Vec<SymbolKind>,
    /// Only these roles; empty = all.
    pub roles: Vec<Role>,
    /// See [`reference_flag`].
    pub flags: u16,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// An occurrence of a name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReferenceRow {
    /// Relative to the root.
    pub path: Bytes,
    /// The name as it stands there; another one where an import gives it another.
    pub name: String,
    /// What is done with it.
    pub role: Role,
    /// From 1.
    pub line: u32,
    /// Byte column, from 1.
    pub column: u32,
    /// The same in UTF-16 units.
    pub column_utf16: u32,
    /// Qualified name of the innermost definition around it; empty at file level.
    pub enclosing: String,
    /// What it means.
    pub meaning: Meaning,
    /// Its language.
    pub language: String,
    /// The line as it is now, without blanks around it and cut; empty if it was not asked for or the name does not stand there any
    /// more.
    pub text: Bytes,
    /// See [`row_flag`](super::row_flag).
    pub flags: u16,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`ReferenceQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReferenceRows {
    /// By path, then place.
    pub rows: Vec<ReferenceRow>,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// Which way to go from what is asked about.
    Direction {
        /// To what it calls, inherits from or imports.
        1 OUTGOING "outgoing",
        /// To what calls it, inherits from it or imports it.
        2 INCOMING "incoming",
        /// First one, then the other; only of inheritance.
        3 BOTH "both",
    }
}

/// Tags of later fields of a [`CallQuery`].
pub mod call_tag {
    /// Only calls of which it is certain what is called; its value is empty. How many are left out is said in a note, which counts
    /// those of its own part where a limit cuts the answer. A daemon without the capability `certain` ignores it.
    pub const CERTAIN: u16 = 1;
}

/// Calls of a definition, or by it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CallQuery {
    /// Where.
    pub target: Target,
    /// A name, `Container.name`, or the place `FILE:LINE:COLUMN` of one.
    pub query: String,
    /// Only of definitions of these kinds; empty = all.
    pub kinds: Vec<SymbolKind>,
    /// Who calls it, or what it calls.
    pub direction: Direction,
    /// Calls between it and the farthest row, from 1.
    pub depth: u32,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// A call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CallRow {
    /// Who calls; none at the top of a file.
    pub from: Option<SymbolBrief>,
    /// What is called, as it is named there.
    pub name: String,
    /// What that means.
    pub to: Meaning,
    /// File of the call, relative to the root.
    pub path: Bytes,
    /// Line of the call, from 1.
    pub line: u32,
    /// Byte column of what is called, from 1.
    pub column: u32,
    /// The same in UTF-16 units.
    pub column_utf16: u32,
    /// Calls between this one and what was asked about, from 1.
    pub depth: u32,
    /// See [`row_flag`](super::row_flag).
    pub flags: u16,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`CallQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CallRows {
    /// By depth, path and place.
    pub rows: Vec<CallRow>,
    /// Later fields.
    pub ext: Ext,
}

/// What a type inherits from, implements or embeds, and what inherits from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HierarchyQuery {
    /// Where.
    pub target: Target,
    /// A name, `Container.name`, or the place `FILE:LINE:COLUMN` of one.
    pub query: String,
    /// Only definitions of these kinds; empty = all.
    pub kinds: Vec<SymbolKind>,
    /// To its bases, to what is derived from it, or both.
    pub direction: Direction,
    /// Steps between it and the farthest row, from 1.
    pub depth: u32,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// One step of inheritance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HierarchyRow {
    /// The step leads from what was asked about to this side.
    pub direction: Direction,
    /// The type that inherits, or the block that adds to it.
    pub derived: SymbolBrief,
    /// The base as it is named there.
    pub name: String,
    /// What that means.
    pub base: Meaning,
    /// Steps between this one and what was asked about, from 1.
    pub depth: u32,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`HierarchyQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HierarchyRows {
    /// Bases first, each by depth, path and place.
    pub rows: Vec<HierarchyRow>,
    /// Later fields.
    pub ext: Ext,
}

/// What a file imports, or who imports it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportQuery {
    /// Where.
    pub target: Target,
    /// The file, absolute or relative to the root.
    pub file: Bytes,
    /// What it imports, or who imports it.
    pub direction: Direction,
    /// Filters and limits.
    pub options: QueryOptions,
    /// Later fields.
    pub ext: Ext,
}

/// An import.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The importing file, relative to the root.
    pub path: Bytes,
    /// From 1.
    pub line: u32,
    /// Byte column, from 1.
    pub column: u32,
    /// The same in UTF-16 units.
    pub column_utf16: u32,
    /// The module as written.
    pub module: String,
    /// The name taken from it; `*` for all of them, empty for the module itself.
    pub name: String,
    /// The name it is given, if another.
    pub alias: String,
    /// It is offered to others as if it were defined there.
    pub exported: bool,
    /// What is imported.
    pub meaning: Meaning,
    /// See [`row_flag`](super::row_flag).
    pub flags: u16,
    /// Later fields.
    pub ext: Ext,
}

/// Part of an answer to [`ImportQuery`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportRows {
    /// By path, then place.
    pub rows: Vec<ImportRow>,
    /// Later fields.
    pub ext: Ext,
}
