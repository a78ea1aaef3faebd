//! Being the only daemon: two locks held for life, one in the state directory and one beside the socket, and a socket path
//! that nobody listens on. A process that was killed holds its locks and its listening socket for a moment longer, so that only
//! an answer proves that a daemon lives, and everything else is tried again for a while. On a socket that a service manager handed
//! over nobody else can answer, and there is nothing to remove.

use std::io::{self, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use vigie_proto::preface::{PREFACE_BYTES, Preface};

use crate::config::Config;
use crate::lock::{Lock, holder};

/// A lock is tried for so long, and who holds it asked to answer: well below the time that a client gives a daemon it starts.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same where a service manager waits for us, and whoever holds it is on its way out.
const PATIENCE_HANDED: Duration = Duration::from_secs(60);
/// How often. Another process's readiness or end sends no message to this one.
const TRY_EVERY: Duration = Duration::from_millis(20);
/// A daemon that lives answers a preface within this.
const ANSWER_MAX: Duration = Duration::from_secs(1);

/// The locks, for as long as this lives.
#[derive(Debug)]
pub(super) struct Instance {
    state: Lock,
    path: PathBuf,
    // Released after the state's.
    _socket: Lock,
}

/// Who is the daemon.
#[derive(Debug)]
pub(super) enum Taken {
    /// We are.
    Ours(Instance),
    /// Another is, and answers here.
    Running(PathBuf),
}

impl Instance {
    /// Takes both locks, or finds out who holds them. `is_handed`: a service manager made the socket, and has it in our name.
    pub(super) fn take(config: &Config, is_handed: bool) -> anyhow::Result<Taken> {
        let path = config.state_dir.join("vigied.lock");
        let until = Instant::now() + if is_handed { PATIENCE_HANDED } else { PATIENCE };
        loop {
            if let Some(state) = take(&path)? {
                return Instance::beside_socket(state, path, &config.socket, is_handed, until).map(Taken::Ours);
            }
            let holder = holder(&path);
            // Whoever listened where we do has lost its socket, and ends when it sees that.
            let is_ours = |socket: &Path| is_handed && socket == config.socket;
            if let Some(socket) = holder.socket.filter(|socket| !is_ours(socket) && answers(socket)) {
                return Ok(Taken::Running(socket));
            }
            if !wait(until) {
                let pid = holder.pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
                anyhow::bail!(
                    "{pid} holds {} and answers nobody; end it if it does not end by itself, then try again",
                    path.display()
                );
            }
        }
    }

    fn beside_socket(
        state: Lock,
        path: PathBuf,
        socket: &Path,
        is_handed: bool,
        until: Instant,
    ) -> anyhow::Result<Instance> {
        let mut beside = socket.as_os_str().to_owned();
        beside.push(".lock");
        let lock = loop {
            if let Some(lock) = take(Path::new(&beside))? {
                break lock;
            }
            if (!is_handed && answers(socket)) || !wait(until) {
                anyhow::bail!(
                    "another vigied, with another state directory, listens on {}; stop it, or pass another --socket PATH",
                    socket.display()
                );
            }
        };
        if !is_handed {
            clear(socket, until)?;
        }
        Ok(Instance { state, path, _socket: lock })
    }

    /// Names our socket to whoever finds the lock held.
    pub(super) fn name_socket(&mut self, socket: &Path) -> io::Result<()> {
        self.state.name_holder(socket)
    }

    /// The lock file in the state directory.
    pub(super) fn lock_path(&self) -> &Path {
        &self.path
    }
}

fn take(path: &Path) -> anyhow::Result<Option<Lock>> {
    Lock::take(path).map_err(|error| {
        anyhow::anyhow!("cannot lock {}: {error}; check that its directory exists and can be written", path.display())
    })
}

/// Waits for the next try; `false` = there is none.
fn wait(until: Instant) -> bool {
    let is_time = Instant::now() < until;
    if is_time {
        std::thread::sleep(TRY_EVERY);
    }
    is_time
}

/// Whether a daemon lives behind this socket: its kernel queue accepts connections even while it dies, only it can answer.
fn answers(socket: &Path) -> bool {
    preface(socket).is_ok_and(|bytes| Preface::decode(&bytes).is_ok())
}

fn preface(socket: &Path) -> io::Result<[u8; PREFACE_BYTES]> {
    let mut stream = connect(socket)?;
    stream.write_all(&Preface::OURS.encode())?;
    let mut bytes = [0; PREFACE_BYTES];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Connects; nothing on this stream waits for longer than an answer may take, not even for a place in a full queue.
fn connect(socket: &Path) -> io::Result<UnixStream> {
    let stream = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    for direction in [Timeout::Send, Timeout::Recv] {
        set_socket_timeout(&stream, direction, Some(ANSWER_MAX))?;
    }
    rustix::net::connect(&stream, &SocketAddrUnix::new(socket)?)?;
    Ok(stream.into())
}

/// Removes a stale socket. Only a refused connection, while we hold the lock, proves that one is.
fn clear(socket: &Path, until: Instant) -> anyhow::Result<()> {
    let shown = socket.display();
    match socket.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => anyhow::bail!("cannot examine {shown}: {e}"),
        Ok(meta) if !meta.file_type().is_socket() => {
            anyhow::bail!("{shown} is there already and is no socket; remove it, or pass another --socket PATH")
        }
        Ok(_) => {}
    }
    loop {
        match connect(socket) {
            Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => return Ok(std::fs::remove_file(socket)?),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Ok(_) | Err(_) if wait(until) => {}
            Ok(_) => anyhow::bail!(
                "another program listens on {shown}; stop it, or pass another --socket PATH. If it is systemd, it starts the                  daemon itself: `vigie daemon start`"
            ),
            Err(e) => anyhow::bail!("cannot tell whether anybody listens on {shown}: {e}; remove it if nobody does"),
        }
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
        let now = Instant::now();
        clear(&path, now).unwrap();
        let listener = UnixListener::bind(&path).unwrap();
        assert!(clear(&path, now).unwrap_err().to_string().contains("another program listens"));
        drop(listener);
        clear(&path, now).unwrap();
        assert!(!path.exists());
        std::fs::write(&path, "a file").unwrap();
        assert!(clear(&path, now).unwrap_err().to_string().contains("no socket"));
        assert!(path.exists());
    }

    #[test]
    fn a_queue_that_accepts_is_no_daemon_that_answers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        assert!(!answers(&path), "nothing is there");
        let listener = UnixListener::bind(&path).unwrap();
        assert!(!answers(&path), "nobody takes the connection");
        let _waiting = listener.accept().unwrap();
        // A daemon that answers everybody. The first who asks may be gone before a busy machine lets it.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _gone = stream.write_all(&Preface::OURS.encode());
            }
        });
        assert!((0..20).any(|_| answers(&path)));
    }
}
