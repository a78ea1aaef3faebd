//! The lines above the panels: who the daemon is, how much memory it has, who is there.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use vigie::human::{bytes, count, counted, duration_ms, escape};

use super::frame::{put, put_right};
use super::panels::age;
use super::signs::{bar, curve};
use crate::palette::Palette;
use crate::state::{Link, State, memory_bytes, workers_bytes};

const CURVE_COLUMNS: usize = 24;

/// Draws as many of its three lines as there is room for.
pub(crate) fn draw(buffer: &mut Buffer, area: Rect, state: &State, palette: &Palette) {
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    put(buffer, line(0), daemon(state, palette));
    if area.height < 2 {
        return;
    }
    if !state.is_up() {
        put(buffer, line(1), way_back(state, palette));
        return;
    }
    put(buffer, line(1), memory(state, usize::from(area.width), palette));
    if area.height > 2 {
        put(buffer, line(2), counts(state, palette));
    }
    if area.width >= 100 {
        put_right(buffer, line(1), rate(state, palette));
    }
}

/// The lines as they stand, for whoever looks once.
pub(crate) fn lines(state: &State, columns: usize, palette: &Palette) -> Vec<Line<'static>> {
    vec![daemon(state, palette), memory(state, columns, palette), counts(state, palette)]
}

fn daemon(state: &State, palette: &Palette) -> Line<'static> {
    let name = Span::styled("vigie top", palette.accent);
    let text = match (&state.link, &state.daemon) {
        (Link::Down { .. }, _) => Span::styled("  no daemon".to_owned(), palette.bad),
        (Link::Connecting, None) => Span::styled("  connecting …".to_owned(), palette.dim),
        (_, None) => Span::raw(""),
        (_, Some(daemon)) => {
            let uptime = state.activity.uptime_ms.max(daemon.uptime_ms);
            let version = escape(daemon.version.as_bytes());
            Span::raw(format!("  vigied {version} · pid {} · up {}", daemon.pid, short(uptime)))
        }
    };
    Line::from(vec![name, text])
}

/// A duration without tenths of a second, which would only flicker here.
fn short(ms: u64) -> String {
    if ms < 60_000 { format!("{} s", ms / 1000) } else { duration_ms(ms) }
}

fn way_back(state: &State, palette: &Palette) -> Line<'static> {
    let Link::Down { since_ms, reason } = &state.link else { return Line::default() };
    let since = age(state.now_ms, *since_ms);
    Line::from(vec![
        Span::styled(format!("gone for {since}, trying again; s starts one  "), palette.warning),
        Span::styled(reason.clone(), palette.dim),
    ])
}

fn memory(state: &State, columns: usize, palette: &Palette) -> Line<'static> {
    if state.no_activity {
        return Line::styled(
            "this daemon is older than this program: `vigie daemon restart` tells more",
            palette.warning,
        );
    }
    let (activity, used) = (&state.activity, memory_bytes(&state.activity));
    let mut spans = vec![Span::styled("memory ", palette.dim)];
    if activity.memory_bytes_max > 0 {
        let style = if used * 10 > activity.memory_bytes_max * 9 { palette.warning } else { palette.good };
        spans.extend(bar(used, activity.memory_bytes_max, (columns / 5).clamp(8, 32), style, palette.dim));
        spans.push(Span::raw(format!(" {} of {}", bytes(used), bytes(activity.memory_bytes_max))));
    } else {
        if columns >= 60 {
            spans.push(Span::styled(curve(&state.memory, 12), palette.accent));
            spans.push(Span::raw(" "));
        }
        spans.push(Span::raw(bytes(used)));
    }
    if columns >= 60 {
        let workers = activity.workers.len() as u64;
        let workers = match workers {
            0 => "no workers".to_owned(),
            n => format!("{} {}", counted(n, "worker"), bytes(workers_bytes(activity))),
        };
        spans.push(Span::styled(format!("  daemon {} · {workers}", bytes(activity.memory_bytes)), palette.dim));
    }
    Line::from(spans)
}

fn counts(state: &State, palette: &Palette) -> Line<'static> {
    let (open, watched) = state.open_and_watched();
    let waiting = u64::from(state.activity.queries_waiting);
    let jobs = state.jobs.active().count() as u64;
    Line::from(vec![
        Span::styled("projects ", palette.dim),
        Span::raw(format!("{}, {open} open, {watched} watched", count(state.projects.len() as u64))),
        Span::styled("  jobs ", palette.dim),
        Span::raw(count(jobs)),
        Span::styled("  clients ", palette.dim),
        Span::raw(count(state.activity.clients.len() as u64)),
        Span::styled("  queries waiting ", palette.dim),
        Span::styled(count(waiting), if waiting > 0 { palette.warning } else { ratatui::style::Style::new() }),
    ])
}

fn rate(state: &State, palette: &Palette) -> Line<'static> {
    let now = state.rates.back().copied().unwrap_or(0);
    Line::from(vec![
        Span::styled(curve(&state.rates, CURVE_COLUMNS), palette.accent),
        Span::raw(format!(" {:>6} ", count(now))),
        Span::styled("files/s", palette.dim),
    ])
}
