//! Namespaces that a clause says a whole file belongs to (PHP, C#), as those are not containers of what stands in it.

use crate::kinds::SymbolKind;

use super::super::FileFacts;

/// The namespace of the clause that nothing stands in, joined by dots; empty if there is none.
pub(super) fn of_whole_file(file: &FileFacts) -> String {
    let is_whole = |id: u32| !file.definitions.iter().any(|definition| definition.container == Some(id));
    let mut clauses =
        file.definitions.iter().zip(0..).filter(|(definition, _)| definition.kind == SymbolKind::Namespace);
    let clause = clauses.next().filter(|(_, id)| is_whole(*id));
    let text = clause.map(|(clause, _)| clause.signature.trim_start_matches("namespace").trim().trim_end_matches(';'));
    text.unwrap_or_default().trim_end().replace('\\', ".")
}
