//! What changed: the answer equals the difference of two indexes made from nothing, whatever happened between.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vigie_core::changes::ChangeKind;
use vigie_core::extract::extract;
use vigie_core::extract::lane::{Extraction, Extractors, InProcess, Lane, LaneError, Task};
use vigie_core::facts::{Outline, PackedFacts};
use vigie_core::index::{self, Budget, Environment, JobControl, JobSpec, Surroundings};
use vigie_core::kinds::{Language, SymbolKind};
use vigie_core::query::{
    self, ChangedRow, Kept, OldFile, Options, Query, QueryError, Report, Rows, Since, compare_contents,
};
use vigie_core::source::SourceRoot;
use vigie_core::store::ProjectStore;

use crate::support::{Project, Random, Watcher, refresh, rows, run};

/// The text of each file.
type Files = BTreeMap<String, String>;

fn all(store: &ProjectStore, query: Box<dyn Query>) -> (Vec<ChangedRow>, Report) {
    let changes = |rows| match rows {
        Rows::Changed(rows) => rows,
        other => panic!("not changes: {other:?}"),
    };
    rows(store, query, changes)
}

fn since(store: &ProjectStore, generation: u64) -> Vec<ChangedRow> {
    let query = query::changed_since(store, generation, &[], Options::default()).expect("it makes sense");
    all(store, query).0
}

fn from(store: &ProjectStore, before: &Files, now: &Files) -> Vec<ChangedRow> {
    let paths: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let kept = |path: &String| before.get(path).map_or(Kept::Absent, |text| Kept::Bytes(text.clone().into_bytes()));
    let files = paths.into_iter().map(|path| OldFile { path: path.clone().into_bytes(), kept: kept(path) }).collect();
    let root = SourceRoot::open(store.root()).expect("the root");
    let mut lane = InProcess.lane().expect("a lane");
    let compared = compare_contents(&root, files, lane.as_mut()).expect("it extracts");
    let query = query::changed_from(compared, &[], Options::default()).expect("it makes sense");
    all(store, query).0
}

/// A change in a few words.
fn tell(row: &ChangedRow) -> String {
    let kind = row.kind.map_or("file", SymbolKind::name);
    format!("{:?} {} {kind} {}", row.change, String::from_utf8_lossy(&row.path), row.qualified)
}

fn told(rows: &[ChangedRow]) -> Vec<String> {
    let mut told: Vec<String> = rows.iter().map(tell).collect();
    told.sort();
    told
}

fn definitions(path: &str, text: &str) -> Option<Outline> {
    let language = match path.rsplit('.').next() {
        Some("rs") => Language::Rust,
        Some("py") => Language::Python,
        _ => return None,
    };
    (!text.contains('\0')).then(|| {
        PackedFacts::check(&extract(language, text.as_bytes()).pack()).and_then(|facts| facts.defined()).expect("facts")
    })
}

/// What a source of [`source`] has outside of its definitions; nothing of a file of which nobody knows what that is.
fn outside<'t>(path: &str, text: &'t str) -> Vec<&'t str> {
    let is_outside = |line: &&str| line.starts_with("use ") || line.starts_with("import ");
    if path.ends_with(".txt") { Vec::new() } else { text.lines().filter(is_outside).collect() }
}

/// Signatures and hashes.
type Texts = Vec<(String, u32)>;

/// What changed, from the texts alone.
fn difference(before: &Files, now: &Files) -> Vec<String> {
    let mut told = Vec::new();
    let paths: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    for path in paths {
        let (old, new) = (before.get(path), now.get(path));
        if old == new {
            continue;
        }
        let outline = |text: Option<&String>| text.and_then(|text| definitions(path, text)).unwrap_or_default();
        let (was, is) = (outline(old), outline(new));
        let is_other_outside = old.zip(new).is_some_and(|(old, new)| outside(path, old) != outside(path, new));
        let of_file = told.len();
        let mut names: BTreeMap<(String, &str), [Texts; 2]> = BTreeMap::new();
        for (side, all) in [was.definitions, is.definitions].into_iter().enumerate() {
            for it in all {
                names.entry((it.qualified, it.kind.name())).or_default()[side].push((it.signature, it.text_hash));
            }
        }
        for ((name, kind), [mut old, mut new]) in names {
            let mut tell = |change: &str, times: usize| {
                (0..times).for_each(|_| told.push(format!("{change} {path} {kind} {name}")));
            };
            take_alike(&mut old, &mut new, |a, b| a == b);
            tell("Body", take_alike(&mut old, &mut new, |a, b| a.0 == b.0));
            let signatures = old.len().min(new.len());
            tell("Signature", signatures);
            tell("Removed", old.len() - signatures);
            tell("Added", new.len() - signatures);
        }
        if told.len() == of_file || is_other_outside {
            let change = match (old, new) {
                (None, _) => "Added",
                (_, None) => "Removed",
                _ => "Body",
            };
            told.push(format!("{change} {path} file "));
        }
    }
    told.sort();
    told
}

/// Takes out pairs that are alike; how many there were.
fn take_alike<T>(old: &mut Vec<T>, new: &mut Vec<T>, alike: impl Fn(&T, &T) -> bool) -> usize {
    let before = old.len();
    old.retain(|a| match new.iter().position(|b| alike(a, b)) {
        Some(place) => {
            new.remove(place);
            false
        }
        None => true,
    });
    before - old.len()
}

/// A file of a language, of which there are three; few names and texts, so that they come again.
fn source(random: &mut Random, language: usize) -> String {
    let mut text = String::new();
    for _ in 0..random.below(5) {
        let (a, b, c) = (random.below(6), random.below(3), random.below(3));
        text += &match language {
            0 if c == 0 => format!("use crate_{a}::name_{b};\n"),
            1 if c == 0 => format!("import module_{a}\n"),
            0 => format!("pub fn name_{a}(of: T{b}) {{ call_{c}(); }}\n"),
            1 => format!(
                "class Name{a}(Base{b}):\n    \"\"\"About {c}.\"\"\"\n\n    def run(self):\n        return {}\n",
                random.below(3)
            ),
            _ => format!("name {a} and {b}\n"),
        };
    }
    text
}

/// A few edits of a tree; the paths that they touched.
fn edit(project: &Project, files: &mut Files, random: &mut Random) -> BTreeSet<Vec<u8>> {
    let mut touched = BTreeSet::new();
    for _ in 0..=random.below(6) {
        let language = random.below(3);
        let path = format!("d{}/f{}.{}", random.below(2), random.below(3), ["rs", "py", "txt"][language]);
        touched.insert(path.clone().into_bytes());
        if files.contains_key(&path) && random.below(4) == 0 {
            project.remove(&path);
            files.remove(&path);
            continue;
        }
        let text = match files.get(&path) {
            Some(text) if random.below(3) == 0 => format!("\n{text}"),
            _ => source(random, language),
        };
        project.write(&path, &text);
        files.insert(path, text);
    }
    touched
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// By turns a walk finds what changed, and a caller says it; from every moment on, and from every old content.
    #[test]
    fn p8_changes_are_the_difference_of_two_clean_extractions(seed in 1..u64::MAX, rounds in 1..8_u64) {
        let project = Project::new();
        let store = project.open("store");
        let (mut random, mut files) = (Random(seed), Files::new());
        edit(&project, &mut files, &mut random);
        run(&store, 1, &Watcher::default());
        let mut moments = vec![(store.summary().generation, files.clone())];
        for round in 0..rounds {
            let touched = edit(&project, &mut files, &mut random);
            if round % 2 == 0 {
                refresh(&store, &touched);
            } else {
                run(&store, round + 2, &Watcher::default());
            }
            moments.push((store.summary().generation, files.clone()));
        }
        store.settle().expect("merges end");
        for (generation, before) in &moments {
            let expected = difference(before, &files);
            prop_assert_eq!(told(&since(&store, *generation)), expected.clone(), "since {}", generation);
            prop_assert_eq!(told(&from(&store, before, &files)), expected, "from what was there at {}", generation);
        }
        store.close().expect("it closes");
    }
}

#[test]
fn text_outside_of_definitions_is_told_beside_them() {
    let project = Project::new();
    let store = harbour(&project);
    let generation = store.summary().generation;
    let quay = |above: &str, below: &str| {
        let crane = "class Crane:\n    def lift(self, load):\n        return load\n";
        project.write("quay.py", format!("{above}\n\n{crane}{below}\n\ndef moor(ship):\n    return 1\n"));
    };
    let pause = "\n    # Waits.\n    def pause(self):\n        pass\n";
    let moor = "Body quay.py function moor";
    for (job, (above, below, expected)) in (2..).zip([
        ("", "", vec![moor]),
        ("", pause, vec!["Added quay.py method Crane.pause", moor]),
        ("import os", "", vec!["Body quay.py file ", moor]),
        ("import os", pause, vec!["Added quay.py method Crane.pause", "Body quay.py file ", moor]),
        ("", "\n\nmoor(1)\n", vec!["Body quay.py file ", moor]),
    ]) {
        quay(above, below);
        run(&store, job, &Watcher::default());
        assert_eq!(told(&since(&store, generation)), expected, "{above:?} {below:?}");
    }
    store.close().expect("it closes");
}

#[test]
fn what_is_not_read_is_told_by_its_size_and_time() {
    let project = Project::new();
    let store = harbour(&project);
    let generation = store.summary().generation;
    let data = project.root.join("data.bin");
    let written = std::fs::metadata(&data).and_then(|data| data.modified()).expect("it is there");
    let touch = |seconds| {
        let data = std::fs::File::options().append(true).open(&data).expect("it is there");
        data.set_modified(written + std::time::Duration::from_secs(seconds)).expect("it is ours");
    };
    touch(9);
    run(&store, 2, &Watcher::default());
    assert_eq!(told(&since(&store, generation)), ["Body data.bin file "]);
    touch(0);
    run(&store, 3, &Watcher::default());
    assert!(since(&store, generation).is_empty(), "what was there before");
    project.write("quay.py", "\0");
    run(&store, 4, &Watcher::default());
    let rows = since(&store, generation);
    assert_eq!(told(&rows), ["NotCompared quay.py file "]);
    assert_eq!(rows[0].reason, "it is, or was, too large or binary");
    store.close().expect("it closes");
}

/// A project with one file of each sort, indexed.
fn harbour(project: &Project) -> ProjectStore {
    project.write(
        "quay.py",
        "class Crane:\n    def lift(self, load):\n        return load\n\n\ndef moor(ship):\n    pass\n",
    );
    project.write("sea.rs", "pub fn tide() -> u32 { 1 }\n");
    project.write("notes.txt", "calm\n");
    project.write("data.bin", b"\0one");
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    store
}

#[test]
fn each_change_says_what_it_is_of() {
    let project = Project::new();
    let store = harbour(&project);
    let generation = store.summary().generation;
    assert!(since(&store, generation).is_empty());
    project.write(
        "quay.py",
        "# The quay.\nclass Crane:\n    def lift(self, load):\n        return load + 1\n\n\ndef moor(ship, berth):\n    pass\n",
    );
    project.write("sea.rs", "// Nothing else.\n\npub fn tide() -> u32 { 1 }\n");
    project.write("new/isle.py", "def land():\n    pass\n");
    project.write("empty.py", "");
    project.write("notes.txt", "storm\n");
    project.write("data.bin", b"\0another");
    run(&store, 2, &Watcher::default());
    let rows = since(&store, generation);
    assert_eq!(
        rows.iter().map(tell).collect::<Vec<_>>(),
        [
            "Body data.bin file ",
            "Added empty.py file ",
            "Added new/isle.py function land",
            "Body notes.txt file ",
            "Body quay.py class Crane",
            "Body quay.py method Crane.lift",
            "Signature quay.py function moor",
            "Body sea.rs file ",
        ]
    );
    let moor = rows.iter().find(|row| row.name == "moor").expect("it changed");
    assert_eq!((moor.signature.as_str(), moor.old_signature.as_str()), ("def moor(ship, berth)", "def moor(ship)"));
    assert_eq!((moor.position.line, moor.position.column, moor.name.as_str()), (7, 5, "moor"));
    // Somebody writes on.
    project.write("quay.py", "");
    assert!(since(&store, generation).iter().any(|row| row.path == b"quay.py" && row.since == Since::Changed));
    project.remove("quay.py");
    assert!(since(&store, generation).iter().any(|row| row.path == b"quay.py" && row.since == Since::Gone));
    run(&store, 3, &Watcher::default());
    let gone = since(&store, generation).into_iter().find(|row| row.qualified == "moor").expect("it was there");
    assert_eq!((gone.change, gone.position.line, gone.since), (ChangeKind::Removed, 6, Since::Unchanged));
    store.close().expect("it closes");
}

#[test]
fn what_was_undone_is_no_change() {
    let project = Project::new();
    let store = harbour(&project);
    let generation = store.summary().generation;
    let quay = std::fs::read(project.root.join("quay.py")).expect("it is there");
    project.write("quay.py", "");
    project.write("notes.txt", "storm\n");
    project.write("brief.py", "def brief(): pass\n");
    run(&store, 2, &Watcher::default());
    assert_eq!(since(&store, generation).len(), 5);
    let between = store.summary().generation;
    project.write("quay.py", quay);
    project.write("notes.txt", "calm\n");
    project.remove("brief.py");
    run(&store, 3, &Watcher::default());
    assert!(since(&store, generation).is_empty());
    assert_eq!(since(&store, between).len(), 5, "there and back are two ways");
    // To look again, or to parse again, changes nothing.
    let before = store.summary().generation;
    let control = JobControl::new(Budget::default(), 0);
    crate::support::run_with(&store, &JobSpec { job: 4, force: true }, &control, &Watcher::default());
    assert!(store.summary().generation > before && since(&store, before).is_empty());
    store.close().expect("it closes");
}

#[test]
fn a_generation_that_cannot_be_asked_about_is_a_sentence() {
    let project = Project::new();
    project.write("a.py", "def a(): pass\n");
    let store = project.open("store");
    let asked = |generation| {
        let mut query =
            query::changed_since(&store, generation, &[], Options::default()).expect("it is no nonsense yet");
        match query.page(&store, 1000) {
            Err(QueryError::Argument(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    };
    assert!(asked(0).contains("from the end of its first whole index on"), "{}", asked(0));
    run(&store, 1, &Watcher::default());
    let begins = store.summary().generation;
    assert!(
        begins > 0 && asked(0).ends_with(&format!("the oldest that can be asked about is {begins}")),
        "{}",
        asked(0)
    );
    assert!(asked(begins + 1).ends_with(&format!("it is at generation {begins}")), "{}", asked(begins + 1));
    assert!(asked(u64::MAX).contains("there is no generation"), "{}", asked(u64::MAX));
    drop(store.close());
    // It is the same when the store is opened again.
    let store = project.open("store");
    assert!(since(&store, begins).is_empty());
    drop(store.close());
}

#[test]
fn the_log_is_bounded_and_says_where_it_begins() {
    let project = Project::new();
    let many = |text: &str| (0..9000).for_each(|number| project.write(&format!("f{number}.txt"), text));
    many("one");
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let begins = store.summary().generation;
    for (job, text) in (2..).zip(["two", "three", "four"]) {
        many(text);
        run(&store, job, &Watcher::default());
    }
    let mut query = query::changed_since(&store, begins, &[], Options::default()).expect("it makes sense");
    let Err(QueryError::Argument(sentence)) = query.page(&store, 1000) else {
        panic!("27000 files are more than are kept")
    };
    let oldest: u64 = sentence.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number");
    assert!(begins < oldest && oldest < store.summary().generation, "{sentence}");
    let rows = since(&store, oldest);
    assert_eq!(rows.iter().map(|row| &row.path).collect::<BTreeSet<_>>().len(), rows.len(), "each file once");
    assert_eq!(rows.len(), 9000);
    drop(store.close());
}

#[test]
fn filters_limit_and_cursor() {
    let project = Project::new();
    let store = harbour(&project);
    let generation = store.summary().generation;
    project.write("quay.py", "");
    project.write("sea.rs", "pub fn tide() -> u64 { 1 }\n");
    run(&store, 2, &Watcher::default());
    let ask = |kinds: &[SymbolKind], options: Options| {
        all(&store, query::changed_since(&store, generation, kinds, options).expect("it makes sense"))
    };
    let names = |rows: &[ChangedRow]| rows.iter().map(|row| row.qualified.clone()).collect::<Vec<_>>();
    assert_eq!(names(&ask(&[], Options::default()).0), ["Crane", "Crane.lift", "moor", "tide"]);
    assert_eq!(names(&ask(&[SymbolKind::Function], Options::default()).0), ["moor", "tide"]);
    let rust = Options { languages: vec![Language::Rust], ..Options::default() };
    assert_eq!(names(&ask(&[], rust.clone()).0), ["tide"]);
    let (rows, report) = ask(&[SymbolKind::Class], rust);
    assert!(rows.is_empty());
    assert_eq!(
        report.notes,
        ["kind class and language rust leave nothing of what changed since generation ".to_owned()
            + &generation.to_string()]
    );
    let below = Options { paths: vec![b"sea.rs".to_vec()], ..Options::default() };
    assert_eq!(names(&ask(&[], below).0), ["tide"]);
    let (first, report) = ask(&[], Options { limit: Some(2), ..Options::default() });
    assert!(report.truncated && names(&first) == ["Crane", "Crane.lift"]);
    let (rest, report) = ask(&[], Options { limit: Some(2), cursor: report.cursor, ..Options::default() });
    assert_eq!(names(&rest), ["moor", "tide"]);
    assert!(!report.truncated);
    drop(store.close());
}

/// A grammar that fails on some files.
struct Failing;

struct FailingLane(Vec<Task>);

impl Extractors for Failing {
    fn lane(&self) -> Result<Box<dyn Lane + '_>, LaneError> {
        Ok(Box::new(FailingLane(Vec::new())))
    }
}

impl Lane for FailingLane {
    fn send(&mut self, task: Task) -> Result<(), LaneError> {
        self.0.push(task);
        Ok(())
    }

    fn receive(&mut self) -> Result<Extraction, LaneError> {
        let task = self.0.remove(0);
        if task.source.starts_with(b"# crash") {
            return Ok(Extraction::Failed("it crashed".into()));
        }
        let mut lane = InProcess.lane()?;
        lane.send(task)?;
        lane.receive()
    }
}

#[test]
fn what_cannot_be_parsed_or_is_not_handed_over_is_told() {
    let project = Project::new();
    let store = harbour(&project);
    project.write("crash.py", "def now(): pass\n");
    project.write("large.py", "def large(): pass\n");
    let root = SourceRoot::open(store.root()).expect("the root");
    let file = |path: &str, kept: Kept| OldFile { path: path.into(), kept };
    let files = vec![
        file("large.py", Kept::Withheld("it is too large to be sent".into())),
        file("crash.py", Kept::Bytes(b"# crash\ndef then(): pass\n".to_vec())),
        file("lines.py", Kept::Absent),
        file("gone.txt", Kept::Bytes(b"\0".to_vec())),
        file("../outside.py", Kept::Absent),
    ];
    let mut lane = Failing.lane().expect("a lane");
    let compared = compare_contents(&root, files, lane.as_mut()).expect("one file stops nothing");
    let (rows, _) = all(&store, query::changed_from(compared, &[], Options::default()).expect("it makes sense"));
    let told: Vec<String> = rows.iter().map(|row| format!("{}: {}", tell(row), row.reason)).collect();
    assert_eq!(
        told,
        [
            "NotCompared crash.py file : it crashed",
            "Removed gone.txt file : ",
            "NotCompared large.py file : it is too large to be sent",
        ]
    );
    // In the index it is the same: of a file that a grammar failed on, nothing is made up.
    let generation = store.summary().generation;
    project.write("quay.py", "# crash\n");
    let (control, watcher) = (JobControl::new(Budget::default(), 0), Watcher::default());
    let around = Surroundings { root: store.root(), control: &control, observer: &watcher, global_excludes: None };
    let collected = index::collect(&around).expect("the tree is walked");
    let environment = Environment { around, store: &store, extractors: &Failing, lanes: 1, cache: None };
    index::run(&JobSpec { job: 2, force: false }, &environment, collected).expect("the job runs");
    let quay: Vec<ChangedRow> = since(&store, generation).into_iter().filter(|row| row.path == b"quay.py").collect();
    assert_eq!(quay.iter().map(tell).collect::<Vec<_>>(), ["NotCompared quay.py file "]);
    assert!(quay[0].reason.contains("it crashed"), "{}", quay[0].reason);
    drop(store.close());
}
