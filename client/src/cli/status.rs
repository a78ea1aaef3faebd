//! `vigie status`: how the daemon and one project stand.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use vigie_proto::{CoverageSummary, Freshness, ProjectRow, Status, StatusReply, WatchState};

use super::args::StatusArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::nested;
use crate::ui::output::Reader;
use vigie::human::{bytes, count, counted, directories, duration_ms, escape, percent};
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &StatusArgs) -> Result<Exit, CliError> {
    if args.slow {
        return super::slow::run(context);
    }
    let asked = context.path_or_cwd(args.path.as_deref());
    let target = context.target(Some(&asked));
    let reply = context.client.ask(&Status { target, ..Status::default() })?;
    if let Some(project) = &reply.project {
        nested::note(context, &asked, &project.root, "vigie index --project");
    }
    let lines = if context.global.json {
        vec![records::status(&reply).finish()]
    } else {
        lines(&reply, &not_indexed(args.path.as_deref(), context.global.project.as_deref()))
    };
    for line in lines {
        if context.out.line(line) == Reader::Gone {
            break;
        }
    }
    Ok(Exit::Done)
}

/// What to say where there is no project, in the words of whoever asked.
fn not_indexed(path: Option<&Path>, project: Option<&Path>) -> String {
    let shown = |path: &Path| escape(path.as_os_str().as_bytes());
    match (project, path) {
        (Some(root), _) => {
            format!("{} is no indexed project; `vigie index --project {0}` indexes it", shown(root))
        }
        (None, Some(path)) if path.is_file() => format!("{} is in no indexed project", shown(path)),
        (None, Some(path)) => format!("{} is in no indexed project; `vigie index {0}` indexes it", shown(path)),
        (None, None) => "this directory is in no indexed project; `vigie index` indexes it".to_owned(),
    }
}

fn lines(reply: &StatusReply, not_indexed: &str) -> Vec<String> {
    let mut lines = vec![
        format!(
            "daemon {} (pid {}), up {}, {} of memory",
            escape(reply.version.as_bytes()),
            reply.pid,
            duration_ms(reply.uptime_ms),
            bytes(reply.memory_bytes)
        ),
        format!("  socket {}", escape(&reply.socket.0)),
        format!("  state  {}", escape(&reply.state_dir.0)),
        format!(
            "  {}, {} of {} stores open",
            counted(u64::from(reply.sessions), "session"),
            reply.stores_open,
            reply.stores_open_max
        ),
    ];
    lines.extend(reply.warnings.iter().map(|warning| format!("  warning: {}", escape(warning.as_bytes()))));
    lines.extend(reply.jobs.iter().map(|job| {
        format!("job {} {}: {}, {} {}", job.job, job.state, escape(&job.project.0), job.stage, percent(job.permille))
    }));
    match &reply.project {
        Some(project) => lines.extend(project_lines(project, reply)),
        None => lines.push(not_indexed.to_owned()),
    }
    lines
}

fn project_lines(project: &ProjectRow, reply: &StatusReply) -> Vec<String> {
    let age = match reply.freshness {
        Freshness::UNVERIFIED => format!("last walk {} ago", duration_ms(reply.age_ms)),
        _ => reply.freshness.to_string(),
    };
    let mut lines = vec![
        format!("project {}", escape(&project.root.0)),
        format!(
            "  {}, {} of source, {}, {}",
            counted(project.files, "file"),
            bytes(project.bytes),
            counted(project.symbols, "symbol"),
            counted(project.references, "reference")
        ),
        format!("  generation {}, {age}, store {}", project.generation, project.state),
        format!("  index {} in {}", bytes(project.store_bytes), escape(&project.store.0)),
        coverage_line(&reply.coverage),
    ];
    lines.extend(watch_line(project));
    lines.extend(project.warnings.iter().map(|warning| format!("  warning: {}", escape(warning.as_bytes()))));
    if !project.note.is_empty() {
        lines.push(format!("  {}", escape(project.note.as_bytes())));
    }
    lines
}

fn watch_line(project: &ProjectRow) -> Option<String> {
    match project.watch {
        WatchState::NONE => None,
        WatchState::WATCHED => Some(format!("  watched: {}", directories(project.watch_directories))),
        WatchState::POLLED => Some(format!("  polled, not watched: {}", escape(project.watch_note.as_bytes()))),
        other => Some(format!("  {other} to watch")),
    }
}

fn coverage_line(coverage: &CoverageSummary) -> String {
    let complete = if coverage.complete { "complete" } else { "not complete" };
    format!(
        "  {complete}: text of {} ({} to go), structure of {} ({} to go), {} skipped, {} failed",
        counted(coverage.text_files, "file"),
        count(coverage.text_pending),
        count(coverage.structure_files.saturating_sub(coverage.structure_pending)),
        count(coverage.structure_pending),
        count(coverage.skipped),
        count(coverage.failed)
    )
}
