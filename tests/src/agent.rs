//! An agent's host: it starts `vigie mcp`, speaks JSON-RPC over its pipes, line by line, and answers what it is asked for. Everything
//! that the server writes to stdout must be a message of the protocol.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::machine::{kill_hard, wait_gone};

/// Longest that a message is waited for.
const MESSAGE_TIME_MAX: Duration = Duration::from_secs(60);
/// Longest that the server may take to end: what is under way when its stdin ends gets five seconds.
const END_TIME_MAX: Duration = Duration::from_secs(15);

/// A running server with its client; killed by its pid when dropped.
#[derive(Debug)]
pub struct Agent {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: Receiver<String>,
    last_id: u64,
    /// What has come besides answers: notifications and requests.
    pub heard: Vec<Value>,
    /// What it answers to `roots/list`.
    pub roots: Vec<Value>,
}

impl Agent {
    /// Starts the server and says nothing yet.
    #[track_caller]
    pub(crate) fn start(mut command: Command) -> Agent {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("stdout is piped");
        let (line_out, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _unheard = line_out.send(line);
            }
        });
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let (text_out, stderr_text) = channel();
        thread::spawn(move || {
            let mut text = String::new();
            let _partial = std::io::Read::read_to_string(&mut stderr, &mut text);
            let _unheard = text_out.send(text);
        });
        Agent { child, stdin, lines, stderr: stderr_text, last_id: 0, heard: Vec::new(), roots: Vec::new() }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Writes bytes to its stdin.
    #[track_caller]
    pub fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(bytes).and_then(|()| stdin.flush()).expect("the server reads");
    }

    /// Sends a message.
    #[track_caller]
    pub fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes());
    }

    /// Greets as the revisions with `initialize` have it, and returns the answer.
    #[track_caller]
    pub fn initialize(&mut self, revision: &str, capabilities: &Value) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": revision, "capabilities": capabilities, "clientInfo": client });
        let answer = self.request("initialize", params);
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        answer
    }

    /// Sends a request and returns its id.
    #[track_caller]
    pub fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.last_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params }));
        self.last_id
    }

    /// Sends a request, and returns its answer: `result` or `error`.
    #[track_caller]
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// Waits for the answer to a request.
    #[track_caller]
    pub fn answer(&mut self, id: u64) -> Value {
        self.wait_for("the answer", |message| message["id"] == id && message.get("method").is_none())
    }

    /// Waits for a message that fits; others are kept, and requests are answered.
    #[track_caller]
    pub fn wait_for(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next().unwrap_or_else(|| panic!("the server ended before {what} came"));
            if message["method"] == "roots/list" {
                let roots = json!({ "roots": self.roots });
                self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": roots }));
            }
            if fits(&message) {
                return message;
            }
            self.heard.push(message);
        }
    }

    /// The next message; `None` = the server has closed its stdout.
    #[track_caller]
    fn next(&mut self) -> Option<Value> {
        let line = match self.lines.recv_timeout(MESSAGE_TIME_MAX) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => panic!("no message within the time bound"),
        };
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("no JSON on stdout: {e}: {line:?}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        Some(message)
    }

    /// Closes its stdin, waits for its end, and returns its exit code and what it wrote to stderr.
    #[track_caller]
    pub fn finish(mut self) -> (Option<i32>, String) {
        drop(self.stdin.take());
        while let Some(message) = self.next() {
            self.heard.push(message);
        }
        assert!(wait_gone(self.child.id(), END_TIME_MAX), "the server did not end with its stdin");
        let code = self.child.wait().expect("the child is ours").code();
        (code, self.stderr.recv_timeout(END_TIME_MAX).unwrap_or_default())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            kill_hard(self.child.id());
            let _reaped = self.child.wait();
        }
    }
}
