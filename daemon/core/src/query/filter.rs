//! Which files a question is about.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::kinds::Language;
use crate::project::below;
use crate::resolve::World;
use crate::store::{FileId, FileRow, StoreError};

use super::glob::bad_glob;
use super::nothing;
use super::select::Selector;
use super::{Options, QueryError};

/// The filters of a question, compiled.
pub(super) struct Filter {
    languages: Vec<Language>,
    globs: Option<GlobSet>,
    /// The globs as they were given.
    globs_given: Vec<String>,
    /// Where to look; never empty. The empty path is the root.
    paths: Vec<Vec<u8>>,
    selector: Selector,
}

impl Filter {
    pub(super) fn new(options: &Options) -> Result<Filter, QueryError> {
        let globs = if options.globs.is_empty() { None } else { Some(globs_and_below(&options.globs)?) };
        let mut paths = options.paths.iter().map(|path| below_root(path)).collect::<Result<Vec<_>, _>>()?;
        if paths.is_empty() {
            paths.push(Vec::new());
        }
        let (languages, globs_given) = (options.languages.clone(), options.globs.clone());
        Ok(Filter { languages, globs, globs_given, paths, selector: Selector::all() })
    }

    /// The filters that were given but for those of places, each with its values.
    pub(super) fn given(&self) -> Vec<String> {
        let languages = nothing::filter("language", self.languages.iter().map(|language| language.name()));
        let globs = nothing::filter("path", &self.globs_given);
        languages.into_iter().chain(globs).chain(self.selector.given()).collect()
    }

    /// Says how a directory is named where a plain name does not mean what is below it.
    pub(super) fn how_to_name_a_directory(&self) -> Option<String> {
        let name = self.selector.plain_name()?;
        Some(format!("the glob {name} names files; what is below a directory of that name is {name}/**"))
    }

    /// The same with the places.
    pub(super) fn given_with_paths(&self) -> Vec<String> {
        let below: Vec<_> = self.paths.iter().filter(|path| !path.is_empty()).collect();
        let places = nothing::filter("place", below.into_iter().map(|path| String::from_utf8_lossy(path)));
        self.given().into_iter().chain(places).collect()
    }

    /// The same filters, and what a selector leaves.
    pub(super) fn with_selector(self, selector: Selector) -> Filter {
        Filter { selector, ..self }
    }

    /// Where to look, relative to the root.
    pub(super) fn paths(&self) -> &[Vec<u8>] {
        &self.paths
    }

    /// Whether a file is wanted.
    pub(super) fn admits(&self, path: &[u8], language: Option<Language>) -> bool {
        (self.languages.is_empty() || language.is_some_and(|language| self.languages.contains(&language)))
            && self.admits_path(path)
    }

    /// Those of the files that are wanted, by path, from the path `first` on.
    pub(super) fn by_path(
        &self,
        world: &World<'_>,
        files: impl IntoIterator<Item = FileId>,
        first: Option<&[u8]>,
    ) -> Result<VecDeque<FileId>, StoreError> {
        by_path(world, files, |row| {
            self.admits(&row.path, row.language) && first.is_none_or(|first| row.path.as_slice() >= first)
        })
    }

    /// The files that a step of a walk looks at, by path: all of them, unless it is the last. What is not wanted is not shown, and
    /// still leads to what is.
    pub(super) fn of_step(
        &self,
        world: &World<'_>,
        files: impl IntoIterator<Item = FileId>,
        is_last: bool,
    ) -> Result<VecDeque<FileId>, StoreError> {
        by_path(world, files, |row| !is_last || self.admits(&row.path, row.language))
    }

    fn admits_path(&self, path: &[u8]) -> bool {
        let is_below = |dir: &[u8]| {
            let rest = path.strip_prefix(dir);
            dir.is_empty() || rest.is_some_and(|rest| matches!(rest, [] | [b'/', ..]))
        };
        self.paths.iter().any(|dir| is_below(dir) && self.selector.admits(path, dir))
            && self.globs.as_ref().is_none_or(|globs| globs.is_match(OsStr::from_bytes(path)))
    }
}

fn by_path(
    world: &World<'_>,
    files: impl IntoIterator<Item = FileId>,
    is_wanted: impl Fn(&FileRow) -> bool,
) -> Result<VecDeque<FileId>, StoreError> {
    let mut by_path = Vec::new();
    for id in files {
        by_path.extend(world.row(id)?.filter(|row| is_wanted(row)).map(|row| (row, id)));
    }
    by_path.sort_unstable_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    Ok(by_path.into_iter().map(|(_, id)| id).collect())
}

/// A path as the index writes it.
fn below_root(path: &[u8]) -> Result<Vec<u8>, QueryError> {
    let relative = Some(Path::new(OsStr::from_bytes(path))).filter(|path| path.is_relative());
    relative.and_then(|path| below(Path::new(""), path)).ok_or_else(|| {
        let path = String::from_utf8_lossy(path);
        QueryError::Argument(format!("the path {path:?} leads out of the project; name it relative to the root"))
    })
}

/// Compiles globs over relative paths, of which one that ends in a plain name means what is below a directory of that name too.
fn globs_and_below(globs: &[String]) -> Result<GlobSet, QueryError> {
    let is_glob = |name: &str| name.contains(['*', '?', '[', '{']);
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(compiled(glob, "")?);
        let bare = glob.trim_end_matches('/');
        if matches!(bare, "" | ".") {
            set.add(compiled("**", "")?);
        } else if !is_glob(bare.rsplit('/').next().unwrap_or(bare)) {
            set.add(compiled(glob, "/**")?);
        }
    }
    built(&set)
}

/// Compiles globs over relative paths. As in ignore files, one without a slash matches at any depth.
pub(super) fn compile_globs(globs: &[String]) -> Result<GlobSet, QueryError> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(compiled(glob, "")?);
    }
    built(&set)
}

/// A glob with something behind it.
fn compiled(glob: &str, behind: &str) -> Result<Glob, QueryError> {
    let bare = glob.trim_end_matches('/');
    let anywhere = if bare.contains('/') { "" } else { "**/" };
    let plain = if behind.is_empty() { glob } else { bare };
    let plain = plain.strip_prefix("./").unwrap_or(plain).trim_start_matches('/');
    let text = format!("{anywhere}{plain}{behind}");
    GlobBuilder::new(&text).literal_separator(true).build().map_err(|e| bad_glob(glob, e.kind()))
}

fn built(set: &GlobSetBuilder) -> Result<GlobSet, QueryError> {
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
        assert!(admits(&[".github/*.yml"], &[], ".github/ci.yml"));
    }

    #[test]
    fn a_directory_stands_for_what_is_below_it() {
        for glob in ["src", "src/", "./src", "/src", "a/src/", "{lib,src}/a", ".", "./", "*/src", ".config"] {
            let path = match glob {
                "a/src/" | "*/src" => "a/src/deep/lib.rs",
                ".config" => "x/.config/lib.rs",
                _ => "src/a/lib.rs",
            };
            assert!(admits(&[glob], &[], path), "{glob}");
            assert_eq!(admits(&[glob], &[], "other/lib.rs"), matches!(glob, "." | "./"), "{glob}");
        }
        assert!(admits(&["deep"], &[], "src/deep/lib.rs"));
        assert!(!admits(&["src/*"], &[], "src/a/lib.rs"));
        assert!(!admits(&["/deep"], &[], "src/deep/lib.rs"));
    }

    #[test]
    fn paths_are_whole_components() {
        assert!(admits(&[], &["src/"], "src/lib.rs"));
        assert!(admits(&[], &["src/lib.rs"], "src/lib.rs"));
        assert!(!admits(&[], &["src"], "src2/lib.rs"));
        assert!(admits(&[], &["."], "src2/lib.rs"));
        assert!(admits(&[], &["./src//a/."], "src/a/lib.rs"));
        assert!(admits(&[], &["doc/../src"], "src/lib.rs"));
        assert!(!admits(&[], &["doc/../src"], "doc/lib.rs"));
        assert!(admits(&[], &["doc", ""], "src/lib.rs"));
    }

    #[test]
    fn a_path_out_of_the_project_is_a_sentence() {
        for path in ["/etc", "..", "src/../../etc"] {
            let options = Options { paths: vec![path.into()], ..Options::default() };
            let error = Filter::new(&options).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(path) && error.contains("relative to the root"), "{path}: {error}");
        }
    }

    #[test]
    fn a_bad_glob_is_a_sentence() {
        let options = Options { globs: vec!["a[".into()], ..Options::default() };
        let error = Filter::new(&options).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.starts_with("the glob \"a[\" does not parse: "), "{error}");
    }
}
