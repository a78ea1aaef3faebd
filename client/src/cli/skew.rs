//! A daemon that is older than this command, or than its own program, which has been built or installed anew since it was started. It
//! answers as far as the protocol allows; when it has nothing else to do, it then makes way for the one that is there now. A newer daemon
//! is left alone: it knows what its clients of today want.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::Duration;

use semver::Version;
use vigie::child::run_within;
use vigie::{ClientError, Options, UserManager, connect_greeted, program};
use vigie_proto::{ErrorCode, Status};

use super::args::Command;
use super::context::Context;
use super::daemon::stop_connected;
use super::exit::{CliError, Exit};

/// A program that has not said its version by then says none: the answer that somebody waits for is out, and the command must end.
const ANSWER_MAX: Duration = Duration::from_secs(3);

/// The version of this program.
const OURS: &str = env!("CARGO_PKG_VERSION");

/// What became of an older daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// There is none, or it stays.
    Stays,
    /// A newer one is there now.
    Replaced,
}

/// Looks at the daemon that answered, after its answer is out.
pub(super) fn settle(context: &mut Context, command: &Command, result: &Result<Exit, CliError>) -> Settled {
    if matches!(command, Command::Daemon(_)) || context.global.no_spawn {
        return Settled::Stays;
    }
    let Some((theirs, pid)) = context.client.daemon().map(|daemon| (daemon.version.clone(), daemon.pid)) else {
        return Settled::Stays;
    };
    let Some(lag) = Lag::of(&theirs, pid) else { return Settled::Stays };
    let options = context.options();
    let is_ended = lag.ends_with(&successor(&options, pid), &theirs);
    // Directly before it is ended: what comes to it until then has it stay.
    let mut is_idle =
        || context.client.ask(&Status::default()).is_ok_and(|now| now.sessions <= 1 && now.jobs.is_empty());
    if !is_ended || !is_idle() {
        if is_lack(result) {
            let stays = "and stays; `vigie daemon restart` ends it, its jobs go on";
            context.out.note(&format!("{}, {stays}", lag.said("is", &theirs)));
        }
        return Settled::Stays;
    }
    match replace(context, &options) {
        Ok(now) => {
            context.out.note(&format!("{}: it made way for {}", lag.said("was", &theirs), lag.successor(now)));
            Settled::Replaced
        }
        Err(error) => {
            context.out.note(&format!("{}, and was not replaced: {error}", lag.said("is", &theirs)));
            Settled::Stays
        }
    }
}

/// How a daemon lags behind.
#[derive(Clone, Debug)]
enum Lag {
    /// Its version is older than ours.
    Version,
    /// It was started from this file, in whose place another one has been put since: builds of one version are told apart by nothing else.
    Program(PathBuf),
}

impl Lag {
    fn of(theirs: &str, pid: u32) -> Option<Lag> {
        if is_newer(OURS, theirs) {
            return Some(Lag::Version);
        }
        let program = if theirs == OURS { Program::of(pid)? } else { return None };
        (program.is_replaced && program.path.is_file()).then_some(Lag::Program(program.path))
    }

    /// Whether there would be none any more if that program were started instead.
    fn ends_with(&self, next: &Path, theirs: &str) -> bool {
        let has = |is_enough: &dyn Fn(&str) -> bool| version_of(next).is_some_and(|version| is_enough(&version));
        match self {
            Lag::Version => has(&|version| is_newer(version, theirs)),
            // The daemon of another installation is not ours to end, and its program need not be run.
            Lag::Program(path) => same_file(next, path) && has(&|version| version == theirs),
        }
    }

    /// The daemon and what is wrong with it.
    fn said(&self, is: &str, theirs: &str) -> String {
        match self {
            Lag::Version => format!("the daemon {is} vigied {theirs}, older than this vigie {OURS}"),
            Lag::Program(_) => format!("the daemon {is} an earlier build of vigied {theirs}"),
        }
    }

    /// What it makes way for, which says it has this version.
    fn successor(&self, version: String) -> String {
        match self {
            Lag::Version => version,
            Lag::Program(_) => "the one that is installed now".to_owned(),
        }
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    // A mere name is looked for in PATH, not here.
    one.is_absolute() && matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Whether the daemon lacks what was asked of it.
pub(super) fn is_lack(result: &Result<Exit, CliError>) -> bool {
    matches!(result, Err(CliError::Client(ClientError::Failure(failure))) if failure.code == ErrorCode::UNIMPLEMENTED)
}

/// Ends the daemon and starts the next one; its version.
fn replace(context: &mut Context, options: &Options) -> Result<String, ClientError> {
    if let Some(old) = context.client.take_connection() {
        stop_connected(old)?;
    }
    let mut next = connect_greeted(options)?;
    Ok(next.welcome()?.version.clone())
}

/// The daemon that would be started now. Under systemd that is the program of the one that runs, which may have been replaced since.
pub(super) fn successor(options: &Options, pid: u32) -> PathBuf {
    let manager = UserManager::find(&options.environment).filter(|_| options.socket.is_none());
    let managed = manager.filter(UserManager::has_socket_enabled).and_then(|_| Program::of(pid));
    managed.map_or_else(program, |program| program.path)
}

/// What a process was started from.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    /// What lies there now, if anything does, is another file.
    pub(super) is_replaced: bool,
}

impl Program {
    pub(super) fn of(pid: u32) -> Option<Program> {
        Some(Program::at(std::fs::read_link(format!("/proc/{pid}/exe")).ok()?))
    }

    /// What the kernel's link says.
    pub(super) fn at(link: PathBuf) -> Program {
        match link.as_os_str().as_bytes().strip_suffix(b" (deleted)") {
            // A file of that very name may exist.
            Some(old) if !link.exists() => Program { path: PathBuf::from(OsStr::from_bytes(old)), is_replaced: true },
            _ => Program { path: link, is_replaced: false },
        }
    }
}

/// What a program says to `--version`: its name and its version.
fn version_of(program: &Path) -> Option<String> {
    let mut command = Process::new(program);
    command.arg("--version");
    Some(run_within(command, ANSWER_MAX).ok()?.output.split_whitespace().nth(1)?.to_owned())
}

/// What is no version is neither newer nor older.
fn is_newer(this: &str, that: &str) -> bool {
    matches!((Version::parse(this), Version::parse(that)), (Ok(this), Ok(that)) if this > that)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_newer("0.10.0", "0.9.3"));
        assert!(is_newer("0.1.0", "0.1.0-dev"), "a release is newer than what led to it");
        assert!(!is_newer("0.1.0", "0.1.0"));
        assert!(!is_newer("0.1.0", "1.0.0"));
        assert!(!is_newer("0.1.0", "unknown") && !is_newer("unknown", "0.1.0"));
    }

    #[test]
    fn a_program_says_its_version() {
        assert_eq!(version_of(Path::new("/nonexistent/vigied")), None);
        assert_eq!(version_of(Path::new("/bin/true")).filter(|version| Version::parse(version).is_ok()), None);
    }
}
