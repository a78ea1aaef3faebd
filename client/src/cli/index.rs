//! `vigie index`: indexes a project, or joins the job that does, and shows every step. Of files it only says that they have changed.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use vigie::{ClientError, EventStream};
use vigie_proto::{Budget, Bytes, ErrorCode, Index, JobAccepted, Refresh, Refreshed, Subscribe, job_flag};

use super::args::IndexArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::follow::{self, Follow, Until};
use super::nested;
use super::watch;
use vigie::human::{counted, escape};
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &IndexArgs) -> Result<Exit, CliError> {
    let directory = match args.paths.as_slice() {
        [] => None,
        [path] if is_directory(context, path) => Some(path.as_path()),
        paths => return refresh(context, args, paths),
    };
    if let (Some(path), Some(root)) = (directory, &context.global.project) {
        return Err(CliError::Usage {
            message: format!("both PATH ({}) and --project ({}) say what to index", path.display(), root.display()),
            hint: "name one of them; --project indexes just that directory".to_owned(),
        });
    }
    let index = request(context, args, directory);
    let begun = if args.watch {
        watch::watch(context, directory)?.1
    } else {
        nested::look(context, &index.path, "vigie index --project")?;
        false
    };
    if args.detach {
        let accepted = context.client.ask(&index)?;
        print_accepted(context, &accepted);
        return Ok(Exit::Done);
    }
    let stream = EventStream::index(&context.options(), index)?;
    let follow = Follow { until: Until::End, own: args.cancel_on_exit, files: args.files, aside: false, begun };
    follow::job(context, stream, follow)
}

fn is_directory(context: &Context, path: &Path) -> bool {
    context.cwd.join(path).is_dir()
}

fn request(context: &Context, args: &IndexArgs, directory: Option<&Path>) -> Index {
    let flag = |wanted: bool, flag: u16| if wanted { flag } else { 0 };
    Index {
        path: context.path_or_cwd(directory),
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
            workers_max: args.workers,
            ..Budget::default()
        },
        ..Index::default()
    }
}

fn print_accepted(context: &mut Context, accepted: &JobAccepted) {
    let line = if context.global.json {
        records::accepted(accepted).finish()
    } else {
        let verb = match accepted {
            JobAccepted { resumed: true, .. } => "joined, which was paused and goes on now",
            JobAccepted { joined: true, .. } => "joined",
            _ => "started",
        };
        let job = accepted.job;
        format!("job {job} {verb}: {}; `vigie attach {job}` shows it", escape(&accepted.root.0))
    };
    // The job runs whether or not somebody reads this.
    let _still = context.out.line(line);
}

/// Says that files have changed. Where a job sees to them, it is followed to its end.
fn refresh(context: &mut Context, args: &IndexArgs, paths: &[PathBuf]) -> Result<Exit, CliError> {
    check_files(context, args, paths)?;
    let files: Vec<Bytes> = paths.iter().map(|path| of_file(context, path)).collect();
    // The project is sought from where something exists.
    let first = files.first().map(|file| Path::new(OsStr::from_bytes(&file.0)));
    let existing = first.into_iter().flat_map(Path::ancestors).find(|path| path.exists());
    let target = context.target(existing.map(|path| Bytes(path.as_os_str().as_bytes().to_vec())).as_ref());
    let refreshed = match context.client.ask(&Refresh { target, files, ..Refresh::default() }) {
        Ok(refreshed) => refreshed,
        // Nothing says that this was to be a file of a project: the daemon's answer to `Index` names the path that was typed.
        Err(ClientError::Failure(failure)) if failure.code == ErrorCode::NOT_INDEXED && failure.root.is_empty() => {
            let [path] = paths else { return Err(ClientError::Failure(failure).into()) };
            context.client.ask(&request(context, args, Some(path)))?;
            return Err(ClientError::Failure(failure).into());
        }
        Err(error) => return Err(error.into()),
    };
    if refreshed.job != 0 {
        let subscribe = Subscribe { job: refreshed.job, ..Subscribe::default() };
        let stream = EventStream::subscribe(&context.options(), subscribe)?;
        return follow::job(
            context,
            stream,
            Follow { until: Until::End, own: false, files: false, aside: false, begun: false },
        );
    }
    let line = if context.global.json { Some(records::refreshed(&refreshed).finish()) } else { told(&refreshed) };
    if let Some(line) = line {
        let _still = context.out.line(line);
    }
    if !context.global.json {
        refreshed.notes.iter().for_each(|note| context.out.note(note));
    }
    Ok(exit(&refreshed))
}

/// What was named and is no part of the project was named in vain.
fn exit(refreshed: &Refreshed) -> Exit {
    // Notes besides those name what could not be read.
    if refreshed.ignored == 0 && !refreshed.notes.is_empty() {
        return Exit::Partial;
    }
    match (refreshed.ignored, refreshed.indexed + refreshed.unchanged + refreshed.removed) {
        (0, _) => Exit::Done,
        (1.., 0) => Exit::Nothing,
        (1.., 1..) => Exit::Partial,
    }
}

fn check_files(context: &Context, args: &IndexArgs, paths: &[PathBuf]) -> Result<(), CliError> {
    if let Some(directory) = paths.iter().find(|path| is_directory(context, path)) {
        return Err(CliError::Usage {
            message: format!("{} is a directory, and not the only path", directory.display()),
            hint: "index one directory at a time, or name files only".to_owned(),
        });
    }
    let is_of_job = args.force || args.detach || args.files || args.cancel_on_exit || args.watch;
    let limits = args.max_files + args.max_bytes + args.max_seconds + args.max_memory + u64::from(args.workers);
    if is_of_job || limits > 0 {
        return Err(CliError::Usage {
            message: "options of `vigie index` are about whole projects, and paths of files were given".to_owned(),
            hint: "leave the options out, or name a directory".to_owned(),
        });
    }
    Ok(())
}

/// The absolute path of a file that may be gone, itself no link: its directories are as the index knows them.
fn of_file(context: &Context, path: &Path) -> Bytes {
    let path = context.cwd.join(path);
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = context.absolute(parent);
            Bytes(Path::new(OsStr::from_bytes(&parent.0)).join(name).into_os_string().as_bytes().to_vec())
        }
        _ => context.absolute(&path),
    }
}

/// What became of the files that are part of the project, for people.
fn told(refreshed: &Refreshed) -> Option<String> {
    let parts = [(refreshed.indexed, "indexed"), (refreshed.unchanged, "unchanged"), (refreshed.removed, "removed")];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", counted(*count, "file")))
        .collect();
    (!told.is_empty()).then(|| format!("{}: {}", escape(&refreshed.root.0), told.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_files_is_said_in_words() {
        let refreshed = Refreshed { root: "/p".into(), indexed: 2, removed: 1, ignored: 1, ..Refreshed::default() };
        assert_eq!(told(&refreshed).as_deref(), Some("/p: 2 files indexed, 1 file removed"));
        assert_eq!(told(&Refreshed { ignored: 1, ..Refreshed::default() }), None);
    }

    #[test]
    fn files_that_are_no_part_of_the_project_are_told_by_the_exit_code() {
        let code = |indexed, ignored| exit(&Refreshed { indexed, ignored, ..Refreshed::default() }).code();
        assert_eq!([code(2, 0), code(0, 0), code(0, 2), code(1, 1)], [0, 0, 1, 3]);
    }
}
