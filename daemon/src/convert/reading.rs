//! Packs to read and maps, under a budget of tokens.

use vigie_core::query::{self as core, ContextRequest, MapRequest};
use vigie_proto as wire;
use vigie_proto::{Bytes, Ext, Failure};

use super::rows::ROW_FIXED_BYTES;
use super::search::milli;
use super::structure::{kind, symbol, symbol_bytes, targets};

/// What is to be read about.
pub(crate) fn context(query: &wire::ContextQuery) -> Result<ContextRequest, Failure> {
    let wire::ContextQuery { targets: wanted, words, kinds, tokens_max, .. } = query;
    Ok(ContextRequest { targets: targets(wanted, kinds)?, words: words.clone(), tokens_max: *tokens_max })
}

/// How a project is to be shown.
pub(crate) fn map(query: &wire::MapQuery) -> MapRequest {
    MapRequest { tokens_max: query.tokens_max, depth: Some(query.depth).filter(|depth| *depth > 0) }
}

/// A definition that is worth reading.
pub(super) fn reading(row: core::ContextRow) -> wire::ContextRow {
    wire::ContextRow {
        symbol: symbol(row.symbol),
        reason: reason(row.reason),
        of: row.of,
        form: form(row.form),
        heading: row.heading,
        text: Bytes(row.text.into_bytes()),
        tokens: row.tokens,
        ext: Ext::default(),
    }
}

/// Bytes of its texts.
pub(super) fn reading_bytes(row: &wire::ContextRow) -> usize {
    symbol_bytes(&row.symbol) + row.of.len() + row.heading.len() + row.text.0.len()
}

/// A directory or file.
pub(super) fn place(row: core::MapRow) -> wire::MapRow {
    let of_symbol = |symbol: core::MapSymbol| wire::MapSymbol {
        name: symbol.name,
        kind: kind(symbol.kind),
        line: symbol.line,
        ext: Ext::default(),
    };
    wire::MapRow {
        path: Bytes(row.path),
        name: row.name,
        detail: row.detail,
        directory: row.is_directory,
        depth: row.depth,
        files: row.files,
        rank_milli: milli(row.rank).into(),
        symbols: row.symbols.into_iter().map(of_symbol).collect(),
        tokens: row.tokens,
        ext: Ext::default(),
    }
}

/// Bytes of its texts.
pub(super) fn place_bytes(row: &wire::MapRow) -> usize {
    let symbols: usize = row.symbols.iter().map(|symbol| ROW_FIXED_BYTES / 4 + symbol.name.len()).sum();
    row.path.0.len() + row.name.len() + row.detail.len() + symbols
}

/// What an answer took.
pub(super) fn budget(budget: core::TokenBudget) -> wire::TokenBudget {
    let core::TokenBudget { used, max, left_out } = budget;
    wire::TokenBudget { used, max, left_out, ext: Ext::default() }
}

fn reason(reason: core::Reason) -> wire::Reason {
    match reason {
        core::Reason::Asked => wire::Reason::ASKED,
        core::Reason::Member => wire::Reason::MEMBER,
        core::Reason::Caller => wire::Reason::CALLER,
        core::Reason::Subtype => wire::Reason::SUBTYPE,
        core::Reason::User => wire::Reason::USER,
        core::Reason::Callee => wire::Reason::CALLEE,
        core::Reason::Type => wire::Reason::TYPE,
        core::Reason::Test => wire::Reason::TEST,
        core::Reason::Sibling => wire::Reason::SIBLING,
    }
}

fn form(form: core::Form) -> wire::Form {
    match form {
        core::Form::Whole => wire::Form::WHOLE,
        core::Form::Brief => wire::Form::BRIEF,
        core::Form::LeftOut => wire::Form::LEFT_OUT,
    }
}
