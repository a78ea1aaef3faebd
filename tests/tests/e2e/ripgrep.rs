//! In a pipe `vigie text` prints what the real `rg` prints, line for line, but for the order of files.

use std::fs;
use std::path::Path;

use vigie_tests::{Ripgrep, SourceTree, TestEnv, registry_crates};

use crate::support::index;
use crate::text::add_oddities;

/// Flags that both take.
const FLAGS: [&str; 35] = [
    "",
    "-i",
    "-S",
    "-s",
    "-w",
    "-x",
    "-F",
    "-iw",
    "-Fx",
    "-o",
    "-l",
    "-c",
    "-co",
    "--count-matches",
    "-il",
    "-wc",
    "-A2",
    "-B 1",
    "-C3",
    "-o -C1",
    "-l -C2",
    "--vimgrep",
    "--vimgrep -C1",
    "--vimgrep -o",
    "-t rust",
    "-t py -t toml -l",
    "-T rust -c",
    "-t rust -T rust",
    "-g *.rs -l",
    "-g !*.rs -c",
    "-g !src -g !part0 -l",
    "-g src/** -g !**/error* -c",
    "-g *.md -t rust -l",
    "-g *.rs -g !*.rs -g lib.rs -l",
    "-g /Cargo.toml -g part0/** -o",
];

/// Patterns that mean the same to every version of `rg` with each of these flags.
const PATTERNS: [&str; 14] = [
    "lantern",
    "fn new",
    "SELF",
    "Error",
    r"pub fn \w+\(&self",
    r"\bimpl\b",
    "^use ",
    "[0-9]{4}",
    "(mast|keel) (lantern|anchor)",
    "}",
    "Ünicode|straße|ÄÖÜ",
    "a{3,}",
    "(&self)",
    "nowhere to be found",
];

fn sorted(output: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = output.split(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines
}

fn show(lines: &[&[u8]]) -> Vec<String> {
    lines.iter().take(3).map(|line| String::from_utf8_lossy(line).chars().take(160).collect()).collect()
}

/// Runs both with the same arguments; whether anything was found.
fn check(env: &TestEnv, rg: &Ripgrep, root: &Path, args: &[&str]) -> bool {
    let (expected, code) = rg.run(root, args);
    let output = env.vigie_in(root, &[&["text"], args].concat());
    let (expected, found) = (sorted(&expected), sorted(&output.stdout));
    if found != expected {
        let missing: Vec<&[u8]> = expected.iter().filter(|line| found.binary_search(line).is_err()).copied().collect();
        let extra: Vec<&[u8]> = found.iter().filter(|line| expected.binary_search(line).is_err()).copied().collect();
        let (missing, extra) = (show(&missing), show(&extra));
        panic!(
            "{args:?}: {} lines, rg {}; missing {missing:#?}; extra {extra:#?}\n{}",
            found.len(),
            expected.len(),
            output.stderr
        );
    }
    output.expect_code(code);
    code == 0
}

fn check_all(env: &TestEnv, rg: &Ripgrep, root: &Path) {
    let mut found = 0;
    for flags in FLAGS {
        let flags: Vec<&str> = flags.split(' ').filter(|flag| !flag.is_empty()).collect();
        for pattern in PATTERNS {
            // A literal may be any of the patterns; what follows `--` is no flag.
            found += usize::from(check(env, rg, root, &[&flags[..], &["--", pattern]].concat()));
        }
        check(env, rg, root, &[&flags[..], &["-e", "impl", "-e", "-> ", "-e", "mast lantern"]].concat());
    }
    assert!(found > FLAGS.len() * 2, "only {found} questions had an answer");
}

#[test]
fn stdout_equals_rgs_on_a_generated_tree() {
    let Some(rg) = Ripgrep::find("stdout_equals_rgs_on_a_generated_tree") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 60, 1500, 72);
    add_oddities(&tree.root);
    // Lines over 4 KiB are cut on purpose.
    fs::remove_file(tree.root.join("long.js")).expect("it was written");
    index(&env, &tree.root);
    check_all(&env, &rg, &tree.root);
}

#[test]
fn stdout_equals_rgs_on_real_crates() {
    let Some(rg) = Ripgrep::find("stdout_equals_rgs_on_real_crates") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("crates");
    registry_crates(&root, &["clap_builder", "tempfile"]);
    index(&env, &root);
    check_all(&env, &rg, &root);
}

/// Globs are relative to the current directory, and files that are named are searched whatever they are.
#[test]
fn places_are_meant_as_by_rg() {
    let Some(rg) = Ripgrep::find("places_are_meant_as_by_rg") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 36, 800, 73);
    index(&env, &tree.root);
    let below = tree.root.join("part0");
    for globs in [
        &["-g", "/rust/*"][..],
        &["-g", "rust/**", "-g", "!file_0.*"],
        &["-g", "!/rust"],
        &["-g", "part0/**"],
        &["-g", "!part0"],
        &["-g", "!go", "-g", "!**/c/*"],
    ] {
        for place in ["rust", "go", "c", "rust/file_0.rs"] {
            check(&env, &rg, &below, &[globs, &["-l", "logbook", place]].concat());
        }
    }
    for place in [&["rust", "go"][..], &["rust/file_0.rs", "go"], &["rust/file_0.rs"], &["c", "rust/file_6.rs"]] {
        assert!(check(&env, &rg, &below, &[&["-t", "rust", "-c", "logbook"], place].concat()) || place == ["c"]);
        check(&env, &rg, &below, &[&["-T", "rust", "-g", "!*.go", "-o", "logbook_[0-9]+"], place].concat());
    }
}

/// On a terminal lines stand under their file's name.
#[test]
fn on_a_terminal_it_looks_like_rg() {
    let Some(rg) = Ripgrep::find("on_a_terminal_it_looks_like_rg") else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 12, 800, 78);
    index(&env, &tree.root);
    for flags in ["logbook", "-C1 logbook", "-o -A1 mast", "--vimgrep mast", "-c mast", "-l mast"] {
        let heading = if flags.contains("--vimgrep") { "--no-heading" } else { "--heading" };
        let args: Vec<&str> = ["--color=never", heading].into_iter().chain(flags.split(' ')).collect();
        let (expected, _) = rg.run(&tree.root, &args);
        let output = env.vigie_on_terminal(&tree.root, &format!("text {flags}"));
        let found = output.text().replace("\r\n", "\n");
        assert_eq!(sorted(found.as_bytes()), sorted(&expected), "{flags}{}", output.report());
    }
}
