//! What changed, since a generation and since a commit, with a real repository.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use serde_json::{Value, json};
use vigie_tests::{Git, Output, TestEnv, tree_state};

use crate::support::{index, repository, write_files};

const QUAY: &str = "class Crane:\n    def lift(self, load):\n        return load\n\n\ndef moor(ship):\n    pass\n";
const QUAY_EDITED: &str =
    "class Crane:\n    def lift(self, load):\n        return load + 1\n\n\ndef moor(ship, berth):\n    pass\n";
const FILES: [(&str, &str); 4] = [
    ("quay.py", QUAY),
    ("src/sea.rs", "pub fn tide() -> u32 { 1 }\n"),
    ("notes.txt", "calm\n"),
    (".gitignore", "*.log\n"),
];

/// What the edits of [`edit`] are told as.
const EDITS: [&str; 5] = [
    "added src/isle.py function land",
    "body notes.txt",
    "body quay.py method Crane.lift",
    "removed src/sea.rs function tide",
    "signature quay.py function moor",
];

fn edit(root: &Path) {
    write_files(
        root,
        &[
            ("quay.py", QUAY_EDITED),
            ("notes.txt", "storm\n"),
            ("src/isle.py", "def land(): pass\n"),
            ("out.log", "def ignored(): pass\n"),
        ],
    );
    fs::remove_file(root.join("src/sea.rs")).expect("the tree is ours");
}

/// The changes of an answer in a few words.
#[track_caller]
fn told(output: &Output) -> Vec<String> {
    let (rows, summary) = output.answer();
    output.check(summary["rows"] == rows.len(), "all rows counted");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tell = |row: &Value| {
        let words = ["change", "path", "kind", "qualified"].map(|field| text(&row[field]));
        words.join(" ").trim_end().to_owned()
    };
    let mut told: Vec<String> = rows.iter().map(tell).collect();
    told.sort();
    told
}

fn generation(env: &TestEnv, root: &Path) -> String {
    let status = env.vigie_in(root, &["status", "--json"]).json();
    status[0]["project"]["generation"].to_string()
}

#[track_caller]
fn changed(env: &TestEnv, directory: &Path, args: &[&str]) -> Output {
    env.vigie_in(directory, &[&["changed", "--json"], args].concat())
}

#[track_caller]
fn refused(env: &TestEnv, directory: &Path, args: &[&str], said: &[&str]) {
    let output = env.vigie_in(directory, &[&["changed"], args].concat());
    output.expect_code(2).check(output.stdout.is_empty(), "no rows");
    for said in said {
        output.expect_stderr(said);
    }
}

#[test]
fn a_generation_and_a_commit_tell_the_same_edits() {
    let Some(git) = Git::find("a_generation_and_a_commit_tell_the_same_edits") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    index(&env, &root);
    let since = generation(&env, &root);
    for args in [["--rev", "HEAD"], ["--since", &since]] {
        let output = env.vigie_in(&root, &[&["changed"][..], &args].concat());
        output.expect_code(1).expect_stderr("nothing changed since ").check(output.stdout.is_empty(), "no row");
    }
    edit(&root);
    // Nobody looked at the files since, and the answer of a commit needs nobody to.
    let from_commit = changed(&env, &root, &["--rev", "HEAD"]);
    assert_eq!(told(from_commit.expect_code(0)), EDITS);
    let looked = changed(&env, &root, &["--since", &since, "--fresh"]);
    assert_eq!(told(looked.expect_code(0)), EDITS);
    assert_eq!(from_commit.answer().0, looked.answer().0, "row by row");
    git.commit(&root, "two");
    changed(&env, &root, &["--rev", "HEAD"]).expect_code(1);
    assert_eq!(told(&changed(&env, &root, &["--rev", "HEAD~1"])), EDITS);
    // There and back again is no change.
    write_files(&root, &FILES);
    fs::remove_file(root.join("src/isle.py")).expect("the tree is ours");
    changed(&env, &root, &["--since", &since, "--fresh"]).expect_code(1);
    changed(&env, &root, &["--rev", "HEAD~1"]).expect_code(1);
    assert_eq!(told(&changed(&env, &root, &["--rev", "HEAD"])).len(), EDITS.len());
}

#[test]
fn a_change_has_every_documented_field() {
    let Some(git) = Git::find("a_change_has_every_documented_field") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    index(&env, &root);
    edit(&root);
    let (rows, summary) = changed(&env, &root, &["--rev", "HEAD"]).answer();
    assert_eq!((&summary["freshness"], &summary["cursor"]), (&"fresh".into(), &Value::Null));
    let moor = rows.iter().find(|row| row["name"] == "moor").expect("it changed");
    let expected = json!({
        "v": 1, "type": "changed", "path": "quay.py", "change": "signature", "name": "moor", "qualified": "moor",
        "kind": "function", "line": 6, "column": 5, "column_utf16": 5, "signature": "def moor(ship, berth)",
        "old_signature": "def moor(ship)", "language": "python", "reason": null, "changed": false, "gone": false,
        "stale": false,
    });
    assert_eq!(*moor, expected);
    let notes = rows.iter().find(|row| row["path"] == "notes.txt").expect("it changed");
    for field in ["name", "qualified", "kind", "line", "column", "signature", "language"] {
        assert_eq!(notes.get(field), Some(&Value::Null), "{field} in {notes}");
    }
}

#[test]
fn people_read_marks_and_places() {
    let Some(git) = Git::find("people_read_marks_and_places") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    index(&env, &root);
    edit(&root);
    let piped = env.vigie_in(&root, &["changed", "--rev", "HEAD"]);
    let lines = "· notes.txt\n· quay.py:2  method Crane.lift\n\
        ~ quay.py:6  function moor\t- def moor(ship)\t+ def moor(ship, berth)\n\
        + src/isle.py:1  function land\n- src/sea.rs:1  function tide\n";
    piped.expect_code(0).check(piped.text() == lines, lines);
    let shown = env.vigie_on_terminal(&root, "changed --rev HEAD");
    let lines = "· notes.txt\n· quay.py:2      method Crane.lift\n~ quay.py:6      function moor\n    \
        - def moor(ship)\n    + def moor(ship, berth)\n+ src/isle.py:1  function land\n- src/sea.rs:1   function tide\n";
    shown.check(shown.text().replace('\r', "") == lines, lines);
    // Paths are seen from where one stands.
    let below = env.vigie_in(&root.join("src"), &["changed", "--rev", "HEAD", "."]);
    below.expect_code(0).check(below.text().starts_with("+ isle.py:1  function land\n- sea.rs:1"), "paths from here");
}

#[test]
fn filters_narrow_both() {
    let Some(git) = Git::find("filters_narrow_both") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    index(&env, &root);
    let since = generation(&env, &root);
    edit(&root);
    env.vigie_in(&root, &["index"]).expect_code(0);
    for from in [["--rev", "HEAD"], ["--since", since.as_str()]] {
        let ask = |args: &[&str]| told(&changed(&env, &root, &[&from[..], args].concat()));
        assert_eq!(ask(&["--kind", "method"]), ["body quay.py method Crane.lift"]);
        assert_eq!(ask(&["--lang", "rust"]), ["removed src/sea.rs function tide"]);
        assert_eq!(ask(&["--path", "src"]), ["added src/isle.py function land", "removed src/sea.rs function tide"]);
        assert_eq!(ask(&["notes.txt", "src/isle.py"]), ["added src/isle.py function land", "body notes.txt"]);
        assert_eq!(ask(&["--limit", "2"]).len(), 2);
        let left = env.vigie_in(&root, &[&["changed"][..], &from, &["--lang", "go"]].concat());
        left.expect_code(1).expect_stderr("language go leaves nothing of what changed");
        let cut = env.vigie_in(&root, &[&["changed"][..], &from, &["--limit", "2"]].concat());
        cut.expect_code(0).expect_stderr("there is more");
    }
    let (first, summary) = changed(&env, &root, &["--since", &since, "--limit", "3"]).answer();
    let cursor = summary["cursor"].as_str().expect("a cursor");
    let (rest, _) = changed(&env, &root, &["--since", &since, "--cursor", cursor]).answer();
    assert_eq!([first, rest].concat(), changed(&env, &root, &["--since", &since]).answer().0);
    let output = env.vigie_in(&root, &["changed", "--since", &generation(&env, &root), "--cursor", cursor]);
    output.expect_code(2).expect_stderr("this cursor belongs to another question");
}

#[test]
fn imports_files_that_are_not_read_and_files_that_are_gone() {
    let Some(git) = Git::find("imports_files_that_are_not_read_and_files_that_are_gone") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root =
        repository(&env, &git, &[("old/tide.py", "def tide(): pass\n"), ("data.bin", "\0one"), FILES[0], FILES[1]]);
    index(&env, &root);
    let since = generation(&env, &root);
    write_files(&root, &[("quay.py", &format!("import os\n\n{QUAY_EDITED}")), ("data.bin", "\0another")]);
    fs::remove_dir_all(root.join("old")).expect("the tree is ours");
    index(&env, &root);
    for from in [["--rev", "HEAD"], ["--since", since.as_str()]] {
        let ask = |directory: &Path, args: &[&str]| changed(&env, directory, &[&from[..], args].concat());
        let quay = ["body quay.py", "body quay.py method Crane.lift", "signature quay.py function moor"];
        let mut all = [&["body data.bin", "removed old/tide.py function tide"][..], &quay].concat();
        all.sort_unstable();
        assert_eq!(told(ask(&root, &[]).expect_code(0)), all);
        assert_eq!(told(&ask(&root, &["quay.py"])), quay);
        // A path may be gone with all that was around it.
        let removed = ["removed old/tide.py function tide"];
        assert_eq!(told(ask(&root, &["old/tide.py"]).expect_code(0)), removed);
        assert_eq!(told(&ask(&root, &["old"])), removed);
        assert_eq!(told(&ask(&root.join("src"), &["../old/tide.py"])), removed);
        assert_eq!(told(&ask(&root, &["old/tide.py", "data.bin"])), ["body data.bin", removed[0]]);
        let unknown = env.vigie_in(&root, &[&["changed"][..], &from, &["old/typo.py"]].concat());
        unknown.expect_code(1).expect_stderr("old/typo.py, and there was none then");
        let outside = env.vigie_in(&root, &[&["changed"][..], &from, &["../gone.py"]].concat());
        outside.check(outside.stdout.is_empty(), "no row of another place").expect_code(2);
    }
}

#[test]
fn a_project_may_be_part_of_a_repository_or_a_worktree() {
    let Some(git) = Git::find("a_project_may_be_part_of_a_repository_or_a_worktree") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let whole = env.project("fleet");
    for (path, text) in FILES {
        write_files(&whole, &[(&format!("harbour/{path}"), text), ("other/far.py", "def far(): pass\n")]);
    }
    git.run(&whole, &["init", "-q"]);
    git.commit(&whole, "one");
    let tree = env.path("projects/tree");
    git.run(&whole, &["worktree", "add", "-q", tree.to_str().expect("UTF-8"), "-b", "side"]);
    for root in [whole.join("harbour"), tree.join("harbour")] {
        let project = root.to_str().expect("UTF-8");
        let output = env.vigie_in(&root, &["index", "--project", project]);
        output.expect_code(0);
        edit(&root);
        write_files(root.parent().expect("the repository"), &[("other/far.py", "def farther(): pass\n")]);
        assert_eq!(told(&changed(&env, &root, &["--rev", "HEAD", "--project", project])), EDITS, "{project}");
    }
}

#[test]
fn what_git_knows_of_is_not_always_a_file() {
    let Some(git) = Git::find("what_git_knows_of_is_not_always_a_file") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let inner = env.project("inner");
    write_files(&inner, &[("inner.py", "def inner(): pass\n")]);
    git.run(&inner, &["init", "-q"]);
    git.commit(&inner, "inner");
    let root = env.project("outer");
    write_files(
        &root,
        &[
            ("a.py", "def a(): pass\n"),
            ("name \"with\nall\t.py", "def odd(): pass\n"),
            ("lines.py", "def lines():\n    pass\n"),
            ("link_before.py", "def was_file(): pass\n"),
            ("tool.py", "def tool(): pass\n"),
        ],
    );
    symlink("a.py", root.join("link_after.py")).expect("the tree is ours");
    symlink("a.py", root.join("link.py")).expect("the tree is ours");
    git.run(&root, &["init", "-q"]);
    git.run(&root, &["submodule", "--quiet", "add", inner.to_str().expect("UTF-8"), "sub"]);
    git.commit(&root, "one");
    index(&env, &root);
    changed(&env, &root, &["--rev", "HEAD"]).expect_code(1);
    // Links become files and files links, line ends change, and so does a mode.
    for link in ["link_after.py", "link_before.py"] {
        fs::remove_file(root.join(link)).expect("the tree is ours");
    }
    symlink("a.py", root.join("link_before.py")).expect("the tree is ours");
    fs::remove_file(root.join("link.py")).expect("the tree is ours");
    symlink("lines.py", root.join("link.py")).expect("the tree is ours");
    fs::set_permissions(root.join("tool.py"), fs::Permissions::from_mode(0o755)).expect("the tree is ours");
    write_files(
        &root,
        &[
            ("link_after.py", "def is_file(): pass\n"),
            ("lines.py", "def lines():\r\n    pass\r\n"),
            ("name \"with\nall\t.py", "def odd(): return 1\n"),
            ("sub/inner.py", "def innermost(): pass\n"),
            ("nested/new.py", "def nested(): pass\n"),
        ],
    );
    git.run(&root.join("nested"), &["init", "-q"]);
    assert_eq!(
        told(changed(&env, &root, &["--rev", "HEAD"]).expect_code(0)),
        [
            "added link_after.py function is_file",
            "body name \"with\nall\t.py function odd",
            "removed link_before.py function was_file",
        ]
    );
}

#[test]
fn merges_that_are_not_settled_and_an_index_of_its_own() {
    let Some(git) = Git::find("merges_that_are_not_settled_and_an_index_of_its_own") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    git.run(&root, &["checkout", "-q", "-b", "side"]);
    git.run(&root, &["rm", "-q", "quay.py"]);
    git.commit(&root, "without the quay");
    git.run(&root, &["checkout", "-q", "main"]);
    write_files(&root, &[("quay.py", QUAY_EDITED)]);
    git.commit(&root, "two");
    index(&env, &root);
    let merge = std::process::Command::new("git")
        .current_dir(&root)
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "merge", "-q", "side"])
        .output()
        .expect("git was found");
    assert!(!merge.status.success(), "a conflict: {merge:?}");
    fs::write(root.join("quay.py"), QUAY).expect("the tree is ours");
    let quay = ["body quay.py method Crane.lift", "signature quay.py function moor"];
    assert_eq!(told(&changed(&env, &root, &["--rev", "HEAD"])), quay);
    // Taken out of git's index, it is still the same file.
    git.run(&root, &["rm", "-q", "--cached", "quay.py"]);
    assert_eq!(told(&changed(&env, &root, &["--rev", "HEAD"])), quay);
    // A hook is run with the variables of its own repository.
    let variables = [("GIT_DIR", "/nonexistent"), ("GIT_INDEX_FILE", "/nonexistent/index"), ("GIT_WORK_TREE", "/")];
    let output = env.vigie_with(&root, &["changed", "--json", "--rev", "HEAD"], &variables);
    assert_eq!(told(&output), quay);
}

#[test]
fn p10_no_program_that_a_repository_names_is_run_and_nothing_is_written() {
    let Some(git) = Git::find("p10_no_program_that_a_repository_names_is_run_and_nothing_is_written") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = repository(&env, &git, &FILES);
    write_files(&root, &[(".gitattributes", "*.py diff=evil filter=evil\n")]);
    git.commit(&root, "attributes");
    let (evil, trace) = (env.path("evil"), env.path("evil-was-run"));
    fs::write(&evil, format!("#!/bin/sh\necho \"$@\" >> {}\ncat\n", trace.display())).expect("a program");
    fs::set_permissions(&evil, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let evil = evil.to_str().expect("UTF-8");
    for key in [
        "core.fsmonitor",
        "core.hooksPath",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "alias.diff-index",
        "alias.cat-file",
    ] {
        git.run(&root, &["config", key, &if key.starts_with("alias") { format!("!{evil}") } else { evil.to_owned() }]);
    }
    index(&env, &root);
    edit(&root);
    let before = tree_state(&root);
    assert_eq!(told(&changed(&env, &root, &["--rev", "HEAD"])), EDITS);
    assert_eq!(tree_state(&root), before, "nothing is written, not even git's index");
    assert!(!trace.exists(), "{}", fs::read_to_string(&trace).unwrap_or_default());
}

#[test]
fn many_and_large_files_are_asked_about_in_parts() {
    let Some(git) = Git::find("many_and_large_files_are_asked_about_in_parts") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("fleet");
    let filler = "# ".to_owned() + &"filler ".repeat(9_000) + "\n";
    for number in 0..60 {
        write_files(&root, &[(&format!("f{number:02}.py"), &format!("{filler}def ship(): pass\n"))]);
    }
    let large = format!("def large(): pass\n{}", filler.repeat(20));
    write_files(&root, &[("large.py", &large), ("large.txt", &large)]);
    git.run(&root, &["init", "-q"]);
    git.commit(&root, "one");
    index(&env, &root);
    for number in 0..60 {
        write_files(&root, &[(&format!("f{number:02}.py"), "def ship(): return 1\n")]);
    }
    write_files(&root, &[("large.py", "def large(): return 1\n")]);
    for number in 0..600 {
        write_files(&root, &[(&format!("new/n{number:03}.txt"), "")]);
    }
    let output = changed(&env, &root, &["--rev", "HEAD"]);
    let (rows, _) = output.expect_code(3).answer();
    output.check(rows.is_sorted_by_key(|row| row["path"].as_str().map(str::to_owned)), "rows by path");
    let ships = (0..60).map(|number| format!("body f{number:02}.py function ship"));
    let new = (0..600).map(|number| format!("added new/n{number:03}.txt"));
    let expected: Vec<String> = new.chain(ships).chain(["not-compared large.py".to_owned()]).collect();
    assert_eq!(told(&output), expected);
    let large = rows.iter().find(|row| row["path"] == "large.py").expect("it is told of");
    let reason = large["reason"].as_str().unwrap_or_default();
    output.check(reason.contains("too large"), "the reason");
    let cut = changed(&env, &root, &["--rev", "HEAD", "--limit", "40"]);
    let (rows, summary) = cut.expect_code(0).answer();
    cut.check(rows.len() == 40 && summary["truncated"] == true, "forty, and that there is more");
    assert_eq!(told(&changed(&env, &root, &["--rev", "HEAD", "f07.py"])), ["body f07.py function ship"]);
}

#[test]
fn what_a_partial_clone_lacks_is_not_fetched_but_told() {
    let Some(git) = Git::find("what_a_partial_clone_lacks_is_not_fetched_but_told") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let origin = repository(&env, &git, &FILES);
    write_files(&origin, &[("quay.py", QUAY_EDITED), ("new.py", "def new(): pass\n")]);
    git.commit(&origin, "two");
    git.run(&origin, &["config", "uploadpack.allowFilter", "true"]);
    let clone = env.path("projects/clone");
    let [from, to] = [&origin, &clone].map(|path| path.to_str().expect("UTF-8"));
    git.run(&origin, &["clone", "-q", "--filter=blob:none", &format!("file://{from}"), to]);
    index(&env, &clone);
    let output = changed(&env, &clone, &["--rev", "HEAD~1"]);
    assert_eq!(told(output.expect_code(3)), ["added new.py function new", "not-compared quay.py"]);
}

#[test]
fn p9_an_old_content_that_no_grammar_bears_stops_nothing() {
    let Some(git) = Git::find("p9_an_old_content_that_no_grammar_bears_stops_nothing") else { return };
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = env.project("torn");
    let deep = format!("fn torn( {}\n", "((((".repeat(100_000));
    write_files(&root, &[("deep.rs", &deep), ("deep.js", &"[".repeat(500_000)), ("fine.py", "def fine(): pass\n")]);
    fs::write(root.join("bytes.py"), b"def latin(): return '\xe9\0'\n").expect("the tree is ours");
    git.run(&root, &["init", "-q"]);
    git.commit(&root, "one");
    write_files(
        &root,
        &[
            ("deep.rs", "fn calm() {}\n"),
            ("deep.js", "function calm() {}\n"),
            ("fine.py", "def fine(): return 1\n"),
            ("bytes.py", "def ascii(): pass\n"),
        ],
    );
    index(&env, &root);
    let told = told(&changed(&env, &root, &["--rev", "HEAD"]));
    assert!(told.contains(&"body fine.py function fine".to_owned()), "{told:?}");
    assert!(told.contains(&"added bytes.py function ascii".to_owned()), "{told:?}");
    for path in ["deep.rs", "deep.js"] {
        let is_told =
            |line: &String| line.contains(path) && (line.contains("calm") || line.starts_with("not-compared"));
        assert!(told.iter().any(is_told), "{path}: {told:?}");
    }
    assert!(daemon.stop());
}

#[test]
fn what_cannot_be_asked_is_a_sentence() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("harbour");
    write_files(&root, &FILES);
    index(&env, &root);
    let ask = |args: &[&str], said: &[&str]| refused(&env, &root, args, said);
    ask(&[], &["neither --since nor --rev", "hint: `vigie changed --rev HEAD`"]);
    ask(&["--since", "1", "--rev", "HEAD"], &["--since", "cannot be used with", "--rev"]);
    ask(&["--since", "soon"], &["--since <GENERATION> takes a whole number", "'soon'"]);
    ask(&["--since", "-1"], &["--since"]);
    ask(&["--since", "99999"], &["there is no generation 99999", "it is at generation"]);
    ask(&["--since", "0"], &["since generation 0 is not known any more", "the oldest that can be asked about is"]);
    ask(&["--rev", "HEAD", "--cursor", "00"], &["there is no --cursor", "hint: "]);
    ask(&["--rev", "-p"], &["\"-p\" is no revision", "hint: "]);
    ask(&["--rev", "--output=x"], &["\"--output=x\" is no revision"]);
    ask(&["--rev", ""], &["is no revision"]);
    ask(&["--rev", "HEAD", "/etc"], &["/etc"]);
    let no_git = env.vigie_with(&root, &["changed", "--rev", "HEAD"], &[("PATH", "/nonexistent")]);
    no_git.expect_code(2).expect_stderr("git cannot be run: ").expect_stderr("hint: install git");
    let Some(git) = Git::find("what_cannot_be_asked_is_a_sentence") else { return };
    ask(&["--rev", "HEAD"], &["is in no working tree of git: not a git repository", "hint: "]);
    git.run(&root, &["init", "-q"]);
    ask(&["--rev", "HEAD"], &["there is no revision \"HEAD\"", "hint: "]);
    git.commit(&root, "one");
    ask(&["--rev", "no-such"], &["there is no revision \"no-such\"", "`git log --oneline`"]);
    ask(&["--rev", "HEAD..HEAD"], &["there is no revision"]);
    ask(&["--rev", "HEAD:quay.py"], &["there is no revision"]);
    env.vigie_in(&root, &["changed", "--rev", "HEAD"]).expect_code(1);
    let object = env.vigie_in(&root, &["changed", "--json", "--rev", "no-such"]).expect_code(2).json();
    assert_eq!((&object[0]["type"], &object[0]["code"]), (&"error".into(), &"usage".into()));
    // Where nothing is indexed yet, the question has it indexed, as any other does.
    let fresh = env.project("fresh");
    write_files(&fresh, &FILES);
    git.run(&fresh, &["init", "-q"]);
    git.commit(&fresh, "one");
    refused(&env, &fresh, &["--no-index", "--rev", "HEAD"], &["lies in no indexed project"]);
    edit(&fresh);
    assert_eq!(told(&changed(&env, &fresh, &["--rev", "HEAD"])), EDITS);
}

#[test]
fn a_limited_index_remembers_nothing_yet() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("part");
    write_files(&root, &FILES);
    env.vigie_in(&root, &["index", "--max-files", "1"]).expect_code(3);
    refused(&env, &root, &["--since", "1"], &["from the end of its first whole index on"]);
    index(&env, &root);
    let since = generation(&env, &root);
    env.vigie_in(&root, &["changed", "--since", &since]).expect_code(1);
}

/// The daemon is killed between edits, and while it takes them in.
#[test]
fn p7_what_changed_is_known_after_any_death() {
    let env = TestEnv::new();
    let root = env.project("harbour");
    write_files(&root, &FILES);
    for number in 0..40 {
        write_files(&root, &[(&format!("many/f{number:02}.py"), "def ship(): pass\n")]);
    }
    let daemon = env.start_daemon(&[]);
    index(&env, &root);
    let since = generation(&env, &root);
    daemon.kill();
    edit(&root);
    let daemon = env.start_daemon(&[]);
    env.vigie_in(&root, &["index", "quay.py", "notes.txt", "src/isle.py", "src/sea.rs"]).expect_code(0);
    assert_eq!(told(&changed(&env, &root, &["--since", &since])), EDITS);
    daemon.kill();
    for round in 0..4 {
        let daemon = env.start_daemon(&["--workers", "1"]);
        for number in 0..40 {
            let text = format!("def ship(): return {}\n", (round + number) % 3);
            write_files(&root, &[(&format!("many/f{number:02}.py"), &text)]);
        }
        let mut running = env.spawn_vigie_in(&root, &["index", "--json"]);
        running.wait_for("the job", |event| event["stage"] == "scanning" || event["stage"] == "indexing");
        daemon.kill();
        drop(running);
    }
    let _daemon = env.start_daemon(&[]);
    index(&env, &root);
    let ships = (0..40).map(|number| format!("body many/f{number:02}.py function ship"));
    let mut expected: Vec<String> = EDITS.iter().map(|edit| (*edit).to_owned()).chain(ships).collect();
    expected.sort();
    assert_eq!(told(&changed(&env, &root, &["--since", &since])), expected);
    for number in 0..40 {
        write_files(&root, &[(&format!("many/f{number:02}.py"), "def ship(): pass\n")]);
    }
    index(&env, &root);
    assert_eq!(told(&changed(&env, &root, &["--since", &since])), EDITS);
}
