//! Lua.

use tree_sitter::Node;

use super::{children, import, text, unquoted};
use crate::extract::table::*;
use crate::facts::{Import, OWN_MODULE, RETURNED};
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_lua::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: &[("identifier", Role::Read)],
    sigils: &[],
    keywords: &[],
    builtins: &[],
    words: &[],
    soft: &[],
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "--", block: false, quotes: b"\"'", doc_marks: &["--"], docstring: None },
    text: include_str!("lua.rs"),
};

const DEFINITIONS: &[Rule] = &[
    definition("function_declaration", SymbolKind::Function, &["name", "field", "method"])
        .judge(function)
        .receiver(table_of),
    definition("assignment_statement", SymbolKind::Function, &["name", "field"])
        .ends(End::Body(&["value", "body"]))
        .leads_to_name()
        .judge(assigned)
        .receiver(table_of_assigned)
        .rest(Give::Inherit)
        .turns(&[(Give::Nothing, Give::Assign)])
        .imports(required_as)
        .form(Form::Statement),
    definition("field", SymbolKind::Function, &["name"])
        .ends(End::Body(&["value", "body"]))
        .judge(function_of_table)
        .gives(&[("name", Give::Label)])
        .labelled(),
    node("variable_declaration").given(declared).rest(Give::Inherit).late().form(Form::WrapperOfLine),
    node("return_statement").imports(returned),
    node("comment").form(Form::Comment),
    node("attribute").form(Form::Token),
    node("block").locals().block(),
    node("for_statement").block(),
    node("function_definition").function(),
];

const EXPRESSIONS: &[Rule] = &[
    path("dot_index_expression", "table", &[("field", Give::Inherit)]),
    path("method_index_expression", "table", &[("method", Give::Inherit)]),
    node("function_call").gives(&[("name", Give::Role(Role::Call))]).imports(required),
    transparent("parenthesized_expression"),
];

const BINDINGS: &[Rule] = &[
    node("variable_list").gives(&[("name", Give::Inherit)]).leads_to_name(),
    node("for_generic_clause").rest(Give::Local),
    node("for_numeric_clause").gives(&[("name", Give::Local)]),
    node("parameters").rest(Give::Parameter),
];

/// `local name`: at the top of a file it is the file's, and a module is imported.
fn declared(seen: &Seen<'_, '_>) -> Give {
    let value = seen.node.named_child(0).and_then(sides).and_then(|(_, value)| value);
    if value.is_some_and(|value| module_of(value, seen.source).is_some()) {
        return Give::Role(Role::Import);
    }
    if seen.scene.local { Give::Local } else { Give::Assign }
}

fn function(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let is_method = seen.node.child_by_field_name("name")?.kind() == "method_index_expression";
    Some(Verdict { kind: if is_method { SymbolKind::Method } else { usual.kind }, ..usual })
}

/// `M` in `function M.name()` and `function M:name()`, `M.Part` in `function M.Part.name()`.
fn table_of(node: Node<'_>) -> Option<Node<'_>> {
    named_table(node.child_by_field_name("name")?.child_by_field_name("table")?)
}

/// `name = function() … end`, `M.name = function() … end`, and a table that is put into another: `M.Part = {}`.
fn assigned(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let (target, value) = sides(seen.node)?;
    match value?.kind() {
        "function_definition" => Some(usual),
        "table_constructor" if target.kind() == "dot_index_expression" && !seen.scene.local => {
            Some(Verdict { kind: SymbolKind::Field, ..usual })
        }
        _ => None,
    }
}

fn table_of_assigned(node: Node<'_>) -> Option<Node<'_>> {
    named_table(sides(node)?.0.child_by_field_name("table")?)
}

/// `M`, or `M.Part`.
fn named_table(table: Node<'_>) -> Option<Node<'_>> {
    let first = if table.kind() == "dot_index_expression" { table.child_by_field_name("table")? } else { table };
    (first.kind() == "identifier").then_some(table)
}

fn function_of_table(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let value = seen.node.child_by_field_name("value")?;
    let is_named = seen.node.child_by_field_name("name").is_some_and(|name| name.kind() == "identifier");
    (is_named && value.kind() == "function_definition").then_some(usual)
}

/// The first target of an assignment, and its first value.
fn sides(assignment: Node<'_>) -> Option<(Node<'_>, Option<Node<'_>>)> {
    let target = assignment.named_child(0)?.child_by_field_name("name")?;
    Some((target, assignment.named_child(1).and_then(|values| values.child_by_field_name("value"))))
}

/// `local name = require("module")`.
fn required_as(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some((target, Some(value))) = sides(node) else { return };
    if let Some(module) = module_of(value, source) {
        let alias = if target.kind() == "identifier" { text(target, source) } else { String::new() };
        imports.push(import(module, String::new(), alias, target));
    }
}

/// `require("module")` for what it does, or for a part of it.
fn required(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some(module) = module_of(node, source) else { return };
    if node.parent().is_none_or(|parent| parent.kind() != "expression_list") {
        imports.push(import(module, String::new(), String::new(), node));
    }
}

/// What a file returns is what `require` gives: a table by its name, or one that is written there.
fn returned(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    if node.parent().is_none_or(|parent| parent.kind() != "chunk") {
        return;
    }
    let Some(value) = node.named_child(0).and_then(|list| list.named_child(0)) else { return };
    let own = |name, alias, at| Import { exported: true, ..import(OWN_MODULE.into(), name, alias, at) };
    if let Some(name) = table_returned(value, source) {
        return imports.push(own(text(name, source), RETURNED.into(), name));
    }
    for field in children(value).into_iter().filter(|field| field.kind() == "field") {
        let value = field.child_by_field_name("value").filter(|value| value.kind() == "identifier");
        let name = field.child_by_field_name("name").filter(|name| name.kind() == "identifier");
        if let (Some(name), Some(value)) = (name, value) {
            imports.push(own(text(value, source), text(name, source), value));
        }
    }
}

/// `M` of `return M` and of `return setmetatable(M, …)`.
fn table_returned<'tree>(value: Node<'tree>, source: &[u8]) -> Option<Node<'tree>> {
    let is_call = value.kind() == "function_call" && super::field_text(value, "name", source) == "setmetatable";
    let table = if is_call { value.child_by_field_name("arguments")?.named_child(0)? } else { value };
    (table.kind() == "identifier").then_some(table)
}

fn module_of(call: Node<'_>, source: &[u8]) -> Option<String> {
    let name = call.child_by_field_name("name").filter(|_| call.kind() == "function_call")?;
    let is_require = source.get(name.byte_range()) == Some(b"require");
    let argument = children(call.child_by_field_name("arguments").filter(|_| is_require)?).into_iter().next()?;
    (argument.kind() == "string").then(|| unquoted(argument, source))
}
