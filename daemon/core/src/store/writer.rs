//! The one writer of a project's store: a thread that takes commits from a bounded channel, and merges segments in slices
//! when nothing is committed. Everything it holds in memory can be read back from the database, and is, after a failed commit.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};

use crate::extract;
use crate::kinds::{Disposition, Language};
use crate::language;

use super::change_log::{self, LogState};
use super::error::{StoreError, damaged};
use super::file::{self, FileId, FileRow, FileStat, Structure};
use super::lexical::LexicalSegment;
use super::merge::{Merge, MergeStep};
use super::meta::{get_meta, put_meta};
use super::segment::{self, Segment, SegmentId, Tier, Tombstones};
use super::state::{Checkpoint, JobMark, State};
use super::structure::{NameBlocks, StructureSegment};
use super::tally::Tally;
use super::waiting::Waiting;
use super::{merge, schema};

/// Commits waiting for the writer; a job that has sent as many waits.
pub(super) const COMMITS_MAX: usize = 4;

/// How long nothing has been committed when merges begin. Those of a job come one after the other, and what is merged between them takes
/// the processor from whoever parses.
const QUIET: Duration = Duration::from_secs(1);

/// Files were looked at with different tables of languages.
pub const LANGUAGES_UNSETTLED: u64 = u64::MAX;

/// Facts for one generation.
#[derive(Debug)]
pub enum Commit {
    /// Of the lexical tier.
    Scan(ScanCommit),
    /// Of the structure tier.
    Structure(StructureCommit),
    /// No facts and no generation: with which table of languages all files were looked at, by its mark; or
    /// [`LANGUAGES_UNSETTLED`].
    Languages(u64),
    /// No facts and no generation: how the job stands.
    Mark {
        /// The job.
        job: JobMark,
        /// A walk that began then is done, in milliseconds since 1970.
        walked_ms: Option<u64>,
        /// The job ended complete then, in milliseconds since 1970.
        indexed_ms: Option<u64>,
    },
}

/// Files read, touched or gone.
#[derive(Debug, Default)]
pub struct ScanCommit {
    /// Files with new content or a new disposition, by rising id. Generation and structure are the writer's to fill in.
    pub files: Vec<FileRow>,
    /// Postings of those that are text.
    pub segment: LexicalSegment,
    /// Files whose stat changed and whose content did not: stat, and when they were read in nanoseconds since 1970.
    pub touched: Vec<(FileId, FileStat, i64)>,
    /// Files that are gone.
    pub removed: Vec<FileId>,
    /// How the job stands with this commit.
    pub job: JobMark,
}

/// A file that was parsed.
#[derive(Debug)]
pub struct ParsedFile {
    /// Its number.
    pub id: FileId,
    /// What was found in it; the generation is the writer's to fill in.
    pub structure: Structure,
    /// `Indexed` or `Quarantined`.
    pub disposition: Disposition,
    /// Why its facts are not what its grammar finds, if they are not.
    pub reason: String,
}

/// Files parsed.
#[derive(Debug, Default)]
pub struct StructureCommit {
    /// What was found in each, by rising id.
    pub files: Vec<ParsedFile>,
    /// Names and facts of the same files.
    pub segment: StructureSegment,
    /// How the job stands with this commit.
    pub job: JobMark,
}

/// The answer to a commit, when it comes.
#[derive(Debug)]
pub struct Ticket(Receiver<Result<u64, StoreError>>);

impl Ticket {
    /// Waits for the commit and returns its generation.
    pub fn wait(self) -> Result<u64, StoreError> {
        self.0.recv().unwrap_or(Err(StoreError::Closing))
    }
}

pub(super) enum Command {
    Commit(Commit, SyncSender<Result<u64, StoreError>>),
    /// Answered when no merge is left to do.
    Settle(SyncSender<Result<u64, StoreError>>),
    /// The same, and then the page cache is given back.
    Rest(SyncSender<Result<u64, StoreError>>),
    Close(SyncSender<Result<Checkpoint, StoreError>>),
}

impl Command {
    pub(super) fn commit(commit: Commit) -> (Command, Ticket) {
        let (sender, receiver) = sync_channel(1);
        (Command::Commit(commit, sender), Ticket(receiver))
    }

    pub(super) fn settle() -> (Command, Ticket) {
        let (sender, receiver) = sync_channel(1);
        (Command::Settle(sender), Ticket(receiver))
    }

    pub(super) fn rest() -> (Command, Ticket) {
        let (sender, receiver) = sync_channel(1);
        (Command::Rest(sender), Ticket(receiver))
    }
}

/// The writer.
pub(super) struct Writer {
    path: PathBuf,
    connection: Connection,
    state: State,
    shared: Arc<Mutex<State>>,
    segments: Vec<Segment>,
    next_segment: SegmentId,
    merge: Option<Merge>,
    garbage: VecDeque<SegmentId>,
    merging: bool,
    /// When the last commit was done.
    committed: Option<Instant>,
    /// Free pages are being given back.
    shrinking: bool,
    /// The database could not be read after a failed commit: memory may say something else.
    stale: bool,
    settling: Vec<SyncSender<Result<u64, StoreError>>>,
    /// The page cache is to be given back when no merge is left to do.
    resting: bool,
    waiting: Waiting,
}

impl Writer {
    /// Opens or creates the store and reads its state.
    pub(super) fn open(path: &Path, root: &Path) -> Result<Writer, StoreError> {
        let connection = schema::open_project(path)?;
        let mut writer = Writer {
            path: path.to_path_buf(),
            connection,
            state: State::default(),
            shared: Arc::default(),
            segments: Vec::new(),
            next_segment: 1,
            merge: None,
            garbage: VecDeque::new(),
            merging: true,
            committed: None,
            shrinking: false,
            stale: false,
            settling: Vec::new(),
            resting: false,
            waiting: Waiting::default(),
        };
        writer.load(root).map_err(|e| StoreError::new("read", path, &e))?;
        writer.share();
        Ok(writer)
    }

    /// What senders of commands say before they do.
    pub(super) fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    /// The state others may read.
    pub(super) fn shared(&self) -> Arc<Mutex<State>> {
        Arc::clone(&self.shared)
    }

    /// Takes commands until it is told to close.
    pub(super) fn run(mut self, commands: &Receiver<Command>) {
        while let Some(command) = self.next(commands) {
            self.waiting.go();
            match command {
                Command::Commit(commit, reply) => {
                    let result = self.commit(commit);
                    self.committed = Some(Instant::now());
                    // Whoever sent it may have been cancelled.
                    let _left = reply.send(result);
                }
                Command::Settle(reply) => self.settling.push(reply),
                Command::Rest(reply) => {
                    self.resting = true;
                    self.settling.push(reply);
                }
                Command::Close(reply) => {
                    let _left = reply.send(self.close());
                    return;
                }
            }
        }
    }

    /// The next command, and until it comes what is done in the background; nothing once nobody is left to send one.
    fn next(&mut self, commands: &Receiver<Command>) -> Option<Command> {
        while self.has_background_work() {
            match commands.recv_timeout(self.quiet_left()) {
                Ok(command) => return Some(command),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.background_slice(),
            }
        }
        if std::mem::take(&mut self.resting) {
            schema::shrink(&self.connection);
        }
        self.settling.drain(..).for_each(|waiter| {
            // Whoever asked may have left.
            let _left = waiter.send(Ok(self.state.generation));
        });
        commands.recv().ok()
    }

    /// How long the next commit is waited for before anything is done in the background.
    fn quiet_left(&self) -> Duration {
        // The room of what was merged is wanted again at once, or a large index takes twice its size meanwhile.
        let is_begun = self.merge.is_some() || !self.garbage.is_empty();
        let is_wanted = is_begun || !self.settling.is_empty() || merge::is_overdue(&self.segments);
        let since = self.committed.filter(|_| !is_wanted);
        since.map_or(Duration::ZERO, |since| QUIET.saturating_sub(since.elapsed()))
    }

    fn error(&self, action: &'static str, error: &rusqlite::Error) -> StoreError {
        let error = StoreError::new(action, &self.path, error);
        if let StoreError::Corrupt { reason, .. } = &error {
            schema::mark_damaged(&self.path, reason);
        }
        error
    }

    fn share(&self) {
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = self.state.clone();
    }

    fn load(&mut self, root: &Path) -> rusqlite::Result<()> {
        let connection = &self.connection;
        put_meta(connection, "root", root.as_os_str().as_encoded_bytes())?;
        self.reload()?;
        let versions = extractor_versions();
        if get_meta::<Vec<u8>>(&self.connection, "extractors")?.as_ref() != Some(&versions) {
            // What an older extractor found counts as pending from now on, and a file that had no language is read again by the next
            // job: it may have one now.
            let transaction = self.connection.unchecked_transaction()?;
            file::forget_unlanguaged(&transaction)?;
            self.state.tally = recount(&transaction)?;
            self.state.log.forget(&transaction, self.state.generation)?;
            put_meta(&transaction, "extractors", &versions)?;
            put_meta(&transaction, "tally", self.state.tally.pack())?;
            transaction.commit()?;
        }
        self.next_segment = merge::segment_id_max(&self.connection)? + 1;
        let live: HashSet<SegmentId> = self.segments.iter().map(|segment| segment.id).collect();
        self.garbage = merge::segment_ids(&self.connection)?.into_iter().filter(|id| !live.contains(id)).collect();
        Ok(())
    }

    fn reload(&mut self) -> rusqlite::Result<()> {
        let connection = &self.connection;
        let number = |key| Ok::<u64, rusqlite::Error>(get_meta::<i64>(connection, key)?.unwrap_or(0).cast_unsigned());
        let tally = match get_meta::<Vec<u8>>(connection, "tally")? {
            Some(bytes) => Tally::unpack(&bytes).map_err(|_| damaged("tally"))?,
            None => Tally::default(),
        };
        let job = match get_meta::<Vec<u8>>(connection, "job")? {
            Some(bytes) => JobMark::unpack(&bytes).map_err(|_| damaged("job mark"))?,
            None => JobMark::default(),
        };
        let newest: Option<FileId> = connection.query_row("SELECT max(id) FROM file", [], |row| row.get(0))?;
        let next_file = FileId::try_from(number("next_file")?).unwrap_or(FileId::MAX);
        self.state = State {
            generation: number("generation")?,
            manifest: number("manifest")?,
            tally,
            job,
            walked_ms: number("walked_ms")?,
            indexed_ms: number("indexed_ms")?,
            languages: number("languages")?,
            next_file: next_file.max(newest.map_or(1, |id| id.saturating_add(1))),
            log: LogState::load(connection)?,
        };
        self.segments = segment::load_all(connection, &[])?;
        Ok(())
    }

    fn commit(&mut self, commit: Commit) -> Result<u64, StoreError> {
        if self.stale {
            self.follow_database().map_err(|e| self.error("read", &e))?;
        }
        if let Err(e) = self.write(commit) {
            let error = self.error("write", &e);
            // The transaction was rolled back; memory follows. Should reading fail too, the next commit tries again.
            self.abandon_merge();
            let _tried_again = self.follow_database();
            return Err(error);
        }
        self.share();
        Ok(self.state.generation)
    }

    fn follow_database(&mut self) -> rusqlite::Result<()> {
        self.stale = true;
        self.reload()?;
        self.stale = false;
        self.share();
        Ok(())
    }

    fn abandon_merge(&mut self) {
        self.garbage.extend(self.merge.take().map(|merge| merge.target()));
    }

    fn write(&mut self, commit: Commit) -> rusqlite::Result<()> {
        let Writer { connection, state, segments, next_segment, .. } = self;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut change = Change {
            connection: &transaction,
            state,
            segments,
            next_segment,
            buried: HashSet::new(),
            blocks: NameBlocks::default(),
        };
        match commit {
            Commit::Scan(commit) => change.scan(commit)?,
            Commit::Structure(commit) => change.structure(commit)?,
            Commit::Languages(mark) => change.state.languages = mark,
            Commit::Mark { job, walked_ms, indexed_ms } => {
                change.state.job = job;
                if let Some(ms) = walked_ms {
                    change.state.walked_ms = ms;
                }
                if let Some(ms) = indexed_ms {
                    change.state.indexed_ms = ms;
                    change.state.log.begin(change.state.generation);
                }
            }
        }
        change.write_state()?;
        transaction.commit()
    }

    fn has_background_work(&self) -> bool {
        let is_any = || {
            self.merge.is_some() || !self.garbage.is_empty() || self.shrinking || merge::due(&self.segments).is_some()
        };
        self.merging && !self.stale && is_any()
    }

    /// One bounded slice of merging or collecting. A slice that fails leaves the segments as they were: the store answers as
    /// before, and whatever is wrong is reported by the next commit that meets it.
    fn background_slice(&mut self) {
        if let Err(e) = self.background_step() {
            let _marked_if_damaged = self.error("merge", &e);
            self.abandon_merge();
            // Not tried again before the store is opened anew.
            self.merging = false;
        }
    }

    fn background_step(&mut self) -> rusqlite::Result<()> {
        if self.merge.is_none()
            && let Some(inputs) = merge::due(&self.segments)
        {
            let inputs = self.segments.iter().filter(|s| inputs.contains(&s.id)).cloned().collect();
            self.merge = Some(Merge::new(inputs, self.next_segment));
            self.next_segment += 1;
        }
        let Some(running) = &mut self.merge else { return self.collect_slice() };
        match running.step(&mut self.connection, &self.waiting)? {
            MergeStep::More => Ok(()),
            MergeStep::Done => self.publish_merge(),
        }
    }

    fn publish_merge(&mut self) -> rusqlite::Result<()> {
        let Some(merge) = self.merge.take() else { return Ok(()) };
        let merged = merge.finish(&self.segments);
        let inputs = merge.inputs();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        segment::publish(&transaction, &merged)?;
        inputs.iter().try_for_each(|id| segment::retire(&transaction, *id))?;
        put_meta(&transaction, "manifest", (self.state.manifest + 1).cast_signed())?;
        transaction.commit()?;
        self.state.manifest += 1;
        self.segments.retain(|segment| !inputs.contains(&segment.id));
        self.segments.push(merged);
        self.garbage.extend(inputs);
        self.share();
        Ok(())
    }

    fn collect_slice(&mut self) -> rusqlite::Result<()> {
        let Some(id) = self.garbage.front() else {
            self.shrinking = merge::give_pages_back(&self.connection)?;
            return Ok(());
        };
        if merge::collect(&mut self.connection, *id)? {
            self.garbage.pop_front();
            self.shrinking = self.garbage.is_empty() && merge::is_mostly_free(&self.connection)?;
        }
        Ok(())
    }

    fn close(self) -> Result<Checkpoint, StoreError> {
        let checkpoint = match self.connection.wal_checkpoint_v2(None::<&str>, rusqlite::wal::CheckpointMode::TRUNCATE)
        {
            Ok((log, moved)) => Checkpoint { busy: false, wal_frames: log.into(), moved_frames: moved.into() },
            Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
                Checkpoint { busy: true, wal_frames: -1, moved_frames: -1 }
            }
            Err(e) => return Err(self.error("checkpoint", &e)),
        };
        let path = self.path;
        self.connection.close().map_err(|(_, e)| StoreError::new("close", &path, &e))?;
        Ok(checkpoint)
    }
}

/// A transaction of facts under way.
struct Change<'a> {
    connection: &'a Connection,
    state: &'a mut State,
    segments: &'a mut Vec<Segment>,
    next_segment: &'a mut SegmentId,
    buried: HashSet<SegmentId>,
    /// Names of what is written down of files as they were.
    blocks: NameBlocks,
}

impl Change<'_> {
    fn scan(&mut self, commit: ScanCommit) -> rusqlite::Result<()> {
        // That a file was looked at again is no fact about it.
        let has_facts = !(commit.files.is_empty() && commit.removed.is_empty());
        self.state.generation += u64::from(has_facts);
        for id in commit.removed {
            if let Some(row) = file::by_id(self.connection, id)? {
                self.state.tally.remove(&row);
                self.note(&row.path, Some(&row))?;
                self.bury(Tier::Lexical, id);
                self.bury(Tier::Structure, id);
                file::delete(self.connection, id)?;
            }
        }
        for (id, stat, read_ns) in commit.touched {
            if let Some(mut row) = file::by_id(self.connection, id)? {
                self.state.tally.remove(&row);
                (row.stat, row.read_ns) = (stat, read_ns);
                self.state.tally.add(&row);
                file::put(self.connection, &row)?;
            }
        }
        for row in commit.files {
            self.scanned(row)?;
        }
        if !commit.segment.files.is_empty() {
            let id = self.take_segment_id();
            commit.segment.write(self.connection, id)?;
            self.publish(id, Tier::Lexical, commit.segment.files)?;
        }
        self.state.job = commit.job;
        Ok(())
    }

    fn scanned(&mut self, mut row: FileRow) -> rusqlite::Result<()> {
        row.scan_generation = self.state.generation;
        row.structure = None;
        if let Some(old) = file::by_id(self.connection, row.id)? {
            self.state.tally.remove(&old);
            // The structure of older content answers, marked stale, until it is replaced.
            let keeps_structure = row.is_text() && row.language == old.language;
            if keeps_structure {
                if row.content_hash == old.content_hash {
                    // What its grammar made of the same content stands, too, until it is parsed again.
                    (row.disposition, row.reason) = (old.disposition, old.reason.clone());
                }
                row.structure.clone_from(&old.structure);
            }
            if change_log::standing(&old) != change_log::standing(&row) {
                self.note(&row.path, Some(&old))?;
            }
            self.bury(Tier::Lexical, old.id);
            if !keeps_structure {
                self.bury(Tier::Structure, old.id);
            }
        } else {
            self.note(&row.path, None)?;
        }
        self.state.tally.add(&row);
        self.state.next_file = self.state.next_file.max(row.id.saturating_add(1));
        file::put(self.connection, &row)
    }

    fn structure(&mut self, commit: StructureCommit) -> rusqlite::Result<()> {
        self.state.generation += 1;
        let mut outdated = Vec::new();
        for parsed in commit.files {
            let row = file::by_id(self.connection, parsed.id)?;
            let Some(mut row) = row.filter(|row| row.content_hash == Some(parsed.structure.hash)) else {
                // Its content changed while it was parsed: what was found describes nothing that is here.
                outdated.push(parsed.id);
                continue;
            };
            self.state.tally.remove(&row);
            let old = row.clone();
            row.structure = Some(Structure { generation: self.state.generation, ..parsed.structure });
            if change_log::standing(&old) != change_log::standing(&row) {
                self.note(&row.path, Some(&old))?;
            }
            self.bury(Tier::Structure, parsed.id);
            (row.disposition, row.reason) = (parsed.disposition, parsed.reason);
            self.state.tally.add(&row);
            file::put(self.connection, &row)?;
        }
        if !commit.segment.files.is_empty() {
            let id = self.take_segment_id();
            commit.segment.write(self.connection, id)?;
            self.publish(id, Tier::Structure, commit.segment.files)?;
            for file in outdated {
                self.bury_in(id, file);
            }
        }
        self.state.job = commit.job;
        Ok(())
    }

    /// Notes in the log what a file was before this generation.
    fn note(&mut self, path: &[u8], before: Option<&FileRow>) -> rusqlite::Result<()> {
        let State { log, generation, .. } = &mut *self.state;
        log.note(self.connection, (self.segments, &mut self.blocks), *generation, path, before)
    }

    fn take_segment_id(&mut self) -> SegmentId {
        let id = *self.next_segment;
        *self.next_segment += 1;
        id
    }

    fn publish(&mut self, id: SegmentId, tier: Tier, files: Vec<FileId>) -> rusqlite::Result<()> {
        let level = merge::level_of(files.len());
        let segment = Segment { id, tier, level, files: files.into(), tombstones: Tombstones::default() };
        segment::publish(self.connection, &segment)?;
        self.segments.push(segment);
        Ok(())
    }

    /// Marks a file dead in the one segment of the tier where it is alive.
    fn bury(&mut self, tier: Tier, file: FileId) {
        let alive = self.segments.iter_mut().filter(|s| s.tier == tier).find_map(|segment| {
            let local = segment.live_local(file)?;
            Some((segment, local))
        });
        if let Some((segment, local)) = alive {
            segment.tombstones.insert(local);
            self.buried.insert(segment.id);
        }
    }

    fn bury_in(&mut self, id: SegmentId, file: FileId) {
        if let Some(segment) = self.segments.iter_mut().find(|segment| segment.id == id)
            && let Some(local) = segment.local(file)
        {
            segment.tombstones.insert(local);
            self.buried.insert(id);
        }
    }

    fn write_state(&mut self) -> rusqlite::Result<()> {
        for segment in self.segments.iter().filter(|segment| self.buried.contains(&segment.id)) {
            segment::put_tombstones(self.connection, segment)?;
        }
        self.state.log.trim(self.connection)?;
        self.state.manifest += 1;
        let state = &*self.state;
        put_meta(self.connection, "generation", state.generation.cast_signed())?;
        put_meta(self.connection, "manifest", state.manifest.cast_signed())?;
        put_meta(self.connection, "tally", state.tally.pack())?;
        put_meta(self.connection, "job", state.job.pack())?;
        put_meta(self.connection, "walked_ms", state.walked_ms.cast_signed())?;
        put_meta(self.connection, "indexed_ms", state.indexed_ms.cast_signed())?;
        put_meta(self.connection, "languages", state.languages.cast_signed())?;
        put_meta(self.connection, "next_file", i64::from(state.next_file))?;
        state.log.store(self.connection)
    }
}

fn recount(connection: &Connection) -> rusqlite::Result<Tally> {
    let mut tally = Tally::default();
    file::each_by_path(connection, None, |row| {
        tally.add(&row);
        true
    })?;
    Ok(tally)
}

fn extractor_versions() -> Vec<u8> {
    let versions = Language::ALL.iter().map(|language| extract::version(*language));
    versions.chain([language::version()]).flat_map(u64::to_le_bytes).collect()
}
