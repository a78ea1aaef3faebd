//! Why it cannot be told what changed from a revision.

use std::io;
use std::path::PathBuf;

use crate::error::ClientError;

/// Everything that can go wrong between a revision and an answer. Texts are fragments that read after "vigie: ".
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// git is not installed.
    #[error("git cannot be run: {source}")]
    NoGit {
        /// What the system said.
        source: io::Error,
    },
    /// The project is in no working tree of git.
    #[error("{} is in no working tree of git: {said}", .root.display())]
    NotARepository {
        /// The project.
        root: PathBuf,
        /// What git said.
        said: String,
    },
    /// There is no commit of that name.
    #[error("there is no revision {revision:?} in {}", .root.display())]
    NoSuchRevision {
        /// As it was asked for.
        revision: String,
        /// The project.
        root: PathBuf,
    },
    /// It begins like an option, or is empty.
    #[error("{0:?} is no revision")]
    NoRevision(String),
    /// git failed.
    #[error("git could not {what}: {said}")]
    Git {
        /// What it was asked to do.
        what: &'static str,
        /// What it said.
        said: String,
    },
    /// The daemon, or the way to it.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl RevisionError {
    /// What to do about it, as a fragment that reads after "hint: "; may be empty.
    pub fn hint(&self) -> String {
        match self {
            RevisionError::NoGit { .. } => {
                "install git, or ask for what changed since a generation, which needs none".to_owned()
            }
            RevisionError::NotARepository { .. } => {
                "ask for what changed since a generation, which needs no git".to_owned()
            }
            RevisionError::NoSuchRevision { .. } => {
                "name one commit: HEAD, main, v1.2, a hash; `git log --oneline` shows which there are".to_owned()
            }
            RevisionError::NoRevision(_) => "name a commit: HEAD, main, v1.2, a hash".to_owned(),
            RevisionError::Git { .. } => "`git status` in the project tells more".to_owned(),
            RevisionError::Client(error) => error.hint(),
        }
    }

    /// The same for whoever asks about what changed, and may ask about names as well.
    pub fn hint_beside_names(&self) -> String {
        match self {
            RevisionError::NoGit { .. } => "install git, or ask about names or places, which needs none".to_owned(),
            RevisionError::NotARepository { .. } => "ask about names or places instead, which needs no git".to_owned(),
            other => other.hint(),
        }
    }
}
