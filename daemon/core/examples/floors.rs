//! What an index cannot beat: `floors parse|read|walk ROOT [THREADS]` does one part of the work over the files that an index of
//! ROOT takes, and nothing else, and prints one JSON object. `parse` reads everything first, so that only parsing is timed, and
//! starts no process to do it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use vigie_core::extract::parse_only;
use vigie_core::kinds::Language;
use vigie_core::language::detect;
use vigie_core::source::{STRUCTURE_BYTES_MAX, Source, SourceRoot, TEXT_BYTES_MAX};
use vigie_core::text;
use vigie_core::walk::{Found, walk};

const USAGE: &str = "usage: floors parse|read|walk ROOT [THREADS]";

/// What a part of the work came to.
struct Floor {
    files: usize,
    bytes: u64,
    taken: Taken,
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
    let (walked, taken) = Taken::by(|| walk(&root, None, || true));
    let files = walked?.files;
    let opened = SourceRoot::open(&root)?;
    let floor = match part.as_str() {
        "walk" => Floor { files: files.len(), bytes: files.iter().map(|file| file.stat.size).sum(), taken },
        "read" => read(&opened, &files, threads),
        "parse" => parse(&parseable(&opened, &files), threads),
        _ => return Err(USAGE.into()),
    };
    let Floor { files, bytes, taken } = floor;
    let (elapsed_us, cpu_us) = (taken.elapsed.as_micros() as u64, taken.cpu.as_micros() as u64);
    println!("{}", json!({ "files": files, "bytes": bytes, "elapsed_us": elapsed_us, "cpu_us": cpu_us }));
    Ok(())
}

fn read(root: &SourceRoot, files: &[Found], threads: usize) -> Floor {
    let bytes = AtomicU64::new(0);
    let taken = on_threads(threads, files, |file| {
        if let Source::Read(source, ..) = root.read(&file.path, TEXT_BYTES_MAX) {
            bytes.fetch_add(source.len() as u64, Ordering::Relaxed);
        }
    });
    Floor { files: files.len(), bytes: bytes.into_inner(), taken }
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
    Floor { files: files.len(), bytes: files.iter().map(|file| file.source.len() as u64).sum(), taken }
}

/// Does `work` on every item, each thread taking the next one as the indexer's lanes do.
fn on_threads<T: Sync>(threads: usize, items: &[T], work: impl Fn(&T) + Sync) -> Taken {
    let next = AtomicUsize::new(0);
    let all = || {
        thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                scope.spawn(|| {
                    while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                        work(item);
                    }
                });
            }
        });
    };
    Taken::by(all).1
}
