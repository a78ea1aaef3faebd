//! The distinct trigrams of a file: every three successive bytes, case kept, as `b0 << 16 | b1 << 8 | b2`. Trigrams that hold a line
//! feed are left out: a match never spans lines, so no plan asks for them.

/// Bits a word of the table holds.
const WORD_BITS: usize = 64;
const WORDS: usize = (1 << 24) / WORD_BITS;
const SUMMARY_WORDS: usize = WORDS / WORD_BITS;
const LINE_FEED: usize = b'\n' as usize;
/// Room for results that is kept from file to file; a rare file with more gives its room back.
const KEPT_TRIGRAMS_MAX: usize = 1 << 18;

/// A table of 2 MiB to collect trigrams with, reused from file to file: one bit a trigram, and above it one bit a word, so that
/// reading the result in order and clearing cost what the file held, not what the table can hold.
pub struct TrigramSet {
    words: Box<[u64; WORDS]>,
    /// Bit *i* is set where word *i* is not zero.
    summary: Box<[u64; SUMMARY_WORDS]>,
    sorted: Vec<u32>,
}

impl TrigramSet {
    /// An empty table.
    pub fn new() -> TrigramSet {
        TrigramSet { words: zeroed(), summary: zeroed(), sorted: Vec::new() }
    }

    /// The distinct trigrams of `bytes` without those that hold a line feed, in rising order.
    pub fn collect(&mut self, bytes: &[u8]) -> &[u32] {
        self.sorted.clear();
        self.sorted.shrink_to(KEPT_TRIGRAMS_MAX);
        self.mark(bytes);
        self.drain();
        &self.sorted
    }

    fn mark(&mut self, bytes: &[u8]) {
        let Some((head, rest)) = bytes.split_first_chunk::<2>() else { return };
        let mut trigram = usize::from(head[0]) << 8 | usize::from(head[1]);
        for &byte in rest {
            trigram = (trigram << 8 | usize::from(byte)) & 0xFF_FFFF;
            let index = trigram / WORD_BITS;
            let word = &mut self.words[index];
            if *word == 0 {
                self.summary[index / WORD_BITS] |= 1 << (index % WORD_BITS);
            }
            *word |= 1 << (trigram % WORD_BITS);
        }
    }

    fn drain(&mut self) {
        for block in 0..SUMMARY_WORDS {
            let touched = std::mem::take(&mut self.summary[block]);
            for index in bits(touched).map(|bit| block * WORD_BITS + bit) {
                let word = std::mem::take(&mut self.words[index]) & kept_bits(index);
                self.sorted.extend(bits(word).map(|bit| (index * WORD_BITS + bit) as u32));
            }
        }
    }
}

impl Default for TrigramSet {
    fn default() -> TrigramSet {
        TrigramSet::new()
    }
}

/// Which bits of a word stand for trigrams without a line feed: the word's index is the first two bytes and the upper two bits of
/// the third.
fn kept_bits(index: usize) -> u64 {
    if index >> 10 == LINE_FEED || (index >> 2) & 0xFF == LINE_FEED {
        0
    } else if index & 3 == LINE_FEED / WORD_BITS {
        !(1 << (LINE_FEED % WORD_BITS))
    } else {
        u64::MAX
    }
}

/// The positions of the bits that are set, lowest first.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        if word == 0 {
            return None;
        }
        word &= word - 1;
        Some(bit)
    })
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
                prop_assert_eq!(set.collect(&bytes), by_definition(&bytes));
            }
        }
    }
}
