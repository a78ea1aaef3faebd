//! What is said of the daemon is true, also of one that stops, has just ended, lacks something, or has a damaged index.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use vigie_tests::{SourceTree, TestEnv, Wire, WireError, kill_hard};

use crate::support::index;

fn check(env: &TestEnv, args: &[&str], name: &str) -> Option<Value> {
    let output = env.vigie_in(&env.home(), &[&["doctor", "--json", "--quick"], args].concat());
    output.json().into_iter().find(|check| check["type"] == "check" && check["name"] == name)
}

fn stores(env: &TestEnv) -> Vec<PathBuf> {
    let entries = fs::read_dir(env.state_dir().join("projects")).expect("the state directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "sqlite")).collect()
}

fn damage(store: &Path) {
    let length = fs::metadata(store).expect("the store").len();
    let file = fs::File::options().write(true).open(store).expect("the store");
    file.write_all_at(&vec![0x5a; usize::try_from(length - 4096).expect("it is small")], 4096).expect("it is ours");
}

fn write_config(env: &TestEnv, text: &str) {
    let config = env.home().join(".config/vigie/config.toml");
    fs::create_dir_all(config.parent().expect("a directory")).expect("home is ours");
    fs::write(&config, text).expect("home is ours");
    env.give(&config);
}

#[test]
fn a_daemon_that_has_just_come_up_to_follow_a_project_stops_at_once() {
    let env = TestEnv::new();
    let root = env.project("boat");
    fs::write(root.join("a.py"), "def a():\n    pass\n").expect("the tree is ours");
    env.vigie_in(&root, &["watch"]).expect_code(0);
    env.vigie_in(&root, &["daemon", "stop"]).expect_code(0);
    for round in 0..20 {
        env.vigie_in(&root, &["daemon", "start"]).expect_code(0);
        // At different moments of its coming up.
        std::thread::sleep(Duration::from_millis(round % 5 * 3));
        env.vigie_in(&root, &["daemon", "stop"]).expect_code(0);
    }
    let logs = env.logs();
    assert!(!logs.contains("stopping took too long"), "{logs}");
}

#[test]
fn a_question_about_a_damaged_index_begins_it_anew_and_says_why() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 30, 2000, 811);
    let daemon = env.start_daemon(&[]);
    index(&env, &tree.root);
    let before = env.vigie_in(&tree.root, &["text", "logbook_3"]).stdout;
    assert!(daemon.stop(), "{}", env.logs());
    assert_eq!(check(&env, &[], "set-aside"), None);
    stores(&env).iter().for_each(|store| damage(store));
    let _daemon = env.start_daemon(&[]);
    // It looks, and begins nothing.
    let here = env.vigie_in::<&str>(&tree.root, &[]);
    here.check(here.text().contains("its index holds nothing (the database was damaged"), "how the index stands");
    let output = env.vigie_in(&tree.root, &["text", "logbook_3"]);
    output.expect_code(0).expect_stderr("so it is indexed first: the database was damaged");
    assert_eq!(output.stdout, before, "{}", output.report());
    let aside = check(&env, &[], "set-aside").expect("doctor names what was set aside");
    assert_eq!(aside["state"], "warn");
    let fix = aside["fix"].as_str().expect("a command").to_owned();
    assert!(fix.starts_with("rm ") && fix.ends_with(".corrupt"), "{fix}");
    assert!(Command::new("sh").args(["-c", &fix]).status().expect("a shell").success(), "{fix}");
    assert_eq!(check(&env, &[], "set-aside"), None);
}

#[test]
fn a_process_that_has_ended_holds_no_lock() {
    let env = TestEnv::new();
    let mut child = env.daemon_command(&["--log", "/dev/null"]).stderr(Stdio::null()).spawn().expect("it starts");
    let begun = Instant::now();
    while !env.vigie_in(&env.home(), &["--no-spawn", "daemon", "status"]).stdout.starts_with(b"vigied ") {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", env.logs());
    }
    kill_hard(child.id());
    // Nobody has waited for it: it is in the system's table still, under its name.
    let state = format!("/proc/{}/stat", child.id());
    while !fs::read_to_string(&state).expect("it is there").contains(") Z ") {
        assert!(begun.elapsed() < Duration::from_secs(60), "it has not ended");
    }
    let lock = check(&env, &[], "lock").expect("a check of the lock");
    assert_eq!(lock["state"], "ok", "{lock}");
    child.wait().expect("it is ours");
}

#[test]
fn a_configuration_that_is_wrong_stops_no_daemon_that_is_well() {
    let env = TestEnv::new();
    let root = env.project("boat");
    env.vigie_in(&root, &["daemon", "start"]).expect_code(0);
    let pids = env.daemon_pids();
    write_config(&env, "workers = 0\n");
    env.vigie_in(&root, &["config"]).expect_stderr("config.toml was changed after it was read");
    let output = env.vigie_in(&root, &["doctor", "--json", "--quick"]);
    output.expect_code(2);
    let fails = |check: &Value| check["name"] == "config" && check["state"] == "fail";
    output.check(output.json().iter().any(fails), "the next daemon would not start");
    env.vigie_in(&root, &["daemon", "restart"]).expect_code(2).expect_stderr("config.toml:1");
    assert_eq!(env.daemon_pids(), pids, "it runs as before");
    write_config(&env, "workers = 1\n");
    env.vigie_in(&root, &["daemon", "restart"]).expect_code(0);
    let output = env.vigie_in(&root, &["config"]);
    assert!(!output.stderr.contains("was changed"), "{}", output.report());
    let said = env.daemon_command(&["check-config"]).output().expect("it runs");
    assert!(said.status.success() && String::from_utf8_lossy(&said.stdout).ends_with("config.toml is right\n"));
}

#[test]
fn a_state_directory_that_can_only_be_read_is_found_by_doctor() {
    let env = TestEnv::new();
    let root = env.project("boat");
    let script = "unshare --mount sh -c 'mount --bind \"$XDG_STATE_HOME\" \"$XDG_STATE_HOME\" &&
        mount -o remount,bind,ro \"$XDG_STATE_HOME\" && \"$VIGIE\" doctor --json --quick'";
    let test = "a_state_directory_that_can_only_be_read_is_found_by_doctor";
    let Some(output) = env.script_in_namespace(test, &root, script) else { return };
    output.expect_code(2);
    let told = |check: &Value| check["name"] == "writable" && check["state"] == "fail";
    output.check(output.json().iter().any(told), "nothing can be written there");
}

/// The daemon under a limit of open files that it cannot raise.
fn limited(env: &TestEnv, files: u32) -> Command {
    let daemon = env.daemon_command(&[]);
    let mut command = Command::new("sh");
    let script = format!("ulimit -n {files}; exec \"$0\" --log \"$1\"");
    command.args(["-c", &script]).arg(daemon.get_program()).arg(env.path("log/daemon.log"));
    command.env_clear().envs(daemon.get_envs().filter_map(|(key, value)| Some((key, value?)))).stdin(Stdio::null());
    command
}

#[test]
fn with_too_few_descriptors_no_daemon_comes_up() {
    let env = TestEnv::new();
    let output = limited(&env, 40).stderr(Stdio::piped()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &env.logs();
    assert!(!output.status.success() && said.contains("the limit on open files is 40"), "{said}");
}

#[test]
fn whoever_connects_when_no_descriptor_is_left_is_told() {
    let env = TestEnv::new();
    let mut child = limited(&env, 128).stderr(Stdio::null()).spawn().expect("it starts");
    let begun = Instant::now();
    while !env.vigie_in(&env.home(), &["--no-spawn", "daemon", "status"]).stdout.starts_with(b"vigied ") {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", env.logs());
    }
    let socket = env.socket();
    let mut open = Vec::new();
    let refusal = loop {
        assert!(open.len() < 200, "so many descriptors there are not");
        match Wire::greeted(&socket) {
            Ok(wire) => open.push(wire),
            Err(WireError::Refused(sentence)) => break sentence,
            Err(other) => panic!("neither greeted nor refused: {other}\n{}", env.logs()),
        }
    };
    assert!(refusal.contains("no file descriptors left"), "{refusal}");
    drop(open);
    // It recovers, and its log was not filled.
    let begun = Instant::now();
    while env.vigie_in(&env.home(), &["--no-spawn", "daemon", "status"]).code != 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", env.logs());
    }
    let lines = env.logs().lines().filter(|line| line.contains("accepting a connection failed")).count();
    assert!((1..12).contains(&lines), "{lines} lines\n{}", env.logs());
    env.vigie_in(&env.home(), &["daemon", "stop"]).expect_code(0);
    child.wait().expect("it is ours");
}

#[test]
fn advice_is_about_what_was_asked() {
    let env = TestEnv::new();
    let root = env.project("boat");
    fs::write(root.join("a.py"), "def a():\n    pass\n").expect("the tree is ours");
    let output = env.vigie_in(&root, &["watch"]);
    assert!(!output.stderr.contains("running already"), "it has begun that job itself: {}", output.report());
    let other = env.project("other");
    let output = env.vigie_in(&other, &["forget", other.to_str().expect("a path")]);
    output.expect_code(2).expect_stderr("lies in no indexed project").expect_stderr("nothing is to be done");
    let output = env.vigie_in(&root, &["--project", "a.py", "def", "a"]);
    let hint = format!("it lies in the project {0}: --project {0}", root.display());
    output.expect_code(2).expect_stderr("a.py is a file").expect_stderr(&hint);
    env.vigie_in(&root, &["daemon", "stop"]).expect_code(0);
    let here = env.vigie_in::<&str>(&root, &[]);
    here.check(here.text().contains("only the daemon knows"), "it is indexed, and nobody is there to say so");
}
