//! Configuration: `config.toml` of the daemon and `.vigie.toml` of a project, what is wrong in either, and `vigie config`.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_tests::{Daemon, Output, SourceTree, TestEnv};

use crate::support::{check_same_dump, dump, dump_from_scratch, index, indexed, write_files};

/// Longest that something which is done aside may take here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Writes the file of the daemon where it is looked for.
fn write_config(env: &TestEnv, text: &str) -> PathBuf {
    let path = env.home().join(".config/vigie/config.toml");
    fs::create_dir_all(path.parent().expect("it has one")).expect("the home is ours");
    fs::write(&path, text).expect("the home is ours");
    path
}

/// What `vigie config` says in a directory.
#[track_caller]
fn config(env: &TestEnv, directory: &Path) -> Vec<Value> {
    let output = env.vigie_in(directory, &["config", "--json"]);
    output.expect_code(0).json()
}

#[track_caller]
fn row<'a>(rows: &'a [Value], key: &str) -> &'a Value {
    rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("no {key} in {rows:?}"))
}

#[track_caller]
fn status(env: &TestEnv, directory: &Path) -> Value {
    env.vigie_in(directory, &["status", "--json"]).expect_code(0).json().remove(0)
}

/// Asks until the answer is as expected.
#[track_caller]
fn until(what: &str, fits: impl Fn() -> bool) {
    let since = Instant::now();
    while !fits() {
        assert!(since.elapsed() < PATIENCE, "{what} within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Has the daemon read its file again, and waits until what holds is what fits.
#[track_caller]
fn reload(env: &TestEnv, daemon: &Daemon<'_>, text: &str, fits: impl Fn(&Value) -> bool) {
    write_config(env, text);
    daemon.hang_up();
    until(text, || fits(&status(env, &env.home())));
}

#[test]
fn a_wrong_file_keeps_the_daemon_from_starting_and_says_what_is_wrong() {
    let env = TestEnv::new();
    let path = write_config(&env, "workers = 2\n\nworker = 3\n");
    let wanted = format!(
        "{}:3: there is no key `worker`; the nearest is `workers`; correct it, then start the daemon again",
        path.display()
    );
    let sentence = env.try_start_daemon(&[]).expect_err("it does not start");
    assert_eq!(sentence, wanted);
    let output = env.vigie_in(&env.home(), &["status"]);
    output.check(output.code != 0, "a failure").expect_stderr(&wanted);
    write_config(&env, "workers = 'two'\n");
    let sentence = env.try_start_daemon(&[]).expect_err("it does not start");
    assert!(sentence.contains(":1: `workers` is a string: it must be a whole number from 1 to 64"), "{sentence}");
    let named = env.path("none.toml");
    let sentence = env.try_start_daemon(&["--config", &named.to_string_lossy()]).expect_err("it does not start");
    assert!(sentence.contains("none.toml does not exist"), "{sentence}");
    write_config(&env, "workers = 2\n");
    let _daemon = env.start_daemon(&[]);
}

#[test]
fn every_value_says_where_it_was_said() {
    let env = TestEnv::new();
    let path = write_config(&env, "max_open_projects = 5\nworkers = 2\nlog_filter = 'warn'\n");
    let daemon = env.start_daemon_with(&["--workers", "3"], &[("VIGIE_LOG", "debug")]);
    let rows = config(&env, &env.home());
    let keys: Vec<_> = rows.iter().map(|row| row["key"].as_str().unwrap_or_default()).collect();
    let wanted = [
        "roots_allowed",
        "max_open_projects",
        "workers",
        "readers",
        "max_memory",
        "store_quota",
        "facts_cache",
        "idle_exit",
        "log_filter",
    ];
    assert_eq!(keys, wanted);
    let told = |key: &str| {
        let row = row(&rows, key);
        (row["value"].clone(), row["source"].clone(), row["place"].clone())
    };
    let place = |line: u32| json!(format!("{}:{line}", path.display()));
    assert_eq!(told("max_open_projects"), (json!(5), json!("file"), place(1)));
    assert_eq!(told("workers"), (json!(3), json!("command-line"), json!("--workers")));
    assert_eq!(told("log_filter"), (json!("debug"), json!("environment"), json!("VIGIE_LOG")));
    assert_eq!((told("readers").1, told("readers").2), (json!("default"), Value::Null));
    assert_eq!(row(&rows, "workers")["note"], json!(format!("instead of 2 ({}:2)", path.display())));
    assert_eq!(status(&env, &env.home())["stores_open_max"], 5);
    let shown = env.vigie_in(&env.home(), &["config"]);
    let expected = format!("  max_open_projects  5        {}:1\n", path.display());
    shown
        .expect_code(0)
        .check(shown.text().contains(&expected), "a table")
        .check(shown.stderr.is_empty(), "nothing wrong");
    daemon.kill();
    // Another file, and another directory for it.
    let other = env.path("other.toml");
    fs::write(&other, "readers = 2\n").expect("a file");
    let daemon = env.start_daemon(&["--config", &other.to_string_lossy()]);
    assert_eq!(row(&config(&env, &env.home()), "readers")["place"], json!(format!("{}:1", other.display())));
    daemon.kill();
    let place = env.path("conf");
    fs::create_dir_all(place.join("vigie")).expect("a directory");
    fs::write(place.join("vigie/config.toml"), "readers = 3\n").expect("a file");
    let _daemon = env.start_daemon_with(&[], &[("XDG_CONFIG_HOME", &place.to_string_lossy())]);
    assert_eq!(row(&config(&env, &env.home()), "readers")["value"], 3);
}

#[test]
fn a_hangup_has_the_file_read_again_and_a_wrong_one_changes_nothing() {
    let env = TestEnv::new();
    write_config(&env, "max_open_projects = 4\nreaders = 2\n");
    let daemon = env.start_daemon(&[]);
    let home = env.home();
    let warnings = |status: &Value| status["warnings"].as_array().map_or(0, Vec::len);
    assert!(!env.logs().contains("greeted"), "such lines are for whoever asks for them");
    reload(&env, &daemon, "max_open_projects = 3\nreaders = 5\nlog_filter = 'debug'\n", |s| s["stores_open_max"] == 3);
    let rows = config(&env, &home);
    assert_eq!(row(&rows, "readers")["value"], 2, "their threads are there already");
    let note = row(&rows, "readers")["note"].as_str().unwrap_or_default().to_owned();
    assert!(note.contains("config.toml:2 says 5: that takes effect when the daemon is started again"), "{note}");
    assert_eq!(row(&rows, "log_filter")["value"], "debug");
    until("a line for whoever looks closely", || env.logs().contains("greeted"));

    reload(&env, &daemon, "max_open_projects = 7\nreader = 5\n", |s| warnings(s) == 1);
    let told = status(&env, &home);
    assert_eq!(told["stores_open_max"], 3);
    let warning = told["warnings"][0].as_str().unwrap_or_default();
    assert!(warning.contains("config.toml:2: there is no key `reader`; the nearest is `readers`"), "{warning}");
    assert!(warning.ends_with("; what held before holds still"), "{warning}");
    assert_eq!(row(&config(&env, &home), "max_open_projects")["value"], 3);
    let shown = env.vigie_in(&home, &["status"]);
    shown.expect_code(0).check(shown.text().contains("  warning: "), "the warning among the rest");
    env.vigie_in(&home, &["config"]).expect_code(0).expect_stderr("there is no key `reader`");
    assert!(env.logs().contains("the configuration was not read again"));

    reload(&env, &daemon, "max_open_projects = 7\n", |s| warnings(s) == 0);
    assert_eq!(status(&env, &home)["stores_open_max"], 7);
    assert_eq!(status(&env, &home)["pid"], daemon.pid(), "the same daemon all the while");
    assert!(daemon.stop());
}

#[test]
fn a_project_outside_of_the_allowed_directories_is_refused_with_the_rule() {
    let env = TestEnv::new();
    let (inside, outside) = (env.path("projects/in"), env.path("projects/out"));
    let path = write_config(&env, &format!("workers = 2\nroots_allowed = ['~/src', '{}']\n", inside.display()));
    let daemon = env.start_daemon(&[]);
    let file = [("a.py", "def here(): pass\n"), (".vigie.toml", "roots_allowed = ['/']\n")];
    let allowed = indexed(&env, "in/a", &file);
    env.vigie_in(&allowed, &["watch"]).expect_code(0);
    // Whatever asks for an index of it: a command, a watch, a question that would have one made.
    let project = env.project("out/b");
    write_files(&project, &file);
    // A link in an allowed directory leads where it leads.
    std::os::unix::fs::symlink(&project, inside.join("link")).expect("a link");
    let rule = |root: &Path, line: u32| {
        format!("{} lies outside of roots_allowed in {}:{line}", root.display(), path.display())
    };
    let linked = inside.join("link").to_string_lossy().into_owned();
    for words in [&["index"][..], &["watch"], &["def", "here"], &["text", "here"], &["index", "--project", &linked]] {
        env.vigie_in(&project, words).expect_code(2).expect_stderr(&rule(&project, 2)).expect_stderr("add it there");
    }
    let json = env.vigie_in(&project, &["index", "--json"]);
    json.expect_code(2);
    json.check(json.stderr.contains("root-refused") || json.text().contains("root-refused"), "its code");
    assert_eq!(env.vigie_in(&allowed, &["projects", "--json"]).json().len(), 1, "it is not even registered");
    // What the project says of itself widens nothing.
    assert!(status(&env, &allowed)["project"]["warnings"][0].as_str().is_some_and(|it| it.contains("roots_allowed")));

    // It was indexed, and is watched; then it is no longer allowed.
    let is_watched = || status(&env, &allowed)["project"]["watch"] == "watched";
    until("a watch", is_watched);
    reload(&env, &daemon, &format!("roots_allowed = ['{}']\n", outside.display()), |_| {
        env.vigie_in(&allowed, &["def", "here"]).code == 2
    });
    for words in [&["def", "here"][..], &["index"], &["index", "a.py"], &["watch"], &["text", "--fresh", "here"]] {
        env.vigie_in(&allowed, words).expect_code(2).expect_stderr(&rule(&allowed, 1));
    }
    until("no watch", || !is_watched());
    let told = status(&env, &allowed);
    let warning = told["project"]["warnings"][0].as_str().unwrap_or_default();
    assert!(warning.starts_with(&rule(&allowed, 1)), "{warning}");
    let doctor = env.vigie_in(&allowed, &["doctor"]);
    doctor.check(doctor.text().contains("outside of roots_allowed"), "the reason");
    env.vigie_in(&project, &["index"]).expect_code(0);
    assert!(daemon.stop());

    // As little after a start; allowed again, it is followed again.
    let daemon = env.start_daemon(&[]);
    env.vigie_in(&allowed, &["def", "here"]).expect_code(2);
    assert!(!is_watched());
    reload(&env, &daemon, "", |_| env.vigie_in(&allowed, &["def", "here"]).code == 0);
    until("a watch", is_watched);
    write_files(&allowed, &[("b.py", "def there(): pass\n")]);
    env.vigie_in(&allowed, &["def", "--fresh", "there"]).expect_code(0);
    // What is not allowed can be let go of.
    reload(&env, &daemon, "roots_allowed = ['/nowhere']\n", |_| env.vigie_in(&allowed, &["def", "here"]).code == 2);
    env.vigie_in(&allowed, &["unwatch"]).expect_code(0);
    env.vigie_in(&allowed, &["forget", &allowed.to_string_lossy()]).expect_code(0);
    assert!(daemon.stop());
}

#[test]
fn a_job_ends_when_its_project_is_not_allowed_any_more() {
    let env = TestEnv::new();
    let path = write_config(&env, "");
    let daemon = env.start_daemon(&["--workers", "1"]);
    let root = SourceTree::generate(&env.project("large"), 4000, 8000, 31).root;
    let started = env.vigie_in(&root, &["index", "--detach", "--json"]);
    let job = started.expect_code(0).json()[0]["job"].as_u64().expect("a number");
    let job_state = || {
        let jobs = env.vigie_in(&root, &["jobs", "--all", "--json"]).json();
        jobs.iter().find(|row| row["job"] == job).map(|row| row["state"].clone()).unwrap_or_default()
    };
    until("the job at work", || job_state() == "running");
    reload(&env, &daemon, "roots_allowed = ['/nowhere']\n", |_| job_state() == "cancelled");
    reload(&env, &daemon, "", |_| env.vigie_in(&root, &["index", "--detach"]).code == 0);
    // It is interrupted, and not allowed when it would go on.
    daemon.kill();
    write_config(&env, "roots_allowed = ['/nowhere']\n");
    let daemon = env.start_daemon(&[]);
    let refused = format!("{} lies outside of roots_allowed in {}:1", root.display(), path.display());
    until("the end of what was left", || env.vigie_in(&root, &["jobs", "--all"]).text().contains(&refused));
    assert!(daemon.stop());
}

#[test]
fn fewer_open_projects_are_closed_and_answer_when_asked() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let roots: Vec<_> = (0..3).map(|n| indexed(&env, &format!("p{n}"), &[("a.py", "def here(): pass\n")])).collect();
    let open = |status: &Value| status["stores_open"].as_u64();
    assert_eq!(open(&status(&env, &env.home())), Some(3));
    reload(&env, &daemon, "max_open_projects = 1\n", |status| open(status) == Some(1));
    for root in &roots {
        env.vigie_in(root, &["def", "here"]).expect_code(0);
    }
    assert!(daemon.stop());
}

const FILES: [(&str, &str); 5] = [
    ("page.inc", "<?php function in_php() {}\n"),
    ("gen/made.py", "def made_by_a_program(): pass\n"),
    ("scratch/note.py", "def scratched(): pass\n"),
    ("src/main.py", "def written_by_hand(): pass\n"),
    ("src/long.py", "def far_too_long(): pass  # and on and on and on and on and on and on\n"),
];

const SETTINGS: &str =
    "ignore = ['/scratch/']\ngenerated = ['gen/']\nmax_structure_bytes = 60\n[languages]\ninc = 'php'\n";

fn is_found(env: &TestEnv, root: &Path, name: &str) -> bool {
    let output: Output = env.vigie_in(root, &["def", "--json", name]);
    output.check([0, 1, 3].contains(&output.code), "found or not, as far as is known");
    output.json().iter().any(|line| line["path"].is_string())
}

#[test]
fn p8_an_index_follows_what_the_project_says_of_itself() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "said", &FILES);
    let found = |name: &str| is_found(&env, &root, name);
    assert!(found("scratched") && found("far_too_long") && !found("in_php"));
    write_files(&root, &[(".vigie.toml", SETTINGS)]);
    index(&env, &root);
    assert!(!found("scratched") && !found("far_too_long") && found("in_php") && found("made_by_a_program"));
    check_same_dump("with the file", &dump(&env, &root), &dump_from_scratch(&root));
    // The file named as one of a few that changed.
    write_files(&root, &[(".vigie.toml", "max_file_bytes = '50'\n")]);
    env.vigie_in(&root, &["index", ".vigie.toml"]).expect_code(0);
    assert!(found("scratched") && !found("far_too_long") && !found("in_php"));
    let coverage = env.vigie_in(&root, &["coverage", "--json"]).json();
    let long = coverage.iter().find(|row| row["path"] == "src/long.py").expect("it is known");
    assert_eq!(
        (&long["disposition"], &long["reason"]),
        (&json!("too-large"), &json!("70 bytes, more than the limit of 50"))
    );
    check_same_dump("with another", &dump(&env, &root), &dump_from_scratch(&root));
    fs::remove_file(root.join(".vigie.toml")).expect("it is there");
    index(&env, &root);
    assert!(found("scratched") && found("far_too_long") && !found("in_php"));
    check_same_dump("without it", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn a_watched_project_follows_it_too() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = indexed(&env, "watched", &FILES);
    env.vigie_in(&root, &["watch"]).expect_code(0);
    let directories = || status(&env, &root)["project"]["watch_directories"].as_u64().unwrap_or_default();
    let all = directories();
    write_files(&root, &[(".vigie.toml", SETTINGS)]);
    until("the files as the project says", || is_found(&env, &root, "in_php") && !is_found(&env, &root, "scratched"));
    until("one directory less", || directories() == all - 1);
    // What is ignored is none of its business, and what is not is.
    write_files(&root, &[("scratch/other.py", "def unseen(): pass\n"), ("more.inc", "<?php function seen() {}\n")]);
    until("a new file of a told language", || is_found(&env, &root, "seen"));
    assert!(!is_found(&env, &root, "unseen"));
    check_same_dump("watched", &dump(&env, &root), &dump_from_scratch(&root));
    // It changes while nobody watches.
    assert!(daemon.stop());
    fs::rename(root.join(".vigie.toml"), root.join("vigie.toml")).expect("it moves");
    let _daemon = env.start_daemon(&[]);
    until("everything again", || is_found(&env, &root, "unseen") && !is_found(&env, &root, "seen"));
    until("all directories", || directories() == all);
    check_same_dump("without it", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn what_a_project_says_wrong_is_a_warning_and_the_rest_holds() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "wrong", &FILES);
    assert_eq!(status(&env, &root)["project"]["warnings"], json!([]));
    let text = "ignore = ['!out/', '/scratch/', '{']\nmax_file_bytes = '1G'\nignroe = ['src']\nworkers = 1\n[languages]\ninc = 'phq'\n";
    write_files(&root, &[(".vigie.toml", text)]);
    index(&env, &root);
    assert!(!is_found(&env, &root, "scratched") && is_found(&env, &root, "written_by_hand"));
    let told = status(&env, &root);
    let warnings: Vec<_> =
        told["project"]["warnings"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let expected = [
        ".vigie.toml:1: `!out/` has no effect: it takes back what a glob before it in this list names, and there is none",
        ".vigie.toml:1: the glob `{` does not parse",
        ".vigie.toml:2: `max_file_bytes` is too large: it must be a size of at most 16M",
        ".vigie.toml:3: there is no key `ignroe`; the nearest is `ignore`",
        ".vigie.toml:4: `workers` is no key of this file: it belongs into config.toml",
        ".vigie.toml:6: there is no language `phq`; the nearest is `php`",
    ];
    assert_eq!(warnings.len(), expected.len(), "{warnings:?}");
    for (warning, expected) in warnings.iter().zip(expected) {
        assert!(warning.starts_with(expected), "{warning}");
    }
    assert_eq!(told["warnings"], json!([]), "the daemon's own configuration is right");
    let shown = env.vigie_in(&root, &["status"]);
    shown.check(shown.text().contains("  warning: .vigie.toml:3: "), "the warnings among the rest");
    // `config` says what holds.
    let rows = config(&env, &root);
    let of_project: Vec<_> = rows.iter().filter(|row| row["of"] == "project").map(|row| &row["key"]).collect();
    assert_eq!(of_project, ["ignore", "generated", "languages", "max_file_bytes", "max_structure_bytes"]);
    let told = |key: &str| {
        let row = row(&rows, key);
        (row["value"].clone(), row["source"].clone(), row["place"].clone())
    };
    assert_eq!(told("ignore"), (json!(["!out/", "/scratch/"]), json!("file"), json!(".vigie.toml:1")));
    assert_eq!(told("max_file_bytes"), (json!(16 << 20), json!("default"), Value::Null));
    env.vigie_in(&root, &["config"]).expect_code(0).expect_stderr("there is no key `ignroe`");
    // A link may lead anywhere: it is not followed.
    fs::rename(root.join(".vigie.toml"), env.path("elsewhere.toml")).expect("it moves");
    std::os::unix::fs::symlink(env.path("elsewhere.toml"), root.join(".vigie.toml")).expect("a link");
    assert_eq!(status(&env, &root)["project"]["warnings"], json!([".vigie.toml is not read: it is no regular file"]));
}

#[test]
fn files_that_a_program_wrote_come_last() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let text = "def restore_session(): pass\n";
    let root = indexed(&env, "made", &[("a.py", text), ("b.py", text)]);
    let first = || env.vigie_in(&root, &["search", "--json", "restore session"]).json()[0]["path"].clone();
    assert_eq!(first(), "a.py");
    write_files(&root, &[(".vigie.toml", "generated = ['a.py']\n")]);
    index(&env, &root);
    assert_eq!(first(), "b.py");
}

#[test]
fn a_directory_that_is_no_project_has_no_settings_of_one() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let plain = env.project("plain");
    assert!(config(&env, &plain).iter().all(|row| row["of"] == "daemon"));
    write_files(&plain, &[(".vigie.toml", "ignore = ['x']\n")]);
    assert_eq!(row(&config(&env, &plain), "ignore")["value"], json!(["x"]), "before it is indexed, too");
}
