//! The program `vigied`: reads its command line and hands over to the library.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;
use vigied::config::{Arguments, Subcommand};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.subcommand {
        Some(Subcommand::Worker { prompt }) => vigied::workers::run_worker(prompt),
        Some(Subcommand::CheckConfig) => vigied::config::check(&arguments),
        Some(Subcommand::Man { dir }) => match vigied::manual::write(&dir) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _unheard =
                    writeln!(io::stderr(), "vigied: cannot write the manual page into {}: {error}", dir.display());
                ExitCode::FAILURE
            }
        },
        None => vigied::boot::run(arguments),
    }
}
