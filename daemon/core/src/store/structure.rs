//! Structure segments: a sorted dictionary of names, each with the files that define or mention it, and the facts of each file.
//!
//! The dictionary is cut into blocks of [`BLOCK_NAMES`] names, front-coded: each entry is the length of the prefix shared with the
//! name before, the rest of the name, and its posting (files of the segment, each with what it does with the name). One row a
//! block keeps SQLite's cost per row away from the names, and a name's number is `block * BLOCK_NAMES + index`.

use std::collections::HashMap;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use crate::facts::{Declarations, NameUses, Occurrences, PackedFacts, declarations, occurrences};
use crate::hash::Seeded;
use crate::varint::{Malformed, Reader, put, put_bytes};

use super::error::damaged;
use super::file::FileId;
use super::names::{NameRank, pack_names, unpack_names};
use super::segment::{Local, Segment, SegmentId};

/// Names in a block of a dictionary.
pub(super) const BLOCK_NAMES: usize = 64;

/// What a file does with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameUse {
    /// The file.
    pub(crate) local: Local,
    /// What it does.
    pub(crate) uses: NameUses,
}

/// The facts of a file in the columns of their row.
#[derive(Debug)]
pub(super) struct FactsRow {
    pub(super) names: Vec<u8>,
    pub(super) declarations: Vec<u8>,
    pub(super) occurrences: Vec<u8>,
}

/// A structure segment as it is built in memory, away from the writer.
#[derive(Debug, Default)]
pub struct StructureSegment {
    pub(super) files: Vec<FileId>,
    blocks: Vec<Block>,
    facts: Vec<FactsRow>,
}

impl StructureSegment {
    /// Turns the facts of files, which come by rising file id, into a dictionary and facts that use it.
    pub fn build(files: Vec<(FileId, PackedFacts)>) -> StructureSegment {
        debug_assert!(files.is_sorted_by_key(|(id, _)| *id), "files must come by id");
        let (blocks, names_of_files) = dictionary(&files);
        let mut segment = StructureSegment { blocks, ..StructureSegment::default() };
        for ((id, facts), names) in files.into_iter().zip(names_of_files) {
            let PackedFacts { declarations, occurrences, .. } = facts;
            segment.files.push(id);
            segment.facts.push(FactsRow { names: pack_names(&names), declarations, occurrences });
        }
        segment
    }

    /// Inserts the segment under its number.
    pub(super) fn write(&self, connection: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
        for (block, number) in self.blocks.iter().zip(0..) {
            put_block(connection, segment, number, block)?;
        }
        for (facts, local) in self.facts.iter().zip(0..) {
            put_facts(connection, segment, local, facts)?;
        }
        Ok(())
    }
}

/// The dictionary of all files, and the numbers of each one's names, rising.
fn dictionary(files: &[(FileId, PackedFacts)]) -> (Vec<Block>, Vec<Vec<NameRank>>) {
    let (names, mut names_of_files) = intern(files);
    let mut order: Vec<u32> = (0..names.len() as u32).collect();
    order.sort_unstable_by(|a, b| names[*a as usize].0.cmp(names[*b as usize].0));
    let mut blocks = BlockWriter::default();
    let mut ranks = vec![0; names.len()];
    for number in order {
        let (name, uses) = &names[number as usize];
        ranks[number as usize] = blocks.push(name.as_bytes(), uses);
    }
    // A file's names are sorted, and so are their ranks.
    names_of_files.iter_mut().flatten().for_each(|number| *number = ranks[*number as usize]);
    (blocks.finish(), names_of_files)
}

/// Each name once, in order of first use, with its uses.
type Names<'a> = Vec<(&'a str, Vec<NameUse>)>;

/// Numbers the names of all files, and says which ones each file has.
fn intern(files: &[(FileId, PackedFacts)]) -> (Names<'_>, Vec<Vec<u32>>) {
    let mut numbers: HashMap<&str, u32, Seeded> = HashMap::with_hasher(Seeded::new());
    let mut names: Names<'_> = Vec::new();
    let mut of_files = Vec::with_capacity(files.len());
    for ((_, facts), local) in files.iter().zip(0..) {
        let mut of_file = Vec::new();
        for (name, uses) in facts.names() {
            let number = *numbers.entry(name).or_insert_with(|| {
                names.push((name, Vec::new()));
                names.len() as u32 - 1
            });
            names[number as usize].1.push(NameUse { local, uses });
            of_file.push(number);
        }
        of_files.push(of_file);
    }
    (names, of_files)
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

/// Packs names, which come sorted, into blocks.
#[derive(Debug, Default)]
pub(super) struct BlockWriter {
    blocks: Vec<Block>,
    last: Vec<u8>,
    names: usize,
}

impl BlockWriter {
    /// Adds a name and returns its number.
    pub(super) fn push(&mut self, name: &[u8], uses: &[NameUse]) -> NameRank {
        if self.names.is_multiple_of(BLOCK_NAMES) {
            self.blocks.push(Block { first: name.to_vec(), entries: Vec::new() });
            self.last.clear();
        }
        if let Some(block) = self.blocks.last_mut() {
            let shared = self.last.iter().zip(name).take_while(|(a, b)| a == b).count();
            put(&mut block.entries, shared as u64);
            put_bytes(&mut block.entries, &name[shared..]);
            put_bytes(&mut block.entries, &pack_uses(uses));
        }
        self.last.clear();
        self.last.extend_from_slice(name);
        self.names += 1;
        NameRank::try_from(self.names - 1).unwrap_or(NameRank::MAX)
    }

    /// Takes the blocks that are full.
    pub(super) fn take_full(&mut self) -> Vec<Block> {
        if self.names.is_multiple_of(BLOCK_NAMES) {
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

fn pack_uses(uses: &[NameUse]) -> Vec<u8> {
    let mut out = Vec::with_capacity(uses.len() * 2);
    let mut least_next = 0;
    for used in uses {
        let gap = u64::from(used.local) - least_next;
        put(&mut out, gap << NameUses::BITS | used.uses.bits());
        least_next = u64::from(used.local) + 1;
    }
    out
}

fn unpack_uses(bytes: &[u8]) -> Result<Vec<NameUse>, Malformed> {
    let mut uses = Vec::new();
    each_use(bytes, |used| uses.push(used))?;
    Ok(uses)
}

fn each_use(bytes: &[u8], mut visit: impl FnMut(NameUse)) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    let mut least_next: u64 = 0;
    while !reader.is_empty() {
        let head = reader.u64()?;
        let local = least_next.checked_add(head >> NameUses::BITS).ok_or(Malformed)?;
        least_next = local + 1;
        let local = Local::try_from(local).map_err(|_| Malformed)?;
        visit(NameUse { local, uses: NameUses::from_bits(head) });
    }
    Ok(())
}

/// Reads the rest of an entry's name over the one before, and returns its packed posting.
fn next_entry<'a>(reader: &mut Reader<'a>, name: &mut Vec<u8>) -> Result<&'a [u8], Malformed> {
    let shared = usize::try_from(reader.u64()?).map_err(|_| Malformed)?;
    if shared > name.len() {
        return Err(Malformed);
    }
    name.truncate(shared);
    name.extend_from_slice(reader.bytes_with_length()?);
    reader.bytes_with_length()
}

/// Walks the entries of a packed block; the posting stays packed until it is wanted.
fn each_entry<'a>(
    entries: &'a [u8],
    mut visit: impl FnMut(usize, &[u8], &'a [u8]) -> Result<bool, Malformed>,
) -> Result<(), Malformed> {
    let mut reader = Reader::new(entries);
    let mut name = Vec::new();
    let mut index = 0;
    while !reader.is_empty() {
        let uses = next_entry(&mut reader, &mut name)?;
        if !visit(index, &name, uses)? {
            break;
        }
        index += 1;
    }
    Ok(())
}

/// A walk over the dictionary of a segment, block by block, that stands at a name.
#[derive(Debug, Default)]
pub(super) struct NameCursor {
    next_block: u32,
    /// The block, and how much of it was read.
    entries: Vec<u8>,
    read: usize,
    name: Vec<u8>,
    posting: Range<usize>,
    ended: bool,
}

impl NameCursor {
    /// Goes on to the next name, or to the end.
    pub(super) fn advance(&mut self, connection: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
        if self.read == self.entries.len() && !self.ended {
            let block = block(connection, segment, self.next_block)?;
            self.ended = block.is_none();
            self.next_block += 1;
            self.entries = block.unwrap_or_default();
            self.read = 0;
            self.name.clear();
        }
        if self.ended {
            return Ok(());
        }
        let mut reader = Reader::new(&self.entries[self.read..]);
        let posting = next_entry(&mut reader, &mut self.name).map_err(|_| damaged("names of a segment"))?;
        self.read = self.entries.len() - reader.rest().len();
        self.posting = self.read - posting.len()..self.read;
        Ok(())
    }

    /// The name it stands at; `None` at the end.
    pub(super) fn name(&self) -> Option<&[u8]> {
        (!self.ended).then_some(&self.name)
    }

    /// Calls `visit` with what each file does with the name.
    pub(super) fn each_use(&self, visit: impl FnMut(NameUse)) -> rusqlite::Result<()> {
        each_use(&self.entries[self.posting.clone()], visit).map_err(|_| damaged("names of a segment"))
    }
}

/// The names of a packed block.
pub(super) fn names_of_block(entries: &[u8]) -> rusqlite::Result<Vec<String>> {
    let mut names = Vec::with_capacity(BLOCK_NAMES);
    each_entry(entries, |_, name, _| {
        names.push(String::from_utf8_lossy(name).into_owned());
        Ok(true)
    })
    .map_err(|_| damaged("names of a segment"))?;
    Ok(names)
}

/// Inserts a block.
pub(super) fn put_block(
    connection: &Connection,
    segment: SegmentId,
    number: u32,
    block: &Block,
) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO name_block VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        segment,
        number,
        block.first,
        block.entries
    ])?;
    Ok(())
}

/// Inserts the facts of a file.
pub(super) fn put_facts(
    connection: &Connection,
    segment: SegmentId,
    local: Local,
    facts: &FactsRow,
) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO facts VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        Segment::facts_id(segment, local),
        facts.names,
        facts.declarations,
        facts.occurrences
    ])?;
    Ok(())
}

/// A name's number and uses in a segment.
pub(super) fn find_name(
    connection: &Connection,
    segment: SegmentId,
    name: &[u8],
) -> rusqlite::Result<Option<(NameRank, Vec<NameUse>)>> {
    let mut statement = connection.prepare_cached(
        "SELECT block, entries FROM name_block WHERE segment = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1",
    )?;
    let mut rows = statement.query(params![segment, name])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let block: u32 = row.get(0)?;
    let mut found = None;
    each_entry(row.get_ref(1)?.as_blob()?, |index, entry, uses| {
        if entry == name {
            found = Some((rank(block, index), unpack_uses(uses)?));
        }
        Ok(entry < name)
    })
    .map_err(|_| damaged("names of a segment"))?;
    Ok(found)
}

fn rank(block: u32, index: usize) -> NameRank {
    block.saturating_mul(BLOCK_NAMES as u32).saturating_add(index as u32)
}

/// Calls `visit` with every name of a segment that begins with `prefix`, sorted, and a way to read its uses, until it returns
/// `false`.
pub(super) fn each_name(
    connection: &Connection,
    segment: SegmentId,
    prefix: &[u8],
    mut visit: impl FnMut(&[u8], &dyn Fn() -> Result<Vec<NameUse>, Malformed>) -> Result<bool, Malformed>,
) -> rusqlite::Result<()> {
    let mut before =
        connection.prepare_cached("SELECT max(first) FROM name_block WHERE segment = ?1 AND first <= ?2")?;
    let start: Option<Vec<u8>> = before.query_row(params![segment, prefix], |row| row.get(0))?;
    let mut statement = connection
        .prepare_cached("SELECT entries FROM name_block WHERE segment = ?1 AND first >= ?2 ORDER BY first")?;
    let mut rows = statement.query(params![segment, start.unwrap_or_default()])?;
    let mut past = false;
    while let Some(row) = rows.next()? {
        each_entry(row.get_ref(0)?.as_blob()?, |_, name, uses| {
            if name.starts_with(prefix) {
                past = !visit(name, &|| unpack_uses(uses))?;
            } else {
                past = name > prefix;
            }
            Ok(!past)
        })
        .map_err(|_| damaged("names of a segment"))?;
        if past {
            break;
        }
    }
    Ok(())
}

/// Calls `visit` with every name that a file of a segment defines, dead or alive, sorted.
pub(super) fn each_defined_name(
    connection: &Connection,
    segment: SegmentId,
    mut visit: impl FnMut(&str),
) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("SELECT entries FROM name_block WHERE segment = ?1 ORDER BY block")?;
    let mut rows = statement.query([segment])?;
    while let Some(row) = rows.next()? {
        each_entry(row.get_ref(0)?.as_blob()?, |_, name, uses| {
            if let Ok(name) = std::str::from_utf8(name)
                && is_defined(uses)?
            {
                visit(name);
            }
            Ok(true)
        })
        .map_err(|_| damaged("names of a segment"))?;
    }
    Ok(())
}

/// Whether a posting says that a file defines the name.
fn is_defined(uses: &[u8]) -> Result<bool, Malformed> {
    let mut reader = Reader::new(uses);
    while !reader.is_empty() {
        if NameUses::from_bits(reader.u64()?).has(NameUses::DEFINES) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The packed entries of a block.
pub(super) fn block(connection: &Connection, segment: SegmentId, number: u32) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT entries FROM name_block WHERE segment = ?1 AND block = ?2")?
        .query_row(params![segment, number], |row| row.get(0))
        .optional()
}

/// The facts of a file, still packed.
pub(super) fn facts_row(connection: &Connection, segment: SegmentId, local: Local) -> rusqlite::Result<FactsRow> {
    let mut statement =
        connection.prepare_cached("SELECT names, declarations, occurrences FROM facts WHERE id = ?1")?;
    let row = statement.query_row([Segment::facts_id(segment, local)], |row| {
        Ok(FactsRow { names: row.get(0)?, declarations: row.get(1)?, occurrences: row.get(2)? })
    });
    row.optional()?.ok_or_else(missing)
}

/// The numbers of the names that a file uses, rising, and its declarations, which speak of them by their place there.
pub(super) fn declarations(
    connection: &Connection,
    segment: SegmentId,
    local: Local,
) -> rusqlite::Result<(Vec<NameRank>, Declarations)> {
    let mut statement = connection.prepare_cached("SELECT names, declarations FROM facts WHERE id = ?1")?;
    let mut rows = statement.query([Segment::facts_id(segment, local)])?;
    let row = rows.next()?.ok_or_else(missing)?;
    let names = unpack_names(row.get_ref(0)?.as_blob()?).map_err(|_| damaged("names of a file"))?;
    let declarations =
        declarations::unpack(row.get_ref(1)?.as_blob()?).map_err(|_| damaged("declarations of a file"))?;
    Ok((names, declarations))
}

/// The references and local bindings of a file.
pub(super) fn occurrences(connection: &Connection, segment: SegmentId, local: Local) -> rusqlite::Result<Occurrences> {
    let mut statement = connection.prepare_cached("SELECT occurrences FROM facts WHERE id = ?1")?;
    let mut rows = statement.query([Segment::facts_id(segment, local)])?;
    let row = rows.next()?.ok_or_else(missing)?;
    occurrences::unpack(row.get_ref(0)?.as_blob()?).map_err(|_| damaged("occurrences of a file"))
}

fn missing() -> rusqlite::Error {
    damaged("facts of a file are missing")
}
