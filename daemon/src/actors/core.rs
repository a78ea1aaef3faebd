//! The actors without which the daemon is none, as one: whether they all still answer, and whether they have anything to do.

use actix::{Addr, Handler};
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
        let actors = [
            self.hub.send(Pulse).await.is_ok(),
            self.storage.send(Pulse).await.is_ok(),
            self.indexer.send(Pulse).await.is_ok(),
            self.watcher.send(Pulse).await.is_ok(),
            self.acceptor.send(Pulse).await.is_ok(),
        ];
        actors.into_iter().all(|answered| answered) && self.registry.call(|_| Ok(())).await.is_ok()
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
