//! systemd, as far as a client needs it: whether a user's own manager listens for the daemon, and having it do so. All of it goes
//! through `systemctl`, which knows where units are enabled and how to reach the manager. Where there is no manager, nothing is run.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::child::{Ran, run_within};
use crate::error::ClientError;
use crate::paths::Environment;

/// The unit that listens.
pub const SOCKET_UNIT: &str = "vigied.socket";
/// The unit that is the daemon.
pub const SERVICE_UNIT: &str = "vigied.service";
/// The program that speaks to the manager.
pub const PROGRAM: &str = "systemctl";
/// Longest it may take: a start waits for the daemon to be ready.
const RUN_MAX: Duration = Duration::from_secs(60);

/// The manager of this user's units.
#[derive(Clone, Debug)]
pub struct UserManager {
    runtime: PathBuf,
}

impl UserManager {
    /// The manager that serves this environment, if one runs: it listens below the runtime directory.
    pub fn find(environment: &Environment) -> Option<UserManager> {
        let runtime = environment.user_runtime_dir()?;
        let socket = runtime.join("systemd/private");
        let is_there = socket.symlink_metadata().is_ok_and(|meta| meta.file_type().is_socket());
        is_there.then_some(UserManager { runtime })
    }

    /// Runs `systemctl --user` with these words.
    pub fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> io::Result<Ran> {
        let mut command = Command::new(PROGRAM);
        command.arg("--user").args(words).env("XDG_RUNTIME_DIR", &self.runtime).env("LC_ALL", "C");
        // A pager or a question would wait for somebody.
        command.args(["--no-pager", "--no-ask-password"]);
        run_within(command, RUN_MAX)
    }

    /// Whether it is to listen for the daemon. Whoever cannot say does not.
    pub fn has_socket_enabled(&self) -> bool {
        self.run(&["is-enabled", "--quiet", SOCKET_UNIT]).is_ok_and(|ran| ran.done)
    }

    /// Whether it listens for the daemon now.
    pub fn is_listening(&self) -> bool {
        self.run(&["is-active", "--quiet", SOCKET_UNIT]).is_ok_and(|ran| ran.done)
    }

    /// Whether the daemon runs under it now, or is coming up or going down.
    pub fn is_serving(&self) -> bool {
        let state = self.run(&["show", "--property=ActiveState", "--value", SERVICE_UNIT]);
        state.is_ok_and(|ran| !["inactive", "failed", ""].contains(&ran.output.as_str()))
    }

    /// Whether a unit has failed, and is not started again.
    pub fn has_failed(&self, unit: &str) -> bool {
        self.run(&["is-failed", "--quiet", unit]).is_ok_and(|ran| ran.done)
    }

    /// Has it listen.
    pub(crate) fn listen(&self) -> Result<(), ClientError> {
        let failed = |reason: String| ClientError::UnitFailed { unit: SOCKET_UNIT, reason };
        let ran = self.run(&["start", SOCKET_UNIT]).map_err(|e| failed(e.to_string()))?;
        if ran.done { Ok(()) } else { Err(failed(ran.complaint)) }
    }
}

/// Whether the system's own manager is to run a unit. Whoever cannot say does not.
pub fn is_system_unit_enabled(unit: &str) -> bool {
    if !Path::new("/run/systemd/system").is_dir() {
        return false;
    }
    let mut command = Command::new(PROGRAM);
    command.args(["is-enabled", "--quiet", unit]);
    run_within(command, RUN_MAX).is_ok_and(|ran| ran.done)
}

/// Where a user's own units are.
pub fn user_unit_dir(config_home: Option<&OsString>, home: Option<&OsString>) -> Option<PathBuf> {
    let absolute = |value: Option<&OsString>| value.map(PathBuf::from).filter(|path| path.is_absolute());
    let config = absolute(config_home).or_else(|| Some(absolute(home)?.join(".config")))?;
    Some(config.join("systemd/user"))
}

/// Where units of packages and administrators are, for every user.
pub const SHARED_UNIT_DIRS: [&str; 4] =
    ["/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user"];

/// Whether a shared unit is there with this text.
pub fn is_shared(name: &str, text: &str) -> bool {
    let found = SHARED_UNIT_DIRS.iter().map(|dir| Path::new(dir).join(name)).find(|path| path.exists());
    found.is_some_and(|path| std::fs::read(path).is_ok_and(|there| there == text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_listens_there_is_no_manager() {
        let dir = tempfile::tempdir().unwrap();
        let environment = Environment { xdg_runtime_dir: Some(dir.path().into()), ..Environment::default() };
        assert!(UserManager::find(&environment).is_none());
        std::fs::create_dir(dir.path().join("systemd")).unwrap();
        std::fs::write(dir.path().join("systemd/private"), "").unwrap();
        assert!(UserManager::find(&environment).is_none(), "a file is no manager");
        std::fs::remove_file(dir.path().join("systemd/private")).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(dir.path().join("systemd/private")).unwrap();
        assert!(UserManager::find(&environment).is_some());
    }

    #[test]
    fn units_lie_in_the_configuration_directory() {
        let (config, home) = (OsString::from("/c"), OsString::from("/h"));
        assert_eq!(user_unit_dir(Some(&config), Some(&home)), Some("/c/systemd/user".into()));
        assert_eq!(user_unit_dir(None, Some(&home)), Some("/h/.config/systemd/user".into()));
        assert_eq!(user_unit_dir(Some(&"c".into()), Some(&home)), Some("/h/.config/systemd/user".into()));
        assert_eq!(user_unit_dir(None, None), None);
    }
}
