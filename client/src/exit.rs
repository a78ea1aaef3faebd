//! How a program ends that speaks to the daemon: the exit codes, and which error has which.

use std::io;

use vigie_proto::ErrorCode;

use crate::error::ClientError;

/// The exit codes scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Found, or done.
    Done,
    /// Nothing was found.
    Nothing,
    /// Wrong usage, or a failure.
    Failure,
    /// Complete as far as it goes, but limited or partial.
    Partial,
    /// Somebody else cancelled the job.
    Cancelled,
    /// The daemon cannot be reached.
    Unreachable,
    /// The daemon is busy.
    Busy,
    /// Client and daemon do not understand each other.
    Version,
    /// Not allowed.
    Permission,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Nothing => 1,
            Exit::Failure => 2,
            Exit::Partial => 3,
            Exit::Cancelled => 4,
            Exit::Unreachable => 69,
            Exit::Busy => 75,
            Exit::Version => 76,
            Exit::Permission => 77,
            Exit::Interrupted => 130,
        }
    }

    /// The word for it, where a failure has no code of the daemon.
    pub fn name(self) -> &'static str {
        match self {
            Exit::Done => "done",
            Exit::Nothing => "nothing",
            Exit::Failure => "failure",
            Exit::Partial => "partial",
            Exit::Cancelled => "cancelled",
            Exit::Unreachable => "unreachable",
            Exit::Busy => "busy",
            Exit::Version => "version",
            Exit::Permission => "permission",
            Exit::Interrupted => "interrupted",
        }
    }

    /// What a program ends with for this error.
    pub fn of(error: &ClientError) -> Exit {
        match error {
            ClientError::Failure(failure) => failure_exit(failure.code),
            ClientError::Unreachable { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Exit::Permission
            }
            ClientError::UnsafeRuntime { .. } | ClientError::ForeignPeer { .. } => Exit::Permission,
            ClientError::TurnedAway(_) => Exit::Busy,
            ClientError::VersionRefused { .. } | ClientError::NotVigie(_) | ClientError::Unexpected { .. } => {
                Exit::Version
            }
            ClientError::NoDaemon { .. }
            | ClientError::OtherSocket { .. }
            | ClientError::Unreachable { .. }
            | ClientError::Spawn { .. }
            | ClientError::UnitFailed { .. }
            | ClientError::StartRefused { .. }
            | ClientError::StartFailed { .. }
            | ClientError::Lost(_)
            | ClientError::Leaving(_)
            | ClientError::Silent { .. }
            | ClientError::StillThere { .. } => Exit::Unreachable,
            ClientError::NoDirectory { .. }
            | ClientError::SocketPathTooLong { .. }
            | ClientError::Deadline
            | ClientError::Stopped
            | ClientError::Codec(_)
            | ClientError::Oversize { .. }
            | ClientError::Overrun { .. } => Exit::Failure,
        }
    }
}

/// A path that may not be read is an argument like any other bad one; only the way to the daemon has a code for permission.
/// A code this build does not know is a failure too.
fn failure_exit(code: ErrorCode) -> Exit {
    match code {
        ErrorCode::UNIMPLEMENTED => Exit::Version,
        ErrorCode::UNAVAILABLE => Exit::Unreachable,
        ErrorCode::BUSY | ErrorCode::STORAGE_SWITCHING => Exit::Busy,
        ErrorCode::WITHDRAWN => Exit::Interrupted,
        _ => Exit::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use vigie_proto::Failure;

    #[test]
    fn codes_of_failures() {
        let exit = |code| Exit::of(&ClientError::Failure(Box::new(Failure { code, ..Failure::default() }))).code();
        assert_eq!(exit(ErrorCode::NO_SUCH_PATH), 2);
        assert_eq!(exit(ErrorCode::ROOT_REFUSED), 2);
        assert_eq!(exit(ErrorCode::NOT_INDEXED), 2);
        assert_eq!(exit(ErrorCode::UNAVAILABLE), 69);
        assert_eq!(exit(ErrorCode::BUSY), 75);
        assert_eq!(exit(ErrorCode::UNIMPLEMENTED), 76);
        assert_eq!(exit(ErrorCode::PERMISSION), 2);
        assert_eq!(exit(ErrorCode(999)), 2);
    }

    #[test]
    fn codes_of_the_way_to_the_daemon() {
        let socket = PathBuf::from("/s");
        let (sentence, ours, theirs) = (String::new(), "1".to_owned(), "2".to_owned());
        assert_eq!(Exit::of(&ClientError::NoDaemon { socket: socket.clone() }).code(), 69);
        assert_eq!(Exit::of(&ClientError::VersionRefused { sentence, ours, theirs }).code(), 76);
        assert_eq!(Exit::of(&ClientError::TurnedAway(String::new())).code(), 75);
        assert_eq!(Exit::of(&ClientError::ForeignPeer { socket: socket.clone(), uid: 0 }).code(), 77);
        let denied = ClientError::Unreachable { socket, source: io::ErrorKind::PermissionDenied.into() };
        assert_eq!(Exit::of(&denied).code(), 77);
    }
}
