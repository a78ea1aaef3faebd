//! Who is connected. A connection enters itself when it is made and leaves when it ends; in between it only counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::actors::session::outbox::Outbox;

/// A connection.
#[derive(Debug)]
pub(crate) struct Client {
    /// Its number.
    pub(crate) session: u64,
    /// Process id of the peer; 0 = not known.
    pub(crate) pid: u32,
    /// When it was made, in milliseconds since 1970.
    pub(crate) since_ms: u64,
    /// What the client calls itself, and its version, once it has greeted; shortened.
    pub(crate) greeting: OnceLock<(String, String)>,
    /// What waits to be written to it.
    pub(crate) outbox: Arc<Outbox>,
    /// Requests that it has sent.
    pub(crate) requests: AtomicU64,
    /// Those that are open.
    pub(crate) requests_open: AtomicU32,
}

/// All connections.
#[derive(Debug, Default)]
pub(crate) struct Clients(Mutex<BTreeMap<u64, Arc<Client>>>);

impl Clients {
    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Client>>> {
        // What is guarded is changed by whole entries.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection is made.
    pub(crate) fn enter(&self, client: Arc<Client>) {
        self.all().insert(client.session, client);
    }

    /// It has ended.
    pub(crate) fn leave(&self, session: u64) {
        self.all().remove(&session);
    }

    /// Those that are open, oldest first.
    pub(crate) fn read(&self) -> Vec<Arc<Client>> {
        self.all().values().cloned().collect()
    }
}
