//! How often a file has each term.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault};

use crate::hash::{Hashed, Seeded};
use crate::varint::{Reader, put_bytes};

use super::{each_term, pieces, term_of};

/// BM25's saturation: how soon more of the same stops to count (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
const K1: f32 = 1.2;
/// How much the length of a file counts.
const B: f32 = 0.6;
/// Terms of a file of usual length. A constant, so that what is stored of a file depends on nothing but that file.
const USUAL_TERMS: f32 = 700.0;
/// Words of which a counter remembers their terms; then it begins anew.
const WORDS_KEPT_MAX: usize = 1 << 16;
/// Most of a word that counts, in bytes; what is longer is data.
const WORD_BYTES_MAX: usize = 128;

/// How much a file is about a term: BM25's part that depends on the file, in eighths, and whether its path has the term too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight(u8);

impl Weight {
    const LEVELS: f32 = 8.0;
    const PATH: u8 = 8;

    /// Of a term that a file has so often, by the number of all its terms.
    fn new(count: u32, terms: u32) -> Weight {
        let length = 1.0 - B + B * terms as f32 / USUAL_TERMS;
        let count = count as f32;
        let part = count / (count + K1 * length);
        Weight(((part * Weight::LEVELS) as u8).min(7))
    }

    /// BM25's part, above 0 and below 1.
    pub fn in_text(self) -> f32 {
        (f32::from(self.0 & 7) + 0.5) / Weight::LEVELS
    }

    /// Whether the path has the term.
    pub fn is_in_path(self) -> bool {
        self.0 & Weight::PATH != 0
    }

    /// Its four bits.
    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    /// The lower four bits of a number.
    pub(crate) fn from_bits(number: u8) -> Weight {
        Weight(number & 15)
    }
}

/// The terms of one file, packed, in no order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTerms(Vec<u8>);

impl FileTerms {
    /// Calls `visit` with each term.
    pub(crate) fn each<'a>(&'a self, mut visit: impl FnMut(&'a [u8], Weight)) {
        let mut reader = Reader::new(&self.0);
        while let (Ok(term), Ok(bits)) = (reader.bytes_with_length(), reader.byte()) {
            visit(term, Weight::from_bits(bits));
        }
    }
}

/// Counts the terms of file after file, and remembers which terms a word has: most words of a file stood in others before.
#[derive(Debug)]
pub struct TermCounter {
    terms: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32, Seeded>,
    /// By the hash of each word. The word itself is not kept: comparing it costs as much as all else, and two of one hash, which nobody
    /// can foresee, would be counted as each other.
    words: HashMap<u64, Word, BuildHasherDefault<Hashed>>,
    seed: Seeded,
    /// Hashes of the words of this file.
    met: Vec<u64>,
    of_words: Vec<u32>,
    /// How often each term came in this file, and whether in its path.
    counts: Vec<(u32, bool)>,
    touched: Vec<u32>,
}

/// What is known of a word. Its terms are looked up once for each file and not each time it comes: that would be two more places in memory.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// How often it came in this file.
    count: u32,
    /// Where their number stands in `of_words`, and behind it its terms.
    at: u32,
}

impl TermCounter {
    /// One that knows no word.
    pub fn new() -> TermCounter {
        TermCounter {
            terms: Vec::new(),
            numbers: HashMap::with_hasher(Seeded::new()),
            words: HashMap::default(),
            seed: Seeded::new(),
            met: Vec::new(),
            of_words: Vec::new(),
            counts: Vec::new(),
            touched: Vec::new(),
        }
    }

    /// The terms of a file.
    pub fn count(&mut self, path: &[u8], text: &[u8]) -> FileTerms {
        if self.words.len() > WORDS_KEPT_MAX {
            *self = TermCounter::new();
        }
        each_run(text, |run, is_ascii| match is_ascii {
            true => self.count_word(run),
            false => pieces(&String::from_utf8_lossy(run)).for_each(|piece| self.count_piece(piece)),
        });
        let total = self.count_terms();
        each_term(&String::from_utf8_lossy(path), |term, _| {
            let number = self.number(term);
            self.touch(number).1 = true;
        });
        let mut packed = Vec::new();
        for number in self.touched.drain(..) {
            let (count, in_path) = std::mem::take(&mut self.counts[number as usize]);
            let in_text = if count == 0 { Weight(0) } else { Weight::new(count, total) };
            put_bytes(&mut packed, self.terms[number as usize].as_bytes());
            packed.push(in_text.0 | if in_path { Weight::PATH } else { 0 });
        }
        FileTerms(packed)
    }

    fn count_word(&mut self, word: &[u8]) {
        let hash = self.seed.hash_one(word);
        self.count_one(hash, |own| own.learn(hash, pieces(&String::from_utf8_lossy(word))));
    }

    /// The same for what is a piece already, of a run that has characters beyond ASCII: sentences of scripts without blanks come once.
    fn count_piece(&mut self, piece: &str) {
        let hash = self.seed.hash_one((true, piece));
        self.count_one(hash, |own| own.learn(hash, std::iter::once(piece)));
    }

    fn count_one(&mut self, hash: u64, learn: impl FnOnce(&mut TermCounter) -> &mut Word) {
        let count = match self.words.get_mut(&hash) {
            Some(known) => &mut known.count,
            None => &mut learn(self).count,
        };
        *count += 1;
        if *count == 1 {
            self.met.push(hash);
        }
    }

    /// Counts the terms of the words; returns how many there are.
    fn count_terms(&mut self) -> u32 {
        let (mut total, mut met) = (0, std::mem::take(&mut self.met));
        for hash in met.drain(..) {
            let Some(Word { count, at }) = self.words.get_mut(&hash) else { continue };
            let (count, at) = (std::mem::take(count), *at as usize);
            let terms = self.of_words[at];
            for index in at + 1..=at + terms as usize {
                let number = self.of_words[index];
                self.touch(number).0 += count;
            }
            total += count * terms;
        }
        self.met = met;
        total
    }

    fn learn<'t>(&mut self, hash: u64, pieces: impl Iterator<Item = &'t str>) -> &mut Word {
        let at = self.of_words.len();
        self.of_words.push(0);
        let mut term = String::new();
        for part in pieces {
            if term_of(part, &mut term) {
                let number = self.number(&term);
                self.of_words.push(number);
                self.of_words[at] += 1;
            }
        }
        self.words.entry(hash).insert_entry(Word { count: 0, at: at as u32 }).into_mut()
    }

    fn number(&mut self, term: &str) -> u32 {
        if let Some(number) = self.numbers.get(term) {
            return *number;
        }
        let number = self.terms.len() as u32;
        self.terms.push(term.into());
        self.numbers.insert(term.into(), number);
        self.counts.push((0, false));
        number
    }

    fn touch(&mut self, number: u32) -> &mut (u32, bool) {
        let count = &mut self.counts[number as usize];
        if *count == (0, false) {
            self.touched.push(number);
        }
        count
    }
}

impl Default for TermCounter {
    fn default() -> TermCounter {
        TermCounter::new()
    }
}

/// Whether a byte belongs to a word, as identifiers have it; those of characters beyond ASCII count as letters here.
const IS_PART: [bool; 256] = {
    let mut is_part = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        is_part[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80..);
        byte += 1;
    }
    is_part
};

/// Calls `visit` with runs of letters, digits and underscores, and whether they are ASCII. Of those that are, the ones that begin with a
/// digit are left out, and long ones: data.
fn each_run<'t>(text: &'t [u8], mut visit: impl FnMut(&'t [u8], bool)) {
    let is_part = |byte: &u8| IS_PART[usize::from(*byte)];
    let mut rest = text;
    while let Some(start) = rest.iter().position(is_part) {
        rest = &rest[start..];
        let mut all_bits = 0;
        let in_word = |byte: &&u8| {
            all_bits |= **byte;
            is_part(byte)
        };
        let end = rest.iter().take_while(in_word).count();
        // What ends a run is ASCII.
        let (run, behind) = rest.split_at(end);
        rest = behind;
        if !all_bits.is_ascii() {
            visit(run, false);
        } else if (2..=WORD_BYTES_MAX).contains(&run.len()) && !run[0].is_ascii_digit() {
            visit(run, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn counted(counter: &mut TermCounter, path: &str, text: &str) -> BTreeMap<String, Weight> {
        let mut terms = BTreeMap::new();
        let file = counter.count(path.as_bytes(), text.as_bytes());
        file.each(|term, weight| {
            terms.insert(String::from_utf8_lossy(term).into_owned(), weight);
        });
        terms
    }

    #[test]
    fn a_file_has_the_terms_of_its_text_and_path() {
        let mut counter = TermCounter::new();
        let terms = counted(&mut counter, "src/sessions.py", "def validate_session(self): return 12 # Validates it.");
        let names: Vec<&str> = terms.keys().map(String::as_str).collect();
        assert_eq!(names, ["def", "py", "sess", "src", "valid"]);
        assert!(terms["sess"].is_in_path() && !terms["valid"].is_in_path());
        assert!(terms["valid"].in_text() > terms["def"].in_text());
        assert_eq!(counted(&mut counter, "a", ""), BTreeMap::new(), "nothing is left of the file before");
    }

    #[test]
    fn the_same_count_says_less_in_a_long_file() {
        let mut counter = TermCounter::new();
        let short = counted(&mut counter, "a", "gold hay");
        let long = counted(&mut counter, "b", &format!("gold {}", "hay ".repeat(5_000)));
        assert!(short["gold"].in_text() > long["gold"].in_text());
    }

    #[test]
    fn words_have_letters_of_any_script() {
        let mut counter = TermCounter::new();
        let text = "def größe_übergeben(x): # Соединение, größer – 検索する «naïve» é ΟΔΟΣ";
        let names: Vec<String> = counted(&mut counter, "src/Größe.py", text).into_keys().collect();
        for term in ["def", "größe", "übergeben", "соединение", "größer", "検", "検索", "naïve", "οδοσ"]
        {
            assert!(names.iter().any(|name| name == term), "{term}: {names:?}");
        }
        assert!(!names.iter().any(|name| name == "é" || name == "x"), "{names:?}");
        let terms = counted(&mut counter, "src/größe.py", "größe Größe base64ö");
        assert!(terms["größe"].is_in_path() && terms["größe"].in_text() > terms["base64"].in_text());
    }

    #[test]
    fn any_bytes_have_terms() {
        let mut counter = TermCounter::new();
        for text in [&b"\xff\xfe\x00ab"[..], b"_", b"0x12", &[0x80; 300]] {
            counter.count(b"\xff", text).each(|term, _| assert!(std::str::from_utf8(term).is_ok()));
        }
    }
}
