//! The names that are defined somewhere, in memory, for questions that no sorted dictionary answers: those with some letters in them.
//! Each segment's names are read once, when first wanted, and kept until nobody wanted them for a while. A name that only dead files
//! define stays among them: whoever finds it finds no definition of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use super::ranks::Ranks;
use super::segment::SegmentId;

/// Which letters a text has: a bit for each letter, whatever its case, another if it comes twice, bits for the digits and the
/// underscore, and one for all else. What contains some letters has at least their bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Letters(u64);

impl Letters {
    /// What a name has. Of letters outside of ASCII it is not known to which they are alike, so it has all.
    pub fn of(name: &[u8]) -> Letters {
        let mut letters = 0u64;
        for byte in name {
            letters |= match byte {
                b'a'..=b'z' => once_or_twice(letters, byte - b'a'),
                b'A'..=b'Z' => once_or_twice(letters, byte - b'A'),
                b'0'..=b'9' => 1 << (52 + (byte - b'0')),
                b'_' => 1 << 62,
                0..=127 => 1 << 63,
                128..=255 => return Letters(u64::MAX),
            };
        }
        Letters(letters)
    }

    /// What every name has that contains a text's letters: those outside of ASCII ask for nothing.
    pub fn wanted(text: &str) -> Letters {
        let ascii: Vec<u8> = text.bytes().filter(u8::is_ascii).collect();
        Letters::of(&ascii)
    }

    /// Whether all letters of `other` are here.
    pub fn has(self, other: Letters) -> bool {
        self.0 & other.0 == other.0
    }
}

fn once_or_twice(letters: u64, letter: u8) -> u64 {
    let once = 1 << letter;
    if letters & once == 0 { once } else { once << 26 }
}

/// The defined names of one segment, sorted.
#[derive(Debug, Default)]
pub(super) struct SegmentNames {
    text: String,
    ends: Vec<u32>,
    letters: Vec<Letters>,
}

impl SegmentNames {
    /// Adds a name.
    pub(super) fn push(&mut self, name: &str) {
        let Ok(end) = u32::try_from(self.text.len() + name.len()) else { return };
        self.text.push_str(name);
        self.ends.push(end);
        self.letters.push(Letters::of(name.as_bytes()));
    }

    /// Gives back what it was given too much.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.letters.shrink_to_fit();
    }

    fn name(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]) as usize;
        let end = self.ends.get(index).map_or(start, |end| *end as usize);
        self.text.get(start..end).unwrap_or_default()
    }
}

/// A name's place in a table.
#[derive(Clone, Copy, Debug)]
pub struct NameAt {
    segment: u32,
    index: u32,
}

/// All names that are defined at one generation.
#[derive(Clone, Debug, Default)]
pub struct NameTable {
    segments: Vec<Arc<SegmentNames>>,
}

impl NameTable {
    /// Calls `visit` with the names that have the letters, those of several segments several times.
    pub fn each(&self, letters: Letters, mut visit: impl FnMut(NameAt, &str)) {
        for (names, segment) in self.segments.iter().zip(0..) {
            for (of_name, index) in names.letters.iter().zip(0..) {
                if of_name.has(letters) {
                    visit(NameAt { segment, index }, names.name(index as usize));
                }
            }
        }
    }

    /// The name at a place of this table.
    pub fn name(&self, at: NameAt) -> &str {
        self.segments.get(at.segment as usize).map_or("", |names| names.name(at.index as usize))
    }
}

/// The names of segments that were read, with the time they were last wanted. All readers of a store share it.
#[derive(Debug, Default)]
pub(super) struct KeptNames(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    segments: HashMap<SegmentId, Arc<SegmentNames>>,
    /// Of a generation.
    ranks: Option<(u64, Arc<Ranks>)>,
    wanted: Option<Instant>,
}

impl KeptNames {
    /// The names of these segments; those not kept are read by `load`, and those of others forgotten.
    pub(super) fn table<E>(
        &self,
        segments: impl Iterator<Item = SegmentId>,
        mut load: impl FnMut(SegmentId) -> Result<SegmentNames, E>,
    ) -> Result<NameTable, E> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wanted = HashMap::new();
        let mut table = NameTable::default();
        for id in segments {
            let names = match kept.segments.get(&id) {
                Some(names) => Arc::clone(names),
                None => Arc::new(load(id)?),
            };
            wanted.insert(id, Arc::clone(&names));
            table.segments.push(names);
        }
        (kept.segments, kept.wanted) = (wanted, Some(Instant::now()));
        Ok(table)
    }

    /// The ranks of files at a generation; others are forgotten, and `make` makes them.
    pub(super) fn ranks<E>(&self, generation: u64, make: impl FnOnce() -> Result<Ranks, E>) -> Result<Arc<Ranks>, E> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.wanted = Some(Instant::now());
        if let Some((of, ranks)) = &kept.ranks
            && *of == generation
        {
            return Ok(Arc::clone(ranks));
        }
        let ranks = Arc::new(make()?);
        kept.ranks = Some((generation, Arc::clone(&ranks)));
        Ok(ranks)
    }

    /// Forgets everything unless it was wanted within `age`; how long until it may be tried again, if something is kept. Does not
    /// wait for who is reading names.
    pub(super) fn forget(&self, age: Duration) -> Option<Duration> {
        let mut kept = match self.0.try_lock() {
            Ok(kept) => kept,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Some(age),
        };
        let left = age.saturating_sub(kept.wanted?.elapsed());
        if left > Duration::ZERO {
            return Some(left);
        }
        *kept = Kept::default();
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(names: &[&str]) -> SegmentNames {
        let mut segment = SegmentNames::default();
        names.iter().for_each(|name| segment.push(name));
        segment
    }

    #[test]
    fn names_with_some_letters_are_visited() {
        let kept = KeptNames::default();
        let load = |id: SegmentId| Ok::<_, ()>(if id == 1 { of(&["Parser", "apple", ""]) } else { of(&["straße"]) });
        let Ok(table) = kept.table([1, 2].into_iter(), load) else { return };
        let with = |text: &str| {
            let mut found = Vec::new();
            table.each(Letters::wanted(text), |at, name| {
                assert_eq!(table.name(at), name);
                found.push(name.to_owned());
            });
            found
        };
        assert_eq!(with("rap"), ["Parser", "straße"]);
        assert_eq!(with("pp"), ["apple", "straße"]);
        assert_eq!(with(""), ["Parser", "apple", "", "straße"]);
    }

    #[test]
    fn segments_are_read_once_and_forgotten_when_idle() {
        let kept = KeptNames::default();
        let mut loads = Vec::new();
        let mut table = |segments: &[SegmentId]| {
            let loaded = kept.table(segments.iter().copied(), |id| {
                loads.push(id);
                Ok::<_, ()>(of(&["a"]))
            });
            assert!(loaded.is_ok());
        };
        table(&[1, 2]);
        table(&[2, 3]);
        table(&[2, 3]);
        assert!(kept.forget(Duration::from_secs(60)).is_some());
        table(&[3]);
        assert_eq!(kept.forget(Duration::ZERO), None);
        table(&[3]);
        assert_eq!(loads, [1, 2, 3, 3]);
    }

    proptest! {
        #[test]
        fn whatever_contains_letters_has_them(name in "[a-zA-Z0-9_.é]{0,12}", keep: u16) {
            let part: String = name.chars().zip(0..).filter(|(_, n)| keep >> n & 1 == 1).map(|(c, _)| c).collect();
            prop_assert!(Letters::of(name.as_bytes()).has(Letters::wanted(&part)));
            prop_assert!(Letters::of(name.as_bytes()).has(Letters::wanted(&part.to_lowercase())));
        }
    }
}
