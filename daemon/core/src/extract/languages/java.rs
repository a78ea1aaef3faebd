//! Java.

use tree_sitter::Node;

use super::{import, text};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_java::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: &[("identifier", Role::Read)],
    sigils: &[],
    keywords: &["var"],
    builtins: &[("type_identifier", Role::Type)],
    words: &[],
    soft: &[],
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS, TYPES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"'", doc_marks: &["/**", "///"], docstring: None },
    text: include_str!("java.rs"),
};

const DEFINITIONS: &[Rule] = &[
    node("package_declaration").rest(Give::Define(SymbolKind::Package)).form(Form::Statement),
    definition("module_declaration", SymbolKind::Module, &["name"]),
    definition("class_declaration", SymbolKind::Class, &["name"]),
    definition("record_declaration", SymbolKind::Class, &["name"])
        .gives(&[("parameters", Give::Define(SymbolKind::Field))]),
    definition("interface_declaration", SymbolKind::Interface, &["name"]),
    definition("annotation_type_declaration", SymbolKind::Interface, &["name"]),
    definition("enum_declaration", SymbolKind::Enum, &["name"]),
    definition("enum_constant", SymbolKind::Variant, &["name"]),
    definition("method_declaration", SymbolKind::Method, &["name"]).typed("type"),
    definition("annotation_type_element_declaration", SymbolKind::Method, &["name"]).typed("type"),
    definition("constructor_declaration", SymbolKind::Constructor, &["name"]),
    definition("compact_constructor_declaration", SymbolKind::Constructor, &["name"]),
    node("field_declaration")
        .gives(&[("declarator", Give::Define(SymbolKind::Field))])
        .typed("type")
        .form(Form::Statement),
    node("constant_declaration")
        .gives(&[("declarator", Give::Define(SymbolKind::Constant))])
        .typed("type")
        .form(Form::Statement),
    node("marker_annotation").gives(&[("name", Give::Role(Role::Decorate))]).form(Form::Attribute),
    node("annotation").gives(&[("name", Give::Role(Role::Decorate))]).labels_of("name").form(Form::Attribute),
    node("import_declaration").all(Role::Import).imports(imported),
    node("line_comment").form(Form::Comment),
    node("block_comment").form(Form::Comment),
    node("block").locals().block(),
    node("static_initializer").locals().function(),
    node("for_statement").block(),
    node("catch_clause").block(),
    node("try_with_resources_statement").block(),
    node("switch_block_statement_group").block(),
    node("switch_rule").block(),
];

const ARGUMENTS: Arguments = Arguments { field: "arguments", spread: &[], spread_alone: &[] };

const EXPRESSIONS: &[Rule] = &[
    path("scoped_identifier", "scope", &[("name", Give::Inherit)]),
    path("field_access", "object", &[("field", Give::Inherit)]),
    path("method_invocation", "object", &[("name", Give::Role(Role::Call))]).arguments(ARGUMENTS),
    node("object_creation_expression").gives(&[("type", Give::Role(Role::Call))]),
    // `Type::name` has no fields.
    node("method_reference").rest(Give::Lexical),
    node("element_value_pair").gives(&[("key", Give::Label)]).labelled(),
    node("labeled_statement").rest(Give::Label),
    node("break_statement").rest(Give::Label),
    node("continue_statement").rest(Give::Label),
    transparent("parenthesized_expression"),
];

const BINDINGS: &[Rule] = &[
    node("local_variable_declaration").gives(&[("declarator", Give::Local)]).typed("type"),
    // Where nothing says otherwise it is the name of a parameter.
    node("variable_declarator")
        .gives(&[("name", Give::Inherit)])
        .turns(&[(Give::Nothing, Give::Parameter)])
        .valued("value"),
    transparent("formal_parameters"),
    node("formal_parameter").gives(&[("name", Give::Inherit)]).turns(&[(Give::Nothing, Give::Parameter)]).typed("type"),
    node("catch_formal_parameter").gives(&[("name", Give::Local)]).typed("(catch_type)"),
    node("enhanced_for_statement").gives(&[("name", Give::Local)]).typed("type").block(),
    node("resource").gives(&[("name", Give::Local)]).typed("type").valued("value"),
    node("lambda_expression").gives(&[("parameters", Give::Parameter)]).locals().function(),
    transparent("inferred_parameters"),
    node("instanceof_expression").gives(&[("name", Give::Local)]).typed("right"),
    node("record_pattern").rest(Give::Role(Role::Type)),
    node("record_pattern_component").rest(Give::Binding),
    node("type_pattern").rest(Give::Binding),
    node("assignment_expression").gives(&[("left", Give::Role(Role::Write))]),
    node("update_expression").rest(Give::Role(Role::Write)),
    node("type_parameter").rest(Give::TypeParameter).typed("(type_bound)"),
];

const TYPES: &[Rule] = &[
    node("superclass").rest(Give::Role(Role::Inherit)),
    node("super_interfaces").rest(Give::Role(Role::Inherit)),
    node("extends_interfaces").rest(Give::Role(Role::Inherit)),
    transparent("type_list"),
    transparent("generic_type"),
    flat_path("scoped_type_identifier"),
    transparent("annotated_type"),
];

/// `a.b.C` takes `C` from `a.b`; `a.b.*` takes everything.
fn imported(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let children = super::children(node);
    let Some(path) = children.iter().find(|child| matches!(child.kind(), "scoped_identifier" | "identifier")) else {
        return;
    };
    let whole = text(*path, source);
    let (module, name) = match children.iter().any(|child| child.kind() == "asterisk") {
        true => (whole.as_str(), "*"),
        false => whole.rsplit_once('.').unwrap_or((&whole, "")),
    };
    imports.push(import(module.into(), name.into(), String::new(), *path));
}
