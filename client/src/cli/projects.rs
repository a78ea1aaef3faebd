//! `vigie projects`: lists the indexed projects.

use vigie_proto::{ListProjects, ProjectRow, WatchState};

use super::context::Context;
use super::exit::{CliError, Exit};
use crate::ui::output::{Colors, Reader};
use crate::ui::table::{Cell, table};
use vigie::human::{bytes, count, counted, escape};
use vigie::records;

pub(crate) fn run(context: &mut Context) -> Result<Exit, CliError> {
    let mut rows = Vec::new();
    context.client.list(&ListProjects::default(), |page| rows.extend(page.rows))?;
    let lines: Vec<Vec<u8>> = if context.global.json {
        rows.iter().map(|row| records::project(row).finish().into_bytes()).collect()
    } else if context.out.stdout_is_terminal() {
        let colors = context.out.colors();
        let cells: Vec<_> = rows.iter().map(|row| cells(row, colors)).collect();
        table(&["PROJECT", "FILES", "SYMBOLS", "GENERATION", "INDEX", "STATE", "WATCH", ""], &cells, colors)
    } else {
        rows.iter().map(|row| line(row).into_bytes()).collect()
    };
    for line in lines {
        if context.out.line(line) == Reader::Gone {
            break;
        }
    }
    if rows.is_empty() && !context.global.json {
        context.out.note("no project is indexed; `vigie index PATH` indexes one");
    }
    Ok(Exit::Done)
}

fn line(row: &ProjectRow) -> String {
    let watch = if row.watch == WatchState::NONE { String::new() } else { format!(", {}", row.watch) };
    let note = if row.note.is_empty() { String::new() } else { format!("  ({})", escape(row.note.as_bytes())) };
    format!(
        "{}  {}, {}, generation {}, index {}, {}{watch}{note}",
        escape(&row.root.0),
        counted(row.files, "file"),
        counted(row.symbols, "symbol"),
        row.generation,
        bytes(row.store_bytes),
        row.state
    )
}

/// The same for a terminal.
fn cells(row: &ProjectRow, colors: Colors) -> Vec<Cell> {
    let (watch, color) = match row.watch {
        WatchState::NONE => ("-", colors.dim),
        WatchState::WATCHED => ("watched", colors.added),
        other => (other.name(), colors.altered),
    };
    vec![
        Cell::text(colors.path, &row.root.0),
        Cell::number(count(row.files)),
        Cell::number(count(row.symbols)),
        Cell::number(row.generation.to_string()),
        Cell::number(bytes(row.store_bytes)),
        Cell::text("", row.state.name()),
        Cell::text(color, watch),
        Cell::text(colors.altered, &row.note),
    ]
}
