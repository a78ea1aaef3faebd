//! TOML: an outline of its tables and keys, without references.

use super::outlined;
use crate::extract::table::*;
use crate::kinds::SymbolKind;

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_toml_ng::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: false,
    names: &[],
    sigils: &[],
    keywords: &[],
    builtins: &[],
    words: &["bare_key", "dotted_key", "quoted_key"],
    soft: &[],
    nodes: &[NODES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "#", block: false, quotes: b"\"'", doc_marks: &["#"], docstring: None },
    text: include_str!("toml.rs"),
};

const NODES: &[Rule] = &[
    definition("table", SymbolKind::Element, &[]).leads_to_name().ends(End::Line),
    definition("table_array_element", SymbolKind::Element, &[]).leads_to_name().ends(End::Line),
    definition("pair", SymbolKind::Element, &[]).leads_to_name().ends(End::Line).judge(outlined),
    node("array").locals(),
    node("comment").form(Form::Comment),
];
