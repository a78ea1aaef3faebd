//! Why a tool gave no answer: as a sentence with the next step for the agent, or, where the call itself makes no sense, as an error
//! of the protocol that names the field.

use vigie::{ClientError, RevisionError};
use vigie_proto::ErrorCode;

/// Why a call was not carried out.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such tool.
    NoSuchTool {
        /// As it was called.
        name: String,
    },
    /// An argument is wrong.
    BadArgument {
        /// Its name; empty if none is at fault alone.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It was tried, and failed: for the agent to read.
    Failed(ToolError),
}

impl Refusal {
    /// An argument is wrong.
    pub(super) fn argument(field: &str, reason: impl Into<String>) -> Refusal {
        Refusal::BadArgument { field: field.to_owned(), reason: reason.into() }
    }
}

impl<E: Into<ToolError>> From<E> for Refusal {
    fn from(error: E) -> Refusal {
        Refusal::Failed(error.into())
    }
}

/// Why a tool failed.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The daemon, or the way to it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What changed from a commit could not be told.
    #[error("{message}")]
    Revision {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The index that the question needs did not come about.
    #[error("the question was not asked, because the project could not be indexed: {0}")]
    IndexEnded(String),
    /// The index that the question needs did not come about in time.
    #[error("the deadline passed, and the project is still being indexed: {0}")]
    StillIndexing(String),
    /// The job that was waited for failed.
    #[error("the job failed: {0}")]
    JobFailed(String),
    /// The budget is too small even for an answer without rows.
    #[error("max_tokens leaves no room for an answer")]
    NoRoom,
}

impl From<RevisionError> for ToolError {
    fn from(error: RevisionError) -> ToolError {
        match error {
            RevisionError::Client(error) => ToolError::Client(error),
            other => ToolError::Revision { message: other.to_string(), hint: other.hint() },
        }
    }
}

impl ToolError {
    /// Why it cannot be told what changed, where names may be asked about instead.
    pub fn beside_names(error: RevisionError) -> ToolError {
        match (error.hint_beside_names(), ToolError::from(error)) {
            (hint, ToolError::Revision { message, .. }) => ToolError::Revision { message, hint },
            (_, other) => other,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            ToolError::Client(ClientError::Deadline) => {
                "ask again with a larger deadline_ms, or narrow the question with path or lang".to_owned()
            }
            // The daemon's words for these are those of a command line.
            ToolError::Client(error) if error.code() == Some(ErrorCode::BAD_PATTERN) => {
                "escape it, or pass `fixed: true` to look for the text itself".to_owned()
            }
            ToolError::Client(error) if error.code() == Some(ErrorCode::NOT_INDEXED) => {
                "call `index` with this `project`; without version control a directory is not indexed unasked"
                    .to_owned()
            }
            ToolError::Client(error) => match error.hint() {
                hint if hint.is_empty() && error.is_loss() => "the daemon went away: call the tool again".to_owned(),
                hint => hint,
            },
            ToolError::Revision { hint, .. } => hint.clone(),
            ToolError::JobFailed(_) => {
                "`status` says how the project stands; call `index` again when the cause is gone".to_owned()
            }
            ToolError::NoRoom => "ask again with more max_tokens".to_owned(),
            ToolError::IndexEnded(_) => "call `index`, and ask again when it has ended well".to_owned(),
            ToolError::StillIndexing(_) => {
                "the job goes on: ask again soon or with a larger deadline_ms, or call `index`, which waits to the end"
                    .to_owned()
            }
        }
    }

    /// What an agent reads: what is wrong, and the next step.
    pub fn text(&self) -> String {
        match self.hint() {
            hint if hint.is_empty() => self.to_string(),
            hint => format!("{self}\nnext step: {hint}"),
        }
    }
}
