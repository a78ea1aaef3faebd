//! The packed form of [`Facts`]: what a worker answers, what the cache keeps, and what a segment is built from.
//!
//! A format byte, then sections: tag, length in bytes, body; all numbers are varints. A reader skips sections whose tag it does
//! not know, so that later ones (scopes) can be added. Positions are differences to the position before, and a receiver that
//! occurred before is a number. Nothing here trusts its input: every count is checked against the bytes that are left, and what
//! comes out refers only to names and definitions that exist.

use super::*;
use crate::varint::{Malformed, Reader, put, put_bytes, put_signed};

/// Rises when a reader of the old form would misread the new one.
const FORMAT: u8 = 1;

const SECTION_FLAGS: u64 = 1;
const SECTION_NAMES: u64 = 2;
const SECTION_DEFINITIONS: u64 = 3;
const SECTION_REFERENCES: u64 = 4;
const SECTION_IMPORTS: u64 = 5;

const FLAG_SYNTAX_ERRORS: u64 = 1;
const FLAG_LEXICAL: u64 = 2;

/// Beside the kind of a definition, which takes the lower five bits.
const DEFINITION_IS_DECLARATION: u8 = 0x80;
const DEFINITION_HAS_CONTAINER: u8 = 0x40;
const DEFINITION_KIND: u8 = 0x1f;

/// Beside the role of a reference, which takes the lower three bits.
const REFERENCE_ENCLOSING_CHANGES: u8 = 0x80;
const REFERENCE_HAS_RECEIVER: u8 = 0x40;
const REFERENCE_ROLE: u8 = 0x07;

/// Why bytes are not packed facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// Written by a later version, or not by this code at all.
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
    /// Something refers to a name or definition that is not there, or to a container that does not stand before it.
    #[error("packed facts refer to what is not there")]
    Dangling,
}

impl Facts {
    /// The packed form.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        put_section(&mut out, SECTION_FLAGS, |body| put(body, self.flags()));
        put_section(&mut out, SECTION_NAMES, |body| put_names(body, &self.names));
        put_section(&mut out, SECTION_DEFINITIONS, |body| put_definitions(body, &self.definitions));
        put_section(&mut out, SECTION_REFERENCES, |body| put_references(body, &self.references));
        put_section(&mut out, SECTION_IMPORTS, |body| put_imports(body, &self.imports));
        out
    }

    /// The facts in a packed form.
    ///
    /// # Errors
    /// [`UnpackError`] on anything but what [`Facts::pack`] wrote for facts whose numbers refer to what is there.
    pub fn unpack(bytes: &[u8]) -> Result<Facts, UnpackError> {
        let mut reader = Reader::new(bytes);
        let format = reader.byte()?;
        if format != FORMAT {
            return Err(UnpackError::Format(format));
        }
        let mut facts = Facts::default();
        while !reader.is_empty() {
            let tag = reader.u64()?;
            facts.read_section(tag, reader.bytes_with_length()?)?;
        }
        facts.check_numbers()?;
        Ok(facts)
    }

    fn flags(&self) -> u64 {
        let syntax_errors = if self.syntax_errors { FLAG_SYNTAX_ERRORS } else { 0 };
        let lexical = if self.lexical { FLAG_LEXICAL } else { 0 };
        syntax_errors | lexical
    }

    fn read_section(&mut self, tag: u64, body: &[u8]) -> Result<(), UnpackError> {
        let mut body = Reader::new(body);
        match tag {
            SECTION_FLAGS => {
                let flags = body.u64()?;
                self.syntax_errors = flags & FLAG_SYNTAX_ERRORS != 0;
                self.lexical = flags & FLAG_LEXICAL != 0;
            }
            SECTION_NAMES => self.names = read_items(&mut body, 1, text)?,
            SECTION_DEFINITIONS => self.definitions = read_definitions(&mut body)?,
            SECTION_REFERENCES => self.references = read_references(&mut body)?,
            SECTION_IMPORTS => self.imports = read_imports(&mut body)?,
            _ => return Ok(()),
        }
        if body.is_empty() { Ok(()) } else { Err(Malformed.into()) }
    }

    fn check_numbers(&self) -> Result<(), UnpackError> {
        let name_is_there = |name: NameId| (name as usize) < self.names.len();
        let definitions_hold = self.definitions.iter().enumerate().all(|(id, definition)| {
            name_is_there(definition.name) && definition.container.is_none_or(|container| (container as usize) < id)
        });
        let references_hold = self.references.iter().all(|reference| {
            name_is_there(reference.name)
                && reference.enclosing.is_none_or(|enclosing| (enclosing as usize) < self.definitions.len())
        });
        if definitions_hold && references_hold { Ok(()) } else { Err(UnpackError::Dangling) }
    }
}

fn put_section(out: &mut Vec<u8>, tag: u64, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut body = Vec::new();
    fill(&mut body);
    put(out, tag);
    put_bytes(out, &body);
}

fn put_names(out: &mut Vec<u8>, names: &[String]) {
    put(out, names.len() as u64);
    for name in names {
        put_bytes(out, name.as_bytes());
    }
}

fn put_definitions(out: &mut Vec<u8>, definitions: &[Definition]) {
    put(out, definitions.len() as u64);
    let mut place = Position::default();
    for definition in definitions {
        let declaration = if definition.declaration { DEFINITION_IS_DECLARATION } else { 0 };
        let container = if definition.container.is_some() { DEFINITION_HAS_CONTAINER } else { 0 };
        out.push(definition.kind.number() | declaration | container);
        put(out, definition.name.into());
        put_position(out, &mut place, definition.position);
        put_signed(out, i64::from(definition.position.line) - i64::from(definition.start_line));
        put_signed(out, i64::from(definition.end_line) - i64::from(definition.start_line));
        if let Some(container) = definition.container {
            put(out, container.into());
        }
        put_bytes(out, definition.signature.as_bytes());
        put_bytes(out, definition.doc.as_bytes());
    }
}

fn read_definitions(reader: &mut Reader<'_>) -> Result<Vec<Definition>, UnpackError> {
    let mut place = Position::default();
    read_items(reader, 8, |reader| {
        let head = reader.byte()?;
        let kind = SymbolKind::from_number(head & DEFINITION_KIND).ok_or(UnpackError::Kind(head & DEFINITION_KIND))?;
        let name = reader.u32()?;
        let position = read_position(reader, &mut place)?;
        let start_line = shifted(position.line, reader.i64()?.checked_neg().ok_or(Malformed)?)?;
        let end_line = shifted(start_line, reader.i64()?)?;
        let container = if head & DEFINITION_HAS_CONTAINER == 0 { None } else { Some(reader.u32()?) };
        let declaration = head & DEFINITION_IS_DECLARATION != 0;
        let (signature, doc) = (text(reader)?, text(reader)?);
        Ok(Definition { name, kind, declaration, position, start_line, end_line, container, signature, doc })
    })
}

fn put_references(out: &mut Vec<u8>, references: &[Reference]) {
    put(out, references.len() as u64);
    let mut place = Position::default();
    let mut enclosing = None;
    let mut receivers = std::collections::HashMap::new();
    for reference in references {
        let changes = if reference.enclosing == enclosing { 0 } else { REFERENCE_ENCLOSING_CHANGES };
        let receiver = if reference.receiver.is_empty() { 0 } else { REFERENCE_HAS_RECEIVER };
        out.push(reference.role.number() | changes | receiver);
        put(out, reference.name.into());
        put_position(out, &mut place, reference.position);
        if reference.enclosing != enclosing {
            enclosing = reference.enclosing;
            put(out, enclosing.map_or(0, |definition| u64::from(definition) + 1));
        }
        if !reference.receiver.is_empty() {
            put_receiver(out, &mut receivers, &reference.receiver);
        }
    }
}

fn read_references(reader: &mut Reader<'_>) -> Result<Vec<Reference>, UnpackError> {
    let mut place = Position::default();
    let mut enclosing = None;
    let mut receivers = Vec::new();
    read_items(reader, 4, |reader| {
        let head = reader.byte()?;
        let role = Role::from_number(head & REFERENCE_ROLE).ok_or(UnpackError::Kind(head & REFERENCE_ROLE))?;
        let name = reader.u32()?;
        let position = read_position(reader, &mut place)?;
        if head & REFERENCE_ENCLOSING_CHANGES != 0 {
            enclosing = reader.u32()?.checked_sub(1);
        }
        let has_receiver = head & REFERENCE_HAS_RECEIVER != 0;
        let receiver = if has_receiver { read_receiver(reader, &mut receivers)? } else { String::new() };
        Ok(Reference { name, role, position, enclosing, receiver })
    })
}

/// 0 and the text where it occurs first, else its number from 1. A text over the limit is written each time: if it could be
/// repeated by number, a few bytes would unpack to any amount of memory.
fn put_receiver<'a>(out: &mut Vec<u8>, known: &mut std::collections::HashMap<&'a str, u64>, receiver: &'a str) {
    if let Some(&number) = known.get(receiver) {
        put(out, number);
        return;
    }
    put(out, 0);
    put_bytes(out, receiver.as_bytes());
    if receiver.len() <= RECEIVER_BYTES_MAX {
        known.insert(receiver, known.len() as u64 + 1);
    }
}

fn read_receiver<'a>(reader: &mut Reader<'a>, known: &mut Vec<&'a str>) -> Result<String, UnpackError> {
    let number = reader.u32()? as usize;
    let Some(index) = number.checked_sub(1) else {
        let receiver = str::from_utf8(reader.bytes_with_length()?).map_err(|_| UnpackError::NotText)?;
        if receiver.len() <= RECEIVER_BYTES_MAX {
            known.push(receiver);
        }
        return Ok(receiver.into());
    };
    known.get(index).map(|&receiver| receiver.into()).ok_or(UnpackError::Dangling)
}

fn put_imports(out: &mut Vec<u8>, imports: &[Import]) {
    put(out, imports.len() as u64);
    let mut place = Position::default();
    for import in imports {
        put_position(out, &mut place, import.position);
        for text in [&import.module, &import.name, &import.alias] {
            put_bytes(out, text.as_bytes());
        }
    }
}

fn read_imports(reader: &mut Reader<'_>) -> Result<Vec<Import>, UnpackError> {
    let mut place = Position::default();
    read_items(reader, 5, |reader| {
        let position = read_position(reader, &mut place)?;
        Ok(Import { module: text(reader)?, name: text(reader)?, alias: text(reader)?, position })
    })
}

/// Lines between, twice, plus one if the columns differ; the column, from the last one if the line is the same; the difference of
/// the columns if they differ.
fn put_position(out: &mut Vec<u8>, place: &mut Position, position: Position) {
    let lines = i64::from(position.line) - i64::from(place.line);
    let columns_differ = position.column != position.column_utf16;
    put_signed(out, lines << 1 | i64::from(columns_differ));
    let column_before = if lines == 0 { place.column } else { 0 };
    put_signed(out, i64::from(position.column) - i64::from(column_before));
    if columns_differ {
        put_signed(out, i64::from(position.column) - i64::from(position.column_utf16));
    }
    *place = position;
}

fn read_position(reader: &mut Reader<'_>, place: &mut Position) -> Result<Position, UnpackError> {
    let head = reader.i64()?;
    let lines = head >> 1;
    let line = shifted(place.line, lines)?;
    let column = shifted(if lines == 0 { place.column } else { 0 }, reader.i64()?)?;
    let difference = if head & 1 == 0 { 0 } else { reader.i64()?.checked_neg().ok_or(Malformed)? };
    *place = Position { line, column, column_utf16: shifted(column, difference)? };
    Ok(*place)
}

fn shifted(from: u32, by: i64) -> Result<u32, Malformed> {
    i64::from(from).checked_add(by).and_then(|sum| u32::try_from(sum).ok()).ok_or(Malformed)
}

fn text(reader: &mut Reader<'_>) -> Result<String, UnpackError> {
    String::from_utf8(reader.bytes_with_length()?.to_vec()).map_err(|_| UnpackError::NotText)
}

fn read_items<'a, T>(
    reader: &mut Reader<'a>,
    item_bytes_min: usize,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, UnpackError>,
) -> Result<Vec<T>, UnpackError> {
    let count = reader.count(item_bytes_min)?;
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        items.push(read(reader)?);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;

    fn position() -> impl Strategy<Value = Position> {
        (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>()).prop_map(|(line, column, other, same)| Position {
            line,
            column,
            column_utf16: if same { column } else { other },
        })
    }

    type RawDefinition = (Index, SymbolKind, bool, Position, (u32, u32), Option<Index>, String, String);

    fn definition() -> impl Strategy<Value = RawDefinition> {
        let kind = select(SymbolKind::ALL);
        (
            any::<Index>(),
            kind,
            any::<bool>(),
            position(),
            any::<(u32, u32)>(),
            any::<Option<Index>>(),
            ".{0,9}",
            ".{0,9}",
        )
    }

    fn reference() -> impl Strategy<Value = (Index, Role, Position, Option<Index>, String)> {
        let receiver = prop_oneof![Just(String::new()), Just("self".into()), "[a-c]{1,2}", Just("x".repeat(500))];
        (any::<Index>(), select(Role::ALL), position(), any::<Option<Index>>(), receiver)
    }

    fn import() -> impl Strategy<Value = Import> {
        (".{0,9}", ".{0,9}", ".{0,9}", position()).prop_map(|(module, name, alias, position)| Import {
            module,
            name,
            alias,
            position,
        })
    }

    prop_compose! {
        fn facts()(
            names in vec(".{0,9}", 1..9),
            raw_definitions in vec(definition(), 0..9),
            raw_references in vec(reference(), 0..30),
            imports in vec(import(), 0..5),
            (syntax_errors, lexical) in any::<(bool, bool)>(),
        ) -> Facts {
            let definitions: Vec<Definition> = raw_definitions.into_iter().enumerate().map(
                |(id, (name, kind, declaration, position, (start_line, end_line), container, signature, doc))| Definition {
                    name: name.index(names.len()) as NameId,
                    container: container.filter(|_| id > 0).map(|container| container.index(id) as DefinitionId),
                    kind, declaration, position, start_line, end_line, signature, doc,
                },
            ).collect();
            let references = raw_references.into_iter().map(|(name, role, position, enclosing, receiver)| Reference {
                name: name.index(names.len()) as NameId,
                enclosing: enclosing.filter(|_| !definitions.is_empty())
                    .map(|enclosing| enclosing.index(definitions.len()) as DefinitionId),
                role, position, receiver,
            }).collect();
            Facts { names, definitions, references, imports, syntax_errors, lexical }
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(facts in facts()) {
            prop_assert_eq!(Facts::unpack(&facts.pack()), Ok(facts));
        }

        #[test]
        fn every_prefix_and_every_changed_byte_is_survived(facts in facts(), at: Index, byte: u8) {
            let mut packed = facts.pack();
            let at = at.index(packed.len());
            let _ = Facts::unpack(&packed[..at]);
            packed[at] = byte;
            let _ = Facts::unpack(&packed);
        }

        #[test]
        fn garbage_never_panics(mut bytes in vec(any::<u8>(), 0..200)) {
            let _ = Facts::unpack(&bytes);
            bytes.insert(0, FORMAT);
            let _ = Facts::unpack(&bytes);
        }
    }

    #[test]
    fn unknown_sections_are_skipped() {
        let facts = Facts { names: vec!["a".into()], syntax_errors: true, ..Facts::default() };
        let mut packed = facts.pack();
        put(&mut packed, 99);
        put_bytes(&mut packed, b"scopes of a later version");
        assert_eq!(Facts::unpack(&packed), Ok(facts));
    }

    #[test]
    fn lies_are_refused() {
        assert_eq!(Facts::unpack(&[]), Err(UnpackError::Malformed(Malformed)));
        assert_eq!(Facts::unpack(&[9]), Err(UnpackError::Format(9)));
        let huge_count = [FORMAT, SECTION_REFERENCES as u8, 5, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(Facts::unpack(&huge_count), Err(UnpackError::Malformed(Malformed)));
        let no_such_name = Reference {
            name: 3,
            role: Role::Read,
            position: Position::default(),
            enclosing: None,
            receiver: String::new(),
        };
        let dangling = Facts { references: vec![no_such_name], ..Facts::default() };
        assert_eq!(Facts::unpack(&dangling.pack()), Err(UnpackError::Dangling));
    }
}
