//! `POST /mcp/index/stream`: starts or joins a job and streams it, as LeIndex does. A reader that leaves does not end the job: the same
//! request joins it again, and with `Last-Event-ID` goes on where it broke off.

use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vigie::{ClientError, StreamItem, is_terminal};
use vigie_proto::{Budget, Bytes, Index, JobKind, JobRow, JobState, ListJobs, Status, Subscribe, Target, job_flag};

use super::refusal::Refusal;
use super::sse::{Cursor, Streaming, Topic, place, refused};
use super::{State, body};
use crate::daemon::Following;

/// Ended jobs among which the one that a reader saw is looked for; the daemon keeps so many.
const ENDED_MAX: u32 = 1000;

/// Longest body, in bytes: a path, and numbers.
const BODY_BYTES_MAX: usize = 64 << 10;
const HINT: &str = r#"send {"project_path": "/absolute/path", "force_reindex": false}"#;

/// What is asked for. Unknown fields are left out, as the original does.
#[derive(Debug, Deserialize)]
struct Request {
    project_path: String,
    #[serde(default)]
    force_reindex: bool,
    max_files: Option<u64>,
    max_bytes: Option<u64>,
    max_seconds: Option<u64>,
    max_memory_bytes: Option<u64>,
}

impl Request {
    fn index(&self) -> Index {
        Index {
            path: self.path(),
            flags: if self.force_reindex { job_flag::FORCE } else { 0 },
            budget: Budget {
                files_max: self.max_files.unwrap_or(0),
                bytes_max: self.max_bytes.unwrap_or(0),
                seconds_max: self.max_seconds.unwrap_or(0),
                memory_bytes_max: self.max_memory_bytes.unwrap_or(0),
                ..Budget::default()
            },
            ..Index::default()
        }
    }

    fn path(&self) -> Bytes {
        self.project_path.as_bytes().into()
    }
}

/// Answers `POST /mcp/index/stream`. What is wrong with the request itself has a status; what is wrong with the project is an event.
pub(crate) async fn stream(extract::State(state): extract::State<State>, headers: HeaderMap, body: Body) -> Response {
    match begin(&state, &headers, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn begin(state: &State, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
    let request: Request = body::json(headers, body, BODY_BYTES_MAX, HINT).await?;
    let place = place(&state.streams)?;
    let begun = match Cursor::of(headers) {
        Some(cursor) => resume(state, &request, cursor).await,
        None => start(state, &request).await,
    };
    Ok(match begun {
        Ok(Begun { following, first, resumed }) => {
            Streaming::new(Topic::Job, resumed, following, Some(first), state.ending.clone(), place).response()
        }
        Err(Not::Begun(error)) => refused(&error.into()),
        Err(Not::Left) => StatusCode::NO_CONTENT.into_response(),
    })
}

/// A stream that has begun.
struct Begun {
    following: Following,
    first: StreamItem,
    resumed: bool,
}

/// Why there is none.
enum Not {
    /// The daemon did not take it up.
    Begun(ClientError),
    /// The reader has seen the end.
    Left,
}

impl From<ClientError> for Not {
    fn from(error: ClientError) -> Not {
        Not::Begun(error)
    }
}

async fn start(state: &State, request: &Request) -> Result<Begun, Not> {
    let mut following = state.daemon.index(request.index()).await?;
    let first = first(&mut following).await?;
    Ok(Begun { following, first, resumed: false })
}

async fn first(following: &mut Following) -> Result<StreamItem, ClientError> {
    following.next().await.unwrap_or_else(|| Err(ClientError::Lost("a stream ended before it began".to_owned())))
}

/// Goes on with the job that the reader followed: the one that is at work for the project, else the last one that was. Which it was,
/// the cursor does not say.
async fn resume(state: &State, request: &Request, cursor: Cursor) -> Result<Begun, Not> {
    let target = Target { path: request.path(), ..Target::default() };
    let (root, jobs) = state
        .daemon
        .run(move |client| -> Result<_, ClientError> {
            let status = client.ask(&Status { target, ..Status::default() })?;
            let mut jobs = Vec::new();
            client.list(&ListJobs { ended_max: ENDED_MAX, ..ListJobs::default() }, |page| jobs.extend(page.rows))?;
            Ok((status.project.map(|project| project.root), jobs))
        })
        .await?;
    let job = root.and_then(|root| followed(&jobs, &root, request.force_reindex)).ok_or(Not::Left)?;
    let subscribe = Subscribe { job, epoch: cursor.epoch, seq: cursor.seq, ..Subscribe::default() };
    let mut following = state.daemon.subscribe(subscribe).await?;
    let first = first(&mut following).await?;
    match &first {
        // Of a job that ended in the reader's own epoch, what it has not seen would follow; this is all.
        StreamItem::Snapshot(snapshot) if !snapshot.reset && snapshot.jobs.iter().any(is_terminal) => Err(Not::Left),
        _ => Ok(Begun { following, first, resumed: true }),
    }
}

/// The job of a project that a reader most likely followed, of a list that begins with those that have not ended.
fn followed(jobs: &[JobRow], root: &Bytes, force: bool) -> Option<u64> {
    let of_project = || jobs.iter().filter(|row| row.project == *root && row.kind == JobKind::INDEX);
    let is_live = |row: &&JobRow| ![JobState::DONE, JobState::FAILED, JobState::CANCELLED].contains(&row.state);
    let is_alike = |row: &&JobRow| row.force == force;
    let live = of_project().filter(is_live).find(is_alike).or_else(|| of_project().find(is_live));
    live.or_else(|| of_project().find(is_alike)).or_else(|| of_project().next()).map(|row| row.job)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_job_at_work_is_followed_before_one_that_ended() {
        let row = |job, project: &str, state, force| JobRow {
            job,
            project: project.into(),
            kind: JobKind::INDEX,
            state,
            force,
            ..JobRow::default()
        };
        let jobs = [
            row(9, "/other", JobState::RUNNING, false),
            row(8, "/p", JobState::QUEUED, true),
            row(7, "/p", JobState::DONE, false),
            row(6, "/q", JobState::DONE, true),
            row(5, "/q", JobState::FAILED, false),
        ];
        let of = |root: &str, force| followed(&jobs, &root.into(), force);
        assert_eq!((of("/p", false), of("/p", true)), (Some(8), Some(8)));
        assert_eq!((of("/q", false), of("/q", true)), (Some(5), Some(6)));
        assert_eq!(of("/none", false), None);
    }

    #[test]
    fn a_request_is_the_originals_and_may_have_limits() {
        let request: Request = serde_json::from_str(
            r#"{"project_path": "/p", "force_reindex": true, "max_files": 3, "max_bytes": null, "later": {}}"#,
        )
        .unwrap();
        let index = request.index();
        assert_eq!((&index.path, index.flags, index.budget.files_max), (&"/p".into(), job_flag::FORCE, 3));
        assert_eq!(serde_json::from_str::<Request>(r#"{"project_path": "/p"}"#).unwrap().index().flags, 0);
        assert!(serde_json::from_str::<Request>(r#"{"force_reindex": true}"#).is_err());
        assert!(serde_json::from_str::<Request>(r#"{"project_path": "/p", "max_files": -1}"#).is_err());
    }
}
