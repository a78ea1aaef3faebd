//! Structure extraction: from the bytes of one file to its [`Facts`], and nothing that needs a second file. One walk over a
//! tree-sitter tree, driven by a table for each language; lexical facts where there is no tree. Opens nothing and keeps nothing
//! but its parsers.

mod collect;
mod columns;
mod hidden;
mod languages;
mod paths;
mod scene;
mod scopes;
mod table;
mod trivia;
mod walk;
mod words;

pub mod lane;
mod version;

pub use version::version;
pub(crate) use version::{FNV_OFFSET, fnv};

use std::cell::RefCell;

use tree_sitter::{Parser, Tree};

use crate::facts::Facts;
use crate::kinds::Language;
use table::Compiled;

thread_local! {
    /// A parser and a compiled table for each language this thread has met; both cost more than a small file.
    static EXTRACTORS: RefCell<Vec<(Language, Extractor)>> = const { RefCell::new(Vec::new()) };
}

/// The facts of a file in a language. Any bytes are accepted; what the grammar cannot read shows as
/// [`Facts::syntax_errors`].
pub fn extract(language: Language, source: &[u8]) -> Facts {
    with_extractor(language, |extractor| extractor.extract(source))
}

/// Parses a file and takes nothing from its tree: the least that [`extract`] can cost, to measure it against. Returns whether
/// the grammar could read all of it.
pub fn parse_only(language: Language, source: &[u8]) -> bool {
    with_extractor(language, |extractor| extractor.parse(source).is_some_and(|tree| !tree.root_node().has_error()))
}

fn with_extractor<T>(language: Language, work: impl FnOnce(&mut Extractor) -> T) -> T {
    EXTRACTORS.with_borrow_mut(|extractors| {
        let known = extractors.iter().position(|(of, _)| *of == language);
        let index = known.unwrap_or_else(|| {
            extractors.push((language, Extractor::new(language)));
            extractors.len() - 1
        });
        work(&mut extractors[index].1)
    })
}

/// Names only, for files too large to parse or that a grammar failed on: every word a reference of role `read`.
pub fn lexical(source: &[u8]) -> Facts {
    let mut facts = words::lexical_facts(source);
    columns::fill_utf16(&mut facts, source);
    facts
}

struct Extractor {
    parser: Parser,
    compiled: Compiled,
}

impl Extractor {
    fn new(language: Language) -> Extractor {
        Extractor { parser: Parser::new(), compiled: Compiled::new(languages::table(language)) }
    }

    fn parse(&mut self, source: &[u8]) -> Option<Tree> {
        self.parser.set_language(&self.compiled.language).ok()?;
        self.parser.parse(source, None)
    }

    fn extract(&mut self, source: &[u8]) -> Facts {
        let hidden = self.compiled.table.hidden.map(|hidden| hidden(source)).unwrap_or_default();
        let tree = if hidden.is_empty() { self.parse(source) } else { self.parse(&hidden::blanked(source, &hidden)) };
        let Some(tree) = tree else { return lexical(source) };
        let mut facts = walk::walk(&self.compiled, &tree, source, &hidden);
        facts.syntax_errors = tree.root_node().has_error();
        facts.declarations.imports.retain(|import| !import.module.is_empty());
        facts.declarations.imports.sort_by_key(|import| import.position);
        columns::fill_utf16(&mut facts, source);
        facts
    }
}

#[cfg(test)]
mod tests;
