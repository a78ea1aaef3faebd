//! Swift. What is stored is a field, what is computed a property; an extension implements the type it names.

use tree_sitter::Node;

use super::{children, has, import, text};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_swift::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    // A keyword behind a dot (`.async`) is an expression.
    names: &[("_expression", Role::Read), ("custom_operator", Role::Call), ("type_identifier", Role::Type)],
    // `$name` is what the wrapper of a property projects.
    sigils: &["`", "$"],
    // Arguments by position, too.
    keywords: &["_", "self", "$0", "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9"],
    builtins: &[("simple_identifier", Role::Read)],
    words: &["bang"],
    soft: TOKENS,
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS, TYPES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"", doc_marks: &["///", "/**"], docstring: None },
    text: include_str!("swift.rs"),
};

const CALL: Give = Give::Role(Role::Call);
const TYPE: Give = Give::Role(Role::Type);
const WRITE: Give = Give::Role(Role::Write);

const DEFINITIONS: &[Rule] = &[
    definition("class_declaration", SymbolKind::Class, &["name", "wrapped"]).judge(class),
    definition("protocol_declaration", SymbolKind::Interface, &["name"]),
    definition("typealias_declaration", SymbolKind::Type, &["name"]).ends(End::Body(&[])),
    definition("associatedtype_declaration", SymbolKind::Type, &["name"]).ends(End::Body(&[])),
    definition("function_declaration", SymbolKind::Function, &["name"]).member(SymbolKind::Method).typed("return_type"),
    definition("protocol_function_declaration", SymbolKind::Method, &["name"]).typed("return_type"),
    definition("init_declaration", SymbolKind::Constructor, &["name"]),
    definition("deinit_declaration", SymbolKind::Method, &["(deinit)"]),
    definition("subscript_declaration", SymbolKind::Method, &["(subscript)"])
        .ends(End::Before(&["(computed_property)"])),
    definition("macro_declaration", SymbolKind::Macro, &["(simple_identifier)"]).ends(End::Before(&["definition"])),
    definition("property_declaration", SymbolKind::Field, &["bound_identifier", "name"])
        .judge(property)
        .ends(End::Brace)
        .given(declared)
        .gives(&[("name", Give::Inherit)])
        .typed("(type_annotation)")
        .valued("value")
        .late()
        .form(Form::Statement),
    definition("protocol_property_declaration", SymbolKind::Property, &["bound_identifier", "name"])
        .ends(End::Brace)
        .gives(&[("name", Give::Define(SymbolKind::Property))])
        .typed("(type_annotation)")
        .form(Form::Statement),
    node("enum_entry").gives(&[("name", Give::Define(SymbolKind::Variant))]).form(Form::Statement),
    node("attribute").gives(&[("(user_type)", Give::Role(Role::Decorate))]).form(Form::Attribute),
    node("import_declaration").all(Role::Import).imports(imported),
    node("comment").form(Form::Comment),
    node("multiline_comment").form(Form::Comment),
    node("line_str_text").form(Form::Text("")),
    node("statements").locals().block(),
    node("switch_entry").block(),
    node("for_statement").gives(&[("item", Give::Binding)]).block(),
    node("catch_block").block(),
    node("lambda_literal").locals().function(),
];

const EXPRESSIONS: &[Rule] = &[
    flat_path("identifier"),
    path("navigation_expression", "target", &[("suffix", Give::Inherit)]),
    node("navigation_suffix").gives(&[("suffix", Give::Inherit)]).ends_path(),
    node("call_expression").given(called).gives(&[("0", Give::Inherit)]).labels_of("0"),
    node("constructor_expression").gives(&[("constructed_type", CALL)]),
    node("macro_invocation").gives(&[("(simple_identifier)", CALL)]),
    node("prefix_expression").given(prefixed).gives(&[("target", Give::Inherit)]).leaves_out(),
    node("postfix_expression").given(postfixed).gives(&[("target", Give::Inherit)]),
    node("assignment").gives(&[("target", WRITE)]),
    transparent("directly_assignable_expression"),
    node("tuple_expression").gives(&[("name", Give::Label), ("value", Give::Inherit)]),
    node("value_argument").labelled(),
    node("value_argument_label").rest(Give::Label),
    node("call_suffix").gives(&[("name", Give::Label)]),
    node("constructor_suffix").gives(&[("name", Give::Label)]),
];

const BINDINGS: &[Rule] = &[
    node("pattern").leaves_out().given(bound).gives(&[
        ("bound_identifier", Give::Inherit),
        ("(pattern)", Give::Inherit),
        ("(simple_identifier)", Give::Inherit),
    ]),
    node("if_statement")
        .binds()
        .leaves_out()
        .given(bound_by_case)
        .gives(&[("bound_identifier", Give::Local), ("(pattern)", Give::Inherit)])
        .block(),
    node("guard_statement")
        .binds()
        .leaves_out()
        .given(bound_by_case)
        .gives(&[("bound_identifier", Give::Local), ("(pattern)", Give::Inherit)]),
    node("while_statement")
        .binds()
        .leaves_out()
        .given(bound_by_case)
        .gives(&[("bound_identifier", Give::Local), ("(pattern)", Give::Inherit)])
        .block(),
    node("repeat_while_statement").gives(&[("bound_identifier", Give::Local)]),
    node("parameter").gives(&[("external_name", Give::Label), ("(simple_identifier)", Give::Parameter)]).typed("type"),
    node("lambda_parameter")
        .gives(&[("external_name", Give::Label), ("(simple_identifier)", Give::Parameter)])
        .typed("type"),
    node("enum_type_parameters").gives(&[("(simple_identifier)", Give::Parameter)]),
    node("capture_list_item").given(captured).gives(&[("name", Give::Inherit)]),
    node("computed_setter").gives(&[("(simple_identifier)", Give::Parameter)]).function(),
    node("willset_clause").gives(&[("(simple_identifier)", Give::Parameter)]).function(),
    node("didset_clause").gives(&[("(simple_identifier)", Give::Parameter)]).function(),
    node("computed_getter").function(),
    node("operator_declaration").gives(&[("(custom_operator)", WRITE)]),
    node("precedence_group_declaration").gives(&[("(simple_identifier)", WRITE)]),
];

const TYPES: &[Rule] = &[
    flat_path("user_type").gives(&[("(type_arguments)", Give::Nothing)]),
    node("inheritance_specifier").gives(&[("inherits_from", Give::Role(Role::Inherit))]),
    node("inheritance_constraint").gives(&[("constrained_type", TYPE)]),
    node("equality_constraint").gives(&[("constrained_type", TYPE)]),
    node("type_parameter").gives(&[("(type_identifier)", Give::TypeParameter)]).typed("(:)"),
    node("tuple_type_item").gives(&[("(simple_identifier)", Give::Label)]),
];

fn class(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let kind = match seen.node.child_by_field_name("declaration_kind")?.kind() {
        "struct" => SymbolKind::Struct,
        "enum" => SymbolKind::Enum,
        "extension" => SymbolKind::Impl,
        _ => SymbolKind::Class,
    };
    Some(Verdict { kind, name_is_reference: kind == SymbolKind::Impl, ..usual })
}

fn property(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    (!seen.scene.local).then_some(Verdict { kind: kind_of_property(seen), ..usual })
}

fn declared(seen: &Seen<'_, '_>) -> Give {
    Give::Define(kind_of_property(seen))
}

fn kind_of_property(seen: &Seen<'_, '_>) -> SymbolKind {
    let is_let = |child: &Node<'_>| child.kind() == "value_binding_pattern" && seen.text(*child) == b"let";
    if seen.has("computed_value") {
        SymbolKind::Property
    } else if seen.scene.is_class() {
        SymbolKind::Field
    } else if children(seen.node).iter().any(is_let) {
        SymbolKind::Constant
    } else {
        SymbolKind::Variable
    }
}

/// `a[0]` reads; any other suffix calls.
fn called(seen: &Seen<'_, '_>) -> Give {
    let is_subscript = children(seen.node).last().is_some_and(|suffix| seen.text(*suffix).starts_with(b"["));
    if is_subscript { Give::Nothing } else { CALL }
}

/// `.name` is the name; `&name` may be written.
fn prefixed(seen: &Seen<'_, '_>) -> Give {
    match seen.node.child_by_field_name("operation").map(|operation| operation.kind()) {
        Some(".") => seen.given,
        Some("&" | "++" | "--") => WRITE,
        _ => Give::Nothing,
    }
}

/// `name!` is the name.
fn postfixed(seen: &Seen<'_, '_>) -> Give {
    match seen.node.child_by_field_name("operation").map(|operation| operation.kind()) {
        Some("bang") => seen.given,
        Some("++" | "--") => WRITE,
        _ => Give::Nothing,
    }
}

/// What `let` and `var` stand before is bound, also further inside.
fn bound(seen: &Seen<'_, '_>) -> Give {
    let binds = seen.has("bound_identifier") || has(seen.node, "value_binding_pattern");
    if binds && seen.given == Give::Nothing { Give::Binding } else { seen.given }
}

/// `if case let .name(bound) = value`.
fn bound_by_case(seen: &Seen<'_, '_>) -> Give {
    let mut cursor = seen.node.walk();
    let mut kinds = seen.node.children(&mut cursor).map(|child| child.kind()).take_while(|kind| *kind != "statements");
    let binds = kinds.any(|kind| kind == "case") && kinds.next() == Some("value_binding_pattern");
    if binds { Give::Binding } else { Give::Nothing }
}

/// `[name = value]` gives it a new value, `[name]` takes the one it has.
fn captured(seen: &Seen<'_, '_>) -> Give {
    if seen.has("value") { Give::Local } else { Give::Nothing }
}

/// `import A.B` brings everything in `A.B`; `import class A.B` takes `B` from `A`.
fn imported(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let mut cursor = node.walk();
    let mut all = node.children(&mut cursor).skip_while(|child| child.kind() != "import").skip(1);
    let Some(first) = all.next() else { return };
    let Some(path) = Some(first).filter(|first| first.is_named()).or_else(|| all.next()) else { return };
    let whole = text(path, source);
    let (module, name) = match first.is_named() {
        true => (whole.as_str(), "*"),
        false => whole.rsplit_once('.').unwrap_or((&whole, "*")),
    };
    imports.push(import(module.into(), name.into(), String::new(), path));
}

/// What names initializers and the like, and operators that are defined (`!` is a `bang`).
const TOKENS: &[&str] = &[
    "init",
    "deinit",
    "subscript",
    "==",
    "!=",
    "===",
    "!==",
    "<",
    ">",
    "<=",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "+=",
    "-=",
    "*=",
    "/=",
    "%=",
    "++",
    "--",
    "~",
    "|",
    "^",
    "&",
    "<<",
    ">>",
];
