//! A real terminal for programs that take a whole screen: tmux, with a server of its own for each test.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::environment::TestEnv;
use crate::skip::skip;

/// Longest that something may take to be seen, where ten other tests may run beside.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// A terminal in which a shell has run one command; its server ends when dropped.
#[derive(Debug)]
pub struct Terminal {
    socket: PathBuf,
}

impl Terminal {
    /// Opens one of so many columns and rows, and runs `vigie` in it with these words of a shell. When it ends, the terminal shows
    /// `ended` with the exit code, and `restored` if the settings of the terminal are what they were. Without tmux, says that this
    /// test is left out.
    #[track_caller]
    pub fn open(
        env: &TestEnv,
        test: &str,
        (columns, rows): (u16, u16),
        directory: &Path,
        words: &str,
    ) -> Option<Terminal> {
        let runs = Command::new("tmux").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
        if !runs {
            skip(test, "there is no tmux, which .ci/setup installs");
            return None;
        }
        let terminal = Terminal { socket: env.path(format!("{columns}x{rows}.tmux")) };
        let vigie = env.binary("vigie");
        // Reading what is typed until the end keeps the terminal open, and ends with it.
        let script = format!(
            "echo a shell; stty -g >$HOME/settings; {} {words}; echo ended $?; stty -g | cmp -s - $HOME/settings && echo restored; exec cat",
            vigie.display()
        );
        let mut command = terminal.tmux();
        command.current_dir(directory).env_clear().envs(env.variables()).env("TERM", "xterm-256color");
        command.args(["new-session", "-d", "-x", &columns.to_string(), "-y", &rows.to_string(), "sh", "-c", &script]);
        let output = command.output().expect("tmux was found");
        assert!(output.status.success(), "tmux: {}", String::from_utf8_lossy(&output.stderr));
        Some(terminal)
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&self.socket).args(["-f", "/dev/null"]).stdin(Stdio::null());
        command
    }

    /// Types keys, by the names that tmux has for them.
    #[track_caller]
    pub fn press(&self, keys: &[&str]) {
        let output = self.tmux().arg("send-keys").args(keys).output().expect("tmux was found");
        assert!(output.status.success(), "tmux: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Gives it another size.
    #[track_caller]
    pub fn resize(&self, columns: u16, rows: u16) {
        let mut command = self.tmux();
        command.args(["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]);
        let output = command.output().expect("tmux was found");
        assert!(output.status.success(), "tmux: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// What it shows.
    #[track_caller]
    pub fn screen(&self) -> String {
        let output = self.tmux().args(["capture-pane", "-p"]).output().expect("tmux was found");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Waits until what it shows fits, and returns that.
    #[track_caller]
    pub fn wait_for(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let since = Instant::now();
        loop {
            let screen = self.screen();
            if fits(&screen) {
                return screen;
            }
            assert!(since.elapsed() < PATIENCE, "not seen: {what}\n{screen}");
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until it shows a text.
    #[track_caller]
    pub fn wait_text(&self, text: &str) -> String {
        self.wait_for(text, |screen| screen.contains(text))
    }

    /// The process that the shell runs.
    #[track_caller]
    pub fn program_pid(&self) -> u32 {
        let output = self.tmux().args(["display-message", "-p", "#{pane_pid}"]).output().expect("tmux was found");
        let shell = String::from_utf8_lossy(&output.stdout).trim().parse().expect("the shell has a pid");
        let children = crate::machine::child_pids(shell);
        assert_eq!(children.len(), 1, "one program runs: {children:?}");
        children[0]
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _gone = self.tmux().arg("kill-server").stderr(Stdio::null()).status();
    }
}
