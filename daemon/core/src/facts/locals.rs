//! The local bindings of a file by their names, for whoever asks for many of them: a file may have thousands.

use super::{Binding, NameId, Occurrences, ReferenceId};
use crate::kinds::BindingKind;

/// Names of bindings, each with the place of one in [`Occurrences::bindings`]; sorted. What stands for a receiver has no name.
#[derive(Clone, Debug)]
pub struct LocalNames(Vec<(NameId, u32)>);

impl LocalNames {
    /// The names of the bindings of a file.
    pub fn new(occurrences: &Occurrences) -> LocalNames {
        let named = occurrences.bindings.iter().zip(0..).filter(|(binding, _)| binding.kind != BindingKind::Receiver);
        let name = |at: ReferenceId| occurrences.references.get(at as usize).map(|at| at.name);
        let mut names: Vec<_> = named.filter_map(|(binding, place)| Some((name(binding.at)?, place))).collect();
        names.sort_unstable();
        LocalNames(names)
    }

    /// The binding that a reference means, if it means a local one. What declares a name means what it declares, also where an
    /// earlier binding is visible still.
    pub fn of<'f>(&self, occurrences: &'f Occurrences, id: ReferenceId) -> Option<&'f Binding> {
        let name = occurrences.references.get(id as usize)?.name;
        let declared = self.named(occurrences, name).find(|binding| binding.at == id);
        declared.or_else(|| self.at(occurrences, name, id))
    }

    /// The binding that a name means at a reference: the innermost that is visible there, and of those the last.
    pub fn at<'f>(&self, occurrences: &'f Occurrences, name: NameId, id: ReferenceId) -> Option<&'f Binding> {
        innermost(self.named(occurrences, name), id)
    }

    /// The same at the reference that declares one of that name, which is not meant.
    pub fn before<'f>(&self, occurrences: &'f Occurrences, name: NameId, id: ReferenceId) -> Option<&'f Binding> {
        innermost(self.named(occurrences, name).filter(|binding| binding.at != id), id)
    }

    fn named<'f>(&self, occurrences: &'f Occurrences, name: NameId) -> impl Iterator<Item = &'f Binding> {
        let first = self.0.partition_point(|(other, _)| *other < name);
        let named = self.0[first..].iter().take_while(move |(other, _)| *other == name);
        named.filter_map(|(_, place)| occurrences.bindings.get(*place as usize))
    }
}

fn innermost<'f>(bindings: impl Iterator<Item = &'f Binding>, id: ReferenceId) -> Option<&'f Binding> {
    let visible = bindings.filter(|binding| binding.from <= id && id < binding.to);
    visible.max_by_key(|binding| (binding.from, binding.at))
}
