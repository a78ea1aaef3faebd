//! The blocking client of Vigie's daemon: finds or starts the daemon, talks the protocol of `vigie-proto` over its Unix
//! socket, and follows event streams across a restart of the daemon. It speaks to the daemon only; it knows neither the
//! engine nor a terminal, and starts no thread except one that reaps a daemon it started itself. What programs around it share,
//! exit codes and texts for people, is here too.

pub mod error;

pub mod paths;

pub mod child;

mod spawn;

pub mod systemd;

pub mod connect;

pub mod wait;

pub mod connection;

pub mod request;

pub mod client;

pub mod stream;

pub mod metrics;

pub mod revision;

pub mod exit;

pub mod human;

pub mod json;

pub mod records;

pub mod schema;

pub mod location;

pub mod answer;

pub use client::Client;
pub use connect::{Options, PATIENCE, connect, connect_greeted};
pub use connection::{Connection, Received};
pub use error::ClientError;
pub use exit::Exit;
pub use metrics::exposition;
pub use paths::{Environment, Places};
pub use request::{Ask, Listing, Query};
pub use revision::{ChangedSymbols, RevisionError, changed_symbols};
pub use spawn::program;
pub use stream::{EventStream, StreamItem, is_terminal};
pub use systemd::UserManager;
pub use wait::Wait;
