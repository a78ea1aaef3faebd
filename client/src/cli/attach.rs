//! `vigie attach`: follows a job that runs already.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use vigie::EventStream;
use vigie_proto::{JobRow, ListJobs, Subscribe};

use super::args::AttachArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::follow::{self, Follow, Until};

pub(crate) fn run(context: &mut Context, args: &AttachArgs) -> Result<Exit, CliError> {
    let job = match args.job {
        Some(job) => job,
        None => job_here(context)?,
    };
    let stream =
        EventStream::subscribe(&context.options(), Subscribe { job, files: args.files, ..Subscribe::default() })?;
    follow::job(
        context,
        stream,
        Follow { until: Until::End, own: false, files: args.files, aside: false, begun: false },
    )
}

fn job_here(context: &mut Context) -> Result<u64, CliError> {
    let mut rows = Vec::new();
    context.client.list(&ListJobs::default(), |page| rows.extend(page.rows))?;
    let at = context.target(None);
    let directory = if at.project.is_empty() { at.path } else { at.project };
    choose(&rows, Path::new(OsStr::from_bytes(&directory.0))).map(|row| row.job).ok_or_else(|| CliError::Usage {
        message: match rows.len() {
            0 => "no job is running".to_owned(),
            _ => "no job is running for this directory".to_owned(),
        },
        hint: "`vigie jobs --all` lists all jobs; `vigie attach JOB` shows one".to_owned(),
    })
}

/// The job of the nearest project at or above `directory`; elsewhere the only job there is.
fn choose<'a>(rows: &'a [JobRow], directory: &Path) -> Option<&'a JobRow> {
    let root = |row: &JobRow| Path::new(OsStr::from_bytes(&row.project.0)).to_owned();
    let here = rows.iter().filter(|row| directory.starts_with(root(row)));
    let nearest = here.max_by_key(|row| (row.project.0.len(), std::cmp::Reverse(row.job)));
    nearest.or(if let [only] = rows { Some(only) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_project_with_a_job_is_chosen() {
        let row = |job, project: &str| JobRow { job, project: project.into(), ..JobRow::default() };
        let rows = [row(1, "/a"), row(2, "/a/b"), row(3, "/a/b"), row(4, "/c")];
        let chosen = |rows: &[JobRow], directory: &str| choose(rows, Path::new(directory)).map(|row| row.job);
        assert_eq!(chosen(&rows, "/a/b/c"), Some(2));
        assert_eq!(chosen(&rows, "/a/bb"), Some(1));
        assert_eq!(chosen(&rows, "/d"), None);
        assert_eq!(chosen(&rows[3..], "/d"), Some(4));
        assert_eq!(chosen(&[], "/d"), None);
    }
}
