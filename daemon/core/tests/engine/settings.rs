//! What a project says of itself in `.vigie.toml`: an index follows it, and equals one made from nothing.

use vigie_core::index::{Budget, JobControl, JobSpec};
use vigie_core::query::{self, Options, Rows};
use vigie_core::store::ProjectStore;

use crate::support::{Project, Watcher, dump, let_files_age, refresh, rows, run, run_with, sweep};

/// A project that was indexed with one file, and now has another.
struct Changed {
    project: Project,
    store: ProjectStore,
    job: u64,
}

impl Changed {
    fn new(files: &[(&str, &str)]) -> Changed {
        let project = Project::new();
        files.iter().for_each(|(path, text)| project.write(path, text));
        let_files_age();
        let store = project.open("store");
        run(&store, 1, &Watcher::default());
        Changed { project, store, job: 1 }
    }

    /// Writes the file, and runs a job; which files that scanned and parsed.
    fn by(&mut self, settings: &str) -> (Vec<String>, Vec<String>) {
        self.project.write(".vigie.toml", settings);
        let_files_age();
        let watcher = Watcher::default();
        self.job += 1;
        run(&self.store, self.job, &watcher);
        assert_eq!(dump(&self.store), self.project.clean_dump(), "{settings}");
        let told = |list: &std::sync::Mutex<Vec<String>>| {
            let mut list: Vec<String> = list.lock().expect("lock").clone();
            list.retain(|path| path != ".vigie.toml");
            list.sort();
            list
        };
        (told(&watcher.scanned), told(&watcher.parsed))
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_language_is_taken_on_and_given_up() {
    let mut project =
        Changed::new(&[("a.inc", "<?php function f() {}\n"), ("b.py", "def g(): pass\n"), ("c.txt", "f\n")]);
    let inc = || names(&["a.inc"]);
    assert_eq!(project.by("languages = { inc = 'php' }\n"), (inc(), inc()));
    assert!(dump(&project.store).contains("\"f\""));
    assert_eq!(project.by("# the same\n[languages]\ninc = 'php'\n"), (names(&[]), names(&[])));
    assert_eq!(project.by("languages = { '*.py' = 'text', inc = 'php' }\n"), (names(&["b.py"]), names(&[])));
    assert_eq!(project.by(""), (names(&["a.inc", "b.py"]), names(&["b.py"])));
    project.store.close().expect("it closes");
}

#[test]
fn few_files_are_looked_at_only_by_the_table_that_all_were() {
    let project = Changed::new(&[("a.inc", "<?php function f() {}\n"), ("b.inc", "<?php function g() {}\n")]);
    project.project.write(".vigie.toml", "languages = { inc = 'php' }\n");
    assert_eq!(sweep(&project.store, usize::MAX), None, "that is work for a job");
    assert_eq!(project.store.languages(), 0);
    // A job that ends before it has looked at all leaves them all in doubt.
    let one = Budget { files_max: Some(1), ..Budget::default() };
    run_with(&project.store, &JobSpec { job: 2, force: false }, &JobControl::new(one, 0), &Watcher::default());
    assert_eq!(project.store.languages(), vigie_core::store::LANGUAGES_UNSETTLED);
    project.project.remove(".vigie.toml");
    assert_eq!(sweep(&project.store, usize::MAX), None);
    run(&project.store, 3, &Watcher::default());
    assert_eq!(project.store.languages(), 0);
    assert_eq!(dump(&project.store), project.project.clean_dump());
    project.project.write("a.inc", "changed\n");
    assert_eq!(refresh(&project.store, &["a.inc".into()].into()).indexed, 1);
    project.store.close().expect("it closes");
}

#[test]
fn limits_are_followed_both_ways() {
    let (small, large) = ("def f(): pass\n", "def g(): pass  # and so on and so on\n");
    let mut project = Changed::new(&[("small.py", small), ("large.py", large)]);
    let both = || names(&["large.py", "small.py"]);
    let large = || names(&["large.py"]);
    assert_eq!(project.by("max_structure_bytes = 20\n"), (names(&[]), large()));
    assert_eq!(project.by("max_structure_bytes = 21\n"), (names(&[]), large()), "the reason names the limit");
    assert_eq!(project.by("max_file_bytes = 20\n"), (large(), names(&[])));
    assert_eq!(project.by("max_file_bytes = 2\n"), (both(), names(&[])));
    assert_eq!(project.by(""), (both(), both()));
    // Whoever looks at the stats alone sees it too.
    project.project.write(".vigie.toml", "max_structure_bytes = 20\n");
    let swept = sweep(&project.store, usize::MAX).expect("so few files need no job");
    assert!(swept.changed.contains(b"large.py".as_slice()), "{swept:?}");
    assert_eq!(dump(&project.store), project.project.clean_dump());
    project.store.close().expect("it closes");
}

#[test]
fn what_is_ignored_besides_leaves_and_comes_back() {
    let mut project =
        Changed::new(&[(".gitignore", "*.log\n"), ("a.log", "x\n"), ("gen/a.py", "a = 1\n"), ("b.py", "b = 1\n")]);
    project.by("ignore = ['/gen/', '!*.log']\n");
    let found = dump(&project.store);
    assert!(!found.contains("gen/a.py") && !found.contains("a.log") && found.contains("b.py"), "{found}");
    let refreshed = refresh(&project.store, &["gen/a.py".into()].into());
    assert_eq!((refreshed.ignored, refreshed.notes), (1, vec!["gen/a.py is ignored".to_owned()]));
    project.by("ignore = ['*', '!b.py']\n");
    assert_eq!(project.store.summary().files, 1);
    project.by("");
    assert!(dump(&project.store).contains("gen/a.py"));
    project.store.close().expect("it closes");
}

#[test]
fn what_a_program_wrote_comes_after_what_a_person_wrote() {
    let text = "def restore_session(): pass\n";
    let project = Project::new();
    ["a.py", "b.py"].into_iter().for_each(|path| project.write(path, text));
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let first = || {
        let found = query::search(&store, "restore session", &[], Options::default()).expect("a question");
        let paths = |rows| match rows {
            Rows::Search(rows) => rows.into_iter().map(|row| row.path).collect(),
            other => panic!("not a search: {other:?}"),
        };
        rows(&store, found, paths).0.remove(0)
    };
    assert_eq!(first(), b"a.py");
    project.write(".vigie.toml", "generated = ['a.*']\n");
    assert_eq!(first(), b"b.py", "at once: nothing of it is stored");
    store.close().expect("it closes");
}
