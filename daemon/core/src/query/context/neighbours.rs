//! What is worth reading besides what was asked about: each definition once, with the reason why, the surest and the nearest first.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use crate::facts::{DefinitionId, ReferenceId};
use crate::kinds::{Confidence, Role, SymbolKind};
use crate::resolve::{FileFacts, Resolution, Resolver, Symbol, World};
use crate::settings::Settings;
use crate::store::{FileId, StoreError};

use super::super::filter::Filter;
use super::super::levels::Front;
use super::super::search::is_generated;
use super::super::users::{Used, User, is_certain, is_test};
use super::Reason;

/// Files in which users are looked for, the nearest.
const USER_FILES_MAX: usize = 64;
/// Users after which no further file is looked at: those that come are farther away.
const USERS_MAX: usize = 80;
/// Occurrences of the names that are looked up to find users: of a name that everything has, most mean something else.
const LOOKUPS_MAX: usize = 400;
/// The same in one file.
const LOOKUPS_OF_FILE_MAX: usize = 40;
/// Names in what was asked about of which it is looked up what they mean: of something large the first say what it is built on.
const USED_MAX: usize = 1_000;
/// Files of which it is looked at how near they are.
const CONSIDERED_MAX: usize = 4_000;
/// Neighbours that are considered for one reason.
const NEIGHBOURS_MAX: usize = 60;
/// Candidates of an ambiguous name that are worth reading; of more nothing is learned.
const CANDIDATES_MAX: usize = 3;

/// Something worth reading.
pub(super) struct Item {
    pub(super) symbol: Symbol,
    pub(super) reason: Reason,
    /// What was asked about that it is there for.
    pub(super) of: Option<Symbol>,
    /// By what it was found that the two belong together.
    pub(super) confidence: Option<Confidence>,
    /// It was found by a question in words.
    pub(super) by_words: bool,
}

impl Item {
    /// Whether it surely belongs here, and says something: what only may belong here, and what merely stands beside, comes after all that
    /// does.
    pub(super) fn is_sure(&self) -> bool {
        self.reason != Reason::Sibling && is_certain(self.confidence)
    }
}

/// What was asked about, as it was: the first so many by name, the others by a question in words.
pub(super) fn asked(world: &World<'_>, asked: &[Symbol], named: usize) -> Result<Vec<Item>, StoreError> {
    let mut items = Vec::new();
    for (index, symbol) in asked.iter().enumerate() {
        if world.file_of(*symbol)?.is_some() {
            let (symbol, reason) = (*symbol, Reason::Asked);
            items.push(Item { symbol, reason, of: None, confidence: None, by_words: index >= named });
        }
    }
    Ok(items)
}

/// What was found around, and what the bounds of the search left out.
pub(super) struct Neighbours {
    /// In the order of their worth.
    pub(super) items: Vec<Item>,
    /// Those beyond what is considered for one reason.
    pub(super) beyond: Vec<Symbol>,
    /// Files that may use what was asked about, and that were not looked at, or not to their end.
    pub(super) files: usize,
    /// Names in what was asked about of which it was not looked up what they mean.
    pub(super) names: usize,
}

/// What is around it.
pub(super) fn around(
    world: &World<'_>,
    asked: &[Symbol],
    filter: &Filter,
    settings: &Settings,
) -> Result<Neighbours, StoreError> {
    let seen = asked.iter().copied().collect();
    let mut around =
        Around { world, filter, settings, seen, found: Vec::new(), far: BTreeSet::new(), files: 0, names: 0 };
    let mut by_file: BTreeMap<FileId, BTreeSet<DefinitionId>> = BTreeMap::new();
    for symbol in asked {
        by_file.entry(symbol.file).or_default().insert(symbol.id);
    }
    around.users(asked, &by_file)?;
    let mut siblings = Vec::new();
    // By path, since the numbers of files are what they became by chance.
    let mut files = Vec::new();
    for (id, definitions) in &by_file {
        files.extend(world.file(*id)?.map(|file| (file, definitions)));
    }
    files.sort_by(|(a, _), (b, _)| a.row.path.cmp(&b.row.path));
    for (file, definitions) in &files {
        around.used(file, definitions)?;
        around.members(file, definitions)?;
        siblings.push((file, *definitions));
    }
    for (file, definitions) in siblings {
        around.siblings(file, definitions)?;
    }
    Ok(around.finish())
}

/// Whether an item is not sure, why it is there, by what it was found, whether a program wrote it, how far it is from what it is there for,
/// and where it stands.
type Order = (bool, Reason, Option<Confidence>, bool, usize, Vec<u8>, u32);

struct Around<'w, 'a> {
    world: &'w World<'a>,
    filter: &'w Filter,
    /// They say which files a program wrote.
    settings: &'w Settings,
    seen: HashSet<Symbol>,
    found: Vec<(Order, Item)>,
    /// Siblings that are too far away.
    far: BTreeSet<Symbol>,
    /// See [`Neighbours::files`].
    files: usize,
    /// See [`Neighbours::names`].
    names: usize,
}

impl Around<'_, '_> {
    fn add(
        &mut self,
        symbol: Symbol,
        reason: Reason,
        of: Symbol,
        confidence: Option<Confidence>,
    ) -> Result<(), StoreError> {
        let (Some(there), Some(here)) = (self.world.file_of(symbol)?, self.world.row(of.file)?) else { return Ok(()) };
        let definition = &there.definitions[symbol.id as usize];
        if !self.filter.admits(&there.row.path, there.row.language) || !self.seen.insert(symbol) {
            return Ok(());
        }
        // What is not certain comes last.
        let sureness = Some(confidence.unwrap_or(Confidence::Ambiguous));
        let distance = steps(&here.path, &there.row.path);
        let item = Item { symbol, reason, of: Some(of), confidence, by_words: false };
        let place = (there.row.path.clone(), definition.position.line);
        let is_generated = is_generated(&place.0, self.settings);
        let order = (!item.is_sure(), reason, sureness, is_generated, distance, place.0, place.1);
        self.found.push((order, item));
        Ok(())
    }

    /// Those that use what was asked about.
    fn users(
        &mut self,
        asked: &[Symbol],
        by_file: &BTreeMap<FileId, BTreeSet<DefinitionId>>,
    ) -> Result<(), StoreError> {
        let world = self.world;
        let front = Front::of(world, asked.iter().copied(), 1)?;
        let used = Used::new(world, front, &BTreeSet::new())?;
        let mut lookups = LOOKUPS_MAX;
        let all = used.files();
        let (count, near) = (all.len(), self.nearest(all, by_file.keys().copied())?);
        self.files = count.saturating_sub(near.len());
        for (index, id) in near.iter().copied().enumerate() {
            if self.found.len() >= USERS_MAX || lookups == 0 {
                self.files += near.len() - index;
                break;
            }
            let Some(file) = world.file(id)? else { continue };
            let mut of_file = lookups.min(LOOKUPS_OF_FILE_MAX);
            lookups -= of_file;
            let users = used.users(world, &file, &mut of_file)?;
            self.files += usize::from(of_file == 0);
            lookups += of_file;
            for user in users {
                let (Some(by), Some(of)) = (user.by, user.of) else { continue };
                let reason = if is_test(world, &file, user.by)? { Reason::Test } else { reason_of(&user) };
                self.add(Symbol { file: id, id: by }, reason, of, user.confidence)?;
            }
        }
        Ok(())
    }

    /// Those of the files that lie nearest to the ones that were asked about.
    fn nearest(&self, files: BTreeSet<FileId>, asked: impl Iterator<Item = FileId>) -> Result<Vec<FileId>, StoreError> {
        if files.len() > CONSIDERED_MAX {
            // A name that so many files mention is said of anything.
            return Ok(asked.filter(|id| files.contains(id)).collect());
        }
        let mut paths = Vec::new();
        for id in asked {
            paths.extend(self.world.row(id)?.map(|row| row.path.clone()));
        }
        let mut near = Vec::with_capacity(files.len());
        for id in files {
            let Some(there) = self.world.snapshot.path(id)? else { continue };
            let distance = paths.iter().map(|path| steps(path, &there)).min().unwrap_or_default();
            near.push((distance, there, id));
        }
        near.sort_unstable();
        Ok(near.into_iter().take(USER_FILES_MAX).map(|(.., id)| id).collect())
    }

    /// What is called, or named as a type, in what was asked about.
    fn used(&mut self, file: &Rc<FileFacts>, asked: &BTreeSet<DefinitionId>) -> Result<(), StoreError> {
        let world = self.world;
        let mut seen = HashSet::new();
        for (reference, id) in world.occurrences(file)?.references.iter().zip(0..) {
            let reason = match reference.role {
                Role::Call | Role::Decorate => Reason::Callee,
                Role::Type | Role::Inherit => Reason::Type,
                Role::Read | Role::Write | Role::Import => continue,
            };
            let of = file.around(reference.enclosing).map(|(id, _)| id).find(|id| asked.contains(id));
            let Some(of) = of.map(|id| Symbol { file: file.id(), id }) else { continue };
            // In one function the same text means the same.
            if !seen.insert((reason, reference.enclosing, reference.receiver, reference.name)) {
                continue;
            }
            if seen.len() > USED_MAX {
                self.names += 1;
                continue;
            }
            let found = Resolver::new(world).reference(file, id as ReferenceId)?;
            if !found.is_ambiguous() || found.total <= CANDIDATES_MAX {
                self.add_each(&found, reason, of)?;
            }
        }
        Ok(())
    }

    fn add_each(&mut self, found: &Resolution, reason: Reason, of: Symbol) -> Result<(), StoreError> {
        for symbol in found.definitions() {
            let is_type = self.world.kind(symbol)?.is_some_and(is_container);
            let reason = if is_type && reason == Reason::Callee { Reason::Type } else { reason };
            self.add(symbol, reason, of, found.confidence)?;
        }
        Ok(())
    }

    /// What what was asked about consists of.
    fn members(&mut self, file: &FileFacts, asked: &BTreeSet<DefinitionId>) -> Result<(), StoreError> {
        for (definition, id) in file.definitions.iter().zip(0..) {
            let of = definition.container.filter(|of| asked.contains(of));
            if let Some(of) = of.filter(|of| is_container(file.definitions[*of as usize].kind)) {
                let of = Symbol { file: file.id(), id: of };
                self.add(Symbol { file: file.id(), id }, Reason::Member, of, Some(Confidence::Scope))?;
            }
        }
        Ok(())
    }

    /// What stands beside what was asked about, in the same container.
    fn siblings(&mut self, file: &FileFacts, asked: &BTreeSet<DefinitionId>) -> Result<(), StoreError> {
        for of in asked {
            let own = &file.definitions[*of as usize];
            let is_beside = |kind: SymbolKind| !matches!(kind, SymbolKind::Impl | SymbolKind::Element);
            let beside = file
                .definitions
                .iter()
                .zip(0..)
                .filter(|(definition, _)| definition.container == own.container && is_beside(definition.kind));
            let mut beside: Vec<(u32, DefinitionId)> =
                beside.map(|(definition, id)| (definition.start_line.abs_diff(own.start_line), id)).collect();
            beside.sort_unstable();
            let far = beside.split_off(beside.len().min(NEIGHBOURS_MAX));
            for (_, id) in beside {
                let of = Symbol { file: file.id(), id: *of };
                self.add(Symbol { file: file.id(), id }, Reason::Sibling, of, Some(Confidence::Scope))?;
            }
            if self.filter.admits(&file.row.path, file.row.language) {
                self.far.extend(far.into_iter().map(|(_, id)| Symbol { file: file.id(), id }));
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Neighbours {
        self.found.sort_by(|a, b| a.0.cmp(&b.0));
        let mut items = Vec::new();
        // What is far from one thing may be near to another.
        let mut beyond: Vec<Symbol> = self.far.into_iter().filter(|far| !self.seen.contains(far)).collect();
        let mut of_reason: BTreeMap<Reason, usize> = BTreeMap::new();
        for (_, item) in self.found {
            let count = of_reason.entry(item.reason).or_default();
            *count += 1;
            if *count <= NEIGHBOURS_MAX { items.push(item) } else { beyond.push(item.symbol) }
        }
        Neighbours { items, beyond, files: self.files, names: self.names }
    }
}

/// Why a user that is no test is worth reading.
fn reason_of(user: &User) -> Reason {
    if user.roles.contains(&Role::Inherit) {
        Reason::Subtype
    } else if user.roles.contains(&Role::Call) || user.roles.contains(&Role::Decorate) {
        Reason::Caller
    } else {
        Reason::User
    }
}

/// Whether definitions of this kind consist of others.
fn is_container(kind: SymbolKind) -> bool {
    use SymbolKind::*;
    matches!(kind, Class | Struct | Union | Enum | Interface | Trait | Impl | Namespace | Module | Package)
}

/// Steps through the tree of directories from one file to another.
fn steps(from: &[u8], to: &[u8]) -> usize {
    if from == to {
        return 0;
    }
    let shared = from.iter().zip(to).take_while(|(a, b)| a == b).map(|(byte, _)| byte);
    let shared = shared.filter(|byte| **byte == b'/').count();
    let slashes = |path: &[u8]| memchr::memchr_iter(b'/', path).count();
    slashes(from) + slashes(to) - 2 * shared + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_up_and_down_the_tree() {
        let steps = |from: &str, to: &str| steps(from.as_bytes(), to.as_bytes());
        assert_eq!([steps("a/b.rs", "a/b.rs"), steps("a/b.rs", "a/c.rs"), steps("a/b.rs", "c.rs")], [0, 1, 2]);
        assert_eq!([steps("a/b/c.rs", "a/d/e.rs"), steps("x.rs", "a/b/c.rs")], [3, 3]);
    }
}
