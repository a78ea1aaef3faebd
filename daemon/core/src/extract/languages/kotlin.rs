//! Kotlin. What is stored is a field, what has accessors a property; an extension belongs to the type it extends.

use std::borrow::Cow;

use tree_sitter::Node;

use super::{children, has, import, text};
use crate::extract::scene::Scene;
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_kotlin_ng::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: &[],
    sigils: &["`"],
    keywords: KEYWORDS,
    builtins: &[("identifier", Role::Read)],
    // What stands for the name of a constructor, and of a companion without one.
    words: &[],
    soft: &["companion", "constructor"],
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS, TYPES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"'", doc_marks: &["/**"], docstring: None },
    text: include_str!("kotlin.rs"),
};

const CALL: Give = Give::Role(Role::Call);
const TYPE: Give = Give::Role(Role::Type);
const WRITE: Give = Give::Role(Role::Write);

const DEFINITIONS: &[Rule] = &[
    node("package_header").rest(Give::Define(SymbolKind::Package)).form(Form::Statement),
    definition("class_declaration", SymbolKind::Class, &["name"])
        .judge(class)
        .ends(End::Before(&["(class_body)", "(enum_class_body)"])),
    definition("object_declaration", SymbolKind::Class, &["name"]).ends(End::Before(&["(class_body)"])),
    definition("companion_object", SymbolKind::Class, &["name", "(companion)"])
        .judge(companion)
        .ends(End::Before(&["(class_body)"])),
    definition("enum_entry", SymbolKind::Variant, &["(identifier)"]).ends(End::Before(&["(class_body)"])),
    definition("type_alias", SymbolKind::Type, &["type"]).ends(End::Body(&[])),
    definition("function_declaration", SymbolKind::Function, &["name"])
        .judge(function)
        .receiver(extended)
        .typed("(:)")
        .valued("(function_body)/(=)")
        .ends(End::Before(&["(function_body)"])),
    definition("secondary_constructor", SymbolKind::Constructor, &["(constructor)"]).ends(End::Before(&["(block)"])),
    definition("property_declaration", SymbolKind::Field, &["(variable_declaration)", "(identifier)"])
        .judge(property)
        .receiver(extended)
        .ends(End::Brace)
        .given(declared)
        .gives(&[("(variable_declaration)", Give::Inherit), ("(multi_variable_declaration)", Give::Inherit)])
        .typed("(variable_declaration)/(:)")
        .valued("(=)")
        .late()
        .form(Form::Statement),
    // Its name comes first, or behind its modifiers.
    definition("class_parameter", SymbolKind::Field, &["(identifier)"])
        .judge(parameter_property)
        .ends(End::Body(&[]))
        .gives(&[("0", Give::Local), ("1", Give::Local)])
        .typed("(:)"),
    node("annotation").rest(Give::Role(Role::Decorate)).form(Form::Attribute),
    node("file_annotation").rest(Give::Role(Role::Decorate)),
    node("import").all(Role::Import).imports(imported),
    node("line_comment").form(Form::Comment),
    node("block_comment").form(Form::Comment),
    node("multiline_string_literal").rest(Give::Role(Role::Read)),
    node("string_content").form(Form::Text("$")),
    node("block").locals().block(),
    node("for_statement").block(),
    node("when_entry").block(),
    node("lambda_literal").locals().function().receives(received),
    node("anonymous_function").locals().function(),
];

const EXPRESSIONS: &[Rule] = &[
    flat_path("qualified_identifier"),
    flat_path("navigation_expression"),
    flat_path("callable_reference"),
    node("call_expression").gives(&[("0", Give::Called)]).labels_of("0"),
    definition("infix_expression", SymbolKind::Class, &["2", "0"])
        .judge(misread)
        .ends(End::Body(&[]))
        .gives(&[("1", CALL)]),
    node("binary_expression").given(called).gives(&[("left", Give::Inherit)]),
    node("value_argument").given(named).gives(&[("0", Give::Inherit)]).labelled(),
    node("unary_expression").given(stepped).rest(Give::Inherit),
    node("assignment").gives(&[("left", WRITE)]),
    transparent("parenthesized_expression"),
];

const BINDINGS: &[Rule] = &[
    // Where nothing says otherwise they are local.
    node("variable_declaration")
        .gives(&[("(identifier)", Give::Inherit)])
        .turns(&[(Give::Nothing, Give::Local)])
        .typed("(:)"),
    transparent("multi_variable_declaration").takes_apart(),
    node("parameter").gives(&[("(identifier)", Give::Parameter)]).typed("(:)"),
    node("setter").gives(&[("(identifier)", Give::Parameter)]).function(),
    node("getter").function(),
    node("catch_block").gives(&[("(identifier)", Give::Local)]).typed("(:)").block(),
    node("type_parameter").gives(&[("(identifier)", Give::TypeParameter)]).typed("(:)"),
];

const TYPES: &[Rule] =
    &[
        flat_path("user_type")
            .gives(&[("(type_modifiers)", Give::Nothing), ("(type_arguments)", Give::Nothing)])
            .turns(&[(Give::Nothing, TYPE), (Give::Local, TYPE), (WRITE, TYPE)]),
        transparent("nullable_type"),
        transparent("parenthesized_type"),
        node("type_constraint").gives(&[("(identifier)", Give::Bounded)]).typed("(:)"),
        node("delegation_specifier").rest(Give::Role(Role::Inherit)),
        node("explicit_delegation").gives(&[("0", Give::Inherit)]),
        node("constructor_invocation").gives(&[("0", Give::Inherit)]),
    ];

/// Bytes before a block that are looked at for what it is given.
const RECEIVED_BYTES_MAX: usize = 120;

/// `path` of `path.apply { … }`, `run`, `let` and `also`, and of `with(path) { … }`. A block with parameters of its own has no `it`.
fn received<'a>(block: Node<'_>, before: &'a [u8], last: Option<(&str, Option<&'a str>)>) -> Option<Cow<'a, [u8]>> {
    let has_parameters = block.named_child(0).is_some_and(|first| first.kind() == "lambda_parameters");
    let before = &before[before.len().saturating_sub(RECEIVED_BYTES_MAX)..];
    if let Some((name @ ("apply" | "run" | "let" | "also"), Some(receiver))) =
        last.filter(|(name, _)| before.strip_suffix(name.as_bytes()).is_some_and(|before| before.ends_with(b".")))
    {
        let names_it = matches!(name, "let" | "also");
        return (!names_it || !has_parameters).then_some(Cow::Borrowed(receiver.as_bytes()));
    }
    let of_with = before.strip_suffix(b")").and_then(|before| {
        let open = memchr::memmem::rfind(before, b"with(")?;
        let is_word = before[..open].last().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(byte));
        (!is_word).then(|| &before[open + b"with(".len()..])
    });
    match of_with {
        Some(path) => Some(Cow::Borrowed(path)),
        None => (!has_parameters).then_some(Cow::Borrowed(b"")),
    }
}

fn class(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let kind = if has(seen.node, "interface") {
        SymbolKind::Interface
    } else if has(seen.node, "enum_class_body") || has_modifier(seen, b"enum") {
        SymbolKind::Enum
    } else {
        SymbolKind::Class
    };
    Some(Verdict { kind, ..usual })
}

/// `annotation class Name` and `actual typealias Name` behind an annotation, which the grammar takes for calls of `class` and so on.
fn misread(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let kind = match seen.text(seen.node.named_child(1)?) {
        b"class" | b"object" => SymbolKind::Class,
        b"interface" => SymbolKind::Interface,
        b"typealias" => SymbolKind::Type,
        _ => return None,
    };
    Some(Verdict { kind, ..usual })
}

fn companion(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    Some(Verdict { implied_name: if seen.has("name") { "" } else { "Companion" }, ..usual })
}

/// What stands in a class, or in an object without a name, or extends a type.
fn function(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let is_method = is_member(seen.scene) || extended(seen.node).is_some() || has_modifier(seen, b"override");
    Some(Verdict { kind: if is_method { SymbolKind::Method } else { usual.kind }, ..usual })
}

/// In a class, in the entry of an enumeration, or in an object that is the value of a property.
fn is_member(scene: Scene) -> bool {
    !scene.local && scene.kind.is_some()
}

fn property(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let is_one = has(seen.node, "variable_declaration") && !seen.scene.local;
    is_one.then_some(Verdict { kind: kind_of_property(seen), ..usual })
}

fn declared(seen: &Seen<'_, '_>) -> Give {
    Give::Define(kind_of_property(seen))
}

fn kind_of_property(seen: &Seen<'_, '_>) -> SymbolKind {
    let has_code = |child: &Node<'_>| match child.kind() {
        "getter" | "setter" => has(*child, "function_body"),
        kind => kind == "property_delegate",
    };
    let is_stored = seen.scene.kind != Some(SymbolKind::Interface) && !has_modifier(seen, b"abstract");
    if has_modifier(seen, b"const") {
        SymbolKind::Constant
    } else if !is_stored || extended(seen.node).is_some() || children(seen.node).iter().any(has_code) {
        SymbolKind::Property
    } else if is_member(seen.scene) {
        SymbolKind::Field
    } else if has(seen.node, "val") {
        SymbolKind::Constant
    } else {
        SymbolKind::Variable
    }
}

/// `class Name(val field: Type)`.
fn parameter_property(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    (has(seen.node, "val") || has(seen.node, "var")).then_some(usual)
}

/// `Type` in `fun pkg.Type<T>?.name()` and `val Type.name`.
fn extended(node: Node<'_>) -> Option<Node<'_>> {
    const STEPS_MAX: usize = 8;
    let is_type = |child: &Node<'_>| matches!(child.kind(), "user_type" | "nullable_type" | "parenthesized_type");
    let before_name = |child: &Node<'_>| !matches!(child.kind(), "identifier" | "variable_declaration");
    let mut found = children(node).into_iter().take_while(before_name).find(is_type)?;
    for _ in 0..STEPS_MAX {
        let is_part = |child: &Node<'_>| child.kind() == "identifier" || is_type(child);
        found = children(found).into_iter().rfind(is_part)?;
        if found.kind() == "identifier" {
            return Some(found);
        }
    }
    None
}

fn has_modifier(seen: &Seen<'_, '_>, word: &[u8]) -> bool {
    let modifiers = children(seen.node).into_iter().find(|child| child.kind() == "modifiers");
    modifiers.is_some_and(|modifiers| children(modifiers).into_iter().any(|modifier| seen.text(modifier) == word))
}

/// `name<Type>(value)`, which the grammar takes for two comparisons.
fn called(seen: &Seen<'_, '_>) -> Give {
    let is_callee = comparison(seen.node).is_some_and(|(_, less, _)| less.kind() == "<") && seen.given == CALL;
    if is_callee || is_generic_call(seen.node) { CALL } else { Give::Nothing }
}

/// Nothing stands between the name, its bracket, and its argument.
fn is_generic_call(node: Node<'_>) -> bool {
    let Some((left, more, right)) = comparison(node) else { return false };
    let Some((name, less, _)) = comparison(left).filter(|_| more.kind() == ">") else { return false };
    let touch = name.end_byte() == less.start_byte() && more.end_byte() == right.start_byte();
    less.kind() == "<" && right.kind() == "parenthesized_expression" && touch
}

fn comparison(node: Node<'_>) -> Option<(Node<'_>, Node<'_>, Node<'_>)> {
    let part = |field| node.child_by_field_name(field);
    Some((part("left")?, part("operator")?, part("right")?)).filter(|_| node.kind() == "binary_expression")
}

/// `name = value` names the parameter.
fn named(seen: &Seen<'_, '_>) -> Give {
    if has(seen.node, "=") { Give::Label } else { Give::Nothing }
}

/// `name++` writes; `name!!` is the name; `!name` reads.
fn stepped(seen: &Seen<'_, '_>) -> Give {
    match seen.node.child_by_field_name("operator").map(|operator| operator.kind()) {
        Some("++" | "--") => WRITE,
        Some("!!") => seen.given,
        _ => Give::Nothing,
    }
}

/// `a.b.C` takes `C` from `a.b`; `a.b.*` takes everything.
fn imported(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let children = children(node);
    let Some(path) = children.iter().find(|child| child.kind() == "qualified_identifier") else { return };
    let alias = children.iter().find(|child| child.kind() == "identifier");
    let whole = text(*path, source);
    let (module, name) = match has(node, "*") {
        true => (whole.as_str(), "*"),
        false => whole.rsplit_once('.').unwrap_or((&whole, "")),
    };
    let alias = alias.map_or_else(String::new, |alias| text(*alias, source));
    imports.push(import(module.into(), name.into(), alias, *path));
}

/// Hard keywords, some of which the grammar takes for names.
const KEYWORDS: &[&str] = &[
    "as",
    "break",
    "class",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "fun",
    "if",
    "in",
    "interface",
    "is",
    "null",
    "object",
    "package",
    "return",
    "super",
    "this",
    "throw",
    "true",
    "try",
    "typealias",
    "val",
    "var",
    "when",
    "while",
];
