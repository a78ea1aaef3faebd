//! A log file that stays below a size while it is written. The crates for that rotate by time, or bring calendars and compression along,
//! and make the next file with the rights that the process happens to give; this is a rename and an open.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file being written. Whoever writes writes whole lines.
#[derive(Debug)]
pub(super) struct RotatingFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    bytes_max: u64,
}

impl RotatingFile {
    /// Goes on with the file at that path, for its owner only.
    pub(super) fn open(path: &Path, bytes_max: u64) -> io::Result<RotatingFile> {
        let file = append_to(path)?;
        let bytes = file.metadata()?.len();
        Ok(RotatingFile { path: path.to_path_buf(), file, bytes, bytes_max })
    }

    /// Puts the file aside, in place of the one that was put aside before, and begins a new one. Where that fails the old one goes on:
    /// a log that is too long is better than none.
    fn rotate(&mut self) {
        let mut old = self.path.as_os_str().to_owned();
        old.push(".old");
        if std::fs::rename(&self.path, old).is_ok()
            && let Ok(file) = append_to(&self.path)
        {
            self.file = file;
        }
        // Also after a failure: it is not tried again at every line.
        self.bytes = 0;
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes > 0 && self.bytes + line.len() as u64 > self.bytes_max {
            self.rotate();
        }
        let written = self.file.write(line)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_log_stays_below_its_size_and_the_last_one_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (path, old) = (dir.path().join("d.log"), dir.path().join("d.log.old"));
        let mut log = RotatingFile::open(&path, 100).unwrap();
        for number in 0..100 {
            writeln!(log, "a line of text {number:03}").unwrap();
            assert!(path.metadata().unwrap().len() <= 100);
        }
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        assert!(read(&path).ends_with("099\n") && read(&old).ends_with('\n'), "whole lines");
        let (first, last) = (read(&old).lines().count(), read(&path).lines().count());
        assert_eq!(first, 5, "{last}");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        drop(log);
        let mut log = RotatingFile::open(&path, 100).unwrap();
        log.write_all(&[b'x'; 90]).unwrap();
        assert_eq!(path.metadata().unwrap().len(), 90, "what was there when it was opened counts");
    }

    #[test]
    fn a_line_longer_than_a_log_is_written_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d.log");
        let mut log = RotatingFile::open(&path, 10).unwrap();
        log.write_all(b"one\n").unwrap();
        log.write_all(&[b'x'; 40]).unwrap();
        assert_eq!(path.metadata().unwrap().len(), 40);
    }
}
