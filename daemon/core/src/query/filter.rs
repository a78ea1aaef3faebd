//! Which files a question is about.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::kinds::Language;
use crate::store::FileRow;

use super::{Options, QueryError};

/// The filters of a question, compiled.
pub(super) struct Filter {
    languages: Vec<Language>,
    globs: Option<GlobSet>,
    paths: Vec<Vec<u8>>,
}

impl Filter {
    pub(super) fn new(options: &Options) -> Result<Filter, QueryError> {
        let globs = if options.globs.is_empty() { None } else { Some(compile_globs(&options.globs)?) };
        let mut paths: Vec<Vec<u8>> = options.paths.clone();
        paths.iter_mut().for_each(|path| {
            while path.last() == Some(&b'/') {
                path.pop();
            }
        });
        if paths.iter().any(|path| path.is_empty() || path == b".") {
            paths.clear();
        }
        Ok(Filter { languages: options.languages.clone(), globs, paths })
    }

    /// Whether a file is wanted.
    pub(super) fn admits(&self, row: &FileRow) -> bool {
        (self.languages.is_empty() || row.language.is_some_and(|language| self.languages.contains(&language)))
            && self.admits_path(&row.path)
    }

    fn admits_path(&self, path: &[u8]) -> bool {
        use std::os::unix::ffi::OsStrExt;
        let below =
            |dir: &Vec<u8>| path.strip_prefix(dir.as_slice()).is_some_and(|rest| matches!(rest, [] | [b'/', ..]));
        (self.paths.is_empty() || self.paths.iter().any(below))
            && self.globs.as_ref().is_none_or(|globs| globs.is_match(std::ffi::OsStr::from_bytes(path)))
    }
}

/// Compiles globs over relative paths. As in ignore files, one without a slash matches at any depth.
pub(super) fn compile_globs(globs: &[String]) -> Result<GlobSet, QueryError> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let anywhere = if glob.trim_end_matches('/').contains('/') { String::new() } else { "**/".into() };
        let text = format!("{anywhere}{}", glob.strip_prefix("./").unwrap_or(glob).trim_start_matches('/'));
        let bad = |e: globset::Error| QueryError::Argument(format!("the glob {glob:?} does not parse: {}", e.kind()));
        set.add(GlobBuilder::new(&text).literal_separator(true).build().map_err(bad)?);
    }
    set.build().map_err(|e| QueryError::Argument(format!("the globs cannot be used together: {}", e.kind())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(globs: &[&str], paths: &[&str], path: &str) -> bool {
        let options = Options {
            globs: globs.iter().map(|g| (*g).to_owned()).collect(),
            paths: paths.iter().map(|p| p.as_bytes().to_vec()).collect(),
            ..Options::default()
        };
        Filter::new(&options).is_ok_and(|filter| filter.admits_path(path.as_bytes()))
    }

    #[test]
    fn globs_match_as_in_ignore_files() {
        assert!(admits(&["*.rs"], &[], "src/lib.rs"));
        assert!(admits(&["src/*.rs"], &[], "src/lib.rs"));
        assert!(!admits(&["src/*.rs"], &[], "src/a/lib.rs"));
        assert!(admits(&["src/**"], &[], "src/a/lib.rs"));
        assert!(!admits(&["*.rs"], &[], "src/lib.py"));
    }

    #[test]
    fn paths_are_whole_components() {
        assert!(admits(&[], &["src/"], "src/lib.rs"));
        assert!(admits(&[], &["src/lib.rs"], "src/lib.rs"));
        assert!(!admits(&[], &["src"], "src2/lib.rs"));
        assert!(admits(&[], &["."], "src2/lib.rs"));
    }

    #[test]
    fn a_bad_glob_is_a_sentence() {
        let options = Options { globs: vec!["a[".into()], ..Options::default() };
        let error = Filter::new(&options).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.starts_with("the glob \"a[\" does not parse: "), "{error}");
    }
}
