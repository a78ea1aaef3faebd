//! One connection's queue, shared between those who answer, the hub that tells of events, and the task that writes. Whoever
//! makes long answers waits here for room; the hub never waits.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::queue::{Overflow, Queue};

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

    /// Waits until this request may make its next page.
    pub(crate) async fn room_for_page(&self, id: u64) {
        self.wait(|queue| queue.unsent(id) < REQUEST_BYTES_MAX && queue.unsent_total() < CONNECTION_BYTES_MAX).await;
    }

    /// Waits until another request may be read.
    pub(crate) async fn room_for_request(&self) {
        self.wait(|queue| queue.unsent_total() < CONNECTION_BYTES_MAX).await;
    }

    async fn wait(&self, is_fine: impl Fn(&Queue) -> bool) {
        loop {
            let drained = self.drained.notified();
            {
                let state = self.state();
                if state.closed || is_fine(&state.queue) {
                    return;
                }
            }
            drained.await;
        }
    }

    /// The next bytes to write; waits for them.
    pub(crate) async fn next(&self) -> Next {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.state();
                let batch = state.queue.next_batch(BATCH_BYTES);
                if !batch.is_empty() {
                    drop(state);
                    self.drained.notify_waiters();
                    return Next::Write(batch);
                }
                if state.closing || state.closed {
                    return Next::Close;
                }
            }
            filled.await;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[actix::test]
    async fn a_page_waits_until_enough_was_written() {
        let outbox = Arc::new(Outbox::default());
        for _ in 0..5 {
            outbox.with(|queue| queue.answer(1, vec![0; BATCH_BYTES]));
        }
        let waiting = actix_rt::spawn({
            let outbox = outbox.clone();
            async move { outbox.room_for_page(1).await }
        });
        outbox.room_for_page(2).await;
        assert!(!waiting.is_finished());
        for _ in 0..2 {
            assert!(matches!(outbox.next().await, Next::Write(bytes) if bytes.len() == BATCH_BYTES));
        }
        waiting.await.unwrap();
    }

    #[actix::test]
    async fn what_waits_is_written_before_the_close() {
        let outbox = Outbox::default();
        outbox.with(|queue| queue.answer(1, vec![1]));
        outbox.close_when_empty();
        assert_eq!(outbox.next().await, Next::Write(vec![1]));
        assert_eq!(outbox.next().await, Next::Close);
    }

    #[actix::test]
    async fn a_closed_connection_keeps_nobody_waiting() {
        let outbox = Outbox::default();
        outbox.with(|queue| queue.answer(1, vec![0; CONNECTION_BYTES_MAX]));
        outbox.close();
        outbox.room_for_request().await;
        outbox.with(|queue| queue.answer(1, vec![0; 10]));
        assert_eq!(outbox.next().await, Next::Close);
    }
}
