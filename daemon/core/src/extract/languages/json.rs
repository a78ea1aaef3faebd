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
    definition("pair", SymbolKind::Element, &["key"]).ends(End::Line).judge(key),
    node("string").leads_to_name(),
    node("array").locals(),
    node("comment").form(Form::Comment),
];

/// What a package of JavaScript exports is said by conditions in conditions.
const DEEPER: &[u8] = b"\"exports\"";

fn key(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    let verdict = outlined(seen, usual)?;
    let name = seen.node.child_by_field_name("key").filter(|_| seen.scene.depth == 0);
    let is_deeper = name.is_some_and(|name| seen.text(name) == DEEPER);
    Some(if is_deeper { Verdict { levels: -1, ..verdict } } else { verdict })
}
