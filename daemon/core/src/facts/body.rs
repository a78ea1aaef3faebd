//! What the bodies of packed facts are made of: positions, texts and lists, in an LZ4 block behind its length.

use super::{Position, UnpackError};
use crate::varint::{Malformed, Reader, put_signed};

/// Most bytes of a body before it is compressed; far more than the largest file that is parsed can have.
const BODY_BYTES_MAX: usize = 1 << 28;

/// Packs a body.
pub(super) fn pack(fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut body = Vec::new();
    fill(&mut body);
    lz4_flex::block::compress_prepend_size(&body)
}

/// Unpacks a body; its length is checked before anything is allocated for it.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    let (length, block) = lz4_flex::block::uncompressed_size(bytes).map_err(|_| Malformed)?;
    if length > BODY_BYTES_MAX {
        return Err(Malformed);
    }
    lz4_flex::block::decompress(block, length).map_err(|_| Malformed)
}

/// Lines between, twice, plus one if the columns differ; the column, from the last one if the line is the same; the difference of
/// the columns if they differ.
pub(super) fn put_position(out: &mut Vec<u8>, place: &mut Position, position: Position) {
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

/// Reads what [`put_position`] wrote.
pub(super) fn read_position(reader: &mut Reader<'_>, place: &mut Position) -> Result<Position, UnpackError> {
    let head = reader.i64()?;
    let lines = head >> 1;
    let line = shifted(place.line, lines)?;
    let column = shifted(if lines == 0 { place.column } else { 0 }, reader.i64()?)?;
    let difference = if head & 1 == 0 { 0 } else { reader.i64()?.checked_neg().ok_or(Malformed)? };
    *place = Position { line, column, column_utf16: shifted(column, difference)? };
    Ok(*place)
}

/// A number and its distance.
pub(super) fn shifted(from: u32, by: i64) -> Result<u32, Malformed> {
    i64::from(from).checked_add(by).and_then(|sum| u32::try_from(sum).ok()).ok_or(Malformed)
}

/// A text behind its length.
pub(super) fn text(reader: &mut Reader<'_>) -> Result<String, UnpackError> {
    str::from_utf8(reader.bytes_with_length()?).map(str::to_owned).map_err(|_| UnpackError::NotText)
}

/// A list behind its length; no item is shorter than `item_bytes_min`.
pub(super) fn read_items<'a, T>(
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
    use super::*;

    #[test]
    fn a_length_that_lies_is_refused_before_anything_is_allocated() {
        let mut lie = pack(|body| body.extend_from_slice(b"body"));
        lie[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(unpack(&lie), Err(Malformed));
        assert_eq!(unpack(b"\x01"), Err(Malformed));
    }
}
