//! The actors without which the daemon is none, as one: whether they all still answer, and whether they have anything to do.

use actix::{Addr, Handler, Recipient};
use vigie_proto::{JobState, ProgressEvent};

use super::acceptor::Acceptor;
use super::hub::{Hub, Now};
use super::indexer::Indexer;
use super::storage::{Storage, TakeInventory};
use super::watcher::{Standings, Watcher};
use crate::registry::RegistryHandle;
use crate::service;

/// Asks an actor for a sign that it takes messages.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
struct Pulse;

async fn all_answer(actors: &[Recipient<Pulse>]) -> bool {
    let mut answered = true;
    for actor in actors {
        answered &= actor.send(Pulse).await.is_ok();
    }
    answered
}

macro_rules! has_pulse {
    ($($actor:ty),*) => {
        $(impl Handler<Pulse> for $actor {
            type Result = ();

            fn handle(&mut self, _: Pulse, _: &mut Self::Context) {}
        })*
    };
}

has_pulse!(Hub, Storage, Indexer, Watcher, Acceptor);

/// See the top of this file.
#[derive(Clone, Debug)]
pub(crate) struct Core {
    /// Events.
    pub(crate) hub: Addr<Hub>,
    /// Stores and projects.
    pub(crate) storage: Addr<Storage>,
    /// Jobs.
    pub(crate) indexer: Addr<Indexer>,
    /// Watched trees.
    pub(crate) watcher: Addr<Watcher>,
    /// Connections.
    pub(crate) acceptor: Addr<Acceptor>,
    /// The registry's thread.
    pub(crate) registry: RegistryHandle,
}

impl Core {
    /// Resolves when every one of them has answered, which may be never; `false` = one is gone.
    pub(crate) async fn answers(&self) -> bool {
        let actors: [Recipient<Pulse>; 5] = [
            self.hub.clone().recipient(),
            self.storage.clone().recipient(),
            self.indexer.clone().recipient(),
            self.watcher.clone().recipient(),
            self.acceptor.clone().recipient(),
        ];
        all_answer(&actors).await && self.registry.call(|_| Ok(())).await.is_ok()
    }

    /// How the daemon is, in a line.
    pub(crate) async fn summary(&self) -> String {
        let projects = self.storage.send(TakeInventory).await.map_or(0, |inventory| inventory.projects.len());
        let jobs = self.hub.send(Now).await.map(|now| now.jobs).unwrap_or_default();
        service::summary(projects, &jobs)
    }

    /// Whether there is a job, or a project to be followed. A paused job is none: it is written down, and waits for somebody.
    pub(crate) async fn has_work(&self) -> bool {
        let is_moving = |job: &ProgressEvent| job.state != JobState::PAUSED;
        let has_jobs = self.hub.send(Now).await.is_ok_and(|now| now.jobs.iter().any(is_moving));
        has_jobs || self.watcher.send(Standings).await.is_ok_and(|standings| !standings.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix::{Actor, ActorFutureExt, AsyncContext, Context, System, WrapFuture};
    use tokio::sync::oneshot;

    use super::*;

    /// An actor that is at something, before which it takes no message.
    struct Busy(Option<oneshot::Receiver<()>>);

    impl Actor for Busy {
        type Context = Context<Busy>;

        fn started(&mut self, ctx: &mut Self::Context) {
            if let Some(end) = self.0.take() {
                ctx.wait(end.into_actor(self).map(|_, _, _| ()));
            }
        }
    }

    has_pulse!(Busy);

    /// Whether all have answered within a time in which those that answer have done so many times over.
    async fn answer(actors: &[Recipient<Pulse>]) -> Option<bool> {
        tokio::time::timeout(Duration::from_millis(300), all_answer(actors)).await.ok()
    }

    #[test]
    fn one_that_is_stuck_holds_back_the_answer_of_all() {
        System::new().block_on(async {
            let (end, is_over) = oneshot::channel();
            let (first, stuck, last) = (Busy(None).start(), Busy(Some(is_over)).start(), Busy(None).start());
            let actors = [first.recipient(), stuck.recipient(), last.recipient()];
            assert_eq!(answer(&actors[..1]).await, Some(true));
            assert_eq!(answer(&actors).await, None);
            end.send(()).unwrap();
            assert_eq!(answer(&actors).await, Some(true));
        });
    }
}
