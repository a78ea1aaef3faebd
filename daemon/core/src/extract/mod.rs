//! Structure extraction: from the bytes of one file to its [`Facts`], and nothing that needs a second file. One walk over a
//! tree-sitter tree, driven by a table for each language; lexical facts where there is no tree. Opens nothing and keeps nothing
//! but compiled tables.

mod arena;
mod collect;
mod columns;
mod dense;
mod directives;
mod hidden;
mod languages;
mod numbers;
mod paths;
mod scene;
mod scopes;
mod table;
mod texts;
mod trivia;
mod typed;
mod walk;
mod words;

pub mod lane;
mod version;

pub use version::version;

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use tree_sitter::{Parser, Tree};

use crate::facts::Facts;
use crate::kinds::Language;
use table::Compiled;

/// Most that a thread keeps of grammars' rows, in bytes: enough for the largest two.
const ROWS_KEPT_BYTES_MAX: usize = 24 << 20;

thread_local! {
    /// A compiled table for each language this thread has met, last used first: it costs more than a small file.
    static COMPILED: RefCell<Vec<(Language, Compiled)>> = const { RefCell::new(Vec::new()) };
}

/// Has what a language needs made, which [`extract`] would do. Returns what this thread holds for this language and others, in bytes.
pub fn prepare(language: Language) -> usize {
    with_compiled(language, |_| ());
    COMPILED.with_borrow(|kept| rows_bytes(kept))
}

/// The facts of a file in a language. Any bytes are accepted; what the grammar cannot read shows as
/// [`Facts::syntax_errors`].
pub fn extract(language: Language, source: &[u8]) -> Facts {
    with_compiled(language, |compiled| extract_with(compiled, source))
}

/// Parses a file with tree-sitter as it comes and takes nothing from its tree: what [`extract`] is measured against. For processes
/// that do nothing else. Returns whether the grammar could read all of it.
pub fn parse_only(language: Language, source: &[u8]) -> bool {
    thread_local!(static PARSER: RefCell<Parser> = RefCell::new(Parser::new()));
    arena::leave_as_it_comes();
    let plain = (languages::table(language).grammar)();
    PARSER.with_borrow_mut(|parser| parse(parser, &plain, source).is_some_and(|tree| !tree.root_node().has_error()))
}

fn with_compiled<T>(language: Language, work: impl FnOnce(&Compiled) -> T) -> T {
    COMPILED.with_borrow_mut(|kept| {
        match kept.iter().position(|(of, _)| *of == language) {
            Some(place) => kept[..=place].rotate_right(1),
            None => kept.insert(0, (language, Compiled::new(languages::table(language)))),
        }
        while kept.len() > 1 && rows_bytes(kept) > ROWS_KEPT_BYTES_MAX {
            kept.pop();
        }
        work(&kept[0].1)
    })
}

fn rows_bytes(of: &[(Language, Compiled)]) -> usize {
    of.iter().map(|(_, compiled)| compiled.grammar.rows_bytes()).sum()
}

fn parse(parser: &mut Parser, grammar: &tree_sitter::Language, source: &[u8]) -> Option<Tree> {
    parser.set_language(grammar).ok()?;
    parser.parse(source, None)
}

/// Names only, for files too large to parse or that a grammar failed on: every word a reference of role `read`.
pub fn lexical(source: &[u8]) -> Facts {
    let mut facts = words::lexical_facts(source);
    columns::fill_utf16(&mut facts, source);
    facts
}

fn extract_with(compiled: &Compiled, source: &[u8]) -> Facts {
    let shortcut = compiled.table.shortcut.and_then(|shortcut| shortcut(compiled.table, source));
    let Some(mut facts) = shortcut.or_else(|| walked(compiled, source)) else { return lexical(source) };
    facts.declarations.imports.retain(|import| !import.module.is_empty());
    facts.declarations.imports.sort_by_key(|import| import.position);
    columns::fill_utf16(&mut facts, source);
    facts
}

/// What a walk over its tree yields; nothing if there is none.
fn walked(compiled: &Compiled, source: &[u8]) -> Option<Facts> {
    let numbers = if compiled.table.lists { numbers::runs(source) } else { Vec::new() };
    walked_without(compiled, source, &numbers)
}

/// The same, with ranges in which no name stands left out of the tree.
fn walked_without(compiled: &Compiled, source: &[u8], nameless: &[Range<usize>]) -> Option<Facts> {
    let mut shown = Cow::Borrowed(source);
    hidden::blank(&mut shown, nameless);
    let hidden = compiled.table.hidden.map(|hidden| hidden(&shown)).unwrap_or_default();
    hidden::blank(&mut shown, &hidden);
    arena::in_arena(|| {
        let tree = parse(&mut Parser::new(), &compiled.grammar.language, &shown)?;
        let mut facts = walk::walk(compiled, &tree, source, &hidden);
        facts.syntax_errors = tree.root_node().has_error();
        arena::drop_tree(tree);
        Some(facts)
    })
}

#[cfg(test)]
mod tests;
