//! The packed form of [`Declarations`].

use super::body::{self, put_position, read_items, read_position, shifted, text};
use super::{Declarations, Definition, Import, Position, UnpackError};
use crate::kinds::SymbolKind;
use crate::varint::{Malformed, Reader, put, put_bytes, put_signed};

/// Beside the kind of a definition, which takes the lower five bits.
const DEFINITION_IS_DECLARATION: u8 = 0x80;
const DEFINITION_HAS_CONTAINER: u8 = 0x40;
const DEFINITION_HAS_OF: u8 = 0x20;
const DEFINITION_KIND: u8 = 0x1f;

/// Packs declarations.
pub(super) fn pack(declarations: &Declarations) -> Vec<u8> {
    body::pack(|out| put_declarations(out, declarations))
}

fn put_declarations(out: &mut Vec<u8>, declarations: &Declarations) {
    put(out, declarations.definitions.len() as u64);
    let mut place = Position::default();
    for definition in &declarations.definitions {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let declaration = flag(definition.declaration, DEFINITION_IS_DECLARATION);
        let container = flag(definition.container.is_some(), DEFINITION_HAS_CONTAINER);
        let of = flag(definition.of.is_some(), DEFINITION_HAS_OF);
        out.push(definition.kind.number() | declaration | container | of);
        put(out, definition.name.into());
        put_position(out, &mut place, definition.position);
        put_signed(out, i64::from(definition.position.line) - i64::from(definition.start_line));
        put_signed(out, i64::from(definition.end_line) - i64::from(definition.start_line));
        definition.container.into_iter().chain(definition.of).for_each(|number| put(out, number.into()));
        for text in [&definition.signature, &definition.doc, &definition.type_text] {
            put_bytes(out, text.as_bytes());
        }
        put(out, definition.bases.len() as u64);
        definition.bases.iter().for_each(|base| put_bytes(out, base.as_bytes()));
        out.extend_from_slice(&definition.text_hash.to_le_bytes());
    }
    put_imports(out, &declarations.imports);
    out.extend_from_slice(&declarations.outside_hash.to_le_bytes());
}

fn put_imports(out: &mut Vec<u8>, imports: &[Import]) {
    put(out, imports.len() as u64);
    let mut place = Position::default();
    for import in imports {
        put_position(out, &mut place, import.position);
        let enclosing = import.enclosing.map_or(0, |definition| u64::from(definition) + 1);
        put(out, enclosing << 1 | u64::from(import.exported));
        for text in [&import.module, &import.name, &import.alias] {
            put_bytes(out, text.as_bytes());
        }
    }
}

/// Unpacks declarations.
///
/// # Errors
/// [`UnpackError`] if the bytes are no such thing. Whether their numbers refer to what is there was checked when they were taken in.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Declarations, UnpackError> {
    let body = body::unpack(bytes)?;
    let mut reader = Reader::new(&body);
    let mut place = Position::default();
    let definitions = read_items(&mut reader, 13, |reader| read_definition(reader, &mut place))?;
    let imports = read_imports(&mut reader)?;
    let outside_hash = reader.bytes(4)?.try_into().map(u32::from_le_bytes).map_err(|_| Malformed)?;
    if reader.is_empty() { Ok(Declarations { definitions, imports, outside_hash }) } else { Err(Malformed.into()) }
}

fn read_definition(reader: &mut Reader<'_>, place: &mut Position) -> Result<Definition, UnpackError> {
    let head = reader.byte()?;
    let has = |flag: u8| head & flag != 0;
    let kind = SymbolKind::from_number(head & DEFINITION_KIND).ok_or(UnpackError::Kind(head & DEFINITION_KIND))?;
    let name = reader.u32()?;
    let position = read_position(reader, place)?;
    let start_line = shifted(position.line, reader.i64()?.checked_neg().ok_or(Malformed)?)?;
    let end_line = shifted(start_line, reader.i64()?)?;
    let container = if has(DEFINITION_HAS_CONTAINER) { Some(reader.u32()?) } else { None };
    let of = if has(DEFINITION_HAS_OF) { Some(reader.u32()?) } else { None };
    let (signature, doc, type_text) = (text(reader)?, text(reader)?, text(reader)?);
    let bases = read_items(reader, 1, text)?;
    let text_hash = reader.bytes(4)?.try_into().map(u32::from_le_bytes).map_err(|_| Malformed)?;
    let declaration = has(DEFINITION_IS_DECLARATION);
    Ok(Definition {
        name,
        kind,
        declaration,
        position,
        start_line,
        end_line,
        container,
        of,
        signature,
        doc,
        type_text,
        bases,
        text_hash,
    })
}

fn read_imports(reader: &mut Reader<'_>) -> Result<Vec<Import>, UnpackError> {
    let mut place = Position::default();
    read_items(reader, 6, |reader| {
        let position = read_position(reader, &mut place)?;
        let head = reader.u64()?;
        let enclosing = (head >> 1).checked_sub(1).map(u32::try_from).transpose().map_err(|_| Malformed)?;
        let (module, name, alias) = (text(reader)?, text(reader)?, text(reader)?);
        Ok(Import { module, name, alias, position, enclosing, exported: head & 1 == 1 })
    })
}
