//! What a type inherits from, implements or embeds, and what inherits from it.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::facts::{DefinitionId, NameUses};
use crate::kinds::SymbolKind;
use crate::resolve::{FileFacts, Resolution, Resolver, Symbol, World};
use crate::store::{FileId, ProjectStore, StoreError};

use super::levels::{Edge, Front, Graph, LevelQuery, Walk};
use super::nothing;
use super::page::ROW_BYTES;
use super::references::meaning_bytes;
use super::rows::{brief, meaning};
use super::users::is_certain;
use super::{HierarchyRequest, HierarchyRow, Options, Query, QueryError, Rows};

/// Bases and derived types of what is asked for: bases first, each the nearest first, by path and place.
pub fn hierarchy(
    store: &ProjectStore,
    request: HierarchyRequest,
    options: Options,
) -> Result<Box<dyn Query>, QueryError> {
    let HierarchyRequest { target, bases, derived, depth } = request;
    let graphs: Vec<Inheritance> =
        [bases.then_some(Inheritance::Bases), derived.then_some(Inheritance::Derived)].into_iter().flatten().collect();
    if graphs.is_empty() {
        return Err(QueryError::Argument("neither bases nor derived types are asked for".into()));
    }
    Ok(Box::new(LevelQuery::new(store, target, graphs, depth, &options)?))
}

enum Inheritance {
    Bases,
    Derived,
}

impl Graph for Inheritance {
    type Row = HierarchyRow;

    fn files(&self, world: &World<'_>, front: &Front) -> Result<Vec<FileId>, StoreError> {
        let mut files = BTreeSet::new();
        let (names, uses) = match self {
            // Blocks that add to a type bear its name, in whatever file they stand.
            Inheritance::Bases => (&front.names, [NameUses::DEFINES, NameUses::DEFINES]),
            Inheritance::Derived => (&front.known_as, [NameUses::MENTIONS, NameUses::IMPORTS]),
        };
        for name in names {
            let hits = world.hits(name)?;
            files.extend(hits.iter().filter(|hit| uses.iter().any(|use_| hit.uses.has(*use_))).map(|hit| hit.file));
        }
        Ok(files.into_iter().collect())
    }

    fn edges(
        &self,
        walk: Walk<'_, '_>,
        file: &Rc<FileFacts>,
        front: &Front,
    ) -> Result<Vec<Edge<HierarchyRow>>, StoreError> {
        let world = walk.world;
        let mut edges = Vec::new();
        for (definition, id) in file.definitions.iter().zip(0..) {
            let is_edge = match self {
                Inheritance::Bases => !definition.bases.is_empty() && is_of_front(world, file, id, front)?,
                Inheritance::Derived => !definition.bases.is_empty(),
            };
            if !is_edge {
                continue;
            }
            for base in &definition.bases {
                if matches!(self, Inheritance::Derived) && !front.known_as.contains(last_part(base)) {
                    continue;
                }
                let found = Resolver::new(world).base(file, id, base)?;
                // Of a mere name also what comes from outside, as other questions about a name have it.
                let is_of_name = front.is_named() && found.external;
                if matches!(self, Inheritance::Bases) || is_of_name || front.may_be(world, &found)? {
                    edges.extend(self.edge(world, file, id, base, &found, front)?);
                }
            }
        }
        Ok(edges)
    }

    fn rows(rows: Vec<HierarchyRow>) -> Rows {
        Rows::Hierarchy(rows)
    }

    fn sought(name: &str, graphs: &[Inheritance]) -> String {
        match graphs {
            [Inheritance::Bases] => format!("what {name} inherits from"),
            [Inheritance::Derived] => format!("what inherits from {name}"),
            _ => format!("the hierarchy of {name}"),
        }
    }

    fn why_nothing(name: &str, kinds: &BTreeSet<SymbolKind>, graphs: &[Inheritance]) -> String {
        let no_base = match kinds.is_empty() {
            true => format!("the index does not define {name}"),
            false => format!("{name} inherits from nothing"),
        };
        match (kinds.first().filter(|_| kinds.iter().all(|kind| never_inherits(*kind))), graphs) {
            (Some(kind), _) => format!("{name} is {}, and only types inherit", nothing::a(*kind)),
            (None, [Inheritance::Bases]) => no_base,
            (None, [Inheritance::Derived]) => format!("nothing in the index inherits from {name}"),
            (None, _) => format!("{no_base}, and nothing in the index inherits from it"),
        }
    }
}

/// Whether definitions of this kind have no bases in any language. Modules may have some, and constants may hold types.
fn never_inherits(kind: SymbolKind) -> bool {
    use SymbolKind::*;
    matches!(kind, Function | Method | Constructor | Macro | Field | Property | Variant | Element)
}

impl Inheritance {
    fn edge(
        &self,
        world: &World<'_>,
        file: &FileFacts,
        id: DefinitionId,
        base: &str,
        found: &Resolution,
        front: &Front,
    ) -> Result<Option<Edge<HierarchyRow>>, StoreError> {
        let own = Symbol { file: file.id(), id };
        let Some(derived) = brief(world, own)? else { return Ok(None) };
        let is_base = matches!(self, Inheritance::Bases);
        let row =
            HierarchyRow { is_base, derived, name: base.to_owned(), base: meaning(world, found)?, depth: front.level };
        let bytes = ROW_BYTES + row.derived.path.len() + base.len() + meaning_bytes(&row.base);
        let (is_ambiguous, is_certain) = (found.is_ambiguous(), is_certain(found.confidence));
        let to = match self {
            _ if is_ambiguous => Vec::new(),
            Inheritance::Bases => found.definitions().collect(),
            Inheritance::Derived => Resolver::new(world).owner_of(file, id)?,
        };
        Ok(Some(Edge { position: row.derived.position, row, to, is_ambiguous, is_certain, bytes }))
    }
}

/// Whether a definition is a type of the front, or a block that adds to one.
fn is_of_front(world: &World<'_>, file: &FileFacts, id: DefinitionId, front: &Front) -> Result<bool, StoreError> {
    if !front.names.contains(&*world.text(file, file.definitions[id as usize].name)?) {
        return Ok(false);
    }
    if front.contains(world, Symbol { file: file.id(), id })? {
        return Ok(true);
    }
    for owner in Resolver::new(world).owner_of(file, id)? {
        if front.contains(world, owner)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The last name of a path.
fn last_part(path: &str) -> &str {
    path.rsplit(['.', ':', '\\']).next().unwrap_or(path)
}
