//! The two streams of the command. Nothing else in the client writes to them. A reader that goes away is no error: writing
//! stops silently. What goes to a terminal is escaped; what goes to a pipe stays as it is,
//! save that a row keeps to one line.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Write};

use crate::ui::pager::{Document, PagerCommand};
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
    /// A path.
    pub(crate) path: &'static str,
    /// A line number.
    pub(crate) number: &'static str,
    /// A match, or something that went wrong.
    pub(crate) hit: &'static str,
    /// What a row is about: the name of a definition.
    pub(crate) name: &'static str,
    /// A word of ours: a kind, a role, a disposition, a state.
    pub(crate) word: &'static str,
    /// What is new, or well.
    pub(crate) added: &'static str,
    /// What is gone, or failed.
    pub(crate) removed: &'static str,
    /// What is other than it was, or should be looked at.
    pub(crate) altered: &'static str,
    /// What matters less.
    pub(crate) dim: &'static str,
    /// Back to normal.
    pub(crate) reset: &'static str,
}

impl Colors {
    /// Those of `rg` where it has any.
    pub(crate) const SOME: Colors = Colors {
        path: "\x1b[35m",
        number: "\x1b[32m",
        hit: "\x1b[1;31m",
        name: "\x1b[1m",
        word: "\x1b[36m",
        added: "\x1b[32m",
        removed: "\x1b[31m",
        altered: "\x1b[33m",
        dim: "\x1b[2m",
        reset: "\x1b[0m",
    };
    /// None.
    pub(crate) const NONE: Colors = Colors {
        path: "",
        number: "",
        hit: "",
        name: "",
        word: "",
        added: "",
        removed: "",
        altered: "",
        dim: "",
        reset: "",
    };

    /// A text in one of these colours.
    pub(crate) fn paint(&self, color: &'static str, text: impl AsRef<[u8]>) -> Vec<u8> {
        let text = text.as_ref();
        if color.is_empty() || text.is_empty() {
            return text.to_vec();
        }
        [color.as_bytes(), text, self.reset.as_bytes()].concat()
    }
}

/// How text for stdout is to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// A person looks at it.
    pub(crate) is_terminal: bool,
    /// Its colours.
    pub(crate) colors: Colors,
    /// Columns of the terminal; of what is no terminal there are always enough.
    pub(crate) columns: usize,
}

impl Style {
    /// That of a pipe or a file.
    #[cfg(test)]
    pub(crate) const PIPE: Style = Style { is_terminal: false, colors: Colors::NONE, columns: usize::MAX };

    /// Bytes of a path or a line, made safe if they go to a terminal. In a pipe only a line feed is spelled out: there a row
    /// is one line.
    pub(crate) fn safe<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.is_terminal { Cow::Owned(escape(bytes).into_bytes()) } else { on_one_line(bytes) }
    }
}

/// What was settled about stdout before anything is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    /// With colours.
    pub(crate) colors: bool,
    /// The host to name in links; `None` = paths are no links.
    pub(crate) link_host: Option<Vec<u8>>,
    /// The program for what is longer than the screen.
    pub(crate) pager: Option<PagerCommand>,
}

/// The streams, and what they are connected to.
#[derive(Debug)]
pub(crate) struct Output {
    sink: Sink,
    style: Style,
    look: Look,
    stderr_is_terminal: bool,
    failure: Option<io::Error>,
}

/// Where what is written goes.
#[derive(Debug)]
enum Sink {
    Stdout(BufWriter<io::Stdout>),
    Document(Document),
}

impl Output {
    /// That of this process.
    pub(crate) fn new(look: Look) -> Output {
        let is_terminal = io::stdout().is_terminal();
        let colors = if look.colors { Colors::SOME } else { Colors::NONE };
        let columns = if is_terminal { screen().0 } else { usize::MAX };
        Output {
            sink: Sink::Stdout(BufWriter::with_capacity(64 << 10, io::stdout())),
            style: Style { is_terminal, colors, columns },
            look,
            stderr_is_terminal: io::stderr().is_terminal(),
            failure: None,
        }
    }

    /// From here on a document is written, which people read from its top: what is longer than the screen goes through the pager,
    /// if there is one. Nothing is shown before it is known how long it is, so this is not for what comes bit by bit.
    pub(crate) fn begin_document(&mut self) {
        if !self.style.is_terminal || matches!(self.sink, Sink::Document(_)) {
            return;
        }
        if let Some(pager) = self.look.pager.take()
            && self.flush() == Reader::Listening
        {
            self.sink = Sink::Document(Document::new(pager, screen()));
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

    /// A text that leads to a file where the terminal can do that. `path` is absolute.
    pub(crate) fn link(&self, path: &[u8], text: Vec<u8>) -> Vec<u8> {
        match &self.look.link_host {
            Some(host) => link(host, path, &text),
            None => text,
        }
    }

    /// Writes to stdout.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Reader {
        if self.failure.is_none()
            && let Err(e) = match &mut self.sink {
                Sink::Stdout(stdout) => stdout.write_all(bytes),
                Sink::Document(document) => document.write(bytes),
            }
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

    /// Hands everything over to the reader; a terminal or a follower of events shall not wait for a full buffer. A document comes
    /// whole.
    pub(crate) fn flush(&mut self) -> Reader {
        if self.failure.is_none()
            && let Sink::Stdout(stdout) = &mut self.sink
            && let Err(e) = stdout.flush()
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
        if let Sink::Document(document) = self.sink {
            let (ended, notes) = document.finish();
            notes.iter().for_each(|sentence| note(sentence));
            if let Err(e) = ended {
                self.failure.get_or_insert(e);
            }
        }
        match self.failure.take() {
            Some(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e),
            Some(_) | None => Ok(()),
        }
    }

    /// Says something to the person, on stderr, after what is already on stdout.
    pub(crate) fn note(&mut self, sentence: &str) {
        let _still = self.flush();
        match &mut self.sink {
            Sink::Document(document) if document.is_begun() => document.note(sentence),
            Sink::Document(_) | Sink::Stdout(_) => note(sentence),
        }
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

/// Width of the terminal on stderr in columns; 80 if it does not say.
pub(crate) fn stderr_width() -> usize {
    match rustix::termios::tcgetwinsize(io::stderr()) {
        Ok(size) if size.ws_col > 0 => usize::from(size.ws_col),
        Ok(_) | Err(_) => 80,
    }
}

/// Columns and rows of the terminal on stdout; 80 and 24 if it does not say.
fn screen() -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok().filter(|size| size.ws_col > 0 && size.ws_row > 0);
    size.map_or((80, 24), |size| (size.ws_col.into(), size.ws_row.into()))
}

/// A hyperlink to a file, as terminals understand it (OSC 8).
fn link(host: &[u8], path: &[u8], text: &[u8]) -> Vec<u8> {
    let mut out = b"\x1b]8;;file://".to_vec();
    out.extend_from_slice(host);
    for byte in path {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out.extend_from_slice(b"\x1b\\");
    out.extend_from_slice(text);
    out.extend_from_slice(b"\x1b]8;;\x1b\\");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_hold_any_path() {
        assert_eq!(link(b"h", b"/a b/\xff;\x1b.rs", b"t"), b"\x1b]8;;file://h/a%20b/%FF%3B%1B.rs\x1b\\t\x1b]8;;\x1b\\");
    }

    #[test]
    fn nothing_is_painted_without_colours() {
        assert_eq!(Colors::SOME.paint(Colors::SOME.path, "a"), b"\x1b[35ma\x1b[0m");
        assert_eq!(Colors::NONE.paint(Colors::NONE.path, "a"), b"a");
        assert_eq!(Colors::SOME.paint(Colors::SOME.path, ""), b"");
    }

    #[test]
    fn a_row_in_a_pipe_is_one_line_and_otherwise_raw() {
        assert_eq!(*on_one_line(b"a\x1b\xff.rs"), *b"a\x1b\xff.rs");
        assert_eq!(*on_one_line(b"a\nb\xff\n"), *b"a\\u{a}b\xff\\u{a}");
    }
}
