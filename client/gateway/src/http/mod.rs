//! The gateway for HTTP: LeIndex's `POST /mcp/index/stream`, and what a page needs to show the daemon and to ask it. A connection is
//! taken by `server`, which knows by `peer` whose it is; `guard` lets each request through or refuses it; behind that a file answers
//! each family of requests: `index` and `events` stream (`sse`), `asks` answers at once, `page` is the page for people. What fails
//! becomes a `refusal`.

mod peer;
mod refusal;
mod token;

mod guard;

mod body;
mod index;
mod sse;

mod activity;
mod asks;
mod events;
mod mcp;
mod page;

mod patience;
mod server;
mod unix;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{any, get, post};
use tokio::sync::{Semaphore, watch};
use vigie::Options;

use crate::daemon::Daemon;
use crate::tools::Project;
use refusal::Refusal;

pub use server::{Gateway, GatewayError, Listening};
pub use token::{Token, TokenError};

/// Streams that are open at a time.
const STREAMS_MAX: usize = 64;

/// What a gateway is told when it starts.
#[derive(Debug)]
pub struct Settings {
    /// Where it listens; port 0 is any that is free.
    pub bind: SocketAddr,
    /// What whoever comes over TCP must bear. Without, only this user's programs on this machine are answered.
    pub token: Option<Token>,
    /// The Unix socket on which it listens too.
    pub unix: UnixPlace,
    /// How the daemon is reached.
    pub options: Options,
    /// What agents ask about unless they say otherwise.
    pub project: Project,
}

/// Where a gateway's Unix socket is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnixPlace {
    /// Beside the daemon's, unless another gateway has that already.
    Beside,
    /// Here, and nowhere else.
    At(PathBuf),
}

/// What the handlers share.
#[derive(Clone, Debug)]
struct State {
    /// For whoever wants something done: it is started if none runs.
    daemon: Daemon,
    /// For whoever looks on: one that was stopped under an open page shall stay stopped.
    looking: Daemon,
    streams: Arc<Semaphore>,
    ending: watch::Receiver<bool>,
    guard: Arc<guard::Guard>,
    agents: mcp::Agents,
}

impl State {
    fn new(options: Options, project: Project, guard: guard::Guard, ending: watch::Receiver<bool>) -> State {
        let looking = Daemon::new(Options { spawn: false, ..options.clone() });
        let daemon = Daemon::new(options);
        let agents = mcp::Agents::new(daemon.clone(), project, ending.clone());
        State {
            daemon,
            looking,
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            ending,
            guard: Arc::new(guard),
            agents,
        }
    }
}

fn router(state: State) -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/health", get(asks::health))
        .route("/metrics", get(asks::metrics))
        .route("/mcp", any(mcp::mcp))
        .route("/mcp/tools/list", get(mcp::tools))
        .route("/mcp/index/stream", post(index::stream))
        .route("/mcp/events", get(events::stream))
        .route("/mcp/jobs", get(asks::jobs))
        .route("/mcp/jobs/{job}/cancel", post(asks::cancel))
        .route("/mcp/projects", get(asks::projects))
        .route("/mcp/activity", get(activity::activity))
        .route("/mcp/search", get(asks::search))
        .method_not_allowed_fallback(|| async { Refusal::method() })
        .fallback(|| async { Refusal::path() })
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(state.guard.clone(), guard::check))
        .with_state(state)
}
