//! Which project a path belongs to, and which roots may be indexed.

use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Names that make a directory a root when nothing is registered above it.
pub const ROOT_MARKERS: [&str; 5] = [".git", ".hg", ".svn", ".jj", ".vigie.toml"];

/// Trees that may not be indexed, nor anything in them.
const SYSTEM_TREES: [&str; 4] = ["/proc", "/sys", "/dev", "/run"];

/// Directories of the system that may be indexed, but are nobody's project: what is meant lies in them.
const GATHERING: [&str; 15] = [
    "/bin",
    "/boot",
    "/etc",
    "/home",
    "/media",
    "/mnt",
    "/opt",
    "/root",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/local",
    "/usr/src",
    "/var",
    "/var/tmp",
];

/// Why a path is no project.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Nothing is there.
    #[error("{0} does not exist")]
    Missing(PathBuf),
    /// It is no directory.
    #[error("{0} is not a directory")]
    NotADirectory(PathBuf),
    /// It may not be read.
    #[error("{0} cannot be read: permission denied")]
    Unreadable(PathBuf),
    /// It is one of the roots that are never indexed.
    #[error("{path} may not be indexed: {why}")]
    Refused {
        /// The canonical root.
        path: PathBuf,
        /// The rule.
        why: &'static str,
    },
    /// The system failed otherwise.
    #[error("{path} cannot be examined: {reason}")]
    Failed {
        /// The path.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// Where a question about `path` is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// By this registered root.
    Registered(PathBuf),
    /// By nobody yet; this directory above it bears one of [`ROOT_MARKERS`].
    Marked(PathBuf),
    /// By nobody, and nothing marks a root.
    Nowhere,
}

/// A path inside a project as the index writes it: relative to the root, empty for the root itself. `None` = it leads out.
pub fn below(root: &Path, path: &Path) -> Option<Vec<u8>> {
    let relative = if path.is_absolute() { path.strip_prefix(root).ok()? } else { path };
    let mut parts: Vec<&[u8]> = Vec::new();
    for component in relative.components() {
        match component {
            Component::Normal(part) => parts.push(part.as_bytes()),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join(&b'/'))
}

/// The canonical form of an existing path.
pub fn canonical(path: &Path) -> Result<PathBuf, RootError> {
    path.canonicalize().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => RootError::Missing(path.to_path_buf()),
        std::io::ErrorKind::NotADirectory => RootError::NotADirectory(path.to_path_buf()),
        std::io::ErrorKind::PermissionDenied => RootError::Unreadable(path.to_path_buf()),
        _ => RootError::Failed { path: path.to_path_buf(), reason: e.to_string() },
    })
}

/// Whether a directory bears one of [`ROOT_MARKERS`].
pub fn is_marked(directory: &Path) -> bool {
    ROOT_MARKERS.iter().any(|marker| directory.join(marker).symlink_metadata().is_ok())
}

/// Finds the project of a canonical path: the nearest registered root at or above it, else the nearest marked directory.
pub fn resolve(canonical: &Path, is_registered: impl Fn(&Path) -> bool) -> Resolution {
    if let Some(root) = canonical.ancestors().find(|dir| is_registered(dir)) {
        return Resolution::Registered(root.to_path_buf());
    }
    match canonical.ancestors().find(|dir| is_marked(dir)) {
        Some(root) => Resolution::Marked(root.to_path_buf()),
        None => Resolution::Nowhere,
    }
}

/// Whether a canonical directory is one in which projects lie, and clearly none itself.
pub fn gathers_projects(directory: &Path) -> bool {
    GATHERING.iter().any(|gathering| directory == Path::new(gathering))
}

/// Checks that a canonical path is a directory that may be indexed. `home` is the person's home directory.
pub fn check_root(root: &Path, home: Option<&Path>) -> Result<(), RootError> {
    let refused = |why| Err(RootError::Refused { path: root.to_path_buf(), why });
    let failed = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => RootError::Missing(root.to_path_buf()),
        std::io::ErrorKind::PermissionDenied => RootError::Unreadable(root.to_path_buf()),
        _ => RootError::Failed { path: root.to_path_buf(), reason: e.to_string() },
    };
    if !root.metadata().map_err(failed)?.is_dir() {
        return Err(RootError::NotADirectory(root.to_path_buf()));
    }
    if root == Path::new("/") {
        return refused("it is the whole file system");
    }
    if home.is_some_and(|home| root == home) {
        return refused("it is your home directory");
    }
    if SYSTEM_TREES.iter().any(|tree| root.starts_with(tree)) {
        return refused("it belongs to the system, not to a project");
    }
    root.read_dir().map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_inside_are_relative_to_the_root() {
        let below = |path: &str| below(Path::new("/p"), Path::new(path));
        for (path, inside) in
            [("/p/src/a.rs", "src/a.rs"), ("/p", ""), (".", ""), ("src/./b/../a.rs", "src/a.rs"), ("./src//", "src")]
        {
            assert_eq!(below(path).as_deref(), Some(inside.as_bytes()), "{path}");
        }
        for path in ["/q/a", "/pp/a", "..", "src/../../q", "/p/../q", "/"] {
            assert_eq!(below(path), None, "{path}");
        }
    }
}
