//! Why a database failed.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the store failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// SQLite or the disk failed.
    #[error("cannot {action} {path}: {reason}", path = path.display())]
    Failed {
        /// What was attempted.
        action: &'static str,
        /// Which database.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// What is on disk is not what was written. The store is set aside when it is next opened.
    #[error("cannot {action} {path}: the database is damaged ({reason})", path = path.display())]
    Corrupt {
        /// What was attempted.
        action: &'static str,
        /// Which database.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Written by a newer version of Vigie.
    #[error("{path} has schema {found}, newer than schema {known} of this version", path = path.display())]
    Newer {
        /// Which database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// Written by an older version of Vigie in a form that is not read any more.
    #[error("{path} has schema {found}, which is not read any more", path = path.display())]
    Older {
        /// Which database.
        path: PathBuf,
        /// Its schema.
        found: i64,
    },
    /// The store is being closed.
    #[error("the store of this project is being closed")]
    Closing,
}

impl StoreError {
    /// Gives an error of SQLite its place.
    pub(super) fn new(action: &'static str, path: &Path, error: &rusqlite::Error) -> StoreError {
        let path = path.to_path_buf();
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt { action, path, reason },
            _ => match error {
                // A row that does not have the type it was written with, or a blob that does not decode.
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => StoreError::Corrupt { action, path, reason },
                _ => StoreError::Failed { action, path, reason },
            },
        }
    }
}

/// A blob that does not decode, as the error of the row it stands in.
pub(super) fn damaged(what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, what.into())
}

impl From<crate::text::PostingError> for rusqlite::Error {
    fn from(_: crate::text::PostingError) -> rusqlite::Error {
        damaged("posting list")
    }
}
