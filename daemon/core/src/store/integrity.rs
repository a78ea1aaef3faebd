//! Whether a database is whole, found out beside those who use it: through a connection of its own, in one read transaction, for no
//! longer than is wanted. Nothing is changed, whatever is found.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rusqlite::{Connection, ErrorCode};

use super::error::StoreError;
use super::schema;

/// What is wrong is said up to so many times; one is enough to know that the database is to be built anew.
const FINDINGS_MAX: usize = 3;
/// After so many steps of SQLite's machine it is looked whether to go on: some thousandths of a second.
const STEPS: i32 = 20_000;

/// How a database was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// Every page is where it belongs, and every row can be read.
    Whole,
    /// What is wrong; a sentence of SQLite.
    Damaged(String),
    /// There is none.
    Missing,
    /// The time was over, or nobody wanted to know any more.
    Unfinished,
}

/// When to leave off.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    /// At that moment.
    pub until: Option<Instant>,
    /// As soon as this is set.
    pub stop: Arc<AtomicBool>,
}

impl Patience {
    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// Reads a project's store whole. It may be in use meanwhile; what is committed while this reads stays in the write-ahead log until it
/// has ended.
pub fn check_store(path: &Path, patience: &Patience) -> Result<Integrity, StoreError> {
    if !path.exists() {
        return Ok(Integrity::Missing);
    }
    if let Some(reason) = schema::damage_marked(path) {
        return Ok(Integrity::Damaged(reason));
    }
    let mut connection = match schema::open_reader(path) {
        Ok(connection) => connection,
        Err(StoreError::Corrupt { reason, .. }) => return Ok(Integrity::Damaged(reason)),
        Err(error) => return Err(error),
    };
    let failed = |e: rusqlite::Error| StoreError::new("check", path, &e);
    let patience = patience.clone();
    connection.progress_handler(STEPS, Some(move || patience.is_over())).map_err(failed)?;
    match quick_check(&connection) {
        Ok(findings) if findings.is_empty() => Ok(Integrity::Whole),
        Ok(findings) => Ok(Integrity::Damaged(findings.join("; "))),
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(Integrity::Unfinished),
        Err(e) => match failed(e) {
            StoreError::Corrupt { reason, .. } => Ok(Integrity::Damaged(reason)),
            error => Err(error),
        },
    }
}

/// What is wrong, if anything is. It reads every page, but does not compare indexes with their tables, which would take many times as
/// long.
pub(super) fn quick_check(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("PRAGMA quick_check({FINDINGS_MAX})"))?;
    let findings = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(findings.into_iter().filter(|finding| finding != "ok").map(|finding| finding.replace('\n', " ")).collect())
}
