//! What depends on something: each dependent once, as near as it is, tests and what is uncertain said as such.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde_json::Value;
use vigie_proto::{ImpactQuery, ImpactRows, QuerySummary, Target};
use vigie_tests::{Output, TestEnv};

use crate::support::indexed;

const FILES: [(&str, &str); 6] = [
    ("fleet/ship.py", "class Ship:\n    def moor(self):\n        return tie()\n\n\ndef tie():\n    pass\n"),
    ("fleet/__init__.py", "from fleet.ship import Ship\n"),
    (
        "fleet/tug.py",
        "from fleet.ship import Ship\n\n\nclass Tug(Ship):\n    def tow(self):\n        return self.moor()\n",
    ),
    ("fleet/office.py", "from fleet.tug import Tug\n\n\ndef dispatch(other):\n    other.moor()\n    return Tug()\n"),
    ("fleet/pier.py", "class Pier:\n    def moor(self):\n        pass\n\n\ndef visit():\n    return scuttle(1)\n"),
    ("tests/test_ship.py", "from fleet import Ship\n\n\ndef test_ship():\n    assert Ship()\n"),
];

fn asked(env: &TestEnv, root: &Path, words: &[&str]) -> Output {
    env.vigie_in(root, &[&["impact"], words].concat())
}

#[test]
fn dependents_come_by_distance_with_what_they_do() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let found = asked(&env, &root, &["Ship"]);
    found.expect_code(0).expect_stderr("4 dependents in 4 files, 1 in tests");
    let expected = "fleet/__init__.py:1:24: (file) imports Ship  [import]\n\
                    fleet/tug.py:4:11: class Tug inherits from Ship  [import]\n\
                    tests/test_ship.py:5:12: function test_ship calls Ship  [import]  (test)\n\
                    fleet/office.py:6:12: function dispatch calls Tug  [import]  (2 steps away)\n";
    assert_eq!(found.text(), expected);
    let near = asked(&env, &root, &["Ship", "--depth", "1"]);
    assert_eq!(near.text().lines().count(), 3, "{}", near.report());
    let shown = env.vigie_on_terminal(&root, "impact Ship");
    let expected = "1 step away\nfleet/__init__.py\n      1: (file) imports Ship  [import]\nfleet/tug.py\n      \
                    4: class Tug inherits from Ship  [import]\ntests/test_ship.py  test\n      \
                    5: function test_ship calls Ship  [import]\n\n2 steps away\nfleet/office.py\n      \
                    6: function dispatch calls Tug  [import]\n";
    let text = shown.text().replace('\r', "");
    shown.check(text.starts_with(expected), "by distance and file");
}

#[test]
fn what_a_filter_leaves_out_still_leads_on() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let found = asked(&env, &root, &["Ship", "--path", "fleet/office.py"]);
    let expected = "fleet/office.py:6:12: function dispatch calls Tug  [import]  (2 steps away)\n";
    assert_eq!(found.expect_code(0).text(), expected);
}

#[test]
fn what_is_uncertain_is_said_to_be_and_not_followed() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let found = asked(&env, &root, &["Ship.moor"]);
    found.expect_code(0).expect_stderr("1 uncertain, and not followed further");
    found.check(found.text().contains("function dispatch may call Ship.moor  [ambiguous]\n"), "what only may be");
    let gone = asked(&env, &root, &["scuttle"]);
    gone.expect_code(0).expect_stderr("nothing in the index defines scuttle, which occurs in it");
    assert_eq!(gone.text(), "fleet/pier.py:7:12: function visit may call it  [none]\n");
}

#[test]
fn a_row_has_every_documented_field() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let (rows, _) = asked(&env, &root, &["--json", "Ship"]).expect_code(0).answer();
    let test = rows.iter().find(|row| row["test"] == true).expect("a test");
    let expected = serde_json::json!({
        "v": 1, "type": "dependent", "depth": 1,
        "user": { "qualified": "test_ship", "kind": "function", "path": "tests/test_ship.py", "line": 4, "column": 5, "column_utf16": 5 },
        "roles": ["call"], "uses": 1,
        "on": { "qualified": "Ship", "kind": "class", "path": "fleet/ship.py", "line": 1, "column": 7, "column_utf16": 7 },
        "confidence": "import", "uncertain": false, "test": true, "path": "tests/test_ship.py", "line": 5, "column": 12,
        "column_utf16": 12, "changed": false, "gone": false, "stale": false,
    });
    assert_eq!(*test, expected);
    assert_eq!(rows[0]["user"], Value::Null);
}

#[test]
fn pages_go_on_where_they_were_cut() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let page = |words: &[&str]| {
        let (rows, summary) = asked(&env, &root, &[&["Ship", "--json"], words].concat()).expect_code(0).answer();
        (rows, summary["cursor"].as_str().map(str::to_owned))
    };
    let (all, _) = page(&[]);
    let (mut rows, mut cursor) = page(&["--limit", "1"]);
    while let Some(at) = cursor {
        let (more, next) = page(&["--limit", "1", "--cursor", &at]);
        rows.extend(more);
        cursor = next;
    }
    assert_eq!(rows, all);
    let tests = asked(&env, &root, &["Ship", "--path", "tests"]);
    assert_eq!(tests.expect_code(0).text().lines().count(), 1, "{}", tests.report());
}

/// As whoever knows what has changed asks: about many things at once, some of them gone.
#[test]
fn many_things_are_asked_about_at_once() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let place = |file: &str, at: &str| format!("{}:{at}", root.join(file).display());
    let mut targets = vec![place("fleet/ship.py", "1:7"), place("fleet/ship.py", "6:5"), "scuttle".into()];
    targets.extend((0..300).map(|_| place("fleet/tug.py", "4:7")));
    targets.push(place("fleet/tug.py", "99:1"));
    let target = Target { path: root.as_os_str().as_bytes().into(), ..Target::default() };
    let question = ImpactQuery { target, targets, depth: 1, ..ImpactQuery::default() };
    let mut wire = daemon.connect();
    let answer = wire.ask(&question).expect("it is answered");
    let rows: Vec<_> = answer.all::<ImpactRows>().into_iter().flat_map(|page| page.rows).collect();
    let paths: Vec<String> = rows.iter().map(|row| row.path.to_text()).collect();
    assert_eq!(paths, ["fleet/__init__.py", "fleet/office.py", "tests/test_ship.py", "fleet/pier.py"]);
    let summary: QuerySummary = answer.one();
    let notes = summary.notes.join("\n");
    assert!(notes.contains("no name stands at line 99") && notes.contains("scuttle"), "{notes}");
}

#[test]
fn nothing_and_nonsense_are_sentences() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    for (words, code, sentence) in [
        (&["dispatch"][..], 1, "nothing in the index depends on dispatch"),
        (&["Ship", "--path", "docs"], 1, "path docs leaves nothing of what depends on Ship"),
        (&["Shipp"], 1, "no such name: \"Shipp\"; near it are Ship"),
        (&["Ship", "--depth", "0"], 2, "the depth 0 is not between 1 and 16"),
        (&["Ship", "--depth", "17"], 2, "the depth 17 is not between 1 and 16"),
        (&["fleet/ship.py:88:1"], 2, "no name stands at line 88"),
        (&["fleet/ship.py:1"], 2, "give the column too"),
        (&[], 2, "<NAME|FILE:LINE:COL>"),
    ] {
        let output = asked(&env, &root, words);
        output.expect_code(code).expect_stderr(sentence).check(output.stdout.is_empty(), "nothing on stdout");
    }
}
