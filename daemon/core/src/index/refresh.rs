//! Files that somebody says have changed: they alone are looked at, without a walk of the tree and without a job. For when no job is
//! at work on the project.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Instant;

use crate::source::SourceRoot;
use crate::store::{FileRow, StoreError};
use crate::walk::{self, Found};

use super::committer::Committer;
use super::gate::Gate;
use super::job::walk_error;
use super::plan::{Plan, Rules};
use super::structure::ParseTask;
use super::{Budget, Environment, IndexError, scan, structure};

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
    /// Sentences that name those, at least the first of them, and say why.
    pub notes: Vec<String>,
    /// The generation that has them.
    pub generation: u64,
}

/// Brings the index up to date with some files, given relative to the root.
pub fn refresh(paths: &BTreeSet<Vec<u8>>, env: &Environment<'_>) -> Result<Refreshed, IndexError> {
    let start_generation = env.store.summary().generation;
    let mut refresh = Refresh { paths, env, removed: 0 };
    let known: BTreeSet<Vec<u8>> = refresh.rows()?.into_iter().map(|row| row.path).collect();
    let mut found = refresh.look()?;
    for _ in 1..LOOKS_MAX {
        if !refresh.rows()?.iter().any(FileRow::structure_pending) {
            break;
        }
        found = refresh.look()?;
    }
    let is_new = |row: &FileRow| {
        let parsed = row.structure.as_ref().map_or(0, |structure| structure.generation);
        row.scan_generation.max(parsed) > start_generation
    };
    let indexed = refresh.rows()?.iter().filter(|row| is_new(row)).count() as u64;
    let ignored: Vec<&Vec<u8>> = paths.iter().filter(|path| !found.contains(*path) && !known.contains(*path)).collect();
    Ok(Refreshed {
        indexed,
        unchanged: (found.len() as u64).saturating_sub(indexed),
        removed: refresh.removed,
        ignored: ignored.len() as u64,
        notes: why_ignored(env.around.root, &ignored),
        generation: env.store.summary().generation,
    })
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
    paths: &'a BTreeSet<Vec<u8>>,
    env: &'a Environment<'a>,
    removed: u64,
}

impl Refresh<'_> {
    /// Looks at the files once, and brings the index up to date with what is there; which there are.
    fn look(&mut self) -> Result<BTreeSet<Vec<u8>>, IndexError> {
        let Environment { around, store, .. } = self.env;
        let failed = |reason: &dyn ToString| walk_error(around.root, &reason.to_string());
        let found = walk::look_for(around.root, around.global_excludes, self.paths).map_err(|e| failed(&e))?.files;
        let root = SourceRoot::open(around.root).map_err(|e| failed(&e))?;
        let gate = Gate::new(around.control, Instant::now());
        let mut committer = Committer::new(store, around.control, around.observer, store.job());
        let there = found.iter().map(|found| found.path.clone()).collect();
        let plan = self.plan(found)?;
        self.removed += scan::remove(&plan, &gate, &mut committer)?;
        // Nothing halts it: it has no budget, and nobody cancels.
        let _halted = scan::scan(self.env, &root, &plan, false, &gate, &mut committer)?;
        let pending = self.rows()?.into_iter().filter(FileRow::structure_pending);
        let tasks: Vec<ParseTask> = pending.filter_map(ParseTask::new).collect();
        if !tasks.is_empty() {
            structure::parse(self.env, &root, &tasks, 0, &gate, &mut committer)?;
        }
        Ok(there)
    }

    fn plan(&self, found: Vec<Found>) -> Result<Plan, StoreError> {
        let store = self.env.store;
        let rules = Rules {
            force: false,
            start_generation: store.summary().generation,
            next_file: store.next_file(),
            budget: Budget::default(),
        };
        // What an earlier job left out is left out still.
        Ok(Plan { missing_beyond: store.job().scan_pending, ..Plan::new(found, self.rows()?, rules) })
    }

    /// What the index knows of the files, by path.
    fn rows(&self) -> Result<Vec<FileRow>, StoreError> {
        self.env.store.snapshot(|snapshot| {
            let rows = self.paths.iter().map(|path| snapshot.file_by_path(path)).collect::<Result<Vec<_>, _>>()?;
            Ok(rows.into_iter().flatten().collect())
        })
    }
}
