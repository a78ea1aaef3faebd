//! What a person may type wrongly, and stores that cannot be read.

use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use vigie_tests::{SourceTree, TestEnv, is_root};

use crate::support::{check_same_dump, dump, index};

/// Indexing this path fails with exit code 2 and a sentence that names it.
#[track_caller]
fn check_refused(env: &TestEnv, path: &str) {
    let output = env.vigie_in(&env.home(), &["index", path]);
    output.expect_code(2).expect_stderr(path.trim_end_matches("/."));
    output.check(output.stdout.is_empty(), "nothing on stdout");
    let lines = output.stderr.trim().lines().count();
    output.check((1..=4).contains(&lines), "a sentence and what to do");
    output.check(!output.stderr.contains("panicked"), "no panic");
    let projects = env.vigie_in(&env.home(), &["projects", "--json"]);
    projects.check(projects.stdout.is_empty(), "no project registered");
}

#[test]
fn paths_that_may_not_be_indexed_are_refused() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let file = env.path("projects/file.rs");
    fs::write(&file, "fn main() {}\n").expect("the directory is ours");
    let text = |path: &Path| path.to_str().expect("the path is UTF-8").to_owned();
    check_refused(&env, "/nonexistent/tree");
    check_refused(&env, &text(&file));
    check_refused(&env, &text(&env.home()));
    check_refused(&env, "/");
    check_refused(&env, "/proc");
    check_refused(&env, "/sys/kernel");
    check_refused(&env, "/dev");
}

#[test]
fn an_unreadable_root_is_refused() {
    let env = if is_root() { TestEnv::as_nobody() } else { TestEnv::new() };
    let _daemon = env.start_daemon(&[]);
    let root = env.project("locked");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o000)).expect("the directory is ours");
    check_refused(&env, root.to_str().expect("the path is UTF-8"));
    fs::set_permissions(&root, fs::Permissions::from_mode(0o700)).expect("the directory is ours");
}

#[test]
fn unknown_words_get_the_usage() {
    let env = TestEnv::new();
    for args in [&["indexx"][..], &["index", "--no-such-flag"], &["attach", "not-a-number"], &["cancel"]] {
        let output = env.vigie_in(&env.home(), args);
        output.expect_code(2);
        output.check(output.stderr.contains("Usage") || output.stderr.contains("--help"), "clap's usage");
    }
    assert_eq!(env.daemon_pids(), Vec::<u32>::new(), "no daemon was started for that");
}

#[test]
fn no_spawn_without_a_daemon_is_exit_69() {
    let env = TestEnv::new();
    let root = env.project("fleet");
    let output = env.vigie_in(&root, &["index", "--no-spawn"]);
    output.expect_code(69);
    output.check(!output.stderr.is_empty(), "a sentence");
    assert_eq!(env.daemon_pids(), Vec::<u32>::new());
}

#[test]
fn a_bad_pattern_is_explained() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 6, 800, 80);
    index(&env, &tree.root);
    for pattern in ["(unclosed", "[z-a]", "a{99999999}", r"\p{Nonsense}"] {
        let output = env.vigie_in(&tree.root, &["text", "--json", pattern]);
        output.expect_code(2);
        output.check(!output.stderr.trim().is_empty(), "a sentence about the pattern");
    }
}

/// The store files of an environment's projects.
fn stores(env: &TestEnv) -> Vec<PathBuf> {
    let entries = fs::read_dir(env.state_dir().join("projects")).expect("there are stores");
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| {
        let name = path.to_string_lossy();
        path.is_file() && !name.ends_with("-wal") && !name.ends_with("-shm") && !name.contains("corrupt")
    });
    paths
}

fn overwrite(path: &Path, offset: u64, bytes: &[u8]) {
    let file = fs::File::options().write(true).open(path).expect("the store exists");
    file.write_all_at(bytes, offset).expect("the store is ours");
}

/// Where SQLite's header holds the application's schema number (`PRAGMA user_version`), big-endian.
const USER_VERSION_OFFSET: u64 = 60;

#[track_caller]
fn check_rebuilt(damage: impl Fn(&Path)) {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 30, 2000, 81);
    let daemon = env.start_daemon(&[]);
    index(&env, &tree.root);
    let before = dump(&env, &tree.root);
    assert!(daemon.stop(), "{}", env.logs());
    for store in stores(&env) {
        damage(&store);
    }
    let _daemon = env.start_daemon(&[]);
    index(&env, &tree.root);
    check_same_dump("rebuilt", &dump(&env, &tree.root), &before);
    let names = fs::read_dir(env.state_dir().join("projects")).expect("there are stores");
    let aside =
        names.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).any(|name| name.contains("corrupt"));
    assert!(aside, "the store that could not be read is set aside");
    let rows = env.vigie_in(&tree.root, &["projects", "--json"]).json();
    assert!(rows[0]["note"].as_str().is_some_and(|note| !note.is_empty()), "the project says what happened: {rows:?}");
}

#[test]
fn a_store_with_a_torn_head_is_set_aside_and_rebuilt() {
    check_rebuilt(|store| overwrite(store, 0, &[0xa5; 4096]));
}

#[test]
fn a_store_with_a_torn_middle_is_set_aside_and_rebuilt() {
    check_rebuilt(|store| {
        let length = fs::metadata(store).expect("the store exists").len();
        overwrite(store, 4096, &vec![0x5a; usize::try_from(length - 4096).expect("the store is small")]);
    });
}

/// Damage behind the pages that opening reads: the job meets it on its way, and begins anew by itself.
#[test]
fn a_store_that_proves_torn_in_use_is_set_aside_and_rebuilt() {
    check_rebuilt(|store| {
        let length = fs::metadata(store).expect("the store exists").len();
        let from = 12 * 4096;
        overwrite(store, from, &vec![0x5a; usize::try_from(length - from).expect("the store is larger than that")]);
    });
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_kept() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1000, 82);
    let daemon = env.start_daemon(&[]);
    index(&env, &tree.root);
    assert!(daemon.stop(), "{}", env.logs());
    let store = stores(&env).remove(0);
    overwrite(&store, USER_VERSION_OFFSET, &9999_u32.to_be_bytes());
    let kept = fs::read(&store).expect("the store exists");
    let _daemon = env.start_daemon(&[]);
    for args in [&["index", "--json"][..], &["text", "--json", "logbook_"]] {
        let output = env.vigie_in(&tree.root, args);
        output.expect_code(2);
        output
            .check(output.stderr.contains("newer") || output.text().contains("newer"), "a sentence about the version");
    }
    assert!(fs::read(&store).expect("the store exists") == kept, "the newer store is not touched");
}

#[test]
fn a_registry_of_a_newer_version_is_refused_with_a_sentence() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    assert!(daemon.stop(), "{}", env.logs());
    let entries = fs::read_dir(env.state_dir()).expect("there is a state directory");
    let is_database = |path: &PathBuf| fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"));
    let registry = entries.filter_map(|entry| Some(entry.ok()?.path())).find(is_database).expect("there is a registry");
    overwrite(&registry, USER_VERSION_OFFSET, &9999_u32.to_be_bytes());
    let sentence = env.try_start_daemon(&[]).map(|daemon| daemon.pid()).expect_err("it does not start");
    assert!(sentence.contains("newer"), "{sentence}");
    let root = env.project("fleet");
    let output = env.vigie_in(&root, &["index"]);
    output.check(output.code == 69, "exit code 69").expect_stderr("newer");
}
