//! What may be typed: the global options of `vigie` that concern it, and its own.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Parser;
use vigie_gateway::program::DaemonArgs;

/// Answer HTTP: progress of indexing as server-sent events, the tools for agents, and a page for people
#[derive(Debug, Parser)]
#[command(name = "vigie http", bin_name = "vigie http", version)]
#[command(
    after_help = "Without a token it answers this user's own programs on this machine and nobody else. With one, whoever sends \
    `Authorization: Bearer TOKEN`; people open the page as /?token=TOKEN. There is no encryption: to cross a network, put a proxy \
    that speaks TLS before it, or use `ssh -L`.\n\nThe daemon is started if none runs, now and whenever something is to be done; \
    the page alone starts none."
)]
pub(crate) struct Args {
    /// Port to listen on; 0 is any that is free
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub(crate) port: u16,
    /// Address to listen on; one that other machines can reach needs --token-file
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) bind: IpAddr,
    /// File with the token that requests must bear; it must be yours, and nobody else may read it
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Unix socket to listen on as well [default: http.sock beside the daemon's socket]
    #[arg(long, value_name = "PATH")]
    pub(crate) unix: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) daemon: DaemonArgs,
    /// Project that agents ask about unless they name another
    #[arg(long, value_name = "ROOT")]
    pub(crate) project: Option<PathBuf>,
    /// Print where it listens as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
