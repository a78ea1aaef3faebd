//! Go.

use tree_sitter::Node;

use super::{field_text, import, unquoted};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_go::LANGUAGE.into(),
    names: &[
        ("identifier", Role::Read),
        ("field_identifier", Role::Read),
        ("label_name", Role::Read),
        ("package_identifier", Role::Read),
        ("type_identifier", Role::Type),
    ],
    sigils: &[],
    keywords: &[],
    builtins: &[],
    words: &[],
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS],
    forward_words: &[],
    selves: &[],
    comments: Comments { line: "//", block: true, quotes: b"\"`'", doc_marks: &["//", "/*"], docstring: None },
    text: include_str!("go.rs"),
};

const DEFINITIONS: &[Rule] = &[
    node("package_clause").rest(Give::Define(SymbolKind::Package)).form(Form::Statement),
    definition("function_declaration", SymbolKind::Function, &["name"]),
    definition("method_declaration", SymbolKind::Method, &["name"]).receiver(receiver),
    definition("method_elem", SymbolKind::Method, &["name"]),
    definition("type_spec", SymbolKind::Type, &["name"]).ends(End::Brace).judge(type_),
    definition("type_alias", SymbolKind::Type, &["name"]).ends(End::Brace),
    definition("const_spec", SymbolKind::Constant, &["name"])
        .judge(not_local)
        .gives(&[("name", Give::Define(SymbolKind::Constant))])
        .form(Form::Statement),
    definition("var_spec", SymbolKind::Variable, &["name"])
        .judge(not_local)
        .ends(End::Brace)
        .gives(&[("name", Give::Define(SymbolKind::Variable))])
        .form(Form::Statement),
    // Without a name it is embedded.
    node("field_declaration")
        .gives(&[("name", Give::Define(SymbolKind::Field)), ("type", Give::Inherit)])
        .given(embedded)
        .form(Form::Statement),
    node("interface_type").rest(Give::Role(Role::Inherit)),
    transparent("type_elem"),
    node("type_declaration").form(Form::WrapperOfLine),
    node("const_declaration").form(Form::WrapperOfLine),
    node("var_declaration").form(Form::WrapperOfLine),
    node("import_declaration").all(Role::Import),
    node("import_spec").imports(spec),
    node("comment").form(Form::Comment),
    node("interpreted_string_literal").form(Form::Token),
    node("raw_string_literal").form(Form::Token),
    node("block").locals(),
];

const EXPRESSIONS: &[Rule] = &[
    path("selector_expression", "operand", &[("field", Give::Inherit)]),
    path("qualified_type", "package", &[("name", Give::Inherit)]),
    node("generic_type").gives(&[("type", Give::Inherit)]),
    node("call_expression").gives(&[("function", Give::Role(Role::Call))]),
    transparent("parenthesized_expression"),
    node("type_instantiation_expression").gives(&[("type", Give::Inherit)]),
    node("keyed_element").gives(&[("key", Give::Role(Role::Write))]),
    transparent("literal_element"),
];

const BINDINGS: &[Rule] = &[
    node("short_var_declaration").gives(&[("left", Give::Role(Role::Write))]),
    node("assignment_statement").gives(&[("left", Give::Role(Role::Write))]),
    node("range_clause").gives(&[("left", Give::Role(Role::Write))]),
    node("receive_statement").gives(&[("left", Give::Role(Role::Write))]),
    node("type_switch_statement").gives(&[("alias", Give::Role(Role::Write))]),
    node("inc_statement").rest(Give::Role(Role::Write)),
    node("dec_statement").rest(Give::Role(Role::Write)),
    transparent("expression_list"),
    node("parameter_declaration").gives(&[("name", Give::Role(Role::Write))]),
    node("variadic_parameter_declaration").gives(&[("name", Give::Role(Role::Write))]),
    node("type_parameter_declaration").gives(&[("name", Give::Role(Role::Write))]),
];

fn type_(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let kind = match seen.node.child_by_field_name("type")?.kind() {
        "struct_type" => SymbolKind::Struct,
        "interface_type" => SymbolKind::Interface,
        _ => SymbolKind::Type,
    };
    Some(Verdict { kind, ..usual })
}

fn embedded(seen: &Seen<'_, '_>) -> Give {
    if seen.has("name") { Give::Nothing } else { Give::Role(Role::Inherit) }
}

fn not_local(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    (!seen.scene.local).then_some(usual)
}

/// The type in `(r *Type[T])`.
fn receiver(node: Node<'_>) -> Option<Node<'_>> {
    let parameter = node.child_by_field_name("receiver")?.named_child(0)?;
    let mut node = parameter.child_by_field_name("type")?;
    while node.kind() != "type_identifier" {
        node = match node.kind() {
            "pointer_type" | "parenthesized_type" => node.named_child(0)?,
            "generic_type" => node.child_by_field_name("type")?,
            _ => return None,
        };
    }
    Some(node)
}

fn spec(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some(path) = node.child_by_field_name("path") else { return };
    let module = unquoted(path, source);
    imports.push(match field_text(node, "name", source).as_str() {
        "." => import(module, "*".into(), String::new(), path),
        alias => import(module, String::new(), alias.into(), path),
    });
}
