//! Questions about the structure of code, and rows that answer them.

use vigie_core::facts::Position;
use vigie_core::kinds::{Confidence, Role, SymbolKind};
use vigie_core::query::{
    self as core, CallRequest, HierarchyRequest, ImpactRequest, ImportRequest, NameMode, ReferenceRequest, Since,
    SymbolRequest, TargetRequest,
};
use vigie_proto as wire;
use vigie_proto::{Bytes, Direction, Ext, Failure, SymbolMode, call_tag, reference_flag, row_flag};

use super::failures::bad_argument;
use super::rows::flag;

/// What a symbol query asks.
#[derive(Debug)]
pub(crate) enum Symbols {
    /// Names that match.
    Names(SymbolRequest),
    /// What is meant.
    Definitions(TargetRequest),
    /// What a file defines.
    Outline(Vec<u8>, Vec<SymbolKind>),
}

/// Which definitions.
pub(crate) fn symbols(query: &wire::SymbolQuery) -> Result<Symbols, Failure> {
    let kinds = symbol_kinds(&query.kinds)?;
    let by_name = |mode, kinds| Ok(Symbols::Names(SymbolRequest { query: query.query.clone(), mode, kinds }));
    match query.mode {
        SymbolMode::SUBSTRING => by_name(NameMode::Substring, kinds),
        SymbolMode::EXACT => by_name(NameMode::Exact, kinds),
        SymbolMode::PREFIX => by_name(NameMode::Prefix, kinds),
        SymbolMode::FUZZY => by_name(NameMode::Fuzzy, kinds),
        SymbolMode::DEFINITION => Ok(Symbols::Definitions(TargetRequest { target: query.query.clone(), kinds })),
        SymbolMode::OUTLINE => Ok(Symbols::Outline(query.query.clone().into_bytes(), kinds)),
        SymbolMode(number) => Err(bad_argument(format!("symbol mode {number} is not known here"))),
    }
}

/// Which occurrences.
pub(crate) fn references(query: &wire::ReferenceQuery) -> Result<ReferenceRequest, Failure> {
    let roles = query.roles.iter().filter(|role| **role != wire::Role::DEFINITION);
    Ok(ReferenceRequest {
        target: target(&query.query, &query.kinds)?,
        roles: if query.roles.is_empty() {
            None
        } else {
            Some(roles.map(|role| self::role(*role)).collect::<Result<_, _>>()?)
        },
        with_definitions: query.flags & reference_flag::DEFINITIONS != 0
            || query.roles.contains(&wire::Role::DEFINITION),
        with_text: query.flags & reference_flag::TEXT != 0,
        only_certain: query.flags & reference_flag::CERTAIN != 0,
    })
}

/// Which calls.
pub(crate) fn calls(query: &wire::CallQuery) -> Result<CallRequest, Failure> {
    let callers = is_incoming(query.direction, "calls")?;
    let only_certain = query.ext.get(call_tag::CERTAIN).is_some();
    Ok(CallRequest { target: target(&query.query, &query.kinds)?, callers, depth: query.depth, only_certain })
}

/// What depends on something.
pub(crate) fn impact(query: &wire::ImpactQuery) -> Result<ImpactRequest, Failure> {
    let wire::ImpactQuery { gone, depth, certain, .. } = query;
    let targets = targets(&query.targets, &query.kinds)?;
    Ok(ImpactRequest { targets, gone: gone.clone(), depth: *depth, only_certain: *certain })
}

/// Which types.
pub(crate) fn hierarchy(query: &wire::HierarchyQuery) -> Result<HierarchyRequest, Failure> {
    let (bases, derived) = match query.direction {
        Direction::OUTGOING => (true, false),
        Direction::INCOMING => (false, true),
        Direction::BOTH => (true, true),
        Direction(number) => return Err(bad_argument(format!("direction {number} is not known here"))),
    };
    Ok(HierarchyRequest { target: target(&query.query, &query.kinds)?, bases, derived, depth: query.depth })
}

/// Which imports.
pub(crate) fn imports(query: &wire::ImportQuery) -> Result<ImportRequest, Failure> {
    Ok(ImportRequest { file: query.file.0.clone(), importers: is_incoming(query.direction, "imports")? })
}

/// Names and places, each of these kinds.
pub(super) fn targets(targets: &[String], kinds: &[wire::SymbolKind]) -> Result<Vec<TargetRequest>, Failure> {
    targets.iter().map(|one| target(one, kinds)).collect()
}

fn target(target: &str, kinds: &[wire::SymbolKind]) -> Result<TargetRequest, Failure> {
    Ok(TargetRequest { target: target.to_owned(), kinds: symbol_kinds(kinds)? })
}

fn is_incoming(direction: Direction, what: &str) -> Result<bool, Failure> {
    match direction {
        Direction::OUTGOING => Ok(false),
        Direction::INCOMING => Ok(true),
        Direction(_) => Err(bad_argument(format!("of {what} one direction is asked for, outgoing or incoming"))),
    }
}

fn role(role: wire::Role) -> Result<Role, Failure> {
    let known = u8::try_from(role.0).ok().and_then(Role::from_number);
    known.ok_or_else(|| bad_argument(format!("role {} is not known here", role.0)))
}

/// Kinds of definitions.
pub(super) fn symbol_kinds(kinds: &[wire::SymbolKind]) -> Result<Vec<SymbolKind>, Failure> {
    kinds.iter().map(|kind| symbol_kind(*kind)).collect()
}

fn symbol_kind(kind: wire::SymbolKind) -> Result<SymbolKind, Failure> {
    let known = u8::try_from(kind.0).ok().and_then(SymbolKind::from_number);
    known.ok_or_else(|| bad_argument(format!("symbol kind {} is not known here", kind.0)))
}

/// What has become of a file, as flags of a row.
pub(super) fn since(since: Since) -> u16 {
    match since {
        Since::Unchanged => 0,
        Since::Changed => row_flag::CHANGED,
        Since::Gone => row_flag::CHANGED | row_flag::GONE,
    }
}

/// A definition.
pub(super) fn symbol(row: core::SymbolRow) -> wire::SymbolRow {
    let flags = since(row.since) | flag(row.stale, row_flag::STALE) | flag(row.declaration, row_flag::DECLARATION);
    wire::SymbolRow {
        name: row.name,
        qualified: row.qualified,
        kind: kind(row.kind),
        path: Bytes(row.path),
        line: row.position.line,
        column: row.position.column,
        column_utf16: row.position.column_utf16,
        start_line: row.start_line,
        end_line: row.end_line,
        container: row.container,
        signature: row.signature,
        doc: row.doc,
        language: row.language.name().to_owned(),
        flags,
        score: row.score,
        confidence: confidence(row.confidence, false),
        ext: Ext::default(),
    }
}

/// Bytes of a definition's texts.
pub(super) fn symbol_bytes(row: &wire::SymbolRow) -> usize {
    let names = row.name.len() + row.qualified.len() + row.container.len();
    names + row.path.0.len() + row.signature.len() + row.doc.len() + row.language.len()
}

/// An occurrence.
pub(super) fn reference(row: core::ReferenceRow) -> wire::ReferenceRow {
    let Position { line, column, column_utf16 } = row.position;
    wire::ReferenceRow {
        path: Bytes(row.path),
        name: row.name,
        role: row.role.map_or(wire::Role::DEFINITION, |role| wire::Role(role.number().into())),
        line,
        column,
        column_utf16,
        enclosing: row.enclosing,
        meaning: meaning(row.meaning),
        language: row.language.name().to_owned(),
        text: Bytes(row.text),
        flags: since(row.since) | flag(row.stale, row_flag::STALE),
        ext: Ext::default(),
    }
}

/// Bytes of an occurrence's texts.
pub(super) fn reference_bytes(row: &wire::ReferenceRow) -> usize {
    row.path.0.len()
        + row.name.len()
        + row.enclosing.len()
        + row.language.len()
        + row.text.0.len()
        + meaning_bytes(&row.meaning)
}

/// A call.
pub(super) fn call(row: core::CallRow) -> wire::CallRow {
    let Position { line, column, column_utf16 } = row.position;
    wire::CallRow {
        from: row.from.map(brief),
        name: row.name,
        to: meaning(row.to),
        path: Bytes(row.path),
        line,
        column,
        column_utf16,
        depth: row.depth,
        flags: since(row.since) | flag(row.stale, row_flag::STALE),
        ext: Ext::default(),
    }
}

/// Bytes of a call's texts.
pub(super) fn call_bytes(row: &wire::CallRow) -> usize {
    row.from.as_ref().map_or(0, brief_bytes) + row.name.len() + row.path.0.len() + meaning_bytes(&row.to)
}

/// What depends on something.
pub(super) fn dependent(row: core::ImpactRow) -> wire::ImpactRow {
    let Position { line, column, column_utf16 } = row.position;
    let roles = row.roles.into_iter().map(|role| wire::Role(role.number().into()));
    wire::ImpactRow {
        user: row.user.map(brief),
        path: Bytes(row.path),
        line,
        column,
        column_utf16,
        roles: roles.chain(row.overrides.then_some(wire::Role::OVERRIDE)).collect(),
        uses: row.uses,
        on: row.on.map(brief),
        confidence: confidence(row.confidence, false),
        test: row.is_test,
        depth: row.depth,
        flags: since(row.since) | flag(row.stale, row_flag::STALE),
        ext: Ext::default(),
    }
}

/// Bytes of the texts of what depends on something.
pub(super) fn dependent_bytes(row: &wire::ImpactRow) -> usize {
    let of = |symbol: &Option<wire::SymbolBrief>| symbol.as_ref().map_or(0, brief_bytes);
    row.path.0.len() + of(&row.user) + of(&row.on) + row.roles.len() * 2
}

/// A step of inheritance.
pub(super) fn step(row: core::HierarchyRow) -> wire::HierarchyRow {
    wire::HierarchyRow {
        direction: if row.is_base { Direction::OUTGOING } else { Direction::INCOMING },
        derived: brief(row.derived),
        name: row.name,
        base: meaning(row.base),
        depth: row.depth,
        ext: Ext::default(),
    }
}

/// Bytes of a step's texts.
pub(super) fn step_bytes(row: &wire::HierarchyRow) -> usize {
    brief_bytes(&row.derived) + row.name.len() + meaning_bytes(&row.base)
}

/// An import.
pub(super) fn import(row: core::ImportRow) -> wire::ImportRow {
    let Position { line, column, column_utf16 } = row.position;
    wire::ImportRow {
        path: Bytes(row.path),
        line,
        column,
        column_utf16,
        module: row.module,
        name: row.name,
        alias: row.alias,
        exported: row.exported,
        meaning: meaning(row.meaning),
        flags: since(row.since),
        ext: Ext::default(),
    }
}

/// Bytes of an import's texts.
pub(super) fn import_bytes(row: &wire::ImportRow) -> usize {
    row.path.0.len() + row.module.len() + row.name.len() + row.alias.len() + meaning_bytes(&row.meaning)
}

fn meaning(meaning: core::Meaning) -> wire::Meaning {
    wire::Meaning {
        confidence: confidence(meaning.confidence, meaning.external),
        targets: meaning.targets.into_iter().map(brief).collect(),
        total: meaning.total,
        ext: Ext::default(),
    }
}

fn meaning_bytes(meaning: &wire::Meaning) -> usize {
    meaning.targets.iter().map(brief_bytes).sum()
}

fn brief(symbol: core::SymbolBrief) -> wire::SymbolBrief {
    let Position { line, column, column_utf16 } = symbol.position;
    wire::SymbolBrief {
        qualified: symbol.qualified,
        kind: kind(symbol.kind),
        path: Bytes(symbol.path),
        line,
        column,
        column_utf16,
        ext: Ext::default(),
    }
}

/// Bytes of the fixed fields and lengths of a brief.
const BRIEF_BYTES: usize = 48;

fn brief_bytes(symbol: &wire::SymbolBrief) -> usize {
    BRIEF_BYTES + symbol.qualified.len() + symbol.path.0.len()
}

/// The kind of a definition.
pub(super) fn kind(kind: SymbolKind) -> wire::SymbolKind {
    wire::SymbolKind(kind.number().into())
}

fn confidence(confidence: Option<Confidence>, external: bool) -> wire::Confidence {
    match confidence {
        Some(confidence) => wire::Confidence(confidence.number().into()),
        None if external => wire::Confidence::OUTSIDE,
        None => wire::Confidence::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_on_both_sides() {
        for kind in SymbolKind::ALL {
            assert_eq!(wire::SymbolKind(kind.number().into()).name(), kind.name());
        }
        for role in Role::ALL {
            assert_eq!(wire::Role(role.number().into()).name(), role.name());
        }
        for confidence in Confidence::ALL {
            assert_eq!(wire::Confidence(confidence.number().into()).name(), confidence.name());
        }
    }

    #[test]
    fn unknown_choices_are_refused() {
        assert!(symbols(&wire::SymbolQuery { mode: SymbolMode(99), ..Default::default() }).is_err());
        assert!(references(&wire::ReferenceQuery { roles: vec![wire::Role(99)], ..Default::default() }).is_err());
        assert!(calls(&wire::CallQuery { direction: Direction::BOTH, ..Default::default() }).is_err());
        assert!(hierarchy(&wire::HierarchyQuery { direction: Direction(99), ..Default::default() }).is_err());
    }

    #[test]
    fn only_definitions_can_be_asked_for() {
        let query = wire::ReferenceQuery { roles: vec![wire::Role::DEFINITION], ..Default::default() };
        let request = references(&query).unwrap();
        assert_eq!((request.roles, request.with_definitions), (Some(Vec::new()), true));
    }
}
