//! The manual page of `vigied`, made from its command line by `vigied man DIRECTORY`, which only packaging calls.

use std::io;
use std::path::Path;

use clap::CommandFactory;
use vigie_manual::Chapter;

use crate::config::Arguments;

/// The section of daemons.
const SECTION: u8 = 8;

const ENVIRONMENT: &[(&str, &str)] = &[
    ("XDG_RUNTIME_DIR", "Where the directory of the socket is; else /run/user/UID, else /tmp/vigie-UID."),
    ("XDG_STATE_HOME", "Where the directory of indexes and log is; else ~/.local/state."),
    ("XDG_CONFIG_HOME", "Where the directory of config.toml is; else ~/.config."),
    ("VIGIE_LOG", "Which lines the log has, as --log-filter says it."),
];

const FILES: &[(&str, &str)] = &[
    ("$XDG_RUNTIME_DIR/vigie/vigied.sock", "The socket, for this user only."),
    ("~/.local/state/vigie", "Indexes, the registry of projects and jobs, and vigied.log."),
    ("~/.config/vigie/config.toml", "Settings, read at the start and at SIGHUP."),
    (".vigie.toml", "At the root of a project: which of its files count, and as what."),
];

const SIGNALS: &[(&str, &str)] =
    &[("SIGTERM, SIGINT", "End; jobs go on at the next start."), ("SIGHUP", "Read config.toml again.")];

const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "It was told to end."),
    ("1", "It could not start, or had to end; a sentence says why."),
    ("2", "Wrong usage."),
];

const EXAMPLES: &[(&str, &str)] = &[
    ("As commands start it:", "vigie daemon start"),
    ("In the foreground, with a log of its own choice:", "vigied --log stderr --log-filter warn"),
];

/// Writes the page into a directory.
pub fn write(dir: &Path) -> io::Result<()> {
    let mut command = Arguments::command();
    command.build();
    vigie_manual::write(&command, SECTION, dir, &|_| {
        vec![
            Chapter::Terms("SIGNALS", SIGNALS),
            Chapter::Terms("EXIT STATUS", EXIT_STATUS),
            Chapter::Terms("ENVIRONMENT", ENVIRONMENT),
            Chapter::Terms("FILES", FILES),
            Chapter::Examples(EXAMPLES),
            Chapter::SeeAlso(&["vigie(1)", "vigie-top(1)"]),
        ]
    })
}
