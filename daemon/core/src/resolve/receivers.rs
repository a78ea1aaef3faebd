//! Kotlin: names with nothing before them that are members of what the block around is given. What `apply`, `run` and `with` give a
//! block, and `let` and `also` its `it`, is known where its type is. Which other blocks are given something (builders) is written
//! nowhere near, so a call that nothing else explains may mean any member of its name.

use crate::facts::Binding;
use crate::kinds::{BindingKind, Confidence, Role};
use crate::store::StoreError;

use super::names::Wanted;
use super::values::{Found, Value};
use super::{Resolution, Resolver, Site};

/// What gives a block its `it`, and not its `this`.
const GIVES_IT: [&str; 2] = ["let", "also"];

/// How the single parameter of a block is called that names none.
pub(super) const IT: &str = "it";

impl Resolver<'_, '_> {
    /// What a name means that is a member of what a block around is given, the innermost first.
    pub(super) fn of_block_receiver(&self, site: Site<'_>, name: &str, role: Role) -> Result<Resolution, StoreError> {
        if matches!(role, Role::Type | Role::Inherit) {
            return Ok(Resolution::default());
        }
        for binding in self.blocks_around(site)? {
            let Some((value, _)) = self.received(site, &binding, false)? else { continue };
            let Value::Types(types) = value else { continue };
            let members = self.members_of_any(&types, name, role == Role::Call)?.symbols;
            if !members.is_empty() {
                return Ok(Resolution::symbols(members, Confidence::Type));
            }
        }
        Ok(Resolution::default())
    }

    /// What `this`, or `it`, stands for in the innermost block that is given one; `None` = in none it is known.
    pub(super) fn block_receiver(&self, site: Site<'_>, of_it: bool) -> Result<Option<Found>, StoreError> {
        for binding in self.blocks_around(site)? {
            if binding.type_text.is_none() && of_it {
                break;
            }
            if let Some(found) = self.received(site, &binding, of_it)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// What the blocks around a place are given, the innermost first, as far as no other definition stands between.
    fn blocks_around(&self, site: Site<'_>) -> Result<Vec<Binding>, StoreError> {
        let Some(at) = site.at.filter(|_| self.rules(site.file).gives_blocks) else { return Ok(Vec::new()) };
        let occurrences = self.world.occurrences(site.file)?;
        let is_around = |binding: &&Binding| {
            let declared = occurrences.references.get(binding.at as usize);
            binding.kind == BindingKind::Receiver
                && (binding.from..binding.to).contains(&at)
                && declared.is_some_and(|declared| declared.enclosing == site.enclosing)
        };
        let mut blocks: Vec<Binding> = occurrences.bindings.iter().filter(is_around).copied().collect();
        blocks.sort_by_key(|block| std::cmp::Reverse(block.from));
        Ok(blocks)
    }

    fn received(&self, site: Site<'_>, block: &Binding, of_it: bool) -> Result<Option<Found>, StoreError> {
        let occurrences = self.world.occurrences(site.file)?;
        let (Some(text), Some(before)) =
            (occurrences.text(block.type_text), occurrences.references.get(block.at as usize))
        else {
            return Ok(None);
        };
        let gives_it = GIVES_IT.contains(&&*self.world.text(site.file, before.name)?);
        if gives_it != of_it {
            return Ok(None);
        }
        self.type_of_text(Site { at: Some(block.at), ..site }, text).map(Some)
    }

    /// What a call may mean that neither scopes, imports nor packages explain.
    pub(super) fn of_implicit_receiver(
        &self,
        site: Site<'_>,
        name: &str,
        role: Role,
    ) -> Result<Resolution, StoreError> {
        let may_be_member = self.rules(site.file).gives_blocks && role == Role::Call;
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
