//! PHP.

use tree_sitter::Node;

use super::{children, field_text, import, text, unquoted};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_php::LANGUAGE_PHP.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: &[("name", Role::Read)],
    sigils: &["$"],
    keywords: &[],
    builtins: &[],
    words: &[],
    soft: &[],
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS],
    forward_words: &[],
    selves: &["$this"],
    own_module: "",
    locals: Locals { hoisted: true, assigned: true, retyped: true },
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"'", doc_marks: &["/**"], docstring: None },
    text: include_str!("php.rs"),
};

const CALL: Give = Give::Role(Role::Call);
const INHERIT: Give = Give::Role(Role::Inherit);
const WRITE: Give = Give::Role(Role::Write);

const DEFINITIONS: &[Rule] = &[
    definition("namespace_definition", SymbolKind::Namespace, &["name"]),
    definition("class_declaration", SymbolKind::Class, &["name"]),
    definition("interface_declaration", SymbolKind::Interface, &["name"]),
    definition("trait_declaration", SymbolKind::Trait, &["name"]),
    definition("enum_declaration", SymbolKind::Enum, &["name"]),
    definition("enum_case", SymbolKind::Variant, &["name"]),
    definition("function_definition", SymbolKind::Function, &["name"]).typed("return_type"),
    definition("method_declaration", SymbolKind::Method, &["name"]).judge(method).typed("return_type"),
    definition("const_element", SymbolKind::Constant, &[]).leads_to_name(),
    definition("property_promotion_parameter", SymbolKind::Field, &["name"]).judge(promoted).typed("type"),
    node("const_declaration").form(Form::WrapperOfLine),
    node("property_declaration").typed("type").form(Form::Statement),
    node("property_element").gives(&[("name", Give::Define(SymbolKind::Field))]).valued("default_value"),
    node("base_clause").rest(INHERIT),
    node("class_interface_clause").rest(INHERIT),
    node("use_declaration").rest(INHERIT),
    node("attribute_list").form(Form::Attribute),
    node("attribute").rest(Give::Role(Role::Decorate)),
    node("namespace_use_declaration").all(Role::Import).imports(used),
    node("include_expression").imports(included),
    node("include_once_expression").imports(included),
    node("require_expression").imports(included),
    node("require_once_expression").imports(included),
    node("comment").form(Form::Comment),
    node("anonymous_function").locals().function(),
    node("arrow_function").locals().function(),
    node("global_declaration").rest(Give::Free),
];

const EXPRESSIONS: &[Rule] = &[
    transparent("variable_name").leads_to_name().ends_path(),
    transparent("namespace_name").leads_to_last_name(),
    path("qualified_name", "prefix", &[]).rest(Give::Inherit),
    path("relative_name", "prefix", &[]).rest(Give::Inherit),
    path("member_access_expression", "object", &[("name", Give::Inherit)]),
    path("nullsafe_member_access_expression", "object", &[("name", Give::Inherit)]),
    path("scoped_property_access_expression", "scope", &[("name", Give::Inherit)]),
    path("member_call_expression", "object", &[("name", CALL)]),
    path("nullsafe_member_call_expression", "object", &[("name", CALL)]),
    path("scoped_call_expression", "scope", &[("name", CALL)]),
    // `Class::NAME` has no fields.
    node("class_constant_access_expression").rest(Give::Lexical),
    node("function_call_expression").gives(&[("function", CALL)]),
    node("object_creation_expression").rest(CALL),
    node("named_type").rest(Give::Role(Role::Type)),
    node("argument").gives(&[("name", Give::Label)]).labelled(),
];

const BINDINGS: &[Rule] = &[
    node("assignment_expression").gives(&[("left", Give::Assign)]).valued("right").form(Form::Statement),
    node("reference_assignment_expression").gives(&[("left", Give::Assign)]).form(Form::Statement),
    node("augmented_assignment_expression").gives(&[("left", WRITE)]),
    node("update_expression").gives(&[("argument", WRITE)]),
    transparent("list_literal").takes_apart(),
    transparent("by_ref").leads_to_name(),
    node("pair").rest(Give::Local),
    node("simple_parameter").gives(&[("name", Give::Parameter)]).typed("type"),
    node("variadic_parameter").gives(&[("name", Give::Parameter)]),
    node("catch_clause").gives(&[("name", Give::Local)]).typed("type"),
    node("static_variable_declaration").gives(&[("name", Give::Local)]),
];

fn method(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let name = seen.node.child_by_field_name("name")?;
    let is_constructor = seen.text(name).eq_ignore_ascii_case(b"__construct");
    Some(Verdict { kind: if is_constructor { SymbolKind::Constructor } else { usual.kind }, ..usual })
}

/// `__construct(private Type $name)` declares a field.
fn promoted(_: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { contains: false, of_class: true, ..usual })
}

/// `use a\b\C as D` and `use a\{b, c}`.
fn used(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let of_group = |child: &Node<'_>| child.kind() == "namespace_name";
    let prefix = children(node).into_iter().find(of_group).map_or_else(String::new, |name| text(name, source));
    let clauses = node.child_by_field_name("body").map_or_else(|| children(node), children);
    for clause in clauses.into_iter().filter(|clause| clause.kind() == "namespace_use_clause") {
        let Some(target) = clause.named_child(0) else { continue };
        let whole = match prefix.as_str() {
            "" => text(target, source),
            prefix => format!("{prefix}\\{}", text(target, source)),
        };
        let whole = whole.trim_start_matches('\\');
        let (module, name) = whole.rsplit_once('\\').unwrap_or((whole, ""));
        imports.push(import(module.into(), name.into(), field_text(clause, "alias", source), target));
    }
}

/// `require 'file'`, `require('file')` and `require __DIR__ . '/file'`, where the file is named.
fn included(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some(mut file) = node.named_child(0) else { return };
    if file.kind() == "parenthesized_expression" {
        let Some(inside) = file.named_child(0) else { return };
        file = inside;
    }
    let mut from = "";
    if file.kind() == "binary_expression" && is_own_directory(&field_text(file, "left", source)) {
        let Some(right) = file.child_by_field_name("right") else { return };
        (file, from) = (right, ".");
    }
    if matches!(file.kind(), "string" | "encapsed_string") {
        let module = format!("{from}{}", unquoted(file, source));
        imports.push(import(module, "*".into(), String::new(), file));
    }
}

/// What stands for the directory of the file itself.
fn is_own_directory(text: &str) -> bool {
    let text = text.replace(' ', "");
    text.eq_ignore_ascii_case("__DIR__") || text.eq_ignore_ascii_case("dirname(__FILE__)")
}
