//! Actors without which the daemon is no daemon. The runtime catches a panic in an actor and drops it silently, which would
//! leave a process that accepts connections and answers nothing; ending it lets whoever started it start it again, and jobs
//! resume.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of a daemon that lost a vital actor (`EX_SOFTWARE`).
const EXIT_SOFTWARE: i32 = 70;

/// A part of a vital actor: dropped before the daemon stops, it ends the process.
#[derive(Debug)]
pub(crate) struct Vital {
    name: &'static str,
    stopping: Arc<AtomicBool>,
}

impl Vital {
    /// For the actor of that name; `stopping` says that the daemon is on its way out, so that actors may end.
    pub(crate) fn new(name: &'static str, stopping: Arc<AtomicBool>) -> Vital {
        Vital { name, stopping }
    }

    /// Whether the daemon is on its way out.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

impl Drop for Vital {
    fn drop(&mut self) {
        if !self.is_stopping() {
            tracing::error!(actor = self.name, "a vital actor ended; the daemon cannot go on");
            std::process::exit(EXIT_SOFTWARE);
        }
    }
}
