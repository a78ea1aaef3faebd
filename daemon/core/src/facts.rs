//! What structure extraction finds in one file, and nothing that depends on a second file. The packed form is at once what a
//! worker answers and what a segment is built from.

mod packed;

pub use packed::UnpackError;

use crate::kinds::{Role, SymbolKind};

/// Index into [`Facts::names`].
pub type NameId = u32;
/// Index into [`Facts::definitions`].
pub type DefinitionId = u32;

/// The facts of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Distinct identifiers of definitions and references, in order of first use.
    pub names: Vec<String>,
    /// In order of the name's position; a container stands before what it contains.
    pub definitions: Vec<Definition>,
    /// In order of position. A definition's own name is not a reference.
    pub references: Vec<Reference>,
    /// In order of position.
    pub imports: Vec<Import>,
    /// The grammar met something it could not parse.
    pub syntax_errors: bool,
    /// Found by scanning words, not by a grammar: no definitions, every word a reference of role `read`.
    pub lexical: bool,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// In bytes, from 1.
    pub column: u32,
    /// In UTF-16 units, from 1.
    pub column_utf16: u32,
}

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: NameId,
    /// What it is.
    pub kind: SymbolKind,
    /// A prototype or forward declaration.
    pub declaration: bool,
    /// Where the name stands.
    pub position: Position,
    /// First line of the whole definition, decorators and attributes included.
    pub start_line: u32,
    /// Last line of the whole definition.
    pub end_line: u32,
    /// The innermost definition around it.
    pub container: Option<DefinitionId>,
    /// Its declaration folded into one line, at most [`SIGNATURE_BYTES_MAX`].
    pub signature: String,
    /// First line of its documentation, at most [`DOC_BYTES_MAX`]; may be empty.
    pub doc: String,
}

/// Longest signature kept, in bytes.
pub const SIGNATURE_BYTES_MAX: usize = 200;
/// Longest first line of documentation kept, in bytes.
pub const DOC_BYTES_MAX: usize = 160;
/// Longest receiver kept, in bytes; a longer one is left empty.
pub const RECEIVER_BYTES_MAX: usize = 120;
/// Longest name kept, in bytes; what is longer is data that looks like a word.
pub const NAME_BYTES_MAX: usize = 512;

/// An occurrence of a name that is not its definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name.
    pub name: NameId,
    /// What is done with it.
    pub role: Role,
    /// Where it stands.
    pub position: Position,
    /// The innermost definition around it.
    pub enclosing: Option<DefinitionId>,
    /// Text of what stands before the dot or `::`, if that is a plain path (`self`, `a.b`, `std::fs`); else empty.
    pub receiver: String,
}

/// An import of one name, or of a whole module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The module as written: `std::fs`, `os.path`, `./util`, `stdio.h`.
    pub module: String,
    /// The name taken from it; `*` for all of them, empty for the module itself.
    pub name: String,
    /// The name it is given here, if another.
    pub alias: String,
    /// Where the import stands.
    pub position: Position,
}
