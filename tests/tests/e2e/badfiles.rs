//! Promise 9: a bad file is data. One tree with everything that breaks indexers, and trees that are bad in one way.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use serde_json::Value;
use vigie_tests::{TestEnv, is_root, resident_bytes_peak, skip};

use crate::support::{check_same_dump, dump, dump_from_scratch, index, terminal};

/// Disposition of each file by its path; a file named twice fails the test.
#[track_caller]
fn dispositions(env: &TestEnv, root: &Path) -> BTreeMap<String, Value> {
    let (rows, summary) = env.vigie_in(root, &["coverage", "--json"]).answer();
    assert_eq!(summary["truncated"], false);
    let mut out = BTreeMap::new();
    for row in rows {
        let path = row["path"].as_str().map_or_else(|| format!("base64:{}", row["path_b64"]), str::to_owned);
        let twice = out.insert(path, row.clone());
        assert_eq!(twice, None, "a file has exactly one disposition");
    }
    out
}

fn write(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a file has a directory")).expect("the tree is ours");
    fs::write(path, content).expect("the tree is ours");
}

/// 3 MiB of JavaScript in one line.
fn minified() -> String {
    let mut text = String::with_capacity(3 << 20);
    let mut number = 0;
    while text.len() < 3 << 20 {
        text.push_str(&format!(
            "function f{number}(a,b){{return a?b:f{number}(b,a)}};var v{number}=[1,2,3].map(f{number});"
        ));
        number += 1;
    }
    text
}

fn write_bad_files(root: &Path) {
    write(root, "good.rs", b"pub fn good_neighbour() {}\n");
    write(root, "binary.c", b"\x7fELF\0\0\0\0 int binary_main(void) { return 0; }\n");
    write(root, "empty.py", b"");
    write(root, "minified.js", minified().as_bytes());
    write(root, "latin1.py", b"# caf\xe9\ndef latin_one():\n    return '\xff\xfe'\n");
    write(root, "deep.js", format!("var x = {}1{};\n", "(".repeat(60_000), ")".repeat(60_000)).as_bytes());
    write(root, "deep.rs", format!("fn deep() {{ {}{} }}\n", "{".repeat(40_000), "}".repeat(40_000)).as_bytes());
    write(root, "deep.py", format!("x = {}{}\n", "[".repeat(50_000), "]".repeat(50_000)).as_bytes());
    write(root, "unclosed.c", "int f( { [ ".repeat(20_000).as_bytes());
    write(
        root,
        "noise.ts",
        &(0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 25 | 1) as u8).collect::<Vec<_>>(),
    );
    write(root, "bare_cr.go", b"package p\rfunc Carriage() {}\r");
    write(root, "bom.py", b"\xef\xbb\xbfdef with_mark():\n    pass\n");
    let huge = File::create(root.join("huge.rs")).expect("the tree is ours");
    huge.set_len(5 << 30).expect("the file system has sparse files");
    fs::write(root.join(OsStr::from_bytes(b"name-\xff\xfe.py")), "def odd_name():\n    pass\n")
        .expect("the tree is ours");
    fs::write(root.join("new\nline.py"), "def newline_name():\n    pass\n").expect("the tree is ours");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe.rs"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .expect("a pipe can be made");
    symlink("good.rs", root.join("link.rs")).expect("the tree is ours");
    symlink("/etc/passwd", root.join("outside.rs")).expect("the tree is ours");
    symlink("nowhere", root.join("dangling.rs")).expect("the tree is ours");
    symlink("..", root.join("loop")).expect("the tree is ours");
}

#[test]
fn p9_a_bad_file_is_data() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = env.project("wreck");
    write_bad_files(&root);
    let event = index(&env, &root);
    assert_eq!(event["type"], "complete", "{event}");
    let files = dispositions(&env, &root);
    assert_eq!(event["stats"]["files_seen"], files.len(), "each file that the walk found is listed: {files:#?}");
    let disposition =
        |path: &str| files.get(path).map_or("missing", |row| row["disposition"].as_str().unwrap_or_default());
    for path in ["good.rs", "empty.py", "minified.js", "latin1.py", "bare_cr.go", "bom.py", "new\nline.py"] {
        assert_eq!(disposition(path), "indexed", "{path}");
    }
    assert_eq!(disposition("binary.c"), "binary");
    assert_eq!(disposition("huge.rs"), "too-large");
    assert!(matches!(disposition("pipe.rs"), "special" | "missing"), "{files:#?}");
    for path in ["deep.js", "deep.rs", "deep.py", "unclosed.c"] {
        assert!(matches!(disposition(path), "indexed" | "quarantined"), "{path}: {}", disposition(path));
    }
    let odd = files.keys().filter(|path| path.starts_with("base64:")).count();
    assert_eq!(odd, 1, "the name that is not UTF-8 is listed: {files:#?}");
    let reasonless = files.values().find(|row| row["disposition"] != "indexed" && !row["reason"].is_string());
    assert_eq!(reasonless, None, "what is not indexed has a reason");
    assert_eq!(files["minified.js"]["structure"], "lexical", "larger than the limit for structure");

    for name in ["good_neighbour", "latin_one", "with_mark", "odd_name", "newline_name"] {
        let (rows, _) = env.vigie_in(&root, &["def", "--json", name]).answer();
        assert_eq!(rows.len(), 1, "{name}: {rows:?}");
    }
    let (rows, _) = env.vigie_in(&root, &["text", "--json", "root:"]).answer();
    assert!(rows.iter().all(|row| row["path"] != "outside.rs"), "links are not followed out of the root");
    assert!(resident_bytes_peak(daemon.pid()) < 512 << 20, "the daemon stays small");
    check_same_dump("bad files", &dump(&env, &root), &dump_from_scratch(&root));

    let again = index(&env, &root);
    assert_eq!(again["stats"]["files_indexed"], 0, "bad files are not read again and again: {again}");
}

#[test]
fn p9_an_unreadable_file_is_listed_and_stops_nothing() {
    let env = if is_root() { TestEnv::as_nobody() } else { TestEnv::new() };
    let _daemon = env.start_daemon(&[]);
    let root = env.project("locked");
    write(&root, "open.py", b"def open_door():\n    pass\n");
    write(&root, "locked.py", b"def locked_door():\n    pass\n");
    write(&root, "cellar/hidden.py", b"def hidden_door():\n    pass\n");
    env.give_tree(&root);
    let lock = |path: &str, mode| {
        fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).expect("the tree is ours");
    };
    lock("locked.py", 0o000);
    lock("cellar", 0o000);
    let output = env.vigie_in(&root, &["index", "--json"]);
    // What could not be read is in no answer.
    output.expect_code(3);
    assert_eq!(terminal(&output)["type"], "complete", "{}", output.report());
    let files = dispositions(&env, &root);
    assert_eq!(files["locked.py"]["disposition"], "unreadable", "{files:#?}");
    assert_eq!(files["open.py"]["disposition"], "indexed", "{files:#?}");
    lock("locked.py", 0o600);
    lock("cellar", 0o700);
    index(&env, &root);
    let files = dispositions(&env, &root);
    assert_eq!(files["locked.py"]["disposition"], "indexed", "{files:#?}");
    assert_eq!(files["cellar/hidden.py"]["disposition"], "indexed", "{files:#?}");
}

#[test]
fn p9_a_device_is_not_opened() {
    if !is_root() {
        return skip("p9_a_device_is_not_opened", "only root can make a device");
    }
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("devices");
    write(&root, "good.py", b"def good():\n    pass\n");
    let device = rustix::fs::makedev(1, 5);
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let made =
        rustix::fs::mknodat(rustix::fs::CWD, root.join("zero.py"), rustix::fs::FileType::CharacterDevice, mode, device);
    if let Err(e) = made {
        return skip("p9_a_device_is_not_opened", &format!("this system makes no devices: {e}"));
    }
    let event = index(&env, &root);
    assert_eq!(event["type"], "complete", "{event}");
    let files = dispositions(&env, &root);
    let zero = files.get("zero.py").map_or("special", |row| row["disposition"].as_str().unwrap_or_default());
    assert_eq!(zero, "special", "{files:#?}");
}

#[test]
fn p9_a_tree_of_nothing_but_bad_files_is_complete() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("wreck");
    for number in 0..30 {
        write(&root, &format!("broken_{number}.rs"), format!("fn {}", "((((([[[[{{{{".repeat(500 + number)).as_bytes());
    }
    let event = index(&env, &root);
    assert_eq!(event["type"], "complete", "{event}");
    assert_eq!(dispositions(&env, &root).len(), 30);
}
