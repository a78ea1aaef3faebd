//! The two streams of the command. Nothing else in the client writes to them. A reader that goes away is no error: writing
//! stops silently. What goes to a terminal is escaped; what goes to a pipe stays as it is,
//! save that a row keeps to one line.

use std::borrow::Cow;
use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};

use vigie::human::escape;

/// Whether the reader of stdout is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Reader {
    /// It reads.
    Listening,
    /// It closed the pipe.
    Gone,
}

/// SGR sequences, or nothing where colours are not wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Colors {
    /// A path that heads a group.
    pub(crate) path: &'static str,
    /// A line number.
    pub(crate) number: &'static str,
    /// A match, or something that went wrong.
    pub(crate) hit: &'static str,
    /// What matters less.
    pub(crate) dim: &'static str,
    /// Back to normal.
    pub(crate) reset: &'static str,
}

const COLORS: Colors =
    Colors { path: "\x1b[35m", number: "\x1b[32m", hit: "\x1b[1;31m", dim: "\x1b[2m", reset: "\x1b[0m" };
const NO_COLORS: Colors = Colors { path: "", number: "", hit: "", dim: "", reset: "" };

/// How text for stdout is to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// A person looks at it.
    pub(crate) is_terminal: bool,
    /// Its colours.
    pub(crate) colors: Colors,
}

impl Style {
    /// That of a pipe or a file.
    pub(crate) const PIPE: Style = Style { is_terminal: false, colors: NO_COLORS };

    /// Bytes of a path or a line, made safe if they go to a terminal. In a pipe only a line feed is spelled out: there a row
    /// is one line.
    pub(crate) fn safe<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.is_terminal { Cow::Owned(escape(bytes).into_bytes()) } else { on_one_line(bytes) }
    }
}

/// The streams, and what they are connected to.
#[derive(Debug)]
pub(crate) struct Output {
    stdout: BufWriter<io::Stdout>,
    style: Style,
    stderr_is_terminal: bool,
    failure: Option<io::Error>,
}

impl Output {
    /// That of this process.
    pub(crate) fn new() -> Output {
        let colors = if colors_wanted() { COLORS } else { NO_COLORS };
        let on_terminal = Style { is_terminal: true, colors };
        Output {
            stdout: BufWriter::with_capacity(64 << 10, io::stdout()),
            style: if io::stdout().is_terminal() { on_terminal } else { Style::PIPE },
            stderr_is_terminal: io::stderr().is_terminal(),
            failure: None,
        }
    }

    /// How text for stdout is to look.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    /// Whether a person looks at stdout.
    pub(crate) fn stdout_is_terminal(&self) -> bool {
        self.style.is_terminal
    }

    /// Whether a person looks at stderr.
    pub(crate) fn stderr_is_terminal(&self) -> bool {
        self.stderr_is_terminal
    }

    /// Colours for stdout.
    pub(crate) fn colors(&self) -> Colors {
        self.style.colors
    }

    /// See [`Style::safe`].
    pub(crate) fn safe<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        self.style.safe(bytes)
    }

    /// Writes to stdout.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Reader {
        if self.failure.is_none()
            && let Err(e) = self.stdout.write_all(bytes)
        {
            self.failure = Some(e);
        }
        self.reader()
    }

    /// Writes a line to stdout.
    pub(crate) fn line(&mut self, line: impl AsRef<[u8]>) -> Reader {
        let _still = self.write(line.as_ref());
        self.write(b"\n")
    }

    /// Hands everything over to the reader; a terminal or a follower of events shall not wait for a full buffer.
    pub(crate) fn flush(&mut self) -> Reader {
        if self.failure.is_none()
            && let Err(e) = self.stdout.flush()
        {
            self.failure = Some(e);
        }
        self.reader()
    }

    fn reader(&self) -> Reader {
        if self.failure.is_some() { Reader::Gone } else { Reader::Listening }
    }

    /// Ends writing: an error unless everything was written or the reader went away.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let _last = self.flush();
        match self.failure.take() {
            Some(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e),
            Some(_) | None => Ok(()),
        }
    }

    /// Says something to the person, on stderr, after what is already on stdout.
    pub(crate) fn note(&mut self, sentence: &str) {
        let _still = self.flush();
        note(sentence);
    }
}

/// A line on stderr that begins with the program's name.
pub(crate) fn note(sentence: &str) {
    stderr_line(&format!("vigie: {sentence}"));
}

/// A line on stderr, in one write so that no other output comes between it and its end. Control characters of a message, which
/// may come from a path, never reach the terminal.
pub(crate) fn stderr_line(line: &str) {
    let line = escape(line.as_bytes()) + "\n";
    // There is nowhere left to report that stderr is gone.
    let _ignored = io::stderr().lock().write_all(line.as_bytes());
}

/// Moves the cursor of the terminal on stderr.
pub(crate) fn stderr_control(sequence: &'static str) {
    let _ignored = io::stderr().lock().write_all(sequence.as_bytes());
}

/// A last line on stdout, after the command's own output has ended.
pub(crate) fn stdout_line(line: &str) {
    // Who does not read it has the exit code.
    let _ignored = writeln!(io::stdout().lock(), "{line}");
}

/// The bytes, with line feeds spelled as [`escape`] does.
fn on_one_line(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'\n') {
        return Cow::Borrowed(bytes);
    }
    let parts: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    Cow::Owned(parts.join(&b"\\u{a}"[..]))
}

/// See <https://no-color.org>.
fn colors_wanted() -> bool {
    env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Width of the terminal on stderr in columns; 80 if it does not say.
pub(crate) fn stderr_width() -> usize {
    match rustix::termios::tcgetwinsize(io::stderr()) {
        Ok(size) if size.ws_col > 0 => usize::from(size.ws_col),
        Ok(_) | Err(_) => 80,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_in_a_pipe_is_one_line_and_otherwise_raw() {
        assert_eq!(*on_one_line(b"a\x1b\xff.rs"), *b"a\x1b\xff.rs");
        assert_eq!(*on_one_line(b"a\nb\xff\n"), *b"a\\u{a}b\xff\\u{a}");
    }
}
