//! Rows of answers, cut into bodies of at most [`PAGE_FRAME_BYTES`] unless one row alone is longer.

use vigie_core::query::{self as core, Report, Rows, StructureState};
use vigie_proto as wire;
use vigie_proto::{Bytes, Ext, PAGE_FRAME_BYTES, row_flag};

use super::progress::disposition;
use super::{changed, reading, search, structure};

/// Bytes that the fixed fields and lengths of any row take at most.
pub(super) const ROW_FIXED_BYTES: usize = 200;
/// Bytes that one span takes.
pub(super) const SPAN_BYTES: usize = 16;

/// A page of rows, ready to be framed.
#[derive(Debug)]
pub(crate) enum Part {
    /// Matching lines.
    Text(wire::TextRows),
    /// Files with matching lines.
    FileMatches(wire::FileMatchRows),
    /// Definitions.
    Symbols(wire::SymbolRows),
    /// Occurrences.
    References(wire::ReferenceRows),
    /// Calls.
    Calls(wire::CallRows),
    /// Inheritance.
    Hierarchy(wire::HierarchyRows),
    /// Imports.
    Imports(wire::ImportRows),
    /// What answers a question in words.
    Search(wire::SearchRows),
    /// What changed.
    Changed(wire::ChangedRows),
    /// What is worth reading.
    Context(wire::ContextRows),
    /// The shape of a project.
    Map(wire::MapRows),
    /// What depends on something.
    Impact(wire::ImpactRows),
    /// Files.
    Files(wire::FileRows),
    /// Coverage.
    Coverage(wire::CoverageRows),
    /// Lines of a dump.
    Dump(wire::DumpLines),
}

/// Cuts a page into parts, each of which fits a frame.
pub(crate) fn parts(rows: Rows) -> Vec<Part> {
    let ext = Ext::default;
    match rows {
        Rows::Text(rows) => {
            let size = |row: &wire::TextRow| row.path.0.len() + row.text.0.len() + row.spans.len() * SPAN_BYTES;
            cut(rows, text, size, |rows| Part::Text(wire::TextRows { rows, ext: ext() }))
        }
        Rows::FileMatches(rows) => {
            let size = |row: &wire::FileMatchRow| row.path.0.len();
            cut(rows, file_match, size, |rows| Part::FileMatches(wire::FileMatchRows { rows, ext: ext() }))
        }
        Rows::Symbols(rows) => {
            let part = |rows| Part::Symbols(wire::SymbolRows { rows, ext: ext() });
            cut(rows, structure::symbol, structure::symbol_bytes, part)
        }
        Rows::References(rows) => {
            let part = |rows| Part::References(wire::ReferenceRows { rows, ext: ext() });
            cut(rows, structure::reference, structure::reference_bytes, part)
        }
        Rows::Calls(rows) => {
            let part = |rows| Part::Calls(wire::CallRows { rows, ext: ext() });
            cut(rows, structure::call, structure::call_bytes, part)
        }
        Rows::Hierarchy(rows) => {
            let part = |rows| Part::Hierarchy(wire::HierarchyRows { rows, ext: ext() });
            cut(rows, structure::step, structure::step_bytes, part)
        }
        Rows::Imports(rows) => {
            let part = |rows| Part::Imports(wire::ImportRows { rows, ext: ext() });
            cut(rows, structure::import, structure::import_bytes, part)
        }
        Rows::Search(rows) => {
            let part = |rows| Part::Search(wire::SearchRows { rows, ext: ext() });
            cut(rows, search::place, search::place_bytes, part)
        }
        Rows::Changed(rows) => {
            let part = |rows| Part::Changed(wire::ChangedRows { rows, ext: ext() });
            cut(rows, changed::change, changed::change_bytes, part)
        }
        Rows::Context(rows, budget) => {
            let budget = reading::budget(budget);
            let part = |rows| Part::Context(wire::ContextRows { rows, budget: budget.clone(), ext: ext() });
            cut(rows, reading::reading, reading::reading_bytes, part)
        }
        Rows::Map(rows, budget) => {
            let budget = reading::budget(budget);
            let part = |rows| Part::Map(wire::MapRows { rows, budget: budget.clone(), ext: ext() });
            cut(rows, reading::place, reading::place_bytes, part)
        }
        Rows::Impact(rows) => {
            let part = |rows| Part::Impact(wire::ImpactRows { rows, ext: ext() });
            cut(rows, structure::dependent, structure::dependent_bytes, part)
        }
        Rows::Files(rows) => {
            let size = |row: &wire::FileRow| row.path.0.len() + row.language.len();
            cut(rows, file, size, |rows| Part::Files(wire::FileRows { rows, ext: ext() }))
        }
        Rows::Coverage(rows) => {
            let size = |row: &wire::CoverageRow| row.path.0.len() + row.reason.len() + row.language.len();
            cut(rows, coverage, size, |rows| Part::Coverage(wire::CoverageRows { rows, ext: ext() }))
        }
        Rows::Dump(lines) => dump(&lines),
    }
}

fn cut<A, B>(
    rows: Vec<A>,
    convert: impl Fn(A) -> B,
    size: impl Fn(&B) -> usize,
    part: impl Fn(Vec<B>) -> Part,
) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut batch, mut batch_bytes) = (Vec::new(), 0);
    for row in rows {
        let row = convert(row);
        let row_bytes = ROW_FIXED_BYTES + size(&row);
        if batch_bytes + row_bytes > PAGE_FRAME_BYTES && !batch.is_empty() {
            parts.push(part(std::mem::take(&mut batch)));
            batch_bytes = 0;
        }
        batch.push(row);
        batch_bytes += row_bytes;
    }
    if !batch.is_empty() {
        parts.push(part(batch));
    }
    parts
}

fn dump(lines: &[u8]) -> Vec<Part> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        match parts.last_mut() {
            Some(part) if part.len() + line.len() <= PAGE_FRAME_BYTES - ROW_FIXED_BYTES => part.extend_from_slice(line),
            Some(_) | None => parts.push(line.to_vec()),
        }
    }
    parts.into_iter().map(|lines| Part::Dump(wire::DumpLines { lines: Bytes(lines), ext: Ext::default() })).collect()
}

/// A flag if it is set.
pub(super) fn flag(set: bool, flag: u16) -> u16 {
    if set { flag } else { 0 }
}

/// Matches within a line.
pub(super) fn spans(spans: Vec<(u32, u32)>) -> Vec<wire::Span> {
    spans.into_iter().map(|(start, end)| wire::Span { start, end, ext: Ext::default() }).collect()
}

fn text(row: core::TextRow) -> wire::TextRow {
    wire::TextRow {
        path: Bytes(row.path),
        line: row.line,
        column: row.column,
        column_utf16: row.column_utf16,
        text: Bytes(row.text),
        spans: spans(row.spans),
        flags: flag(row.changed, row_flag::CHANGED)
            | flag(row.truncated, row_flag::TRUNCATED)
            | flag(row.context, row_flag::CONTEXT),
        ext: Ext::default(),
    }
}

fn file_match(row: core::FileMatchRow) -> wire::FileMatchRow {
    wire::FileMatchRow {
        path: Bytes(row.path),
        lines: row.lines,
        matches: row.matches,
        flags: flag(row.changed, row_flag::CHANGED),
        ext: Ext::default(),
    }
}

/// The name of a language; empty = none.
pub(super) fn language_name(language: Option<vigie_core::kinds::Language>) -> String {
    language.map(|language| language.name().to_owned()).unwrap_or_default()
}

fn file(row: core::FileRow) -> wire::FileRow {
    wire::FileRow {
        path: Bytes(row.path),
        language: language_name(row.language),
        bytes: row.bytes,
        disposition: disposition(row.disposition),
        score: row.score,
        ext: Ext::default(),
    }
}

fn coverage(row: core::CoverageRow) -> wire::CoverageRow {
    wire::CoverageRow {
        path: Bytes(row.path),
        disposition: disposition(row.disposition),
        reason: row.reason,
        language: language_name(row.language),
        bytes: row.bytes,
        structure: structure_state(row.structure),
        symbols: row.symbols,
        references: row.references,
        generation: row.generation,
        ext: Ext::default(),
    }
}

fn structure_state(state: StructureState) -> wire::StructureState {
    match state {
        StructureState::None => wire::StructureState::NONE,
        StructureState::Current => wire::StructureState::CURRENT,
        StructureState::Pending => wire::StructureState::PENDING,
        StructureState::Stale => wire::StructureState::STALE,
        StructureState::Lexical => wire::StructureState::LEXICAL,
    }
}

/// The part of a summary that the query itself knows.
pub(crate) fn summary(report: Report) -> wire::QuerySummary {
    wire::QuerySummary {
        generation: report.generation,
        generation_changed: report.generation_changed,
        truncated: report.truncated,
        cursor: Bytes(report.cursor),
        rows: report.rows,
        vanished: report.vanished,
        notes: report.notes,
        ..wire::QuerySummary::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::encode;

    fn row(text_bytes: usize) -> core::TextRow {
        core::TextRow {
            path: b"a/b.rs".to_vec(),
            line: 1,
            column: 1,
            column_utf16: 1,
            text: vec![b'x'; text_bytes],
            spans: vec![(0, 1); 3],
            truncated: false,
            changed: true,
            context: false,
        }
    }

    #[test]
    fn parts_fit_their_frames_and_lose_nothing() {
        let parts = parts(Rows::Text((0..500).map(|n| row(n * 3)).collect()));
        assert!(parts.len() > 3);
        let mut rows = 0;
        for part in parts {
            let Part::Text(part) = part else { panic!("not text") };
            assert!(encode(&part).unwrap().len() <= PAGE_FRAME_BYTES);
            rows += part.rows.len();
        }
        assert_eq!(rows, 500);
    }

    #[test]
    fn a_dump_is_cut_between_lines() {
        let line = [vec![b'd'; 999], vec![b'\n']].concat();
        let parts = parts(Rows::Dump(line.repeat(200)));
        let sizes: Vec<_> = parts
            .iter()
            .map(|part| match part {
                Part::Dump(part) => part.lines.0.len(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(sizes.iter().sum::<usize>(), 200_000);
        assert!(sizes.iter().all(|size| size % 1000 == 0 && *size <= PAGE_FRAME_BYTES), "{sizes:?}");
    }
}
