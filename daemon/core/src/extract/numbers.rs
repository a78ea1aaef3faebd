//! Long lists of numbers, as generated tables hold them: fonts, firmware, character classes. The grammar is given their first and last
//! elements only. A number names nothing, so the facts are the same, without the tree of a hundred thousand tokens.

use std::ops::Range;

/// How far apart a list is looked for: one that holds no such stretch is no long one.
const STRIDE: usize = 1024;
/// How far behind such a place the comma is at most, from which on elements are read.
const COMMA_WITHIN: usize = 128;
/// Fewest bytes that are worth leaving out.
const BYTES_MIN: usize = 512;

/// Stretches of whole elements, each from behind a comma to behind a comma. Elements are numbers, and numbers in brackets.
pub(super) fn runs(source: &[u8]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut at = STRIDE;
    while at < source.len() {
        let near = &source[at..source.len().min(at + COMMA_WITHIN)];
        if let Some(comma) = memchr::memchr(b',', near) {
            let start = at + comma + 1;
            let end = elements_end(source, start);
            if end - start >= BYTES_MIN {
                runs.push(start..end);
                at = end;
            }
        }
        at += STRIDE;
    }
    runs
}

/// Behind the last comma of the elements that begin there.
fn elements_end(source: &[u8], start: usize) -> usize {
    let mut end = start;
    while let Some(next) = element(source, end).and_then(|element| comma(source, element)) {
        end = next;
    }
    end
}

/// Behind a number, or behind brackets with numbers in them.
fn element(source: &[u8], at: usize) -> Option<usize> {
    let start = after_blanks(source, at);
    let close = match source.get(start)? {
        b'{' => b'}',
        b'[' => b']',
        b'(' => b')',
        _ => return number(source, start),
    };
    let mut at = start + 1;
    loop {
        at = number(source, after_blanks(source, at))?;
        let next = comma(source, at);
        let end = after_blanks(source, next.unwrap_or(at));
        if source.get(end) == Some(&close) {
            return Some(end + 1);
        }
        at = next?;
    }
}

/// Behind a number in the notation of any language: `-12`, `0xffUL`, `1_000`, `.5`, `1.5e-3f`. Nothing if it may be anything else:
/// `0..n` and `1.max` name something.
fn number(source: &[u8], start: usize) -> Option<usize> {
    let mut at = start + usize::from(matches!(source.get(start), Some(b'-' | b'+')));
    let digit_of = |at: usize| source.get(at).is_some_and(u8::is_ascii_digit);
    let is_decimal = !(source.get(at) == Some(&b'0') && matches!(source.get(at + 1), Some(b'x' | b'X')));
    let is_number = digit_of(at) || source.get(at) == Some(&b'.') && digit_of(at + 1);
    if !is_number {
        return None;
    }
    let mut has_point = false;
    while let Some(byte) = source.get(at) {
        match byte {
            b'+' | b'-' if is_decimal && matches!(source[at - 1], b'e' | b'E') && digit_of(at + 1) => {}
            b'.' if !has_point && (digit_of(at + 1) || ends(source, at + 1)) => has_point = true,
            b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {}
            _ => break,
        }
        at += 1;
    }
    ends(source, at).then_some(at)
}

/// Whether an element may end before that byte.
fn ends(source: &[u8], at: usize) -> bool {
    matches!(source.get(at), Some(b',' | b'}' | b']' | b')' | b' ' | b'\t' | b'\r' | b'\n'))
}

/// Behind a comma that comes after blanks.
fn comma(source: &[u8], at: usize) -> Option<usize> {
    let at = after_blanks(source, at);
    (source.get(at) == Some(&b',')).then_some(at + 1)
}

fn after_blanks(source: &[u8], at: usize) -> usize {
    let blanks = source[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    at + blanks.count()
}
