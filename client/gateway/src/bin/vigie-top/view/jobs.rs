//! The panel of jobs: for one that has not ended two lines, what it does and how far it is; for one that has, one line.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use vigie::human::{bytes, count, counted, cut_end, cut_start, duration_ms, escape, percent, rate, width};
use vigie_proto::{JobState, Limit};

use super::panels::{Listing, age, columns_of};
use super::signs::{bar, curve};
use crate::palette::Palette;
use crate::state::{Job, State, project_name};

/// From this on a file counts as slow, and its time is a warning.
const FILE_SLOW_MS: u64 = 2_000;
const BAR_MAX: usize = 48;
const CURVE_COLUMNS: usize = 16;

pub(crate) fn listing(state: &State, columns: usize, palette: &Palette) -> Listing {
    let item = |job: &Job| {
        if job.is_active() {
            vec![doing(job, columns, palette), progress(job, columns, palette)]
        } else {
            vec![ended(job, state.now_ms, columns, palette)]
        }
    };
    let empty = if state.is_up() { "no job has run yet; i indexes a project".to_owned() } else { String::new() };
    Listing { head: None, items: state.jobs.rows().iter().map(item).collect(), empty }
}

/// Puts parts behind one another until one does not fit.
fn fill(mut spans: Vec<Span<'static>>, parts: Vec<Span<'static>>, columns: usize) -> Line<'static> {
    let mut used = columns_of(&spans);
    for part in parts.into_iter().filter(|part| !part.content.is_empty()) {
        let gap = if used == 0 { 0 } else { 2 };
        if used + gap + width(&part.content) > columns {
            break;
        }
        used += gap + width(&part.content);
        spans.push(Span::raw(" ".repeat(gap)));
        spans.push(part);
    }
    Line::from(spans)
}

fn name(job: &Job, columns: usize, palette: &Palette) -> Vec<Span<'static>> {
    let id = format!("{:>4} ", job.id);
    let name = cut_end(&project_name(&job.project), (columns / 3).max(8));
    vec![Span::styled(id, palette.dim), Span::styled(name, palette.name)]
}

fn doing(job: &Job, columns: usize, palette: &Palette) -> Line<'static> {
    let stage = job.stage.name().replace('_', " ");
    let (what, style) = match job.state {
        JobState::RUNNING => (stage, palette.good),
        other => (format!("{other} in {stage}"), palette.warning),
    };
    let what = if job.state == JobState::QUEUED { job.state.to_string() } else { what };
    let files = match (job.current, job.total) {
        (0, 0) => String::new(),
        (current, 0) => counted(current, "file"),
        (current, total) => format!("{}/{} files", count(current), count(total)),
    };
    let some = |n: u64, text: String| if n == 0 { String::new() } else { text };
    let parts = vec![
        Span::styled(what, style),
        Span::raw(files),
        Span::raw(some(job.eta_ms, format!("ETA {}", duration_ms(job.eta_ms)))),
        Span::raw(some(job.rate_milli, rate(job.rate_milli))),
        Span::raw(some(job.bytes_rate, format!("{}/s", bytes(job.bytes_rate)))),
        Span::styled(some(job.errors, format!("{} failed", count(job.errors))), palette.bad),
    ];
    fill(name(job, columns, palette), parts, columns)
}

fn progress(job: &Job, columns: usize, palette: &Palette) -> Line<'static> {
    let share = format!(" {:>6}", percent(job.permille));
    let room = columns.saturating_sub(5 + share.len());
    let [done, to_go] = bar(
        u64::from(job.permille),
        1000,
        (room * 2 / 5).min(BAR_MAX),
        if job.state == JobState::RUNNING { palette.good } else { palette.warning },
        palette.dim,
    );
    let mut spans = vec![Span::raw("     "), done, to_go, Span::raw(share)];
    if columns >= 100 {
        spans.push(Span::raw("  "));
        spans.push(Span::styled(format!("{:>CURVE_COLUMNS$}", curve(&job.rates, CURVE_COLUMNS)), palette.accent));
    }
    let room = columns.saturating_sub(columns_of(&spans) + 2);
    let (text, style) = at_work(job, room, palette);
    if !text.is_empty() {
        spans.extend([Span::raw("  "), Span::styled(text, style)]);
    }
    Line::from(spans)
}

/// The file at work, and for how long: a slow file is told apart from a stuck display by its time, which is never cut away.
fn at_work(job: &Job, columns: usize, palette: &Palette) -> (String, Style) {
    if job.file.is_empty() {
        let text = if job.state == JobState::RUNNING { "" } else { &job.message };
        return (cut_end(&escape(text.as_bytes()), columns), palette.dim);
    }
    let time = if job.file_ms < 100 { String::new() } else { format!(" {}", duration_ms(job.file_ms)) };
    let file = cut_start(&escape(&job.file.0), columns.saturating_sub(width(&time)));
    (file + &time, if job.file_ms >= FILE_SLOW_MS { palette.warning } else { palette.dim })
}

fn ended(job: &Job, now_ms: u64, columns: usize, palette: &Palette) -> Line<'static> {
    let (sign, style) = match job.state {
        JobState::DONE => ("✓", palette.good),
        JobState::FAILED => ("✗", palette.bad),
        _ => ("!", palette.warning),
    };
    let when = format!("{} ago", age(now_ms, job.ended_ms));
    let mut parts = vec![Span::styled(format!("{sign} {}", job.state), style), Span::styled(when, palette.dim)];
    match &job.stats {
        Some(stats) if job.state == JobState::DONE => {
            let limit = if stats.limit == Limit::NONE { String::new() } else { format!("limited by {}", stats.limit) };
            let indexed = format!("{} of {} indexed", count(stats.files_indexed), counted(stats.files_seen, "file"));
            let time = format!("in {}", duration_ms(stats.elapsed_ms));
            parts.extend([Span::styled(limit, palette.warning), Span::raw(indexed), Span::raw(time)]);
        }
        _ => {
            let used = columns_of(&name(job, columns, palette)) + columns_of(&parts) + 6;
            let message = escape(job.message.as_bytes());
            let message = message.strip_prefix("Done: ").unwrap_or(&message);
            parts.push(Span::raw(cut_end(message, columns.saturating_sub(used))));
        }
    }
    fill(name(job, columns, palette), parts, columns)
}
