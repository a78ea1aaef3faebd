//! Configuration in two steps: what was typed and what the environment says (raw), then one value that everything else is
//! given (resolved). The environment is read here and nowhere else.

mod places;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;

use crate::memory;

pub(crate) use places::{PlaceError, network_file_system, prepare_runtime_dir, prepare_state_dir};

/// Most stores open at once, unless the command line says otherwise.
const OPEN_PROJECTS_MAX: usize = 8;

/// Room for all indexes together, unless the command line says otherwise.
const STORE_QUOTA_BYTES: u64 = 20 << 30;

/// The daemon of Vigie: indexes projects and answers queries over a Unix domain socket.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "vigied", version)]
pub struct Arguments {
    /// Report `ready SOCKET` or `error SENTENCE` on standard output, then let go of it and run in the background
    #[arg(long)]
    pub announce: bool,
    /// Socket to listen on, instead of the one in the runtime directory
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Directory for indexes, registry and log, instead of the user's state directory
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Most projects whose stores are open at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub max_open_projects: Option<u16>,
    /// Bytes that all indexes together may have; those used longest ago are removed
    #[arg(long, value_name = "BYTES")]
    pub store_quota: Option<u64>,
    /// Bytes of memory beyond which no second job begins, and a job has fewer workers [default: four fifths of the cgroup's limit]
    #[arg(long, value_name = "BYTES")]
    pub max_memory: Option<u64>,
    /// Where the log goes: a file, or `stderr`
    #[arg(long, value_name = "FILE|stderr")]
    pub log: Option<PathBuf>,
    /// Worker processes of one job
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// What to be instead of a daemon
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,
}

/// What `vigied` can be besides a daemon.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub enum Subcommand {
    /// A process that parses files for the daemon; started by it only
    #[command(hide = true)]
    Worker,
}

/// What of the environment matters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    xdg_runtime_dir: Option<OsString>,
    xdg_state_home: Option<OsString>,
    home: Option<OsString>,
    log_filter: Option<String>,
    global_excludes: Option<PathBuf>,
    /// What the cgroup allows, in bytes.
    memory_limit: Option<u64>,
    uid: u32,
}

impl Environment {
    /// That of this process.
    pub(crate) fn read() -> Environment {
        Environment {
            xdg_runtime_dir: std::env::var_os("XDG_RUNTIME_DIR"),
            xdg_state_home: std::env::var_os("XDG_STATE_HOME"),
            home: std::env::var_os("HOME"),
            log_filter: std::env::var("VIGIE_LOG").ok(),
            global_excludes: ignore::gitignore::gitconfig_excludes_path(),
            memory_limit: memory::cgroup_limit_bytes(),
            uid: rustix::process::getuid().as_raw(),
        }
    }

    fn absolute(value: Option<&OsString>) -> Option<PathBuf> {
        value.map(PathBuf::from).filter(|path| path.is_absolute())
    }
}

/// Where the log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LogTarget {
    /// Standard error.
    Stderr,
    /// This file, appended to.
    File(PathBuf),
}

/// Everything settled.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The socket to listen on.
    pub(crate) socket: PathBuf,
    /// The socket's directory is the user's runtime directory, which is ours to create.
    pub(crate) runtime_dir: Option<PathBuf>,
    /// Indexes, registry, lock and log.
    pub(crate) state_dir: PathBuf,
    /// Most stores open at once.
    pub(crate) open_projects_max: usize,
    /// Room for all indexes together, in bytes.
    pub(crate) store_quota_bytes: u64,
    /// Memory that admits jobs, in bytes; `None` = no limit.
    pub(crate) memory_bytes_max: Option<u64>,
    /// Worker processes of one job.
    pub(crate) workers: usize,
    /// Threads that answer queries.
    pub(crate) readers: usize,
    /// Where the log goes.
    pub(crate) log: LogTarget,
    /// Which log lines are written, in the syntax of `RUST_LOG`.
    pub(crate) log_filter: String,
    /// The person's home directory, which is never indexed as a whole.
    pub(crate) home: Option<PathBuf>,
    /// The person's own global ignore file.
    pub(crate) global_excludes: Option<PathBuf>,
    /// The one user that may connect.
    pub(crate) uid: u32,
}

impl Config {
    /// Settles everything; touches nothing but `/run/user` to look whose it is.
    pub(crate) fn resolve(arguments: &Arguments, environment: &Environment) -> Result<Config, PlaceError> {
        let state_dir = match &arguments.state_dir {
            Some(dir) => places::absolute(dir),
            None => places::state_dir(environment)?,
        };
        let runtime_dir = arguments.socket.is_none().then(|| places::runtime_dir(environment));
        let socket = match (&arguments.socket, &runtime_dir) {
            (Some(socket), _) => places::absolute(socket),
            (None, Some(dir)) => dir.join("vigied.sock"),
            (None, None) => PathBuf::new(),
        };
        places::check_socket_path(&socket)?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Config {
            socket,
            runtime_dir,
            log: log_target(arguments, &state_dir),
            state_dir,
            open_projects_max: arguments.max_open_projects.map_or(OPEN_PROJECTS_MAX, usize::from),
            store_quota_bytes: arguments.store_quota.unwrap_or(STORE_QUOTA_BYTES),
            memory_bytes_max: arguments.max_memory.or(environment.memory_limit.map(|limit| limit / 5 * 4)),
            workers: arguments.workers.map_or(cores, usize::from),
            readers: cores.clamp(2, 4),
            log_filter: environment.log_filter.clone().unwrap_or_else(|| "info".to_owned()),
            home: Environment::absolute(environment.home.as_ref()).map(|home| home.canonicalize().unwrap_or(home)),
            global_excludes: environment.global_excludes.clone(),
            uid: environment.uid,
        })
    }
}

fn log_target(arguments: &Arguments, state_dir: &std::path::Path) -> LogTarget {
    match &arguments.log {
        Some(target) if target.as_os_str() == "stderr" => LogTarget::Stderr,
        Some(file) => LogTarget::File(places::absolute(file)),
        None if arguments.announce => LogTarget::File(state_dir.join("vigied.log")),
        None => LogTarget::Stderr,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment {
            xdg_runtime_dir: Some("/run/x".into()),
            xdg_state_home: Some("/state".into()),
            home: Some("/home/nobody-here".into()),
            uid: 12345,
            ..Environment::default()
        }
    }

    #[test]
    fn the_environment_names_the_places() {
        let config = Config::resolve(&Arguments::default(), &environment()).unwrap();
        assert_eq!(config.socket, PathBuf::from("/run/x/vigie/vigied.sock"));
        assert_eq!(config.state_dir, PathBuf::from("/state/vigie"));
        assert_eq!(config.log, LogTarget::Stderr);
    }

    #[test]
    fn relative_variables_count_as_unset() {
        let relative =
            Environment { xdg_runtime_dir: Some("run".into()), xdg_state_home: Some("".into()), ..environment() };
        let config = Config::resolve(&Arguments::default(), &relative).unwrap();
        assert_eq!(config.socket, PathBuf::from("/tmp/vigie-12345/vigied.sock"));
        assert_eq!(config.state_dir, PathBuf::from("/home/nobody-here/.local/state/vigie"));
    }

    #[test]
    fn arguments_override_and_a_background_daemon_logs_to_a_file() {
        let arguments = Arguments {
            announce: true,
            socket: Some("/a/s".into()),
            state_dir: Some("/b".into()),
            ..Arguments::default()
        };
        let config = Config::resolve(&arguments, &environment()).unwrap();
        assert_eq!((config.socket, config.runtime_dir), (PathBuf::from("/a/s"), None));
        assert_eq!(config.log, LogTarget::File("/b/vigied.log".into()));
    }

    #[test]
    fn socket_path_that_no_address_holds_is_refused() {
        let arguments = |bytes: usize| Arguments {
            socket: Some(format!("/{}", "s".repeat(bytes - 1)).into()),
            ..Arguments::default()
        };
        assert!(Config::resolve(&arguments(107), &environment()).is_ok());
        let error = Config::resolve(&arguments(108), &environment()).unwrap_err();
        assert!(error.to_string().contains("107"), "{error}");
    }
}
