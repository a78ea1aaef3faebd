//! What the kernel's queue says, event by event.

use std::path::PathBuf;

use inotify::{EventMask, Inotify};
use rustix::io::ioctl_fionread;

use super::tree::{WatchError, WatchedTree};

/// Something that happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// There is, was, or will be something else at this absolute path.
    At(PathBuf),
    /// The same, and it is a file that whoever wrote it has done with.
    Written(PathBuf),
    /// The queue overflowed: anything may have happened.
    Lost,
    /// Nobody knows what has: everything is to be looked at.
    Anything,
}

/// Bytes of events that wait to be read.
pub(super) fn queued_bytes(inotify: &Inotify) -> Result<u64, WatchError> {
    ioctl_fionread(inotify).map_err(|e| WatchError::System(e.into()))
}

/// A place for events.
#[derive(Debug)]
pub(super) struct Events {
    buffer: Vec<u8>,
}

impl Default for Events {
    fn default() -> Events {
        Events { buffer: vec![0; 64 << 10] }
    }
}

/// Size of `struct inotify_event` without its name.
const HEAD_BYTES: u64 = 16;

impl Events {
    /// Reads as many events as fit and says what happened; how many bytes they had, 0 if there are none.
    pub(super) fn read(
        &mut self,
        tree: &mut WatchedTree,
        mut happened: impl FnMut(Happened),
    ) -> Result<u64, WatchError> {
        let mut bytes = 0;
        let events = match tree.inotify_mut().read_events(&mut self.buffer) {
            Ok(events) => events,
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => return Ok(0),
            Err(e) => return Err(WatchError::System(e)),
        };
        let events: Vec<_> = events.map(|event| event.to_owned()).collect();
        for event in events {
            // A name is followed by at least one NUL, and padded to a multiple of the head.
            let name = event.name.as_ref().map_or(0, |name| (name.len() as u64 + 1).next_multiple_of(HEAD_BYTES));
            bytes += HEAD_BYTES + name;
            if event.mask.contains(EventMask::Q_OVERFLOW) {
                happened(Happened::Lost);
            } else if event.mask.contains(EventMask::IGNORED) {
                tree.ended(&event.wd);
            } else if let Some(directory) = tree.path_of(&event.wd) {
                let is_written = event.mask.intersects(EventMask::CLOSE_WRITE | EventMask::MOVED_TO);
                happened(match &event.name {
                    Some(name) if is_written => Happened::Written(directory.join(name)),
                    Some(name) => Happened::At(directory.join(name)),
                    None => Happened::At(directory.to_path_buf()),
                });
            }
        }
        Ok(bytes)
    }
}
