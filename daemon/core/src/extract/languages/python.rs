//! Python.

use tree_sitter::{Node, TreeCursor};

use super::{field_text, import, text};
use crate::extract::paths::{CALLABLE, UNION};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_python::LANGUAGE.into(),
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
    selves: &["self", "cls"],
    own_module: "",
    locals: Locals { hoisted: true, assigned: true, retyped: true },
    wrappers: &["Annotated", CALLABLE, "ClassVar", "Final", "Optional", "Required", "Type", UNION, "type"],
    passes_imports_on: true,
    comments: Comments { line: "#", block: false, quotes: b"\"'", doc_marks: &[], docstring: Some(docstring) },
    text: include_str!("python.rs"),
};

const DEFINITIONS: &[Rule] = &[
    definition("class_definition", SymbolKind::Class, &["name"]).gives(&[("superclasses", Give::Role(Role::Inherit))]),
    definition("function_definition", SymbolKind::Function, &["name"])
        .member(SymbolKind::Method)
        .judge(function)
        .typed("return_type"),
    node("decorated_definition").form(Form::Wrapper),
    node("decorator").rest(Give::Role(Role::Decorate)).form(Form::Attribute),
    node("assignment").gives(&[("left", Give::Assign)]).typed("type").valued("right").form(Form::Statement),
    node("type_alias_statement").gives(&[("left", Give::Define(SymbolKind::Type))]).form(Form::Statement),
    node("import_statement").all(Role::Import).imports(modules),
    node("import_from_statement").all(Role::Import).imports(names),
    node("future_import_statement").all(Role::Import).imports(names),
    node("comment").form(Form::Comment),
    node("string").form(Form::String(is_plain)).quotes_types(is_type),
];

/// What a comprehension gives is one argument, but several nodes.
const ARGUMENTS: Arguments = Arguments {
    field: "arguments",
    spread: &["list_splat", "dictionary_splat", "for_in_clause", "parenthesized_list_splat"],
    spread_alone: &[],
};

const EXPRESSIONS: &[Rule] = &[
    path("attribute", "object", &[("attribute", Give::Inherit)]),
    node("call").gives(&[("function", Give::Called)]).labels_of("function").arguments(ARGUMENTS),
    // What is written, or called, is an item and not what is indexed; a base class or a type is that.
    node("subscript").gives(&[("value", Give::Inherit)]).turns(&[
        (Give::Assign, Give::Nothing),
        (Give::Role(Role::Write), Give::Nothing),
        (Give::Role(Role::Call), Give::Nothing),
    ]),
    transparent("argument_list"),
    transparent("parenthesized_expression"),
    node("keyword_argument").gives(&[("name", Give::Label)]).labelled(),
    transparent("type").all(Role::Type),
    transparent("generic_type"),
];

const BINDINGS: &[Rule] = &[
    node("augmented_assignment").gives(&[("left", Give::Role(Role::Write))]),
    node("named_expression").gives(&[("name", Give::Local)]).valued("value").of_function(),
    node("for_statement").gives(&[("left", Give::Local)]),
    node("for_in_clause").gives(&[("left", Give::Local)]),
    node("except_clause").gives(&[("alias", Give::Local)]),
    node("as_pattern").gives(&[("alias", Give::Local)]),
    node("global_statement").rest(Give::Free),
    node("nonlocal_statement").rest(Give::Free),
    node("lambda").function(),
    node("list_comprehension").block(),
    node("set_comprehension").block(),
    node("dictionary_comprehension").block(),
    node("generator_expression").block(),
    node("delete_statement").rest(Give::Role(Role::Write)),
    transparent("as_pattern_target"),
    transparent("pattern_list").in_order(),
    transparent("tuple_pattern").takes_apart(),
    transparent("list_pattern").takes_apart(),
    transparent("list_splat_pattern"),
    transparent("dictionary_splat_pattern"),
    transparent("expression_list"),
    node("parameters").rest(Give::Parameter),
    node("lambda_parameters").rest(Give::Parameter),
    node("default_parameter").gives(&[("name", Give::Inherit)]),
    node("typed_default_parameter").gives(&[("name", Give::Inherit)]).typed("type"),
    transparent("typed_parameter").gives(&[("type", Give::Nothing)]).typed("type"),
    node("case_pattern").rest(Give::Binding),
    node("splat_pattern").rest(Give::Local),
    transparent("dotted_name"),
];

fn function(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let decorators = seen.source.get(seen.wrapper..seen.node.start_byte()).unwrap_or_default();
    let is_property = seen.scene.is_class() && decorators.split(|&byte| byte == b'\n').any(makes_property);
    let is_constructor = seen.scene.is_class() && field_text(seen.node, "name", seen.source) == "__init__";
    let kind = match (is_property, is_constructor) {
        (true, _) => SymbolKind::Property,
        (false, true) => SymbolKind::Constructor,
        (false, false) => usual.kind,
    };
    Some(Verdict { kind, ..usual })
}

fn makes_property(decorator: &[u8]) -> bool {
    let decorator = decorator.trim_ascii();
    decorator.starts_with(b"@")
        && [&b"property"[..], b".setter", b".deleter", b".getter"].iter().any(|p| decorator.ends_with(p))
}

/// Only formatted strings (`f`, `t`) hold code.
fn is_plain(string: &[u8]) -> bool {
    let prefix = string.iter().take_while(|byte| byte.is_ascii_alphabetic());
    !prefix.into_iter().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'))
}

/// `x: "Type"` and `List["Type"]`, but not `Literal["text"]`; in one line and one pair of quotes.
fn is_type(string: &TreeCursor<'_>, source: &[u8]) -> bool {
    const DEPTH_MAX: usize = 3;
    let text = source.get(string.node().byte_range()).unwrap_or_default();
    let is_simple = text.len() > 2 && matches!(text[0], b'"' | b'\'') && !text[1..].starts_with(&text[..1]);
    if !is_simple || text.contains(&b'\n') {
        return false;
    }
    // A node looks for its parent from the root down; a cursor knows it.
    let mut around = string.clone();
    if !around.goto_parent() || around.node().kind() != "type" {
        return false;
    }
    let generic = (0..DEPTH_MAX).map_while(|_| around.goto_parent().then(|| around.node()));
    let generic = generic.into_iter().find(|node| node.kind() == "generic_type");
    let name = generic.and_then(|generic| generic.named_child(0)).and_then(|name| source.get(name.byte_range()));
    !matches!(name, Some(b"Literal" | b"Annotated"))
}

/// The string that is the first statement of a body.
fn docstring(node: Node<'_>) -> Option<Node<'_>> {
    let statement = node.child_by_field_name("body")?.named_child(0)?;
    let string = if statement.kind() == "expression_statement" { statement.named_child(0)? } else { statement };
    (string.kind() == "string").then_some(string)
}

fn modules(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    for name in super::children(node) {
        let (module, alias) = name_and_alias(name, source);
        imports.push(import(module, String::new(), alias, name));
    }
}

fn names(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let module_name = node.child_by_field_name("module_name");
    let module = module_name.map_or_else(|| "__future__".into(), |name| text(name, source));
    for name in super::children(node).into_iter().filter(|child| Some(*child) != module_name) {
        if name.kind() == "wildcard_import" {
            imports.push(import(module.clone(), "*".into(), String::new(), name));
        } else if matches!(name.kind(), "dotted_name" | "aliased_import") {
            let (taken, alias) = name_and_alias(name, source);
            imports.push(import(module.clone(), taken, alias, name));
        }
    }
}

fn name_and_alias(node: Node<'_>, source: &[u8]) -> (String, String) {
    if node.kind() == "aliased_import" {
        (field_text(node, "name", source), field_text(node, "alias", source))
    } else {
        (text(node, source), String::new())
    }
}
