//! C and C++: one namespace for all that is linked together, headers found by their paths, `this` before members.

use crate::kinds::{Language, SymbolKind};
use crate::store::{FileId, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};
use super::paths::{directory, first_file, join, normal, upwards};

pub(super) const RULES: Rules = Rules {
    family: &[Language::C, Language::Cpp],
    selves: &["this"],
    open_containers: &[SymbolKind::Enum],
    extends_foreign: true,
    has_implicit_self: true,
    foreign_heads: &["std"],
    has_hidden_names: true,
    is_global: true,
    modules: Modules::Files(module),
    common_members: COMMON,
    ..PLAIN
};

/// Members of the standard library's types.
const COMMON: &[&str] = &[
    "append",
    "at",
    "back",
    "begin",
    "c_str",
    "clear",
    "count",
    "data",
    "empty",
    "end",
    "erase",
    "find",
    "first",
    "front",
    "get",
    "insert",
    "length",
    "lock",
    "max",
    "min",
    "name",
    "next",
    "pop",
    "pop_back",
    "push",
    "push_back",
    "read",
    "release",
    "reserve",
    "reset",
    "resize",
    "second",
    "size",
    "str",
    "substr",
    "swap",
    "top",
    "type",
    "unlock",
    "value",
    "write",
];

fn module(world: &World<'_>, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
    // Only headers are modules; `a::b` is a namespace.
    if !module.contains(['.', '/']) || module.contains("::") {
        return Ok(Vec::new());
    }
    let path = from.path();
    for base in upwards(directory(&path)) {
        let places = ["", "include", "src", "inc", "lib"].map(|place| join(base, &join(place, module)));
        let found = first_file(world, places.iter().filter_map(|path| normal(path)))?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}
