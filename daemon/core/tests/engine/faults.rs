//! What must hold when something goes wrong: workers that fail or lie, files that turn into something else, an unlucky crash.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use vigie_core::extract::extract;
use vigie_core::extract::lane::{Extraction, Extractors, Lane, LaneError, Task};
use vigie_core::facts::PackedFacts;
use vigie_core::index::{self, Budget, Environment, IndexError, JobControl, JobSpec, Outcome, Stop, Surroundings};
use vigie_core::kinds::{Disposition, Stage};
use vigie_core::query::{self, NameMode, Options, Report, Rows, SymbolRequest, TargetRequest};
use vigie_core::settings::Settings;
use vigie_core::store::ProjectStore;
use vigie_core::store::registry::Registry;
use vigie_core::walk::{Rules, walk};

use crate::support::{Project, Watcher, definitions, dump, rows, run, symbols, text};

/// Workers whose answer to a file of that name is `answer`.
struct Stub {
    name: &'static str,
    answer: fn() -> Extraction,
}

struct StubLane<'a> {
    stub: &'a Stub,
    tasks: Vec<Task>,
}

impl Extractors for Stub {
    fn lane(&self) -> Result<Box<dyn Lane + '_>, LaneError> {
        Ok(Box::new(StubLane { stub: self, tasks: Vec::new() }))
    }
}

impl Lane for StubLane<'_> {
    fn send(&mut self, task: Task) -> Result<(), LaneError> {
        self.tasks.push(task);
        Ok(())
    }

    fn receive(&mut self) -> Result<Extraction, LaneError> {
        let task = self.tasks.remove(0);
        let is_named = *task.path == *self.stub.name.as_bytes();
        let facts = || PackedFacts::check(&extract(task.language, &task.source).pack()).map(Extraction::Facts);
        Ok(if is_named { (self.stub.answer)() } else { facts().expect("what was just packed") })
    }
}

fn run_stub(
    store: &ProjectStore,
    spec: &JobSpec,
    control: &JobControl,
    watcher: &Watcher,
    stub: &Stub,
) -> Result<Outcome, IndexError> {
    let around = Surroundings { root: store.root(), control, observer: watcher, global_excludes: None };
    let collected = index::collect(&around)?;
    index::run(spec, &Environment { around, store, extractors: stub, lanes: 2, cache: None }, collected)
}

fn dispositions(store: &ProjectStore) -> Vec<(String, Disposition, String)> {
    let coverage = |rows| match rows {
        Rows::Coverage(rows) => rows,
        other => panic!("not coverage: {other:?}"),
    };
    let query = query::coverage(store, 0, &[], Options::default()).expect("a query");
    let row = |row: query::CoverageRow| (String::from_utf8_lossy(&row.path).into_owned(), row.disposition, row.reason);
    rows(store, query, coverage).0.into_iter().map(row).collect()
}

#[test]
fn equal_contents_are_parsed_once() {
    let project = Project::new();
    // Other people's code is parsed last.
    for path in ["a.py", "vendor/a.py", "vendor/b.py"] {
        project.write(path, "def once(): pass\n");
    }
    project.write("other.py", "def other(): pass\n");
    let store = project.open("s.sqlite");
    let (control, spec) = (JobControl::new(Budget::default(), 0), JobSpec { job: 1, force: false });
    let again = Stub { name: "vendor/a.py", answer: || panic!("it is parsed again") };
    let outcome = run_stub(&store, &spec, &control, &Watcher::default(), &again).expect("it runs");
    assert_eq!(outcome.stats.symbols, 4);
    assert_eq!(definitions(&store, "once", Options::default()).0.len(), 3);
    let failing = Stub { name: "a.py", answer: || Extraction::Failed("crashed (SIGSEGV)".into()) };
    let (control, spec) = (JobControl::new(Budget::default(), 0), JobSpec { job: 2, force: true });
    run_stub(&store, &spec, &control, &Watcher::default(), &failing).expect("it runs");
    let quarantined = dispositions(&store).into_iter().filter(|(_, is, _)| *is == Disposition::Quarantined);
    let paths: Vec<String> = quarantined.map(|(path, ..)| path).collect();
    assert_eq!(paths, ["a.py", "vendor/a.py", "vendor/b.py"]);
}

#[test]
fn a_cancelled_forced_job_forgets_no_quarantine() {
    let project = Project::new();
    project.write("bad.py", "def f(): pass\n");
    project.write("good.py", "def g(): pass\n");
    let store = project.open("store");
    let stub = Stub { name: "bad.py", answer: || Extraction::Failed("crashed".into()) };
    let run_job = |job, force, control: &JobControl, watcher: &Watcher| {
        run_stub(&store, &JobSpec { job, force }, control, watcher, &stub).expect("the job runs")
    };
    run_job(1, false, &JobControl::default(), &Watcher::default());
    let before = (dump(&store), dispositions(&store));
    assert_eq!(before.1[0], ("bad.py".into(), Disposition::Quarantined, "crashed".into()));

    let control = Arc::new(JobControl::default());
    let steering = Arc::clone(&control);
    let watcher = Watcher { on_commit: Some(Box::new(move |_| steering.stop(Stop::Cancel))), ..Watcher::default() };
    let outcome = run_job(2, true, &control, &watcher);
    assert_ne!(outcome.stage, Stage::Finalizing);
    assert_eq!((dump(&store), dispositions(&store)), before);

    project.write("bad.py", "def longer(): pass\n");
    run_job(3, false, &JobControl::default(), &Watcher::default());
    assert_eq!(dispositions(&store)[0].1, Disposition::Quarantined, "new content fails anew");
    run(&store, 4, &Watcher::default());
    assert_eq!(dispositions(&store)[0].1, Disposition::Quarantined, "what failed is not tried again");
    let forced = Stub { name: "", answer: || Extraction::Failed("never".into()) };
    let spec = JobSpec { job: 5, force: true };
    run_stub(&store, &spec, &JobControl::default(), &Watcher::default(), &forced).expect("the job runs");
    assert_eq!(dump(&store), project.clean_dump());
    store.close().expect("it closes");
}

#[test]
fn a_lane_that_panics_fails_the_job() {
    let project = Project::new();
    project.write("bad.py", "def f(): pass\n");
    let store = project.open("store");
    let stub = Stub { name: "bad.py", answer: || panic!("a fault of the feeder") };
    let spec = JobSpec { job: 1, force: false };
    let ended = run_stub(&store, &spec, &JobControl::default(), &Watcher::default(), &stub);
    assert!(matches!(ended, Err(IndexError::Extract(_))), "{ended:?}");
    assert!(!store.summary().is_complete());
    store.close().expect("it closes");
}

#[test]
fn a_question_that_panics_does_not_keep_the_store_open() {
    let project = Project::new();
    let store = project.open("store");
    for _ in 0..8 {
        let asked = catch_unwind(AssertUnwindSafe(|| store.snapshot::<()>(|_| panic!("a fault of the question"))));
        assert!(asked.is_err());
    }
    store.snapshot(|_| Ok(())).expect("readers are left");
    store.close().expect("it closes");
}

#[test]
fn a_crash_while_a_damaged_store_is_set_aside_does_not_lock_the_project_out() {
    let project = Project::new();
    project.write("a.py", "def kept(): pass\n");
    project.open("s.sqlite").close().expect("it closes");
    let path = project.store_path("s.sqlite");
    fs::rename(&path, project.store_path("s.sqlite.corrupt")).expect("renamed, as by one that dies now");
    fs::write(project.store_path("s.sqlite.damaged"), "a row was unreadable").expect("the mark");
    let (store, note) = ProjectStore::open(&path, &project.root).expect("it opens");
    assert!(note.is_some_and(|note| note.contains("a row was unreadable")));
    run(&store, 1, &Watcher::default());
    store.close().expect("it closes");
    project.open("s.sqlite").close().expect("it opens without a note");
}

#[test]
fn ids_are_not_used_again_after_the_registry_was_lost() {
    let project = Project::new();
    let path = project.store_path("registry.sqlite");
    let (mut registry, _) = Registry::open(&path).expect("it opens");
    let epoch = registry.begin_epoch().expect("an epoch");
    let job = registry.create_job(&project.root, 1, false, Budget::default(), 0).expect("a job");
    drop(registry);
    fs::write(&path, "no database any more").expect("the registry");
    let (mut registry, note) = Registry::open(&path).expect("it opens");
    assert!(note.is_some());
    assert!(registry.begin_epoch().expect("an epoch") > epoch);
    let next = registry.create_job(&project.root, 1, false, Budget::default(), 0).expect("a job");
    assert!(next.job > job.job && next.job < 1 << 53, "{} after {}", next.job, job.job);
}

#[test]
fn files_that_cannot_be_searched_any_more_are_counted() {
    let project = Project::new();
    project.write("a.txt", "a word here\n");
    project.write("b.txt", "a word there\n");
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    project.remove("a.txt");
    fs::create_dir(project.root.join("a.txt")).expect("a directory");
    let (lines, report) = text(&store, "word", Options::default());
    assert_eq!(lines, ["b.txt:1:a word there"]);
    assert!(report.notes.iter().any(|note| note.contains("any more: 1;")), "{:?}", report.notes);
    store.close().expect("it closes");
}

#[test]
fn global_excludes_are_relative_to_the_root() {
    let project = Project::new();
    let excludes = project.store_path("excludes");
    fs::write(&excludes, "/top.txt\nnotes/private.txt\n*.tmp\n").expect("a file");
    for path in ["top.txt", "deep/top.txt", "notes/private.txt", "deep/notes/private.txt", "a.tmp", "deep/b.tmp"] {
        project.write(path, "x");
    }
    let settings = Settings::default();
    let by = |excludes| Rules { global_excludes: Some(excludes), settings: &settings };
    let found = walk(&project.root, by(&excludes), || true).expect("it walks");
    let paths: Vec<_> = found.files.iter().map(|file| String::from_utf8_lossy(&file.path)).collect();
    assert_eq!(paths, ["deep/notes/private.txt", "deep/top.txt"]);
    assert_eq!(found.errors, 0);

    // Rules that cannot be read are an error that ends nothing, as in ripgrep.
    let found = walk(&project.root, by(&project.root), || true).expect("it walks");
    assert_eq!((found.files.len(), found.errors), (6, 1));
    let missing = project.store_path("no such file");
    assert_eq!(walk(&project.root, by(&missing), || true).expect("it walks").errors, 0);
}

#[test]
fn a_name_that_every_file_defines_comes_in_pages() {
    let project = Project::new();
    (0..200).for_each(|n| project.write(&format!("f{n:03}.py"), "def same(): pass\n"));
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let target = TargetRequest { target: "same".into(), kinds: Vec::new() };
    let mut query = query::definitions(&store, target, Options::default()).expect("a query");
    let page = query.page(&store, 2_000).expect("a page");
    let Rows::Symbols(first) = page.rows else { panic!("not symbols") };
    assert!(!page.done && first.len() < 50, "{} rows in a page", first.len());
    assert_eq!(definitions(&store, "same", Options::default()).0.len(), 200);

    // A limit that is met at the end of a page leaves a cursor, too.
    let whole = definitions(&store, "same", Options::default()).0;
    for limit in 1..20 {
        type Ask = fn(&ProjectStore, Options) -> (Vec<String>, Report);
        let asks: [Ask; 2] = [
            |store, options| definitions(store, "same", options),
            |store, options| {
                let request = SymbolRequest { query: "same".into(), mode: NameMode::Substring, kinds: Vec::new() };
                symbols(store, request, options)
            },
        ];
        for ask in asks {
            let (mut found, report) = ask(&store, Options { limit: Some(limit), ..Options::default() });
            assert!(report.truncated);
            found.extend(ask(&store, Options { cursor: report.cursor, ..Options::default() }).0);
            assert_eq!(found, whole, "limit {limit}");
        }
    }
    store.close().expect("it closes");
}

#[test]
fn what_was_deleted_is_given_back_to_the_file_system() {
    let project = Project::new();
    // Calls, because what was defined the change log keeps for a while.
    let calls = |n: usize| (0..2_000).map(|w| format!("    word_{n}_{w}()\n")).collect::<String>();
    let words = |n: usize| format!("def call_{n}():\n{}", calls(n));
    (0..60).for_each(|n| project.write(&format!("f{n}.py"), words(n)));
    project.write("kept.py", "def kept(): pass\n");
    let store = project.open("s.sqlite");
    run(&store, 1, &Watcher::default());
    (0..60).for_each(|n| project.remove(&format!("f{n}.py")));
    run(&store, 2, &Watcher::default());
    store.settle().expect("merges end");
    store.close().expect("it closes");
    let bytes = fs::metadata(project.store_path("s.sqlite")).expect("the store").len();
    assert!(bytes < 2 << 20, "{bytes} bytes are left");
    let store = project.open("s.sqlite");
    assert_eq!(definitions(&store, "kept", Options::default()).0.len(), 1);
    store.close().expect("it closes");
}

#[test]
fn a_file_from_the_future_makes_no_generations() {
    let project = Project::new();
    project.write("a.py", "def f(): pass\n");
    let file = fs::File::options().write(true).open(project.root.join("a.py")).expect("the file");
    file.set_modified(SystemTime::now() + Duration::from_secs(86_400)).expect("its time");
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let generation = store.summary().generation;
    run(&store, 2, &Watcher::default());
    assert_eq!(store.summary().generation, generation, "it was read again and says the same");
    assert_eq!(dump(&store), project.clean_dump());
    store.close().expect("it closes");
}
