//! Who may connect, where anything is written, and what logs hold.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use vigie_proto::{Activity, ActivityReply, ChangedQuery, OldFile, OldState, Target};
use vigie_tests::{SourceTree, TestEnv, Wire, is_root, skip, tree_state};

use crate::support::index;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("it exists").permissions().mode() & 0o7777
}

/// Every file and directory below a state or runtime directory is for its owner alone.
fn check_modes(directory: &Path) {
    assert_eq!(mode(directory), 0o700, "{}", directory.display());
    for entry in fs::read_dir(directory).expect("the directory is readable") {
        let path = entry.expect("the entry is readable").path();
        if path.is_dir() {
            check_modes(&path);
        } else {
            assert_eq!(mode(&path) & 0o077, 0, "{} is {:o}", path.display(), mode(&path));
        }
    }
}

#[test]
fn p10_everything_is_for_its_owner_alone() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 30, 1500, 140);
    index(&env, &tree.root);
    assert_eq!(mode(daemon.socket()), 0o600);
    check_modes(&env.state_dir());
    check_modes(&env.runtime_dir());
}

#[test]
fn p10_nothing_is_written_into_a_project_or_the_home() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 60, 2000, 141);
    fs::create_dir(tree.root.join(".git")).expect("the tree is ours");
    let (project, home) = (tree_state(&tree.root), tree_state(&env.home()));
    index(&env, &tree.root);
    for args in [
        &["text", "lantern"][..],
        &["def", "moor_0"],
        &["symbols", "Ship"],
        &["search", "lantern"],
        &["context", "moor_0"],
        &["map"],
        &["files", "file"],
        &["coverage"],
        &["dump"],
        &["status"],
        &["index", "--force"],
    ] {
        env.vigie_in(&tree.root, args).expect_code(0);
    }
    assert_eq!(tree_state(&tree.root), project, "the project is as it was");
    assert_eq!(tree_state(&env.home()), home, "the home directory is as it was");
}

#[test]
fn p10_another_user_is_refused() {
    if !is_root() {
        return skip("p10_another_user_is_refused", "only root can be two users");
    }
    let env = TestEnv::as_nobody();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1000, 142);
    env.give_tree(&tree.root);
    index(&env, &tree.root);
    // Root may open every file; what keeps it out is the daemon's look at who connects.
    match Wire::greeted(daemon.socket()) {
        Ok(_) => panic!("the daemon talks to another user"),
        Err(e) => {
            let text = e.to_string();
            assert!(!text.contains("timed out"), "it answers or hangs up at once: {text}");
        }
    }
    let socket = daemon.socket().to_str().expect("the path is UTF-8");
    let output = env.vigie_as_tester(&tree.root, &["status", "--no-spawn", "--socket", socket]);
    output.expect_code(77);
    env.vigie_in(&tree.root, &["status"]).expect_code(0);
}

#[test]
fn p10_a_runtime_directory_of_somebody_else_is_refused() {
    let env = TestEnv::new();
    let directory = env.runtime_dir();
    fs::create_dir(&directory).expect("the directory is ours");
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).expect("the directory is ours");
    match env.try_start_daemon(&[]) {
        Ok(daemon) => {
            assert_eq!(mode(&directory), 0o700, "a directory that was open to all is closed or refused");
            daemon.kill();
        }
        Err(sentence) => assert!(sentence.contains("vigie"), "{sentence}"),
    }
}

#[test]
fn p12_logs_hold_neither_contents_nor_queries() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = env.project("secrets");
    fs::write(root.join("vault.py"), "def SECRETNAMEXYZ():\n    return 'SECRETCONTENTXYZ'\n")
        .expect("the tree is ours");
    let torn = format!("fn SECRETTORNXYZ( {}\n", "((((".repeat(20_000));
    fs::write(root.join("torn.rs"), torn).expect("the tree is ours");
    index(&env, &root);
    env.vigie_in(&root, &["text", "--json", "SECRETCONTENT"]).expect_code(0);
    env.vigie_in(&root, &["text", "--json", "QUERYTEXTXYZ"]).expect_code(1);
    env.vigie_in(&root, &["text", "--json", "(QUERYBADXYZ"]).expect_code(2);
    env.vigie_in(&root, &["def", "--json", "QUERYNAMEXYZ"]).expect_code(1);
    env.vigie_in(&root, &["symbols", "--json", "--fuzzy", "QUERYFUZZYXYZ"]).expect_code(1);
    env.vigie_in(&root, &["search", "--json", "QUERYWORDXYZ"]).expect_code(1);
    env.vigie_in(&root, &["context", "--json", "QUERYPACKXYZ"]).expect_code(1);
    env.vigie_in(&root, &["impact", "--json", "QUERYIMPACTXYZ"]).expect_code(1);
    env.vigie_in(&root, &["files", "--json", "QUERYFILEXYZ"]).expect_code(1);
    let old = OldFile {
        path: "QUERYOLDXYZ.py".into(),
        state: OldState::PRESENT,
        content: "def QUERYCONTENTXYZ(): pass\n".into(),
        ..OldFile::default()
    };
    let target = Target { path: root.as_os_str().as_bytes().into(), ..Target::default() };
    let changed = ChangedQuery { target, files: vec![old], ..ChangedQuery::default() };
    daemon.connect().ask(&changed).expect("an answer");
    // Neither do its numbers, nor what it tells of who is connected and what took long.
    let numbers = env.vigie_in(&root, &["metrics"]).text().to_owned();
    assert!(numbers.contains("vigie_query_duration_seconds_count{kind=\"impact\"} 1"), "{numbers}");
    let activity = daemon.connect().ask(&Activity::default()).expect("an answer").one::<ActivityReply>();
    assert!(daemon.stop());
    let logs = env.logs() + &numbers + &format!("{activity:?}");
    assert!(!logs.is_empty() && logs.contains("daemon.log"), "there is a log");
    for secret in [
        "SECRETNAME",
        "SECRETCONTENT",
        "SECRETTORN",
        "QUERYTEXT",
        "QUERYBAD",
        "QUERYNAME",
        "QUERYFUZZY",
        "QUERYWORD",
        "QUERYPACK",
        "QUERYIMPACT",
        "QUERYFILE",
        "QUERYOLD",
        "QUERYCONTENT",
    ] {
        assert!(!logs.contains(secret), "{secret} is in the logs:\n{logs}");
    }
}

#[test]
fn p12_the_most_talkative_log_holds_neither() {
    let env = TestEnv::new();
    let root = env.project("secrets");
    fs::write(root.join("vault.py"), "def SECRETNAMEXYZ():\n    return 'SECRETCONTENTXYZ'\n")
        .expect("the tree is ours");
    let daemon = env.start_daemon_with(&[], &[("VIGIE_LOG", "trace"), ("RUST_LOG", "trace")]);
    index(&env, &root);
    env.vigie_in(&root, &["text", "--json", "QUERYTEXTXYZ"]).expect_code(1);
    assert!(daemon.stop());
    let logs = env.logs();
    for secret in ["SECRETNAME", "SECRETCONTENT", "QUERYTEXT"] {
        assert!(!logs.contains(secret), "{secret} is in the logs:\n{logs}");
    }
}
