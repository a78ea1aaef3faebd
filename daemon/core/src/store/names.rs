//! Which names of a segment's dictionary a file uses. The packed bodies of its facts speak of names by their place in this list, so
//! that a merge, which gives every name another number, writes the list anew and moves the bodies as they are.

use crate::varint::{Malformed, Reader, put};

/// Number of a name in a segment's dictionary: its rank among the segment's names.
pub type NameRank = u32;

/// Packs the names of a file, which rise: varints, each the distance to the least number that could come next.
pub(super) fn pack_names(ranks: &[NameRank]) -> Vec<u8> {
    let mut out = Vec::with_capacity(ranks.len() + ranks.len() / 2);
    let mut least_next = 0;
    for rank in ranks {
        put(&mut out, u64::from(*rank).saturating_sub(least_next));
        least_next = u64::from(*rank) + 1;
    }
    out
}

/// Unpacks the names of a file.
pub(super) fn unpack_names(bytes: &[u8]) -> Result<Vec<NameRank>, Malformed> {
    let mut reader = Reader::new(bytes);
    let mut ranks = Vec::with_capacity(bytes.len());
    let mut least_next: u64 = 0;
    while !reader.is_empty() {
        let rank = least_next.checked_add(reader.u64()?).ok_or(Malformed)?;
        ranks.push(NameRank::try_from(rank).map_err(|_| Malformed)?);
        least_next = rank + 1;
    }
    Ok(ranks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(ranks: std::collections::BTreeSet<u32>) {
            let ranks: Vec<u32> = ranks.into_iter().collect();
            prop_assert_eq!(unpack_names(&pack_names(&ranks)), Ok(ranks));
        }

        #[test]
        fn garbage_rises_or_is_refused(bytes: Vec<u8>) {
            if let Ok(ranks) = unpack_names(&bytes) {
                prop_assert!(ranks.is_sorted_by(|a, b| a < b));
            }
        }
    }
}
