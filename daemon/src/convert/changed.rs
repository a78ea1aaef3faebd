//! Questions about what changed, and rows that answer them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use vigie_core::changes::ChangeKind;
use vigie_core::kinds::SymbolKind;
use vigie_core::query::{self as core, Kept, OldFile};
use vigie_proto as wire;
use vigie_proto::{Bytes, CHANGED_FILES_MAX, Ext, Failure, OldState, row_flag};

use super::failures::bad_argument;
use super::rows::{flag, language_name};
use super::structure::{kind, since, symbol_kinds};

/// What is compared with what is there now.
#[derive(Debug)]
pub(crate) enum Before {
    /// The index at a generation.
    Generation(u64),
    /// Old contents of files.
    Contents(Vec<OldFile>),
}

/// From what on changes are wanted, and of which kinds. Takes the contents out of the question, which may be long.
pub(crate) fn changed(query: &mut wire::ChangedQuery) -> Result<(Before, Vec<SymbolKind>), Failure> {
    let kinds = symbol_kinds(&query.kinds)?;
    let before = match query.since {
        Some(_) if !query.files.is_empty() => {
            return Err(bad_argument("changes are wanted since a generation or from old contents, not both"));
        }
        Some(generation) => Before::Generation(generation),
        None if query.files.len() > CHANGED_FILES_MAX => {
            return Err(bad_argument(format!(
                "a request has at most {CHANGED_FILES_MAX} files; ask about the others in another"
            )));
        }
        None => Before::Contents(query.files.iter_mut().map(old_file).collect::<Result<_, _>>()?),
    };
    Ok((before, kinds))
}

fn old_file(file: &mut wire::OldFile) -> Result<OldFile, Failure> {
    let path = file.path.0.clone();
    let mut parts = Path::new(OsStr::from_bytes(&path)).components();
    if path.is_empty() || !parts.all(|part| matches!(part, Component::Normal(_))) {
        let path = String::from_utf8_lossy(&path);
        return Err(bad_argument(format!("the path {path:?} is not one below the root; name it relative to the root")));
    }
    let kept = match file.state {
        OldState::ABSENT => Kept::Absent,
        OldState::PRESENT => Kept::Bytes(std::mem::take(&mut file.content.0)),
        OldState::TOO_LARGE => Kept::Withheld("its old content is too large to be compared".into()),
        OldState::MISSING => Kept::Withheld("its old content is not at hand".into()),
        OldState(number) => return Err(bad_argument(format!("old state {number} is not known here"))),
    };
    Ok(OldFile { path, kept })
}

/// A change.
pub(super) fn change(row: core::ChangedRow) -> wire::ChangedRow {
    wire::ChangedRow {
        path: Bytes(row.path),
        change: change_kind(row.change),
        kind: row.kind.map(kind).unwrap_or_default(),
        name: row.name,
        qualified: row.qualified,
        line: row.position.line,
        column: row.position.column,
        column_utf16: row.position.column_utf16,
        signature: row.signature,
        old_signature: row.old_signature,
        language: language_name(row.language),
        reason: row.reason,
        flags: since(row.since) | flag(row.stale, row_flag::STALE),
        ext: Ext::default(),
    }
}

/// Bytes of a change's texts.
pub(super) fn change_bytes(row: &wire::ChangedRow) -> usize {
    let names = row.path.0.len() + row.name.len() + row.qualified.len() + row.language.len();
    names + row.signature.len() + row.old_signature.len() + row.reason.len()
}

fn change_kind(kind: ChangeKind) -> wire::ChangeKind {
    match kind {
        ChangeKind::Added => wire::ChangeKind::ADDED,
        ChangeKind::Removed => wire::ChangeKind::REMOVED,
        ChangeKind::Signature => wire::ChangeKind::SIGNATURE,
        ChangeKind::Body => wire::ChangeKind::BODY,
        ChangeKind::NotCompared => wire::ChangeKind::NOT_COMPARED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused() {
        let file = |path: &str, state| wire::OldFile { path: path.into(), state, ..Default::default() };
        let refused = |since, files| {
            let mut query = wire::ChangedQuery { since, files, ..Default::default() };
            changed(&mut query).unwrap_err().message
        };
        assert!(refused(Some(3), vec![file("a", OldState::ABSENT)]).contains("not both"));
        assert!(refused(None, vec![file("a", OldState(9))]).contains("old state 9"));
        let many = vec![file("a", OldState::ABSENT); CHANGED_FILES_MAX + 1];
        assert!(refused(None, many).contains("at most 512 files"));
        for path in ["", "/etc/passwd", "../up", "a/../../up", "."] {
            assert!(refused(None, vec![file(path, OldState::ABSENT)]).contains("relative to the root"), "{path}");
        }
        let mut query = wire::ChangedQuery { kinds: vec![wire::SymbolKind(99)], ..Default::default() };
        assert!(changed(&mut query).is_err());
    }
}
