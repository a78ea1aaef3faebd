//! PHP: namespaces, which `use` takes names from; functions and constants of the global one are seen everywhere.

use crate::kinds::Language;
use crate::store::{FileId, FileRow, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};
use super::namespaces::of_whole_file;
use super::paths::{directory, first_file, join, normal, upwards};

pub(super) const RULES: Rules = Rules {
    family: &[Language::Php],
    selves: &["this"],
    supers: &["parent"],
    classes: &["self", "static"],
    has_relative_packages: true,
    modules: Modules::Names(namespace),
    shares_package,
    common_members: COMMON,
    anything: &["mixed", "object"],
    ..PLAIN
};

/// Methods of the types of the language itself, and of every other collection.
const COMMON: &[&str] = &[
    "add",
    "all",
    "bind",
    "close",
    "count",
    "current",
    "execute",
    "fetch",
    "filter",
    "find",
    "first",
    "format",
    "get",
    "getCode",
    "getMessage",
    "getName",
    "has",
    "key",
    "map",
    "next",
    "offsetGet",
    "offsetSet",
    "prepare",
    "query",
    "remove",
    "reset",
    "rewind",
    "run",
    "send",
    "set",
    "setName",
    "toArray",
    "valid",
    "__toString",
];

/// The namespace that a file says all of it is in: one without braces holds what follows it.
fn namespace(_: &World<'_>, file: &FileFacts) -> Result<String, StoreError> {
    Ok(of_whole_file(file))
}

fn shares_package(world: &World<'_>, a: &FileFacts, b: &FileRow) -> Result<bool, StoreError> {
    if b.language != Some(Language::Php) {
        return Ok(false);
    }
    let Some(other) = world.file(b.id)? else { return Ok(false) };
    let other = namespace(world, &other)?;
    Ok(other.is_empty() || namespace(world, a)? == other)
}

/// The file that a text names which is included: beside the file that says so, or from the root or a directory between them.
pub(super) fn included(world: &World<'_>, from: &FileFacts, text: &str) -> Result<Vec<FileId>, StoreError> {
    if text.starts_with('/') {
        return Ok(Vec::new());
    }
    let path = from.path();
    let beside = directory(&path);
    let is_beside = text.starts_with("./") || text.starts_with("../");
    let above = upwards(beside).take(if is_beside { 1 } else { usize::MAX });
    first_file(world, above.filter_map(|above| normal(&join(above, text))))
}
