//! Python: modules are files, a package's `__init__` passes on what it imports, and a class's members need `self`.

use crate::kinds::Language;
use crate::store::{FileId, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};
use super::paths::{directory, first_file, join, upwards};

pub(super) const RULES: Rules = Rules {
    family: &[Language::Python],
    selves: &["self"],
    supers: &["super"],
    classes: &["cls", "Self"],
    is_whole: true,
    modules: Modules::Files(module),
    common_members: COMMON,
    anything: &["Any", "typing.Any", "object"],
    runs_class_bodies: true,
    ..PLAIN
};

/// Members of the types of the language itself.
const COMMON: &[&str] = &[
    "add",
    "append",
    "capitalize",
    "clear",
    "close",
    "copy",
    "count",
    "decode",
    "difference",
    "discard",
    "encode",
    "endswith",
    "extend",
    "find",
    "format",
    "get",
    "index",
    "insert",
    "intersection",
    "isdigit",
    "items",
    "join",
    "keys",
    "lower",
    "lstrip",
    "pop",
    "popitem",
    "read",
    "readline",
    "remove",
    "replace",
    "reverse",
    "rstrip",
    "seek",
    "setdefault",
    "sort",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "title",
    "union",
    "update",
    "upper",
    "values",
    "write",
];

fn module(world: &World<'_>, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
    let path = from.path();
    let name = module.trim_start_matches('.');
    let dots = module.len() - name.len();
    let below = name.replace('.', "/");
    if dots > 0 {
        let mut base = directory(&path);
        for _ in 1..dots {
            base = directory(base);
        }
        return first_file(world, files(base, &below));
    }
    for base in upwards(directory(&path)) {
        // What is itself a package is no place where modules are looked for.
        if world.file_at(&join(base, "__init__.py"))?.is_some() {
            continue;
        }
        let found = first_file(
            world,
            [base.to_owned(), join(base, "src"), join(base, "lib")].iter().flat_map(|base| files(base, &below)),
        )?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

fn files(base: &str, below: &str) -> Vec<String> {
    let init = if below.is_empty() { "__init__.py".to_owned() } else { format!("{below}/__init__.py") };
    let mut paths = vec![join(base, &init)];
    if !below.is_empty() {
        paths.extend([".py", ".pyi"].map(|extension| join(base, &format!("{below}{extension}"))));
    }
    paths
}

/// A module in a package's directory.
pub(super) fn submodule(world: &World<'_>, of: &FileFacts, name: &str) -> Result<Vec<FileId>, StoreError> {
    let path = of.path();
    match path.strip_suffix("__init__.py") {
        Some(base) => first_file(world, files(base.trim_end_matches('/'), name)),
        None => Ok(Vec::new()),
    }
}
