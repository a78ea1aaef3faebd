//! The real `rg`, where the machine has one.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::skip::skip;

/// What makes `rg` walk the same files as an index holds, and name path and line also in a pipe.
const ALWAYS: [&str; 12] =
    ["--no-config", "--hidden", "--no-require-git", "-g", "!.git", "-g", "!.hg", "-g", "!.svn", "-g", "!.jj", "-nH"];

/// An `rg` that can be run.
#[derive(Debug)]
pub struct Ripgrep(());

impl Ripgrep {
    /// The one on the path; without one, says that this test is left out.
    pub fn find(test: &str) -> Option<Ripgrep> {
        let runs =
            Command::new("rg").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
        if !runs {
            skip(test, "there is no rg, which .ci/setup installs");
        }
        runs.then_some(Ripgrep(()))
    }

    /// What it prints in a directory, and its exit code.
    #[track_caller]
    pub fn run(&self, directory: &Path, args: &[&str]) -> (Vec<u8>, i32) {
        let mut command = Command::new("rg");
        // It searches what comes on stdin if anything may, and knows a user's own excludes by the home directory.
        command.current_dir(directory).stdin(Stdio::null()).env("HOME", directory).env_remove("XDG_CONFIG_HOME");
        let output = command.args(ALWAYS).args(args).output().expect("rg was found");
        let (code, stderr) = (output.status.code().expect("nobody kills rg"), String::from_utf8_lossy(&output.stderr));
        // A choice that leaves no file is a mistake to `rg`, and an answer like any other here.
        let code = if stderr.contains("No files were searched") { 1 } else { code };
        assert!(code < 2, "rg {args:?}: {stderr}");
        (output.stdout, code)
    }
}
