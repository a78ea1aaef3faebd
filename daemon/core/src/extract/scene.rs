//! Where in the definitions of a file the walk stands.

use crate::facts::DefinitionId;
use crate::kinds::SymbolKind;

/// What is around a node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scene {
    /// The innermost definition.
    pub(super) definition: Option<DefinitionId>,
    /// Its kind.
    pub(super) kind: Option<SymbolKind>,
    /// The innermost class or the like.
    pub(super) class: Option<DefinitionId>,
    /// Variables defined here are locals.
    pub(super) local: bool,
    /// How deep it stands in an outline.
    pub(super) depth: i8,
}

impl Scene {
    /// Inside a definition, that many levels of an outline deeper.
    pub(super) fn inside(self, id: DefinitionId, kind: SymbolKind, levels: i8) -> Scene {
        let has_members = has_members(kind);
        Scene {
            definition: Some(id),
            kind: Some(kind),
            class: if has_members { Some(id) } else { self.class },
            local: !has_members && (has_locals(kind) || self.local),
            depth: self.depth.saturating_add(levels),
        }
    }

    /// Directly inside a class or the like, so that what is defined is a member.
    pub(super) fn is_class(self) -> bool {
        !self.local && self.kind.is_some_and(has_members)
    }

    /// Directly inside a namespace or module.
    pub(super) fn is_namespace(self) -> bool {
        matches!(self.kind, Some(SymbolKind::Namespace | SymbolKind::Module))
    }
}

/// Whether definitions of this kind have members.
pub(super) fn has_members(kind: SymbolKind) -> bool {
    use SymbolKind::*;
    matches!(kind, Class | Struct | Union | Enum | Interface | Trait | Impl)
}

/// Whether variables inside definitions of this kind are locals.
pub(super) fn has_locals(kind: SymbolKind) -> bool {
    use SymbolKind::*;
    matches!(kind, Function | Method | Constructor | Property | Macro)
}
