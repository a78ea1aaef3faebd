//! How much of a project refers to each of its files, and to which of their names most: the number of other files that mention names
//! which they alone, or nearly alone, define. It comes from the dictionaries, without resolving anything, and knows no file by its
//! number alone, so that an index which followed edits ranks as one made from nothing.

use std::collections::HashMap;
use std::hash::BuildHasher as _;

use crate::hash::Seeded;
use crate::kinds::Language;

use super::file::{FileId, FileRow};
use super::names::NameRank;

/// Files that may define a name before it says of none of them that it is meant.
const DEFINERS_MAX: usize = 3;
/// What every number up to [`DEFINERS_MAX`] divides: a mention is shared among those who may be meant.
const SHARES: u64 = 6;
/// A name of fewer bytes says nothing.
const NAME_BYTES_MIN: usize = 3;
/// Names that are kept of a file.
const NAMES_MAX: usize = 8;

/// What refers to each file.
#[derive(Debug, Default)]
pub struct Ranks {
    /// The files that are text, by path.
    pub files: Vec<RankedFile>,
}

/// A file, and how much refers to it.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedFile {
    /// Its number.
    pub id: FileId,
    /// Relative to the root.
    pub path: Box<[u8]>,
    /// Its language.
    pub language: Option<Language>,
    /// How much refers to it, and how much it defines; higher is more.
    pub rank: f32,
    /// Its names that most files mention, those first.
    pub names: Box<[NameRank]>,
}

/// Gathers ranks: first who defines each name, then how many mention it.
pub(super) struct Gathering {
    seed: Seeded,
    definers: HashMap<u64, Definers, Seeded>,
}

/// The files that define a name.
#[derive(Default)]
struct Definers {
    /// The first of them, each with the number that it has for the name.
    files: [(FileId, NameRank); DEFINERS_MAX],
    count: usize,
    mentions: u32,
}

/// What is found out about one file.
#[derive(Default)]
struct Mentioned {
    /// In shares.
    mentions: u64,
    names: Vec<(u32, NameRank)>,
}

impl Gathering {
    pub(super) fn new() -> Gathering {
        Gathering { seed: Seeded::new(), definers: HashMap::with_hasher(Seeded::new()) }
    }

    /// A file defines a name.
    pub(super) fn define(&mut self, name: &[u8], rank: NameRank, file: FileId) {
        if name.len() < NAME_BYTES_MIN {
            return;
        }
        let definers = self.definers.entry(self.seed.hash_one(name)).or_default();
        if let Some(place) = definers.files.get_mut(definers.count) {
            *place = (file, rank);
        }
        definers.count += 1;
    }

    /// So many more files mention a name that do not define it.
    pub(super) fn mention(&mut self, name: &[u8], files: u32) {
        if let Some(definers) = self.definers.get_mut(&self.seed.hash_one(name)) {
            definers.mentions += files;
        }
    }

    /// The ranks of the files, which come by path. `prior` says what the path alone makes of a rank, as a factor.
    pub(super) fn finish(self, files: Vec<FileRow>, prior: impl Fn(&[u8]) -> f32) -> Ranks {
        let mut of_files: HashMap<FileId, Mentioned> = HashMap::new();
        let meant = |definers: &Definers| definers.count <= DEFINERS_MAX && definers.mentions > 0;
        for definers in self.definers.into_values().filter(meant) {
            for (file, rank) in &definers.files[..definers.count] {
                let of_file = of_files.entry(*file).or_default();
                of_file.mentions += u64::from(definers.mentions) * SHARES / definers.count as u64;
                of_file.names.push((definers.mentions, *rank));
            }
        }
        let ranked = |row: FileRow| {
            let Mentioned { mentions, mut names } = of_files.remove(&row.id).unwrap_or_default();
            // Numbers of names are in the order of the names.
            names.sort_unstable_by_key(|(mentions, rank)| (std::cmp::Reverse(*mentions), *rank));
            let symbols = row.structure.as_ref().map_or(0, |structure| structure.symbols);
            let weight = 1.0 + mentions as f32 / SHARES as f32 + symbols as f32 / 10.0;
            RankedFile {
                id: row.id,
                rank: weight.ln() * prior(&row.path),
                path: row.path.into(),
                language: row.language,
                names: names.into_iter().take(NAMES_MAX).map(|(_, rank)| rank).collect(),
            }
        };
        Ranks { files: files.into_iter().map(ranked).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Disposition;
    use crate::store::FileStat;

    fn file(id: FileId) -> FileRow {
        FileRow {
            id,
            path: format!("f{id}").into_bytes(),
            stat: FileStat::default(),
            read_ns: 0,
            disposition: Disposition::Indexed,
            reason: String::new(),
            language: None,
            content_hash: None,
            scan_generation: 1,
            structure: None,
        }
    }

    #[test]
    fn what_many_mention_ranks_high() {
        let mut gathering = Gathering::new();
        for (name, rank, file) in [
            ("Session", 0, 1),
            ("load", 3, 2),
            ("load", 3, 3),
            ("get", 1, 1),
            ("get", 1, 2),
            ("get", 1, 3),
            ("get", 1, 4),
            ("id", 2, 4),
            ("restore", 5, 1),
            ("unheard", 9, 1),
        ] {
            gathering.define(name.as_bytes(), rank, file);
        }
        for (name, files) in [("Session", 4), ("Session", 2), ("load", 4), ("get", 50), ("id", 50), ("restore", 9)] {
            gathering.mention(name.as_bytes(), files);
        }
        let ranks = gathering.finish((1..=5).map(file).collect(), |path| if path == b"f3" { 0.5 } else { 1.0 });
        let weights: Vec<f32> = ranks.files.iter().map(|file| file.rank).collect();
        assert_eq!(weights, [16f32.ln(), 3f32.ln(), 3f32.ln() * 0.5, 0.0, 0.0]);
        let names: Vec<&[NameRank]> = ranks.files.iter().map(|file| &*file.names).collect();
        assert_eq!(names, [&[5, 0][..], &[3], &[3], &[], &[]]);
    }
}
