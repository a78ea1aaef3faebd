//! Rust: modules are files or stand in them, `crate`, `self` and `super` begin paths, and other crates are known by their manifests.

use crate::kinds::Language;
use crate::store::{FileId, StoreError};

use super::super::rules::{Modules, Rules, no_package};
use super::super::values::parts;
use super::super::{FileFacts, World};
use super::paths::{directory, first_file, join};

pub(super) const RULES: Rules = Rules {
    family: &[Language::Rust],
    selves: &["self"],
    supers: &[],
    classes: &["Self"],
    constructor_call: None,
    mixes_in: false,
    open_containers: &[],
    extends_foreign: true,
    has_implicit_self: false,
    foreign_heads: &["std", "core", "alloc"],
    has_hidden_names: true,
    is_global: false,
    modules: Modules::Files(module),
    shares_package: no_package,
    common_members: COMMON,
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

/// Where a file stands: the directory of its crate's modules, and the path of its own module in it.
struct Place {
    root: String,
    module: Vec<String>,
}

fn place(path: &str) -> Place {
    let (root, rest) = match path.rfind("/src/").map(|at| at + 5).or_else(|| path.starts_with("src/").then_some(4)) {
        Some(start) => path.split_at(start),
        // A test, an example, a script: a crate of its own.
        None => (
            &path[..path.len() - path.rsplit('/').next().unwrap_or(path).len()],
            path.rsplit('/').next().unwrap_or(path),
        ),
    };
    let mut module: Vec<String> = rest.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    let is_root = rest == "lib.rs" || rest == "main.rs" || !root.ends_with("src/");
    if is_root || module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    Place { root: root.trim_end_matches('/').to_owned(), module }
}

fn module(world: &World<'_>, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
    let path = from.path();
    let place = place(&path);
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
            let below = below(world, &place.root, &[base.as_slice(), &[name.to_owned()]].concat(), rest)?;
            if !below.is_empty() {
                return Ok(below);
            }
            let Some(root) = crate_root(world, name, &place.root)? else { return Ok(Vec::new()) };
            return self::below(world, &root, &[], rest);
        }
    }
    if base == place.module && rest.is_empty() {
        return Ok(vec![from.id()]);
    }
    below(world, &place.root, &base, rest)
}

/// The file of a module path; a path that goes on into an inline module ends in the file that holds it.
fn below(
    world: &World<'_>,
    root: &str,
    base: &[String],
    rest: &[super::super::values::Part<'_>],
) -> Result<Vec<FileId>, StoreError> {
    let module = base.iter().cloned().chain(rest.iter().map(|part| part.name.to_owned())).collect::<Vec<_>>().join("/");
    if module.is_empty() {
        return first_file(world, ["lib.rs", "main.rs"].map(|file| join(root, file)));
    }
    first_file(world, [join(root, &format!("{module}.rs")), join(root, &format!("{module}/mod.rs"))])
}

/// The directory of another crate's modules: its manifest says `name = "…"` in its package.
fn crate_root(world: &World<'_>, name: &str, from: &str) -> Result<Option<String>, StoreError> {
    let mut found = None;
    for id in world.defining_files("package")? {
        let Some(row) = world.row(id)?.filter(|row| row.language == Some(Language::Toml)) else { continue };
        let path = String::from_utf8_lossy(&row.path).into_owned();
        if !path.ends_with("Cargo.toml") {
            continue;
        }
        let Some(file) = world.file(id)? else { continue };
        for symbol in world.defined_in_file(&file, "name")? {
            let definition = &file.definitions[symbol.id as usize];
            let quoted = definition.signature.split('"').nth(1).unwrap_or_default();
            if quoted.replace('-', "_") == name && world.container(&file, definition)? == "package" {
                let root = join(directory(&path), "src");
                // The nearest, where copies of a crate stand side by side.
                let is_nearer = |old: &String| shared(&root, from) > shared(old, from);
                if found.as_ref().is_none_or(is_nearer) {
                    found = Some(root);
                }
            }
        }
    }
    Ok(found)
}

fn shared(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}

/// A module below the one of a file.
pub(super) fn submodule(world: &World<'_>, of: &FileFacts, name: &str) -> Result<Vec<FileId>, StoreError> {
    let path = of.path();
    let place = place(&path);
    let base: Vec<String> = place.module.into_iter().chain([name.to_owned()]).collect();
    below(world, &place.root, &base, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_their_place_in_a_crate() {
        let at = |path| {
            let Place { root, module } = place(path);
            (root, module.join("::"))
        };
        assert_eq!(at("src/lib.rs"), ("src".into(), String::new()));
        assert_eq!(at("a/src/b/c.rs"), ("a/src".into(), "b::c".into()));
        assert_eq!(at("a/src/b/mod.rs"), ("a/src".into(), "b".into()));
        assert_eq!(at("tests/all.rs"), ("tests".into(), String::new()));
        assert_eq!(at("build.rs"), (String::new(), String::new()));
    }
}
