//! Why a path that somebody named has no answer.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::project::below;
use crate::store::{FileRow, ProjectStore, Snapshot, StoreError};
use crate::walk::is_kept_by_version_control;

/// Most globs of a question of which it is said.
const PATHS_MAX: usize = 4;

/// Says of the globs of an answer without rows that are mere paths why the index holds nothing there, where it does not.
pub fn why_no_matches(store: &ProjectStore, globs: &[String]) -> Result<Vec<String>, StoreError> {
    store.snapshot(|snapshot| {
        let mut said = Vec::new();
        for glob in globs.iter().filter(|glob| !glob.contains(['*', '?', '[', '{'])).take(PATHS_MAX) {
            said.extend(why_no_match(snapshot, store.root(), glob)?);
        }
        Ok(said)
    })
}

/// Says why nothing is matched by a glob that is a mere path.
fn why_no_match(snapshot: &Snapshot<'_>, root: &Path, glob: &str) -> Result<Option<String>, StoreError> {
    let path = Path::new(glob);
    // As in ignore files, what begins with a slash begins at the root.
    let Some(inside) = below(root, Path::new(glob.trim_start_matches('/'))) else {
        return Ok(Some(format!("{glob} leads out of the project {}", root.display())));
    };
    let is_there = root.join(to_path(&inside)).symlink_metadata().is_ok();
    Ok(match path.strip_prefix(root) {
        Ok(relative) if !is_there => {
            Some(format!("{glob} is looked for below the root; from there it is {}", relative.display()))
        }
        _ if path.is_absolute() && !is_there && path.exists() => {
            Some(format!("{glob} lies outside of the project {}", root.display()))
        }
        _ if glob.trim_end_matches('/').contains('/') || is_there => why_not_held(snapshot, root, &inside)?,
        // Without a slash it is a name at any depth.
        _ if is_name_of_some(snapshot, &inside)? => None,
        _ => Some(format!("{glob} does not exist at the root, and nothing in the index is called so")),
    })
}

/// Whether some file, or a directory around one, bears a name.
fn is_name_of_some(snapshot: &Snapshot<'_>, name: &[u8]) -> Result<bool, StoreError> {
    let mut is_some = false;
    snapshot.each_file(None, |row| {
        is_some = row.path.split(|byte| *byte == b'/').any(|part| part == name);
        !is_some
    })?;
    Ok(is_some)
}

fn to_path(path: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(path))
}

/// Says why no text is sought in a path below the root, if none is.
pub(super) fn why_not_searched(
    snapshot: &Snapshot<'_>,
    root: &Path,
    path: &[u8],
) -> Result<Option<String>, StoreError> {
    if path.is_empty() {
        return Ok(None);
    }
    match snapshot.file_by_path(path)? {
        Some(row) if row.is_text() => Ok(None),
        Some(row) => Ok(Some(format!("{} is not searched: {}", shown(path), left_out(&row)))),
        None => why_not_held(snapshot, root, path),
    }
}

/// Says why the index holds nothing at a path below the root, if it does not.
pub(super) fn why_not_held(snapshot: &Snapshot<'_>, root: &Path, path: &[u8]) -> Result<Option<String>, StoreError> {
    if path.is_empty() || snapshot.file_by_path(path)?.is_some() || has_files(snapshot, path)? {
        return Ok(None);
    }
    let whole = root.join(OsStr::from_bytes(path));
    let why = match whole.symlink_metadata() {
        Err(_) => return Ok(Some(format!("{} does not exist", shown(path)))),
        Ok(_) if is_kept_by_version_control(Path::new(OsStr::from_bytes(path))) => {
            "version control keeps it for itself"
        }
        Ok(metadata) if metadata.is_dir() => "it is ignored, has no files, or is newer than the index",
        Ok(metadata) if metadata.is_file() => {
            "it is ignored, or newer than the index; `vigie index FILE` takes in a new one"
        }
        Ok(_) => "it is no regular file",
    };
    Ok(Some(format!("{} is not in the index: {why}", shown(path))))
}

/// Why the definitions of a file are not known, if they are not: it was not parsed.
pub(super) fn why_not_parsed(row: &FileRow) -> Option<&str> {
    let is_lexical = row.structure.as_ref().is_some_and(|structure| structure.lexical);
    Some(row.reason.as_str()).filter(|reason| is_lexical && !reason.is_empty())
}

/// Why a file that the index knows has no text in it.
pub(super) fn left_out(row: &FileRow) -> String {
    format!("it is {}", row.disposition.name().replace('-', " "))
}

fn has_files(snapshot: &Snapshot<'_>, directory: &[u8]) -> Result<bool, StoreError> {
    let below = [directory, b"/"].concat();
    let mut has = false;
    snapshot.each_file(Some(&below), |row| {
        has = row.path.starts_with(&below);
        false
    })?;
    Ok(has)
}

fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
