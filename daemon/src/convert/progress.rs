//! Stages, counters and outcomes as events.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use vigie_core::index::{FileOutcome, Progress, Stats};
use vigie_core::kinds::{Disposition, Stage};
use vigie_proto as wire;

/// A path's bytes.
pub(crate) fn path_bytes(path: &Path) -> wire::Bytes {
    wire::Bytes(path.as_os_str().as_bytes().to_vec())
}

/// Stages have the same numbers on both sides.
pub(crate) fn stage(stage: Stage) -> wire::Stage {
    wire::Stage(stage.number().into())
}

/// Dispositions have the same numbers on both sides.
pub(crate) fn disposition(disposition: Disposition) -> wire::Disposition {
    wire::Disposition(disposition.number().into())
}

/// Puts a job's counters into an event, if they are of the event's stage; a counter of another stage would mislead.
pub(crate) fn fill_counters(event: &mut wire::ProgressEvent, progress: &Progress) {
    event.errors = progress.errors;
    event.permille = event.permille.max(progress.permille.min(999));
    if progress.stage.map(stage) != Some(event.stage) {
        return;
    }
    event.current = progress.current;
    event.total = progress.total;
    event.bytes = progress.bytes;
    if let Some((file, since)) = &progress.file {
        event.file = wire::Bytes(file.to_vec());
        event.file_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    }
}

/// What a job did.
pub(crate) fn stats(stats: &Stats, limit: wire::Limit, peak_memory_bytes: u64) -> wire::Stats {
    wire::Stats {
        files_seen: stats.files_seen,
        files_indexed: stats.files_indexed,
        files_unchanged: stats.files_unchanged,
        files_skipped: stats.files_skipped,
        files_pending: stats.files_pending,
        files_failed: stats.files_failed,
        files_unread: stats.files_unread,
        directories_unread: stats.directories_unread,
        files_cached: stats.files_cached,
        files_deleted: stats.files_deleted,
        symbols: stats.symbols,
        references: stats.references,
        bytes: stats.bytes,
        elapsed_ms: stats.elapsed_ms,
        text_ready_ms: stats.text_ready_ms,
        generation: stats.generation,
        peak_memory_bytes,
        store_bytes: stats.store_bytes,
        limit,
        ext: wire::Ext::default(),
    }
}

/// What became of one file.
pub(crate) fn file(outcome: &FileOutcome<'_>) -> wire::FileEvent {
    wire::FileEvent {
        path: wire::Bytes(outcome.path.to_vec()),
        stage: stage(outcome.stage),
        disposition: disposition(outcome.disposition),
        reason: outcome.reason.to_owned(),
        language: outcome.language.map(|language| language.name().to_owned()).unwrap_or_default(),
        symbols: outcome.symbols,
        micros: outcome.micros,
        ext: wire::Ext::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_on_both_sides() {
        for value in Stage::ALL {
            assert_eq!(stage(*value).name(), value.name());
        }
        for value in Disposition::ALL {
            assert_eq!(disposition(*value).name(), value.name());
        }
    }

    #[test]
    fn counters_of_another_stage_stay_out() {
        let mut event = wire::ProgressEvent { stage: wire::Stage::INDEXING, permille: 7, ..Default::default() };
        let progress =
            Progress { stage: Some(Stage::Scanning), current: 5, total: 9, permille: 3, ..Progress::default() };
        fill_counters(&mut event, &progress);
        assert_eq!((event.current, event.total, event.permille), (0, 0, 7), "and permille never falls");
        event.stage = wire::Stage::SCANNING;
        fill_counters(&mut event, &progress);
        assert_eq!((event.current, event.total), (5, 9));
    }
}
