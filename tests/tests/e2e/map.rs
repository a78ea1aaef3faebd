//! The shape of a project: a tree that is never more than was asked for, with what much refers to before the rest.

use std::path::Path;

use vigie_tests::{Output, TestEnv, registry_crates};

use crate::support::{index, indexed, write_files};

const FILES: [(&str, &str); 5] = [
    ("src/deep/core/ship.py", "class Ship:\n    def moor(self):\n        pass\n\n\ndef scrap():\n    pass\n"),
    ("src/deep/core/tug.py", "from src.deep.core.ship import Ship\n\n\nclass Tug(Ship):\n    pass\n"),
    ("src/deep/core/yard.py", "from src.deep.core.ship import Ship\n\n\ndef build():\n    return Ship()\n"),
    ("tests/test_ship.py", "from src.deep.core.ship import Ship\n\n\ndef test_ship():\n    assert Ship()\n"),
    ("README.md", "# Ships\n"),
];

fn asked(env: &TestEnv, root: &Path, words: &[&str]) -> Output {
    env.vigie_in(root, &[&["map"], words].concat())
}

#[test]
fn what_much_refers_to_comes_first() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let whole = asked(&env, &root, &[]);
    let expected = "src/deep/core/  3 files\n  ship.py  Ship, scrap\n  tug.py  Tug\n  yard.py  build\ntests/  1 file\n  \
                    test_ship.py  test_ship\nREADME.md\n";
    whole.expect_code(0).expect_stderr(" of at most 2000 tokens (4 bytes each); 5 of 5 files");
    assert_eq!(whole.text(), expected);
    assert_eq!(asked(&env, &root, &["--depth", "1"]).text(), "src/deep/core/  3 files\ntests/  1 file\nREADME.md\n");
    assert_eq!(asked(&env, &root, &["tests"]).text(), "tests/  1 file\n  test_ship.py  test_ship\n");
    let below = env.vigie_in(&root.join("src"), &["map", "../tests"]);
    assert_eq!(below.text(), "tests/  1 file\n  test_ship.py  test_ship\n");
    below.expect_stderr(&format!("vigie: paths are from {}\n", root.display()));
    let cut = asked(&env, &root, &["--limit", "2"]);
    cut.expect_code(0).expect_stderr("there is more than --limit lets through\n");
    let python = asked(&env, &root, &["--lang", "python"]);
    python.expect_code(0).check(!python.text().contains("README"), "only files of the language");
    let shown = env.vigie_on_terminal(&root, "map");
    shown.check(shown.text().replace('\r', "").starts_with(expected), "the same on a terminal");
}

#[test]
fn a_row_has_every_documented_field() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let (rows, summary) = asked(&env, &root, &["--json"]).expect_code(0).answer();
    assert_eq!((&rows[0]["type"], &rows[0]["left_out"]), (&"budget".into(), &0.into()));
    let sum: u64 = rows[1..].iter().filter_map(|row| row["tokens"].as_u64()).sum();
    assert_eq!((&rows[0]["tokens_used"], &summary["rows"]), (&sum.into(), &7.into()));
    let (directory, file) = (&rows[1], &rows[2]);
    assert_eq!((&directory["type"], &directory["path"]), (&"directory".into(), &"src/deep/core".into()));
    assert_eq!((&directory["files"], &directory["depth"]), (&3.into(), &0.into()));
    assert_eq!((&file["type"], &file["path"]), (&"file".into(), &"src/deep/core/ship.py".into()));
    assert_eq!(file["symbols"][0], serde_json::json!({ "name": "Ship", "kind": "class", "line": 1 }));
    assert!(directory["rank"].as_f64() > file["rank"].as_f64() && file["rank"].as_f64() > rows[3]["rank"].as_f64());
}

/// On a real tree, and the same again.
#[test]
fn a_map_is_never_over_its_budget() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("crates");
    registry_crates(&root, &["serde", "clap", "regex-syntax"]);
    index(&env, &root);
    for tokens in [5, 6, 17, 50, 111, 400, 1003, 2000, 9000] {
        let output = asked(&env, &root, &["--tokens", &tokens.to_string()]);
        let used = output.expect_code(0).stdout.len().div_ceil(4);
        output.check(used <= tokens && used * 2 > tokens.min(2000), &format!("{used} of {tokens} tokens"));
        output.check(asked(&env, &root, &["--tokens", &tokens.to_string()]).stdout == output.stdout, "the same again");
    }
}

#[test]
fn nonsense_is_a_sentence() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    for (words, code, sentence) in [
        (&["--tokens", "1"][..], 2, "1 token has no room for one line; give --tokens more"),
        (&["--tokens", "0"], 2, "0 tokens are not between 1 and 1000000"),
        (&["--tokens", "-3"], 2, "--tokens <N> takes a whole number"),
        (&["--depth", "x"], 2, "--depth <N> takes a whole number"),
        (&["--cursor", "ab"], 2, "--cursor"),
        (&["/"], 2, "lies in no indexed project"),
        (&["nowhere"], 2, "nowhere does not exist"),
        (&["--lang", "rust"], 1, "language rust leaves no files"),
    ] {
        let output = asked(&env, &root, words);
        output.expect_code(code).expect_stderr(sentence).check(output.stdout.is_empty(), "nothing on stdout");
    }
}

#[test]
fn a_map_follows_edits() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &FILES);
    let before = asked(&env, &root, &[]).text().to_owned();
    for number in 0..9 {
        write_files(&root, &[(&format!("src/user{number}.py"), "from src.deep.core.tug import Tug\n\nTug()\n")]);
    }
    let after = asked(&env, &root, &["--fresh"]).text().to_owned();
    let place = |what: &str| after.find(what).unwrap_or_else(|| panic!("{what} is not in {after}"));
    assert!(before != after && place("tug.py") < place("ship.py"), "{after}");
}
