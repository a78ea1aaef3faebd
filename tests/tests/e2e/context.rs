//! What to read before changing something: what is printed is never more than was asked for, byte for byte, and is there for a reason.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use vigie_proto::{ContextQuery, ContextRows, Freshness, QuerySummary, Stage, Target};
use vigie_tests::{Output, SourceTree, TestEnv, registry_crates};

use crate::support::{index, indexed, start_index, wait_end, wait_event, write_files};

const FILES: [(&str, &str); 4] = [
    (
        "fleet/ship.py",
        "class Ship:\n    \"\"\"Whatever floats.\"\"\"\n\n    def moor(self, berth):\n        \"\"\"Makes fast.\"\"\"\n        \
         return tie(berth)\n\n    def leave(self):\n        return None\n\n\ndef tie(berth):\n    return berth\n",
    ),
    (
        "fleet/tug.py",
        "from fleet.ship import Ship\n\n\nclass Tug(Ship):\n    def tow(self):\n        return self.moor(1)\n",
    ),
    ("fleet/pier.py", "def leave():\n    pass\n\n\nclass Pier:\n    def moor(self):\n        return leave()\n"),
    ("tests/test_tug.py", "from fleet.tug import Tug\n\n\ndef test_tow():\n    assert Tug().tow()\n"),
];

fn asked(env: &TestEnv, root: &Path, words: &[&str]) -> Output {
    env.vigie_in(root, &[&["context"], words].concat())
}

/// Budget and rows of an answer that found something.
#[track_caller]
fn pack(env: &TestEnv, root: &Path, words: &[&str]) -> (Value, Vec<Value>) {
    let output = asked(env, root, &[words, &["--json"]].concat());
    let (mut rows, summary) = output.expect_code(0).answer();
    let budget = rows.remove(0);
    output.check(budget["type"] == "budget" && summary["rows"] == rows.len(), "the budget first, and all rows");
    (budget, rows)
}

#[test]
fn what_was_asked_about_comes_whole_and_what_is_around_with_the_reason() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let shown = asked(&env, &root, &["Ship.moor"]);
    shown.expect_code(0).expect_stderr(" of at most 4000 tokens (4 bytes each)");
    let begin = "fleet/ship.py:4-6 method Ship.moor (asked about)\n    def moor(self, berth):\n        \"\"\"Makes fast.\"\"\"\n        \
                 return tie(berth)\n\n";
    shown.check(shown.text().starts_with(begin), "the definition first");
    for heading in [
        "fleet/tug.py:5-6 method Tug.tow (calls Ship.moor)\n",
        "fleet/ship.py:12-13 function tie (called by Ship.moor)\n",
        "fleet/ship.py:8-9 method Ship.leave (beside Ship.moor)\n",
    ] {
        shown.check(shown.text().contains(heading), heading);
    }
    let both = asked(&env, &root, &["Ship.moor", "tie"]);
    both.expect_code(0).check(both.text().matches("function tie").count() == 1, "nothing twice");
    let (budget, rows) = pack(&env, &root, &["Ship.moor"]);
    let tokens: u64 = rows.iter().filter_map(|row| row["tokens"].as_u64()).sum();
    assert_eq!((&budget["tokens_used"], &budget["tokens_max"]), (&tokens.into(), &4000.into()));
    let caller = rows.iter().find(|row| row["reason"] == "caller").expect("who calls it");
    assert_eq!((&caller["of"], &caller["form"]), (&"Ship.moor".into(), &"whole".into()));
    assert_eq!((&caller["path"], &caller["start_line"]), (&"fleet/tug.py".into(), &5.into()));
    assert_eq!(caller["confidence"], "scope");
    let at_place = asked(&env, &root, &["fleet/ship.py:4:9"]);
    at_place.expect_code(0).check(at_place.text() == shown.text(), "the same of its place");
    let in_words = asked(&env, &root, &["--query", "making it fast"]);
    in_words.expect_code(0).check(in_words.text().contains("Ship.moor (answers the question)"), "by words");
    let below = env.vigie_in(&root.join("fleet"), &["context", "Ship.moor"]);
    below.expect_code(0).check(below.text() == shown.text(), "the same wherever it is asked");
    let note = format!("vigie: paths are from {}\n", root.display());
    below.expect_stderr(&note);
    shown.check(!shown.stderr.contains(&note), "where it is the current directory nobody says so");
    let limited = asked(&env, &root, &["Ship.moor", "--limit", "1"]);
    limited.expect_code(0).expect_stderr("there is more than --limit lets through\n");
    let both = asked(&env, &root, &["leave", "Ship.leave", "--query", "making it fast"]);
    both.expect_code(0).check(both.text().contains("Ship.leave (asked about)"), "by name");
    both.check(both.text().contains("Ship.moor (answers the question)"), "by words");
}

/// On a real tree: what goes through the pipe is never more than was asked for, and the same again.
#[test]
fn a_pack_is_never_over_its_budget() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("crates");
    registry_crates(&root, &["serde_core", "clap_builder"]);
    index(&env, &root);
    let mut full = 0;
    for name in ["Arg", "Deserialize", "Command", "ArgMatches.get_one", "Error"] {
        for tokens in [40, 41, 75, 130, 257, 600, 1001, 4000, 12_345] {
            let output = asked(
                &env,
                &root,
                &[name, "--kind", "struct", "--kind", "trait", "--kind", "method", "--tokens", &tokens.to_string()],
            );
            if output.code == 2 {
                output.expect_stderr("--tokens").check(output.stdout.is_empty(), "a sentence and nothing else");
                continue;
            }
            let used = output.expect_code(0).stdout.len().div_ceil(4);
            output.check(used <= tokens, &format!("{used} of {tokens} tokens"));
            full += usize::from(used * 10 > tokens * 8);
            let json = [
                name,
                "--kind",
                "struct",
                "--kind",
                "trait",
                "--kind",
                "method",
                "--json",
                "--tokens",
                &tokens.to_string(),
            ];
            let (rows, _) = asked(&env, &root, &json).answer();
            let sum: u64 = rows.iter().filter_map(|row| row["tokens"].as_u64()).sum();
            let budget = &rows[0]["tokens_used"];
            output.check(budget.as_u64().is_some_and(|all| sum <= all && all <= tokens as u64), "the rows' sum");
        }
    }
    assert!(full > 15, "only {full} packs were nearly full");
    let again = |tokens: &str| asked(&env, &root, &["Arg", "--kind", "struct", "--tokens", tokens]).text().to_owned();
    assert_eq!(again("3000"), again("3000"));
    let named = again("900");
    let (_, left_out) = named.split_once("\nleft out, ").expect("some found no room");
    assert!(left_out.contains(" in all:\n") && left_out.lines().count() > 1, "{named}");
}

#[test]
fn nonsense_is_a_sentence_that_says_what_to_do() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    for (words, code, sentence) in [
        (&["Ship", "--tokens", "3"][..], 2, "3 tokens have no room for what was asked about"),
        (&["Ship", "--tokens", "0"], 2, "0 tokens are not between 1 and 1000000"),
        (&["Ship", "--tokens", "many"], 2, "--tokens <N> takes a whole number"),
        (&[], 2, "<NAME|FILE:LINE:COL>"),
        (&["--query", "?!"], 2, "\"?!\" has no word"),
        (&["fleet/ship.py:999:1"], 2, "no name stands at line 999"),
        (&["Shipp"], 1, "no such name: \"Shipp\"; near it are Ship"),
        (&["moor"], 0, "moor means 2 things: Pier.moor (fleet/pier.py:6:9), Ship.moor (fleet/ship.py:4:9)"),
        (&["Ship", "Shipp"], 0, "no such name: \"Shipp\"; near it are Ship"),
        (&["Ship", "--cursor", "ab"], 2, "--cursor"),
        (&["Ship", "fleet/ship.py:999:1"], 0, "no name stands at line 999"),
    ] {
        let output = asked(&env, &root, words);
        output.expect_code(code).expect_stderr(sentence).check(output.stdout.is_empty() == (code > 0), "stdout");
    }
    for number in 0..12 {
        write_files(
            &root,
            &[(&format!("m{number}.py"), &format!("class C{number}:\n    def run(self):\n        pass\n"))],
        );
    }
    index(&env, &root);
    let many = asked(&env, &root, &["run"]);
    many.expect_code(2).expect_stderr("run means 12 things: C0.run (m0.py:2:9), ");
    many.expect_stderr("to ask about one, give Container.name or FILE:LINE:COL");
    asked(&env, &root, &["C7.run"]).expect_code(0);
}

#[test]
fn source_that_has_changed_since_is_marked_and_not_shown() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    fs::write(root.join("fleet/tug.py"), "# another line\nclass Tug:\n    pass\n").expect("the tree is ours");
    let shown = asked(&env, &root, &["Tug.tow"]);
    let begin = "fleet/tug.py:5-6 method Tug.tow (asked about) [changed since]\ndef tow(self)\n\n";
    shown.expect_code(0).check(shown.text().starts_with(begin), "its signature, which the index has");
    asked(&env, &root, &["Tug.tow", "--fresh"]).expect_code(1).expect_stderr("tow");
}

#[test]
fn a_terminal_has_the_same_text_in_colours() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let plain = asked(&env, &root, &["tie"]);
    let shown = env.vigie_on_terminal(&root, "context tie");
    let text = shown.text().replace('\r', "");
    shown.check(text.starts_with(plain.text()), "the same");
}

#[test]
fn p6_a_pack_does_not_wait_for_a_job() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 700, 12_000, 41);
    let (mut watcher, mut asker) = (daemon.connect(), daemon.connect());
    let (id, accepted) = start_index(&mut watcher, &tree.root, 0);
    wait_event(&mut watcher, id, |event| event.stage == Stage::INDEXING && event.current > 0);
    let target = Target { path: accepted.root, ..Target::default() };
    let words = "the logbook of a voyage".to_owned();
    let question = ContextQuery { target, words, tokens_max: 900, ..ContextQuery::default() };
    let begun = Instant::now();
    let answer = asker.ask(&question).expect("it is answered");
    assert!(begun.elapsed() < Duration::from_secs(2), "it took {:?}", begun.elapsed());
    for page in answer.all::<ContextRows>() {
        assert!(page.budget.used <= 900, "{:?}", page.budget);
    }
    let summary: QuerySummary = answer.one();
    assert_eq!(summary.freshness, Freshness::INDEXING, "{summary:?}");
    assert!(!summary.coverage.complete && summary.pending > 0, "{summary:?}");
    wait_end(&mut watcher, id);
    let summary: QuerySummary = asker.ask(&question).expect("it is answered").one();
    assert!(summary.coverage.complete && summary.pending == 0 && summary.rows > 0, "{summary:?}");
}
