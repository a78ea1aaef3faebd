//! JSON: an outline of its keys, without references.

use super::outlined;
use crate::extract::table::*;
use crate::kinds::SymbolKind;

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_json::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: true,
    names: &[],
    sigils: &[],
    keywords: &[],
    builtins: &[],
    words: &["string_content"],
    soft: &[],
    nodes: &[NODES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "//", block: true, quotes: b"\"", doc_marks: &["//", "/*"], docstring: None },
    text: include_str!("json.rs"),
};

const NODES: &[Rule] = &[
    definition("pair", SymbolKind::Element, &["key"]).ends(End::Line).judge(outlined),
    node("string").leads_to_name(),
    node("array").locals(),
    node("comment").form(Form::Comment),
];
