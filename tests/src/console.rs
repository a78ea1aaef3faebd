//! A terminal with one command on it, without a program between: what is written to it comes byte by byte, and keys can be typed.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::machine::{kill_hard, wait_gone};
use crate::process::Context;

/// Longest that nothing is written, and that the command takes to end after that.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// A command on a terminal; killed by its pid when dropped.
#[derive(Debug)]
pub struct Console {
    keys: File,
    child: Child,
    pieces: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    context: Context,
}

impl Console {
    #[track_caller]
    pub(crate) fn start(mut command: Command, size: (u16, u16), context: Context) -> Console {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
        grantpt(&ours).expect("it is ours");
        unlockpt(&ours).expect("it is ours");
        tcsetwinsize(&ours, winsize(size)).expect("it has a size");
        let name = ptsname(&ours, Vec::new()).expect("it has a name");
        let theirs = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).expect("it opens");
        let copy = |fd: &OwnedFd| fd.try_clone().expect("it can be copied");
        command.stdin(copy(&theirs)).stdout(copy(&theirs)).stderr(theirs);
        let child = command.spawn().unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
        // The other side must be the command's alone, or its end would not be seen.
        drop(command);
        let mut reader = File::from(copy(&ours));
        let (out, pieces) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                // The test may have stopped listening; the terminal is emptied all the same, so that the command can end.
                let _unheard = out.send(buffer[..length].to_vec());
            }
        });
        Console { keys: File::from(ours), child, pieces, seen: Vec::new(), context }
    }

    /// What was written next; `None` when the command has ended.
    #[track_caller]
    pub fn next_piece(&mut self) -> Option<Vec<u8>> {
        match self.pieces.recv_timeout(SILENCE_MAX) {
            Ok(piece) => {
                self.seen.extend_from_slice(&piece);
                Some(piece)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing is written any more{}", self.report()),
        }
    }

    /// Waits until a text was written.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        while !self.seen.windows(text.len()).any(|window| window == text.as_bytes()) {
            assert!(self.next_piece().is_some(), "ended before {text:?}{}", self.report());
        }
    }

    /// Types keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal is ours");
    }

    /// Makes it as large as this.
    pub fn resize(&self, size: (u16, u16)) {
        tcsetwinsize(&self.keys, winsize(size)).expect("the terminal is ours");
    }

    /// Waits for the end: the exit code, and all that was written.
    #[track_caller]
    pub fn finish(mut self) -> (i32, Vec<u8>) {
        while self.next_piece().is_some() {}
        assert!(wait_gone(self.child.id(), SILENCE_MAX), "still running{}", self.report());
        let status = self.child.wait().expect("the child is ours");
        (status.code().unwrap_or(-1), std::mem::take(&mut self.seen))
    }

    fn report(&self) -> String {
        self.context.report("on a terminal", &self.seen, "")
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            kill_hard(self.child.id());
            let _reaped = self.child.wait();
        }
    }
}

fn winsize((columns, rows): (u16, u16)) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}
