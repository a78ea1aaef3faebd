//! Draws the state: pure, from what is known onto a buffer. What is shown follows from the room there is.

mod coverage;
mod frame;
mod head;
mod help;
mod jobs;
mod panels;
mod signs;
mod table;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use vigie::human::escape;
use vigie_proto::{JobState, WatchState};

use crate::palette::Palette;
use crate::state::{Over, Panel, State};
use frame::{boxed, put, window};
pub(crate) use head::lines as head_lines;
pub(crate) use panels::{Listing, listing};

/// Below this the panels take turns.
const SMALL: (u16, u16) = (60, 18);
/// From this on all panels are seen at once.
const LARGE: (u16, u16) = (140, 36);

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &State, palette: &Palette) {
    let area = frame.area();
    draw_on(frame.buffer_mut(), area, state, palette);
}

fn draw_on(buffer: &mut Buffer, area: Rect, state: &State, palette: &Palette) {
    let is_small = area.width < SMALL.0 || area.height < SMALL.1;
    let (head, foot) = if is_small { (2, 1) } else { (3, 2) };
    if area.height < head + foot + 3 || area.width < 10 {
        put(buffer, area, Line::from("too small"));
        return;
    }
    let rows = |y: u16, height: u16| Rect { y: area.y + y, height, ..area };
    let inset = |area: Rect| Rect { x: area.x + 1, width: area.width - 2, ..area };
    head::draw(buffer, inset(rows(0, head)), state, palette);
    let body = rows(head, area.height - head - foot);
    match &state.over {
        Over::Coverage(coverage) => coverage::draw(buffer, body, state, coverage, palette),
        Over::Help => help::draw(buffer, body, palette),
        Over::Nothing | Over::Confirm(..) => {
            if is_small {
                panel(buffer, body, state.focus, &[], state, palette);
            } else if area.width >= LARGE.0 && area.height >= LARGE.1 {
                large(buffer, body, state, palette);
            } else {
                medium(buffer, body, state, palette);
            }
        }
    }
    status(buffer, inset(rows(area.height - foot, foot)), state, palette);
}

/// Projects, jobs, and one of the others.
fn medium(buffer: &mut Buffer, area: Rect, state: &State, palette: &Palette) {
    let lines = |panel| {
        let listing = listing(panel, state, usize::from(area.width.saturating_sub(4)), palette);
        listing.items.iter().map(Vec::len).sum::<usize>().max(1) + usize::from(listing.head.is_some()) + 2
    };
    let wanted = |panel, most: u16| u16::try_from(lines(panel)).unwrap_or(u16::MAX).min(most);
    let projects = wanted(Panel::Projects, (area.height / 3).max(5));
    let jobs = wanted(Panel::Jobs, (area.height / 3).max(6)).max(4);
    let mut y = area.y;
    let lower = area.height - projects - jobs;
    let places: [(Panel, u16, &[Panel]); 3] =
        [(Panel::Projects, projects, &[]), (Panel::Jobs, jobs, &[]), (state.lower, lower, &Panel::LOWER)];
    for (which, height, sharing) in places {
        panel(buffer, Rect { y, height, ..area }, which, sharing, state, palette);
        y += height;
    }
}

/// All of them.
fn large(buffer: &mut Buffer, area: Rect, state: &State, palette: &Palette) {
    let left = area.width * 11 / 20;
    let heights = [area.height * 2 / 5, (area.height - area.height * 2 / 5) / 2];
    let heights = [heights[0], heights[1], area.height - heights[0] - heights[1]];
    let panels = [[Panel::Projects, Panel::Jobs], [Panel::Files, Panel::Events], [Panel::Queries, Panel::Clients]];
    let mut y = area.y;
    for ([first, second], height) in panels.into_iter().zip(heights) {
        panel(buffer, Rect { y, height, width: left, ..area }, first, &[], state, palette);
        let right = Rect { x: area.x + left, y, width: area.width - left, height };
        panel(buffer, right, second, &[], state, palette);
        y += height;
    }
}

/// One panel, in a place that it may share with others.
fn panel(buffer: &mut Buffer, area: Rect, which: Panel, sharing: &[Panel], state: &State, palette: &Palette) {
    let focus = which == state.focus;
    let inner = boxed(buffer, area, title(which, sharing, state, palette), focus, palette);
    let listing = listing(which, state, usize::from(inner.width), palette);
    rows(buffer, inner, &listing, focus.then(|| state.selected(which)), palette);
}

/// A panel's name and how many rows it has, with the names of those that share its place.
fn title(which: Panel, sharing: &[Panel], state: &State, palette: &Palette) -> Vec<Span<'static>> {
    let name = |panel: Panel| {
        let style = if panel == state.focus { palette.accent } else { Style::new() };
        let text = format!("{} {}", panel.title(), state.len(panel));
        if panel == which { Span::styled(text, style) } else { Span::styled(panel.title(), palette.dim) }
    };
    let mut spans = Vec::new();
    for panel in Panel::ALL.into_iter().filter(|panel| *panel == which || sharing.contains(panel)) {
        if !spans.is_empty() {
            spans.push(Span::styled(" │ ", palette.dim));
        }
        spans.push(name(panel));
    }
    spans
}

/// The rows of a panel, so that the selected one is seen.
fn rows(buffer: &mut Buffer, area: Rect, listing: &Listing, selected: Option<usize>, palette: &Palette) {
    let bottom = area.y + area.height;
    let mut y = area.y;
    let mut line = |buffer: &mut Buffer, line: &Line<'static>, marked: bool| {
        if y < bottom {
            let row = Rect { y, height: 1, ..area };
            put(buffer, row, line.clone());
            if marked {
                buffer.set_style(row, palette.selected);
            }
            y += 1;
        }
    };
    if let Some(head) = listing.head.as_ref().filter(|_| !listing.items.is_empty()) {
        line(buffer, head, false);
    }
    if listing.items.is_empty() {
        line(buffer, &Line::styled(listing.empty.clone(), palette.dim), false);
    }
    let room = usize::from(area.height).saturating_sub(usize::from(listing.head.is_some()));
    for at in visible(listing, selected.unwrap_or(0), room) {
        for row in &listing.items[at] {
            line(buffer, row, selected == Some(at));
        }
    }
}

/// Which items are seen: by lines, since an item may have several.
fn visible(listing: &Listing, selected: usize, room: usize) -> std::ops::Range<usize> {
    let lines = |at: usize| listing.items[at].len();
    let before: usize = (0..selected.min(listing.items.len())).map(lines).sum();
    let total: usize = (0..listing.items.len()).map(lines).sum();
    let first_line = window(before, total, room).start;
    let mut skipped = 0;
    let begin = (0..listing.items.len()).find(|at| {
        let is_seen = skipped >= first_line;
        skipped += lines(*at);
        is_seen
    });
    begin.unwrap_or(0)..listing.items.len()
}

/// What was said or is asked, and what the keys do.
fn status(buffer: &mut Buffer, area: Rect, state: &State, palette: &Palette) {
    let last = Rect { y: area.y + area.height - 1, height: 1, ..area };
    let said = match (&state.over, &state.said) {
        (Over::Confirm(question, _), _) => Some(Line::from(vec![
            Span::styled(question.clone(), palette.warning),
            Span::styled("  y", palette.accent),
            Span::raw(" yes  "),
            Span::styled("n", palette.accent),
            Span::raw(" no"),
        ])),
        (_, Some(said)) if said.failed => Some(Line::styled(format!("✗ {}", said.text), palette.bad)),
        (_, Some(said)) => Some(Line::raw(said.text.clone())),
        (_, None) => state
            .remark()
            .filter(|_| area.height > 1)
            .map(|remark| Line::styled(escape(remark.as_bytes()), palette.warning)),
    };
    // With one line only, a sentence comes before the keys.
    if let Some(line) = said {
        put(buffer, Rect { height: 1, ..area }, line);
        if area.height == 1 {
            return;
        }
    }
    put(buffer, last, keys(state, usize::from(area.width), palette));
}

/// The keys that do something here, as many as fit.
fn keys(state: &State, columns: usize, palette: &Palette) -> Line<'static> {
    let is_up = state.is_up();
    let job = state.job_meant().filter(|job| is_up && job.is_active());
    let project = state.project_meant().filter(|_| is_up);
    let pause = if job.is_some_and(|job| job.state == JobState::PAUSED) { "resume" } else { "pause" };
    let watch = if project.is_some_and(|row| row.watch != WatchState::NONE) { "unwatch" } else { "watch" };
    let keys: &[(&str, &str, bool)] = match &state.over {
        Over::Coverage(coverage) if coverage.typing => &[("Enter", "keep", true), ("Esc", "all files", true)],
        Over::Coverage(_) => &[("↑↓", "select", true), ("/", "filter", true), ("Esc", "back", true)],
        Over::Help => &[("any key", "back", true)],
        Over::Confirm(..) => &[],
        Over::Nothing => &[
            ("q", "quit", true),
            ("Tab", "panel", true),
            ("s", "start daemon", !is_up),
            ("⏎", "coverage", project.is_some()),
            ("i", "index", is_up),
            ("w", watch, project.is_some()),
            ("p", pause, job.is_some()),
            ("c", "cancel", job.is_some()),
            ("?", "help", true),
        ],
    };
    let mut spans = Vec::new();
    for (key, what, _) in keys.iter().filter(|(.., is_there)| *is_there) {
        let part = vec![
            Span::raw(if spans.is_empty() { "" } else { "  " }),
            Span::styled((*key).to_owned(), palette.accent),
            Span::raw(format!(" {what}")),
        ];
        if panels::columns_of(&spans) + panels::columns_of(&part) > columns {
            break;
        }
        spans.extend(part);
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests;
