//! How a command ends: exit codes, and sentences for what went wrong.

use std::io;

use vigie::{ClientError, RevisionError};
use vigie_proto::ErrorCode;

use crate::ui::json::Object;
use crate::ui::output::{note, stderr_line, stdout_line};

/// The exit codes scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
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
    pub(crate) fn code(self) -> u8 {
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
    fn name(self) -> &'static str {
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
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The daemon, or the way to it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The output could not be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// The system refused something the command needs.
    #[error("cannot {what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The index that a question needed did not come about; why has been said already.
    #[error("the question was not asked, because the project is not indexed")]
    IndexEnded(Exit),
    /// The index that a question needed did not come about in time.
    #[error("the deadline passed, and the project is still being indexed")]
    StillIndexing,
    /// An argument makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
}

impl From<RevisionError> for CliError {
    fn from(error: RevisionError) -> CliError {
        match error {
            RevisionError::Client(error) => CliError::Client(error),
            other => CliError::Usage { message: other.to_string(), hint: other.hint() },
        }
    }
}

impl CliError {
    /// Says it, and what to do about it; with `json` also as an object on stdout.
    pub(crate) fn report(&self, json: bool) {
        note(&self.to_string());
        let hint = self.hint();
        if !hint.is_empty() {
            stderr_line(&format!("hint: {hint}"));
        }
        if json {
            stdout_line(&self.object(&hint).finish());
        }
    }

    fn hint(&self) -> String {
        match self {
            CliError::Client(error) => error.hint(),
            CliError::Usage { hint, .. } => hint.clone(),
            CliError::StillIndexing => {
                "`vigie attach` shows how far it is; ask again when more is there, or with a later --deadline-ms"
                    .to_owned()
            }
            CliError::Output(_) | CliError::System { .. } | CliError::IndexEnded(_) => String::new(),
        }
    }

    fn object(&self, hint: &str) -> Object {
        Object::line("error")
            .string("code", self.code())
            .string("message", &self.to_string())
            .string_or_null("hint", hint)
    }

    /// A word for scripts: the daemon's own where it answered, else one for each exit code.
    fn code(&self) -> &'static str {
        match self {
            CliError::Client(ClientError::Failure(failure)) => failure.code.name(),
            CliError::Usage { .. } => "usage",
            CliError::Client(_)
            | CliError::Output(_)
            | CliError::System { .. }
            | CliError::IndexEnded(_)
            | CliError::StillIndexing => self.exit().name(),
        }
    }

    /// The exit code it ends with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            CliError::Client(error) => client_exit(error),
            CliError::IndexEnded(exit) => *exit,
            CliError::StillIndexing => Exit::Partial,
            CliError::Output(_) | CliError::System { .. } | CliError::Usage { .. } => Exit::Failure,
        }
    }
}

fn client_exit(error: &ClientError) -> Exit {
    match error {
        ClientError::Failure(failure) => failure_exit(failure.code),
        ClientError::Unreachable { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => Exit::Permission,
        ClientError::UnsafeRuntime { .. } | ClientError::ForeignPeer { .. } => Exit::Permission,
        ClientError::TurnedAway(_) => Exit::Busy,
        ClientError::VersionRefused { .. } | ClientError::NotVigie(_) | ClientError::Unexpected { .. } => Exit::Version,
        ClientError::NoDaemon { .. }
        | ClientError::OtherSocket { .. }
        | ClientError::Unreachable { .. }
        | ClientError::Spawn { .. }
        | ClientError::UnitFailed { .. }
        | ClientError::StartRefused { .. }
        | ClientError::StartFailed { .. }
        | ClientError::Lost(_)
        | ClientError::Leaving(_)
        | ClientError::Silent { .. } => Exit::Unreachable,
        ClientError::NoDirectory { .. }
        | ClientError::SocketPathTooLong { .. }
        | ClientError::Deadline
        | ClientError::Stopped
        | ClientError::Codec(_)
        | ClientError::Oversize { .. }
        | ClientError::Overrun { .. } => Exit::Failure,
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
        let exit = |code| client_exit(&ClientError::Failure(Box::new(Failure { code, ..Failure::default() }))).code();
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
    fn an_error_is_an_object_for_scripts() {
        let failure = Failure { code: ErrorCode::NO_SUCH_PATH, message: "/x is missing".into(), ..Failure::default() };
        let error = CliError::Client(ClientError::Failure(Box::new(failure)));
        let code = ErrorCode::NO_SUCH_PATH.name();
        let line = format!(r#"{{"v":1,"type":"error","code":"{code}","message":"/x is missing","hint":null}}"#);
        assert_eq!(error.object(&error.hint()).finish(), line);
        let absent = CliError::Client(ClientError::NoDaemon { socket: PathBuf::from("/s") });
        assert_eq!(absent.code(), "unreachable");
        let object = absent.object(&absent.hint()).finish();
        assert!(object.contains("vigie daemon start"), "{object}");
    }

    #[test]
    fn codes_of_the_way_to_the_daemon() {
        let socket = PathBuf::from("/s");
        let (sentence, ours, theirs) = (String::new(), "1".to_owned(), "2".to_owned());
        assert_eq!(client_exit(&ClientError::NoDaemon { socket: socket.clone() }).code(), 69);
        assert_eq!(client_exit(&ClientError::VersionRefused { sentence, ours, theirs }).code(), 76);
        assert_eq!(client_exit(&ClientError::TurnedAway(String::new())).code(), 75);
        assert_eq!(client_exit(&ClientError::ForeignPeer { socket: socket.clone(), uid: 0 }).code(), 77);
        let denied = ClientError::Unreachable { socket, source: io::ErrorKind::PermissionDenied.into() };
        assert_eq!(client_exit(&denied).code(), 77);
    }
}
