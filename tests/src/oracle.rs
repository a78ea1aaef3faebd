//! What ripgrep would answer: the same walk and the same line search, made of ripgrep's own crates and of nothing of ours.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use grep_matcher::Matcher as _;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::sinks::Bytes;
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder};
use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

/// A search as a person types it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Search<'a> {
    /// A regular expression, or a literal with `fixed`.
    pub pattern: &'a str,
    /// `-i`
    pub ignore_case: bool,
    /// `-w`
    pub word: bool,
    /// `-F`
    pub fixed: bool,
}

impl Search<'_> {
    fn matcher(&self) -> RegexMatcher {
        let mut builder = RegexMatcherBuilder::new();
        builder.multi_line(true).case_insensitive(self.ignore_case).word(self.word).fixed_strings(self.fixed);
        builder.line_terminator(Some(b'\n')).build(self.pattern).expect("the test's pattern is valid")
    }
}

/// One matching line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// Relative to the root.
    pub path: Vec<u8>,
    /// From 1.
    pub line: u64,
    /// Byte column of the first match, from 1.
    pub column: u64,
    /// The line without its terminator.
    pub text: Vec<u8>,
}

/// The lines of `rg --no-config --hidden --no-require-git -g '!.git' -g '!.hg' -g '!.svn' -g '!.jj'`, by path and line.
pub fn grep(root: &Path, search: &Search<'_>) -> Vec<Match> {
    let matcher = search.matcher();
    let mut searcher = SearcherBuilder::new().line_number(true).binary_detection(BinaryDetection::quit(0)).build();
    let mut out = Vec::new();
    for entry in walk(root).build().filter_map(Result::ok) {
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            grep_file(root, entry.path(), &matcher, &mut searcher, &mut out);
        }
    }
    out.sort();
    out
}

fn walk(root: &Path) -> WalkBuilder {
    let mut overrides = OverrideBuilder::new(root);
    for name in ["!.git", "!.hg", "!.svn", "!.jj"] {
        overrides.add(name).expect("the glob is valid");
    }
    let mut walk = WalkBuilder::new(root);
    walk.add_custom_ignore_filename(".rgignore")
        .hidden(false)
        .require_git(false)
        .git_global(false)
        .overrides(overrides.build().expect("the globs are valid"));
    walk
}

fn grep_file(root: &Path, path: &Path, matcher: &RegexMatcher, searcher: &mut Searcher, out: &mut Vec<Match>) {
    let relative = path.strip_prefix(root).expect("the walk stays below the root").as_os_str().as_bytes().to_vec();
    let sink = Bytes(|line, bytes| {
        let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let found = matcher.find(text).expect("the matcher does not fail");
        let column = found.map_or(1, |found| found.start() as u64 + 1);
        out.push(Match { path: relative.clone(), line, column, text: text.to_vec() });
        Ok(true)
    });
    // A file that cannot be read has no lines.
    let _unreadable = searcher.search_path(matcher, path, sink);
}
