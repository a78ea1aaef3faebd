//! `vigie index`: indexes a project, or joins the job that does, and shows every step.

use vigie::EventStream;
use vigie_proto::{Budget, Index, JobAccepted, job_flag};

use super::args::IndexArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::follow::{self, Follow, Until};
use crate::ui::human::escape;
use crate::ui::records;

pub(crate) fn run(context: &mut Context, args: &IndexArgs) -> Result<Exit, CliError> {
    check_directories(context, args)?;
    let index = request(context, args);
    if args.detach {
        let accepted = context.client.ask(&index)?;
        print_accepted(context, &accepted);
        return Ok(Exit::Done);
    }
    let stream = EventStream::index(&context.options(), index)?;
    let follow = Follow { until: Until::End, own: args.cancel_on_exit, files: args.files, aside: false };
    follow::job(context, stream, follow)
}

fn check_directories(context: &Context, args: &IndexArgs) -> Result<(), CliError> {
    let (Some(path), Some(root)) = (&args.path, &context.global.project) else { return Ok(()) };
    Err(CliError::Usage {
        message: format!("both PATH ({}) and --project ({}) say what to index", path.display(), root.display()),
        hint: "name one of them; --project indexes just that directory".to_owned(),
    })
}

fn request(context: &Context, args: &IndexArgs) -> Index {
    let flag = |wanted: bool, flag: u16| if wanted { flag } else { 0 };
    Index {
        path: context.path_or_cwd(args.path.as_deref()),
        project: context.project(),
        flags: flag(args.force, job_flag::FORCE)
            | flag(args.detach, job_flag::DETACH)
            | flag(args.cancel_on_exit, job_flag::OWN)
            | flag(args.files, job_flag::FILES),
        budget: Budget {
            files_max: args.max_files,
            bytes_max: args.max_bytes,
            seconds_max: args.max_seconds,
            memory_bytes_max: args.max_memory,
            ..Budget::default()
        },
        ..Index::default()
    }
}

fn print_accepted(context: &mut Context, accepted: &JobAccepted) {
    let line = if context.global.json {
        records::accepted(accepted).finish()
    } else {
        let verb = if accepted.joined { "joined" } else { "started" };
        let job = accepted.job;
        format!("job {job} {verb}: {}; `vigie attach {job}` shows it", escape(&accepted.root.0))
    };
    // The job runs whether or not somebody reads this.
    let _still = context.out.line(line);
}
