//! Commands under a time bound, and what is printed when one does not do what a test expects. Knows nothing of Vigie.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::machine::{kill_hard, wait_gone};

/// Longest a command may take.
const COMMAND_TIME_MAX: Duration = Duration::from_secs(60);
/// Longest its streams may stay open after it ended.
const STREAM_TIME_MAX: Duration = Duration::from_secs(5);
/// Most of one stream or log that a report prints, in bytes.
const REPORT_BYTES_MAX: usize = 16 << 10;

/// What a failed test prints about a command: which it was, where it ran, and what the daemon said meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    command: String,
    directory: PathBuf,
    logs: Arc<PathBuf>,
}

impl Context {
    pub(crate) fn new(command: &Command, directory: &Path, logs: Arc<PathBuf>) -> Context {
        Context { command: format!("{command:?}"), directory: directory.to_path_buf(), logs }
    }

    pub(crate) fn report(&self, status: &str, stdout: &[u8], stderr: &str) -> String {
        let mut out =
            format!("\ncommand:   {}\ndirectory: {}\nstatus:    {status}\n", self.command, self.directory.display());
        let stdout = String::from_utf8_lossy(stdout);
        let _infallible = write!(out, "--- stdout\n{}\n--- stderr\n{}\n", tail(&stdout), tail(stderr));
        out + &logs_report(&self.logs)
    }
}

/// The end of every `*.log` file at or below a directory.
pub(crate) fn logs_report(directory: &Path) -> String {
    let mut out = String::new();
    let Ok(entries) = fs::read_dir(directory) else { return out };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            out.push_str(&logs_report(&path));
        } else if path.extension().is_some_and(|extension| extension == "log") {
            let text = fs::read(&path).unwrap_or_default();
            let _infallible = write!(out, "--- {}\n{}\n", path.display(), tail(&String::from_utf8_lossy(&text)));
        }
    }
    out
}

fn tail(text: &str) -> &str {
    let mut start = text.len().saturating_sub(REPORT_BYTES_MAX);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Output {
    /// Exit code; 128 + n after signal n.
    pub code: i32,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
    /// How long it took.
    pub elapsed: Duration,
    context: Context,
}

impl Output {
    /// Everything a person needs to understand a failure.
    pub fn report(&self) -> String {
        self.context.report(&format!("exit code {} after {:?}", self.code, self.elapsed), &self.stdout, &self.stderr)
    }

    /// Fails the test, with a report, unless the condition holds.
    #[track_caller]
    pub fn check(&self, condition: bool, expectation: &str) -> &Output {
        assert!(condition, "expected: {expectation}{}", self.report());
        self
    }

    /// Fails the test unless the command ended with this code.
    #[track_caller]
    pub fn expect_code(&self, code: i32) -> &Output {
        self.check(self.code == code, &format!("exit code {code}"))
    }

    /// Fails the test unless standard error holds this text.
    #[track_caller]
    pub fn expect_stderr(&self, text: &str) -> &Output {
        self.check(self.stderr.contains(text), &format!("{text:?} on stderr"))
    }

    /// Standard output as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        match std::str::from_utf8(&self.stdout) {
            Ok(text) => text,
            Err(e) => panic!("stdout is not UTF-8: {e}{}", self.report()),
        }
    }

    /// Standard output as one JSON object a line.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let parse = |line: &str| match serde_json::from_str(line) {
            Ok(value) => value,
            Err(e) => panic!("not a line of JSON: {e}: {line}{}", self.report()),
        };
        self.text().lines().map(parse).collect()
    }

    /// Rows and summary of a query's `--json` answer, whose exit code must be 0 or 1.
    #[track_caller]
    pub fn answer(&self) -> (Vec<Value>, Value) {
        self.check(matches!(self.code, 0 | 1 | 3), "an answer");
        let mut rows = self.json();
        let summary = rows.pop();
        let is_summary = summary.as_ref().is_some_and(|value| value["type"] == "summary");
        self.check(is_summary, "a summary as the last line");
        (rows, summary.unwrap_or_default())
    }
}

/// A command that is still running; killed by its pid when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    context: Context,
    started: Instant,
    lines: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    stderr: Receiver<String>,
    ended: bool,
}

impl Running {
    /// Starts a command with both streams captured.
    #[track_caller]
    pub(crate) fn start(command: Command, context: Context) -> Running {
        Running::start_into(command, Stdio::piped(), context)
    }

    /// Starts a command whose standard output goes elsewhere, unless that is a pipe to here.
    #[track_caller]
    pub(crate) fn start_into(mut command: Command, stdout: Stdio, context: Context) -> Running {
        command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(e) => panic!("cannot start: {e}{}", context.report("not started", b"", "")),
        };
        let stdout = child.stdout.take();
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let (line_out, lines) = channel();
        thread::spawn(move || {
            let Some(stdout) = stdout else { return };
            let mut reader = BufReader::new(stdout);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                // The test may have stopped listening; the pipe is emptied all the same, so that the command can end.
                let _unheard = line_out.send(std::mem::take(&mut line));
            }
        });
        let (text_out, stderr_text) = channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _partial = stderr.read_to_end(&mut bytes);
            let _unheard = text_out.send(String::from_utf8_lossy(&bytes).into_owned());
        });
        let started = Instant::now();
        Running { child, context, started, lines, seen: Vec::new(), stderr: stderr_text, ended: false }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    #[track_caller]
    fn fail(&mut self, why: &str) -> ! {
        kill_hard(self.child.id());
        let stderr = self.stderr.recv_timeout(STREAM_TIME_MAX).unwrap_or_default();
        panic!("{why}{}", self.context.report(why, &self.seen, &stderr))
    }

    /// The next line of standard output, without its newline; `None` at its end.
    #[track_caller]
    pub fn next_line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(COMMAND_TIME_MAX) {
            Ok(line) => {
                self.seen.extend_from_slice(&line);
                Some(String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned())
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => self.fail("no line within the time bound"),
        }
    }

    /// Reads JSON lines until one fits, and returns it.
    #[track_caller]
    pub fn wait_for(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        while let Some(line) = self.next_line() {
            let value: Value = serde_json::from_str(&line).unwrap_or_default();
            if fits(&value) {
                return value;
            }
        }
        self.fail(&format!("ended before {what}"))
    }

    /// Waits for its end.
    #[track_caller]
    pub fn finish(mut self) -> Output {
        while self.next_line().is_some() {}
        let Some(code) = self.wait_code() else { self.fail("still running after the time bound") };
        let Ok(stderr) = self.stderr.recv_timeout(STREAM_TIME_MAX) else {
            self.fail("stderr stayed open after it ended")
        };
        self.ended = true;
        let stdout = std::mem::take(&mut self.seen);
        Output { code, stdout, stderr, elapsed: self.started.elapsed(), context: self.context.clone() }
    }

    /// The exit code, or `None` when the time is over.
    fn wait_code(&mut self) -> Option<i32> {
        use std::os::unix::process::ExitStatusExt as _;
        let left = COMMAND_TIME_MAX.saturating_sub(self.started.elapsed()).max(STREAM_TIME_MAX);
        if !wait_gone(self.child.id(), left) {
            return None;
        }
        let status = self.child.wait().expect("the child is ours");
        status.code().or_else(|| status.signal().map(|signal| 128 + signal))
    }

    /// Kills it so that it can do nothing about it.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if !self.ended {
            kill_hard(self.child.id());
            let _reaped = self.child.wait();
            self.ended = true;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
