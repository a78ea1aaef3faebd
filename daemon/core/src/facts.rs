//! What structure extraction finds in one file, and nothing that depends on a second file. The packed form is what a worker answers,
//! and its parts are what a segment keeps.

mod body;
pub(crate) mod declarations;
pub(crate) mod defined;
mod locals;
mod module_key;
pub(crate) mod occurrences;
mod operators;
mod packed;

pub use defined::{Defined, Outline};
pub use locals::LocalNames;
pub use module_key::{file_key, module_key};
pub use operators::{OPERATOR, operator_at, operator_name};
pub use packed::{NameUses, PackedFacts, UnpackError};

use std::borrow::Cow;

use crate::kinds::{BindingKind, Role, SymbolKind};

/// Index into [`Facts::names`].
pub type NameId = u32;
/// Index into [`Declarations::definitions`].
pub type DefinitionId = u32;
/// Index into [`Occurrences::texts`].
pub type TextId = u32;
/// Index into [`Occurrences::references`].
pub type ReferenceId = u32;

/// The facts of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Distinct identifiers of definitions and references. In the packed form they are sorted.
    pub names: Vec<String>,
    /// What the file offers to others.
    pub declarations: Declarations,
    /// What it does with names.
    pub occurrences: Occurrences,
    /// The grammar met something it could not parse.
    pub syntax_errors: bool,
    /// Found by scanning words, not by a grammar: no definitions, every word a reference of role `read`.
    pub lexical: bool,
}

/// Definitions and imports: all that resolving a name needs to know of the file in which its target may stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declarations {
    /// In order of the name's position; a container stands before what it contains.
    pub definitions: Vec<Definition>,
    /// In order of position.
    pub imports: Vec<Import>,
    /// Hash of the text outside of all definitions, without blanks and separators.
    pub outside_hash: u32,
}

/// References and the local bindings that some of them refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occurrences {
    /// Receivers and types of bindings: each text once.
    pub texts: Vec<String>,
    /// In order of position. A definition's own name is not a reference.
    pub references: Vec<Reference>,
    /// Locals and parameters, in order of their declaring reference.
    pub bindings: Vec<Binding>,
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
    /// Name of the type it is a member of, where that type is not defined in this file: a Go method, a C++ function outside of its
    /// class, a Kotlin extension.
    pub of: Option<NameId>,
    /// Its declaration folded into one line, at most [`SIGNATURE_BYTES_MAX`].
    pub signature: String,
    /// First line of its documentation, at most [`DOC_BYTES_MAX`]; may be empty.
    pub doc: String,
    /// Type of what it holds or returns (see [`TYPE_OF_VALUE`]); may be empty.
    pub type_text: String,
    /// What it inherits, implements or embeds, as paths; for an impl block the trait.
    pub bases: Vec<String>,
    /// Hash of its text with the comments and decorators above it; of what holds other definitions without theirs.
    pub text_hash: u32,
}

/// What an expression that stands for its type begins with, where a type is not written: `=Foo::new()`, `=self.pool`. A type itself is
/// its path without what surrounds it: `&mut a::B<C>` is `a::B`.
pub const TYPE_OF_VALUE: char = '=';

/// What stands between the types that something may have, where it is given values of several: `=Foo::new()|=Bar::new()`. One of them
/// may be [`RECEIVER_UNKNOWN`].
pub const TYPE_OR: char = '|';
/// What stands between types all of which something is, closer than [`TYPE_OR`]: `A&B`.
pub const TYPE_AND: char = '&';
/// Most types kept of one thing; for those beyond stands [`RECEIVER_UNKNOWN`].
pub const TYPES_MAX: usize = 4;

/// Longest signature kept, in bytes.
pub const SIGNATURE_BYTES_MAX: usize = 200;
/// Longest first line of documentation kept, in bytes.
pub const DOC_BYTES_MAX: usize = 160;
/// Longest path kept, in bytes: of a receiver, a type, a base. Of a longer one only [`RECEIVER_UNKNOWN`] is kept.
pub const PATH_BYTES_MAX: usize = 120;
/// Longest name kept, in bytes; what is longer is data that looks like a word.
pub const NAME_BYTES_MAX: usize = 512;
/// Most bases kept of one definition.
pub const BASES_MAX: usize = 64;

/// The receiver of a name behind something that is no plain path: a literal, an operator, a block.
pub const RECEIVER_UNKNOWN: &str = "?";

/// What the receiver of a label begins with: a field in a literal, the name of an argument, the key of an object. Behind it stands the
/// path of the type or function whose it is, where that is written (`:Point` of `Point { x: 1 }`).
pub const RECEIVER_OF_LABEL: char = ':';

/// Whose label a receiver says a name to be; `None` = it is that of no label. A path may begin with two colons.
pub fn owner_of_label(receiver: &str) -> Option<&str> {
    receiver.strip_prefix(RECEIVER_OF_LABEL).filter(|owner| !owner.starts_with(':') || owner.starts_with("::"))
}

/// An occurrence of a name that is not its definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name.
    pub name: NameId,
    /// What is done with it.
    pub role: Role,
    /// Where it stands.
    pub position: Position,
    /// The innermost definition around it.
    pub enclosing: Option<DefinitionId>,
    /// What stands before the dot or `::`: a path in which calls and indexes are `()` and `[]` (`self`, `a.b`, `std::fs`,
    /// `make().parts[]`; `self::` is the module around), or [`RECEIVER_UNKNOWN`]; of a label see [`RECEIVER_OF_LABEL`]. None = nothing does.
    pub receiver: Option<TextId>,
    /// Of a call, how many arguments it gives, at most [`ARGUMENTS_MAX`]; `None` = that is not told.
    pub arguments: Option<u8>,
}

/// So many arguments, or more.
pub const ARGUMENTS_MAX: u8 = 6;

/// A local variable or parameter, or what a block is given without a name (`receiver.apply { … }`), which `at` is the last reference
/// before. It serves resolution and is no symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What it is.
    pub kind: BindingKind,
    /// The reference that declares it, whose role is `write`.
    pub at: ReferenceId,
    /// First reference from which on its name means it.
    pub from: ReferenceId,
    /// One after the last such reference.
    pub to: ReferenceId,
    /// Its type (see [`TYPE_OF_VALUE`]), where that is written.
    pub type_text: Option<TextId>,
}

/// The module of an import by which a file offers something of its own under another name.
pub const OWN_MODULE: &str = "=";

/// The name by which a file offers what it is as a whole: what `export default`, `module.exports` or a `return` at its end names.
pub const RETURNED: &str = "default";

/// An import of one name, or of a whole module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The module as written: `std::fs`, `os.path`, `./util`, `stdio.h`; or [`OWN_MODULE`].
    pub module: String,
    /// The name taken from it; `*` for all of them, empty for the module itself.
    pub name: String,
    /// The name it is given here, if another.
    pub alias: String,
    /// Where the import stands.
    pub position: Position,
    /// The innermost definition around it.
    pub enclosing: Option<DefinitionId>,
    /// What is imported is offered to others as if it were defined here (`pub use`, `export … from`).
    pub exported: bool,
}

impl Import {
    /// By what others know what is imported: the name taken, of a whole module the last part of its own.
    pub fn own_name(&self) -> &str {
        if matches!(self.name.as_str(), "" | "*") { module_key(&self.module) } else { &self.name }
    }

    /// Whether this file speaks of what is imported by that name.
    pub fn brings(&self, name: &str) -> bool {
        match (self.alias.as_str(), self.name.as_str()) {
            ("", "*") => false,
            ("", "") => {
                let mut parts = self.module.rsplit(['.', ':', '/', '\\']).filter(|part| !part.is_empty());
                let last = parts.next();
                // A version is no name, as a rule: `example.com/thing/v2`.
                let is_version = last.is_some_and(|last| last.starts_with('v') && last[1..].parse::<u32>().is_ok());
                last == Some(name) || is_version && parts.next() == Some(name)
            }
            ("", own) => own == name,
            (alias, _) => alias == name,
        }
    }
}

/// How a definition is called in qualified names: by its name, or by all names of a namespace that several are written for
/// (`namespace a::b`), joined by dots.
pub(crate) fn namespace_name<'n>(definition: &Definition, name: &'n str) -> Cow<'n, str> {
    let written = definition.signature.split_once("namespace ").filter(|_| definition.kind == SymbolKind::Namespace);
    let Some((_, written)) = written else { return name.into() };
    let written = written.split([' ', '{', ';']).next().unwrap_or(written);
    let whole = written.replace("::", ".").replace('\\', ".");
    let is_whole = whole.strip_suffix(name).is_some_and(|before| before.ends_with('.'));
    if is_whole { whole.into() } else { name.into() }
}

impl Occurrences {
    /// The receiver of a reference.
    pub fn receiver(&self, reference: &Reference) -> Option<&str> {
        self.text(reference.receiver)
    }

    /// One of the texts.
    pub fn text(&self, id: Option<TextId>) -> Option<&str> {
        id.and_then(|id| self.texts.get(id as usize)).map(String::as_str)
    }
}
