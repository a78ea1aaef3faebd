//! Lines that match a pattern, or the files that have some. One short snapshot yields the candidates; the files themselves are then
//! read as they are now, so that nothing is shown that is not there.

mod candidates;

mod lines;

mod files;

pub use files::file_matches;
pub use lines::text;

use crate::text::{Pattern, PatternError};

use super::QueryError;
use super::select::Selection;

/// What to look for, and where.
#[derive(Clone, Debug, Default)]
pub struct TextRequest {
    /// What.
    pub pattern: Pattern,
    /// In which files.
    pub selection: Selection,
    /// Lines to show before each line that matches.
    pub before: u32,
    /// Lines to show after each line that matches.
    pub after: u32,
    /// A line whose matches are not all near the first is answered with several rows.
    pub every_match: bool,
}

impl From<Pattern> for TextRequest {
    /// The pattern in every file, without the lines around.
    fn from(pattern: Pattern) -> TextRequest {
        TextRequest { pattern, ..TextRequest::default() }
    }
}

fn bad_pattern(error: PatternError) -> QueryError {
    match error {
        PatternError::Syntax { .. } => QueryError::Pattern(error.to_string()),
        PatternError::LineFeed { .. } | PatternError::Nul { .. } | PatternError::TooLarge { .. } => {
            QueryError::Unsearchable(error.to_string())
        }
    }
}

/// Reading from memory cannot fail; what could is the matcher giving up on one file.
fn gave_up(error: std::io::Error) -> QueryError {
    QueryError::Unsearchable(format!("the pattern cannot be searched for: {error}"))
}
