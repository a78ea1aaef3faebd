//! A daemon that is older than this command. It answers as far as the protocol allows; when it has nothing else to do, it then makes
//! way for one of the version that is installed now. A newer daemon is left alone: it knows what its clients of today want.

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
    let ours = env!("CARGO_PKG_VERSION");
    if !is_newer(ours, &theirs) {
        return Settled::Stays;
    }
    let is_idle = context.client.ask(&Status::default()).is_ok_and(|now| now.sessions <= 1 && now.jobs.is_empty());
    let options = context.options();
    if !is_idle || !successor(&options, pid).is_some_and(|next| is_newer(&next, &theirs)) {
        if is_lack(result) {
            context.out.note(&format!(
                "the daemon is vigied {theirs}, older than this vigie {ours}, and stays; `vigie daemon restart` ends it, its jobs go on"
            ));
        }
        return Settled::Stays;
    }
    match replace(context, &options) {
        Ok(now) => {
            context
                .out
                .note(&format!("the daemon was vigied {theirs}, older than this vigie {ours}: it made way for {now}"));
            Settled::Replaced
        }
        Err(error) => {
            context.out.note(&format!(
                "the daemon is vigied {theirs}, older than this vigie {ours}, and was not replaced: {error}"
            ));
            Settled::Stays
        }
    }
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

/// The version of the daemon that would be started now. Under systemd that is the program of the one that runs, which may have been
/// replaced since.
fn successor(options: &Options, pid: u32) -> Option<String> {
    let manager = UserManager::find(&options.environment).filter(|_| options.socket.is_none());
    let managed = manager.filter(UserManager::has_socket_enabled).and_then(|_| program_of(pid));
    version_of(&managed.unwrap_or_else(program))
}

/// What a process was started from, or what lies there now.
fn program_of(pid: u32) -> Option<PathBuf> {
    let path = std::fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    let text = path.to_str()?;
    Some(PathBuf::from(text.strip_suffix(" (deleted)").unwrap_or(text)))
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
