//! Ruby.

use tree_sitter::Node;

use super::{import, unquoted};
use crate::extract::table::*;
use crate::facts::Import;
use crate::kinds::{Role, SymbolKind};

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_ruby::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: &[
        ("class_variable", Role::Read),
        ("constant", Role::Read),
        ("global_variable", Role::Read),
        ("hash_key_symbol", Role::Write),
        ("identifier", Role::Read),
        ("instance_variable", Role::Read),
        ("operator", Role::Read),
        ("simple_symbol", Role::Read),
    ],
    sigils: &["@@", "@", "$", ":"],
    keywords: &[],
    builtins: &[],
    words: &["string_content"],
    soft: &[],
    nodes: &[DEFINITIONS, EXPRESSIONS, BINDINGS],
    forward_words: &[],
    selves: &["@", "@@"],
    own_module: "",
    locals: Locals { hoisted: false, assigned: true, retyped: true },
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "#", block: false, quotes: b"\"'`", doc_marks: &["#"], docstring: None },
    text: include_str!("ruby.rs"),
};

const WRITE: Give = Give::Role(Role::Write);

const DEFINITIONS: &[Rule] = &[
    definition("module", SymbolKind::Module, &["name"]),
    definition("class", SymbolKind::Class, &["name"]),
    definition("method", SymbolKind::Function, &["name"]).judge(method),
    definition("singleton_method", SymbolKind::Function, &["name"]).judge(method),
    definition("alias", SymbolKind::Method, &["name"]).judge(alias),
    node("superclass").rest(Give::Role(Role::Inherit)),
    node("assignment").given(assigned).gives(&[("left", Give::Inherit)]).valued("right").form(Form::Statement),
    node("comment").form(Form::Comment),
    node("block").locals().block(),
    node("do_block").locals().block(),
    node("lambda").block(),
];

const EXPRESSIONS: &[Rule] = &[
    path("scope_resolution", "scope", &[("name", Give::Inherit)]),
    // What is assigned to `a.b` goes to its setter; any other use of it is a call.
    definition("call", SymbolKind::Method, &["arguments"])
        .judge(alias_method)
        .object("receiver")
        .gives(&[("method", Give::Inherit)])
        .imports(required)
        .turns(&[
            (Give::Nothing, Give::Role(Role::Call)),
            (Give::Role(Role::Read), Give::Role(Role::Call)),
            (Give::Role(Role::Inherit), Give::Role(Role::Call)),
            (Give::Define(SymbolKind::Constant), WRITE),
            (Give::Assign, WRITE),
            (Give::AssignMember, WRITE),
        ]),
    node("argument_list").given(declared).rest(Give::Inherit).leads_to_name(),
    node("bare_symbol").rest(Give::Role(Role::Read)),
    node("pair").given(key).gives(&[("key", Give::Inherit)]).labelled(),
];

const BINDINGS: &[Rule] = &[
    transparent("left_assignment_list").in_order(),
    transparent("destructured_left_assignment"),
    transparent("rest_assignment"),
    node("operator_assignment").gives(&[("left", Give::AssignMember)]).form(Form::Statement),
    node("for").gives(&[("pattern", Give::Local)]).of_function(),
    node("exception_variable").rest(Give::Local),
    node("method_parameters").rest(Give::Parameter),
    node("block_parameters").rest(Give::Parameter),
    node("lambda_parameters").rest(Give::Parameter),
    node("destructured_parameter").rest(Give::Parameter),
    node("optional_parameter").gives(&[("name", Give::Parameter)]),
    node("keyword_parameter").gives(&[("name", Give::Parameter)]),
    node("splat_parameter").rest(Give::Parameter),
    node("hash_splat_parameter").rest(Give::Parameter),
    node("block_parameter").rest(Give::Parameter),
];

fn method(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let name = seen.node.child_by_field_name("name")?;
    let is_member = seen.scene.is_class() || seen.scene.is_namespace();
    let kind = match seen.text(name) {
        b"initialize" if is_member => SymbolKind::Constructor,
        _ if is_member => SymbolKind::Method,
        _ => SymbolKind::Function,
    };
    Some(Verdict { kind, ..usual })
}

/// `alias new old`, also of global variables.
fn alias(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let is_global = seen.node.child_by_field_name("name")?.kind() == "global_variable";
    let kind = if is_global { SymbolKind::Variable } else { usual.kind };
    Some(Verdict { kind, contains: false, ..usual })
}

/// `alias_method :new, :old`.
fn alias_method(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let is_alias = seen.text(seen.node.child_by_field_name("method")?) == b"alias_method";
    let names_a_symbol = seen.node.child_by_field_name("arguments")?.named_child(0)?.kind() == "simple_symbol";
    (is_alias && names_a_symbol).then_some(Verdict { contains: false, ..usual })
}

/// `key: value`; what stands before `=>` is a value itself.
fn key(seen: &Seen<'_, '_>) -> Give {
    let is_label = seen.node.child_by_field_name("key").is_some_and(|key| key.kind() == "hash_key_symbol");
    if is_label { Give::Label } else { Give::Nothing }
}

/// Plain variables are local to where they stand, even at the top of a file.
fn assigned(seen: &Seen<'_, '_>) -> Give {
    match seen.node.child_by_field_name("left").map(|left| left.kind()) {
        Some("constant") => Give::Define(SymbolKind::Constant),
        Some("global_variable") => Give::Assign,
        _ => Give::AssignMember,
    }
}

/// What the call around makes of its arguments: `attr_reader :name`, `include Module`.
fn declared(seen: &Seen<'_, '_>) -> Give {
    let before = seen.source.get(..seen.node.start_byte()).unwrap_or_default().trim_ascii_end();
    let before = before.strip_suffix(b"(").unwrap_or(before);
    let is_after = |words: &[&str]| words.iter().any(|word| before.ends_with(word.as_bytes()));
    if seen.scene.local {
        Give::Nothing
    } else if is_after(&["attr_reader", "attr_writer", "attr_accessor"]) {
        Give::Define(SymbolKind::Property)
    } else if is_after(&["include", "extend", "prepend"]) {
        Give::Role(Role::Inherit)
    } else {
        Give::Nothing
    }
}

/// `require "module"`, `require_relative "module"` (which then begins with a dot).
fn required(node: Node<'_>, source: &[u8], imports: &mut Vec<Import>) {
    let Some(method) = node.child_by_field_name("method") else { return };
    let prefix = match source.get(method.byte_range()) {
        Some(b"require" | b"load") => "",
        Some(b"require_relative") => "./",
        _ => return,
    };
    let first = node.child_by_field_name("arguments").and_then(|arguments| arguments.named_child(0));
    if let Some(string) = first.filter(|first| first.kind() == "string") {
        imports.push(import(format!("{prefix}{}", unquoted(string, source)), "*".into(), String::new(), string));
    }
}
