//! How much of a project refers to each of its files: the number of other files that mention names which it alone, or nearly alone,
//! defines. Made when first wanted, of one generation, and forgotten with the names.

use std::collections::HashMap;
use std::hash::BuildHasher as _;

use crate::hash::Seeded;

use super::file::FileId;

/// A name that more files define says of none that it is meant.
const DEFINERS_MAX: usize = 3;
/// A name with fewer letters says nothing.
const NAME_BYTES_MIN: usize = 3;

/// What refers to each file.
#[derive(Debug, Default)]
pub struct Ranks {
    of_files: Vec<f32>,
}

impl Ranks {
    /// Mentions of its names in other files; those of a name which several define are shared between them.
    pub fn of(&self, file: FileId) -> f32 {
        self.of_files.get(file as usize).copied().unwrap_or(0.0)
    }
}

/// Gathers ranks from dictionaries, in two passes: first who defines each name, then how many mention it.
pub(super) struct Ranking {
    seed: Seeded,
    definers: HashMap<u64, Definers, Seeded>,
}

#[derive(Default)]
struct Definers {
    files: [FileId; DEFINERS_MAX],
    count: usize,
    mentions: u32,
}

impl Ranking {
    pub(super) fn new() -> Ranking {
        Ranking { seed: Seeded::new(), definers: HashMap::with_hasher(Seeded::new()) }
    }

    /// A file defines a name.
    pub(super) fn define(&mut self, name: &[u8], file: FileId) {
        if name.len() < NAME_BYTES_MIN {
            return;
        }
        let definers = self.definers.entry(self.seed.hash_one(name)).or_default();
        if let Some(place) = definers.files.get_mut(definers.count) {
            *place = file;
        }
        definers.count += 1;
    }

    /// So many more files mention a name that do not define it.
    pub(super) fn mention(&mut self, name: &[u8], files: u32) {
        if let Some(definers) = self.definers.get_mut(&self.seed.hash_one(name)) {
            definers.mentions += files;
        }
    }

    pub(super) fn finish(self) -> Ranks {
        let mut of_files: Vec<f32> = Vec::new();
        for definers in self.definers.into_values().filter(|definers| definers.count <= DEFINERS_MAX) {
            for file in definers.files.iter().take(definers.count) {
                let index = *file as usize;
                if of_files.len() <= index {
                    of_files.resize(index + 1, 0.0);
                }
                of_files[index] += definers.mentions as f32 / definers.count as f32;
            }
        }
        Ranks { of_files }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mentioned_by_many_ranks_high() {
        let mut ranking = Ranking::new();
        for (name, file) in [("Session", 1), ("load", 2), ("load", 3), ("get", 1), ("get", 2), ("get", 3), ("get", 4), ("id", 4)] {
            ranking.define(name.as_bytes(), file);
        }
        for (name, files) in [("Session", 6), ("load", 4), ("get", 50), ("id", 50), ("printf", 9)] {
            ranking.mention(name.as_bytes(), files);
        }
        let ranks = ranking.finish();
        assert_eq!([1, 2, 3, 4, 5].map(|file| ranks.of(file)), [6.0, 2.0, 2.0, 0.0, 0.0]);
    }
}
