//! The facts of one file as a structure segment stores them: names are numbers of the segment's dictionary, everything else
//! stands by itself, so that a file's facts can be read without any other file's.
//!
//! Two blobs a file, because looking up a definition must not read what is many times longer:
//! - definitions: count, then for each: name, kind, flags, line (gap), column, UTF-16 difference, lines from start to name and
//!   from name to end, distance to the container (0 = none), signature, doc;
//! - occurrences: the receivers' texts, the references, the imports.

use crate::facts::{Definition, Facts, Import, Position, Reference};
use crate::kinds::{Role, SymbolKind};
use crate::varint::{Malformed, Reader, put, put_bytes};

/// Number of a name in a segment's dictionary: its rank among the segment's names.
pub(crate) type NameRank = u32;

/// A definition as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDefinition {
    /// Number of its name in the segment's dictionary.
    pub name: NameRank,
    /// What it is.
    pub kind: SymbolKind,
    /// A prototype or forward declaration.
    pub declaration: bool,
    /// Where the name stands.
    pub position: Position,
    /// First line of the whole definition.
    pub start_line: u32,
    /// Last line of the whole definition.
    pub end_line: u32,
    /// Index of the definition around it.
    pub container: Option<u32>,
    /// Its declaration in one line.
    pub signature: String,
    /// First line of its documentation.
    pub doc: String,
}

/// A reference as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReference {
    /// Number of the name in the segment's dictionary.
    pub name: NameRank,
    /// What is done with it.
    pub role: Role,
    /// Where it stands.
    pub position: Position,
    /// Index of the definition around it.
    pub enclosing: Option<u32>,
    /// What stands before the dot.
    pub receiver: String,
}

/// An import as stored: its names are its own text, because it is looked up by file.
pub type StoredImport = Import;

/// References and imports of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OccurrenceRow {
    /// In order of position.
    pub references: Vec<StoredReference>,
    /// In order of position.
    pub imports: Vec<StoredImport>,
}

/// All facts of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredFacts {
    /// In order of position.
    pub definitions: Vec<StoredDefinition>,
    /// References and imports.
    pub occurrences: OccurrenceRow,
}

impl StoredFacts {
    /// Facts whose names are given their numbers in a dictionary.
    pub(super) fn new(facts: Facts, rank: impl Fn(u32) -> NameRank) -> StoredFacts {
        let definition = |d: Definition| StoredDefinition {
            name: rank(d.name),
            kind: d.kind,
            declaration: d.declaration,
            position: d.position,
            start_line: d.start_line,
            end_line: d.end_line,
            container: d.container,
            signature: d.signature,
            doc: d.doc,
        };
        let reference = |r: Reference| StoredReference {
            name: rank(r.name),
            role: r.role,
            position: r.position,
            enclosing: r.enclosing,
            receiver: r.receiver,
        };
        StoredFacts {
            definitions: facts.definitions.into_iter().map(definition).collect(),
            occurrences: OccurrenceRow {
                references: facts.references.into_iter().map(reference).collect(),
                imports: facts.imports,
            },
        }
    }

    /// Gives every name another number: a merge moves facts into another dictionary.
    pub(super) fn renumber(&mut self, rank: impl Fn(NameRank) -> NameRank) {
        self.definitions.iter_mut().for_each(|d| d.name = rank(d.name));
        self.occurrences.references.iter_mut().for_each(|r| r.name = rank(r.name));
    }
}

/// Positions rise as a rule, but not always (a definition's name may stand before its decorator's reference): gaps are signed.
fn put_position(out: &mut Vec<u8>, position: Position, last_line: &mut u32) {
    crate::varint::put_signed(out, i64::from(position.line) - i64::from(*last_line));
    *last_line = position.line;
    let narrow = position.column.saturating_sub(position.column_utf16);
    put(out, u64::from(position.column) << 1 | u64::from(narrow > 0));
    if narrow > 0 {
        put(out, narrow.into());
    }
}

fn read_position(reader: &mut Reader<'_>, last_line: &mut u32) -> Result<Position, Malformed> {
    let line = i64::from(*last_line).checked_add(reader.i64()?).ok_or(Malformed)?;
    let line = u32::try_from(line).map_err(|_| Malformed)?;
    *last_line = line;
    let head = reader.u64()?;
    let column = u32::try_from(head >> 1).map_err(|_| Malformed)?;
    let narrow = if head & 1 == 1 { reader.u32()? } else { 0 };
    Ok(Position { line, column, column_utf16: column.checked_sub(narrow).ok_or(Malformed)? })
}

/// An optional index as a number: how far it lies before `here`, 0 = none.
fn put_index_before(out: &mut Vec<u8>, index: Option<u32>, here: u32) {
    put(out, index.map_or(0, |index| u64::from(here.saturating_sub(index))));
}

fn read_index_before(reader: &mut Reader<'_>, here: u32) -> Result<Option<u32>, Malformed> {
    match reader.u32()? {
        0 => Ok(None),
        distance => here.checked_sub(distance).map(Some).ok_or(Malformed),
    }
}

fn read_text(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    String::from_utf8(reader.bytes_with_length()?.to_vec()).map_err(|_| Malformed)
}

/// Packs definitions.
pub(super) fn pack_definitions(definitions: &[StoredDefinition]) -> Vec<u8> {
    let mut out = Vec::with_capacity(definitions.len() * 48);
    let mut last_line = 0;
    put(&mut out, definitions.len() as u64);
    for (definition, here) in definitions.iter().zip(0u32..) {
        put(&mut out, definition.name.into());
        put(&mut out, u64::from(definition.kind.number()) << 1 | u64::from(definition.declaration));
        put_position(&mut out, definition.position, &mut last_line);
        put(&mut out, definition.position.line.saturating_sub(definition.start_line).into());
        put(&mut out, definition.end_line.saturating_sub(definition.position.line).into());
        put_index_before(&mut out, definition.container, here);
        put_bytes(&mut out, definition.signature.as_bytes());
        put_bytes(&mut out, definition.doc.as_bytes());
    }
    out
}

/// Unpacks definitions.
pub(super) fn unpack_definitions(bytes: &[u8]) -> Result<Vec<StoredDefinition>, Malformed> {
    let mut reader = Reader::new(bytes);
    let mut last_line = 0;
    let count = reader.count(9)?;
    let mut definitions = Vec::with_capacity(count);
    for here in 0..count {
        let here = u32::try_from(here).map_err(|_| Malformed)?;
        let name = reader.u32()?;
        let head = reader.u64()?;
        let kind = u8::try_from(head >> 1).ok().and_then(SymbolKind::from_number).ok_or(Malformed)?;
        let position = read_position(&mut reader, &mut last_line)?;
        definitions.push(StoredDefinition {
            name,
            kind,
            declaration: head & 1 == 1,
            position,
            start_line: position.line.checked_sub(reader.u32()?).ok_or(Malformed)?,
            end_line: position.line.checked_add(reader.u32()?).ok_or(Malformed)?,
            container: read_index_before(&mut reader, here)?,
            signature: read_text(&mut reader)?,
            doc: read_text(&mut reader)?,
        });
    }
    Ok(definitions)
}

/// Packs references and imports. Receivers repeat (`self`), so their texts stand once and references name them by number; a
/// reference's enclosing definition is written only where it is another than that of the reference before.
pub(super) fn pack_occurrences(row: &OccurrenceRow) -> Vec<u8> {
    let mut numbers = std::collections::HashMap::new();
    let mut receivers: Vec<&str> = Vec::new();
    for reference in &row.references {
        if !reference.receiver.is_empty() {
            numbers.entry(reference.receiver.as_str()).or_insert_with(|| {
                receivers.push(&reference.receiver);
                receivers.len() as u64
            });
        }
    }
    let mut out = Vec::with_capacity(row.references.len() * 6 + 16);
    put(&mut out, receivers.len() as u64);
    receivers.iter().for_each(|text| put_bytes(&mut out, text.as_bytes()));
    put(&mut out, row.references.len() as u64);
    let (mut last_line, mut last_enclosing) = (0, None);
    for reference in &row.references {
        let receiver = numbers.get(reference.receiver.as_str()).copied();
        let moved = reference.enclosing != last_enclosing;
        let head = u64::from(reference.role.number()) << 2 | u64::from(receiver.is_some()) << 1 | u64::from(moved);
        put(&mut out, head);
        put(&mut out, reference.name.into());
        put_position(&mut out, reference.position, &mut last_line);
        if let Some(number) = receiver {
            put(&mut out, number - 1);
        }
        if moved {
            put(&mut out, reference.enclosing.map_or(0, |index| u64::from(index) + 1));
            last_enclosing = reference.enclosing;
        }
    }
    put(&mut out, row.imports.len() as u64);
    for import in &row.imports {
        put_bytes(&mut out, import.module.as_bytes());
        put_bytes(&mut out, import.name.as_bytes());
        put_bytes(&mut out, import.alias.as_bytes());
        put_position(&mut out, import.position, &mut last_line);
    }
    out
}

/// Unpacks references and imports.
pub(super) fn unpack_occurrences(bytes: &[u8]) -> Result<OccurrenceRow, Malformed> {
    let mut reader = Reader::new(bytes);
    let count = reader.count(1)?;
    let receivers = (0..count).map(|_| read_text(&mut reader)).collect::<Result<Vec<String>, _>>()?;
    let count = reader.count(4)?;
    let mut references = Vec::with_capacity(count);
    let (mut last_line, mut enclosing) = (0, None);
    for _ in 0..count {
        let head = reader.u64()?;
        let role = u8::try_from(head >> 2).ok().and_then(Role::from_number).ok_or(Malformed)?;
        let name = reader.u32()?;
        let position = read_position(&mut reader, &mut last_line)?;
        let receiver =
            if head & 2 == 0 { String::new() } else { receivers.get(reader.u32()? as usize).ok_or(Malformed)?.clone() };
        if head & 1 == 1 {
            enclosing = reader.u32()?.checked_sub(1);
        }
        references.push(StoredReference { name, role, position, enclosing, receiver });
    }
    let count = reader.count(5)?;
    let mut imports = Vec::with_capacity(count);
    for _ in 0..count {
        imports.push(Import {
            module: read_text(&mut reader)?,
            name: read_text(&mut reader)?,
            alias: read_text(&mut reader)?,
            position: read_position(&mut reader, &mut last_line)?,
        });
    }
    Ok(OccurrenceRow { references, imports })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(line: u32, column: u32, narrow: u32) -> Position {
        Position { line, column, column_utf16: column - narrow }
    }

    fn example() -> StoredFacts {
        let definition = |name, line, container| StoredDefinition {
            name,
            kind: SymbolKind::Function,
            declaration: name == 9,
            position: position(line, 5, name % 2),
            start_line: line - 1,
            end_line: line + 7,
            container,
            signature: "fn f()".into(),
            doc: "What it does.".into(),
        };
        let reference = |name, line, enclosing, receiver: &str| StoredReference {
            name,
            role: Role::Call,
            position: position(line, 70_000, 3),
            enclosing,
            receiver: receiver.into(),
        };
        StoredFacts {
            definitions: vec![definition(70_000, 3, None), definition(9, 40, Some(0))],
            occurrences: OccurrenceRow {
                references: vec![
                    reference(1, 4, Some(0), "self"),
                    reference(2, 3, Some(0), ""),
                    reference(3, 90, Some(1), "self"),
                    reference(4, 91, None, "a.b"),
                ],
                imports: vec![Import {
                    module: "os.path".into(),
                    name: "join".into(),
                    alias: "j".into(),
                    position: position(1, 8, 0),
                }],
            },
        }
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        let facts = example();
        assert_eq!(unpack_definitions(&pack_definitions(&facts.definitions)).as_ref(), Ok(&facts.definitions));
        assert_eq!(unpack_occurrences(&pack_occurrences(&facts.occurrences)).as_ref(), Ok(&facts.occurrences));
    }

    #[test]
    fn every_prefix_is_refused() {
        let facts = example();
        let (definitions, occurrences) = (pack_definitions(&facts.definitions), pack_occurrences(&facts.occurrences));
        (0..definitions.len()).for_each(|end| assert!(unpack_definitions(&definitions[..end]).is_err(), "{end}"));
        (0..occurrences.len()).for_each(|end| assert!(unpack_occurrences(&occurrences[..end]).is_err(), "{end}"));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            let _either = (unpack_definitions(&bytes).is_ok(), unpack_occurrences(&bytes).is_ok());
        }
    }
}
