//! Structure extraction: from the bytes of one file to its [`Facts`], and nothing that needs a second file. One walk over a
//! tree-sitter tree, driven by a table for each language; lexical facts where there is no tree. Opens nothing and keeps nothing
//! but its parsers.

mod collect;
mod columns;
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

use tree_sitter::Parser;

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
    EXTRACTORS.with_borrow_mut(|extractors| {
        let known = extractors.iter().position(|(of, _)| *of == language);
        let index = known.unwrap_or_else(|| {
            extractors.push((language, Extractor::new(language)));
            extractors.len() - 1
        });
        extractors[index].1.extract(source)
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

    fn extract(&mut self, source: &[u8]) -> Facts {
        let tree = match self.parser.set_language(&self.compiled.language) {
            Ok(()) => self.parser.parse(source, None),
            Err(_) => None,
        };
        let Some(tree) = tree else { return lexical(source) };
        let mut facts = walk::walk(&self.compiled, &tree, source);
        facts.syntax_errors = tree.root_node().has_error();
        facts.declarations.imports.retain(|import| !import.module.is_empty());
        facts.declarations.imports.sort_by_key(|import| import.position);
        columns::fill_utf16(&mut facts, source);
        facts
    }
}

#[cfg(test)]
mod tests;
