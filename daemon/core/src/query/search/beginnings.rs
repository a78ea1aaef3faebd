//! Where in a text a word may begin that is asked for. Files are read for a question by the megabyte, and hardly one word in a hundred is
//! asked for: so words are first told from each other by their first three letters, and these are looked at only where a word may begin.

/// Bytes of a text in which beginnings are looked for at once, as many as a number has bits.
const BLOCK_BYTES: usize = 64;
/// Bytes of a beginning by which it is looked up, and the bits of each that count: letters are the same in both cases then.
const KEY_BYTES: usize = 3;
const KEY_BITS: usize = 5;
const KEYS: usize = 1 << (KEY_BYTES * KEY_BITS);

/// See the module.
pub(super) struct Beginnings {
    all: Vec<String>,
    /// A bit for each key: whether one of them has it.
    keys: Vec<u64>,
    /// How many keys come before those of each number of `keys`.
    before: Vec<u16>,
    /// For each key that one has, and behind the last, where its own begin in `by_key`.
    firsts: Vec<u32>,
    /// Places in `all`.
    by_key: Vec<u16>,
}

impl Beginnings {
    /// What words begin with, whatever the case of ASCII's letters; `None` if one is empty or begins with something else in ASCII.
    pub(super) fn new(beginnings: impl Iterator<Item = String>) -> Option<Beginnings> {
        let mut all: Vec<String> = beginnings.collect();
        all.sort_unstable();
        all.dedup();
        let begins_a_word = |beginning: &String| {
            beginning.bytes().next().is_some_and(|byte| !byte.is_ascii() || byte.is_ascii_alphabetic())
        };
        if !all.iter().all(begins_a_word) {
            return None;
        }
        let mut pairs: Vec<(u16, u16)> = Vec::new();
        for (beginning, number) in all.iter().zip(0..) {
            pairs.extend(keys(beginning.as_bytes()).map(|key| (key, number)));
        }
        pairs.sort_unstable();
        let mut made = Beginnings {
            all,
            keys: vec![0; KEYS / 64],
            before: Vec::with_capacity(KEYS / 64),
            firsts: Vec::new(),
            by_key: pairs.iter().map(|(_, number)| *number).collect(),
        };
        let mut first = 0;
        for of_key in pairs.chunk_by(|(a, _), (b, _)| a == b) {
            let key = usize::from(of_key[0].0);
            made.keys[key / 64] |= 1 << (key % 64);
            made.firsts.push(first);
            first += of_key.len() as u32;
        }
        made.firsts.push(first);
        let mut before = 0;
        for keys in &made.keys {
            made.before.push(before);
            before += keys.count_ones() as u16;
        }
        Some(made)
    }

    /// Calls `visit` with each place of a text at which one of them stands and where, as far as ASCII goes, a word may begin; rising.
    pub(super) fn each(&self, text: &[u8], mut visit: impl FnMut(usize)) {
        let (blocks, rest) = text.as_chunks::<BLOCK_BYTES>();
        let mut last = [0; BLOCK_BYTES];
        last[..rest.len()].copy_from_slice(rest);
        let mut before = 0;
        for (block, number) in blocks.iter().chain(Some(&last)).zip(0..) {
            let mut starts = starts(block, before);
            before = block[BLOCK_BYTES - 1];
            while starts != 0 {
                let at = number * BLOCK_BYTES + starts.trailing_zeros() as usize;
                starts &= starts - 1;
                let Some(key) = key_at(text, at) else { continue };
                if self.keys[key / 64] >> (key % 64) & 1 == 1 && self.stands(text, at, key) {
                    visit(at);
                }
            }
        }
    }

    /// Whether one that has this key stands at a place.
    fn stands(&self, text: &[u8], at: usize, key: usize) -> bool {
        let smaller = self.keys[key / 64] & ((1 << (key % 64)) - 1);
        let place = usize::from(self.before[key / 64]) + smaller.count_ones() as usize;
        let of_key = &self.by_key[self.firsts[place] as usize..self.firsts[place + 1] as usize];
        of_key.iter().any(|number| {
            let beginning = self.all[usize::from(*number)].as_bytes();
            text.get(at..at + beginning.len()).is_some_and(|here| here.eq_ignore_ascii_case(beginning))
        })
    }
}

/// The key of what stands at a place; behind the end stand zeros.
#[inline]
fn key_at(text: &[u8], at: usize) -> Option<usize> {
    let here = text.get(at..)?;
    let bytes = match here.first_chunk::<4>() {
        Some(four) => u32::from_le_bytes(*four),
        None => here.iter().rev().fold(0, |bytes, byte| bytes << 8 | u32::from(*byte)),
    } as usize;
    const BYTE: usize = (1 << KEY_BITS) - 1;
    Some((bytes & BYTE) << (2 * KEY_BITS) | (bytes >> 8 & BYTE) << KEY_BITS | bytes >> 16 & BYTE)
}

/// The keys of a beginning: if it is short, whatever follows it.
fn keys(beginning: &[u8]) -> std::ops::Range<u16> {
    let given = beginning.len().min(KEY_BYTES);
    let mut three = [0; KEY_BYTES];
    three[..given].copy_from_slice(&beginning[..given]);
    let first = key_at(&three, 0).unwrap_or_default();
    let count = 1 << (KEY_BITS * (KEY_BYTES - given));
    first as u16..(first + count) as u16
}

/// In which places of a block a word may begin, as bits: where a letter follows none, where there is a capital, and wherever it is not
/// ASCII. `before` is the byte before the block. It goes by whole blocks and without a branch, so that the compiler has vectors do it.
fn starts(block: &[u8; BLOCK_BYTES], before: u8) -> u64 {
    let is_letter = |byte: u8| (byte | 0x20).wrapping_sub(b'a') < 26;
    let mut shifted = [before; BLOCK_BYTES];
    shifted[1..].copy_from_slice(&block[..BLOCK_BYTES - 1]);
    let mut flags = [0u8; BLOCK_BYTES];
    for ((flag, byte), before) in flags.iter_mut().zip(block).zip(&shifted) {
        let is_capital = byte.wrapping_sub(b'A') < 26;
        *flag = u8::from((is_letter(*byte) & !is_letter(*before)) | is_capital | (*byte >= 0x80));
    }
    let (eights, _) = flags.as_chunks::<8>();
    // The product has the lowest bits of the eight bytes in its highest byte.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |starts, eight| starts << 8 | bits(eight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(beginnings: &[&str], text: &str) -> Vec<usize> {
        let beginnings = Beginnings::new(beginnings.iter().map(ToString::to_string)).expect("they begin with letters");
        let mut found = Vec::new();
        beginnings.each(text.as_bytes(), |at| found.push(at));
        found
    }

    #[test]
    fn beginnings_are_found_where_words_begin() {
        let text = "valid Valid_VALID invalid inValid _valid 1valid éValid val";
        assert_eq!(found(&["valid"], text), [0, 6, 12, 28, 35, 42, 50]);
        assert_eq!(found(&["va", "vb", "validx"], "va Vb vx v"), [0, 3]);
        assert_eq!(found(&["é", "É"], "éa É xé"), [0, 4, 8]);
        assert_eq!(found(&[], text), [0; 0]);
        assert_eq!(found(&["a"], ""), [0; 0]);
    }

    #[test]
    fn places_do_not_depend_on_blocks() {
        for before in 0..3 * BLOCK_BYTES {
            let text = format!("{}Valid x", " ".repeat(before));
            assert_eq!(found(&["valid", "xy"], &text), [before]);
            assert_eq!(found(&["valid"], text.trim_end_matches("d x")), [0; 0]);
            assert_eq!(found(&["valid"], text.trim_end_matches(" x")), [before]);
        }
    }

    #[test]
    fn what_is_no_word_has_no_beginning() {
        for beginning in ["", "1a", "-"] {
            assert!(Beginnings::new(std::iter::once(beginning.to_owned())).is_none(), "{beginning:?}");
        }
    }
}
