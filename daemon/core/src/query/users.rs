//! Who uses something: in one file, the definitions in which it is called, inherited from, named as a type, read, or passed on.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{DefinitionId, Position, ReferenceId};
use crate::kinds::{Confidence, Role, SymbolKind};
use crate::resolve::{FileFacts, Resolution, Resolver, Symbol, World};
use crate::store::{FileId, StoreError};

use super::aliases::known_as;
use super::bearers::Bearers;
use super::levels::Front;
use super::places::{Places, USED};
use super::search::is_test as is_path_of_test;

/// Files that mention a member of something that is gone, from which on they are too many to mean just that.
const COMMON_MIN: usize = 40;
/// What modules of tests are called.
const TEST_MODULES: [&str; 2] = ["test", "tests"];

/// What users are looked for of.
#[derive(Default)]
pub(super) struct Used {
    front: Front,
    /// Where the front is spoken of.
    places: Places,
    /// Names of what is gone: whoever mentions them may mean it.
    gone: Vec<String>,
    gone_places: Places,
}

/// The uses by one definition, or by a file outside of any.
pub(super) struct User {
    /// The definition in which the uses stand; `None` = outside of any.
    pub(super) by: Option<DefinitionId>,
    /// Where the first of them stands.
    pub(super) position: Position,
    /// What is done.
    pub(super) roles: BTreeSet<Role>,
    /// It is a member that stands in for what is used.
    pub(super) overrides: bool,
    /// How often.
    pub(super) count: u32,
    /// By what the surest of them was found; `None` = nothing says what is meant.
    pub(super) confidence: Option<Confidence>,
    /// What the surest of them means.
    pub(super) of: Option<Symbol>,
}

/// Whether what was found by this is certain.
pub(super) fn is_certain(confidence: Option<Confidence>) -> bool {
    confidence.is_some_and(|confidence| confidence != Confidence::Ambiguous)
}

impl Used {
    /// Everything of the front, and whatever is meant by names that nothing defines.
    pub(super) fn new(world: &World<'_>, front: Front, undefined: &BTreeSet<String>) -> Result<Used, StoreError> {
        let mut used = Used { front, ..Used::default() };
        used.front.know_aliases(world)?;
        used.places = Places::of(world, &used.front.known_as, USED)?;
        for name in undefined {
            used.add_gone(world, name)?;
        }
        Ok(used)
    }

    /// Looks again where the names stand, if the index has changed since.
    pub(super) fn keep_up(&mut self, world: &World<'_>) -> Result<(), StoreError> {
        if !self.places.are_of(world) {
            self.places = Places::of(world, &self.front.known_as, USED)?;
            self.gone_places = Places::default();
            for name in &self.gone {
                add_places_of_gone(world, name, &mut self.gone_places)?;
            }
        }
        Ok(())
    }

    /// Also whatever is meant by the name of what is gone, `Container.name` or a mere name. Of a member whose name many files mention,
    /// only those count that mention its container too: in the others it is mostly a member of something else.
    pub(super) fn add_gone(&mut self, world: &World<'_>, qualified: &str) -> Result<(), StoreError> {
        self.gone.push(qualified.to_owned());
        add_places_of_gone(world, qualified, &mut self.gone_places)
    }

    /// The files in which users may stand.
    pub(super) fn files(&self) -> BTreeSet<FileId> {
        self.places.files().chain(self.gone_places.files()).collect()
    }

    /// The users in a file, by place, as far as `lookups` occurrences of the names tell. An import alone counts where nothing else in
    /// the file does: it passes on what it names.
    pub(super) fn users(
        &self,
        world: &World<'_>,
        file: &FileFacts,
        lookups: &mut usize,
    ) -> Result<Vec<User>, StoreError> {
        let gone = self.gone_places.names_in(file);
        let mut names = self.places.names_in(file);
        names.extend(&gone);
        let bearers = Bearers::of(file);
        let mut users: BTreeMap<Option<DefinitionId>, User> = BTreeMap::new();
        let mut imports: BTreeMap<Option<DefinitionId>, User> = BTreeMap::new();
        let mut is_used_within = false;
        for (reference, id) in world.occurrences(file)?.references.iter().zip(0..) {
            if !names.contains(&reference.name) {
                continue;
            }
            let by = bearers.bearer(reference);
            if self.is_within(world, file, by)? {
                is_used_within = true;
                continue;
            }
            if *lookups == 0 {
                break;
            }
            *lookups -= 1;
            let found = Resolver::new(world).reference_to_change(file, id as ReferenceId)?;
            let is_unknown = found.targets.is_empty() && !found.external && gone.contains(&reference.name);
            if !is_unknown && !self.front.may_be(world, &found)? {
                continue;
            }
            let of = self.meant(world, &found)?;
            let list = if reference.role == Role::Import { &mut imports } else { &mut users };
            let user = list.entry(by).or_insert(User {
                by,
                position: reference.position,
                roles: BTreeSet::new(),
                overrides: false,
                count: 0,
                confidence: None,
                of: None,
            });
            user.roles.insert(reference.role);
            user.count += 1;
            if user.confidence.is_none() || found.confidence.is_some_and(|found| Some(found) < user.confidence) {
                (user.confidence, user.of) = (found.confidence, of);
            }
        }
        let passes_on = users.is_empty() && !is_used_within;
        let mut users: Vec<User> = if passes_on { imports } else { users }.into_values().collect();
        users.sort_by_key(|user| user.position);
        Ok(users)
    }

    /// Whether a place lies in what is asked about, which does not depend on itself.
    fn is_within(
        &self,
        world: &World<'_>,
        file: &FileFacts,
        enclosing: Option<DefinitionId>,
    ) -> Result<bool, StoreError> {
        for (id, definition) in file.around(enclosing) {
            // A block that adds to a type is part of it.
            let owners = match definition.kind {
                SymbolKind::Impl => Resolver::new(world).owner_of(file, id)?,
                _ => vec![Symbol { file: file.id(), id }],
            };
            for symbol in owners {
                if self.front.contains(world, symbol)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn meant(&self, world: &World<'_>, found: &Resolution) -> Result<Option<Symbol>, StoreError> {
        let mut meant = Vec::new();
        for symbol in found.definitions() {
            if self.front.contains(world, symbol)?
                && let Some(row) = world.row(symbol.file)?
            {
                meant.push((row, symbol));
            }
        }
        // Of several the same one, whatever their numbers are.
        let first =
            meant.into_iter().min_by(|(at, one), (there, other)| (&at.path, one.id).cmp(&(&there.path, other.id)));
        Ok(first.map(|(_, symbol)| symbol))
    }
}

/// Whether a definition, or what stands in a file outside of any, is part of a test: by the file's path, or in a module of tests.
pub(super) fn is_test(world: &World<'_>, file: &FileFacts, by: Option<DefinitionId>) -> Result<bool, StoreError> {
    if is_path_of_test(&file.row.path) {
        return Ok(true);
    }
    for (_, definition) in file.around(by) {
        if definition.kind == SymbolKind::Module && TEST_MODULES.contains(&&*world.text(file, definition.name)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Adds where something is named that is gone.
fn add_places_of_gone(world: &World<'_>, qualified: &str, places: &mut Places) -> Result<(), StoreError> {
    let mut parts = qualified.rsplit('.');
    let (name, container) = (parts.next().unwrap_or_default(), parts.next());
    for name in known_as(world, name)? {
        let found = Places::of(world, [&name], USED)?;
        match container {
            Some(container) if found.files().count() > COMMON_MIN => {
                let around = Places::of(world, [&container.to_owned()], USED)?;
                places.add(found.only_in(&around));
            }
            Some(_) | None => places.add(found),
        }
    }
    Ok(())
}
