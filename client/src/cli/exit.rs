//! How a command ends: sentences for what went wrong.

use std::io;

pub(crate) use vigie::Exit;
use vigie::{ClientError, RevisionError};

use crate::ui::output::{note, stderr_line, stdout_line};
use vigie::json::Object;

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
    /// Why it cannot be told what changed, where names may be asked about instead.
    pub(crate) fn beside_names(error: RevisionError) -> CliError {
        match (error.hint_beside_names(), CliError::from(error)) {
            (hint, CliError::Usage { message, .. }) => CliError::Usage { message, hint },
            (_, other) => other,
        }
    }

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
            CliError::Client(error) => Exit::of(error),
            CliError::IndexEnded(exit) => *exit,
            CliError::StillIndexing => Exit::Partial,
            CliError::Output(_) | CliError::System { .. } | CliError::Usage { .. } => Exit::Failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use vigie_proto::{ErrorCode, Failure};

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
}
