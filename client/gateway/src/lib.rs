//! What the gateways share: a way from asynchronous code to the daemon, whose client blocks. Each gateway is a process of its own
//! and a plain client of the socket: it knows nothing that the protocol does not say.

pub mod daemon;
