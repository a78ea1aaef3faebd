//! What the end-to-end tests stand on: a private environment for the real binaries, a client that speaks the wire byte by byte,
//! trees to index, and an independent answer to compare with. It holds no test itself.

mod agent;
mod console;
mod environment;
mod process;

mod wire;

mod tree;

mod machine;

mod oracle;

mod git;
mod http;
mod neovim;
mod ripgrep;
mod terminal;

mod manager;

mod skip;

pub use agent::Agent;
pub use console::Console;
pub use environment::{Daemon, NOBODY, TestEnv, copy_program};
pub use git::Git;
pub use http::{Event, Response, send_raw, send_unix};
pub use machine::{
    alive, child_pids, interrupt, kill_hard, resident_bytes, resident_bytes_peak, resume, suspend, tree_state,
    wait_gone,
};
pub use manager::Manager;
pub use neovim::Neovim;
pub use oracle::{Match, Search, grep};
pub use process::{Output, Running};
pub use ripgrep::Ripgrep;
pub use skip::{is_root, skip};
pub use terminal::Terminal;
pub use tree::{Definition, Rng, SourceTree, copy_tree, registry_crate, registry_crates};
pub use wire::{Answer, Wire, WireError};
