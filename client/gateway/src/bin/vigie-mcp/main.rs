//! `vigie mcp`: the server of the Model Context Protocol on stdin and stdout, for one agent. It is a plain client of the daemon, which
//! has the index, so it is small. Stdout carries messages of the protocol and nothing else; what a person should read goes to stderr.

mod allocator;
mod args;
mod manual;
mod stdin;

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::stdio_pipes;
use vigie::Exit;
use vigie_gateway::daemon::Daemon;
use vigie_gateway::mcp::Server;
use vigie_gateway::program;
use vigie_gateway::tools::Project;

use args::Args;
use manual::MANUAL;
use stdin::Stdin;

/// What it is called where it speaks.
const NAME: &str = "vigie mcp";
/// Threads for requests to the daemon, which block; other requests wait for one of them.
const BLOCKING_MAX: usize = 4;
/// A blocking thread without work ends after so long.
const BLOCKING_KEPT: Duration = Duration::from_secs(10);
/// Their stacks: requests are decoded without recursion.
const STACK_BYTES: usize = 512 << 10;
/// Longest message that is read. No call needs more, and more would be memory.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

fn main() -> ExitCode {
    allocator::keep_small();
    let words: Vec<OsString> = std::env::args_os().collect();
    let end = match MANUAL.asked_for::<Args>(&words) {
        Some(written) => written.map_err(|e| format!("cannot write the manual page: {e}")),
        None => match program::read::<Args>(NAME, &words) {
            Ok(args) => serve(&args),
            Err(code) => return code,
        },
    };
    let exit = match end {
        Ok(()) => Exit::Done,
        Err(sentence) => {
            program::note(NAME, &sentence, "");
            Exit::Failure
        }
    };
    ExitCode::from(exit.code())
}

/// Serves until stdin ends.
fn serve(args: &Args) -> Result<(), String> {
    if io::stdin().is_terminal() {
        let sentence =
            "this waits for JSON-RPC messages on stdin, which an agent's host sends; Ctrl-D ends it, --help says more";
        program::note(NAME, sentence, "");
    }
    let server = Server::new(Daemon::new(args.daemon.options(NAME)), project(args.project.as_deref())?, args.on_cancel);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_MAX)
        .thread_keep_alive(BLOCKING_KEPT)
        .thread_stack_size(STACK_BYTES)
        .build()
        .map_err(|e| format!("cannot start: {e}"))?;
    let end = runtime.block_on(async {
        let is_leaving = server.is_leaving();
        let (stdin, stdout) = stdio_pipes();
        let stdin = Stdin::new(stdin, move || is_leaving.store(true, Ordering::Relaxed));
        let transport = AsyncRwTransport::new_server(stdin, stdout).with_max_line_length(MESSAGE_BYTES_MAX);
        let running = match server.serve(transport).await {
            Ok(running) => running,
            // Nobody said anything.
            Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(format!("the client did not begin as the protocol has it: {error}")),
        };
        running.waiting().await.map(|_| ()).map_err(|e| format!("the server broke off: {e}"))
    });
    // A request that is still under way is nobody's any more.
    runtime.shutdown_background();
    end
}

fn project(given: Option<&Path>) -> Result<Project, String> {
    let directory = std::env::current_dir().map_err(|e| format!("cannot tell the working directory: {e}"));
    Ok(match given {
        Some(root) if root.is_absolute() => Project::Root(root.to_owned()),
        Some(root) => Project::Root(directory?.join(root)),
        None => directory.map_or(Project::Unknown, Project::Around),
    })
}
