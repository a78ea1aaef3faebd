//! A project's store as the rest of Vigie sees it: commits go to its writer thread, questions take snapshots on read
//! connections, and closing waits for both.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::error::StoreError;
use super::file::FileId;
use super::kept::KeptTables;
use super::reader::{Reader, Snapshot};
use super::schema;
use super::state::{Checkpoint, JobMark, State, Summary};
use super::waiting::Waiting;
use super::writer::{COMMITS_MAX, Command, Commit, Ticket, Writer};

/// Read connections of a store; one more reader waits for one to come back.
const READERS_MAX: usize = 4;

/// A project's store, open: one writer thread behind a bounded channel, and read connections.
pub struct ProjectStore {
    path: PathBuf,
    root: PathBuf,
    commands: SyncSender<Command>,
    waiting: Waiting,
    state: Arc<Mutex<State>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    closing: AtomicBool,
    readers: Mutex<Readers>,
    reader_back: Condvar,
    tables: Arc<KeptTables>,
}

#[derive(Default)]
struct Readers {
    idle: Vec<Reader>,
    out: usize,
}

/// A place among the readers: given back also by a question that panics, or closing would wait for ever.
struct Place<'a>(&'a ProjectStore);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.readers().out -= 1;
        self.0.reader_back.notify_all();
    }
}

impl ProjectStore {
    /// Opens or creates the store of `root` at `path`. A store that is damaged is set aside beside itself (`….corrupt`) and a new
    /// one begun; the second value says so, for the project's note.
    pub fn open(path: &Path, root: &Path) -> Result<(ProjectStore, Option<String>), StoreError> {
        let (writer, note) = schema::open_or_set_aside(path, |path| Writer::open(path, root))?;
        let (state, waiting) = (writer.shared(), writer.waiting());
        let (commands, received) = sync_channel(COMMITS_MAX);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer.run(&received))
            .map_err(|e| StoreError::Failed { action: "open", path: path.to_path_buf(), reason: e.to_string() })?;
        let store = ProjectStore {
            path: path.to_path_buf(),
            root: root.to_path_buf(),
            commands,
            waiting,
            state,
            thread: Mutex::new(Some(thread)),
            closing: AtomicBool::new(false),
            readers: Mutex::default(),
            reader_back: Condvar::new(),
            tables: Arc::default(),
        };
        Ok((store, note))
    }

    /// The project's canonical root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How the index stands. Reads memory, not the database.
    pub fn summary(&self) -> Summary {
        let state = self.state();
        Summary {
            generation: state.generation,
            files: state.tally.files,
            bytes: state.tally.bytes,
            text_files: state.tally.text_files,
            structure_files: state.tally.structure_files,
            structure_pending: state.tally.structure_pending,
            text_pending: state.job.scan_pending,
            skipped: state.tally.skipped,
            failed: state.tally.failed,
            unread: state.tally.unread,
            unread_directories: state.tally.unread_directories,
            symbols: state.tally.symbols,
            references: state.tally.references,
            store_bytes: schema::disk_bytes(&self.path),
            walked_ms: state.walked_ms,
            indexed_ms: state.indexed_ms,
        }
    }

    /// How the last job stands.
    pub fn job(&self) -> JobMark {
        self.state().job
    }

    /// The mark of the table of languages with which all files were looked at, 0 of an empty one; or
    /// [`LANGUAGES_UNSETTLED`](super::LANGUAGES_UNSETTLED).
    pub fn languages(&self) -> u64 {
        self.state().languages
    }

    /// The first file number never used.
    pub fn next_file(&self) -> FileId {
        self.state().next_file
    }

    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a commit; waits while the writer is too many behind.
    pub fn commit(&self, commit: Commit) -> Result<Ticket, StoreError> {
        let (command, ticket) = Command::commit(commit);
        self.send(command)?;
        Ok(ticket)
    }

    /// Waits until no merge is left to do.
    pub fn settle(&self) -> Result<(), StoreError> {
        let (command, ticket) = Command::settle();
        self.send(command)?;
        ticket.wait().map(|_| ())
    }

    /// Waits until no merge is left to do, and gives back the memory of page caches. For a store that nobody has used for a while:
    /// the next question finds its pages in the system's cache.
    pub fn rest(&self) -> Result<(), StoreError> {
        let (command, ticket) = Command::rest();
        self.send(command)?;
        ticket.wait()?;
        self.readers().idle.iter().for_each(Reader::shrink);
        Ok(())
    }

    fn send(&self, command: Command) -> Result<(), StoreError> {
        if self.closing.load(Ordering::SeqCst) {
            return Err(StoreError::Closing);
        }
        self.hand_over(command)
    }

    fn hand_over(&self, command: Command) -> Result<(), StoreError> {
        self.waiting.come();
        self.commands.send(command).map_err(|_| {
            self.waiting.go();
            StoreError::Closing
        })
    }

    /// Calls `read` with a snapshot of the index. Keep it short: an open snapshot keeps the WAL from being reset.
    pub fn snapshot<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut reader = self.lend_reader()?;
        let _place = Place(self);
        let result = reader.snapshot(read);
        self.readers().idle.push(reader);
        result
    }

    /// Forgets the tables kept in memory that no question wanted within `age`; how long until it may be tried again, if some are
    /// kept.
    pub fn forget_tables(&self, age: Duration) -> Option<Duration> {
        self.tables.forget(age)
    }

    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lend_reader(&self) -> Result<Reader, StoreError> {
        let mut readers = self.readers();
        loop {
            if self.closing.load(Ordering::SeqCst) {
                return Err(StoreError::Closing);
            }
            if let Some(reader) = readers.idle.pop() {
                readers.out += 1;
                return Ok(reader);
            }
            if readers.out < READERS_MAX {
                let reader = Reader::open(&self.path, Arc::clone(&self.tables))?;
                readers.out += 1;
                return Ok(reader);
            }
            readers = self.reader_back.wait(readers).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Refuses new commands, lets readers finish, commits, checkpoints (`wal_checkpoint(TRUNCATE)`), closes. Blocks.
    pub fn close(&self) -> Result<Checkpoint, StoreError> {
        if self.closing.swap(true, Ordering::SeqCst) {
            return Err(StoreError::Closing);
        }
        let mut readers = self.readers();
        self.reader_back.notify_all();
        while readers.out > 0 {
            readers = self.reader_back.wait(readers).unwrap_or_else(PoisonError::into_inner);
        }
        readers.idle.clear();
        drop(readers);
        let (sender, answer) = sync_channel(1);
        self.hand_over(Command::Close(sender))?;
        let checkpoint = answer.recv().unwrap_or(Err(StoreError::Closing));
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A panic of the writer was reported by the panic hook, and by the answer that did not come.
            let _panicked = thread.join();
        }
        checkpoint
    }
}
