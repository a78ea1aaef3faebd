//! The manual page of `vigie mcp`, made from its command line by `vigie-mcp man DIRECTORY`, which only packaging calls.

use std::io;
use std::path::Path;

use clap::CommandFactory;
use vigie_manual::Chapter;

use crate::args::Args;

/// The section of commands of users.
const SECTION: u8 = 1;

const EXIT_STATUS: &[(&str, &str)] = &[("0", "Its stdin ended."), ("2", "Wrong usage, or a failure.")];

const ENVIRONMENT: &[(&str, &str)] =
    &[("XDG_RUNTIME_DIR", "Where the directory of the socket is; else /run/user/UID, else /tmp/vigie-UID.")];

/// Writes the page into a directory.
pub(crate) fn write(dir: &Path) -> io::Result<()> {
    // What finds pages by their names takes no space in one.
    let mut command = Args::command().name("vigie-mcp");
    command.build();
    vigie_manual::write(&command, SECTION, dir, &|_| {
        vec![
            Chapter::Terms("EXIT STATUS", EXIT_STATUS),
            Chapter::Terms("ENVIRONMENT", ENVIRONMENT),
            Chapter::SeeAlso(&["vigie(1)", "vigied(8)"]),
        ]
    })
}
