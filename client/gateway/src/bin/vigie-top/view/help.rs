//! What the keys do, over everything else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::frame::{boxed, centred, put};
use crate::palette::Palette;

const KEYS: [(&str, &str); 14] = [
    ("Tab, ← →, h l, 1-6", "go to another panel"),
    ("↑ ↓, j k, PgUp PgDn, g G", "select"),
    ("Enter, o", "what the index holds of the project, file by file"),
    ("i", "index the project again: what has changed"),
    ("w", "watch the project, or no longer"),
    ("p", "pause the job, or have it go on"),
    ("c", "cancel the job, for everybody; asks first"),
    ("s", "start a daemon, when there is none"),
    ("/", "in the coverage: show only files with these letters"),
    ("q, Esc, Ctrl-C", "leave; jobs go on"),
    ("", ""),
    ("", "A key about a project or a job means the selected one."),
    ("", "In the panel of projects, a job is that of the project;"),
    ("", "in that of jobs, a project is that of the job."),
];

pub(crate) fn draw(buffer: &mut Buffer, area: Rect, palette: &Palette) {
    let area = centred(area, 86, KEYS.len() + 2);
    let inner = boxed(buffer, area, vec![Span::styled("Keys", palette.accent)], true, palette);
    let keys = if inner.width >= 70 { 26 } else { 16 };
    for (y, (key, what)) in (0..inner.height).zip(KEYS) {
        let line = Line::from(vec![
            Span::styled(super::table::fitted(key, keys, super::table::Fit::End), palette.accent),
            Span::raw(what),
        ]);
        put(buffer, Rect { y: inner.y + y, height: 1, ..inner }, line);
    }
}
