//! The distinct trigrams of a file: every three successive bytes, case kept, as `b0 << 16 | b1 << 8 | b2`. Trigrams that hold a line
//! feed are left out: a match never spans lines, so no plan asks for them.

/// Bits a word of the table holds.
const WORD_BITS: usize = 64;
const WORDS: usize = (1 << 24) / WORD_BITS;
/// Bytes for which room is made at once.
const CHUNK_BYTES: usize = 4096;
/// Room for results that is kept from file to file; a rare file with more gives its room back.
const KEPT_TRIGRAMS_MAX: usize = 1 << 18;

/// A table of 2 MiB to collect trigrams with, reused from file to file: one bit a trigram, cleared by what the file held.
pub struct TrigramSet {
    words: Box<[u64; WORDS]>,
    /// What was found, and room behind it.
    found: Vec<u32>,
}

impl TrigramSet {
    /// An empty table.
    pub fn new() -> TrigramSet {
        TrigramSet { words: zeroed(), found: Vec::new() }
    }

    /// The distinct trigrams of `bytes` without those that hold a line feed, in the order in which each comes first.
    pub fn collect(&mut self, bytes: &[u8]) -> &[u32] {
        self.found.truncate(KEPT_TRIGRAMS_MAX);
        self.found.shrink_to(KEPT_TRIGRAMS_MAX);
        let mut count = 0;
        let (mut trigram, mut since_line_feed) = (0, 0);
        for chunk in bytes.chunks(CHUNK_BYTES) {
            if self.found.len() < count + chunk.len() {
                self.found.resize(count + chunk.len(), 0);
            }
            let room = &mut self.found[count..];
            let mut here = 0;
            // Without a branch: a tenth of all bytes brings something new, and no processor foretells which.
            for &byte in chunk {
                trigram = (trigram << 8 | usize::from(byte)) & 0xFF_FFFF;
                since_line_feed = if byte == b'\n' { 0 } else { since_line_feed + 1 };
                let word = &mut self.words[trigram / WORD_BITS];
                let bit = u64::from(since_line_feed >= 3) << (trigram % WORD_BITS);
                room[here] = trigram as u32;
                here += usize::from(bit & !*word != 0);
                *word |= bit;
            }
            count += here;
        }
        let found = &self.found[..count];
        found.iter().for_each(|trigram| self.words[*trigram as usize / WORD_BITS] = 0);
        found
    }
}

impl Default for TrigramSet {
    fn default() -> TrigramSet {
        TrigramSet::new()
    }
}

/// Zeros made on the heap: on the stack they would not fit a thread's.
fn zeroed<const N: usize>() -> Box<[u64; N]> {
    match vec![0u64; N].into_boxed_slice().try_into() {
        Ok(array) => array,
        Err(_) => unreachable!("the slice was made with N words"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn by_definition(bytes: &[u8]) -> Vec<u32> {
        let whole = bytes.windows(3).filter(|window| !window.contains(&b'\n'));
        let numbers = whole.map(|w| u32::from(w[0]) << 16 | u32::from(w[1]) << 8 | u32::from(w[2]));
        numbers.collect::<BTreeSet<u32>>().into_iter().collect()
    }

    #[test]
    fn a_table_is_clean_for_the_next_file() {
        let mut set = TrigramSet::new();
        assert_eq!(set.collect(b"abcabc"), [0x616263, 0x626361, 0x636162]);
        assert_eq!(set.collect(b"cbabcb"), [0x636261, 0x626162, 0x616263, 0x626362]);
        assert_eq!(set.collect(b"ab"), [0u32; 0]);
        assert_eq!(set.collect(b"ab\ncde\n\n"), [0x636465]);
        assert_eq!(set.collect(&[0xFF; 5]), [0xFFFFFF]);
    }

    proptest! {
        #[test]
        fn equal_to_the_definition(files in prop::collection::vec(prop::collection::vec(
            prop_oneof![any::<u8>(), Just(b'\n'), b'a'..b'd', Just(b'J')], 0..400), 1..4)) {
            let mut set = TrigramSet::new();
            for bytes in files {
                let mut found = set.collect(&bytes).to_vec();
                found.sort_unstable();
                prop_assert_eq!(found, by_definition(&bytes));
            }
        }
    }
}
