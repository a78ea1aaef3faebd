//! Which files a project has: the same set as ripgrep lists with hidden files and without version-control directories. Reads
//! directories and stats, never contents.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::settings::{SETTINGS_FILE, Settings};
use crate::source::is_exhausted;
use crate::store::FileStat;

/// Directories (or files, as in a git worktree) that version control keeps for itself.
const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".svn", ".jj"];

/// Files whose rules say which others are part of a project.
pub(crate) const RULES: [&str; 3] = [".gitignore", ".ignore", RULES_OF_RIPGREP];
const RULES_OF_RIPGREP: &str = ".rgignore";

/// Whether a change of this file, relative to the root, may change which others are part of the project, or as what.
pub fn has_rules(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    path == SETTINGS_FILE.as_bytes() || RULES.iter().any(|rules| rules.as_bytes() == name)
}

/// What says, besides the ignore files that a walk meets, which files are part of a project.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The person's own global ignore file.
    pub global_excludes: Option<&'a Path>,
    /// What the project says of itself.
    pub settings: &'a Settings,
}

/// A file that the walk found, or a place that it could not look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Relative to the root; that of a directory ends in `/`.
    pub path: Vec<u8>,
    /// Its stat now.
    pub stat: FileStat,
    /// Why it cannot be looked at; a directory is found only then.
    pub unread: Option<String>,
}

/// What a walk saw.
#[derive(Debug, Default)]
pub struct Walk {
    /// Regular files, by path, and directories that could not be read: what is below those is not known.
    pub files: Vec<Found>,
    /// Places outside of the tree that could not be read: rules in them were not followed.
    pub errors: u64,
    /// Why the walk is worth nothing: the system had no descriptors or memory left for it, or the root itself cannot be read.
    fatal: Option<ignore::Error>,
}

impl Walk {
    /// Takes in what a walker came upon.
    fn note(&mut self, entry: Result<DirEntry, ignore::Error>, root: &Path) {
        // What cannot be entered is a directory, though it may not even be looked at.
        let is_directory = entry.is_err();
        let error = match entry {
            Ok(entry) => match entry.error().filter(|error| is_exhausted_by(error)) {
                // Its ignore files were not read, so that nobody knows what is below it.
                Some(error) => error.clone(),
                None => match examine(&entry, root) {
                    Ok(found) => return self.files.extend(found),
                    Err(error) => error,
                },
            },
            Err(error) => error,
        };
        match unread_place(&error, root, is_directory) {
            // Gone since its directory was listed: it is not part of the tree.
            _ if is_vanished(&error) => {}
            _ if is_exhausted_by(&error) => self.fatal = Some(error),
            Some(found) if found.path == b"/" => self.fatal = Some(error),
            Some(found) => self.files.push(found),
            None => self.errors += 1,
        }
    }
}

/// The place below the root that an error is about, as what was found there; whether it is a directory, if the system does not say.
fn unread_place(error: &ignore::Error, root: &Path, or_directory: bool) -> Option<Found> {
    let (path, reason) = (path_of(error)?, error.io_error()?);
    if error.is_partial() {
        return None;
    }
    let mut relative = path.strip_prefix(root).ok()?.as_os_str().as_bytes().to_vec();
    let metadata = path.symlink_metadata();
    let reason = if metadata.as_ref().map_or(or_directory, std::fs::Metadata::is_dir) {
        relative.push(b'/');
        format!("the directory cannot be read: {reason}")
    } else {
        reason.to_string()
    };
    Some(Found { path: relative, stat: metadata.as_ref().map(stat_of).unwrap_or_default(), unread: Some(reason) })
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// Whether an error, or one of those that it is made of, says that there are no descriptors or no memory left.
pub(crate) fn is_exhausted_by(error: &ignore::Error) -> bool {
    match error {
        ignore::Error::Partial(errors) => errors.iter().any(is_exhausted_by),
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => is_exhausted_by(err),
        ignore::Error::Io(error) => is_exhausted(error),
        _ => false,
    }
}

/// Walks `root`, honouring ignore files as git does (nested ones and excludes; also outside of git), and `rules`. Calls `seen` for each
/// file; when that returns `false` the walk ends early and what it found is incomplete.
pub fn walk(root: &Path, rules: Rules<'_>, seen: impl Fn() -> bool + Sync) -> Result<Walk, ignore::Error> {
    root.read_dir()?;
    let (mut builder, errors) = builder(root, rules.global_excludes)?;
    let left_out = LeftOut::new(root, rules.settings);
    builder.filter_entry(move |entry| !left_out.has(entry)).threads(2);
    gather(&builder, root, errors, seen)
}

/// Looks only where some files or directories are, given relative to the root: finds those of the files, and of what is below the
/// directories, that a walk of all would find.
pub fn look_for(root: &Path, rules: Rules<'_>, paths: &BTreeSet<Vec<u8>>) -> Result<Walk, ignore::Error> {
    root.read_dir()?;
    let (mut builder, errors) = builder(root, rules.global_excludes)?;
    let (left_out, there) = (LeftOut::new(root, rules.settings), Places::new(root, paths));
    // The walker for threads asks before it opens a directory, the other one after that.
    builder.filter_entry(move |entry| !left_out.has(entry) && there.concerns(entry.path())).threads(1);
    gather(&builder, root, errors, || true)
}

/// Calls `visit` with each directory that a walk of all would enter, in this thread, before its entries are read: whoever watches it
/// from then on misses nothing. With `paths`, relative to the root, only with those that lead there and those below. Ends early when
/// `visit` returns `false`.
pub fn each_directory(
    root: &Path,
    rules: Rules<'_>,
    paths: Option<&BTreeSet<Vec<u8>>>,
    mut visit: impl FnMut(&Path) -> bool,
) -> Result<(), ignore::Error> {
    let (mut builder, _) = builder(root, rules.global_excludes)?;
    let left_out = LeftOut::new(root, rules.settings);
    let there = paths.map(|paths| Places::new(root, paths));
    let concerns = move |path: &Path| there.as_ref().is_none_or(|there| there.concerns(path));
    builder.filter_entry(move |entry| !left_out.has(entry) && concerns(entry.path()));
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if is_exhausted_by(&error) => return Err(error),
            // What cannot be read, or is gone again, is nothing to enter.
            Err(_) => continue,
        };
        if entry.file_type().is_some_and(|kind| kind.is_dir()) && !visit(entry.path()) {
            break;
        }
    }
    Ok(())
}

/// Files and directories that a walk is confined to.
struct Places {
    /// Relative to the root, in their plainest form.
    wanted: BTreeSet<Vec<u8>>,
    root_bytes: usize,
}

impl Places {
    fn new(root: &Path, paths: &BTreeSet<Vec<u8>>) -> Places {
        let plain =
            |path: &Vec<u8>| Path::new(OsStr::from_bytes(path)).components().as_path().as_os_str().as_bytes().to_vec();
        Places { wanted: paths.iter().map(plain).collect(), root_bytes: root.as_os_str().len() }
    }

    /// Whether a path, at the root or below it, leads to one of them, is one, or lies below one. Asked of each entry of each directory on
    /// the way, so paths are compared as bytes.
    fn concerns(&self, path: &Path) -> bool {
        let relative = path.as_os_str().as_bytes().get(self.root_bytes..).unwrap_or_default();
        let relative = relative.strip_prefix(b"/").unwrap_or(relative);
        let below = [relative, b"/"].concat();
        let leads_there = || self.wanted.range(below.clone()..).next().is_some_and(|next| next.starts_with(&below));
        let mut at_or_above = (1..below.len()).filter(|end| below[*end] == b'/').map(|end| &below[..end]);
        relative.is_empty() || at_or_above.any(|path| self.wanted.contains(path)) || leads_there()
    }
}

/// Walks until `seen` returns `false`.
fn gather(
    builder: &WalkBuilder,
    root: &Path,
    errors: u64,
    seen: impl Fn() -> bool + Sync,
) -> Result<Walk, ignore::Error> {
    let gathered = Mutex::new(Walk { errors, ..Walk::default() });
    builder.build_parallel().run(|| {
        let mut batch = Batch { gathered: &gathered, walk: Walk::default() };
        let seen = &seen;
        Box::new(move |entry| {
            let before = batch.walk.files.len();
            batch.walk.note(entry, root);
            if batch.walk.fatal.is_some() || batch.walk.files.len() > before && !seen() {
                return WalkState::Quit;
            }
            WalkState::Continue
        })
    });
    let mut walk = gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = walk.fatal {
        return Err(error);
    }
    walk.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    // Each entry of a directory may fail.
    walk.files.dedup_by(|a, b| a.path == b.path);
    Ok(walk)
}

/// The rules by which any walk goes, and how many of them could not be read.
fn builder(root: &Path, global_excludes: Option<&Path>) -> Result<(WalkBuilder, u64), ignore::Error> {
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(false)
        .require_git(false)
        .git_global(false)
        // What the patterns of `global_excludes` are relative to.
        .current_dir(root)
        .add_custom_ignore_filename(RULES_OF_RIPGREP);
    let unreadable = |error: &ignore::Error| !error.is_partial() && !is_vanished(error);
    let excludes_error = global_excludes.and_then(|path| builder.add_ignore(path)).filter(unreadable);
    match excludes_error {
        Some(error) if is_exhausted_by(&error) => Err(error),
        excludes_error => Ok((builder, excludes_error.is_some().into())),
    }
}

/// Whether a path is, or lies below, what version control keeps for itself.
pub(crate) fn is_kept_by_version_control(path: &Path) -> bool {
    path.iter().any(|part| VERSION_CONTROL.iter().any(|name| part == *name))
}

/// What no ignore file leaves out, and is left out nevertheless.
struct LeftOut {
    root: PathBuf,
    ignore: Arc<Gitignore>,
}

impl LeftOut {
    fn new(root: &Path, settings: &Settings) -> LeftOut {
        LeftOut { root: root.to_path_buf(), ignore: Arc::clone(settings.ignore()) }
    }

    fn has(&self, entry: &DirEntry) -> bool {
        VERSION_CONTROL.iter().any(|name| entry.file_name() == *name) || self.is_ignored(entry)
    }

    /// Asked of each directory on the way, so that what lies in an ignored one is never asked about.
    fn is_ignored(&self, entry: &DirEntry) -> bool {
        if self.ignore.is_empty() {
            return false;
        }
        let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
        let relative = entry.path().strip_prefix(&self.root).ok().filter(|path| !path.as_os_str().is_empty());
        relative.is_some_and(|path| self.ignore.matched(path, is_directory).is_ignore())
    }
}

/// What one walker thread gathered; handed over when it ends.
struct Batch<'a> {
    gathered: &'a Mutex<Walk>,
    walk: Walk,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.files.append(&mut self.walk.files);
        gathered.errors += self.walk.errors;
        gathered.fatal = gathered.fatal.take().or(self.walk.fatal.take());
    }
}

/// The file that an entry is, if it is one.
fn examine(entry: &DirEntry, root: &Path) -> Result<Option<Found>, ignore::Error> {
    if !entry.file_type().is_some_and(|kind| kind.is_file()) {
        return Ok(None);
    }
    let stat = stat_of(&entry.metadata()?);
    let path = entry.path().strip_prefix(root).ok().map(|path| path.as_os_str().as_bytes().to_vec());
    Ok(path.map(|path| Found { path, stat, unread: None }))
}

fn is_vanished(error: &ignore::Error) -> bool {
    error.io_error().is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound)
}

pub(crate) fn stat_of(metadata: &std::fs::Metadata) -> FileStat {
    FileStat {
        size: metadata.len(),
        mtime_ns: metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec()),
        ctime_ns: metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec()),
        inode: metadata.ino(),
    }
}
