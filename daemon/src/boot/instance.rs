//! Being the only daemon: two locks held for life, one in the state directory and one beside the socket, and a socket path
//! that nobody listens on.

use std::io;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::lock::{Lock, holder_socket};

/// Another daemon that holds the lock gets this long to accept connections.
const READY_MAX: Duration = Duration::from_secs(10);
/// How often it is tried. Another process's readiness sends no message to this one.
const READY_EVERY: Duration = Duration::from_millis(20);

/// The locks, for as long as this lives.
#[derive(Debug)]
pub(super) struct Instance {
    state: Lock,
    // Released after the state's: whoever waits for a place in the state directory finds the socket's free soon after.
    _socket: Lock,
}

/// Who is the daemon.
#[derive(Debug)]
pub(super) enum Taken {
    /// We are.
    Ours(Instance),
    /// Another is, and accepts connections here.
    Running(PathBuf),
}

impl Instance {
    /// Takes both locks, or finds out who holds them.
    pub(super) fn take(config: &Config) -> anyhow::Result<Taken> {
        let path = config.state_dir.join("vigied.lock");
        let patience = Instant::now() + READY_MAX;
        loop {
            if let Some(state) = Lock::take(&path).map_err(|e| cannot_lock(&path, &e))? {
                return Instance::beside_socket(state, &config.socket).map(Taken::Ours);
            }
            if let Some(socket) = holder_socket(&path).filter(|socket| UnixStream::connect(socket).is_ok()) {
                return Ok(Taken::Running(socket));
            }
            if Instant::now() > patience {
                anyhow::bail!(
                    "another vigied holds {} and accepts no connections; end the process named in that file, then try again",
                    path.display()
                );
            }
            std::thread::sleep(READY_EVERY);
        }
    }

    fn beside_socket(state: Lock, socket: &Path) -> anyhow::Result<Instance> {
        let mut path = socket.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let lock = Lock::take(&path).map_err(|e| cannot_lock(&path, &e))?;
        let Some(lock) = lock else {
            anyhow::bail!(
                "another vigied, with another state directory, listens on {}; stop it, or pass another --socket PATH",
                socket.display()
            );
        };
        clear(socket)?;
        Ok(Instance { state, _socket: lock })
    }

    /// Names our socket to whoever finds the lock held.
    pub(super) fn name_socket(&mut self, socket: &Path) -> io::Result<()> {
        self.state.name_holder(socket)
    }
}

fn cannot_lock(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!("cannot lock {}: {error}; check that its directory exists and can be written", path.display())
}

/// Removes a stale socket. Only a refused connection, while we hold the lock, proves that one is.
fn clear(socket: &Path) -> anyhow::Result<()> {
    let shown = socket.display();
    match socket.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => anyhow::bail!("cannot examine {shown}: {e}"),
        Ok(meta) if !meta.file_type().is_socket() => {
            anyhow::bail!("{shown} is there already and is no socket; remove it, or pass another --socket PATH")
        }
        Ok(_) => {}
    }
    match UnixStream::connect(socket) {
        Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => Ok(std::fs::remove_file(socket)?),
        Ok(_) => anyhow::bail!("another program listens on {shown}; stop it, or pass another --socket PATH"),
        Err(e) => anyhow::bail!("cannot tell whether anybody listens on {shown}: {e}; remove it if nobody does"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn only_a_refused_connection_proves_a_socket_stale() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        clear(&path).unwrap();
        let listener = UnixListener::bind(&path).unwrap();
        assert!(clear(&path).unwrap_err().to_string().contains("another program listens"));
        drop(listener);
        clear(&path).unwrap();
        assert!(!path.exists());
        std::fs::write(&path, "a file").unwrap();
        assert!(clear(&path).unwrap_err().to_string().contains("no socket"));
        assert!(path.exists());
    }
}
