//! A project in a temporary directory, its store, and what the tests ask of both.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::TempDir;
use vigie_core::extract::lane::InProcess;
use vigie_core::index::{
    self, Budget, ChangedFile, Environment, FileOutcome, JobControl, JobSpec, Observer, Outcome, Refreshed,
    Surroundings,
};
use vigie_core::kinds::Stage;
use vigie_core::query::{self, Options, Query, Report, Rows, SymbolRequest, TargetRequest};
use vigie_core::store::ProjectStore;
use vigie_core::text::Pattern;

/// Small random numbers that are the same every time (xorshift64*).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }
}

/// A file of a language, of which there are three, with its extension: names that are often the same.
pub(crate) fn source(random: &mut Random, language: usize) -> (&'static str, String) {
    let name = |random: &mut Random| format!("name_{}", random.below(40));
    let mut text = String::new();
    let extension = ["rs", "py", "txt"][language];
    for _ in 0..=random.below(6) {
        let (a, b) = (name(random), name(random));
        text += &match language {
            0 => format!("/// About {a}.\npub fn {a}() {{ {b}(); }}\n"),
            1 => format!("def {a}(x):\n    return {b}(x)\n"),
            _ => format!("{a} and {b}\n"),
        };
    }
    (extension, text)
}

/// A tree and a place for stores beside it.
pub(crate) struct Project {
    _dir: TempDir,
    pub(crate) root: PathBuf,
    stores: PathBuf,
}

impl Project {
    pub(crate) fn new() -> Project {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let base = dir.path().canonicalize().expect("its canonical path");
        let (root, stores) = (base.join("tree"), base.join("stores"));
        fs::create_dir(&root).expect("the root");
        fs::create_dir(&stores).expect("the stores");
        Project { _dir: dir, root, stores }
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("its directory");
        fs::write(path, content).expect("the file");
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.root.join(path)).expect("the file was there");
    }

    pub(crate) fn store_path(&self, name: &str) -> PathBuf {
        self.stores.join(name)
    }

    pub(crate) fn open(&self, name: &str) -> ProjectStore {
        let (store, note) = ProjectStore::open(&self.store_path(name), &self.root).expect("the store opens");
        assert_eq!(note, None);
        store
    }

    /// The canonical dump of an index made from nothing.
    pub(crate) fn clean_dump(&self) -> String {
        self.clean(dump)
    }

    /// What an index made from nothing says.
    pub(crate) fn clean<T>(&self, ask: impl Fn(&ProjectStore) -> T) -> T {
        let path = self.store_path("clean");
        if path.exists() {
            fs::remove_file(&path).expect("the old clean store");
        }
        let store = self.open("clean");
        run(&store, 1, &Watcher::default());
        let said = ask(&store);
        store.close().expect("it closes");
        said
    }
}

/// Hears of each file, with its path.
pub(crate) type OnFile = Box<dyn Fn(&str) + Sync>;

/// Remembers what a job told, and does something after each commit.
#[derive(Default)]
pub(crate) struct Watcher {
    pub(crate) stages: Mutex<Vec<Stage>>,
    pub(crate) parsed: Mutex<Vec<String>>,
    pub(crate) scanned: Mutex<Vec<String>>,
    pub(crate) on_commit: Option<Box<dyn Fn(u64) + Sync>>,
    pub(crate) on_file: Option<OnFile>,
}

impl Observer for Watcher {
    fn stage(&self, stage: Stage, _message: &str) {
        self.stages.lock().expect("lock").push(stage);
    }

    fn file(&self, outcome: &FileOutcome<'_>) {
        let path = String::from_utf8_lossy(outcome.path).into_owned();
        self.on_file.iter().for_each(|told| told(&path));
        let list = if outcome.stage == Stage::Indexing { &self.parsed } else { &self.scanned };
        list.lock().expect("lock").push(path);
    }

    fn committed(&self, generation: u64, _changed: &[ChangedFile]) {
        self.on_commit.iter().for_each(|told| told(generation));
    }
}

pub(crate) fn run_with(store: &ProjectStore, spec: &JobSpec, control: &JobControl, watcher: &Watcher) -> Outcome {
    let around = Surroundings { root: store.root(), control, observer: watcher, global_excludes: None };
    let collected = index::collect(&around).expect("the tree is walked");
    let environment = Environment { around, store, extractors: &InProcess, lanes: 2, cache: None };
    index::run(spec, &environment, collected).expect("the job runs")
}

pub(crate) fn run(store: &ProjectStore, job: u64, watcher: &Watcher) -> Outcome {
    run_with(store, &JobSpec { job, force: false }, &JobControl::new(Budget::default(), 0), watcher)
}

/// Tells the index that some files have changed, without a walk.
pub(crate) fn refresh(store: &ProjectStore, paths: &BTreeSet<Vec<u8>>) -> Refreshed {
    let refreshed = with_environment(store, |environment| index::refresh(paths, usize::MAX, environment));
    refreshed.expect("it runs").expect("so few files need no job")
}

/// Lets the index find out which files have changed, if those are not too many.
pub(crate) fn sweep(store: &ProjectStore, files_max: usize) -> Option<Refreshed> {
    with_environment(store, |environment| index::sweep(files_max, environment)).expect("it runs")
}

fn with_environment<T>(store: &ProjectStore, work: impl FnOnce(&Environment<'_>) -> T) -> T {
    let (control, watcher) = (JobControl::new(Budget::default(), 0), Watcher::default());
    let around = Surroundings { root: store.root(), control: &control, observer: &watcher, global_excludes: None };
    work(&Environment { around, store, extractors: &InProcess, lanes: 1, cache: None })
}

/// Everything a question answers, in pages of a few rows.
pub(crate) fn rows<T>(
    store: &ProjectStore,
    mut query: Box<dyn Query>,
    take: impl Fn(Rows) -> Vec<T>,
) -> (Vec<T>, Report) {
    let mut all = Vec::new();
    loop {
        let page = query.page(store, 1000).expect("a page");
        all.extend(take(page.rows));
        if page.done {
            return (all, query.report());
        }
    }
}

pub(crate) fn dump(store: &ProjectStore) -> String {
    let lines = |rows| match rows {
        Rows::Dump(lines) => lines,
        other => panic!("not a dump: {other:?}"),
    };
    let (bytes, _) = rows(store, query::dump(store).expect("a dump"), lines);
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

pub(crate) fn text(store: &ProjectStore, pattern: &str, options: Options) -> (Vec<String>, Report) {
    let pattern = Pattern { text: pattern.into(), ..Pattern::default() };
    let lines = |rows| match rows {
        Rows::Text(rows) => rows
            .iter()
            .map(|row| {
                format!("{}:{}:{}", String::from_utf8_lossy(&row.path), row.line, String::from_utf8_lossy(&row.text))
            })
            .collect(),
        other => panic!("not text: {other:?}"),
    };
    rows(store, query::text(store, &pattern.into(), options).expect("the pattern parses"), lines)
}

/// Definitions whose name matches.
pub(crate) fn symbols(store: &ProjectStore, request: SymbolRequest, options: Options) -> (Vec<String>, Report) {
    symbol_rows(store, query::symbols(store, request, options).expect("the request makes sense"))
}

/// Definitions of a target.
pub(crate) fn definitions(store: &ProjectStore, target: &str, options: Options) -> (Vec<String>, Report) {
    let request = TargetRequest { target: target.into(), kinds: Vec::new() };
    symbol_rows(store, query::definitions(store, request, options).expect("the request makes sense"))
}

fn symbol_rows(store: &ProjectStore, query: Box<dyn Query>) -> (Vec<String>, Report) {
    let lines = |rows| match rows {
        Rows::Symbols(rows) => rows
            .iter()
            .map(|row| {
                let path = String::from_utf8_lossy(&row.path);
                format!("{} {} {path}:{}:{}", row.kind.name(), row.qualified, row.position.line, row.position.column)
            })
            .collect(),
        other => panic!("not symbols: {other:?}"),
    };
    rows(store, query, lines)
}

/// Copies a crate's sources out of cargo's registry cache, which any machine that built this has.
pub(crate) fn real_sources(project: &Project, name: &str) {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .expect("a home of cargo");
    let registries = fs::read_dir(home.join("registry/src")).expect("cargo's registry sources");
    let found = registries
        .flat_map(|registry| fs::read_dir(registry.expect("an entry").path()).expect("a registry"))
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name)))
        .expect("this workspace depends on the crate");
    copy_tree(&found, &project.root.join(name));
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// Lets files become older than the clock's resolution: an index trusts a stat only of files that were not written just before they
/// were read, and nothing but time makes a `ctime` old.
pub(crate) fn let_files_age() {
    std::thread::sleep(std::time::Duration::from_millis(30));
}
