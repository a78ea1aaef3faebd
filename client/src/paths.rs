//! Where the daemon's socket, lock and log are. The one place of the client that looks at the environment; the daemon follows
//! the same rules. It looks, and creates nothing.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

use crate::error::ClientError;

/// Longest path a socket's address holds, in bytes.
pub const SOCKET_PATH_BYTES_MAX: usize = 107;

const APP: &str = "vigie";
const SOCKET_NAME: &str = "vigied.sock";

/// What of the environment decides about places.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `XDG_RUNTIME_DIR`.
    pub xdg_runtime_dir: Option<OsString>,
    /// `XDG_STATE_HOME`.
    pub xdg_state_home: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
    /// Our user id.
    pub uid: u32,
}

impl Environment {
    /// That of this process.
    pub fn current() -> Environment {
        Environment {
            xdg_runtime_dir: env::var_os("XDG_RUNTIME_DIR"),
            xdg_state_home: env::var_os("XDG_STATE_HOME"),
            home: env::var_os("HOME"),
            uid: rustix::process::getuid().as_raw(),
        }
    }

    /// The directory of what lives as long as this user is logged in, if there is one.
    pub(crate) fn user_runtime_dir(&self) -> Option<PathBuf> {
        if let Some(xdg) = absolute_variable(self.xdg_runtime_dir.as_deref()) {
            return Some(xdg);
        }
        let run = PathBuf::from(format!("/run/user/{}", self.uid));
        fs::metadata(&run).is_ok_and(|meta| meta.is_dir() && meta.uid() == self.uid).then_some(run)
    }
}

/// Where things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The socket to connect to.
    pub socket: PathBuf,
    /// The socket was named by the caller.
    pub socket_overridden: bool,
    /// The state directory, if the environment names one.
    pub state: Option<PathBuf>,
}

impl Places {
    /// Settles the places. Fails if the runtime directory is unsafe, or the socket's path too long for an address.
    pub fn resolve(environment: &Environment, socket: Option<&Path>) -> Result<Places, ClientError> {
        let state = state_dir(environment);
        let places = match socket {
            Some(path) => Places { socket: absolute(path), socket_overridden: true, state },
            None => Places { socket: runtime_dir(environment)?.join(SOCKET_NAME), socket_overridden: false, state },
        };
        check_socket_path(&places.socket)?;
        Ok(places)
    }

    /// The daemon's log.
    pub fn log(&self) -> PathBuf {
        self.state.clone().unwrap_or_default().join("vigied.log")
    }

    /// Where a daemon runs, as its locks say, without a connection: to connect would start one where systemd listens.
    pub fn socket_of_running(&self) -> Option<PathBuf> {
        let mut beside = self.socket.clone().into_os_string();
        beside.push(".lock");
        if is_held(Path::new(&beside)) {
            return Some(self.socket.clone());
        }
        let state = self.state.as_ref().filter(|_| !self.socket_overridden)?;
        self.socket_of_lock_holder().filter(|_| is_held(&state.join("vigied.lock")))
    }

    /// The process that holds the state directory now: a lock is let go of with the end of a process, whoever has yet to hear of that.
    pub fn lock_holder(&self) -> Option<u32> {
        let lock = self.state.as_ref()?.join("vigied.lock");
        let content = fs::read_to_string(&lock).ok()?;
        content.lines().next()?.parse().ok().filter(|_| is_held(&lock))
    }

    /// The socket of the daemon that holds the state directory, as its lock file names it. The file outlives its daemon, so
    /// the socket may be dead.
    pub fn socket_of_lock_holder(&self) -> Option<PathBuf> {
        let content = fs::read(self.state.as_ref()?.join("vigied.lock")).ok()?;
        socket_line(&content).filter(|socket| check_socket_path(socket).is_ok())
    }
}

/// Whether somebody holds the lock on a file. Whoever takes it at this very moment tries again.
fn is_held(path: &Path) -> bool {
    let Ok(file) = fs::File::open(path) else { return false };
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) == Err(rustix::io::Errno::WOULDBLOCK)
}

/// The second line of a lock file, whose first names the process.
fn socket_line(content: &[u8]) -> Option<PathBuf> {
    let line = content.split(|byte| *byte == b'\n').nth(1)?;
    let path = PathBuf::from(OsString::from_vec(line.to_vec()));
    path.is_absolute().then_some(path)
}

fn state_dir(environment: &Environment) -> Option<PathBuf> {
    let xdg = absolute_variable(environment.xdg_state_home.as_deref());
    let home = || absolute_variable(environment.home.as_deref()).map(|home| home.join(".local/state"));
    Some(xdg.or_else(home)?.join(APP))
}

/// A relative or empty value counts as unset, as the XDG base directory specification demands.
fn absolute_variable(value: Option<&OsStr>) -> Option<PathBuf> {
    value.map(PathBuf::from).filter(|path| path.is_absolute())
}

fn runtime_dir(environment: &Environment) -> Result<PathBuf, ClientError> {
    if let Some(run) = environment.user_runtime_dir() {
        return Ok(run.join(APP));
    }
    let path = PathBuf::from(format!("/tmp/{APP}-{}", environment.uid));
    check_private(&path, environment.uid)?;
    Ok(path)
}

/// Anybody may create names in `/tmp`: a directory of ours that others cannot enter is fine, and so is none at all.
fn check_private(path: &Path, uid: u32) -> Result<(), ClientError> {
    let unsafe_because = |reason: String| ClientError::UnsafeRuntime { path: path.to_owned(), reason };
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(unsafe_because(e.to_string())),
    };
    if !meta.is_dir() {
        return Err(unsafe_because("it is not a directory".to_owned()));
    }
    if meta.uid() != uid {
        return Err(unsafe_because(format!("it belongs to user {}", meta.uid())));
    }
    if meta.mode() & 0o077 != 0 {
        return Err(unsafe_because(format!("others may enter it (mode {:03o})", meta.mode() & 0o777)));
    }
    Ok(())
}

fn check_socket_path(path: &Path) -> Result<(), ClientError> {
    let bytes = path.as_os_str().as_bytes().len();
    if bytes <= SOCKET_PATH_BYTES_MAX {
        return Ok(());
    }
    Err(ClientError::SocketPathTooLong { path: path.to_owned(), bytes, max: SOCKET_PATH_BYTES_MAX })
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn environment(runtime: &str, state: &str) -> Environment {
        Environment {
            xdg_runtime_dir: Some(runtime.into()),
            xdg_state_home: Some(state.into()),
            home: Some("/home/u".into()),
            uid: rustix::process::getuid().as_raw(),
        }
    }

    #[test]
    fn xdg_directories_win() {
        let places = Places::resolve(&environment("/run/x", "/state"), None).unwrap();
        assert_eq!(places.socket, Path::new("/run/x/vigie/vigied.sock"));
        assert_eq!(places.log(), Path::new("/state/vigie/vigied.log"));
    }

    #[test]
    fn relative_state_home_counts_as_unset() {
        let places = Places::resolve(&environment("/run/x", "state"), None).unwrap();
        assert_eq!(places.state.as_deref(), Some(Path::new("/home/u/.local/state/vigie")));
    }

    #[test]
    fn socket_path_of_107_bytes_is_the_longest() {
        let path = |bytes: usize| PathBuf::from(format!("/{}", "s".repeat(bytes - 1)));
        assert!(Places::resolve(&environment("/r", "/s"), Some(&path(107))).is_ok());
        let error = Places::resolve(&environment("/r", "/s"), Some(&path(108))).unwrap_err();
        assert!(matches!(error, ClientError::SocketPathTooLong { bytes: 108, max: 107, .. }), "{error}");
    }

    #[test]
    fn private_directory_refuses_links_files_and_open_modes() {
        let temp = tempfile::tempdir().unwrap();
        let uid = rustix::process::getuid().as_raw();
        let dir = temp.path().join("dir");
        assert!(check_private(&dir, uid).is_ok(), "absent is fine");
        fs::create_dir(&dir).unwrap();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(check_private(&dir, uid).is_ok());
        assert!(check_private(&dir, uid + 1).is_err());
        symlink(&dir, temp.path().join("link")).unwrap();
        assert!(check_private(&temp.path().join("link"), uid).is_err());
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(check_private(&dir, uid).is_err());
        fs::write(temp.path().join("file"), "").unwrap();
        assert!(check_private(&temp.path().join("file"), uid).is_err());
    }

    #[test]
    fn a_daemon_runs_where_its_lock_is_held() {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name);
        let places = Places { socket: at("s"), socket_overridden: false, state: Some(at("")) };
        assert_eq!(places.socket_of_running(), None, "no lock was ever taken");
        let lock = |name: &str, content: &str| {
            fs::write(at(name), content).unwrap();
            let file = fs::File::open(at(name)).unwrap();
            rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
            file
        };
        let state = lock("vigied.lock", "1\n/elsewhere\n");
        assert_eq!(places.socket_of_running(), Some("/elsewhere".into()));
        let overridden = Places { socket_overridden: true, ..places.clone() };
        assert_eq!(overridden.socket_of_running(), None, "that one is not meant");
        let beside = lock("s.lock", "");
        assert_eq!(overridden.socket_of_running(), Some(at("s")));
        drop((state, beside));
        assert_eq!(places.socket_of_running(), None, "they are gone");
    }

    #[test]
    fn lock_file_names_the_socket_on_its_second_line() {
        assert_eq!(socket_line(b"12\n/run/x.sock\n"), Some(PathBuf::from("/run/x.sock")));
        assert_eq!(socket_line(b"12\n"), None);
        assert_eq!(socket_line(b"12\nrelative\n"), None);
        assert_eq!(socket_line(b""), None);
    }
}
