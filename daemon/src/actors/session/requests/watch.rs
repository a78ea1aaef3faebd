//! `Watch` and `Forget`: which trees are followed, and which projects there are no longer.

use std::path::Path;

use vigie_proto::{ErrorCode, Failure, Forget, Forgotten, Watch, WatchState, Watched};

use super::{Call, path_of};
use crate::actors::indexer::{ActiveOf, CancelJob, WaitEnd};
use crate::actors::storage::{ForgetProject, Register, Roots, SetWatched};
use crate::actors::watcher::{Follow, Unfollow};
use crate::convert::{failures, progress};

/// Answers a `Watch`.
pub(super) async fn watch(call: Call, watch: Watch) -> Result<(), Failure> {
    if watch.end {
        return unwatch(&call, watch).await;
    }
    let root = call.root_to_index(&watch.path, &watch.project).await?;
    let services = &call.services;
    services.storage.send(Register(root.clone())).await.map_err(|_| failures::unavailable())??;
    let set = SetWatched { root: root.clone(), watched: true };
    services.storage.send(set).await.map_err(|_| failures::unavailable())??;
    let standing = services.watcher.send(Follow(root.clone())).await.map_err(|_| failures::unavailable())??;
    call.ticket.finish(&Watched {
        root: progress::path_bytes(&root),
        state: standing.state,
        directories: standing.directories,
        note: standing.note,
        ..Watched::default()
    });
    Ok(())
}

async fn unwatch(call: &Call, watch: Watch) -> Result<(), Failure> {
    let target = vigie_proto::Target { path: watch.path, project: watch.project, ..vigie_proto::Target::default() };
    let root = call.registered_root(&target).await?;
    let set = SetWatched { root: root.clone(), watched: false };
    call.services.storage.send(set).await.map_err(|_| failures::unavailable())??;
    let was = call.services.watcher.send(Unfollow(root.clone())).await.map_err(|_| failures::unavailable())?;
    let note = if was { String::new() } else { format!("{} was not watched", root.display()) };
    let root = progress::path_bytes(&root);
    call.ticket.finish(&Watched { root, state: WatchState::NONE, note, ..Watched::default() });
    Ok(())
}

/// Answers a `Forget`.
pub(super) async fn forget(call: Call, forget: Forget) -> Result<(), Failure> {
    let root = call.registered_root(&forget.target).await?;
    let services = &call.services;
    services.watcher.send(Unfollow(root.clone())).await.map_err(|_| failures::unavailable())?;
    end_jobs(&call, &root).await?;
    let store_bytes =
        services.storage.send(ForgetProject(root.clone())).await.map_err(|_| failures::unavailable())??;
    // One may have been started before the project was gone.
    end_jobs(&call, &root).await?;
    call.ticket.finish(&Forgotten { root: progress::path_bytes(&root), store_bytes, ..Forgotten::default() });
    Ok(())
}

async fn end_jobs(call: &Call, root: &Path) -> Result<(), Failure> {
    let indexer = &call.services.indexer;
    let active = indexer.send(ActiveOf(root.to_path_buf())).await.map_err(|_| failures::unavailable())?;
    for job in active.moving.into_iter().chain(active.paused) {
        let by = format!("{}, which has the project forgotten", call.client);
        indexer.send(CancelJob { job, by }).await.map_err(|_| failures::unavailable())??;
        let _ended = indexer.send(WaitEnd(job)).await;
    }
    Ok(())
}

impl Call {
    /// The registered root that a target means; one whose directory is gone is found by its path.
    async fn registered_root(&self, target: &vigie_proto::Target) -> Result<std::path::PathBuf, Failure> {
        let wanted = path_of(if target.project.is_empty() { &target.path } else { &target.project });
        let roots = self.services.storage.send(Roots).await.map_err(|_| failures::unavailable())?;
        match self.known_root(target).await {
            Err(_) if roots.contains(&wanted) => Ok(wanted),
            // Nobody is told to index what was to be known no longer.
            Err(failure) if failure.code == ErrorCode::NOT_INDEXED => Err(failures::not_known(&wanted)),
            resolved => resolved,
        }
    }
}
