//! Members of derived types that stand in for a member of a base: whoever changes the one has to change the others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::facts::DefinitionId;
use crate::kinds::{Confidence, Language, SymbolKind};
use crate::resolve::{FileFacts, Resolver, Symbol, World};
use crate::store::{FileId, StoreError};

use super::places::{DEFINED, Places};
use super::target::{Spot, spot_of};
use super::users::User;

/// Most types that are looked at above one.
const ANCESTORS_MAX: usize = 64;

/// Members that may be overridden.
#[derive(Default)]
pub(super) struct Overridden {
    /// By name, the types that have one, each with the member.
    members: BTreeMap<String, BTreeMap<Spot, Spot>>,
    /// Where members of the same names are defined.
    places: Places,
}

impl Overridden {
    /// Those of the definitions that are members.
    pub(super) fn of(world: &World<'_>, symbols: &[Symbol]) -> Result<Overridden, StoreError> {
        let mut members: BTreeMap<String, BTreeMap<Spot, Spot>> = BTreeMap::new();
        for symbol in symbols {
            let Some(file) = world.file_of(*symbol)?.filter(|file| may_override(file, symbol.id)) else { continue };
            let Some(member) = spot_of(world, *symbol)? else { continue };
            for owner in owners(world, &file, symbol.id)? {
                if let Some(owner) = spot_of(world, owner)? {
                    members.entry(world.name(*symbol)?.to_string()).or_default().insert(owner, member);
                }
            }
        }
        let places = Places::of(world, members.keys(), DEFINED)?;
        Ok(Overridden { members, places })
    }

    /// The files in which members of the same names are defined.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.places.files()
    }

    /// Looks again where the names stand, if the index has changed since.
    pub(super) fn keep_up(&mut self, world: &World<'_>) -> Result<(), StoreError> {
        if !self.members.is_empty() && !self.places.are_of(world) {
            self.places = Places::of(world, self.members.keys(), DEFINED)?;
        }
        Ok(())
    }

    /// Adds to the users in a file the members that override one of these.
    pub(super) fn add_users(
        &self,
        world: &World<'_>,
        file: &FileFacts,
        users: &mut Vec<User>,
    ) -> Result<(), StoreError> {
        let names = self.places.names_in(file);
        for (definition, id) in file.definitions.iter().zip(0..) {
            if !names.contains(&definition.name) || !may_override(file, id) {
                continue;
            }
            let Some(owners) = self.members.get(&*world.text(file, definition.name)?) else { continue };
            let Some((member, confidence)) = overridden(world, file, id, owners)? else { continue };
            let of = at(world, member)?.filter(|of| *of != Symbol { file: file.id(), id });
            if of.is_some() {
                add(users, file, id, of, confidence);
            }
        }
        users.sort_by_key(|user| user.position);
        Ok(())
    }
}

fn add(users: &mut Vec<User>, file: &FileFacts, id: DefinitionId, of: Option<Symbol>, confidence: Option<Confidence>) {
    let position = file.definitions[id as usize].position;
    let Some(user) = users.iter_mut().find(|user| user.by == Some(id)) else {
        let roles = BTreeSet::new();
        users.push(User { by: Some(id), position, roles, overrides: true, count: 1, confidence, of });
        return;
    };
    user.overrides = true;
    user.count += 1;
    if user.confidence.is_none() || confidence.is_some_and(|confidence| Some(confidence) < user.confidence) {
        (user.confidence, user.of) = (confidence, of);
    }
}

/// Whether a definition is a member that others may stand in for. What embeds a type (Go) has members beside its members.
fn may_override(file: &FileFacts, id: DefinitionId) -> bool {
    file.language != Language::Go
        && matches!(file.definitions[id as usize].kind, SymbolKind::Method | SymbolKind::Property)
}

/// The types that a member is one of.
fn owners(world: &World<'_>, file: &FileFacts, id: DefinitionId) -> Result<Vec<Symbol>, StoreError> {
    let definition = &file.definitions[id as usize];
    match definition.container.filter(|_| definition.of.is_none()) {
        Some(container) => Resolver::new(world).owner_of(file, container),
        None => Resolver::new(world).owner_of(file, id),
    }
}

/// Which of the members of these types a member overrides, and how sure it is what its own type inherits from.
fn overridden(
    world: &World<'_>,
    file: &FileFacts,
    id: DefinitionId,
    of: &BTreeMap<Spot, Spot>,
) -> Result<Option<(Spot, Option<Confidence>)>, StoreError> {
    let resolver = Resolver::new(world);
    let container = file.definitions[id as usize].container;
    // What a block adds to a type is of what this block implements, not of all that the type does.
    let block = container.filter(|container| file.definitions[*container as usize].kind == SymbolKind::Impl);
    let types = match block {
        Some(block) => vec![Symbol { file: file.id(), id: block }],
        None => owners(world, file, id)?,
    };
    let mut found = None;
    for type_ in types {
        let Some(home) = world.file_of(type_)? else { continue };
        for base in &home.definitions[type_.id as usize].bases {
            let base = resolver.base(&home, type_.id, base)?;
            let confidence = if base.is_ambiguous() { Some(Confidence::Ambiguous) } else { base.confidence };
            if let Some(member) = above(world, base.definitions().collect(), of)?
                && found.is_none_or(|(_, best)| confidence < best)
            {
                found = Some((member, confidence));
            }
        }
    }
    Ok(found)
}

/// The member of the first of these types that is among some, or among what they inherit from.
fn above(world: &World<'_>, mut open: VecDeque<Symbol>, of: &BTreeMap<Spot, Spot>) -> Result<Option<Spot>, StoreError> {
    let mut seen = BTreeSet::new();
    while let Some(type_) = open.pop_front() {
        if seen.len() >= ANCESTORS_MAX || !seen.insert(type_) {
            continue;
        }
        if let Some(member) = spot_of(world, type_)?.and_then(|spot| of.get(&spot)) {
            return Ok(Some(*member));
        }
        open.extend(Resolver::new(world).bases_of(type_)?.0);
    }
    Ok(None)
}

/// The definition at a place.
fn at(world: &World<'_>, spot: Spot) -> Result<Option<Symbol>, StoreError> {
    let Some(file) = world.file(spot.file)? else { return Ok(None) };
    let id = file.definitions.iter().zip(0..).find(|(definition, _)| definition.position == spot.position);
    Ok(id.map(|(_, id)| Symbol { file: spot.file, id }))
}
