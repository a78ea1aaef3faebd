//! What may be typed: the global options of `vigie` that concern it, and its own.

use std::path::PathBuf;

use clap::Parser;
use vigie_gateway::program::DaemonArgs;
use vigie_gateway::tools::OnCancel;

/// Answer an agent's questions about code: a server of the Model Context Protocol on stdin and stdout
#[derive(Debug, Parser)]
#[command(name = "vigie mcp", bin_name = "vigie mcp", version)]
#[command(
    after_help = "An agent's host starts it: {\"mcpServers\": {\"vigie\": {\"command\": \"vigie\", \"args\": [\"mcp\"]}}}. It ends \
    with its stdin. Every question names its project or is about the usual one, which is that of --project, else the client's first root, \
    else the one around the working directory."
)]
pub(crate) struct Args {
    /// What becomes of the job of an `index` call that is cancelled
    #[arg(long, value_name = "POLICY", default_value = "cancel")]
    pub(crate) on_cancel: OnCancel,
    #[command(flatten)]
    pub(crate) daemon: DaemonArgs,
    /// Root of the project that calls are about which name none
    #[arg(long, value_name = "ROOT")]
    pub(crate) project: Option<PathBuf>,
    // `vigie --json mcp` passes it on; it speaks nothing but JSON anyway.
    #[arg(long, hide = true)]
    pub(crate) json: bool,
}
