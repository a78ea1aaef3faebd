//! What a service manager such as systemd and the daemon say to each other: the socket that it hands over, and how the daemon is.
//! Where none listens, nothing is said. What it put into the environment, `config.rs` has read.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use rustix::net::sockopt::{socket_acceptconn, socket_type};
use rustix::net::{SocketAddrUnix, SocketType, getsockname};
use sd_notify::NotifyState;
use vigie_proto::{JobState, ProgressEvent};

/// What the socket is called in `vigied.socket` (`FileDescriptorName=`).
const SOCKET_NAME: &str = "vigied";
/// While the daemon comes up it asks for so much more time, again and again.
const EXTENSION: Duration = Duration::from_secs(20);
/// How often.
const EXTEND_EVERY: Duration = Duration::from_secs(5);
/// But not for ever: whoever has not come up by then hangs.
const EXTENDED_MAX: Duration = Duration::from_secs(600);

/// A listening socket that was handed over: it belongs to the service manager, which goes on to listen when the daemon ends.
#[derive(Debug)]
pub(crate) struct Handed {
    /// The socket itself.
    pub(crate) listener: OwnedFd,
    /// Where clients find it.
    pub(crate) path: PathBuf,
}

/// Why what was handed over cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandedError {
    /// Not one socket with our name.
    #[error(
        "the service manager handed over {found}, and vigied takes one socket called `{SOCKET_NAME}`; give vigied.socket one \
         ListenStream= and FileDescriptorName={SOCKET_NAME}"
    )]
    Others {
        /// What came instead.
        found: String,
    },
    /// Not a stream that listens in the file system.
    #[error(
        "the descriptor that the service manager handed over {reason}; ListenStream= of vigied.socket must be an absolute path"
    )]
    NoListener {
        /// What is wrong with it.
        reason: String,
    },
}

impl Handed {
    /// Takes the one socket among what was handed over, if anything was. To be called once.
    pub(crate) fn take(given: &[(RawFd, String)]) -> Result<Option<Handed>, HandedError> {
        let fd = match given {
            [] => return Ok(None),
            [(fd, name)] if name == SOCKET_NAME => *fd,
            others => {
                let names: Vec<_> = others.iter().map(|(_, name)| format!("`{name}`")).collect();
                return Err(HandedError::Others { found: names.join(" and ") });
            }
        };
        let listener = own(fd);
        let path = listening_path(&listener).map_err(|reason| HandedError::NoListener { reason })?;
        Ok(Some(Handed { listener, path }))
    }
}

#[allow(unsafe_code, reason = "a descriptor that was inherited has no owner yet")]
fn own(fd: RawFd) -> OwnedFd {
    // SAFETY: it was handed over for this process, which has not touched it; its number was read once, from LISTEN_FDS.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// Where a socket listens, or why it does not.
fn listening_path(socket: &impl AsFd) -> Result<PathBuf, String> {
    let is_stream = socket_type(socket).map_err(|e| format!("is no socket ({e})"))? == SocketType::STREAM;
    if !is_stream || !socket_acceptconn(socket).is_ok_and(|listens| listens) {
        return Err("is no stream socket that listens".to_owned());
    }
    let address = getsockname(socket).map_err(|e| format!("has no address ({e})"))?;
    let address = SocketAddrUnix::try_from(address).map_err(|_| "is no Unix socket".to_owned())?;
    let path = address.path().map(|path| PathBuf::from(OsStr::from_bytes(path.to_bytes())));
    path.filter(|path| path.is_absolute()).ok_or_else(|| "has no path in the file system".to_owned())
}

/// Says something of the daemon. Who listens may have gone, and is then told nothing.
fn say(what: &[NotifyState<'_>]) {
    let _unheard = sd_notify::notify(what);
}

/// Clients are served from now on.
pub(crate) fn ready(status: &str) {
    say(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// How the daemon is now.
pub(crate) fn status(status: &str) {
    say(&[NotifyState::Status(status)]);
}

/// The daemon lives.
pub(crate) fn alive() {
    say(&[NotifyState::Watchdog]);
}

/// The daemon is on its way out, and takes so long at most.
pub(crate) fn stopping(at_most: Duration) {
    let micros = u32::try_from(at_most.as_micros()).unwrap_or(u32::MAX);
    let state = NotifyState::Status("closing the indexes");
    say(&[NotifyState::Stopping, NotifyState::ExtendTimeoutUsec(micros), state]);
}

/// While this lives the service manager is told that the start goes on, for [`EXTENDED_MAX`] at most: stores that were left in the
/// middle of something, and a daemon that is still on its way out, take the time they take.
#[derive(Debug)]
pub(crate) struct ComingUp {
    _alive: Option<Sender<()>>,
}

impl ComingUp {
    /// Begins, if anybody listens.
    pub(crate) fn begin(is_notifying: bool) -> ComingUp {
        let begun = is_notifying.then(|| {
            let (alive, ended) = channel();
            let extending = std::thread::Builder::new().name("coming-up".into());
            // Without the thread the start has the time that the unit gives it.
            let _thread = extending.spawn(move || extend(&ended));
            alive
        });
        ComingUp { _alive: begun }
    }
}

fn extend(ended: &Receiver<()>) {
    let until = Instant::now() + EXTENDED_MAX;
    while Instant::now() < until && ended.recv_timeout(EXTEND_EVERY) == Err(RecvTimeoutError::Timeout) {
        say(&[NotifyState::ExtendTimeoutUsec(u32::try_from(EXTENSION.as_micros()).unwrap_or(u32::MAX))]);
    }
}

/// How the daemon is, in a line: `3 projects, job 41 %`.
pub(crate) fn summary(projects: usize, jobs: &[ProgressEvent]) -> String {
    let mut text = match projects {
        1 => "1 project".to_owned(),
        count => format!("{count} projects"),
    };
    let shown: Vec<_> = jobs
        .iter()
        .map(|job| match job.state {
            JobState::QUEUED | JobState::PAUSED => job.state.name().to_owned(),
            _ => format!("{} %", job.permille / 10),
        })
        .collect();
    // Writing to a string does not fail.
    let _written = match shown.as_slice() {
        [] => Ok(()),
        [one] => write!(text, ", job {one}"),
        several => write!(text, ", {} jobs: {}", several.len(), several.join(", ")),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::IntoRawFd;
    use std::os::unix::net::{UnixListener, UnixStream};

    fn take(fds: &[(RawFd, &str)]) -> Result<Option<Handed>, String> {
        let given: Vec<_> = fds.iter().map(|(fd, name)| (*fd, (*name).to_owned())).collect();
        Handed::take(&given).map_err(|e| e.to_string())
    }

    #[test]
    fn one_listening_socket_of_our_name_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let listener = UnixListener::bind(&path).unwrap().into_raw_fd();
        assert!(take(&[]).unwrap().is_none());
        let error = take(&[(listener, "vigied.socket")]).unwrap_err();
        assert!(error.contains("`vigied.socket`") && error.contains("FileDescriptorName=vigied"), "{error}");
        let error = take(&[(listener, "vigied"), (99, "other")]).unwrap_err();
        assert!(error.contains("`vigied` and `other`"), "{error}");
        let handed = take(&[(listener, "vigied")]).unwrap().unwrap();
        assert_eq!(handed.path, path);
        UnixStream::connect(&path).unwrap();
        drop(handed);
        assert!(UnixStream::connect(&path).is_err(), "it was ours to close");
    }

    #[test]
    fn what_does_not_listen_is_refused() {
        let (stream, _other) = UnixStream::pair().unwrap();
        let error = take(&[(stream.into_raw_fd(), "vigied")]).unwrap_err();
        assert!(error.contains("no stream socket that listens"), "{error}");
        let file = std::fs::File::open("/").unwrap();
        let error = take(&[(file.into_raw_fd(), "vigied")]).unwrap_err();
        assert!(error.contains("is no socket"), "{error}");
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let error = take(&[(tcp.into_raw_fd(), "vigied")]).unwrap_err();
        assert!(error.contains("is no Unix socket"), "{error}");
    }

    #[test]
    fn the_line_says_what_there_is_to_do() {
        let job = |state, permille| ProgressEvent { state, permille, ..ProgressEvent::default() };
        assert_eq!(summary(1, &[]), "1 project");
        assert_eq!(summary(3, &[job(JobState::RUNNING, 417)]), "3 projects, job 41 %");
        let jobs = [job(JobState::RUNNING, 990), job(JobState::QUEUED, 0)];
        assert_eq!(summary(3, &jobs), "3 projects, 2 jobs: 99 %, queued");
        assert_eq!(summary(3, &[job(JobState::PAUSED, 417)]), "3 projects, job paused");
    }
}
