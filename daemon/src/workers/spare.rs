//! A worker that has done its work and waits for the next file: starting one takes longer than parsing a file that a person has just
//! saved. It may have been given a file already of which it is foreseen that somebody will ask for it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use vigie_core::extract::lane::{LANE_IN_FLIGHT_MAX, Task};

use super::process::{Pace, Roster, Worker};
use super::wire::SOURCE_BYTES_MAX;

/// Where lanes get their workers from, and leave them.
#[derive(Default)]
pub(super) struct Spare {
    /// Without it nothing is kept: the workers of a job end with it.
    keeps: bool,
    place: Mutex<Place>,
    /// Held by whoever foresees.
    foreseeing: Mutex<()>,
}

/// A worker, and the files that it was given and has not answered, oldest first.
pub(super) struct Waiting {
    pub(super) worker: Worker,
    pub(super) foreseen: Vec<Task>,
}

/// At most one worker.
#[derive(Default)]
struct Place {
    worker: Option<(Waiting, Instant)>,
    /// The way to the thread that starts workers. As many wait there as there are lanes that wait for a worker.
    nursery: Option<Sender<Wanted>>,
}

/// A worker that is to be started, and who waits for it.
struct Wanted {
    executable: PathBuf,
    roster: Arc<Roster>,
    started: SyncSender<io::Result<Worker>>,
}

// A worker may hold a file's bytes, which nobody is to see.
impl std::fmt::Debug for Spare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spare").finish_non_exhaustive()
    }
}

impl Spare {
    /// A place that keeps one.
    pub(super) fn keeping() -> Spare {
        Spare { keeps: true, ..Spare::default() }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        // What is guarded is replaced as a whole.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a worker; one that may be kept outlives the thread that asks for it.
    pub(super) fn start(&self, executable: &Path, roster: &Arc<Roster>) -> io::Result<Worker> {
        if !self.keeps {
            return Worker::spawn(executable, Pace::Background, roster);
        }
        let (started, worker) = sync_channel(1);
        let wanted = Wanted { executable: executable.to_path_buf(), roster: Arc::clone(roster), started };
        let ended = || io::Error::other("the thread that starts workers has ended");
        self.nursery()?.send(wanted).map_err(|_| ended())?;
        worker.recv().map_err(|_| ended())?
    }

    /// The thread that starts workers; it ends when this place does.
    fn nursery(&self) -> io::Result<Sender<Wanted>> {
        let nursery = &mut self.place().nursery;
        if let Some(nursery) = nursery {
            return Ok(nursery.clone());
        }
        let (sender, wanted) = channel();
        thread::Builder::new().name("nursery".to_owned()).spawn(move || start_each(&wanted))?;
        Ok(nursery.insert(sender).clone())
    }

    /// Takes the one that waits.
    pub(super) fn take(&self) -> Option<Waiting> {
        let waiting = self.place().worker.take();
        waiting.map(|(waiting, _)| waiting)
    }

    /// Gives a file to the one that waits, or starts it for that. It may be that nobody will ask for it.
    pub(super) fn foresee(&self, task: Task, executable: &Path, roster: &Arc<Roster>) {
        if !self.keeps || task.source.len() > SOURCE_BYTES_MAX {
            return;
        }
        // One after another: two that foresee the same shall not both find nobody.
        let _alone = self.foreseeing.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = self.take().filter(|waiting| {
            let has_room = waiting.foreseen.len() < LANE_IN_FLIGHT_MAX;
            has_room || waiting.foreseen.iter().any(|begun| is_same(begun, &task))
        });
        let waiting = waiting.map_or_else(|| self.start(executable, roster).map(Waiting::idle), Ok);
        // Whoever asks for the file finds that there are no workers, and tells it.
        let Ok(mut waiting) = waiting else { return };
        if !waiting.foreseen.iter().any(|begun| is_same(begun, &task)) {
            if waiting.worker.assign(&task).is_err() {
                return;
            }
            waiting.foreseen.push(task);
        }
        self.put(waiting);
    }

    /// Keeps a worker, in place of the one that waits. One that is not kept ends.
    pub(super) fn put(&self, waiting: Waiting) {
        if self.keeps {
            let before = self.place().worker.replace((waiting, Instant::now()));
            drop(before);
        }
    }

    /// Ends the one that waits, if nobody has wanted it for so long.
    pub(super) fn let_go(&self, unused: Duration) {
        let unwanted = self.place().worker.take_if(|(_, since)| since.elapsed() >= unused);
        drop(unwanted);
    }
}

impl Waiting {
    /// One that has nothing to do.
    pub(super) fn idle(worker: Worker) -> Waiting {
        Waiting { worker, foreseen: Vec::new() }
    }
}

/// Whether the same would be found in both.
pub(super) fn is_same(one: &Task, other: &Task) -> bool {
    one.language == other.language && one.source == other.source
}

/// The system ends a worker with the thread that started it and not with the daemon, so this one stays.
fn start_each(wanted: &Receiver<Wanted>) {
    for Wanted { executable, roster, started } in wanted {
        // Nobody else may have it: it ends with whoever does not wait any more.
        let _gone = started.send(Worker::spawn(&executable, Pace::Prompt, &roster));
    }
}
