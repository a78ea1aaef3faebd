//! C#: namespaces, which `using` opens, and partial classes.

use crate::kinds::{Language, SymbolKind};
use crate::store::{FileRow, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};
use super::namespaces::of_whole_file;

pub(super) const RULES: Rules = Rules {
    family: &[Language::CSharp],
    selves: &["this"],
    supers: &["base"],
    extends_foreign: true,
    has_implicit_self: true,
    has_hidden_names: true,
    has_relative_packages: true,
    modules: Modules::Names(namespace),
    shares_package,
    common_members: COMMON,
    anything: &["dynamic", "object"],
    has_parts: true,
    ..PLAIN
};

/// Members of the types of the language itself.
const COMMON: &[&str] = &[
    "Add",
    "AddRange",
    "Any",
    "Append",
    "Clear",
    "Close",
    "CompareTo",
    "Contains",
    "ContainsKey",
    "CopyTo",
    "Count",
    "Dispose",
    "Equals",
    "First",
    "FirstOrDefault",
    "Format",
    "Get",
    "GetEnumerator",
    "GetHashCode",
    "GetType",
    "Invoke",
    "Join",
    "Key",
    "Last",
    "Length",
    "Name",
    "OrderBy",
    "Parse",
    "Read",
    "Remove",
    "Replace",
    "Reverse",
    "Select",
    "Set",
    "Single",
    "Sort",
    "Split",
    "Substring",
    "Sum",
    "ToArray",
    "ToList",
    "ToString",
    "Trim",
    "TryGetValue",
    "Value",
    "Where",
    "Write",
    "WriteLine",
];

/// That of a clause for the whole file; other namespaces are containers of what stands in them.
fn namespace(_: &World<'_>, file: &FileFacts) -> Result<String, StoreError> {
    Ok(of_whole_file(file))
}

/// Two files that open the same namespace see each other's.
fn shares_package(world: &World<'_>, a: &FileFacts, b: &FileRow) -> Result<bool, StoreError> {
    if b.language != Some(Language::CSharp) {
        return Ok(false);
    }
    let Some(other) = world.file(b.id)? else { return Ok(false) };
    let (own, others) = (namespaces(world, a)?, namespaces(world, &other)?);
    let is_seen =
        |namespace: &String| own.iter().any(|own| own == namespace || own.starts_with(&format!("{namespace}.")));
    Ok(others.iter().any(is_seen) || (own.is_empty() && others.is_empty()))
}

fn namespaces(world: &World<'_>, file: &FileFacts) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    for (definition, id) in file.definitions.iter().zip(0..) {
        if definition.kind == SymbolKind::Namespace {
            names.push(world.qualified(file, Some(id))?);
        }
    }
    Ok(names)
}
