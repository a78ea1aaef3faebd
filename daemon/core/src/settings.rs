//! What a project says of itself in `.vigie.toml` at its root: which of its files count, and as what. A repository is not trusted, so
//! it may only ever narrow what would be done without it; and a team shares the file across versions, so nothing in it is an error:
//! what is wrong is a warning, and what is right holds.

pub mod document;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde_json::json;

use crate::fnv::{FNV_OFFSET, fnv};
use crate::kinds::Language;
use crate::language;
use crate::source::{STRUCTURE_BYTES_MAX, Source, SourceRoot, TEXT_BYTES_MAX};

use self::document::{Glob, Key, Other, Problem, Shape, Value, bytes, cut, nearest};

/// The file, at the root of a project.
pub const SETTINGS_FILE: &str = ".vigie.toml";

/// Largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;
/// Most globs of a list, and most entries of the table of languages: each costs time for each file.
const GLOBS_MAX: usize = 256;
/// Most warnings told.
const WARNINGS_MAX: usize = 20;
/// What stands in the table of languages for none.
const NO_LANGUAGE: &str = "text";

/// Every key of the file.
pub static KEYS: [Key; 5] = [
    Key {
        name: "ignore",
        shape: Shape::Globs,
        default: "[]",
        help: "Files and directories that are no part of the project, besides those that `.gitignore`, `.ignore`, `.rgignore` and \
               your own ignore file name, and in the syntax of `.gitignore`. What another file ignores stays ignored.",
    },
    Key {
        name: "generated",
        shape: Shape::Globs,
        default: "[]",
        help: "Files that a program wrote, in the syntax of `.gitignore`. They are indexed and found like all others, and come after \
               them in `vigie search` and `vigie map`, and after what is as sure in `vigie context` and `vigie impact`.",
    },
    Key {
        name: "languages",
        shape: Shape::Languages,
        default: "{}",
        help: "The language of files that their name does not tell, or tells wrongly: a glob and the name of a language, or \
               `\"text\"` for none. A word without a dot is an extension or a whole name. A glob with a `/` is relative to the root, \
               one without is about the name of the file. Of several that match the last one counts.",
    },
    Key {
        name: "max_file_bytes",
        shape: Shape::Bytes(TEXT_BYTES_MAX),
        default: "\"16M\"",
        help: "Larger files are left out, and `vigie coverage` says so. It may only be lower than it is without the key.",
    },
    Key {
        name: "max_structure_bytes",
        shape: Shape::Bytes(STRUCTURE_BYTES_MAX),
        default: "\"2M\"",
        help: "Larger files are not parsed: their text and the names in them are found, their definitions are not. It may only be \
               lower than it is without the key.",
    },
];

/// The names of [`KEYS`], for the document of the daemon.
pub const OF_PROJECT: Other = Other {
    file: ".vigie.toml, at the root of a project",
    keys: &["ignore", "generated", "languages", "max_file_bytes", "max_structure_bytes"],
};

/// The names of what the person says of the daemon in `config.toml`, which a project cannot.
pub const OF_DAEMON: Other = Other {
    file: "config.toml, which is yours and about all projects; `vigie config` says where it is",
    keys: &[
        "roots_allowed",
        "max_open_projects",
        "workers",
        "readers",
        "max_memory",
        "store_quota",
        "facts_cache",
        "idle_exit",
        "log_filter",
    ],
};

/// What a project's file says, and what holds where it says nothing.
#[derive(Clone, Debug)]
pub struct Settings {
    ignore: Arc<Gitignore>,
    generated: Gitignore,
    generated_mark: u64,
    languages: Languages,
    text_bytes_max: u64,
    structure_bytes_max: u64,
    warnings: Vec<String>,
    shown: Vec<Shown>,
}

/// A value as people are shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The key.
    pub key: &'static str,
    /// The value in JSON.
    pub value: String,
    /// Its line in the file; `None` = the default.
    pub line: Option<usize>,
}

/// Which files are of another language than their name tells.
#[derive(Clone, Debug, Default)]
struct Languages {
    globs: GlobSet,
    languages: Vec<Option<Language>>,
    mark: u64,
}

impl Default for Settings {
    /// Those of a project without the file.
    fn default() -> Settings {
        Settings {
            ignore: Arc::new(Gitignore::empty()),
            generated: Gitignore::empty(),
            generated_mark: 0,
            languages: Languages::default(),
            text_bytes_max: TEXT_BYTES_MAX,
            structure_bytes_max: STRUCTURE_BYTES_MAX,
            warnings: Vec::new(),
            shown: vec![
                Shown { key: "ignore", value: "[]".to_owned(), line: None },
                Shown { key: "generated", value: "[]".to_owned(), line: None },
                Shown { key: "languages", value: "{}".to_owned(), line: None },
                Shown { key: "max_file_bytes", value: TEXT_BYTES_MAX.to_string(), line: None },
                Shown { key: "max_structure_bytes", value: STRUCTURE_BYTES_MAX.to_string(), line: None },
            ],
        }
    }
}

impl Settings {
    /// Those of a project now; for an answer, which a file that cannot be read for now does not stop.
    pub fn of(root: &SourceRoot) -> Settings {
        Settings::surely_of(root).unwrap_or_else(|error| Settings::unread(&error.to_string()))
    }

    /// Those of a project now, or why nobody knows them. Without the file they are the default ones, for which no descriptor is needed.
    fn surely_of(root: &SourceRoot) -> std::io::Result<Settings> {
        let unread = Settings::unread;
        Ok(match root.read(SETTINGS_FILE.as_bytes(), FILE_BYTES_MAX) {
            Source::Read(bytes, ..) => Settings::parse(&bytes),
            Source::Vanished => Settings::default(),
            Source::Exhausted(_) if root.stat(SETTINGS_FILE.as_bytes()).is_none() => Settings::default(),
            Source::Exhausted(error) => return Err(error),
            Source::TooLarge(_) => unread(&format!("it is larger than {}", bytes(FILE_BYTES_MAX))),
            Source::Special => unread("it is no regular file"),
            Source::Unstable(_) => unread("it changed each time it was read"),
            Source::Unreadable(reason) => unread(&reason),
        })
    }

    fn unread(why: &str) -> Settings {
        Settings { warnings: vec![format!("{SETTINGS_FILE} is not read: {why}")], ..Settings::default() }
    }

    /// Those of a project at that path; the default ones if it cannot be opened.
    pub fn at(root: &Path) -> Settings {
        SourceRoot::open(root).map_or_else(|_| Settings::default(), |root| Settings::of(&root))
    }

    /// The same for whoever builds an index by them: an error if what the project says of itself cannot be known for now.
    pub fn surely_at(root: &Path) -> std::io::Result<Settings> {
        SourceRoot::open(root).and_then(|root| Settings::surely_of(&root))
    }

    /// What a file with these bytes says.
    pub fn parse(bytes: &[u8]) -> Settings {
        let document = document::read(bytes, &KEYS, OF_DAEMON);
        let (mut settings, mut problems) = (Settings::default(), document.problems);
        for entry in document.entries {
            let value = match (entry.key, entry.value) {
                ("ignore", Value::Globs(globs)) => {
                    let (matcher, taken) = gitignore(globs, &mut problems);
                    settings.ignore = Arc::new(matcher);
                    json!(taken)
                }
                ("generated", Value::Globs(globs)) => {
                    let (matcher, taken) = gitignore(globs, &mut problems);
                    settings.generated = matcher;
                    settings.generated_mark = mark(taken.iter().map(String::as_str));
                    json!(taken)
                }
                ("languages", Value::Languages(table)) => {
                    let (languages, taken) = Languages::new(table, &mut problems);
                    settings.languages = languages;
                    taken
                }
                ("max_file_bytes", Value::Number(max)) => {
                    settings.text_bytes_max = max;
                    json!(max)
                }
                ("max_structure_bytes", Value::Number(max)) => {
                    settings.structure_bytes_max = max;
                    json!(max)
                }
                // The table of keys says what each may be.
                _ => continue,
            };
            if let Some(shown) = settings.shown.iter_mut().find(|shown| shown.key == entry.key) {
                (shown.value, shown.line) = (value.to_string(), Some(entry.line));
            }
        }
        settings.warnings = warnings(problems);
        settings
    }

    /// What is wrong with the file, each a sentence with its line.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Every key with its value, in the order of [`KEYS`].
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// What is ignored besides what other files ignore.
    pub(crate) fn ignore(&self) -> &Arc<Gitignore> {
        &self.ignore
    }

    /// Largest file that is searchable as text, in bytes.
    pub(crate) fn text_bytes_max(&self) -> u64 {
        self.text_bytes_max
    }

    /// Largest file that is parsed, in bytes.
    pub(crate) fn structure_bytes_max(&self) -> u64 {
        self.structure_bytes_max
    }

    /// Whether a program wrote the file, relative to the root.
    pub(crate) fn is_generated(&self, path: &[u8]) -> bool {
        let path = Path::new(OsStr::from_bytes(path));
        !path.has_root() && self.generated.matched_path_or_any_parents(path, false).is_ignore()
    }

    /// Tells one list of what is generated from another.
    pub(crate) fn generated_mark(&self) -> u64 {
        self.generated_mark
    }

    /// The language of the file at `path`, relative to the root, which contains `text`.
    pub(crate) fn language(&self, path: &[u8], text: &[u8]) -> Option<Language> {
        self.languages.of(path).unwrap_or_else(|| language::detect(path, text))
    }

    /// Whether a file is of that language whatever is in it.
    pub(crate) fn is_surely(&self, path: &[u8], language: Option<Language>) -> bool {
        match self.languages.of(path) {
            Some(told) => told == language,
            None => language::by_name(path).is_some_and(|by_name| Some(by_name) == language),
        }
    }

    /// Tells one table of languages from another; 0 = it is empty.
    pub(crate) fn languages_mark(&self) -> u64 {
        self.languages.mark
    }
}

impl Languages {
    /// What a table means, and that of it which does, in JSON.
    fn new(table: Vec<(Glob, String)>, problems: &mut Vec<Problem>) -> (Languages, serde_json::Value) {
        let mut builder = GlobSetBuilder::new();
        let (mut languages, mut taken) = (Vec::new(), Vec::new());
        for (glob, name) in table {
            let mut problem = |text| problems.push(Problem { line: glob.line, text });
            if taken.len() == GLOBS_MAX {
                problem(format!("more than {GLOBS_MAX} languages are given; this one and those after it do not count"));
                break;
            }
            let language = match name.as_str() {
                NO_LANGUAGE => None,
                name => match language::named(name) {
                    Some(language) => Some(language),
                    None => {
                        let names = Language::ALL.iter().map(|language| language.name()).chain([NO_LANGUAGE]);
                        let nearest = nearest(name, names).unwrap_or_default();
                        problem(format!("there is no language `{}`; the nearest is `{nearest}`", cut(name)));
                        continue;
                    }
                },
            };
            match GlobBuilder::new(&whole_glob(&glob.text)).literal_separator(true).build() {
                Ok(pattern) => {
                    builder.add(pattern);
                    languages.push(language);
                    taken.push((glob, language.map_or(NO_LANGUAGE, Language::name)));
                }
                Err(e) => problem(format!("the glob `{}` does not parse: {}", cut(&glob.text), e.kind())),
            }
        }
        match builder.build() {
            Ok(globs) => {
                let mark = mark(taken.iter().flat_map(|(glob, language)| [glob.text.as_str(), language]));
                let told: serde_json::Map<_, _> =
                    taken.iter().map(|(glob, language)| (glob.text.clone(), json!(language))).collect();
                (Languages { globs, languages, mark }, told.into())
            }
            Err(e) => {
                let line = taken.first().map_or(1, |(glob, _)| glob.line);
                problems.push(Problem { line, text: format!("the globs of languages are too large together: {e}") });
                (Languages::default(), json!({}))
            }
        }
    }

    /// What is told of a file; `None` = nothing is.
    fn of(&self, path: &[u8]) -> Option<Option<Language>> {
        if self.languages.is_empty() {
            return None;
        }
        let last = self.globs.matches(OsStr::from_bytes(path)).into_iter().max()?;
        self.languages.get(last).copied()
    }
}

/// A key of the table of languages as a glob over whole paths: an extension or a name, a glob of names, or one of paths.
fn whole_glob(written: &str) -> String {
    let is_of_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '+' | '-' | '_');
    if written.chars().all(is_of_word) {
        return format!("{{**/*.{written},**/{written}}}");
    }
    match written.strip_prefix('/') {
        Some(path) => path.to_owned(),
        None if written.contains('/') => written.to_owned(),
        None => format!("**/{written}"),
    }
}

/// What globs match as `.gitignore` has it, and those of them that parse.
fn gitignore(globs: Vec<Glob>, problems: &mut Vec<Problem>) -> (Gitignore, Vec<String>) {
    let mut builder = GitignoreBuilder::new("");
    let mut taken = Vec::new();
    let line = globs.first().map_or(1, |glob| glob.line);
    for glob in globs {
        let mut problem = |text| problems.push(Problem { line: glob.line, text });
        if taken.len() == GLOBS_MAX {
            problem(format!("more than {GLOBS_MAX} globs are given; this one and those after it do not count"));
            break;
        }
        match builder.add_line(None, &glob.text) {
            Ok(_) => {
                let takes_back = |glob: &str| glob.starts_with('!');
                if takes_back(&glob.text) && taken.iter().all(|before: &String| takes_back(before)) {
                    problem(format!(
                        "`{}` has no effect: it takes back what a glob before it in this list names, and there is none; what another \
                         file ignores stays ignored",
                        cut(&glob.text)
                    ));
                }
                taken.push(glob.text);
            }
            Err(e) => problem(format!("the glob `{}` does not parse: {}", cut(&glob.text), glob_fault(&e))),
        }
    }
    match builder.build() {
        Ok(matcher) => (matcher, taken),
        Err(e) => {
            problems.push(Problem { line, text: format!("the globs are too large together: {e}") });
            (Gitignore::empty(), Vec::new())
        }
    }
}

fn glob_fault(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}

/// Differs for different lists, and is neither 0, which is that of none, nor above what a signed number holds.
fn mark<'a>(parts: impl Iterator<Item = &'a str>) -> u64 {
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return 0;
    }
    let hash = parts.fold(FNV_OFFSET, |hash, part| fnv(fnv(hash, part.as_bytes()), &[0]));
    (hash | 1) & (u64::MAX >> 1)
}

fn warnings(mut problems: Vec<Problem>) -> Vec<String> {
    problems.sort_by_key(|problem| problem.line);
    let more = problems.len().saturating_sub(WARNINGS_MAX);
    let told = problems.iter().take(WARNINGS_MAX);
    let mut warnings: Vec<_> =
        told.map(|problem| format!("{SETTINGS_FILE}:{}: {}", problem.line, problem.text)).collect();
    if more > 0 {
        warnings.push(format!("{SETTINGS_FILE}: {more} more"));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        let settings = Settings::parse(text.as_bytes());
        assert_eq!(settings.warnings(), [] as [String; 0], "{text}");
        settings
    }

    #[test]
    fn every_key_is_shown_in_its_order() {
        let keys = |shown: &[Shown]| shown.iter().map(|shown| shown.key).collect::<Vec<_>>();
        let all: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(all, OF_PROJECT.keys);
        assert_eq!(keys(Settings::default().shown()), all);
        let text = "max_structure_bytes = 1024\nmax_file_bytes = \"4M\"\nignore = ['*.log']\ngenerated = ['/out/']\n\
                    languages = { inc = 'PHP' }\n";
        let shown = settings(text).shown().to_vec();
        let values: Vec<_> = shown.iter().map(|shown| (shown.value.as_str(), shown.line)).collect();
        let expected = [
            (r#"["*.log"]"#, Some(3)),
            (r#"["/out/"]"#, Some(4)),
            (r#"{"inc":"php"}"#, Some(5)),
            ("4194304", Some(2)),
            ("1024", Some(1)),
        ];
        assert_eq!((keys(&shown), values.as_slice()), (all, expected.as_slice()));
    }

    #[test]
    fn a_glob_that_takes_nothing_back_is_a_warning() {
        let warnings = |text: &str| Settings::parse(text.as_bytes()).warnings().to_vec();
        assert_eq!(warnings("ignore = ['*.log', '!kept.log']\n"), [] as [String; 0]);
        let told = warnings("ignore = [\n'!out/',\n'!lib/', '*.log', '!kept.log']\n");
        assert!(
            told[0].starts_with(".vigie.toml:2: `!out/` has no effect") && told[1].contains(":3: `!lib/`"),
            "{told:?}"
        );
        assert_eq!(told.len(), 2, "{told:?}");
    }

    #[test]
    fn the_defaults_shown_are_those_that_hold() {
        for (key, shown) in KEYS.iter().zip(Settings::default().shown()) {
            let written = settings(&format!("{} = {}\n", key.name, key.default));
            let again = written.shown().iter().find(|shown| shown.key == key.name);
            assert_eq!(again.map(|again| &again.value), Some(&shown.value), "{}", key.name);
        }
    }

    #[test]
    fn languages_go_by_extension_name_and_path() {
        let settings = settings(
            "[languages]\ninc = 'php'\n'*.tpl' = 'text'\nBUILD = 'lua'\n'BUCK.v2' = 'python'\n'/gen/*.h' = 'c++'\n\
             'gen/**/*.x' = 'c'\n'old.inc' = 'c'\n",
        );
        for (path, language) in [
            ("a.inc", Some(Language::Php)),
            ("deep/er/a.inc", Some(Language::Php)),
            ("a/old.inc", Some(Language::C)),
            ("a.tpl", None),
            ("BUILD", Some(Language::Lua)),
            ("deep/BUILD", Some(Language::Lua)),
            ("x.BUILD", Some(Language::Lua)),
            ("a/BUCK.v2", Some(Language::Python)),
            ("gen/a.h", Some(Language::Cpp)),
            ("gen/b/a.h", Some(Language::C)),
            ("gen/b/c/a.x", Some(Language::C)),
            ("a/gen/a.x", None),
            ("a.rs", Some(Language::Rust)),
        ] {
            assert_eq!(settings.language(path.as_bytes(), b""), language, "{path}");
            // What a header is, and a file of an unknown name, only its content tells.
            let is_sure = !["gen/b/a.h", "a/gen/a.x"].contains(&path);
            assert_eq!(settings.is_surely(path.as_bytes(), language), is_sure, "{path}");
        }
        assert!(!settings.is_surely(b"script", None), "its first line may tell");
        assert!(!settings.is_surely(b"a.rs", None) && !settings.is_surely(b"a.tpl", Some(Language::C)));
    }

    #[test]
    fn generated_files_go_by_gitignores_syntax() {
        let settings = settings("generated = ['*.pb.go', '/out/', '!keep.pb.go']\n");
        for (path, is_generated) in [
            ("a/b.pb.go", true),
            ("out/x/y.c", true),
            ("a/out/y.c", false),
            ("a/keep.pb.go", false),
            ("a.go", false),
            ("", false),
            ("/", false),
        ] {
            assert_eq!(settings.is_generated(path.as_bytes()), is_generated, "{path}");
        }
    }

    #[test]
    fn limits_are_only_lowered_and_what_is_wrong_is_told() {
        let settings = Settings::parse(
            b"max_file_bytes = '32M'\nmax_structure_bytes = '1M'\nignroe = []\nignore = ['ok', '{a', 3]\n[languages]\n\
              a = 'phq'\n'[' = 'c'\nb = 'rust'\n",
        );
        assert_eq!((settings.text_bytes_max(), settings.structure_bytes_max()), (TEXT_BYTES_MAX, 1 << 20));
        assert_eq!(settings.shown()[0].value, r#"["ok"]"#);
        assert_eq!(settings.language(b"x.b", b""), Some(Language::Rust));
        let told = settings.warnings();
        for (warning, part) in told.iter().zip([
            ".vigie.toml:1: `max_file_bytes` is too large: it must be a size of at most 16M",
            ".vigie.toml:3: there is no key `ignroe`; the nearest is `ignore`",
            ".vigie.toml:4: `ignore` has a number where a string must be",
            ".vigie.toml:4: the glob `{a` does not parse",
            ".vigie.toml:6: there is no language `phq`; the nearest is `php`",
            ".vigie.toml:7: the glob `[` does not parse",
        ]) {
            assert!(warning.starts_with(part), "{warning}");
        }
        assert_eq!(told.len(), 6, "{told:?}");
    }

    #[test]
    fn there_is_a_bound_for_everything() {
        let globs: Vec<String> = (0..2000).map(|n| format!("'f{n}/**/*.[a-z]'")).collect();
        let settings = Settings::parse(format!("ignore = [{}]\n", globs.join(",\n")).as_bytes());
        assert_eq!(settings.warnings().len(), 1, "{:?}", settings.warnings());
        assert!(settings.warnings()[0].contains("more than 256 globs"));
        let keys: String = (0..100).map(|n| format!("k{n} = 1\n")).collect();
        assert_eq!(Settings::parse(keys.as_bytes()).warnings().len(), WARNINGS_MAX + 1);
    }

    #[test]
    fn marks_tell_tables_apart() {
        let mark = |text: &str| settings(text).languages_mark();
        assert_eq!(mark(""), 0);
        let (one, two) = (mark("languages = { a = 'c' }"), mark("languages = { a = 'php' }"));
        assert!(one != 0 && two != 0 && one != two);
        assert_eq!(one, mark("[languages]\na = 'c'\n"));
    }
}
