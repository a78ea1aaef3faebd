//! The packed form of [`Occurrences`]. A reference's enclosing definition is written only where it is another than that of the
//! reference before; receivers and types are numbers of a list of texts, so that what repeats stands once. How many arguments a call
//! gives fits beside its role.

use super::body::{self, put_position, read_items, read_position, shifted, text};
use super::{ARGUMENTS_MAX, Binding, Occurrences, Position, Reference, UnpackError};
use crate::kinds::{BindingKind, Role};
use crate::varint::{Malformed, Reader, put, put_bytes, put_signed};

/// Beside the role of a reference, which takes the lower three bits.
const REFERENCE_ENCLOSING_CHANGES: u8 = 0x80;
const REFERENCE_HAS_RECEIVER: u8 = 0x40;
const REFERENCE_ROLE: u8 = 0x07;
/// One more than a call has arguments, in the bits between.
const REFERENCE_ARGUMENTS: u8 = 0x07;
const REFERENCE_ARGUMENTS_SHIFT: u32 = 3;

/// Beside the kind of a binding, which takes the lower two bits.
const BINDING_HAS_TYPE: u64 = 4;
const BINDING_KIND: u64 = 3;
const BINDING_SHIFT: u32 = 3;

/// Packs occurrences.
pub(super) fn pack(occurrences: &Occurrences) -> Vec<u8> {
    body::pack(|out| put_occurrences(out, occurrences))
}

fn put_occurrences(out: &mut Vec<u8>, occurrences: &Occurrences) {
    put(out, occurrences.texts.len() as u64);
    occurrences.texts.iter().for_each(|text| put_bytes(out, text.as_bytes()));
    put(out, occurrences.references.len() as u64);
    let (mut place, mut enclosing) = (Position::default(), None);
    for reference in &occurrences.references {
        let changes = if reference.enclosing == enclosing { 0 } else { REFERENCE_ENCLOSING_CHANGES };
        let receiver = if reference.receiver.is_none() { 0 } else { REFERENCE_HAS_RECEIVER };
        let arguments =
            reference.arguments.map_or(0, |count| count.min(ARGUMENTS_MAX) + 1) << REFERENCE_ARGUMENTS_SHIFT;
        out.push(reference.role.number() | arguments | changes | receiver);
        put(out, reference.name.into());
        put_position(out, &mut place, reference.position);
        if reference.enclosing != enclosing {
            enclosing = reference.enclosing;
            put(out, enclosing.map_or(0, |definition| u64::from(definition) + 1));
        }
        if let Some(receiver) = reference.receiver {
            put(out, receiver.into());
        }
    }
    put_bindings(out, &occurrences.bindings);
}

fn put_bindings(out: &mut Vec<u8>, bindings: &[Binding]) {
    put(out, bindings.len() as u64);
    let mut last = 0;
    for binding in bindings {
        let has_type = if binding.type_text.is_some() { BINDING_HAS_TYPE } else { 0 };
        let at = (i64::from(binding.at) - i64::from(last)).cast_unsigned();
        put(out, at << BINDING_SHIFT | has_type | u64::from(binding.kind.number()));
        put_signed(out, i64::from(binding.from) - i64::from(binding.at));
        put(out, u64::from(binding.to.saturating_sub(binding.from)));
        if let Some(text) = binding.type_text {
            put(out, text.into());
        }
        last = binding.at;
    }
}

/// Unpacks occurrences.
///
/// # Errors
/// [`UnpackError`] if the bytes are no such thing. Whether their numbers refer to what is there was checked when they were taken in.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Occurrences, UnpackError> {
    let body = body::unpack(bytes)?;
    let mut reader = Reader::new(&body);
    let texts = read_items(&mut reader, 1, text)?;
    let (mut place, mut enclosing) = (Position::default(), None);
    let references = read_items(&mut reader, 4, |reader| {
        let head = reader.byte()?;
        let role = Role::from_number(head & REFERENCE_ROLE).ok_or(UnpackError::Kind(head & REFERENCE_ROLE))?;
        let name = reader.u32()?;
        let position = read_position(reader, &mut place)?;
        if head & REFERENCE_ENCLOSING_CHANGES != 0 {
            enclosing = reader.u32()?.checked_sub(1);
        }
        let receiver = if head & REFERENCE_HAS_RECEIVER != 0 { Some(reader.u32()?) } else { None };
        let arguments = (head >> REFERENCE_ARGUMENTS_SHIFT & REFERENCE_ARGUMENTS).checked_sub(1);
        Ok(Reference { name, role, position, enclosing, receiver, arguments })
    })?;
    let bindings = read_bindings(&mut reader)?;
    if reader.is_empty() { Ok(Occurrences { texts, references, bindings }) } else { Err(Malformed.into()) }
}

fn read_bindings(reader: &mut Reader<'_>) -> Result<Vec<Binding>, UnpackError> {
    let mut last = 0;
    read_items(reader, 3, |reader| {
        let head = reader.u64()?;
        let number = (head & BINDING_KIND) as u8;
        let kind = BindingKind::from_number(number).ok_or(UnpackError::Kind(number))?;
        let at = shifted(last, i64::try_from(head >> BINDING_SHIFT).map_err(|_| Malformed)?)?;
        let from = shifted(at, reader.i64()?)?;
        let to = from.checked_add(reader.u32()?).ok_or(Malformed)?;
        let type_text = if head & BINDING_HAS_TYPE != 0 { Some(reader.u32()?) } else { None };
        last = at;
        Ok(Binding { kind, at, from, to, type_text })
    })
}
