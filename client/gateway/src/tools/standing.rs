//! How things stand: `status`, and `index`, which changes it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use vigie::human::escape;
use vigie::json::Object;
use vigie::{Client, is_terminal, records};
use vigie_proto::{
    Bytes, EventType, Index, JobAccepted, ProgressEvent, Refresh, Status, StatusReply, Subscribe, Target, job_flag,
};

use super::Cancelled;
use super::answer::Answer;
use super::args::{IndexArgs, StatusArgs};
use super::ask::{self, Call};
use super::error::{Refusal, ToolError};
use crate::daemon::Following;

/// What becomes of a job when the call that waits for it is cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnCancel {
    /// It is cancelled if this call started it, and goes on if it had joined it
    #[default]
    Cancel,
    /// It goes on
    Detach,
}

pub(super) async fn status(call: &mut Call<'_>, args: &StatusArgs) -> Result<Answer, Refusal> {
    let reply = standing(call, call.target(&args.project, None)?).await?;
    Ok(answer(&reply, records::status(&reply), Vec::new()))
}

async fn standing(call: &Call<'_>, target: Target) -> Result<StatusReply, ToolError> {
    call.daemon.run(move |client| Ok::<_, ToolError>(client.ask(&Status { target, ..Status::default() })?)).await
}

/// One row, and how the project stands.
fn answer(reply: &StatusReply, row: Object, mut notes: Vec<String>) -> Answer {
    let project = reply.project.as_ref();
    notes.extend(reply.warnings.iter().cloned());
    if let Some(project) = project {
        notes.extend(project.warnings.iter().cloned());
    } else {
        notes.push("the project is not indexed: `index` does that, and so does any question".to_owned());
    }
    let root = project.map(|project| escape(&project.root.0)).unwrap_or_default();
    let text = Object::part()
        .string_or_null("root", &root)
        .raw("rows", &format!("[{}]", row.finish()))
        .number_or_null("generation", project.map(|project| project.generation))
        .string_or_null("freshness", if project.is_some() { reply.freshness.name() } else { "" })
        .strings("notes", &notes);
    Answer { text: text.finish() }
}

/// Indexes. A call that waits may be cancelled: then `policy` says what becomes of the job.
pub(super) async fn index(
    call: &mut Call<'_>,
    args: &IndexArgs,
    cancelled: Cancelled<'_>,
    policy: &(dyn Fn() -> OnCancel + Sync),
) -> Result<Answer, Refusal> {
    let target = call.target(&args.project, None)?;
    if !args.files.is_empty() {
        return refresh(call, args, target, cancelled).await;
    }
    let flags = if args.force { job_flag::FORCE } else { 0 };
    let index = Index { path: directory(&target.path), project: target.project.clone(), flags, ..Index::default() };
    if !args.wait {
        let detached = Index { flags: flags | job_flag::DETACH, ..index };
        let accepted = call.daemon.run(move |client: &mut Client| Ok::<_, ToolError>(client.ask(&detached)?)).await?;
        let reply = standing(call, target).await?;
        return Ok(answer(&reply, records::accepted(&accepted), vec![how_to_follow(&accepted)]));
    }
    let mut following = call.daemon.index(index).await.map_err(ToolError::from)?;
    let waited = wait(call, &mut following, cancelled, policy).await?;
    conclude(call, target, waited).await
}

/// A directory, since only one can be indexed: that of a file.
fn directory(path: &Bytes) -> Bytes {
    let path = Path::new(OsStr::from_bytes(&path.0));
    let directory = if path.is_file() { path.parent().unwrap_or(path) } else { path };
    Bytes(directory.as_os_str().as_bytes().to_vec())
}

fn how_to_follow(accepted: &JobAccepted) -> String {
    let verb = if accepted.joined { "joined" } else { "started" };
    format!("job {} {verb}: `status` shows how far it is, and `index` waits for it", accepted.job)
}

/// Has files looked at; where a job sees to them, it is waited for.
async fn refresh(
    call: &mut Call<'_>,
    args: &IndexArgs,
    target: Target,
    cancelled: Cancelled<'_>,
) -> Result<Answer, Refusal> {
    if args.force {
        return Err(Refusal::argument("force", "it is about whole projects, and files were given"));
    }
    let root = standing(call, target.clone()).await?.project.map(|project| project.root);
    let root = root.unwrap_or_else(|| target.path.clone()).to_text();
    let files = args.files.iter().map(|file| of_file(&root, file)).collect();
    let request = Refresh { target: target.clone(), files, ..Refresh::default() };
    let refreshed = call.daemon.run(move |client: &mut Client| Ok::<_, ToolError>(client.ask(&request)?)).await?;
    if refreshed.job == 0 || !args.wait {
        let reply = standing(call, target).await?;
        let mut notes = refreshed.notes.clone();
        if refreshed.job != 0 {
            notes.push(format!("job {} sees to these files", refreshed.job));
        }
        return Ok(answer(&reply, records::refreshed(&refreshed), notes));
    }
    let subscribe = Subscribe { job: refreshed.job, ..Subscribe::default() };
    let mut following = call.daemon.subscribe(subscribe).await.map_err(ToolError::from)?;
    let waited = wait(call, &mut following, cancelled, &|| OnCancel::Detach).await?;
    conclude(call, target, waited).await
}

/// The absolute path of a file that may be gone, itself no link: its directories are as the index knows them.
fn of_file(root: &str, file: &str) -> Bytes {
    let path = Path::new(root).join(file);
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let mut bytes = ask::absolute(parent).0;
            bytes.push(b'/');
            bytes.extend_from_slice(name.as_encoded_bytes());
            Bytes(bytes)
        }
        _ => ask::absolute(&path),
    }
}

/// How waiting for a job ended.
enum Waited {
    /// With the job.
    Ended(ProgressEvent),
    /// With the call, which was cancelled: the job goes on.
    Left(ProgressEvent),
}

async fn wait(
    call: &mut Call<'_>,
    following: &mut Following,
    mut cancelled: Cancelled<'_>,
    policy: &(dyn Fn() -> OnCancel + Sync),
) -> Result<Waited, ToolError> {
    let (mut is_ours, mut is_cancelling) = (false, false);
    let mut last = ProgressEvent::default();
    loop {
        let item = tokio::select! {
            item = following.next() => item,
            () = &mut cancelled, if !is_cancelling => {
                if !is_ours || policy() == OnCancel::Detach {
                    return Ok(Waited::Left(last));
                }
                is_cancelling = true;
                following.cancel();
                continue;
            }
        };
        let Some(item) = item.transpose()? else {
            return Err(ToolError::IndexEnded("its events ended without its end".to_owned()));
        };
        if let vigie::StreamItem::Accepted(accepted) = &item {
            is_ours = !accepted.joined && !accepted.resumed;
        }
        for event in ask::events(item) {
            call.steps.tell(&event).await;
            if is_terminal(&event) {
                return Ok(Waited::Ended(event));
            }
            last = event;
        }
    }
}

async fn conclude(call: &Call<'_>, target: Target, waited: Waited) -> Result<Answer, Refusal> {
    let (event, notes) = match waited {
        Waited::Ended(event) if event.r#type == EventType::ERROR => {
            return Err(ToolError::JobFailed(escape(event.message.as_bytes())).into());
        }
        Waited::Ended(event) if event.r#type == EventType::CANCELLED => {
            (event, vec!["the job was cancelled: what it had indexed is there".to_owned()])
        }
        Waited::Ended(event) => {
            let note = (!event.message.is_empty()).then(|| escape(event.message.as_bytes()));
            (event, note.into_iter().collect())
        }
        Waited::Left(event) => (event, vec!["the call was cancelled, and the job goes on".to_owned()]),
    };
    let reply = standing(call, target).await?;
    Ok(answer(&reply, records::progress(&event), notes))
}
