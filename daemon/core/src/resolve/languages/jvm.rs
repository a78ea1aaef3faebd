//! Java, Kotlin and Scala: files say which package they are of, and imports name packages and what is in them, of whichever of the
//! three.

use crate::facts::Definition;
use crate::kinds::{Language, SymbolKind};
use crate::store::{FileRow, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};

const FAMILY: &[Language] = &[Language::Java, Language::Kotlin, Language::Scala];

pub(super) const JAVA: Rules = Rules {
    family: FAMILY,
    selves: &["this"],
    supers: &["super"],
    has_implicit_self: true,
    has_hidden_names: true,
    is_whole: true,
    modules: Modules::Names(package),
    shares_package,
    common_members: COMMON,
    anything: &["Object", "java.lang.Object"],
    ..PLAIN
};

/// Where functions may be added to types.
pub(super) const KOTLIN: Rules = Rules {
    extends_foreign: true,
    is_whole: false,
    gives_blocks: true,
    returns_itself: &["also", "apply", "takeIf", "takeUnless"],
    anything: &["Any"],
    ..JAVA
};

/// The same.
pub(super) const SCALA: Rules = Rules {
    has_impls: true,
    anything: &["Any", "AnyRef"],
    gives_blocks: false,
    returns_itself: &[],
    has_relative_packages: true,
    ..KOTLIN
};

/// Methods of the types of the language itself.
const COMMON: &[&str] = &[
    "accept",
    "add",
    "addAll",
    "append",
    "apply",
    "clear",
    "clone",
    "close",
    "collect",
    "compareTo",
    "contains",
    "containsKey",
    "equals",
    "filter",
    "flush",
    "forEach",
    "format",
    "get",
    "getBytes",
    "getClass",
    "getKey",
    "getMessage",
    "getName",
    "getValue",
    "hasNext",
    "hashCode",
    "indexOf",
    "isEmpty",
    "isPresent",
    "iterator",
    "join",
    "keySet",
    "length",
    "map",
    "matches",
    "next",
    "of",
    "orElse",
    "put",
    "read",
    "remove",
    "replace",
    "run",
    "set",
    "size",
    "sort",
    "split",
    "start",
    "startsWith",
    "stream",
    "substring",
    "test",
    "toArray",
    "toString",
    "trim",
    "valueOf",
    "values",
    "write",
];

/// The package that a file says it is of.
fn package(_: &World<'_>, file: &FileFacts) -> Result<String, StoreError> {
    let text = clause(file).map(|clause| clause.signature.trim_start_matches("package").trim().trim_end_matches(';'));
    Ok(text.unwrap_or_default().to_owned())
}

fn clause(file: &FileFacts) -> Option<&Definition> {
    file.definitions.iter().find(|definition| definition.kind == SymbolKind::Package)
}

fn shares_package(world: &World<'_>, a: &FileFacts, b: &FileRow) -> Result<bool, StoreError> {
    if !FAMILY.iter().any(|language| b.language == Some(*language)) {
        return Ok(false);
    }
    // Its clause names the package, so that most files need not be read.
    if let Some(clause) = clause(a)
        && !world.has_name(b.id, &world.text(a, clause.name)?)?
    {
        return Ok(false);
    }
    let Some(other) = world.file(b.id)? else { return Ok(false) };
    Ok(package(world, a)? == package(world, &other)?)
}
