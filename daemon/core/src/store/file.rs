//! Rows of the table `file`: what the walk found and what each tier knows of it.

use std::sync::LazyLock;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::extract;
use crate::kinds::{Disposition, Language};

use super::error::damaged;

/// Number of a file within its project; never reused.
pub type FileId = u32;

/// First sixteen bytes of the BLAKE3 hash of a file's content.
pub type ContentHash = [u8; 16];

/// What tells a changed file from an unchanged one without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileStat {
    /// Bytes.
    pub size: u64,
    /// Last change of the content, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Last change of the inode, nanoseconds since 1970.
    pub ctime_ns: i64,
    /// Inode number.
    pub inode: u64,
}

/// What the structure tier holds of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Hash of the content its facts describe.
    pub hash: ContentHash,
    /// Version of the extractor that found them.
    pub version: u64,
    /// Names only, found lexically.
    pub lexical: bool,
    /// Definitions.
    pub symbols: u32,
    /// References.
    pub references: u32,
    /// Generation that committed them.
    pub generation: u64,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Its number.
    pub id: FileId,
    /// Relative to the root.
    pub path: Vec<u8>,
    /// Its stat when it was last read.
    pub stat: FileStat,
    /// When it was last read, nanoseconds since 1970.
    pub read_ns: i64,
    /// Its disposition.
    pub disposition: Disposition,
    /// Why, if it is not simply indexed.
    pub reason: String,
    /// Its language.
    pub language: Option<Language>,
    /// Hash of the content its postings describe; `None` if it has none.
    pub content_hash: Option<ContentHash>,
    /// Generation that committed its postings.
    pub scan_generation: u64,
    /// Its structure, perhaps of older content.
    pub structure: Option<Structure>,
}

impl FileRow {
    /// Whether it stands for a directory that could not be read, and so for whatever is below.
    pub fn is_directory(&self) -> bool {
        self.path.ends_with(b"/")
    }

    /// Whether the index holds its text.
    pub fn is_text(&self) -> bool {
        self.content_hash.is_some()
    }

    /// Whether its language wants structure and the structure is not what this version would find in its content.
    pub fn structure_pending(&self) -> bool {
        self.wants_structure(self.structure.as_ref())
    }

    /// Whether that would hold if this were its structure.
    pub(crate) fn wants_structure(&self, structure: Option<&Structure>) -> bool {
        match (self.language, self.content_hash) {
            (Some(language), Some(hash)) => structure
                .is_none_or(|structure| structure.hash != hash || structure.version != extract::version(language)),
            _ => false,
        }
    }

    /// Whether it has structure of older content.
    pub fn structure_stale(&self) -> bool {
        self.structure.is_some() && self.structure_pending()
    }
}

/// What a search needs of a file whose text the index holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFile {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// Its stat when it was last read.
    pub stat: FileStat,
    /// Its language.
    pub language: Option<Language>,
}

const COLUMNS: &str = "id, path, size, mtime_ns, ctime_ns, inode, read_ns, disposition, reason, language, content_hash, \
     scan_generation, structure_hash, structure_version, structure_lexical, symbols, \"references\", structure_generation";

fn from_row(row: &Row<'_>) -> rusqlite::Result<FileRow> {
    let hash = |index: usize| -> rusqlite::Result<Option<ContentHash>> { row.get(index) };
    let unsigned = |index: usize| -> rusqlite::Result<u64> { row.get::<_, i64>(index).map(i64::cast_unsigned) };
    let structure = match hash(12)? {
        None => None,
        Some(hash) => Some(Structure {
            hash,
            version: row.get::<_, i64>(13)?.cast_unsigned(),
            lexical: row.get(14)?,
            symbols: row.get(15)?,
            references: row.get(16)?,
            generation: unsigned(17)?,
        }),
    };
    let language: Option<u8> = row.get(9)?;
    Ok(FileRow {
        id: row.get(0)?,
        path: row.get(1)?,
        stat: FileStat { size: unsigned(2)?, mtime_ns: row.get(3)?, ctime_ns: row.get(4)?, inode: unsigned(5)? },
        read_ns: row.get(6)?,
        disposition: Disposition::from_number(row.get(7)?).ok_or_else(|| damaged("unknown disposition"))?,
        reason: row.get(8)?,
        // A language of a newer version's table is no language here.
        language: language.and_then(Language::from_number),
        content_hash: hash(10)?,
        scan_generation: unsigned(11)?,
        structure,
    })
}

/// The row of a file.
pub(super) fn by_id(connection: &Connection, id: FileId) -> rusqlite::Result<Option<FileRow>> {
    static BY_ID: LazyLock<String> = LazyLock::new(|| format!("SELECT {COLUMNS} FROM file WHERE id = ?1"));
    connection.prepare_cached(&BY_ID)?.query_row([id], from_row).optional()
}

/// The path of a file, which takes a fraction of the time of its row.
pub(super) fn path_by_id(connection: &Connection, id: FileId) -> rusqlite::Result<Option<Vec<u8>>> {
    connection.prepare_cached("SELECT path FROM file WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()
}

/// What a search needs of a file, if it is text.
pub(super) fn text_by_id(connection: &Connection, id: FileId) -> rusqlite::Result<Option<TextFile>> {
    connection.prepare_cached(TEXT_BY_ID)?.query_row([id], text_from_row).optional()
}

/// Calls `visit` with those of the files that are text. A pattern of common letters has tens of thousands of candidates: a whole row
/// of each would take several times as long.
pub(super) fn each_text(
    connection: &Connection,
    ids: &[FileId],
    mut visit: impl FnMut(TextFile),
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(TEXT_BY_ID)?;
    for id in ids {
        statement.query_row([id], text_from_row).optional()?.into_iter().for_each(&mut visit);
    }
    Ok(())
}

/// Calls `visit` with those of the wanted files that are text, by path from `from` on, until it returns `false`. Of a file that is not
/// wanted no more is read than its entry in the index of paths.
pub(super) fn each_text_by_path(
    connection: &Connection,
    from: &[u8],
    is_wanted: impl Fn(FileId) -> bool,
    mut visit: impl FnMut(TextFile) -> bool,
) -> rusqlite::Result<()> {
    let mut by_path = connection.prepare_cached("SELECT id FROM file WHERE path >= ?1 ORDER BY path")?;
    let mut by_id = connection.prepare_cached(TEXT_BY_ID)?;
    let mut ids = by_path.query([from])?;
    while let Some(row) = ids.next()? {
        let id = row.get(0)?;
        if is_wanted(id)
            && let Some(file) = by_id.query_row([id], text_from_row).optional()?
            && !visit(file)
        {
            break;
        }
    }
    Ok(())
}

const TEXT_BY_ID: &str =
    "SELECT path, size, mtime_ns, ctime_ns, inode, language FROM file WHERE content_hash IS NOT NULL AND id = ?1";

fn text_from_row(row: &Row<'_>) -> rusqlite::Result<TextFile> {
    let unsigned = |index: usize| row.get::<_, i64>(index).map(i64::cast_unsigned);
    let language: Option<u8> = row.get(5)?;
    Ok(TextFile {
        path: row.get(0)?,
        stat: FileStat { size: unsigned(1)?, mtime_ns: row.get(2)?, ctime_ns: row.get(3)?, inode: unsigned(4)? },
        language: language.and_then(Language::from_number),
    })
}

/// The row of a path.
pub(super) fn by_path(connection: &Connection, path: &[u8]) -> rusqlite::Result<Option<FileRow>> {
    let sql = format!("SELECT {COLUMNS} FROM file WHERE path = ?1");
    connection.prepare_cached(&sql)?.query_row([path], from_row).optional()
}

/// Calls `visit` with rows by path, those after `after` if given, until it returns `false`.
pub(super) fn each_by_path(
    connection: &Connection,
    after: Option<&[u8]>,
    mut visit: impl FnMut(FileRow) -> bool,
) -> rusqlite::Result<()> {
    let sql = format!("SELECT {COLUMNS} FROM file WHERE path > ?1 ORDER BY path");
    let all = format!("SELECT {COLUMNS} FROM file ORDER BY path");
    let mut statement = connection.prepare_cached(if after.is_some() { &sql } else { &all })?;
    let mut rows = match after {
        Some(path) => statement.query([path])?,
        None => statement.query([])?,
    };
    while let Some(row) = rows.next()? {
        if !visit(from_row(row)?) {
            break;
        }
    }
    Ok(())
}

/// Writes a row, replacing the one of its number.
pub(super) fn put(connection: &Connection, row: &FileRow) -> rusqlite::Result<()> {
    let structure = row.structure.as_ref();
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO file VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)",
        )?
        .execute(params![
            row.id,
            row.path,
            row.stat.size.cast_signed(),
            row.stat.mtime_ns,
            row.stat.ctime_ns,
            row.stat.inode.cast_signed(),
            row.read_ns,
            row.disposition.number(),
            row.reason,
            row.language.map(Language::number),
            row.content_hash,
            row.scan_generation.cast_signed(),
            structure.map(|s| s.hash),
            structure.map(|s| s.version.cast_signed()),
            structure.is_some_and(|s| s.lexical),
            structure.map_or(0, |s| s.symbols),
            structure.map_or(0, |s| s.references),
            structure.map_or(0, |s| s.generation.cast_signed()),
        ])?;
    Ok(())
}

/// Makes text files without a language look as if they had been read long ago, so that the next job reads them again.
pub(super) fn forget_unlanguaged(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("UPDATE file SET read_ns = 0 WHERE language IS NULL AND content_hash IS NOT NULL", [])?;
    Ok(())
}

/// Removes a row.
pub(super) fn delete(connection: &Connection, id: FileId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM file WHERE id = ?1")?.execute([id])?;
    Ok(())
}
