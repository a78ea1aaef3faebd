//! Whose a use is that stands outside of what it belongs to: a decorator is looked up where it stands, and is part of what it stands above;
//! what is read to make a variable of a file is part of that variable.

use std::cell::OnceCell;

use crate::facts::{DefinitionId, Position, Reference};
use crate::kinds::{Role, SymbolKind};
use crate::resolve::FileFacts;

/// The definitions of one file, by place.
pub(super) struct Bearers<'f> {
    file: &'f FileFacts,
    by_place: OnceCell<Vec<(Position, DefinitionId)>>,
}

impl Bearers<'_> {
    pub(super) fn of(file: &FileFacts) -> Bearers<'_> {
        Bearers { file, by_place: OnceCell::new() }
    }

    /// The definition that a reference is part of.
    pub(super) fn bearer(&self, reference: &Reference) -> Option<DefinitionId> {
        let found = match reference.role {
            Role::Decorate => self.decorated(reference),
            _ if self.is_outside(reference.enclosing) => self.assigned(reference),
            _ => None,
        };
        found.or(reference.enclosing)
    }

    /// The first definition behind a decorator whose lines begin at it or before.
    fn decorated(&self, reference: &Reference) -> Option<DefinitionId> {
        let by_place = self.by_place();
        let next = by_place.partition_point(|(position, _)| *position < reference.position);
        let (_, id) = by_place.get(next..)?.iter().find(|(_, id)| self.is_beside(*id, reference))?;
        self.covers(*id, reference.position).then_some(*id)
    }

    /// The variable before a use whose lines reach to it.
    fn assigned(&self, reference: &Reference) -> Option<DefinitionId> {
        let by_place = self.by_place();
        let next = by_place.partition_point(|(position, _)| *position < reference.position);
        let (_, id) = by_place.get(..next)?.last()?;
        let kind = self.file.definitions[*id as usize].kind;
        let is_variable = matches!(kind, SymbolKind::Variable | SymbolKind::Constant);
        (is_variable && self.is_beside(*id, reference) && self.covers(*id, reference.position)).then_some(*id)
    }

    fn by_place(&self) -> &[(Position, DefinitionId)] {
        self.by_place.get_or_init(|| {
            let definitions = self.file.definitions.iter().zip(0..);
            let mut by_place: Vec<_> = definitions.map(|(definition, id)| (definition.position, id)).collect();
            by_place.sort_unstable();
            by_place
        })
    }

    /// Whether a reference stands in no function and no type.
    fn is_outside(&self, enclosing: Option<DefinitionId>) -> bool {
        let kind = enclosing.and_then(|id| Some(self.file.definitions.get(id as usize)?.kind));
        kind.is_none_or(|kind| matches!(kind, SymbolKind::Module | SymbolKind::Namespace | SymbolKind::Package))
    }

    fn is_beside(&self, id: DefinitionId, reference: &Reference) -> bool {
        self.file.definitions[id as usize].container == reference.enclosing
    }

    fn covers(&self, id: DefinitionId, position: Position) -> bool {
        let definition = &self.file.definitions[id as usize];
        (definition.start_line..=definition.end_line).contains(&position.line)
    }
}
