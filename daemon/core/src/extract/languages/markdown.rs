//! Markdown: an outline of its headings, without references.

use crate::extract::table::*;
use crate::kinds::SymbolKind;

pub(in crate::extract) const TABLE: Table = Table {
    grammar: || tree_sitter_md::LANGUAGE.into(),
    hidden: None,
    shortcut: None,
    lists: false,
    names: &[],
    sigils: &[],
    keywords: &[],
    builtins: &[],
    words: &["inline"],
    soft: &[],
    nodes: &[NODES],
    forward_words: &[],
    selves: &[],
    own_module: "",
    locals: Locals::DECLARED,
    wrappers: &[],
    passes_imports_on: false,
    comments: Comments { line: "<!--", block: false, quotes: b"", doc_marks: &[], docstring: None },
    text: include_str!("markdown.rs"),
};

const NODES: &[Rule] = &[
    definition("section", SymbolKind::Element, &["heading_content"]).leads_to_name().ends(End::Line).judge(headed),
    definition("setext_heading", SymbolKind::Element, &["heading_content"]).ends(End::Line),
    node("paragraph").leads_to_name(),
    node("atx_heading"),
    node("fenced_code_block").form(Form::Token),
];

/// What stands before the first heading is a section too, but has no name.
fn headed(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let first = seen.node.named_child(0)?;
    (first.kind() == "atx_heading").then_some(usual)
}
