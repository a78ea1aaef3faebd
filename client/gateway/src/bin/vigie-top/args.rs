//! What may be typed: the global options of `vigie` that concern it, and its own.

use std::path::PathBuf;

use clap::Parser;
use vigie_gateway::program::DaemonArgs;

/// Watch everything that goes on in the daemon on one live screen: projects, jobs, what is slow, clients, events
#[derive(Debug, Parser)]
#[command(name = "vigie top", bin_name = "vigie top", version)]
#[command(
    after_help = "Keys: Tab and the arrows move, c cancels a job, p pauses or resumes it, w watches a project or no longer, \
    i indexes it, Enter shows its coverage, ? lists the rest. q leaves; jobs go on.\n\nThe daemon is started if none runs, but \
    only once: `vigie daemon stop` under an open screen stays in force, and s starts it again."
)]
pub(crate) struct Args {
    /// Print how things stand now as plain text, and leave
    #[arg(long)]
    pub(crate) once: bool,
    #[command(flatten)]
    pub(crate) daemon: DaemonArgs,
    /// Show only the project with this root
    #[arg(long, value_name = "ROOT")]
    pub(crate) project: Option<PathBuf>,
    // `vigie --json top` passes it on; it is answered with what programs read instead.
    #[arg(long, hide = true)]
    pub(crate) json: bool,
}
