//! Files that contain a name as a word and whose structure is not known yet: what an answer about the name may lack.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use memchr::memmem;

use crate::facts::{OPERATOR, operator_name};
use crate::resolve::World;
use crate::source::{Source, TEXT_BYTES_MAX};
use crate::store::{FileId, FileRow, ProjectStore, Snapshot, StoreError};
use crate::text::{Pattern, Plan, decode};

use super::aliases::{known_as, named_by_imports};
use super::target::{Asked, name_at, path_in};
use super::{QueryError, open_root};

/// Shortest name by which files are found, in bytes: of a shorter one no trigram is certain.
const NAME_BYTES_MIN: usize = 3;

/// What of an index a question needs.
#[derive(Clone, Debug)]
pub enum Need {
    /// Whatever contains this name.
    Name(String),
    /// The definitions of what is meant by `name`, `Container.name` or FILE:LINE:COLUMN, perhaps with a name behind it.
    Target(String),
    /// The same of each, and wherever it is spoken of, also by the names that imports give it.
    Uses(Vec<String>),
    /// This file, absolute or relative to the root.
    File(Vec<u8>),
}

/// The files whose structure a question needs and the index does not hold, as far as is known yet: which name stands at a place is
/// known only when its file is parsed. None if the question makes no sense, as its answer will say.
pub fn pending(store: &ProjectStore, need: &Need) -> Result<Vec<FileId>, QueryError> {
    match need {
        Need::Name(name) => pending_with(store, name),
        Need::File(file) => {
            let path = path_in(store, Path::new(OsStr::from_bytes(file)))?;
            Ok(store.snapshot(|snapshot| pending_file(snapshot, &path))?)
        }
        Need::Target(target) => pending_for(store, target, false),
        Need::Uses(targets) => {
            let mut files = BTreeSet::new();
            for target in targets {
                match pending_for(store, target, true) {
                    // One of several that makes no sense takes nothing from the others.
                    Err(QueryError::Argument(_)) if targets.len() > 1 => {}
                    found => files.extend(found?),
                }
            }
            Ok(files.into_iter().collect())
        }
    }
}

fn pending_for(store: &ProjectStore, target: &str, also_uses: bool) -> Result<Vec<FileId>, QueryError> {
    let name = match Asked::new(store, target)? {
        Asked::Name { name, .. } => name,
        Asked::Place { path, line, column } => {
            let file = store.snapshot(|snapshot| pending_file(snapshot, &path))?;
            if !file.is_empty() {
                return Ok(file);
            }
            let name = store.snapshot(|snapshot| name_at(&World::new(snapshot), &path, line, column))?;
            let Some(name) = name else { return Ok(Vec::new()) };
            name
        }
    };
    let names = store.snapshot(|snapshot| {
        let world = World::new(snapshot);
        let mut names = if also_uses { known_as(&world, &name)? } else { BTreeSet::from([name.clone()]) };
        names.extend(named_by_imports(&world, &name)?);
        Ok(names)
    })?;
    let mut files = BTreeSet::new();
    for name in names {
        files.extend(pending_with(store, &name)?);
    }
    Ok(files.into_iter().collect())
}

fn pending_file(snapshot: &Snapshot<'_>, path: &[u8]) -> Result<Vec<FileId>, StoreError> {
    let row = snapshot.file_by_path(path)?.filter(FileRow::structure_pending);
    Ok(row.map(|row| row.id).into_iter().collect())
}

fn pending_with(store: &ProjectStore, name: &str) -> Result<Vec<FileId>, QueryError> {
    // The name of an operator may be spelled with other blanks.
    let name = if operator_name(name).is_some() { OPERATOR } else { name };
    let pattern = Pattern { text: name.to_owned(), fixed: true, ..Pattern::default() };
    let plan = Plan::new(&pattern).map_err(|e| QueryError::Pattern(e.to_string()))?;
    let mut rows: Vec<FileRow> = Vec::new();
    store.snapshot(|snapshot| {
        let mut consider = |row: FileRow| rows.extend(Some(row).filter(FileRow::structure_pending));
        match snapshot.candidates(&plan)?.filter(|_| name.len() >= NAME_BYTES_MIN) {
            Some(files) => {
                for file in files {
                    snapshot.file(file)?.into_iter().for_each(&mut consider);
                }
                Ok(())
            }
            None => snapshot.each_file(None, |row| {
                consider(row);
                true
            }),
        }
    })?;
    if name.len() >= NAME_BYTES_MIN && !rows.is_empty() {
        let root = open_root(store)?;
        let finder = memmem::Finder::new(name);
        rows.retain(|row| match root.read(&row.path, TEXT_BYTES_MAX) {
            Source::Read(bytes, ..) => has_word(&decode(&bytes), &finder),
            // It may, for all that is known.
            Source::Unstable(_) | Source::Unreadable(_) | Source::Exhausted(_) => true,
            Source::TooLarge(_) | Source::Special | Source::Vanished => false,
        });
    }
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Whether a text contains a word, and not only as part of a longer one.
fn has_word(text: &[u8], word: &memmem::Finder<'_>) -> bool {
    let is_letter = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let needle = word.needle();
    word.find_iter(text).any(|at| {
        let goes_on_before =
            is_letter(needle.first()) && is_letter(at.checked_sub(1).and_then(|before| text.get(before)));
        let goes_on_behind = is_letter(needle.last()) && is_letter(text.get(at + needle.len()));
        !goes_on_before && !goes_on_behind
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        let has = |text: &str, word: &str| has_word(text.as_bytes(), &memmem::Finder::new(word));
        assert!(has("a get() b", "get") && has("forget get", "get") && has("get", "get") && has("x.empty?", "empty?"));
        assert!(!has("forget getter get_it", "get") && !has("", "get"));
        assert!(has("é get", "get") && has("~Pool", "~Pool"));
    }
}
