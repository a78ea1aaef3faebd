//! How often a file has each term.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault};
use std::ops::Range;

use crate::hash::{Hashed, Seeded};
use crate::varint::{Reader, put_bytes};

use super::{each_term, is_unspaced, pieces, term_of};

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

/// Characters of scripts without blanks begin with this byte or a higher one.
const UNSPACED_BYTE_MIN: u8 = 0xe0;

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
///
/// Words and terms are known by their hashes and not kept to be compared, which costs as much as all else: two of one hash, which nobody
/// can foresee, would be counted as each other.
#[derive(Debug)]
pub struct TermCounter {
    seed: Seeded,
    /// Of what is a piece already, so that it is not taken for a word.
    piece_seed: Seeded,
    /// The terms one behind another, each packed as a file has it.
    terms: Vec<u8>,
    /// Where each term begins in `terms`, and where the last one ends.
    bounds: Vec<u32>,
    numbers: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    words: HashMap<u64, Word, BuildHasherDefault<Hashed>>,
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
            seed: Seeded::new(),
            piece_seed: Seeded::new(),
            terms: Vec::new(),
            bounds: vec![0],
            numbers: HashMap::default(),
            words: HashMap::default(),
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
            false => self.count_run(run),
        });
        let total = self.count_terms();
        each_term(&String::from_utf8_lossy(path), |term, _| {
            let number = self.number(term);
            self.touch(number).1 = true;
        });
        let TermCounter { terms, bounds, counts, touched, .. } = self;
        let packed_term = |number: u32| &terms[bounds[number as usize] as usize..bounds[number as usize + 1] as usize];
        let bytes = touched.iter().map(|number| packed_term(*number).len() + 1).sum();
        let mut packed = Vec::with_capacity(bytes);
        for number in touched.drain(..) {
            let (count, in_path) = std::mem::take(&mut counts[number as usize]);
            let in_text = if count == 0 { Weight(0) } else { Weight::new(count, total) };
            packed.extend_from_slice(packed_term(number));
            packed.push(in_text.0 | if in_path { Weight::PATH } else { 0 });
        }
        FileTerms(packed)
    }

    /// Counts a run that has characters beyond ASCII. Without blanks it is a sentence, which comes once; its pieces come again.
    fn count_run(&mut self, run: &[u8]) {
        let is_spaced =
            || run.iter().all(|byte| *byte < UNSPACED_BYTE_MIN) || !String::from_utf8_lossy(run).contains(is_unspaced);
        if run.len() <= WORD_BYTES_MAX && is_spaced() {
            self.count_word(run);
        } else {
            pieces(&String::from_utf8_lossy(run)).for_each(|piece| self.count_piece(piece));
        }
    }

    fn count_word(&mut self, word: &[u8]) {
        let hash = self.seed.hash_one(word);
        if !self.count_known(hash) {
            self.learn(hash, pieces(&String::from_utf8_lossy(word)));
        }
    }

    fn count_piece(&mut self, piece: &str) {
        let hash = self.piece_seed.hash_one(piece.as_bytes());
        if !self.count_known(hash) {
            self.learn(hash, std::iter::once(piece));
        }
    }

    /// Counts a word that came before, in whatever file; `false` if it did not.
    fn count_known(&mut self, hash: u64) -> bool {
        let Some(known) = self.words.get_mut(&hash) else { return false };
        known.count += 1;
        if known.count == 1 {
            self.met.push(hash);
        }
        true
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

    /// Counts a word that comes for the first time.
    fn learn<'t>(&mut self, hash: u64, pieces: impl Iterator<Item = &'t str>) {
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
        self.words.insert(hash, Word { count: 1, at: at as u32 });
        self.met.push(hash);
    }

    fn number(&mut self, term: &str) -> u32 {
        let hash = self.seed.hash_one(term.as_bytes());
        *self.numbers.entry(hash).or_insert_with(|| {
            put_bytes(&mut self.terms, term.as_bytes());
            self.bounds.push(self.terms.len() as u32);
            self.counts.push((0, false));
            self.counts.len() as u32 - 1
        })
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

/// Calls `visit` with runs of letters, digits and underscores, and whether they are ASCII. Of those that are, the ones that begin with a
/// digit are left out, and long ones: data.
fn each_run<'t>(text: &'t [u8], mut visit: impl FnMut(&'t [u8], bool)) {
    let is_ascii = text.is_ascii();
    // What ends a run is ASCII.
    each_range(text, |range| {
        let run = &text[range];
        if !is_ascii && !run.is_ascii() {
            visit(run, false);
        } else if (2..=WORD_BYTES_MAX).contains(&run.len()) && !run[0].is_ascii_digit() {
            visit(run, true);
        }
    });
}

/// Calls `visit` with where each run begins and ends. Which bytes belong to one is found out for 64 of them at once and without a branch:
/// the processor would guess one or two wrong for each word.
fn each_range(text: &[u8], mut visit: impl FnMut(Range<usize>)) {
    let (blocks, rest) = text.as_chunks();
    let mut last = [0; BLOCK_BYTES];
    last[..rest.len()].copy_from_slice(rest);
    let (mut begun, mut before) = (None, 0);
    for (block, start) in blocks.iter().chain([&last]).zip((0..).step_by(BLOCK_BYTES)) {
        let parts = parts(block);
        let mut edges = parts ^ (parts << 1 | before);
        before = parts >> (BLOCK_BYTES - 1);
        while edges != 0 {
            let edge = start + edges.trailing_zeros() as usize;
            edges &= edges - 1;
            match begun.take() {
                Some(begin) => visit(begin..edge),
                None => begun = Some(edge),
            }
        }
    }
}

/// As many bytes as a number has bits.
const BLOCK_BYTES: usize = u64::BITS as usize;

/// Of which bytes the bit is set: those that belong to a word, as identifiers have it. Bytes of characters beyond ASCII count as letters
/// here.
fn parts(block: &[u8; BLOCK_BYTES]) -> u64 {
    // One for each byte; the compiler makes it a few instructions for sixteen of them.
    let ones = block.map(|byte| {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        u8::from(is_letter | (byte.wrapping_sub(b'0') < 10) | (byte == b'_') | (byte >= 0x80))
    });
    let (eights, _) = ones.as_chunks();
    // The product has each one, which stands for byte `n`, at bit `56 + n`.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |parts, eight| parts << 8 | bits(eight))
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
    fn what_a_counter_remembers_changes_nothing() {
        let texts = [
            "def größe64(größe): # base64 Base64ö ie id".to_owned(),
            "猫64 検索する検索 get猫id 64 base64 id ie größe".to_owned(),
            "соединение ".repeat(3) + &"соединение".repeat(20),
            "“naïve” é1 é12 x1 x12 检索、检索。".repeat(2),
        ];
        let mut counter = TermCounter::new();
        for _ in 0..2 {
            for text in &texts {
                let afresh = counted(&mut TermCounter::new(), "größe/id.py", text);
                assert_eq!(counted(&mut counter, "größe/id.py", text), afresh, "{text}");
                let mut expected: Vec<String> = Vec::new();
                each_term(&format!("größe/id.py {text}"), |term, _| expected.push(term.to_owned()));
                expected.sort_unstable();
                expected.dedup();
                assert_eq!(afresh.into_keys().collect::<Vec<_>>(), expected, "{text}");
            }
        }
    }

    #[test]
    fn runs_are_found_wherever_they_stand() {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
        let bytes: Vec<u8> = (0..=255).flat_map(|byte| [byte, b'a', b' ', b'_', byte]).collect();
        for length in (0..200).chain([bytes.len()]) {
            for text in [&bytes[..length], &bytes[bytes.len() - length..], &vec![b'z'; length], &vec![0xff; length]] {
                let mut found = Vec::new();
                each_range(text, |range| found.push(&text[range]));
                let expected: Vec<&[u8]> = text.split(|byte| !is_part(byte)).filter(|run| !run.is_empty()).collect();
                assert_eq!(found, expected, "{text:?}");
            }
        }
    }

    #[test]
    fn any_bytes_have_terms() {
        let mut counter = TermCounter::new();
        for text in [&b"\xff\xfe\x00ab"[..], b"_", b"0x12", &[0x80; 300]] {
            counter.count(b"\xff", text).each(|term, _| assert!(std::str::from_utf8(term).is_ok()));
        }
    }
}
