//! Configuration in two steps: what was typed, what the environment says and what the person wrote down (raw), then one value that
//! everything else is given (resolved). The environment is read here and nowhere else.

mod keys;

mod file;

mod values;

mod live;

mod places;

mod roots;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use vigie_core::settings::document::{is_directory, parse_bytes, parse_time};

use crate::memory;
use file::FileError;
pub(crate) use live::Live;
use places::PlaceError;
pub(crate) use places::{prepare_runtime_dir, prepare_state_dir, untold_file_system};
pub(crate) use roots::RootsAllowed;
pub(crate) use values::{Setting, Source, Values};

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
    /// File of settings, instead of `vigie/config.toml` in the user's configuration directory
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Only projects in this directory, or one of several, are indexed and asked about
    #[arg(long, value_name = "DIR", value_parser = directory)]
    pub roots_allowed: Vec<String>,
    /// Most projects whose stores are open at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub max_open_projects: Option<u16>,
    /// Room on disk for all indexes together: 500M, 20G; those used longest ago are removed
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub store_quota: Option<u64>,
    /// Memory beyond which no second job begins, and a job has fewer workers
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_memory: Option<u64>,
    /// Room on disk for what files were parsed to, shared by all projects
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub facts_cache: Option<u64>,
    /// Where the log goes: a file, or `stderr`
    #[arg(long, value_name = "FILE|stderr")]
    pub log: Option<PathBuf>,
    /// Worker processes of one job
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// Threads that answer questions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub readers: Option<u16>,
    /// End after so long with nothing to do: 90s, 15m, 2h; 0 = never
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub idle_exit: Option<u64>,
    /// Which lines the log has, as in `info` or `warn,vigie_core=debug`
    #[arg(long, value_name = "FILTER", value_parser = log_filter)]
    pub log_filter: Option<String>,
    /// What to be instead of a daemon
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,
}

fn log_filter(text: &str) -> Result<String, &'static str> {
    if file::is_filter(text) { Ok(text.to_owned()) } else { Err("it is no filter") }
}

fn directory(text: &str) -> Result<String, &'static str> {
    if is_directory(text) { Ok(text.to_owned()) } else { Err("it is neither an absolute path nor below ~/") }
}

fn size(text: &str) -> Result<u64, String> {
    parse_bytes(text).ok_or_else(|| "a size is a whole number of bytes, or of K, M or G: 65536, 500M, 20G".to_owned())
}

fn time(text: &str) -> Result<u64, String> {
    parse_time(text).ok_or_else(|| "a time is a whole number of seconds, or of s, m or h: 90s, 15m, 2h".to_owned())
}

/// What `vigied` can be besides a daemon.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Subcommand {
    /// A process that parses files for the daemon; started by it only
    #[command(hide = true)]
    Worker {
        /// Somebody waits for these files: they are not parsed in the background
        #[arg(long)]
        prompt: bool,
    },
    /// Say whether the configuration is right, and what is wrong with it; nothing else happens
    CheckConfig,
    /// Write the manual page into a directory; for packaging
    #[command(hide = true)]
    Man {
        /// The directory
        dir: PathBuf,
    },
}

/// What of the environment matters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    xdg_runtime_dir: Option<OsString>,
    xdg_state_home: Option<OsString>,
    xdg_config_home: Option<OsString>,
    home: Option<OsString>,
    log_filter: Option<String>,
    global_excludes: Option<PathBuf>,
    /// What the cgroup allows, in bytes.
    memory_limit: Option<u64>,
    /// Device and inode of the journal's end of standard error, as systemd names them.
    journal_stream: Option<String>,
    uid: u32,
    /// Descriptors that a service manager hands over, with their names.
    pub(crate) handed: Vec<(RawFd, String)>,
    /// A service manager listens to what the daemon says of itself.
    pub(crate) is_notifying: bool,
    /// How often it wants to hear that the daemon lives; later it kills it.
    pub(crate) watchdog: Option<Duration>,
}

impl Environment {
    /// That of this process.
    pub(crate) fn read() -> Environment {
        Environment {
            xdg_runtime_dir: std::env::var_os("XDG_RUNTIME_DIR"),
            xdg_state_home: std::env::var_os("XDG_STATE_HOME"),
            xdg_config_home: std::env::var_os("XDG_CONFIG_HOME"),
            home: std::env::var_os("HOME"),
            log_filter: std::env::var("VIGIE_LOG").ok(),
            global_excludes: ignore::gitignore::gitconfig_excludes_path(),
            memory_limit: memory::cgroup_limit_bytes(),
            journal_stream: std::env::var("JOURNAL_STREAM").ok(),
            uid: rustix::process::getuid().as_raw(),
            // What does not name this process, or is no number, hands over nothing.
            handed: sd_notify::listen_fds_with_names().map(Iterator::collect).unwrap_or_default(),
            is_notifying: std::env::var_os("NOTIFY_SOCKET").is_some(),
            watchdog: sd_notify::watchdog_enabled(),
        }
    }

    fn home_dir(&self) -> Option<PathBuf> {
        Environment::absolute(self.home.as_ref())
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
    /// Standard error, which is the journal.
    Journal,
    /// This file, appended to.
    File(PathBuf),
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A directory cannot be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// A service manager listens on one socket, and the command line names another.
    #[error("the service manager listens on {handed}, and --socket says {own}: leave --socket out, or name the same")]
    TwoSockets {
        /// What was handed over.
        handed: PathBuf,
        /// What was typed.
        own: PathBuf,
    },
    /// The file cannot be used.
    #[error("{0}; correct it, then start the daemon again")]
    File(FileError),
}

// Not as the source of the error, which would be said twice.
impl From<FileError> for ConfigError {
    fn from(error: FileError) -> ConfigError {
        ConfigError::File(error)
    }
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
    /// What the keys of `config.toml` come to.
    pub(crate) values: Values,
    /// Where the log goes.
    pub(crate) log: LogTarget,
    /// The person's home directory, which is never indexed as a whole.
    pub(crate) home: Option<PathBuf>,
    /// The person's own global ignore file.
    pub(crate) global_excludes: Option<PathBuf>,
    /// The one user that may connect.
    pub(crate) uid: u32,
}

impl Config {
    /// Settles everything; reads `config.toml`, and else touches nothing but `/run/user` to look whose it is. `handed` is the
    /// socket that a service manager listens on.
    pub(crate) fn resolve(
        arguments: &Arguments,
        environment: &Environment,
        handed: Option<&Path>,
    ) -> Result<Config, ConfigError> {
        let state_dir = match &arguments.state_dir {
            Some(dir) => places::absolute(dir),
            None => places::state_dir(environment)?,
        };
        let own = arguments.socket.as_deref().map(places::absolute);
        // Whoever made the socket made its directory.
        let runtime_dir = (own.is_none() && handed.is_none()).then(|| places::runtime_dir(environment));
        let socket = match (own, handed, &runtime_dir) {
            (Some(own), Some(handed), _) if own != handed => {
                return Err(ConfigError::TwoSockets { own, handed: handed.to_path_buf() });
            }
            (_, Some(handed), _) => handed.to_path_buf(),
            (Some(own), None, _) => own,
            (None, None, Some(dir)) => dir.join("vigied.sock"),
            (None, None, None) => PathBuf::new(),
        };
        places::check_socket_path(&socket)?;
        Ok(Config {
            socket,
            runtime_dir,
            log: log_target(arguments, environment, &state_dir),
            state_dir,
            values: Values::resolve(arguments, environment)?,
            home: environment.home_dir().map(|home| home.canonicalize().unwrap_or(home)),
            global_excludes: environment.global_excludes.clone(),
            uid: environment.uid,
        })
    }
}

/// Says what is wrong with the configuration, on standard error, or that it is right, for `vigied check-config`.
#[expect(clippy::print_stderr, reason = "this is a command of its own, and its answer")]
pub fn check(arguments: &Arguments) -> ExitCode {
    match Config::resolve(arguments, &Environment::read(), None) {
        Ok(config) => {
            let file = &config.values.file;
            let sentence = match &file.path {
                Some(path) if file.is_there => format!("{} is right", path.display()),
                Some(path) => format!("{} is not there, so every key has its default", path.display()),
                None => "there is no place for config.toml, so every key has its default".to_owned(),
            };
            match writeln!(io::stdout(), "{sentence}") {
                Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                    eprintln!("vigied: cannot write the output: {e}");
                    ExitCode::FAILURE
                }
                Ok(()) | Err(_) => ExitCode::SUCCESS,
            }
        }
        Err(e) => {
            eprintln!("vigied: {e}");
            ExitCode::from(EXIT_CONFIG)
        }
    }
}

/// Exit code when the configuration is wrong (`EX_CONFIG`).
const EXIT_CONFIG: u8 = 78;

fn log_target(arguments: &Arguments, environment: &Environment, state_dir: &std::path::Path) -> LogTarget {
    let is_journal = environment.journal_stream.as_deref().is_some_and(is_stderr);
    let stderr = if is_journal { LogTarget::Journal } else { LogTarget::Stderr };
    match &arguments.log {
        Some(target) if target.as_os_str() == "stderr" => stderr,
        Some(file) => LogTarget::File(places::absolute(file)),
        None if arguments.announce => LogTarget::File(state_dir.join("vigied.log")),
        None => stderr,
    }
}

/// Whether standard error is the stream of that device and inode: the variable is inherited by whoever has another standard error by
/// then.
fn is_stderr(journal_stream: &str) -> bool {
    let numbers = journal_stream.split_once(':').and_then(|(dev, ino)| Some((dev.parse().ok()?, ino.parse().ok()?)));
    let stderr = rustix::fs::fstat(std::io::stderr()).ok().map(|stat| (stat.st_dev, stat.st_ino));
    numbers.is_some() && numbers == stderr
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
        let config = Config::resolve(&Arguments::default(), &environment(), None).unwrap();
        assert_eq!(config.socket, PathBuf::from("/run/x/vigie/vigied.sock"));
        assert_eq!(config.state_dir, PathBuf::from("/state/vigie"));
        assert_eq!(config.log, LogTarget::Stderr);
    }

    #[test]
    fn relative_variables_count_as_unset() {
        let relative =
            Environment { xdg_runtime_dir: Some("run".into()), xdg_state_home: Some("".into()), ..environment() };
        let config = Config::resolve(&Arguments::default(), &relative, None).unwrap();
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
        let config = Config::resolve(&arguments, &environment(), None).unwrap();
        assert_eq!((config.socket, config.runtime_dir), (PathBuf::from("/a/s"), None));
        assert_eq!(config.log, LogTarget::File("/b/vigied.log".into()));
    }

    #[test]
    fn a_socket_that_was_handed_over_is_the_socket() {
        let handed = Path::new("/run/h/s");
        let config = Config::resolve(&Arguments::default(), &environment(), Some(handed)).unwrap();
        assert_eq!((config.socket.as_path(), config.runtime_dir), (handed, None));
        let named = |path: &str| Arguments { socket: Some(path.into()), ..Arguments::default() };
        assert!(Config::resolve(&named("/run/h/s"), &environment(), Some(handed)).is_ok());
        let error = Config::resolve(&named("/run/h/t"), &environment(), Some(handed)).unwrap_err().to_string();
        assert!(error.contains("/run/h/s") && error.contains("/run/h/t"), "{error}");
    }

    #[test]
    fn socket_path_that_no_address_holds_is_refused() {
        let arguments = |bytes: usize| Arguments {
            socket: Some(format!("/{}", "s".repeat(bytes - 1)).into()),
            ..Arguments::default()
        };
        assert!(Config::resolve(&arguments(107), &environment(), None).is_ok());
        let error = Config::resolve(&arguments(108), &environment(), None).unwrap_err();
        assert!(error.to_string().contains("107"), "{error}");
    }
}
