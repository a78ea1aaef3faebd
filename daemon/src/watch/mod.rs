//! Follows one project's tree as it changes: a thread that reads what the kernel tells, waits until it settles, and says which files
//! and directories of the project may have changed. It reads no file and knows no index.
//!
//! It speaks to inotify through its thin wrapper, not through `notify`: that one (8.2) asks the kernel for every opening of a file
//! too, so that one `rg` over 15,000 files puts 17,600 events into a queue that holds 16,384; it stops removing watches below a
//! directory that moved at the first that is gone already, and what is left reports under the old names; and it cannot say when
//! everything has been read that happened before a moment, which a barrier must know.

mod events;
mod lagging;
mod mounts;
mod pending;
mod tree;

use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use tokio::sync::oneshot;

use self::events::{Events, Happened};
pub(crate) use self::lagging::Lagging;
use self::pending::Pending;
use self::tree::{WatchError, WatchedTree};

/// How often it is looked whether a root that is gone is back.
const ROOT_EVERY: Duration = Duration::from_secs(2);

/// What of a project may have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dirty {
    /// Files, and directories that stand for all below them, relative to the root.
    pub(crate) paths: BTreeSet<Vec<u8>>,
    /// Anything: only a walk finds out.
    pub(crate) all: bool,
}

impl Dirty {
    /// Everything.
    pub(crate) fn all() -> Dirty {
        Dirty { paths: BTreeSet::new(), all: true }
    }

    /// Nothing.
    pub(crate) fn is_empty(&self) -> bool {
        !self.all && self.paths.is_empty()
    }

    /// Both.
    pub(crate) fn merge(&mut self, other: Dirty) {
        self.all |= other.all;
        if self.all {
            self.paths.clear();
        } else {
            self.paths.extend(other.paths);
        }
    }
}

/// What the thread says.
#[derive(Debug)]
pub(crate) enum Told {
    /// The watch stands: what happens from now on is told. How many directories it has.
    Ready(usize),
    /// This file, relative to the root, was written, if it is a part of the project; soon it is told that it may have changed.
    Written(Vec<u8>),
    /// The same of files of a burst.
    Burst(Vec<Vec<u8>>),
    /// Something may have changed; these wait for what came before them; so many directories are watched now.
    Changed(Dirty, Vec<Barrier>, usize),
    /// Not all that happened could be told, so that everything is.
    Lost,
    /// The tree cannot be watched, or no longer, and nothing more is told. A sentence says why.
    Unwatchable(String),
}

/// Somebody who waits until everything that happened before is in the index.
pub(crate) type Barrier = oneshot::Sender<()>;

enum Command {
    Barrier(Barrier),
    LookAtAll,
    Stop,
}

/// A watch; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    commands: Sender<Command>,
    wake: Arc<OwnedFd>,
    is_unsettled: Arc<AtomicBool>,
}

impl Watch {
    /// Begins to watch a tree. `tell` is called by the watch's thread and must not block.
    pub(crate) fn start(
        root: PathBuf,
        global_excludes: Option<Arc<Path>>,
        tell: impl Fn(Told) + Send + 'static,
    ) -> io::Result<Watch> {
        let wake = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        // Commands are as many as there are requests, which sessions bound.
        let (commands, received) = crossbeam_channel::unbounded();
        let woken = Arc::clone(&wake);
        let is_unsettled = Arc::new(AtomicBool::new(false));
        let unsettled = Arc::clone(&is_unsettled);
        thread::Builder::new().name("watch".to_owned()).spawn(move || {
            let ended = Watching::start(root, global_excludes, unsettled, &tell).and_then(|mut watching| {
                tell(Told::Ready(watching.tree.len()));
                watching.run(&received, &woken)
            });
            if let Err(error) = ended {
                tell(Told::Unwatchable(error.to_string()));
            }
        })?;
        Ok(Watch { commands, wake, is_unsettled })
    }

    /// Has `barrier` told along with everything that happened until now.
    pub(crate) fn barrier(&self, barrier: Barrier) {
        self.command(Command::Barrier(barrier));
    }

    /// Has everything looked at: not all that happens to a file is told.
    pub(crate) fn look_at_all(&self) {
        self.command(Command::LookAtAll);
    }

    /// Whether something has happened that was not told yet.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.is_unsettled.load(Ordering::Acquire)
    }

    fn command(&self, command: Command) {
        // A thread that failed has said so.
        let _ended = self.commands.send(command);
        let _full = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.command(Command::Stop);
    }
}

struct Watching<'a> {
    tree: WatchedTree,
    pending: Pending,
    is_unsettled: Arc<AtomicBool>,
    tell: &'a dyn Fn(Told),
}

impl<'a> Watching<'a> {
    fn start(
        root: PathBuf,
        global_excludes: Option<Arc<Path>>,
        is_unsettled: Arc<AtomicBool>,
        tell: &'a dyn Fn(Told),
    ) -> Result<Watching<'a>, WatchError> {
        let pending = Pending::new(&root);
        let tree = WatchedTree::new(root, global_excludes)?;
        Ok(Watching { tree, pending, is_unsettled, tell })
    }

    fn run(&mut self, commands: &Receiver<Command>, wake: &OwnedFd) -> Result<(), WatchError> {
        let mut events = Events::default();
        loop {
            let mut has_mounts = self.wait(wake)?;
            let mut barriers = Vec::new();
            for command in commands.try_iter() {
                match command {
                    Command::Stop => return Ok(()),
                    Command::Barrier(barrier) => barriers.push(barrier),
                    Command::LookAtAll => self.pending.note(Happened::Anything),
                }
            }
            // After the barriers, too: each asking takes the news away.
            has_mounts |= self.tree.mounts().has_news();
            if has_mounts && self.tree.has_other_mounts()? {
                self.pending.note(Happened::Lost);
            }
            // What is in the queue now happened before the barriers were asked for; what comes meanwhile need not be waited for.
            let queued = events::queued_bytes(self.tree.inotify())?;
            let mut left = queued;
            let mut written = Vec::new();
            while left > 0 {
                let note = |happened| {
                    if let Happened::Written(path) = &happened {
                        written.push(path.clone());
                    }
                    self.pending.note(happened);
                };
                match events.read(&mut self.tree, note)? {
                    0 => break,
                    read => left = left.saturating_sub(read),
                }
            }
            self.is_unsettled.store(self.pending.is_some(), Ordering::Release);
            let is_due = self.pending.is_settled(Instant::now()) || self.tree.is_rootless();
            if is_due || !barriers.is_empty() {
                self.flush(barriers)?;
            } else {
                self.tell_written(written);
            }
        }
    }

    /// Says which files were written just now, before that has settled.
    fn tell_written(&self, mut written: Vec<PathBuf>) {
        if self.pending.is_burst() {
            let written: Vec<_> = written.iter().filter_map(|path| self.tree.relative(path)).collect();
            if !written.is_empty() {
                (self.tell)(Told::Burst(written));
            }
        } else if let Some(path) = written.pop().filter(|path| self.pending.is_save_of(path))
            && let Some(path) = self.tree.relative(&path)
        {
            (self.tell)(Told::Written(path));
        }
    }

    /// Waits for an event, a command, or the moment when what is pending has settled; whether something was mounted somewhere.
    fn wait(&self, wake: &OwnedFd) -> Result<bool, WatchError> {
        let timeout = match self.pending.settles_at() {
            Some(at) => Some(at.saturating_duration_since(Instant::now())),
            None if self.tree.is_rootless() => Some(ROOT_EVERY),
            None => None,
        };
        let timeout = timeout.map(|timeout| Timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        let mut sources = vec![PollFd::new(self.tree.inotify(), PollFlags::IN), PollFd::new(wake, PollFlags::IN)];
        sources.extend(self.tree.mounts().source());
        match poll(&mut sources, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(WatchError::System(e.into())),
        }
        let mut count = [0; 8];
        let _nothing = rustix::io::read(wake, &mut count);
        Ok(sources.get(2).is_some_and(mounts::is_news))
    }

    /// Says what is pending.
    fn flush(&mut self, barriers: Vec<Barrier>) -> Result<(), WatchError> {
        let mut touched = self.pending.take();
        if touched.is_lost {
            (self.tell)(Told::Lost);
        }
        touched.anything |= self.tree.has_other_rules();
        let was_rootless = self.tree.is_rootless();
        let dirty = if touched.anything || was_rootless {
            self.tree.attach_all()?;
            let is_other = touched.anything || was_rootless != self.tree.is_rootless();
            if is_other { Dirty::all() } else { Dirty::default() }
        } else {
            Dirty { paths: self.tree.settle(&touched.paths)?, all: false }
        };
        if !dirty.is_empty() || !barriers.is_empty() {
            (self.tell)(Told::Changed(dirty, barriers, self.tree.len()));
        }
        // Only now: whoever looks in between must see one or the other.
        self.is_unsettled.store(false, Ordering::Release);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
