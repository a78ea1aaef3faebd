//! The course of a job: walk, plan, scan, parse; again if somebody joined meanwhile; finish.

use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::kinds::Stage;
use crate::source::SourceRoot;
use crate::store::{Commit, FileRow, JobMark, StoreError};
use crate::walk::{self, Walk};

use super::committer::{Committer, PERMILLE_COLLECTED, PERMILLE_INDEXED};
use super::gate::{Gate, Halt};
use super::plan::{Plan, Rules};
use super::structure::ParseTask;
use super::{End, Environment, IndexError, JobSpec, Outcome, Stats, Stop, scan, structure};

/// Walks that a job adds by itself because files changed between being scanned and being parsed. A tree that changes faster than
/// that is left pending, and coverage says so.
const EXTRA_WALKS_MAX: u32 = 3;

/// Runs a job to its end in the calling thread (and helpers of its own, joined before it returns).
pub fn run(spec: &JobSpec, env: &Environment<'_>) -> Result<Outcome, IndexError> {
    let mut job = Job::new(spec, env);
    let ended = job.rounds();
    // Whatever ended it: nobody can join any more.
    env.control.close();
    let end = match ended? {
        Ok(None) => End::Done,
        Ok(Some(limit)) | Err(Halt::Limited(limit)) => End::Limited(limit),
        Err(Halt::Stopped(stop)) => End::Stopped(stop),
    };
    job.finish(end)
}

struct Job<'a> {
    spec: &'a JobSpec,
    env: &'a Environment<'a>,
    gate: Gate<'a>,
    committer: Committer<'a>,
    stage: Stage,
    stats: Stats,
    walk_complete: bool,
    walk_began_ms: u64,
}

impl<'a> Job<'a> {
    fn new(spec: &'a JobSpec, env: &'a Environment<'a>) -> Job<'a> {
        let before = env.store.job();
        let mark = if before.job == spec.job {
            before
        } else {
            let start_generation = env.store.summary().generation;
            JobMark { job: spec.job, start_generation, permille: 0, scan_pending: before.scan_pending }
        };
        Job {
            spec,
            env,
            gate: Gate::new(env.control),
            committer: Committer::new(env.store, env.control, env.observer, mark),
            stage: Stage::Starting,
            stats: Stats::default(),
            walk_complete: false,
            walk_began_ms: 0,
        }
    }

    fn enter(&mut self, stage: Stage, current: u64, total: u64, message: &str) {
        self.stage = stage;
        self.env.control.enter(stage, current, total);
        self.env.observer.stage(stage, message);
    }

    /// Rounds of walk, scan and parse, until nothing is left to do, the job is halted, or a budget of files or bytes cut the plan.
    fn rounds(&mut self) -> Result<Result<Option<super::Limit>, Halt>, IndexError> {
        let mut extra_walks = 0;
        loop {
            self.env.control.walk_begins();
            let round = match self.round()? {
                Ok(round) => round,
                Err(halt) => return Ok(Err(halt)),
            };
            if round.limit.is_some() {
                return Ok(Ok(round.limit));
            }
            if round.changed > 0 && extra_walks < EXTRA_WALKS_MAX {
                extra_walks += 1;
                continue;
            }
            if self.env.control.close_to_joins() {
                return Ok(Ok(None));
            }
        }
    }

    fn round(&mut self) -> Result<Result<Round, Halt>, IndexError> {
        let root = match SourceRoot::open(self.env.store.root()) {
            Ok(root) => root,
            Err(e) => return Err(walk_error(self.env.store.root(), &e.to_string())),
        };
        self.walk_began_ms = now_ms();
        self.enter(Stage::Collecting, 0, 0, "Looking for files");
        let walk = self.walk()?;
        if let Err(halt) = self.gate.check() {
            return Ok(Err(halt));
        }
        self.stats.files_seen = walk.files.len() as u64;
        let total = self.stats.files_seen;
        self.enter(Stage::LoadingStorage, 0, total, &format!("Comparing {total} files with the index"));
        let plan = self.plan(walk)?;
        self.walk_complete = true;
        self.committer.set_scan_pending(plan.scan.len() as u64 + plan.beyond_budget);
        self.committer.reach(0, PERMILLE_COLLECTED, 1, 1);
        self.committer.send(|job| Commit::Mark { job, walked_ms: None, indexed_ms: None })?;
        if let Err(halt) = self.scan(&root, &plan)? {
            return Ok(Err(halt));
        }
        if self.stats.text_ready_ms == 0 && plan.limit.is_none() {
            self.stats.text_ready_ms = elapsed_ms(self.gate.since()).max(1);
        }
        let changed = match self.parse(&root)? {
            Ok(changed) => changed,
            Err(halt) => return Ok(Err(halt)),
        };
        Ok(Ok(Round { changed, limit: plan.limit }))
    }

    fn walk(&mut self) -> Result<Walk, IndexError> {
        let (gate, control) = (&self.gate, self.env.control);
        let seen = || {
            control.advance(1, 0);
            gate.check().is_ok()
        };
        let root = self.env.store.root();
        let walk = walk::walk(root, self.env.global_excludes, seen).map_err(|e| walk_error(root, &e.to_string()))?;
        (0..walk.errors).for_each(|_| control.count_error());
        Ok(walk)
    }

    fn plan(&mut self, walk: Walk) -> Result<Plan, IndexError> {
        let known = self.files(|_| true)?;
        let rules = Rules {
            force: self.spec.force,
            start_generation: self.committer.mark().start_generation,
            next_file: self.env.store.next_file(),
            budget: self.env.control.budget(),
        };
        let plan = Plan::new(walk.files, known, rules);
        self.stats.files_deleted += plan.removed.len() as u64;
        Ok(plan)
    }

    fn files(&self, wanted: impl Fn(&FileRow) -> bool) -> Result<Vec<FileRow>, StoreError> {
        let mut rows = Vec::new();
        self.env.store.snapshot(|snapshot| {
            snapshot.each_file(None, |row| {
                if wanted(&row) {
                    rows.push(row);
                }
                true
            })
        })?;
        Ok(rows)
    }

    fn scan(&mut self, root: &SourceRoot, plan: &Plan) -> Result<Result<(), Halt>, IndexError> {
        let total = plan.scanned_before + plan.scan.len() as u64;
        let message = format!("Reading {} files", plan.scan.len());
        self.enter(Stage::Scanning, plan.scanned_before, total, &message);
        let force = self.spec.force;
        Ok(scan::scan(self.env, root, plan, force, &self.gate, &mut self.committer)?)
    }

    fn parse(&mut self, root: &SourceRoot) -> Result<Result<u64, Halt>, IndexError> {
        let start = self.committer.mark().start_generation;
        let by_this_job = |row: &FileRow| row.structure.as_ref().is_some_and(|s| s.generation > start);
        let force = self.spec.force;
        let wanted = |row: &FileRow| row.structure_pending() || (force && row.structure.is_some() && !by_this_job(row));
        let mut done_before = 0;
        let mut tasks: Vec<ParseTask> = Vec::new();
        for row in self.files(|row| wanted(row) || by_this_job(row))? {
            if wanted(&row) {
                tasks.extend(ParseTask::new(row));
            } else {
                done_before += 1;
            }
        }
        tasks.sort_by_cached_key(ParseTask::order);
        let total = done_before + tasks.len() as u64;
        let message = format!("Parsing {} files", tasks.len());
        self.enter(Stage::Indexing, done_before, total, &message);
        let ended = structure::parse(self.env, root, &tasks, done_before, &self.gate, &mut self.committer)?;
        Ok(ended.halt.map(|()| ended.changed))
    }

    fn finish(mut self, end: End) -> Result<Outcome, IndexError> {
        let stage = self.stage;
        if let End::Done | End::Limited(_) = end {
            self.enter(Stage::Finalizing, self.stats.files_seen, self.stats.files_seen, "Writing down the end");
        }
        if self.walk_complete && end != End::Stopped(Stop::Cancel) {
            let walked_ms = Some(self.walk_began_ms);
            let indexed_ms = (end == End::Done).then(now_ms);
            self.committer.reach(PERMILLE_INDEXED, 999, u64::from(indexed_ms.is_some()), 1);
            self.committer.send(|job| Commit::Mark { job, walked_ms, indexed_ms })?;
        }
        self.committer.drain()?;
        self.count()?;
        let stage = if let End::Stopped(_) = end { stage } else { Stage::Finalizing };
        Ok(Outcome { stats: self.stats, stage, end })
    }

    fn count(&mut self) -> Result<(), StoreError> {
        let start = self.committer.mark().start_generation;
        let (mut indexed, mut unchanged) = (0, 0);
        self.env.store.snapshot(|snapshot| {
            snapshot.each_file(None, |row| {
                if row.is_text() && row.disposition == crate::kinds::Disposition::Indexed {
                    let structure = row.structure.as_ref().map_or(0, |s| s.generation);
                    if row.scan_generation.max(structure) > start { indexed += 1 } else { unchanged += 1 }
                }
                true
            })
        })?;
        let summary = self.env.store.summary();
        self.stats.files_indexed = indexed;
        self.stats.files_unchanged = unchanged;
        self.stats.files_failed = summary.failed;
        self.stats.files_skipped = self.stats.files_seen.saturating_sub(indexed + unchanged + summary.failed);
        self.stats.symbols = summary.symbols;
        self.stats.references = summary.references;
        self.stats.bytes = summary.bytes;
        self.stats.generation = summary.generation;
        self.stats.store_bytes = summary.store_bytes;
        self.stats.elapsed_ms = elapsed_ms(self.gate.since());
        Ok(())
    }
}

/// What a round left.
struct Round {
    /// Files that changed after they were scanned.
    changed: u64,
    /// The budget that cut the plan.
    limit: Option<super::Limit>,
}

fn walk_error(root: &Path, reason: &str) -> IndexError {
    IndexError::Walk { root: root.display().to_string(), reason: reason.to_owned() }
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| u64::try_from(t.as_millis()).unwrap_or(u64::MAX))
}
