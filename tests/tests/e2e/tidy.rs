//! What a program can check of the source itself: who may know whom, and where things may stand.

use std::fs;
use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace holds this crate").to_path_buf()
}

/// Every source file of ours, relative to the workspace, with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let sources = sources_in("rs");
    assert!(sources.len() > 100, "the sources were not found");
    sources
}

/// The same of one extension.
fn sources_in(wanted: &str) -> Vec<(PathBuf, String)> {
    let root = workspace();
    let mut pending: Vec<PathBuf> =
        ["proto", "daemon", "client", "packaging/manual", "tests"].iter().map(|dir| root.join(dir)).collect();
    let mut sources = Vec::new();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == wanted) {
            let text = fs::read_to_string(&path).expect("a source file is UTF-8");
            sources.push((path.strip_prefix(&root).expect("it lies below").to_path_buf(), text));
        }
    }
    sources
}

/// Files that hold `word` outside the places where it may stand.
fn strays(word: &str, allowed: &[&str]) -> Vec<PathBuf> {
    let this = Path::new("tests/tests/e2e/tidy.rs");
    let is_stray = |path: &Path, text: &str| {
        path != this && text.contains(word) && !allowed.iter().any(|place| path.starts_with(place))
    };
    sources().into_iter().filter(|(path, text)| is_stray(path, text)).map(|(path, _)| path).collect()
}

#[track_caller]
fn check_dependencies(manifest: &str, forbidden: &[&str]) {
    let text = fs::read_to_string(workspace().join(manifest)).expect("a manifest");
    for line in text.lines() {
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        assert!(!forbidden.contains(&name), "{manifest} depends on {name}, which it must not know");
    }
}

#[test]
fn crates_know_only_whom_they_may() {
    check_dependencies(
        "proto/Cargo.toml",
        &["vigie", "vigied", "vigie-core", "tokio", "actix", "rusqlite", "interprocess"],
    );
    check_dependencies(
        "daemon/core/Cargo.toml",
        &["vigie", "vigied", "vigie-proto", "actix", "actix-rt", "tokio", "interprocess", "bincode"],
    );
    check_dependencies("daemon/Cargo.toml", &["vigie", "rusqlite", "bincode", "rmcp", "axum"]);
    check_dependencies("packaging/manual/Cargo.toml", &["vigie", "vigied", "vigie-core", "vigie-proto"]);
    check_dependencies(
        "client/gateway/Cargo.toml",
        &["vigied", "vigie-core", "rusqlite", "actix", "actix-rt", "bincode"],
    );
    check_dependencies(
        "client/Cargo.toml",
        &["vigied", "vigie-core", "rusqlite", "actix", "actix-rt", "tokio", "ratatui", "bincode"],
    );
}

#[test]
fn versions_stand_once() {
    for manifest in ["proto", "daemon", "daemon/core", "client", "client/gateway", "packaging/manual", "tests"] {
        let text = fs::read_to_string(workspace().join(manifest).join("Cargo.toml")).expect("a manifest");
        let dependencies = text.split("dependencies]").skip(1).flat_map(|part| part.split("\n[").take(1));
        for line in dependencies.flat_map(str::lines).filter(|line| line.contains('=')) {
            assert!(line.contains("workspace = true"), "{manifest}/Cargo.toml: {line:?} has a version of its own");
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!") && !text.starts_with("#![doc = include_str!"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(silent, Vec::<PathBuf>::new());
    let plugin = sources_in("lua");
    assert!(plugin.len() > 40, "the plugin was not found");
    let silent: Vec<_> = plugin.iter().filter(|(_, text)| !text.starts_with("-- ")).map(|(path, _)| path).collect();
    assert_eq!(silent, Vec::<&PathBuf>::new());
}

#[test]
fn sql_and_bincode_stand_in_their_places() {
    assert_eq!(strays("rusqlite", &["daemon/core/src/store", "daemon/core/tests", "tests"]), Vec::<PathBuf>::new());
    assert_eq!(strays("bincode::", &["proto/src/codec.rs"]), Vec::<PathBuf>::new());
}

#[test]
fn the_environment_is_read_at_the_edge() {
    let edges = [
        "daemon/src/config.rs",
        "client/src",
        "client/gateway/src",
        "tests",
        "daemon/tests",
        "daemon/core/tests",
        "daemon/core/examples",
    ];
    let strays: Vec<_> =
        strays("env::var", &edges).into_iter().filter(|path| !path.iter().any(|part| part == "tests")).collect();
    assert_eq!(strays, Vec::<PathBuf>::new());
}

#[test]
fn every_promise_has_a_test_that_names_it() {
    let sources = sources();
    for promise in 1..=12 {
        let name = format!("fn p{promise}_");
        assert!(sources.iter().any(|(_, text)| text.contains(&name)), "no test names promise P{promise}");
    }
}
