//! Structure segments: a sorted dictionary of names, each with the files that define or mention it, and the facts of each file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::{Connection, OptionalExtension, params};

use crate::facts::{Declarations, NameUses, Occurrences, Outline, PackedFacts, declarations, defined, occurrences};
use crate::varint::{Malformed, Reader};

use super::dictionary::{self, BLOCK_WORDS, Block, Gatherer, Holder};
use super::error::damaged;
use super::file::FileId;
use super::names::{NameRank, pack_names, unpack_names};
use super::segment::{Local, Segment, SegmentId};

/// Most blocks of names that are kept unpacked.
const BLOCKS_KEPT_MAX: usize = 4096;

/// What a file does with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameUse {
    /// The file.
    pub(crate) local: Local,
    /// What it does.
    pub(crate) uses: NameUses,
}

impl From<Holder> for NameUse {
    fn from(holder: Holder) -> NameUse {
        NameUse { local: holder.local, uses: NameUses::from_bits(holder.bits.into()) }
    }
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
        let mut names = Gatherer::new();
        let mut of_files: Vec<Vec<u32>> = Vec::with_capacity(files.len());
        for ((_, facts), local) in files.iter().zip(0..) {
            let mut of_file = Vec::new();
            for (name, uses) in facts.names() {
                of_file.push(names.add(name.as_bytes(), Holder { local, bits: uses.bits() as u8 }));
            }
            of_files.push(of_file);
        }
        let (blocks, ranks) = names.finish();
        // A file's names are sorted, and so are their ranks.
        of_files.iter_mut().flatten().for_each(|number| *number = ranks[*number as usize]);
        let mut segment = StructureSegment { blocks, ..StructureSegment::default() };
        for ((id, facts), names) in files.into_iter().zip(of_files) {
            let PackedFacts { declarations, occurrences, .. } = facts;
            segment.files.push(id);
            segment.facts.push(FactsRow { names: pack_names(&names), declarations, occurrences });
        }
        segment
    }

    /// Inserts the segment under its number.
    pub(super) fn write(&self, connection: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
        for (block, number) in self.blocks.iter().zip(0..) {
            dictionary::put_block(connection, segment, number, block)?;
        }
        for (facts, local) in self.facts.iter().zip(0..) {
            put_facts(connection, segment, local, facts)?;
        }
        Ok(())
    }
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
    let found = dictionary::find(connection, segment, name)?;
    Ok(found.map(|(rank, holders)| (rank, holders.into_iter().map(NameUse::from).collect())))
}

/// Calls `visit` with every name of a segment that begins with `prefix`, sorted, and a way to read its uses, until it returns
/// `false`.
pub(super) fn each_name(
    connection: &Connection,
    segment: SegmentId,
    prefix: &[u8],
    mut visit: impl FnMut(&[u8], &dyn Fn() -> Result<Vec<NameUse>, Malformed>) -> Result<bool, Malformed>,
) -> rusqlite::Result<()> {
    let uses = |posting: &[u8]| Ok(dictionary::unpack_posting(posting)?.into_iter().map(NameUse::from).collect());
    dictionary::each_word(connection, segment, prefix, |name, posting| visit(name, &|| uses(posting)))
}

/// Calls `visit` with every name that a file of a segment defines, dead or alive, sorted.
pub(super) fn each_defined_name(
    connection: &Connection,
    segment: SegmentId,
    mut visit: impl FnMut(&str),
) -> rusqlite::Result<()> {
    dictionary::each_word(connection, segment, b"", |name, posting| {
        if let Ok(name) = std::str::from_utf8(name)
            && is_defined(posting)?
        {
            visit(name);
        }
        Ok(true)
    })
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

/// The definitions of a file by name.
pub(super) fn defined(
    connection: &Connection,
    segment: SegmentId,
    local: Local,
    blocks: &mut NameBlocks,
) -> rusqlite::Result<Outline> {
    let (ranks, declarations) = declarations(connection, segment, local)?;
    defined::defined(&declarations, |name| {
        let rank = *ranks.get(name as usize).ok_or_else(missing_name)?;
        Ok(blocks.name(connection, segment, rank)?.into())
    })
}

/// Blocks of names that were read, kept for the next file: files that lie together have most of their names in common.
#[derive(Debug, Default)]
pub(super) struct NameBlocks(HashMap<(SegmentId, u32), Vec<String>>);

impl NameBlocks {
    /// The text of a name.
    pub(super) fn name(
        &mut self,
        connection: &Connection,
        segment: SegmentId,
        rank: NameRank,
    ) -> rusqlite::Result<&str> {
        let (number, place) = (rank / BLOCK_WORDS as u32, rank as usize % BLOCK_WORDS);
        if self.0.len() >= BLOCKS_KEPT_MAX && !self.0.contains_key(&(segment, number)) {
            self.0.clear();
        }
        let names = match self.0.entry((segment, number)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let block = dictionary::block(connection, segment, number)?.unwrap_or_default();
                unknown.insert(dictionary::words_of_block(&block)?)
            }
        };
        names.get(place).map(String::as_str).ok_or_else(missing_name)
    }
}

fn missing_name() -> rusqlite::Error {
    damaged("a name that facts mention is missing")
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
