//! Kotlin: calls with nothing before them that are members of what the block around is given (`apply`, `with`, `run`, builders). Which
//! blocks are such is written nowhere near, so a call that nothing else explains may mean any member of its name.

use crate::kinds::{Confidence, Language, Role};
use crate::store::StoreError;

use super::names::Wanted;
use super::{Resolution, Resolver, Site};

impl Resolver<'_, '_> {
    /// What a call may mean that neither scopes, imports nor packages explain.
    pub(super) fn of_implicit_receiver(
        &self,
        site: Site<'_>,
        name: &str,
        role: Role,
    ) -> Result<Resolution, StoreError> {
        let may_be_member = site.file.language == Language::Kotlin && role == Role::Call;
        if !may_be_member || STANDARD_FUNCTIONS.contains(&name) {
            return Ok(Resolution::default());
        }
        Ok(self.candidates(site, name, Wanted::Member)?.weakened(Confidence::Ambiguous))
    }
}

/// Functions of the standard library, which every file sees.
const STANDARD_FUNCTIONS: &[&str] = &[
    "TODO",
    "also",
    "apply",
    "arrayOf",
    "arrayListOf",
    "assert",
    "async",
    "buildList",
    "buildMap",
    "buildString",
    "check",
    "checkNotNull",
    "delay",
    "emptyList",
    "emptyMap",
    "emptySet",
    "error",
    "flow",
    "flowOf",
    "hashMapOf",
    "launch",
    "lazy",
    "let",
    "listOf",
    "listOfNotNull",
    "mapOf",
    "maxOf",
    "minOf",
    "mutableListOf",
    "mutableMapOf",
    "mutableSetOf",
    "print",
    "println",
    "repeat",
    "require",
    "requireNotNull",
    "run",
    "runBlocking",
    "runCatching",
    "sequence",
    "sequenceOf",
    "setOf",
    "synchronized",
    "takeIf",
    "to",
    "with",
    "withContext",
];
