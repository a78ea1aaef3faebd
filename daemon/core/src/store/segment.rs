//! Segments as both the writer and the readers hold them in memory: which files a segment has, and which of those are dead.

use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::varint::{Malformed, Reader, put};

use super::error::damaged;
use super::file::FileId;

/// Number of a file within its segment: its rank among the segment's file ids.
pub(crate) type Local = u32;

/// Number of a segment; never reused.
pub(crate) type SegmentId = u32;

/// Which half of the index a segment belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tier {
    /// Trigram postings.
    Lexical,
    /// Names and facts.
    Structure,
}

impl Tier {
    pub(super) const ALL: [Tier; 2] = [Tier::Lexical, Tier::Structure];

    fn number(self) -> u8 {
        match self {
            Tier::Lexical => 0,
            Tier::Structure => 1,
        }
    }

    fn from_number(number: u8) -> rusqlite::Result<Tier> {
        Tier::ALL.into_iter().find(|tier| tier.number() == number).ok_or_else(|| damaged("unknown tier"))
    }
}

/// One bit a file: set = the file's facts in this segment are dead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tombstones {
    words: Vec<u64>,
    dead: u32,
}

impl Tombstones {
    /// Whether a file is dead.
    pub(crate) fn contains(&self, local: Local) -> bool {
        self.words.get(local as usize / 64).is_some_and(|word| word >> (local % 64) & 1 == 1)
    }

    /// Marks a file dead; `false` if it was already.
    pub(super) fn insert(&mut self, local: Local) -> bool {
        let index = local as usize / 64;
        if self.words.len() <= index {
            self.words.resize(index + 1, 0);
        }
        let bit = 1 << (local % 64);
        let fresh = self.words[index] & bit == 0;
        self.words[index] |= bit;
        self.dead += u32::from(fresh);
        fresh
    }

    fn pack(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn unpack(bytes: &[u8]) -> Tombstones {
        let words: Vec<u64> = bytes
            .chunks(8)
            .map(|chunk| {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                u64::from_le_bytes(word)
            })
            .collect();
        let dead = words.iter().map(|word| word.count_ones()).sum();
        Tombstones { words, dead }
    }
}

/// A segment.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) id: SegmentId,
    pub(crate) tier: Tier,
    /// How many merges deep; a merge of level n makes one of level n + 1.
    pub(super) level: u32,
    /// Ascending.
    pub(crate) files: Arc<[FileId]>,
    pub(crate) tombstones: Tombstones,
}

impl Segment {
    /// The number of a file here, dead or alive.
    pub(crate) fn local(&self, file: FileId) -> Option<Local> {
        self.files.binary_search(&file).ok().and_then(|index| Local::try_from(index).ok())
    }

    /// The number of a file that is alive here.
    pub(crate) fn live_local(&self, file: FileId) -> Option<Local> {
        self.local(file).filter(|local| !self.tombstones.contains(*local))
    }

    /// The file of a number, if it is alive.
    pub(crate) fn live_file(&self, local: Local) -> Option<FileId> {
        if self.tombstones.contains(local) { None } else { self.files.get(local as usize).copied() }
    }

    /// How many files are alive.
    pub(super) fn live(&self) -> usize {
        self.files.len().saturating_sub(self.tombstones.dead as usize)
    }

    /// Number of the facts of a file, in the table `facts`.
    pub(super) fn facts_id(segment: SegmentId, local: Local) -> i64 {
        i64::from(segment) << 32 | i64::from(local)
    }
}

fn pack_files(files: &[FileId]) -> Vec<u8> {
    let mut out = Vec::with_capacity(files.len() * 2);
    let mut last = 0;
    for file in files {
        put(&mut out, u64::from(file - last));
        last = *file;
    }
    out
}

fn unpack_files(bytes: &[u8]) -> Result<Arc<[FileId]>, Malformed> {
    let mut reader = Reader::new(bytes);
    let mut files = Vec::with_capacity(bytes.len() / 2);
    let mut last: FileId = 0;
    while !reader.is_empty() {
        last = last.checked_add(reader.u32()?).ok_or(Malformed)?;
        files.push(last);
    }
    Ok(files.into())
}

/// Every live segment, oldest first. Which files a segment has never changes, so that of `known` ones is not unpacked again.
pub(super) fn load_all(connection: &Connection, known: &[Segment]) -> rusqlite::Result<Vec<Segment>> {
    let mut statement =
        connection.prepare_cached("SELECT id, tier, level, files, tombstones FROM segment ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        let id = row.get(0)?;
        let files = match known.binary_search_by_key(&id, |segment| segment.id) {
            Ok(at) => Arc::clone(&known[at].files),
            Err(_) => unpack_files(row.get_ref(3)?.as_blob()?).map_err(|_| damaged("file ids of a segment"))?,
        };
        Ok(Segment {
            id,
            tier: Tier::from_number(row.get(1)?)?,
            level: row.get(2)?,
            files,
            tombstones: Tombstones::unpack(row.get_ref(4)?.as_blob()?),
        })
    })?;
    rows.collect()
}

/// Writes a new segment's row: from this transaction on it is live.
pub(super) fn publish(connection: &Connection, segment: &Segment) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO segment VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        segment.id,
        segment.tier.number(),
        segment.level,
        pack_files(&segment.files),
        segment.tombstones.pack()
    ])?;
    Ok(())
}

/// Writes a segment's tombstones.
pub(super) fn put_tombstones(connection: &Connection, segment: &Segment) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE segment SET tombstones = ?2 WHERE id = ?1")?
        .execute(params![segment.id, segment.tombstones.pack()])?;
    Ok(())
}

/// Removes a segment's row; its postings and facts are collected later.
pub(super) fn retire(connection: &Connection, id: SegmentId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM segment WHERE id = ?1")?.execute([id])?;
    Ok(())
}
