//! Opening databases: pragmas, tables, schema numbers, and setting a damaged database aside.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::StoreError;

/// Newest schema of a project's store.
pub(super) const PROJECT_SCHEMA: i64 = 8;
/// Newest schema of the registry.
pub(super) const REGISTRY_SCHEMA: i64 = 4;

/// A WAL longer than this is cut back after a checkpoint, in bytes.
const WAL_BYTES_MAX: i64 = 64 << 20;
/// Pages of WAL after which a commit checkpoints, 16 MiB.
const CHECKPOINT_PAGES: u32 = 4096;

/// How a project's store is laid out.
///
/// `file` has one row for each file the walk found. Segments are immutable but for their tombstones; `posting_block` belongs to
/// lexical ones, `facts` to structure ones, and `dictionary_block` to both: of terms in lexical ones, of names in structure ones. Blobs are varint-coded; the modules that write them say how. The
/// columns of `facts` but `names` do not depend on the segment, so that a merge moves them as they are. `change_log` has what files
/// were before a generation changed them; see `change_log.rs`.
///
/// Tables with long blobs have row ids: without them SQLite keeps at most a quarter of a page of a row in the tree, and the rest of a
/// longer one gets overflow pages of its own, which stay mostly empty.
const PROJECT_TABLES: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE file(
  id INTEGER PRIMARY KEY,
  path BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
  read_ns INTEGER NOT NULL,
  disposition INTEGER NOT NULL, reason TEXT NOT NULL,
  language INTEGER,
  content_hash BLOB,
  scan_generation INTEGER NOT NULL,
  structure_hash BLOB, structure_version INTEGER, structure_lexical INTEGER NOT NULL,
  symbols INTEGER NOT NULL, \"references\" INTEGER NOT NULL,
  structure_generation INTEGER NOT NULL
) STRICT;
CREATE TABLE segment(
  id INTEGER PRIMARY KEY,
  tier INTEGER NOT NULL, level INTEGER NOT NULL,
  files BLOB NOT NULL, tombstones BLOB NOT NULL
) STRICT;
CREATE TABLE posting_block(
  id INTEGER PRIMARY KEY, -- segment << 24 | first trigram
  entries BLOB NOT NULL
) STRICT;
CREATE TABLE dictionary_block(
  id INTEGER PRIMARY KEY, -- segment << 32 | number of the block in the segment
  segment INTEGER NOT NULL, first BLOB NOT NULL, entries BLOB NOT NULL
) STRICT;
CREATE INDEX dictionary_block_first ON dictionary_block(segment, first);
CREATE TABLE facts(
  id INTEGER PRIMARY KEY, -- segment << 32 | number of the file in the segment
  names BLOB NOT NULL, declarations BLOB NOT NULL, occurrences BLOB NOT NULL
) STRICT;
CREATE TABLE change_log(
  generation INTEGER NOT NULL, path BLOB NOT NULL,
  content INTEGER NOT NULL, language INTEGER, hash BLOB, defined BLOB NOT NULL,
  PRIMARY KEY(generation, path)
) STRICT;
";

const REGISTRY_TABLES: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE project(
  root BLOB PRIMARY KEY, store_name TEXT NOT NULL, registered_ms INTEGER NOT NULL, note TEXT NOT NULL,
  generation INTEGER NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL,
  symbols INTEGER NOT NULL, \"references\" INTEGER NOT NULL, store_bytes INTEGER NOT NULL, indexed_ms INTEGER NOT NULL,
  watched INTEGER NOT NULL, used_ms INTEGER NOT NULL, gone_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE job(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  root BLOB NOT NULL, kind INTEGER NOT NULL, force INTEGER NOT NULL,
  files_max INTEGER, bytes_max INTEGER, time_max_ms INTEGER, memory_bytes_max INTEGER,
  state INTEGER NOT NULL, cancel_requested INTEGER NOT NULL,
  accepted_ms INTEGER NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,
  deaths INTEGER NOT NULL, terminal BLOB NOT NULL, workers_max INTEGER
) STRICT;
CREATE INDEX job_state ON job(state);
";

/// What makes a registry of each schema one of the next. It cannot be built anew, as a store can: it alone says which projects there
/// are.
const REGISTRY_STEPS: [&str; 3] = [
    "ALTER TABLE project ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE project ADD COLUMN used_ms INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE project ADD COLUMN gone_ms INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE job ADD COLUMN workers_max INTEGER;",
    // From here on a job may be paused. A version that knows no such state would take the registry for damaged: it must refuse it.
    "",
];

/// Opens or creates a project's store for writing.
pub(super) fn open_project(path: &Path) -> Result<Connection, StoreError> {
    open(path, PROJECT_SCHEMA, PROJECT_TABLES, &[], "NORMAL")
}

/// Opens or creates the registry.
pub(super) fn open_registry(path: &Path) -> Result<Connection, StoreError> {
    open(path, REGISTRY_SCHEMA, REGISTRY_TABLES, &REGISTRY_STEPS, "FULL")
}

/// Opens an existing store for reading.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let failed = |e: rusqlite::Error| StoreError::new("open", path, &e);
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE,
    )
    .map_err(failed)?;
    connection.pragma_update(None, "query_only", true).map_err(failed)?;
    connection.pragma_update(None, "cache_size", -4_000).map_err(failed)?;
    keep_plans(&connection).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// `steps` lead from schema 1 to `schema`; without them an older database is refused.
fn open(path: &Path, schema: i64, tables: &str, steps: &[&str], synchronous: &str) -> Result<Connection, StoreError> {
    let failed = |e: rusqlite::Error| StoreError::new("open", path, &e);
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_EXRESCODE,
    )
    .map_err(failed)?;
    // Read before anything is set: a store of a newer version is left as it is.
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    if found > schema {
        return Err(StoreError::Newer { path: path.to_path_buf(), found, known: schema });
    }
    if 0 < found && found < schema && steps.is_empty() {
        return Err(StoreError::Older { path: path.to_path_buf(), found });
    }
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    connection.pragma_update(None, "synchronous", synchronous).map_err(failed)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_MAX).map_err(failed)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(failed)?;
    connection.pragma_update(None, "cache_size", -16_000).map_err(failed)?;
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(failed)?;
    keep_plans(&connection).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    if found == 0 {
        let create = format!("BEGIN IMMEDIATE; {tables} PRAGMA user_version = {schema}; COMMIT;");
        connection.execute_batch(&create).map_err(failed)?;
    } else if found < schema {
        let left: String = steps.iter().skip(usize::try_from(found - 1).unwrap_or(usize::MAX)).copied().collect();
        let change = format!("BEGIN IMMEDIATE; {left} PRAGMA user_version = {schema}; COMMIT;");
        connection.execute_batch(&change).map_err(failed)?;
    }
    Ok(connection)
}

/// Removes a project's store, and whatever was set aside of it; how many bytes it had.
pub fn remove_store(path: &Path) -> Result<u64, StoreError> {
    let aside = beside(path, ".corrupt");
    let bytes = disk_bytes(path) + disk_bytes(&aside);
    remove(path)?;
    remove_file(path, &aside)?;
    Ok(bytes)
}

/// Gives back what memory a connection can do without: its page cache, above all.
pub(super) fn shrink(connection: &Connection) {
    // What cannot be given back now is kept, and harms nobody.
    let _kept = connection.execute_batch("PRAGMA shrink_memory");
}

/// Without this SQLite parses and plans a statement anew whenever another value is bound to a bound of a range
/// (<https://www.sqlite.org/queryplanner-ng.html#qpstab>), which costs several times the look-up itself.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}

/// Opens a database with `open`; one that is damaged is set aside first, one of an older version makes place, and the second value
/// says so.
pub(super) fn open_or_set_aside<T>(
    path: &Path,
    open: impl Fn(&Path) -> Result<T, StoreError>,
) -> Result<(T, Option<String>), StoreError> {
    let reason = match damage_marked(path) {
        Some(reason) => reason,
        None => match open(path) {
            Ok(opened) => return Ok((opened, None)),
            Err(StoreError::Corrupt { reason, .. }) => reason,
            Err(StoreError::Older { .. }) => {
                remove(path)?;
                let note = "the index was of an older version, so it is built anew".to_owned();
                return open(path).map(|opened| (opened, Some(note)));
            }
            Err(error) => return Err(error),
        },
    };
    let aside = set_aside(path)?;
    let note = format!("the database was damaged ({reason}); it was set aside as {} and rebuilt", aside.display());
    open(path).map(|opened| (opened, Some(note)))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Remembers that a database turned out to be damaged while it was in use: it is set aside when it is next opened.
pub(super) fn mark_damaged(path: &Path, reason: &str) {
    // Should this fail too, the damage is found again when it is next read.
    let _best_effort = fs::write(beside(path, ".damaged"), reason);
}

pub(super) fn damage_marked(path: &Path) -> Option<String> {
    fs::read_to_string(beside(path, ".damaged")).ok()
}

/// Renames a database and its companions out of the way and returns its new name. One earlier damaged database is kept.
fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let failed =
        |e: std::io::Error| StoreError::Failed { action: "set aside", path: path.to_path_buf(), reason: e.to_string() };
    let aside = beside(path, ".corrupt");
    match fs::rename(path, &aside) {
        // Renamed already, by one that died before it could remove the mark.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        renamed => renamed.map_err(failed)?,
    }
    remove_companions(path)?;
    Ok(aside)
}

/// Removes a database and its companions.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    remove_file(path, path)?;
    remove_companions(path)
}

fn remove_companions(path: &Path) -> Result<(), StoreError> {
    ["-wal", "-shm", ".damaged"].into_iter().try_for_each(|suffix| remove_file(path, &beside(path, suffix)))
}

fn remove_file(database: &Path, file: &Path) -> Result<(), StoreError> {
    match fs::remove_file(file) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::Failed { action: "remove", path: database.to_path_buf(), reason: e.to_string() })
        }
        _ => Ok(()),
    }
}

/// Bytes of a database on disk, its WAL included.
pub(super) fn disk_bytes(path: &Path) -> u64 {
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |m| m.len());
    bytes(path) + bytes(&beside(path, "-wal"))
}
