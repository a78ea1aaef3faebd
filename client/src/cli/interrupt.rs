//! Ctrl-C as something to wait for: while a command streams, the signal writes to a socket pair instead of ending the process.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::SigId;
use signal_hook::consts::SIGINT;
use signal_hook::low_level::{pipe, unregister};

/// Listens until it is dropped.
#[derive(Debug)]
pub(crate) struct Interrupt {
    bell: UnixStream,
    registration: SigId,
}

impl Interrupt {
    pub(crate) fn listen() -> io::Result<Interrupt> {
        let (bell, ringer) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        Ok(Interrupt { bell, registration: pipe::register(SIGINT, ringer)? })
    }

    /// Readable once the signal came.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// Whether the signal came since this was last asked.
    pub(crate) fn take(&mut self) -> bool {
        let mut rings = [0; 64];
        matches!(self.bell.read(&mut rings), Ok(n) if n > 0)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        unregister(self.registration);
    }
}
