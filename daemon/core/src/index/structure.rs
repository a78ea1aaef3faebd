//! The structure tier: files whose structure is not that of their content are parsed, several at a time, and committed in
//! batches.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

use crossbeam_channel::{Sender, bounded};

use crate::extract::lane::{Extraction, LANE_IN_FLIGHT_MAX, Lane, LaneError, Task};
use crate::extract::{self, lexical};
use crate::facts::{Facts, PackedFacts};
use crate::kinds::{Disposition, Language, Stage};
use crate::settings::Settings;
use crate::source::{Source, SourceRoot, TEXT_BYTES_MAX, content_hash};
use crate::store::{
    CacheEntry, Commit, ContentHash, FactsCache, FileId, FileRow, Owner, ParsedFile, StoreError, Structure,
    StructureCommit, StructureSegment,
};
use crate::text;

use super::committer::Committer;
use super::demand::Demands;
use super::gate::{Gate, Halt};
use super::plan::{parse_weight, too_large_to_parse};
use super::{BATCH_BYTES, BATCH_TIME, ChangedFile, Environment, FileOutcome, IndexError, Stop, note_changed};

/// Parsed files waiting for the gatherer.
const RESULTS_MAX: usize = 32;

/// A file to parse.
#[derive(Debug)]
pub(super) struct ParseTask {
    id: FileId,
    path: Arc<[u8]>,
    language: Language,
    hash: [u8; 16],
    bytes: u64,
    weight: u64,
    /// Why it is only searched for names, if it is too large.
    too_large: Option<String>,
}

impl ParseTask {
    /// A task for a file that wants structure.
    pub(super) fn new(row: FileRow, settings: &Settings) -> Option<ParseTask> {
        Some(ParseTask {
            weight: parse_weight(row.stat.size, settings),
            too_large: too_large_to_parse(row.stat.size, settings),
            id: row.id,
            language: row.language?,
            hash: row.content_hash?,
            bytes: row.stat.size,
            path: row.path.into(),
        })
    }

    /// What its facts depend on.
    fn content(&self) -> ([u8; 16], Language) {
        (self.hash, self.language)
    }

    /// Files that are least likely to be asked for come last: other people's code and tests.
    pub(super) fn order(&self) -> (bool, bool) {
        let has = |part: &[u8]| self.path.split(|b| *b == b'/').any(|name| name == part);
        let vendored = [&b"vendor"[..], b"node_modules", b"third_party"].into_iter().any(has);
        let tests = [&b"test"[..], b"tests", b"testdata"].into_iter().any(has);
        (vendored, tests)
    }
}

/// What parsing a file came to.
struct Parsed {
    task: usize,
    /// `None` = the file is not what was scanned; the next walk will see it.
    found: Option<Found>,
}

/// The facts of a file, and why they are not what its grammar finds, if they are not.
struct Found {
    facts: PackedFacts,
    disposition: Disposition,
    reason: String,
    origin: Origin,
}

/// Where facts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// The file was parsed, or one of the same content.
    Parsed,
    /// They were in the cache.
    Cached,
    /// There is no tree: they are worth no place in the cache.
    Words,
}

impl Found {
    fn whole(facts: PackedFacts, origin: Origin) -> Found {
        Found { facts, disposition: Disposition::Indexed, reason: String::new(), origin }
    }

    fn too_large(source: &[u8], reason: String) -> Found {
        Found { facts: packed(lexical(source)), disposition: Disposition::Indexed, reason, origin: Origin::Words }
    }

    fn quarantined(source: &[u8], reason: String) -> Found {
        Found { facts: packed(lexical(source)), disposition: Disposition::Quarantined, reason, origin: Origin::Words }
    }
}

/// What was found here and not by a worker needs no check, but there is one form only.
fn packed(facts: Facts) -> PackedFacts {
    PackedFacts::check(&facts.pack()).unwrap_or_default()
}

/// How the structure tier ended.
pub(super) struct Ended {
    /// Why, if early.
    pub(super) halt: Result<(), Halt>,
    /// Files that changed after they were scanned.
    pub(super) changed: u64,
    /// Files whose facts were in the cache.
    pub(super) cached: u64,
}

/// Parses the tasks; what had been parsed is committed also when it ends early.
pub(super) fn parse(
    env: &Environment<'_>,
    root: &SourceRoot,
    tasks: &[ParseTask],
    weight_before: u64,
    gate: &Gate<'_>,
    committer: &mut Committer<'_>,
) -> Result<Ended, IndexError> {
    let control = env.around.control;
    control.demands().begin_round();
    let queue = Queue::new(tasks);
    let mut batch = Batch::new(tasks, weight_before, env);
    thread::scope(|scope| {
        let (results, parsed) = bounded(RESULTS_MAX);
        let feeder = |lane| {
            let (unanswered, apart) = (VecDeque::new(), VecDeque::new());
            let answered = Instant::now();
            Feeder { lane, root, queue: &queue, gate, env, unanswered, answered, apart }
        };
        let (mut lanes, mut here) = (Vec::new(), None);
        if tasks.len() <= 1 {
            // A thread takes longer to begin than most files to be parsed, and one result finds room.
            here = Some(catch_unwind(AssertUnwindSafe(|| feeder(0).run(&results))));
        } else {
            lanes.extend((0..env.lanes.max(1)).map(feeder).map(|mut feeder| {
                let results = results.clone();
                scope.spawn(move || feeder.run(&results))
            }));
        }
        drop(results);
        for parsed in &parsed {
            let file = tasks[parsed.task].id;
            let is_lost = parsed.found.is_none();
            batch.add(parsed);
            let is_whole = control.demands().parsed(file);
            if is_lost {
                control.demands().committed(&[file]);
            }
            if is_whole || batch.is_full(control.demands().is_awaited()) {
                batch.commit(committer)?;
            }
            if is_whole {
                // Somebody waits for it.
                committer.drain()?;
            }
        }
        let halted = gate.check();
        if halted != Err(Halt::Stopped(Stop::Cancel)) {
            batch.commit(committer)?;
        }
        committer.drain()?;
        for ended in here.into_iter().chain(lanes.into_iter().map(ScopedJoinHandle::join)) {
            match ended {
                Ok(ended) => ended.or_else(unless_cancelled)?,
                // It has left files undone, so the job must not end as done; the panic hook has told where.
                Err(_panic) => return Err(IndexError::Extract("a thread that feeds the workers panicked".into())),
            }
        }
        let halt = if batch.is_complete() { Ok(()) } else { halted };
        Ok(Ended { halt, changed: batch.changed, cached: batch.cached })
    })
}

/// A lane that was told to end has not failed.
fn unless_cancelled(error: LaneError) -> Result<(), IndexError> {
    match error {
        LaneError::Cancelled => Ok(()),
        LaneError::Unavailable(reason) => Err(IndexError::Extract(reason)),
        LaneError::Exhausted { path, reason } => {
            Err(IndexError::Exhausted { what: String::from_utf8_lossy(&path).into_owned(), reason })
        }
    }
}

/// Which task is next: one that somebody waits for, or else in their order.
struct Queue<'a> {
    tasks: &'a [ParseTask],
    next: AtomicUsize,
    is_taken: Vec<AtomicBool>,
    /// Tasks by file, for those that are waited for.
    by_file: OnceLock<HashMap<FileId, usize>>,
    /// Tasks of one content, where that is several.
    twins: HashMap<([u8; 16], Language), Vec<usize>>,
}

/// A task, and those that its facts will do for.
struct Taken {
    task: usize,
    twins: Vec<usize>,
}

impl<'a> Queue<'a> {
    fn new(tasks: &'a [ParseTask]) -> Queue<'a> {
        let is_taken = tasks.iter().map(|_| AtomicBool::new(false)).collect();
        let mut first: HashMap<([u8; 16], Language), usize> = HashMap::with_capacity(tasks.len());
        let mut twins: HashMap<([u8; 16], Language), Vec<usize>> = HashMap::new();
        for (task, number) in tasks.iter().zip(0..) {
            if let Some(first) = first.insert(task.content(), number) {
                twins.entry(task.content()).or_insert_with(|| vec![first]).push(number);
            }
        }
        Queue { tasks, next: AtomicUsize::new(0), is_taken, by_file: OnceLock::new(), twins }
    }

    /// The next task, with all others of the same content: no content is parsed twice.
    fn take(&self, demands: &Demands) -> Option<Taken> {
        let task = self.take_one(demands)?;
        let alike = self.twins.get(&self.tasks[task].content()).into_iter().flatten().copied();
        let twins = alike.filter(|twin| !self.is_taken[*twin].swap(true, Ordering::Relaxed)).collect();
        Some(Taken { task, twins })
    }

    fn take_one(&self, demands: &Demands) -> Option<usize> {
        while let Some(file) = demands.next() {
            let by_file = self.by_file.get_or_init(|| self.tasks.iter().map(|task| task.id).zip(0..).collect());
            match by_file.get(&file) {
                Some(task) if !self.is_taken[*task].swap(true, Ordering::Relaxed) => return Some(*task),
                // It is on its way.
                Some(_) => {}
                // Nothing here will parse it.
                None => demands.committed(&[file]),
            }
        }
        loop {
            let task = self.next.fetch_add(1, Ordering::Relaxed);
            if !self.is_taken.get(task)?.swap(true, Ordering::Relaxed) {
                return Some(task);
            }
        }
    }
}

struct Feeder<'a> {
    lane: usize,
    root: &'a SourceRoot,
    queue: &'a Queue<'a>,
    gate: &'a Gate<'a>,
    env: &'a Environment<'a>,
    unanswered: VecDeque<(Taken, Instant)>,
    /// When the worker last answered: a file takes its time from then on, not from when it was put behind another.
    answered: Instant,
    /// Tasks to begin by themselves: what they were taken with was not parsed after all.
    apart: VecDeque<usize>,
}

impl Feeder<'_> {
    fn run(&mut self, results: &Sender<Parsed>) -> Result<(), LaneError> {
        let ended = self.feed(results);
        self.env.around.control.lane_file(self.lane, None);
        match ended {
            Err(LaneError::Cancelled) => Ok(()),
            other => other,
        }
    }

    fn feed(&mut self, results: &Sender<Parsed>) -> Result<(), LaneError> {
        let mut lane = self.env.extractors.lane()?;
        loop {
            while self.unanswered.len() < LANE_IN_FLIGHT_MAX && self.gate.check().is_ok() {
                let apart = self.apart.pop_front().map(|task| Taken { task, twins: Vec::new() });
                let Some(taken) = apart.or_else(|| self.queue.take(self.env.around.control.demands())) else { break };
                if let Some(facts) = self.cached(&self.queue.tasks[taken.task]) {
                    for task in std::iter::once(taken.task).chain(taken.twins) {
                        let found = Some(Found::whole(facts.clone(), Origin::Cached));
                        if !self.finish(Parsed { task, found }, Instant::now(), results) {
                            return Ok(());
                        }
                    }
                    continue;
                }
                if let Some(parsed) = self.begin(taken, lane.as_mut())?
                    && !self.finish(parsed, Instant::now(), results)
                {
                    return Ok(());
                }
            }
            let Some((Taken { task, .. }, _)) = self.unanswered.front() else { return Ok(()) };
            self.env.around.control.lane_file(self.lane, Some(Arc::clone(&self.queue.tasks[*task].path)));
            let extraction = lane.receive()?;
            let Some((Taken { task, twins }, sent)) = self.unanswered.pop_front() else { return Ok(()) };
            let since = sent.max(std::mem::replace(&mut self.answered, Instant::now()));
            for task in std::iter::once(task).chain(twins) {
                let found = match &extraction {
                    Extraction::Facts(facts) => Some(Found::whole(facts.clone(), Origin::Parsed)),
                    Extraction::Failed(reason) => {
                        let source = self.read(&self.queue.tasks[task])?;
                        source.map(|source| Found::quarantined(&source, reason.clone()))
                    }
                };
                if !self.finish(Parsed { task, found }, since, results) {
                    return Ok(());
                }
            }
        }
    }

    /// Hands a file to the lane, or answers at once where there is nothing to parse.
    fn begin(&mut self, taken: Taken, lane: &mut dyn Lane) -> Result<Option<Parsed>, LaneError> {
        let (number, task) = (taken.task, &self.queue.tasks[taken.task]);
        let found = match (self.read(task)?, &task.too_large) {
            (Some(source), None) => {
                lane.send(Task { path: Arc::clone(&task.path), language: task.language, source })?;
                self.unanswered.push_back((taken, Instant::now()));
                return Ok(None);
            }
            (Some(source), Some(reason)) => Some(Found::too_large(&source, reason.clone())),
            (None, _) => None,
        };
        self.apart.extend(taken.twins);
        Ok(Some(Parsed { task: number, found }))
    }

    fn cached(&self, task: &ParseTask) -> Option<PackedFacts> {
        self.env.cache.filter(|_| task.too_large.is_none())?.get(task.hash, task.language)
    }

    /// The bytes that were scanned, decoded; `None` if the file is not that any more.
    fn read(&self, task: &ParseTask) -> Result<Option<Arc<[u8]>>, LaneError> {
        match self.root.read(&task.path, TEXT_BYTES_MAX) {
            Source::Read(bytes, ..) if content_hash(&bytes) == task.hash => Ok(Some(text::decode(&bytes).into())),
            Source::Exhausted(error) => {
                Err(LaneError::Exhausted { path: Arc::clone(&task.path), reason: error.to_string() })
            }
            _ => Ok(None),
        }
    }

    /// Tells of a file and hands it to the gatherer. `false` = the gatherer is gone, as it is before its time only when the store
    /// failed.
    fn finish(&self, parsed: Parsed, since: Instant, results: &Sender<Parsed>) -> bool {
        let task = &self.queue.tasks[parsed.task];
        if let Some(found) = &parsed.found {
            self.env.around.observer.file(&FileOutcome {
                path: &task.path,
                stage: Stage::Indexing,
                disposition: found.disposition,
                reason: &found.reason,
                language: Some(task.language),
                symbols: found.facts.symbols,
                bytes: task.bytes,
                micros: u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX),
            });
        }
        self.gate.took_file();
        self.env.around.control.advance(1, task.bytes);
        results.send(parsed).is_ok()
    }
}

/// Facts for the next commit.
struct Batch<'a> {
    tasks: &'a [ParseTask],
    cache: Option<&'a FactsCache>,
    owner: Owner,
    /// What of `facts` the cache has not.
    uncached: Vec<(FileId, ContentHash, Language)>,
    cached: u64,
    files: Vec<ParsedFile>,
    facts: Vec<(FileId, PackedFacts)>,
    named: Vec<ChangedFile>,
    bytes: u64,
    since: Instant,
    done: usize,
    weight_done: u64,
    weight_total: u64,
    changed: u64,
}

impl Batch<'_> {
    fn new<'a>(tasks: &'a [ParseTask], weight_before: u64, env: &Environment<'a>) -> Batch<'a> {
        Batch {
            tasks,
            cache: env.cache,
            owner: Owner::of(env.around.root),
            uncached: Vec::new(),
            cached: 0,
            files: Vec::new(),
            facts: Vec::new(),
            named: Vec::new(),
            bytes: 0,
            since: Instant::now(),
            done: 0,
            weight_done: weight_before,
            weight_total: weight_before + tasks.iter().map(|task| task.weight).sum::<u64>(),
            changed: 0,
        }
    }

    fn add(&mut self, parsed: Parsed) {
        if self.files.is_empty() {
            self.since = Instant::now();
        }
        let task = &self.tasks[parsed.task];
        self.done += 1;
        self.weight_done += task.weight;
        let Some(Found { facts, disposition, reason, origin }) = parsed.found else {
            self.changed += 1;
            return;
        };
        match origin {
            Origin::Parsed => self.uncached.push((task.id, task.hash, task.language)),
            Origin::Cached => self.cached += 1,
            Origin::Words => {}
        }
        let structure = Structure {
            hash: task.hash,
            version: extract::version(task.language),
            lexical: facts.lexical,
            symbols: facts.symbols,
            references: facts.references,
            generation: 0,
        };
        self.bytes += task.bytes;
        note_changed(&mut self.named, Arc::clone(&task.path), true);
        self.files.push(ParsedFile { id: task.id, structure, disposition, reason });
        self.facts.push((task.id, facts));
    }

    /// What somebody waits for is committed as one generation, as far as a batch holds it.
    fn is_full(&self, is_awaited: bool) -> bool {
        let is_late = !self.files.is_empty() && self.since.elapsed() >= BATCH_TIME;
        self.bytes >= BATCH_BYTES || is_late && !is_awaited
    }

    fn is_complete(&self) -> bool {
        self.done == self.tasks.len()
    }

    /// What the cache is to keep: that was parsed. The facts are sorted.
    fn for_cache(&mut self) -> Vec<CacheEntry> {
        let uncached = std::mem::take(&mut self.uncached);
        let parsed = uncached.into_iter().filter(|_| self.cache.is_some()).filter_map(|(id, hash, language)| {
            let at = self.facts.binary_search_by_key(&id, |(id, _)| *id).ok()?;
            Some(CacheEntry::new(self.owner, hash, language, &self.facts[at].1))
        });
        parsed.collect()
    }

    fn commit(&mut self, committer: &mut Committer<'_>) -> Result<(), StoreError> {
        committer.reach_parsed(self.weight_done, self.weight_total);
        if self.files.is_empty() {
            return committer.send(|job| Commit::Mark { job, walked_ms: None, indexed_ms: None });
        }
        self.files.sort_unstable_by_key(|file| file.id);
        self.facts.sort_unstable_by_key(|(id, _)| *id);
        let for_cache = self.for_cache();
        let segment = StructureSegment::build(std::mem::take(&mut self.facts));
        let files = std::mem::take(&mut self.files);
        self.bytes = 0;
        let parsed = files.iter().map(|file| file.id).collect();
        let named = std::mem::take(&mut self.named);
        committer.send_changed((parsed, named), |job| Commit::Structure(StructureCommit { files, segment, job }))?;
        if let Some(cache) = self.cache {
            // While the writer is at work.
            cache.put(for_cache);
        }
        Ok(())
    }
}
