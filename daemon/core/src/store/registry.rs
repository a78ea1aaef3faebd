//! The registry: which projects and which jobs there are. One small database for the daemon, `synchronous=FULL`: what it says
//! has happened, has happened.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::StoreError;
use super::error::damaged;
use super::integrity::quick_check;
use super::meta::{get_meta, put_meta};
use super::schema;
use crate::index::Budget;

/// A known project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRecord {
    /// Canonical root.
    pub root: PathBuf,
    /// File name of its store, relative to the state directory's `projects/`.
    pub store_name: String,
    /// When it was registered, in milliseconds since 1970.
    pub registered_ms: u64,
    /// What happened to an earlier store; may be empty.
    pub note: String,
    /// Generation at its last close or job end; this and the figures below serve lists that must not open it.
    pub generation: u64,
    /// Files known.
    pub files: u64,
    /// Source bytes.
    pub bytes: u64,
    /// Definitions.
    pub symbols: u64,
    /// References.
    pub references: u64,
    /// Bytes on disk.
    pub store_bytes: u64,
    /// When a job last ended complete, in milliseconds since 1970; 0 = never.
    pub indexed_ms: u64,
    /// Its tree is to be followed.
    pub watched: bool,
    /// When its store was last used, in milliseconds since 1970.
    pub used_ms: u64,
    /// When its root was first found to be gone, in milliseconds since 1970; 0 = it is there.
    pub gone_ms: u64,
}

/// State of a job on disk. (`cancelling` is `cancel_requested` on a queued or running job.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Waiting.
    Queued,
    /// Being worked on; found at start, it means that the daemon died under it.
    Running,
    /// The daemon stopped under it.
    Interrupted,
    /// Somebody paused it.
    Paused,
    /// Ended well.
    Done,
    /// Ended by an error.
    Failed,
    /// Ended by a cancel.
    Cancelled,
}

impl JobState {
    const ALL: [JobState; 7] = [
        JobState::Queued,
        JobState::Running,
        JobState::Interrupted,
        JobState::Paused,
        JobState::Done,
        JobState::Failed,
        JobState::Cancelled,
    ];

    /// Whether the job has ended for good.
    pub fn is_terminal(self) -> bool {
        match self {
            JobState::Queued | JobState::Running | JobState::Interrupted | JobState::Paused => false,
            JobState::Done | JobState::Failed | JobState::Cancelled => true,
        }
    }

    /// The number on disk; all terminal ones are [`FIRST_TERMINAL`] or above.
    fn number(self) -> u8 {
        match self {
            JobState::Queued => 1,
            JobState::Running => 2,
            JobState::Interrupted => 3,
            JobState::Paused => 4,
            JobState::Done => 10,
            JobState::Failed => 11,
            JobState::Cancelled => 12,
        }
    }
}

const FIRST_TERMINAL: u8 = 10;

/// A job on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Its id, never reused, below 2^53.
    pub job: u64,
    /// Canonical root of its project.
    pub root: PathBuf,
    /// Number of its kind on the wire.
    pub kind: u16,
    /// Whether it re-reads everything.
    pub force: bool,
    /// Its budget.
    pub budget: Budget,
    /// Where it stands.
    pub state: JobState,
    /// A cancel was acknowledged: it must end as cancelled.
    pub cancel_requested: bool,
    /// When it was accepted, in milliseconds since 1970.
    pub accepted_ms: u64,
    /// When it first ran; 0 = not yet.
    pub started_ms: u64,
    /// When it ended; 0 = not yet.
    pub ended_ms: u64,
    /// How often the daemon died under it.
    pub deaths: u32,
    /// Its terminal event as the daemon encoded it; empty until it ends.
    pub terminal: Vec<u8>,
}

/// Most terminal job records kept.
pub const TERMINAL_RECORDS_MAX: usize = 1000;

/// The registry database; used by one thread.
pub struct Registry {
    path: PathBuf,
    connection: Connection,
}

const PROJECT_COLUMNS: &str = "root, store_name, registered_ms, note, generation, files, bytes, symbols, \"references\", \
     store_bytes, indexed_ms, watched, used_ms, gone_ms";
const JOB_COLUMNS: &str = "id, root, kind, force, files_max, bytes_max, time_max_ms, memory_bytes_max, state, \
     cancel_requested, accepted_ms, started_ms, ended_ms, deaths, terminal, workers_max";

impl Registry {
    /// Opens or creates it. One that is damaged is set aside and begun anew from nothing; the second value says so.
    pub fn open(path: &Path) -> Result<(Registry, Option<String>), StoreError> {
        let (registry, note) = schema::open_or_set_aside(path, |path| {
            let registry = Registry { path: path.to_path_buf(), connection: schema::open_registry(path)? };
            // Reads every row once, so that damage shows now and not in the middle of a request.
            registry.projects()?;
            registry.unfinished_jobs()?;
            Ok(registry)
        })?;
        if note.is_some() {
            registry.count_from(crate::source::now_ns() / 1_000_000_000)?;
        }
        Ok((registry, note))
    }

    /// Begins jobs and lives of the daemon above a number: those that were lost have marks in stores and in clients' cursors.
    fn count_from(&self, number: i64) -> Result<(), StoreError> {
        let write = || {
            put_meta(&self.connection, "epoch", number)?;
            self.connection.execute("INSERT INTO sqlite_sequence(name, seq) VALUES ('job', ?1)", [number])
        };
        write().map(|_| ()).map_err(self.failed("write"))
    }

    fn failed(&self, action: &'static str) -> impl Fn(rusqlite::Error) -> StoreError + use<> {
        let path = self.path.clone();
        move |e| {
            let error = StoreError::new(action, &path, &e);
            if let StoreError::Corrupt { reason, .. } = &error {
                schema::mark_damaged(&path, reason);
            }
            error
        }
    }

    /// Begins a new life of the daemon and returns its number: one more than the last.
    pub fn begin_epoch(&mut self) -> Result<u64, StoreError> {
        let next = |connection: &Connection| {
            let epoch = get_meta::<i64>(connection, "epoch")?.unwrap_or(0) + 1;
            put_meta(connection, "epoch", epoch)?;
            Ok(epoch.cast_unsigned())
        };
        next(&self.connection).map_err(self.failed("write"))
    }

    /// Every project, by root.
    pub fn projects(&self) -> Result<Vec<ProjectRecord>, StoreError> {
        let read = || {
            let sql = format!("SELECT {PROJECT_COLUMNS} FROM project ORDER BY root");
            let mut statement = self.connection.prepare_cached(&sql)?;
            statement.query_map([], project_from_row)?.collect::<rusqlite::Result<_>>()
        };
        read().map_err(self.failed("read"))
    }

    /// The record of a root, registered now if it was not.
    pub fn register(&mut self, root: &Path, now_ms: u64) -> Result<ProjectRecord, StoreError> {
        let register = || {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO project VALUES (?1, ?2, ?3, '', 0, 0, 0, 0, 0, 0, 0, 0, ?3, 0)")?
                .execute(params![root.as_os_str().as_bytes(), store_name(root), now_ms.cast_signed()])?;
            let sql = format!("SELECT {PROJECT_COLUMNS} FROM project WHERE root = ?1");
            self.connection.prepare_cached(&sql)?.query_row([root.as_os_str().as_bytes()], project_from_row)
        };
        register().map_err(self.failed("write"))
    }

    /// Removes a project and its jobs that have ended, and writes the database anew, so that nothing is to be read of them in pages or
    /// parts of pages that are free.
    pub fn forget(&mut self, root: &Path) -> Result<(), StoreError> {
        let forget = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            let root = root.as_os_str().as_bytes();
            transaction.execute("DELETE FROM project WHERE root = ?1", [root])?;
            transaction.execute("DELETE FROM job WHERE root = ?1 AND state >= ?2", params![root, FIRST_TERMINAL])?;
            transaction.commit()?;
            connection.execute_batch("VACUUM")?;
            // Nobody else reads it for longer than a moment; what is left in the log then goes with the next one that is forgotten.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        };
        let failed = self.failed("write");
        forget(&mut self.connection).map_err(failed)
    }

    /// Writes figures and note of a project, and whether it is watched.
    pub fn update_project(&mut self, record: &ProjectRecord) -> Result<(), StoreError> {
        let update = || {
            self.connection
                .prepare_cached(
                    "UPDATE project SET note = ?2, generation = ?3, files = ?4, bytes = ?5, symbols = ?6,
                       \"references\" = ?7, store_bytes = ?8, indexed_ms = ?9, watched = ?10,
                       used_ms = ?11, gone_ms = ?12 WHERE root = ?1",
                )?
                .execute(params![
                    record.root.as_os_str().as_bytes(),
                    record.note,
                    record.generation.cast_signed(),
                    record.files.cast_signed(),
                    record.bytes.cast_signed(),
                    record.symbols.cast_signed(),
                    record.references.cast_signed(),
                    record.store_bytes.cast_signed(),
                    record.indexed_ms.cast_signed(),
                    record.watched,
                    record.used_ms.cast_signed(),
                    record.gone_ms.cast_signed(),
                ])
        };
        update().map(|_| ()).map_err(self.failed("write"))
    }

    /// Creates a queued job and returns it with its id.
    pub fn create_job(
        &mut self,
        root: &Path,
        kind: u16,
        force: bool,
        budget: Budget,
        now_ms: u64,
    ) -> Result<JobRecord, StoreError> {
        let mut record = JobRecord {
            job: 0,
            root: root.to_path_buf(),
            kind,
            force,
            budget,
            state: JobState::Queued,
            cancel_requested: false,
            accepted_ms: now_ms,
            started_ms: 0,
            ended_ms: 0,
            deaths: 0,
            terminal: Vec::new(),
        };
        put_job(&self.connection, None, &record).map_err(self.failed("write"))?;
        record.job = self.connection.last_insert_rowid().cast_unsigned();
        Ok(record)
    }

    /// Writes a job's state, budget, cancel flag, times and deaths; with a terminal state also its terminal event, and drops the
    /// oldest terminal records beyond [`TERMINAL_RECORDS_MAX`].
    pub fn update_job(&mut self, record: &JobRecord) -> Result<(), StoreError> {
        let update = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            put_job(&transaction, Some(record.job), record)?;
            if record.state.is_terminal() {
                transaction
                    .prepare_cached(
                        "DELETE FROM job WHERE state >= ?1 AND id <=
                           (SELECT id FROM job WHERE state >= ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                    )?
                    .execute(params![FIRST_TERMINAL, TERMINAL_RECORDS_MAX as i64])?;
            }
            transaction.commit()
        };
        let failed = self.failed("write");
        update(&mut self.connection).map_err(failed)
    }

    /// What is wrong with it, if anything is; it is small.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        quick_check(&self.connection).map_err(self.failed("check"))
    }

    /// One job.
    pub fn job(&self, job: u64) -> Result<Option<JobRecord>, StoreError> {
        let read = || {
            let sql = format!("SELECT {JOB_COLUMNS} FROM job WHERE id = ?1");
            self.connection.prepare_cached(&sql)?.query_row([job.cast_signed()], job_from_row).optional()
        };
        read().map_err(self.failed("read"))
    }

    /// Jobs without a terminal state, oldest first.
    pub fn unfinished_jobs(&self) -> Result<Vec<JobRecord>, StoreError> {
        let read = || {
            let sql = format!("SELECT {JOB_COLUMNS} FROM job WHERE state < ?1 ORDER BY id");
            self.connection
                .prepare_cached(&sql)?
                .query_map([FIRST_TERMINAL], job_from_row)?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(self.failed("read"))
    }

    /// Ended jobs, newest first.
    pub fn ended_jobs(&self, limit: usize) -> Result<Vec<JobRecord>, StoreError> {
        let read = || {
            let sql = format!("SELECT {JOB_COLUMNS} FROM job WHERE state >= ?1 ORDER BY id DESC LIMIT ?2");
            self.connection
                .prepare_cached(&sql)?
                .query_map(params![FIRST_TERMINAL, limit as i64], job_from_row)?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(self.failed("read"))
    }
}

/// A store's file name: a hash of the canonical root.
fn store_name(root: &Path) -> String {
    let hash = blake3::hash(root.as_os_str().as_bytes());
    format!("{}.sqlite", &hash.to_hex()[..32])
}

fn path_from_row(row: &Row<'_>, index: usize) -> rusqlite::Result<PathBuf> {
    Ok(PathBuf::from(OsStr::from_bytes(row.get_ref(index)?.as_blob()?)))
}

fn unsigned(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(index).map(i64::cast_unsigned)
}

fn project_from_row(row: &Row<'_>) -> rusqlite::Result<ProjectRecord> {
    Ok(ProjectRecord {
        root: path_from_row(row, 0)?,
        store_name: row.get(1)?,
        registered_ms: unsigned(row, 2)?,
        note: row.get(3)?,
        generation: unsigned(row, 4)?,
        files: unsigned(row, 5)?,
        bytes: unsigned(row, 6)?,
        symbols: unsigned(row, 7)?,
        references: unsigned(row, 8)?,
        store_bytes: unsigned(row, 9)?,
        indexed_ms: unsigned(row, 10)?,
        watched: row.get(11)?,
        used_ms: unsigned(row, 12)?,
        gone_ms: unsigned(row, 13)?,
    })
}

fn job_from_row(row: &Row<'_>) -> rusqlite::Result<JobRecord> {
    let limit = |index| row.get::<_, Option<i64>>(index).map(|n| n.map(i64::cast_unsigned));
    let state: u8 = row.get(8)?;
    Ok(JobRecord {
        job: unsigned(row, 0)?,
        root: path_from_row(row, 1)?,
        kind: row.get(2)?,
        force: row.get(3)?,
        budget: Budget {
            files_max: limit(4)?,
            bytes_max: limit(5)?,
            time_max: limit(6)?.map(Duration::from_millis),
            memory_bytes_max: limit(7)?,
            workers_max: row.get(15)?,
        },
        state: JobState::ALL.into_iter().find(|s| s.number() == state).ok_or_else(|| damaged("unknown job state"))?,
        cancel_requested: row.get(9)?,
        accepted_ms: unsigned(row, 10)?,
        started_ms: unsigned(row, 11)?,
        ended_ms: unsigned(row, 12)?,
        deaths: row.get(13)?,
        terminal: row.get(14)?,
    })
}

/// Inserts a job, with a new number if it has none yet.
fn put_job(connection: &Connection, job: Option<u64>, record: &JobRecord) -> rusqlite::Result<()> {
    let budget = record.budget;
    let time_max_ms = budget.time_max.map(|time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO job VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            job.map(u64::cast_signed),
            record.root.as_os_str().as_bytes(),
            record.kind,
            record.force,
            budget.files_max.map(u64::cast_signed),
            budget.bytes_max.map(u64::cast_signed),
            time_max_ms,
            budget.memory_bytes_max.map(u64::cast_signed),
            record.state.number(),
            record.cancel_requested,
            record.accepted_ms.cast_signed(),
            record.started_ms.cast_signed(),
            record.ended_ms.cast_signed(),
            record.deaths,
            record.terminal,
            budget.workers_max,
        ])?;
    Ok(())
}
