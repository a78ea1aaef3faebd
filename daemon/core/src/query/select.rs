//! Which files a question is about, in ripgrep's terms: its types and its globs, with its rules for which of them counts.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use ignore::overrides::{Override, OverrideBuilder};
use ignore::types::{FileTypeDef, Types, TypesBuilder};
use ignore::{Error, Match};

use super::QueryError;
use super::glob::bad_glob;
use super::nothing;

/// Names that are offered for one that does not exist.
const NEAR_MAX: usize = 6;
/// Bytes of a name that something is near to: looking for it takes time by the square.
const NAME_BYTES_MAX: usize = 64;

/// Files as ripgrep's `-t`, `-T` and `-g` choose them.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only files of these types; empty = all.
    pub types: Vec<String>,
    /// No files of these types.
    pub types_not: Vec<String>,
    /// Globs as in ignore files, of which the last that matches decides: a file is wanted, or with `!` before the glob it is not.
    /// If any has no `!`, a file that none matches is not wanted.
    pub globs: Vec<String>,
    /// The absolute directory that `globs` are relative to; empty = the root.
    pub globs_dir: Vec<u8>,
}

/// A selection, compiled.
pub(super) struct Selector {
    types: Types,
    globs: Override,
    root: PathBuf,
    /// What was selected, in words.
    given: Vec<String>,
    /// The first of the globs that is the plain name of a file or a directory.
    plain: Option<String>,
}

impl Selector {
    /// A selector of everything.
    pub(super) fn all() -> Selector {
        Selector {
            types: Types::empty(),
            globs: Override::empty(),
            root: PathBuf::new(),
            given: Vec::new(),
            plain: None,
        }
    }

    /// `root` is the absolute directory that the files' paths are relative to.
    pub(super) fn new(selection: &Selection, root: &Path) -> Result<Selector, QueryError> {
        let globs_dir = Path::new(OsStr::from_bytes(&selection.globs_dir));
        let globs_dir = if selection.globs_dir.is_empty() { root } else { globs_dir };
        if !globs_dir.is_absolute() {
            let sentence = format!("the globs' directory {} is not an absolute path", globs_dir.display());
            return Err(QueryError::Argument(sentence));
        }
        let (types, globs) = (types(selection)?, globs(&selection.globs, globs_dir)?);
        let given = [
            nothing::filter("type", &selection.types),
            nothing::filter("type not", &selection.types_not),
            nothing::filter("glob", &selection.globs),
        ];
        let plain = selection.globs.iter().find(|glob| !glob.contains(['*', '?', '[', '{', '!'])).cloned();
        let given = given.into_iter().flatten().collect();
        Ok(Selector { types, globs, root: root.to_path_buf(), given, plain })
    }

    /// A glob that is the plain name of a file or a directory.
    pub(super) fn plain_name(&self) -> Option<&str> {
        self.plain.as_deref()
    }

    /// What was selected, each filter with its values.
    pub(super) fn given(&self) -> Vec<String> {
        self.given.clone()
    }

    /// Whether the walk that ripgrep begins at `start` comes to a file at or below it. What it begins at it takes in any case.
    pub(super) fn admits(&self, path: &[u8], start: &[u8]) -> bool {
        path == start || self.is_way_open(path, start) && self.admits_file(path)
    }

    /// A glob may leave out any directory between.
    fn is_way_open(&self, path: &[u8], start: &[u8]) -> bool {
        let mut between = memchr::memchr_iter(b'/', path).filter(|end| *end > start.len());
        self.globs.is_empty() || between.all(|end| !self.by_globs(&path[..end], true).is_ignore())
    }

    /// Where the globs say something about a file, its type does not matter.
    fn admits_file(&self, path: &[u8]) -> bool {
        match self.by_globs(path, false) {
            Match::Whitelist(()) => true,
            Match::Ignore(()) => false,
            Match::None => !self.types.matched(OsStr::from_bytes(path), false).is_ignore(),
        }
    }

    fn by_globs(&self, path: &[u8], is_dir: bool) -> Match<()> {
        if self.globs.is_empty() {
            return Match::None;
        }
        self.globs.matched(self.root.join(OsStr::from_bytes(path)), is_dir).map(|_| ())
    }
}

fn globs(globs: &[String], dir: &Path) -> Result<Override, QueryError> {
    let mut builder = OverrideBuilder::new(dir);
    for glob in globs {
        builder.add(glob).map_err(|e| not_parsed(glob, e))?;
    }
    builder.build().map_err(|e| QueryError::Argument(format!("the globs cannot be used together: {e}")))
}

fn not_parsed(glob: &str, error: Error) -> QueryError {
    match error {
        Error::Glob { err, .. } => bad_glob(glob, err),
        other => bad_glob(glob, other),
    }
}

fn types(selection: &Selection) -> Result<Types, QueryError> {
    if selection.types.is_empty() && selection.types_not.is_empty() {
        return Ok(Types::empty());
    }
    let mut builder = TypesBuilder::new();
    builder.add_defaults();
    for name in &selection.types {
        builder.select(name);
    }
    for name in &selection.types_not {
        builder.negate(name);
    }
    builder.build().map_err(|e| match e {
        Error::UnrecognizedFileType(name) => QueryError::Argument(unknown_type(&name, &builder.definitions())),
        other => QueryError::Argument(format!("the file types cannot be used together: {other}")),
    })
}

fn unknown_type(name: &str, known: &[FileTypeDef]) -> String {
    let near = near(name, known.iter().map(FileTypeDef::name));
    if near.is_empty() {
        let names: Vec<&str> = known.iter().map(FileTypeDef::name).collect();
        return format!("there is no file type {name:?}; there are {}", names.join(", "));
    }
    format!("there is no file type {name:?}; near it are {} (the type \"?\" lists all)", near.join(", "))
}

/// The names that may have been meant, the likeliest first.
fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if name.len() > NAME_BYTES_MAX {
        return Vec::new();
    }
    let name = name.to_lowercase();
    let may_be_meant = |candidate: &&str| {
        let (short, long) = if candidate.len() < name.len() { (*candidate, &*name) } else { (&*name, *candidate) };
        distance(&name, candidate) <= name.len() / 3 || short.len() > 1 && long.starts_with(short)
    };
    let mut near: Vec<&str> = known.filter(may_be_meant).collect();
    near.sort_by_key(|candidate| distance(&name, candidate));
    near.truncate(NEAR_MAX);
    near
}

/// Letters to add, drop or change on the way from one word to another (Levenshtein 1966).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (at, other) in to.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[at + 1];
            row[at + 1] = change.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn selector(types: &[&str], types_not: &[&str], globs: &[&str]) -> Result<Selector, QueryError> {
        let (types, types_not, globs) = (strings(types), strings(types_not), strings(globs));
        Selector::new(&Selection { types, types_not, globs, globs_dir: Vec::new() }, Path::new("/p"))
    }

    fn admitted(selector: &Selector, start: &str) -> String {
        let paths = ["README.md", "src/lib.rs", "src/a/deep.rs", "src/tool.py", "target/out.rs"];
        let below = paths.iter().filter(|path| path.starts_with(start));
        let kept = below.filter(|path| selector.admits(path.as_bytes(), start.as_bytes()));
        kept.copied().collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(types: &[&str], types_not: &[&str], globs: &[&str], expected: &str) {
        let selector = selector(types, types_not, globs).unwrap();
        assert_eq!(admitted(&selector, ""), expected, "-t {types:?} -T {types_not:?} -g {globs:?}");
    }

    #[test]
    fn types_are_ripgreps() {
        check(&["rust"], &[], &[], "src/lib.rs src/a/deep.rs target/out.rs");
        check(&["rust", "py"], &[], &[], "src/lib.rs src/a/deep.rs src/tool.py target/out.rs");
        check(&[], &["rust", "py"], &[], "README.md");
        check(&["rust"], &["rust"], &[], "");
        check(&["all"], &["markdown"], &[], "src/lib.rs src/a/deep.rs src/tool.py target/out.rs");
    }

    #[test]
    fn the_last_glob_that_matches_decides() {
        check(&[], &[], &["*.rs"], "src/lib.rs src/a/deep.rs target/out.rs");
        check(&[], &[], &["*.rs", "!lib.rs"], "src/a/deep.rs target/out.rs");
        check(&[], &[], &["!lib.rs", "*.rs"], "src/lib.rs src/a/deep.rs target/out.rs");
        check(&[], &[], &["!src"], "README.md target/out.rs");
        check(&[], &[], &["!src", "deep.rs"], "");
        check(&[], &[], &["/src/*.rs"], "src/lib.rs");
        check(&[], &[], &["src"], "");
        check(&[], &[], &["src/**"], "src/lib.rs src/a/deep.rs src/tool.py");
        check(&["py"], &[], &["*.md"], "README.md");
        check(&["py"], &[], &["!*.md"], "src/tool.py");
    }

    #[test]
    fn a_search_takes_what_it_begins_at() {
        let selector = selector(&["py"], &[], &["!src", "!lib.rs"]).unwrap();
        assert_eq!(admitted(&selector, ""), "");
        assert_eq!(admitted(&selector, "src"), "src/tool.py");
        assert_eq!(admitted(&selector, "src/lib.rs"), "src/lib.rs");
    }

    #[test]
    fn globs_are_relative_to_their_directory() {
        let selector = |dir: &str| {
            let globs = strings(&["/lib.rs", "!/p/README.md", "a/*"]);
            let selection = Selection { globs, globs_dir: dir.into(), ..Selection::default() };
            Selector::new(&selection, Path::new("/p"))
        };
        assert_eq!(admitted(&selector("/p/src").unwrap(), ""), "src/lib.rs src/a/deep.rs");
        assert_eq!(admitted(&selector("").unwrap(), ""), "");
        assert!(matches!(selector("src"), Err(QueryError::Argument(_))));
    }

    #[test]
    fn what_does_not_exist_is_a_sentence() {
        let sentence = |types: &[&str], globs: &[&str]| selector(types, &[], globs).err().unwrap().to_string();
        assert!(sentence(&["pyton"], &[]).starts_with(r#"there is no file type "pyton"; near it are "#));
        assert!(sentence(&["golang"], &[]).contains("go"), "{}", sentence(&["golang"], &[]));
        assert!(sentence(&["?"], &[]).contains("rust, "), "{}", sentence(&["?"], &[]));
        assert_eq!(
            sentence(&[], &["x[a"]),
            r#"the glob "x[a" does not parse: unclosed character class; missing ']' (column 2)"#
        );
        assert!(sentence(&[], &["{a"]).contains("unclosed alternate group"));
    }

    #[test]
    fn near_names() {
        let known = ["c", "cpp", "go", "kotlin", "markdown", "md", "py", "python", "rust"];
        let near = |name: &str| near(name, known.into_iter());
        assert_eq!(near("pyton"), ["python", "py"]);
        assert_eq!(near("Rust"), ["rust"]);
        assert_eq!(near("mark"), ["markdown"]);
        assert_eq!(near("golang"), ["go"]);
        assert!(near("klingon").is_empty() && near("?").is_empty() && near(&"go".repeat(1000)).is_empty());
    }
}
