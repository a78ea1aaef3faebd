//! What the programs of this package share: how their command lines are read, their manual pages, and how they say something to a person.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser};
use vigie::human::escape;
use vigie::{Exit, Options};
use vigie_manual::Chapter;
use vigie_manual::usage::{self, Unread};

/// The section of commands of users.
const SECTION: u8 = 1;

/// Which daemon, and whether it is started: global options of `vigie` that concern every program.
#[derive(Clone, Debug, Default, Args)]
pub struct DaemonArgs {
    /// Socket of the daemon, instead of the usual one
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Do not start the daemon if none runs
    #[arg(long)]
    pub no_spawn: bool,
}

impl DaemonArgs {
    /// How the program of this name reaches the daemon.
    pub fn options(&self, program: &str) -> Options {
        Options {
            socket: self.socket.clone(),
            spawn: !self.no_spawn,
            ..Options::new(program, env!("CARGO_PKG_VERSION"))
        }
    }
}

/// What a manual page says besides what the command line says of itself: terms and what they mean.
#[derive(Clone, Copy, Debug)]
pub struct Manual {
    /// Name of the page and of the program: `vigie-top`. A space in it would not be found.
    pub name: &'static str,
    /// Exit codes.
    pub exit_status: &'static [(&'static str, &'static str)],
    /// Variables of the environment.
    pub environment: &'static [(&'static str, &'static str)],
}

impl Manual {
    /// Writes the page of the program whose arguments are `A`, if that is what these words ask for: `man DIR`, for packaging. It is no
    /// subcommand, which help and manual page would speak of.
    pub fn asked_for<A: CommandFactory>(&self, words: &[OsString]) -> Option<io::Result<()>> {
        match words {
            [_, word, dir] if word == "man" => Some(self.write::<A>(Path::new(dir))),
            _ => None,
        }
    }

    fn write<A: CommandFactory>(&self, dir: &Path) -> io::Result<()> {
        let mut command = A::command().name(self.name);
        command.build();
        vigie_manual::write(&command, SECTION, dir, &|_| {
            vec![
                Chapter::Terms("EXIT STATUS", self.exit_status),
                Chapter::Terms("ENVIRONMENT", self.environment),
                Chapter::SeeAlso(&["vigie(1)", "vigied(8)"]),
            ]
        })
    }
}

/// Reads the command line of a program; where there is nothing to be done, the code that it ends with. What is to be said about that has
/// been said.
pub fn read<A: Parser>(program: &str, words: &[OsString]) -> Result<A, ExitCode> {
    usage::read(words).map_err(|unread| {
        match unread {
            Unread::Told(code) => return ExitCode::from(code),
            Unread::Untold(error) => note(program, &format!("cannot write the output: {error}"), ""),
            Unread::Wrong(error) => {
                let fault = usage::explain(&error, program);
                note(program, &fault.message, &fault.hint());
            }
        }
        ExitCode::from(Exit::Failure.code())
    })
}

/// Says a sentence on stderr, behind the name of the program; then what to do, if there is something.
pub fn note(program: &str, sentence: &str, hint: &str) {
    let mut err = io::stderr().lock();
    // There is nowhere left to report that stderr is gone.
    let _ignored = writeln!(err, "{program}: {}", escape(sentence.as_bytes()));
    if !hint.is_empty() {
        let _ignored = writeln!(err, "hint: {}", escape(hint.as_bytes()));
    }
}
