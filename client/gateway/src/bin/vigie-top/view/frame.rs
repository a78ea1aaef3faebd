//! Boxes, and lines inside of them.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Widget};

use crate::palette::Palette;

/// Draws an empty box with its title and returns what is inside. A box in focus has a heavier frame, so that it needs no colour.
pub(crate) fn boxed(
    buffer: &mut Buffer,
    area: Rect,
    title: Vec<Span<'static>>,
    focus: bool,
    palette: &Palette,
) -> Rect {
    let (kind, style) = if focus { (BorderType::Thick, palette.accent) } else { (BorderType::Rounded, palette.dim) };
    let mut spans = vec![Span::raw(" ")];
    spans.extend(title);
    spans.push(Span::raw(" "));
    let block = Block::bordered().border_type(kind).border_style(style).title(Line::from(spans));
    let inner = block.inner(area);
    Clear.render(area, buffer);
    block.render(area, buffer);
    Rect { x: inner.x.saturating_add(1), width: inner.width.saturating_sub(2), ..inner }
}

/// Puts a line at the beginning of an area, as much of it as fits.
pub(crate) fn put(buffer: &mut Buffer, area: Rect, line: Line<'_>) {
    if area.intersects(buffer.area) && area.width > 0 && area.height > 0 {
        buffer.set_line(area.x, area.y, &line, area.width);
    }
}

/// Puts a line at the end of an area.
pub(crate) fn put_right(buffer: &mut Buffer, area: Rect, line: Line<'_>) {
    let width = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width);
    put(buffer, Rect { x: area.x + area.width - width, width, ..area }, line);
}

/// Which of `len` rows are seen in a height, so that the selected one is, about in the middle.
pub(crate) fn window(selected: usize, len: usize, height: usize) -> Range<usize> {
    let begin = selected.saturating_sub(height / 2).min(len.saturating_sub(height));
    begin..(begin + height).min(len)
}

/// An area in the middle of another, no larger than it.
pub(crate) fn centred(area: Rect, columns: u16, rows: usize) -> Rect {
    let (width, height) = (columns.min(area.width), u16::try_from(rows).unwrap_or(u16::MAX).min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_seen() {
        assert_eq!(window(0, 3, 10), 0..3);
        assert_eq!(window(0, 100, 10), 0..10);
        assert_eq!(window(50, 100, 10), 45..55);
        assert_eq!(window(99, 100, 10), 90..100);
        assert_eq!(window(0, 0, 10), 0..0);
        assert_eq!(window(5, 10, 0), 5..5);
    }
}
