//! Which local variables are seen where, while a file is walked. Extents are counted in references: a variable is seen from one
//! reference of the file to another, and that is all that resolving a name has to know.

use crate::facts::{Binding, NameId, Occurrences, ReferenceId};
use crate::kinds::BindingKind;

/// A binding whose scope has not ended.
const OPEN: ReferenceId = ReferenceId::MAX;

/// The scopes around the current node.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    open: Vec<Scope>,
}

#[derive(Debug)]
struct Scope {
    from: ReferenceId,
    kind: ScopeKind,
    /// Numbers of its bindings.
    bindings: Vec<u32>,
    /// Names that are none of its locals.
    free: Vec<NameId>,
}

/// What a scope is the inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Block,
    Function,
    /// A class or the like.
    Members,
    /// The file.
    File,
}

/// A local variable to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    pub(super) name: NameId,
    /// It belongs to the whole function.
    pub(super) of_function: bool,
    /// It is a parameter, which no class has, only its methods.
    pub(super) is_parameter: bool,
    /// It comes about by being assigned to, unless it is there already.
    pub(super) is_assigned: bool,
}

impl Scopes {
    pub(super) fn enter(&mut self, occurrences: &Occurrences, kind: ScopeKind) {
        let from = here(occurrences);
        self.open.push(Scope { from, kind, bindings: Vec::new(), free: Vec::new() });
    }

    pub(super) fn leave(&mut self, occurrences: &mut Occurrences, hoisted: bool) {
        let Some(scope) = self.open.pop() else { return };
        let to = here(occurrences);
        for number in scope.bindings {
            let binding = &mut occurrences.bindings[number as usize];
            binding.from = if hoisted { scope.from } else { binding.from.min(to) };
            binding.to = to;
        }
    }

    /// Says that a name is no local of the function around.
    pub(super) fn free(&mut self, name: NameId) {
        if let Some(scope) = self.open.iter_mut().rev().find(|scope| scope.kind == ScopeKind::Function) {
            scope.free.push(name);
        }
    }

    /// Where a variable would be bound; `None` = it is none of a function's, or is there already.
    pub(super) fn place(&self, occurrences: &Occurrences, local: Local) -> Option<usize> {
        let innermost = self.open.len().checked_sub(1)?;
        if local.is_parameter && matches!(self.open[innermost].kind, ScopeKind::Members | ScopeKind::File) {
            return None;
        }
        let function = self.open.iter().rposition(|scope| scope.kind == ScopeKind::Function);
        if local.is_assigned {
            let function = function.unwrap_or_default();
            let is_bound = |scope: &Scope| scope.bindings.iter().any(|number| is_of(occurrences, *number, local.name));
            let is_known =
                self.open[function..].iter().any(|scope| scope.free.contains(&local.name) || is_bound(scope));
            return (!is_known).then_some(function);
        }
        Some(if local.of_function { function.unwrap_or(innermost) } else { innermost })
    }

    /// The number of the innermost variable of that name whose scope has not ended, and of those the last.
    pub(super) fn find(&self, occurrences: &Occurrences, name: NameId) -> Option<u32> {
        let mut numbers = self.open.iter().rev().flat_map(|scope| scope.bindings.iter().rev().copied());
        numbers.find(|number| is_of(occurrences, *number, name))
    }

    /// Binds in the innermost scope what has no name.
    pub(super) fn bind_here(&mut self, occurrences: &mut Occurrences, binding: Binding) {
        if let Some(innermost) = self.open.len().checked_sub(1) {
            self.bind(occurrences, innermost, binding);
        }
    }

    /// Binds the reference that was added last.
    pub(super) fn bind(&mut self, occurrences: &mut Occurrences, place: usize, binding: Binding) {
        self.open[place].bindings.push(occurrences.bindings.len() as u32);
        occurrences.bindings.push(Binding { to: OPEN, ..binding });
    }
}

/// Makes bindings from number `first` on, if their scope is still open, visible from here on only.
pub(super) fn delay(occurrences: &mut Occurrences, first: usize) {
    let from = here(occurrences);
    for binding in occurrences.bindings.iter_mut().skip(first).filter(|binding| binding.to == OPEN) {
        binding.from = from;
    }
}

fn here(occurrences: &Occurrences) -> ReferenceId {
    occurrences.references.len() as ReferenceId
}

fn is_of(occurrences: &Occurrences, binding: u32, name: NameId) -> bool {
    let named = occurrences.bindings.get(binding as usize).filter(|binding| binding.kind != BindingKind::Receiver);
    let at = named.map(|binding| binding.at);
    at.and_then(|at| occurrences.references.get(at as usize)).is_some_and(|reference| reference.name == name)
}
