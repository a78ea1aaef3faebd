//! What the daemon counts while it works, so that somebody can ask how it does. Whoever counts pays an atomic addition and waits for
//! nobody; everything that can be looked at when somebody asks is looked at then. Holds neither contents nor questions.

mod clients;

mod counters;

mod slow;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie_core::index::FileOutcome;
use vigie_core::kinds::{Disposition, Stage};

use crate::clock::now_ms;

pub(crate) use self::clients::{Client, Clients};
pub(crate) use self::counters::{BOUNDS_US, Counters, Times};
pub(crate) use self::slow::{SLOW_FILE, SLOW_QUERY, Slow, SlowFile, SlowQuery};

/// Everything that is counted. Shared by all parts of the daemon.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    /// What only rises.
    pub(crate) counters: Counters,
    /// What took long lately.
    pub(crate) slow: Slow,
    /// Who is connected.
    pub(crate) clients: Clients,
}

/// Counts what becomes of files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally<'a> {
    /// Where.
    pub(crate) telemetry: &'a Telemetry,
    /// For this job; 0 = for none.
    pub(crate) job: u64,
    /// Canonical root of the project.
    pub(crate) root: &'a Path,
}

impl Tally<'_> {
    /// A file is done.
    pub(crate) fn file(&self, outcome: &FileOutcome<'_>) {
        let counters = &self.telemetry.counters;
        let (files, bytes) = match outcome.stage {
            Stage::Indexing => (&counters.files_parsed, &counters.bytes_parsed),
            _ => (&counters.files_read, &counters.bytes_read),
        };
        Counters::add(files, 1);
        Counters::add(bytes, outcome.bytes);
        if outcome.disposition == Disposition::Quarantined {
            Counters::add(&counters.files_quarantined, 1);
        }
        let elapsed = Duration::from_micros(outcome.micros);
        if elapsed >= SLOW_FILE {
            self.telemetry.slow.file(SlowFile {
                job: self.job,
                root: self.root.to_path_buf(),
                path: outcome.path.to_vec(),
                language: outcome.language,
                done_ms: now_ms(),
                elapsed,
                bytes: outcome.bytes,
                disposition: outcome.disposition,
            });
        }
    }
}

/// A question under way; dropped, it is counted, however it ended.
#[derive(Debug)]
pub(crate) struct Timed {
    telemetry: Arc<Telemetry>,
    kind: u16,
    began: Instant,
    asked_ms: u64,
}

impl Timed {
    /// A question that begins now. `None` = a request of this kind is no question.
    pub(crate) fn begin(telemetry: &Arc<Telemetry>, kind: u16, asked_ms: u64) -> Option<Timed> {
        telemetry.counters.query(kind)?;
        Some(Timed { telemetry: Arc::clone(telemetry), kind, began: Instant::now(), asked_ms })
    }

    /// It has ended: `query` says with what, if it took long enough for that to be remembered.
    pub(crate) fn end(self, failure: u16, query: impl FnOnce() -> SlowQuery) {
        let elapsed = self.began.elapsed();
        if let Some(counter) = self.telemetry.counters.query(self.kind) {
            counter.note(elapsed);
        }
        if failure != 0 {
            Counters::add(&self.telemetry.counters.queries_failed, 1);
        }
        if elapsed >= SLOW_QUERY {
            let (kind, asked_ms) = (self.kind, self.asked_ms);
            self.telemetry.slow.query(SlowQuery { kind, asked_ms, elapsed, failure, ..query() });
        }
    }
}
