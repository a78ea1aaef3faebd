//! `vigie watch`: a watched project's answers are current, also after restarts, moves, checkouts and the like; and `vigie forget`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use vigie_proto::{
    Freshness, Message as _, ProjectEvent, ProjectEventType, QueryOptions, QuerySummary, Subscribe, SymbolMode,
    SymbolQuery, SymbolRows, Target, Tier, decode,
};
use vigie_tests::{Rng, TestEnv, Wire};

use crate::support::{check_same_dump, dump, dump_from_scratch, index, indexed, subscribe, write_files};

/// Longest that a watched tree may take to be current here, where ten other tests may run beside.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watched project of these files.
pub(crate) fn watched(env: &TestEnv, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = indexed(env, name, files);
    let output = env.vigie_in(&root, &["watch", "--json"]);
    let told = &output.expect_code(0).json()[0];
    output.check(told["watch"] == "watched", "a watched tree");
    root
}

/// Asks until the answer is as expected.
#[track_caller]
fn until(env: &TestEnv, root: &Path, words: &[&str], what: &str, fits: impl Fn(&[serde_json::Value]) -> bool) {
    let since = Instant::now();
    loop {
        let output = env.vigie_in(root, &[words, &["--json"]].concat());
        if fits(&output.json()) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{what} within {PATIENCE:?}\n{}", output.report());
        thread::sleep(Duration::from_millis(20));
    }
}

fn finds(line: &serde_json::Value, path: &str) -> bool {
    line["path"] == path
}

#[test]
fn a_saved_file_is_found_without_being_asked_for() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = watched(&env, "watched", &[("a.py", "def old(): pass\n")]);
    write_files(&root, &[("a.py", "def saved(): pass\n"), ("new/deep/b.py", "def made(): pass\n")]);
    until(&env, &root, &["def", "saved"], "the saved file", |lines| lines.iter().any(|line| finds(line, "a.py")));
    until(&env, &root, &["def", "made"], "the new one", |lines| lines.iter().any(|line| finds(line, "new/deep/b.py")));
    until(&env, &root, &["def", "old"], "a fresh answer", |lines| {
        lines.last().is_some_and(|summary| summary["freshness"] == "fresh" && summary["rows"] == 0)
    });
    fs::remove_dir_all(root.join("new")).expect("the tree is ours");
    until(&env, &root, &["def", "made"], "the removed one", |lines| !lines.iter().any(|line| line["path"].is_string()));
}

/// What a model of the tree knows: every file with the one name that it defines.
struct Model {
    root: PathBuf,
    files: BTreeSet<(String, String)>,
    rng: Rng,
    made: usize,
}

impl Model {
    fn name(&mut self) -> String {
        self.made += 1;
        format!("name_{}", self.made)
    }

    fn any(&mut self) -> Option<(String, String)> {
        let number = self.rng.below(self.files.len().max(1));
        self.files.iter().nth(number).cloned()
    }

    fn directory(&mut self) -> String {
        const NAMES: [&str; 4] = ["a", "b", "c", "d"];
        (0..=self.rng.below(3)).map(|_| *self.rng.pick(&NAMES)).collect::<Vec<_>>().join("/")
    }

    fn write(&mut self, path: &str) {
        let name = self.name();
        let full = self.root.join(path);
        fs::create_dir_all(full.parent().expect("it is in the root")).expect("the tree is ours");
        fs::write(&full, format!("def {name}(): pass\n")).expect("the tree is ours");
        self.files.retain(|(of, _)| of != path);
        self.files.insert((path.to_owned(), name));
    }

    /// Does something to the tree that an editor, a shell or git would do.
    fn act(&mut self) {
        match self.rng.below(9) {
            0 | 1 => {
                let path = format!("{}/f{}.py", self.directory(), self.rng.below(6));
                self.write(&path);
            }
            2 => {
                if let Some((path, _)) = self.any() {
                    self.write(&path);
                }
            }
            // Written beside and renamed over, as most editors save.
            3 => {
                if let Some((path, _)) = self.any() {
                    let name = self.name();
                    let beside = self.root.join(format!("{path}.tmp"));
                    fs::write(&beside, format!("def {name}(): pass\n")).expect("the tree is ours");
                    fs::rename(&beside, self.root.join(&path)).expect("the tree is ours");
                    self.files.retain(|(of, _)| *of != path);
                    self.files.insert((path, name));
                }
            }
            4 => {
                if let Some(file) = self.any() {
                    fs::remove_file(self.root.join(&file.0)).expect("the file is there");
                    self.files.remove(&file);
                }
            }
            5 => {
                if let Some((path, name)) = self.any() {
                    let to = format!("moved_{}.py", self.rng.below(4));
                    fs::rename(self.root.join(&path), self.root.join(&to)).expect("the file is there");
                    self.files.retain(|(of, _)| *of != path && *of != to);
                    self.files.insert((to, name));
                }
            }
            6 => self.move_directory(),
            7 => {
                let directory = self.directory();
                if self.root.join(&directory).is_dir() {
                    fs::remove_dir_all(self.root.join(&directory)).expect("the tree is ours");
                    self.files.retain(|(path, _)| !path.starts_with(&format!("{directory}/")));
                }
            }
            // Gone as soon as it was there.
            _ => {
                let passing = self.root.join(format!("passing_{}.py", self.rng.below(3)));
                fs::write(&passing, "def passing(): pass\n").expect("the tree is ours");
                fs::remove_file(passing).expect("the file is there");
            }
        }
    }

    fn move_directory(&mut self) {
        let (from, to) = (self.directory(), self.directory());
        let is_apart = !to.starts_with(&from) && !from.starts_with(&to);
        let to_path = self.root.join(&to);
        if is_apart && self.root.join(&from).is_dir() && !to_path.exists() {
            fs::create_dir_all(to_path.parent().expect("it is in the root")).expect("the tree is ours");
            fs::rename(self.root.join(&from), &to_path).expect("the tree is ours");
            let moved = |(path, name): (String, String)| match path.strip_prefix(&format!("{from}/")) {
                Some(rest) => (format!("{to}/{rest}"), name),
                None => (path, name),
            };
            self.files = std::mem::take(&mut self.files).into_iter().map(moved).collect();
        }
    }
}

/// Every definition of the project, of an index that has all that happened before.
fn symbols(wire: &mut Wire, root: &Path) -> (BTreeSet<(String, String)>, QuerySummary) {
    let root = root.to_str().expect("the path is UTF-8");
    let query = SymbolQuery {
        target: Target { path: root.into(), project: root.into(), ..Target::default() },
        query: "name_".into(),
        mode: SymbolMode::PREFIX,
        options: QueryOptions { fresh: true, ..QueryOptions::default() },
        ..SymbolQuery::default()
    };
    let answer = wire.ask(&query).expect("an answer");
    let rows = answer.all::<SymbolRows>().into_iter().flat_map(|page| page.rows);
    (rows.map(|row| (row.path.to_text(), row.name)).collect(), answer.one())
}

/// How many rounds of random operations. `.ci/run` has the ten thousand that the design asks for, which take a minute or so.
fn rounds() -> usize {
    std::env::var("VIGIE_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(300)
}

#[test]
fn p8_no_answer_is_stale_whatever_happens_to_a_watched_tree() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = watched(&env, "random", &[("first.py", "def name_0(): pass\n")]);
    let files = [("first.py".to_owned(), "name_0".to_owned())].into();
    let mut model = Model { root: root.clone(), files, rng: Rng::new(7), made: 0 };
    let mut wire = daemon.connect();
    for round in 0..rounds() {
        (0..=model.rng.below(6)).for_each(|_| model.act());
        let (found, summary) = symbols(&mut wire, &root);
        assert_eq!(summary.freshness, Freshness::FRESH, "round {round}");
        assert_eq!(found, model.files, "round {round}");
    }
    check_same_dump("a watched tree", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn files_of_a_burst_are_parsed_while_it_goes_on() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "2"]);
    let root = env.project("burst");
    let write = |number: usize, version: usize| {
        write_files(&root, &[(&format!("f{number}.py"), &format!("def name_{number}_{version}(): pass\n"))]);
    };
    (0..300).for_each(|number| write(number, 0));
    index(&env, &root);
    env.vigie_in(&root, &["watch"]).expect_code(0);
    let hits = || {
        let output = env.vigie_in(&root, &["metrics"]);
        let hits = r#"vigie_facts_cache_lookups_total{result="hit"} "#;
        output.text().lines().find_map(|line| line.strip_prefix(hits)?.parse::<u64>().ok()).expect("it is counted")
    };
    let since = Instant::now();
    for version in 1.. {
        let before = hits();
        // Git is at work, however slow it is.
        write_files(&root, &[(".git/index.lock", "")]);
        for number in 0..300 {
            write(number, version);
            // As slow as git on a slow disk: a burst that is over at once leaves nobody time to parse.
            thread::sleep(Duration::from_millis(2));
        }
        fs::remove_file(root.join(".git/index.lock")).expect("the tree is ours");
        env.vigie_in(&root, &["def", "--fresh", &format!("name_299_{version}")]).expect_code(0);
        // Each name is new, so what a job finds there was put there ahead of it.
        if hits() > before {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "a job finds what was parsed ahead of it within {PATIENCE:?}");
    }
    check_same_dump("after a burst", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn a_watch_outlives_the_daemon_and_finds_what_happened_meanwhile() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = watched(&env, "restart", &[("a.py", "def before(): pass\n")]);
    assert!(daemon.stop(), "it stops well");
    write_files(&root, &[("a.py", "def meanwhile(): pass\n")]);
    let _daemon = env.start_daemon(&[]);
    until(&env, &root, &["def", "meanwhile"], "what happened", |lines| lines.iter().any(|line| finds(line, "a.py")));
    write_files(&root, &[("b.py", "def after(): pass\n")]);
    until(&env, &root, &["def", "after"], "what happens", |lines| lines.iter().any(|line| finds(line, "b.py")));
}

#[test]
fn what_is_no_longer_watched_is_looked_at_when_asked_only() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = watched(&env, "unwatched", &[("a.py", "def before(): pass\n")]);
    env.vigie_in(&root, &["unwatch"]).expect_code(0);
    write_files(&root, &[("b.py", "def unseen(): pass\n")]);
    thread::sleep(Duration::from_millis(300));
    let output = env.vigie_in(&root, &["def", "unseen", "--json"]);
    output.expect_code(1).check(output.answer().1["freshness"] == "unverified", "nobody has looked");
    let output = env.vigie_in(&root, &["def", "unseen", "--fresh", "--json"]);
    output.expect_code(0).check(output.answer().1["freshness"] == "fresh", "looked at for it");
    env.vigie_in(&root, &["unwatch"]).expect_code(0).check(true, "once more does no harm");
}

#[test]
fn a_refresh_is_an_event_that_names_its_files() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = watched(&env, "events", &[("a.py", "def before(): pass\n")]);
    let mut wire = daemon.connect();
    let (id, _) = subscribe(&mut wire, &Subscribe::default());
    write_files(&root, &[("sub/b.py", "def after(): pass\n")]);
    let event = loop {
        let frame = wire.next_frame().expect("the stream goes on");
        if frame.header.id == id && frame.header.kind == ProjectEvent::KIND {
            let event: ProjectEvent = decode(&frame.body).expect("a project event");
            if event.r#type == ProjectEventType::GENERATION && !event.changed.is_empty() {
                break event;
            }
        }
    };
    assert_eq!(event.changed.iter().map(vigie_proto::Bytes::to_text).collect::<Vec<_>>(), ["sub/b.py"]);
    let since = (event.generation - 1).to_string();
    let output = env.vigie_in(&root, &["changed", "--since", &since, "--json"]);
    output.check(output.answer().0.iter().any(|row| row["name"] == "after"), "what the generation changed");
}

#[test]
fn what_happens_to_a_closed_project_is_there_when_it_is_opened() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--max-open-projects", "1"]);
    let first = watched(&env, "first", &[("a.py", "def one(): pass\n")]);
    let second = watched(&env, "second", &[("a.py", "def two(): pass\n")]);
    until(&env, &second, &["def", "two"], "the other project", |lines| lines.iter().any(|line| finds(line, "a.py")));
    until(&env, &second, &["projects"], "the first one closed", |lines| {
        lines.iter().any(|line| line["root"] == first.to_str().expect("UTF-8") && line["state"] == "closed")
    });
    write_files(&first, &[("b.py", "def while_closed(): pass\n")]);
    thread::sleep(Duration::from_millis(300));
    let output = env.vigie_in(&second, &["projects", "--json"]);
    let state = |root: &Path| output.json().into_iter().find(|row| row["root"] == root.to_str().expect("UTF-8"));
    output.check(state(&first).is_some_and(|row| row["state"] == "closed"), "nobody asked about it");
    let output = env.vigie_in(&first, &["def", "while_closed", "--json"]);
    output
        .expect_code(0)
        .check(output.json().last().is_some_and(|end| end["freshness"] == "fresh"), "it was waited for");
}

#[test]
fn what_happened_without_a_daemon_is_there_when_somebody_asks() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = watched(&env, "project", &[("a.py", "def one(): pass\n")]);
    assert!(daemon.stop(), "it stops");
    write_files(&root, &[("a.py", "def two(): pass\n"), ("b.py", "def three(): pass\n")]);
    let _daemon = env.start_daemon(&[]);
    let output = env.vigie_in(&root, &["def", "three", "--json"]);
    output
        .expect_code(0)
        .check(output.json().last().is_some_and(|end| end["freshness"] == "fresh"), "it was waited for");
    env.vigie_in(&root, &["def", "one"]).expect_code(1);
}

#[test]
fn a_forgotten_project_leaves_nothing_but_its_own_files() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = watched(&env, "forgotten", &[("a.py", "def here(): pass\n")]);
    let kept = indexed(&env, "kept", &[("a.py", "def kept(): pass\n")]);
    let stores = || fs::read_dir(env.state_dir().join("projects")).expect("the stores").count();
    let before = stores();
    let output = env.vigie_in(&root, &["forget", ".", "--json"]);
    output.expect_code(0).check(output.json()[0]["store_bytes"].as_u64() > Some(0), "what it had");
    assert!(stores() < before, "its store is gone");
    assert!(root.join("a.py").exists(), "its files are not");
    let output = env.vigie_in(&kept, &["projects", "--json"]);
    output.check(output.json().len() == 1, "only the other one");
    let output = env.vigie_in(&kept, &["jobs", "--all", "--json"]);
    let of = root.to_str().expect("UTF-8");
    output.check(output.json().iter().all(|job| job["project"] != of), "no job of it");
    env.vigie_in(&root, &["def", "here", "--no-index"]).expect_code(2);
    env.vigie_in(&root, &["forget", "."]).expect_code(2).expect_stderr("no indexed project");
    index(&env, &root);
    env.vigie_in(&root, &["def", "here"]).expect_code(0);
}

/// Files at and below a directory that hold some bytes.
fn holding(dir: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("the directory is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if fs::read(&path).is_ok_and(|content| content.windows(bytes.len()).any(|window| window == bytes)) {
            found.push(path);
        }
    }
    found
}

#[test]
fn nothing_of_a_forgotten_project_can_be_read_in_the_state_directory() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let shared = ("shared.py", "def shared(): pass\n");
    let root = watched(&env, "forgotten", &[shared, ("own.py", "def zyxwvut_former(): pass\n")]);
    write_files(&root, &[("own.py", "def zyxwvut_latter(): pass\n")]);
    until(&env, &root, &["def", "zyxwvut_latter"], "the edit", |lines| lines.iter().any(|line| finds(line, "own.py")));
    let kept = indexed(&env, "kept", &[shared]);
    let path = root.to_str().expect("UTF-8").as_bytes();
    let state = env.state_dir();
    let is_in = |files: Vec<PathBuf>, name: &str| files.iter().any(|file| file.starts_with(state.join(name)));
    assert!(is_in(holding(&state, b"zyxwvut_former"), "facts"), "what is no longer in its store is in the cache");
    assert!(is_in(holding(&state, b"zyxwvut_latter"), "projects"));
    assert!(!holding(&state, path).is_empty(), "it is known");
    env.vigie_in(&root, &["forget", "."]).expect_code(0);
    let is_no_log = |file: &PathBuf| !file.file_name().is_some_and(|name| name.to_string_lossy().contains(".log"));
    for bytes in [b"zyxwvut".as_slice(), path] {
        let left: Vec<PathBuf> = holding(&state, bytes).into_iter().filter(is_no_log).collect();
        assert!(left.is_empty(), "{left:?} still hold {}", String::from_utf8_lossy(bytes));
    }
    env.vigie_in(&kept, &["def", "shared"]).expect_code(0);
    index(&env, &root);
    env.vigie_in(&root, &["def", "zyxwvut_latter"]).expect_code(0);
}

#[test]
fn a_project_that_is_gone_can_be_forgotten() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = watched(&env, "gone", &[("a.py", "def here(): pass\n")]);
    fs::remove_dir_all(&root).expect("the tree is ours");
    env.vigie_in(&env.home(), &["forget", root.to_str().expect("UTF-8")]).expect_code(0);
    let output = env.vigie_in(&env.home(), &["projects", "--json"]);
    output.check(output.text().is_empty(), "none is left");
}

#[test]
fn a_burst_is_told_with_the_names_of_up_to_a_thousand_files() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = watched(&env, "bursts", &[("a.py", "def before(): pass\n")]);
    let mut wire = daemon.connect();
    let (id, _) = subscribe(&mut wire, &Subscribe::default());
    for (burst, count) in [("one", 1), ("some", 500), ("many", 1500)] {
        // Made beside the tree and put there at once.
        let made = env.project("made").join(burst);
        let files: Vec<String> = (0..count).map(|number| format!("f{number}.py")).collect();
        files.iter().for_each(|file| write_files(&made, &[(file, &format!("def {burst}(): return '{file}'\n"))]));
        fs::rename(&made, root.join(burst)).expect("both are on one file system");
        let all: BTreeSet<String> = files.iter().map(|file| format!("{burst}/{file}")).collect();
        let mut whole = BTreeSet::new();
        loop {
            let frame = wire.next_frame().expect("the stream goes on");
            if frame.header.id != id || frame.header.kind != ProjectEvent::KIND {
                continue;
            }
            let event: ProjectEvent = decode(&frame.body).expect("a project event");
            if event.changed_many {
                assert!(count > 1000 && event.changed.is_empty(), "{burst}: {event:?}");
                break;
            }
            assert!(event.changed.len() <= 1000, "{burst}: {} are named", event.changed.len());
            if event.tier == Tier::STRUCTURE {
                whole.extend(event.changed.iter().map(vigie_proto::Bytes::to_text));
            }
            if whole == all {
                assert!(count <= 1000, "{burst}");
                break;
            }
            assert!(whole.is_subset(&all), "{burst}: {:?}", whole.difference(&all).next());
        }
        let last = format!("{burst}/f0.py");
        until(&env, &root, &["def", burst], "what was told", |lines| lines.iter().any(|line| finds(line, &last)));
    }
}

#[test]
fn a_deleted_directory_is_told_with_the_names_of_its_files() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let names: Vec<String> = (0..300).map(|number| format!("gone/f{number}.py")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "def gone(): pass\n")).collect();
    let root = watched(&env, "deleted", &files);
    let mut wire = daemon.connect();
    let (id, _) = subscribe(&mut wire, &Subscribe::default());
    fs::rename(root.join("gone"), env.project("aside").join("gone")).expect("both are on one file system");
    let mut told = BTreeSet::new();
    while told.len() < names.len() {
        let frame = wire.next_frame().expect("the stream goes on");
        if frame.header.id == id && frame.header.kind == ProjectEvent::KIND {
            let event: ProjectEvent = decode(&frame.body).expect("a project event");
            assert!(!event.changed_many, "{event:?}");
            told.extend(event.changed.iter().map(vigie_proto::Bytes::to_text));
        }
    }
    assert_eq!(told, names.into_iter().collect());
}

#[test]
fn where_the_system_has_no_watches_left_the_tree_is_polled_and_status_says_why() {
    let env = TestEnv::new();
    let root = env.project("polled");
    write_files(&root, &[("a/a.py", "def before(): pass\n"), ("b/b.py", ""), ("c/c.py", "")]);
    let script = "echo 2 > /proc/sys/user/max_inotify_watches &&
        $VIGIE watch 2>&1 && $VIGIE status &&
        echo 'def polled(): pass' > a/new.py &&
        for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            $VIGIE def polled 2>/dev/null && break; sleep 1
        done
        echo 'def asked(): pass' > a/asked.py && $VIGIE def --fresh asked &&
        echo 1000 > /proc/sys/user/max_inotify_watches && $VIGIE watch 2>&1
        $VIGIE daemon stop";
    let test = "where_the_system_has_no_watches_left_the_tree_is_polled_and_status_says_why";
    let Some(output) = env.script_in_namespace(test, &root, script) else { return };
    for said in ["polled, not watched", "sudo sysctl fs.inotify.max_user_watches=", "a/new.py:1", "a/asked.py:1"] {
        output.check(output.text().contains(said), said);
    }
    output.check(output.text().contains("4 directories"), "watched once that is possible");
    output.expect_code(0);
}
