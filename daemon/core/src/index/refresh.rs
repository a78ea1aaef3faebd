//! Files that somebody says have changed: they alone are looked at, without a walk of the tree and without a job. For when no job is
//! at work on the project.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Instant;

use crate::kinds::Disposition;
use crate::settings::Settings;
use crate::source::SourceRoot;
use crate::store::{Commit, FileRow, StoreError};
use crate::walk::{self, Found};

use super::ahead::foresee_planned;
use super::committer::Committer;
use super::gate::Gate;
use super::job::{self, unwalked, walk_error};
use super::plan::{Plan, Rules, is_unchanged, wants_parsing};
use super::structure::ParseTask;
use super::{Budget, Environment, IndexError, scan, structure};

/// Most files that are looked at without a job, or before a job's own: more of them are a burst, of which people want to see the
/// progress.
pub const REFRESH_FILES_MAX: usize = 200;
/// How often files are looked at that change while they are read.
const LOOKS_MAX: u32 = 3;
/// Most files of which it is said one by one why they are no part of the project.
const NAMED_MAX: usize = 3;

/// What became of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Read and indexed anew.
    pub indexed: u64,
    /// As the index knew them.
    pub unchanged: u64,
    /// Gone, and now from the index too.
    pub removed: u64,
    /// No part of the project: ignored, or never there.
    pub ignored: u64,
    /// Sentences that name those, and others that could not be read, at least the first of them, and say why.
    pub notes: Vec<String>,
    /// The generation that has them.
    pub generation: u64,
    /// Those that were indexed anew or removed.
    pub changed: BTreeSet<Vec<u8>>,
}

/// Brings the index up to date with some files and all below some directories, given relative to the root. Nothing if those are more
/// than `files_max` files, or the project says of itself something else than of which languages its files are in the index: then that is
/// work for a job.
pub fn refresh(
    paths: &BTreeSet<Vec<u8>>,
    files_max: usize,
    env: &Environment<'_>,
) -> Result<Option<Refreshed>, IndexError> {
    let root = env.around.root;
    let settings = Settings::surely_at(root).map_err(|e| walk_error(root, &e))?;
    refresh_by(&settings, paths, files_max, env)
}

fn refresh_by(
    settings: &Settings,
    paths: &BTreeSet<Vec<u8>>,
    files_max: usize,
    env: &Environment<'_>,
) -> Result<Option<Refreshed>, IndexError> {
    if env.store.languages() != settings.languages_mark() {
        return Ok(None);
    }
    let start_generation = env.store.summary().generation;
    let mut refresh = Refresh { paths: with_unread_directories(paths, env)?, settings, env, removed: BTreeSet::new() };
    let found = refresh.find()?;
    // Of a directory that cannot be read, everything below is concerned.
    refresh.paths.extend(found.iter().filter_map(|found| found.path.strip_suffix(b"/").map(<[u8]>::to_vec)));
    let mut rows = refresh.rows()?;
    let known: BTreeSet<Vec<u8>> = rows.iter().map(|row| row.path.clone()).collect();
    let is_new = |found: &&Found| !known.contains(&found.path);
    if known.len() + found.iter().filter(is_new).count() > files_max {
        return Ok(None);
    }
    let mut there = refresh.look(found, rows)?;
    rows = refresh.rows()?;
    for _ in 1..LOOKS_MAX {
        if !rows.iter().any(|row| wants_parsing(row, settings)) {
            break;
        }
        there = refresh.look(refresh.find()?, rows)?;
        rows = refresh.rows()?;
    }
    let is_new = |row: &FileRow| {
        let parsed = row.structure.as_ref().map_or(0, |structure| structure.generation);
        row.scan_generation.max(parsed) > start_generation
    };
    let unread: Vec<FileRow> = rows.iter().filter(|row| is_unread(row)).cloned().collect();
    let unread_anew = unread.iter().filter(|row| is_new(row)).count() as u64;
    let changed: BTreeSet<Vec<u8>> =
        rows.into_iter().filter(is_new).map(|row| row.path).chain(refresh.removed.iter().cloned()).collect();
    let is_hidden = |path: &[u8]| unread.iter().any(|row| row.is_directory() && path.starts_with(&row.path));
    let is_ignored = |path: &&Vec<u8>| !has(&there, path) && !has(&known, path) && !is_hidden(path);
    let ignored: Vec<&Vec<u8>> = paths.iter().filter(is_ignored).collect();
    let indexed = ((changed.len() - refresh.removed.len()) as u64).saturating_sub(unread_anew);
    let mut notes = why_ignored(env.around.root, &ignored);
    notes.extend(why_unread(&unread));
    Ok(Some(Refreshed {
        indexed,
        unchanged: (there.len() as u64).saturating_sub(indexed + unread.len() as u64),
        removed: refresh.removed.len() as u64,
        ignored: ignored.len() as u64,
        notes,
        generation: env.store.summary().generation,
        changed,
    }))
}

/// Looks at the whole tree, without reading what has not changed, and brings the index up to date. Nothing if more than `files_max`
/// files differ, or their languages may: then that is work for a job.
pub fn sweep(files_max: usize, env: &Environment<'_>) -> Result<Option<Refreshed>, IndexError> {
    let Environment { around, store, .. } = env;
    let began_ms = job::now_ms();
    let settings = Settings::surely_at(around.root).map_err(|e| walk_error(around.root, &e))?;
    let rules = walk::Rules { global_excludes: around.global_excludes, settings: &settings };
    let walk = walk::walk(around.root, rules, || true).map_err(|e| unwalked(around.root, &e))?;
    // What a budget left out is left out still.
    let is_limited = store.job().scan_pending > 0;
    let differing = store.snapshot(|snapshot| {
        let mut found = walk.files.iter().peekable();
        let mut new = BTreeSet::new();
        let mut differing = BTreeSet::new();
        snapshot.each_file(None, |row| {
            while let Some(found) = found.next_if(|found| found.path < row.path) {
                new.insert(found.path.clone());
            }
            let same = found.next_if(|found| found.path == row.path);
            if wants_parsing(&row, &settings) || same.is_none_or(|found| !is_unchanged(&row, found.stat, &settings)) {
                differing.insert(row.path);
            }
            true
        })?;
        new.extend(found.map(|found| found.path.clone()));
        if !is_limited {
            differing.append(&mut new);
        }
        Ok(differing)
    })?;
    let Some(refreshed) = refresh_by(&settings, &differing, files_max, env)? else { return Ok(None) };
    store.commit(Commit::Mark { job: store.job(), walked_ms: Some(began_ms), indexed_ms: None })?.wait()?;
    Ok(Some(refreshed))
}

fn is_unread(row: &FileRow) -> bool {
    matches!(row.disposition, Disposition::Unreadable | Disposition::Unstable)
}

/// The files and directories, and those around them that could not be read: if one can be now, all of it is new.
fn with_unread_directories(paths: &BTreeSet<Vec<u8>>, env: &Environment<'_>) -> Result<BTreeSet<Vec<u8>>, StoreError> {
    let mut with = paths.clone();
    if env.store.summary().unread_directories == 0 {
        return Ok(with);
    }
    env.store.snapshot(|snapshot| {
        for path in paths {
            let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
            for end in ends {
                if snapshot.file_by_path(&path[..=end])?.is_some() {
                    with.insert(path[..end].to_vec());
                }
            }
        }
        Ok(())
    })?;
    Ok(with)
}

/// Names what could not be read.
fn why_unread(unread: &[FileRow]) -> Vec<String> {
    let name = |row: &FileRow| format!("{} is not in the index: {}", String::from_utf8_lossy(&row.path), row.reason);
    let mut notes: Vec<String> = unread.iter().take(NAMED_MAX).map(name).collect();
    if unread.len() > NAMED_MAX {
        notes.push(format!("more that could not be read: {}", unread.len() - NAMED_MAX));
    }
    notes
}

/// Whether there is a file at a path or below it.
fn has(files: &BTreeSet<Vec<u8>>, path: &[u8]) -> bool {
    let mut below = path.to_vec();
    below.push(b'/');
    files.contains(path) || files.range(below.clone()..).next().is_some_and(|file| file.starts_with(&below))
}

/// Says of files that are no part of the project, relative to its root, why that is.
fn why_ignored(root: &Path, ignored: &[&Vec<u8>]) -> Vec<String> {
    let why = |path: &Path| match root.join(path).symlink_metadata() {
        Err(_) => "does not exist, and the index has no file of that name",
        Ok(_) if walk::is_kept_by_version_control(path) => "is kept by version control for itself",
        Ok(metadata) if metadata.is_symlink() => "is a symbolic link, and none is followed",
        Ok(metadata) if metadata.is_file() => "is ignored",
        Ok(_) => "is no regular file",
    };
    let named = ignored.iter().take(NAMED_MAX).map(|path| Path::new(OsStr::from_bytes(path)));
    let mut notes: Vec<String> = named.map(|path| format!("{} {}", path.display(), why(path))).collect();
    if ignored.len() > NAMED_MAX {
        notes.push(format!("more files that are no part of the project: {}", ignored.len() - NAMED_MAX));
    }
    notes
}

struct Refresh<'a> {
    paths: BTreeSet<Vec<u8>>,
    /// What the project says of itself.
    settings: &'a Settings,
    env: &'a Environment<'a>,
    removed: BTreeSet<Vec<u8>>,
}

impl Refresh<'_> {
    /// The files as they are now.
    fn find(&self) -> Result<Vec<Found>, IndexError> {
        let around = &self.env.around;
        let rules = walk::Rules { global_excludes: around.global_excludes, settings: self.settings };
        let walk = walk::look_for(around.root, rules, &self.paths);
        Ok(walk.map_err(|e| unwalked(around.root, &e))?.files)
    }

    /// Brings the index up to date with what was found, of what it knew; which files there are.
    fn look(&mut self, found: Vec<Found>, known: Vec<FileRow>) -> Result<BTreeSet<Vec<u8>>, IndexError> {
        let Environment { around, store, .. } = self.env;
        let root = SourceRoot::open(around.root).map_err(|e| walk_error(around.root, &e))?;
        let gate = Gate::new(around.control, Instant::now());
        let mut committer = Committer::new(store, around.control, around.observer, store.job());
        let there: BTreeSet<_> = found.iter().map(|found| found.path.clone()).collect();
        self.removed.extend(known.iter().map(|row| row.path.clone()));
        self.removed.retain(|path| !there.contains(path));
        let plan = self.plan(found, known);
        foresee_planned(self.env, &root, self.settings, &plan);
        scan::remove(&plan, &gate, &mut committer)?;
        // Nothing halts it: it has no budget, and nobody cancels.
        let _halted = scan::scan(self.env, (&root, self.settings), &plan, false, &gate, &mut committer)?;
        let pending = self.rows()?.into_iter().filter(|row| wants_parsing(row, self.settings));
        let tasks: Vec<ParseTask> = pending.filter_map(|row| ParseTask::new(row, self.settings)).collect();
        if !tasks.is_empty() {
            structure::parse(self.env, &root, &tasks, 0, &gate, &mut committer)?;
        }
        Ok(there)
    }

    fn plan(&self, found: Vec<Found>, known: Vec<FileRow>) -> Plan {
        let store = self.env.store;
        let rules = Rules {
            settings: self.settings,
            doubts_languages: false,
            force: false,
            start_generation: store.summary().generation,
            next_file: store.next_file(),
            budget: Budget::default(),
        };
        // What an earlier job left out is left out still.
        Plan { missing_beyond: store.job().scan_pending, ..Plan::new(found, known, rules) }
    }

    /// What the index knows of the files and of what is below the directories, by path.
    fn rows(&self) -> Result<Vec<FileRow>, StoreError> {
        let mut rows = BTreeMap::new();
        self.env.store.snapshot(|snapshot| {
            for path in &self.paths {
                rows.extend(snapshot.file_by_path(path)?.map(|row| (row.path.clone(), row)));
                let below = [path.as_slice(), b"/"].concat();
                rows.extend(snapshot.file_by_path(&below)?.map(|row| (row.path.clone(), row)));
                snapshot.each_file(Some(&below), |row| {
                    let is_below = row.path.starts_with(&below);
                    if is_below {
                        rows.insert(row.path.clone(), row);
                    }
                    is_below
                })?;
            }
            Ok(())
        })?;
        Ok(rows.into_values().collect())
    }
}
