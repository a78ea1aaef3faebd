//! What the manual page of `vigie top` says besides its command line. `vigie-top man DIRECTORY` writes it, for packaging.

use vigie_gateway::program::Manual;

pub(crate) const MANUAL: Manual = Manual {
    name: "vigie-top",
    exit_status: &[
        ("0", "It was left."),
        ("2", "Wrong usage, or a failure."),
        ("69", "The daemon cannot be reached."),
        ("76", "The versions of client and daemon do not match."),
        ("77", "Not permitted."),
    ],
    environment: &[
        ("XDG_RUNTIME_DIR", "Where the directory of the socket is; else /run/user/UID, else /tmp/vigie-UID."),
        ("TERM", "What the terminal can do; one that is \"dumb\" has no screen."),
        ("NO_COLOR", "Nothing is coloured if this is set and not empty."),
    ],
};
