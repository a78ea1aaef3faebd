//! Finding the files that modules are, by their paths.

use crate::store::{FileId, StoreError};

use super::super::World;

/// Directory of a path; empty for the root.
pub(in crate::resolve) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// A path below a directory.
pub(super) fn join(directory: &str, path: &str) -> String {
    if directory.is_empty() { path.to_owned() } else { format!("{directory}/{path}") }
}

/// A directory and those above it, the root last.
pub(super) fn upwards(directory: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(directory), |directory| (!directory.is_empty()).then(|| self::directory(directory)))
}

/// How many directories from the root on two directories have in common.
pub(super) fn shared(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}

/// A relative path with `.` and `..` taken out; `None` = it leaves the root.
pub(super) fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The first of these paths that the index has a file of.
pub(super) fn first_file(
    world: &World<'_>,
    paths: impl IntoIterator<Item = String>,
) -> Result<Vec<FileId>, StoreError> {
    for path in paths {
        if let Some(file) = world.file_at(&path)? {
            return Ok(vec![file]);
        }
    }
    Ok(Vec::new())
}
