//! Where in a file a question is answered.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use crate::facts::Definition;
use crate::hash::Seeded;
use crate::kinds::SymbolKind;
use crate::terms::{is_unspaced, pieces, term_of};

use super::beginnings::Beginnings;
use super::prior::of_kind;
use super::question::{TERMS_MAX, Term};

/// Lines of a passage, and of a region where there is no definition.
const PASSAGE_LINES: usize = 12;
/// What a term is worth again that a passage has many times, and how many are many.
const AGAIN: f32 = 1.0;
const MANY: f32 = 2.0;
/// A term that comes once in so many bytes is half of what a file can be about it, and what a file is longer for it than it is: else one
/// that hardly says anything were about its few words.
const OFTEN_BYTES: f32 = 1_000.0;
const SHORT_BYTES: f32 = 3_000.0;
/// Most bytes of a word; what is longer is data.
const WORD_BYTES_MAX: usize = 64;
/// Pieces of a text after which none begins where the first does.
const PIECES_MAX: usize = 3;
/// Words that are remembered.
const KNOWN_MAX: usize = 1 << 12;
const CHARACTER_BYTES_MAX: usize = 4;
/// Most bytes of a file that are looked at.
const BYTES_MAX: usize = 512 << 10;

/// Finds the terms of a question in texts.
pub(super) struct Finder {
    /// For each term of a file where its meanings stand.
    terms: HashMap<String, usize>,
    /// Which terms of the question something stands for, and what it is worth for each.
    meanings: Vec<Vec<(usize, f32)>>,
    /// Finds what words begin with that have one of the terms, whatever their ending. `None` = every word is looked at.
    beginnings: Option<Beginnings>,
    /// What was found out about words that came before.
    known: RefCell<HashMap<Box<[u8]>, Option<usize>, Seeded>>,
}

/// A word of a text that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hit {
    /// From 0.
    pub(super) line: usize,
    /// Within the line.
    pub(super) bytes: Range<usize>,
    /// Which term of the question.
    pub(super) term: usize,
    /// 1, or less if it is another word.
    pub(super) worth: f32,
}

impl Finder {
    pub(super) fn new(terms: &[Term]) -> Finder {
        let mut table: HashMap<String, usize> = HashMap::new();
        let mut meanings: Vec<Vec<(usize, f32)>> = Vec::new();
        for (index, term) in terms.iter().enumerate() {
            let others = term.others.iter().map(|(other, worth)| (other, *worth));
            for (name, worth) in std::iter::once((&term.term, 1.0)).chain(others) {
                let place = *table.entry(name.clone()).or_insert(meanings.len());
                meanings.resize(meanings.len().max(place + 1), Vec::new());
                meanings[place].push((index, worth));
            }
        }
        Finder {
            beginnings: Beginnings::new(table.keys().flat_map(|term| beginnings(term))),
            terms: table,
            meanings,
            known: RefCell::new(HashMap::with_hasher(Seeded::new())),
        }
    }

    /// Every word that is asked for, by line.
    pub(super) fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let text = &text[..text.len().min(BYTES_MAX)];
        let mut hits = Vec::new();
        let (mut line, mut line_start) = (0, 0);
        self.each(text, |term, worth, bytes| {
            let passed = &text[line_start..bytes.start];
            if let Some(last) = memchr::memrchr(b'\n', passed) {
                line += memchr::memchr_iter(b'\n', passed).count();
                line_start += last + 1;
            }
            hits.push(Hit { line, bytes: bytes.start - line_start..bytes.end - line_start, term, worth });
        });
        hits
    }

    /// Calls `visit` with each term of the question that a text has, what it is worth, and where the word stands, in the order of the
    /// text.
    pub(super) fn each(&self, text: &[u8], mut visit: impl FnMut(usize, f32, Range<usize>)) {
        let mut look_at = |start: usize, word: &[u8]| {
            for (index, worth) in self.meanings(word) {
                visit(*index, *worth, start..start + word.len());
            }
        };
        let Some(beginnings) = &self.beginnings else {
            let text = String::from_utf8_lossy(text);
            let place = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
            let mut words: Vec<(usize, &str)> = pieces(&text).map(|word| (place(word), word)).collect();
            words.sort_by_key(|(start, _)| *start);
            return words.into_iter().for_each(|(start, word)| look_at(start, word.as_bytes()));
        };
        // Most words begin otherwise, and to find that out is much less work than their terms.
        beginnings.each(text, |start| {
            if !is_start(text, start) {
                return;
            }
            if let Some(word) = plain_word(&text[start..]) {
                return look_at(start, word);
            }
            let here = utf8_of(&text[start..(start + WORD_BYTES_MAX).min(text.len())]);
            // The word, and what it is with the number behind it.
            let begins = |word: &&str| word.as_ptr() == here.as_ptr();
            pieces(here).take(PIECES_MAX).filter(begins).for_each(|word| look_at(start, word.as_bytes()));
        });
    }

    fn meanings(&self, word: &[u8]) -> &[(usize, f32)] {
        let mut known = self.known.borrow_mut();
        let place = known.get(word).copied().unwrap_or_else(|| {
            let mut term = String::new();
            let place = if term_of(utf8_of(word), &mut term) { self.terms.get(&term).copied() } else { None };
            if known.len() < KNOWN_MAX {
                known.insert(word.into(), place);
            }
            place
        });
        place.and_then(|place| self.meanings.get(place)).map_or(&[], Vec::as_slice)
    }
}

/// What words of a term begin with, whatever the case of ASCII's letters: of others as far as it is the same in each case.
fn beginnings(term: &str) -> impl Iterator<Item = String> {
    let ascii = &term[..term.bytes().take_while(u8::is_ascii).count()];
    let (ascii, other) = match term.chars().next().filter(|_| ascii.is_empty()) {
        Some('σ') => (None, "σςΣ".to_owned()),
        Some(first) => (None, first.to_uppercase().chain([first]).collect()),
        None if ascii.len() < term.len() => (Some(ascii), String::new()),
        // The last letter may be another than in the word: `queri` of `query`.
        None => (term.strip_suffix('i').filter(|left| left.len() > 1).or(Some(term)), String::new()),
    };
    ascii.map(str::to_owned).into_iter().chain(other.chars().map(String::from).collect::<Vec<_>>())
}

/// The word with which a text begins, as [`pieces`] has it, if it takes no more than a look at ASCII's letters to know that no other piece
/// begins there.
fn plain_word(text: &[u8]) -> Option<&[u8]> {
    let end_of =
        |from: usize, is_of: fn(&u8) -> bool| from + text[from..].iter().take_while(|byte| is_of(byte)).count();
    let capitals = end_of(0, u8::is_ascii_uppercase);
    let end = match (capitals, text.get(capitals)) {
        (0 | 1, _) => end_of(capitals, u8::is_ascii_lowercase),
        // The last of several capitals begins the next word.
        (_, Some(next)) if next.is_ascii_lowercase() => capitals - 1,
        _ => capitals,
    };
    // A capital may belong to what follows it (`IPv4`), and so may a number to the word.
    let is_plain = |next: &u8| next.is_ascii() && !next.is_ascii_digit();
    (end > 1 && end < WORD_BYTES_MAX && text.get(end).is_none_or(is_plain)).then(|| &text[..end])
}

/// Whether a word may begin with a letter at some place of a text.
fn is_start(text: &[u8], at: usize) -> bool {
    if let Some(&[before, here, next]) = at.checked_sub(1).and_then(|before| text.get(before..at + 2))
        && before.is_ascii()
        && here.is_ascii()
        && next.is_ascii()
    {
        return match before {
            b'A'..=b'Z' => here.is_ascii_uppercase() && next.is_ascii_lowercase(),
            b'a'..=b'z' => here.is_ascii_uppercase(),
            _ => true,
        };
    }
    let before = text[at.saturating_sub(CHARACTER_BYTES_MAX)..at]
        .utf8_chunks()
        .last()
        .filter(|chunk| chunk.invalid().is_empty());
    let Some(before) = before.and_then(|chunk| chunk.valid().chars().next_back()) else { return true };
    let mut here = utf8_of(&text[at..(at + 2 * CHARACTER_BYTES_MAX).min(text.len())]).chars();
    let Some(first) = here.next() else { return false };
    if is_unspaced(before) || is_unspaced(first) {
        return true;
    }
    if before.is_uppercase() {
        // The last of several capitals begins a word.
        let is_lower = |next: char| next.is_alphabetic() && !next.is_uppercase() && !is_unspaced(next);
        return first.is_uppercase() && here.next().is_some_and(is_lower);
    }
    first.is_uppercase() || !before.is_alphabetic()
}

/// A text up to where it is none.
fn utf8_of(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// How much a set of terms is worth: the sum over the distinct ones.
pub(super) fn worth<'a>(hits: impl Iterator<Item = &'a Hit>, idf: &[f32]) -> f32 {
    let mut best = [0.0f32; TERMS_MAX];
    for hit in hits {
        best[hit.term] = best[hit.term].max(hit.worth);
    }
    best.iter().zip(idf).map(|(worth, idf)| worth * idf).sum()
}

/// Some lines that stand together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Passage {
    /// Its first line, from 0.
    start: usize,
    /// What the terms in it are worth, more than once if they come again.
    worth: f32,
}

impl Passage {
    /// The passage that says most of what is asked for; the first of several.
    fn best(hits: &[Hit], idf: &[f32]) -> Passage {
        let mut best = Passage::default();
        let mut end = 0;
        for (index, first) in hits.iter().enumerate() {
            if index > 0 && hits[index - 1].line == first.line {
                continue;
            }
            while hits.get(end).is_some_and(|hit| hit.line < first.line + PASSAGE_LINES) {
                end += 1;
            }
            let mut sums = [0.0f32; TERMS_MAX];
            hits[index..end].iter().for_each(|hit| sums[hit.term] += hit.worth);
            let of_term = |(sum, idf): (&f32, &f32)| idf * sum.min(1.0) * (1.0 + AGAIN * sum / (sum + MANY));
            let worth = sums.iter().zip(idf).map(of_term).sum();
            if worth > best.worth {
                best = Passage { start: first.line, worth };
            }
        }
        best
    }
}

/// What the best passage of a file is worth: the more of the question stands close together, the more than its parts.
pub(super) fn of_passages(hits: &[Hit], idf: &[f32]) -> f32 {
    let worth = Passage::best(hits, idf).worth;
    let all: f32 = idf.iter().sum();
    if all > 0.0 { worth * worth / all } else { 0.0 }
}

/// How much a file of so many bytes is about the terms: the sum over them, each below 1. How rare a term is does not count here: a file is
/// about what it says again and again, and where others do not, rarity says so once more in the other parts of a score.
pub(super) fn of_density(hits: &[Hit], bytes: usize) -> f32 {
    let mut sums = [0.0f32; TERMS_MAX];
    hits.iter().for_each(|hit| sums[hit.term] += hit.worth);
    let often = (bytes.min(BYTES_MAX) as f32 + SHORT_BYTES) / OFTEN_BYTES;
    sums.iter().map(|sum| sum / (sum + often)).sum()
}

/// Has the hits in some lines be worth so much less.
pub(super) fn lower(hits: &mut [Hit], lines: &Range<usize>, factor: f32) {
    let of = range_within(hits, lines);
    hits[of].iter_mut().for_each(|hit| hit.worth *= factor);
}

/// Those of the hits, which come by line, that stand in these lines.
pub(super) fn within<'a>(hits: &'a [Hit], lines: &Range<usize>) -> &'a [Hit] {
    &hits[range_within(hits, lines)]
}

fn range_within(hits: &[Hit], lines: &Range<usize>) -> Range<usize> {
    let from = hits.partition_point(|hit| hit.line < lines.start);
    from..hits.partition_point(|hit| hit.line < lines.end).max(from)
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
        (index, scores.get(index).copied().unwrap_or(0.0) + inside * of_kind(definition.kind))
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
    let start = Passage::best(hits, idf).start;
    start..(start + PASSAGE_LINES).min(lines.max(1))
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
    fn the_words_are_those_that_cutting_every_word_finds() {
        let question =
            "validate session queries of the http server id sha256 session8 http2 ipv4 größe übergeben 検索 猫";
        let quick = finder(question);
        let slow = Finder { beginnings: None, ..finder(question) };
        for text in [
            "validateSession HTTPServer httpServers invalid_session sessions8 8sessions sessionÄ Äsession éSession",
            "ids Ids IDs sha256 SHA256Sum aSha256 IPv4 ipv4 IPv4s IPv42 useIPv4 sha2567 sha25 xsha256 SERVERId server\n\nQUERYServer queries2http preserver a.session,validate",
            "größe Größe GRÖSSE GRÖßEs aGröße übergeben ÜberGeben Übergeben größeÜbergeben XÜbergeben ÜBERGEBEN größe2 2größe",
            "検索 検索する全文検索 猫 session検索 検索session 子猫2 HTTP猫Server 検 索",
            "“session” «Server» ses\u{301}sion session\u{301} sessionS SESSION",
        ] {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            quick.each(text.as_bytes(), |term, _, bytes| one.push((term, bytes)));
            slow.each(text.as_bytes(), |term, _, bytes| other.push((term, bytes)));
            assert_eq!(one, other, "{text}");
            assert!(!one.is_empty());
        }
    }

    #[test]
    fn a_passage_that_says_all_is_worth_more_than_two_that_say_half() {
        let near = finder("validate session").hits(b"session\nvalidate\n");
        let far = finder("validate session")
            .hits(&[b"session\n".to_vec(), b"\n".repeat(40), b"validate\n".to_vec()].concat());
        let idf = [1.0, 1.0];
        assert!(of_passages(&near, &idf) > 2.0 * of_passages(&far, &idf));
        assert_eq!(of_passages(&[], &idf), 0.0);
    }

    #[test]
    fn a_file_is_about_what_it_says_again_and_again() {
        let hits = |times: usize| finder("validate session").hits("session\n".repeat(times).as_bytes());
        let of = |times: usize, bytes: usize| of_density(&hits(times), bytes);
        assert!(of(20, 10_000) > of(20, 100_000) && of(20, 10_000) > of(4, 10_000));
        assert!(of(7, 4_000) < of(7, 100), "a short file needs no more than a few words");
        assert_eq!(of(0, 100), 0.0);
        let both = finder("validate session").hits(b"validate session");
        assert!(of_density(&both, 100) > of(2, 100), "two terms are more than one twice");
        assert!(of(100_000, 100) <= 1.0);
    }

    #[test]
    fn a_region_is_where_the_words_stand_close_together() {
        let text = [b"session\n".to_vec(), b"\n".repeat(40), b"session\nvalidate\n".to_vec()].concat();
        let hits = finder("validate session").hits(&text);
        assert_eq!(best_region(&hits, 43, &[1.0, 1.0]), 41..43);
        assert_eq!(best_line(&hits, &(41..43), &[2.0, 1.0]), Some(42));
    }
}
