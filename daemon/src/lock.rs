//! The locks that make the daemon the only one: `flock` on a file, held for life and released by the kernel whatever kills the
//! process. The file names its holder, so that whoever finds it held knows where to connect.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

/// A lock held; dropping it releases it.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

/// Most that is read of a lock file: a pid and a socket path are far shorter.
const HOLDER_BYTES_MAX: u64 = 4096;

impl Lock {
    /// Takes the lock without waiting; `None` = somebody else holds it.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Lock>> {
        loop {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let file = options.custom_flags(libc::O_NOFOLLOW).open(path)?;
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(e) => return Err(e.into()),
            }
            // A lock on a file that was removed meanwhile excludes nobody.
            if path.symlink_metadata().is_ok_and(|there| is_same(&there, &file)) {
                file.set_len(0)?;
                return Ok(Some(Lock { file }));
            }
        }
    }

    /// Names this process and its socket as the holder.
    pub(crate) fn name_holder(&mut self, socket: &Path) -> io::Result<()> {
        use std::os::unix::ffi::OsStrExt;
        self.file.set_len(0)?;
        self.file.rewind()?;
        let mut text = format!("{}\n", std::process::id()).into_bytes();
        text.extend_from_slice(socket.as_os_str().as_bytes());
        text.push(b'\n');
        self.file.write_all(&text)
    }
}

fn is_same(there: &std::fs::Metadata, file: &File) -> bool {
    file.metadata().is_ok_and(|ours| ours.ino() == there.ino() && ours.dev() == there.dev())
}

/// Who a lock file says holds it, as far as its holder has written that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Its process id.
    pub(crate) pid: Option<u32>,
    /// Where it listens.
    pub(crate) socket: Option<PathBuf>,
}

/// Reads who holds a lock.
pub(crate) fn holder(path: &Path) -> Holder {
    use std::os::unix::ffi::OsStringExt;
    let mut text = Vec::new();
    let Ok(file) = File::open(path) else { return Holder::default() };
    if file.take(HOLDER_BYTES_MAX).read_to_end(&mut text).is_err() {
        return Holder::default();
    }
    let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let pid = lines.next().and_then(|pid| std::str::from_utf8(pid).ok()?.parse().ok());
    let socket = lines.next().map(|socket| PathBuf::from(std::ffi::OsString::from_vec(socket.to_vec())));
    Holder { pid, socket }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_finds_it_held_and_reads_by_whom() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let mut first = Lock::take(&path).unwrap().unwrap();
        assert!(Lock::take(&path).unwrap().is_none());
        assert_eq!(holder(&path), Holder::default());
        first.name_holder(Path::new("/run/x/vigied.sock")).unwrap();
        let named = Holder { pid: Some(std::process::id()), socket: Some("/run/x/vigied.sock".into()) };
        assert_eq!(holder(&path), named);
        drop(first);
        assert!(Lock::take(&path).unwrap().is_some());
        assert_eq!(holder(&path), Holder::default(), "a new holder forgets the old one's name");
    }
}
