//! What the path of a file, the kind of a definition and the module around it say of how likely they answer a question, whatever the
//! question is.

use std::ops::Range;

use crate::kinds::SymbolKind;
use crate::resolve::{FileFacts, World};
use crate::settings::Settings;
use crate::store::StoreError;

use super::place::lines_of;

/// Words of a path that say what is below is no place where something is done: it tests it, shows it, or was made elsewhere.
const LESS: &[(&str, f32)] = &[
    ("test", 0.55),
    ("tests", 0.55),
    ("testing", 0.8),
    ("testdata", 0.3),
    ("spec", 0.6),
    ("specs", 0.6),
    ("__tests__", 0.55),
    ("fixtures", 0.4),
    ("mocks", 0.5),
    ("example", 0.6),
    ("examples", 0.6),
    ("samples", 0.6),
    ("demo", 0.6),
    ("bench", 0.6),
    ("benches", 0.6),
    ("benchmarks", 0.6),
    ("vendor", 0.5),
    ("vendored", 0.5),
    ("third_party", 0.5),
    ("thirdparty", 0.5),
    ("deps", 0.5),
    ("external", 0.6),
    ("node_modules", 0.3),
    ("dist", 0.4),
    ("generated", 0.5),
    ("locale", 0.3),
    ("changelog", 0.4),
    ("news", 0.5),
    ("releases", 0.4),
];
/// Words of paths of tests.
const TESTS: &[&str] = &["test", "tests", "testing", "spec", "specs", "__tests__"];
/// The same of the names of files, as what they begin or end with.
const STARTS: &[(&str, f32)] =
    &[("test_", 0.55), ("tests_", 0.55), ("changelog", 0.4), ("conftest", 0.55), ("license", 0.2)];
const ENDS: &[(&str, f32)] = &[
    ("_test", 0.55),
    ("_tests", 0.55),
    (".test", 0.55),
    (".spec", 0.55),
    ("_spec", 0.6),
    ("tests", 0.6),
    ("test", 0.6),
    (".min", 0.2),
    (".pb", 0.5),
    ("_pb2", 0.5),
    (".generated", 0.5),
];
/// Ends of paths of which little is done there: data, prose, types and declarations of what is defined elsewhere.
const ELSEWHERE: &[(&[&str], f32)] = &[
    (&[".json", ".lock", ".svg", ".csv", ".po", ".pot", ".map", ".sum", ".xml", ".snap", ".txt.gz", ".ipynb"], 0.4),
    (&[".txt", ".md", ".rst", ".adoc", ".html", ".htm", ".d.ts"], 0.5),
    (&[".h", ".hh", ".hpp", ".hxx", ".pyi"], 0.7),
];

/// Whether a path is that of a test.
pub(in crate::query) fn is_test(path: &[u8]) -> bool {
    let path = String::from_utf8_lossy(path).to_lowercase();
    let (directories, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_word = |word: &str| TESTS.contains(&word);
    directories.split('/').any(is_word) || is_word(stem) || stem.split(['_', '.', '-']).any(is_word)
}

/// Factor for what stands in tests within a file.
pub(super) const IN_TESTS: f32 = 0.55;

/// The outermost modules of tests within a file, as lines from 0. A file of tests has none: its path says what it is.
pub(super) fn tests_within(world: &World<'_>, facts: &FileFacts) -> Result<Vec<Range<usize>>, StoreError> {
    let mut tests: Vec<Range<usize>> = Vec::new();
    if is_test(facts.path().as_bytes()) {
        return Ok(tests);
    }
    for definition in &facts.definitions {
        let is_module = matches!(definition.kind, SymbolKind::Module | SymbolKind::Namespace);
        let lines = lines_of(definition);
        // A definition comes behind the one around it.
        let is_within = tests.last().is_some_and(|last| last.contains(&lines.start));
        if is_module && !is_within {
            let name = world.text(facts, definition.name)?;
            if TESTS.iter().any(|test| name.eq_ignore_ascii_case(test)) {
                tests.push(lines);
            }
        }
    }
    Ok(tests)
}

/// What a file is worth of which its project says that a program wrote it.
const GENERATED: f32 = 0.5;

/// Ends of the names of files that a program wrote.
const MADE: [&str; 4] = [".pb", "_pb2", ".generated", ".min"];

/// Whether a program wrote a file, as far as its path or its project says so.
pub(in crate::query) fn is_generated(path: &[u8], settings: &Settings) -> bool {
    let lower = String::from_utf8_lossy(path).to_lowercase();
    let (directories, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let by_path = directories.split('/').chain([stem]).any(|word| word == "generated");
    by_path || MADE.iter().any(|end| stem.ends_with(end)) || settings.is_generated(path)
}

/// A factor of at most 1. `is_generated` = the project says that a program wrote the file.
pub(in crate::query) fn of_path(path: &[u8], is_generated: bool) -> f32 {
    let path = String::from_utf8_lossy(path).to_lowercase();
    let (directories, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let of_word =
        |word: &str| LESS.iter().filter(|(less, _)| *less == word).map(|(_, factor)| *factor).fold(1.0, f32::min);
    let in_directories = directories.split('/').map(of_word).fold(1.0, f32::min);
    let starts =
        STARTS.iter().filter(|(start, _)| stem.starts_with(start)).map(|(_, factor)| *factor).fold(1.0, f32::min);
    let ends = ENDS.iter().filter(|(end, _)| stem.ends_with(end)).map(|(_, factor)| *factor).fold(1.0, f32::min);
    let of_kind = ELSEWHERE.iter().filter(|(ends, _)| ends.iter().any(|end| name.ends_with(end)));
    let of_kind = of_kind.map(|(_, factor)| *factor).fold(1.0, f32::min);
    let as_generated = if is_generated { GENERATED } else { 1.0 };
    in_directories.min(of_word(stem)).min(starts).min(ends).min(as_generated) * of_kind
}

/// A factor of at most 1: what holds data says less than what does something with it.
pub(super) fn of_kind(kind: SymbolKind) -> f32 {
    match kind {
        SymbolKind::Variable
        | SymbolKind::Constant
        | SymbolKind::Field
        | SymbolKind::Property
        | SymbolKind::Variant
        | SymbolKind::Element => 0.6,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_wrote_is_known_by_its_path_too() {
        let settings = Settings::default();
        let is = |path: &str| is_generated(path.as_bytes(), &settings);
        for path in ["generated/a.rs", "src/Generated/b/a.rs", "a.pb.go", "a_pb2.py", "x/a.generated.cs", "lib.min.js"]
        {
            assert!(is(path), "{path}");
        }
        for path in ["src/generate.rs", "a.rs", "pb.go", "src/regenerated/a.rs"] {
            assert!(!is(path), "{path}");
        }
    }

    #[test]
    fn tests_and_data_come_after_what_they_are_about() {
        for (less, more) in [
            ("tests/sessions.py", "sessions.py"),
            ("src/session_test.go", "src/session.go"),
            ("web/app.min.js", "web/app.js"),
            ("a/locale/de/x.po", "a/x.py"),
            ("src/LoginTest.java", "src/Login.java"),
            ("docs/sessions.md", "docs/sessions.py"),
            ("include/git2/stash.h", "src/stash.c"),
        ] {
            assert!(of_path(less.as_bytes(), false) < of_path(more.as_bytes(), false), "{less}");
            assert!(of_path(more.as_bytes(), true) < of_path(more.as_bytes(), false), "{more}");
        }
        assert_eq!(of_path(b"src/contest.rs", false), of_path(b"src/latest.rs", false));
        assert!(of_path(b"\xff", false) > 0.0);
    }
}
