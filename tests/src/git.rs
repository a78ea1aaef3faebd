//! The real `git`, where the machine has one.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::skip::skip;

/// A `git` that can be run.
#[derive(Debug)]
pub struct Git(());

impl Git {
    /// The one on the path; without one, says that this test is left out.
    pub fn find(test: &str) -> Option<Git> {
        let runs =
            Command::new("git").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
        if !runs {
            skip(test, "there is no git, which .ci/setup installs");
        }
        runs.then_some(Git(()))
    }

    /// What it prints in a directory; it must succeed.
    #[track_caller]
    pub fn run(&self, directory: &Path, args: &[&str]) -> String {
        let output = self.command(directory, args).output().expect("git was found");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?} in {}: {stderr}", directory.display());
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Commits everything.
    #[track_caller]
    pub fn commit(&self, directory: &Path, message: &str) {
        self.run(directory, &["add", "-A"]);
        self.run(directory, &["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn command(&self, directory: &Path, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.current_dir(directory).stdin(Stdio::null()).env("HOME", directory).env("GIT_CONFIG_NOSYSTEM", "1");
        for variable in ["GIT_AUTHOR", "GIT_COMMITTER"] {
            command.env(format!("{variable}_NAME"), "Ann").env(format!("{variable}_EMAIL"), "ann@example.org");
        }
        command.args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"]).args(args);
        command
    }
}
