//! The daemon of Vigie: a table of contents. `boot` puts everything together; `actors` own state and exchange messages; the
//! rest is what they use. Knows nothing of MCP, SSE or editors.

pub mod boot;

pub mod config;

pub mod manual;

mod lock;

mod announce;

mod service;

mod logging;

mod registry;

mod readers;

mod memory;

mod limits;

mod telemetry;

mod allocator;

mod clock;

mod actors;

mod convert;

mod watch;

pub mod workers;
