//! A real Neovim that is new enough for the plugin, where the machine has one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::TestEnv;
use crate::process::Output;
use crate::skip::skip;

/// The oldest that the plugin runs in.
const OLDEST: (u32, u32) = (0, 10);

/// A Neovim that can be run.
#[derive(Debug)]
pub struct Neovim(PathBuf);

impl Neovim {
    /// The one on the path, or the one that `.ci/setup` installs; without one, says that this test is left out.
    pub fn find(test: &str) -> Option<Neovim> {
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/neovim/bin/nvim");
        // By its whole path: what tests run has another `PATH`.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).map(|directory| directory.join("nvim"));
        let found = on_path.chain([installed]).find(|path| is_new_enough(path));
        if found.is_none() {
            skip(test, "there is no Neovim 0.10 or later, which .ci/setup installs");
        }
        found.map(Neovim)
    }

    /// Runs a file of Lua in an environment until it ends.
    #[track_caller]
    pub fn run_lua(&self, env: &TestEnv, file: &Path) -> Output {
        let projects = env.path("projects");
        let directory = projects.to_str().expect("paths of tests are UTF-8");
        let file = file.to_str().expect("the path of the plugin is UTF-8");
        env.program_in(&self.0, &projects, &["--headless", "-l", file], &[("VIGIE_TEST_DIRECTORY", directory)])
    }
}

fn is_new_enough(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.is_ok_and(|output| version(&String::from_utf8_lossy(&output.stdout)).is_some_and(|found| found >= OLDEST))
}

/// Major and minor version, as `NVIM v0.11.4` has them.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("NVIM v")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}
