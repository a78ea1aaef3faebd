//! Rows as answers have them, made of what the world knows.

use crate::facts::{Binding, Position, file_key};
use crate::kinds::{BindingKind, Confidence, SymbolKind};
use crate::resolve::{FileFacts, Resolution, Symbol, Target, World};
use crate::source::SourceRoot;
use crate::store::{FileId, StoreError};

use super::{Meaning, Since, SymbolBrief, SymbolRow};

/// A definition as a row.
pub(super) fn symbol_row(
    world: &World<'_>,
    root: &SourceRoot,
    file: &FileFacts,
    id: u32,
    confidence: Option<Confidence>,
) -> Result<SymbolRow, StoreError> {
    let definition = &file.definitions[id as usize];
    Ok(SymbolRow {
        name: world.text(file, definition.name)?.to_string(),
        qualified: world.qualified(file, Some(id))?,
        kind: definition.kind,
        path: file.row.path.clone(),
        position: definition.position,
        start_line: definition.start_line,
        end_line: definition.end_line,
        container: world.container(file, definition)?,
        signature: definition.signature.clone(),
        doc: definition.doc.clone(),
        language: file.language,
        declaration: definition.declaration,
        since: since(root, file),
        stale: file.row.structure_stale(),
        score: 0,
        confidence,
    })
}

/// What has become of a file since it was indexed.
pub(super) fn since(root: &SourceRoot, file: &FileFacts) -> Since {
    match root.stat(&file.row.path) {
        Some(stat) if stat == file.row.stat => Since::Unchanged,
        Some(_) => Since::Changed,
        None => Since::Gone,
    }
}

/// A definition in few words; `None` if it has gone.
pub(super) fn brief(world: &World<'_>, symbol: Symbol) -> Result<Option<SymbolBrief>, StoreError> {
    let Some(file) = world.file_of(symbol)? else { return Ok(None) };
    let definition = &file.definitions[symbol.id as usize];
    Ok(Some(SymbolBrief {
        qualified: world.qualified(&file, Some(symbol.id))?,
        kind: definition.kind,
        path: file.row.path.clone(),
        position: definition.position,
    }))
}

/// What was found for a name, in few words.
pub(super) fn meaning(world: &World<'_>, found: &Resolution) -> Result<Meaning, StoreError> {
    let mut targets = Vec::with_capacity(found.targets.len());
    for target in &found.targets {
        targets.extend(target_brief(world, *target)?);
    }
    let total = found.total.max(targets.len()) as u64;
    Ok(Meaning { confidence: found.confidence, external: found.external, targets, total })
}

fn target_brief(world: &World<'_>, target: Target) -> Result<Option<SymbolBrief>, StoreError> {
    match target {
        Target::Symbol(symbol) => brief(world, symbol),
        Target::Local(file, binding) => local(world, file, binding),
        Target::Module(file) => module(world, file),
    }
}

fn local(world: &World<'_>, id: FileId, binding: Binding) -> Result<Option<SymbolBrief>, StoreError> {
    let Some(file) = world.file(id)? else { return Ok(None) };
    let Some(at) = world.occurrences(&file)?.references.get(binding.at as usize) else { return Ok(None) };
    let kind = binding_kind(binding.kind);
    let qualified = world.text(&file, at.name)?.to_string();
    Ok(Some(SymbolBrief { qualified, kind, path: file.row.path.clone(), position: at.position }))
}

fn module(world: &World<'_>, id: FileId) -> Result<Option<SymbolBrief>, StoreError> {
    let Some(row) = world.row(id)? else { return Ok(None) };
    let qualified = module_name(&row.path);
    Ok(Some(SymbolBrief { qualified, kind: SymbolKind::Module, path: row.path.clone(), position: FIRST }))
}

/// The kind by which an answer calls a local binding.
pub(super) fn binding_kind(kind: BindingKind) -> SymbolKind {
    match kind {
        BindingKind::Local | BindingKind::Receiver => SymbolKind::Local,
        BindingKind::Parameter => SymbolKind::Parameter,
        BindingKind::TypeParameter => SymbolKind::TypeParameter,
    }
}

/// What a file is called as a module.
pub(super) fn module_name(path: &[u8]) -> String {
    file_key(&String::from_utf8_lossy(path)).to_owned()
}

/// The first place of a file.
pub(super) const FIRST: Position = Position { line: 1, column: 1, column_utf16: 1 };
