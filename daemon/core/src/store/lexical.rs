//! Lexical segments: for each trigram the files of the segment that hold it.

use rusqlite::{Connection, params};

use crate::text::posting;

use super::file::FileId;
use super::segment::{Local, SegmentId};

/// A lexical segment as it is built in memory, away from the writer, so that the writer only inserts.
#[derive(Debug, Default)]
pub struct LexicalSegment {
    pub(super) files: Vec<FileId>,
    postings: Vec<(u32, u32)>,
    arena: Vec<u8>,
}

impl LexicalSegment {
    /// Turns the trigrams of files, which come by rising file id, into postings.
    pub fn build(files: &[(FileId, Box<[u32]>)]) -> LexicalSegment {
        debug_assert!(files.is_sorted_by_key(|(id, _)| *id), "files must come by id");
        let mut segment = LexicalSegment { files: files.iter().map(|(id, _)| *id).collect(), ..Default::default() };
        let pairs = sorted_pairs(files);
        for list in pairs.chunk_by(|a, b| a.0 == b.0) {
            let mut writer = posting::Writer::default();
            for (_, local) in list {
                writer.push(&mut segment.arena, *local);
            }
            segment.postings.push((list[0].0, u32::try_from(segment.arena.len()).unwrap_or(u32::MAX)));
        }
        segment
    }

    /// Inserts the postings under a segment number. Trigrams rise, so the table is appended to and never searched.
    pub(super) fn write(&self, connection: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached("INSERT INTO trigram VALUES (?1, ?2, ?3)")?;
        let mut start = 0;
        for (trigram, end) in &self.postings {
            statement.execute(params![segment, trigram, &self.arena[start..*end as usize]])?;
            start = *end as usize;
        }
        Ok(())
    }
}

/// (trigram, local) by trigram, then local: a radix sort in two passes of twelve bits. The pairs come by rising local and each
/// pass is stable, so only the trigram's 24 bits need sorting; a comparison sort of the same takes several times as long.
fn sorted_pairs(files: &[(FileId, Box<[u32]>)]) -> Vec<(u32, Local)> {
    let count = files.iter().map(|(_, trigrams)| trigrams.len()).sum();
    let mut pairs: Vec<(u32, Local)> = Vec::with_capacity(count);
    for ((_, trigrams), local) in files.iter().zip(0..) {
        pairs.extend(trigrams.iter().map(|trigram| (*trigram, local)));
    }
    let mut sorted = vec![(0, 0); count];
    radix_pass(&pairs, &mut sorted, 0);
    radix_pass(&sorted, &mut pairs, RADIX_BITS);
    pairs
}

const RADIX_BITS: u32 = 12;

fn radix_pass(from: &[(u32, Local)], to: &mut [(u32, Local)], shift: u32) {
    let bucket = |trigram: u32| (trigram >> shift) as usize & ((1 << RADIX_BITS) - 1);
    let mut next = vec![0usize; 1 << RADIX_BITS];
    for (trigram, _) in from {
        next[bucket(*trigram)] += 1;
    }
    let mut start = 0;
    for slot in &mut next {
        start += std::mem::replace(slot, start);
    }
    for pair in from {
        let slot = &mut next[bucket(pair.0)];
        to[*slot] = *pair;
        *slot += 1;
    }
}

/// The posting of a trigram in a segment, packed; `None` if no file has it.
pub(super) fn posting(connection: &Connection, segment: SegmentId, trigram: u32) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT posting FROM trigram WHERE segment = ?1 AND trigram = ?2")?;
    let mut rows = statement.query(params![segment, trigram])?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postings_come_by_trigram_and_file() {
        let files = [(7, vec![3, 0x00ff_ffff].into()), (9, vec![1, 3].into()), (12, vec![0x0012_3456, 1].into())];
        let expected = [(1, 1), (1, 2), (3, 0), (3, 1), (0x0012_3456, 2), (0x00ff_ffff, 0)];
        assert_eq!(sorted_pairs(&files), expected);
        let segment = LexicalSegment::build(&files);
        assert_eq!(segment.files, [7, 9, 12]);
        assert_eq!(
            segment.postings.iter().map(|(trigram, _)| *trigram).collect::<Vec<_>>(),
            [1, 3, 0x0012_3456, 0x00ff_ffff]
        );
    }
}
