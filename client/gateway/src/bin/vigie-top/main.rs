//! `vigie top`: everything that goes on in the daemon, on one live screen. `link` talks to the daemon and turns what it says into
//! news, `state` keeps what is known, `keys` says what a key means, `view` draws it, `screen` owns the terminal, and `run` ties
//! them together. State and view are pure: time is part of the state.

mod args;
mod manual;
mod news;

mod keys;
mod state;

mod palette;
mod view;

mod link;
mod once;
mod run;
mod screen;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use vigie::{ClientError, Exit};

use args::Args;
use manual::MANUAL;
use vigie_gateway::program;

/// What it is called where it speaks.
const NAME: &str = "vigie top";

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let end = match MANUAL.asked_for::<Args>(&words) {
        Some(written) => {
            written.map(|()| Exit::Done).map_err(|error| Trouble::Terminal("write the manual page", error))
        }
        None => match program::read::<Args>(NAME, &words) {
            Ok(args) => run::run(&args),
            Err(code) => return code,
        },
    };
    let exit = end.unwrap_or_else(|trouble| {
        program::note(NAME, &trouble.to_string(), &trouble.hint());
        trouble.exit()
    });
    ExitCode::from(exit.code())
}

/// Why there is nothing to see.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The daemon, or the way to it.
    Client(ClientError),
    /// The terminal, or the output.
    Terminal(&'static str, io::Error),
    /// It was asked for in a way that makes no sense.
    Usage(&'static str, &'static str),
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Trouble {
        Trouble::Client(error)
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Client(error) => error.fmt(f),
            Trouble::Terminal(what, error) => write!(f, "cannot {what}: {error}"),
            Trouble::Usage(message, _) => f.write_str(message),
        }
    }
}

impl Trouble {
    fn hint(&self) -> String {
        match self {
            Trouble::Client(error) => error.hint(),
            Trouble::Terminal(..) => String::new(),
            Trouble::Usage(_, hint) => (*hint).to_owned(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Trouble::Client(error) => Exit::of(error),
            Trouble::Terminal(..) | Trouble::Usage(..) => Exit::Failure,
        }
    }
}
