//! Columns in UTF-16 units, filled in after the walk: most files are ASCII, where they equal the byte columns.

use memchr::memchr_iter;

use crate::facts::{Facts, Position};

/// Sets `column_utf16` of every position from its line and byte column.
pub(super) fn fill_utf16(facts: &mut Facts, source: &[u8]) {
    if source.is_ascii() {
        return;
    }
    let mut line_starts = vec![0];
    line_starts.extend(memchr_iter(b'\n', source).map(|newline| newline + 1));
    let columns = Columns { source, line_starts };
    columns.fill(facts.declarations.definitions.iter_mut().map(|definition| &mut definition.position).collect());
    columns.fill(facts.occurrences.references.iter_mut().map(|reference| &mut reference.position).collect());
    columns.fill(facts.declarations.imports.iter_mut().map(|import| &mut import.position).collect());
}

struct Columns<'s> {
    source: &'s [u8],
    line_starts: Vec<usize>,
}

impl Columns<'_> {
    /// In order of position, so that a long line is counted once and not once for each name in it.
    fn fill(&self, mut positions: Vec<&mut Position>) {
        positions.sort_by_key(|position| (position.line, position.column));
        let (mut line, mut byte, mut units) = (0, 0, 0);
        for position in positions {
            let Some(&line_start) = self.line_starts.get(position.line as usize - 1) else { continue };
            if position.line != line {
                (line, byte, units) = (position.line, line_start, 0);
            }
            let end = (line_start + position.column as usize - 1).min(self.source.len());
            units += utf16_units(self.source.get(byte..end).unwrap_or_default());
            byte = end;
            position.column_utf16 = units + 1;
        }
    }
}

/// An invalid sequence counts as the one replacement character an editor shows.
fn utf16_units(bytes: &[u8]) -> u32 {
    if bytes.is_ascii() {
        return bytes.len() as u32;
    }
    let chunk_units = |chunk: std::str::Utf8Chunk<'_>| {
        chunk.valid().encode_utf16().count() + usize::from(!chunk.invalid().is_empty())
    };
    bytes.utf8_chunks().map(chunk_units).sum::<usize>() as u32
}
