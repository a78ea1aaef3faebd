//! Files that somebody waits for while a job is at work on something else, because they have just been edited or stand open in an
//! editor. The job commits what it has, looks at them, and goes on from a new walk, as after an interruption.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::refresh::Refreshed;

/// A job that was overtaken works for at least this long before it is overtaken again: to walk once more costs it time.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Called once with what became of the files; `None` = they are too many. Dropped if the job ends before it gets to them. Must not
/// wait.
pub type Overtaken = Box<dyn FnOnce(Option<Refreshed>) + Send>;

/// Files, and who waits for them.
pub(super) struct Urgent {
    pub(super) paths: BTreeSet<Vec<u8>>,
    pub(super) told: Overtaken,
}

/// What waits.
#[derive(Default)]
pub(super) struct Overtaking {
    is_waiting: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Urgent>,
    last: Option<Instant>,
    is_closed: bool,
}

impl std::fmt::Debug for Overtaking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Overtaking").finish_non_exhaustive()
    }
}

impl Overtaking {
    fn state(&self) -> MutexGuard<'_, State> {
        // The guarded code cannot panic halfway through a change, so a poisoned lock still holds sound data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has files looked at before all others. `false` = the job is past that.
    pub(super) fn ask(&self, paths: BTreeSet<Vec<u8>>, told: Overtaken) -> bool {
        let mut state = self.state();
        if state.is_closed {
            return false;
        }
        state.waiting.push(Urgent { paths, told });
        self.is_waiting.store(true, Ordering::Release);
        true
    }

    /// Whether the job is to look at files now. Once it is, it stays so until they are taken.
    pub(super) fn is_due(&self) -> bool {
        self.is_waiting.load(Ordering::Acquire) && self.state().last.is_none_or(|last| last.elapsed() >= AGAIN_AFTER)
    }

    /// Takes what waits.
    pub(super) fn take(&self) -> Vec<Urgent> {
        let mut state = self.state();
        self.is_waiting.store(false, Ordering::Release);
        std::mem::take(&mut state.waiting)
    }

    /// The job goes on with its own work.
    pub(super) fn done(&self) {
        self.state().last = Some(Instant::now());
    }

    /// Takes no more, and drops what waits.
    pub(super) fn close(&self) {
        let waiting = {
            let mut state = self.state();
            state.is_closed = true;
            std::mem::take(&mut state.waiting)
        };
        drop(waiting);
    }
}
