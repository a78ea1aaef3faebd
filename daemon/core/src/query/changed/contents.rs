//! Old contents of files against the files as they are: both are read and extracted anew, so that the answer is of this moment and
//! of one extractor, whatever the index holds.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::changes::{Content, FileState};
use crate::extract::lane::{Extraction, Lane, LaneError, Task};
use crate::kinds::Language;
use crate::settings::Settings;
use crate::source::{Source, SourceRoot, content_hash};
use crate::store::ContentHash;
use crate::text;

use super::{About, ChangedRow, Since};

/// What a file was.
#[derive(Clone, Debug)]
pub struct OldFile {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// What was in it.
    pub kept: Kept,
}

/// The old content of a file.
#[derive(Clone, Debug)]
pub enum Kept {
    /// It was not there.
    Absent,
    /// Its bytes.
    Bytes(Vec<u8>),
    /// It was there, and whoever asks does not hand it over; why, as a fragment.
    Withheld(String),
}

/// The changes of files, ready to be asked for by [`changed_from`](super::changed_from).
#[derive(Debug, Default)]
pub struct Compared {
    /// By path.
    pub(super) files: VecDeque<Vec<ChangedRow>>,
}

/// Compares old contents with the files as they are. Grammars run in the lane; a file on which one fails is told as not compared.
///
/// # Errors
/// [`LaneError`] if nothing can be extracted at all, or the lane was told to stop.
pub fn compare_contents(
    root: &SourceRoot,
    mut files: Vec<OldFile>,
    lane: &mut dyn Lane,
) -> Result<Compared, LaneError> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    // Old contents are compared as what the project says now, too: a language that another was taken for changed no definition.
    let settings = Settings::of(root);
    let mut compared = Compared::default();
    for OldFile { path, kept } in files {
        let (before, after) = (Side::of_kept(&settings, &path, kept), Side::of_file(&settings, root, &path));
        if before.is_like(&after) {
            continue;
        }
        // Both are sent before either is waited for.
        let path: Arc<[u8]> = path.into();
        before.send(&path, lane)?;
        after.send(&path, lane)?;
        let (before, after) = (before.receive(lane)?, after.receive(lane)?);
        let language = after.language.or(before.language);
        let about = About { path: &path, language, since: Since::Unchanged, stale: false };
        compared.files.push_back(about.rows(before, after));
    }
    Ok(compared)
}

/// A content that is to be compared.
enum Side {
    /// What is known of it.
    Known(FileState),
    /// What a grammar is to be asked about.
    Source { language: Language, hash: ContentHash, source: Arc<[u8]> },
}

impl Side {
    fn of_kept(settings: &Settings, path: &[u8], kept: Kept) -> Side {
        match kept {
            Kept::Absent => Side::known(Content::Absent),
            Kept::Bytes(bytes) => Side::of_bytes(settings, path, &bytes),
            Kept::Withheld(reason) => Side::unknown(reason),
        }
    }

    fn of_file(settings: &Settings, root: &SourceRoot, path: &[u8]) -> Side {
        match root.read(path, settings.text_bytes_max()) {
            Source::Read(bytes, ..) => Side::of_bytes(settings, path, &bytes),
            // A link or a directory in its place is no file of the project.
            Source::Vanished | Source::Special => Side::known(Content::Absent),
            Source::TooLarge(stat) => {
                Side::unknown(format!("{} bytes, more than the limit of {}", stat.size, settings.text_bytes_max()))
            }
            Source::Unstable(_) => Side::unknown("it changed each time it was read".into()),
            Source::Unreadable(reason) => Side::unknown(reason),
            Source::Exhausted(error) => Side::unknown(error.to_string()),
        }
    }

    fn of_bytes(settings: &Settings, path: &[u8], bytes: &[u8]) -> Side {
        let hash = content_hash(&unix_lines(bytes));
        let decoded = text::decode(bytes);
        let language = if text::is_binary(bytes, &decoded) { None } else { settings.language(path, &decoded) };
        let Some(language) = language else { return Side::known(Content::Plain(hash)) };
        if decoded.len() as u64 > settings.structure_bytes_max() {
            let reason = format!("more than {} bytes, so it is not parsed", settings.structure_bytes_max());
            return Side::Known(FileState { language: Some(language), content: Content::Unknown(hash, reason) });
        }
        Side::Source { language, hash, source: decoded.into() }
    }

    fn known(content: Content) -> Side {
        Side::Known(FileState { language: None, content })
    }

    /// Something whose content was not seen is like nothing else.
    fn unknown(reason: String) -> Side {
        Side::known(Content::Unknown(content_hash(reason.as_bytes()), reason))
    }

    fn is_like(&self, other: &Side) -> bool {
        match (self, other) {
            (Side::Source { hash: a, language: x, .. }, Side::Source { hash: b, language: y, .. }) => a == b && x == y,
            (Side::Known(a), Side::Known(b)) => a == b && !matches!(a.content, Content::Unknown(..)),
            _ => false,
        }
    }

    fn send(&self, path: &Arc<[u8]>, lane: &mut dyn Lane) -> Result<(), LaneError> {
        match self {
            Side::Source { language, source, .. } => {
                lane.send(Task { path: Arc::clone(path), language: *language, source: Arc::clone(source) })
            }
            Side::Known(_) => Ok(()),
        }
    }

    fn receive(self, lane: &mut dyn Lane) -> Result<FileState, LaneError> {
        let (language, hash) = match self {
            Side::Known(state) => return Ok(state),
            Side::Source { language, hash, .. } => (language, hash),
        };
        let content = match lane.receive()? {
            Extraction::Facts(facts) => match facts.defined() {
                Ok(defined) => Content::Parsed(hash, defined),
                Err(error) => Content::Unknown(hash, error.to_string()),
            },
            Extraction::Failed(reason) => Content::Unknown(hash, reason),
        };
        Ok(FileState { language: Some(language), content })
    }
}

/// A version control system may have turned line ends from one kind into the other.
fn unix_lines(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\r', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<u8>>().into()
}
