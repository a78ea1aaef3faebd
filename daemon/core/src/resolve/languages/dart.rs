//! Dart: an import brings all that a library offers; libraries are files, found by relative paths or in a package's `lib`.

use crate::kinds::Language;
use crate::store::{FileId, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};
use super::paths::{directory, first_file, join, normal, upwards};

pub(super) const RULES: Rules = Rules {
    family: &[Language::Dart],
    selves: &["this"],
    supers: &["super"],
    extends_foreign: true,
    has_impls: true,
    has_implicit_self: true,
    has_hidden_names: true,
    modules: Modules::Files(module),
    common_members: COMMON,
    anything: &["Object", "dynamic"],
    ..PLAIN
};

/// Members of the types of the language itself.
const COMMON: &[&str] = &[
    "add",
    "addAll",
    "any",
    "call",
    "clear",
    "compareTo",
    "contains",
    "containsKey",
    "first",
    "forEach",
    "hashCode",
    "indexOf",
    "insert",
    "isEmpty",
    "isNotEmpty",
    "iterator",
    "join",
    "key",
    "keys",
    "last",
    "length",
    "listen",
    "map",
    "name",
    "putIfAbsent",
    "remove",
    "removeWhere",
    "replaceAll",
    "reversed",
    "runtimeType",
    "sort",
    "split",
    "startsWith",
    "substring",
    "then",
    "toList",
    "toString",
    "trim",
    "update",
    "value",
    "values",
    "where",
    "write",
];

fn module(world: &World<'_>, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
    let path = from.path();
    let here = directory(&path);
    if let Some(of_package) = module.strip_prefix("package:") {
        let Some((package, file)) = of_package.split_once('/') else { return Ok(Vec::new()) };
        // The package is the one around, or stands in a directory of its name.
        let places = upwards(here).flat_map(|base| {
            let beside =
                [format!("lib/{file}"), format!("{package}/lib/{file}"), format!("packages/{package}/lib/{file}")];
            beside.map(|place| join(base, &place))
        });
        return first_file(world, places);
    }
    match module.contains(':') || !module.ends_with(".dart") {
        true => Ok(Vec::new()),
        false => normal(&join(here, module)).map_or(Ok(Vec::new()), |path| first_file(world, [path])),
    }
}
