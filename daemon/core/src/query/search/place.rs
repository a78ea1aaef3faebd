//! Where in a file a question is answered.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use crate::facts::Definition;
use crate::kinds::SymbolKind;
use crate::terms::each_term;

use super::question::Term;

/// Lines of a region where there is no definition.
const REGION_LINES: usize = 12;
/// Most bytes of a file that are looked at.
const BYTES_MAX: usize = 512 << 10;

/// Finds the terms of a question in texts.
pub(super) struct Finder {
    terms: Vec<String>,
    /// What each term begins with, whatever its ending was; `None` = every line is looked at.
    beginnings: Option<AhoCorasick>,
}

/// A word of a text that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// From 0.
    pub(super) line: usize,
    /// Within the line.
    pub(super) bytes: Range<usize>,
    /// Which term.
    pub(super) term: usize,
}

impl Finder {
    pub(super) fn new(terms: &[Term]) -> Finder {
        let terms: Vec<String> = terms.iter().map(|term| term.term.clone()).collect();
        // The last letter may be another than in the word: `queri` of `query`.
        let beginnings = terms.iter().map(|term| term.strip_suffix('i').filter(|left| left.len() > 1).unwrap_or(term));
        let built =
            AhoCorasickBuilder::new().ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(beginnings);
        Finder { beginnings: built.ok(), terms }
    }

    /// Every word that is asked for, by line.
    pub(super) fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (line, bytes) in text[..text.len().min(BYTES_MAX)].split(|byte| *byte == b'\n').enumerate() {
            if self.beginnings.as_ref().is_none_or(|beginnings| beginnings.is_match(bytes)) {
                self.hits_of_line(line, bytes, &mut hits);
            }
        }
        hits
    }

    fn hits_of_line(&self, line: usize, bytes: &[u8], hits: &mut Vec<Hit>) {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        each_term(text, |term, word| {
            if let Some(index) = self.terms.iter().position(|wanted| wanted == term) {
                // A word is a part of the text.
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                hits.push(Hit { line, bytes: start..start + word.len(), term: index });
            }
        });
    }
}

/// How much a set of terms is worth: the sum over the distinct ones.
pub(super) fn worth<'a>(hits: impl Iterator<Item = &'a Hit>, idf: &[f32]) -> f32 {
    let mut seen = 0u64;
    hits.map(|hit| {
        let bit = 1 << hit.term;
        let is_new = seen & bit == 0;
        seen |= bit;
        if is_new { idf[hit.term] } else { 0.0 }
    })
    .sum()
}

/// Those of the hits, which come by line, that stand in these lines.
pub(super) fn within<'a>(hits: &'a [Hit], lines: &Range<usize>) -> &'a [Hit] {
    let from = hits.partition_point(|hit| hit.line < lines.start);
    let to = hits.partition_point(|hit| hit.line < lines.end);
    &hits[from..to]
}

/// The definition, of the kinds that are wanted, that answers best: how well its own words fit, and which terms stand inside it, those
/// of a short one counting more.
pub(super) fn best_definition(
    definitions: &[Definition],
    scores: &[f32],
    hits: &[Hit],
    idf: &[f32],
    admits: impl Fn(SymbolKind) -> bool,
) -> Option<usize> {
    let of = |(index, definition): (usize, &Definition)| {
        let lines = lines_of(definition);
        let length = (lines.len() as f32).max(1.0).ln();
        let inside = worth(within(hits, &lines).iter(), idf) / (1.0 + 0.25 * length);
        (index, scores.get(index).copied().unwrap_or(0.0) + inside)
    };
    let is_place = |(_, definition): &(usize, &Definition)| admits(definition.kind);
    let best =
        definitions.iter().enumerate().filter(is_place).map(of).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    best.filter(|(_, score)| *score > 0.0).map(|(index, _)| index)
}

/// The lines of a definition, from 0.
pub(super) fn lines_of(definition: &Definition) -> Range<usize> {
    (definition.start_line.max(1) - 1) as usize..definition.end_line as usize
}

/// The lines in which most of what is asked for stands close together.
pub(super) fn best_region(hits: &[Hit], lines: usize, idf: &[f32]) -> Range<usize> {
    let region = |start: usize| start..(start + REGION_LINES).min(lines.max(1));
    let worth_of = |start: &usize| worth(within(hits, &region(*start)).iter(), idf);
    let starts = hits.iter().map(|hit| hit.line);
    region(starts.max_by(|a, b| worth_of(a).total_cmp(&worth_of(b)).then(b.cmp(a))).unwrap_or(0))
}

/// The line that says most of what is asked for.
pub(super) fn best_line(hits: &[Hit], lines: &Range<usize>, idf: &[f32]) -> Option<usize> {
    let by_line = within(hits, lines).chunk_by(|a, b| a.line == b.line);
    let worths = by_line.map(|of_line| (of_line[0].line, worth(of_line.iter(), idf)));
    worths.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(line, _)| line)
}

#[cfg(test)]
mod tests {
    use super::super::question::terms;
    use super::*;

    fn finder(question: &str) -> Finder {
        Finder::new(&terms(question).expect("it asks for something"))
    }

    #[test]
    fn words_are_found_whatever_their_ending() {
        let text = b"def validate(query):\n    pass\n# Queries are validated. invalid\n";
        let hits: Vec<_> =
            finder("validation of queries").hits(text).into_iter().map(|hit| (hit.line, hit.bytes, hit.term)).collect();
        assert_eq!(hits, [(0, 4..12, 0), (0, 13..18, 1), (2, 2..9, 1), (2, 14..23, 0)]);
    }

    #[test]
    fn a_region_is_where_the_words_stand_close_together() {
        let text = [b"session\n".to_vec(), b"\n".repeat(40), b"session\nvalidate\n".to_vec()].concat();
        let hits = finder("validate session").hits(&text);
        assert_eq!(best_region(&hits, 43, &[1.0, 1.0]), 41..43);
        assert_eq!(best_line(&hits, &(41..43), &[2.0, 1.0]), Some(42));
    }
}
