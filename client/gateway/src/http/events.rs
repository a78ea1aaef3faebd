//! `GET /mcp/events`: whatever happens in the daemon, of all projects or of one. A browser's `EventSource` reads it, and goes on where
//! it broke off.

use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vigie_proto::Subscribe;

use super::State;
use super::asks::query;
use super::refusal::Refusal;
use super::sse::{Cursor, Streaming, Topic, place};

/// Which events.
#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    /// Only those of the project in which this path lies.
    #[serde(default)]
    project: String,
}

/// Answers `GET /mcp/events`.
pub(crate) async fn stream(
    extract::State(state): extract::State<State>,
    of: Result<Query<Of>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    match begin(&state, of, &headers).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn begin(state: &State, of: Result<Query<Of>, QueryRejection>, headers: &HeaderMap) -> Result<Response, Refusal> {
    let of = query(of)?;
    let place = place(&state.streams)?;
    let cursor = Cursor::of(headers);
    let (epoch, seq) = cursor.map_or((0, 0), |cursor| (cursor.epoch, cursor.seq));
    let subscribe = Subscribe { path: of.project.as_bytes().into(), epoch, seq, ..Subscribe::default() };
    let mut following = state.looking.subscribe(subscribe).await?;
    // A path that is no project's is refused with a status, before the stream begins.
    let first = following.next().await.transpose()?;
    Ok(Streaming::new(Topic::All, cursor.is_some(), following, first, state.ending.clone(), place).response())
}
