//! One request's right to answer: any number of frames, then exactly one with FIN, whoever sends it first: the request itself,
//! the hub that ends its stream, or the session that withdraws it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vigie_proto::{Failure, Message, frame_bytes};

use super::outbox::Outbox;

/// A request under way.
#[derive(Debug)]
pub(crate) struct Ticket {
    /// Its id, chosen by the client.
    pub(crate) id: u64,
    /// Its connection's outbox.
    pub(crate) outbox: Arc<Outbox>,
    ended: AtomicBool,
}

impl Ticket {
    /// A ticket for the request of that id.
    pub(crate) fn new(id: u64, outbox: Arc<Outbox>) -> Arc<Ticket> {
        Arc::new(Ticket { id, outbox, ended: AtomicBool::new(false) })
    }

    /// Whether its last frame is on the way.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Claims the right to send the last frame; `true` for the first who asks.
    pub(crate) fn end(&self) -> bool {
        !self.ended.swap(true, Ordering::Relaxed)
    }

    /// A frame of the answer.
    pub(crate) fn send<M: Message>(&self, message: &M) {
        if !self.is_ended() {
            self.push(message, false);
        }
    }

    /// The last frame of the answer.
    pub(crate) fn finish<M: Message>(&self, message: &M) {
        if self.end() {
            self.push(message, true);
        }
    }

    /// Ends with a failure; a stream of events ends with it too.
    pub(crate) fn fail(&self, failure: &Failure) {
        if self.end() {
            self.outbox.with(|queue| queue.drop_stream(self.id));
            self.push(failure, true);
        }
    }

    fn push<M: Message>(&self, message: &M, fin: bool) {
        match frame_bytes(self.id, fin, message) {
            Ok(bytes) => self.outbox.with(|queue| queue.answer(self.id, bytes)),
            Err(e) => {
                tracing::error!(kind = M::NAME, error = %e, "an answer could not be encoded");
                self.ended.store(true, Ordering::Relaxed);
                let failure = crate::convert::failures::internal("the answer could not be encoded");
                if let Ok(bytes) = frame_bytes(self.id, true, &failure) {
                    self.outbox.with(|queue| queue.answer(self.id, bytes));
                }
            }
        }
    }
}
