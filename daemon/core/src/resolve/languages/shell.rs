//! Bash: functions and variables are seen by whatever runs after them, and `source` names files.

use crate::kinds::Language;
use crate::store::{FileId, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};
use super::paths::{directory, first_file, join, normal, upwards};

pub(super) const RULES: Rules = Rules {
    family: &[Language::Bash],
    extends_foreign: true,
    is_global: true,
    modules: Modules::Files(module),
    ..PLAIN
};

/// A path may begin with a variable (`$(dirname "$0")/lib.sh`), of which nothing is known: what follows it names the file.
fn module(world: &World<'_>, from: &FileFacts, module: &str) -> Result<Vec<FileId>, StoreError> {
    let known = match module.rfind(['}', ')', '"', '$']) {
        Some(at) => module[at..].split_once('/').map_or("", |(_, rest)| rest),
        None => module,
    };
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let path = from.path();
    first_file(world, upwards(directory(&path)).filter_map(|base| normal(&join(base, known))))
}
