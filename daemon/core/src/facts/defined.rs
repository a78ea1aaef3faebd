//! The definitions of a file as they are compared with those of another state of it: by name and not by number, and without what
//! only questions about the present need.

use std::rc::Rc;

use super::body::{self, put_position, read_items, read_position, text};
use super::{Declarations, NameId, PackedFacts, Position, UnpackError, declarations, namespace_name};
use crate::kinds::SymbolKind;
use crate::varint::{Malformed, Reader, put, put_bytes};

/// Beside the kind.
const IS_DECLARATION: u8 = 0x80;

/// Of a longer name of a container only the beginning is kept: names in thousands of nested containers would take memory by the square.
const CONTAINER_BYTES_MAX: usize = 256;

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defined {
    /// Its name.
    pub name: String,
    /// With its containers, joined by `.`.
    pub qualified: String,
    /// What it is.
    pub kind: SymbolKind,
    /// A prototype or forward declaration.
    pub declaration: bool,
    /// Where the name stands.
    pub position: Position,
    /// Its declaration in one line.
    pub signature: String,
    /// See [`super::Definition::text_hash`].
    pub text_hash: u32,
}

/// What a file is compared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// See [`Declarations::outside_hash`].
    pub outside_hash: u32,
    /// Its definitions.
    pub definitions: Vec<Defined>,
}

/// Definitions by name; `name` tells the text of a number.
pub(crate) fn defined<E>(
    declarations: &Declarations,
    mut name: impl FnMut(NameId) -> Result<Rc<str>, E>,
) -> Result<Outline, E> {
    let mut all: Vec<Defined> = Vec::with_capacity(declarations.definitions.len());
    for definition in &declarations.definitions {
        let own = name(definition.name)?;
        // A container stands before what it contains.
        let around = definition.container.and_then(|container| all.get(container as usize));
        let mut qualified = around.map_or_else(String::new, |around| {
            let whole = &around.qualified;
            if whole.len() <= CONTAINER_BYTES_MAX {
                format!("{whole}.")
            } else {
                format!("{}….", &whole[..whole.floor_char_boundary(CONTAINER_BYTES_MAX)])
            }
        });
        if let Some(of) = definition.of {
            qualified = format!("{qualified}{}.", name(of)?);
        }
        qualified += &namespace_name(definition, &own);
        all.push(Defined {
            name: own.to_string(),
            qualified,
            kind: definition.kind,
            declaration: definition.declaration,
            position: definition.position,
            signature: definition.signature.clone(),
            text_hash: definition.text_hash,
        });
    }
    Ok(Outline { outside_hash: declarations.outside_hash, definitions: all })
}

impl PackedFacts {
    /// The definitions by name.
    ///
    /// # Errors
    /// None for facts that were checked.
    pub fn defined(&self) -> Result<Outline, UnpackError> {
        let names: Vec<Rc<str>> = self.names().map(|(name, _)| name.into()).collect();
        let named = |id: NameId| names.get(id as usize).cloned().ok_or(UnpackError::Dangling);
        defined(&declarations::unpack(&self.declarations)?, named)
    }
}

/// Packs definitions for the store.
pub(crate) fn pack(outline: &Outline) -> Vec<u8> {
    body::pack(|out| {
        out.extend_from_slice(&outline.outside_hash.to_le_bytes());
        put(out, outline.definitions.len() as u64);
        let mut place = Position::default();
        for defined in &outline.definitions {
            let declaration = if defined.declaration { IS_DECLARATION } else { 0 };
            out.push(defined.kind.number() | declaration);
            // The qualified name ends in the name.
            put(out, defined.name.len() as u64);
            for text in [&defined.qualified, &defined.signature] {
                put_bytes(out, text.as_bytes());
            }
            put_position(out, &mut place, defined.position);
            out.extend_from_slice(&defined.text_hash.to_le_bytes());
        }
    })
}

/// Unpacks them.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Outline, UnpackError> {
    let body = body::unpack(bytes)?;
    let mut reader = Reader::new(&body);
    let mut place = Position::default();
    let outside_hash = reader.bytes(4)?.try_into().map(u32::from_le_bytes).map_err(|_| Malformed)?;
    let definitions = read_items(&mut reader, 10, |reader| {
        let head = reader.byte()?;
        let kind = SymbolKind::from_number(head & !IS_DECLARATION).ok_or(UnpackError::Kind(head))?;
        let name_bytes = usize::try_from(reader.u64()?).map_err(|_| Malformed)?;
        let (qualified, signature) = (text(reader)?, text(reader)?);
        let name = qualified.len().checked_sub(name_bytes).and_then(|start| qualified.get(start..)).ok_or(Malformed)?;
        let name = name.to_owned();
        let position = read_position(reader, &mut place)?;
        let text_hash = reader.bytes(4)?.try_into().map(u32::from_le_bytes).map_err(|_| Malformed)?;
        let declaration = head & IS_DECLARATION != 0;
        Ok(Defined { name, qualified, kind, declaration, position, signature, text_hash })
    })?;
    if reader.is_empty() { Ok(Outline { outside_hash, definitions }) } else { Err(Malformed.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::extract;
    use crate::kinds::Language;

    fn of(language: Language, source: &str) -> Outline {
        let packed = PackedFacts::check(&extract(language, source.as_bytes()).pack()).expect("facts of our own");
        packed.defined().expect("they were checked")
    }

    #[test]
    fn definitions_are_named_and_come_back_from_the_store() {
        let outline = of(Language::Cpp, "namespace a::b {\nstruct S { void run(); };\nvoid é();\n}\nvoid T::go() {}\n");
        let all = &outline.definitions;
        let names: Vec<&str> = all.iter().map(|defined| defined.qualified.as_str()).collect();
        assert_eq!(names, ["a.b", "a.b.S", "a.b.S.run", "a.b.é", "T.go"]);
        assert!(all[2].declaration && !all[4].declaration && all[4].name == "go");
        assert_eq!(unpack(&pack(&outline)), Ok(outline));
        assert!(unpack(b"\x03\0\0\0xyz").is_err());
    }

    #[test]
    fn deep_nesting_takes_no_memory_by_the_square() {
        let depth = 3000;
        let source = format!("{}{}", "namespace inner {\n".repeat(depth), "}\n".repeat(depth));
        let all = of(Language::Cpp, &source).definitions;
        assert_eq!(all.len(), depth);
        assert!(all.iter().all(|defined| defined.qualified.len() <= 2 * CONTAINER_BYTES_MAX));
    }
}
