//! Dart. A mixin is a trait; an extension implements the type it is on, under its own name if it has one.

use tree_sitter::Node;

use super::{children, import, text, unquoted};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_dart::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: &[("identifier_dollar_escaped", Role::Read), ("type_identifier", Role::Type)],
    sigils: &[],
    keywords: &["_", "super", "this"],
    // The last two only stand before a dot.
    builtins: &[("identifier", Role::Read), ("super", Role::Read), ("this", Role::Read)],
    // Operators that are defined.
    words: &["binary_operator"],
    soft: &["[]", "[]=", "~"],
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS, TYPES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"'", doc_marks: &["///", "/**"], docstring: None },
    text: include_str!("dart.rs"),
};

const CALL: Give = Give::Role(Role::Call);
const INHERIT: Give = Give::Role(Role::Inherit);
const WRITE: Give = Give::Role(Role::Write);

/// From what holds a signature to the name in it.
const SIGNATURES: &[&str] = &[
    "signature",
    "(function_signature)",
    "(getter_signature)",
    "(setter_signature)",
    "(operator_signature)",
    "(constructor_signature)",
    "(constant_constructor_signature)",
    "(factory_constructor_signature)",
    "(redirecting_factory_constructor_signature)",
    "name",
    "operator",
];

const DEFINITIONS: &[Rule] = &[
    node("library_name").rest(Give::Define(SymbolKind::Module)).form(Form::Statement),
    definition("class_declaration", SymbolKind::Class, &["name", "(mixin_application_class)", "(identifier)"]),
    definition("mixin_declaration", SymbolKind::Trait, &["name"]).gives(&[("(type)", INHERIT)]),
    definition("extension_declaration", SymbolKind::Impl, &["name", "class"])
        .judge(extension)
        .gives(&[("class", INHERIT)]),
    definition("extension_type_declaration", SymbolKind::Class, &["name", "(identifier)"]),
    node("extension_type_representation").gives(&[("name", Give::Define(SymbolKind::Field))]).form(Form::Statement),
    definition("enum_declaration", SymbolKind::Enum, &["name"]),
    definition("enum_entry", SymbolKind::Variant, &["name"]).ends(End::Body(&[])).gives(&[("(identifier)", CALL)]),
    definition("type_alias", SymbolKind::Type, &["(type_identifier)"]).ends(End::Body(&[])),
    definition("function_declaration", SymbolKind::Function, SIGNATURES).typed("signature/return_type"),
    definition("getter_declaration", SymbolKind::Property, SIGNATURES).typed("signature/return_type"),
    definition("setter_declaration", SymbolKind::Property, SIGNATURES),
    definition("external_function_declaration", SymbolKind::Function, SIGNATURES).judge(external),
    definition("external_getter_declaration", SymbolKind::Property, SIGNATURES).judge(external),
    definition("external_setter_declaration", SymbolKind::Property, SIGNATURES).judge(external),
    definition("local_function_declaration", SymbolKind::Function, SIGNATURES).ends(End::Before(&["(function_body)"])),
    node("member_declaration").form(Form::Wrapper),
    definition("method_declaration", SymbolKind::Method, SIGNATURES).judge(method).typed("signature/0/return_type"),
    definition("declaration", SymbolKind::Method, SIGNATURES)
        .judge(method)
        .ends(End::Body(&[]))
        .typed("(type)")
        .given(field)
        .gives(&[
            ("(initialized_identifier_list)", Give::Inherit),
            ("(static_final_declaration_list)", Give::Inherit),
            ("(identifier_list)", Give::Inherit),
        ])
        .form(Form::Statement),
    flat_path("constructor_signature"),
    flat_path("constant_constructor_signature"),
    flat_path("factory_constructor_signature"),
    flat_path("redirecting_factory_constructor_signature").gives(&[("(type)", Give::Nothing)]),
    node("top_level_variable_declaration")
        .given(variable)
        .gives(&[("(initialized_identifier_list)", Give::Inherit), ("(static_final_declaration_list)", Give::Inherit)])
        .typed("(type)")
        .form(Form::Statement),
    node("external_variable_declaration")
        .gives(&[("(identifier_list)", Give::Declare(SymbolKind::Variable))])
        .form(Form::Statement),
    transparent("initialized_identifier_list"),
    transparent("static_final_declaration_list"),
    transparent("identifier_list"),
    node("annotation").gives(&[("name", Give::Role(Role::Decorate))]).form(Form::Attribute),
    node("library_import").all(Role::Import).imports(imported),
    node("library_export").all(Role::Import).imports(imported),
    node("part_directive").all(Role::Import).imports(imported),
    node("part_of_directive").all(Role::Import).imports(imported),
    node("comment").form(Form::Comment),
    node("documentation_comment").form(Form::Comment),
    node("block").locals().block(),
    node("function_expression").locals().function(),
];

const EXPRESSIONS: &[Rule] = &[
    flat_path("dotted_identifier_list"),
    flat_path("qualified_name"),
    path("member_expression", "object", &[("property", Give::Inherit)]),
    path("null_aware_member_expression", "object", &[("property", Give::Inherit)]),
    path("cascade_member_expression", "object", &[("property", Give::Inherit)]).on_base(),
    path("cascade_null_aware_member_expression", "object", &[("property", Give::Inherit)]).on_base(),
    // What is written is an item and not what is indexed.
    path("assignable_expression", "object", &[("property", Give::Inherit), ("index", Give::Nothing)])
        .rest(Give::Inherit),
    path("constructor_invocation", "type", &[("constructor", CALL)]),
    node("call_expression").gives(&[("function", Give::Called)]).labels_of("function"),
    node("named_argument").labelled(),
    node("instantiation_expression").gives(&[("function", Give::Inherit)]),
    node("null_assertion_expression").gives(&[("value", Give::Inherit)]),
    transparent("parenthesized_expression"),
    transparent("static_member_shorthand"),
    node("cascade").has_base(),
    node("cascade_section").given(cascaded).gives(&[("0", Give::Inherit)]),
    node("cascade_selector").given(selected).rest(Give::Inherit).on_base(),
    node("cascade_call_expression").gives(&[("property", CALL), ("function", CALL)]).on_base(),
    node("new_expression").gives(&[("type", CALL), ("constructor", CALL)]),
    node("const_object_expression").gives(&[("type", CALL), ("constructor", CALL)]),
    node("initializer_list_entry").gives(&[("(identifier)", CALL)]),
    node("redirection").gives(&[("(identifier)", CALL)]),
    node("assignment_expression").gives(&[("left", WRITE)]),
    node("unary_expression").given(stepped).rest(Give::Inherit),
    node("postfix_expression").gives(&[("argument", WRITE)]),
    node("label").rest(Give::Label),
];

const BINDINGS: &[Rule] = &[
    // Where nothing says otherwise they are local.
    node("initialized_variable_declaration").gives(&[("name", Give::Local)]).typed("(type)").valued("value").late(),
    node("initialized_identifier")
        .gives(&[("name", Give::Inherit)])
        .turns(&[(Give::Nothing, Give::Local)])
        .valued("value"),
    node("static_final_declaration")
        .gives(&[("name", Give::Inherit)])
        .turns(&[(Give::Nothing, Give::Local)])
        .valued("value"),
    node("formal_parameter").gives(&[("(identifier)", Give::Parameter)]).typed("(type)"),
    node("field_formal_parameter").gives(&[("name", Give::Label)]).labels_own(),
    node("super_formal_parameter").gives(&[("name", Give::Parameter)]),
    node("field_initializer").gives(&[("name", Give::Label)]).labels_own(),
    node("typed_identifier").gives(&[("name", Give::Parameter)]).typed("(type)"),
    node("record_type_field").gives(&[("name", Give::Label)]),
    node("for_statement").gives(&[("name", Give::Local)]).block(),
    node("for_element").gives(&[("name", Give::Local)]).block(),
    node("try_statement").block(),
    node("catch_clause").gives(&[("exception", Give::Local), ("stack_trace", Give::Local)]),
    node("type_parameter").gives(&[("name", Give::TypeParameter)]).typed("bound"),
    node("variable_pattern").gives(&[("name", Give::Local)]).takes_apart(),
    node("pattern_assignment").gives(&[("0", WRITE)]),
    transparent("record_pattern"),
    transparent("list_pattern"),
    transparent("rest_pattern"),
    node("map_pattern").gives(&[("(constant_pattern)", Give::Inherit)]),
    node("object_pattern").gives(&[("(constant_pattern)", Give::Inherit)]),
    flat_path("constant_pattern"),
];

const TYPES: &[Rule] = &[
    flat_path("type").gives(&[("(type_arguments)", Give::Nothing), ("(function_type)", Give::Nothing)]),
    node("superclass").gives(&[("type", INHERIT)]),
    node("mixins").rest(INHERIT),
    node("interfaces").rest(INHERIT),
    node("mixin_application").gives(&[("(type)", INHERIT)]),
];

fn extension(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { name_is_reference: !seen.has("name"), ..usual })
}

fn external(_: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { declaration: true, ..usual })
}

/// A signature, with its body or without.
fn method(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let holder = seen.node.child_by_field_name("signature").unwrap_or(seen.node);
    let kind = children(holder).into_iter().find_map(|child| match child.kind() {
        "function_signature" | "operator_signature" => Some(SymbolKind::Method),
        "getter_signature" | "setter_signature" => Some(SymbolKind::Property),
        kind if kind.ends_with("constructor_signature") => Some(SymbolKind::Constructor),
        _ => None,
    })?;
    let declaration = children(seen.node).iter().any(|child| child.kind() == "external");
    Some(Verdict { kind, declaration, ..usual })
}

fn field(seen: &Seen<'_, '_>) -> Give {
    Give::Define(if has_token(seen.node, &["const"]) { SymbolKind::Constant } else { SymbolKind::Field })
}

fn variable(seen: &Seen<'_, '_>) -> Give {
    let is_constant = has_token(seen.node, &["const", "final"]);
    Give::Define(if is_constant { SymbolKind::Constant } else { SymbolKind::Variable })
}

/// `..name = value` writes.
fn cascaded(seen: &Seen<'_, '_>) -> Give {
    if children(seen.node).len() > 1 { WRITE } else { Give::Nothing }
}

/// `..name`, but not `..[index]`.
fn selected(seen: &Seen<'_, '_>) -> Give {
    if has_token(seen.node, &["["]) { Give::Nothing } else { seen.given }
}

/// `++name` writes.
fn stepped(seen: &Seen<'_, '_>) -> Give {
    let operator = seen.node.child_by_field_name("operator").map(|operator| operator.kind());
    if operator == Some("increment_operator") { WRITE } else { Give::Nothing }
}

fn has_token(node: Node<'_>, tokens: &[&str]) -> bool {
    node.children(&mut node.walk()).any(|child| !child.is_named() && tokens.contains(&child.kind()))
}

/// `import 'uri' as alias show names`: a library with a prefix, some of its names, or all of them. A part is all of its library.
fn imported(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let specification = children(node).into_iter().find(|child| child.kind() == "import_specification").unwrap_or(node);
    let parts = children(specification);
    let from = specification.child_by_field_name("uri");
    let from = from.or_else(|| parts.iter().copied().find(|it| matches!(it.kind(), "uri" | "dotted_identifier_list")));
    let Some(from) = from else { return };
    let first = imports.len();
    // Behind the first there may be others, for other platforms.
    let uri = if from.kind() == "configurable_uri" { from.named_child(0).unwrap_or(from) } else { from };
    let module = unquoted(uri, source);
    let shown = parts.iter().filter(|part| part.kind() == "combinator" && has_token(**part, &["show"]));
    let shown: Vec<Node<'_>> = shown.flat_map(|part| children(*part)).collect();
    for name in &shown {
        imports.push(import(module.clone(), text(*name, source), String::new(), *name));
    }
    match specification.child_by_field_name("alias") {
        Some(alias) => imports.push(import(module, String::new(), text(alias, source), uri)),
        None if shown.is_empty() => imports.push(import(module, "*".into(), String::new(), uri)),
        None => {}
    }
    // A part is its library's, and its library's names are its own.
    let exported = matches!(node.kind(), "library_export" | "part_directive");
    imports[first..].iter_mut().for_each(|import| import.exported = exported);
}
