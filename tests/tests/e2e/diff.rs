//! `--diff`: what depends on all that changed since a commit, and what to read about it, with a real repository.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use vigie_tests::{Git, Output, TestEnv};

use crate::support::{index, repository, write_files};

const QUAY: &str = "class Crane:\n    def lift(self, load):\n        return load\n\n\ndef moor(ship):\n    pass\n";
/// Four lines more: `lift` stands where `moor` stood.
const QUAY_EDITED: &str = "\n\n\n\nclass Crane:\n    def lift(self, load):\n        return load + 1\n\n\n\
    def moor(ship, berth):\n    pass\n";
const FILES: [(&str, &str); 7] = [
    ("quay.py", QUAY),
    (
        "office.py",
        "from quay import Crane\n\n\ndef load():\n    Crane().lift(1)\n\n\ndef close():\n    return load()\n",
    ),
    ("sea.py", "def tide():\n    return 1\n\n\ndef ebb():\n    return tide()\n"),
    ("shore.py", "def wade():\n    return tide()\n"),
    ("tests/test_quay.py", "from quay import moor\n\n\ndef test_moor():\n    assert moor(1)\n"),
    ("notes.txt", "calm\n"),
    (".gitignore", "*.log\n"),
];

/// Adds `land`, changes `Crane.lift` and `moor`, and removes `tide` and `ebb`.
fn edit(root: &Path) {
    let isle = "from quay import moor\n\n\ndef land():\n    return moor(1, 2)\n";
    write_files(root, &[("quay.py", QUAY_EDITED), ("isle.py", isle), ("notes.txt", "storm\n")]);
    fs::remove_file(root.join("sea.py")).expect("the tree is ours");
}

const IMPACT: &str = "office.py:5:13: function load calls Crane.lift  [import]\n\
    tests/test_quay.py:5:12: function test_moor calls moor  [import]  (test)\n\
    shore.py:2:12: function wade may call it  [none]\n\
    office.py:9:12: function close calls load  [file]  (2 steps away)\n";
const DIFFER: &str = "5 definitions differ from HEAD: 1 added, 2 changed, 2 removed";

fn asked(env: &TestEnv, directory: &Path, words: &[&str]) -> Output {
    env.vigie_in(directory, words)
}

/// The index has the files as they were: what changed is found where it stands now, and what stood there is not taken for it.
#[test]
fn what_depends_on_all_that_changed() {
    let Some(git) = Git::find("what_depends_on_all_that_changed") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    index(&env, &root);
    edit(&root);
    let found = asked(&env, &root, &["impact", "--diff", "HEAD"]);
    found.expect_code(0).expect_stderr(DIFFER).expect_stderr("4 dependents in 3 files, 1 in tests; 1 uncertain");
    found.expect_stderr("changed outside of definitions, and not asked about: notes.txt");
    assert_eq!(found.text(), IMPACT, "{}", found.report());
    // Again, when the index has it all; below the root; of one step only; and of one kind.
    assert_eq!(asked(&env, &root, &["impact", "--diff", "HEAD"]).text(), IMPACT);
    let below = asked(&env, &root.join("tests"), &["impact", "--diff", "HEAD", "--depth", "1"]);
    assert_eq!(below.expect_code(0).text().lines().count(), 3, "{}", below.report());
    below.check(below.text().starts_with("../office.py:5:13: function load "), "paths from here");
    let methods = asked(&env, &root, &["impact", "--diff", "HEAD", "--kind", "method", "--depth", "1"]);
    methods.expect_code(0).expect_stderr("1 definition differs from HEAD: 1 changed");
    assert_eq!(methods.text().lines().collect::<Vec<_>>(), [IMPACT.lines().next().unwrap_or_default()]);
    let (rows, summary) = asked(&env, &root, &["impact", "--diff", "HEAD", "--json"]).expect_code(0).answer();
    assert_eq!((rows.len(), &summary["notes"][0]), (4, &DIFFER.into()));
    // It is the same when all of it is committed, and asked about by another name.
    git.commit(&root, "two");
    let committed = asked(&env, &root, &["impact", "--diff", "HEAD~1"]);
    committed.expect_code(0).expect_stderr(&DIFFER.replace("HEAD", "HEAD~1"));
    assert_eq!(committed.text(), IMPACT);
}

#[test]
fn what_is_certain_comes_first_or_alone() {
    let Some(git) = Git::find("what_is_certain_comes_first_or_alone") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    // Before all others by its path, and it cannot be told what it calls.
    write_files(
        &root,
        &[
            ("agent.py", "def act(other):\n    other.lift()\n"),
            ("b.py", "class Jack:\n    def lift(self):\n        pass\n"),
        ],
    );
    index(&env, &root);
    let found = asked(&env, &root, &["impact", "Crane.lift", "--depth", "1"]);
    let lines = "office.py:5:13: function load calls Crane.lift  [import]\n\
        agent.py:2:11: function act may call Crane.lift  [ambiguous]\n";
    assert_eq!(found.expect_code(0).text(), lines, "{}", found.report());
    let shown = env.vigie_on_terminal(&root, "impact Crane.lift");
    let begin = "1 step away\noffice.py\n      5: function load calls Crane.lift  [import]\n\n1 step away, not certain\nagent.py\n";
    shown.check(shown.text().replace('\r', "").starts_with(begin), "certain ones first");
    let certain = asked(&env, &root, &["impact", "Crane.lift", "--depth", "1", "--certain"]);
    certain.expect_code(0).expect_stderr("1 dependent in 1 file; 1 more may depend on it, and are not shown");
    assert_eq!(certain.text().lines().collect::<Vec<_>>(), [lines.lines().next().unwrap_or_default()]);
    let none = asked(&env, &root, &["impact", "Jack.lift", "--certain"]);
    none.expect_code(1).expect_stderr("nothing in the index depends on lift for certain; 1 may");
    let page = |words: &[&str]| {
        let (rows, summary) = asked(&env, &root, &[&["impact", "Crane.lift", "--json"], words].concat()).answer();
        (rows, summary["cursor"].as_str().map(str::to_owned))
    };
    let (mut rows, mut cursor) = page(&["--limit", "1"]);
    while let Some(at) = cursor {
        let (more, next) = page(&["--limit", "1", "--cursor", &at]);
        rows.extend(more);
        cursor = next;
    }
    assert_eq!(rows, page(&[]).0, "page by page");
}

#[test]
fn what_to_read_about_all_that_changed() {
    let Some(git) = Git::find("what_to_read_about_all_that_changed") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    edit(&root);
    // Nobody has indexed it yet.
    let shown = asked(&env, &root, &["context", "--diff", "HEAD"]);
    shown.expect_code(0).expect_stderr("is not indexed yet, so it is indexed first").expect_stderr(DIFFER);
    shown.expect_stderr("removed, so that there is nothing to show of it: tide, ebb");
    for part in [
        "isle.py:4-5 function land (asked about)\ndef land():\n    return moor(1, 2)\n\n",
        "quay.py:6-7 method Crane.lift (asked about)\n    def lift(self, load):\n        return load + 1\n\n",
        "quay.py:10-11 function moor (asked about)\n",
        "tests/test_quay.py:4-5 function test_moor (test, uses moor)\n",
    ] {
        shown.check(shown.text().contains(part), part);
    }
    let (rows, summary) = asked(&env, &root, &["context", "--diff", "HEAD", "--json", "--tokens", "150"]).answer();
    let tokens: u64 = rows.iter().filter_map(|row| row["tokens"].as_u64()).sum();
    assert!(tokens <= 150 && rows[0]["type"] == "budget", "{rows:?}");
    assert_eq!(summary["notes"][0], DIFFER);
    // What is asked about when the file has changed once more, and been moved.
    write_files(&root, &[("quay.py", &format!("\n\n{QUAY_EDITED}"))]);
    let again = asked(&env, &root, &["context", "--diff", "HEAD", "--kind", "method"]);
    again
        .expect_code(0)
        .check(again.text().starts_with("quay.py:8-9 method Crane.lift (asked about)\n"), "as it is now");
    again.check(!again.text().contains("[changed since]"), "what is shown is as the file is");
}

#[test]
fn nothing_is_a_sentence_and_faults_are_those_of_changed() {
    let Some(git) = Git::find("nothing_is_a_sentence_and_faults_are_those_of_changed") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    index(&env, &root);
    for command in ["impact", "context"] {
        let ask = |words: &[&str]| asked(&env, &root, &[&[command], words].concat());
        for revision in ["HEAD", "HEAD~0"] {
            let nothing = ask(&["--diff", revision]);
            nothing.expect_code(1).expect_stderr(&format!("vigie: nothing differs from {revision}\n"));
            nothing.check(nothing.stdout.is_empty(), "nothing on stdout");
        }
        let (rows, summary) = ask(&["--diff", "HEAD", "--json"]).expect_code(1).answer();
        assert_eq!(
            (rows, &summary["rows"], &summary["notes"][0]),
            (vec![], &0.into(), &"nothing differs from HEAD".into())
        );
        for revision in ["no-such", "HEAD~7", "-p", "", "HEAD:quay.py"] {
            let refused = ask(&["--diff", revision]);
            let said = asked(&env, &root, &["changed", "--rev", revision]);
            refused.expect_code(2).check(refused.stderr == said.stderr, &said.stderr);
        }
        let both = ask(&["--diff", "HEAD", "moor"]);
        both.expect_code(2).expect_stderr("--diff asks about all that changed since HEAD, and moor is asked about too");
    }
    let both = asked(&env, &root, &["context", "--diff", "HEAD", "--query", "ships"]);
    both.expect_code(2).expect_stderr("--diff asks about all that changed since HEAD, and ships is asked about too");
    let bare = env.project("bare");
    write_files(&bare, &[("a.py", "def a(): pass\n")]);
    asked(&env, &bare, &["index", "--project", "."]).expect_code(0);
    let said = asked(&env, &bare, &["changed", "--rev", "HEAD", "--project", "."]);
    let refused = asked(&env, &bare, &["impact", "--diff", "HEAD", "--project", "."]);
    refused.expect_code(2).expect_stderr("is in no working tree of git").check(said.code == 2, "so says changed");
    refused.expect_stderr("hint: ask about names or places instead, which needs no git");
    said.expect_stderr("hint: ask for what changed since a generation, which needs no git");
    let unknown = env.project("unknown");
    write_files(&unknown, &[("a.py", "def a(): pass\n")]);
    git.run(&unknown, &["init", "-q"]);
    git.commit(&unknown, "one");
    asked(&env, &unknown, &["impact", "--diff", "HEAD", "--no-index"])
        .expect_code(2)
        .expect_stderr("lies in no indexed project");
    // Only a file without definitions; only what was removed.
    write_files(&root, &[("notes.txt", "storm\n")]);
    let notes = "changed outside of definitions, and not asked about: notes.txt";
    let whole = asked(&env, &root, &["impact", "--diff", "HEAD"]);
    whole.expect_code(1).expect_stderr("no definition differs from HEAD").expect_stderr(notes);
    fs::remove_file(root.join("sea.py")).expect("the tree is ours");
    let removed = asked(&env, &root, &["context", "--diff", "HEAD"]);
    removed.expect_code(1).expect_stderr("2 definitions differ from HEAD: 2 removed").expect_stderr("tide, ebb");
    let mentioned = asked(&env, &root, &["impact", "--diff", "HEAD"]);
    assert_eq!(mentioned.expect_code(0).text(), "shore.py:2:12: function wade may call it  [none]\n");
}

/// What was removed is not what bears its name elsewhere.
#[test]
fn what_is_gone_is_not_what_is_called_the_same() {
    let Some(git) = Git::find("what_is_gone_is_not_what_is_called_the_same") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    let winch = "class Winch:\n    def turn(self):\n        pass\n";
    write_files(&root, &[("winch.py", winch), ("other.py", "def turn():\n    pass\n\n\ndef go():\n    turn()\n")]);
    for number in 0..60 {
        write_files(&root, &[(&format!("far/f{number}.py"), "def far(thing):\n    thing.turn()\n")]);
    }
    write_files(&root, &[("near.py", "from winch import Winch\n\n\ndef near(thing: Winch):\n    thing.turn()\n")]);
    git.commit(&root, "two");
    index(&env, &root);
    write_files(&root, &[("winch.py", "class Winch:\n    pass\n")]);
    let found = asked(&env, &root, &["impact", "--diff", "HEAD", "--kind", "method"]);
    assert_eq!(found.expect_code(0).text(), "near.py:5:11: function near may call it  [none]\n", "{}", found.report());
}

/// So many files that a job sees to them, and more definitions than one question may be about.
#[test]
fn a_great_change_is_seen_to_by_a_job_and_cut() {
    let Some(git) = Git::find("a_great_change_is_seen_to_by_a_job_and_cut") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    index(&env, &root);
    for number in 0..210 {
        let source: String = (0..10).map(|n| format!("def f{number:03}_{n}():\n    pass\n")).collect();
        write_files(&root, &[(&format!("many/m{number:03}.py"), &source)]);
    }
    write_files(&root, &[("user.py", "from many.m000 import f000_0\n"), ("README.md", "# Harbour\n\n## Ships\n")]);
    write_files(&root, &[("user.py", "from many.m000 import f000_0\n\nf000_0()\n")]);
    let without = asked(&env, &root, &["impact", "--diff", "HEAD", "--no-index"]);
    without.expect_code(3).expect_stderr("the index may be older than the files");
    let found = asked(&env, &root, &["impact", "--diff", "HEAD"]);
    found.expect_code(0).expect_stderr("the index is brought up to date first, since 212 files changed");
    found.expect_stderr("2,000 definitions are asked about, and 102 left out");
    assert_eq!(found.text(), "user.py:3:1: (file) calls f000_0  [import]\n", "{}", found.report());
    found.check(found.elapsed < Duration::from_secs(20), "within bounds");
    // One file that says what is ignored is a job's affair too.
    git.commit(&root, "two");
    write_files(&root, &[(".gitignore", "*.log\n*.tmp\n"), ("quay.py", QUAY_EDITED)]);
    let found = asked(&env, &root, &["impact", "--diff", "HEAD", "--depth", "1"]);
    found
        .expect_code(0)
        .expect_stderr("since 2 files changed")
        .expect_stderr("2 definitions differ from HEAD: 2 changed");
    let begin = "office.py:5:13: function load calls Crane.lift  [import]\n";
    found.check(found.text().starts_with(begin), "as the files are");
    let (rows, _): (Vec<Value>, _) =
        asked(&env, &root, &["context", "--diff", "HEAD~1", "--json"]).expect_code(0).answer();
    assert!(rows.len() > 20, "{}", rows.len());
}
