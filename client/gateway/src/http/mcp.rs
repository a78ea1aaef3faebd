//! The Model Context Protocol over streamable HTTP, at `/mcp`: the server that `vigie mcp` has on pipes, behind the same guard as
//! everything here, with sessions that are bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{self, Request};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use http_body_util::Full;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tokio::sync::watch;

use super::refusal::Refusal;
use super::{State, body};
use crate::daemon::Daemon;
use crate::mcp::Server;
use crate::tools::{self, OnCancel, Project};

/// Sessions of agents that are open at a time.
const SESSIONS_MAX: usize = 64;
/// A session in which nobody asks anything ends after so long.
const SESSION_IDLE_MAX: Duration = Duration::from_secs(3600);
/// Longest message, in bytes; no call needs more.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// The server of agents.
#[derive(Clone)]
pub(crate) struct Agents {
    service: StreamableHttpService<Server, LocalSessionManager>,
    sessions: Arc<LocalSessionManager>,
}

impl std::fmt::Debug for Agents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Agents")
    }
}

impl Agents {
    /// Serves until `ending`.
    pub(crate) fn new(daemon: Daemon, project: Project, mut ending: watch::Receiver<bool>) -> Agents {
        let mut sessions = LocalSessionManager::default();
        sessions.session_config.keep_alive = Some(SESSION_IDLE_MAX);
        let sessions = Arc::new(sessions);
        // Hosts and origins are the guard's.
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .with_max_request_body_bytes(MESSAGE_BYTES_MAX);
        let token = config.cancellation_token.clone();
        let is_leaving = Arc::new(AtomicBool::new(false));
        let is_ending = is_leaving.clone();
        tokio::spawn(async move {
            let _ending = ending.wait_for(|is_ending| *is_ending).await;
            // Its calls end with it, and their jobs go on.
            is_ending.store(true, Ordering::Relaxed);
            token.cancel();
        });
        let server = move || {
            let server = Server::new(daemon.clone(), project.clone(), OnCancel::default());
            Ok(server.leaving_with(is_leaving.clone()))
        };
        Agents { service: StreamableHttpService::new(server, sessions.clone(), config), sessions }
    }
}

/// Answers `/mcp`.
pub(crate) async fn mcp(extract::State(state): extract::State<State>, request: Request) -> Response {
    let (head, sent) = request.into_parts();
    let begins = head.method == Method::POST && !head.headers.contains_key("mcp-session-id");
    if begins && state.agents.sessions.sessions.read().await.len() >= SESSIONS_MAX {
        return Refusal::busy(format!("{SESSIONS_MAX} agents have sessions")).into_response();
    }
    // What is not complete in time is not begun.
    match body::read(sent, MESSAGE_BYTES_MAX, "send one message of JSON-RPC").await {
        Ok(bytes) => {
            let request = Request::from_parts(head, Full::new(bytes));
            state.agents.service.handle(request).await.map(Body::new)
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Answers `GET /mcp/tools/list`: the tools as the protocol's `tools/list` has them, for whoever wants to see them without a session.
pub(crate) async fn tools() -> Response {
    axum::Json(json!({ "tools": tools::list() })).into_response()
}
