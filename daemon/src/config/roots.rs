//! `roots_allowed`: the directories in which projects may lie.

use std::path::{Path, PathBuf};

/// See the top of this file. Whoever asks it looks at the file system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RootsAllowed {
    directories: Vec<PathBuf>,
    place: String,
}

impl RootsAllowed {
    /// The directories as they are written, with where that is; `~` stands for `home`. None = all.
    pub(super) fn new(written: &[String], home: Option<&Path>, place: String) -> RootsAllowed {
        let directory = |path: &String| match (path.strip_prefix('~'), home) {
            (Some(below), Some(home)) => home.join(below.trim_start_matches('/')),
            // Nothing lies below a `~` that stands for nothing.
            _ => PathBuf::from(path),
        };
        RootsAllowed { directories: written.iter().map(directory).collect(), place }
    }

    /// Where it is written that this root may be no project; nothing if it may. Links are followed on both sides, when it is asked: what
    /// a name stands for may change.
    pub(crate) fn refusal(&self, root: &Path) -> Option<&str> {
        if self.directories.is_empty() {
            return None;
        }
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let is_above =
            |directory: &PathBuf| directory.canonicalize().is_ok_and(|directory| root.starts_with(directory));
        (!self.directories.iter().any(is_above)).then_some(&self.place)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_lies_below_is_allowed_and_links_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        for name in ["code/a", "codes", "home/b"] {
            fs::create_dir_all(top.join(name)).unwrap();
        }
        symlink(top.join("code"), top.join("link")).unwrap();
        symlink(top.join("codes"), top.join("code/out")).unwrap();
        let allowed = |directories: &[&str]| {
            let written: Vec<String> =
                directories.iter().map(|dir| dir.replace("TOP", top.to_str().unwrap())).collect();
            RootsAllowed::new(&written, Some(&top.join("home")), "c:1".to_owned())
        };
        let check = |allowed: &RootsAllowed, root: &str, is_refused: bool| {
            assert_eq!(allowed.refusal(&top.join(root)), is_refused.then_some("c:1"), "{root} {allowed:?}");
        };
        check(&allowed(&[]), "codes", false);
        for code in ["TOP/code", "TOP/code/", "TOP/link"] {
            check(&allowed(&[code]), "code", false);
            check(&allowed(&[code]), "code/a", false);
            check(&allowed(&[code]), "code/gone", false);
            check(&allowed(&[code]), "link/a", false);
            check(&allowed(&[code]), "codes", true);
            check(&allowed(&[code]), "", true);
            check(&allowed(&[code]), "code/out", true);
        }
        check(&allowed(&["~/", "TOP/codes"]), "home/b", false);
        check(&allowed(&["~/b"]), "home", true);
        check(&allowed(&["TOP/gone"]), "codes", true);
        let homeless = RootsAllowed::new(&["~/b".to_owned()], None, "c:1".to_owned());
        assert!(homeless.refusal(&top.join("home/b")).is_some());
    }
}
