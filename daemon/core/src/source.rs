//! The one place that reads source bytes: beneath the root, through no symbolic link, regular files only, up to a size, and whole:
//! a file that changes while it is read is read again.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use crate::store::FileStat;

/// Largest file that is searchable as text, in bytes.
pub const TEXT_BYTES_MAX: u64 = 16 << 20;
/// Largest file that is parsed, in bytes; larger ones get lexical facts.
pub const STRUCTURE_BYTES_MAX: u64 = 2 << 20;

/// How often a file that keeps changing is read.
const READS_MAX: usize = 3;

/// A project's root, opened.
#[derive(Debug)]
pub struct SourceRoot {
    path: PathBuf,
    directory: OwnedFd,
    /// The kernel resolves paths beneath a directory for us (Linux 5.6, and not forbidden by a sandbox).
    has_openat2: bool,
}

/// What reading a file gave.
#[derive(Debug)]
pub enum Source {
    /// Its bytes, its stat, and when the read began in nanoseconds since 1970.
    Read(Vec<u8>, FileStat, i64),
    /// It is larger than the limit.
    TooLarge(FileStat),
    /// It changed each time it was read.
    Unstable(FileStat),
    /// It is no regular file.
    Special,
    /// It is gone.
    Vanished,
    /// The system refuses; what it said.
    Unreadable(String),
    /// The daemon itself has none left of what reading takes: nothing is known of the file. What the system said.
    Exhausted(std::io::Error),
}

/// Whether the system refuses for want of descriptors or memory: that is the daemon's trouble, and says nothing about any file.
pub(crate) fn is_exhausted(error: &std::io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    matches!(errno, Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM)) || error.kind() == std::io::ErrorKind::OutOfMemory
}

/// What a refusal means for a file.
fn refused(error: std::io::Error) -> Source {
    if is_exhausted(&error) { Source::Exhausted(error) } else { Source::Unreadable(error.to_string()) }
}

impl SourceRoot {
    /// Opens a root.
    pub fn open(path: &Path) -> std::io::Result<SourceRoot> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
        let probe = rustix::fs::openat2(&directory, ".", flags, Mode::empty(), ResolveFlags::BENEATH);
        let has_openat2 = !matches!(probe, Err(Errno::NOSYS | Errno::PERM));
        Ok(SourceRoot { path: path.to_path_buf(), directory, has_openat2 })
    }

    fn open_file(&self, relative: &[u8]) -> Result<OwnedFd, Errno> {
        // O_NONBLOCK: opening a FIFO must not wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        if !self.has_openat2 {
            // The walk follows no link; what is left is a directory that becomes one between walk and read.
            return rustix::fs::openat(&self.directory, relative, flags, Mode::empty());
        }
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        rustix::fs::openat2(&self.directory, relative, flags, Mode::empty(), resolve)
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a file of at most `bytes_max` bytes.
    pub fn read(&self, relative: &[u8], bytes_max: u64) -> Source {
        let mut file = match self.open_file(relative) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT | Errno::NOTDIR) => return Source::Vanished,
            Err(Errno::LOOP | Errno::XDEV | Errno::NXIO) => return Source::Special,
            Err(errno) => return refused(errno.into()),
        };
        match read_whole(&mut file, bytes_max) {
            Ok(source) => source,
            Err(e) => refused(e),
        }
    }

    /// The stat of a regular file now; `None` if it is gone or no regular file any more.
    pub fn stat(&self, relative: &[u8]) -> Option<FileStat> {
        let stat = rustix::fs::statat(&self.directory, relative, rustix::fs::AtFlags::SYMLINK_NOFOLLOW).ok()?;
        (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then(|| from_stat(&stat))
    }
}

fn read_whole(file: &mut File, bytes_max: u64) -> std::io::Result<Source> {
    let mut before = rustix::fs::fstat(&*file)?;
    for _ in 0..READS_MAX {
        if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
            return Ok(Source::Special);
        }
        let stat = from_stat(&before);
        if stat.size > bytes_max {
            return Ok(Source::TooLarge(stat));
        }
        let read_ns = now_ns();
        let mut bytes = Vec::with_capacity(usize::try_from(stat.size).unwrap_or(0) + 1);
        rustix::fs::seek(&*file, rustix::fs::SeekFrom::Start(0))?;
        // One byte more than the limit tells a file that grew past it from one that just fits.
        file.take(bytes_max + 1).read_to_end(&mut bytes)?;
        let after = rustix::fs::fstat(&*file)?;
        if from_stat(&after) == stat && bytes.len() as u64 == stat.size {
            return Ok(Source::Read(bytes, stat, read_ns));
        }
        before = after;
    }
    Ok(Source::Unstable(from_stat(&before)))
}

/// Now, in nanoseconds since 1970.
pub fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

fn from_stat(stat: &Stat) -> FileStat {
    let time = |seconds: i64, nanoseconds: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds);
    FileStat {
        size: stat.st_size.cast_unsigned(),
        mtime_ns: time(stat.st_mtime, stat.st_mtime_nsec.cast_signed()),
        ctime_ns: time(stat.st_ctime, stat.st_ctime_nsec.cast_signed()),
        inode: stat.st_ino,
    }
}

/// First sixteen bytes of the BLAKE3 hash.
pub(crate) fn content_hash(bytes: &[u8]) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    hash
}
