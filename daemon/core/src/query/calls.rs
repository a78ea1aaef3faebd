//! Who calls something, and what it calls.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::facts::{NameUses, ReferenceId};
use crate::kinds::{Language, Role, SymbolKind};
use crate::resolve::{FileFacts, Resolution, Resolver, Symbol, World};
use crate::store::{FileId, ProjectStore, StoreError};

use super::levels::{Edge, Front, Graph, LevelQuery, Walk, is_callable};
use super::nothing;
use super::page::ROW_BYTES;
use super::references::meaning_bytes;
use super::rows::{brief, meaning, since};
use super::users::is_certain;
use super::{CallRequest, CallRow, Options, Query, QueryError, Rows};

/// Calls of what is asked for, or by it, the nearest first, by path and place.
pub fn calls(store: &ProjectStore, request: CallRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let CallRequest { target, callers, depth, only_certain } = request;
    let graph = if callers { Calls::ToFront } else { Calls::FromFront };
    Ok(Box::new(LevelQuery::new(store, target, vec![graph], depth, &options)?.only_certain(only_certain)))
}

/// Whether what decorates something in a file is called with it; an annotation only says something of it.
fn calls_decorators(file: &FileFacts) -> bool {
    matches!(
        file.language,
        Language::Python | Language::JavaScript | Language::TypeScript | Language::Tsx | Language::Rust
    )
}

/// Which way calls are followed.
pub(super) enum Calls {
    ToFront,
    FromFront,
}

impl Graph for Calls {
    type Row = CallRow;

    fn files(&self, world: &World<'_>, front: &Front) -> Result<Vec<FileId>, StoreError> {
        match self {
            Calls::FromFront => front.files(world),
            Calls::ToFront => {
                let mut files = Vec::new();
                for name in &front.known_as {
                    let hits = world.hits(name)?;
                    let may_call = |uses: NameUses| uses.has(NameUses::MENTIONS) || uses.has(NameUses::IMPORTS);
                    files.extend(hits.iter().filter(|hit| may_call(hit.uses)).map(|hit| hit.file));
                }
                Ok(files)
            }
        }
    }

    fn edges(&self, walk: Walk<'_, '_>, file: &Rc<FileFacts>, front: &Front) -> Result<Vec<Edge<CallRow>>, StoreError> {
        let mut edges = Vec::new();
        for (reference, id) in walk.world.occurrences(file)?.references.iter().zip(0..) {
            let is_call = reference.role == Role::Call || reference.role == Role::Decorate && calls_decorators(file);
            if !is_call {
                continue;
            }
            let is_edge = match self {
                Calls::FromFront => self.is_by_front(walk.world, file, reference.enclosing, front)?,
                Calls::ToFront => front.known_as.contains(&*walk.world.text(file, reference.name)?),
            };
            if is_edge {
                edges.extend(self.edge(walk, file, id as ReferenceId, front)?);
            }
        }
        Ok(edges)
    }

    fn rows(rows: Vec<CallRow>) -> Rows {
        Rows::Calls(rows)
    }

    fn sought(name: &str, graphs: &[Calls]) -> String {
        if is_to_front(graphs) { format!("the calls of {name}") } else { format!("the calls by {name}") }
    }

    fn why_nothing(name: &str, kinds: &BTreeSet<SymbolKind>, graphs: &[Calls]) -> String {
        let groups = |kind: &SymbolKind| {
            matches!(kind, SymbolKind::Module | SymbolKind::Package | SymbolKind::Namespace | SymbolKind::Element)
        };
        match kinds.first().filter(|_| kinds.iter().all(groups)) {
            Some(kind) if is_to_front(graphs) => format!("{name} is {}, which nothing calls", nothing::a(*kind)),
            Some(kind) => format!("{name} is {}, which calls nothing itself", nothing::a(*kind)),
            None if is_to_front(graphs) => format!("nothing in the index calls {name}"),
            None if kinds.is_empty() => format!("the index does not define {name}, and so does not know what it calls"),
            None => format!("{name} calls nothing"),
        }
    }
}

fn is_to_front(graphs: &[Calls]) -> bool {
    matches!(graphs, [Calls::ToFront])
}

impl Calls {
    /// Whether a call is one of the front's own: not of a function within, but of a lambda within, which has no name.
    fn is_by_front(
        &self,
        world: &World<'_>,
        file: &FileFacts,
        enclosing: Option<u32>,
        front: &Front,
    ) -> Result<bool, StoreError> {
        for (id, definition) in file.around(enclosing) {
            if front.contains(world, Symbol { file: file.id(), id })? {
                return Ok(true);
            }
            // A class calls what its methods call.
            let is_of_function = definition.container.and_then(|outer| file.definitions.get(outer as usize));
            if is_callable(definition.kind) && is_of_function.is_some_and(|outer| is_callable(outer.kind)) {
                return Ok(false);
            }
        }
        Ok(false)
    }

    fn edge(
        &self,
        walk: Walk<'_, '_>,
        file: &FileFacts,
        id: ReferenceId,
        front: &Front,
    ) -> Result<Option<Edge<CallRow>>, StoreError> {
        let world = walk.world;
        let reference = &world.occurrences(file)?.references[id as usize];
        let found = Resolver::new(world).reference(file, id)?;
        if matches!(self, Calls::ToFront) && !front.may_be(world, &found)? {
            return Ok(None);
        }
        let from = reference.enclosing.map(|id| Symbol { file: file.id(), id });
        let row = CallRow {
            from: from.map(|from| brief(world, from)).transpose()?.flatten(),
            name: world.text(file, reference.name)?.to_string(),
            to: meaning(world, &found)?,
            path: file.row.path.clone(),
            position: reference.position,
            depth: front.level,
            since: since(walk.root, file),
            stale: file.row.structure_stale(),
        };
        let bytes = ROW_BYTES + row.path.len() + row.name.len() + meaning_bytes(&row.to);
        let (is_ambiguous, is_certain) = (found.is_ambiguous(), is_certain(found.confidence));
        let to = if is_ambiguous { Vec::new() } else { self.leads_to(world, from, &found)? };
        Ok(Some(Edge { row, position: reference.position, to, is_ambiguous, is_certain, bytes }))
    }

    fn leads_to(&self, world: &World<'_>, from: Option<Symbol>, found: &Resolution) -> Result<Vec<Symbol>, StoreError> {
        match self {
            Calls::ToFront => Ok(from.into_iter().collect()),
            Calls::FromFront => {
                let mut to = Vec::new();
                for symbol in found.definitions() {
                    match world.kind(symbol)? {
                        Some(kind) if is_callable(kind) => to.push(symbol),
                        // Of a class only its constructor is called.
                        Some(_) => to.extend(Resolver::new(world).constructors_of(symbol)?),
                        None => {}
                    }
                }
                Ok(to)
            }
        }
    }
}
