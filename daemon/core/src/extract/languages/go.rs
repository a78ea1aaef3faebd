//! Go.

use tree_sitter::Node;

use super::{field_text, import, unquoted};
use crate::extract::paths::{FIRST, NEW};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_go::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
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
    soft: &[],
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[FIRST, NEW],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"`'", doc_marks: &["//", "/*"], docstring: None },
    text: include_str!("go.rs"),
};

const DEFINITIONS: &[Rule] = &[
    node("package_clause").rest(Give::Define(SymbolKind::Package)).form(Form::Statement),
    definition("function_declaration", SymbolKind::Function, &["name"]).typed("result"),
    definition("method_declaration", SymbolKind::Method, &["name"]).receiver(receiver).typed("result"),
    definition("method_elem", SymbolKind::Method, &["name"]).typed("result"),
    definition("type_spec", SymbolKind::Type, &["name"]).ends(End::Brace).judge(type_).typed("type"),
    definition("type_alias", SymbolKind::Type, &["name"]).ends(End::Brace).typed("type"),
    definition("const_spec", SymbolKind::Constant, &["name"])
        .judge(not_local)
        .gives(&[("name", Give::Define(SymbolKind::Constant))])
        .typed("type")
        .valued("value")
        .in_order()
        .late()
        .form(Form::Statement),
    definition("var_spec", SymbolKind::Variable, &["name"])
        .judge(not_local)
        .ends(End::Brace)
        .gives(&[("name", Give::Define(SymbolKind::Variable))])
        .typed("type")
        .valued("value")
        .in_order()
        .late()
        .form(Form::Statement),
    // Without a name it is embedded.
    node("field_declaration")
        .gives(&[("name", Give::Define(SymbolKind::Field)), ("type", Give::Inherit)])
        .given(embedded)
        .typed("type")
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
    node("block").locals().block(),
    node("func_literal").function(),
    node("function_type").function(),
    node("if_statement").block(),
    node("for_statement").block(),
    node("expression_switch_statement").block(),
    node("expression_case").block(),
    node("type_case").block(),
    node("default_case").block(),
    node("communication_case").block(),
];

/// `f(g())` gives all that `g` returns.
const ARGUMENTS: Arguments =
    Arguments { field: "arguments", spread: &["variadic_argument"], spread_alone: &["call_expression"] };

const EXPRESSIONS: &[Rule] = &[
    path("selector_expression", "operand", &[("field", Give::Inherit)]),
    path("qualified_type", "package", &[("name", Give::Inherit)]),
    node("generic_type").gives(&[("type", Give::Inherit)]),
    node("call_expression").gives(&[("function", Give::Role(Role::Call))]).arguments(ARGUMENTS),
    transparent("parenthesized_expression"),
    node("type_instantiation_expression").gives(&[("type", Give::Inherit)]),
    node("composite_literal").labels_of("type"),
    node("keyed_element").given(key).gives(&[("key", Give::Inherit)]).labelled(),
    transparent("literal_element"),
    node("labeled_statement").gives(&[("label", Give::Label)]),
    node("break_statement").rest(Give::Label),
    node("continue_statement").rest(Give::Label),
    node("goto_statement").rest(Give::Label),
];

const BINDINGS: &[Rule] = &[
    node("short_var_declaration").gives(&[("left", Give::Local)]).valued("right").late(),
    node("assignment_statement").gives(&[("left", Give::Role(Role::Write))]),
    node("range_clause").gives(&[("left", Give::Local)]).late(),
    node("receive_statement").gives(&[("left", Give::Local)]),
    node("type_switch_statement").gives(&[("alias", Give::Local)]).block(),
    node("inc_statement").rest(Give::Role(Role::Write)),
    node("dec_statement").rest(Give::Role(Role::Write)),
    transparent("expression_list").in_order(),
    node("parameter_declaration").gives(&[("name", Give::Parameter)]).typed("type"),
    node("variadic_parameter_declaration").gives(&[("name", Give::Parameter)]),
    node("type_parameter_declaration").gives(&[("name", Give::TypeParameter)]).typed("type"),
];

fn type_(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let kind = match seen.node.child_by_field_name("type")?.kind() {
        "struct_type" => SymbolKind::Struct,
        "interface_type" => SymbolKind::Interface,
        _ => SymbolKind::Type,
    };
    Some(Verdict { kind, ..usual })
}

/// A key of a struct is a label; that of a map or an array is a value. To ask a node for its parent is to search for it from the root.
fn key(seen: &Seen<'_, '_>) -> Give {
    let after_map = seen.labels_of.strip_prefix(b"map").map(<[u8]>::trim_ascii_start);
    let has_values = after_map.unwrap_or(seen.labels_of).starts_with(b"[");
    if has_values { Give::Nothing } else { Give::Label }
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
