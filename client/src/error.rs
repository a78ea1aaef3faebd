//! Why talking to the daemon failed. Texts are fragments that read after "vigie: "; what a user should do about it stands in
//! [`ClientError::hint`].

use std::io;
use std::path::PathBuf;

use vigie_proto::preface::PrefaceError;
use vigie_proto::{CodecError, ErrorCode, Failure, Kind};

/// Everything that can go wrong between a client and the daemon.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The environment names no usable runtime or state directory.
    #[error("{variable} is not set, so the {what} directory is not known")]
    NoDirectory {
        /// Variable that would settle it.
        variable: &'static str,
        /// What the directory is for.
        what: &'static str,
    },
    /// The runtime directory in `/tmp` may have been made by somebody else.
    #[error("runtime directory {} is not safe: {reason}", .path.display())]
    UnsafeRuntime {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A Unix socket address holds at most 107 bytes.
    #[error("socket path {} is {bytes} bytes long, and a socket's path holds at most {max}", .path.display())]
    SocketPathTooLong {
        /// The path.
        path: PathBuf,
        /// Its length in bytes.
        bytes: usize,
        /// Most bytes.
        max: usize,
    },
    /// Nobody listens, and none may be started.
    #[error("no daemon listens on {}", .socket.display())]
    NoDaemon {
        /// Where it was looked for.
        socket: PathBuf,
    },
    /// The socket exists and cannot be reached.
    #[error("cannot connect to the daemon on {}: {source}", .socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The socket was named by the caller, and the daemon that holds the state directory listens on another one.
    #[error("no daemon listens on {}, and the one of this state directory listens on {}", .asked.display(), .socket.display())]
    OtherSocket {
        /// Where the caller wanted it.
        asked: PathBuf,
        /// Where it is.
        socket: PathBuf,
    },
    /// The daemon's program could not be run.
    #[error("cannot run {}: {source}", .program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// systemd is to listen for the daemon, and does not.
    #[error("{unit} is enabled, and systemd did not start it: {reason}")]
    UnitFailed {
        /// The unit.
        unit: &'static str,
        /// What it said.
        reason: String,
    },
    /// The daemon started, and said why it will not run.
    #[error("the daemon did not start: {reason}")]
    StartRefused {
        /// Its sentence.
        reason: String,
    },
    /// The daemon ended, or said nothing, instead of reporting that it is ready.
    #[error("the daemon did not start: {reason}")]
    StartFailed {
        /// What happened instead.
        reason: String,
        /// Where it writes its log.
        log: PathBuf,
    },
    /// Client and daemon have no version in common; the daemon's sentence says what to do.
    #[error(
        "the daemon refused the connection: {sentence} (this client, vigie {version}, speaks protocol {ours}, the daemon {theirs})",
        version = env!("CARGO_PKG_VERSION")
    )]
    VersionRefused {
        /// What the daemon said.
        sentence: String,
        /// Versions spoken here.
        ours: String,
        /// Versions spoken there.
        theirs: String,
    },
    /// The daemon will not serve this client now, for another reason than its version.
    #[error("the daemon refused the connection: {0}")]
    TurnedAway(String),
    /// The daemon on the socket is not ours.
    #[error("the process listening on {} belongs to user {uid}", .socket.display())]
    ForeignPeer {
        /// The socket.
        socket: PathBuf,
        /// Whose it is.
        uid: u32,
    },
    /// Something else listens on the socket.
    #[error(transparent)]
    NotVigie(#[from] PrefaceError),
    /// The connection ended under a request.
    #[error("the connection to the daemon ended: {0}")]
    Lost(String),
    /// The daemon said that it is leaving.
    #[error("the daemon is leaving: {0}")]
    Leaving(String),
    /// The daemon accepted the connection and does not greet.
    #[error("the daemon on the socket{} does not answer: no greeting for {seconds} s", process(*.pid))]
    Silent {
        /// How long it was waited for.
        seconds: u64,
        /// Its process, if the lock that it holds says so.
        pid: Option<u32>,
    },
    /// The daemon was told to stop, and its process has not ended.
    #[error("process {pid}, the daemon, was told to stop and has not ended within {seconds} s")]
    StillThere {
        /// The process.
        pid: u32,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The caller's own deadline passed.
    #[error("the daemon gave no answer before the deadline")]
    Deadline,
    /// The daemon answered with a failure.
    #[error("{}", .0.message)]
    Failure(Box<Failure>),
    /// A body could not be written or read.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A frame is longer than the protocol allows.
    #[error("the daemon sent a frame of {bytes} bytes, more than the protocol allows")]
    Oversize {
        /// Its claimed length.
        bytes: u32,
    },
    /// The daemon answered with a message that does not belong there.
    #[error("the daemon answered with {got} where {expected} was expected")]
    Unexpected {
        /// What was expected.
        expected: &'static str,
        /// What came.
        got: String,
    },
    /// The caller wants no more of the answer.
    #[error("the answer was not read to its end")]
    Stopped,
    /// Answers to other requests piled up unread.
    #[error("more than {max} frames of other requests were left unread")]
    Overrun {
        /// The bound.
        max: usize,
    },
}

fn process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(", process {pid},")).unwrap_or_default()
}

impl ClientError {
    /// The message of kind `kind` does not belong where `expected` should be.
    pub(crate) fn unexpected(expected: &'static str, kind: Kind) -> ClientError {
        let name = kind.name().unwrap_or("an unknown message");
        ClientError::Unexpected { expected, got: format!("{name} (kind {})", kind.0) }
    }

    /// The code of the daemon's failure, if this is one.
    pub fn code(&self) -> Option<ErrorCode> {
        if let ClientError::Failure(failure) = self { Some(failure.code) } else { None }
    }

    /// Whether the daemon is gone or going, so that the same request may succeed on a new connection.
    pub fn is_loss(&self) -> bool {
        matches!(self, ClientError::Lost(_) | ClientError::Leaving(_)) || self.code() == Some(ErrorCode::UNAVAILABLE)
    }

    /// Whether nobody listens on the socket just now.
    pub(crate) fn is_absence(&self) -> bool {
        let is_full = |source: &io::Error| source.kind() == io::ErrorKind::WouldBlock;
        matches!(self, ClientError::NoDaemon { .. })
            || matches!(self, ClientError::Unreachable { source, .. } if is_full(source))
    }

    /// What to do about it, as a fragment that reads after "hint: "; may be empty.
    pub fn hint(&self) -> String {
        match self {
            ClientError::Failure(failure) => failure.hint.clone(),
            ClientError::NoDirectory { variable, .. } => format!("set {variable}"),
            ClientError::UnsafeRuntime { path, .. } => {
                format!("remove {} or set XDG_RUNTIME_DIR to a directory of yours", path.display())
            }
            ClientError::SocketPathTooLong { .. } => "use --socket, or a shorter XDG_RUNTIME_DIR".to_owned(),
            ClientError::NoDaemon { .. } => "start it with `vigie daemon start`".to_owned(),
            ClientError::OtherSocket { .. } => {
                "leave --socket out, stop that daemon, or give this one an XDG_STATE_HOME of its own".to_owned()
            }
            ClientError::UnitFailed { .. } => {
                "`systemctl --user status vigied.socket vigied.service` says why; after `vigie daemon uninstall`, commands start the daemon themselves"
                    .to_owned()
            }
            ClientError::Spawn { .. } => "install `vigied` beside `vigie`, or in a directory of PATH".to_owned(),
            ClientError::StartFailed { log, .. } => format!("its log is {}", log.display()),
            ClientError::VersionRefused { .. } => {
                "install the same version of `vigie` and `vigied`; then end the daemon that runs, by `systemctl --user stop vigied` or by \
                 its process id, which is in `vigied.lock` beside the indexes"
                    .to_owned()
            }
            ClientError::Silent { pid: Some(pid), .. } => {
                format!("`vigie daemon logs` may say why; if it goes on: kill {pid}, then try again")
            }
            ClientError::Silent { pid: None, .. } => "`vigie daemon logs` may say why; stop that process, then try again".to_owned(),
            ClientError::StillThere { pid, .. } => {
                format!("`vigie daemon status` says whether it has ended since; `vigie daemon logs` may say what it waits for; if it stays: kill {pid}")
            }
            ClientError::TurnedAway(_) => "`vigie doctor` may say more".to_owned(),
            ClientError::Deadline => "set a later one, as with --deadline-ms; `vigie status` says what the daemon does".to_owned(),
            ClientError::Unreachable { .. }
            | ClientError::StartRefused { .. }
            | ClientError::ForeignPeer { .. }
            | ClientError::NotVigie(_)
            | ClientError::Lost(_)
            | ClientError::Leaving(_)
            | ClientError::Stopped
            | ClientError::Codec(_)
            | ClientError::Oversize { .. }
            | ClientError::Unexpected { .. }
            | ClientError::Overrun { .. } => String::new(),
        }
    }
}
