//! TypeScript and TSX: JavaScript's tables and what types add to them.

use super::javascript::{BINDINGS, COMMENTS, DEFINITIONS, EXPRESSIONS, JSX, typed};
use crate::extract::table::*;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
    hidden: None,
    shortcut: None,
    lists: true,
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
    soft: &[],
    nodes: &[OWN, TYPED, TYPES, DEFINITIONS, EXPRESSIONS, BINDINGS],
    forward_words: &[],
    selves: &["this"],
    own_module: "",
    locals: Locals { hoisted: true, assigned: false, retyped: true },
    wrappers: &["Awaited", "NonNullable", "Omit", "Partial", "Pick", "Promise", "Readonly", "Required"],
    passes_imports_on: false,
    comments: COMMENTS,
    text: concat!(include_str!("javascript.rs"), include_str!("typescript.rs")),
};

pub(in crate::extract) const TABLE_TSX: Table = Table {
    grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
    nodes: &[OWN, TYPED, TYPES, DEFINITIONS, EXPRESSIONS, BINDINGS, JSX],
    ..TABLE
};

const OWN: &[Rule] = &[
    definition("abstract_class_declaration", SymbolKind::Class, &["name"]),
    definition("interface_declaration", SymbolKind::Interface, &["name"]),
    definition("type_alias_declaration", SymbolKind::Type, &["name"]).ends(End::Body(&[])).typed("value").block(),
    definition("enum_declaration", SymbolKind::Enum, &["name"]),
    definition("enum_assignment", SymbolKind::Variant, &["name"]),
    definition("internal_module", SymbolKind::Namespace, &["name", "property"]),
    definition("module", SymbolKind::Namespace, &["name", "property"]),
    definition("public_field_definition", SymbolKind::Field, &["name"])
        .ends(End::Body(&["value", "body"]))
        .typed("type")
        .valued("value"),
    definition("property_signature", SymbolKind::Property, &["name"]).typed("type"),
    definition("method_signature", SymbolKind::Method, &["name"]).judge(method_signature).typed("return_type"),
    definition("abstract_method_signature", SymbolKind::Method, &["name"]).typed("return_type"),
    definition("function_signature", SymbolKind::Function, &["name"]).judge(declared).typed("return_type"),
    definition("required_parameter", SymbolKind::Field, &["pattern"])
        .judge(parameter_property)
        .gives(&[("pattern", Give::Parameter), ("name", Give::Parameter)])
        .typed("type"),
    definition("optional_parameter", SymbolKind::Field, &["pattern"])
        .judge(parameter_property)
        .gives(&[("pattern", Give::Parameter), ("name", Give::Parameter)])
        .typed("type"),
    node("enum_body").gives(&[("name", Give::Define(SymbolKind::Variant))]),
    node("ambient_declaration").form(Form::Wrapper),
    node("class_heritage").rest(Give::Role(Role::Inherit)),
    node("extends_clause").gives(&[("value", Give::Role(Role::Inherit))]),
    node("extends_type_clause").gives(&[("type", Give::Role(Role::Inherit))]),
    node("implements_clause").rest(Give::Role(Role::Inherit)),
];

const TYPED: &[Rule] = &typed("return_type", "type");

const TYPES: &[Rule] = &[
    path("nested_type_identifier", "module", &[("name", Give::Inherit)]),
    path("nested_identifier", "object", &[("property", Give::Inherit)]),
    node("generic_type").gives(&[("name", Give::Inherit)]),
    node("type_parameter").gives(&[("name", Give::TypeParameter)]).typed("constraint/0"),
    node("index_signature").gives(&[("name", Give::Parameter)]),
    node("function_type").function(),
    node("constructor_type").function(),
    node("call_signature").function(),
    node("construct_signature").function(),
    node("mapped_type_clause").gives(&[("name", Give::TypeParameter)]),
    transparent("non_null_expression"),
];

fn declared(_: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { declaration: true, ..usual })
}

/// In a class it is an overload of what follows; in an interface it is the definition.
fn method_signature(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { declaration: seen.scene.kind == Some(SymbolKind::Class), ..usual })
}

/// `constructor(private name: Type)` declares a field, and a parameter as any other.
fn parameter_property(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let first = seen.node.child(0)?;
    let is_property = matches!(first.kind(), "accessibility_modifier" | "override_modifier" | "readonly");
    let is_field = is_property && seen.scene.kind == Some(SymbolKind::Constructor);
    is_field.then_some(Verdict { contains: false, of_class: true, name_is_reference: true, ..usual })
}
