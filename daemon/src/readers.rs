//! The threads that answer what scans. Each task is one page of one query; the queue is bounded, and a task that finds it full
//! is refused (`BUSY`) rather than kept.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Sender, TrySendError, bounded};
use tokio::sync::oneshot;
use vigie_proto::Failure;

use crate::convert::failures;

/// Most tasks waiting for a reader.
const TASKS_MAX: usize = 256;
/// When a refused caller may try again, in milliseconds.
const RETRY_AFTER_MS: u32 = 200;

type Task = Box<dyn FnOnce() + Send>;

/// The pool; its threads end when the last clone is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    tasks: Sender<Task>,
    count: usize,
}

impl Readers {
    /// Starts that many threads.
    pub(crate) fn start(count: usize) -> std::io::Result<Readers> {
        let (tasks, queue) = bounded::<Task>(TASKS_MAX);
        for number in 0..count {
            let queue = queue.clone();
            std::thread::Builder::new().name(format!("reader-{number}")).spawn(move || {
                for task in queue {
                    // The panic hook has logged the place; dropping the task's answer tells whoever asked.
                    let _panicked = catch_unwind(AssertUnwindSafe(task));
                }
            })?;
        }
        Ok(Readers { tasks, count })
    }

    /// How many threads there are, and how many tasks wait for one.
    pub(crate) fn load(&self) -> (usize, usize) {
        (self.count, self.tasks.len())
    }

    /// Runs the work on a reader.
    pub(crate) async fn run<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> Result<R, Failure> {
        let (answer, answered) = oneshot::channel();
        let task: Task = Box::new(move || {
            if answer.is_closed() {
                return;
            }
            // The request may have been withdrawn meanwhile.
            let _gone = answer.send(work());
        });
        match self.tasks.try_send(task) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(failures::busy("too many queries are waiting", RETRY_AFTER_MS));
            }
            Err(TrySendError::Disconnected(_)) => return Err(failures::internal("the readers have ended")),
        }
        answered.await.map_err(|_| failures::internal("a query failed inside the daemon; its log names the place"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use vigie_proto::ErrorCode;

    #[actix::test]
    async fn a_panic_fails_its_request_and_no_other() {
        let readers = Readers::start(1).unwrap();
        let failed = readers.run(|| -> u32 { std::panic::resume_unwind(Box::new(())) }).await;
        assert_eq!(failed.unwrap_err().code, ErrorCode::INTERNAL);
        assert_eq!(readers.run(|| 7).await.unwrap(), 7);
    }

    #[actix::test]
    async fn a_full_queue_refuses() {
        let readers = Readers::start(1).unwrap();
        let (release, held) = bounded::<()>(0);
        let mut waiting = Vec::new();
        for _ in 0..TASKS_MAX + 8 {
            let held = held.clone();
            // Polled once, a call has queued its task or been refused.
            let mut call = Box::pin(readers.run(move || held.recv().is_ok()));
            let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx))).await;
            waiting.push((polled, call));
        }
        drop(release);
        let is_busy = |result: &Result<bool, Failure>| result.as_ref().is_err_and(|e| e.code == ErrorCode::BUSY);
        let mut busy = 0;
        for (polled, call) in waiting {
            match polled {
                std::task::Poll::Ready(result) => busy += usize::from(is_busy(&result)),
                std::task::Poll::Pending => assert!(!is_busy(&call.await)),
            }
        }
        assert!(busy >= 7, "{busy}");
    }
}
