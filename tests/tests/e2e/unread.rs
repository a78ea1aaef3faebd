//! Files and directories that cannot be read: they are named and counted, and nobody takes an answer without them for a whole one (P9).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vigie_tests::{TestEnv, is_root};

use crate::support::{check_same_dump, dump, dump_from_scratch, index, terminal};

/// A project of somebody whom modes stop.
fn cellar() -> (TestEnv, PathBuf) {
    let env = if is_root() { TestEnv::as_nobody() } else { TestEnv::new() };
    let root = env.project("house");
    for (path, name) in [("open.py", "front_door"), ("locked.py", "safe_door"), ("cellar/hidden.py", "trap_door")] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("the tree is ours");
        fs::write(path, format!("def {name}():\n    pass\n")).expect("the tree is ours");
    }
    env.give_tree(&root);
    (env, root)
}

fn set_mode(root: &Path, path: &str, mode: u32) {
    fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).expect("the tree is ours");
}

fn unreadable(env: &TestEnv, root: &Path) -> Vec<(String, String)> {
    let output = env.vigie_in(root, &["coverage", "--json", "--disposition", "unreadable"]);
    output.check(output.code < 2, "a list of what cannot be read is whole");
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    output.answer().0.iter().map(|row| (text(row, "path"), text(row, "reason"))).collect()
}

#[test]
fn p9_what_cannot_be_read_is_counted_named_and_told_with_every_answer() {
    let (env, root) = cellar();
    let _daemon = env.start_daemon(&[]);
    index(&env, &root);
    assert_eq!(unreadable(&env, &root), []);
    set_mode(&root, "locked.py", 0o000);
    set_mode(&root, "cellar", 0o000);

    let output = env.vigie_in(&root, &["index", "--json"]);
    output.expect_code(3);
    let end = terminal(&output);
    let count = |key: &str| end["stats"][key].as_u64().unwrap_or(99);
    let counts = ["files_seen", "files_failed", "files_unread", "directories_unread", "files_deleted"].map(count);
    assert_eq!(counts, [2, 2, 2, 1, 0], "{end}");
    assert_eq!(end["errors"], 2, "what is counted while it runs is what its end says: {end}");
    let output = env.vigie_in(&root, &["index"]);
    output.expect_code(3);
    output.check(output.text().contains("1 file and 1 directory could not be read"), "the end says how many");

    let named = unreadable(&env, &root);
    let paths: Vec<&str> = named.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["cellar/", "locked.py"]);
    assert!(named.iter().all(|(_, reason)| reason.contains("Permission denied")), "{named:?}");
    assert!(named[0].1.starts_with("the directory cannot be read"), "{named:?}");

    for args in [&["def", "trap_door"][..], &["refs", "safe_door"], &["text", "trap_door"], &["text", "front_door"]] {
        env.vigie_in(&root, args).expect_code(3).expect_stderr("2 files or directories could not be read");
    }
    let (_, summary) = env.vigie_in(&root, &["def", "--json", "front_door"]).answer();
    assert_eq!(summary["coverage"]["unread"], 2, "{summary}");
    let here = env.vigie_in::<&str>(&root, &[]);
    here.check(here.text().contains("2 files or directories could not be read"), "the standing says so");
    let files = env.vigie_in(&root, &["files"]);
    assert!(!files.text().contains("cellar"), "a directory is no file: {}", files.text());

    // Its names can be read, and nothing can be looked at.
    fs::create_dir_all(root.join("attic/chest")).expect("the tree is ours");
    fs::write(root.join("attic/roof.py"), "def roof_door():\n    pass\n").expect("the tree is ours");
    env.give_tree(&root.join("attic"));
    set_mode(&root, "attic", 0o400);
    env.vigie_in(&root, &["index"]).expect_code(3);
    let paths: Vec<String> = unreadable(&env, &root).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["attic/chest/", "attic/roof.py", "cellar/", "locked.py"]);
    set_mode(&root, "attic", 0o700);

    set_mode(&root, "locked.py", 0o600);
    set_mode(&root, "cellar", 0o700);
    let end = index(&env, &root);
    assert_eq!((&end["stats"]["files_failed"], &end["stats"]["files_deleted"]), (&0.into(), &0.into()), "{end}");
    env.vigie_in(&root, &["def", "trap_door"]).expect_code(0);
    check_same_dump("readable again", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn p8_a_directory_that_is_closed_and_opened_again_is_looked_at_without_a_job() {
    let (env, root) = cellar();
    let _daemon = env.start_daemon(&[]);
    index(&env, &root);
    set_mode(&root, "cellar", 0o000);
    let output = env.vigie_in(&root, &["index", "cellar/hidden.py"]);
    output.expect_code(3).expect_stderr("cellar/ is not in the index: the directory cannot be read");
    assert_eq!(unreadable(&env, &root).len(), 1);
    env.vigie_in(&root, &["def", "--fresh", "trap_door"]).expect_code(3).expect_stderr("could not be read");
    set_mode(&root, "cellar", 0o700);
    env.vigie_in(&root, &["index", "cellar/hidden.py"]).expect_code(0);
    assert_eq!(unreadable(&env, &root), []);
    env.vigie_in(&root, &["def", "trap_door"]).expect_code(0);

    env.vigie_in(&root, &["watch"]).expect_code(0);
    set_mode(&root, "cellar", 0o000);
    env.vigie_in(&root, &["def", "--fresh", "trap_door"]).expect_code(3).expect_stderr("could not be read");
    set_mode(&root, "cellar", 0o700);
    env.vigie_in(&root, &["def", "--fresh", "trap_door"]).expect_code(0);
    check_same_dump("readable again", &dump(&env, &root), &dump_from_scratch(&root));
}
