//! What stands in each panel. An item may have several lines; the one that is selected is marked as a whole.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use vigie::human::{bytes, count, cut_start, duration_ms, escape, width};
use vigie_proto::{Bytes, Disposition, ErrorCode, JobState, Kind, ProjectRow, ProjectState, WatchState};

use super::jobs;
use super::table::{Cell, Column, Fit, Table};
use crate::palette::Palette;
use crate::state::{Panel, State, Tone, project_name};

/// The content of a panel.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The titles of its columns.
    pub(crate) head: Option<Line<'static>>,
    /// Its items.
    pub(crate) items: Vec<Vec<Line<'static>>>,
    /// What stands there if there are none.
    pub(crate) empty: String,
}

/// What a panel shows in so many columns.
pub(crate) fn listing(panel: Panel, state: &State, columns: usize, palette: &Palette) -> Listing {
    match panel {
        Panel::Projects => projects(state, columns, palette),
        Panel::Jobs => jobs::listing(state, columns, palette),
        Panel::Files => files(state, columns, palette),
        Panel::Queries => queries(state, columns, palette),
        Panel::Clients => clients(state, columns, palette),
        Panel::Events => events(state, columns, palette),
    }
}

fn table(columns: &[Column], total: usize, rows: Vec<Vec<Cell>>, empty: String, palette: &Palette) -> Listing {
    let table = Table::new(columns, total);
    let items = rows.into_iter().map(|row| vec![table.line(row)]).collect();
    Listing { head: Some(table.head(palette.dim)), items, empty }
}

fn plain(text: impl Into<String>) -> Cell {
    (text.into(), Style::new())
}

/// How long ago: `12 s`, `5 min`, `3 h`, `2 d`. Only its largest unit, so that a table of them is calm.
pub(crate) fn age(now_ms: u64, then_ms: u64) -> String {
    let seconds = now_ms.saturating_sub(then_ms) / 1000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A root as people write it: with `~` for their home.
pub(crate) fn root(state: &State, root: &Bytes) -> String {
    let rest = root.0.strip_prefix(state.home.as_slice()).filter(|_| state.home.len() > 1);
    match rest {
        Some([]) => "~".to_owned(),
        Some(rest @ [b'/', ..]) => format!("~{}", escape(rest)),
        _ => escape(&root.0),
    }
}

fn projects(state: &State, columns: usize, palette: &Palette) -> Listing {
    const COLUMNS: [Column; 8] = [
        Column::rest("PROJECT", Fit::Start),
        Column::fixed("STORE", 7, Fit::End, 50),
        Column::fixed("FOLLOWED", 8, Fit::End, 62),
        Column::fixed("FILES", 9, Fit::Right, 0),
        Column::fixed("SYMBOLS", 10, Fit::Right, 84),
        Column::fixed("GEN", 7, Fit::Right, 96),
        Column::fixed("SIZE", 8, Fit::Right, 70),
        Column::fixed("STATE", 14, Fit::End, 0),
    ];
    let rows = state.projects.iter().map(|row| project(state, row, palette)).collect();
    let cwd = cut_start(&root(state, &state.cwd), columns.saturating_sub(38).max(10));
    let empty = format!("no project is known yet; i indexes {cwd}");
    table(&COLUMNS, columns, rows, empty, palette)
}

fn project(state: &State, row: &ProjectRow, palette: &Palette) -> Vec<Cell> {
    let store = if row.state == ProjectState::OPEN { plain("open") } else { (row.state.to_string(), palette.dim) };
    let followed = match row.watch {
        WatchState::NONE => ("-".to_owned(), palette.dim),
        WatchState::WATCHED => ("watched".to_owned(), palette.good),
        WatchState::POLLED => ("polled".to_owned(), palette.warning),
        other => (other.to_string(), palette.warning),
    };
    // Of what was never indexed to the end nothing is counted yet.
    let figure = |n: u64, text: String| if n == 0 { ("-".to_owned(), palette.dim) } else { plain(text) };
    vec![
        (root(state, &row.root), palette.name),
        store,
        followed,
        figure(row.files, count(row.files)),
        figure(row.symbols, count(row.symbols)),
        figure(row.generation, count(row.generation)),
        figure(row.store_bytes, bytes(row.store_bytes)),
        standing(state, row, palette),
    ]
}

/// What a project's job does, or how old its index is.
fn standing(state: &State, row: &ProjectRow, palette: &Palette) -> Cell {
    if let Some(job) = state.jobs.active_of(&row.root) {
        let share = format!("{} %", job.permille / 10);
        return match job.state {
            JobState::RUNNING => (format!("indexing {share}"), palette.good),
            other => (format!("{other} {share}"), palette.warning),
        };
    }
    match (row.indexed_ms, row.watch) {
        (0, _) => ("not complete".to_owned(), palette.warning),
        (_, WatchState::WATCHED) => ("current".to_owned(), palette.good),
        (then, _) => plain(format!("{} old", age(state.now_ms, then))),
    }
}

/// What a panel says that has nothing to show, as far as it can be known.
fn nothing(state: &State, text: String) -> String {
    if state.no_activity {
        "the daemon is older than this program and does not tell; `vigie daemon restart` helps".to_owned()
    } else if state.is_up() {
        text
    } else {
        String::new()
    }
}

fn files(state: &State, columns: usize, palette: &Palette) -> Listing {
    const COLUMNS: [Column; 7] = [
        Column::fixed("TIME", 8, Fit::Right, 0),
        Column::fixed("WHEN", 6, Fit::Right, 0),
        Column::fixed("SIZE", 8, Fit::Right, 56),
        Column::fixed("LANGUAGE", 10, Fit::End, 76),
        Column::fixed("INDEX", 11, Fit::End, 90),
        Column::fixed("PROJECT", 14, Fit::End, 66),
        Column::rest("FILE", Fit::Start),
    ];
    let now = state.slow_now().map(|file| {
        vec![
            (duration_ms(file.elapsed_ms), palette.warning),
            ("now".to_owned(), palette.warning),
            plain(""),
            plain(""),
            plain("parsing"),
            plain(project_name(&file.project)),
            plain(escape(&file.path.0)),
        ]
    });
    let past = state.activity.slow_files.iter().map(|file| {
        let disposition = if file.disposition == Disposition::INDEXED { Style::new() } else { palette.bad };
        vec![
            plain(duration_ms(file.elapsed_us / 1000)),
            (age(state.now_ms, file.done_ms), palette.dim),
            plain(bytes(file.bytes)),
            plain(escape(file.language.as_bytes())),
            (file.disposition.to_string(), disposition),
            plain(project_name(&file.project)),
            plain(escape(&file.path.0)),
        ]
    });
    let slow = duration_ms(state.activity.slow_file_us / 1000);
    let empty = nothing(state, format!("no file took {slow} or longer"));
    table(&COLUMNS, columns, now.chain(past).collect(), empty, palette)
}

fn queries(state: &State, columns: usize, palette: &Palette) -> Listing {
    const COLUMNS: [Column; 8] = [
        Column::fixed("TIME", 8, Fit::Right, 0),
        Column::fixed("WORK", 8, Fit::Right, 56),
        Column::fixed("WHEN", 6, Fit::Right, 0),
        Column::fixed("ROWS", 8, Fit::Right, 50),
        Column::fixed("QUESTION", 14, Fit::End, 0),
        Column::fixed("ENDED", 12, Fit::End, 90),
        Column::fixed("PROJECT", 16, Fit::End, 76),
        Column::rest("CLIENT", Fit::End),
    ];
    let row = |query: &vigie_proto::SlowQuery| {
        let kind = Kind(query.kind).name().unwrap_or("unknown");
        let ended = match query.failure {
            0 => plain("answered"),
            code => (ErrorCode(code).to_string(), palette.bad),
        };
        vec![
            plain(duration_ms(query.elapsed_us / 1000)),
            plain(duration_ms(query.worked_us / 1000)),
            (age(state.now_ms, query.asked_ms), palette.dim),
            plain(count(query.rows)),
            (kind.to_owned(), palette.name),
            ended,
            plain(project_name(&query.project)),
            plain(escape(query.client.as_bytes())),
        ]
    };
    let slow = duration_ms(state.activity.slow_query_us / 1000);
    let empty = nothing(state, format!("no question took {slow} or longer"));
    table(&COLUMNS, columns, state.activity.slow_queries.iter().map(row).collect(), empty, palette)
}

fn clients(state: &State, columns: usize, palette: &Palette) -> Listing {
    const COLUMNS: [Column; 9] = [
        Column::fixed("NO", 5, Fit::Right, 60),
        Column::rest("CLIENT", Fit::End),
        Column::fixed("VERSION", 12, Fit::End, 84),
        Column::fixed("PID", 8, Fit::Right, 0),
        Column::fixed("SINCE", 6, Fit::Right, 0),
        Column::fixed("OPEN", 4, Fit::Right, 46),
        Column::fixed("ASKED", 7, Fit::Right, 56),
        Column::fixed("UNREAD", 8, Fit::Right, 66),
        Column::fixed("MISSED", 8, Fit::Right, 74),
    ];
    let row = |client: &vigie_proto::ClientRow| {
        let name = if client.name.is_empty() { "(not greeted)" } else { &client.name };
        let missed = client.resyncs + client.files_dropped;
        let or_dash =
            |n: u64, text: String| if n == 0 { ("-".to_owned(), palette.dim) } else { (text, palette.warning) };
        vec![
            (client.session.to_string(), palette.dim),
            (escape(name.as_bytes()), palette.name),
            plain(escape(client.version.as_bytes())),
            plain(if client.pid == 0 { "?".to_owned() } else { client.pid.to_string() }),
            (age(state.now_ms, client.since_ms), palette.dim),
            plain(client.requests_open.to_string()),
            plain(count(client.requests)),
            or_dash(client.queued_bytes, bytes(client.queued_bytes)),
            or_dash(missed, count(missed)),
        ]
    };
    let empty = nothing(state, "nobody is connected".to_owned());
    table(&COLUMNS, columns, state.activity.clients.iter().map(row).collect(), empty, palette)
}

fn events(state: &State, columns: usize, palette: &Palette) -> Listing {
    const COLUMNS: [Column; 3] =
        [Column::fixed("", 6, Fit::Right, 0), Column::fixed("", 16, Fit::End, 60), Column::rest("", Fit::End)];
    let table = Table::new(&COLUMNS, columns);
    let row = |entry: &crate::state::Entry| {
        let (sign, style) = match entry.tone {
            Tone::Plain => ("", Style::new()),
            Tone::Good => ("✓ ", palette.good),
            Tone::Warning => ("! ", palette.warning),
            Tone::Bad => ("✗ ", palette.bad),
        };
        let name = if entry.project.is_empty() { String::new() } else { project_name(&entry.project) };
        let text = format!("{sign}{}", entry.text);
        vec![table.line(vec![(age(state.now_ms, entry.at_ms), palette.dim), (name, palette.name), (text, style)])]
    };
    let empty =
        if state.is_up() { "nothing has happened since this screen was opened".to_owned() } else { String::new() };
    Listing { head: None, items: state.log.entries().iter().map(row).collect(), empty }
}

/// Columns that a line takes.
pub(crate) fn columns_of(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| width(&span.content)).sum()
}
