//! The manual page of `vigie http`, made from its command line by `vigie-http man DIRECTORY`, which only packaging calls.

use std::io;
use std::path::Path;

use clap::CommandFactory;
use vigie_manual::Chapter;

use crate::args::Args;

/// The section of commands of users.
const SECTION: u8 = 1;

const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "It was ended by SIGINT or SIGTERM."),
    ("2", "Wrong usage, or a failure, as a port that is in use."),
    ("77", "Not permitted."),
];

const ENVIRONMENT: &[(&str, &str)] =
    &[("XDG_RUNTIME_DIR", "Where the directory of the sockets is; else /run/user/UID, else /tmp/vigie-UID.")];

/// Writes the page into a directory.
pub(crate) fn write(dir: &Path) -> io::Result<()> {
    // What finds pages by their names takes no space in one.
    let mut command = Args::command().name("vigie-http");
    command.build();
    vigie_manual::write(&command, SECTION, dir, &|_| {
        vec![
            Chapter::Terms("EXIT STATUS", EXIT_STATUS),
            Chapter::Terms("ENVIRONMENT", ENVIRONMENT),
            Chapter::SeeAlso(&["vigie(1)", "vigied(8)"]),
        ]
    })
}
