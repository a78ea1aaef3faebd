//! What is answered at once, as one object of JSON whose parts are lines of `vigie --json`.

use std::ops::ControlFlow;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vigie::json::Object;
use vigie::{ClientError, exposition, metrics as prometheus, records};
use vigie_proto::{
    CancelJob, JobRow, ListJobs, ListProjects, Metrics, ProjectRow, QueryOptions, SearchQuery, SearchRow, Status,
    Target,
};

use super::State;
use super::refusal::{Refusal, json};

/// Ended jobs that are listed unless somebody wants more.
const ENDED: u32 = 20;
/// Answers to a search unless somebody wants more, and at most.
const ROWS: u64 = 20;
const ROWS_MAX: u64 = 200;
/// Longest time a search may take.
const SEARCH_MS_MAX: u32 = 10_000;

/// What an address asks for, behind its `?`.
pub(crate) fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Refusal> {
    query.map(|Query(query)| query).map_err(|error| Refusal::bad(error.body_text(), ""))
}

/// Answers `GET /health`: whether the daemon answers.
pub(crate) async fn health(extract::State(state): extract::State<State>) -> Result<Response, Refusal> {
    let status = state.looking.run(|client| client.ask(&Status::default())).await?;
    let daemon = Object::part()
        .string("version", &status.version)
        .number("pid", status.pid)
        .number("epoch", status.epoch)
        .number("uptime_ms", status.uptime_ms)
        .number("jobs", status.jobs.len())
        .strings("warnings", &status.warnings);
    let line = Object::line("health").string("status", "ok").string("version", env!("CARGO_PKG_VERSION"));
    Ok(json(line.object("daemon", Some(daemon))))
}

/// Answers `GET /metrics`: what the daemon counts, for Prometheus.
pub(crate) async fn metrics(extract::State(state): extract::State<State>) -> Result<Response, Refusal> {
    let reply = state.looking.run(|client| client.ask(&Metrics::default())).await?;
    Ok(([(header::CONTENT_TYPE, prometheus::CONTENT_TYPE)], exposition(&reply)).into_response())
}

/// Which jobs.
#[derive(Debug, Deserialize)]
pub(crate) struct Jobs {
    /// So many that have ended.
    ended: Option<u32>,
}

/// Answers `GET /mcp/jobs`.
pub(crate) async fn jobs(
    extract::State(state): extract::State<State>,
    of: Result<Query<Jobs>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ended_max = query(of)?.ended.unwrap_or(ENDED);
    let rows = state
        .looking
        .run(move |client| -> Result<Vec<JobRow>, ClientError> {
            let mut rows = Vec::new();
            client.list(&ListJobs { ended_max, ..ListJobs::default() }, |page| rows.extend(page.rows))?;
            Ok(rows)
        })
        .await?;
    Ok(json(Object::line("jobs").objects("jobs", rows.iter().map(records::job))))
}

/// Answers `POST /mcp/jobs/{id}/cancel`. The acknowledgement is of what is written down: the job ends even if the daemon dies now.
pub(crate) async fn cancel(
    extract::State(state): extract::State<State>,
    job: Result<Path<u64>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path(job) = job.map_err(|_| Refusal::bad("a job is named by its number", "GET /mcp/jobs lists them"))?;
    let ack = state.daemon.run(move |client| client.ask(&CancelJob { job, ..CancelJob::default() })).await?;
    Ok(json(records::cancel_ack(&ack)))
}

/// Answers `GET /mcp/projects`.
pub(crate) async fn projects(extract::State(state): extract::State<State>) -> Result<Response, Refusal> {
    let rows = state
        .looking
        .run(|client| -> Result<Vec<ProjectRow>, ClientError> {
            let mut rows = Vec::new();
            client.list(&ListProjects::default(), |page| rows.extend(page.rows))?;
            Ok(rows)
        })
        .await?;
    Ok(json(Object::line("projects").objects("projects", rows.iter().map(records::project))))
}

/// What is searched for.
#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    /// In words.
    q: String,
    /// A path in the project.
    project: String,
    /// At most so many places.
    limit: Option<u64>,
}

/// Answers `GET /mcp/search`: the places that are about what is said in words, best first.
pub(crate) async fn search(
    extract::State(state): extract::State<State>,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Search { q, project, limit } =
        query(search).map_err(|refusal| Refusal::bad(refusal.message(), "ask as ?project=/absolute/path&q=words"))?;
    let limit = limit.filter(|limit| *limit > 0).unwrap_or(ROWS).min(ROWS_MAX);
    let question = SearchQuery {
        target: Target { path: project.as_bytes().into(), ..Target::default() },
        query: q,
        options: QueryOptions { limit, deadline_ms: SEARCH_MS_MAX, ..QueryOptions::default() },
        ..SearchQuery::default()
    };
    let (rows, summary) = state
        .daemon
        .run(move |client| -> Result<_, ClientError> {
            let mut rows: Vec<SearchRow> = Vec::new();
            let summary = client.query(&question, |page| {
                rows.extend(page.rows);
                ControlFlow::Continue(())
            })?;
            Ok((rows, summary))
        })
        .await?;
    let line = Object::line("results").objects("rows", rows.iter().map(records::search_row));
    Ok(json(line.object("summary", Some(records::summary(&summary)))))
}
