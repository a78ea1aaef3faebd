//! Type parameters: what stands for whatever type is given, and has the members of the type that bounds it.

use crate::facts::{Binding, TYPE_AND, TYPE_OR};
use crate::kinds::BindingKind;
use crate::store::StoreError;

use super::{Resolution, Resolver, Site};

impl Resolver<'_, '_> {
    /// What a name that is a local one means as a type: the bound of a type parameter, else nothing is known. `None` = it is no local
    /// name.
    pub(super) fn local_type(&self, site: Site<'_>, name: &str) -> Result<Option<Resolution>, StoreError> {
        let binding = match self.binding(site, name)? {
            Some(binding) => binding,
            None => match self.type_parameter(site, name)? {
                Some(binding) => binding,
                None => return Ok(None),
            },
        };
        let is_parameter = binding.kind == BindingKind::TypeParameter;
        let bound = self.world.occurrences(site.file)?.text(binding.type_text).filter(|_| is_parameter);
        // Of a bound of several types nothing is said.
        match bound.filter(|bound| !bound.contains(TYPE_OR) && !self.is_of_anything(site.file, bound)) {
            Some(bound) => {
                let Some(site) = site.deeper() else { return Ok(Some(Resolution::default())) };
                // What is bounded from outside may have been given methods here.
                let mut all = Resolution::default();
                for bound in bound.split(TYPE_AND) {
                    let found = self.type_path(Site { at: Some(binding.at), ..site }, bound)?;
                    all = if found.is_ambiguous() { all } else { all.and(found) };
                }
                Ok(Some(all))
            }
            None => Ok(Some(Resolution::default())),
        }
    }

    /// The type parameter of a definition, or of what is around it, that has this name. Only what is written of them is asked for it,
    /// for the references of a file are read for few names.
    fn type_parameter(&self, site: Site<'_>, name: &str) -> Result<Option<Binding>, StoreError> {
        let Some((_, definition)) = site.file.around(site.enclosing).next().filter(|_| site.at.is_none()) else {
            return Ok(None);
        };
        if !site.file.around(site.enclosing).any(|(_, around)| may_have_parameter(&around.signature, name)) {
            return Ok(None);
        }
        let Some(name) = self.world.name_id(site.file, name)? else { return Ok(None) };
        let occurrences = self.world.occurrences(site.file)?;
        let inside = occurrences.references.partition_point(|reference| reference.position < definition.position);
        let is_there = |binding: &&Binding| {
            let at = occurrences.references.get(binding.at as usize);
            let is_visible = (binding.from..binding.to).contains(&(inside as u32));
            binding.kind == BindingKind::TypeParameter && is_visible && at.is_some_and(|at| at.name == name)
        };
        Ok(occurrences.bindings.iter().rfind(is_there).copied())
    }
}

/// Whether a name stands in a signature that has brackets for parameters.
fn may_have_parameter(signature: &str, name: &str) -> bool {
    let mut words = signature.split(|c: char| !c.is_alphanumeric() && c != '_');
    signature.contains(['<', '[']) && words.any(|word| word == name)
}
