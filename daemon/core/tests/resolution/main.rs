//! What names mean across files, language by language: small projects in which the names that are asked about stand between `«` and
//! `»`. Each rule of resolution has a case, and so has what must not resolve.

mod c;
mod cpp;
mod csharp;
mod dart;
mod go;
mod java;
mod javascript;
mod kotlin;
mod lua;
mod php;
mod python;
mod ruby;
mod rust;
mod scala;
mod shell;
mod swift;
mod typescript;

use std::fmt::Write as _;
use std::fs;

use expect_test::Expect;
use vigie_core::extract::lane::InProcess;
use vigie_core::index::{
    self, Budget, ChangedFile, Environment, FileOutcome, JobControl, JobSpec, Observer, Surroundings,
};
use vigie_core::kinds::{Confidence, Stage};
use vigie_core::query::{self, CallRequest, HierarchyRequest, ImportRequest, Options, Query, Rows, TargetRequest};
use vigie_core::store::ProjectStore;

/// What each marked name of a project means: `path:line name → kind qualified-name path:line, … by confidence`.
///
/// A project is its files, each behind a line `--- path`.
fn check(project: &str, expected: Expect) {
    let (project, marks) = Project::new(project);
    let mut out = String::new();
    for (path, line, column, name) in marks {
        let target = format!("{path}:{line}:{column}");
        let _ = writeln!(out, "{path}:{line} {name} → {}", meaning(&project.store, target));
    }
    project.store.close().expect("it closes");
    expected.assert_eq(&out);
}

/// Who imports a file of a project: `path:line module name`.
fn check_importers(project: &str, file: &str, expected: Expect) {
    let (project, _) = Project::new(project);
    let request = ImportRequest { file: file.into(), importers: true };
    let mut query = query::imports(&project.store, request, Options::default()).expect("the file is there");
    let Rows::Imports(rows) = query.page(&project.store, 1 << 20).expect("a page").rows else { panic!("not imports") };
    let mut out = String::new();
    for row in rows {
        let path = String::from_utf8_lossy(&row.path);
        let _ = writeln!(out, "{path}:{} {} {}", row.position.line, row.module, row.name);
    }
    project.store.close().expect("it closes");
    expected.assert_eq(&out);
}

/// What a file imports: `line module name → files`.
fn check_imports(project: &str, file: &str, expected: Expect) {
    let (project, _) = Project::new(project);
    let request = ImportRequest { file: file.into(), importers: false };
    let mut query = query::imports(&project.store, request, Options::default()).expect("the file is there");
    let Rows::Imports(rows) = query.page(&project.store, 1 << 20).expect("a page").rows else { panic!("not imports") };
    let mut out = String::new();
    for row in rows {
        let files: Vec<_> = row.meaning.targets.iter().map(|target| String::from_utf8_lossy(&target.path)).collect();
        let _ = writeln!(out, "{} {} {} → {}", row.position.line, row.module, row.name, files.join(", "));
    }
    project.store.close().expect("it closes");
    expected.assert_eq(&out);
}

/// What inherits from something, and what by name or place: `path:line derived < base → …`.
fn check_derived(project: &str, targets: &[&str], expected: Expect) {
    let (project, _) = Project::new(project);
    let mut out = String::new();
    for target in targets {
        let target = TargetRequest { target: (*target).to_owned(), kinds: Vec::new() };
        let _ = writeln!(out, "{}", target.target);
        let request = HierarchyRequest { target, bases: false, derived: true, depth: 2 };
        let mut query = query::hierarchy(&project.store, request, Options::default()).expect("it can be asked");
        let Rows::Hierarchy(rows) = query.page(&project.store, 1 << 20).expect("a page").rows else { panic!("others") };
        for row in rows {
            let path = String::from_utf8_lossy(&row.derived.path);
            let (derived, line) = (&row.derived.qualified, row.derived.position.line);
            let base = row.base.targets.first().map(|base| String::from_utf8_lossy(&base.path).into_owned());
            let base = if row.base.external { "outside".to_owned() } else { base.unwrap_or_default() };
            let _ = writeln!(out, "  {path}:{line} {derived} < {} → {base}", row.name);
        }
        query.report().notes.iter().for_each(|note| out += &format!("  {note}\n"));
    }
    project.store.close().expect("it closes");
    expected.assert_eq(&out);
}

/// Who calls something, or what it calls: `path:line from name → …`.
fn check_calls(project: &str, target: &str, callers: bool, expected: Expect) {
    let (project, _) = Project::new(project);
    let target = TargetRequest { target: target.to_owned(), kinds: Vec::new() };
    let request = CallRequest { target, callers, depth: 1, only_certain: false };
    let mut query = query::calls(&project.store, request, Options::default()).expect("it can be asked");
    let Rows::Calls(rows) = query.page(&project.store, 1 << 20).expect("a page").rows else { panic!("others") };
    let mut out = String::new();
    for row in rows {
        let (path, line) = (String::from_utf8_lossy(&row.path), row.position.line);
        let from = row.from.map(|from| from.qualified).unwrap_or_default();
        let to: Vec<_> = row.to.targets.iter().map(|to| to.qualified.as_str()).collect();
        let by = if row.to.external { "outside" } else { row.to.confidence.map_or("", |by| by.name()) };
        let _ = writeln!(out, "{path}:{line} {from} {} → {} {by}", row.name, to.join(", "));
    }
    query.report().notes.iter().for_each(|note| out += &format!("{note}\n"));
    project.store.close().expect("it closes");
    expected.assert_eq(&out);
}

/// What asking for a name by itself finds, for each of these.
fn check_named(project: &str, names: &[&str], expected: Expect) {
    let (project, _) = Project::new(project);
    let mut out = String::new();
    for name in names {
        let _ = writeln!(out, "{name} → {}", meaning(&project.store, (*name).to_owned()));
    }
    project.store.close().expect("it closes");
    expected.assert_eq(&out);
}

/// An indexed project. Its directory goes with it.
struct Project {
    store: ProjectStore,
    _directory: tempfile::TempDir,
}

/// A marked name: its file, line, column and text.
type Mark = (String, usize, usize, String);

impl Project {
    fn new(project: &str) -> (Project, Vec<Mark>) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let base = directory.path().canonicalize().expect("its canonical path");
        let root = base.join("tree");
        let mut marks = Vec::new();
        for part in project.split("--- ").skip(1) {
            let (path, source) = part.split_once('\n').expect("a file has lines");
            let (plain, names) = without_marks(source);
            marks.extend(names.into_iter().map(|(line, column, name)| (path.to_owned(), line, column, name)));
            let file = root.join(path);
            fs::create_dir_all(file.parent().expect("a parent")).expect("its directory");
            fs::write(file, plain).expect("the file");
        }
        let (store, _) = ProjectStore::open(&base.join("store"), &root).expect("the store opens");
        run(&store);
        (Project { store, _directory: directory }, marks)
    }
}

/// The text without its marks, and line, column and text of what they stand around.
fn without_marks(source: &str) -> (String, Vec<(usize, usize, String)>) {
    let (mut plain, mut marks) = (String::new(), Vec::new());
    for (number, line) in source.lines().enumerate() {
        for (index, part) in line.split(['«', '»']).enumerate() {
            if index % 2 == 1 {
                let column = plain.rsplit('\n').next().unwrap_or_default().len() + 1;
                marks.push((number + 1, column, part.to_owned()));
            }
            plain.push_str(part);
        }
        plain.push('\n');
    }
    (plain, marks)
}

struct Silent;

impl Observer for Silent {
    fn stage(&self, _: Stage, _: &str) {}
    fn file(&self, outcome: &FileOutcome<'_>) {
        assert_eq!(outcome.reason, "", "{}", String::from_utf8_lossy(outcome.path));
    }
    fn committed(&self, _: u64, _: &[ChangedFile]) {}
}

fn run(store: &ProjectStore) {
    let control = JobControl::new(Budget::default(), 0);
    let around = Surroundings { root: store.root(), control: &control, observer: &Silent, global_excludes: None };
    let collected = index::collect(&around).expect("the tree is walked");
    let environment = Environment { around, store, extractors: &InProcess, lanes: 1, cache: None };
    index::run(&JobSpec { job: 1, force: false }, &environment, collected).expect("the job runs");
}

fn meaning(store: &ProjectStore, target: String) -> String {
    let request = TargetRequest { target: target.clone(), kinds: Vec::new() };
    let mut query: Box<dyn Query> =
        query::definitions(store, request, Options::default()).expect("the target is a place");
    let page = query.page(store, 1 << 20).unwrap_or_else(|error| panic!("{target}: {error}"));
    let Rows::Symbols(rows) = page.rows else { panic!("not symbols") };
    let targets: Vec<String> = rows
        .iter()
        .map(|row| {
            let path = String::from_utf8_lossy(&row.path);
            format!("{} {} {path}:{}", row.kind.name(), row.qualified, row.position.line)
        })
        .collect();
    match rows.first().and_then(|row| row.confidence) {
        None => {
            let outside = query.report().notes.iter().any(|note| note.ends_with("comes from outside of the index"));
            let found = if targets.is_empty() { "nothing".into() } else { targets.join(", ") };
            if outside { format!("{found}, from outside") } else { found }
        }
        Some(Confidence::Ambiguous) => format!("any of {}", targets.join(", ")),
        Some(confidence) => format!("{} by {}", targets.join(", "), confidence.name()),
    }
}
