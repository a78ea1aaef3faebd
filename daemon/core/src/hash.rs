//! A hash for names: a few multiplications where the standard one takes as long as reading the name from the tree. Seeded at
//! random, so that no file can be written whose names all collide.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashers of one seed.
#[derive(Clone, Debug)]
pub(crate) struct Seeded(u64);

/// Multiplies eight bytes at a time and folds the product onto itself (the scheme of wyhash and foldhash).
pub(crate) struct Folding(u64);

/// An odd number without pattern: the fraction of the golden ratio.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

impl Seeded {
    pub(crate) fn new() -> Seeded {
        Seeded(RandomState::new().hash_one(0))
    }
}

impl Folding {
    /// One whose values are the same in every run, for hashes that are kept. It guards against mistakes only.
    pub(crate) fn unseeded() -> Folding {
        Folding(0)
    }
}

impl BuildHasher for Seeded {
    type Hasher = Folding;

    fn build_hasher(&self) -> Folding {
        Folding(self.0)
    }
}

/// One to seven bytes as a number. They are read in one or two pieces that may overlap: to copy them to where eight are read from takes
/// longer than all else, because the processor waits for what was written in pieces.
#[inline]
fn short(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4))
        }
        _ => {
            let at = |index: usize| u64::from(bytes[index]) << (8 * index);
            at(0) | at(bytes.len() / 2) | at(bytes.len() - 1)
        }
    }
}

impl Hasher for Folding {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.write_u64(u64::from_le_bytes(*eight));
        }
        if !rest.is_empty() {
            let last = match bytes.last_chunk::<8>() {
                // The rest are its upper bytes.
                Some(last) => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
                None => short(rest),
            };
            self.write_u64(last ^ (bytes.len() as u64) << 56);
        }
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.0 = self.0.rotate_left(8) ^ u64::from(value);
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value ^ MULTIPLIER) * u128::from(self.0.rotate_left(32) | MULTIPLIER);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// For keys that are such hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As it is defined: eight bytes at a time, the last of them filled up with zeros.
    fn plain(bytes: &[u8]) -> u64 {
        let mut hasher = Folding::unseeded();
        for eight in bytes.chunks(8) {
            let mut number = [0; 8];
            number[..eight.len()].copy_from_slice(eight);
            let length = if eight.len() < 8 { (bytes.len() as u64) << 56 } else { 0 };
            hasher.write_u64(u64::from_le_bytes(number) ^ length);
        }
        hasher.finish()
    }

    #[test]
    fn bytes_are_taken_eight_at_a_time_whatever_their_number() {
        let bytes: Vec<u8> = (0..40_u8).map(|number| number.wrapping_mul(37).wrapping_add(129)).collect();
        for length in 0..bytes.len() {
            let mut hasher = Folding::unseeded();
            hasher.write(&bytes[..length]);
            assert_eq!(hasher.finish(), plain(&bytes[..length]), "of {length} bytes");
        }
    }
}
