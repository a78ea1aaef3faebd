//! Bash, and the shells that are like it.

use tree_sitter::Node;

use super::{import, unquoted};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_bash::LANGUAGE.into(),
    names: &[],
    sigils: &[],
    // Arguments by position.
    keywords: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    builtins: &[("variable_name", Role::Read)],
    words: &["word"],
    nodes: &[DEFINITIONS, BINDINGS],
    forward_words: &[],
    selves: &[],
    comments: Comments { line: "#", block: false, quotes: b"\"'`", doc_marks: &["#"], docstring: None },
    text: include_str!("bash.rs"),
};

const DEFINITIONS: &[Rule] = &[
    definition("function_definition", SymbolKind::Function, &["name"]),
    node("command").imports(sourced),
    node("command_name").rest(Give::Role(Role::Call)),
    node("comment").form(Form::Comment),
    node("raw_string").form(Form::Token),
];

const BINDINGS: &[Rule] = &[
    node("variable_assignment").gives(&[("name", Give::Assign)]).form(Form::Statement),
    node("subscript").gives(&[("name", Give::Inherit)]),
    node("for_statement").gives(&[("variable", Give::Role(Role::Write))]),
    node("postfix_expression").rest(Give::Role(Role::Write)),
    node("subshell").locals(),
    node("command_substitution").locals(),
];

/// `source FILE` and `. FILE`.
fn sourced(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let name = node.child_by_field_name("name").and_then(|name| source.get(name.byte_range()));
    if let (Some(b"source" | b"."), Some(file)) = (name, node.child_by_field_name("argument")) {
        imports.push(import(unquoted(file, source), "*".into(), String::new(), file));
    }
}
