//! `vigie watch` and `vigie unwatch`: a project's tree is followed from now on, or no longer.

use std::path::Path;

use vigie::EventStream;
use vigie_proto::{Index, Status, Target, Watch, WatchState, Watched};

use super::args::{UnwatchArgs, WatchArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::follow::{self, Follow, Until};
use super::nested;
use vigie::human::{directories, escape};
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &WatchArgs) -> Result<Exit, CliError> {
    let (watched, begun) = watch(context, args.path.as_deref())?;
    let target = Target { path: watched.root.clone(), project: watched.root.clone(), ..Target::default() };
    let status = context.client.ask(&Status { target, ..Status::default() })?;
    if args.detach || status.project.is_some_and(|project| project.indexed_ms > 0) {
        return Ok(Exit::Done);
    }
    // The watch has begun a job, which this joins.
    let index = Index { path: watched.root.clone(), project: watched.root, ..Index::default() };
    let stream = EventStream::index(&context.options(), index)?;
    follow::job(context, stream, Follow { until: Until::End, own: false, files: false, aside: false, begun })
}

/// Has a tree followed, and says how it is; the second value is whether a job of it that runs now was begun by that.
pub(crate) fn watch(context: &mut Context, path: Option<&Path>) -> Result<(Watched, bool), CliError> {
    let asked = context.path_or_cwd(path);
    let watch = Watch { path: asked.clone(), project: context.project(), ..Watch::default() };
    let before = context.client.ask(&Status::default())?;
    let watched = context.client.ask(&watch)?;
    let root = escape(&watched.root.0);
    let line = match watched.state {
        _ if context.global.json => records::watched(&watched).finish(),
        WatchState::WATCHED => format!("{root}: watched, {}", directories(watched.directories)),
        state => format!("{root}: {state}, not watched"),
    };
    nested::note(context, &asked, &watched.root, "vigie watch --project");
    // It is followed whether or not somebody reads this.
    let _still = context.out.line(line);
    if !watched.note.is_empty() && !context.global.json {
        context.out.note(&watched.note);
    }
    let begun = !before.jobs.iter().any(|job| job.project == watched.root);
    Ok((watched, begun))
}

pub(crate) fn end(context: &mut Context, args: &UnwatchArgs) -> Result<Exit, CliError> {
    let path = context.path_or_cwd(args.path.as_deref());
    let watched = context.client.ask(&Watch { path, project: context.project(), end: true, ..Watch::default() })?;
    let line = match (context.global.json, watched.note.as_str()) {
        (true, _) => records::watched(&watched).finish(),
        (false, "") => format!("{}: no longer watched", escape(&watched.root.0)),
        (false, note) => note.to_owned(),
    };
    let _still = context.out.line(line);
    Ok(Exit::Done)
}
