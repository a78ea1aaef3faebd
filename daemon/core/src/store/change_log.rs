//! The change log: what a file was before a generation changed it, written in the transaction that changes it. Whoever asks what
//! changed since a generation is answered with the oldest entry of each path that is younger, and the index as it is.
//!
//! It begins when the first index of a project is complete, and is bounded: what is oldest makes place, a generation at a time.

use rusqlite::{Connection, OptionalExtension, params};

use crate::changes::{Content, FileState};
use crate::facts::{Outline, defined};
use crate::kinds::Language;

use super::error::damaged;
use super::file::{ContentHash, FileRow, FileStat};
use super::meta::{get_meta, put_meta};
use super::segment::{Segment, Tier};
use super::structure::{self, NameBlocks};

/// Most files in the log.
const ENTRIES_MAX: u64 = 20_000;
/// Most bytes of them.
const BYTES_MAX: u64 = 16 << 20;
/// Bytes that an entry takes besides its path and definitions, roughly.
const ENTRY_BYTES: u64 = 32;

/// How the log stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LogState {
    /// The oldest generation that can be asked about; `None` = none yet.
    pub(super) begins: Option<u64>,
    entries: u64,
    bytes: u64,
}

/// What is known of a file's content, without its definitions: the number that stands in the log, and the hash.
type Standing = (u8, ContentHash);

const ABSENT: u8 = 0;
const PLAIN: u8 = 1;
const UNPARSED: u8 = 2;
const PARSED: u8 = 3;
const UNKNOWN: u8 = 4;
const UNREAD: u8 = 5;

/// How a file stands in the index.
pub(super) fn standing(row: &FileRow) -> Standing {
    match (&row.structure, row.content_hash) {
        (Some(structure), _) if structure.lexical => (UNKNOWN, structure.hash),
        (Some(structure), _) => (PARSED, structure.hash),
        (None, Some(hash)) if row.language.is_some() => (UNPARSED, hash),
        (None, Some(hash)) => (PLAIN, hash),
        // What is no text, or too large, was not read to its end: its size and when it was written stand for what is in it.
        (None, None) => (UNREAD, stat_hash(&row.stat)),
    }
}

fn stat_hash(stat: &FileStat) -> ContentHash {
    (u128::from(stat.size) << 64 | u128::from(stat.mtime_ns.cast_unsigned())).to_be_bytes()
}

/// A file as the index has it now; `definitions` is asked for them if it was parsed.
pub(super) fn state<E>(row: &FileRow, definitions: impl FnOnce() -> Result<Outline, E>) -> Result<FileState, E> {
    let (number, hash) = standing(row);
    let content = match number {
        PARSED => Content::Parsed(hash, definitions()?),
        UNPARSED => Content::Unparsed(hash),
        UNKNOWN => Content::Unknown(hash, why_unknown(&row.reason)),
        UNREAD => Content::Unread(hash),
        _ => Content::Plain(hash),
    };
    Ok(FileState { language: row.language, content })
}

fn why_unknown(reason: &str) -> String {
    if reason.is_empty() { "its definitions are not known".to_owned() } else { reason.to_owned() }
}

impl LogState {
    /// Reads how the log stands.
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<LogState> {
        let number = |key| get_meta::<i64>(connection, key).map(|number| number.map(i64::cast_unsigned));
        Ok(LogState {
            begins: number("log_begins")?,
            entries: number("log_entries")?.unwrap_or(0),
            bytes: number("log_bytes")?.unwrap_or(0),
        })
    }

    /// Writes how it stands.
    pub(super) fn store(&self, connection: &Connection) -> rusqlite::Result<()> {
        let Some(begins) = self.begins else { return Ok(()) };
        put_meta(connection, "log_begins", begins.cast_signed())?;
        put_meta(connection, "log_entries", self.entries.cast_signed())?;
        put_meta(connection, "log_bytes", self.bytes.cast_signed())
    }

    /// Begins the log, if it has not begun.
    pub(super) fn begin(&mut self, generation: u64) {
        self.begins.get_or_insert(generation);
    }

    /// Begins it anew: what is in it was found by another version, and cannot be compared with what this one finds.
    pub(super) fn forget(&mut self, connection: &Connection, generation: u64) -> rusqlite::Result<()> {
        connection.execute("DELETE FROM change_log", [])?;
        *self = LogState { begins: self.begins.map(|_| generation), ..LogState::default() };
        self.store(connection)
    }

    /// Notes what a file was before `generation` changes it; `None` = it was not there. Of several notes in one generation the first
    /// counts.
    pub(super) fn note(
        &mut self,
        connection: &Connection,
        (segments, blocks): (&[Segment], &mut NameBlocks),
        generation: u64,
        path: &[u8],
        before: Option<&FileRow>,
    ) -> rusqlite::Result<()> {
        if self.begins.is_none() {
            return Ok(());
        }
        let (number, hash) = before.map_or((ABSENT, None), |row| {
            let (number, hash) = standing(row);
            (number, Some(hash))
        });
        let defined = match before.filter(|_| number == PARSED) {
            Some(row) => defined::pack(&definitions(connection, segments, row, blocks)?),
            None => Vec::new(),
        };
        let language = before.and_then(|row| row.language).map(Language::number);
        let inserted = connection
            .prepare_cached("INSERT OR IGNORE INTO change_log VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![generation.cast_signed(), path, number, language, hash, defined])?;
        if inserted > 0 {
            self.entries += 1;
            self.bytes += ENTRY_BYTES + (path.len() + defined.len()) as u64;
        }
        Ok(())
    }

    /// Drops what is oldest until the log is within its bounds.
    pub(super) fn trim(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        while self.entries > ENTRIES_MAX || self.bytes > BYTES_MAX {
            let oldest: Option<i64> =
                connection.query_row("SELECT min(generation) FROM change_log", [], |row| row.get(0))?;
            let Some(oldest) = oldest else { break };
            let (entries, bytes): (i64, i64) = connection.query_row(
                "SELECT count(*), sum(length(path) + length(defined)) FROM change_log WHERE generation = ?1",
                [oldest],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            connection.execute("DELETE FROM change_log WHERE generation = ?1", [oldest])?;
            let entries = entries.cast_unsigned();
            self.entries = self.entries.saturating_sub(entries);
            self.bytes = self.bytes.saturating_sub(bytes.cast_unsigned() + entries * ENTRY_BYTES);
            self.begins = Some(oldest.cast_unsigned());
        }
        Ok(())
    }
}

/// The definitions of a file that is alive still.
fn definitions(
    connection: &Connection,
    segments: &[Segment],
    row: &FileRow,
    blocks: &mut NameBlocks,
) -> rusqlite::Result<Outline> {
    let mut of_structure = segments.iter().filter(|segment| segment.tier == Tier::Structure);
    let alive = of_structure.find_map(|segment| Some((segment.id, segment.live_local(row.id)?)));
    alive.map_or(Ok(Outline::default()), |(segment, local)| structure::defined(connection, segment, local, blocks))
}

/// The paths with entries after a generation, and the generation of the oldest of each.
pub(super) fn paths_since(connection: &Connection, generation: u64) -> rusqlite::Result<Vec<(Vec<u8>, u64)>> {
    let mut statement = connection.prepare_cached(
        "SELECT path, min(generation) FROM change_log WHERE generation > ?1 GROUP BY path ORDER BY path",
    )?;
    let rows = statement
        .query_map([generation.cast_signed()], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))?;
    rows.collect()
}

/// What a file was before a generation; `None` = the log does not say.
pub(super) fn entry(connection: &Connection, generation: u64, path: &[u8]) -> rusqlite::Result<Option<FileState>> {
    let mut statement = connection.prepare_cached(
        "SELECT content, language, hash, defined FROM change_log WHERE generation = ?1 AND path = ?2",
    )?;
    let row = statement.query_row(params![generation.cast_signed(), path], |row| {
        let language: Option<u8> = row.get(1)?;
        let hash: Option<ContentHash> = row.get(2)?;
        let content = match (row.get(0)?, hash) {
            (ABSENT, _) => Content::Absent,
            (PLAIN, Some(hash)) => Content::Plain(hash),
            (UNREAD, Some(hash)) => Content::Unread(hash),
            (UNPARSED, Some(hash)) => Content::Unparsed(hash),
            (UNKNOWN, Some(hash)) => Content::Unknown(hash, why_unknown("")),
            (PARSED, Some(hash)) => {
                let packed = row.get_ref(3)?.as_blob()?;
                Content::Parsed(hash, defined::unpack(packed).map_err(|_| damaged("definitions in the change log"))?)
            }
            _ => return Err(damaged("entry of the change log")),
        };
        Ok(FileState { language: language.and_then(Language::from_number), content })
    });
    row.optional()
}
