//! `vigie index FILE…`: what a caller names is looked at, at once and alone, and every kind of question follows.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vigie_proto::{EventType, Refresh, Refreshed, Target};
use vigie_tests::{Output, SourceTree, TestEnv, is_root};

use crate::incremental::Edits;
use crate::support::{check_same_dump, dump, dump_from_scratch, index, wait_job, wait_stage, write_files};

/// An indexed project of three files, of which `far.py` uses what `near.py` defines.
fn harbour(env: &TestEnv) -> PathBuf {
    let root = env.project("harbour");
    write_files(
        &root,
        &[
            ("near.py", "def old_pier():\n    pass\n"),
            ("far.py", "from near import old_pier\n\n\ndef arrive():\n    old_pier()\n"),
            ("deep/down.py", "def deep_pier():\n    pass\n"),
            (".gitignore", "*.tmp.py\n"),
        ],
    );
    env.give_tree(&root);
    index(env, &root);
    root
}

/// Names files that have changed, checks the exit code and that what is no part of the project is named, and returns how many of them were indexed, unchanged, removed and no part of the project.
#[track_caller]
fn refresh(env: &TestEnv, root: &Path, files: &[&str]) -> [u64; 4] {
    let output = env.vigie_in(root, &[&["index", "--json"], files].concat());
    let told = &output.json()[0];
    output.check(told["type"] == "refreshed", "no job for that");
    output.check(told["root"] == root.to_str().expect("the path is UTF-8"), "the root");
    output.check(told["generation"].as_u64() > Some(0), "the generation that has them");
    let counts = ["indexed", "unchanged", "removed", "ignored"].map(|field| told[field].as_u64().expect("a number"));
    let code = match counts {
        [.., 0] => 0,
        [0, 0, 0, _] => 1,
        _ => 3,
    };
    output.expect_code(code);
    output.check(told["notes"].as_array().is_some_and(|notes| notes.is_empty() == (counts[3] == 0)), "a note for it");
    counts
}

/// Where a question finds something: `path:line` of each row.
#[track_caller]
fn places(env: &TestEnv, root: &Path, words: &[&str]) -> Vec<String> {
    let output = env.vigie_in(root, &[words, &["--json"]].concat());
    let (rows, summary) = output.answer();
    output
        .check(rows.iter().all(|row| row["changed"] != true && row["stale"] != true), "rows of the files as they are");
    output.check(summary["coverage"]["complete"] == true, "a complete index");
    rows.iter().map(|row| format!("{}:{}", row["path"].as_str().unwrap_or("?"), row["line"])).collect()
}

/// Text, definition, references, callers and outline agree about a name.
#[track_caller]
fn check_name(env: &TestEnv, root: &Path, name: &str, definition: &[&str], references: &[&str]) {
    let mut lines: Vec<_> = [definition, references].concat();
    lines.sort_unstable();
    assert_eq!(places(env, root, &["text", "-w", name]), lines, "text {name}");
    assert_eq!(places(env, root, &["def", name]), definition, "def {name}");
    assert_eq!(places(env, root, &["symbols", "--prefix", name]), definition, "symbols {name}");
    assert_eq!(places(env, root, &["refs", name]), references, "refs {name}");
}

#[test]
fn p8_a_changed_file_answers_at_once() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = harbour(&env);
    check_name(&env, &root, "old_pier", &["near.py:1"], &["far.py:1", "far.py:5"]);
    write_files(
        &root,
        &[("near.py", "# rebuilt\ndef new_pier():\n    pass\n"), ("far.py", "from near import new_pier\n")],
    );
    // Until somebody looks, rows say that their files changed, and show no line that is not there any more.
    for words in [
        ["def", "old_pier"],
        ["refs", "old_pier"],
        ["callers", "old_pier"],
        ["imports", "far.py"],
        ["outline", "near.py"],
    ] {
        let output = env.vigie_in(&root, &[&words[..], &["--json"]].concat());
        let (rows, _) = output.answer();
        let is_marked = |row: &Value| row["changed"] == true && row["text"].as_str().unwrap_or_default().is_empty();
        output.expect_code(0).check(rows.iter().all(is_marked), "rows marked as changed");
    }
    assert_eq!(refresh(&env, &root, &["near.py", "far.py", "deep/down.py"]), [2, 1, 0, 0]);
    check_name(&env, &root, "new_pier", &["near.py:2"], &["far.py:1"]);
    check_name(&env, &root, "old_pier", &[], &[]);
    assert_eq!(places(&env, &root, &["callers", "new_pier"]), Vec::<String>::new());
    assert_eq!(refresh(&env, &root, &["near.py", "far.py"]), [0, 2, 0, 0]);
    check_same_dump("named files", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn p8_new_and_removed_files_follow() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = harbour(&env);
    write_files(&root, &[("new/quay.rs", "pub fn quay_side() {}\n\npub fn walk() {\n    quay_side();\n}\n")]);
    assert_eq!(refresh(&env, &root, &["new/quay.rs"]), [1, 0, 0, 0]);
    check_name(&env, &root, "quay_side", &["new/quay.rs:1"], &["new/quay.rs:4"]);
    assert_eq!(places(&env, &root, &["callers", "quay_side"]), ["new/quay.rs:4"]);
    fs::remove_dir_all(root.join("new")).expect("the tree is ours");
    assert_eq!(refresh(&env, &root, &["new/quay.rs"]), [0, 0, 1, 0]);
    check_name(&env, &root, "quay_side", &[], &[]);
    assert_eq!(places(&env, &root, &["files", "quay"]), Vec::<String>::new());
    fs::rename(root.join("near.py"), root.join("deep/near.py")).expect("the tree is ours");
    assert_eq!(refresh(&env, &root, &["near.py", "deep/near.py"]), [1, 0, 1, 0]);
    check_name(&env, &root, "old_pier", &["deep/near.py:1"], &["far.py:1", "far.py:5"]);
    check_same_dump("moved files", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn files_may_be_named_from_anywhere() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = harbour(&env);
    write_files(&root, &[("near.py", "def named_pier():\n    pass\n")]);
    let output = env.vigie_in(&root.join("deep"), &["index", "../near.py"]);
    output.expect_code(0).check(output.text().ends_with(": 1 file indexed\n"), "what became of it");
    write_files(&root, &[("near.py", "def other_pier():\n    pass\n")]);
    let path = root.join("near.py");
    env.vigie_in(&env.home(), &["index", path.to_str().expect("UTF-8")]).expect_code(0);
    check_name(&env, &root, "other_pier", &["near.py:1"], &[]);
    fs::remove_file(&path).expect("the tree is ours");
    env.vigie_in(&env.home(), &["index", path.to_str().expect("UTF-8")]).expect_code(0);
    check_name(&env, &root, "other_pier", &[], &[]);
}

#[test]
fn an_ignored_file_is_no_part_of_the_project() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = harbour(&env);
    write_files(&root, &[("scratch.tmp.py", "def scratch_pier():\n    pass\n")]);
    assert_eq!(refresh(&env, &root, &["scratch.tmp.py"]), [0, 0, 0, 1]);
    assert_eq!(refresh(&env, &root, &["never_there.py"]), [0, 0, 0, 1]);
    assert_eq!(refresh(&env, &root, &["scratch.tmp.py", "near.py"]), [0, 1, 0, 1]);
    check_name(&env, &root, "scratch_pier", &[], &[]);
    let output = env.vigie_in(&root, &["index", "scratch.tmp.py"]);
    output
        .expect_code(1)
        .expect_stderr("scratch.tmp.py is ignored")
        .check(output.stdout.is_empty(), "nothing was done");
    let output = env.vigie_in(&root, &["index", "near.py", "never_there.py"]);
    output.expect_code(3).expect_stderr("never_there.py does not exist");
    output.check(output.text().ends_with(": 1 file unchanged\n"), "what became of the other");
    let output = env.vigie_in(&root, &["index", "a", "b", "c", "d", "e"]);
    output.expect_code(1).expect_stderr("more files that are no part of the project: 2");
}

#[test]
fn p8_changed_ignore_rules_are_looked_at_by_a_job() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = harbour(&env);
    write_files(&root, &[("scratch.tmp.py", "def scratch_pier():\n    pass\n"), (".gitignore", "deep/\n")]);
    let output = env.vigie_in(&root, &["index", "--json", ".gitignore"]);
    let last = output.expect_code(0).json().pop().unwrap_or_default();
    output.check(last["type"] == "complete" && last["stats"]["files_deleted"] == 1, "a job that ends");
    check_name(&env, &root, "scratch_pier", &["scratch.tmp.py:1"], &[]);
    check_name(&env, &root, "deep_pier", &[], &[]);
    check_same_dump("other rules", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn p8_named_files_overtake_a_running_job() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 410);
    let mut job = env.spawn_vigie_in(&tree.root, &["index", "--json"]);
    let event = wait_stage(&mut job, "indexing");
    write_files(&tree.root, &[("late/arrival.py", "def late_arrival():\n    pass\n")]);
    let mut wire = daemon.connect();
    let target = Target { path: tree.root.as_os_str().as_bytes().into(), ..Target::default() };
    let files = vec!["late/arrival.py".into()];
    let refreshed: Refreshed =
        wire.ask(&Refresh { target, files, ..Refresh::default() }).expect("it is answered").one();
    assert_eq!((refreshed.job, refreshed.indexed), (0, 1), "{refreshed:?}");
    let output = env.vigie_in(&tree.root, &["def", "--json", "late_arrival"]);
    let (rows, summary) = output.expect_code(0).answer();
    output.check(rows.len() == 1 && summary["coverage"]["complete"] == false, "before the job has ended");
    let job = event["job"].as_u64().expect("its number");
    assert_eq!(wait_job(&mut wire, job).r#type, EventType::COMPLETE);
    assert_eq!(places(&env, &tree.root, &["def", "late_arrival"]), ["late/arrival.py:1"]);
    check_same_dump("during a job", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}

#[test]
fn p8_the_mode_of_a_file_may_change() {
    let env = if is_root() { TestEnv::as_nobody() } else { TestEnv::new() };
    let _daemon = env.start_daemon(&[]);
    let root = harbour(&env);
    let set = |mode| fs::set_permissions(root.join("near.py"), fs::Permissions::from_mode(mode)).expect("it is ours");
    let disposition = || {
        let (rows, _) = env.vigie_in(&root, &["coverage", "--json", "near.py"]).answer();
        rows[0]["disposition"].as_str().map(str::to_owned).unwrap_or_default()
    };
    let defined = || env.vigie_in(&root, &["def", "--json", "old_pier"]).answer().0.len();
    assert_eq!((disposition(), defined()), ("indexed".to_owned(), 1));
    set(0o000);
    let output = env.vigie_in(&root, &["index", "near.py"]);
    output.expect_code(3).expect_stderr("near.py is not in the index: Permission denied");
    assert_eq!((disposition(), defined()), ("unreadable".to_owned(), 0), "{}", output.report());
    let output = env.vigie_in(&root, &["text", "def old_pier"]);
    output.expect_code(3).expect_stderr("could not be read").check(output.stdout.is_empty(), "no line of it");
    set(0o600);
    assert_eq!(refresh(&env, &root, &["near.py"]), [1, 0, 0, 0]);
    assert_eq!((disposition(), defined()), ("indexed".to_owned(), 1));
    check_name(&env, &root, "old_pier", &["near.py:1"], &["far.py:1", "far.py:5"]);
}

/// What may not be named is refused with a sentence that names it, and nothing is done.
#[track_caller]
fn check_refused(output: &Output, words: &[&str]) {
    output.expect_code(2).check(output.stdout.is_empty(), "nothing on stdout");
    for word in words {
        output.expect_stderr(word);
    }
}

#[test]
fn what_is_not_about_files_is_refused() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = harbour(&env);
    write_files(&root, &[("near.py", "def refused_pier():\n    pass\n")]);
    let refused = |words: &[&str]| env.vigie_in(&root, &[&["index"], words].concat());
    check_refused(&refused(&["near.py", "deep"]), &["deep is a directory"]);
    check_refused(&refused(&["deep", "near.py"]), &["deep is a directory"]);
    for option in [
        &["--force"][..],
        &["--detach"],
        &["--files"],
        &["--cancel-on-exit"],
        &["--max-files", "3"],
        &["--max-memory", "64M"],
    ] {
        check_refused(&refused(&[&["near.py"], option].concat()), &["options", "files"]);
    }
    let outside = env.path("projects/outside.py");
    fs::write(&outside, "def outside():\n    pass\n").expect("the directory is ours");
    let path = outside.to_str().expect("the path is UTF-8");
    check_refused(&refused(&[path]), &[path]);
    check_refused(&refused(&["near.py", path]), &[path, "harbour"]);
    check_refused(&env.vigie_in(&env.home(), &["index", "/nonexistent/file.py"]), &["/nonexistent/file.py"]);
    let (rows, _) = env.vigie_in(&root, &["def", "--json", "refused_pier"]).answer();
    assert_eq!(rows, Vec::<Value>::new(), "a refusal changes nothing");
}

#[test]
fn p8_edits_named_one_by_one_leave_what_a_clean_index_has() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 60, 2000, 420);
    index(&env, &tree.root);
    let mut edits = Edits::new(&tree.root, &tree.files, 421);
    for round in 0..3 {
        for _ in 0..25 {
            let files = edits.edit();
            let files: Vec<&str> = files.iter().map(String::as_str).collect();
            let [indexed, unchanged, removed, ignored] = refresh(&env, &tree.root, &files);
            assert_eq!(indexed + unchanged + removed + ignored, unique(&files), "{files:?}");
        }
        check_same_dump(&format!("round {round}"), &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
    }
}

/// How many different files are named.
fn unique(files: &[&str]) -> u64 {
    files.iter().collect::<std::collections::BTreeSet<_>>().len() as u64
}
