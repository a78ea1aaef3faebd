//! What extraction finds in a realistic file of each language, and what it must survive in any.

mod bad_input;
mod bash;
mod c;
mod coverage;
mod cpp;
mod csharp;
mod dart;
mod directives;
mod go;
mod java;
mod javascript;
mod kotlin;
mod lua;
mod numbers;
mod outlines;
mod php;
mod python;
mod ruby;
mod rust;
mod scala;
mod swift;
mod typescript;

use std::fmt::Write as _;

use expect_test::Expect;

use super::{extract, lexical};
use crate::facts::{DefinitionId, Facts, LocalNames, PackedFacts, Position};
use crate::kinds::Language;

/// Definitions and imports, then references, of a source, compared with what is expected.
fn check(language: Language, source: &str, definitions: Expect, references: Expect) {
    let facts = extract(language, source.as_bytes());
    assert!(!facts.syntax_errors, "the fixture does not parse");
    assert_eq!(
        PackedFacts::check(&facts.clone().pack()).map(|packed| packed.references as usize),
        Ok(references_of(&facts))
    );
    definitions.assert_eq(&outline(&facts));
    references.assert_eq(&uses(&facts));
}

fn references_of(facts: &Facts) -> usize {
    facts.occurrences.references.len()
}

/// One definition or import a line: `line:column kind qualified-name: type < bases [start-end] signature // doc`.
fn outline(facts: &Facts) -> String {
    let mut out = String::new();
    for (id, definition) in facts.declarations.definitions.iter().enumerate() {
        let place = place(definition.position);
        let (kind, name) = (definition.kind.name(), qualified(facts, id as DefinitionId));
        let declaration = if definition.declaration { " declared" } else { "" };
        let (start, end) = (definition.start_line, definition.end_line);
        let given = |mark: &str, text: &str| if text.is_empty() { String::new() } else { format!("{mark}{text}") };
        let (type_text, doc) = (given(": ", &definition.type_text), given(" // ", &definition.doc));
        let bases = given(" < ", &definition.bases.join(", "));
        let signature = &definition.signature;
        let _ = writeln!(out, "{place} {kind}{declaration} {name}{type_text}{bases} [{start}-{end}] {signature}{doc}");
    }
    for import in &facts.declarations.imports {
        let _ = write!(out, "{} import {} {:?}", place(import.position), import.module, import.name);
        let alias = if import.alias.is_empty() { String::new() } else { format!(" as {}", import.alias) };
        let enclosing = import.enclosing.map_or(String::new(), |id| format!(" in {}", qualified(facts, id)));
        let exported = if import.exported { " exported" } else { "" };
        let _ = writeln!(out, "{alias}{enclosing}{exported}");
    }
    out
}

/// One line of source a line: `line in enclosing definition: role receiver|name,`. A local variable is declared as `local name:
/// type`, and where a name means one, the line of that follows: `read name^7`.
fn uses(facts: &Facts) -> String {
    let mut out = String::new();
    let mut before = None;
    let occurrences = &facts.occurrences;
    let locals = LocalNames::new(occurrences);
    for (reference, id) in occurrences.references.iter().zip(0..) {
        let here = Some((reference.position.line, reference.enclosing));
        if before != here {
            let enclosing = reference.enclosing.map_or("-".into(), |id| qualified(facts, id));
            let newline = if before.is_some() { "\n" } else { "" };
            let _ = write!(out, "{newline}{} in {enclosing}:", reference.position.line);
            before = here;
        }
        let receiver = occurrences.receiver(reference).map_or(String::new(), |receiver| format!("{receiver}|"));
        let name = &facts.names[reference.name as usize];
        let (role, meaning) = match locals.of(occurrences, id).filter(|_| receiver.is_empty()) {
            Some(binding) if binding.at == id => {
                let type_text = occurrences.text(binding.type_text).map_or(String::new(), |text| format!(": {text}"));
                (binding.kind.name(), type_text)
            }
            Some(binding) => {
                let line = occurrences.references[binding.at as usize].position.line;
                (reference.role.name(), format!("^{line}"))
            }
            None => (reference.role.name(), String::new()),
        };
        let _ = write!(out, " {role} {receiver}{name}{meaning},");
    }
    out.push('\n');
    out
}

fn qualified(facts: &Facts, id: DefinitionId) -> String {
    let definition = &facts.declarations.definitions[id as usize];
    let name = &facts.names[definition.name as usize];
    let of = definition.of.map(|of| format!("({}).", facts.names[of as usize])).unwrap_or_default();
    match definition.container {
        Some(container) => format!("{}.{of}{name}", qualified(facts, container)),
        None => format!("{of}{name}"),
    }
}

fn place(position: Position) -> String {
    if position.column == position.column_utf16 {
        format!("{}:{}", position.line, position.column)
    } else {
        format!("{}:{}({})", position.line, position.column, position.column_utf16)
    }
}
