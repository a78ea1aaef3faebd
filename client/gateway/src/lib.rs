//! What the gateways share: a way from asynchronous code to the daemon, whose client blocks, the tools that agents call, and the
//! server of their protocol, which one gateway speaks over pipes and the other over HTTP. Each gateway is a process of its own
//! and a plain client of the socket: it knows nothing that the protocol does not say.

pub mod program;

pub mod daemon;

pub mod tools;

pub mod mcp;

pub mod http;
