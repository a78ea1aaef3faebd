//! Lifecycle has the configuration read again, and ends the daemon in order: no new work, jobs paused, stores closed with a checkpoint, clients told, socket gone. A
//! thread of its own ends it anyway if that takes too long; jobs are then as after a crash, and go on at the next start. It also
//! watches the files by which clients and other daemons find this one: without them nobody can reach it, and it must not stay.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, ResponseFuture, System};
use tokio::signal::unix::{Signal, SignalKind, signal};
use vigie_core::store::registry::{JobRecord, JobState};

use super::Stop;
use super::acceptor::{Dismiss, StopAccepting};
use super::core::Core;
use super::idle;
use super::indexer::{CancelJob, Indexer, ListActive, Pause, SetLimits};
use super::session::Farewell;
use super::storage::{CloseAll, SetOpenMax};
use super::watcher::TakeStock;
use crate::config::{Live, Values};
use crate::logging::LogFilter;
use crate::service;

/// The whole end may take this long.
const STOP_MAX: Duration = Duration::from_secs(10);
/// What a service manager is asked for beyond that.
const STOP_GRACE: Duration = Duration::from_secs(2);
/// Clients get this long to read what waits for them.
const FAREWELL_MAX: Duration = Duration::from_secs(1);
/// How often it is looked whether our files are still there.
const FILES_EVERY: Duration = Duration::from_secs(2);
/// Exit code when the end took too long.
const EXIT_LATE: i32 = 1;

/// Where a file is without which the daemon is none, and which: nobody else's is ever removed.
#[derive(Clone, Debug)]
pub(crate) struct OwnFile {
    path: PathBuf,
    identity: Option<(u64, u64)>,
    is_lent: bool,
}

impl OwnFile {
    /// The file that was just made at this path.
    pub(crate) fn at(path: PathBuf) -> OwnFile {
        let identity = identity(&path);
        OwnFile { path, identity, is_lent: false }
    }

    /// The same, but whoever made it will remove it.
    pub(crate) fn lent(path: PathBuf) -> OwnFile {
        OwnFile { is_lent: true, ..OwnFile::at(path) }
    }

    /// Whether it is still there, and no other file in its place.
    fn is_there(&self) -> bool {
        self.identity.is_some() && identity(&self.path) == self.identity
    }

    /// Removes it if it is still there and ours.
    fn unlink(&self) {
        if self.is_there() && !self.is_lent {
            let _gone = std::fs::remove_file(&self.path);
        }
    }
}

/// The files without which a daemon that lives is none.
#[derive(Clone, Debug)]
pub(crate) struct OwnFiles {
    /// Where clients connect.
    pub(crate) socket: OwnFile,
    /// What makes it the only daemon of its state directory.
    pub(crate) lock: OwnFile,
}

impl OwnFiles {
    /// What is missing, as a reason to stop.
    fn loss(&self) -> Option<String> {
        let gone = |what: &str, file: &OwnFile| {
            (!file.is_there()).then(|| format!("its {what} {} was removed", file.path.display()))
        };
        gone("socket", &self.socket).or_else(|| gone("lock file", &self.lock))
    }
}

fn identity(path: &std::path::Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.symlink_metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

/// What a daemon may be told to read again, and who must know then besides the actors.
#[derive(Clone)]
pub(crate) struct Reloading {
    /// The configuration.
    pub(crate) live: Arc<Live>,
    /// Which lines the log has.
    pub(crate) log_filter: Arc<LogFilter>,
}

/// The actor.
pub(crate) struct Lifecycle {
    core: Core,
    files: OwnFiles,
    reloading: Reloading,
    stopping: Arc<AtomicBool>,
    signals: Vec<(SignalKind, Signal)>,
}

/// The signals that end the daemon or have it read its configuration again, from here on ours to handle: to be called before anybody is told that the daemon is ready.
pub(crate) fn catch_signals() -> std::io::Result<Vec<(SignalKind, Signal)>> {
    let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    kinds.into_iter().map(|kind| Ok((kind, signal(kind)?))).collect()
}

impl Lifecycle {
    /// The lifecycle of these actors; `stopping` is what they look at.
    pub(crate) fn new(
        core: Core,
        files: OwnFiles,
        reloading: Reloading,
        stopping: Arc<AtomicBool>,
        signals: Vec<(SignalKind, Signal)>,
    ) -> Lifecycle {
        Lifecycle { core, files, reloading, stopping, signals }
    }
}

impl Actor for Lifecycle {
    type Context = Context<Lifecycle>;

    fn started(&mut self, ctx: &mut Self::Context) {
        for (kind, signals) in std::mem::take(&mut self.signals) {
            if kind == SignalKind::hangup() {
                actix_rt::spawn(reload_on(signals, ctx.address()));
            } else {
                actix_rt::spawn(watch(kind, signals, ctx.address()));
            }
        }
        actix_rt::spawn(watch_files(self.files.clone(), ctx.address()));
        actix_rt::spawn(idle::watch(self.core.clone(), self.reloading.live.clone(), ctx.address().recipient()));
    }
}

async fn watch(kind: SignalKind, mut signals: Signal, lifecycle: Addr<Lifecycle>) {
    if signals.recv().await.is_some() {
        lifecycle.do_send(Stop { reason: format!("signal {}", kind.as_raw_value()) });
    }
}

/// One reading after the other: the last one is that of the file as it is.
async fn reload_on(mut signals: Signal, lifecycle: Addr<Lifecycle>) {
    while signals.recv().await.is_some() {
        if lifecycle.send(Reload).await.is_err() {
            return;
        }
    }
}

/// Reads the configuration again; done when everybody who must know was told.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
struct Reload;

impl Handler<Reload> for Lifecycle {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Reload, _: &mut Self::Context) -> Self::Result {
        let (indexer, storage) = (self.core.indexer.clone(), self.core.storage.clone());
        let watcher = self.core.watcher.clone();
        let Reloading { live, log_filter } = self.reloading.clone();
        Box::pin(async move {
            match tokio::task::spawn_blocking(move || live.reload()).await {
                Ok(Ok(values)) => {
                    log_filter.set(&values.log_filter);
                    let (workers, open_projects_max) = (values.workers, values.open_projects_max);
                    storage.do_send(SetOpenMax(open_projects_max));
                    indexer.do_send(SetLimits { workers, open_projects_max });
                    // One reading after the other: what the last one allows is what stays.
                    let _gone = watcher.send(TakeStock).await;
                    end_refused(&indexer, values).await;
                    tracing::info!("the configuration was read again");
                }
                Ok(Err(reason)) => tracing::warn!(reason, "the configuration was not read again"),
                Err(_) => tracing::error!("reading the configuration again failed"),
            }
        })
    }
}

/// Ends the jobs of projects that may not be indexed any more; what is paused is refused when it is to go on.
async fn end_refused(indexer: &Addr<Indexer>, values: Arc<Values>) {
    let Ok(jobs) = indexer.send(ListActive).await else { return };
    let refused = tokio::task::spawn_blocking(move || {
        let is_refused =
            |job: &JobRecord| job.state != JobState::Paused && values.roots_allowed.refusal(&job.root).is_some();
        jobs.into_iter().filter(is_refused).map(|job| job.job).collect::<Vec<_>>()
    });
    for job in refused.await.unwrap_or_default() {
        // One that has ended meanwhile is none any more.
        let _cancelled = indexer.send(CancelJob { job, by: "roots_allowed of the configuration".to_owned() }).await;
    }
}

/// Looks again and again, away from the actors' thread: the file system tells nobody of a removal on every kind of disk.
async fn watch_files(files: OwnFiles, lifecycle: Addr<Lifecycle>) {
    let mut ticks = tokio::time::interval(FILES_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let files = files.clone();
        if let Ok(Some(reason)) = tokio::task::spawn_blocking(move || files.loss()).await {
            return lifecycle.do_send(Stop { reason });
        }
    }
}

impl Handler<Stop> for Lifecycle {
    type Result = ();

    fn handle(&mut self, stop: Stop, _: &mut Self::Context) {
        if self.stopping.swap(true, Ordering::SeqCst) {
            return;
        }
        tracing::info!(reason = stop.reason, "stopping");
        limit();
        service::stopping(STOP_MAX + STOP_GRACE);
        let farewell = Farewell { reason: format!("the daemon is stopping: {}", stop.reason) };
        let Core { indexer, storage, acceptor, .. } = self.core.clone();
        if self.files.socket.is_lent {
            // Whoever comes now waits in the queue for the next daemon, which is better than being sent away.
            acceptor.do_send(StopAccepting);
        }
        let socket = self.files.socket.clone();
        actix_rt::spawn(async move {
            // An actor that is gone has nothing left to end.
            let _jobs = indexer.send(Pause).await;
            let _stores = storage.send(CloseAll).await;
            let _clients = tokio::time::timeout(FAREWELL_MAX, acceptor.send(Dismiss(farewell))).await;
            socket.unlink();
            tracing::info!("stopped");
            System::current().stop();
        });
    }
}

/// Whatever hangs, the process ends.
fn limit() {
    let limited = std::thread::Builder::new().name("stop-limit".into()).spawn(|| {
        std::thread::sleep(STOP_MAX);
        tracing::error!("stopping took too long; ended without waiting further");
        std::process::exit(EXIT_LATE);
    });
    if let Err(e) = limited {
        tracing::warn!(reason = %e, "stopping has no limit");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_file_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        std::fs::write(&path, "ours").unwrap();
        let ours = OwnFile::at(path.clone());
        let files = OwnFiles { socket: ours.clone(), lock: ours.clone() };
        assert_eq!(files.loss(), None);
        std::fs::write(dir.path().join("t"), "another's").unwrap();
        std::fs::rename(dir.path().join("t"), &path).unwrap();
        assert!(files.loss().unwrap().contains("socket"));
        ours.unlink();
        assert!(path.exists());
        OwnFile::lent(path.clone()).unlink();
        assert!(path.exists(), "whoever lent it removes it");
        OwnFile::at(path.clone()).unlink();
        assert!(!path.exists());
    }
}
