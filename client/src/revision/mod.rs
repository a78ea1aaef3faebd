//! What changed from a revision to the files as they are. The daemon runs no version control system, because a repository that is
//! not trusted may configure programs; so the client runs the user's git, and hands old contents to the daemon in as many requests
//! as they need.

pub mod difference;

mod error;
mod git;

pub use error::RevisionError;

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use vigie_proto::{
    Bytes, CHANGED_FILES_MAX, CLIENT_BODY_BYTES_MAX, ChangedQuery, ChangedRow, ChangedRows, OldFile, OldState,
    QuerySummary, Status, Target, encode,
};

use crate::client::Client;
use git::{Blob, Contents, Git};

/// Bytes that a file takes in a request besides its path and its content.
const FILE_FIXED_BYTES: usize = 32;
/// What is left free in a request.
const SPARE_BYTES: usize = 4 << 10;

/// What changed from a revision.
#[derive(Clone, Debug, Default)]
pub struct ChangedSymbols {
    /// Root of the project, to which paths are relative.
    pub root: Bytes,
    /// The definitions, by path and place. A row whose kind is 0 is about a file as a whole.
    pub rows: Vec<ChangedRow>,
    /// Of the answer.
    pub summary: QuerySummary,
}

/// The definitions that changed from a revision to the working tree of an indexed project.
///
/// # Errors
/// [`RevisionError`], whose hint says what to do.
pub fn changed_symbols(client: &mut Client, target: &Target, revision: &str) -> Result<ChangedSymbols, RevisionError> {
    let status = client.ask(&Status { target: target.clone(), ..Status::default() })?;
    let question = ChangedQuery { target: target.clone(), ..ChangedQuery::default() };
    let Some(project) = status.project else {
        // The daemon's own failure says what there is to do.
        client.query(&question, |_| ControlFlow::Continue(()))?;
        return Ok(ChangedSymbols::default());
    };
    let mut rows = Vec::new();
    let root = project.root;
    let summary = changed(client, Path::new(OsStr::from_bytes(&root.0)), revision, &question, |page| {
        rows.extend(page.rows);
        ControlFlow::Continue(())
    })?;
    Ok(ChangedSymbols { root, rows, summary })
}

/// Asks what changed from a revision to the working tree at `root`, which is the root of the question's project, page by page. The
/// question says where, which kinds and under which filters; its limit and its deadline are for the whole answer, and it has no
/// cursor. A `page` that breaks ends it with `ClientError::Stopped`.
///
/// # Errors
/// [`RevisionError`], whose hint says what to do.
pub fn changed(
    client: &mut Client,
    root: &Path,
    revision: &str,
    question: &ChangedQuery,
    mut page: impl FnMut(ChangedRows) -> ControlFlow<()>,
) -> Result<QuerySummary, RevisionError> {
    let began = Instant::now();
    let (git, commit) = Git::at(root, revision)?;
    let mut differing = git.differing(&commit, &question.options.paths)?.into_iter().peekable();
    let mut contents = git.contents()?;
    let room =
        (CLIENT_BODY_BYTES_MAX as usize).saturating_sub(encode(question).map_or(0, |body| body.len()) + SPARE_BYTES);
    let mut answer = Answer::default();
    loop {
        let mut files = Files { room, used: 0, files: Vec::new() };
        while let Some((path, blob)) = differing.peek() {
            let Some(file) = old_file(path, blob.as_ref(), &mut contents, &files)? else { break };
            files.push(file);
            differing.next();
        }
        let mut request = ChangedQuery { since: None, files: files.files, ..question.clone() };
        request.options.fresh = false;
        request.options.deadline_ms = left(question.options.deadline_ms, began);
        request.options.limit = question.options.limit.saturating_sub(answer.summary.rows);
        answer.add(client.query(&request, &mut page)?);
        if differing.peek().is_none() {
            return Ok(answer.summary);
        }
        if question.options.limit > 0 && answer.summary.rows >= question.options.limit {
            return Ok(QuerySummary { truncated: true, ..answer.summary });
        }
    }
}

/// What is left of the time for an answer; 0 = it has as long as it takes.
fn left(deadline_ms: u32, began: Instant) -> u32 {
    if deadline_ms == 0 {
        return 0;
    }
    let left = Duration::from_millis(deadline_ms.into()).saturating_sub(began.elapsed());
    u32::try_from(left.as_millis()).unwrap_or(u32::MAX).max(1)
}

/// A file for the request that is being filled; `None` = it belongs into the next one. One that fits none is said to be too
/// large, and one that git does not have, as in a partial clone, to be missing.
fn old_file(
    path: &[u8],
    blob: Option<&Blob>,
    contents: &mut Contents,
    files: &Files,
) -> Result<Option<OldFile>, RevisionError> {
    let file =
        |state, content| OldFile { path: Bytes(path.to_vec()), state, content: Bytes(content), ..OldFile::default() };
    let fixed = FILE_FIXED_BYTES + path.len();
    let Some(blob) = blob else { return Ok(files.fits(fixed).then(|| file(OldState::ABSENT, Vec::new()))) };
    let Some(bytes) = contents.size(blob)? else {
        return Ok(files.fits(fixed).then(|| file(OldState::MISSING, Vec::new())));
    };
    let needed = usize::try_from(bytes).unwrap_or(usize::MAX).saturating_add(fixed);
    if needed > files.room {
        return Ok(files.fits(fixed).then(|| file(OldState::TOO_LARGE, Vec::new())));
    }
    if !files.fits(needed) {
        return Ok(None);
    }
    let (state, content) =
        contents.read(blob)?.map_or((OldState::MISSING, Vec::new()), |bytes| (OldState::PRESENT, bytes));
    Ok(Some(file(state, content)))
}

/// The files of one request.
struct Files {
    room: usize,
    used: usize,
    files: Vec<OldFile>,
}

impl Files {
    /// Whether another file with so many bytes has room. The first one always has.
    fn fits(&self, bytes: usize) -> bool {
        self.files.is_empty() || self.files.len() < CHANGED_FILES_MAX && self.used + bytes <= self.room
    }

    fn push(&mut self, file: OldFile) {
        self.used += FILE_FIXED_BYTES + file.path.0.len() + file.content.0.len();
        self.files.push(file);
    }
}

/// The answer to several requests as one.
#[derive(Default)]
struct Answer {
    summary: QuerySummary,
    is_begun: bool,
}

impl Answer {
    fn add(&mut self, next: QuerySummary) {
        let before = std::mem::take(&mut self.summary);
        let mut notes = before.notes;
        notes.extend(next.notes);
        notes.sort();
        notes.dedup();
        let rows = before.rows + next.rows;
        self.summary = QuerySummary {
            rows,
            // Why some of the requests found nothing does not matter where others found something.
            notes: if rows > 0 { Vec::new() } else { notes },
            truncated: next.truncated,
            vanished: before.vanished + next.vanished,
            generation_changed: before.generation_changed
                || next.generation_changed
                || self.is_begun && before.generation != next.generation,
            elapsed_us: before.elapsed_us.saturating_add(next.elapsed_us),
            // It is good for the last of the requests only.
            cursor: Bytes::default(),
            ..next
        };
        self.is_begun = true;
    }
}
