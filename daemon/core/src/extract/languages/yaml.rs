//! YAML: an outline of its keys, without references.

use super::outlined;
use crate::extract::table::*;
use crate::kinds::SymbolKind;

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_yaml::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: false,
    names: &[],
    sigils: &[],
    keywords: &[],
    builtins: &[],
    words: &["boolean_scalar", "double_quote_scalar", "integer_scalar", "single_quote_scalar", "string_scalar"],
    soft: &[],
    nodes: &[NODES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "#", block: false, quotes: b"\"'", doc_marks: &["#"], docstring: None },
    text: include_str!("yaml.rs"),
};

const NODES: &[Rule] = &[
    definition("block_mapping_pair", SymbolKind::Element, &["key"]).ends(End::Line).judge(outlined),
    node("flow_node").leads_to_name(),
    node("plain_scalar").leads_to_name(),
    node("block_sequence").locals(),
    node("comment").form(Form::Comment),
];
