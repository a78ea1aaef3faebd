//! The composition root: the only place that knows all actors. It makes the directories safe, takes the locks, settles what an
//! earlier life left unfinished, starts everything, and lets go of the locks last.

mod instance;

mod recovery;

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use std::time::Instant;

use actix::{Actor, AsyncContext, System};
use interprocess::local_socket::tokio::Listener;
use interprocess::local_socket::traits::tokio::Listener as _;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName};
use interprocess::os::unix::local_socket::ListenerOptionsExt;
use interprocess::os::unix::uds_local_socket::tokio::Listener as UdListener;
use tokio::sync::Semaphore;
use vigie_core::store::registry::Registry;
use vigie_core::store::{FactsCache, StoreError};

use self::instance::{Instance, Taken};
use self::recovery::{Recovered, recover};
use crate::actors::Vital;
use crate::actors::acceptor::Acceptor;
use crate::actors::core::Core;
use crate::actors::heartbeat;
use crate::actors::hub::Hub;
use crate::actors::indexer::{Indexer, Settings};
use crate::actors::lifecycle::{Lifecycle, OwnFile, OwnFiles, Reloading, catch_signals};
use crate::actors::session::{About, Services};
use crate::actors::storage::Storage;
use crate::actors::watcher::Watcher;
use crate::announce::Announcer;
use crate::clock::now_ms;
use crate::config::{Arguments, Config, Environment, Live, prepare_runtime_dir, prepare_state_dir};
use crate::convert::checks;
use crate::readers::Readers;
use crate::service::{self, ComingUp, Handed};
use crate::telemetry::Telemetry;
use crate::{allocator, limits, logging, registry};

/// Exit code when another daemon is there already (`EX_TEMPFAIL`).
const EXIT_RUNNING: u8 = 75;

/// Questions with old contents that are compared at a time. The others wait: no more than sessions may have open.
const COMPARISONS_MAX: usize = 2;

/// Runs the daemon until it is told to stop.
pub fn run(arguments: Arguments) -> ExitCode {
    let announcer = if arguments.announce { Announcer::Pipe } else { Announcer::Nobody };
    detach(arguments.announce);
    allocator::limit();
    limits::raise_descriptors();
    match start(&arguments, announcer) {
        Ok(code) => code,
        Err(e) => {
            tracing::error!(reason = format!("{e:#}"), "not started");
            announcer.error(&format!("{e:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Files are for their owner only. A background daemon also leaves its client's session, so that no terminal's end reaches it.
fn detach(is_background: bool) {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    if is_background {
        // It fails in a process that leads a group already, which then has no terminal to leave either.
        let _leader = rustix::process::setsid();
    }
}

fn start(arguments: &Arguments, announcer: Announcer) -> anyhow::Result<ExitCode> {
    let environment = Environment::read();
    let coming_up = ComingUp::begin(environment.is_notifying);
    let handed = Handed::take(&environment.handed)?;
    let config = Config::resolve(arguments, &environment, handed.as_ref().map(|handed| handed.path.as_path()))?;
    check_descriptors(config.values.workers)?;
    let watchdog = environment.watchdog;
    let is_notifying = environment.is_notifying;
    let live = Arc::new(Live::new(arguments, environment, config.values.clone()));
    prepare_state_dir(&config.state_dir, config.uid)?;
    if let Some(dir) = &config.runtime_dir {
        prepare_runtime_dir(dir, config.uid)?;
    }
    // Relative paths are settled; from here on no directory is kept busy.
    std::env::set_current_dir("/")?;
    let mut instance = match Instance::take(&config, handed.is_some())? {
        Taken::Ours(instance) => instance,
        Taken::Running(socket) if announcer == Announcer::Pipe => {
            announcer.ready(&socket);
            return Ok(ExitCode::SUCCESS);
        }
        Taken::Running(socket) => {
            announcer.error(&format!(
                "another vigied runs already and listens on {}; stop it with `vigie daemon stop`",
                socket.display()
            ));
            return Ok(ExitCode::from(EXIT_RUNNING));
        }
    };
    let log_filter = Arc::new(logging::start(&config.log, &config.values.log_filter)?);
    let reloading = Reloading { live, log_filter };
    let (registry, found) = open_registry(&config.state_dir)?;
    let (registry, registry_thread) = registry::start(registry)?;
    let system = System::new();
    let stopping = Arc::new(AtomicBool::new(false));
    system.block_on(async {
        let (listener, socket) = match handed {
            Some(handed) => (take_over(handed.listener)?, OwnFile::lent(config.socket.clone())),
            None => (bind(&config.socket)?, OwnFile::at(config.socket.clone())),
        };
        instance.name_socket(&config.socket)?;
        let files = OwnFiles { socket, lock: OwnFile::at(instance.lock_path().to_path_buf()) };
        let core = serve(&config, reloading, listener, files, registry, found, &stopping)?;
        announcer.ready(&config.socket);
        drop(coming_up);
        if is_notifying {
            let summary = core.summary().await;
            service::ready(&summary);
            actix_rt::spawn(heartbeat::tell(core, watchdog, summary, stopping));
        }
        anyhow::Ok(())
    })?;
    system.run()?;
    // Every handle lived in the system: the registry's thread has nothing more to do, and its database closes.
    let _panicked = registry_thread.join();
    drop(instance);
    Ok(ExitCode::SUCCESS)
}

/// With too few descriptors a daemon would come up and serve nobody.
fn check_descriptors(workers: usize) -> anyhow::Result<()> {
    let wanted = checks::descriptors_min(workers);
    match limits::descriptors_max() {
        Some(max) if max < wanted => anyhow::bail!(
            "the limit on open files is {max}, and the daemon needs at least {wanted}; raise it (`ulimit -n 1024`, or LimitNOFILE= of \
             the unit), then start the daemon again"
        ),
        Some(_) | None => Ok(()),
    }
}

fn open_registry(state_dir: &Path) -> Result<(Registry, Recovered), StoreError> {
    let (mut registry, note) = Registry::open(&state_dir.join("registry.sqlite"))?;
    if let Some(note) = note {
        tracing::warn!(note, "the registry was set aside");
    }
    let recovered = recover(&mut registry, &state_dir.join("projects"), now_ms())?;
    Ok((registry, recovered))
}

fn bind(socket: &Path) -> anyhow::Result<Listener> {
    let name = socket.to_fs_name::<GenericFilePath>()?;
    let options = ListenerOptions::new().name(name).reclaim_name(false).mode(0o600);
    Listener::from_options(options).map_err(|e| anyhow::anyhow!("cannot listen on {}: {e}", socket.display()))
}

/// Listens where a service manager does.
fn take_over(listener: OwnedFd) -> anyhow::Result<Listener> {
    let listener = UdListener::try_from(listener);
    listener.map(Listener::from).map_err(|e| anyhow::anyhow!("cannot listen on the socket that was handed over: {e}"))
}

/// Starts the actors.
fn serve(
    config: &Config,
    reloading: Reloading,
    listener: Listener,
    files: OwnFiles,
    registry: registry::RegistryHandle,
    found: Recovered,
    stopping: &Arc<AtomicBool>,
) -> anyhow::Result<Core> {
    let vital = |name| Vital::new(name, stopping.clone());
    let Recovered { epoch, projects, jobs } = found;
    let hub = Hub::new(epoch, vital("hub")).start();
    let projects_dir: PathBuf = config.state_dir.join("projects");
    let open_max = config.values.open_projects_max;
    let cache = Arc::new(FactsCache::open(&config.state_dir.join("facts"), config.values.facts_cache_bytes));
    let storage = Storage::new(
        projects_dir,
        projects,
        (open_max, config.values.store_quota_bytes),
        (registry.clone(), Arc::clone(&cache)),
        hub.clone(),
        vital("storage"),
    )
    .start();
    let telemetry: Arc<Telemetry> = Arc::default();
    let settings = Settings {
        workers: config.values.workers,
        live: Arc::clone(&reloading.live),
        global_excludes: config.global_excludes.as_deref().map(Arc::from),
        open_projects_max: open_max,
        memory_bytes_max: config.values.memory_bytes_max,
        cache: Arc::clone(&cache),
        telemetry: Arc::clone(&telemetry),
    };
    let indexer =
        Indexer::new(settings, jobs, registry.clone(), storage.clone(), hub.clone(), vital("indexer")).start();
    let global_excludes = config.global_excludes.as_deref().map(Arc::from);
    let watcher = Watcher::new(
        Arc::clone(&reloading.live),
        global_excludes,
        indexer.clone(),
        storage.clone(),
        Arc::clone(&telemetry),
        vital("watcher"),
    );
    let lagging = watcher.lagging();
    let watcher = watcher.start();
    let about = Arc::new(About {
        epoch,
        started: Instant::now(),
        socket: config.socket.clone(),
        state_dir: config.state_dir.clone(),
        live: Arc::clone(&reloading.live),
        home: config.home.clone(),
        sessions: AtomicU32::new(0),
        telemetry,
        cache,
        started_ms: now_ms(),
        stopping: stopping.clone(),
        owners: AtomicU64::new(1),
    });
    let readers = Readers::start(config.values.readers)?;
    let comparisons = Arc::new(Semaphore::new(COMPARISONS_MAX));
    let signals = catch_signals()?;
    let mut core = None;
    Lifecycle::create(|ctx| {
        let lifecycle = ctx.address().recipient();
        let of_core = (hub.clone(), storage.clone(), indexer.clone(), watcher.clone(), registry.clone());
        let services =
            Services { about, storage, indexer, watcher, lagging, hub, registry, readers, comparisons, lifecycle };
        let acceptor = Acceptor::new(listener, config.uid, services, vital("acceptor")).start();
        let (hub, storage, indexer, watcher, registry) = of_core;
        let all = Core { hub, storage, indexer, watcher, acceptor, registry };
        core = Some(all.clone());
        Lifecycle::new(all, files, reloading, stopping.clone(), signals)
    });
    tracing::info!(epoch, socket = %config.socket.display(), version = env!("CARGO_PKG_VERSION"), "ready");
    core.ok_or_else(|| anyhow::anyhow!("the actors did not start"))
}
