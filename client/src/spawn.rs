//! Starts the daemon, and learns over a pipe whether it is ready or why it is not. The daemon finds out itself whether
//! another one runs already: then it reports that one's socket.

use std::env;
use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::child::ends_within;
use crate::error::ClientError;
use crate::paths::Places;
use crate::wait::{Wait, Woken};

/// How long a daemon may take to report.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// How long a daemon may take to end once it has closed its pipe.
const END_WITHIN: Duration = Duration::from_secs(1);
/// Longest report read; it is one line.
const REPORT_BYTES_MAX: usize = 16 << 10;
const PROGRAM: &str = "vigied";

/// Starts the daemon; returns the socket on which one is ready, its own or that of one which was faster.
pub(crate) fn start(places: &Places) -> Result<PathBuf, ClientError> {
    let program = program();
    let mut command = Command::new(&program);
    command.arg("--announce").stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::piped());
    if places.socket_overridden {
        command.arg("--socket").arg(&places.socket);
    }
    // Its own process group: the terminal's Ctrl-C is meant for this client, never for the daemon. `/` keeps no disk busy.
    command.process_group(0).current_dir("/");
    let mut child = command.spawn().map_err(|source| ClientError::Spawn { program, source })?;
    let report = child.stdout.take().map_or_else(|| Ok(Vec::new()), read_report);
    interpret(report, child, places)
}

/// The daemon's program: the one beside this program, so that the two are of one build; else the one in `PATH`.
pub fn program() -> PathBuf {
    let beside = env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join(PROGRAM)));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(PROGRAM))
}

/// Why there is no report.
enum NoReport {
    Late,
    Broken(std::io::Error),
}

/// Reads up to the first newline or the end.
fn read_report(mut pipe: ChildStdout) -> Result<Vec<u8>, NoReport> {
    let wait = Wait::until(Instant::now() + READY_WITHIN);
    let mut report = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match wait.readable(pipe.as_fd()).map_err(NoReport::Broken)? {
            Woken::Readable => {}
            Woken::Deadline | Woken::Wake => return Err(NoReport::Late),
        }
        let n = match pipe.read(&mut chunk) {
            Ok(n) => n,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(NoReport::Broken(e)),
        };
        report.extend_from_slice(&chunk[..n]);
        if let Some(end) = report.iter().position(|byte| *byte == b'\n') {
            report.truncate(end);
            return Ok(report);
        }
        if n == 0 || report.len() > REPORT_BYTES_MAX {
            return Ok(report);
        }
    }
}

fn interpret(report: Result<Vec<u8>, NoReport>, child: Child, places: &Places) -> Result<PathBuf, ClientError> {
    let failed = |reason: String| ClientError::StartFailed { reason, log: places.log() };
    let report = match report {
        Ok(report) => report,
        Err(no_report) => {
            reap_in_background(child);
            return Err(failed(match no_report {
                NoReport::Late => format!("it did not report within {} s", READY_WITHIN.as_secs()),
                NoReport::Broken(e) => format!("its report could not be read: {e}"),
            }));
        }
    };
    if let Some(socket) = report.strip_prefix(b"ready ") {
        reap_in_background(child);
        return Ok(PathBuf::from(OsString::from_vec(socket.to_vec())));
    }
    if let Some(sentence) = report.strip_prefix(b"error ") {
        reap_in_background(child);
        return Err(ClientError::StartRefused { reason: String::from_utf8_lossy(sentence).into_owned() });
    }
    Err(failed(end_of(child)))
}

/// How a daemon that closed its pipe without a report ended.
fn end_of(mut child: Child) -> String {
    if ends_within(&child, END_WITHIN) == Some(true)
        && let Ok(Some(status)) = child.try_wait()
    {
        return format!("it ended without a report ({status})");
    }
    reap_in_background(child);
    "it closed its pipe without a report".to_owned()
}

/// A client that lives long would otherwise keep a zombie once the daemon ends.
fn reap_in_background(mut child: Child) {
    thread::spawn(move || child.wait());
}
