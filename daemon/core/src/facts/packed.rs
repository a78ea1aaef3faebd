//! The packed form of [`Facts`]: what a worker answers, and in parts what a segment keeps.
//!
//! A format byte, then sections: tag, length in bytes, body; all numbers are varints. A reader skips sections whose tag it does not
//! know. Names are sorted and stand once; everything else speaks of them by number, so that the bodies of declarations and
//! occurrences stay as they are whatever becomes of the names. Nothing here trusts its input: every count is checked against the bytes
//! that are left, and what comes out refers only to what exists.

use std::collections::HashSet;

use super::body::read_items;
use super::{
    Declarations, DefinitionId, Facts, Import, NAME_BYTES_MAX, NameId, OWN_MODULE, Occurrences, TextId, declarations,
    module_key, occurrences,
};
use crate::hash::Seeded;
use crate::varint::{Malformed, Reader, put, put_bytes};

/// Rises when a reader of the old form would misread the new one.
const FORMAT: u8 = 4;

const SECTION_FLAGS: u64 = 1;
const SECTION_NAMES: u64 = 2;
const SECTION_DECLARATIONS: u64 = 3;
const SECTION_OCCURRENCES: u64 = 4;

const FLAG_SYNTAX_ERRORS: u64 = 1;
const FLAG_LEXICAL: u64 = 2;

/// Why bytes are not packed facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// Written by another version, or not by this code at all.
    #[error("unknown format {0} of packed facts")]
    Format(u8),
    /// A number or a length is wrong.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A name or another text is not UTF-8.
    #[error("text in packed facts is not UTF-8")]
    NotText,
    /// A kind or role of that number does not exist.
    #[error("unknown kind or role {0} in packed facts")]
    Kind(u8),
    /// Something refers to what is not there, to a container that does not stand before it, or the names are not sorted.
    #[error("packed facts refer to what is not there")]
    Dangling,
}

/// What a file does with a name: bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameUses(u8);

impl NameUses {
    /// It defines it.
    pub const DEFINES: NameUses = NameUses(1);
    /// It mentions it.
    pub const MENTIONS: NameUses = NameUses(2);
    /// It imports it, or a module whose last part it is.
    pub const IMPORTS: NameUses = NameUses(4);
    /// An import of it gives it another name.
    pub const RENAMES: NameUses = NameUses(8);
    /// How many bits there are.
    pub(crate) const BITS: u32 = 4;

    /// Whether all bits of `other` are set.
    pub fn has(self, other: NameUses) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both.
    pub fn and(self, other: NameUses) -> NameUses {
        NameUses(self.0 | other.0)
    }

    /// The bits.
    pub(crate) fn bits(self) -> u64 {
        self.0.into()
    }

    /// The lower bits of a number.
    pub(crate) fn from_bits(number: u64) -> NameUses {
        NameUses((number & ((1 << NameUses::BITS) - 1)) as u8)
    }
}

/// Facts in the packed form, checked: every part can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedFacts {
    names: Vec<u8>,
    /// Packed [`Declarations`].
    pub(crate) declarations: Vec<u8>,
    /// Packed [`Occurrences`].
    pub(crate) occurrences: Vec<u8>,
    /// How many definitions there are.
    pub symbols: u32,
    /// How many references there are.
    pub references: u32,
    /// See [`Facts::lexical`].
    pub lexical: bool,
}

impl PackedFacts {
    /// Takes what a worker answered.
    ///
    /// # Errors
    /// [`UnpackError`] on anything but what [`Facts::pack`] wrote for facts whose numbers refer to what is there.
    pub fn check(bytes: &[u8]) -> Result<PackedFacts, UnpackError> {
        let mut packed = PackedFacts::default();
        each_section(bytes, |tag, body| {
            match tag {
                SECTION_FLAGS => packed.lexical = Reader::new(body).u64()? & FLAG_LEXICAL != 0,
                SECTION_NAMES => packed.names = body.to_vec(),
                SECTION_DECLARATIONS => packed.declarations = body.to_vec(),
                SECTION_OCCURRENCES => packed.occurrences = body.to_vec(),
                _ => {}
            }
            Ok(())
        })?;
        let names = packed.read_names()?.len();
        let declarations = declarations::unpack(&packed.declarations)?;
        let occurrences = occurrences::unpack(&packed.occurrences)?;
        check_numbers(names, &declarations, &occurrences)?;
        packed.symbols = count(declarations.definitions.len());
        packed.references = count(occurrences.references.len());
        Ok(packed)
    }

    /// What [`PackedFacts::check`] takes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        let mut flags = Vec::new();
        put(&mut flags, if self.lexical { FLAG_LEXICAL } else { 0 });
        put_section(&mut out, SECTION_FLAGS, &flags);
        put_section(&mut out, SECTION_NAMES, &self.names);
        put_section(&mut out, SECTION_DECLARATIONS, &self.declarations);
        put_section(&mut out, SECTION_OCCURRENCES, &self.occurrences);
        out
    }

    /// The names, sorted, with what is done with each.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, NameUses)> {
        // They were read once already.
        self.read_names().unwrap_or_default().into_iter()
    }

    fn read_names(&self) -> Result<Vec<(&str, NameUses)>, UnpackError> {
        let mut reader = Reader::new(&self.names);
        let names = read_items(&mut reader, 1, |reader| {
            let head = reader.u64()?;
            let length = usize::try_from(head >> NameUses::BITS).map_err(|_| Malformed)?;
            let name = str::from_utf8(reader.bytes(length)?).map_err(|_| UnpackError::NotText)?;
            Ok((name, NameUses::from_bits(head)))
        })?;
        let is_sorted = names.is_sorted_by(|(a, _), (b, _)| a < b);
        if is_sorted && reader.is_empty() { Ok(names) } else { Err(UnpackError::Dangling) }
    }

    /// The facts as they were before they were packed, but for the order of names.
    #[cfg(test)]
    pub(crate) fn unpack(&self) -> Result<Facts, UnpackError> {
        Ok(Facts {
            names: self.names().map(|(name, _)| name.to_owned()).collect(),
            declarations: declarations::unpack(&self.declarations)?,
            occurrences: occurrences::unpack(&self.occurrences)?,
            syntax_errors: false,
            lexical: self.lexical,
        })
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

impl Facts {
    /// The packed form.
    pub fn pack(mut self) -> Vec<u8> {
        let uses = self.sort_names();
        let mut out = vec![FORMAT];
        let mut flags = Vec::new();
        put(&mut flags, self.flags());
        put_section(&mut out, SECTION_FLAGS, &flags);
        put_section(&mut out, SECTION_NAMES, &pack_names(&self.names, &uses));
        put_section(&mut out, SECTION_DECLARATIONS, &declarations::pack(&self.declarations));
        put_section(&mut out, SECTION_OCCURRENCES, &occurrences::pack(&self.occurrences));
        out
    }

    fn flags(&self) -> u64 {
        let syntax_errors = if self.syntax_errors { FLAG_SYNTAX_ERRORS } else { 0 };
        let lexical = if self.lexical { FLAG_LEXICAL } else { 0 };
        syntax_errors | lexical
    }

    /// Adds what imports are looked up by, sorts the names, and says what is done with each.
    fn sort_names(&mut self) -> Vec<NameUses> {
        let seeded = Seeded::new();
        let (imported, renamed) = (self.imported_names(&seeded), self.renamed_names(&seeded));
        let first_imported = self.names.len();
        let mut known = HashSet::with_capacity_and_hasher(self.names.len(), seeded);
        known.extend(self.names.iter().map(String::as_str));
        let new: Vec<String> = imported.iter().filter(|name| !known.contains(name.as_str())).cloned().collect();
        self.names.extend(new);
        let mut uses = vec![NameUses::default(); self.names.len()];
        for (name, uses) in self.names.iter().zip(&mut uses) {
            if imported.contains(name) {
                *uses = uses.and(NameUses::IMPORTS);
            }
            if renamed.contains(name.as_str()) {
                *uses = uses.and(NameUses::RENAMES);
            }
        }
        debug_assert!(uses[first_imported..].iter().all(|uses| uses.has(NameUses::IMPORTS)));
        for definition in &self.declarations.definitions {
            uses[definition.name as usize] = uses[definition.name as usize].and(NameUses::DEFINES);
        }
        for reference in &self.occurrences.references {
            uses[reference.name as usize] = uses[reference.name as usize].and(NameUses::MENTIONS);
        }
        self.renumber(&uses)
    }

    /// The names and module parts by which the files that import something are found.
    fn imported_names(&self, seeded: &Seeded) -> HashSet<String, Seeded> {
        let parts = |import: &Import| {
            let module =
                if import.module == OWN_MODULE { String::new() } else { module_key(&import.module).to_owned() };
            let taken = [import.name.clone(), import.alias.clone()].into_iter().filter(|name| name != "*");
            taken.chain([module]).filter(|name| !name.is_empty() && name.len() <= NAME_BYTES_MAX).collect::<Vec<_>>()
        };
        set_of(self.declarations.imports.iter().flat_map(parts), seeded)
    }

    fn renamed_names(&self, seeded: &Seeded) -> HashSet<String, Seeded> {
        let aliased = self.declarations.imports.iter().filter(|import| !import.alias.is_empty());
        set_of(aliased.map(|import| import.own_name().to_owned()), seeded)
    }

    fn renumber(&mut self, uses: &[NameUses]) -> Vec<NameUses> {
        let mut order: Vec<NameId> = (0..count(self.names.len())).collect();
        order.sort_unstable_by(|a, b| self.names[*a as usize].cmp(&self.names[*b as usize]));
        let mut numbers = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            numbers[*old as usize] = new as NameId;
        }
        let number = |name: &mut NameId| *name = numbers[*name as usize];
        for definition in &mut self.declarations.definitions {
            number(&mut definition.name);
            definition.of.iter_mut().for_each(number);
        }
        self.occurrences.references.iter_mut().for_each(|reference| number(&mut reference.name));
        self.names = order.iter().map(|old| std::mem::take(&mut self.names[*old as usize])).collect();
        order.iter().map(|old| uses[*old as usize]).collect()
    }
}

fn set_of(names: impl Iterator<Item = String>, seeded: &Seeded) -> HashSet<String, Seeded> {
    let mut set = HashSet::with_hasher(seeded.clone());
    set.extend(names);
    set
}

fn each_section(bytes: &[u8], mut read: impl FnMut(u64, &[u8]) -> Result<(), UnpackError>) -> Result<(), UnpackError> {
    let mut reader = Reader::new(bytes);
    let format = reader.byte()?;
    if format != FORMAT {
        return Err(UnpackError::Format(format));
    }
    while !reader.is_empty() {
        let tag = reader.u64()?;
        read(tag, reader.bytes_with_length()?)?;
    }
    Ok(())
}

fn check_numbers(names: usize, declarations: &Declarations, occurrences: &Occurrences) -> Result<(), UnpackError> {
    let Declarations { definitions, imports, .. } = declarations;
    let Occurrences { texts, references, bindings } = occurrences;
    let is_name = |name: NameId| (name as usize) < names;
    let is_definition = |id: Option<DefinitionId>| id.is_none_or(|id| (id as usize) < definitions.len());
    let is_text = |id: Option<TextId>| id.is_none_or(|id| (id as usize) < texts.len());
    let definitions_hold = definitions.iter().enumerate().all(|(id, definition)| {
        is_name(definition.name)
            && definition.of.is_none_or(is_name)
            && definition.container.is_none_or(|container| (container as usize) < id)
    });
    let references_hold = references
        .iter()
        .all(|reference| is_name(reference.name) && is_definition(reference.enclosing) && is_text(reference.receiver));
    let bindings_hold = bindings.iter().all(|binding| {
        (binding.at as usize) < references.len()
            && binding.from <= binding.to
            && (binding.to as usize) <= references.len()
            && is_text(binding.type_text)
    });
    let imports_hold = imports.iter().all(|import| is_definition(import.enclosing));
    if definitions_hold && references_hold && bindings_hold && imports_hold {
        Ok(())
    } else {
        Err(UnpackError::Dangling)
    }
}

fn put_section(out: &mut Vec<u8>, tag: u64, body: &[u8]) {
    put(out, tag);
    put_bytes(out, body);
}

fn pack_names(names: &[String], uses: &[NameUses]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, names.len() as u64);
    for (name, uses) in names.iter().zip(uses) {
        put(&mut out, (name.len() as u64) << NameUses::BITS | uses.bits());
        out.extend_from_slice(name.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests;
