//! Text search through the whole engine, on generated trees: lines, lines around them, counts and files are those that ripgrep's own
//! crates find when they walk and read the tree themselves.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use grep_matcher::Matcher as _;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkMatch};
use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use ignore::types::TypesBuilder;
use proptest::prelude::*;
use vigie_core::query::{self, Options, Rows, Selection, TextRequest};
use vigie_core::store::ProjectStore;
use vigie_core::text::{Count, Pattern};

use crate::support::{Project, Watcher, rows, run};

/// A line that is shown: its path, number, whether it matches, and its text.
type Shown = (Vec<u8>, u64, bool, Vec<u8>);

/// A file with its number of lines, and of matches.
type Counted = (Vec<u8>, u64, u64);

fn ask(store: &ProjectStore, request: &TextRequest, options: Options) -> (Vec<Shown>, query::Report) {
    let shown = |rows| match rows {
        Rows::Text(rows) => rows
            .into_iter()
            .map(|row| {
                assert_eq!((row.column == 0, row.spans.is_empty()), (row.context, row.context), "{row:?}");
                (row.path, row.line, !row.context, row.text)
            })
            .collect(),
        other => panic!("not text: {other:?}"),
    };
    rows(store, query::text(store, request, options).expect("the request makes sense"), shown)
}

fn count(store: &ProjectStore, request: &TextRequest, count: Count, options: Options) -> (Vec<Counted>, query::Report) {
    let counted = |rows| match rows {
        Rows::FileMatches(rows) => rows.into_iter().map(|row| (row.path, row.lines, row.matches)).collect(),
        other => panic!("not files: {other:?}"),
    };
    rows(store, query::file_matches(store, request, count, options).expect("the request makes sense"), counted)
}

/// What ripgrep makes of one file.
#[derive(Default)]
struct Expected {
    lines: Vec<(u64, bool, Vec<u8>)>,
    matches: u64,
    is_binary: bool,
}

struct Collector<'a>(&'a RegexMatcher, Expected);

impl Sink for Collector<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let text = found.bytes().strip_suffix(b"\n").unwrap_or(found.bytes());
        let is_last = text.len() == found.bytes().len();
        let each = |found: grep_matcher::Match| {
            self.1.matches += u64::from(!(is_last && found.is_empty() && found.start() == text.len()));
            true
        };
        self.0.find_iter(text, each).expect("the matcher does not fail");
        self.1.lines.push((found.line_number().expect("lines are counted"), true, text.to_vec()));
        Ok(true)
    }

    fn context(&mut self, _: &Searcher, found: &SinkContext<'_>) -> io::Result<bool> {
        let text = found.bytes().strip_suffix(b"\n").unwrap_or(found.bytes());
        self.1.lines.push((found.line_number().expect("lines are counted"), false, text.to_vec()));
        Ok(true)
    }

    fn binary_data(&mut self, _: &Searcher, _: u64) -> io::Result<bool> {
        self.1.is_binary = true;
        Ok(true)
    }
}

fn matcher(pattern: &Pattern) -> Option<RegexMatcher> {
    let texts: Vec<&String> = std::iter::once(&pattern.text).chain(&pattern.alternatives).collect();
    let mut builder = RegexMatcherBuilder::new();
    builder.multi_line(true).line_terminator(Some(b'\n')).ban_byte(Some(0)).fixed_strings(pattern.fixed);
    builder.case_insensitive(pattern.ignore_case).case_smart(pattern.smart_case);
    builder.word(pattern.word).whole_line(pattern.line).build_many(&texts).ok()
}

/// The files that ripgrep walks. A glob can bring back what the ignore rules leave out, which no index holds.
fn walked(root: &Path, selection: &Selection) -> BTreeSet<Vec<u8>> {
    let plain = walk(root, &Selection::default());
    walk(root, selection).intersection(&plain).cloned().collect()
}

fn walk(root: &Path, selection: &Selection) -> BTreeSet<Vec<u8>> {
    let mut globs = OverrideBuilder::new(root);
    let control = ["!.git", "!.hg", "!.svn", "!.jj"];
    for glob in control.into_iter().chain(selection.globs.iter().map(String::as_str)) {
        globs.add(glob).expect("the glob parses");
    }
    let mut types = TypesBuilder::new();
    types.add_defaults();
    for name in &selection.types {
        types.select(name);
    }
    for name in &selection.types_not {
        types.negate(name);
    }
    let mut walk = WalkBuilder::new(root);
    walk.hidden(false).require_git(false).git_global(false).parents(false);
    walk.overrides(globs.build().expect("the globs parse")).types(types.build().expect("the types exist"));
    let files = walk.build().map(|entry| entry.expect("the tree is readable"));
    let files = files.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    files.map(|entry| entry.path().strip_prefix(root).expect("it lies below").as_os_str().as_bytes().to_vec()).collect()
}

fn expected(root: &Path, path: &[u8], request: &TextRequest, matcher: &RegexMatcher) -> Expected {
    let mut searcher = SearcherBuilder::new()
        .binary_detection(BinaryDetection::quit(0))
        .before_context(request.before as usize)
        .after_context(request.after as usize)
        .build();
    let mut collector = Collector(matcher, Expected::default());
    let file = std::fs::File::open(root.join(std::ffi::OsStr::from_bytes(path))).expect("the file is there");
    searcher.search_reader(matcher, file, &mut collector).expect("the file is readable");
    collector.1
}

fn check(store: &ProjectStore, request: &TextRequest, limit: u64) {
    let Some(matcher) = matcher(&request.pattern) else {
        return assert!(query::text(store, request, Options::default()).is_err(), "ripgrep refuses {request:?}");
    };
    let (mut lines, mut files, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for path in walked(store.root(), &request.selection) {
        let found = expected(store.root(), &path, request, &matcher);
        if !found.lines.is_empty() {
            files.push((path.clone(), 1, 0));
            let matching = found.lines.iter().filter(|(_, matches, _)| *matches).count() as u64;
            counts.extend((!found.is_binary).then(|| (path.clone(), matching, found.matches)));
        }
        lines.extend(found.lines.into_iter().map(|(line, matches, text)| (path.clone(), line, matches, text)));
    }
    let (shown, report) = ask(store, request, Options::default());
    assert_eq!(shown, lines, "{request:?}");
    assert_eq!(report.rows, lines.iter().filter(|line| line.2).count() as u64, "{request:?}");
    assert_eq!(count(store, request, Count::Nothing, Options::default()).0, files, "{request:?}");
    assert_eq!(count(store, request, Count::Matches, Options::default()).0, counts, "{request:?}");
    counts.iter_mut().for_each(|row| row.2 = 0);
    assert_eq!(count(store, request, Count::Lines, Options::default()).0, counts, "{request:?}");

    let ask_lines = |options| {
        let (rows, report) = ask(store, request, options);
        assert!(ends_behind_a_match(&rows, request.after), "{request:?} ends with {:?}", rows.last());
        (rows, report)
    };
    let matching = |rows: &[Shown]| rows.iter().filter(|row| row.2).count();
    assert_eq!(in_parts(limit, ask_lines, matching), lines, "{request:?} in parts of {limit}");
    let ask_counts = |options| count(store, request, Count::Lines, options);
    assert_eq!(in_parts(limit, ask_counts, <[Counted]>::len), counts, "{request:?} in parts of {limit}");
}

/// Whether no line is shown for the sake of a match that is not.
fn ends_behind_a_match(rows: &[Shown], after: u32) -> bool {
    let (last, matching) = (rows.last(), rows.iter().rfind(|row| row.2));
    last.zip(matching).is_none_or(|(last, matching)| last.0 == matching.0 && last.1 - matching.1 <= u64::from(after))
}

/// Asks for so many rows, and again from where that answer was cut, to the end.
fn in_parts<T>(
    limit: u64,
    mut ask: impl FnMut(Options) -> (Vec<T>, query::Report),
    counted: impl Fn(&[T]) -> usize,
) -> Vec<T> {
    let (mut all, mut cursor) = (Vec::new(), Vec::new());
    loop {
        let (rows, report) = ask(Options { limit: Some(limit), cursor, ..Options::default() });
        let count = counted(&rows) as u64;
        assert_eq!((report.rows, report.truncated), (count, count == limit && report.truncated));
        all.extend(rows);
        if !report.truncated {
            return all;
        }
        cursor = report.cursor;
    }
}

const PATHS: [&str; 12] = [
    "README.md",
    "Makefile",
    "src/lib.rs",
    "src/a/deep.rs",
    "src/a/tool.py",
    "src-old/lib.rs",
    ".hidden/conf.toml",
    "target/out.rs",
    "keep.log",
    "drop.log",
    "doc/src/page.md",
    "x.c",
];

const GLOBS: [&str; 12] = [
    "*.rs",
    "!*.rs",
    "!src",
    "src/**",
    "/src/*",
    "**/a/*",
    "!**/deep.*",
    "*.{md,py}",
    "!/doc",
    "lib.rs",
    "target/**",
    "[!x]*",
];

const TYPES: [&str; 7] = ["rust", "py", "markdown", "make", "c", "toml", "all"];

/// Few words, so that patterns and lines meet.
fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "foo",
        "Foo",
        "bar",
        "foobar",
        "a",
        "K",
        "\u{212A}",
        "stra\u{DF}e",
        "_",
        "-",
        " ",
        ".",
        "(x)",
    ])
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => word().prop_map(|word| word.as_bytes().to_vec()),
        4 => Just(b"\n".to_vec()),
        1 => prop::sample::select(vec![&b"\r\n"[..], b"\xff", b"\n\n\n\n\n", b"\0"]).prop_map(<[u8]>::to_vec),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => word().prop_map(String::from),
        2 => prop::sample::select(vec![".", r"\w+", r"\s", "[a-k]", "^", "$", r"\b", "(foo|bar)", "o*", ".*", "(?i)k"])
            .prop_map(String::from),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let flags = [0.2, 0.3, 0.3, 0.2, 0.1].map(prop::bool::weighted);
    let alternatives = prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(text(), 1..3)];
    (text(), alternatives, flags).prop_map(|(text, alternatives, flags)| {
        let [fixed, ignore_case, smart_case, word, line] = flags;
        Pattern { text, alternatives, fixed, ignore_case, smart_case, word, line }
    })
}

fn some_of(names: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    let name = prop::sample::select(names).prop_map(String::from);
    prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(name, 1..=most)]
}

fn request() -> impl Strategy<Value = TextRequest> {
    let selection = (some_of(&TYPES, 2), some_of(&TYPES, 2), some_of(&GLOBS, 4))
        .prop_map(|(types, types_not, globs)| Selection { types, types_not, globs, globs_dir: Vec::new() });
    let around = prop_oneof![Just((0, 0)), (0..4_u32, 0..4_u32)];
    (pattern(), selection, around).prop_map(|(pattern, selection, (before, after))| TextRequest {
        pattern,
        selection,
        before,
        after,
        ..TextRequest::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_engine_finds_what_ripgrep_finds(
        files in prop::collection::vec(file(), PATHS.len()),
        requests in prop::collection::vec((request(), 1..6_u64), 32),
    ) {
        let project = Project::new();
        PATHS.iter().zip(files).for_each(|(path, bytes)| project.write(path, bytes));
        project.write(".gitignore", "target/\n*.log\n!keep.log\n");
        let store = project.open("store");
        run(&store, 1, &Watcher::default());
        for (request, limit) in requests {
            check(&store, &request, limit);
        }
        store.close().expect("it closes");
    }
}

#[test]
fn a_search_goes_where_it_is_sent() {
    let project = Project::new();
    PATHS.iter().for_each(|path| project.write(path, "foo\n"));
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let files = |paths: &[&str], globs: &[&str]| {
        let globs = globs.iter().map(|glob| (*glob).to_owned()).collect();
        let selection = Selection { globs, types: vec!["rust".into()], ..Selection::default() };
        let pattern = Pattern { text: "foo".into(), ..Pattern::default() };
        let request = TextRequest { pattern, selection, ..TextRequest::default() };
        let paths = paths.iter().map(|path| path.as_bytes().to_vec()).collect();
        let (found, _) = count(&store, &request, Count::Nothing, Options { paths, ..Options::default() });
        found.into_iter().map(|(path, ..)| String::from_utf8_lossy(&path).into_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(files(&["src"], &[]), "src/a/deep.rs src/lib.rs");
    assert_eq!(files(&["src", "x.c"], &[]), "src/a/deep.rs src/lib.rs x.c", "a file that is named is searched");
    assert_eq!(files(&["src", "./doc/"], &["!src", "!page.md"]), "src/a/deep.rs src/lib.rs");
    assert_eq!(files(&[], &["!src"]), "src-old/lib.rs target/out.rs");
    store.close().expect("it closes");
}
