//! The program `vigied`: reads its command line and hands over to the library.

use std::process::ExitCode;

use clap::Parser;
use vigied::config::{Arguments, Subcommand};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.subcommand {
        Some(Subcommand::Worker { prompt }) => vigied::workers::run_worker(prompt),
        Some(Subcommand::CheckConfig) => vigied::config::check(&arguments),
        None => vigied::boot::run(arguments),
    }
}
