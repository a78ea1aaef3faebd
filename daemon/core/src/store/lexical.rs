//! Lexical segments: for each trigram the files of the segment that hold it, and a dictionary of terms.
//!
//! The posting lists are cut into blocks of about [`BLOCK_BYTES`], each entry the gap to the trigram before, the length of the list
//! and the list. As with names, one row a block keeps SQLite's cost per row away from the hundred thousands of lists of a segment.

use rusqlite::{Connection, params};

use crate::terms::FileTerms;
use crate::text::posting;
use crate::varint::{Malformed, Reader, put, put_bytes};

use super::dictionary::{self, Block, Gatherer, Holder};
use super::error::damaged;
use super::file::FileId;
use super::segment::{Local, SegmentId};

/// Bytes from which on a block takes no further list: four blocks fit on a page of the database.
const BLOCK_BYTES: usize = 900;

/// Trigrams have three bytes.
const TRIGRAM_BITS: u32 = 24;

/// A lexical segment as it is built in memory, away from the writer, so that the writer only inserts.
#[derive(Debug, Default)]
pub struct LexicalSegment {
    pub(super) files: Vec<FileId>,
    blocks: Vec<PostingBlock>,
    terms: Vec<Block>,
}

/// What the lexical tier finds in a file.
#[derive(Debug, Default)]
pub struct LexicalFacts {
    /// Its distinct trigrams, in any order.
    pub trigrams: Box<[u32]>,
    /// Its terms.
    pub terms: FileTerms,
}

impl LexicalSegment {
    /// Turns what was found in files, which come by rising file id, into postings.
    pub fn build(files: &[(FileId, LexicalFacts)]) -> LexicalSegment {
        debug_assert!(files.is_sorted_by_key(|(id, _)| *id), "files must come by id");
        let pairs = sorted_pairs(files);
        let mut blocks = PostingWriter::default();
        let mut packed = Vec::new();
        for list in pairs.chunk_by(|a, b| a.0 == b.0) {
            packed.clear();
            let mut writer = posting::Writer::default();
            for (_, local) in list {
                writer.push(&mut packed, *local);
            }
            blocks.push(list[0].0, &packed);
        }
        LexicalSegment {
            files: files.iter().map(|(id, _)| *id).collect(),
            blocks: blocks.finish(),
            terms: terms_of(files),
        }
    }

    /// Inserts the postings under a segment number.
    pub(super) fn write(&self, connection: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
        self.blocks.iter().try_for_each(|block| put_block(connection, segment, block))?;
        let mut terms = self.terms.iter().zip(0..);
        terms.try_for_each(|(block, number)| dictionary::put_block(connection, segment, number, block))
    }
}

/// Posting lists of neighbouring trigrams, packed.
#[derive(Debug)]
pub(super) struct PostingBlock {
    first: u32,
    entries: Vec<u8>,
}

impl PostingBlock {
    /// Bytes of the block.
    pub(super) fn bytes(&self) -> usize {
        self.entries.len()
    }
}

/// Packs posting lists, which come by rising trigram, into blocks.
#[derive(Debug, Default)]
pub(super) struct PostingWriter {
    blocks: Vec<PostingBlock>,
    last: u32,
}

impl PostingWriter {
    /// Adds the packed list of a trigram.
    pub(super) fn push(&mut self, trigram: u32, posting: &[u8]) {
        let has_room = |block: &PostingBlock| block.entries.len() + posting.len() <= BLOCK_BYTES;
        if !self.blocks.last().is_some_and(has_room) {
            self.blocks.push(PostingBlock { first: trigram, entries: Vec::new() });
            self.last = trigram;
        }
        if let Some(block) = self.blocks.last_mut() {
            put(&mut block.entries, u64::from(trigram - self.last));
            put_bytes(&mut block.entries, posting);
        }
        self.last = trigram;
    }

    /// Takes the blocks that are full.
    pub(super) fn take_full(&mut self) -> Vec<PostingBlock> {
        let open = self.blocks.pop();
        std::mem::replace(&mut self.blocks, open.into_iter().collect())
    }

    /// Takes all that is left.
    pub(super) fn finish(self) -> Vec<PostingBlock> {
        self.blocks
    }
}

/// Walks the lists of a packed block, which begins with a trigram, until `visit` returns `false`.
fn each_posting<'a>(
    first: u32,
    entries: &'a [u8],
    mut visit: impl FnMut(u32, &'a [u8]) -> bool,
) -> Result<(), Malformed> {
    let mut reader = Reader::new(entries);
    let mut trigram = u64::from(first);
    while !reader.is_empty() {
        trigram = trigram.saturating_add(reader.u64()?);
        let posting = reader.bytes_with_length()?;
        if !visit(u32::try_from(trigram).map_err(|_| Malformed)?, posting) {
            break;
        }
    }
    Ok(())
}

/// The row of the block of a segment that begins with a trigram. Segments, and trigrams in them, rise, so that the table is appended
/// to and never searched when a segment is written.
fn row_id(segment: SegmentId, trigram: u32) -> i64 {
    (i64::from(segment) << TRIGRAM_BITS) + i64::from(trigram)
}

/// The first trigram of the block in a row.
fn first_trigram(row: i64) -> u32 {
    (row & ((1 << TRIGRAM_BITS) - 1)) as u32
}

/// Inserts a block.
pub(super) fn put_block(connection: &Connection, segment: SegmentId, block: &PostingBlock) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("INSERT INTO posting_block VALUES (?1, ?2)")?;
    statement.execute(params![row_id(segment, block.first), block.entries])?;
    Ok(())
}

/// The dictionary of terms.
fn terms_of(files: &[(FileId, LexicalFacts)]) -> Vec<Block> {
    let mut gatherer = Gatherer::new();
    for ((_, facts), local) in files.iter().zip(0..) {
        facts.terms.each(|term, weight| {
            gatherer.add(term, Holder { local, bits: weight.bits() });
        });
    }
    gatherer.finish().0
}

/// (trigram, local) by trigram, then local: a radix sort in two passes of twelve bits. The pairs come by rising local and each
/// pass is stable, so only the trigram's 24 bits need sorting; a comparison sort of the same takes several times as long.
fn sorted_pairs(files: &[(FileId, LexicalFacts)]) -> Vec<(u32, Local)> {
    let count = files.iter().map(|(_, facts)| facts.trigrams.len()).sum();
    let mut pairs: Vec<(u32, Local)> = Vec::with_capacity(count);
    for ((_, facts), local) in files.iter().zip(0..) {
        pairs.extend(facts.trigrams.iter().map(|trigram| (*trigram, local)));
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
    let mut statement = connection
        .prepare_cached("SELECT id, entries FROM posting_block WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1")?;
    let mut rows = statement.query(params![row_id(segment, 0), row_id(segment, trigram)])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut found = None;
    each_posting(first_trigram(row.get(0)?), row.get_ref(1)?.as_blob()?, |here, posting| {
        if here == trigram {
            found = Some(posting.to_vec());
        }
        here < trigram
    })
    .map_err(|_| damaged("posting lists of a segment"))?;
    Ok(found)
}

/// Calls `visit` with every list of the first block of a segment that begins with a trigram or a later one; returns its first
/// trigram.
pub(super) fn block_from(
    connection: &Connection,
    segment: SegmentId,
    trigram: u32,
    mut visit: impl FnMut(u32, &[u8]),
) -> rusqlite::Result<Option<u32>> {
    let mut statement = connection
        .prepare_cached("SELECT id, entries FROM posting_block WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 1")?;
    let mut rows = statement.query(params![row_id(segment, trigram), row_id(segment, 1 << TRIGRAM_BITS)])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let first = first_trigram(row.get(0)?);
    each_posting(first, row.get_ref(1)?.as_blob()?, |trigram, posting| {
        visit(trigram, posting);
        true
    })
    .map_err(|_| damaged("posting lists of a segment"))?;
    Ok(Some(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postings_come_by_trigram_and_file() {
        let facts = |trigrams: &[u32]| LexicalFacts { trigrams: trigrams.into(), ..LexicalFacts::default() };
        let files = [(7, facts(&[3, 0x00ff_ffff])), (9, facts(&[1, 3])), (12, facts(&[0x0012_3456, 1]))];
        let expected = [(1, 1), (1, 2), (3, 0), (3, 1), (0x0012_3456, 2), (0x00ff_ffff, 0)];
        assert_eq!(sorted_pairs(&files), expected);
        let segment = LexicalSegment::build(&files);
        assert_eq!(segment.files, [7, 9, 12]);
        let mut trigrams = Vec::new();
        for block in &segment.blocks {
            let walked = each_posting(block.first, &block.entries, |trigram, posting| {
                trigrams.push((trigram, posting::decode_all(posting).expect("it was packed")));
                true
            });
            assert_eq!(walked, Ok(()));
        }
        let lists = [(1, vec![1, 2]), (3, vec![0, 1]), (0x0012_3456, vec![2]), (0x00ff_ffff, vec![0])];
        assert_eq!(trigrams, lists);
    }

    #[test]
    fn long_lists_have_a_block_of_their_own() {
        let mut writer = PostingWriter::default();
        let sizes = [500, 300, 200, 3 * BLOCK_BYTES, 1];
        for (size, trigram) in sizes.iter().zip(0..) {
            writer.push(trigram, &vec![0; *size]);
        }
        let taken = writer.take_full();
        let firsts: Vec<u32> = taken.iter().chain(&writer.finish()).map(|block| block.first).collect();
        assert_eq!(firsts, [0, 2, 3, 4]);
    }

    #[test]
    fn damaged_blocks_are_errors() {
        assert_eq!(each_posting(0, &[1, 9, 0], |_, _| true), Err(Malformed));
        assert_eq!(each_posting(u32::MAX, &[1, 0], |_, _| true), Err(Malformed));
    }
}
