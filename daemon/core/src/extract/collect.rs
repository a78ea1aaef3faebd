//! Gathers the facts of one file while it is walked: numbers names, remembers what is defined, and at the end brings definitions
//! into the order the facts promise.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::hash::Seeded;
use super::scene::has_members;
use crate::facts::{Definition, DefinitionId, Facts, NAME_BYTES_MAX, NameId, Position, Reference};
use crate::kinds::{Role, SymbolKind};

/// Facts under construction.
pub(super) struct Collector<'s> {
    pub(super) facts: Facts,
    numbers: HashMap<Cow<'s, str>, NameId, Seeded>,
    defined: HashSet<(Option<DefinitionId>, NameId), Seeded>,
    /// Definitions whose container is known by name only.
    members_elsewhere: Vec<(DefinitionId, NameId)>,
}

/// Bytes of source for each reference and for each distinct name, a little fewer than most code has: growing while the tree is
/// alive scatters its memory.
const SOURCE_BYTES_PER_REFERENCE: usize = 24;
const SOURCE_BYTES_PER_NAME: usize = 128;

impl<'s> Collector<'s> {
    /// Nothing yet, of a source of that many bytes.
    pub(super) fn new(source_bytes: usize) -> Collector<'s> {
        let seeded = Seeded::new();
        let names = source_bytes / SOURCE_BYTES_PER_NAME;
        let mut facts = Facts::default();
        facts.references.reserve(source_bytes / SOURCE_BYTES_PER_REFERENCE);
        facts.names.reserve(names);
        Collector {
            facts,
            numbers: HashMap::with_capacity_and_hasher(names, seeded.clone()),
            defined: HashSet::with_hasher(seeded),
            members_elsewhere: Vec::new(),
        }
    }

    /// The number of a name; none for what is too long to be one.
    pub(super) fn name(&mut self, name: &'s [u8]) -> Option<NameId> {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return None;
        }
        let name = String::from_utf8_lossy(name);
        if let Some(&number) = self.numbers.get(&name) {
            return Some(number);
        }
        let number = self.facts.names.len() as NameId;
        self.facts.names.push(name.clone().into_owned());
        self.numbers.insert(name, number);
        Some(number)
    }

    /// Whether a name has occurred.
    pub(super) fn knows(&self, name: &[u8]) -> bool {
        self.numbers.contains_key(String::from_utf8_lossy(name).as_ref())
    }

    /// Adds a definition.
    pub(super) fn define(&mut self, definition: Definition) -> DefinitionId {
        self.defined.insert((definition.container, definition.name));
        self.facts.definitions.push(definition);
        self.facts.definitions.len() as DefinitionId - 1
    }

    /// Whether a container (the file, if none) already has a definition of that name.
    pub(super) fn is_defined(&self, container: Option<DefinitionId>, name: NameId) -> bool {
        self.defined.contains(&(container, name))
    }

    /// Says that the container of a definition is what that name defines in this file, if anything.
    pub(super) fn belongs_to(&mut self, definition: DefinitionId, container: &'s [u8]) {
        if let Some(container) = self.name(container) {
            self.members_elsewhere.push((definition, container));
        }
    }

    /// Adds a reference; once for a name that a grammar has cut to pieces.
    pub(super) fn refer(
        &mut self,
        name: &'s [u8],
        role: Role,
        position: Position,
        enclosing: Option<DefinitionId>,
        receiver: String,
    ) {
        let is_known = self.facts.references.last().is_some_and(|last| last.position == position);
        if let Some(name) = self.name(name).filter(|_| !is_known) {
            self.facts.references.push(Reference { name, role, position, enclosing, receiver });
        }
    }

    /// The facts, complete.
    pub(super) fn finish(mut self) -> Facts {
        self.find_containers();
        put_containers_first(&mut self.facts);
        self.facts
    }

    fn find_containers(&mut self) {
        if self.members_elsewhere.is_empty() {
            return;
        }
        let mut containers = HashMap::new();
        for (id, definition) in self.facts.definitions.iter().enumerate() {
            if can_contain(definition.kind) {
                containers.entry((definition.container, definition.name)).or_insert(id as DefinitionId);
            }
        }
        for &(member, name) in &self.members_elsewhere {
            // Beside the member first: the class and the bodies of its methods may stand in one namespace.
            let beside = self.facts.definitions[member as usize].container;
            let known = [beside, None].into_iter().find_map(|around| containers.get(&(around, name)).copied());
            let container = known.filter(|&container| container != member);
            self.facts.definitions[member as usize].container = container.or(beside);
        }
    }
}

/// Whether members may be defined outside a definition of this kind: a Lua table is a variable, a JavaScript class a function.
fn can_contain(kind: SymbolKind) -> bool {
    use SymbolKind::*;
    has_members(kind) || matches!(kind, Type | Function | Variable | Constant | Namespace | Module)
}

/// A Go method may stand before its type: the type then moves to just before its first method, and every number follows.
fn put_containers_first(facts: &mut Facts) {
    let in_order = |(id, definition): (usize, &Definition)| definition.container.is_none_or(|c| (c as usize) < id);
    if facts.definitions.iter().enumerate().all(in_order) {
        return;
    }
    let order = order_of_containment(&facts.definitions);
    let mut new_ids = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        new_ids[old as usize] = new as DefinitionId;
    }
    let renumber = |id: DefinitionId| new_ids[id as usize];
    let mut moved: Vec<Definition> = order.iter().map(|&old| facts.definitions[old as usize].clone()).collect();
    for definition in &mut moved {
        definition.container = definition.container.map(renumber);
    }
    facts.definitions = moved;
    for reference in &mut facts.references {
        reference.enclosing = reference.enclosing.map(renumber);
    }
}

fn order_of_containment(definitions: &[Definition]) -> Vec<DefinitionId> {
    let mut placed = vec![false; definitions.len()];
    let mut order = Vec::with_capacity(definitions.len());
    let mut chain = Vec::new();
    for id in 0..definitions.len() as DefinitionId {
        let mut next = Some(id);
        while let Some(id) = next.filter(|&id| !std::mem::replace(&mut placed[id as usize], true)) {
            chain.push(id);
            next = definitions[id as usize].container;
        }
        order.extend(chain.drain(..).rev());
    }
    order
}
