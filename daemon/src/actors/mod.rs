//! The actors, from the socket inwards. Each is a thin shell: its messages stand beside it, and what it decides is plain code
//! with tests of its own. They run on one thread; whatever waits for a disk, a process or a pattern runs elsewhere.

pub(crate) mod lifecycle;

pub(crate) mod acceptor;

pub(crate) mod session;

pub(crate) mod hub;

pub(crate) mod indexer;

pub(crate) mod storage;

pub(crate) mod watcher;

pub(crate) mod core;

pub(crate) mod heartbeat;

mod idle;

mod stop;

mod vital;

pub(crate) use stop::Stop;
pub(crate) use vital::Vital;
