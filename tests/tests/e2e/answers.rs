//! What is asked of a finished index: every query on a generated tree, whose answers are known, and on a real crate.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use vigie_tests::{Definition, SourceTree, TestEnv, copy_tree, registry_crate};

use crate::support::{dump, index};

const STATS: [&str; 14] = [
    "files_seen",
    "files_indexed",
    "files_unchanged",
    "files_skipped",
    "files_failed",
    "files_unread",
    "directories_unread",
    "symbols",
    "references",
    "bytes",
    "elapsed_ms",
    "text_ready_ms",
    "generation",
    "peak_memory_bytes",
];

#[track_caller]
fn check_fields(value: &Value, names: &[&str]) {
    for name in names {
        assert!(value.get(name).is_some(), "the field {name} is missing in {value}");
    }
}

#[track_caller]
fn check_summary(summary: &Value, root: &std::path::Path) {
    check_fields(
        summary,
        &["v", "type", "root", "generation", "freshness", "coverage", "truncated", "cursor", "elapsed_us"],
    );
    assert_eq!(summary["root"], root.to_str().expect("the path is UTF-8"));
    assert_eq!(summary["v"], 1);
    assert_eq!(summary["truncated"], false);
}

#[test]
fn index_counts_what_is_there() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 90, 3000, 1);
    let event = index(&env, &tree.root);
    assert_eq!(event["type"], "complete");
    let stats = &event["stats"];
    check_fields(stats, &STATS);
    assert_eq!(stats["files_seen"], 90, "{event}");
    assert_eq!(stats["files_indexed"], 90, "{event}");
    assert_eq!((&stats["files_unchanged"], &stats["files_failed"]), (&0.into(), &0.into()), "{event}");
    let bytes: u64 = tree.files.iter().map(|file| fs::metadata(tree.root.join(file)).expect("it exists").len()).sum();
    assert_eq!(stats["bytes"], bytes, "{event}");
    assert!(stats["symbols"].as_u64() >= Some(tree.definitions.len() as u64), "{event}");
    assert!(stats["references"].as_u64() > Some(0), "{event}");

    let again = index(&env, &tree.root);
    assert_eq!(again["stats"]["files_unchanged"], 90, "{again}");
    assert_eq!(again["stats"]["files_indexed"], 0, "{again}");
    assert_eq!(again["stats"]["symbols"], stats["symbols"], "{again}");
}

#[test]
fn force_reads_everything_again() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 30, 2000, 2);
    index(&env, &tree.root);
    let before = dump(&env, &tree.root);
    let output = env.vigie_in(&tree.root, &["index", "--json", "--force"]);
    output.expect_code(0);
    let event = crate::support::terminal(&output);
    assert_eq!(event["stats"]["files_indexed"], 30, "{event}");
    crate::support::check_same_dump("after --force", &dump(&env, &tree.root), &before);
}

#[test]
fn text_finds_every_line_with_its_place() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 60, 3000, 3);
    index(&env, &tree.root);
    let output = env.vigie_in(&tree.root, &["text", "--json", "logbook_1[0-9]:"]);
    let (rows, summary) = output.answer();
    output.expect_code(0).check(rows.len() == 10, "ten lines");
    check_summary(&summary, &tree.root);
    for row in &rows {
        check_fields(row, &["path", "line", "column", "column_utf16", "text", "spans"]);
        let path = row["path"].as_str().expect("the path is UTF-8");
        let content = fs::read_to_string(tree.root.join(path)).expect("the path is relative to the root");
        let line = content.lines().nth(row["line"].as_u64().expect("a number") as usize - 1);
        assert_eq!(line, row["text"].as_str(), "{row}");
        let column = line.and_then(|line| line.find("logbook_")).expect("the line matches") as u64 + 1;
        assert_eq!(row["column"], column, "{row}");
    }
    env.vigie_in(&tree.root, &["text", "--json", "no such thing anywhere"]).expect_code(1);
}

#[track_caller]
fn check_definition(rows: &[Value], wanted: &Definition, tree: &SourceTree) {
    let same = |row: &&Value| row["path"] == wanted.path.as_str() && row["line"] == wanted.line;
    let row = rows.iter().find(same).unwrap_or_else(|| panic!("{wanted:?} is not among {rows:#?}"));
    check_fields(row, &["name", "qualified", "kind", "path", "line", "column", "start_line", "end_line", "container"]);
    check_fields(row, &["signature", "doc", "language", "declaration"]);
    assert_eq!(row["name"], wanted.name.as_str(), "{row}");
    assert_eq!(row["kind"], wanted.kind, "{row}");
    assert_eq!(row["language"], wanted.language, "{row}");
    let content = fs::read_to_string(tree.root.join(&wanted.path)).expect("the file exists");
    let line = content.lines().nth(wanted.line as usize - 1).expect("the line exists");
    let column = line.find(&wanted.name).expect("the name stands there") as u64 + 1;
    assert_eq!(row["column"], column, "{row}");
    assert!(row["start_line"].as_u64() <= Some(wanted.line) && row["end_line"].as_u64() >= Some(wanted.line), "{row}");
}

#[test]
fn def_and_symbols_find_definitions_in_six_languages() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 48, 2500, 4);
    index(&env, &tree.root);
    for wanted in tree.definitions.iter().step_by(11) {
        let output = env.vigie_in(&tree.root, &["def", "--json", &wanted.name]);
        let (rows, summary) = output.answer();
        output.expect_code(0).check(rows.len() == 1, "one definition");
        check_definition(&rows, wanted, &tree);
        check_summary(&summary, &tree.root);
    }
    let output = env.vigie_in(&tree.root, &["symbols", "--json", "voyage"]);
    let (rows, _) = output.answer();
    let functions: Vec<_> = tree.definitions.iter().filter(|definition| definition.kind == "function").collect();
    output.check(rows.len() == functions.len(), &format!("{} functions", functions.len()));
    for wanted in functions {
        check_definition(&rows, wanted, &tree);
    }
    env.vigie_in(&tree.root, &["def", "--json", "nobody_defined_this"]).expect_code(1);
}

#[test]
fn every_language_has_its_types_and_methods() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 6, 1500, 5);
    index(&env, &tree.root);
    for wanted in &tree.definitions {
        let (rows, _) = env.vigie_in(&tree.root, &["def", "--json", &wanted.name]).answer();
        check_definition(&rows, wanted, &tree);
    }
    let (rows, _) = env.vigie_in(&tree.root, &["def", "--json", "PythonShip1.moor_1"]).answer();
    assert_eq!(rows.len(), 1, "{rows:#?}");
    assert_eq!(rows[0]["container"], "PythonShip1", "{rows:#?}");
    assert_eq!(rows[0]["qualified"], "PythonShip1.moor_1", "{rows:#?}");
}

#[test]
fn files_status_projects_and_coverage_agree() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 24, 1500, 6);
    let root = tree.root.to_str().expect("the path is UTF-8");
    index(&env, &tree.root);
    let (rows, summary) = env.vigie_in(&tree.root, &["files", "--json", "file_7"]).answer();
    assert_eq!(rows[0]["path"], "part0/python/file_7.py");
    check_summary(&summary, &tree.root);

    let output = env.vigie_in(&tree.root, &["coverage", "--json"]);
    let (rows, summary) = output.answer();
    let paths: BTreeSet<_> = rows.iter().filter_map(|row| row["path"].as_str()).collect();
    let expected: BTreeSet<_> = tree.files.iter().map(String::as_str).collect();
    output.check(paths == expected && rows.len() == expected.len(), "each file once");
    output.check(rows.iter().all(|row| row["disposition"] == "indexed"), "every file indexed");
    output.check(summary["coverage"]["complete"] == true, "complete coverage");

    let output = env.vigie_in(&tree.root, &["projects", "--json"]);
    let projects = output.expect_code(0).json();
    output.check(projects.iter().any(|row| row["root"] == root), "the project");

    let output = env.vigie_in(&tree.root, &["status", "--json"]);
    let status = output.expect_code(0).json().remove(0);
    output.check(status["pid"] == daemon.pid(), "the daemon's pid");
    output.check(status["project"]["root"] == root && status["project"]["files"] == 24, "the project with 24 files");
}

#[test]
fn jobs_lists_ended_jobs_with_their_fields() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1000, 7);
    let event = index(&env, &tree.root);
    let output = env.vigie_in(&tree.root, &["jobs", "--json", "--all"]);
    let rows = output.expect_code(0).json();
    let row = rows.iter().find(|row| row["job"] == event["job"]);
    let row = row.unwrap_or_else(|| panic!("job {} is missing{}", event["job"], output.report()));
    check_fields(row, &["job", "project", "state", "stage", "current", "total", "started_ms"]);
    assert_eq!(row["state"], "done", "{row}");
}

/// The order that makes two dumps comparable.
fn dump_key(line: &Value) -> (String, String, u64, u64, String, String) {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let number = |name: &str| line[name].as_u64().unwrap_or_default();
    let kind = if line["kind"].is_string() { text("kind") } else { text("role") };
    (text("type"), text("path"), number("line"), number("column"), text("name"), kind)
}

#[test]
fn dump_is_sorted_and_holds_facts_only() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 18, 1500, 8);
    index(&env, &tree.root);
    let text = String::from_utf8(dump(&env, &tree.root)).expect("a dump is UTF-8");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    let keys: Vec<_> = lines.iter().map(dump_key).collect();
    assert!(keys.is_sorted(), "the dump is not sorted");
    let of_type = |name: &str| lines.iter().filter(|line| line["type"] == name).count();
    assert_eq!(of_type("file"), 18);
    assert!(of_type("symbol") >= tree.definitions.len(), "{} symbols", of_type("symbol"));
    assert!(of_type("reference") > of_type("symbol"), "{} references", of_type("reference"));
    for forbidden in ["generation", "id", "mtime", "confidence"] {
        assert!(lines.iter().all(|line| line.get(forbidden).is_none()), "a dump has no {forbidden}");
    }
}

#[test]
fn a_real_crate_is_indexed_and_answers() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("clap_builder");
    copy_tree(&registry_crate("clap_builder"), &root);
    let event = index(&env, &root);
    assert_eq!(event["stats"]["files_failed"], 0, "{event}");
    let output = env.vigie_in(&root, &["def", "--json", "Command"]);
    let (rows, _) = output.answer();
    let is_command = |row: &Value| row["kind"] == "struct" && row["path"] == "src/builder/command.rs";
    output.check(rows.iter().any(is_command), "the struct Command");
    let output = env.vigie_in(&root, &["symbols", "--json", "--exact", "--kind", "trait", "TypedValueParser"]);
    let (rows, _) = output.answer();
    output.check(rows.len() == 1 && rows[0]["kind"] == "trait", "one trait");
    let output = env.vigie_in(&root.join("src/builder"), &["text", "pub struct Command"]);
    output.expect_code(0).check(output.text().contains("command.rs"), "the file, seen from below the root");
}

#[test]
fn nested_directories_belong_to_the_indexed_root() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 6, 1000, 9);
    index(&env, &tree.root);
    let below = tree.root.join("part0/rust");
    let (rows, summary) = env.vigie_in(&below, &["text", "--json", "logbook_0:"]).answer();
    assert_eq!(rows[0]["path"], "part0/rust/file_0.rs", "JSON paths are relative to the root");
    assert_eq!(summary["root"], tree.root.to_str().expect("the path is UTF-8"));
    let elsewhere = env.project("elsewhere");
    let output = env.vigie_in(&elsewhere, &["text", "anything"]);
    output.expect_code(2);
}
