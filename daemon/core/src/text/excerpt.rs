//! The part of a line that is shown: a line of many megabytes is cut around its first match.

use std::ops::Range;

/// Bytes shown of a line; what is longer is cut around its first match.
pub const EXCERPT_BYTES_MAX: usize = 4096;

/// The part of a line that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt<'a> {
    /// At most [`EXCERPT_BYTES_MAX`] bytes; characters are not split.
    pub text: &'a [u8],
    /// The matches within `text`, cut at its end.
    pub spans: Vec<Range<usize>>,
    /// Whether the line is longer.
    pub is_cut: bool,
}

impl<'a> Excerpt<'a> {
    /// What is shown of a line with these matches.
    pub(super) fn new(line: &'a [u8], spans: &[Range<usize>]) -> Excerpt<'a> {
        let shown = shown_range(line, spans.first());
        let inside = spans.iter().filter(|span| span.start <= shown.end && span.end >= shown.start);
        Excerpt {
            text: &line[shown.clone()],
            spans: inside
                .map(|span| span.start.max(shown.start) - shown.start..span.end.min(shown.end) - shown.start)
                .collect(),
            is_cut: shown.len() < line.len(),
        }
    }
}

/// The part of a line to show: the first match in its middle, or the match's beginning if it is long.
pub(super) fn shown_range(line: &[u8], first: Option<&Range<usize>>) -> Range<usize> {
    if line.len() <= EXCERPT_BYTES_MAX {
        return 0..line.len();
    }
    let first = first.cloned().unwrap_or(0..0);
    let before = EXCERPT_BYTES_MAX.saturating_sub(first.len()) / 2;
    let start = first.start.saturating_sub(before).min(line.len() - EXCERPT_BYTES_MAX);
    let end = start + EXCERPT_BYTES_MAX;
    let start = (start..first.start).find(|&at| is_boundary(line, at)).unwrap_or(first.start.min(end));
    let end = (start..=end).rev().take(4).find(|&at| is_boundary(line, at)).unwrap_or(end);
    start..end
}

/// Whether no UTF-8 character is split here.
fn is_boundary(line: &[u8], at: usize) -> bool {
    line.get(at).is_none_or(|byte| byte & 0xC0 != 0x80)
}
