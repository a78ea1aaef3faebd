//! The flags of `rg` that `vigie text` takes, and what it says about those it does not.

use std::path::Path;

use serde_json::Value;
use vigie_proto::{ErrorCode, FileMatchQuery, FileMatchRows, MatchCount, Message, QueryOptions, Target, TextQuery};
use vigie_tests::{SourceTree, TestEnv, Wire, WireError, registry_crates};

use crate::support::index;

/// A project of a few real crates, indexed.
fn crates(env: &TestEnv) -> std::path::PathBuf {
    let root = env.project("crates");
    registry_crates(&root, &["clap_builder", "tempfile"]);
    index(env, &root);
    root
}

fn rows(env: &TestEnv, root: &Path, args: &[&str]) -> Vec<Value> {
    env.vigie_in(root, &[&["text", "--json"], args].concat()).answer().0
}

#[track_caller]
fn paths(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["path"].as_str().expect("the paths are UTF-8")).collect()
}

#[test]
fn counts_and_files_agree_with_the_lines() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = crates(&env);
    for flags in
        [&["fn new"][..], &["-w", "arg"], &["-i", "ERROR"], &["-F", "(&self"], &["."], &["-e", "impl", "-e", "use"]]
    {
        let lines = rows(&env, &root, flags);
        let mut files = paths(&lines);
        files.dedup();
        assert!(files.len() > 3, "{flags:?}");
        let listed = rows(&env, &root, &[&["-l"], flags].concat());
        assert_eq!(paths(&listed), files, "{flags:?}");
        assert!(listed.iter().all(|row| row["type"] == "file_matches" && row["lines"] == 1), "{listed:?}");
        let counted = rows(&env, &root, &[&["-c"], flags].concat());
        assert_eq!(paths(&counted), files, "{flags:?}");
        let matched = rows(&env, &root, &[&["-co"], flags].concat());
        for (row, matched) in counted.iter().zip(&matched) {
            let of_file = || lines.iter().filter(|line| line["path"] == row["path"]);
            let spans = |line: &Value| line["spans"].as_array().expect("a list").len();
            assert_eq!(row["lines"], of_file().count(), "{flags:?}");
            assert_eq!(row["matches"], Value::Null);
            assert_eq!(
                (&matched["lines"], &matched["matches"]),
                (&row["lines"], &of_file().map(spans).sum::<usize>().into())
            );
        }
    }
}

#[test]
fn context_is_what_stands_around() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = crates(&env);
    let matching = rows(&env, &root, &["pub fn new"]);
    let around = rows(&env, &root, &["-B1", "-A2", "pub fn new"]);
    let is_match = |row: &&Value| row["type"] == "match";
    assert_eq!(around.iter().filter(is_match).cloned().collect::<Vec<_>>(), matching);
    assert!(around.len() > matching.len() * 2 && matching.len() > 5);
    for row in around.iter().filter(|row| !is_match(row)) {
        assert_eq!(
            (&row["type"], &row["column"], &row["spans"]),
            (&"context".into(), &Value::Null, &Value::Array(vec![]))
        );
        let text = std::fs::read_to_string(root.join(row["path"].as_str().expect("a path"))).expect("the file is text");
        let number = row["line"].as_u64().expect("a number");
        assert_eq!(text.lines().nth(number as usize - 1), row["text"].as_str());
        let is_near = |other: &&Value| {
            let distance = number as i64 - other["line"].as_i64().expect("a number");
            other["path"] == row["path"] && (-1..=2).contains(&distance)
        };
        assert!(matching.iter().any(|other| is_near(&other)), "{row}");
    }
}

/// Every part of an answer that is cut goes on where the one before ended: with the lines around, and file by file.
#[test]
fn limits_count_matches_and_cursors_go_on() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = crates(&env);
    for (flags, limit) in [(&["-C2", "pub fn new"][..], "3"), (&["-A4", "-B3", "self"], "101"), (&["-l", "use"], "4")] {
        let whole = rows(&env, &root, flags);
        let (mut parts, mut cursor) = (Vec::new(), String::new());
        loop {
            let mut args = [&["text", "--json", "--limit", limit], flags].concat();
            if !cursor.is_empty() {
                args.extend(["--cursor", &cursor]);
            }
            let (rows, summary) = env.vigie_in(&root, &args).answer();
            let matching = rows.iter().filter(|row| row["type"] != "context").count();
            assert_eq!(summary["rows"], matching, "{flags:?}");
            assert!(matching as u64 <= limit.parse().expect("a number"), "{flags:?}");
            parts.extend(rows);
            if summary["truncated"] == false {
                break;
            }
            cursor = summary["cursor"].as_str().expect("an answer that is cut has a cursor").to_owned();
        }
        assert_eq!(parts, whole, "{flags:?}");
    }
}

#[test]
fn globs_and_types_choose_files() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 36, 800, 74);
    std::fs::write(tree.root.join(".gitignore"), "ignored.rs\n").expect("the tree is ours");
    std::fs::write(tree.root.join("ignored.rs"), "// logbook_99:\n").expect("the tree is ours");
    index(&env, &tree.root);
    let count = |args: &[&str]| rows(&env, &tree.root, &[&["-l", "logbook_"], args].concat()).len();
    assert_eq!(count(&[]), 36);
    assert_eq!(count(&["-t", "rust", "-t", "py"]), 12);
    assert_eq!(count(&["-T", "rust"]), 30);
    assert_eq!(count(&["-g", "*.{c,go}", "-g", "!file_2.c"]), 11);
    assert_eq!(count(&["-g", "!rust", "-g", "!go"]), 24);
    assert_eq!(count(&["-g", "ignored.rs"]), 0, "no glob brings back what is ignored");
    assert_eq!(count(&["-t", "rust", "--lang", "rust", "--path", "**/file_0.rs"]), 1);
    let none = |args: &[&str], why: &str| {
        let output = env.vigie_in(&tree.root, &[&["text", "logbook_"], args].concat());
        output.expect_code(1).expect_stderr(why);
    };
    none(&["-g", "rust"], "what is below a directory of that name is rust/**");
    none(&["-t", "lua", "-g", "*.zz"], "type lua and glob *.zz leave no file to search");
    none(&["--path", "nowhere"], "path nowhere leaves no file to search");
    let silent = env.vigie_in(&tree.root, &["text", "no_such_word", "-t", "rust"]);
    silent.expect_code(1).check(silent.stderr.is_empty(), "as silent as rg where there is something to search");
}

/// Exit code 2, one sentence on stderr with what to do, and the same as an object.
#[track_caller]
fn check_refused(env: &TestEnv, root: &Path, args: &[&str], expected: &[&str]) {
    let output = env.vigie_in(root, &[&["text", "--json"], args].concat());
    output.expect_code(2);
    for text in expected {
        output.expect_stderr(text);
    }
    output.check(output.stderr.lines().count() <= 2 && output.stderr.starts_with("vigie: "), "a sentence and a hint");
    let object = output.json().pop().unwrap_or_default();
    output.check(object["type"] == "error" && object["message"].is_string(), "an object of type error");
}

#[test]
fn flags_that_are_not_there_say_what_to_do() {
    let env = TestEnv::new();
    let root = env.project("fleet");
    for (args, hint) in [
        (&["-v", "x"][..], "rg -v"),
        (&["x", "-U"], "rg -U"),
        (&["x", "--multiline"], "rg -U"),
        (&["-P", "(?=x)"], "rg -P"),
        (&["-r", "y", "x"], "rg -r"),
        (&["x", "--replace=y"], "rg -r"),
        (&["-z", "x"], "rg -z"),
        (&["-L", "x"], "rg -L"),
        (&["--hidden", "x"], "leave it out"),
        (&["-uu", "x"], "rg -u"),
        (&["--no-ignore", "x"], "rg -u"),
        (&["-m", "3", "x"], "--limit N"),
        (&["-N", "x"], "cut"),
        (&["x", "-A"], "--help"),
        (&["x", "-C", "two"], "--help"),
        (&["x", "--nonsense"], "--help"),
        (&["-> x"], "-e '-> x'"),
        (&[], "PATTERN"),
    ] {
        check_refused(&env, &root, args, &["hint: ", hint]);
    }
    assert_eq!(env.daemon_pids(), Vec::<u32>::new(), "no daemon was started for that");
}

#[test]
fn what_cannot_be_searched_for_is_a_sentence() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 6, 800, 75);
    index(&env, &tree.root);
    let check = |args: &[&str], expected: &[&str]| check_refused(&env, &tree.root, args, expected);
    check(&["a(b"], &["unclosed group", "column 2"]);
    check(&["-e", "fine", "-e", "a[b"], &["unclosed character class", "column 2 of pattern 2"]);
    check(&["-g", "a[b", "x"], &["the glob \"a[b\"", "unclosed character class"]);
    check(&["-t", "pyton", "x"], &["no file type \"pyton\"", "python"]);
    check(&["-T", "?", "x"], &["rust, "]);
    check(&["x", "no/such/place"], &["no/such/place", "no such file"]);
    check(&["x", ".", "/etc"], &["/etc is outside of the project"]);
    check(&["x", "part0/../.."], &["no indexed project"]);
}

/// What is shown of a line over 4 KiB is cut, but no match is lost; one that is longer itself is said to be cut.
#[test]
fn every_match_of_a_long_line_is_printed() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("long");
    // More rows than one page has.
    let filler = "y".repeat(993);
    let line = format!("{filler}lantern").repeat(300);
    std::fs::write(root.join("long.js"), format!("{line}\nlantern\n")).expect("the project is ours");
    std::fs::write(root.join("whole.js"), format!("{}\n", "z".repeat(9000))).expect("the project is ours");
    index(&env, &root);
    let only = env.vigie_in(&root, &["text", "-o", "lantern"]);
    only.expect_code(0).check(only.stderr.is_empty(), "nothing is missing");
    only.check(only.text() == ["long.js:1:lantern\n".repeat(300), "long.js:2:lantern\n".into()].concat(), "all");
    let vimgrep = env.vigie_in(&root, &["text", "--vimgrep", "lantern"]);
    let begins = |n: usize| format!("long.js:1:{}:", n * 1000 + 994);
    let all_begin = vimgrep.text().lines().take(300).enumerate().all(|(n, line)| line.starts_with(&begins(n)));
    vimgrep.expect_code(0).check(all_begin && vimgrep.text().lines().count() == 301, "each with its column");
    vimgrep.check(vimgrep.text().lines().all(|line| line.len() < 4200), "no whole line");
    let lines = env.vigie_in(&root, &["text", "lantern"]);
    lines.check(lines.text().lines().count() == 2, "a line is printed once");
    for part in [&lines, &vimgrep] {
        part.expect_stderr("of a line over 4 KiB only a part is printed: 1 line");
    }
    let (rows, summary) = env.vigie_in(&root, &["text", "-o", "--limit", "1", "--json", "lantern"]).answer();
    let spans: usize = rows.iter().map(|row| row["spans"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!((spans, &summary["rows"], &summary["truncated"]), (300, &1.into(), &true.into()), "{summary}");
    let cut = env.vigie_in(&root, &["text", "-o", "z+"]);
    cut.expect_code(0).expect_stderr("of a match over 4 KiB only the beginning is printed: 1 line");
    cut.check(cut.text().trim_end().len() == "whole.js:1:".len() + 4096, "its beginning");
}

#[test]
fn a_scan_is_said() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 6, 800, 76);
    index(&env, &tree.root);
    for flag in ["-n", "-l", "-c"] {
        let said = |pattern: &str| env.vigie_in(&tree.root, &["text", flag, pattern]).stderr;
        assert!(said("r.d").contains("every file asked about is read"), "{flag}");
        assert_eq!(said("rudder"), "", "{flag}");
        let (_, summary) = env.vigie_in(&tree.root, &["text", "--json", flag, "r.d"]).answer();
        assert!(
            summary["notes"][0].as_str().is_some_and(|note| note.contains("every file asked about is read")),
            "{summary}"
        );
    }
}

#[track_caller]
fn check_bad_argument<T: Message>(wire: &mut Wire, request: &T) {
    match wire.ask(request) {
        Err(WireError::Failed(failure)) => assert_eq!(failure.code, ErrorCode::BAD_ARGUMENT, "{failure:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_daemon_refuses_what_no_client_should_send() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 6, 800, 77);
    index(&env, &tree.root);
    let target = Target { path: tree.root.to_str().expect("the path is UTF-8").into(), ..Target::default() };
    let text = TextQuery { target, pattern: "logbook".to_owned(), ..TextQuery::default() };
    let at = |path: &str| QueryOptions { paths: vec![path.into()], ..QueryOptions::default() };
    let files = |text: TextQuery, count| FileMatchQuery { text, count, ..FileMatchQuery::default() };
    let mut wire = daemon.connect();
    let whole = wire.ask(&files(text.clone(), MatchCount::LINES)).expect("an answer");
    let rows: Vec<_> = whole.all::<FileMatchRows>().into_iter().flat_map(|page| page.rows).collect();
    assert_eq!((rows.len(), rows[0].lines, rows[0].matches), (6, 1, 0));
    for bad in [
        TextQuery { options: at("/etc"), ..text.clone() },
        TextQuery { options: at("part0/../../x"), ..text.clone() },
        TextQuery { overrides_dir: "part0".into(), ..text.clone() },
        TextQuery { types: vec!["klingon".to_owned()], ..text.clone() },
        TextQuery { overrides: vec!["{".to_owned()], ..text.clone() },
    ] {
        check_bad_argument(&mut wire, &bad);
        check_bad_argument(&mut wire, &files(bad, MatchCount::NONE));
    }
    check_bad_argument(&mut wire, &files(text, MatchCount(77)));
}
