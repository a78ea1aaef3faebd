//! `vigie jobs`: lists jobs.

use vigie_proto::{JobRow, JobState, ListJobs, Stage};

use super::args::JobsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use crate::ui::output::{Colors, Reader};
use crate::ui::table::{Cell, table};
use vigie::human::{count, escape, percent};
use vigie::records;

/// The daemon keeps this many ended jobs.
const ENDED_MAX: u32 = 1000;

pub(crate) fn run(context: &mut Context, args: &JobsArgs) -> Result<Exit, CliError> {
    let ended_max = if args.all { ENDED_MAX } else { 0 };
    let mut rows = Vec::new();
    context.client.list(&ListJobs { ended_max, ..ListJobs::default() }, |page| rows.extend(page.rows))?;
    let lines: Vec<Vec<u8>> = if context.global.json {
        rows.iter().map(|row| records::job(row).finish().into_bytes()).collect()
    } else if context.out.stdout_is_terminal() {
        let colors = context.out.colors();
        let cells: Vec<_> = rows.iter().map(|row| cells(row, colors)).collect();
        table(&["JOB", "STATE", "DONE", "PROJECT", ""], &cells, colors)
    } else {
        rows.iter().map(|row| line(row).into_bytes()).collect()
    };
    for line in lines {
        if context.out.line(line) == Reader::Gone {
            break;
        }
    }
    if rows.is_empty() && !context.global.json {
        context.out.note(if args.all { "there are no jobs" } else { "no job is running; --all lists ended ones" });
    }
    Ok(Exit::Done)
}

fn line(row: &JobRow) -> String {
    let force = if row.force { " (forced)" } else { "" };
    let apart = |text: String| if text.is_empty() { text } else { format!("  {text}") };
    let (progress, message) = (apart(progress(row)), apart(message(row)));
    format!("{:>6}  {:<11}  {}{force}{progress}{message}", row.job, row.state.name(), escape(&row.project.0))
}

/// The same for a terminal.
fn cells(row: &JobRow, colors: Colors) -> Vec<Cell> {
    let force = if row.force { " (forced)" } else { "" };
    let color = match row.state {
        JobState::DONE => colors.added,
        JobState::FAILED => colors.removed,
        JobState::CANCELLED | JobState::INTERRUPTED | JobState::PAUSED => colors.altered,
        _ => colors.word,
    };
    vec![
        Cell::number(row.job.to_string()),
        Cell::text(color, row.state.name()),
        Cell::text("", progress(row)),
        Cell::text(colors.path, format!("{}{force}", escape(&row.project.0))),
        Cell::text("", message(row)),
    ]
}

fn is_under_way(row: &JobRow) -> bool {
    [JobState::RUNNING, JobState::CANCELLING, JobState::INTERRUPTED, JobState::PAUSED].contains(&row.state)
}

/// How far a job under way is.
fn progress(row: &JobRow) -> String {
    let done = if row.total == 0 { String::new() } else { format!(" {}/{}", count(row.current), count(row.total)) };
    if is_under_way(row) { format!("{} {}{done}", percent(row.permille), row.stage) } else { String::new() }
}

/// What there is to be said; what a job under way is doing stands in its stage and counts already, save for what it waits for.
fn message(row: &JobRow) -> String {
    let is_told = row.state == JobState::PAUSED || (is_under_way(row) && row.stage != Stage::SWITCHING_PROJECTS);
    if is_told { String::new() } else { escape(row.message.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_jobs_show_how_far_they_are() {
        let row = JobRow {
            job: 7,
            project: "/p".into(),
            state: JobState::RUNNING,
            stage: Stage::INDEXING,
            current: 1_000,
            total: 2_000,
            permille: 600,
            message: "Parsing 1,000 of 2,000 files".to_owned(),
            ..JobRow::default()
        };
        assert_eq!(line(&row), "     7  running      /p  60.0% indexing 1,000/2,000");
        let failed = JobRow { state: JobState::FAILED, message: "disk full".to_owned(), ..row };
        assert_eq!(line(&failed), "     7  failed       /p  disk full");
    }
}
