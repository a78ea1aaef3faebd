//! Posting lists: rising file numbers packed as varints of the gaps between them. What a list belongs to, and where it is kept, is
//! the store's matter.

use crate::varint::{self, Malformed, Reader};

/// A posting list is not what [`encode`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("posting list is damaged")]
pub struct PostingError;

impl From<Malformed> for PostingError {
    fn from(_: Malformed) -> PostingError {
        PostingError
    }
}

/// Packs numbers that rise strictly. Each is written as its distance from the least it could be, so every list of bytes that
/// decodes at all decodes to rising numbers.
pub fn encode(ids: &[u32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(ids.len() + 4);
    let mut writer = Writer::default();
    ids.iter().for_each(|&id| writer.push(&mut out, id));
    out
}

/// Packs numbers as they come, for a builder that keeps a list open while files pass by. Equal to [`encode`] over all of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Writer {
    least_next: u64,
}

impl Writer {
    /// Appends a number, which must be greater than the last.
    #[inline]
    pub fn push(&mut self, out: &mut Vec<u8>, id: u32) {
        debug_assert!(u64::from(id) >= self.least_next, "ids must rise");
        varint::put(out, u64::from(id).saturating_sub(self.least_next));
        self.least_next = u64::from(id) + 1;
    }
}

/// The numbers of a packed list, rising.
pub fn decode(blob: &[u8]) -> Decoder<'_> {
    Decoder { reader: Reader::new(blob), least_next: 0 }
}

/// The numbers of a packed list, all at once.
pub fn decode_all(blob: &[u8]) -> Result<Vec<u32>, PostingError> {
    decode(blob).collect()
}

/// Iterator of [`decode`]; ends after the first error.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    reader: Reader<'a>,
    least_next: u64,
}

impl Iterator for Decoder<'_> {
    type Item = Result<u32, PostingError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.is_empty() {
            return None;
        }
        let id = self.read();
        if id.is_err() {
            self.reader = Reader::new(&[]);
        }
        Some(id)
    }
}

impl Decoder<'_> {
    #[inline]
    fn read(&mut self) -> Result<u32, PostingError> {
        let gap = self.reader.u64()?;
        let id = self.least_next.checked_add(gap).and_then(|id| u32::try_from(id).ok()).ok_or(PostingError)?;
        self.least_next = u64::from(id) + 1;
        Ok(id)
    }
}

/// Keeps of `ids` what the packed list holds too. Stops reading where `ids` ends.
pub fn retain_listed(ids: &mut Vec<u32>, blob: &[u8]) -> Result<(), PostingError> {
    let mut listed = decode(blob);
    let (mut kept, mut next) = (0, 0);
    while next < ids.len() {
        let Some(id) = listed.next().transpose()? else { break };
        while next < ids.len() && ids[next] < id {
            next += 1;
        }
        if next < ids.len() && ids[next] == id {
            ids[kept] = id;
            kept += 1;
            next += 1;
        }
    }
    ids.truncate(kept);
    Ok(())
}

/// Keeps of `ids` what `others` holds too; both rise.
pub fn intersect(ids: &mut Vec<u32>, others: &[u32]) {
    let mut rest = others;
    ids.retain(|id| {
        rest = &rest[rest.partition_point(|other| other < id)..];
        rest.first() == Some(id)
    });
}

/// What any of the lists holds, rising; each list rises.
pub fn union(lists: Vec<Vec<u32>>) -> Vec<u32> {
    let mut all = lists.concat();
    // The standard stable sort finds the rising runs and merges them, which is the k-way merge wanted here.
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn ids() -> impl Strategy<Value = BTreeSet<u32>> {
        let id = prop_oneof![0u32..64, any::<u32>(), Just(u32::MAX)];
        prop::collection::btree_set(id, 0..60)
    }

    #[test]
    fn dense_lists_take_a_byte_a_file() {
        assert_eq!(encode(&[0, 1, 2, 3]), [0, 0, 0, 0]);
        assert_eq!(encode(&[5, 134]), [5, 0x80, 1]);
    }

    #[test]
    fn damage_is_an_error_and_ends_the_list() {
        assert_eq!(decode_all(&[0x80]), Err(PostingError));
        let beyond = [encode(&[u32::MAX]), vec![0]].concat();
        assert_eq!(decode(&beyond).collect::<Vec<_>>(), [Ok(u32::MAX), Err(PostingError)]);
        assert_eq!(retain_listed(&mut vec![1, 2], &[0x80]), Err(PostingError));
    }

    proptest! {
        #[test]
        fn lists_are_sets(a in ids(), b in ids()) {
            let sorted = |set: &BTreeSet<u32>| set.iter().copied().collect::<Vec<u32>>();
            let (left, right) = (sorted(&a), sorted(&b));
            prop_assert_eq!(decode_all(&encode(&left)), Ok(left.clone()));

            let both: Vec<u32> = a.intersection(&b).copied().collect();
            let mut streamed = left.clone();
            prop_assert_eq!(retain_listed(&mut streamed, &encode(&right)), Ok(()));
            prop_assert_eq!(&streamed, &both);
            let mut merged = left.clone();
            intersect(&mut merged, &right);
            prop_assert_eq!(&merged, &both);

            let either: Vec<u32> = a.union(&b).copied().collect();
            prop_assert_eq!(union(vec![left, right]), either);
        }

        #[test]
        fn garbage_rises_or_is_refused(blob: Vec<u8>) {
            if let Ok(ids) = decode_all(&blob) {
                prop_assert!(ids.is_sorted_by(|a, b| a < b));
            }
        }
    }
}
