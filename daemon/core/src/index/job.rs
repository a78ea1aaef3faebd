//! The course of a job: walk, plan, scan, parse; again if somebody joined meanwhile; finish.

use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::kinds::Stage;
use crate::settings::Settings;
use crate::source::{SourceRoot, is_exhausted};
use crate::store::{Commit, FileRow, JobMark, LANGUAGES_UNSETTLED, StoreError};
use crate::walk::{self, Walk};

use super::committer::{Committer, PERMILLE_COLLECTED, PERMILLE_INDEXED};
use super::gate::{Gate, Halt};
use super::overtake::Urgent;
use super::plan::{Plan, Rules, parse_weight, wants_parsing};
use super::structure::ParseTask;
use super::{
    Budget, ChangedFile, End, Environment, FileOutcome, IndexError, JobControl, JobSpec, Observer, Outcome, Stats,
    Surroundings, refresh, scan, structure,
};

/// Walks that a job adds by itself because files changed between being scanned and being parsed. A tree that changes faster than
/// that is left pending, and coverage says so.
const EXTRA_WALKS_MAX: u32 = 3;

/// What a job's first walk found. It needs no store, so a job walks before it asks for one.
#[derive(Debug)]
pub struct Collected {
    walked: Walked,
    since: Instant,
}

/// What a walk found.
#[derive(Debug)]
struct Walked {
    walk: Walk,
    /// What the project said of itself then: whatever is done with these files is done by that.
    settings: Arc<Settings>,
    began_ms: u64,
}

/// Walks a job's tree for the first time. A job that was told to stop meanwhile gets an incomplete walk, which [`run`] ignores.
pub fn collect(surroundings: &Surroundings<'_>) -> Result<Collected, IndexError> {
    let since = Instant::now();
    let walked = walk_once(surroundings, &Gate::new(surroundings.control, since))?;
    Ok(Collected { walked, since })
}

fn walk_once(surroundings: &Surroundings<'_>, gate: &Gate<'_>) -> Result<Walked, IndexError> {
    let Surroundings { root, control, observer, global_excludes } = *surroundings;
    control.walk_begins();
    control.enter(Stage::Collecting, 0, 0);
    observer.stage(Stage::Collecting, "Looking for files");
    let began_ms = now_ms();
    let settings = Arc::new(Settings::surely_at(root).map_err(|e| walk_error(root, &e))?);
    let rules = walk::Rules { global_excludes, settings: &settings };
    let seen = || {
        control.advance(1, 0);
        gate.check().is_ok()
    };
    let walk = walk::walk(root, rules, seen).map_err(|e| unwalked(root, &e))?;
    Ok(Walked { walk, settings, began_ms })
}

/// Runs a job from its first walk to its end in the calling thread (and helpers of its own, joined before it returns).
pub fn run(spec: &JobSpec, env: &Environment<'_>, collected: Collected) -> Result<Outcome, IndexError> {
    let mut job = Job::new(spec, env, collected.since);
    let ended = job.rounds(collected);
    // Whatever ended it: nobody can join any more.
    env.around.control.close();
    job.finish(ended?)
}

struct Job<'a> {
    spec: &'a JobSpec,
    env: &'a Environment<'a>,
    around: Surroundings<'a>,
    gate: Gate<'a>,
    committer: Committer<'a>,
    stage: Stage,
    stats: Stats,
    settings: Arc<Settings>,
    /// When the last walk that was planned from began, in milliseconds since 1970.
    walked_ms: Option<u64>,
}

impl<'a> Job<'a> {
    fn new(spec: &'a JobSpec, env: &'a Environment<'a>, since: Instant) -> Job<'a> {
        let around = env.around;
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
            around,
            gate: Gate::new(around.control, since),
            committer: Committer::new(env.store, around.control, around.observer, mark),
            stage: Stage::Collecting,
            stats: Stats::default(),
            settings: Arc::default(),
            walked_ms: None,
        }
    }

    fn enter(&mut self, stage: Stage, current: u64, total: u64, message: &str) {
        self.stage = stage;
        self.around.control.enter(stage, current, total);
        self.around.observer.stage(stage, message);
    }

    /// Rounds of walk, scan and parse, until nothing is left to do, the job is halted, or a budget of files or bytes cut the plan.
    fn rounds(&mut self, first: Collected) -> Result<End, IndexError> {
        let mut extra_walks = 0;
        let mut walked = first.walked;
        loop {
            let round = match self.round(walked)? {
                Ok(round) => round,
                Err(Halt::Stopped(stop)) => return Ok(End::Stopped(stop)),
                Err(Halt::Limited(limit)) => return Ok(End::Limited(limit)),
                Err(Halt::Overtaken) => {
                    self.let_pass()?;
                    walked = walk_once(&self.around, &self.gate)?;
                    continue;
                }
            };
            if round.changed > 0 && round.limit.is_none() && extra_walks < EXTRA_WALKS_MAX {
                extra_walks += 1;
            } else if self.around.control.close_to_joins() {
                return Ok(round.limit.map_or(End::Done, End::Limited));
            }
            self.stage = Stage::Collecting;
            walked = walk_once(&self.around, &self.gate)?;
        }
    }

    /// Looks at what somebody waits for.
    fn let_pass(&mut self) -> Result<(), IndexError> {
        self.committer.drain()?;
        let overtaking = self.around.control.overtaking();
        for Urgent { paths, told } in overtaking.take() {
            // Under a control of its own: it counts for nothing of this job, and is not overtaken in its turn.
            let control = JobControl::new(Budget::default(), 0);
            let around = Surroundings { control: &control, observer: &Unseen(self.around.observer), ..self.around };
            let env = Environment { around, lanes: 1, ..*self.env };
            told(refresh::refresh(&paths, refresh::REFRESH_FILES_MAX, &env)?);
        }
        overtaking.done();
        Ok(())
    }

    fn round(&mut self, walked: Walked) -> Result<Result<Round, Halt>, IndexError> {
        if let Err(halt) = self.gate.check() {
            return Ok(Err(halt));
        }
        let root = match SourceRoot::open(self.around.root) {
            Ok(root) => root,
            Err(e) => return Err(walk_error(self.around.root, &e)),
        };
        let Walked { walk, settings, began_ms } = walked;
        self.settings = settings;
        self.stats.files_seen = walk.files.iter().filter(|found| !found.path.ends_with(b"/")).count() as u64;
        let total = self.stats.files_seen;
        let unread = match walk.errors {
            0 => String::new(),
            errors => format!("; global ignore files, or those above, that could not be read: {errors}"),
        };
        self.enter(Stage::LoadingStorage, 0, total, &format!("Comparing {total} files with the index{unread}"));
        let languages = self.settings.languages_mark();
        let doubts_languages = self.env.store.languages() != languages;
        let plan = self.plan(walk, doubts_languages)?;
        self.walked_ms = Some(began_ms);
        self.committer.set_scan_pending(plan.missing());
        self.committer.set_work(plan.work);
        self.committer.reach(0, PERMILLE_COLLECTED, 1, 1);
        self.committer.send(|job| Commit::Mark { job, walked_ms: None, indexed_ms: None })?;
        if doubts_languages {
            // From here on some files are of these languages and some of others, until all were looked at; unless there are none yet.
            let is_first = self.env.store.summary().files == 0;
            let mark = if is_first { languages } else { LANGUAGES_UNSETTLED };
            self.committer.send(|_| Commit::Languages(mark))?;
        }
        if let Err(halt) = self.scan(&root, &plan)? {
            return Ok(Err(halt));
        }
        if doubts_languages && plan.limit.is_none() {
            self.committer.send(|_| Commit::Languages(languages))?;
        }
        if plan.limit.is_none() && self.env.store.summary().walked_ms == 0 {
            // From now on it is known what is missing, also to whoever asks before the end.
            self.committer.send(|job| Commit::Mark { job, walked_ms: Some(began_ms), indexed_ms: None })?;
        }
        self.committer.drain()?;
        self.around.control.demands().text_is_ready();
        if self.stats.text_ready_ms == 0 && plan.limit.is_none() {
            self.stats.text_ready_ms = elapsed_ms(self.gate.since()).max(1);
        }
        let changed = match self.parse(&root)? {
            Ok(changed) => changed,
            Err(halt) => return Ok(Err(halt)),
        };
        Ok(Ok(Round { changed, limit: plan.limit }))
    }

    fn plan(&mut self, walk: Walk, doubts_languages: bool) -> Result<Plan, IndexError> {
        let known = self.files(|_| true)?;
        let rules = Rules {
            settings: &self.settings,
            doubts_languages,
            force: self.spec.force,
            start_generation: self.committer.mark().start_generation,
            next_file: self.env.store.next_file(),
            budget: self.around.control.budget(),
        };
        Ok(Plan::new(walk.files, known, rules))
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
        scan::remove(plan, &self.gate, &mut self.committer)?;
        self.stats.files_deleted += plan.deleted;
        if let Err(halt) = self.gate.check() {
            return Ok(Err(halt));
        }
        let total = plan.scanned_before + plan.scan.len() as u64;
        if total > 0 {
            let message = format!("Reading {} files", plan.scan.len());
            self.enter(Stage::Scanning, plan.scanned_before, total, &message);
        }
        let force = self.spec.force;
        scan::scan(self.env, (root, &self.settings), plan, force, &self.gate, &mut self.committer)
    }

    fn parse(&mut self, root: &SourceRoot) -> Result<Result<u64, Halt>, IndexError> {
        let start = self.committer.mark().start_generation;
        let by_this_job = |row: &FileRow| row.structure.as_ref().is_some_and(|s| s.generation > start);
        let forced = |row: &FileRow| self.spec.force && row.scan_generation > start && row.structure.is_some();
        let settings = Arc::clone(&self.settings);
        let wanted = |row: &FileRow| wants_parsing(row, &settings) || (forced(row) && !by_this_job(row));
        let (mut done_before, mut weight_before) = (0, 0);
        let mut tasks: Vec<ParseTask> = Vec::new();
        for row in self.files(|row| wanted(row) || by_this_job(row))? {
            if wanted(&row) {
                tasks.extend(ParseTask::new(row, &settings));
            } else {
                done_before += 1;
                weight_before += parse_weight(row.stat.size, &settings);
            }
        }
        tasks.sort_by_cached_key(ParseTask::order);
        let total = done_before + tasks.len() as u64;
        if total > 0 {
            let message = format!("Parsing {} files", tasks.len());
            self.enter(Stage::Indexing, done_before, total, &message);
        }
        let ended = structure::parse(self.env, root, &tasks, weight_before, &self.gate, &mut self.committer)?;
        self.stats.files_cached += ended.cached;
        Ok(ended.halt.map(|()| ended.changed))
    }

    fn finish(mut self, end: End) -> Result<Outcome, IndexError> {
        if let End::Done | End::Limited(_) = end {
            self.enter(Stage::Finalizing, self.stats.files_seen, self.stats.files_seen, "Writing down the end");
            let walked_ms = self.walked_ms;
            let indexed_ms = (end == End::Done).then(now_ms);
            self.committer.reach(PERMILLE_INDEXED, 999, 1, 1);
            self.committer.send(|job| Commit::Mark { job, walked_ms, indexed_ms })?;
        }
        self.committer.drain()?;
        self.count()?;
        Ok(Outcome { stats: self.stats, stage: self.stage, end })
    }

    fn count(&mut self) -> Result<(), StoreError> {
        let start = self.committer.mark().start_generation;
        let mut indexed = 0;
        self.env.store.snapshot(|snapshot| {
            snapshot.each_file(None, |row| {
                if row.is_text() && row.disposition == crate::kinds::Disposition::Indexed {
                    let structure = row.structure.as_ref().map_or(0, |s| s.generation);
                    indexed += u64::from(row.scan_generation.max(structure) > start);
                }
                true
            })
        })?;
        let summary = self.env.store.summary();
        self.stats.files_indexed = indexed;
        self.stats.files_failed = summary.failed;
        self.stats.files_unread = summary.unread;
        self.stats.directories_unread = summary.unread_directories;
        self.stats.files_skipped = summary.skipped;
        self.stats.files_pending = summary.text_pending;
        let failed = summary.failed.saturating_sub(summary.unread_directories);
        let told = indexed + failed + summary.skipped + summary.text_pending;
        self.stats.files_unchanged = self.stats.files_seen.saturating_sub(told);
        self.stats.symbols = summary.symbols;
        self.stats.references = summary.references;
        self.stats.bytes = summary.bytes;
        self.stats.generation = summary.generation;
        self.stats.store_bytes = summary.store_bytes;
        self.stats.elapsed_ms = elapsed_ms(self.gate.since());
        Ok(())
    }
}

/// Hears of what overtakes a job only that it was committed.
struct Unseen<'a>(&'a dyn Observer);

impl Observer for Unseen<'_> {
    fn stage(&self, _: Stage, _: &str) {}
    fn file(&self, _: &FileOutcome<'_>) {}
    fn committed(&self, generation: u64, changed: &[ChangedFile]) {
        self.0.committed(generation, changed);
    }
}

/// What a round left.
struct Round {
    /// Files that changed after they were scanned.
    changed: u64,
    /// The budget that cut the plan.
    limit: Option<super::Limit>,
}

/// Why the root, or what says how to walk, could not be read.
pub(super) fn walk_error(root: &Path, error: &std::io::Error) -> IndexError {
    let (root, reason) = (root.display().to_string(), error.to_string());
    match is_exhausted(error) {
        true => IndexError::Exhausted { what: root, reason },
        false => IndexError::Walk { root, reason },
    }
}

/// Why a walk came to nothing.
pub(super) fn unwalked(root: &Path, error: &ignore::Error) -> IndexError {
    match error.io_error() {
        Some(io) if !is_exhausted(io) => walk_error(root, io),
        // It names the place.
        _ if walk::is_exhausted_by(error) => {
            IndexError::Exhausted { what: root.display().to_string(), reason: error.to_string() }
        }
        _ => IndexError::Walk { root: root.display().to_string(), reason: error.to_string() },
    }
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| u64::try_from(t.as_millis()).unwrap_or(u64::MAX))
}
