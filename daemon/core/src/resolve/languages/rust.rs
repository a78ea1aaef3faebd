//! Rust: modules are files or stand in them, `crate`, `self` and `super` begin paths. What a crate is says `cargo`.

use crate::kinds::Language;
use crate::store::{FileId, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::values::{Part, parts};
use super::super::{FileFacts, World};
use super::cargo::{Crate, named, place};
use super::paths::{first_file, join};

pub(super) const RULES: Rules = Rules {
    family: &[Language::Rust],
    selves: &["self"],
    classes: &["Self"],
    extends_foreign: true,
    has_impls: true,
    foreign_heads: &["std", "core", "alloc"],
    has_hidden_names: true,
    modules: Modules::Files(module),
    common_members: COMMON,
    nests_modules: true,
    ..PLAIN
};

/// Methods of the standard library's types and traits that other types have too.
const COMMON: &[&str] = &[
    "all",
    "and_then",
    "any",
    "as_bytes",
    "as_mut",
    "as_ref",
    "as_slice",
    "as_str",
    "borrow",
    "borrow_mut",
    "chain",
    "chars",
    "clear",
    "clone",
    "cloned",
    "cmp",
    "collect",
    "contains",
    "contains_key",
    "copied",
    "count",
    "default",
    "deref",
    "drop",
    "entry",
    "enumerate",
    "eq",
    "err",
    "expect",
    "extend",
    "filter",
    "filter_map",
    "find",
    "first",
    "flat_map",
    "flatten",
    "flush",
    "fmt",
    "fold",
    "for_each",
    "from",
    "get",
    "get_mut",
    "hash",
    "index",
    "insert",
    "into",
    "into_iter",
    "is_empty",
    "is_err",
    "is_none",
    "is_ok",
    "is_some",
    "iter",
    "iter_mut",
    "join",
    "keys",
    "last",
    "len",
    "lines",
    "lock",
    "map",
    "map_err",
    "max",
    "min",
    "new",
    "next",
    "ok",
    "or_else",
    "parse",
    "peek",
    "poll",
    "pop",
    "push",
    "push_str",
    "read",
    "recv",
    "remove",
    "replace",
    "resize",
    "retain",
    "rev",
    "send",
    "skip",
    "sort",
    "split",
    "sum",
    "swap",
    "take",
    "to_owned",
    "to_string",
    "to_vec",
    "trim",
    "truncate",
    "try_from",
    "try_into",
    "unwrap",
    "unwrap_or",
    "values",
    "wait",
    "windows",
    "with_capacity",
    "write",
    "write_all",
    "zip",
];

fn module(world: &World<'_>, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
    let place = place(world, &from.path())?;
    let all = parts(module);
    let Some((first, rest)) = all.split_first() else { return Ok(Vec::new()) };
    let mut base = place.module.clone();
    let mut rest = rest;
    match first.name {
        "crate" => base.clear(),
        "self" => {}
        "super" => {
            base.pop();
            while let Some((_, more)) = rest.split_first().filter(|(next, _)| next.name == "super") {
                base.pop();
                rest = more;
            }
        }
        name => {
            base.push(name.to_owned());
            let below = if module.starts_with("::") { Vec::new() } else { below(world, &place.within, &base, rest)? };
            if !below.is_empty() {
                return Ok(below);
            }
            let Some(other) = named(world, name, &place.within.directory)? else { return Ok(Vec::new()) };
            return match rest {
                [] => other.root(world, None),
                rest => self::below(world, &other, &[], rest),
            };
        }
    }
    if base == place.module && rest.is_empty() {
        return Ok(vec![from.id()]);
    }
    if base.is_empty() && rest.is_empty() {
        return place.within.root(world, place.module.first());
    }
    below(world, &place.within, &base, rest)
}

/// The file of a module path that is not the crate's own; one that goes on into an inline module ends in the file that holds it.
fn below(world: &World<'_>, within: &Crate, base: &[String], rest: &[Part<'_>]) -> Result<Vec<FileId>, StoreError> {
    let module = base.iter().map(String::as_str).chain(rest.iter().map(|part| part.name)).collect::<Vec<_>>().join("/");
    let directory = &within.directory;
    first_file(world, [join(directory, &format!("{module}.rs")), join(directory, &format!("{module}/mod.rs"))])
}

/// A module below the one of a file.
pub(super) fn submodule(world: &World<'_>, of: &FileFacts, name: &str) -> Result<Vec<FileId>, StoreError> {
    let place = place(world, &of.path())?;
    let base: Vec<String> = place.module.iter().cloned().chain([name.to_owned()]).collect();
    below(world, &place.within, &base, &[])
}
