//! Matches within a line. Pure functions.

use std::ops::Range;

use vigie_proto::Span;

use crate::ui::output::Style;

/// Writes a text with its matches marked; each part is made safe on its own.
pub(crate) fn mark(out: &mut Vec<u8>, style: Style, text: &[u8], spans: &[Span]) {
    let mut done = 0;
    for span in spans {
        let range = clamped(span, done, text.len());
        out.extend_from_slice(&style.safe(&text[done..range.start]));
        done = range.end;
        if !range.is_empty() {
            out.extend_from_slice(style.colors.hit.as_bytes());
            out.extend_from_slice(&style.safe(&text[range]));
            out.extend_from_slice(style.colors.reset.as_bytes());
        }
    }
    out.extend_from_slice(&style.safe(&text[done..]));
}

/// Where a name stands in a text as a whole word.
pub(crate) fn words(text: &[u8], name: &[u8]) -> Vec<Span> {
    let is_of_word = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || !b.is_ascii());
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].windows(name.len().max(1)).position(|window| window == name) {
        let (start, end) = (from + at, from + at + name.len());
        if !is_of_word(start.checked_sub(1).and_then(|before| text.get(before))) && !is_of_word(text.get(end)) {
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            spans.push(Span { start: place(start), end: place(end), ..Span::default() });
        }
        from = end;
    }
    spans
}

/// The range of a span that lies between two places, whatever the span says.
pub(crate) fn clamped(span: &Span, from: usize, to: usize) -> Range<usize> {
    let start = (span.start as usize).clamp(from, to);
    start..(span.end as usize).clamp(start, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::output::Colors;

    #[test]
    fn names_are_whole_words() {
        let found = |text: &str, name: &str| -> Vec<(u32, u32)> {
            words(text.as_bytes(), name.as_bytes()).iter().map(|span| (span.start, span.end)).collect()
        };
        assert_eq!(found("run(run_all, run)", "run"), [(0, 3), (13, 16)]);
        assert_eq!(found("rerun", "run"), []);
        assert_eq!(found("run", ""), []);
        assert_eq!(found("", "run"), []);
    }

    #[test]
    fn matches_are_marked_whatever_the_spans_say() {
        let colors = Colors { hit: "<", reset: ">", ..Colors::NONE };
        let marked = |text: &str, spans: &[(u32, u32)]| {
            let spans: Vec<_> = spans.iter().map(|&(start, end)| Span { start, end, ..Span::default() }).collect();
            let mut out = Vec::new();
            mark(&mut out, Style { colors, ..Style::PIPE }, text.as_bytes(), &spans);
            String::from_utf8(out).expect("it is text")
        };
        assert_eq!(marked("fn main() {}", &[(3, 7)]), "fn <main>() {}");
        assert_eq!(marked("aXbX", &[(1, 2), (3, 4)]), "a<X>b<X>");
        assert_eq!(marked("abc", &[]), "abc");
        assert_eq!(marked("abc", &[(0, 0)]), "abc");
        assert_eq!(marked("abc", &[(2, 99), (1, 2), (99, 100)]), "ab<c>");
    }
}
