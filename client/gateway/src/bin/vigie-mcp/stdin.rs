//! The client's messages, with a word when they have ended: whoever goes away has cancelled nothing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// Reads, and calls `end` when there is nothing more.
pub(crate) struct Stdin<R, F> {
    inner: R,
    end: F,
}

impl<R, F: Fn()> Stdin<R, F> {
    pub(crate) fn new(inner: R, end: F) -> Stdin<R, F> {
        Stdin { inner, end }
    }
}

impl<R: AsyncRead + Unpin, F: Fn() + Unpin> AsyncRead for Stdin<R, F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.inner).poll_read(context, buffer));
        if read.is_err() || buffer.filled().len() == before {
            (self.end)();
        }
        Poll::Ready(read)
    }
}
