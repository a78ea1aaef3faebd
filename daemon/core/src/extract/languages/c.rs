//! C.

use tree_sitter::Node;

use super::{import, text, unquoted};
use crate::extract::directives;
use crate::extract::hidden::macros;
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_c::LANGUAGE.into(),
    hidden: Some(macros),
    shortcut: Some(directives::facts),
    lists: true,
    names: &[
        ("identifier", Role::Read),
        ("field_identifier", Role::Read),
        ("statement_identifier", Role::Read),
        ("type_identifier", Role::Type),
    ],
    sigils: &[],
    keywords: KEYWORDS,
    builtins: &[("primitive_type", Role::Type)],
    words: &[],
    soft: &[],
    nodes: &[OWN, DEFINITIONS, DECLARATORS, EXPRESSIONS],
    forward_words: &["extern"],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: true,
    comments: Comments { line: "//", block: true, quotes: b"\"'", doc_marks: &["/*", "//"], docstring: None },
    text: include_str!("c.rs"),
};

/// What C++ has otherwise.
const OWN: &[Rule] = &[
    definition("function_definition", SymbolKind::Function, &["declarator"]).typed("type"),
    node("declaration")
        .gives(&[("declarator", Give::Define(SymbolKind::Variable))])
        .typed("type")
        .labels_of("type")
        .form(Form::Statement),
    node("field_declaration")
        .gives(&[("declarator", Give::Define(SymbolKind::Field))])
        .typed("type")
        .form(Form::Statement),
    // A function declarator makes a variable a prototype; a pointer inside makes it a variable again.
    node("function_declarator")
        .gives(&[("declarator", Give::Inherit)])
        .turns(&[(Give::Define(SymbolKind::Variable), Give::Declare(SymbolKind::Function))]),
    node("pointer_declarator")
        .gives(&[("declarator", Give::Inherit)])
        .turns(&[(Give::Declare(SymbolKind::Function), Give::Define(SymbolKind::Variable))]),
    path("field_expression", "argument", &[("field", Give::Inherit)]),
    node("macro_type_specifier").gives(&[("name", Give::Role(Role::Call))]),
];

pub(super) const DEFINITIONS: &[Rule] = &[
    definition("struct_specifier", SymbolKind::Struct, &["name"]).judge(tag),
    definition("union_specifier", SymbolKind::Union, &["name"]).judge(tag),
    definition("enum_specifier", SymbolKind::Enum, &["name"]).judge(tag),
    definition("enumerator", SymbolKind::Variant, &["name"]),
    definition("type_definition", SymbolKind::Type, &["declarator"])
        .ends(End::Body(&["type", "body"]))
        .judge(named_by_typedef)
        .gives(&[("declarator", Give::Define(SymbolKind::Type))])
        .typed("type")
        .form(Form::Statement),
    definition("preproc_def", SymbolKind::Macro, &["name"]),
    definition("preproc_function_def", SymbolKind::Macro, &["name"]).ends(End::Body(&["value"])),
    node("preproc_include").all(Role::Import).imports(include),
    node("preproc_arg").form(Form::Opaque),
    node("comment").form(Form::Comment),
    node("string_literal").form(Form::Token),
    node("char_literal").form(Form::Token),
    node("compound_statement").locals().block(),
    node("for_statement").block(),
];

pub(super) const DECLARATORS: &[Rule] = &[
    node("init_declarator").gives(&[("declarator", Give::Inherit)]).valued("value"),
    node("array_declarator").gives(&[("declarator", Give::Inherit)]),
    transparent("parenthesized_declarator").leads_to_name(),
    transparent("attributed_declarator").leads_to_name(),
    node("attribute_declaration"),
    node("parameter_declaration").gives(&[("declarator", Give::Parameter)]).typed("type"),
    node("parameter_list").rest(Give::Parameter),
    node("preproc_params").rest(Give::Parameter),
];

pub(super) const EXPRESSIONS: &[Rule] = &[
    node("call_expression").gives(&[("function", Give::Role(Role::Call))]),
    node("assignment_expression").gives(&[("left", Give::Role(Role::Write))]),
    node("update_expression").gives(&[("argument", Give::Role(Role::Write))]),
    node("field_designator").rest(Give::Label),
    node("initializer_pair").labelled(),
    node("compound_literal_expression").labels_of("type"),
    node("labeled_statement").gives(&[("label", Give::Label)]),
    node("goto_statement").gives(&[("label", Give::Label)]),
    transparent("parenthesized_expression"),
];

/// A struct, union or enum with a body is a definition; alone before a semicolon it is declared; elsewhere it is a type in use.
pub(super) fn tag(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let after = seen.source.get(seen.node.end_byte()..).unwrap_or_default().trim_ascii_start();
    let stands_alone = after.starts_with(b";") && !seen.scene.local && !seen.scene.is_class();
    match seen.has("body") {
        true => Some(usual),
        false => stands_alone.then_some(Verdict { declaration: true, contains: false, ..usual }),
    }
}

/// `typedef struct { … } name;` is the struct.
fn named_by_typedef(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let of = seen.node.child_by_field_name("type")?;
    let kind = match of.kind() {
        "struct_specifier" => SymbolKind::Struct,
        "union_specifier" => SymbolKind::Union,
        "enum_specifier" => SymbolKind::Enum,
        _ => return None,
    };
    let is_nameless = of.child_by_field_name("name").is_none() && of.child_by_field_name("body").is_some();
    is_nameless.then_some(Verdict { kind, ..usual })
}

fn include(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some(path) = node.child_by_field_name("path") else { return };
    let module = match path.kind() {
        "string_literal" | "system_lib_string" => unquoted(path, source),
        _ => text(path, source),
    };
    imports.push(import(module, "*".into(), String::new(), path));
}

/// Words that are no names, in macro bodies and among the built-in types (C17, the common spellings of C23).
const KEYWORDS: &[&str] = &[
    "auto",
    "break",
    "case",
    "char",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extern",
    "float",
    "for",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "register",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "struct",
    "switch",
    "typedef",
    "union",
    "unsigned",
    "void",
    "volatile",
    "while",
    "_Bool",
    "_Static_assert",
];
