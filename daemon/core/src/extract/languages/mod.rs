//! One table for each language, and what more than one of them needs to read imports.

mod bash;
mod c;
mod cpp;
mod csharp;
mod dart;
mod go;
mod java;
mod javascript;
mod json;
mod kotlin;
mod lua;
mod markdown;
mod php;
mod python;
mod ruby;
mod rust;
mod scala;
mod swift;
mod toml;
mod typescript;
mod yaml;

use tree_sitter::Node;

use super::table::{Seen, Table, Verdict};
use super::words;
use crate::facts::Import;
use crate::kinds::Language;

/// The table of a language.
pub(super) fn table(language: Language) -> &'static Table {
    match language {
        Language::Rust => &rust::TABLE,
        Language::Python => &python::TABLE,
        Language::C => &c::TABLE,
        Language::JavaScript => &javascript::TABLE,
        Language::TypeScript => &typescript::TABLE,
        Language::Tsx => &typescript::TABLE_TSX,
        Language::Go => &go::TABLE,
        Language::Java => &java::TABLE,
        Language::Cpp => &cpp::TABLE,
        Language::CSharp => &csharp::TABLE,
        Language::Ruby => &ruby::TABLE,
        Language::Php => &php::TABLE,
        Language::Bash => &bash::TABLE,
        Language::Lua => &lua::TABLE,
        Language::Json => &json::TABLE,
        Language::Toml => &toml::TABLE,
        Language::Yaml => &yaml::TABLE,
        Language::Markdown => &markdown::TABLE,
        Language::Kotlin => &kotlin::TABLE,
        Language::Scala => &scala::TABLE,
        Language::Swift => &swift::TABLE,
        Language::Dart => &dart::TABLE,
    }
}

/// Longest module, name or alias of an import, in bytes. What is longer is dropped, or a list of names behind one long path would
/// take the product of both.
const IMPORT_BYTES_MAX: usize = 1024;

/// A node's text; empty if it is too long to import.
fn text(node: Node<'_>, source: &[u8]) -> String {
    let text = source.get(node.byte_range()).filter(|text| text.len() <= IMPORT_BYTES_MAX);
    String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
}

/// The text of a field's node; empty if there is none.
fn field_text(node: Node<'_>, field: &str, source: &[u8]) -> String {
    node.child_by_field_name(field).map_or_else(String::new, |node| text(node, source))
}

/// The text of a string literal without its quotes.
fn unquoted(node: Node<'_>, source: &[u8]) -> String {
    text(node, source).trim_matches(['"', '\'', '`', '<', '>']).into()
}

/// An import that stands where `at` does.
fn import(module: String, name: String, alias: String, at: Node<'_>) -> Import {
    let point = at.start_position();
    Import { module, name, alias, position: words::position(point.row, point.column), ..Import::default() }
}

/// The named children of a node.
fn children<'tree>(node: Node<'tree>) -> Vec<Node<'tree>> {
    node.named_children(&mut node.walk()).collect()
}

/// Whether a node has a child of a kind, which may be a token.
fn has(node: Node<'_>, kind: &str) -> bool {
    node.children(&mut node.walk()).any(|child| child.kind() == kind)
}

/// Levels of keys in an outline; what is deeper, or in a list, is data.
const OUTLINE_DEPTH_MAX: i8 = 2;

/// Keeps what belongs in an outline.
fn outlined(seen: &Seen<'_, '_>, usual: Verdict) -> Option<Verdict> {
    (!seen.scene.local && seen.scene.depth < OUTLINE_DEPTH_MAX).then_some(usual)
}
