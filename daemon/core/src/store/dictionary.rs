//! Sorted dictionaries: words, each with the files of a segment that hold it and four bits that say how. Structure segments have one of
//! names, lexical ones one of terms.
//!
//! A dictionary is cut into blocks of [`BLOCK_WORDS`] words, front-coded: each entry is the length of the prefix shared with the word
//! before, the rest of the word, and its posting. One row a block keeps SQLite's cost per row away from the words, and a word's number
//! is `block * BLOCK_WORDS + index`.

use std::collections::HashMap;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use crate::hash::Seeded;
use crate::varint::{Malformed, Reader, put, put_bytes};

use super::error::damaged;
use super::segment::{Local, SegmentId};

/// Words in a block of a dictionary.
pub(super) const BLOCK_WORDS: usize = 64;
/// Bits that say how a file holds a word.
const BITS: u32 = 4;

/// A word's number in a dictionary.
pub(crate) type Rank = u32;

/// A file that holds a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    /// The file.
    pub(super) local: Local,
    /// How: what the four bits mean depends on the tier.
    pub(super) bits: u8,
}

/// A block of a dictionary, packed.
#[derive(Debug)]
pub(super) struct Block {
    first: Vec<u8>,
    entries: Vec<u8>,
}

impl Block {
    /// Bytes of the block.
    pub(super) fn bytes(&self) -> usize {
        self.first.len() + self.entries.len()
    }
}

/// Gathers the words of files, which come by rising number, each with what it does with them.
pub(super) struct Gatherer<'a> {
    numbers: HashMap<&'a [u8], u32, Seeded>,
    /// By their numbers, and how many files hold each.
    words: Vec<(&'a [u8], u32)>,
    /// In the order in which they were added, with the number of the word.
    holders: Vec<(u32, Holder)>,
}

impl<'a> Gatherer<'a> {
    pub(super) fn new() -> Gatherer<'a> {
        Gatherer { numbers: HashMap::with_hasher(Seeded::new()), words: Vec::new(), holders: Vec::new() }
    }

    /// Adds a file that holds a word; returns the word's number in order of first use.
    pub(super) fn add(&mut self, word: &'a [u8], holder: Holder) -> u32 {
        let number = *self.numbers.entry(word).or_insert_with(|| {
            self.words.push((word, 0));
            self.words.len() as u32 - 1
        });
        self.words[number as usize].1 += 1;
        self.holders.push((number, holder));
        number
    }

    /// The dictionary, and for each number the word's number in it.
    pub(super) fn finish(self) -> (Vec<Block>, Vec<Rank>) {
        let Gatherer { words, holders, .. } = self;
        let mut order: Vec<(u64, u32)> = words.iter().map(|(word, _)| first_eight(word)).zip(0..).collect();
        let word = |number: u32| words[number as usize].0;
        order.sort_unstable_by(|(a, a_number), (b, b_number)| {
            a.cmp(b).then_with(|| word(*a_number).cmp(word(*b_number)))
        });
        // A counting sort by word: of each word the files stay in their order.
        let mut next: Vec<u32> = vec![0; words.len()];
        let mut start = 0;
        for (_, number) in &order {
            next[*number as usize] = start;
            start += words[*number as usize].1;
        }
        let mut sorted = vec![Holder { local: 0, bits: 0 }; holders.len()];
        for (number, holder) in holders {
            let slot = &mut next[number as usize];
            sorted[*slot as usize] = holder;
            *slot += 1;
        }
        let mut blocks = BlockWriter::default();
        let mut ranks = vec![0; words.len()];
        let mut rest = sorted.as_slice();
        for (_, number) in order {
            let (word, count) = words[number as usize];
            let (holders, behind) = rest.split_at(count as usize);
            ranks[number as usize] = blocks.push(word, holders);
            rest = behind;
        }
        (blocks.finish(), ranks)
    }
}

/// The first bytes of a word as a number: of two words the later one has no smaller one. To compare numbers takes a fraction of the time.
fn first_eight(word: &[u8]) -> u64 {
    let mut eight = [0; 8];
    let length = word.len().min(8);
    eight[..length].copy_from_slice(&word[..length]);
    u64::from_be_bytes(eight)
}

/// Packs words, which come sorted, into blocks.
#[derive(Debug, Default)]
pub(super) struct BlockWriter {
    blocks: Vec<Block>,
    last: Vec<u8>,
    /// Of the word that is added; kept for its memory.
    posting: Vec<u8>,
    words: usize,
}

impl BlockWriter {
    /// Adds a word and returns its number.
    pub(super) fn push(&mut self, word: &[u8], holders: &[Holder]) -> Rank {
        if self.words.is_multiple_of(BLOCK_WORDS) {
            self.blocks.push(Block { first: word.to_vec(), entries: Vec::new() });
            self.last.clear();
        }
        if let Some(block) = self.blocks.last_mut() {
            let shared = self.last.iter().zip(word).take_while(|(a, b)| a == b).count();
            put(&mut block.entries, shared as u64);
            put_bytes(&mut block.entries, &word[shared..]);
            pack_posting(holders, &mut self.posting);
            put_bytes(&mut block.entries, &self.posting);
        }
        self.last.clear();
        self.last.extend_from_slice(word);
        self.words += 1;
        Rank::try_from(self.words - 1).unwrap_or(Rank::MAX)
    }

    /// Takes the blocks that are full.
    pub(super) fn take_full(&mut self) -> Vec<Block> {
        if self.words.is_multiple_of(BLOCK_WORDS) {
            std::mem::take(&mut self.blocks)
        } else {
            let open = self.blocks.pop();
            std::mem::replace(&mut self.blocks, open.into_iter().collect())
        }
    }

    /// Takes all that is left.
    pub(super) fn finish(self) -> Vec<Block> {
        self.blocks
    }
}

fn pack_posting(holders: &[Holder], out: &mut Vec<u8>) {
    out.clear();
    let mut least_next = 0;
    for holder in holders {
        let gap = u64::from(holder.local) - least_next;
        put(out, gap << BITS | u64::from(holder.bits));
        least_next = u64::from(holder.local) + 1;
    }
}

/// The files of a packed posting.
pub(super) fn unpack_posting(bytes: &[u8]) -> Result<Vec<Holder>, Malformed> {
    let mut holders = Vec::new();
    each_holder(bytes, |holder| holders.push(holder))?;
    Ok(holders)
}

pub(super) fn each_holder(bytes: &[u8], mut visit: impl FnMut(Holder)) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    let mut least_next: u64 = 0;
    while !reader.is_empty() {
        let head = reader.u64()?;
        let local = least_next.checked_add(head >> BITS).ok_or(Malformed)?;
        least_next = local + 1;
        let local = Local::try_from(local).map_err(|_| Malformed)?;
        visit(Holder { local, bits: (head & ((1 << BITS) - 1)) as u8 });
    }
    Ok(())
}

/// Reads the rest of an entry's word over the one before, and returns its packed posting.
fn next_entry<'a>(reader: &mut Reader<'a>, word: &mut Vec<u8>) -> Result<&'a [u8], Malformed> {
    let shared = usize::try_from(reader.u64()?).map_err(|_| Malformed)?;
    if shared > word.len() {
        return Err(Malformed);
    }
    word.truncate(shared);
    word.extend_from_slice(reader.bytes_with_length()?);
    reader.bytes_with_length()
}

/// Walks the entries of a packed block; the posting stays packed until it is wanted.
fn each_entry<'a>(
    entries: &'a [u8],
    mut visit: impl FnMut(usize, &[u8], &'a [u8]) -> Result<bool, Malformed>,
) -> Result<(), Malformed> {
    let mut reader = Reader::new(entries);
    let mut word = Vec::new();
    let mut index = 0;
    while !reader.is_empty() {
        let posting = next_entry(&mut reader, &mut word)?;
        if !visit(index, &word, posting)? {
            break;
        }
        index += 1;
    }
    Ok(())
}

/// A walk over the dictionary of a segment, block by block, that stands at a word.
#[derive(Debug, Default)]
pub(super) struct DictionaryCursor {
    next_block: u32,
    /// The block, and how much of it was read.
    entries: Vec<u8>,
    read: usize,
    word: Vec<u8>,
    posting: Range<usize>,
    ended: bool,
}

impl DictionaryCursor {
    /// Goes on to the next word, or to the end.
    pub(super) fn advance(&mut self, connection: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
        if self.read == self.entries.len() && !self.ended {
            let block = block(connection, segment, self.next_block)?;
            self.ended = block.is_none();
            self.next_block += 1;
            self.entries = block.unwrap_or_default();
            self.read = 0;
            self.word.clear();
        }
        if self.ended {
            return Ok(());
        }
        let mut reader = Reader::new(&self.entries[self.read..]);
        let posting = next_entry(&mut reader, &mut self.word).map_err(|_| damaged("the dictionary of a segment"))?;
        self.read = self.entries.len() - reader.rest().len();
        self.posting = self.read - posting.len()..self.read;
        Ok(())
    }

    /// The word it stands at; `None` at the end.
    pub(super) fn word(&self) -> Option<&[u8]> {
        (!self.ended).then_some(&self.word)
    }

    /// Calls `visit` with each file that holds the word.
    pub(super) fn each_holder(&self, visit: impl FnMut(Holder)) -> rusqlite::Result<()> {
        each_holder(&self.entries[self.posting.clone()], visit).map_err(|_| damaged("the dictionary of a segment"))
    }
}

/// The words of a packed block.
pub(super) fn words_of_block(entries: &[u8]) -> rusqlite::Result<Vec<String>> {
    let mut words = Vec::with_capacity(BLOCK_WORDS);
    each_entry(entries, |_, word, _| {
        words.push(String::from_utf8_lossy(word).into_owned());
        Ok(true)
    })
    .map_err(|_| damaged("the dictionary of a segment"))?;
    Ok(words)
}

/// The row of a block.
fn row_id(segment: SegmentId, number: u32) -> i64 {
    (i64::from(segment) << 32) | i64::from(number)
}

/// The number of the block in a row.
fn block_number(row: i64) -> u32 {
    (row & i64::from(u32::MAX)) as u32
}

/// Inserts a block.
pub(super) fn put_block(
    connection: &Connection,
    segment: SegmentId,
    number: u32,
    block: &Block,
) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO dictionary_block VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        row_id(segment, number),
        segment,
        block.first,
        block.entries
    ])?;
    Ok(())
}

/// A word's number, and the files of a segment that hold it.
pub(super) fn find(
    connection: &Connection,
    segment: SegmentId,
    word: &[u8],
) -> rusqlite::Result<Option<(Rank, Vec<Holder>)>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, entries FROM dictionary_block WHERE segment = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1",
    )?;
    let mut rows = statement.query(params![segment, word])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let block = block_number(row.get(0)?);
    let found = find_in(row.get_ref(1)?.as_blob()?, word);
    let found = found.and_then(|found| found.map(|(index, posting)| Ok((index, unpack_posting(posting)?))).transpose());
    let found = found.map_err(|_| damaged("the dictionary of a segment"))?;
    Ok(found.map(|(index, holders)| (rank(block, index), holders)))
}

/// The place of a word in a packed block, and its packed posting. The words before it are never put together: what one shares with the
/// word before says how it compares.
fn find_in<'a>(entries: &'a [u8], word: &[u8]) -> Result<Option<(usize, &'a [u8])>, Malformed> {
    let mut reader = Reader::new(entries);
    let mut length = 0;
    // How much of the word that is looked for the last entry has, which comes before it.
    let mut matched = 0;
    let mut index = 0;
    while !reader.is_empty() {
        let shared = usize::try_from(reader.u64()?).map_err(|_| Malformed)?;
        if shared > length {
            return Err(Malformed);
        }
        let rest = reader.bytes_with_length()?;
        let posting = reader.bytes_with_length()?;
        length = shared + rest.len();
        if shared < matched {
            // It comes behind: the last entry has been the nearest.
            break;
        }
        if shared == matched {
            let wanted = &word[matched..];
            let same = wanted.iter().zip(rest).take_while(|(a, b)| a == b).count();
            match (wanted.get(same), rest.get(same)) {
                (None, None) => return Ok(Some((index, posting))),
                (None, Some(_)) => break,
                (Some(wanted), Some(here)) if here > wanted => break,
                _ => matched += same,
            }
        }
        index += 1;
    }
    Ok(None)
}

fn rank(block: u32, index: usize) -> Rank {
    block.saturating_mul(BLOCK_WORDS as u32).saturating_add(index as u32)
}

/// Calls `visit` with every word of a segment that begins with `prefix`, sorted, and its packed posting, until it returns `false`.
pub(super) fn each_word(
    connection: &Connection,
    segment: SegmentId,
    prefix: &[u8],
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<bool, Malformed>,
) -> rusqlite::Result<()> {
    let mut before =
        connection.prepare_cached("SELECT max(first) FROM dictionary_block WHERE segment = ?1 AND first <= ?2")?;
    let start: Option<Vec<u8>> = before.query_row(params![segment, prefix], |row| row.get(0))?;
    let mut statement = connection
        .prepare_cached("SELECT entries FROM dictionary_block WHERE segment = ?1 AND first >= ?2 ORDER BY first")?;
    let mut rows = statement.query(params![segment, start.unwrap_or_default()])?;
    let mut past = false;
    while let Some(row) = rows.next()? {
        each_entry(row.get_ref(0)?.as_blob()?, |_, word, posting| {
            if word.starts_with(prefix) {
                past = !visit(word, posting)?;
            } else {
                past = word > prefix;
            }
            Ok(!past)
        })
        .map_err(|_| damaged("the dictionary of a segment"))?;
        if past {
            break;
        }
    }
    Ok(())
}

/// The packed entries of a block.
pub(super) fn block(connection: &Connection, segment: SegmentId, number: u32) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT entries FROM dictionary_block WHERE id = ?1")?
        .query_row([row_id(segment, number)], |row| row.get(0))
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_their_files_stay_in_order() {
        let added: [&[u8]; 9] =
            [b"counters", b"b", b"counter", b"countersign", b"b\0", b"counterfeit", b"", b"\xff", b"counters"];
        let mut gatherer = Gatherer::new();
        for (word, local) in added.iter().zip(0..) {
            gatherer.add(word, Holder { local, bits: local as u8 });
        }
        let (blocks, ranks) = gatherer.finish();
        let mut found: Vec<(Vec<u8>, Vec<Local>)> = Vec::new();
        for block in blocks {
            let walked = each_entry(&block.entries, |_, word, posting| {
                let holders = unpack_posting(posting)?;
                assert!(holders.iter().all(|holder| u32::from(holder.bits) == holder.local));
                found.push((word.to_vec(), holders.iter().map(|holder| holder.local).collect()));
                Ok(true)
            });
            assert_eq!(walked, Ok(()));
        }
        let expected: [(&[u8], &[Local]); 8] = [
            (b"", &[6]),
            (b"b", &[1]),
            (b"b\0", &[4]),
            (b"counter", &[2]),
            (b"counterfeit", &[5]),
            (b"counters", &[0, 8]),
            (b"countersign", &[3]),
            (b"\xff", &[7]),
        ];
        assert_eq!(found, expected.map(|(word, locals)| (word.to_vec(), locals.to_vec())));
        assert_eq!(ranks, [5, 1, 3, 6, 2, 4, 0, 7]);
    }
    #[test]
    fn a_word_is_found_among_those_that_begin_alike() {
        let words = ["a", "ab", "abc", "abd", "abda", "b", "ba", "bca", "bcaa", "bcb", "c"];
        let among: Vec<&str> = words.iter().copied().step_by(2).collect();
        let mut writer = BlockWriter::default();
        for (word, local) in among.iter().zip(0..) {
            writer.push(word.as_bytes(), &[Holder { local, bits: 1 }]);
        }
        let blocks = writer.finish();
        for word in words.iter().chain(&["", "aa", "abdab", "bc", "d"]) {
            let found = find_in(&blocks[0].entries, word.as_bytes()).expect("it was packed");
            let found = found.map(|(index, posting)| (index, unpack_posting(posting).expect("it was packed")[0].local));
            let expected = among.iter().position(|known| known == word);
            assert_eq!(found, expected.map(|index| (index, index as Local)), "{word:?}");
        }
        assert_eq!(find_in(&[1, 0, 0], b"a"), Err(Malformed), "it shares what is not there");
    }
}
