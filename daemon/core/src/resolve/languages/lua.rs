//! Lua: modules are files named with dots, and what is not local is global.

use crate::kinds::{Language, SymbolKind};
use crate::store::{FileId, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};
use super::paths::{directory, first_file, join, upwards};

pub(super) const RULES: Rules = Rules {
    family: &[Language::Lua],
    selves: &["self"],
    open_containers: &[SymbolKind::Variable],
    extends_foreign: true,
    is_global: true,
    modules: Modules::Files(module),
    common_members: &[
        "byte", "close", "concat", "find", "format", "gmatch", "gsub", "insert", "len", "lines", "lower", "match",
        "read", "remove", "rep", "sort", "sub", "unpack", "upper", "write",
    ],
    ..PLAIN
};

fn module(world: &World<'_>, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
    let below = module.replace('.', "/");
    let path = from.path();
    for base in upwards(directory(&path)) {
        let places = ["", "lua", "src"].map(|place| join(base, &join(place, &below)));
        let found =
            first_file(world, places.iter().flat_map(|place| [format!("{place}.lua"), format!("{place}/init.lua")]))?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}
