//! Words where there is no tree: in files too large to parse or that a grammar failed on, and in tokens without structure.

use std::ops::Range;

use super::collect::Collector;
use super::paths::{self, Spelling};
use super::table::{Comments, Locals, Table};
use super::trivia::{comment_bytes, string_bytes};
use crate::facts::{DefinitionId, Facts, NAME_BYTES_MAX, PATH_BYTES_MAX, Position, RECEIVER_UNKNOWN};
use crate::kinds::Role;

const NOTHING: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;

/// Bytes of source for each word, less than any code has. What is denser is data, of which every name is kept but not every place:
/// a file full of single letters would take thirty times its size in memory.
const SOURCE_BYTES_PER_WORD_MIN: usize = 4;

/// Every byte's class; bytes of characters beyond ASCII count as letters until a whole word is seen.
const CLASSES: [u8; 256] = {
    let mut classes = [NOTHING; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..=0xff => LETTER,
            b'0'..=b'9' => DIGIT,
            _ => NOTHING,
        };
        byte += 1;
    }
    classes
};

/// Whether a byte can continue a word.
#[inline]
pub(super) fn is_word(byte: u8) -> bool {
    CLASSES[usize::from(byte)] != NOTHING
}

/// Whether a text is one word.
pub(super) fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|&byte| is_word(byte))
}

/// Names only: every word a reference of role `read`.
pub(super) fn lexical_facts(source: &[u8]) -> Facts {
    let mut out = Collector::new(source.len(), Locals::DECLARED);
    let references_max = source.len() / SOURCE_BYTES_PER_WORD_MIN + 1024;
    for (row, line) in source.split(|&byte| byte == b'\n').enumerate() {
        let mut refer = |word: Range<usize>| {
            let (name, position) = (&line[word.clone()], position(row, word.start));
            if out.facts.occurrences.references.len() < references_max || !out.knows(name) {
                out.refer(name, Role::Read, position, None, None);
            }
        };
        for word in words(line) {
            if line[word.clone()].is_ascii() { refer(word) } else { parts(line, word).into_iter().for_each(&mut refer) }
        }
    }
    let mut facts = out.finish(source);
    facts.lexical = true;
    facts
}

/// A part of the source without structure.
pub(super) struct Token {
    pub(super) bytes: Range<usize>,
    pub(super) start: tree_sitter::Point,
    pub(super) enclosing: Option<DefinitionId>,
}

/// Which words of a token are names.
pub(super) enum Wanted<'a> {
    /// Those outside its comments and strings.
    All,
    /// Of those, the ones for which this says so.
    If(&'a dyn Fn(&[u8], Position) -> bool),
    /// Those behind this mark, in the text of a string.
    Marked(&'a str),
}

/// Adds the words of a token as references.
pub(super) fn refer_to_words<'s>(
    out: &mut Collector<'s>,
    source: &'s [u8],
    table: &Table,
    token: Token,
    wanted: &Wanted<'_>,
) {
    let Token { bytes, start, enclosing } = token;
    let is_code = !matches!(wanted, Wanted::Marked(_));
    let (mut row, mut line) = (start.row, bytes.start - start.column.min(bytes.start));
    let mut at = bytes.start;
    while at < bytes.end {
        let rest = &source[at..bytes.end];
        let skipped = if is_code { skipped_bytes(rest, &table.comments) } else { 0 };
        if skipped > 0 {
            // It may hold newlines, which are counted below.
            let newlines = memchr::memchr_iter(b'\n', &rest[..skipped]);
            let (count, last) = newlines.fold((0, None), |(count, _), newline| (count + 1, Some(newline)));
            row += count;
            line = last.map_or(line, |newline| at + newline + 1);
            at += skipped;
            continue;
        }
        let byte = rest[0];
        if byte == b'\n' {
            (row, line) = (row + 1, at + 1);
        } else if is_word(byte) {
            let word = whole_word(source, at..at + 1);
            let name = &source[word.clone()];
            let position = position(row, word.start.saturating_sub(line));
            let is_wanted = match wanted {
                Wanted::All => true,
                Wanted::If(is_wanted) => is_wanted(name, position),
                Wanted::Marked(mark) => is_marked(&source[..word.start], mark),
            };
            if is_wanted && CLASSES[usize::from(name[0])] == LETTER && !is_keyword(table, name) {
                let (role, receiver) =
                    (role_at(source, word.end), receiver_before(source, word.start, Spelling::of(table)));
                let role = if is_code { role } else { Role::Read };
                out.refer(name, role, position, enclosing, receiver);
            }
            at = word.end;
            continue;
        }
        at += 1;
    }
}

/// How many bytes the comment or string at the start of a text takes; 0 if there is none.
fn skipped_bytes(text: &[u8], comments: &Comments) -> usize {
    let comment = comment_bytes(text, comments);
    if comment > 0 || !comments.quotes.contains(&text[0]) {
        return comment;
    }
    let quotes = [text[0]; 3];
    let long = text.strip_prefix(&quotes).and_then(|text| memchr::memmem::find(text, &quotes));
    long.map_or_else(|| string_bytes(text, text[0]), |end| end + 2 * quotes.len())
}

/// Whether a text ends with a mark that is not escaped.
fn is_marked(text: &[u8], mark: &str) -> bool {
    text.strip_suffix(mark.as_bytes()).is_some_and(|before| !before.ends_with(b"\\"))
}

/// Whether a leaf is `a*b`: two names, which Swift's grammar takes for one.
pub(super) fn is_product(leaf: &[u8]) -> bool {
    let is_between =
        |at: usize| leaf[..at].last().is_some_and(|&b| is_word(b)) && leaf.get(at + 1).is_some_and(|&b| is_word(b));
    memchr::memchr_iter(b'*', leaf).any(is_between) && leaf[0] != b'`'
}

/// A name with the letters around it that belong to it: where a grammar fails it may cut words to pieces. Too long a word stays cut.
pub(super) fn whole_word(source: &[u8], name: Range<usize>) -> Range<usize> {
    let is_part = |byte: &&u8| is_word(**byte);
    let begins = source.get(name.start).is_some_and(|&byte| is_word(byte));
    let ends = name.end > name.start && source.get(name.end - 1).is_some_and(|&byte| is_word(byte));
    let before = source.get(..name.start).unwrap_or_default().iter().rev().take(NAME_BYTES_MAX);
    let after = source.get(name.end..).unwrap_or_default().iter().take(NAME_BYTES_MAX);
    let before = if begins { before.take_while(is_part).count() } else { 0 };
    let after = if ends { after.take_while(is_part).count() } else { 0 };
    name.start - before..name.end + after
}

/// Whether a word is no name in the table's language.
pub(super) fn is_keyword(table: &Table, word: &[u8]) -> bool {
    table.keywords.iter().any(|keyword| keyword.as_bytes() == word)
}

/// What is done with the name that ends at `end`, as far as the next characters tell.
pub(super) fn role_at(source: &[u8], end: usize) -> Role {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    let rest = source.get(end..).unwrap_or_default();
    let rest = &rest[rest.iter().take_while(is_blank).take(8).count()..];
    match rest {
        [b'(', ..] | [b'!', b'(' | b'[' | b'{', ..] => Role::Call,
        _ => Role::Read,
    }
}

/// The receiver before the dot, arrow or `::` that ends at `start`, if there is one.
pub(super) fn receiver_before(source: &[u8], start: usize, spelling: Spelling) -> Option<String> {
    let before = &source[start.saturating_sub(PATH_BYTES_MAX + 2)..start];
    let separators: [&[u8]; 3] = [b"::", b"->", b"."];
    let (before, separator) =
        separators.iter().find_map(|separator| Some((before.strip_suffix(*separator)?, *separator)))?;
    Some(receiver(path_before(before), separator, spelling))
}

/// The path of plain names at the end of a text; of a long one its end.
pub(super) fn path_before(text: &[u8]) -> &[u8] {
    let last = text.iter().rev().take(PATH_BYTES_MAX);
    let path = last.take_while(|&&byte| is_word(byte) || matches!(byte, b'.' | b':' | b'\\')).count();
    &text[text.len() - path..]
}

/// What stands before a dot or another separator, as a path if it is one; where the module around is meant, with the separator.
pub(super) fn receiver(expression: &[u8], after: &[u8], spelling: Spelling) -> String {
    if after.starts_with(b"::") && expression == spelling.own_module.as_bytes() {
        return format!("{}::", spelling.own_module);
    }
    paths::path(expression, spelling).unwrap_or_else(|| RECEIVER_UNKNOWN.into())
}

/// A position from a row and a byte column, both from 0; the UTF-16 column is filled in later.
pub(super) fn position(row: usize, column: usize) -> Position {
    Position { line: row as u32 + 1, column: column as u32 + 1, column_utf16: column as u32 + 1 }
}

/// Runs of word bytes that do not begin with a digit.
fn words(text: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].iter().position(|&byte| is_word(byte))?;
            let length = text[start..].iter().position(|&byte| !is_word(byte));
            at = length.map_or(text.len(), |length| start + length);
            if CLASSES[usize::from(text[start])] == LETTER {
                return Some(start..at);
            }
        }
    })
}

/// The words in a run of word bytes that is not ASCII, by what its characters are.
fn parts(text: &[u8], word: Range<usize>) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut at = word.start;
    for chunk in text[word].utf8_chunks() {
        for character in chunk.valid().chars() {
            let end = at + character.len_utf8();
            if character.is_alphanumeric() || character == '_' {
                match parts.last_mut() {
                    Some(part) if part.end == at => part.end = end,
                    _ => parts.push(at..end),
                }
            }
            at = end;
        }
        at += chunk.invalid().len();
    }
    parts
}
