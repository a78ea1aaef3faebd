//! JavaScript and TypeScript: modules are files, found relative to the importing one; scripts without imports share one namespace.

use crate::kinds::Language;
use crate::store::{FileId, FileRow, StoreError};

use super::super::rules::{Modules, Rules};
use super::super::{FileFacts, World};
use super::paths::{directory, first_file, join, normal, upwards};

pub(super) const RULES: Rules = Rules {
    family: &[Language::JavaScript, Language::TypeScript, Language::Tsx],
    selves: &["this"],
    supers: &["super"],
    classes: &[],
    constructor_call: None,
    mixes_in: false,
    open_containers: &[],
    extends_foreign: false,
    has_implicit_self: false,
    foreign_heads: &[],
    has_hidden_names: false,
    is_global: false,
    modules: Modules::Files(module),
    shares_package,
    common_members: COMMON,
};

/// Methods of the types of the language itself.
const COMMON: &[&str] = &[
    "add",
    "addEventListener",
    "all",
    "apply",
    "bind",
    "call",
    "catch",
    "charAt",
    "clear",
    "close",
    "concat",
    "delete",
    "emit",
    "end",
    "endsWith",
    "entries",
    "every",
    "exec",
    "fill",
    "filter",
    "finally",
    "find",
    "flat",
    "forEach",
    "format",
    "get",
    "has",
    "includes",
    "indexOf",
    "join",
    "keys",
    "lastIndexOf",
    "length",
    "log",
    "map",
    "match",
    "next",
    "off",
    "on",
    "once",
    "open",
    "parse",
    "pop",
    "push",
    "read",
    "reduce",
    "remove",
    "replace",
    "resolve",
    "reverse",
    "send",
    "set",
    "shift",
    "size",
    "slice",
    "some",
    "sort",
    "splice",
    "split",
    "start",
    "startsWith",
    "stop",
    "substring",
    "test",
    "then",
    "toString",
    "trim",
    "unshift",
    "update",
    "value",
    "values",
    "write",
];

const EXTENSIONS: [&str; 9] = ["ts", "tsx", "d.ts", "js", "jsx", "mjs", "cjs", "mts", "cts"];

fn module(world: &World<'_>, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
    let path = from.path();
    let here = directory(&path);
    if module.starts_with('.') {
        let target = normal(&join(here, module));
        return target.map_or(Ok(Vec::new()), |target| first_file(world, files(&target)));
    }
    // Paths that a project maps to its own sources: `@/x`, `src/x`, `~/x`.
    let below = module.trim_start_matches(['@', '~']).trim_start_matches('/');
    if below.is_empty() || module.starts_with('@') && !module.starts_with("@/") {
        return Ok(Vec::new());
    }
    if !module.contains('/') {
        return Ok(Vec::new());
    }
    for base in upwards(here) {
        let found = first_file(
            world,
            [join(base, below), join(base, &format!("src/{below}"))].iter().flat_map(|target| files(target)),
        )?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

fn files(target: &str) -> Vec<String> {
    let mut paths = vec![target.to_owned()];
    // TypeScript sources are imported by the name of what they are compiled to.
    let stem = [".js", ".mjs", ".cjs", ".jsx"].iter().find_map(|extension| target.strip_suffix(extension));
    for base in [Some(target), stem].into_iter().flatten() {
        paths.extend(EXTENSIONS.map(|extension| format!("{base}.{extension}")));
    }
    paths.extend(EXTENSIONS.map(|extension| join(target, &format!("index.{extension}"))));
    paths
}

/// Two scripts that import nothing run side by side.
fn shares_package(world: &World<'_>, a: &FileFacts, b: &FileRow) -> Result<bool, StoreError> {
    if !a.imports.is_empty() || !RULES.family.iter().any(|language| b.language == Some(*language)) {
        return Ok(false);
    }
    Ok(world.file(b.id)?.is_some_and(|b| b.imports.is_empty()))
}
