//! What depends on something: the definitions that use it, those that use them, and so on.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::facts::{NameUses, ReferenceId};
use crate::kinds::{Confidence, Role, SymbolKind};
use crate::resolve::{FileFacts, Resolver, Symbol, World};
use crate::store::{FileId, ProjectStore, StoreError};

use super::levels::{Edge, Front, Graph, LevelQuery, Walk};
use super::nothing;
use super::page::ROW_BYTES;
use super::rows::{brief, since};
use super::{ImpactRequest, ImpactRow, Options, Query, QueryError, Rows};

/// What depends on what is asked for, the nearest first, by path and place.
pub fn impact(store: &ProjectStore, request: ImpactRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let ImpactRequest { target, depth } = request;
    Ok(Box::new(LevelQuery::new(store, target, vec![Uses], depth, &options)?))
}

/// From what is used to what uses it.
struct Uses;

/// The uses of the front by one definition, or by a file outside of any.
struct User {
    /// Where the first of them stands.
    first: ReferenceId,
    roles: BTreeSet<Role>,
    count: u32,
    /// The surest of them.
    confidence: Option<Confidence>,
}

impl Graph for Uses {
    type Row = ImpactRow;

    const IS_ONCE: bool = true;

    fn files(&self, world: &World<'_>, front: &Front) -> Result<Vec<FileId>, StoreError> {
        let mut files = Vec::new();
        for name in &front.known_as {
            let may_use = |uses: NameUses| uses.has(NameUses::MENTIONS) || uses.has(NameUses::IMPORTS);
            files.extend(world.hits(name)?.iter().filter(|hit| may_use(hit.uses)).map(|hit| hit.file));
        }
        Ok(files)
    }

    fn edges(&self, walk: Walk<'_, '_>, file: &Rc<FileFacts>, front: &Front) -> Result<Vec<Edge<ImpactRow>>, StoreError> {
        let world = walk.world;
        let mut users: BTreeMap<Option<u32>, User> = BTreeMap::new();
        for (reference, id) in world.occurrences(file)?.references.iter().zip(0..) {
            // An import alone uses nothing; what is done with the name does.
            if reference.role == Role::Import || !front.known_as.contains(&*world.text(file, reference.name)?) {
                continue;
            }
            let found = Resolver::new(world).reference(file, id)?;
            if !front.may_be(world, &found)? {
                continue;
            }
            let enclosing = reference.enclosing;
            if let Some(symbol) = enclosing.map(|id| Symbol { file: file.id(), id })
                && front.contains(world, symbol)?
            {
                // What uses itself is not impacted anew.
                continue;
            }
            let user = users.entry(enclosing).or_insert(User { first: id, roles: BTreeSet::new(), count: 0, confidence: None });
            user.roles.insert(reference.role);
            user.count += 1;
            user.confidence = [user.confidence, found.confidence].into_iter().flatten().min();
        }
        users.into_iter().map(|(enclosing, user)| edge(walk, file, front, enclosing, user)).collect()
    }

    fn rows(rows: Vec<ImpactRow>) -> Rows {
        Rows::Impact(rows)
    }

    fn sought(name: &str, _: &[Uses]) -> String {
        format!("what depends on {name}")
    }

    fn why_nothing(name: &str, kinds: &BTreeSet<SymbolKind>, _: &[Uses]) -> String {
        match kinds.first() {
            Some(kind) => format!("{name} is {}, and nothing in the index uses it", nothing::a(*kind)),
            None => format!("nothing in the index uses {name}"),
        }
    }
}

fn edge(
    walk: Walk<'_, '_>,
    file: &Rc<FileFacts>,
    front: &Front,
    enclosing: Option<u32>,
    user: User,
) -> Result<Edge<ImpactRow>, StoreError> {
    let world = walk.world;
    let position = world.occurrences(file)?.references[user.first as usize].position;
    let symbol = enclosing.map(|id| Symbol { file: file.id(), id });
    let is_ambiguous = user.confidence.is_none_or(|confidence| confidence == Confidence::Ambiguous);
    let row = ImpactRow {
        user: symbol.map(|symbol| brief(world, symbol)).transpose()?.flatten(),
        path: file.row.path.clone(),
        position,
        roles: user.roles.into_iter().collect(),
        uses: user.count,
        confidence: user.confidence,
        is_test: super::search::is_test(&file.row.path),
        depth: front.level,
        since: since(walk.root, file),
        stale: file.row.structure_stale(),
    };
    let bytes = ROW_BYTES + row.path.len();
    let to = if is_ambiguous { Vec::new() } else { symbol.into_iter().collect() };
    Ok(Edge { row, position, to, is_ambiguous, bytes })
}
