//! The right to use an open store: as long as one is held the store is not closed. Dropping it gives it back.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix::Recipient;
use vigie_core::store::ProjectStore;

/// A lease was given back.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct Released {
    /// Of which store.
    pub(crate) root: PathBuf,
    /// By a job.
    pub(crate) was_job: bool,
    /// The store is damaged and must be closed.
    pub(crate) condemned: bool,
}

/// A store that stays open while this lives.
pub(crate) struct Lease {
    store: Option<Arc<ProjectStore>>,
    root: PathBuf,
    is_job: bool,
    is_condemned: AtomicBool,
    released: Recipient<Released>,
}

impl Lease {
    pub(super) fn new(store: Arc<ProjectStore>, root: PathBuf, is_job: bool, released: Recipient<Released>) -> Lease {
        Lease { store: Some(store), root, is_job, is_condemned: AtomicBool::new(false), released }
    }

    /// The store.
    pub(crate) fn store(&self) -> Option<&ProjectStore> {
        self.store.as_deref()
    }

    /// Says that the store is damaged: it is closed as soon as nobody uses it.
    pub(crate) fn condemn(&self) {
        self.is_condemned.store(true, Ordering::Relaxed);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The store must be let go of before the actor hears of it, because the last holder closes its files.
        self.store = None;
        let (root, condemned) = (std::mem::take(&mut self.root), *self.is_condemned.get_mut());
        self.released.do_send(Released { root, was_job: self.is_job, condemned });
    }
}
