//! `vigie projects`: lists the indexed projects.

use vigie_proto::{ListProjects, ProjectRow, WatchState};

use super::context::Context;
use super::exit::{CliError, Exit};
use crate::ui::output::Reader;
use crate::ui::records;
use vigie::human::{bytes, counted, escape};

pub(crate) fn run(context: &mut Context) -> Result<Exit, CliError> {
    let mut rows = Vec::new();
    context.client.list(&ListProjects::default(), |page| rows.extend(page.rows))?;
    for row in &rows {
        let line = if context.global.json { records::project(row).finish() } else { line(row) };
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
