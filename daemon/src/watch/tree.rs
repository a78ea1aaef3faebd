//! The directories of a project that are watched, and what a path that was touched means for them. Ignored directories are not
//! watched.
//!
//! A watch belongs to a directory, not to its name: when one is renamed its watch goes along, and the kernel gives the same
//! descriptor to whoever asks again under the new name. So names and descriptors are kept as a bijection, and asking is how a move is
//! found out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use inotify::{Inotify, WatchDescriptor, WatchMask};
use vigie_core::outside::OutsideRules;
use vigie_core::settings::Settings;
use vigie_core::walk;

use super::mounts::Mounts;
use crate::config::untold_file_system;

/// Paths known to be ignored, so that a log which is written all the time is looked up once. More of them are forgotten.
const IGNORED_MAX: usize = 20_000;

/// Why a tree cannot be watched. Each is a sentence that may say what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum WatchError {
    /// The user has as many watches as the system allows.
    #[error(
        "the system allows no more watches than {limit}; to raise that: sudo sysctl fs.inotify.max_user_watches={wanted}"
    )]
    Watches {
        /// How many it allows.
        limit: String,
        /// A better number.
        wanted: u64,
    },
    /// The user has as many inotify instances as the system allows.
    #[error(
        "the system allows no more inotify instances than {limit}; to raise that: sudo sysctl \
         fs.inotify.max_user_instances=1024"
    )]
    Instances {
        /// How many it allows.
        limit: String,
    },
    /// Others may write there without a word.
    #[error("{path} is on {file_system}, which does not tell what others change")]
    Untold {
        /// The root, or what is mounted in it.
        path: PathBuf,
        /// What it is on.
        file_system: &'static str,
    },
    /// A part of the tree is mounted in the tree once more: a directory has one watch, which knows one name.
    #[error("{other} is mounted as {path} too, and what changes in it is told of one of them only")]
    Twice {
        /// One name.
        path: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// Anything else the system said.
    #[error("the tree cannot be watched: {0}")]
    System(io::Error),
    /// The tree cannot be walked.
    #[error("the tree cannot be watched: {0}")]
    Walk(String),
}

fn limit(name: &str) -> String {
    let limit = std::fs::read_to_string(Path::new("/proc/sys/fs/inotify").join(name));
    limit.map_or_else(|_| "it has now".to_owned(), |limit| limit.trim().to_owned())
}

impl WatchError {
    fn of_watch(error: io::Error) -> WatchError {
        if error.raw_os_error() == Some(libc::ENOSPC) {
            let limit = limit("max_user_watches");
            let wanted = limit.parse::<u64>().unwrap_or(0).saturating_mul(4).max(1 << 19);
            return WatchError::Watches { limit, wanted };
        }
        WatchError::System(error)
    }

    fn of_instance(error: io::Error) -> WatchError {
        if error.raw_os_error() == Some(libc::EMFILE) {
            return WatchError::Instances { limit: limit("max_user_instances") };
        }
        WatchError::System(error)
    }
}

fn check_told(path: &Path) -> Result<(), WatchError> {
    match untold_file_system(path) {
        Some(file_system) => Err(WatchError::Untold { path: path.to_path_buf(), file_system }),
        None => Ok(()),
    }
}

/// Whether two names are those of one directory now, and not only before and after it moved.
fn is_twice(first: &Path, second: &Path) -> bool {
    let identity = |path: &Path| path.symlink_metadata().ok().map(|meta| (meta.dev(), meta.ino()));
    let found = identity(second);
    found.is_some() && found == identity(first) && found == identity(second)
}

/// What became of a directory.
#[derive(Debug, PartialEq, Eq)]
enum Attached {
    /// It was watched under this name.
    Before,
    /// It is watched from now on, or under a new name: what is in it may be new.
    New,
    /// There is no such directory, or it may not be read.
    No,
}

/// Which file or directory it is that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    inode: u64,
    ctime: (i64, i64),
    is_directory: bool,
    is_file: bool,
}

impl Identity {
    fn of(path: &Path) -> Option<Identity> {
        let meta = path.symlink_metadata().ok()?;
        let ctime = (meta.ctime(), meta.ctime_nsec());
        Some(Identity { inode: meta.ino(), ctime, is_directory: meta.is_dir(), is_file: meta.is_file() })
    }
}

/// See the top of this file.
pub(super) struct WatchedTree {
    root: PathBuf,
    global_excludes: Option<Arc<Path>>,
    /// What the project says of itself; read with every look at the whole tree.
    settings: Arc<Settings>,
    /// How the rules stood then that lie where nothing is watched.
    outside: OutsideRules,
    inotify: Inotify,
    directories: BTreeMap<PathBuf, WatchDescriptor>,
    names: HashMap<WatchDescriptor, PathBuf>,
    ignored: BTreeSet<Vec<u8>>,
    mounts: Mounts,
}

impl WatchedTree {
    /// Watches a whole tree.
    pub(super) fn new(root: PathBuf, global_excludes: Option<Arc<Path>>) -> Result<WatchedTree, WatchError> {
        let inotify = Inotify::init().map_err(WatchError::of_instance)?;
        // Before the tree is looked at: what is mounted meanwhile is a change.
        let mounts = Mounts::of(&root).map_err(WatchError::System)?;
        let mut tree = WatchedTree {
            root,
            global_excludes,
            settings: Arc::default(),
            outside: OutsideRules::default(),
            inotify,
            directories: BTreeMap::new(),
            names: HashMap::new(),
            ignored: BTreeSet::new(),
            mounts,
        };
        tree.attach_all()?;
        Ok(tree)
    }

    /// How many directories are watched.
    pub(super) fn len(&self) -> usize {
        self.directories.len()
    }

    /// The kernel's queue.
    pub(super) fn inotify(&self) -> &Inotify {
        &self.inotify
    }

    /// The same, to be read.
    pub(super) fn inotify_mut(&mut self) -> &mut Inotify {
        &mut self.inotify
    }

    /// What is mounted there.
    pub(super) fn mounts(&self) -> &Mounts {
        &self.mounts
    }

    /// Looks what is mounted there now; whether that is something else than before.
    pub(super) fn has_other_mounts(&mut self) -> Result<bool, WatchError> {
        self.mounts.look().map_err(WatchError::System)
    }

    /// Whether the root is gone.
    pub(super) fn is_rootless(&self) -> bool {
        !self.directories.contains_key(&self.root)
    }

    /// The directory of a watch, if it is one still.
    pub(super) fn path_of(&self, watch: &WatchDescriptor) -> Option<&Path> {
        self.names.get(watch).map(PathBuf::as_path)
    }

    /// A path relative to the root; nothing if it lies elsewhere or is known to be ignored.
    pub(super) fn relative(&self, path: &Path) -> Option<Vec<u8>> {
        let relative = path.strip_prefix(&self.root).ok()?.as_os_str().as_bytes().to_vec();
        (!self.ignored.contains(&relative)).then_some(relative)
    }

    /// The kernel has ended a watch: its directory is gone.
    pub(super) fn ended(&mut self, watch: &WatchDescriptor) {
        if let Some(path) = self.names.remove(watch)
            && self.directories.get(&path) == Some(watch)
        {
            self.directories.remove(&path);
        }
    }

    /// Watches every directory that is to be watched, and no other: at first, and whenever it is not known what happened.
    pub(super) fn attach_all(&mut self) -> Result<(), WatchError> {
        check_told(&self.root)?;
        self.ignored.clear();
        // Before they are read.
        self.outside = self.outside_now();
        self.settings = Arc::new(Settings::at(&self.root));
        let mut there = BTreeSet::new();
        self.attach_below(None, |path, attached| {
            if attached != Attached::No {
                there.insert(path.to_path_buf());
            }
        })?;
        // Git's own rules lie where no file of the project does.
        let excludes = self.root.join(".git/info");
        if self.attach(&excludes)? != Attached::No {
            there.insert(excludes);
        }
        let gone: Vec<_> = self.directories.keys().filter(|path| !there.contains(*path)).cloned().collect();
        gone.iter().for_each(|path| self.detach(path));
        // What is mounted in an ignored directory is no part of the project.
        self.mounts.below().filter(|path| self.directories.contains_key(*path)).try_for_each(check_told)
    }

    /// Whether rules that lie outside of the project have changed since the whole tree was looked at.
    pub(super) fn has_other_rules(&self) -> bool {
        self.outside != self.outside_now()
    }

    fn outside_now(&self) -> OutsideRules {
        OutsideRules::of(&self.root, self.global_excludes.as_deref())
    }

    /// What a batch of touched absolute paths means: watches what is new, no longer watches what is gone, and returns which files and
    /// directories of the project, relative to the root, may have changed.
    pub(super) fn settle(&mut self, touched: &BTreeSet<PathBuf>) -> Result<BTreeSet<Vec<u8>>, WatchError> {
        let mut dirty = BTreeSet::new();
        let mut there = BTreeMap::new();
        for path in touched {
            let Some(relative) = self.relative(path) else { continue };
            match Identity::of(path) {
                Some(identity) => drop(there.insert(relative, identity)),
                None => {
                    self.detach(path);
                    dirty.insert(relative);
                }
            }
        }
        if there.is_empty() {
            return Ok(dirty);
        }
        let wanted: BTreeSet<_> = there.keys().cloned().collect();
        let (root, mut part) = (self.root.clone(), BTreeSet::new());
        if there.values().any(|identity| identity.is_directory) {
            self.attach_below(Some(&wanted), |path, attached| {
                let Ok(path) = path.strip_prefix(&root) else { return };
                let path = path.as_os_str().as_bytes().to_vec();
                if attached == Attached::New {
                    dirty.insert(path.clone());
                }
                part.insert(path);
            })?;
        }
        let rules = walk::Rules { global_excludes: self.global_excludes.as_deref(), settings: &self.settings };
        match walk::look_for(&self.root, rules, &wanted) {
            // A directory that cannot be read is found as `directory/`.
            Ok(walk) => part.extend(
                walk.files.into_iter().map(|found| found.path.strip_suffix(b"/").unwrap_or(&found.path).to_vec()),
            ),
            // The root is gone since then, and nothing of it is ignored.
            Err(_) if !self.root.is_dir() => {
                dirty.extend(there.into_keys());
                return Ok(dirty);
            }
            Err(e) => return Err(WatchError::Walk(e.to_string())),
        }
        for (path, identity) in there {
            // What was there all the while and was not found is ignored. What is neither file nor directory may become one.
            let was_there = Identity::of(&self.root.join(OsStr::from_bytes(&path))) == Some(identity);
            if !part.contains(&path) && was_there && (identity.is_file || identity.is_directory) {
                self.ignore(path.clone());
            }
            // What is ignored is told once: it may be what a file of the project was replaced by.
            dirty.insert(path);
        }
        Ok(dirty)
    }

    fn ignore(&mut self, path: Vec<u8>) {
        if self.ignored.len() >= IGNORED_MAX {
            self.ignored.clear();
        }
        self.ignored.insert(path);
    }

    /// Watches those of the directories that are to be watched; with `paths` only those that are there or below.
    fn attach_below(
        &mut self,
        paths: Option<&BTreeSet<Vec<u8>>>,
        mut visit: impl FnMut(&Path, Attached),
    ) -> Result<(), WatchError> {
        let (root, global_excludes) = (self.root.clone(), self.global_excludes.clone());
        let settings = Arc::clone(&self.settings);
        let rules = walk::Rules { global_excludes: global_excludes.as_deref(), settings: &settings };
        let mut failed = None;
        let walked = walk::each_directory(&root, rules, paths, |path| match self.attach(path) {
            Ok(attached) => {
                visit(path, attached);
                true
            }
            Err(error) => {
                failed = Some(error);
                false
            }
        });
        match (failed, walked) {
            (Some(error), _) => Err(error),
            // The root is gone: what was below it is found to be by whoever looks.
            (None, Err(_)) if !root.is_dir() => {
                self.detach(&root);
                Ok(())
            }
            (None, Err(error)) => Err(WatchError::Walk(error.to_string())),
            (None, Ok(())) => Ok(()),
        }
    }

    fn attach(&mut self, path: &Path) -> Result<Attached, WatchError> {
        let mask = WatchMask::CREATE
            | WatchMask::DELETE
            | WatchMask::MODIFY
            | WatchMask::CLOSE_WRITE
            | WatchMask::ATTRIB
            | WatchMask::MOVE
            | WatchMask::DELETE_SELF
            | WatchMask::MOVE_SELF
            | WatchMask::ONLYDIR
            | WatchMask::DONT_FOLLOW
            | WatchMask::EXCL_UNLINK;
        let watch = match self.inotify.watches().add(path, mask) {
            Ok(watch) => watch,
            Err(e) => {
                return match e.raw_os_error() {
                    Some(libc::ENOENT | libc::ENOTDIR | libc::EACCES | libc::ELOOP) => Ok(Attached::No),
                    _ => Err(WatchError::of_watch(e)),
                };
            }
        };
        if self.directories.get(path) == Some(&watch) {
            return Ok(Attached::Before);
        }
        // Another directory had this name.
        self.detach(path);
        if let Some(before) = self.names.get(&watch).cloned() {
            // Only by a mount can a directory have two names at a time.
            if self.mounts.below().next().is_some() && is_twice(&before, path) {
                return Err(WatchError::Twice { path: path.to_path_buf(), other: before });
            }
            self.rename(&before, path);
        }
        self.directories.insert(path.to_path_buf(), watch.clone());
        self.names.insert(watch, path.to_path_buf());
        Ok(Attached::New)
    }

    /// A directory has another name, and so has all below it.
    fn rename(&mut self, from: &Path, to: &Path) {
        for path in self.at_or_below(from) {
            let (Some(watch), Ok(rest)) = (self.directories.remove(&path), path.strip_prefix(from)) else { continue };
            let now = if rest.as_os_str() == OsStr::new("") { to.to_path_buf() } else { to.join(rest) };
            self.names.insert(watch.clone(), now.clone());
            self.directories.insert(now, watch);
        }
    }

    /// Watches a directory and all below it no longer.
    fn detach(&mut self, path: &Path) {
        for path in self.at_or_below(path) {
            if let Some(watch) = self.directories.remove(&path) {
                self.names.remove(&watch);
                // It ends by itself if its directory is gone.
                let _ended = self.inotify.watches().remove(watch);
            }
        }
    }

    fn at_or_below(&self, path: &Path) -> Vec<PathBuf> {
        self.directories
            .range(path.to_path_buf()..)
            .map(|(path, _)| path)
            .take_while(|below| below.starts_with(path))
            .cloned()
            .collect()
    }
}
