//! One connection's queue, shared between those who answer, the hub that tells of events, and the task that writes. Whoever
//! makes long answers waits here for room; the hub never waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::queue::{Load, Overflow, Queue};

/// Bytes of one write.
const BATCH_BYTES: usize = 64 << 10;
/// A request makes its next page only while less than this of it waits, in bytes.
const REQUEST_BYTES_MAX: usize = 256 << 10;
/// No page is made, and no further request read, while more than this waits on the connection, in bytes.
const CONNECTION_BYTES_MAX: usize = 1 << 20;

/// A connection's outbox.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    filled: Notify,
    drained: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: Queue,
    promised_bytes: usize,
    closing: bool,
    closed: bool,
}

/// What the writing task does next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Write these bytes.
    Write(Vec<u8>),
    /// Everything is written and nothing more comes.
    Close,
}

impl Outbox {
    fn state(&self) -> MutexGuard<'_, State> {
        // The guarded code cannot panic halfway through a change, so a poisoned lock still holds sound data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what waits; nothing happens on a closed connection.
    pub(crate) fn with<R: Default>(&self, change: impl FnOnce(&mut Queue) -> R) -> R {
        let mut state = self.state();
        if state.closed {
            return R::default();
        }
        let result = change(&mut state.queue);
        drop(state);
        self.filled.notify_one();
        result
    }

    /// A state event.
    pub(crate) fn event(&self, id: u64, job: u64, bytes: Vec<u8>) -> Result<(), Overflow> {
        let mut refused = false;
        self.with(|queue| refused = queue.event(id, job, bytes).is_err());
        if refused { Err(Overflow) } else { Ok(()) }
    }

    /// Waits until this request may make its next page, and keeps room for it: many requests that ask at once must not all be
    /// promised the same bytes.
    pub(crate) async fn room_for_page(self: &Arc<Outbox>, id: u64, page_bytes: usize) -> PageRoom {
        let has_room = |state: &mut State| {
            let total = state.queue.unsent_total() + state.promised_bytes;
            let is_fine = state.queue.unsent(id) < REQUEST_BYTES_MAX && total < CONNECTION_BYTES_MAX;
            state.promised_bytes += if is_fine || state.closed { page_bytes } else { 0 };
            is_fine
        };
        self.wait(has_room).await;
        PageRoom { outbox: self.clone(), page_bytes }
    }

    /// Waits until another request may be read.
    pub(crate) async fn room_for_request(&self) {
        self.wait(|state| state.queue.unsent_total() < CONNECTION_BYTES_MAX).await;
    }

    async fn wait(&self, is_fine: impl Fn(&mut State) -> bool) {
        loop {
            let drained = self.drained.notified();
            {
                let mut state = self.state();
                if is_fine(&mut state) || state.closed {
                    return;
                }
            }
            drained.await;
        }
    }

    /// The next bytes to write; waits for them, and gives streams that are silent for `silence_max` a sign of life.
    pub(crate) async fn next(&self, silence_max: Duration, sign: impl Fn(u64) -> Option<Vec<u8>>) -> Next {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.state();
                if let Some(then) = Instant::now().checked_sub(silence_max) {
                    state.queue.keep_alive(then, &sign);
                }
                let batch = state.queue.next_batch(BATCH_BYTES, Instant::now());
                if !batch.is_empty() {
                    drop(state);
                    self.drained.notify_waiters();
                    return Next::Write(batch);
                }
                if state.closing || state.closed {
                    return Next::Close;
                }
            }
            let quiet = self.state().queue.quiet_since();
            match quiet {
                Some(quiet) => {
                    let _due = tokio::time::timeout_at((quiet + silence_max).into(), filled).await;
                }
                None => filled.await,
            }
        }
    }

    /// What lies on it, and what it has dropped.
    pub(crate) fn load(&self) -> Load {
        self.state().queue.load()
    }

    /// Lets the writer finish what waits, then close.
    pub(crate) fn close_when_empty(&self) {
        self.state().closing = true;
        self.filled.notify_one();
    }

    /// The connection is gone: drops what waits and wakes whoever waits.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.queue = Queue::default();
        drop(state);
        self.filled.notify_one();
        self.drained.notify_waiters();
    }
}

/// Room kept for one page; dropped when the page is in the outbox, or will not come.
#[derive(Debug)]
pub(crate) struct PageRoom {
    outbox: Arc<Outbox>,
    page_bytes: usize,
}

impl Drop for PageRoom {
    fn drop(&mut self) {
        self.outbox.state().promised_bytes -= self.page_bytes;
        self.outbox.drained.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn next(outbox: &Outbox) -> Next {
        outbox.next(Duration::from_secs(15), |_| None).await
    }

    #[actix::test]
    async fn a_page_waits_until_enough_was_written() {
        let outbox = Arc::new(Outbox::default());
        for _ in 0..5 {
            outbox.with(|queue| queue.answer(1, vec![0; BATCH_BYTES]));
        }
        let waiting = actix_rt::spawn({
            let outbox = outbox.clone();
            async move { drop(outbox.room_for_page(1, 1).await) }
        });
        drop(outbox.room_for_page(2, 1).await);
        assert!(!waiting.is_finished());
        for _ in 0..2 {
            assert!(matches!(next(&outbox).await, Next::Write(bytes) if bytes.len() == BATCH_BYTES));
        }
        waiting.await.unwrap();
    }

    #[actix::test]
    async fn p2_requests_that_ask_at_once_are_not_promised_the_same_room() {
        let outbox = Arc::new(Outbox::default());
        let page_bytes = CONNECTION_BYTES_MAX / 4;
        let mut rooms = Vec::new();
        for id in 1..=4 {
            rooms.push(outbox.room_for_page(id, page_bytes).await);
        }
        let mut fifth = Box::pin(outbox.room_for_page(5, page_bytes));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(fifth.as_mut().poll(cx).is_pending())).await;
        assert!(polled, "all room is promised");
        rooms.pop();
        drop(fifth.await);
    }

    #[actix::test]
    async fn what_waits_is_written_before_the_close() {
        let outbox = Outbox::default();
        outbox.with(|queue| queue.answer(1, vec![1]));
        outbox.close_when_empty();
        assert_eq!(next(&outbox).await, Next::Write(vec![1]));
        assert_eq!(next(&outbox).await, Next::Close);
    }

    #[actix::test]
    async fn a_closed_connection_keeps_nobody_waiting() {
        let outbox = Outbox::default();
        outbox.with(|queue| queue.answer(1, vec![0; CONNECTION_BYTES_MAX]));
        outbox.close();
        outbox.room_for_request().await;
        outbox.with(|queue| queue.answer(1, vec![0; 10]));
        assert_eq!(next(&outbox).await, Next::Close);
    }
}
