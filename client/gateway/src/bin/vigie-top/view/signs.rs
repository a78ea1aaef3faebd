//! Bars and curves made of characters.

use std::collections::VecDeque;

use ratatui::style::Style;
use ratatui::text::Span;

const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar of so many columns: heavy as far as it is done, thin beyond, so that it needs no colour.
pub(crate) fn bar(part: u64, whole: u64, columns: usize, done: Style, to_go: Style) -> [Span<'static>; 2] {
    let filled = match whole {
        0 => 0,
        _ => usize::try_from(u128::from(part.min(whole)) * columns as u128 / u128::from(whole)).unwrap_or(columns),
    };
    [Span::styled("━".repeat(filled), done), Span::styled("─".repeat(columns - filled), to_go)]
}

/// The last values as a curve of at most so many columns, the newest on the right.
pub(crate) fn curve(values: &VecDeque<u64>, columns: usize) -> String {
    let shown = values.iter().skip(values.len().saturating_sub(columns));
    let max = shown.clone().copied().max().unwrap_or(0).max(1);
    shown.map(|value| STEPS[usize::try_from(value * 7 / max).unwrap_or(7).min(7)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_exactly_their_columns() {
        let text = |part, whole| bar(part, whole, 10, Style::new(), Style::new()).map(|span| span.content).concat();
        assert_eq!([text(0, 0), text(0, 7), text(500, 1000)], ["──────────", "──────────", "━━━━━─────"]);
        assert_eq!([text(9, 7), text(u64::MAX, u64::MAX)], ["━━━━━━━━━━", "━━━━━━━━━━"]);
    }

    #[test]
    fn curves_show_the_newest() {
        assert_eq!(curve(&VecDeque::from([9, 0, 7]), 2), "▁█");
        assert_eq!(curve(&VecDeque::from([0, 0]), 5), "▁▁");
        assert_eq!(curve(&VecDeque::new(), 5), "");
    }
}
