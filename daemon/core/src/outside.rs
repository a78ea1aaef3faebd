//! The files outside of a project that say which of its files are part of it: ignore files in the directories above its root, what git
//! excludes there, and the person's own global ignore file. Whoever watches a tree is told nothing of them, so they are looked at.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::store::FileStat;
use crate::walk::{RULES, stat_of};

/// Longest pointer of git that is followed, in bytes.
const POINTER_BYTES_MAX: u64 = 8 << 10;

/// How these files stand. Two that are equal mean the same rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutsideRules(Vec<(PathBuf, Option<FileStat>)>);

impl OutsideRules {
    /// As they are now: some stats for each directory above the root, and no contents of theirs.
    pub fn of(root: &Path, global_excludes: Option<&Path>) -> OutsideRules {
        let above = root.ancestors().skip(1);
        let rules = above.flat_map(|directory| RULES.iter().map(|name| directory.join(name)));
        // That of the root itself is watched, unless it lies elsewhere.
        let of_root = exclude(root).filter(|path| !path.starts_with(root));
        let excludes = root.ancestors().skip(1).filter_map(exclude).chain(of_root);
        let files = rules.chain(excludes).chain(global_excludes.map(Path::to_path_buf));
        let stood = |path: PathBuf| {
            let stat = fs::metadata(&path).ok().map(|meta| stat_of(&meta));
            (path, stat)
        };
        OutsideRules(files.map(stood).collect())
    }
}

/// Where git keeps what is of this directory's worktree alone, such as the lock of its index; nothing where git keeps nothing.
pub fn git_directory(directory: &Path) -> Option<PathBuf> {
    let git = directory.join(".git");
    if !git.symlink_metadata().ok()?.is_file() {
        return Some(git);
    }
    // A worktree, or a submodule: the file says where.
    Some(directory.join(pointer(&git, b"gitdir: ")?))
}

/// Where git keeps what is excluded in a directory only; nothing where git keeps nothing.
fn exclude(directory: &Path) -> Option<PathBuf> {
    let own = git_directory(directory)?;
    // It may say where what all worktrees share is.
    let common = pointer(&own.join("commondir"), b"").map_or_else(|| own.clone(), |common| own.join(common));
    Some(common.join("info/exclude"))
}

/// The path that the first line of a small file names. What is no file may never end.
fn pointer(file: &Path, before: &[u8]) -> Option<PathBuf> {
    let mut bytes = Vec::new();
    file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    File::open(file).ok()?.take(POINTER_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let line = bytes.split(|byte| *byte == b'\n').next()?.strip_prefix(before)?;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_changes_them_is_seen_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        let (root, excludes) = (top.join("above/root"), top.join("excludes"));
        for name in ["above/root/.git/info", "above/.git/info", "above/beside"] {
            fs::create_dir_all(top.join(name)).unwrap();
        }
        let now = || OutsideRules::of(&root, Some(&excludes));
        let mut before = now();
        for (file, text, is_seen) in [
            ("above/.gitignore", "*.a\n", true),
            ("above/.gitignore", "*.b\n*.c\n", true),
            (".ignore", "x\n", true),
            ("above/.rgignore", "x\n", true),
            ("above/.git/info/exclude", "x\n", true),
            ("excludes", "x\n", true),
            ("above/root/.gitignore", "x\n", false),
            ("above/root/.git/info/exclude", "x\n", false),
            ("above/beside/.gitignore", "x\n", false),
        ] {
            fs::write(top.join(file), text).unwrap();
            let after = now();
            assert_eq!(after != before, is_seen, "{file}");
            before = after;
        }
        fs::remove_file(top.join(".ignore")).unwrap();
        assert_ne!(now(), before);
    }

    #[test]
    fn what_a_worktree_shares_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        for name in ["main/.git/info", "main/.git/worktrees/w", "w"] {
            fs::create_dir_all(top.join(name)).unwrap();
        }
        fs::write(top.join("w/.git"), format!("gitdir: {}\n", top.join("main/.git/worktrees/w").display())).unwrap();
        fs::write(top.join("main/.git/worktrees/w/commondir"), "../..\n").unwrap();
        assert_eq!(git_directory(&top.join("w")), Some(top.join("main/.git/worktrees/w")));
        assert_eq!(git_directory(&top.join("main")), Some(top.join("main/.git")));
        assert_eq!(git_directory(&top), None);
        let before = OutsideRules::of(&top.join("w"), None);
        fs::write(top.join("main/.git/info/exclude"), "x\n").unwrap();
        assert_ne!(OutsideRules::of(&top.join("w"), None), before);
        fs::write(top.join("w/.git"), "nothing of git's\n").unwrap();
        assert!(exclude(&top.join("w")).is_none());
    }
}
