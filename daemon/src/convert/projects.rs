//! Projects and how complete their indexes are.

use std::path::Path;

use vigie_core::store::Summary;
use vigie_core::store::registry::ProjectRecord;
use vigie_proto as wire;

use super::progress::path_bytes;
use crate::actors::watcher::Standing;

/// A row about a project. `summary` is of its open store; else the record's figures stand in.
pub(crate) fn row(
    record: &ProjectRecord,
    state: wire::ProjectState,
    summary: Option<&Summary>,
    projects_dir: &Path,
) -> wire::ProjectRow {
    let record = summary.map_or_else(|| record.clone(), |summary| with_figures(record.clone(), summary));
    wire::ProjectRow {
        root: path_bytes(&record.root),
        state,
        generation: record.generation,
        files: record.files,
        bytes: record.bytes,
        symbols: record.symbols,
        references: record.references,
        store_bytes: record.store_bytes,
        indexed_ms: record.indexed_ms,
        store: path_bytes(&projects_dir.join(&record.store_name)),
        note: record.note,
        ..wire::ProjectRow::default()
    }
}

/// The row, with how the project is followed.
pub(crate) fn with_watch(row: wire::ProjectRow, standing: Option<&Standing>) -> wire::ProjectRow {
    let Some(standing) = standing else { return row };
    wire::ProjectRow {
        watch: standing.state,
        watch_directories: standing.directories,
        watch_note: standing.note.clone(),
        ..row
    }
}

/// The record with the figures of its store.
pub(crate) fn with_figures(record: ProjectRecord, summary: &Summary) -> ProjectRecord {
    ProjectRecord {
        generation: summary.generation,
        files: summary.files,
        bytes: summary.bytes,
        symbols: summary.symbols,
        references: summary.references,
        store_bytes: summary.store_bytes,
        indexed_ms: summary.indexed_ms,
        ..record
    }
}

/// How complete an index is.
pub(crate) fn coverage(summary: &Summary) -> wire::CoverageSummary {
    wire::CoverageSummary {
        complete: summary.is_complete(),
        files: summary.files,
        text_files: summary.text_files,
        structure_files: summary.structure_files,
        structure_pending: summary.structure_pending,
        text_pending: summary.text_pending,
        skipped: summary.skipped,
        failed: summary.failed,
        unread: summary.unread,
        ext: wire::Ext::default(),
    }
}

/// Milliseconds since the last walk; 0 if it lies in the future or never was.
pub(crate) fn age_ms(summary: &Summary, now_ms: u64) -> u64 {
    if summary.walked_ms == 0 { 0 } else { now_ms.saturating_sub(summary.walked_ms) }
}
