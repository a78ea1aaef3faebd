//! Which files a project has: the same set as ripgrep lists with hidden files and without version-control directories. Reads
//! directories and stats, never contents.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::store::FileStat;

/// Directories (or files, as in a git worktree) that version control keeps for itself.
const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".svn", ".jj"];

/// A file that the walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// Its stat now.
    pub stat: FileStat,
}

/// What a walk saw.
#[derive(Debug, Default)]
pub struct Walk {
    /// Regular files, by path.
    pub files: Vec<Found>,
    /// Places that could not be read: what is below them is not in `files`, or rules in them were not followed.
    pub errors: u64,
}

/// Walks `root`, honouring ignore files as git does (nested ones, excludes, and `global_excludes`; also outside of git). Calls
/// `seen` for each file; when that returns `false` the walk ends early and what it found is incomplete.
pub fn walk(
    root: &Path,
    global_excludes: Option<&Path>,
    seen: impl Fn() -> bool + Sync,
) -> Result<Walk, ignore::Error> {
    root.read_dir()?;
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(false)
        .require_git(false)
        .git_global(false)
        // What the patterns of `global_excludes` are relative to.
        .current_dir(root)
        .add_custom_ignore_filename(".rgignore")
        .filter_entry(|entry| !VERSION_CONTROL.iter().any(|name| entry.file_name() == *name))
        .threads(2);
    let unreadable = |error: &ignore::Error| !error.is_partial() && !is_vanished(error);
    let excludes_error = global_excludes.and_then(|path| builder.add_ignore(path)).filter(unreadable);
    let gathered = Mutex::new(Walk { errors: excludes_error.is_some().into(), ..Walk::default() });
    builder.build_parallel().run(|| {
        let mut batch = Batch { gathered: &gathered, walk: Walk::default() };
        let seen = &seen;
        Box::new(move |entry| {
            match entry.map(|entry| examine(&entry, root)) {
                Ok(Examined::File(found)) => {
                    batch.walk.files.push(found);
                    if !seen() {
                        return WalkState::Quit;
                    }
                }
                Ok(Examined::Other) => {}
                Ok(Examined::Unknown) => batch.walk.errors += 1,
                // Gone since its directory was listed: it is not part of the tree.
                Err(error) if is_vanished(&error) => {}
                Err(_) => batch.walk.errors += 1,
            }
            WalkState::Continue
        })
    });
    let mut walk = gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
    walk.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(walk)
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
    }
}

enum Examined {
    File(Found),
    Other,
    Unknown,
}

fn examine(entry: &DirEntry, root: &Path) -> Examined {
    if !entry.file_type().is_some_and(|kind| kind.is_file()) {
        return Examined::Other;
    }
    match (entry.path().strip_prefix(root), entry.metadata()) {
        (Ok(path), Ok(metadata)) => {
            Examined::File(Found { path: path.as_os_str().as_bytes().to_vec(), stat: stat_of(&metadata) })
        }
        (_, Err(error)) if is_vanished(&error) => Examined::Other,
        _ => Examined::Unknown,
    }
}

fn is_vanished(error: &ignore::Error) -> bool {
    error.io_error().is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound)
}

fn stat_of(metadata: &std::fs::Metadata) -> FileStat {
    FileStat {
        size: metadata.len(),
        mtime_ns: metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec()),
        ctime_ns: metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec()),
        inode: metadata.ino(),
    }
}
