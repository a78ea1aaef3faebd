//! The table `meta` that every database has: single values by name.

use rusqlite::types::{FromSql, ToSql};
use rusqlite::{Connection, OptionalExtension, params};

/// A value of the table `meta`.
pub(super) fn get_meta<T: FromSql>(connection: &Connection, key: &str) -> rusqlite::Result<Option<T>> {
    connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()
}

/// Writes a value of the table `meta`.
pub(super) fn put_meta(connection: &Connection, key: &str, value: impl ToSql) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?.execute(params![key, value])?;
    Ok(())
}
