//! What stands around a definition: the comment and attributes above it, the first line of its documentation, and its declaration
//! folded into one line.

use super::table::Comments;
use crate::facts::{DOC_BYTES_MAX, SIGNATURE_BYTES_MAX};

/// Bytes of a declaration looked at to fold it; the rest cannot fit anyway unless it is almost all comment.
const DECLARATION_BYTES_MAX: usize = 4096;

/// Comments and attributes directly before the node to come, all in rows from 0 and bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lead {
    doc: (u32, u32),
    /// Where the next thing must start to stand directly below.
    next_row: u32,
    /// Row of the first attribute, plus one; 0 if there is none.
    attribute_row: u32,
    /// Its first byte.
    attribute_start: u32,
}

/// Lines and documentation of a definition.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Above {
    /// Byte range of the comments above; empty if there are none.
    pub(super) doc: (u32, u32),
    /// Row of the first attribute, else of the definition.
    pub(super) start_row: u32,
    /// First byte of the comments and attributes, if there are any.
    pub(super) first: Option<u32>,
}

/// Rows from 0 and bytes a comment or attribute takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) bytes: (u32, u32),
    pub(super) rows: (u32, u32),
}

impl Lead {
    pub(super) fn is_empty(&self) -> bool {
        self.next_row == 0
    }

    /// A comment on a line of its own.
    pub(super) fn comment(&mut self, span: Span) {
        let continues = self.has_doc() && self.next_row == span.rows.0;
        self.doc = if continues { (self.doc.0, span.bytes.1) } else { span.bytes };
        self.next_row = span.rows.1 + 1;
    }

    /// An attribute or decorator.
    pub(super) fn attribute(&mut self, span: Span) {
        if self.next_row != span.rows.0 && self.next_row != span.rows.0 + 1 {
            self.doc = (0, 0);
        }
        if self.attribute_row == 0 {
            (self.attribute_row, self.attribute_start) = (span.rows.0 + 1, span.bytes.0);
        }
        self.next_row = span.rows.1 + 1;
    }

    /// What belongs to a node that starts in `row`.
    pub(super) fn above(&self, row: u32) -> Above {
        let is_adjacent = self.next_row == row || self.next_row == row + 1;
        let doc = if is_adjacent { self.doc } else { (0, 0) };
        let attribute = (self.attribute_row > 0).then_some(self.attribute_start);
        Above {
            doc,
            start_row: if self.attribute_row == 0 { row } else { self.attribute_row - 1 },
            first: attribute.into_iter().chain((doc.1 > doc.0).then_some(doc.0)).min(),
        }
    }

    fn has_doc(&self) -> bool {
        self.doc.1 > self.doc.0
    }
}

/// Whether nothing but blanks stands before `start` in its line.
pub(super) fn begins_line(source: &[u8], start: usize) -> bool {
    let before = source[..start].iter().rev().take_while(|&&byte| byte != b'\n');
    before.take(DECLARATION_BYTES_MAX).all(|&byte| byte == b' ' || byte == b'\t')
}

/// The first line of documentation that says something, without the marks of comments.
pub(super) fn doc_line(text: &[u8], comments: &Comments) -> String {
    let documents = |line: &&[u8]| comments.doc_marks.iter().any(|mark| line.starts_with(mark.as_bytes()));
    let mut inside = false;
    for line in text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
        if line.starts_with(b"/*") || line.starts_with(comments.line.as_bytes()) {
            inside = documents(&line);
        }
        let said = without_marks(line);
        if inside && !said.is_empty() && !is_directive(line) {
            return cut(String::from_utf8_lossy(said).into_owned(), DOC_BYTES_MAX);
        }
        if line.ends_with(b"*/") {
            inside = false;
        }
    }
    String::new()
}

/// The first line of a string that is documentation, without its quotes.
pub(super) fn docstring_line(text: &[u8]) -> String {
    let is_prefix = |byte: &u8| byte.is_ascii_alphabetic();
    let text = &text[text.iter().take_while(|byte| is_prefix(byte)).count()..];
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let quotes = text.iter().take_while(|byte| is_quote(byte)).count().min(3);
    let text = text.get(quotes..text.len().saturating_sub(quotes)).unwrap_or_default();
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
    cut(String::from_utf8_lossy(line).into_owned(), DOC_BYTES_MAX)
}

/// A declaration in one line: blanks folded, comments dropped, without what only opens the body.
pub(super) fn fold(declaration: &[u8], comments: &Comments) -> String {
    let declaration = &declaration[..declaration.len().min(DECLARATION_BYTES_MAX)];
    let mut folded = Folded::default();
    let mut rest = declaration;
    while let Some((&byte, after)) = rest.split_first() {
        let taken = comment_bytes(rest, comments);
        if taken > 0 {
            folded.gap(false);
            rest = &rest[taken..];
        } else if comments.quotes.contains(&byte) {
            let (string, after) = rest.split_at(string_bytes(rest, byte));
            folded.put(string);
            rest = after;
        } else if byte.is_ascii_whitespace() || rest.starts_with(b"\\\n") {
            folded.gap(byte == b'\n');
            rest = after;
        } else {
            let (run, after) = rest.split_at(run_bytes(rest, comments));
            folded.put(run);
            rest = after;
        }
        if folded.text.len() > SIGNATURE_BYTES_MAX + 3 {
            break;
        }
    }
    cut(without_opening(&String::from_utf8_lossy(&folded.text)).into(), SIGNATURE_BYTES_MAX)
}

/// Where a brace first stands outside comments and strings.
pub(super) fn brace(declaration: &[u8], comments: &Comments) -> Option<usize> {
    let mut at = 0;
    while at < declaration.len().min(DECLARATION_BYTES_MAX) {
        let rest = &declaration[at..];
        match rest[0] {
            b'{' => return Some(at),
            byte if comments.quotes.contains(&byte) => at += string_bytes(rest, byte),
            _ => at += comment_bytes(rest, comments).max(1),
        }
    }
    None
}

/// How many bytes the comment at the start of `text` takes; 0 if there is none.
pub(super) fn comment_bytes(text: &[u8], comments: &Comments) -> usize {
    let up_to_newline = || memchr::memchr(b'\n', text).unwrap_or(text.len());
    if text.starts_with(comments.line.as_bytes()) {
        up_to_newline()
    } else if comments.block && text.starts_with(b"/*") {
        memchr::memmem::find(&text[2..], b"*/").map_or(text.len(), |end| end + 4)
    } else {
        0
    }
}

/// How many bytes the string at the start of `text` takes, quotes included; only the quote if it does not end in its line.
pub(super) fn string_bytes(text: &[u8], quote: u8) -> usize {
    let mut escaped = false;
    for (at, &byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\n' if quote != b'`' => return 1,
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    1
}

/// How many bytes follow, the first included, up to what may be a blank, a string or a comment.
fn run_bytes(text: &[u8], comments: &Comments) -> usize {
    let goes_on = |byte: &&u8| {
        let may_begin_comment = comments.line.as_bytes().first() == Some(*byte) || **byte == b'\\';
        !byte.is_ascii_whitespace() && !may_begin_comment && !comments.quotes.contains(*byte)
    };
    1 + text[1..].iter().take_while(goes_on).count()
}

#[derive(Default)]
struct Folded {
    text: Vec<u8>,
    gap: bool,
    gap_has_newline: bool,
}

impl Folded {
    fn gap(&mut self, newline: bool) {
        self.gap = true;
        self.gap_has_newline |= newline;
    }

    /// A line broken after an opening or before a closing bracket is joined as if it had been written in one line.
    fn put(&mut self, bytes: &[u8]) {
        let opens = |byte: Option<&u8>| matches!(byte, Some(b'(' | b'['));
        let closes = |byte: Option<&u8>| matches!(byte, Some(b')' | b']'));
        if self.gap && !self.text.is_empty() {
            if !self.gap_has_newline {
                self.text.push(b' ');
            } else if closes(bytes.first()) {
                self.text.pop_if(|byte| *byte == b',');
            } else if !opens(self.text.last()) {
                self.text.push(b' ');
            }
        }
        (self.gap, self.gap_has_newline) = (false, false);
        self.text.extend_from_slice(bytes);
    }
}

fn without_opening(mut text: &str) -> &str {
    loop {
        text = text.trim_end();
        let openings = ["{", ":", ";", ",", "=>", "="];
        let Some(shorter) = openings.iter().find_map(|opening| text.strip_suffix(opening)) else { return text };
        text = shorter;
    }
}

fn without_marks(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"*/").unwrap_or(line);
    let is_mark = |byte: &&u8| matches!(byte, b'/' | b'*' | b'!' | b'#' | b'<' | b'-' | b'=');
    let marks = line.iter().take_while(is_mark).count();
    without_tags(line[marks..].trim_ascii())
}

/// What a line of XML documentation says: nothing if it only opens or closes an element.
fn without_tags(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(b"summary>").map_or(line, <[u8]>::trim_ascii);
    line.strip_suffix(b"</summary>").map_or(line, <[u8]>::trim_ascii)
}

/// Comments that tools read: `//go:build`, `//nolint`.
fn is_directive(line: &[u8]) -> bool {
    [&b"//go:"[..], b"//nolint", b"//export "].iter().any(|directive| line.starts_with(directive))
}

fn cut(mut text: String, bytes_max: usize) -> String {
    const ELLIPSIS: &str = "…";
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max - ELLIPSIS.len()));
        text.push_str(ELLIPSIS);
    }
    text
}
