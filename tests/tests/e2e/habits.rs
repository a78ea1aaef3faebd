//! What editors, shells and git do to a watched tree: every answer has it, and afterwards the index is what a new one would be.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread;
use std::time::Duration;

use vigie_proto::EventType;
use vigie_tests::{Git, SourceTree, TestEnv};

use crate::support::{check_same_dump, dump, dump_from_scratch, wait_job, wait_stage, write_files};
use crate::watch::watched;

/// Where a name is defined, of an index that has all that happened before.
#[track_caller]
fn defined(env: &TestEnv, root: &Path, name: &str) -> Vec<String> {
    let (rows, summary) = env.vigie_in(root, &["def", "--fresh", "--json", name]).answer();
    assert_eq!(summary["freshness"], "fresh", "{name}");
    rows.iter().map(|row| row["path"].as_str().unwrap_or("?").to_owned()).collect()
}

/// Checks where names are defined, and that an index made anew is the same.
#[track_caller]
fn check(env: &TestEnv, root: &Path, what: &str, names: &[(&str, &[&str])]) {
    for (name, paths) in names {
        assert_eq!(defined(env, root, name), *paths, "{what}: {name}");
    }
    check_same_dump(what, &dump(env, root), &dump_from_scratch(root));
}

#[test]
fn a_directory_that_a_link_replaces_is_gone_until_it_is_back() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = watched(&env, "links", &[("lib/a.py", "def here(): pass\n"), ("other/b.py", "def other(): pass\n")]);
    let (lib, aside) = (root.join("lib"), env.path("projects/aside"));
    for to in [aside.clone(), root.join("other")] {
        fs::rename(&lib, &aside).expect("the tree is ours");
        symlink(to, &lib).expect("the tree is ours");
        check(&env, &root, "a link", &[("here", &[]), ("other", &["other/b.py"])]);
        fs::remove_file(&lib).expect("the tree is ours");
        fs::rename(&aside, &lib).expect("the tree is ours");
        check(&env, &root, "the directory", &[("here", &["lib/a.py"])]);
        write_files(&root, &[("lib/new.py", "def made(): pass\n")]);
        check(&env, &root, "what is made in it", &[("made", &["lib/new.py"])]);
        fs::remove_file(lib.join("new.py")).expect("the tree is ours");
    }
}

#[test]
fn editors_that_keep_what_was_there_are_followed() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = watched(&env, "backups", &[("a.py", "def saved_0(): pass\n")]);
    let mut saved = 0;
    for kept in ["a.py~", "a.py.bak", "bak_a.py"] {
        for is_removed in [false, true] {
            let before = format!("saved_{saved}");
            saved += 1;
            let now = format!("saved_{saved}");
            fs::rename(root.join("a.py"), root.join(kept)).expect("the tree is ours");
            fs::write(root.join("a.py"), format!("def {now}(): pass\n")).expect("the tree is ours");
            if is_removed {
                fs::remove_file(root.join(kept)).expect("the tree is ours");
            }
            // What is kept under a name of the language's is a file of it.
            let there: &[&str] = if kept.ends_with(".py") && !is_removed { &[kept] } else { &[] };
            check(&env, &root, kept, &[(&now, &["a.py"]), (&before, there)]);
        }
    }
}

#[test]
fn a_file_that_is_emptied_and_written_is_followed_at_each_step() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = watched(&env, "truncated", &[("a.py", "def long_name(): pass\n")]);
    let mut file = File::create(root.join("a.py")).expect("the tree is ours");
    check(&env, &root, "emptied", &[("long_name", &[])]);
    file.write_all(b"def first(): pass\n").expect("the tree is ours");
    check(&env, &root, "written, and open", &[("first", &["a.py"])]);
    file.write_all(b"def second(): pass\n").expect("the tree is ours");
    drop(file);
    check(&env, &root, "closed", &[("first", &["a.py"]), ("second", &["a.py"])]);
}

#[test]
fn p8_a_checkout_in_a_linked_worktree_is_one_job() {
    const FILES: usize = 400;
    let env = TestEnv::new();
    let Some(git) = Git::find("p8_a_checkout_in_a_linked_worktree_is_one_job") else { return };
    let _daemon = env.start_daemon(&[]);
    let main = env.project("main");
    let write = |version: &str| {
        for number in 0..FILES {
            let path = format!("part_{}/f{number}.py", number % 20);
            write_files(&main, &[(&path, &format!("def {version}_{number}(): pass\n"))]);
        }
    };
    write("old");
    git.run(&main, &["init", "-q"]);
    git.commit(&main, "old");
    git.run(&main, &["checkout", "-q", "-b", "new"]);
    write("new");
    git.commit(&main, "new");
    let linked = env.path("projects/linked");
    git.run(&main, &["worktree", "add", "-q", linked.to_str().expect("UTF-8"), "main"]);
    git.run(&main, &["checkout", "-q", "--detach"]);
    env.vigie_in(&linked, &["index", "--watch"]).expect_code(0);
    assert_eq!(defined(&env, &linked, "old_7").len(), 1);
    let jobs = || {
        let of = linked.to_str().expect("UTF-8");
        let jobs = env.vigie_in(&linked, &["jobs", "--all", "--json"]).json();
        jobs.iter().filter(|job| job["project"] == of).count()
    };
    for (round, (branch, name)) in [("new", "new_7"), ("main", "old_7")].into_iter().enumerate() {
        let before = jobs();
        git.run(&linked, &["checkout", "-q", branch]);
        check(&env, &linked, branch, &[(name, &["part_7/f7.py"])]);
        assert_eq!(jobs() - before, 1, "round {round}");
    }
}

#[test]
fn p8_an_edit_in_a_watched_tree_overtakes_the_job_that_indexes_it_first() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 430);
    let mut job = env.spawn_vigie_in(&tree.root, &["index", "--watch", "--json"]);
    let event = wait_stage(&mut job, "indexing");
    write_files(&tree.root, &[("late/arrival.py", "def late_arrival():\n    pass\n")]);
    loop {
        let output = env.vigie_in(&tree.root, &["def", "--json", "late_arrival"]);
        let (rows, summary) = output.answer();
        output.check(summary["coverage"]["complete"] == false, "the edit before the job has ended");
        if rows.len() == 1 {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    let number = event["job"].as_u64().expect("its number");
    assert_eq!(wait_job(&mut daemon.connect(), number).r#type, EventType::COMPLETE);
    assert_eq!(defined(&env, &tree.root, "late_arrival"), ["late/arrival.py"]);
    check_same_dump("overtaken", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}
