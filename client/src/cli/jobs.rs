//! `vigie jobs`: lists jobs.

use vigie_proto::{JobRow, JobState, ListJobs, Stage};

use super::args::JobsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use crate::ui::output::Reader;
use crate::ui::records;
use vigie::human::{count, escape, percent};

/// The daemon keeps this many ended jobs.
const ENDED_MAX: u32 = 1000;

pub(crate) fn run(context: &mut Context, args: &JobsArgs) -> Result<Exit, CliError> {
    let ended_max = if args.all { ENDED_MAX } else { 0 };
    let mut rows = Vec::new();
    context.client.list(&ListJobs { ended_max, ..ListJobs::default() }, |page| rows.extend(page.rows))?;
    for row in &rows {
        let line = if context.global.json { records::job(row).finish() } else { line(row) };
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
    let is_under_way =
        [JobState::RUNNING, JobState::CANCELLING, JobState::INTERRUPTED, JobState::PAUSED].contains(&row.state);
    let done = if row.total == 0 { String::new() } else { format!(" {}/{}", count(row.current), count(row.total)) };
    let progress =
        if is_under_way { format!("  {} {}{done}", percent(row.permille), row.stage) } else { String::new() };
    // What a job under way is doing stands in its stage and counts already, save for what it waits for.
    let is_told = row.message.is_empty()
        || row.state == JobState::PAUSED
        || (is_under_way && row.stage != Stage::SWITCHING_PROJECTS);
    let message = if is_told { String::new() } else { format!("  {}", escape(row.message.as_bytes())) };
    format!("{:>6}  {:<11}  {}{force}{progress}{message}", row.job, row.state.name(), escape(&row.project.0))
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
