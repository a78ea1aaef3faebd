//! How a daemon that a client started in the background tells it what became of it: one line on standard output, `ready SOCKET`
//! or `error SENTENCE`, after which nothing reads that pipe any more.

use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Where the outcome of starting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Announcer {
    /// To the client that reads our standard output.
    Pipe,
    /// Nobody waits: failures go to standard error.
    Nobody,
}

impl Announcer {
    /// The daemon accepts connections on this socket.
    pub(crate) fn ready(self, socket: &Path) {
        if self == Announcer::Pipe {
            let mut line = b"ready ".to_vec();
            line.extend_from_slice(socket.as_os_str().as_bytes());
            say(line);
        }
    }

    /// The daemon does not start, because of this.
    #[expect(clippy::print_stderr, reason = "this is the program's own word to whoever started it")]
    pub(crate) fn error(self, sentence: &str) {
        let sentence = sentence.replace('\n', " ");
        match self {
            Announcer::Pipe => say(format!("error {sentence}").into_bytes()),
            Announcer::Nobody => eprintln!("vigied: {sentence}"),
        }
    }
}

/// Writes the line and lets go of the pipe. A reader that has left is no reason to stop.
fn say(mut line: Vec<u8>) {
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    let _gone = out.write_all(&line).and_then(|()| out.flush());
    if let Ok(null) = std::fs::OpenOptions::new().write(true).open("/dev/null") {
        let _kept = rustix::stdio::dup2_stdout(&null);
    }
}
