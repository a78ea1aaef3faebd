//! The version of extraction: two builds with the same number extract the same facts from the same bytes.

use std::sync::OnceLock;

use tree_sitter::Language as Grammar;

use super::languages;
use crate::fnv::{FNV_OFFSET, fnv};
use crate::kinds::Language;

/// Sources that decide what is extracted in every language.
const SOURCES: &[&str] = &[
    include_str!("../facts.rs"),
    include_str!("../hash.rs"),
    include_str!("collect.rs"),
    include_str!("columns.rs"),
    include_str!("dense.rs"),
    include_str!("directives.rs"),
    include_str!("hidden.rs"),
    include_str!("languages/mod.rs"),
    include_str!("mod.rs"),
    include_str!("paths.rs"),
    include_str!("scene.rs"),
    include_str!("scopes.rs"),
    include_str!("table.rs"),
    include_str!("texts.rs"),
    include_str!("trivia.rs"),
    include_str!("typed.rs"),
    include_str!("walk.rs"),
    include_str!("words.rs"),
];

const SOURCES_HASH: u64 = {
    let mut hash = FNV_OFFSET;
    let mut index = 0;
    while index < SOURCES.len() {
        hash = fnv(hash, SOURCES[index].as_bytes());
        index += 1;
    }
    hash
};

/// Changes when the grammar, the table or the walk of a language changes; the same in every run of a build. It is asked of every
/// file, so it is worked out once.
pub fn version(language: Language) -> u64 {
    static VERSIONS: [OnceLock<u64>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
    let place = Language::ALL.iter().position(|known| *known == language);
    let kept = place.and_then(|place| VERSIONS.get(place));
    kept.map_or_else(|| work_out(language), |kept| *kept.get_or_init(|| work_out(language)))
}

fn work_out(language: Language) -> u64 {
    let table = languages::table(language);
    let hash = fnv(SOURCES_HASH, table.text.as_bytes());
    grammar_hash(hash, &(table.grammar)())
}

/// A grammar's release, size and the names of its nodes and fields.
fn grammar_hash(mut hash: u64, grammar: &Grammar) -> u64 {
    let release = grammar.metadata().map(|m| [m.major_version, m.minor_version, m.patch_version]);
    hash = fnv(hash, &release.unwrap_or_default());
    for size in [grammar.abi_version(), grammar.parse_state_count(), grammar.node_kind_count(), grammar.field_count()] {
        hash = fnv(hash, &(size as u64).to_le_bytes());
    }
    let kinds = (0..grammar.node_kind_count() as u16).filter_map(|id| grammar.node_kind_for_id(id));
    let fields = (1..=grammar.field_count() as u16).filter_map(|id| grammar.field_name_for_id(id));
    kinds.chain(fields).fold(hash, |hash, name| fnv(fnv(hash, name.as_bytes()), b"\0"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_language_has_its_own_and_keeps_it() {
        let versions: Vec<u64> = Language::ALL.iter().map(|&language| version(language)).collect();
        let again: Vec<u64> = Language::ALL.iter().map(|&language| version(language)).collect();
        assert_eq!(versions, again);
        assert_eq!(versions.iter().collect::<HashSet<_>>().len(), versions.len());
    }
}
