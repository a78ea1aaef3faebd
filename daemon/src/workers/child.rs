//! The worker itself: reads a file from standard input, writes its facts to standard output, until the input ends. It
//! opens nothing, and writes nothing else: what a repository contains must not reach a log.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use vigie_core::extract::{extract, prepare};
use vigie_core::kinds::Language;

use super::budget::{cpu_seconds, data_bytes};
use super::confine::{confine, step_back};
use super::wire::{FrameError, Header, Incoming, REASON_BYTES_MAX, SOURCE_BYTES_MAX, Status, answer_bytes_max};

/// Runs this process as a worker, to its end; at the daemon's own priority if it is to be `prompt`. Call it first thing in `main`: it
/// closes what the process has inherited.
pub fn run_worker(prompt: bool) -> ExitCode {
    confine();
    if !prompt {
        step_back();
    }
    match serve() {
        Ok(()) | Err(FrameError::Ended) => ExitCode::SUCCESS,
        Err(FrameError::TooLong(_) | FrameError::Io(_)) => ExitCode::FAILURE,
    }
}

fn serve() -> Result<(), FrameError> {
    // Owned handles instead of the standard ones, which buffer and look for line ends.
    let mut requests = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut answers = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut incoming = Incoming::default();
    let place = remember_panic_places();
    write(&mut answers, Status::Ready, &[])?;
    while let Some((language, source)) = incoming.read(&mut requests, SOURCE_BYTES_MAX)? {
        let language = Language::from_number(language);
        // What is kept for the files after this one is not its own.
        let kept = language.map_or(0, prepare);
        limit(source.len(), kept)?;
        let packed = panic::catch_unwind(AssertUnwindSafe(|| facts(language, &source)));
        match packed {
            Ok(Ok(packed)) => write(&mut answers, Status::Facts, &packed)?,
            Ok(Err(reason)) => write(&mut answers, Status::Failed, &reason)?,
            Err(_panic) => write(&mut answers, Status::Failed, &panic_reason(&place))?,
        }
    }
    Ok(())
}

/// Packed facts, or why there are none.
fn facts(language: Option<Language>, source: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let language = language.ok_or("its language is not known to the worker")?;
    let packed = extract(language, source).pack();
    if packed.len() > answer_bytes_max(source.len()) {
        return Err(format!("its facts are too many ({} bytes)", packed.len()).into());
    }
    Ok(packed)
}

fn write(answers: &mut File, status: Status, body: &[u8]) -> io::Result<()> {
    let header = Header::of(status as u8, body).ok_or(io::ErrorKind::FileTooLarge)?;
    answers.write_all(&[&header.encode(), body].concat())
}

/// Sets what this file may cost, counted from here, beside some bytes that are kept. Exceeding it ends the process.
fn limit(source_bytes: usize, kept: usize) -> io::Result<()> {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let used_seconds = u64::try_from(used.tv_sec).unwrap_or(0) + u64::from(used.tv_nsec > 0);
    limit_softly(Resource::Cpu, used_seconds + cpu_seconds(source_bytes))?;
    limit_softly(Resource::Data, data_bytes(source_bytes) + kept as u64)
}

/// The hard limit stays, or the next file could not have more.
fn limit_softly(resource: Resource, limit: u64) -> io::Result<()> {
    let maximum = getrlimit(resource).maximum;
    let current = maximum.map_or(limit, |maximum| limit.min(maximum));
    Ok(setrlimit(resource, Rlimit { current: Some(current), maximum })?)
}

/// Replaces Rust's report of a panic, which quotes what it stumbled over, by one that says only where.
fn remember_panic_places() -> Arc<Mutex<String>> {
    let place = Arc::new(Mutex::new(String::new()));
    let last = Arc::clone(&place);
    panic::set_hook(Box::new(move |info| {
        let text = panic_place(info);
        // Standard error goes nowhere as the daemon starts workers; one started by hand shows where it failed.
        let _closed = writeln!(io::stderr(), "worker panicked at {text}");
        *last.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }));
    place
}

/// File name and line; directories would tell where the program was built.
fn panic_place(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(String::new, |location| {
        let file = Path::new(location.file()).file_name().unwrap_or_default();
        format!("{}:{}", file.to_string_lossy(), location.line())
    })
}

fn panic_reason(place: &Mutex<String>) -> Vec<u8> {
    let place = place.lock().unwrap_or_else(PoisonError::into_inner);
    let mut reason = format!("its extraction panicked at {place}").into_bytes();
    reason.truncate(REASON_BYTES_MAX);
    reason
}
