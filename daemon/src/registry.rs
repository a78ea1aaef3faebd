//! The registry's own thread: each of its writes is synced to disk, which must not stall the actors. Commands are closures over
//! the registry, carried out in the order in which they were given.

use std::future::Future;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};
use vigie_core::store::StoreError;
use vigie_core::store::registry::Registry;
use vigie_proto::Failure;

use crate::convert::failures;

/// Most commands waiting; a caller that finds the queue full waits for its turn.
const COMMANDS_MAX: usize = 1024;

/// Exit code of a daemon that lost its registry (`EX_SOFTWARE`).
const EXIT_SOFTWARE: i32 = 70;

type Command = Box<dyn FnOnce(&mut Registry) + Send>;

/// Where actors send commands for the registry.
#[derive(Clone, Debug)]
pub(crate) struct RegistryHandle {
    commands: mpsc::Sender<Command>,
}

/// Moves the registry to a thread of its own, which ends when the last handle is dropped.
pub(crate) fn start(mut registry: Registry) -> std::io::Result<(RegistryHandle, JoinHandle<()>)> {
    let (commands, mut queue) = mpsc::channel::<Command>(COMMANDS_MAX);
    let thread = std::thread::Builder::new().name("registry".into()).spawn(move || {
        let _vital = EndsProcess;
        while let Some(command) = queue.blocking_recv() {
            command(&mut registry);
        }
    })?;
    Ok((RegistryHandle { commands }, thread))
}

/// Without its registry the daemon can promise nothing: a panic on that thread ends the process, and jobs go on at the next start.
struct EndsProcess;

impl Drop for EndsProcess {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::exit(EXIT_SOFTWARE);
        }
    }
}

impl RegistryHandle {
    /// Hands over a command now, so that calls are carried out in the order they are made, and resolves with its result.
    pub(crate) fn call<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Registry) -> Result<R, StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<R, Failure>> + 'static {
        let (answer, answered) = oneshot::channel();
        let command: Command = Box::new(move |registry| {
            // The caller may have gone; the work was done all the same.
            let _gone = answer.send(work(registry));
        });
        let queued = self.commands.try_send(command);
        let commands = self.commands.clone();
        async move {
            if let Err(mpsc::error::TrySendError::Full(command)) = queued {
                let _closed = commands.send(command).await;
            }
            match answered.await {
                Ok(result) => result.map_err(|e| failures::store(&e)),
                Err(_) => Err(failures::internal("the registry's thread ended")),
            }
        }
    }
}
