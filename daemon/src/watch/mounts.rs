//! What is mounted in a tree, at its root, or above it. What was there before is hidden by that, and no directory tells of it: the
//! kernel tells of mounts by its table of them (`proc_pid_mountinfo(5)`).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// See the top of this file.
#[derive(Debug)]
pub(super) struct Mounts {
    root: PathBuf,
    /// Nothing where there is no `/proc`: then nobody tells.
    table: Option<File>,
    /// Lines of the table, each with the directory that it is about.
    found: BTreeSet<(PathBuf, Vec<u8>)>,
}

impl Mounts {
    /// What is mounted now.
    pub(super) fn of(root: &Path) -> io::Result<Mounts> {
        let table = File::open("/proc/self/mountinfo").ok();
        let mut mounts = Mounts { root: root.to_path_buf(), table, found: BTreeSet::new() };
        mounts.look()?;
        Ok(mounts)
    }

    /// Looks what is mounted now; whether that is something else than before.
    pub(super) fn look(&mut self) -> io::Result<bool> {
        let Some(table) = &mut self.table else { return Ok(false) };
        let mut text = Vec::new();
        table.rewind()?;
        table.read_to_end(&mut text)?;
        let found = concerning(&self.root, &text);
        let is_other = found != self.found;
        self.found = found;
        Ok(is_other)
    }

    /// The directories of the tree at which something is mounted, but for its root.
    pub(super) fn below(&self) -> impl Iterator<Item = &Path> {
        let points = self.found.iter().map(|(point, _)| point.as_path());
        points.filter(|point| *point != self.root && point.starts_with(&self.root))
    }

    /// What becomes ready when something is mounted or no longer mounted anywhere, see `is_news`.
    pub(super) fn source(&self) -> Option<PollFd<'_>> {
        self.table.as_ref().map(|table| PollFd::new(table, PollFlags::PRI))
    }

    /// Whether something was mounted or no longer is, anywhere, since that was last asked or waited for.
    pub(super) fn has_news(&self) -> bool {
        let Some(source) = self.source() else { return false };
        let mut sources = [source];
        // Who cannot ask looks.
        poll(&mut sources, Some(&Timespec::default())).is_err() || sources.iter().any(is_news)
    }
}

/// Whether a source says that the table has changed.
pub(super) fn is_news(source: &PollFd<'_>) -> bool {
    source.revents().intersects(PollFlags::PRI | PollFlags::ERR)
}

/// The lines of the table that are about a directory above `root`, itself, or below it.
fn concerning(root: &Path, table: &[u8]) -> BTreeSet<(PathBuf, Vec<u8>)> {
    let lines = table.split(|byte| *byte == b'\n');
    let found = lines.filter_map(|line| {
        let point = unescaped(line.split(|byte| *byte == b' ').nth(4)?);
        (point.starts_with(root) || root.starts_with(&point)).then(|| (point, line.to_vec()))
    });
    found.collect()
}

/// A path as the table has it: blanks, tabs, line ends and backslashes are a backslash and three octal digits.
fn unescaped(path: &[u8]) -> PathBuf {
    let mut plain = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [first, after @ ..] = rest {
        let (byte, after) = match after {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] if *first == b'\\' => {
                ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), after)
            }
            _ => (*first, after),
        };
        plain.push(byte);
        rest = after;
    }
    PathBuf::from(OsString::from_vec(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_mounted_in_a_tree_or_above_it_concerns_it() {
        let table = b"21 1 0:20 / / rw - ext4 /dev/sda1 rw\n\
            30 21 0:30 / /home/me/my\\040tree rw shared:4 - tmpfs none rw\n\
            31 30 0:31 / /home/me/my\\040tree/sub rw - fuse.sshfs host: rw\n\
            32 21 0:32 / /home/me/my rw - tmpfs none rw\n\
            33 21 0:33 / /home/me/my\\040tree2 rw - tmpfs none rw\n\n";
        let mut mounts = Mounts { root: "/home/me/my tree".into(), table: None, found: BTreeSet::new() };
        mounts.found = concerning(&mounts.root, table);
        let points: Vec<_> = mounts.found.iter().map(|(point, _)| point.to_str().unwrap()).collect();
        assert_eq!(points, ["/", "/home/me/my tree", "/home/me/my tree/sub"]);
        assert_eq!(mounts.below().collect::<Vec<_>>(), [Path::new("/home/me/my tree/sub")]);
    }
}
