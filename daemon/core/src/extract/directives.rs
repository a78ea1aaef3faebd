//! Files of hardly anything but `#define NAME value`, as the registers of hardware are described: a tenth of Linux is of that kind.
//! They are read line by line, with the same facts as their tree gives, in a small part of the time. Whatever is not as plain as that
//! is left to the grammar.

use std::ops::Range;

use tree_sitter::Point;

use super::collect::Collector;
use super::scopes::ScopeKind;
use super::table::Table;
use super::trivia::{self, Lead, Span};
use super::typed::Said;
use super::words::{self, Token, Wanted};
use crate::facts::{Definition, Facts, NAME_BYTES_MAX};
use crate::kinds::{Role, SymbolKind};

/// The facts of a file of C or C++, if it has nothing but comments, macros without parameters, and `#ifdef`s around them.
pub(super) fn facts(table: &Table, source: &[u8]) -> Option<Facts> {
    let out = Collector::new(source.len(), table.locals);
    let mut file = File { table, source, out, at: 0, row: 0, open: Vec::new(), leads: vec![Lead::default()] };
    file.out.enter_scope(ScopeKind::File);
    while file.at < source.len() {
        file.line()?;
    }
    file.out.leave_scope();
    file.open.is_empty().then(|| file.out.finish(source))
}

struct File<'s, 't> {
    table: &'t Table,
    source: &'s [u8],
    out: Collector<'s>,
    /// First byte of the line to come, and its row.
    at: usize,
    row: usize,
    /// Whether each condition around it has had its `#else`.
    open: Vec<bool>,
    /// The comments before it in the file, in each condition and in each `#else`.
    leads: Vec<Lead>,
}

impl<'s> File<'s, '_> {
    /// Takes one line, or the lines of one comment; nothing if it is of another kind.
    fn line(&mut self) -> Option<()> {
        let source = self.source;
        let end = memchr::memchr(b'\n', &source[self.at..]).map_or(source.len(), |newline| self.at + newline);
        let start = after_blanks(source, self.at..end);
        match &source[start..end] {
            [] => {}
            [b'/', b'*', ..] => return self.block_comment(start),
            [b'/', b'/', rest @ ..] if !rest.contains(&b'\\') => self.comment(start..end, self.row),
            [b'#', ..] => self.directive(start, end)?,
            _ => return None,
        }
        (self.at, self.row) = (end + 1, self.row + 1);
        Some(())
    }

    fn block_comment(&mut self, start: usize) -> Option<()> {
        let end = start + 4 + memchr::memmem::find(&self.source[start + 2..], b"*/")?;
        let rest = &self.source[end..];
        let blanks = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        if !is_blank(&rest[..blanks]) {
            return None;
        }
        let last_row = self.row + memchr::memchr_iter(b'\n', &self.source[start..end]).count();
        self.comment(start..end, last_row);
        (self.at, self.row) = (end + blanks + 1, last_row + 1);
        Some(())
    }

    fn comment(&mut self, bytes: Range<usize>, last_row: usize) {
        if let Some(lead) = self.leads.last_mut() {
            lead.comment(Span {
                bytes: (bytes.start as u32, bytes.end as u32),
                rows: (self.row as u32, last_row as u32),
            });
        }
    }

    /// Takes the line of a `#` that stands at `start`.
    fn directive(&mut self, start: usize, end: usize) -> Option<()> {
        let source = self.source;
        let word = word_at(source, after_blanks(source, start + 1..end)..end);
        let name = word_at(source, after_blanks(source, word.end..end)..end);
        match &source[word] {
            b"define" => return self.define(start, name, end),
            b"ifdef" | b"ifndef" => {
                self.is_name(&name).filter(|_| ends(&source[name.end..end]))?;
                let position = words::position(self.row, name.start - self.at);
                self.forget_lead();
                self.out.refer(&source[name], Role::Read, position, None, None);
                self.open.push(false);
            }
            b"else" => {
                let had_else = self.open.last_mut().filter(|had_else| !**had_else)?;
                *had_else = true;
                ends(&source[name.start..end]).then_some(())?;
                self.forget_lead();
            }
            b"endif" => {
                let had_else = self.open.pop().filter(|_| ends(&source[name.start..end]))?;
                self.leads.truncate(self.leads.len() - 1 - usize::from(had_else));
                return Some(());
            }
            _ => return None,
        }
        self.leads.push(Lead::default());
        Some(())
    }

    fn define(&mut self, start: usize, name: Range<usize>, end: usize) -> Option<()> {
        self.is_name(&name)?;
        // The grammar wants a newline behind it.
        let line_end = self.source.get(end).map(|_| end + 1)?;
        let value = value(self.source, name.end..end)?;
        let row = self.row as u32;
        let above = self.leads.last().map(|lead| lead.above(row)).unwrap_or_default();
        let comments = &self.table.comments;
        let doc = &self.source[above.doc.0 as usize..above.doc.1 as usize];
        let definition = Definition {
            name: self.out.name(&self.source[name.clone()])?,
            kind: SymbolKind::Macro,
            declaration: false,
            position: words::position(self.row, name.start - self.at),
            start_line: row + 1,
            end_line: row + 1,
            container: None,
            signature: trivia::fold(&self.source[start..line_end], comments),
            doc: if doc.is_empty() { String::new() } else { trivia::doc_line(doc, comments) },
            of: None,
            type_text: String::new(),
            bases: Vec::new(),
            text_hash: 0,
        };
        let extent = above.first.unwrap_or(start as u32)..line_end as u32;
        self.forget_lead();
        let id = self.out.define(definition, extent, &Said::Unknown);
        let start = Point { row: self.row, column: value.start - self.at };
        let token = Token { bytes: value, start, enclosing: Some(id) };
        words::refer_to_words(&mut self.out, self.source, self.table, token, &Wanted::All);
        Some(())
    }

    fn forget_lead(&mut self) {
        if let Some(lead) = self.leads.last_mut() {
            *lead = Lead::default();
        }
    }

    fn is_name(&self, name: &Range<usize>) -> Option<()> {
        let name = &self.source[name.clone()];
        let is_name = name.first().is_some_and(|first| !first.is_ascii_digit())
            && name.len() <= NAME_BYTES_MAX
            && !words::is_keyword(self.table, name);
        is_name.then_some(())
    }
}

/// The value of a macro in what follows its name: nothing, or blanks and text without strings and continued lines.
fn value(source: &[u8], rest: Range<usize>) -> Option<Range<usize>> {
    let start = after_blanks(source, rest.clone());
    let text = &source[start..rest.end];
    let (value, comment) = match memchr::memmem::find(text, b"/*") {
        Some(comment) => text.split_at(comment),
        None => (text, &[][..]),
    };
    let is_plain =
        value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\'));
    // Something that begins with a slash is a comment or nearly one; blanks without a value are an error of the grammar's.
    let is_apart = rest.is_empty() || start > rest.start && value.first().is_some_and(|byte| *byte != b'/');
    (is_plain && is_apart && ends(comment)).then_some(start..start + value.len())
}

/// Whether nothing but a comment follows in a line.
fn ends(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    match rest {
        [b'/', b'*', comment @ ..] => {
            memchr::memmem::find(comment, b"*/").is_some_and(|end| is_blank(&comment[end + 2..]))
        }
        [b'/', b'/', comment @ ..] => !comment.contains(&b'\\'),
        _ => is_blank(rest),
    }
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

fn after_blanks(source: &[u8], line: Range<usize>) -> usize {
    let blanks = source[line.clone()].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    line.start + blanks
}

/// The ASCII word that stands at the start of a range; empty if there is none.
fn word_at(source: &[u8], range: Range<usize>) -> Range<usize> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    range.start..range.start + source[range.clone()].iter().take_while(is_part).count()
}
