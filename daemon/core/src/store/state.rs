//! How a project's store stands: what its writer knows, what a job leaves in it, what others are told.

use crate::varint::{Malformed, Reader, put};

use super::change_log::LogState;
use super::file::FileId;
use super::tally::Tally;

/// Result of the checkpoint at `close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// A reader or writer was in the way; the WAL was not emptied.
    pub busy: bool,
    /// Frames in the WAL after the checkpoint; 0 = it is empty.
    pub wal_frames: i64,
    /// Frames moved into the database.
    pub moved_frames: i64,
}

/// How the last job stands; written with every commit, so that after a crash the same job knows what it has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobMark {
    /// Its id.
    pub job: u64,
    /// The generation before its first commit.
    pub start_generation: u64,
    /// Share of it that is committed, in thousandths.
    pub permille: u16,
    /// Files its walk found that are not scanned yet.
    pub scan_pending: u64,
}

impl JobMark {
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for value in [self.job, self.start_generation, self.permille.into(), self.scan_pending] {
            put(&mut out, value);
        }
        out
    }

    pub(super) fn unpack(bytes: &[u8]) -> Result<JobMark, Malformed> {
        let mut reader = Reader::new(bytes);
        Ok(JobMark {
            job: reader.u64()?,
            start_generation: reader.u64()?,
            permille: u16::try_from(reader.u64()?).map_err(|_| Malformed)?,
            scan_pending: reader.u64()?,
        })
    }
}

/// How a project's index stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of the last commit.
    pub generation: u64,
    /// Files known.
    pub files: u64,
    /// Source bytes of them.
    pub bytes: u64,
    /// Files searchable as text.
    pub text_files: u64,
    /// Files of a known language.
    pub structure_files: u64,
    /// Files whose structure is not that of their content.
    pub structure_pending: u64,
    /// Files found by the running or an interrupted job but not scanned yet.
    pub text_pending: u64,
    /// Files left out on purpose: binary, too large, special.
    pub skipped: u64,
    /// Files that failed: unreadable, unstable, quarantined.
    pub failed: u64,
    /// Of those, files and directories that could not be read.
    pub unread: u64,
    /// Of those, directories. They are no files, and count as such nowhere.
    pub unread_directories: u64,
    /// Definitions.
    pub symbols: u64,
    /// References.
    pub references: u64,
    /// Bytes on disk, WAL included.
    pub store_bytes: u64,
    /// When the last completed walk began, in milliseconds since 1970; 0 = never.
    pub walked_ms: u64,
    /// When a job last ended complete and without limit, in milliseconds since 1970; 0 = never.
    pub indexed_ms: u64,
}

impl Summary {
    /// Whether nothing was ever put into the index.
    pub fn is_untouched(&self) -> bool {
        self.walked_ms == 0 && self.generation == 0
    }

    /// Whether everything the last walk found is in, in both tiers.
    pub fn is_complete(&self) -> bool {
        self.walked_ms > 0 && self.text_pending == 0 && self.structure_pending == 0
    }
}

/// What others may know of the writer's state at any moment.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) generation: u64,
    pub(super) manifest: u64,
    pub(super) tally: Tally,
    pub(super) job: JobMark,
    pub(super) walked_ms: u64,
    pub(super) indexed_ms: u64,
    /// Mark of the table of languages that files were looked at with.
    pub(super) languages: u64,
    pub(super) next_file: FileId,
    pub(super) log: LogState,
}
