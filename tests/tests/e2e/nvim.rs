//! The Neovim plugin: its own tests, in a real Neovim, with the real daemon.

use std::fs;
use std::path::{Path, PathBuf};

use vigie_tests::{Neovim, TestEnv};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace holds this crate").join("client/nvim/tests")
}

/// Runs the tests of one file.
#[track_caller]
fn check(name: &str) {
    let Some(neovim) = Neovim::find(&format!("nvim::{name}")) else { return };
    let env = TestEnv::new();
    let output = neovim.run_lua(&env, &tests().join(format!("{name}_test.lua")));
    output.expect_code(0);
    output.check(output.text().lines().any(|line| line.starts_with("ok ")), "the names of tests that ran");
}

#[test]
fn editor() {
    check("editor");
}

#[test]
fn install() {
    check("install");
}

#[test]
fn jobs() {
    check("jobs");
}

#[test]
fn parts() {
    check("parts");
}

#[test]
fn stream() {
    check("stream");
}

#[test]
fn wire() {
    check("wire");
}

#[test]
fn no_file_of_tests_is_forgotten() {
    let source = include_str!("nvim.rs");
    for entry in fs::read_dir(tests()).expect("the tests of the plugin") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name in UTF-8");
        if let Some(name) = name.strip_suffix("_test.lua") {
            assert!(source.contains(&format!("check(\"{name}\")")), "nothing runs {name}_test.lua");
        }
    }
}
