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

impl Hasher for Folding {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.write_u64(u64::from_le_bytes(*eight));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.write_u64(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
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
    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value ^ MULTIPLIER) * u128::from(self.0.rotate_left(32) | MULTIPLIER);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
