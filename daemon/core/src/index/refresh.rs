//! Files that somebody says have changed: they alone are looked at, without a walk of the tree and without a job. For when no job is
//! at work on the project.

use std::collections::BTreeSet;
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

/// What became of the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Read and indexed anew.
    pub indexed: u64,
    /// As the index knew them.
    pub unchanged: u64,
    /// Gone, and now from the index too.
    pub removed: u64,
    /// No part of the project: ignored, or never there.
    pub ignored: u64,
    /// The generation that has them.
    pub generation: u64,
}

/// Brings the index up to date with some files, given relative to the root.
pub fn refresh(paths: &BTreeSet<Vec<u8>>, env: &Environment<'_>) -> Result<Refreshed, IndexError> {
    let start_generation = env.store.summary().generation;
    let mut refresh = Refresh { paths, env, removed: 0 };
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
    Ok(Refreshed {
        indexed,
        unchanged: found.saturating_sub(indexed),
        removed: refresh.removed,
        ignored: (paths.len() as u64).saturating_sub(found + refresh.removed),
        generation: env.store.summary().generation,
    })
}

struct Refresh<'a> {
    paths: &'a BTreeSet<Vec<u8>>,
    env: &'a Environment<'a>,
    removed: u64,
}

impl Refresh<'_> {
    /// Looks at the files once, and brings the index up to date with what is there; how many there are.
    fn look(&mut self) -> Result<u64, IndexError> {
        let Environment { around, store, .. } = self.env;
        let failed = |reason: &dyn ToString| walk_error(around.root, &reason.to_string());
        let found = walk::look_for(around.root, around.global_excludes, self.paths).map_err(|e| failed(&e))?.files;
        let root = SourceRoot::open(around.root).map_err(|e| failed(&e))?;
        let gate = Gate::new(around.control, Instant::now());
        let mut committer = Committer::new(store, around.control, around.observer, store.job());
        let count = found.len() as u64;
        let plan = self.plan(found)?;
        self.removed += scan::remove(&plan, &gate, &mut committer)?;
        // Nothing halts it: it has no budget, and nobody cancels.
        let _halted = scan::scan(self.env, &root, &plan, false, &gate, &mut committer)?;
        let pending = self.rows()?.into_iter().filter(FileRow::structure_pending);
        let tasks: Vec<ParseTask> = pending.filter_map(ParseTask::new).collect();
        if !tasks.is_empty() {
            structure::parse(self.env, &root, &tasks, 0, &gate, &mut committer)?;
        }
        Ok(count)
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
