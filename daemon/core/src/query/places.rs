//! In which files names stand, found once for all pages of an answer: to look each of many names up again for each file of each page would
//! take far longer than to resolve what is found.

use std::collections::{HashMap, HashSet};

use crate::facts::{NameId, NameUses};
use crate::resolve::{FileFacts, World};
use crate::store::{FileId, NameRank, StoreError};

/// What whoever uses a name does with it.
pub(super) const USED: &[NameUses] = &[NameUses::MENTIONS, NameUses::IMPORTS];
/// What whoever defines a name does with it.
pub(super) const DEFINED: &[NameUses] = &[NameUses::DEFINES];

/// Files with the names that are looked for in them: no more than the dictionaries have, and mostly far fewer.
#[derive(Default)]
pub(super) struct Places {
    /// The state of the index in which the numbers of names hold.
    manifest: Option<u64>,
    names: HashMap<FileId, Vec<NameRank>>,
}

impl Places {
    /// Of these names, the files that do one of these things with them.
    pub(super) fn of<'n>(
        world: &World<'_>,
        names: impl IntoIterator<Item = &'n String>,
        uses: &[NameUses],
    ) -> Result<Places, StoreError> {
        let mut places = Places { manifest: Some(world.snapshot.manifest()), names: HashMap::new() };
        for name in names {
            for hit in world.hits(name)?.iter().filter(|hit| uses.iter().any(|one| hit.uses.has(*one))) {
                places.names.entry(hit.file).or_default().push(hit.name);
            }
        }
        Ok(places)
    }

    /// Whether the index is as it was.
    pub(super) fn are_of(&self, world: &World<'_>) -> bool {
        self.manifest == Some(world.snapshot.manifest())
    }

    /// The files.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.names.keys().copied()
    }

    /// The numbers that the names have in a file.
    pub(super) fn names_in(&self, file: &FileFacts) -> HashSet<NameId> {
        self.names.get(&file.id()).into_iter().flatten().filter_map(|rank| file.name_of(*rank)).collect()
    }

    /// Adds others of the same state.
    pub(super) fn add(&mut self, more: Places) {
        self.manifest = more.manifest;
        for (file, names) in more.names {
            self.names.entry(file).or_default().extend(names);
        }
    }

    /// Those in files in which others are too.
    pub(super) fn only_in(mut self, others: &Places) -> Places {
        self.names.retain(|file, _| others.names.contains_key(file));
        self
    }
}
