//! The vocabulary in which it is written how names work in a language.

use crate::kinds::{Language, SymbolKind};
use crate::store::{FileId, FileRow, StoreError};

use super::{FileFacts, World};

/// How names work in a language.
pub(super) struct Rules {
    /// Languages whose definitions a name of this one may mean.
    pub(super) family: &'static [Language],
    /// By what code speaks of the object it belongs to.
    pub(super) selves: &'static [&'static str],
    /// By what it speaks of that object as one of the class's base.
    pub(super) supers: &'static [&'static str],
    /// By what it speaks of the class it belongs to.
    pub(super) classes: &'static [&'static str],
    /// What calls the constructor of the class before it: `Class.new`.
    pub(super) constructor_call: Option<&'static str>,
    /// Modules of methods are mixed into classes, and call what those have.
    pub(super) mixes_in: bool,
    /// Kinds of definitions, besides modules and namespaces, whose members stand for themselves at the top of a file.
    pub(super) open_containers: &'static [SymbolKind],
    /// Methods may be added to types from outside.
    pub(super) extends_foreign: bool,
    /// Members of the class around need nothing before them.
    pub(super) has_implicit_self: bool,
    /// What is always outside: `std`.
    pub(super) foreign_heads: &'static [&'static str],
    /// Packages of which every file sees everything without importing it.
    pub(super) preludes: &'static [&'static str],
    /// What the language itself brings, wherever that lies: outside, where the index does not have it.
    pub(super) prelude_names: &'static [&'static str],
    /// A name that nothing explains may come from a macro, or from a base that is not known.
    pub(super) has_hidden_names: bool,
    /// One namespace for all files: a name that is not bound nearer may be defined anywhere.
    pub(super) is_global: bool,
    /// A package or namespace may be named as it is seen from the one around.
    pub(super) has_relative_packages: bool,
    /// Behind a dot whose left side is left out a variant may stand.
    pub(super) has_member_variants: bool,
    /// Modules may stand in files, and what is in them is named by paths that begin with `crate`, `self` or `super`.
    pub(super) nests_modules: bool,
    /// Classes may be defined in parts.
    pub(super) has_parts: bool,
    /// Blocks may add to types.
    pub(super) has_impls: bool,
    /// All of a type stands in one place, and what a definition is in stands around it.
    pub(super) is_whole: bool,
    /// What a type embeds is a member of it under the name of its own type.
    pub(super) embeds: bool,
    /// The body of a class is run as it is read, and sees what stands in it.
    pub(super) runs_class_bodies: bool,
    /// A block may be given something whose members need nothing before them in it.
    pub(super) gives_blocks: bool,
    /// Calls of these names give what they are called on, whatever that is.
    pub(super) returns_itself: &'static [&'static str],
    /// How imports find what they name.
    pub(super) modules: Modules,
    /// Whether two files share their top-level names without imports.
    pub(super) shares_package: fn(&World<'_>, &FileFacts, &FileRow) -> Result<bool, StoreError>,
    /// Members that types of the language itself have: behind something whose type is not known such a name says nothing.
    pub(super) common_members: &'static [&'static str],
    /// Types from outside that may hold whatever there is, so that nothing is said by them: `any`.
    pub(super) anything: &'static [&'static str],
}

impl Rules {
    /// Whether a type may be given bases elsewhere than where it is defined.
    pub(super) fn adds_bases(&self) -> bool {
        self.has_parts || self.has_impls
    }
}

/// A language in which nothing of this is so; others begin from it.
pub(super) const PLAIN: Rules = Rules {
    family: &[],
    selves: &[],
    supers: &[],
    classes: &[],
    constructor_call: None,
    mixes_in: false,
    open_containers: &[],
    extends_foreign: false,
    has_implicit_self: false,
    foreign_heads: &[],
    preludes: &[],
    prelude_names: &[],
    has_hidden_names: false,
    is_global: false,
    has_relative_packages: false,
    has_member_variants: false,
    nests_modules: false,
    has_parts: false,
    has_impls: false,
    is_whole: false,
    embeds: false,
    runs_class_bodies: false,
    gives_blocks: false,
    returns_itself: &[],
    modules: Modules::None,
    shares_package: no_package,
    common_members: &[],
    anything: &[],
};

/// How imports find what they name.
pub(super) enum Modules {
    /// Modules are files: which ones a module's text means, seen from a file.
    Files(fn(&World<'_>, &FileFacts, &str) -> Result<Vec<FileId>, StoreError>),
    /// Modules are names that files say they belong to: a file's own.
    Names(fn(&World<'_>, &FileFacts) -> Result<String, StoreError>),
    /// Modules are directories: how well a directory fits a module's text; 0 = not at all.
    Directories(fn(&str, &str) -> usize),
    /// Imports say nothing about names.
    None,
}

/// For `shares_package`: no two files do.
pub(super) fn no_package(_: &World<'_>, _: &FileFacts, _: &FileRow) -> Result<bool, StoreError> {
    Ok(false)
}
