//! TypeScript and TSX: JavaScript's tables and what types add to them.

use super::javascript::{BINDINGS, COMMENTS, DEFINITIONS, EXPRESSIONS, JSX};
use crate::extract::table::*;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
    names: &[
        ("identifier", Role::Read),
        ("private_property_identifier", Role::Read),
        ("property_identifier", Role::Read),
        ("shorthand_property_identifier", Role::Read),
        ("shorthand_property_identifier_pattern", Role::Write),
        ("statement_identifier", Role::Read),
        ("type_identifier", Role::Type),
    ],
    sigils: &["#"],
    keywords: &[],
    builtins: &[],
    words: &[],
    nodes: &[OWN, TYPES, DEFINITIONS, EXPRESSIONS, BINDINGS],
    forward_words: &[],
    selves: &["this"],
    comments: COMMENTS,
    text: concat!(include_str!("javascript.rs"), include_str!("typescript.rs")),
};

pub(in crate::extract) const TABLE_TSX: Table = Table {
    grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
    nodes: &[OWN, TYPES, DEFINITIONS, EXPRESSIONS, BINDINGS, JSX],
    ..TABLE
};

const OWN: &[Rule] = &[
    definition("abstract_class_declaration", SymbolKind::Class, &["name"]),
    definition("interface_declaration", SymbolKind::Interface, &["name"]),
    definition("type_alias_declaration", SymbolKind::Type, &["name"]).ends(End::Body(&[])),
    definition("enum_declaration", SymbolKind::Enum, &["name"]),
    definition("enum_assignment", SymbolKind::Variant, &["name"]),
    definition("internal_module", SymbolKind::Namespace, &["name", "property"]),
    definition("module", SymbolKind::Namespace, &["name", "property"]),
    definition("public_field_definition", SymbolKind::Field, &["name"]).ends(End::Body(&["value", "body"])),
    definition("property_signature", SymbolKind::Property, &["name"]),
    definition("method_signature", SymbolKind::Method, &["name"]).judge(method_signature),
    definition("abstract_method_signature", SymbolKind::Method, &["name"]),
    definition("function_signature", SymbolKind::Function, &["name"]).judge(declared),
    definition("required_parameter", SymbolKind::Field, &["pattern"])
        .judge(parameter_property)
        .gives(&[("pattern", Give::Role(Role::Write)), ("name", Give::Role(Role::Write))]),
    definition("optional_parameter", SymbolKind::Field, &["pattern"])
        .judge(parameter_property)
        .gives(&[("pattern", Give::Role(Role::Write)), ("name", Give::Role(Role::Write))]),
    node("enum_body").gives(&[("name", Give::Define(SymbolKind::Variant))]),
    node("ambient_declaration").form(Form::Wrapper),
    node("class_heritage").rest(Give::Role(Role::Inherit)),
    node("extends_clause").gives(&[("value", Give::Role(Role::Inherit))]),
    node("extends_type_clause").gives(&[("type", Give::Role(Role::Inherit))]),
    node("implements_clause").rest(Give::Role(Role::Inherit)),
];

const TYPES: &[Rule] = &[
    path("nested_type_identifier", "module", &[("name", Give::Inherit)]),
    path("nested_identifier", "object", &[("property", Give::Inherit)]),
    node("generic_type").gives(&[("name", Give::Inherit)]),
    node("type_parameter").gives(&[("name", Give::Role(Role::Write))]),
    node("index_signature").gives(&[("name", Give::Role(Role::Write))]),
    node("mapped_type_clause").gives(&[("name", Give::Role(Role::Write))]),
    transparent("non_null_expression"),
];

fn declared(_: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { declaration: true, ..usual })
}

/// In a class it is an overload of what follows; in an interface it is the definition.
fn method_signature(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { declaration: seen.scene.kind == Some(SymbolKind::Class), ..usual })
}

/// `constructor(private name: Type)` declares a field.
fn parameter_property(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let first = seen.node.child(0)?;
    let is_property = matches!(first.kind(), "accessibility_modifier" | "override_modifier" | "readonly");
    let is_field = is_property && seen.scene.kind == Some(SymbolKind::Constructor);
    is_field.then_some(Verdict { contains: false, of_class: true, ..usual })
}
