//! JavaScript and TypeScript: modules are files, found relative to the importing one; scripts without imports share one namespace.

use std::collections::HashSet;

use crate::kinds::Language;
use crate::store::{FileId, FileRow, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::world::Packages;
use super::super::{FileFacts, World};
use super::manifests::{Setting, above, settings};
use super::paths::{directory, first_file, join, normal, shared, upwards};

pub(super) const JAVASCRIPT: Rules = Rules {
    family: &[Language::JavaScript, Language::TypeScript, Language::Tsx],
    selves: &["this"],
    supers: &["super"],
    modules: Modules::Files(module),
    shares_package,
    common_members: COMMON,
    ..PLAIN
};

/// What has types that are written.
pub(super) const TYPESCRIPT: Rules =
    Rules { anything: &["any", "object", "unknown", "Object"], has_parts: true, ..JAVASCRIPT };

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

const MANIFEST: &str = "package.json";

const EXTENSIONS: [&str; 9] = ["ts", "tsx", "d.ts", "js", "jsx", "mjs", "cjs", "mts", "cts"];

fn module(world: &World<'_>, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
    let path = from.path();
    let here = directory(&path);
    if module.starts_with('.') {
        let target = normal(&join(here, module));
        return target.map_or(Ok(Vec::new()), |target| first_file(world, files(&target)));
    }
    let of_package = package_files(world, here, module)?;
    if !of_package.is_empty() {
        return Ok(of_package);
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

/// The files of a package of the project itself: its manifest says `"name": "@me/core"`.
fn package_files(world: &World<'_>, here: &str, module: &str) -> Result<Vec<FileId>, StoreError> {
    let depth = if module.starts_with('@') { 2 } else { 1 };
    let end = module.match_indices('/').nth(depth - 1).map_or(module.len(), |(at, _)| at);
    let (name, below) = (&module[..end], module[end..].trim_start_matches('/'));
    let named = world.packages(read_packages)?.iter().filter(|(own, _)| own == name);
    // Where copies of it stand side by side, the nearest.
    let Some((_, directory)) = named.max_by_key(|(_, directory)| shared(directory, here)) else {
        return Ok(Vec::new());
    };
    let inside = |path: &str| normal(&join(directory, path)).map_or_else(Vec::new, |path| files(&path));
    let mut written = entries(world, directory, below)?;
    match below {
        "" => written.extend(["src/index".to_owned(), "index".to_owned()]),
        below => written.extend([below.to_owned(), format!("src/{below}")]),
    }
    first_file(world, written.iter().flat_map(|path| inside(path)).collect::<Vec<_>>())
}

/// The name of the package in which a file lies, if its manifest says one.
pub(super) fn package_names(world: &World<'_>, file: &FileFacts) -> Result<Vec<String>, StoreError> {
    let path = file.path();
    let Some(package) = above(world, &path, MANIFEST)? else { return Ok(Vec::new()) };
    let manifest = world.file_at(&join(package, MANIFEST))?;
    manifest.map_or(Ok(Vec::new()), |manifest| settings(world, manifest, "name", &[""]))
}

/// Keys that a manifest has beside its name; looked for before its file is read, because other files define `name` too.
const MANIFEST_KEYS: [&str; 7] =
    ["version", "private", "scripts", "main", "exports", "dependencies", "devDependencies"];

/// The packages that manifests name, with their directories.
fn read_packages(world: &World<'_>) -> Result<Packages, StoreError> {
    let mut manifests = HashSet::new();
    for key in MANIFEST_KEYS {
        manifests.extend(world.defining_files(key)?);
    }
    let mut packages = Vec::new();
    for id in world.defining_files("name")?.into_iter().filter(|id| manifests.contains(id)) {
        let Some(row) = world.row(id)?.filter(|row| row.language == Some(Language::Json)) else { continue };
        let path = String::from_utf8_lossy(&row.path);
        if path.rsplit('/').next() == Some(MANIFEST) {
            let directory = directory(&path);
            packages.extend(settings(world, id, "name", &[""])?.into_iter().map(|name| (name, directory.to_owned())));
        }
    }
    Ok(packages)
}

/// Where the manifest in a directory says that its package begins, the sources first, or what is imported below its name.
fn entries(world: &World<'_>, directory: &str, below: &str) -> Result<Vec<String>, StoreError> {
    let Some(manifest) = world.file_at(&join(directory, MANIFEST))? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for key in ["source", "types", "typings", "module", "main"].iter().filter(|_| below.is_empty()) {
        found.extend(settings(world, manifest, key, &[""])?);
    }
    if let Some(exports) = Setting::at_top(world, manifest, "exports")? {
        found.extend(exported(world, exports, below)?);
    }
    Ok(found)
}

/// Conditions of exports, the ones that lead to sources first; what is written behind others comes after them.
const CONDITIONS: [&str; 7] = ["source", "types", "import", "module", "require", "node", "default"];

/// The files that exports name for a path below the package, `""` for the package itself.
fn exported(world: &World<'_>, exports: Setting, below: &str) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    let mut open = vec![(exports, below.is_empty().then(String::new), 0)];
    while let Some((setting, star, rank)) = open.pop() {
        if let Some(star) = &star {
            found.extend(setting.texts().iter().map(|target| (rank, target.replace('*', star))));
        }
        for (key, inner) in setting.inner(world)?.into_iter().rev() {
            let (star, rank) = match key.strip_prefix('.') {
                Some(path) => (matched(path.trim_start_matches('/'), below), rank),
                None => {
                    let at = CONDITIONS.iter().position(|condition| *condition == &*key).unwrap_or(CONDITIONS.len());
                    (star.clone(), rank * CONDITIONS.len() + at)
                }
            };
            open.push((inner, star, rank));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    Ok(found.into_iter().map(|(_, target)| target).collect())
}

/// What the star of a path in exports stands for in a path below the package; `None` = it is another path.
fn matched(pattern: &str, below: &str) -> Option<String> {
    let Some((before, after)) = pattern.split_once('*') else { return (pattern == below).then(String::new) };
    below.strip_prefix(before)?.strip_suffix(after).map(str::to_owned)
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
    if !a.imports.is_empty() || !JAVASCRIPT.family.iter().any(|language| b.language == Some(*language)) {
        return Ok(false);
    }
    Ok(world.file(b.id)?.is_some_and(|b| b.imports.is_empty()))
}
