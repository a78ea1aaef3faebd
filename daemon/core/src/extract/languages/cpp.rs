//! C++: C's tables and what it has otherwise.

use tree_sitter::Node;

use super::c::{DECLARATORS, DEFINITIONS, EXPRESSIONS, tag};
use super::{field_text, import, text};
use crate::extract::directives;
use crate::extract::hidden::macros;
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_cpp::LANGUAGE.into(),
    hidden: Some(macros),
    shortcut: Some(directives::facts),
    lists: true,
    names: &[
        ("destructor_name", Role::Read),
        ("field_identifier", Role::Read),
        ("identifier", Role::Read),
        ("namespace_identifier", Role::Read),
        ("operator_name", Role::Read),
        ("statement_identifier", Role::Read),
        ("type_identifier", Role::Type),
    ],
    sigils: &[],
    keywords: KEYWORDS,
    builtins: &[("primitive_type", Role::Type)],
    words: &[],
    // Of what converts to a type it begins the name.
    soft: &["operator"],
    nodes: &[OWN, MORE_DECLARATORS, PATHS, BINDINGS, DEFINITIONS, DECLARATORS, EXPRESSIONS],
    forward_words: &["extern"],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &["optional", "reference_wrapper", "shared_ptr", "unique_ptr", "weak_ptr"],
    passes_imports_on: true,
    comments: Comments { line: "//", block: true, quotes: b"\"'", doc_marks: &["/*", "//"], docstring: None },
    text: concat!(include_str!("c.rs"), include_str!("cpp.rs")),
};

const OWN: &[Rule] = &[
    definition("function_definition", SymbolKind::Function, &["declarator", "name"])
        .judge(function)
        .receiver(class_of)
        .typed("type"),
    definition("class_specifier", SymbolKind::Class, &["name"]).judge(tag),
    definition("namespace_definition", SymbolKind::Namespace, &["name"]),
    definition("alias_declaration", SymbolKind::Type, &["name"])
        .ends(End::Body(&[]))
        .judge(not_local)
        .gives(&[("name", Give::Local)])
        .typed("type"),
    definition("concept_definition", SymbolKind::Type, &["name"]).ends(End::Body(&[])),
    node("declaration")
        .given(declared)
        .gives(&[("declarator", Give::Inherit)])
        .typed("type")
        .labels_of("type")
        .form(Form::Statement),
    node("field_declaration")
        .gives(&[("declarator", Give::Define(SymbolKind::Field))])
        .typed("type")
        .form(Form::Statement),
    node("nested_namespace_specifier").leads_to_last_name(),
    node("template_declaration").form(Form::Wrapper).block(),
    node("base_class_clause").rest(Give::Role(Role::Inherit)),
    node("using_declaration").rest(Give::Role(Role::Import)).all(Role::Import).imports(used),
    node("namespace_alias_definition").all(Role::Import).imports(renamed),
    node("attribute").gives(&[("name", Give::Role(Role::Decorate))]),
    node("raw_string_literal").form(Form::Token),
];

/// A function declarator makes a variable a prototype and a field a method; a pointer inside makes it what it was.
const MORE_DECLARATORS: &[Rule] = &[
    node("function_declarator").gives(&[("declarator", Give::Inherit)]).turns(&[
        (Give::Define(SymbolKind::Variable), Give::Declare(SymbolKind::Function)),
        (Give::Define(SymbolKind::Field), Give::Declare(SymbolKind::Method)),
        (Give::Define(SymbolKind::Constructor), Give::Declare(SymbolKind::Constructor)),
        (Give::Define(SymbolKind::Method), Give::Declare(SymbolKind::Method)),
    ]),
    node("pointer_declarator").gives(&[("declarator", Give::Inherit)]).turns(&[
        (Give::Declare(SymbolKind::Function), Give::Define(SymbolKind::Variable)),
        (Give::Declare(SymbolKind::Method), Give::Define(SymbolKind::Field)),
    ]),
    node("operator_cast")
        .gives(&[("(operator)", Give::Inherit)])
        .turns(&[(Give::Define(SymbolKind::Method), Give::Declare(SymbolKind::Method))])
        .leads_to_token(),
    transparent("reference_declarator").leads_to_name(),
    transparent("variadic_declarator").leads_to_name(),
];

const PATHS: &[Rule] = &[
    path("qualified_identifier", "scope", &[("name", Give::Inherit)]),
    path("field_expression", "argument", &[("field", Give::Inherit)]),
    node("template_function").gives(&[("name", Give::Inherit)]).ends_path(),
    node("template_method").gives(&[("name", Give::Inherit)]).ends_path(),
    node("template_type").gives(&[("name", Give::Inherit)]).ends_path(),
    transparent("dependent_name").ends_path(),
    node("new_expression").gives(&[("type", Give::Role(Role::Call))]),
];

const BINDINGS: &[Rule] = &[
    node("field_initializer").rest(Give::Label).labels_own(),
    node("structured_binding_declarator").rest(Give::Local).takes_apart(),
    node("for_range_loop").gives(&[("declarator", Give::Local)]).typed("type").block(),
    node("if_statement").block(),
    node("while_statement").block(),
    node("catch_clause").block(),
    node("lambda_expression").locals().function(),
    node("lambda_capture_initializer").gives(&[("left", Give::Local)]).valued("right"),
    node("optional_parameter_declaration").gives(&[("declarator", Give::Parameter)]).typed("type"),
    node("variadic_parameter_declaration").gives(&[("declarator", Give::Parameter)]).typed("type"),
    node("type_parameter_declaration").rest(Give::TypeParameter),
    node("variadic_type_parameter_declaration").rest(Give::TypeParameter),
    node("optional_type_parameter_declaration").gives(&[("name", Give::TypeParameter)]),
];

/// Inside a class, or qualified by one, it is a method; without a type it constructs, unless it destroys or converts.
fn function(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let name = innermost(seen.node)?;
    let is_method = seen.scene.is_class() || name.kind() == "qualified_identifier";
    let kind = match is_method {
        true if !seen.has("type") && !is_no_constructor(name) => SymbolKind::Constructor,
        true => SymbolKind::Method,
        false => SymbolKind::Function,
    };
    Some(Verdict { kind, ..usual })
}

/// In a class only what has no type is no field: a constructor, a destructor or what converts.
fn declared(seen: &Seen<'_, '_>) -> Give {
    if !seen.scene.is_class() || seen.has("type") {
        return Give::Define(SymbolKind::Variable);
    }
    match innermost(seen.node).is_some_and(is_no_constructor) {
        true => Give::Define(SymbolKind::Method),
        false => Give::Define(SymbolKind::Constructor),
    }
}

fn not_local(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    (!seen.scene.local).then_some(usual)
}

/// What the declarators of a node lead to: a name, or one with its class before it.
fn innermost(node: Node<'_>) -> Option<Node<'_>> {
    const STEPS_MAX: usize = 64;
    let mut node = node.child_by_field_name("declarator")?;
    for _ in 0..STEPS_MAX {
        let next = match node.kind() {
            "reference_declarator" | "parenthesized_declarator" | "attributed_declarator" => node.named_child(0),
            "operator_cast" => None,
            _ => node.child_by_field_name("declarator"),
        };
        let Some(inner) = next else { break };
        node = inner;
    }
    Some(node)
}

/// Whether what has no type has a name that says what it does.
fn is_no_constructor(name: Node<'_>) -> bool {
    matches!(last_part(name).0.kind(), "destructor_name" | "operator_cast")
}

/// The last name of `a::b::c`, and the one before it.
fn last_part(name: Node<'_>) -> (Node<'_>, Option<Node<'_>>) {
    let (mut name, mut scope) = (name, None);
    while name.kind() == "qualified_identifier" {
        let Some(next) = name.child_by_field_name("name") else { break };
        (name, scope) = (next, name.child_by_field_name("scope"));
    }
    (name, scope)
}

/// `Class` in `ns::Class<T>::name()`.
fn class_of(node: Node<'_>) -> Option<Node<'_>> {
    let scope = last_part(innermost(node)?).1?;
    match scope.kind() {
        "template_type" => scope.child_by_field_name("name"),
        _ => Some(scope),
    }
}

/// `using a::b` takes `b` from `a`; `using namespace a` takes everything.
fn used(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some(path) = node.named_child(0) else { return };
    let whole = text(path, source);
    let takes_all = (0..node.child_count()).any(|at| node.child(at).is_some_and(|it| it.kind() == "namespace"));
    let (module, name) = match takes_all {
        true => (whole.as_str(), "*"),
        false => whole.rsplit_once("::").unwrap_or((&whole, "")),
    };
    imports.push(import(module.into(), name.into(), String::new(), path));
}

/// `namespace a = b::c`.
fn renamed(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some(target) = super::children(node).pop() else { return };
    imports.push(import(text(target, source), String::new(), field_text(node, "name", source), node));
}

/// Words that are no names, in macro bodies and among the built-in types (C++23).
const KEYWORDS: &[&str] = &[
    "alignas",
    "alignof",
    "and",
    "asm",
    "auto",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "nullptr",
    "operator",
    "or",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
];
