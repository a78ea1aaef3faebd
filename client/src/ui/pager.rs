//! A document on a terminal: held back until it is known whether it fits on the screen, and through a pager if it does not. What
//! is said besides waits for the end of the pager, whose screen it would spoil.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGINT;

use vigie::human::shown_width;

/// What a shell says when there is no such command.
const NO_SUCH_COMMAND: i32 = 127;

/// How a pager is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PagerCommand {
    /// The words of a shell.
    pub(crate) words: OsString,
    /// `LESS` is not set: `less` then ends at once if all fits (F), keeps colours (R), and leaves what was read on the screen (X).
    pub(crate) sets_less: bool,
}

/// What is written, and where it has got to.
#[derive(Debug)]
pub(crate) struct Document {
    command: PagerCommand,
    screen: (usize, usize),
    /// All of it: if there turns out to be no pager it is printed.
    text: Vec<u8>,
    /// Rows of the screen that `text` takes, and where its last line begins.
    rows: usize,
    line_start: usize,
    pager: Option<Child>,
    /// There is no such pager.
    is_missing: bool,
    notes: Vec<String>,
}

impl Document {
    /// An empty one for a screen of so many columns and rows.
    pub(crate) fn new(command: PagerCommand, screen: (usize, usize)) -> Document {
        Document {
            command,
            screen,
            text: Vec::new(),
            rows: 0,
            line_start: 0,
            pager: None,
            is_missing: false,
            notes: Vec::new(),
        }
    }

    /// Whether anything was written.
    pub(crate) fn is_begun(&self) -> bool {
        !self.text.is_empty()
    }

    /// Something to say at the end.
    pub(crate) fn note(&mut self, sentence: &str) {
        self.notes.push(sentence.to_owned());
    }

    /// Writes more. An error of the kind `BrokenPipe`: the person has left the pager.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.text.extend_from_slice(bytes);
        let written = match &mut self.pager {
            Some(Child { stdin: Some(stdin), .. }) => stdin.write_all(bytes),
            Some(_) => Err(io::ErrorKind::BrokenPipe.into()),
            None if self.is_missing => Ok(()),
            None => {
                self.count_rows();
                // The prompt that comes back after it takes a row too.
                if self.rows < self.screen.1 { Ok(()) } else { self.start() }
            }
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.has_no_pager()? => Ok(()),
            written => written,
        }
    }

    /// Whether a pager that reads no more was none: then what comes is held back too.
    fn has_no_pager(&mut self) -> io::Result<bool> {
        let Some(pager) = &mut self.pager else { return Ok(false) };
        self.is_missing = pager.wait()?.code() == Some(NO_SUCH_COMMAND);
        if self.is_missing {
            self.pager = None;
        }
        Ok(self.is_missing)
    }

    fn count_rows(&mut self) {
        while let Some(end) = self.text[self.line_start..].iter().position(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(&self.text[self.line_start..self.line_start + end]);
            self.rows += shown_width(&line).div_ceil(self.screen.0).max(1);
            self.line_start += end + 1;
        }
    }

    fn start(&mut self) -> io::Result<()> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.command.words).stdin(Stdio::piped());
        if self.command.sets_less {
            command.env("LESS", "FRX");
        }
        let mut pager = command.spawn()?;
        // Ctrl-C is the pager's from here on: without this the terminal would be left to two readers.
        let _still_ours = signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
        let written = pager.stdin.as_mut().map_or(Ok(()), |stdin| stdin.write_all(&self.text));
        self.pager = Some(pager);
        written
    }

    /// Prints what was held back, or waits until the person has left the pager. Returns what is still to be said.
    pub(crate) fn finish(mut self) -> (io::Result<()>, Vec<String>) {
        let ended = match self.pager.take() {
            None => print(&self.text),
            Some(mut pager) => {
                drop(pager.stdin.take());
                match pager.wait() {
                    Ok(status) if status.code() == Some(NO_SUCH_COMMAND) => print(&self.text),
                    Ok(_) => Ok(()),
                    Err(error) => Err(error),
                }
            }
        };
        (ended, self.notes)
    }
}

fn print(text: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text)?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_it_is_known_that_there_is_no_pager_is_kept() {
        let command = PagerCommand { words: "exit 127".into(), sets_less: false };
        let mut document = Document::new(command, (80, 2));
        // More than a pipe holds: whoever writes it hears that nobody reads.
        let line = format!("{}\n", "x".repeat(9_999));
        for _ in 0..20 {
            document.write(line.as_bytes()).expect("it is kept");
        }
        assert!(document.is_missing && document.pager.is_none());
        assert_eq!(document.text.len(), 20 * line.len());
    }

    #[test]
    fn rows_are_those_of_the_screen() {
        let command = PagerCommand { words: "exit 1".into(), sets_less: false };
        let rows = |text: &str| {
            let mut document = Document::new(command.clone(), (10, usize::MAX));
            document.write(text.as_bytes()).expect("nothing is started");
            document.rows
        };
        assert_eq!(
            [rows(""), rows("a\nb"), rows("a\n\n"), rows("0123456789\n"), rows("0123456789a\n")],
            [0, 1, 2, 1, 2]
        );
        assert_eq!(rows("\x1b[35m\x1b]8;;file://host/a\x1b\\0123456789\x1b]8;;\x1b\\\x1b[0m\n"), 1);
        assert_eq!(rows("漢字漢字漢字\n"), 2);
    }
}
