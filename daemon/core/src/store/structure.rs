//! Structure segments: a sorted dictionary of names, each with the files that define or mention it, and the facts of each file.
//!
//! The dictionary is cut into blocks of [`BLOCK_NAMES`] names, front-coded: each entry is the length of the prefix shared with the
//! name before, the rest of the name, and its posting (files of the segment, each with what it does with the name). One row a
//! block keeps SQLite's cost per row away from the names, and a name's number is `block * BLOCK_NAMES + index`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::facts::Facts;
use crate::varint::{Malformed, Reader, put, put_bytes};

use super::error::damaged;
use super::facts::{
    NameRank, OccurrenceRow, StoredDefinition, StoredFacts, pack_definitions, pack_occurrences, unpack_definitions,
    unpack_occurrences,
};
use super::file::FileId;
use super::segment::{Local, Segment, SegmentId};

/// Names in a block of a dictionary.
pub(super) const BLOCK_NAMES: usize = 64;

/// What a file does with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameUse {
    /// The file.
    pub(crate) local: Local,
    /// It defines the name.
    pub(crate) defines: bool,
    /// It mentions the name.
    pub(crate) mentions: bool,
}

/// A name with its uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) uses: Vec<NameUse>,
}

/// A structure segment as it is built in memory, away from the writer.
#[derive(Debug, Default)]
pub struct StructureSegment {
    pub(super) files: Vec<FileId>,
    blocks: Vec<Block>,
    facts: Vec<(Vec<u8>, Vec<u8>)>,
}

impl StructureSegment {
    /// Turns the facts of files, which come by rising file id, into a dictionary and facts that use it.
    pub fn build(files: Vec<(FileId, Facts)>) -> StructureSegment {
        debug_assert!(files.is_sorted_by_key(|(id, _)| *id), "files must come by id");
        let mut uses: HashMap<&str, Vec<NameUse>> = HashMap::new();
        for ((_, facts), local) in files.iter().zip(0..) {
            for (name, used) in facts.names.iter().zip(uses_of_names(facts, local)) {
                if used.defines || used.mentions {
                    add_use(uses.entry(name).or_default(), used);
                }
            }
        }
        let mut names: Vec<(&str, Vec<NameUse>)> = uses.into_iter().collect();
        names.sort_unstable_by(|a, b| a.0.cmp(b.0));
        let ranks: HashMap<&str, NameRank> = names.iter().map(|(name, _)| *name).zip(0..).collect();
        let ranks_of_files: Vec<Vec<NameRank>> = files
            .iter()
            .map(|(_, facts)| facts.names.iter().map(|name| ranks.get(name.as_str()).copied().unwrap_or(0)).collect())
            .collect();
        let mut blocks = BlockWriter::default();
        for (name, uses) in &names {
            blocks.push(name.as_bytes(), uses);
        }
        let blocks = blocks.finish();
        let mut segment = StructureSegment { blocks, ..Default::default() };
        for ((id, facts), ranks) in files.into_iter().zip(ranks_of_files) {
            segment.files.push(id);
            let stored = StoredFacts::new(facts, |name| ranks.get(name as usize).copied().unwrap_or(0));
            segment.facts.push((pack_definitions(&stored.definitions), pack_occurrences(&stored.occurrences)));
        }
        segment
    }

    /// Inserts the segment under its number.
    pub(super) fn write(&self, connection: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
        for (block, number) in self.blocks.iter().zip(0..) {
            put_block(connection, segment, number, block)?;
        }
        for ((definitions, occurrences), local) in self.facts.iter().zip(0..) {
            put_facts(connection, segment, local, definitions, occurrences)?;
        }
        Ok(())
    }
}

/// Adds a file's use of a name. Facts name a name once; a worker that does so twice must not get two postings for it.
fn add_use(uses: &mut Vec<NameUse>, used: NameUse) {
    match uses.last_mut().filter(|last| last.local == used.local) {
        Some(last) => {
            last.defines |= used.defines;
            last.mentions |= used.mentions;
        }
        None => uses.push(used),
    }
}

fn uses_of_names(facts: &Facts, local: Local) -> Vec<NameUse> {
    let mut uses = vec![NameUse { local, defines: false, mentions: false }; facts.names.len()];
    for definition in &facts.definitions {
        if let Some(name) = uses.get_mut(definition.name as usize) {
            name.defines = true;
        }
    }
    for reference in &facts.references {
        if let Some(name) = uses.get_mut(reference.name as usize) {
            name.mentions = true;
        }
    }
    uses
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
        put(&mut out, gap << 2 | u64::from(used.defines) << 1 | u64::from(used.mentions));
        least_next = u64::from(used.local) + 1;
    }
    out
}

fn unpack_uses(bytes: &[u8]) -> Result<Vec<NameUse>, Malformed> {
    let mut reader = Reader::new(bytes);
    let mut uses = Vec::new();
    let mut least_next: u64 = 0;
    while !reader.is_empty() {
        let head = reader.u64()?;
        let local = least_next.checked_add(head >> 2).ok_or(Malformed)?;
        least_next = local + 1;
        let local = Local::try_from(local).map_err(|_| Malformed)?;
        uses.push(NameUse { local, defines: head & 2 != 0, mentions: head & 1 != 0 });
    }
    Ok(uses)
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
        let shared = usize::try_from(reader.u64()?).map_err(|_| Malformed)?;
        if shared > name.len() {
            return Err(Malformed);
        }
        name.truncate(shared);
        name.extend_from_slice(reader.bytes_with_length()?);
        if !visit(index, &name, reader.bytes_with_length()?)? {
            break;
        }
        index += 1;
    }
    Ok(())
}

/// The entries of a packed block.
pub(super) fn unpack_block(entries: &[u8]) -> rusqlite::Result<Vec<NameEntry>> {
    let mut out = Vec::with_capacity(BLOCK_NAMES);
    each_entry(entries, |_, name, uses| {
        out.push(NameEntry { name: name.to_vec(), uses: unpack_uses(uses)? });
        Ok(true)
    })
    .map_err(|_| damaged("names of a segment"))?;
    Ok(out)
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

/// Inserts the packed facts of a file.
pub(super) fn put_facts(
    connection: &Connection,
    segment: SegmentId,
    local: Local,
    definitions: &[u8],
    occurrences: &[u8],
) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO facts VALUES (?1, ?2, ?3)")?.execute(params![
        Segment::facts_id(segment, local),
        definitions,
        occurrences
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

/// Calls `visit` with every name of a segment that begins with `prefix`, sorted, and a way to read its uses.
pub(super) fn each_name(
    connection: &Connection,
    segment: SegmentId,
    prefix: &[u8],
    mut visit: impl FnMut(&[u8], &dyn Fn() -> Result<Vec<NameUse>, Malformed>) -> Result<(), Malformed>,
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
                visit(name, &|| unpack_uses(uses))?;
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

/// The packed entries of a block.
pub(super) fn block(connection: &Connection, segment: SegmentId, number: u32) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT entries FROM name_block WHERE segment = ?1 AND block = ?2")?
        .query_row(params![segment, number], |row| row.get(0))
        .optional()
}

/// The definitions of a file.
pub(super) fn definitions(
    connection: &Connection,
    segment: SegmentId,
    local: Local,
) -> rusqlite::Result<Vec<StoredDefinition>> {
    let mut statement = connection.prepare_cached("SELECT definitions FROM facts WHERE id = ?1")?;
    let mut rows = statement.query([Segment::facts_id(segment, local)])?;
    let row = rows.next()?.ok_or_else(|| damaged("facts of a file are missing"))?;
    unpack_definitions(row.get_ref(0)?.as_blob()?).map_err(|_| damaged("definitions of a file"))
}

/// The references and imports of a file.
pub(super) fn occurrences(
    connection: &Connection,
    segment: SegmentId,
    local: Local,
) -> rusqlite::Result<OccurrenceRow> {
    let mut statement = connection.prepare_cached("SELECT occurrences FROM facts WHERE id = ?1")?;
    let mut rows = statement.query([Segment::facts_id(segment, local)])?;
    let row = rows.next()?.ok_or_else(|| damaged("facts of a file are missing"))?;
    unpack_occurrences(row.get_ref(0)?.as_blob()?).map_err(|_| damaged("occurrences of a file"))
}
