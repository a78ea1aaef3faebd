//! Text search finds exactly the lines that ripgrep finds.

use std::fs;
use std::path::Path;

use serde_json::Value;
use vigie_tests::{Match, Search, SourceTree, TestEnv, grep, registry_crates};

use crate::support::index;

const fn plain(pattern: &str) -> Search<'_> {
    Search { pattern, ignore_case: false, word: false, fixed: false }
}

/// A selection of everything that makes a pattern awkward for an index of trigrams.
const SEARCHES: [Search<'_>; 22] = [
    plain("lantern"),
    plain("fn "),
    plain("a"),
    plain("logbook_1[0-9]*:"),
    plain("(spinnaker|windlass) (keel|mast)"),
    plain("^pub (fn|struct)"),
    plain(r"\)\s*->\s*u32 \{$"),
    plain(r"[A-Z][a-z]+[A-Z]"),
    plain(r"\bself\.[a-z_]+\b"),
    plain("."),
    plain(r"\d{3}"),
    plain("(?i)SELF"),
    plain("(?i)k"),
    plain("[äöü]"),
    plain(r"\p{Greek}+"),
    plain("no such line in any of these files"),
    plain("(foo)?$"),
    Search { ignore_case: true, ..plain("LANTERN") },
    Search { ignore_case: true, ..plain("straße") },
    Search { word: true, ..plain("mast") },
    Search { fixed: true, ..plain("(&self") },
    Search { ignore_case: true, word: true, ..plain("return|impl") },
];

fn arguments<'a>(search: &Search<'a>) -> Vec<&'a str> {
    let mut arguments = vec!["text", "--json"];
    let switches =
        [(search.ignore_case, "--ignore-case"), (search.word, "--word-regexp"), (search.fixed, "--fixed-strings")];
    arguments.extend(switches.iter().filter(|(on, _)| *on).map(|(_, switch)| switch));
    arguments.extend(["--", search.pattern]);
    arguments
}

/// The bytes of a field that is a string where it is UTF-8 and base64 elsewhere.
fn bytes(row: &Value, name: &str) -> Vec<u8> {
    match row[name].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(row[format!("{name}_b64")].as_str().unwrap_or_else(|| panic!("no {name} in {row}"))),
    }
}

/// Decodes base64 (RFC 4648, section 4).
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let value = ALPHABET.iter().position(|c| *c == byte).expect("a base64 digit");
        bits = (bits << 6 | value as u32) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    out
}

fn row_match(row: &Value) -> Match {
    let number = |name: &str| row[name].as_u64().unwrap_or_else(|| panic!("no {name} in {row}"));
    Match { path: bytes(row, "path"), line: number("line"), column: number("column"), text: bytes(row, "text") }
}

/// What two answers are compared by: a carriage return belongs to the line's end or to its text, and long lines are cut.
fn comparable(mut found: Match, cut: bool) -> Match {
    if cut || found.text.len() > 4096 {
        found.text.clear();
    }
    if found.text.last() == Some(&b'\r') {
        found.text.pop();
    }
    found
}

fn check_searches(env: &TestEnv, root: &Path) {
    let mut hits = 0;
    for search in &SEARCHES {
        let output = env.vigie_in(root, &arguments(search));
        let (rows, _) = output.answer();
        let cut = |row: &Value| row["text_truncated"] == true;
        let mut found: Vec<Match> = rows.iter().map(|row| comparable(row_match(row), cut(row))).collect();
        let expected: Vec<Match> = grep(root, search).into_iter().map(|line| comparable(line, false)).collect();
        found.sort();
        if found != expected {
            let missing: Vec<_> = expected.iter().filter(|line| !found.contains(line)).take(3).map(show).collect();
            let extra: Vec<_> = found.iter().filter(|line| !expected.contains(line)).take(3).map(show).collect();
            panic!(
                "{search:?}: {} lines, ripgrep {}; missing {missing:#?}; extra {extra:#?}{}",
                found.len(),
                expected.len(),
                env.logs()
            );
        }
        assert_eq!(output.code, i32::from(expected.is_empty()), "{search:?}");
        hits += usize::from(!expected.is_empty());
    }
    assert!(hits * 2 > SEARCHES.len(), "only {hits} of the patterns occur in the tree");
}

fn show(line: &Match) -> String {
    let (path, text) = (String::from_utf8_lossy(&line.path), String::from_utf8_lossy(&line.text));
    format!("{path}:{}:{}: {}", line.line, line.column, text.chars().take(120).collect::<String>())
}

/// Files that make walking and reading awkward.
pub(crate) fn add_oddities(root: &Path) {
    let write = |path: &str, content: &[u8]| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a file has a directory")).expect("the tree is ours");
        fs::write(path, content).expect("the tree is ours");
    };
    write(".gitignore", b"ignored/\n*.log\n!keep.log\n");
    write("ignored/lantern.rs", b"fn lantern() {}\n");
    write("a.log", b"lantern in a log\n");
    write("keep.log", b"lantern in a log that is kept\n");
    write(".hidden/lantern.rs", b"pub fn hidden_lantern(&self) {}\n");
    write(".git/lantern", b"lantern in version control\n");
    write("nested/.ignore", b"secret.txt\n");
    write("nested/secret.txt", b"lantern secret\n");
    write("nested/open.txt", b"lantern open\nno newline at the end: mast");
    write("dos.txt", b"lantern one\r\nmast two\r\n");
    write("unicode.txt", "Grüße aus der Straße: STRASSE straße äöü\nαβγ lantern \u{212a}elvin K k\n".as_bytes());
    write("latin1.txt", b"lantern \xe4\xf6\xfc \xff\xfe mast\n");
    write("binary.bin", b"\0\0\0lantern\n");
    write("empty.rs", b"");
    let utf16: Vec<u8> = "lantern in UTF-16\nmast äöü\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    write("utf16.txt", &[&b"\xff\xfe"[..], &utf16].concat());
    write("long.js", format!("var x = \"{}lantern{}\";\n", "y".repeat(9000), "z".repeat(9000)).as_bytes());
}

#[test]
fn text_equals_ripgrep_on_a_generated_tree() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 120, 2500, 70);
    add_oddities(&tree.root);
    index(&env, &tree.root);
    check_searches(&env, &tree.root);
}

#[test]
fn text_equals_ripgrep_on_real_crates() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("crates");
    registry_crates(&root, &["clap_builder", "regex-syntax", "tempfile"]);
    index(&env, &root);
    check_searches(&env, &root);
}

#[test]
fn text_shows_files_as_they_are_now() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1500, 71);
    index(&env, &tree.root);
    let changed = &tree.files[3];
    let content = fs::read_to_string(tree.root.join(changed)).expect("the file exists");
    fs::write(tree.root.join(changed), format!("// one line more\n{content}")).expect("the tree is ours");
    let (rows, _) = env.vigie_in(&tree.root, &["text", "--json", "logbook_3:"]).answer();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["line"], &rows[0]["changed"]), (&2.into(), &true.into()), "{rows:?}");
    fs::remove_file(tree.root.join(changed)).expect("the file exists");
    env.vigie_in(&tree.root, &["text", "--json", "logbook_3:"]).expect_code(1);
}
