//! The program `vigied`: reads its command line and hands over to the library.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use vigie_manual::escape::escape;
use vigie_manual::usage::{self, Unread};
use vigied::config::{Arguments, Subcommand};

/// Wrong usage.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let arguments: Arguments = match usage::read(&words) {
        Ok(arguments) => arguments,
        Err(Unread::Told(code)) => return ExitCode::from(code),
        Err(Unread::Untold(error)) => {
            say(&format!("cannot write the output: {error}"));
            return ExitCode::FAILURE;
        }
        Err(Unread::Wrong(error)) => {
            let fault = usage::explain(&error, "vigied");
            say(&fault.message);
            hint(&fault.hint());
            return ExitCode::from(USAGE);
        }
    };
    match arguments.subcommand {
        Some(Subcommand::Worker { prompt }) => vigied::workers::run_worker(prompt),
        Some(Subcommand::CheckConfig) => vigied::config::check(&arguments),
        Some(Subcommand::Man { dir }) => match vigied::manual::write(&dir) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(&format!("cannot write the manual page into {}: {error}", dir.display()));
                ExitCode::FAILURE
            }
        },
        None => vigied::boot::run(arguments),
    }
}

/// Says something on stderr.
fn say(what: &str) {
    let _unheard = writeln!(io::stderr(), "vigied: {}", escape(what.as_bytes()));
}

/// Says what to do about it.
fn hint(what: &str) {
    let _unheard = writeln!(io::stderr(), "hint: {}", escape(what.as_bytes()));
}
