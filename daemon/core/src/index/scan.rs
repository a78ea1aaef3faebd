//! The lexical tier: files are read, hashed, given a disposition, and their trigrams collected, on several threads; one thread
//! gathers batches and sends them to the writer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Sender, bounded};

use crate::kinds::{Disposition, Stage};
use crate::settings::Settings;
use crate::source::{Source, SourceRoot, content_hash, now_ns};
use crate::store::{Commit, FileId, FileRow, FileStat, LexicalFacts, LexicalSegment, ScanCommit, StoreError};
use crate::terms::TermCounter;
use crate::text::{self, TrigramSet};

use super::committer::Committer;
use super::control::JobControl;
use super::gate::{Gate, Halt};
use super::plan::{Plan, ScanTask, too_large, weight};
use super::{BATCH_BYTES, BATCH_TIME, ChangedFile, Environment, FileOutcome, IndexError, Observer, note_changed};

/// Scanned files waiting for the gatherer.
const RESULTS_MAX: usize = 64;

/// What reading a file came to.
enum Scanned {
    /// New content, or a new disposition.
    Changed(FileRow, Option<LexicalFacts>),
    /// The same content under another stat.
    Touched(FileId, FileStat, i64),
    /// Gone since the walk; its number if the index knows it.
    Vanished(Option<FileId>),
}

/// Files that are gone and leave the index in one commit: a deleted tree must not hold the writer for long.
const REMOVED_MAX: usize = 4096;

/// Takes files that are gone out of the index.
pub(super) fn remove(plan: &Plan, gate: &Gate<'_>, committer: &mut Committer<'_>) -> Result<(), StoreError> {
    let mut named = Vec::new();
    plan.removed_named.iter().for_each(|path| note_changed(&mut named, path.as_slice(), true));
    for removed in plan.removed.chunks(REMOVED_MAX).take_while(|_| gate.check().is_ok()) {
        // Those that are named are all in the first commit.
        let named = (Vec::new(), std::mem::take(&mut named));
        committer.send_changed(named, |job| {
            Commit::Scan(ScanCommit { removed: removed.to_vec(), job, ..ScanCommit::default() })
        })?;
    }
    Ok(())
}

/// Scans what the plan says; `Err(Halt)` inside says that it was ended early, after committing what had been read. Where the system has
/// nothing left to read with, it ends as an error: what was not read is in the index as it was.
pub(super) fn scan(
    env: &Environment<'_>,
    (root, settings): (&SourceRoot, &Settings),
    plan: &Plan,
    force: bool,
    gate: &Gate<'_>,
    committer: &mut Committer<'_>,
) -> Result<Result<(), Halt>, IndexError> {
    let (next, exhausted) = (AtomicUsize::new(0), OnceLock::new());
    let mut batch = Batch::new(plan);
    thread::scope(|scope| {
        let (results, scanned) = bounded(RESULTS_MAX);
        let lane = |lane| Lane {
            lane,
            root,
            settings,
            tasks: &plan.scan,
            next: &next,
            exhausted: &exhausted,
            force,
            gate,
            env,
        };
        if plan.scan.len() <= 1 {
            // Handing one file to a thread takes longer than reading it, and one result finds room.
            lane(0).run(&results);
        } else {
            for lane in (0..env.lanes.max(1)).map(lane) {
                let results = results.clone();
                scope.spawn(move || lane.run(&results));
            }
        }
        drop(results);
        for (task, scanned) in &scanned {
            batch.add(task, scanned);
            if batch.is_full() {
                batch.commit(committer)?;
            }
        }
        let halted = gate.check();
        if halted != Err(Halt::Stopped(super::Stop::Cancel)) {
            batch.commit(committer)?;
        }
        committer.drain()?;
        if let Some((path, reason)) = exhausted.get() {
            let what = String::from_utf8_lossy(path).into_owned();
            return Err(IndexError::Exhausted { what, reason: reason.clone() });
        }
        Ok(if batch.is_complete() { Ok(()) } else { halted })
    })
}

/// What finds something in a text, kept from file to file.
struct Finders {
    trigrams: TrigramSet,
    terms: TermCounter,
}

struct Lane<'a> {
    lane: usize,
    root: &'a SourceRoot,
    settings: &'a Settings,
    tasks: &'a [ScanTask],
    next: &'a AtomicUsize,
    /// The file, and what the system said, at which there was nothing left to read with.
    exhausted: &'a OnceLock<(Vec<u8>, String)>,
    force: bool,
    gate: &'a Gate<'a>,
    env: &'a Environment<'a>,
}

impl Lane<'_> {
    fn run(&self, results: &Sender<(usize, Scanned)>) {
        let control: &JobControl = self.env.around.control;
        let mut finders = Finders { trigrams: TrigramSet::new(), terms: TermCounter::new() };
        while self.gate.check().is_ok() && self.exhausted.get().is_none() {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(task) = self.tasks.get(number) else { break };
            let since = Instant::now();
            control.lane_file(self.lane, Some(Arc::from(task.path.as_slice())));
            let scanned = match self.scan_file(task, &mut finders) {
                Ok(scanned) => scanned,
                Err(reason) => {
                    // Another lane may have met the same.
                    let _first = self.exhausted.set((task.path.clone(), reason));
                    break;
                }
            };
            tell(self.env.around.observer, &scanned, since);
            if !task.is_retry() {
                self.gate.took_file();
            }
            control.advance(1, task.stat.size);
            if results.send((number, scanned)).is_err() {
                break;
            }
        }
        control.lane_file(self.lane, None);
    }

    /// Reads a file; an error says what the system has nothing left for.
    fn scan_file(&self, task: &ScanTask, finders: &mut Finders) -> Result<Scanned, String> {
        if let Some(reason) = &task.unread {
            return Ok(self.left_out(task, task.stat, Disposition::Unreadable, reason.clone()));
        }
        Ok(match self.root.read(&task.path, self.settings.text_bytes_max()) {
            Source::Read(bytes, stat, read_ns) => self.scan_text(task, &bytes, stat, read_ns, finders),
            Source::Vanished => Scanned::Vanished(task.known.as_ref().map(|row| row.id)),
            Source::TooLarge(stat) => {
                let reason = too_large(stat.size, self.settings).unwrap_or_default();
                self.left_out(task, stat, Disposition::TooLarge, reason)
            }
            Source::Unstable(stat) => {
                self.left_out(task, stat, Disposition::Unstable, "it changed each time it was read".into())
            }
            Source::Special => self.left_out(task, task.stat, Disposition::Special, "it is no regular file".into()),
            Source::Unreadable(reason) => self.left_out(task, task.stat, Disposition::Unreadable, reason),
            Source::Exhausted(error) => return Err(error.to_string()),
        })
    }

    fn scan_text(&self, task: &ScanTask, bytes: &[u8], stat: FileStat, read_ns: i64, finders: &mut Finders) -> Scanned {
        let decoded = text::decode(bytes);
        if text::is_binary(bytes, &decoded) {
            return self.left_out(task, stat, Disposition::Binary, "it has a NUL byte".into());
        }
        let hash = content_hash(bytes);
        let language = self.settings.language(&task.path, &decoded);
        if let Some(known) = &task.known
            && !self.force
            && known.content_hash == Some(hash)
            && known.language == language
        {
            return Scanned::Touched(task.id, stat, read_ns);
        }
        let row = FileRow {
            language,
            content_hash: Some(hash),
            read_ns,
            ..new_row(task, stat, Disposition::Indexed, String::new())
        };
        let trigrams = finders.trigrams.collect(&decoded).into();
        let terms = finders.terms.count(&task.path, &decoded);
        Scanned::Changed(row, Some(LexicalFacts { trigrams, terms }))
    }

    fn left_out(&self, task: &ScanTask, stat: FileStat, disposition: Disposition, reason: String) -> Scanned {
        let row = new_row(task, stat, disposition, reason);
        // What was not read to its end is told from another by its size and time; see the change log.
        let stands_as = |row: &FileRow| (row.disposition, row.stat.size, row.stat.mtime_ns);
        match &task.known {
            Some(known) if !self.force && stands_as(known) == stands_as(&row) && known.reason == row.reason => {
                Scanned::Touched(task.id, stat, row.read_ns)
            }
            _ => Scanned::Changed(row, None),
        }
    }
}

fn new_row(task: &ScanTask, stat: FileStat, disposition: Disposition, reason: String) -> FileRow {
    FileRow {
        id: task.id,
        path: task.path.clone(),
        stat,
        read_ns: now_ns(),
        disposition,
        reason,
        language: None,
        content_hash: None,
        scan_generation: 0,
        structure: None,
    }
}

fn tell(observer: &dyn Observer, scanned: &Scanned, since: Instant) {
    let Scanned::Changed(row, _) = scanned else { return };
    observer.file(&FileOutcome {
        path: &row.path,
        stage: Stage::Scanning,
        disposition: row.disposition,
        reason: &row.reason,
        language: row.language,
        symbols: 0,
        bytes: row.stat.size,
        micros: u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX),
    });
}

/// Files for the next commit, and how far the scan is.
struct Batch<'a> {
    tasks: &'a [ScanTask],
    rows: Vec<FileRow>,
    facts: Vec<(FileId, LexicalFacts)>,
    touched: Vec<(FileId, FileStat, i64)>,
    removed: Vec<FileId>,
    named: Vec<ChangedFile>,
    bytes: u64,
    since: Instant,
    files_done: usize,
    missing: u64,
    weight_done: u64,
    weight_total: u64,
}

impl Batch<'_> {
    fn new(plan: &Plan) -> Batch<'_> {
        let weight_before = weight(plan.bytes_before);
        Batch {
            tasks: &plan.scan,
            rows: Vec::new(),
            facts: Vec::new(),
            touched: Vec::new(),
            removed: Vec::new(),
            named: Vec::new(),
            bytes: 0,
            since: Instant::now(),
            files_done: 0,
            missing: plan.missing(),
            weight_done: weight_before,
            weight_total: weight_before + plan.scan.iter().map(|task| weight(task.stat.size)).sum::<u64>(),
        }
    }

    fn add(&mut self, task: usize, scanned: Scanned) {
        if self.is_empty() {
            self.since = Instant::now();
        }
        let task = &self.tasks[task];
        match scanned {
            Scanned::Changed(row, facts) => {
                let structure = task.known.as_ref().and_then(|known| known.structure.as_ref());
                note_changed(&mut self.named, row.path.as_slice(), !row.wants_structure(structure));
                self.facts.extend(facts.map(|facts| (row.id, facts)));
                self.rows.push(row);
            }
            Scanned::Touched(id, stat, read_ns) => self.touched.push((id, stat, read_ns)),
            Scanned::Vanished(None) => {}
            Scanned::Vanished(Some(id)) => {
                note_changed(&mut self.named, task.path.as_slice(), true);
                self.removed.push(id);
            }
        }
        self.bytes += task.stat.size;
        self.weight_done += weight(task.stat.size);
        self.missing -= u64::from(task.is_missing);
        self.files_done += 1;
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.touched.is_empty() && self.removed.is_empty()
    }

    fn is_full(&self) -> bool {
        self.bytes >= BATCH_BYTES || (!self.is_empty() && self.since.elapsed() >= BATCH_TIME)
    }

    fn is_complete(&self) -> bool {
        self.files_done == self.tasks.len()
    }

    fn commit(&mut self, committer: &mut Committer<'_>) -> Result<(), StoreError> {
        committer.set_scan_pending(self.missing);
        committer.reach_scanned(self.weight_done, self.weight_total);
        if self.is_empty() {
            return committer.send(|job| Commit::Mark { job, walked_ms: None, indexed_ms: None });
        }
        self.rows.sort_unstable_by_key(|row| row.id);
        self.facts.sort_unstable_by_key(|(id, _)| *id);
        let segment = LexicalSegment::build(&std::mem::take(&mut self.facts));
        let files = std::mem::take(&mut self.rows);
        let touched = std::mem::take(&mut self.touched);
        let removed = std::mem::take(&mut self.removed);
        self.bytes = 0;
        let named = (Vec::new(), std::mem::take(&mut self.named));
        committer.send_changed(named, |job| Commit::Scan(ScanCommit { files, segment, touched, removed, job }))
    }
}
