//! What questions answer.

use std::os::unix::fs::symlink;

use vigie_core::kinds::Disposition;
use vigie_core::query::{
    self, ImportRequest, NameMode, Options, PathMode, QueryError, Rows, StructureState, SymbolRequest,
};
use vigie_core::text::Pattern;

use crate::support::{Project, Watcher, definitions, real_sources, rows, run, symbols, text};

fn small_project() -> Project {
    let project = Project::new();
    project.write(
        "src/shape.rs",
        "/// A shape.\npub struct Shape { area: f64 }\nimpl Shape {\n    pub fn area(&self) -> f64 { self.area }\n}\n",
    );
    project.write(
        "src/main.py",
        "class Shape:\n    def area(self):\n        return 0\n\ndef main():\n    print(Shape().area())\n",
    );
    project.write("notes.txt", "the Shape of things\nsecond line\n");
    project.write(".gitignore", "ignored.txt\n");
    project.write("ignored.txt", "Shape\n");
    project.write("blob.bin", b"Shape\0Shape");
    project
}

#[test]
fn text_definitions_files_and_coverage_answer() {
    let project = small_project();
    let store = project.open("store");
    let outcome = run(&store, 1, &Watcher::default());
    assert_eq!((outcome.stats.files_seen, outcome.stats.files_indexed, outcome.stats.files_skipped), (5, 4, 1));

    let (lines, report) = text(&store, "Shape of|fn area", Options::default());
    assert_eq!(
        lines,
        ["notes.txt:1:the Shape of things", "src/shape.rs:4:    pub fn area(&self) -> f64 { self.area }"]
    );
    assert_eq!((report.rows, report.truncated, report.generation), (2, false, store.summary().generation));

    let (found, _) = definitions(&store, "Shape", Options::default());
    assert_eq!(found, ["class Shape src/main.py:1:7", "struct Shape src/shape.rs:2:12"]);
    let (found, _) = definitions(&store, "Shape.area", Options::default());
    assert_eq!(
        found,
        [
            "method Shape.area src/main.py:2:9",
            "field Shape.area src/shape.rs:2:20",
            "method Shape.area src/shape.rs:4:12"
        ]
    );
    let (found, _) = definitions(&store, "src/main.py:6:11", Options::default());
    assert_eq!(found, ["class Shape src/main.py:1:7"], "what is used at a place is what its file means by it");

    let (found, _) = definitions(&store, "./src/main.py:2:9", Options::default());
    assert_eq!(found, ["method Shape.area src/main.py:2:9"], "a definition under the cursor is its own answer");

    let fuzzy = SymbolRequest { query: "mn".into(), mode: NameMode::Fuzzy, kinds: Vec::new() };
    assert_eq!(symbols(&store, fuzzy, Options::default()).0, ["function main src/main.py:5:5"]);

    let paths = |rows| match rows {
        Rows::Files(rows) => rows.into_iter().map(|row| String::from_utf8_lossy(&row.path).into_owned()).collect(),
        other => panic!("not files: {other:?}"),
    };
    let query = query::files(&store, "shp", PathMode::Fuzzy, Options::default()).expect("a query");
    assert_eq!(rows(&store, query, paths).0, ["src/shape.rs"]);

    let coverage = |rows| match rows {
        Rows::Coverage(rows) => rows,
        other => panic!("not coverage: {other:?}"),
    };
    let query = query::coverage(&store, 0, &[], Options::default()).expect("a query");
    let (found, _) = rows(&store, query, coverage);
    let dispositions: Vec<_> = found.iter().map(|row| (row.path.as_slice(), row.disposition, row.structure)).collect();
    assert_eq!(
        dispositions,
        [
            (b".gitignore".as_slice(), Disposition::Indexed, StructureState::None),
            (b"blob.bin", Disposition::Binary, StructureState::None),
            (b"notes.txt", Disposition::Indexed, StructureState::None),
            (b"src/main.py", Disposition::Indexed, StructureState::Current),
            (b"src/shape.rs", Disposition::Indexed, StructureState::Current),
        ]
    );
    store.close().expect("it closes");
}

/// Asks again and again for one row, each time from where the last answer was cut.
fn one_by_one(mut ask: impl FnMut(Options) -> (Vec<String>, vigie_core::query::Report)) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), Vec::new());
    for _ in 0..10_000 {
        let (rows, report) = ask(Options { limit: Some(1), cursor, ..Options::default() });
        assert_eq!(rows.len(), 1);
        all.extend(rows);
        if !report.truncated {
            assert_eq!(report.cursor, b"");
            return all;
        }
        cursor = report.cursor;
    }
    panic!("the cursor never comes to an end");
}

#[test]
fn cursors_lead_through_the_whole_answer() {
    let project = small_project();
    project.write("many.txt", "Shape one\nnothing\nShape two\nShape three");
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let whole = text(&store, "Shape", Options::default()).0;
    assert_eq!(whole.len(), 8);
    assert_eq!(one_by_one(|options| text(&store, "Shape", options)), whole);

    let request = || SymbolRequest { query: "a".into(), mode: NameMode::Substring, kinds: Vec::new() };
    let whole = symbols(&store, request(), Options::default()).0;
    assert!(whole.len() > 4, "{whole:?}");
    assert_eq!(one_by_one(|options| symbols(&store, request(), options)), whole);

    let bad = Options { cursor: b"\xff".to_vec(), ..Options::default() };
    let pattern = Pattern { text: "a".into(), ..Pattern::default() };
    assert!(matches!(query::text(&store, &pattern.into(), bad), Err(QueryError::Argument(_))));
    store.close().expect("it closes");
}

#[test]
fn text_shows_files_as_they_are_now() {
    let project = small_project();
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    project.write("notes.txt", "now the second Shape is here\n");
    project.remove("src/main.py");
    let pattern = Pattern { text: "Shape".into(), ..Pattern::default() };
    let query = query::text(&store, &pattern.into(), Options::default()).expect("a query");
    let changed = |rows| match rows {
        Rows::Text(rows) => rows.into_iter().map(|row| (row.path, row.line, row.changed)).collect(),
        other => panic!("not text: {other:?}"),
    };
    let (found, report) = rows(&store, query, changed);
    assert_eq!(
        found,
        [(b"notes.txt".to_vec(), 1, true), (b"src/shape.rs".to_vec(), 2, false), (b"src/shape.rs".to_vec(), 3, false)]
    );
    assert_eq!(report.vanished, 1);
    store.close().expect("it closes");
}

#[test]
fn symbolic_links_lead_nowhere() {
    let project = small_project();
    let outside = tempfile::tempdir().expect("a directory");
    std::fs::write(outside.path().join("secret.txt"), "Shape\n").expect("a file");
    symlink(outside.path().join("secret.txt"), project.root.join("link.txt")).expect("a link");
    symlink(outside.path(), project.root.join("dir")).expect("a link");
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let (lines, _) = text(&store, "Shape", Options::default());
    assert!(lines.iter().all(|line| !line.starts_with("link") && !line.starts_with("dir")), "{lines:?}");
    store.close().expect("it closes");
}

#[test]
fn a_real_crate_is_searchable() {
    let project = Project::new();
    real_sources(&project, "regex-syntax-0.8");
    let store = project.open("store");
    let outcome = run(&store, 1, &Watcher::default());
    assert!(outcome.stats.symbols > 1000 && outcome.stats.references > 10_000, "{:?}", outcome.stats);
    let (found, _) = definitions(&store, "Extractor", Options::default());
    assert!(found.iter().any(|row| row.starts_with("struct Extractor ") && row.contains("literal.rs")), "{found:?}");
    let (lines, _) = text(&store, r"pub fn extract\(", Options::default());
    assert_eq!(lines.len(), 1, "{lines:?}");
    store.close().expect("it closes");
}

#[test]
fn php_includes_are_imports() {
    let project = Project::new();
    project.write("lib/tools.php", "<?php\nfunction help() {}\n");
    project.write("lib/more.php", "<?php\nrequire 'tools.php';\nrequire_once __DIR__ . '/tools.php';\n");
    project.write("index.php", "<?php\ninclude_once('lib/tools.php');\ninclude 'lib/none.php';\ninclude $somewhere;\n");
    project.write("app/page.php", "<?php\nrequire dirname(__FILE__) . '/../lib/tools.php';\nrequire 'lib/more.php';\n");
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let imports = |file: &str, importers: bool| {
        let request = ImportRequest { file: file.into(), importers };
        let query = query::imports(&store, request, Options::default());
        let lines = |rows| match rows {
            Rows::Imports(rows) => rows
                .iter()
                .map(|row| {
                    let targets = row.meaning.targets.iter().map(|target| String::from_utf8_lossy(&target.path));
                    let targets = targets.collect::<Vec<_>>().join(",");
                    let path = String::from_utf8_lossy(&row.path);
                    format!("{path}:{} {} → {targets}", row.position.line, row.module)
                })
                .collect(),
            other => panic!("not imports: {other:?}"),
        };
        rows(&store, query.expect("a query"), lines).0
    };
    assert_eq!(
        imports("index.php", false),
        ["index.php:2 lib/tools.php → lib/tools.php", "index.php:3 lib/none.php → "]
    );
    assert_eq!(
        imports("lib/tools.php", true),
        [
            "app/page.php:2 ./../lib/tools.php → lib/tools.php",
            "index.php:2 lib/tools.php → lib/tools.php",
            "lib/more.php:2 tools.php → lib/tools.php",
            "lib/more.php:3 ./tools.php → lib/tools.php",
        ]
    );
    assert_eq!(imports("lib/more.php", true), ["app/page.php:3 lib/more.php → lib/more.php"]);
}
