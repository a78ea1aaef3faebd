//! How many commands wait for the writer, so that work in the background can make way for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Shared between those who send commands and the writer.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// Somebody is about to send a command.
    pub(super) fn come(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// A command was taken, or not sent after all.
    pub(super) fn go(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether a command waits.
    pub(super) fn is_somebody(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}
