//! `vigie doctor`: each thing that can be wrong is made wrong, and what it says to do is read.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vigie_tests::{SourceTree, TestEnv, kill_hard};

use crate::support::index;

/// What it found, by name: state, finding and fix of each; and the exit code.
struct Told {
    checks: Vec<Value>,
    code: i32,
}

impl Told {
    #[track_caller]
    fn check(&self, name: &str) -> (&str, &str, &str) {
        let check = self.checks.iter().find(|check| check["name"] == name && check["type"] == "check");
        let check = check.unwrap_or_else(|| panic!("no check {name} among {:?}", self.checks));
        let text = |key: &str| check[key].as_str().unwrap_or_default();
        (text("state"), text("found"), text("fix"))
    }
}

fn doctor(env: &TestEnv, args: &[&str]) -> Told {
    let output = env.vigie_in(&env.home(), &[&["doctor", "--json"], args].concat());
    Told { code: output.code, checks: output.json() }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

fn store(env: &TestEnv) -> PathBuf {
    let entries = fs::read_dir(env.state_dir().join("projects")).expect("the state directory");
    let mut stores = entries.map(|entry| entry.expect("an entry").path());
    stores.find(|path| path.extension().is_some_and(|extension| extension == "sqlite")).expect("a store")
}

#[test]
fn all_is_well_with_a_daemon_and_an_index() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 30, 1500, 320);
    index(&env, &tree.root);
    let told = doctor(&env, &[]);
    for name in
        ["runtime", "socket", "state", "filesystem", "daemon", "version", "program", "lock", "config", "registry"]
    {
        assert_eq!(told.check(name).0, "ok", "{name}: {:?}", told.checks);
    }
    let (state, found, _) = told.check("store");
    assert_eq!((state, found.starts_with("whole")), ("ok", true), "{found}");
    for name in ["memory", "descriptors", "inotify", "disk", "quota", "git", "systemd"] {
        told.check(name);
    }
    assert_eq!(told.code == 2, told.checks.iter().any(|check| check["state"] == "fail"), "{:?}", told.checks);
    let last = told.checks.last().expect("lines");
    assert_eq!((&last["type"], last["ok"].as_u64().is_some_and(|ok| ok > 10)), (&"doctor".into(), true), "{last}");
    let quick = doctor(&env, &["--quick"]);
    assert!(!quick.checks.iter().any(|check| check["name"] == "store"), "{:?}", quick.checks);
    let text = env.vigie_in(&env.home(), &["doctor"]);
    text.check(text.text().contains("ok    daemon"), "a line for people");
    drop(daemon);
}

#[test]
fn no_daemon_is_started_unless_asked_for() {
    let env = TestEnv::new();
    let told = doctor(&env, &[]);
    let (state, found, fix) = told.check("daemon");
    assert_eq!((state, fix), ("warn", "vigie daemon start"), "{found}");
    assert_eq!(told.check("config").0, "ok");
    assert!(env.daemon_pids().is_empty(), "nothing was started");
    let told = doctor(&env, &["--start"]);
    assert_eq!(told.check("daemon").0, "ok");
    assert_eq!(env.daemon_pids().len(), 1);
}

#[test]
fn open_directories_and_sockets_are_told_with_the_command_that_closes_them() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    set_mode(&env.runtime_dir(), 0o755);
    set_mode(daemon.socket(), 0o666);
    set_mode(&env.state_dir(), 0o750);
    let told = doctor(&env, &[]);
    let (state, found, fix) = told.check("runtime");
    assert_eq!((state, told.code), ("fail", 2), "{found}");
    assert_eq!(fix, format!("chmod 700 {}", env.runtime_dir().display()));
    assert_eq!(told.check("socket").2, format!("chmod 600 {}", daemon.socket().display()));
    assert_eq!(told.check("state").2, format!("chmod 700 {}", env.state_dir().display()));
    // What it says is what helps.
    for fix in [told.check("runtime").2, told.check("socket").2, told.check("state").2] {
        let done = std::process::Command::new("sh").args(["-c", fix]).status().expect("a shell");
        assert!(done.success(), "{fix}");
    }
    let told = doctor(&env, &[]);
    for name in ["runtime", "socket", "state"] {
        assert_eq!(told.check(name).0, "ok", "{:?}", told.checks);
    }
}

#[test]
fn a_wrong_configuration_is_told_with_and_without_a_daemon() {
    let env = TestEnv::new();
    let config = env.home().join(".config/vigie/config.toml");
    fs::create_dir_all(config.parent().expect("a directory")).expect("home is ours");
    fs::write(&config, "workers = 'many'\n").expect("home is ours");
    let told = doctor(&env, &[]);
    let (state, found, _) = told.check("config");
    assert!(state == "fail" && found.contains("config.toml:1") && told.code == 2, "{found}");
    fs::write(&config, "workers = 2\n").expect("home is ours");
    let daemon = env.start_daemon(&[]);
    fs::write(&config, "workers = 'many'\n").expect("home is ours");
    daemon.hang_up();
    let begun = std::time::Instant::now();
    loop {
        let told = doctor(&env, &["--quick"]);
        let (state, found, fix) = told.check("config");
        if state == "warn" {
            assert!(found.contains("config.toml:1") && fix.contains("config.toml"), "{found}; {fix}");
            break;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "{:?}", told.checks);
    }
}

#[test]
fn a_damaged_store_is_found_and_its_fix_works() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 60, 4000, 321);
    index(&env, &tree.root);
    assert!(daemon.stop());
    let path = store(&env);
    let bytes = path.metadata().expect("a store").len();
    let mut file = fs::File::options().write(true).open(&path).expect("it is ours");
    // Pages in the middle, whole: the first ones are read when it is opened.
    file.seek(SeekFrom::Start(bytes / 2 / 4096 * 4096)).expect("a file");
    file.write_all(&[0xa5; 8 * 4096]).expect("a file");
    drop(file);
    let before = fs::read(&path).expect("it is there");
    let daemon = env.start_daemon(&[]);
    let told = doctor(&env, &[]);
    let (state, found, fix) = told.check("store");
    assert!(state == "fail" && found.starts_with("damaged") && told.code == 2, "{found}");
    assert_eq!(fs::read(&path).expect("it is there"), before, "nothing was changed");
    let root = tree.root.display().to_string();
    assert_eq!(fix, format!("vigie forget {root}; vigie index --project {root}"));
    for command in fix.split("; ") {
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        env.vigie_in(&env.home(), &words).expect_code(0);
    }
    assert_eq!(doctor(&env, &[]).check("store").0, "ok");
    drop(daemon);
}

#[test]
fn reading_a_store_is_bounded() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 60, 4000, 322);
    index(&env, &tree.root);
    let request = vigie_proto::Check { store_ms_max: 1, ..vigie_proto::Check::default() };
    let answer = _daemon.connect().ask(&request).expect("it answers");
    let rows: Vec<_> = answer.all::<vigie_proto::CheckRows>().into_iter().flat_map(|page| page.rows).collect();
    let states: Vec<_> = rows.iter().filter(|row| row.name == "store").map(|row| row.state.name()).collect();
    // So small a store may be read within a millisecond; what matters is that the end comes.
    assert!(states == ["begun", "warn"] || states == ["begun", "ok"], "{states:?}");
}

/// Where no daemon lies beside `vigie`, one is looked for in PATH, and not in the current directory.
#[test]
fn what_lies_in_the_current_directory_is_not_taken_for_the_daemon() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let (bin, here) = (env.path("alone"), env.path("here"));
    for directory in [&bin, &here] {
        fs::create_dir(directory).expect("the directory is new");
    }
    vigie_tests::copy_program(&env.binary("vigie"), &bin.join("vigie"));
    fs::write(here.join("vigied"), "another").expect("the directory is ours");
    let output = env.program_in(&bin.join("vigie"), &here, &["doctor", "--json", "--quick"], &[]);
    let told = Told { code: output.code, checks: output.json() };
    let (state, found, _) = told.check("program");
    assert_eq!(state, "ok", "{found}");
}

#[test]
fn a_program_that_was_replaced_is_told() {
    let env = TestEnv::new();
    let programs = env.path("programs");
    fs::create_dir(&programs).expect("the directory is new");
    let binary = programs.join("vigied");
    vigie_tests::copy_program(&env.program("vigied"), &binary);
    let usual = env.daemon_command(&["--announce"]);
    let mut command = std::process::Command::new(&binary);
    command.args(usual.get_args()).env_clear().envs(usual.get_envs().filter_map(|(k, v)| Some((k, v?))));
    let mut daemon = command.current_dir(env.home()).stdout(std::process::Stdio::piped()).spawn().expect("it runs");
    let mut line = String::new();
    let stdout = daemon.stdout.take().expect("it is piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("it announces");
    assert!(line.starts_with("ready"), "{line}");
    assert_eq!(doctor(&env, &["--quick"]).check("program").0, "ok");
    fs::remove_file(&binary).expect("it is ours");
    let told = doctor(&env, &["--quick"]);
    let (state, found, fix) = told.check("program");
    assert_eq!((state, fix), ("warn", "vigie daemon restart"), "{found}");
    kill_hard(daemon.id());
    daemon.wait().expect("it is ours");
}

/// What doctor says of file descriptors where a shell allows so many.
#[track_caller]
fn descriptors_under(limit: &str) -> (String, String, String) {
    let env = TestEnv::new();
    let mut command = std::process::Command::new("sh");
    let daemon = env.daemon_command(&["--announce"]);
    command.args(["-c", &format!("{limit}; exec \"$0\" --announce")]).arg(daemon.get_program()).env_clear();
    command.envs(daemon.get_envs().filter_map(|(k, v)| Some((k, v?)))).current_dir(env.home());
    let mut daemon = command.stdout(std::process::Stdio::piped()).spawn().expect("it runs");
    let mut line = String::new();
    let stdout = daemon.stdout.take().expect("it is piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("it announces");
    assert!(line.starts_with("ready"), "{line}");
    let told = doctor(&env, &["--quick"]);
    let (state, found, fix) = told.check("descriptors");
    let told = (state.to_owned(), found.to_owned(), fix.to_owned());
    kill_hard(daemon.id());
    daemon.wait().expect("it is ours");
    told
}

#[test]
fn few_file_descriptors_are_told() {
    let (state, found, fix) = descriptors_under("ulimit -n 128");
    assert!(state == "warn" && found.contains("of 128"), "{found}");
    assert!(fix.contains("1024") && fix.contains("vigie daemon restart"), "{fix}");
}

#[test]
fn the_daemon_allows_itself_what_it_may() {
    let (state, found, _) = descriptors_under("ulimit -Sn 100; ulimit -Hn 3000");
    assert!(state == "ok" && found.contains("of 3000"), "{state} {found}");
}

#[test]
fn a_project_that_is_gone_is_told() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("wreck");
    fs::write(root.join("a.rs"), "fn main() {}\n").expect("the tree is ours");
    index(&env, &root);
    fs::remove_dir_all(&root).expect("the tree is ours");
    let told = doctor(&env, &[]);
    let (state, found, fix) = told.check("project");
    assert_eq!((state, fix), ("warn", format!("vigie forget {}", root.display()).as_str()), "{found}");
}
