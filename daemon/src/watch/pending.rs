//! What has happened and was not said yet, and when it has settled: a save is several events, a checkout thousands.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vigie_core::{outside, walk};

use super::events::Happened;

/// Nothing more has happened for this long: a save is over.
const SETTLED: Duration = Duration::from_millis(10);
/// A save that is not over after this long is told nevertheless.
const SETTLES_WITHIN: Duration = Duration::from_millis(50);

/// Most paths of one save.
const SAVE: usize = 4;

/// So many paths are a burst: a checkout, a generator, an unpacked archive.
const BURST: usize = 64;
/// Nothing more has happened for this long: a burst is over.
const BURST_SETTLED: Duration = Duration::from_millis(100);
/// A burst that is not over after this long is told nevertheless.
const BURST_SETTLES_WITHIN: Duration = Duration::from_secs(2);

/// Longer than this git locks its index only for so much that it need not be waited for.
const GIT_LOCK_MAX: Duration = Duration::from_secs(10);

/// Most paths remembered. More of them are looked for by a walk.
const PATHS_MAX: usize = 20_000;

/// What was touched since it was last asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    /// Absolute paths.
    pub(super) paths: BTreeSet<PathBuf>,
    /// More than these may have been.
    pub(super) anything: bool,
    /// That is so because not all that happened could be told.
    pub(super) is_lost: bool,
}

/// See the top of this file.
#[derive(Debug)]
pub(super) struct Pending {
    touched: Touched,
    first: Option<Instant>,
    last: Instant,
    /// Git was seen at work since `first`.
    is_checkout: bool,
    root: PathBuf,
    git: PathBuf,
}

impl Pending {
    /// Nothing of this project.
    pub(super) fn new(root: &Path) -> Pending {
        Pending {
            touched: Touched::default(),
            first: None,
            last: Instant::now(),
            is_checkout: false,
            root: root.to_path_buf(),
            git: root.join(".git"),
        }
    }

    /// Notes what happened.
    pub(super) fn note(&mut self, happened: Happened) {
        self.touched.is_lost |= happened == Happened::Lost;
        let path = match happened {
            Happened::At(path) | Happened::Written(path) => Some(path),
            Happened::Lost | Happened::Anything => None,
        };
        match path {
            Some(path) if path.starts_with(&self.git) && !path.ends_with("info/exclude") => return,
            Some(path) if !self.says_what_is_a_part(&path) && self.touched.paths.len() < PATHS_MAX => {
                self.touched.paths.insert(path);
            }
            said => {
                self.touched.is_lost |= said.is_some_and(|path| !self.says_what_is_a_part(&path));
                self.touched.paths.clear();
                self.touched.anything = true;
            }
        }
        self.last = Instant::now();
        self.first.get_or_insert(self.last);
    }

    /// Whether a change of this file may change which others are part of the project.
    fn says_what_is_a_part(&self, path: &Path) -> bool {
        let has_rules = |path: &Path| walk::has_rules(path.as_os_str().as_bytes());
        path.strip_prefix(&self.root).is_ok_and(has_rules) || path.starts_with(&self.git) || *path == self.root
    }

    /// Whether this path is pending, and few others are: a save is a file and what an editor has beside it.
    pub(super) fn is_save_of(&self, path: &Path) -> bool {
        self.touched.paths.len() <= SAVE && self.touched.paths.contains(path)
    }

    /// Whether there is anything.
    pub(super) fn is_some(&self) -> bool {
        self.first.is_some()
    }

    /// Whether so much is pending that more is to be expected.
    pub(super) fn is_burst(&self) -> bool {
        self.is_checkout || self.touched.anything || self.touched.paths.len() > BURST
    }

    /// When what is pending will have settled if nothing more happens.
    pub(super) fn settles_at(&self) -> Option<Instant> {
        let (quiet, within) =
            if self.is_burst() { (BURST_SETTLED, BURST_SETTLES_WITHIN) } else { (SETTLED, SETTLES_WITHIN) };
        self.first.map(|first| (self.last + quiet).min(first + within))
    }

    /// Whether something is pending that has settled.
    pub(super) fn is_settled(&mut self, now: Instant) -> bool {
        if self.settles_at().is_none_or(|at| now < at) {
            return false;
        }
        // Between two files of a checkout git may pause for longer than a person between two saves.
        if !self.is_checkout && self.is_git_at_work() {
            self.is_checkout = true;
            return self.is_settled(now);
        }
        true
    }

    /// Git has locked its index, and not so long ago that the lock may be a dead one's.
    fn is_git_at_work(&self) -> bool {
        let lock = outside::git_directory(&self.root).map(|git| git.join("index.lock"));
        let locked = lock.and_then(|lock| lock.metadata().and_then(|lock| lock.modified()).ok());
        locked.is_some_and(|locked| locked.elapsed().is_ok_and(|age| age < GIT_LOCK_MAX))
    }

    /// Everything, to be said.
    pub(super) fn take(&mut self) -> Touched {
        self.first = None;
        self.is_checkout = false;
        std::mem::take(&mut self.touched)
    }
}
