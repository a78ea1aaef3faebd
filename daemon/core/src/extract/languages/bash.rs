//! Bash, and the shells that are like it.

use tree_sitter::Node;

use super::{import, unquoted};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_bash::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: false,
    names: &[],
    sigils: &[],
    // Arguments by position.
    keywords: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    builtins: &[("variable_name", Role::Read)],
    words: &["word"],
    soft: &[],
    nodes: &[DEFINITIONS, BINDINGS],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "#", block: false, quotes: b"\"'`", doc_marks: &["#"], docstring: None },
    text: include_str!("bash.rs"),
};

const DEFINITIONS: &[Rule] = &[
    definition("function_definition", SymbolKind::Function, &["name"]),
    node("command").imports(sourced).given(called).gives(&[("1", Give::Inherit)]),
    node("command_name").rest(Give::Role(Role::Call)),
    node("comment").form(Form::Comment),
    node("raw_string").form(Form::Token),
];

const BINDINGS: &[Rule] = &[
    node("variable_assignment").given(assigned).gives(&[("name", Give::Inherit)]).form(Form::Statement),
    node("subscript").gives(&[("name", Give::Inherit)]),
    node("for_statement").gives(&[("variable", Give::Local)]),
    node("declaration_command").given(declared).rest(Give::Inherit),
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

/// `trap name EXIT` and `time name` call what they name.
fn called(seen: &Seen<'_, '_>) -> Give {
    let text = |at: u32| seen.node.named_child(at).map(|node| seen.text(node)).unwrap_or_default();
    let is_name = text(1).iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if is_name && matches!(text(0), b"trap" | b"time") { Give::Role(Role::Call) } else { Give::Nothing }
}

/// Words that make what follows them a local of the function around.
const LOCAL_WORDS: [&[u8]; 3] = [b"local", b"declare", b"typeset"];

/// `local name`: without a value there is no assignment.
fn declared(seen: &Seen<'_, '_>) -> Give {
    let word = seen.node.child(0).map(|word| seen.text(word)).unwrap_or_default();
    if seen.scene.local && LOCAL_WORDS.contains(&word) { Give::Local } else { Give::Nothing }
}

/// `name=value`, which `local` may stand before.
fn assigned(seen: &Seen<'_, '_>) -> Give {
    let around = seen.node.parent().filter(|around| around.kind() == "declaration_command");
    let word = around.and_then(|around| around.child(0)).map(|word| seen.text(word)).unwrap_or_default();
    if seen.scene.local && LOCAL_WORDS.contains(&word) { Give::Local } else { Give::Assign }
}
