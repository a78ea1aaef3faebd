//! What an index cannot beat: `floors parse|read|terms|walk ROOT [THREADS]` does one part of the work over the files that an index of
//! ROOT takes, and nothing else, and prints one JSON object. `parse` and `terms` read everything first, so that only their own work is
//! timed; `parse` starts no process to do it, `terms` writes a store that is gone afterwards.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use vigie_core::extract::parse_only;
use vigie_core::kinds::Language;
use vigie_core::language::detect;
use vigie_core::settings::Settings;
use vigie_core::source::{STRUCTURE_BYTES_MAX, Source, SourceRoot, TEXT_BYTES_MAX};
use vigie_core::store::{Commit, FileId, LexicalFacts, LexicalSegment, ProjectStore, ScanCommit, StoreError};
use vigie_core::terms::TermCounter;
use vigie_core::text;
use vigie_core::walk::{Found, Rules, walk};

const USAGE: &str = "usage: floors parse|read|terms|walk ROOT [THREADS]";

/// Source whose terms are one commit, as the indexer has it.
const BATCH_BYTES: usize = 8 << 20;
/// Files with their terms that wait for the commit, as the indexer has it.
const COUNTED_MAX: usize = 64;

/// What a part of the work came to.
struct Floor {
    files: usize,
    bytes: u64,
    taken: Taken,
    /// What it left on disk.
    disk_bytes: u64,
}

/// Time on the clock, and time of all processors.
struct Taken {
    elapsed: Duration,
    cpu: Duration,
}

impl Taken {
    fn by<T>(work: impl FnOnce() -> T) -> (T, Taken) {
        let (since, before) = (Instant::now(), cpu_time());
        let done = work();
        (done, Taken { elapsed: since.elapsed(), cpu: cpu_time() - before })
    }
}

fn cpu_time() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(used.tv_sec.cast_unsigned(), u32::try_from(used.tv_nsec).unwrap_or(0))
}

/// A file whose terms an index would count.
struct Countable {
    id: FileId,
    path: Vec<u8>,
    source: Vec<u8>,
}

/// A file that an index would parse.
struct Parseable {
    language: Language,
    source: Vec<u8>,
}

#[expect(clippy::print_stdout, reason = "a program for people and scripts")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (part, root, threads) = match arguments.as_slice() {
        [part, root] => (part, root, 2),
        [part, root, threads] => (part, root, threads.parse()?),
        _ => return Err(USAGE.into()),
    };
    let root = Path::new(root).canonicalize()?;
    let settings = Settings::at(&root);
    let rules = Rules { global_excludes: None, settings: &settings };
    let (walked, taken) = Taken::by(|| walk(&root, rules, || true));
    let files = walked?.files;
    let opened = SourceRoot::open(&root)?;
    let floor = match part.as_str() {
        "walk" => Floor { files: files.len(), bytes: bytes_of(&files), taken, disk_bytes: 0 },
        "read" => read(&opened, &files, threads),
        "parse" => parse(&parseable(&opened, &files), threads),
        "terms" => Floor { bytes: bytes_of(&files), ..terms(&countable(&opened, &files), threads)? },
        _ => return Err(USAGE.into()),
    };
    println!(
        "{}",
        json!({
            "files": floor.files,
            "bytes": floor.bytes,
            "elapsed_us": floor.taken.elapsed.as_micros() as u64,
            "cpu_us": floor.taken.cpu.as_micros() as u64,
            "disk_bytes": floor.disk_bytes,
        })
    );
    Ok(())
}

fn bytes_of(files: &[Found]) -> u64 {
    files.iter().map(|file| file.stat.size).sum()
}

fn read(root: &SourceRoot, files: &[Found], threads: usize) -> Floor {
    let bytes = AtomicU64::new(0);
    let taken = on_threads(threads, files, |file| {
        if let Source::Read(source, ..) = root.read(&file.path, TEXT_BYTES_MAX) {
            bytes.fetch_add(source.len() as u64, Ordering::Relaxed);
        }
    });
    Floor { files: files.len(), bytes: bytes.into_inner(), taken, disk_bytes: 0 }
}

/// The files that an index would parse, by the rules by which it does.
fn parseable(root: &SourceRoot, files: &[Found]) -> Vec<Parseable> {
    let mut parseable = Vec::new();
    for file in files.iter().filter(|file| file.stat.size <= STRUCTURE_BYTES_MAX) {
        let Source::Read(bytes, ..) = root.read(&file.path, STRUCTURE_BYTES_MAX) else { continue };
        let source = text::decode(&bytes);
        if text::is_binary(&bytes, &source) {
            continue;
        }
        if let Some(language) = detect(&file.path, &source) {
            parseable.push(Parseable { language, source: source.into_owned() });
        }
    }
    parseable
}

fn parse(files: &[Parseable], threads: usize) -> Floor {
    let taken = on_threads(threads, files, |file| {
        parse_only(file.language, &file.source);
    });
    Floor { files: files.len(), bytes: files.iter().map(|file| file.source.len() as u64).sum(), taken, disk_bytes: 0 }
}

/// The files whose terms an index would count, by the rules by which it does.
fn countable(root: &SourceRoot, files: &[Found]) -> Vec<Countable> {
    let mut countable = Vec::new();
    for (id, file) in (1..).zip(files) {
        let Source::Read(bytes, ..) = root.read(&file.path, TEXT_BYTES_MAX) else { continue };
        let source = text::decode(&bytes);
        if !text::is_binary(&bytes, &source) {
            countable.push(Countable { id, path: file.path.clone(), source: source.into_owned() });
        }
    }
    countable
}

/// All that an index does for ranked search: terms are counted, gathered and committed as when a tree is scanned, and merged until
/// nothing is left to merge. The store has nothing else in it, so what it leaves on disk is what they take.
fn terms(files: &[Countable], threads: usize) -> Result<Floor, Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("terms.sqlite");
    let (store, _new) = ProjectStore::open(&path, directory.path())?;
    let (done, taken) = Taken::by(|| {
        write_terms(files, threads, &store)?;
        store.settle()
    });
    done?;
    store.close()?;
    Ok(Floor { files: files.len(), bytes: 0, taken, disk_bytes: fs::metadata(&path)?.len() })
}

fn write_terms(files: &[Countable], threads: usize, store: &ProjectStore) -> Result<(), StoreError> {
    thread::scope(|scope| {
        let (results, counted) = sync_channel(COUNTED_MAX);
        scope.spawn(move || {
            on_threads_with(threads, files, TermCounter::new, |counter, file| {
                let terms = counter.count(&file.path, &file.source);
                let facts = LexicalFacts { terms, ..LexicalFacts::default() };
                // Nobody listens any more if a commit failed.
                let _left = results.send((file.id, facts, file.source.len()));
            });
        });
        let (mut batch, mut bytes, mut tickets) = (Vec::new(), 0, Vec::new());
        for (id, facts, size) in counted {
            batch.push((id, facts));
            bytes += size;
            if bytes >= BATCH_BYTES {
                tickets.push(store.commit(scanned(std::mem::take(&mut batch)))?);
                bytes = 0;
            }
        }
        tickets.push(store.commit(scanned(batch))?);
        tickets.into_iter().try_for_each(|ticket| ticket.wait().map(|_| ()))
    })
}

fn scanned(mut facts: Vec<(FileId, LexicalFacts)>) -> Commit {
    facts.sort_unstable_by_key(|(id, _)| *id);
    Commit::Scan(ScanCommit { segment: LexicalSegment::build(&facts), ..ScanCommit::default() })
}

/// Does `work` on every item, each thread taking the next one as the indexer's lanes do.
fn on_threads<T: Sync>(threads: usize, items: &[T], work: impl Fn(&T) + Sync) -> Taken {
    on_threads_with(threads, items, || (), |(), item| work(item))
}

/// The same, where each thread keeps something from item to item.
fn on_threads_with<T: Sync, S>(
    threads: usize,
    items: &[T],
    start: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) + Sync,
) -> Taken {
    let next = AtomicUsize::new(0);
    let all = || {
        thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                scope.spawn(|| {
                    let mut own = start();
                    while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                        work(&mut own, item);
                    }
                });
            }
        });
    };
    Taken::by(all).1
}
