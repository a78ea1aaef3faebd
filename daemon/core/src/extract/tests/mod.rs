//! What extraction finds in a realistic file of each language, and what it must survive in any.

mod bad_input;
mod bash;
mod c;
mod coverage;
mod cpp;
mod csharp;
mod dart;
mod go;
mod java;
mod javascript;
mod kotlin;
mod lua;
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
use crate::facts::{DefinitionId, Facts, Position};
use crate::kinds::Language;

/// Definitions and imports, then references, of a source, compared with what is expected.
fn check(language: Language, source: &str, definitions: Expect, references: Expect) {
    let facts = extract(language, source.as_bytes());
    assert!(!facts.syntax_errors, "the fixture does not parse");
    assert_eq!(Facts::unpack(&facts.pack()).as_ref(), Ok(&facts));
    definitions.assert_eq(&outline(&facts));
    references.assert_eq(&uses(&facts));
}

/// One definition or import a line: `line:column kind qualified-name start-end signature // doc`.
fn outline(facts: &Facts) -> String {
    let mut out = String::new();
    for (id, definition) in facts.definitions.iter().enumerate() {
        let place = place(definition.position);
        let (kind, name) = (definition.kind.name(), qualified(facts, id as DefinitionId));
        let declaration = if definition.declaration { " declared" } else { "" };
        let (start, end) = (definition.start_line, definition.end_line);
        let doc = if definition.doc.is_empty() { String::new() } else { format!(" // {}", definition.doc) };
        let signature = &definition.signature;
        let _ = writeln!(out, "{place} {kind}{declaration} {name} [{start}-{end}] {signature}{doc}");
    }
    for import in &facts.imports {
        let _ = write!(out, "{} import {} {:?}", place(import.position), import.module, import.name);
        let alias = if import.alias.is_empty() { String::new() } else { format!(" as {}", import.alias) };
        let _ = writeln!(out, "{alias}");
    }
    out
}

/// One line of source a line: `line: role receiver|name`, and the enclosing definition where it changes.
fn uses(facts: &Facts) -> String {
    let mut out = String::new();
    let mut before = None;
    for reference in &facts.references {
        let here = Some((reference.position.line, reference.enclosing));
        if before != here {
            let enclosing = reference.enclosing.map_or("-".into(), |id| qualified(facts, id));
            let newline = if before.is_some() { "\n" } else { "" };
            let _ = write!(out, "{newline}{} in {enclosing}:", reference.position.line);
            before = here;
        }
        let receiver = if reference.receiver.is_empty() { String::new() } else { format!("{}|", reference.receiver) };
        let name = &facts.names[reference.name as usize];
        let _ = write!(out, " {} {receiver}{name},", reference.role.name());
    }
    out.push('\n');
    out
}

fn qualified(facts: &Facts, id: DefinitionId) -> String {
    let definition = &facts.definitions[id as usize];
    let name = &facts.names[definition.name as usize];
    match definition.container {
        Some(container) => format!("{}.{name}", qualified(facts, container)),
        None => name.clone(),
    }
}

fn place(position: Position) -> String {
    if position.column == position.column_utf16 {
        format!("{}:{}", position.line, position.column)
    } else {
        format!("{}:{}({})", position.line, position.column, position.column_utf16)
    }
}
