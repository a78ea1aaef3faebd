//! Questions in words, and rows that answer them.

use vigie_core::kinds::SymbolKind;
use vigie_core::query as core;
use vigie_proto as wire;
use vigie_proto::{Bytes, Ext, Failure};

use super::rows::{ROW_FIXED_BYTES, SPAN_BYTES, language_name, spans};
use super::structure::{since, symbol, symbol_bytes, symbol_kinds};

/// What is looked for, and definitions of which kinds.
pub(crate) fn search(query: &wire::SearchQuery) -> Result<(String, Vec<SymbolKind>), Failure> {
    Ok((query.query.clone(), symbol_kinds(&query.kinds)?))
}

/// The place in a file that answers.
pub(super) fn place(row: core::SearchRow) -> wire::SearchRow {
    wire::SearchRow {
        path: Bytes(row.path),
        language: language_name(row.language),
        symbol: row.symbol.map(symbol),
        start_line: row.start_line,
        end_line: row.end_line,
        score_milli: milli(row.score),
        parts: parts(row.parts),
        line: row.line,
        text: Bytes(row.text.into_bytes()),
        spans: spans(row.spans),
        flags: since(row.since),
        ext: Ext::default(),
    }
}

/// Bytes of a place's texts, and of its definition.
pub(super) fn place_bytes(row: &wire::SearchRow) -> usize {
    let of_symbol = row.symbol.as_ref().map_or(0, |symbol| ROW_FIXED_BYTES + symbol_bytes(symbol));
    row.path.0.len() + row.language.len() + row.text.0.len() + row.spans.len() * SPAN_BYTES + of_symbol
}

fn parts(parts: core::ScoreParts) -> wire::ScoreParts {
    wire::ScoreParts {
        text_milli: milli(parts.text),
        path_milli: milli(parts.path),
        definition_milli: milli(parts.definition),
        passage_milli: milli(parts.passage),
        density_milli: milli(parts.density),
        prior_milli: milli(parts.prior),
        ext: Ext::default(),
    }
}

/// In thousandths. What is below nothing is nothing.
pub(super) fn milli(number: f32) -> u32 {
    (number * 1000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_are_rounded_and_never_wrap() {
        assert_eq!([0.0, 0.0004, 0.0006, 12.3456, 1.0].map(milli), [0, 0, 1, 12_346, 1_000]);
        assert_eq!([-1.0, f32::NAN, f32::INFINITY].map(milli), [0, 0, u32::MAX]);
    }

    #[test]
    fn an_unknown_kind_is_refused() {
        assert!(search(&wire::SearchQuery { kinds: vec![wire::SymbolKind(99)], ..Default::default() }).is_err());
    }
}
