//! What went wrong, as the sentence that a person gets: what and where, and what to do.

use std::path::{Path, PathBuf};

use vigie_core::index::IndexError;
use vigie_core::project::RootError;
use vigie_core::query::QueryError;
use vigie_core::store::StoreError;
use vigie_proto::{Bytes, ErrorCode, Failure};

use super::progress::path_bytes;

/// When a request that met a moving store may be sent again, in milliseconds.
const SWITCHING_RETRY_MS: u32 = 200;
/// When a request that met a stopping daemon may be sent again, in milliseconds.
const STOPPING_RETRY_MS: u32 = 1000;

fn failure(code: ErrorCode, message: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure { code, message: message.into(), hint: hint.into(), ..Failure::default() }
}

/// A fault of ours.
pub(crate) fn internal(what: &str) -> Failure {
    failure(ErrorCode::INTERNAL, what, "see the daemon's log (vigied.log in its state directory)")
}

/// Too much at once.
pub(crate) fn busy(what: &str, retry_after_ms: u32) -> Failure {
    Failure { retry_after_ms, ..failure(ErrorCode::BUSY, what, "try again in a moment") }
}

/// The daemon is on its way out.
pub(crate) fn unavailable() -> Failure {
    let what =
        failure(ErrorCode::UNAVAILABLE, "the daemon is stopping", "try again, the next command starts a new one");
    Failure { retry_after_ms: STOPPING_RETRY_MS, ..what }
}

/// The body is not what its kind says.
pub(crate) fn malformed(error: &vigie_proto::CodecError) -> Failure {
    failure(ErrorCode::MALFORMED, error.to_string(), "the client speaks the protocol wrongly; update it")
}

/// A kind or an ability that is not known here.
pub(crate) fn unimplemented(what: &str) -> Failure {
    failure(ErrorCode::UNIMPLEMENTED, what, "a newer vigied may know it: update, then `vigie daemon restart`")
}

/// The frame was longer than the limit.
pub(crate) fn frame_too_large(body_bytes: u32) -> Failure {
    let message = format!("a request of {body_bytes} bytes is longer than {}", vigie_proto::CLIENT_BODY_BYTES_MAX);
    failure(ErrorCode::FRAME_TOO_LARGE, message, "send a shorter request")
}

/// `Hello` is missing.
pub(crate) fn not_greeted() -> Failure {
    failure(ErrorCode::NOT_GREETED, "the connection has not been greeted", "send Hello first")
}

/// An argument that makes no sense.
pub(crate) fn bad_argument(message: impl Into<String>) -> Failure {
    failure(ErrorCode::BAD_ARGUMENT, message, "")
}

/// A cursor of another question.
pub(crate) fn foreign_cursor() -> Failure {
    let message = "this cursor belongs to another question";
    let hint = "ask as for the answer that gave it, only --limit may be another; or leave the cursor out";
    failure(ErrorCode::BAD_ARGUMENT, message, hint)
}

/// No cursor at all.
pub(crate) fn bad_cursor() -> Failure {
    bad_argument("the cursor is not one that an earlier answer gave; leave it out")
}

/// The request's deadline passed.
pub(crate) fn deadline(deadline_ms: u32) -> Failure {
    let message = format!("the answer was not complete after {deadline_ms} ms");
    failure(ErrorCode::DEADLINE, message, "narrow the query, or allow more time with --deadline-ms")
}

/// The request was withdrawn.
pub(crate) fn withdrawn() -> Failure {
    failure(ErrorCode::WITHDRAWN, "the request was withdrawn", "")
}

/// No job of that id.
pub(crate) fn no_such_job(job: u64) -> Failure {
    failure(ErrorCode::NO_SUCH_JOB, format!("there is no job {job}"), "`vigie jobs` lists those there are")
}

/// What was asked for waits for a job that is paused.
pub(crate) fn paused(job: u64) -> Failure {
    let hint = format!("`vigie resume {job}` has it go on");
    failure(ErrorCode::UNAVAILABLE, format!("job {job} is paused"), hint)
}

/// The path lies in no indexed project.
pub(crate) fn not_indexed(path: &Path, advice: Advice) -> Failure {
    let message = format!("{} lies in no indexed project", path.display());
    let hint = match &advice {
        Advice::Project(root) => format!("index its project: vigie index {}", root.display()),
        Advice::Directory(root) => format!("index it: vigie index {}", root.display()),
        Advice::Exactly(root) => format!("index it: vigie index --project {}", root.display()),
        Advice::Inside => "name a project inside it, or the one that is meant with --project ROOT".to_owned(),
        Advice::Around => "name the project that it belongs to with --project ROOT".to_owned(),
    };
    let root = if let Advice::Project(root) = &advice { path_bytes(root) } else { Bytes::default() };
    Failure { root, ..failure(ErrorCode::NOT_INDEXED, message, hint) }
}

/// The project is known, and its index holds nothing: it is to be indexed as one that is not known yet.
pub(crate) fn empty(root: &Path) -> Failure {
    let message = format!("the index of {} holds nothing", root.display());
    let hint = format!("index it: vigie index {}", root.display());
    Failure { root: path_bytes(root), ..failure(ErrorCode::NOT_INDEXED, message, hint) }
}

/// The path lies in no indexed project, of which nothing was wanted but that it be known no longer.
pub(crate) fn not_known(path: &Path) -> Failure {
    let message = format!("{} lies in no indexed project", path.display());
    failure(ErrorCode::NOT_INDEXED, message, "nothing is to be done; `vigie projects` lists those that are indexed")
}

/// A file was named as the root of a project; perhaps it lies in one.
pub(crate) fn file_as_root(path: &Path, root: Option<&Path>) -> Failure {
    let message = format!("{} is a file, and --project names the root of a project", path.display());
    let hint = match root {
        Some(root) => format!("it lies in the project {0}: --project {0}", root.display()),
        None => "name a directory".to_owned(),
    };
    failure(ErrorCode::NOT_A_DIRECTORY, message, hint)
}

/// What helps whoever asked about a path in no indexed project. Every root was checked: nobody is sent to be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// This marked directory at or above the path is the project it would be.
    Project(PathBuf),
    /// Nothing is marked; the path itself may be indexed.
    Directory(PathBuf),
    /// This was named as the root, whatever lies above it.
    Exactly(PathBuf),
    /// The directory may not be indexed as a whole.
    Inside,
    /// It is a file, and nothing is marked.
    Around,
}

/// A path that is no project.
pub(crate) fn root(error: &RootError) -> Failure {
    let message = error.to_string();
    match error {
        RootError::Missing(_) => failure(ErrorCode::NO_SUCH_PATH, message, "check the spelling"),
        RootError::NotADirectory(path) => {
            let dir = path.ancestors().skip(1).find(|dir| dir.is_dir());
            let hint = dir.map(|dir| format!("name its directory: {}", dir.display())).unwrap_or_default();
            failure(ErrorCode::NOT_A_DIRECTORY, message, hint)
        }
        RootError::Unreadable(_) => {
            failure(ErrorCode::PERMISSION, message, "make it readable for you, or name another directory")
        }
        RootError::Refused { .. } => {
            failure(ErrorCode::ROOT_REFUSED, message, "name the directory of one project, or pass --project DIR")
        }
        RootError::Failed { .. } => failure(ErrorCode::NO_SUCH_PATH, message, "check the path"),
    }
}

/// A root that lies in none of the directories that are allowed; `place` is where they are written.
pub(crate) fn outside(root: &Path, place: &str) -> Failure {
    let hint = if place.starts_with("--") {
        "start the daemon with that directory, or one above it"
    } else {
        "add it there, or a directory above it, then `vigie daemon restart` or send the daemon SIGHUP"
    };
    failure(ErrorCode::ROOT_REFUSED, format!("{} lies outside of roots_allowed in {place}", root.display()), hint)
}

/// A path at which there is nothing any more, though its project is known.
pub(crate) fn gone(error: &RootError) -> Failure {
    failure(ErrorCode::NO_SUCH_PATH, error.to_string(), "it was indexed, but is gone")
}

/// A limit that a job can never keep.
pub(crate) fn memory_below_own(own_bytes: u64, max_bytes: u64) -> Failure {
    let size = |bytes: u64| match bytes {
        0..1024 => format!("{bytes} B"),
        1024..0x0010_0000 => format!("{} KiB", bytes >> 10),
        0x0010_0000.. => format!("{} MiB", bytes.div_ceil(1 << 20)),
    };
    let message = format!("the daemon itself holds {}, more than the {} allowed", size(own_bytes), size(max_bytes));
    let hint = format!("allow more, best {} or above", size(own_bytes.saturating_mul(2)));
    failure(ErrorCode::BAD_ARGUMENT, message, hint)
}

/// The store failed.
pub(crate) fn store(error: &StoreError) -> Failure {
    let message = error.to_string();
    match error {
        StoreError::Closing => switching(message),
        StoreError::Newer { .. } => {
            failure(ErrorCode::STORE_NEWER, message, "update vigie, or remove that file to have the index rebuilt")
        }
        // Met only where it is opened, and rebuilt there.
        StoreError::Older { .. } => failure(ErrorCode::STORAGE, message, "index the project again, it is rebuilt"),
        StoreError::Corrupt { .. } => failure(
            ErrorCode::STORAGE,
            message,
            "index the project again, the damaged file is set aside and built anew",
        ),
        StoreError::Failed { .. } => {
            failure(ErrorCode::STORAGE, message, "check that its disk has room and can be written, then try again")
        }
    }
}

/// The project's store is on its way in or out.
pub(crate) fn switching(message: String) -> Failure {
    let what = failure(ErrorCode::STORAGE_SWITCHING, message, "try again in a moment");
    Failure { retry_after_ms: SWITCHING_RETRY_MS, ..what }
}

/// A question has no answer.
pub(crate) fn query(error: &QueryError) -> Failure {
    match error {
        QueryError::Pattern(sentence) => failure(
            ErrorCode::BAD_PATTERN,
            sentence.clone(),
            "escape it, or search for the text itself with --fixed-strings (-F)",
        ),
        QueryError::Unsearchable(sentence) => failure(ErrorCode::BAD_PATTERN, sentence.clone(), ""),
        QueryError::Argument(sentence) => bad_argument(sentence.clone()),
        QueryError::GenerationChanged => {
            let hint = "ask again, best when no job runs (`vigie jobs`)";
            failure(ErrorCode::GENERATION_CHANGED, error.to_string(), hint)
        }
        QueryError::Store(e) => store(e),
    }
}

/// What to do where descriptors or memory have run out.
const GIVE_MORE: &str =
    "raise the limit (`ulimit -n`, or LimitNOFILE= of the unit), `vigie daemon restart`, then index again";

/// The code and the sentence of a job that failed.
pub(crate) fn index(error: &IndexError) -> String {
    match error {
        IndexError::Walk { .. } => format!("{error}; check that the directory is there and readable, then index again"),
        IndexError::Store(e) => sentence(&store(e)),
        IndexError::Extract(_) => format!("{error}; see the daemon's log"),
        IndexError::Exhausted { .. } => format!("{error}; what was indexed before is as it was; {GIVE_MORE}"),
    }
}

/// Message and hint in one sentence, for where there is only room for one.
pub(crate) fn sentence(failure: &Failure) -> String {
    if failure.hint.is_empty() {
        return failure.message.clone();
    }
    format!("{}; {}", failure.message, failure.hint)
}

/// Files could not be looked at.
pub(crate) fn refresh(error: &IndexError) -> Failure {
    match error {
        IndexError::Store(e) => store(e),
        IndexError::Walk { .. } => {
            failure(ErrorCode::STORAGE, error.to_string(), "check that the directory is there and readable")
        }
        IndexError::Extract(_) => failure(ErrorCode::STORAGE, error.to_string(), "see the daemon's log"),
        IndexError::Exhausted { .. } => failure(ErrorCode::STORAGE, error.to_string(), GIVE_MORE),
    }
}

/// A project's root cannot be opened.
pub(crate) fn root_unreadable(root: &Path, error: &std::io::Error) -> Failure {
    bad_argument(format!("{} cannot be opened: {error}; is the project still there?", root.display()))
}

/// A job that a query waited for did not end well.
pub(crate) fn walk_failed(root: &Bytes, message: &str) -> Failure {
    let what = format!("{} could not be walked afresh: {message}", root.to_text());
    failure(ErrorCode::STORAGE, what, "ask without --fresh to have the answer of the last walk")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_as_root_is_answered_with_its_directory() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.rs");
        std::fs::write(&file, "").unwrap();
        let failure = root(&RootError::NotADirectory(file));
        assert_eq!(failure.code, ErrorCode::NOT_A_DIRECTORY);
        assert!(failure.hint.ends_with(&dir.path().display().to_string()), "{}", failure.hint);
    }

    #[test]
    fn a_small_limit_on_memory_is_told_in_its_own_unit() {
        let message = |max| memory_below_own(30 << 20, max).message;
        assert_eq!(message(1 << 10), "the daemon itself holds 30 MiB, more than the 1 KiB allowed");
        assert_eq!(message(5 << 20), "the daemon itself holds 30 MiB, more than the 5 MiB allowed");
        assert!(memory_below_own(30 << 20, 7).hint.contains("60 MiB"));
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let cases = [
            RootError::Missing("/x".into()),
            RootError::Unreadable("/x".into()),
            RootError::Refused { path: "/".into(), why: "it is the whole file system" },
        ];
        for case in cases {
            assert!(!root(&case).hint.is_empty(), "{case}");
        }
    }
}
