//! Files of a burst are parsed while it goes on, by workers that step back behind everybody else: as many as a job may have, but for the
//! processor of whoever writes. They take no more files when a job begins to read, or whoever looks at the files without one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix::Handler;
use crossbeam_channel::{Receiver, Sender, bounded};
use vigie_core::index::{Budget, parse_ahead};

use super::Indexer;
use crate::workers::WorkerPool;

/// Most files that wait. More are left to the job.
const WAITING_MAX: usize = 4096;

/// How long a worker waits for more files.
const PATIENCE: Duration = Duration::from_secs(3);

/// Files of one project are being parsed ahead. When this is dropped, those that are begun are finished.
#[derive(Debug)]
pub(super) struct Ahead {
    root: PathBuf,
    paths: Sender<Vec<u8>>,
    waiting: Receiver<Vec<u8>>,
    threads: Vec<JoinHandle<()>>,
}

impl Ahead {
    /// Whether it is of this project.
    pub(super) fn is_of(&self, root: &Path) -> bool {
        self.root == root
    }

    /// Adds as many files as have room.
    fn add(&self, paths: Vec<Vec<u8>>) {
        let _left_out = paths.into_iter().try_for_each(|path| self.paths.try_send(path));
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.waiting.try_iter().for_each(drop);
    }
}

/// Files of a burst were written.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct ParseAhead {
    /// Canonical, registered root.
    pub(crate) root: PathBuf,
    /// The files, relative to it.
    pub(crate) paths: Vec<Vec<u8>>,
}

impl Handler<ParseAhead> for Indexer {
    type Result = ();

    fn handle(&mut self, ParseAhead { root, paths }: ParseAhead, _: &mut Self::Context) {
        // Beside a job they would only be in its way.
        let is_wanted = self.paused.is_none() && !self.vital.is_stopping() && self.table.paused_of(&root).is_none();
        if !is_wanted || self.table.is_busy() {
            return;
        }
        self.ahead.take_if(|ahead| ahead.threads.iter().all(JoinHandle::is_finished));
        if self.ahead.is_none() {
            self.ahead = self.begin_ahead(root.clone());
        }
        // Of two bursts at the same time the first has the workers.
        if let Some(ahead) = self.ahead.as_ref().filter(|ahead| ahead.is_of(&root)) {
            ahead.add(paths);
        }
    }
}

impl Indexer {
    /// `None` = one processor is there for whoever writes, and there is no other.
    fn begin_ahead(&mut self, root: PathBuf) -> Option<Ahead> {
        let lanes = self.lanes(&Budget::default()).saturating_sub(1);
        if lanes == 0 {
            return None;
        }
        let pool = Arc::new(WorkerPool::new(lanes, Arc::default()).counted(Arc::clone(&self.settings.telemetry)));
        self.ahead_pool = Arc::downgrade(&pool);
        let (paths, waiting) = bounded(WAITING_MAX);
        let start = |_| {
            let (root, waiting, pool) = (root.clone(), waiting.clone(), Arc::clone(&pool));
            let cache = Arc::clone(&self.settings.cache);
            let work = move || parse_ahead(&root, &waiting, PATIENCE, &cache, &*pool);
            // Where there are no threads left, the job parses all of it.
            thread::Builder::new().name("ahead".to_owned()).spawn(work).ok()
        };
        let threads: Vec<JoinHandle<()>> = (0..lanes).filter_map(start).collect();
        (!threads.is_empty()).then(|| Ahead { root, paths, waiting, threads })
    }
}
