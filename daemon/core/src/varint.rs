//! Numbers in as few bytes as they need (LEB128, seven bits a byte, least significant first), and a reader that trusts nothing.
//! Packed facts and posting lists are made of these; what the numbers mean is not known here.

/// The bytes end early, or hold a number that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bytes end early or hold a number out of range")]
pub struct Malformed;

/// Appends a number.
#[inline]
pub fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a number of either sign: small magnitudes stay short (zigzag).
#[inline]
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends bytes behind their length.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads what the `put` functions wrote. After an error its place is undefined.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the first byte.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// Whether every byte was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not read yet. Every item takes at least one, so a count above their number is a lie: check before allocating.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// One byte as it is.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let (&first, rest) = self.rest.split_first().ok_or(Malformed)?;
        self.rest = rest;
        Ok(first)
    }

    /// A number.
    #[inline]
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        let first = self.byte()?;
        if first < 0x80 { Ok(u64::from(first)) } else { self.u64_continued(first) }
    }

    /// A number that must fit 32 bits.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.u64()?).map_err(|_| Malformed)
    }

    /// A number of either sign.
    #[inline]
    pub fn i64(&mut self) -> Result<i64, Malformed> {
        let zigzag = self.u64()?;
        Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// The next `count` bytes.
    #[inline]
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(head)
    }

    /// Bytes behind their length.
    #[inline]
    pub fn bytes_with_length(&mut self) -> Result<&'a [u8], Malformed> {
        let count = usize::try_from(self.u64()?).map_err(|_| Malformed)?;
        self.bytes(count)
    }

    /// A count of items that each take at least `item_bytes_min` bytes; more than can follow is refused before anybody allocates.
    pub fn count(&mut self, item_bytes_min: usize) -> Result<usize, Malformed> {
        let count = usize::try_from(self.u64()?).map_err(|_| Malformed)?;
        if count > self.rest.len() / item_bytes_min.max(1) { Err(Malformed) } else { Ok(count) }
    }

    fn u64_continued(&mut self, first: u8) -> Result<u64, Malformed> {
        let mut value = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if (bits << shift) >> shift != bits {
                return Err(Malformed);
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_grow_with_the_number() {
        for (value, bytes) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (u64::MAX, 10)] {
            let mut out = Vec::new();
            put(&mut out, value);
            assert_eq!((out.len(), Reader::new(&out).u64()), (bytes, Ok(value)));
        }
    }

    #[test]
    fn lies_are_refused() {
        assert_eq!(Reader::new(&[]).u64(), Err(Malformed));
        assert_eq!(Reader::new(&[0x80]).u64(), Err(Malformed));
        assert_eq!(Reader::new(&[0xff; 11]).u64(), Err(Malformed));
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).u64(), Err(Malformed));
        assert_eq!(Reader::new(&[0x80, 0x80, 0x80, 0x80, 0x10]).u32(), Err(Malformed));
        assert_eq!(Reader::new(&[3, 1, 2]).bytes_with_length(), Err(Malformed));
        assert_eq!(Reader::new(&[3, 1, 2]).count(1), Err(Malformed));
        assert_eq!(Reader::new(&[2, 1, 2]).count(1), Ok(2));
        assert_eq!(Reader::new(&[2, 1, 2, 3]).count(2), Err(Malformed));
    }

    proptest! {
        #[test]
        fn what_was_put_is_read(unsigned: u64, signed: i64, blob: Vec<u8>) {
            let mut out = Vec::new();
            put(&mut out, unsigned);
            put_signed(&mut out, signed);
            put_bytes(&mut out, &blob);
            let mut reader = Reader::new(&out);
            prop_assert_eq!(reader.u64(), Ok(unsigned));
            prop_assert_eq!(reader.i64(), Ok(signed));
            prop_assert_eq!(reader.bytes_with_length(), Ok(blob.as_slice()));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            while reader.i64().is_ok() {}
        }
    }
}
