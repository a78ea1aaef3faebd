//! Reaches a daemon: at its socket, at the socket its lock file names, or by starting one. Where systemd is to listen for the
//! daemon, it alone starts it: a second daemon would take the indexes from the first.

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use vigie_proto::Hello;

use crate::connection::Connection;
use crate::error::ClientError;
use crate::paths::{Environment, Places};
use crate::spawn;
use crate::systemd::UserManager;
use crate::wait::{Wait, Woken};

/// How long a client tries before it says that there is no daemon.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// First pause between two attempts; it doubles up to [`PAUSE_MAX`]. A daemon that comes up beside us sends us no message.
const PAUSE_MIN: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// Pause before a new connection when the last one ended before its greeting, as under a daemon that is just leaving.
pub(crate) const UNGREETED_PAUSE: Duration = Duration::from_millis(50);

/// How to reach the daemon.
#[derive(Clone, Debug)]
pub struct Options {
    /// Socket to use instead of the usual one.
    pub socket: Option<PathBuf>,
    /// Start the daemon if none runs.
    pub spawn: bool,
    /// Name of the client, for the daemon's log.
    pub client: String,
    /// Version of the client.
    pub version: String,
    /// What of the environment decides about places.
    pub environment: Environment,
}

impl Options {
    /// The usual socket, starting the daemon if none runs.
    pub fn new(client: &str, version: &str) -> Options {
        Options {
            socket: None,
            spawn: true,
            client: client.to_owned(),
            version: version.to_owned(),
            environment: Environment::current(),
        }
    }

    /// Where things are under these options.
    pub fn places(&self) -> Result<Places, ClientError> {
        Places::resolve(&self.environment, self.socket.as_deref())
    }

    pub(crate) fn hello(&self) -> Hello {
        Hello { client: self.client.clone(), version: self.version.clone(), ..Hello::default() }
    }
}

/// Connects once. With `spawn` a daemon is started if none runs, and one that is just leaving is waited for, [`PATIENCE`] at
/// most; without, an absent daemon is an error at once.
pub fn connect(options: &Options) -> Result<Connection, ClientError> {
    let patience = if options.spawn { PATIENCE } else { Duration::ZERO };
    connect_within(options, Wait::until(Instant::now() + patience))
}

/// Connects and waits for the greeting. The queue of a daemon that is just dying still takes connections: one that ends before
/// its greeting is tried again, [`PATIENCE`] at most, and then finds the daemon gone or a new one.
pub fn connect_greeted(options: &Options) -> Result<Connection, ClientError> {
    let until = Instant::now() + PATIENCE;
    loop {
        let mut connection = connect(options)?;
        let error = match connection.welcome() {
            Ok(_) => return Ok(connection),
            Err(error) => error,
        };
        let again = Instant::now() + UNGREETED_PAUSE;
        if !error.is_loss() || again >= until || Wait::until(again).elapse().is_err() {
            return Err(error);
        }
    }
}

/// Tries until the wait is over; also without `spawn`, for a daemon that somebody else starts again. Being woken ends it with
/// the error of the last attempt.
pub(crate) fn connect_within(options: &Options, wait: Wait<'_>) -> Result<Connection, ClientError> {
    let places = options.places()?;
    let mut pause = PAUSE_MIN;
    loop {
        let error = match attempt(options, &places) {
            Ok(connection) => return Ok(connection.of(&places)),
            Err(error) => error,
        };
        if !error.is_absence() || wait.is_over() {
            return Err(error);
        }
        match wait.no_later_than(Instant::now() + pause).elapse() {
            Ok(Woken::Deadline | Woken::Readable) => pause = (pause * 2).min(PAUSE_MAX),
            Ok(Woken::Wake) | Err(_) => return Err(error),
        }
    }
}

fn attempt(options: &Options, places: &Places) -> Result<Connection, ClientError> {
    let absent = match open(options, &places.socket) {
        Err(error) if error.is_absence() => error,
        other => return other,
    };
    if let Some(other) = places.socket_of_lock_holder().filter(|_| !places.socket_overridden)
        && other != places.socket
        && let Ok(connection) = open(options, &other)
    {
        return Ok(connection);
    }
    if !options.spawn || !matches!(absent, ClientError::NoDaemon { .. }) {
        return Err(absent);
    }
    if !places.socket_overridden
        && let Some(manager) = UserManager::find(&options.environment)
        && manager.has_socket_enabled()
    {
        manager.listen()?;
        return open(options, &places.socket);
    }
    let ready = spawn::start(places)?;
    if places.socket_overridden && !is_same(&ready, &places.socket) {
        return Err(ClientError::OtherSocket { asked: places.socket.clone(), socket: ready });
    }
    open(options, &ready)
}

/// Whether two paths name one socket, perhaps through links.
fn is_same(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn open(options: &Options, socket: &Path) -> Result<Connection, ClientError> {
    let stream = connect_unix(socket).map_err(|source| match source.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => ClientError::NoDaemon { socket: socket.to_owned() },
        _ => ClientError::Unreachable { socket: socket.to_owned(), source },
    })?;
    check_peer(&stream, socket, options.environment.uid)?;
    Connection::new(stream, socket, &options.hello())
}

/// What is asked and answered is for our own eyes: a daemon of somebody else, root's too, is not ours. Only the user counts;
/// the process id means nothing across namespaces. But a socket that the system's own service manager made is that of process 1,
/// whichever user's daemon it hands it to.
fn check_peer(stream: &UnixStream, socket: &Path, uid: u32) -> Result<(), ClientError> {
    let peer = rustix::net::sockopt::socket_peercred(stream)
        .map_err(|e| ClientError::Unreachable { socket: socket.to_owned(), source: e.into() })?;
    match peer.uid.as_raw() {
        peer if peer == uid => Ok(()),
        0 if peer.pid.is_init() => Ok(()),
        peer => Err(ClientError::ForeignPeer { socket: socket.to_owned(), uid: peer }),
    }
}

/// A blocking `connect` waits for ever on a listener whose queue is full; this one says `WouldBlock`.
fn connect_unix(socket: &Path) -> io::Result<UnixStream> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let fd = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::connect(&fd, &SocketAddrUnix::new(socket)?)?;
    let stream = UnixStream::from(fd);
    stream.set_nonblocking(false)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixListener;
    use std::thread;

    use vigie_proto::preface::Preface;
    use vigie_proto::{Welcome, frame_bytes};

    fn options(socket: &Path) -> Options {
        Options { socket: Some(socket.to_owned()), spawn: false, ..Options::new("test", "0") }
    }

    #[test]
    fn a_connection_that_ends_before_its_greeting_is_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("s");
        let listener = UnixListener::bind(&socket).unwrap();
        let daemon = thread::spawn(move || {
            drop(listener.accept().unwrap());
            let (mut stream, _) = listener.accept().unwrap();
            let mut greeting = Preface::OURS.encode().to_vec();
            greeting.extend(frame_bytes(1, true, &Welcome { pid: 42, ..Welcome::default() }).unwrap());
            stream.write_all(&greeting).unwrap();
            drop(listener.accept().unwrap());
        });
        assert_eq!(connect_greeted(&options(&socket)).unwrap().welcome().unwrap().pid, 42);
        // The listener is gone with the connection that it took last.
        let error = connect_greeted(&options(&socket)).unwrap_err();
        assert!(matches!(error, ClientError::NoDaemon { .. }), "{error}");
        daemon.join().unwrap();
    }
}
