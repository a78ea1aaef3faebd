//! Projects of whose files something may have changed while nobody kept the index up with them: before they were followed, or while
//! their store was closed. Every question asks, so it takes no message to an actor.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Their roots, shared by the watcher, which knows, and the sessions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lagging {
    roots: Arc<Mutex<BTreeSet<PathBuf>>>,
    /// Set when the daemon has found out which projects are followed.
    known: watch::Sender<bool>,
}

impl Lagging {
    /// Something may have changed.
    pub(crate) fn add(&self, root: &Path) {
        self.roots().insert(root.to_path_buf());
    }

    /// The index has it, or nobody follows the project any more.
    pub(crate) fn remove(&self, root: &Path) {
        self.roots().remove(root);
    }

    /// Whether the index may lack something that happened long ago.
    pub(crate) fn has(&self, root: &Path) -> bool {
        self.roots().contains(root)
    }

    /// It is known from now on which projects are followed.
    pub(crate) fn know(&self) {
        self.known.send_replace(true);
    }

    /// Resolves when it is known.
    pub(crate) async fn known(&self) {
        let mut known = self.known.subscribe();
        // What sends is a part of this, so it is there.
        let _there = known.wait_for(|known| *known).await;
    }

    fn roots(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        // Each change is whole.
        self.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
