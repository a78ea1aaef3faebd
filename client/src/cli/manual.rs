//! `vigie man`: writes the manual pages of `vigie` and of each of its commands. What clap does not know of them stands here.

use std::path::Path;

use clap::CommandFactory;
use vigie_manual::Chapter;

use super::args::{Args, ManArgs};
use super::exit::{CliError, Exit};
use vigie::human::escape;

/// The section of commands of users.
const SECTION: u8 = 1;

const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "Found, or done."),
    ("1", "Nothing was found."),
    ("2", "Wrong usage, or a failure."),
    ("3", "What there is, but limited or partial."),
    ("4", "Somebody else cancelled the job."),
    ("69", "The daemon cannot be reached."),
    ("75", "The daemon is busy."),
    ("76", "The versions of client and daemon do not match."),
    ("77", "Not permitted."),
    ("130", "Interrupted."),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("XDG_RUNTIME_DIR", "Where the directory of the socket is; else /run/user/UID, else /tmp/vigie-UID."),
    ("XDG_STATE_HOME", "Where the directory of indexes and log is; else ~/.local/state."),
    ("XDG_CONFIG_HOME", "Where the directory of config.toml is; else ~/.config."),
    ("NO_COLOR", "Nothing is coloured if this is set and not empty."),
];

const FILES: &[(&str, &str)] = &[
    ("$XDG_RUNTIME_DIR/vigie/vigied.sock", "The socket of the daemon."),
    ("~/.local/state/vigie", "Indexes, the registry of projects and jobs, and vigied.log."),
    ("~/.config/vigie/config.toml", "How the daemon works on this machine."),
    (".vigie.toml", "At the root of a project: which of its files count, and as what."),
];

/// What somebody may want, by the command. Every line is run by a test, in a project that holds this crate.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "vigie",
        &[
            ("Index the project around here, and follow its files from then on:", "vigie index --watch"),
            ("Find out where something is defined:", "vigie def Connection"),
            ("Find the code that does something:", "vigie search where is the socket found"),
        ],
    ),
    ("vigie-index", &[("Have the index know of a file that was just written:", "vigie index client/src/main.rs")]),
    ("vigie-jobs", &[("List the jobs that have ended, too:", "vigie jobs --all")]),
    (
        "vigie-text",
        &[
            ("Find lines, as rg does:", "vigie text -t rust -w 'fn main'"),
            ("Find what has been left for later:", "vigie text -e TODO -e 'pub fn'"),
        ],
    ),
    ("vigie-search", &[("Find functions only:", "vigie search --kind function connection lost")]),
    ("vigie-symbols", &[("Find definitions by the first letters of their names:", "vigie symbols --prefix sock")]),
    ("vigie-def", &[("Find what a place in a file refers to:", "vigie def client/src/main.rs:9:10")]),
    ("vigie-refs", &[("Find only the calls:", "vigie refs --role call connect")]),
    ("vigie-callers", &[("Find the callers of the callers, too:", "vigie callers --depth 2 connect")]),
    ("vigie-callees", &[("Find what a function calls:", "vigie callees run_command")]),
    ("vigie-hierarchy", &[("Find what a type inherits from:", "vigie hierarchy --bases Query")]),
    ("vigie-impact", &[("Find what a change of a function may break:", "vigie impact --certain connect")]),
    (
        "vigie-context",
        &[("Print what to read first, for a model or a person:", "vigie context --tokens 1000 Client.ask")],
    ),
    ("vigie-map", &[("See the shape of a directory:", "vigie map client --tokens 500")]),
    ("vigie-outline", &[("List the functions of a file:", "vigie outline --kind function client/src/main.rs")]),
    ("vigie-files", &[("Find files by some letters of their path:", "vigie files clicomp")]),
    ("vigie-coverage", &[("Show why a file is not indexed:", "vigie coverage client/src/main.rs")]),
    ("vigie-changed", &[("Show what changed since the last commit:", "vigie changed --rev HEAD")]),
    ("vigie-man", &[("Install the pages for one user:", "vigie man ~/.local/share/man/man1")]),
    ("vigie-completions", &[("Have bash complete, for one user:", "vigie completions bash")]),
];

pub(crate) fn run(args: &ManArgs) -> Result<Exit, CliError> {
    write(&args.dir).map(|()| Exit::Done).map_err(|source| CliError::Usage {
        message: format!(
            "cannot write manual pages into {}: {source}",
            escape(args.dir.as_os_str().as_encoded_bytes())
        ),
        hint: "name a directory that may be written to: vigie man ~/.local/share/man/man1".to_owned(),
    })
}

fn write(dir: &Path) -> std::io::Result<()> {
    let mut command = Args::command();
    command.build();
    vigie_manual::write(&command, SECTION, dir, &chapters)
}

fn chapters(page: &str) -> Vec<Chapter<'static>> {
    let mut chapters = vec![
        Chapter::Terms("EXIT STATUS", EXIT_STATUS),
        Chapter::Terms("ENVIRONMENT", ENVIRONMENT),
        Chapter::Terms("FILES", FILES),
    ];
    let examples = EXAMPLES.iter().find(|(of, _)| *of == page);
    chapters.extend(examples.map(|(_, examples)| Chapter::Examples(examples)));
    let others: &[&str] = if page == "vigie" {
        &["vigied(8)", "vigie-http(1)", "vigie-mcp(1)", "vigie-top(1)"]
    } else {
        &["vigie(1)", "vigied(8)"]
    };
    chapters.push(Chapter::SeeAlso(others));
    chapters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_belongs_to_a_command() {
        let mut command = Args::command();
        command.build();
        for (page, _) in EXAMPLES {
            let name = page.strip_prefix("vigie").unwrap().trim_start_matches('-');
            assert!(name.is_empty() || command.find_subcommand(name).is_some(), "{page}");
        }
    }
}
