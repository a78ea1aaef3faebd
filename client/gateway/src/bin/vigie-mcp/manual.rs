//! What the manual page of `vigie mcp` says besides its command line. `vigie-mcp man DIRECTORY` writes it, for packaging.

use vigie_gateway::program::Manual;

pub(crate) const MANUAL: Manual = Manual {
    name: "vigie-mcp",
    exit_status: &[("0", "Its stdin ended."), ("2", "Wrong usage, or a failure.")],
    environment: &[(
        "XDG_RUNTIME_DIR",
        "Where the directory of the socket is; else /run/user/UID, else /tmp/vigie-UID.",
    )],
};
