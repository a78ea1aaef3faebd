//! What the manual page of `vigie http` says besides its command line. `vigie-http man DIRECTORY` writes it, for packaging.

use vigie_gateway::program::Manual;

pub(crate) const MANUAL: Manual = Manual {
    name: "vigie-http",
    exit_status: &[
        ("0", "It was ended by SIGINT or SIGTERM."),
        ("2", "Wrong usage, or a failure, as a port that is in use."),
        ("77", "Not permitted."),
    ],
    environment: &[(
        "XDG_RUNTIME_DIR",
        "Where the directory of the sockets is; else /run/user/UID, else /tmp/vigie-UID.",
    )],
};
