//! Counts over all files, kept up to date by every commit so that a status is one look-up and not a scan.

use crate::kinds::Disposition;
use crate::varint::{Malformed, Reader, put};

use super::file::FileRow;

/// Counts over all files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) text_files: u64,
    pub(super) structure_files: u64,
    pub(super) structure_pending: u64,
    pub(super) skipped: u64,
    pub(super) failed: u64,
    pub(super) unread: u64,
    pub(super) unread_directories: u64,
    pub(super) symbols: u64,
    pub(super) references: u64,
}

impl Tally {
    fn of(row: &FileRow) -> Tally {
        let (skipped, failed) = match row.disposition {
            Disposition::Indexed => (0, 0),
            Disposition::Binary | Disposition::TooLarge | Disposition::Special => (1, 0),
            Disposition::Unreadable | Disposition::Unstable | Disposition::Quarantined => (0, 1),
        };
        Tally {
            files: (!row.is_directory()).into(),
            bytes: row.stat.size,
            text_files: row.is_text().into(),
            structure_files: (row.is_text() && row.language.is_some()).into(),
            structure_pending: row.structure_pending().into(),
            skipped,
            failed,
            unread: matches!(row.disposition, Disposition::Unreadable | Disposition::Unstable).into(),
            unread_directories: row.is_directory().into(),
            symbols: row.structure.as_ref().map_or(0, |s| s.symbols.into()),
            references: row.structure.as_ref().map_or(0, |s| s.references.into()),
        }
    }

    fn combine(self, other: Tally, op: impl Fn(u64, u64) -> u64) -> Tally {
        Tally {
            files: op(self.files, other.files),
            bytes: op(self.bytes, other.bytes),
            text_files: op(self.text_files, other.text_files),
            structure_files: op(self.structure_files, other.structure_files),
            structure_pending: op(self.structure_pending, other.structure_pending),
            skipped: op(self.skipped, other.skipped),
            failed: op(self.failed, other.failed),
            unread: op(self.unread, other.unread),
            unread_directories: op(self.unread_directories, other.unread_directories),
            symbols: op(self.symbols, other.symbols),
            references: op(self.references, other.references),
        }
    }

    /// Counts a row in.
    pub(super) fn add(&mut self, row: &FileRow) {
        *self = self.combine(Tally::of(row), u64::saturating_add);
    }

    /// Counts a row out.
    pub(super) fn remove(&mut self, row: &FileRow) {
        *self = self.combine(Tally::of(row), u64::saturating_sub);
    }

    /// As a blob.
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for value in [
            self.files,
            self.bytes,
            self.text_files,
            self.structure_files,
            self.structure_pending,
            self.skipped,
            self.failed,
            self.unread,
            self.unread_directories,
            self.symbols,
            self.references,
        ] {
            put(&mut out, value);
        }
        out
    }

    /// From a blob.
    pub(super) fn unpack(bytes: &[u8]) -> Result<Tally, Malformed> {
        let mut reader = Reader::new(bytes);
        Ok(Tally {
            files: reader.u64()?,
            bytes: reader.u64()?,
            text_files: reader.u64()?,
            structure_files: reader.u64()?,
            structure_pending: reader.u64()?,
            skipped: reader.u64()?,
            failed: reader.u64()?,
            unread: reader.u64()?,
            unread_directories: reader.u64()?,
            symbols: reader.u64()?,
            references: reader.u64()?,
        })
    }
}
