//! Gathers the facts of one file while it is walked: numbers names, remembers what is defined, and at the end brings definitions
//! into the order the facts promise.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::scene::has_members;
use super::scopes::{self, Local, ScopeKind, Scopes};
use super::table::Locals;
use super::texts::{self, Extent};
use super::typed::{self, Said};
use crate::facts::{
    BASES_MAX, Binding, Definition, DefinitionId, Facts, NAME_BYTES_MAX, NameId, OPERATOR, Occurrences, PATH_BYTES_MAX,
    Position, RECEIVER_UNKNOWN, Reference, ReferenceId, TYPE_AND, TextId, operator_name,
};
use crate::hash::Seeded;
use crate::kinds::{BindingKind, Role, SymbolKind};

/// Facts under construction.
pub(super) struct Collector<'s> {
    pub(super) facts: Facts,
    numbers: HashMap<Cow<'s, str>, NameId, Seeded>,
    texts: HashMap<String, TextId, Seeded>,
    defined: HashSet<(Option<DefinitionId>, NameId), Seeded>,
    /// Of the definitions, in their order.
    extents: Vec<Extent>,
    /// Definitions whose container is known by name only.
    members_elsewhere: Vec<(DefinitionId, Vec<NameId>)>,
    scopes: Scopes,
    locals: Locals,
    /// What is declared with a value of which nothing is known, or with a type that assignments do not change.
    unknown: HashSet<Declared>,
    fixed: HashSet<Declared>,
    /// What assignments say of the types of what a container defines, perhaps further down.
    assigned: Vec<(Option<DefinitionId>, NameId, String)>,
}

/// What may be assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Declared {
    Definition(DefinitionId),
    /// By its number.
    Binding(u32),
}

/// Bytes of source for each reference and for each distinct name, a little fewer than most code has: growing while the tree is
/// alive scatters its memory.
const SOURCE_BYTES_PER_REFERENCE: usize = 24;
const SOURCE_BYTES_PER_NAME: usize = 128;

impl<'s> Collector<'s> {
    /// Nothing yet, of a source of that many bytes.
    pub(super) fn new(source_bytes: usize, locals: Locals) -> Collector<'s> {
        let seeded = Seeded::new();
        let names = source_bytes / SOURCE_BYTES_PER_NAME;
        let mut facts = Facts::default();
        facts.occurrences.references.reserve(source_bytes / SOURCE_BYTES_PER_REFERENCE);
        facts.names.reserve(names);
        Collector {
            facts,
            numbers: HashMap::with_capacity_and_hasher(names, seeded.clone()),
            texts: HashMap::with_hasher(seeded.clone()),
            defined: HashSet::with_hasher(seeded),
            extents: Vec::new(),
            members_elsewhere: Vec::new(),
            scopes: Scopes::default(),
            locals,
            unknown: HashSet::new(),
            fixed: HashSet::new(),
            assigned: Vec::new(),
        }
    }

    /// The number of a name; none for what is too long to be one.
    pub(super) fn name(&mut self, name: &'s [u8]) -> Option<NameId> {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return None;
        }
        let mut name = as_text(name);
        if name.starts_with(OPERATOR)
            && let Some(spelled) = operator_name(&name)
        {
            name = Cow::Owned(spelled.into_owned());
        }
        if let Some(&number) = self.numbers.get(&name) {
            return Some(number);
        }
        let number = self.facts.names.len() as NameId;
        self.facts.names.push(name.clone().into_owned());
        self.numbers.insert(name, number);
        Some(number)
    }

    /// The number of a receiver or type.
    fn text(&mut self, text: String) -> TextId {
        if let Some(&number) = self.texts.get(&text) {
            return number;
        }
        let number = self.facts.occurrences.texts.len() as TextId;
        self.facts.occurrences.texts.push(text.clone());
        self.texts.insert(text, number);
        number
    }

    /// Whether a name has occurred.
    pub(super) fn knows(&self, name: &[u8]) -> bool {
        self.numbers.contains_key(&as_text(name))
    }

    /// Adds a definition, and what is said of its type.
    pub(super) fn define(&mut self, definition: Definition, extent: Extent, said: &Said) -> DefinitionId {
        let id = self.facts.declarations.definitions.len() as DefinitionId;
        self.note(Declared::Definition(id), said);
        self.defined.insert((definition.container, definition.name));
        let type_text = said.known().unwrap_or_default().to_owned();
        self.facts.declarations.definitions.push(Definition { type_text, ..definition });
        self.extents.push(extent);
        id
    }

    /// Remembers of what is said what the facts do not.
    fn note(&mut self, declared: Declared, said: &Said) {
        match said {
            Said::Unknown if self.locals.retyped => drop(self.unknown.insert(declared)),
            Said::Written(_) if self.locals.retyped => drop(self.fixed.insert(declared)),
            Said::Nothing | Said::Unknown | Said::Value(_) | Said::Written(_) => {}
        }
    }

    /// Adds what an assignment says of the type of something that a container (the file, if none) defines.
    pub(super) fn assign(&mut self, container: Option<DefinitionId>, name: &'s [u8], said: &Said) {
        if let (true, Some(name)) = (self.locals.retyped && *said != Said::Nothing, self.name(name)) {
            self.assigned.push((container, name, said.addition().to_owned()));
        }
    }

    /// Whether assigning to a name declares nothing: it is a variable already, or said to be none of the function around.
    pub(super) fn is_declared(&mut self, name: &'s [u8]) -> bool {
        let Some(number) = self.name(name) else { return false };
        let local = Local { name: number, of_function: false, is_parameter: false, is_assigned: true };
        self.scopes.place(&self.facts.occurrences, local).is_none()
    }

    /// The same of the local variable that a name means here; whether there is one.
    pub(super) fn assign_local(&mut self, name: &'s [u8], said: &Said) -> bool {
        let Some(name) = self.name(name).filter(|_| self.locals.retyped) else { return false };
        let Some(number) = self.scopes.find(&self.facts.occurrences, name) else { return false };
        let declared = Declared::Binding(number);
        if self.fixed.contains(&declared) {
            return true;
        }
        let occurrences = &self.facts.occurrences;
        let text = occurrences.bindings.get(number as usize).and_then(|binding| occurrences.text(binding.type_text));
        let text = text.unwrap_or_default().to_owned();
        let type_text = self.with(declared, &text, said.addition());
        let type_text = type_text.map(|text| self.text(text));
        if let Some(binding) = self.facts.occurrences.bindings.get_mut(number as usize) {
            binding.type_text = type_text;
        }
        true
    }

    /// Says by which type a type parameter is bounded, besides what is said already.
    pub(super) fn bound(&mut self, name: &'s [u8], bound: String) {
        let Some(name) = self.name(name) else { return };
        let Some(number) = self.scopes.find(&self.facts.occurrences, name) else { return };
        let Occurrences { bindings, .. } = &self.facts.occurrences;
        let Some(binding) = bindings.get(number as usize).filter(|it| it.kind == BindingKind::TypeParameter) else {
            return;
        };
        let all = match self.facts.occurrences.text(binding.type_text) {
            Some(known) if known.len() + bound.len() < PATH_BYTES_MAX => format!("{known}{TYPE_AND}{bound}"),
            Some(_) => return,
            None => bound,
        };
        let text = self.text(all);
        self.facts.occurrences.bindings[number as usize].type_text = Some(text);
    }

    /// The text of a type to which another is added.
    fn with(&mut self, declared: Declared, text: &str, more: &str) -> Option<String> {
        let text = if self.unknown.contains(&declared) && text.is_empty() { RECEIVER_UNKNOWN } else { text };
        let joined = typed::joined(text, more);
        if joined == RECEIVER_UNKNOWN {
            self.unknown.insert(declared);
        }
        Some(joined).filter(|joined| !joined.is_empty() && joined != RECEIVER_UNKNOWN)
    }

    /// Says that a container will have a definition of that name.
    pub(super) fn announce(&mut self, container: DefinitionId, name: &'s [u8]) {
        if let Some(name) = self.name(name) {
            self.defined.insert((Some(container), name));
        }
    }

    /// Whether a container (the file, if none) has or will have a definition of that name.
    pub(super) fn is_defined(&self, container: Option<DefinitionId>, name: NameId) -> bool {
        self.defined.contains(&(container, name))
    }

    /// Says that the container of a definition is what that name, or path of names with dots, defines in this file, or else in
    /// another one.
    pub(super) fn belongs_to(&mut self, definition: DefinitionId, container: &'s [u8]) {
        let path: Option<Vec<NameId>> = container.split(|byte| *byte == b'.').map(|name| self.name(name)).collect();
        self.members_elsewhere.extend(path.map(|path| (definition, path)));
    }

    /// Says that a definition inherits from what a path names.
    pub(super) fn inherit(&mut self, definition: DefinitionId, base: String) {
        let bases = &mut self.facts.declarations.definitions[definition as usize].bases;
        if bases.len() < BASES_MAX && !bases.contains(&base) {
            bases.push(base);
        }
    }

    /// Adds a reference; once for a name that a grammar has cut to pieces.
    pub(super) fn refer(
        &mut self,
        name: &'s [u8],
        role: Role,
        position: Position,
        enclosing: Option<DefinitionId>,
        receiver: Option<String>,
    ) {
        self.refer_with(name, role, position, enclosing, receiver, None);
    }

    /// The same of a call that gives so many arguments.
    pub(super) fn refer_with(
        &mut self,
        name: &'s [u8],
        role: Role,
        position: Position,
        enclosing: Option<DefinitionId>,
        receiver: Option<String>,
        arguments: Option<u8>,
    ) {
        let is_known = self.is_known(position);
        if let Some(name) = self.name(name).filter(|_| !is_known) {
            let receiver = receiver.map(|receiver| self.text(receiver));
            self.facts.occurrences.references.push(Reference { name, role, position, enclosing, receiver, arguments });
        }
    }

    /// Adds the reference that declares a local variable, or writes to it where there is none to declare.
    pub(super) fn declare(
        &mut self,
        name: &'s [u8],
        position: Position,
        enclosing: Option<DefinitionId>,
        local: LocalRule,
        said: impl FnOnce() -> Said,
    ) {
        let is_known = self.is_known(position);
        let Some(number) = self.name(name).filter(|_| !is_known) else { return };
        let LocalRule { kind, of_function, is_assigned } = local;
        let place = self.scopes.place(
            &self.facts.occurrences,
            Local { name: number, of_function, is_parameter: kind == BindingKind::Parameter, is_assigned },
        );
        let at = self.facts.occurrences.references.len() as ReferenceId;
        let reference =
            Reference { name: number, role: Role::Write, position, enclosing, receiver: None, arguments: None };
        self.facts.occurrences.references.push(reference);
        if let Some(place) = place {
            let said = match (said(), kind) {
                // Where assigning declares variables, what is written of a parameter does not bind.
                (Said::Written(text), BindingKind::Parameter) if self.locals.assigned => Said::Value(text),
                (said, _) => said,
            };
            self.note(Declared::Binding(self.bindings() as u32), &said);
            let type_text = said.known().map(|text| self.text(text.to_owned()));
            let binding = Binding { kind, at, from: at, to: at, type_text };
            self.scopes.bind(&mut self.facts.occurrences, place, binding);
        } else if kind != BindingKind::Local {
            // Of a function that has no body here: nothing else can mean it.
            let said = if kind == BindingKind::TypeParameter { said() } else { Said::Nothing };
            let type_text = said.known().map(|text| self.text(text.to_owned()));
            let binding = Binding { kind, at, from: at, to: at + 1, type_text };
            self.facts.occurrences.bindings.push(binding);
        }
    }

    /// Says what the block around is given, if it can be told.
    pub(super) fn receive(&mut self, type_text: Option<String>) {
        let from = self.facts.occurrences.references.len() as ReferenceId;
        let Some(at) = from.checked_sub(1) else { return };
        let type_text = type_text.map(|text| self.text(text));
        let binding = Binding { kind: BindingKind::Receiver, at, from, to: from, type_text };
        self.scopes.bind_here(&mut self.facts.occurrences, binding);
    }

    /// The name and the receiver of the last reference.
    pub(super) fn last(&self) -> Option<(&str, Option<&str>)> {
        let last = self.facts.occurrences.references.last()?;
        Some((self.facts.names.get(last.name as usize)?, self.facts.occurrences.receiver(last)))
    }

    fn is_known(&self, position: Position) -> bool {
        self.facts.occurrences.references.last().is_some_and(|last| last.position == position)
    }

    /// The type of the local variable that a name means here: `None` = it means none, `Some(None)` = nothing is said of its type.
    pub(super) fn local_type(&self, name: &str) -> Option<Option<&str>> {
        let name = *self.numbers.get(name)?;
        let number = self.scopes.find(&self.facts.occurrences, name)?;
        let binding = self.facts.occurrences.bindings.get(number as usize)?;
        Some(self.facts.occurrences.text(binding.type_text))
    }

    /// Brings references from number `first` on into the order of their positions, and bindings with them.
    pub(super) fn sort_references(&mut self, first: usize) {
        let Occurrences { references, bindings, .. } = &mut self.facts.occurrences;
        let moved = &mut references[first..];
        if moved.is_sorted_by_key(|reference| reference.position) {
            return;
        }
        let mut order: Vec<usize> = (0..moved.len()).collect();
        order.sort_by_key(|old| moved[*old].position);
        let mut places = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            places[*old] = (first + new) as ReferenceId;
        }
        let sorted: Vec<Reference> = order.iter().map(|old| moved[*old]).collect();
        moved.copy_from_slice(&sorted);
        let place = |id: &mut ReferenceId| {
            let old = (*id as usize).checked_sub(first);
            *id = old.and_then(|old| places.get(old)).copied().unwrap_or(*id);
        };
        for binding in bindings.iter_mut() {
            [&mut binding.at, &mut binding.from, &mut binding.to].into_iter().for_each(place);
        }
    }

    /// Says that a name is no local of the function around.
    pub(super) fn free(&mut self, name: &'s [u8]) {
        if let Some(name) = self.name(name) {
            self.scopes.free(name);
        }
    }

    pub(super) fn enter_scope(&mut self, kind: ScopeKind) {
        self.scopes.enter(&self.facts.occurrences, kind);
    }

    pub(super) fn leave_scope(&mut self) {
        self.scopes.leave(&mut self.facts.occurrences, self.locals.hoisted);
    }

    /// How many bindings there are: a mark for [`Collector::delay`].
    pub(super) fn bindings(&self) -> usize {
        self.facts.occurrences.bindings.len()
    }

    /// Makes the bindings since a mark seen from here on only.
    pub(super) fn delay(&mut self, mark: usize) {
        if !self.locals.hoisted {
            scopes::delay(&mut self.facts.occurrences, mark);
        }
    }

    /// The facts of a source, complete.
    pub(super) fn finish(mut self, source: &[u8]) -> Facts {
        let declarations = &mut self.facts.declarations;
        declarations.outside_hash = texts::hash(source, &self.extents, &mut declarations.definitions);
        self.add_assigned();
        self.find_containers();
        put_containers_first(&mut self.facts);
        self.facts.occurrences.bindings.sort_by_key(|binding| binding.at);
        self.facts
    }

    /// Adds to the types of variables and fields those of what is assigned to them.
    fn add_assigned(&mut self) {
        let assigned = std::mem::take(&mut self.assigned);
        if assigned.is_empty() {
            return;
        }
        let mut variables = HashMap::new();
        for (definition, id) in self.facts.declarations.definitions.iter().zip(0..) {
            if matches!(definition.kind, SymbolKind::Field | SymbolKind::Variable | SymbolKind::Constant) {
                variables.entry((definition.container, definition.name)).or_insert(id);
            }
        }
        for (container, name, more) in assigned {
            let Some(&id) = variables.get(&(container, name)) else { continue };
            let declared = Declared::Definition(id);
            if !self.fixed.contains(&declared) {
                let text = std::mem::take(&mut self.facts.declarations.definitions[id as usize].type_text);
                let joined = self.with(declared, &text, &more).unwrap_or_default();
                self.facts.declarations.definitions[id as usize].type_text = joined;
            }
        }
    }

    fn find_containers(&mut self) {
        if self.members_elsewhere.is_empty() {
            return;
        }
        let definitions = &mut self.facts.declarations.definitions;
        let mut containers = HashMap::new();
        for (id, definition) in definitions.iter().enumerate() {
            if can_contain(definition.kind) {
                containers.entry((definition.container, definition.name)).or_insert(id as DefinitionId);
            }
        }
        for (member, path) in &self.members_elsewhere {
            // Beside the member first: the class and the bodies of its methods may stand in one namespace.
            let own = &definitions[*member as usize];
            let inside =
                |around: Option<DefinitionId>, name: &NameId| containers.get(&(around, *name)).copied().map(Some);
            let known = [own.container, None].into_iter().find_map(|around| path.iter().try_fold(around, inside)?);
            match known.filter(|container| container != member) {
                Some(container) => {
                    let own = &mut definitions[*member as usize];
                    own.container = Some(container);
                    if can_contain(own.kind) {
                        containers.entry((own.container, own.name)).or_insert(*member);
                    }
                }
                None => definitions[*member as usize].of = path.last().copied(),
            }
        }
    }
}

/// How a name comes to be a local variable.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalRule {
    pub(super) kind: BindingKind,
    pub(super) of_function: bool,
    pub(super) is_assigned: bool,
}

/// A name as text, quickly where it is that already.
fn as_text(name: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(name).map_or_else(|_| String::from_utf8_lossy(name), Cow::Borrowed)
}

/// Whether members may be defined outside a definition of this kind: a Lua table is a variable, a JavaScript class a function.
fn can_contain(kind: SymbolKind) -> bool {
    use SymbolKind::*;
    has_members(kind) || matches!(kind, Type | Function | Variable | Constant | Field | Namespace | Module)
}

/// A Go method may stand before its type: the type then moves to just before its first method, and every number follows.
fn put_containers_first(facts: &mut Facts) {
    let definitions = &mut facts.declarations.definitions;
    let in_order = |(id, definition): (usize, &Definition)| definition.container.is_none_or(|c| (c as usize) < id);
    if definitions.iter().enumerate().all(in_order) {
        return;
    }
    let order = order_of_containment(definitions);
    let mut new_ids = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        new_ids[old as usize] = new as DefinitionId;
    }
    let renumber = |id: &mut DefinitionId| *id = new_ids[*id as usize];
    let mut moved: Vec<Definition> = order.iter().map(|&old| definitions[old as usize].clone()).collect();
    moved.iter_mut().flat_map(|definition| &mut definition.container).for_each(renumber);
    *definitions = moved;
    facts.occurrences.references.iter_mut().flat_map(|reference| &mut reference.enclosing).for_each(renumber);
    facts.declarations.imports.iter_mut().flat_map(|import| &mut import.enclosing).for_each(renumber);
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
