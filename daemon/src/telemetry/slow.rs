//! What took long lately: the last questions and files of that sort, in memory only. What was asked is not kept: a question may hold
//! anything, and this is shown to whoever looks over a shoulder.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use vigie_core::kinds::{Disposition, Language};

/// From here on a question is slow: what takes less a person takes for at once.
pub(crate) const SLOW_QUERY: Duration = Duration::from_millis(100);
/// From here on a file is slow: the largest that are parsed, 2 MiB, take about that long in an ordinary grammar.
pub(crate) const SLOW_FILE: Duration = Duration::from_millis(250);
/// So many of each are remembered: more than a person reads, and with long paths well below a mebibyte.
const KEPT_MAX: usize = 128;

/// A question that took long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SlowQuery {
    /// Kind of the request on the wire.
    pub(crate) kind: u16,
    /// When it was asked, in milliseconds since 1970.
    pub(crate) asked_ms: u64,
    /// From the request to the end of its answer.
    pub(crate) elapsed: Duration,
    /// What of that a thread worked for it.
    pub(crate) worked: Duration,
    /// Rows of the answer.
    pub(crate) rows: u64,
    /// Canonical root of the project, if it was found.
    pub(crate) root: Option<PathBuf>,
    /// Generation that answered.
    pub(crate) generation: u64,
    /// Who asked, as it called itself.
    pub(crate) client: String,
    /// How it ended: 0 = with an answer, else the code of its failure.
    pub(crate) failure: u16,
}

/// A file that took long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SlowFile {
    /// The job.
    pub(crate) job: u64,
    /// Canonical root of its project.
    pub(crate) root: PathBuf,
    /// Relative to the root.
    pub(crate) path: Vec<u8>,
    /// Its language.
    pub(crate) language: Option<Language>,
    /// When it was done, in milliseconds since 1970.
    pub(crate) done_ms: u64,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// What became of it.
    pub(crate) disposition: Disposition,
}

/// See the top of this file.
#[derive(Debug, Default)]
pub(crate) struct Slow {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    queries: VecDeque<SlowQuery>,
    files: VecDeque<SlowFile>,
}

impl Slow {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // A push cannot stop halfway, so a poisoned lock still holds sound rings.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a question.
    pub(crate) fn query(&self, query: SlowQuery) {
        push(&mut self.kept().queries, query);
    }

    /// Remembers a file.
    pub(crate) fn file(&self, file: SlowFile) {
        push(&mut self.kept().files, file);
    }

    /// All that are remembered, newest first.
    pub(crate) fn read(&self) -> (Vec<SlowQuery>, Vec<SlowFile>) {
        let kept = self.kept();
        (kept.queries.iter().rev().cloned().collect(), kept.files.iter().rev().cloned().collect())
    }
}

fn push<T>(ring: &mut VecDeque<T>, newest: T) {
    if ring.len() >= KEPT_MAX {
        ring.pop_front();
    }
    ring.push_back(newest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept_newest_first() {
        let slow = Slow::default();
        for rows in 0..KEPT_MAX as u64 + 3 {
            slow.query(SlowQuery { rows, ..SlowQuery::default() });
        }
        let (queries, files) = slow.read();
        assert_eq!((queries.len(), files.len()), (KEPT_MAX, 0));
        assert_eq!((queries[0].rows, queries[KEPT_MAX - 1].rows), (KEPT_MAX as u64 + 2, 3));
    }
}
