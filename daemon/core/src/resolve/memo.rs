//! What a world was asked already: many references of one page ask for the same members and the same names, and what they mean follows
//! from the snapshot alone.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

use crate::store::{FileId, StoreError};

use super::members::Members;
use super::names::Wanted;
use super::{Resolution, Symbol, World};

/// Answers by what was asked.
pub(super) struct Answers<K, V>(RefCell<HashMap<K, V>>);

impl<K, V> Default for Answers<K, V> {
    fn default() -> Answers<K, V> {
        Answers(RefCell::default())
    }
}

impl<K: Eq + Hash, V: Clone> Answers<K, V> {
    /// The answer that is known, else the one that is found.
    pub(super) fn of(
        &self,
        world: &World<'_>,
        key: K,
        find: impl FnOnce() -> Result<V, StoreError>,
    ) -> Result<V, StoreError> {
        if let Some(known) = self.0.borrow().get(&key) {
            return Ok(known.clone());
        }
        let found = find()?;
        world.keep(1);
        self.0.borrow_mut().insert(key, found.clone());
        Ok(found)
    }

    /// The same for what is found by way of types: while something of a type is being found out, circles are cut, and what is found is
    /// less than it is elsewhere.
    pub(super) fn of_types(
        &self,
        world: &World<'_>,
        key: K,
        find: impl FnOnce() -> Result<V, StoreError>,
    ) -> Result<V, StoreError> {
        if world.is_seeking() { find() } else { self.of(world, key, find) }
    }
}

/// What is remembered.
#[derive(Default)]
pub(super) struct Memo {
    /// The bases of a type, and whether one lies outside of the index.
    pub(super) bases: Answers<Symbol, (Vec<Symbol>, bool)>,
    /// The members of a name that types have, where it is called or not.
    pub(super) members: Answers<(Vec<Symbol>, Box<str>, bool), Members>,
    /// What a name may mean that stands in a file, as far as nothing there says more.
    pub(super) candidates: Answers<(FileId, Box<str>, Wanted), Resolution>,
    /// What a name means to a file because of its package.
    pub(super) in_package: Answers<(FileId, Box<str>), Resolution>,
    /// What stands under a name in a package, to a file of a language.
    pub(super) in_whole_package: Answers<(crate::kinds::Language, Box<str>, Box<str>), Resolution>,
}

impl Memo {
    pub(super) fn clear(&self) {
        self.bases.0.borrow_mut().clear();
        self.members.0.borrow_mut().clear();
        self.candidates.0.borrow_mut().clear();
        self.in_package.0.borrow_mut().clear();
        self.in_whole_package.0.borrow_mut().clear();
    }
}
