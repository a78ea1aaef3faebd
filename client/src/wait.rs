//! Waiting for bytes with a deadline and a way to be woken, in one `poll`: no thread, no timer, no missed signal.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long to wait, and what else ends the waiting.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wait<'a> {
    /// When to give up; `None` = never.
    pub deadline: Option<Instant>,
    /// Readable = somebody wants the waiting to end, such as a signal's pipe.
    pub wake: Option<BorrowedFd<'a>>,
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// There is something to read, or the other side is gone.
    Readable,
    /// The deadline passed.
    Deadline,
    /// `wake` became readable.
    Wake,
}

impl<'a> Wait<'a> {
    /// Waits for ever.
    pub const FOREVER: Wait<'static> = Wait { deadline: None, wake: None };

    /// Waits until `deadline`.
    pub fn until(deadline: Instant) -> Wait<'static> {
        Wait { deadline: Some(deadline), wake: None }
    }

    /// The same wait, ending no later than `deadline`.
    pub fn no_later_than(self, deadline: Instant) -> Wait<'a> {
        Wait { deadline: Some(self.deadline.map_or(deadline, |own| own.min(deadline))), ..self }
    }

    /// Whether the deadline has passed.
    pub fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Waits until `fd` is readable, the deadline passes, or somebody wakes.
    pub fn readable(&self, fd: BorrowedFd<'_>) -> io::Result<Woken> {
        self.poll(Some(fd))
    }

    /// Waits for the deadline or somebody who wakes. Without either it would wait for ever.
    pub fn elapse(&self) -> io::Result<Woken> {
        self.poll(None)
    }

    fn poll(&self, fd: Option<BorrowedFd<'_>>) -> io::Result<Woken> {
        loop {
            let mut fds: Vec<PollFd<'_>> =
                [self.wake, fd].into_iter().flatten().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
            let timeout = self.deadline.map(|deadline| timespec(deadline.saturating_duration_since(Instant::now())));
            match poll(&mut fds, timeout.as_ref()) {
                Ok(0) => return Ok(Woken::Deadline),
                Ok(_) if self.wake.is_some() && !fds[0].revents().is_empty() => return Ok(Woken::Wake),
                Ok(_) => return Ok(Woken::Readable),
                Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec::try_from(duration).unwrap_or(Timespec { tv_sec: i64::from(i32::MAX), tv_nsec: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn wake_wins_over_data_and_deadline_ends_silence() {
        let (mut tx, rx) = UnixStream::pair().unwrap();
        let (mut bell, wake) = UnixStream::pair().unwrap();
        let soon = || Instant::now() + Duration::from_millis(20);
        assert_eq!(Wait::until(soon()).readable(rx.as_fd()).unwrap(), Woken::Deadline);
        tx.write_all(b"x").unwrap();
        assert_eq!(Wait::FOREVER.readable(rx.as_fd()).unwrap(), Woken::Readable);
        bell.write_all(b"x").unwrap();
        let both = Wait { deadline: Some(soon()), wake: Some(wake.as_fd()) };
        assert_eq!(both.readable(rx.as_fd()).unwrap(), Woken::Wake);
        assert_eq!(both.elapse().unwrap(), Woken::Wake);
    }
}
