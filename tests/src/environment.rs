//! A private environment for the real binaries: home, state and runtime directories of its own, nothing inherited, and every
//! process it started ended by its pid when the test is over.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt as _, lchown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::agent::Agent;
use crate::console::Console;
use crate::machine::{child_pids, command_line, kill_hard, pids_with_environment, wait_gone};
use crate::process::{Context, Output, Running, logs_report};
use crate::skip::skip;
use crate::wire::Wire;

/// Longest the daemon may take to say that it is ready, or to stop.
const DAEMON_TIME_MAX: Duration = Duration::from_secs(30);

/// The user who owns nothing.
pub const NOBODY: u32 = 65_534;

/// Directories of one test, and the binaries it runs in them.
#[derive(Debug)]
pub struct TestEnv {
    dir: TempDir,
    logs: Arc<PathBuf>,
    binaries: PathBuf,
    user: Option<u32>,
}

impl TestEnv {
    /// A fresh environment.
    #[track_caller]
    pub fn new() -> TestEnv {
        TestEnv::build(None)
    }

    /// A fresh environment whose processes run as [`NOBODY`]; only root can make one.
    #[track_caller]
    pub fn as_nobody() -> TestEnv {
        TestEnv::build(Some(NOBODY))
    }

    /// A fresh environment whose processes run as this user; only root can make one.
    #[track_caller]
    pub(crate) fn as_user(user: u32) -> TestEnv {
        TestEnv::build(Some(user))
    }

    #[track_caller]
    fn build(user: Option<u32>) -> TestEnv {
        // Under /tmp rather than TMPDIR: the address of a socket holds at most 107 bytes.
        let dir = tempfile::Builder::new().prefix("vg-").tempdir_in("/tmp").expect("/tmp is writable");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("the directory is ours");
        let logs = Arc::new(dir.path().to_path_buf());
        let env = TestEnv { binaries: binaries_for(dir.path(), user), dir, logs, user };
        for name in ["home", "state", "run", "projects", "log"] {
            let path = env.path(name);
            fs::create_dir(&path).expect("the directory is new");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("the directory is ours");
            env.give(&path);
        }
        env
    }

    /// Hands a path to the user the processes run as.
    pub fn give(&self, path: &Path) {
        if let Some(user) = self.user {
            lchown(path, Some(user), Some(user)).expect("root may give files away");
        }
    }

    /// Hands a whole tree to the user the processes run as.
    pub fn give_tree(&self, path: &Path) {
        self.give(path);
        if path.is_dir() && !path.is_symlink() {
            for entry in fs::read_dir(path).expect("the directory is readable") {
                self.give_tree(&entry.expect("the entry is readable").path());
            }
        }
    }

    /// A path in the environment.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A new, empty directory for a project.
    pub fn project(&self, name: &str) -> PathBuf {
        let path = self.path("projects").join(name);
        fs::create_dir_all(&path).expect("the directory is ours");
        self.give(&path);
        path
    }

    /// The home directory.
    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// The daemon's state directory.
    pub fn state_dir(&self) -> PathBuf {
        self.path("state/vigie")
    }

    /// The daemon's runtime directory.
    pub fn runtime_dir(&self) -> PathBuf {
        self.path("run/vigie")
    }

    /// The socket in the runtime directory, whoever made it.
    #[track_caller]
    pub fn socket(&self) -> PathBuf {
        use std::os::unix::fs::FileTypeExt as _;
        let entries = fs::read_dir(self.runtime_dir()).expect("the runtime directory exists");
        let is_socket = |path: &PathBuf| path.symlink_metadata().is_ok_and(|meta| meta.file_type().is_socket());
        let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_socket);
        paths.next().expect("a socket in the runtime directory")
    }

    /// Daemons that run in this environment, whoever started them.
    pub fn daemon_pids(&self) -> Vec<u32> {
        let is_daemon = |pid: &u32| {
            let command = command_line(*pid);
            let mut words = command.split_whitespace();
            words.next().is_some_and(|program| program.ends_with("vigied")) && words.next() != Some("worker")
        };
        let mut pids: Vec<u32> =
            pids_with_environment(&self.state_assignment()).into_iter().filter(is_daemon).collect();
        // A worker that was forked and has not yet become its program looks like the daemon it belongs to.
        let workers: Vec<u32> = pids.iter().flat_map(|daemon| child_pids(*daemon)).collect();
        pids.retain(|pid| !workers.contains(pid));
        pids
    }

    fn state_assignment(&self) -> String {
        format!("XDG_STATE_HOME={}", self.path("state").display())
    }

    pub(crate) fn logs_directory(&self) -> Arc<PathBuf> {
        Arc::clone(&self.logs)
    }

    /// What the daemons of this environment logged.
    pub fn logs(&self) -> String {
        logs_report(&self.logs)
    }

    /// One of the programs.
    pub fn binary(&self, program: &str) -> PathBuf {
        self.binaries.join(program)
    }

    /// The variables that its processes have.
    pub fn variables(&self) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
        let command = self.command("vigie", self.dir.path());
        command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
    }

    fn command(&self, program: &str, directory: &Path) -> Command {
        self.command_as(self.user, program, directory)
    }

    fn command_as(&self, user: Option<u32>, program: &str, directory: &Path) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.current_dir(directory).env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
        command.env("HOME", self.home());
        command.env("XDG_STATE_HOME", self.path("state")).env("XDG_RUNTIME_DIR", self.path("run"));
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        command
    }

    /// One of the programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    /// The daemon with arguments, to be run in another way than [`TestEnv::start_daemon`] does.
    pub fn daemon_command(&self, args: &[&str]) -> Command {
        let mut command = self.command("vigied", self.dir.path());
        command.args(args).stdin(Stdio::null());
        command
    }

    /// Runs `vigie` in a directory until it ends.
    #[track_caller]
    pub fn vigie_in<S: AsRef<std::ffi::OsStr>>(&self, directory: &Path, args: &[S]) -> Output {
        self.spawn_vigie_in(directory, args).finish()
    }

    /// The same with additional environment variables.
    #[track_caller]
    pub fn vigie_with<S: AsRef<std::ffi::OsStr>>(
        &self,
        directory: &Path,
        args: &[S],
        variables: &[(&str, &str)],
    ) -> Output {
        let mut command = self.command("vigie", directory);
        command.args(args).envs(variables.iter().copied());
        let context = Context::new(&command, directory, Arc::clone(&self.logs));
        Running::start(command, context).finish()
    }

    /// Runs another program in a directory until it ends: one that is a client of the daemon, or starts `vigie`, whose path is the value
    /// of `VIGIE_TEST_COMMAND`.
    #[track_caller]
    pub fn program_in(&self, program: &Path, directory: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
        let vigie = self.command("vigie", directory);
        let mut command = Command::new(program);
        command.current_dir(directory).env_clear().envs(vigie.get_envs().filter_map(|(k, v)| Some((k, v?))));
        command.env("VIGIE_TEST_COMMAND", vigie.get_program()).args(args).envs(variables.iter().copied());
        let context = Context::new(&command, directory, Arc::clone(&self.logs));
        Running::start(command, context).finish()
    }

    /// Runs another program as this environment's user until it ends.
    #[track_caller]
    pub fn program_as_user(&self, program: &Path, args: &[&str]) -> Output {
        let vigie = self.command("vigie", self.dir.path());
        let mut command = Command::new(program);
        command.current_dir(self.dir.path()).env_clear().envs(vigie.get_envs().filter_map(|(k, v)| Some((k, v?))));
        command.args(args);
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        let context = Context::new(&command, self.dir.path(), Arc::clone(&self.logs));
        Running::start(command, context).finish()
    }

    /// Starts `vigie` in a directory.
    #[track_caller]
    pub fn spawn_vigie_in<S: AsRef<std::ffi::OsStr>>(&self, directory: &Path, args: &[S]) -> Running {
        let mut command = self.command("vigie", directory);
        command.args(args);
        let context = Context::new(&command, directory, Arc::clone(&self.logs));
        Running::start(command, context)
    }

    /// Runs `vigie` in a directory on a terminal, one without colours, until it ends. The arguments are words of a shell.
    #[track_caller]
    pub fn vigie_on_terminal(&self, directory: &Path, args: &str) -> Output {
        let command = self.command_as(self.user, "vigie", directory);
        let vigie = command.get_program().to_string_lossy().into_owned();
        let mut script = Command::new("script");
        script.current_dir(directory).env_clear().envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
        script.env("NO_COLOR", "1").args(["-qec", &format!("{vigie} {args} 2>/dev/null"), "/dev/null"]);
        let context = Context::new(&script, directory, Arc::clone(&self.logs));
        Running::start(script, context).finish()
    }

    /// Runs a script of a shell in a directory, where `vigie` is a command. Nothing where the machine has no such shell; then it says
    /// so.
    #[track_caller]
    pub fn script_in_shell(&self, test: &str, directory: &Path, shell: &str, script: &str) -> Option<Output> {
        let vigie = self.command("vigie", directory);
        let mut command = Command::new(shell);
        command.current_dir(directory).env_clear().envs(vigie.get_envs().filter_map(|(k, v)| Some((k, v?))));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.binaries.display()));
        if !Command::new(shell).arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
            skip(test, &format!("there is no {shell}, which .ci/setup installs"));
            return None;
        }
        command.args(["-c", script]);
        let context = Context::new(&command, directory, Arc::clone(&self.logs));
        Some(Running::start(command, context).finish())
    }

    /// Starts `vigie mcp` in a directory, as an agent's host does.
    #[track_caller]
    pub fn agent_in<S: AsRef<std::ffi::OsStr>>(&self, directory: &Path, args: &[S]) -> Agent {
        let mut command = self.command("vigie", directory);
        command.arg("mcp").args(args);
        Agent::start(command)
    }

    /// Starts `vigie` in a directory on a terminal of so many columns and rows.
    #[track_caller]
    pub fn vigie_in_terminal(
        &self,
        directory: &Path,
        size: (u16, u16),
        variables: &[(&str, &str)],
        args: &[&str],
    ) -> Console {
        let vigie = self.command("vigie", directory);
        // It gives the terminal to the command, as a login does: only then do its keys and its size reach it.
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(vigie.get_program()).args(args);
        command.current_dir(directory).env_clear().envs(vigie.get_envs().filter_map(|(k, v)| Some((k, v?))));
        command.env("TERM", "xterm-256color").envs(variables.iter().copied());
        let context = Context::new(&command, directory, Arc::clone(&self.logs));
        Console::start(command, size, context)
    }

    /// Runs `vigie` in a directory with a stdout that nobody reads any more.
    #[track_caller]
    pub fn vigie_unread(&self, directory: &Path, args: &[&str]) -> Output {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = self.command("vigie", directory);
        command.args(args);
        let context = Context::new(&command, directory, Arc::clone(&self.logs));
        Running::start_into(command, writer.into(), context).finish()
    }

    /// Runs a script of the shell in a user namespace of its own, whose limits it may lower and in which it may mount; `$VIGIE` is the
    /// command. It stops the daemon that it starts. Nothing where the machine allows no such namespaces; then it says so.
    #[track_caller]
    pub fn script_in_namespace(&self, test: &str, directory: &Path, script: &str) -> Option<Output> {
        let unshare = |words: &[&str]| {
            let mut command = Command::new("unshare");
            command.args(["--user", "--map-root-user", "--mount"]).args(words);
            command
        };
        if !unshare(&["true"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
            skip(test, "there are no user namespaces for whoever runs the tests");
            return None;
        }
        let vigie = self.command_as(None, "vigie", directory);
        let mut command = unshare(&["sh", "-c", script]);
        command.current_dir(directory).env_clear().envs(vigie.get_envs().filter_map(|(k, v)| Some((k, v?))));
        command.env("VIGIE", vigie.get_program());
        let context = Context::new(&command, directory, Arc::clone(&self.logs));
        Some(Running::start(command, context).finish())
    }

    /// Runs `vigie` in a directory as whoever runs the tests, not as this environment's user.
    #[track_caller]
    pub fn vigie_as_tester<S: AsRef<std::ffi::OsStr>>(&self, directory: &Path, args: &[S]) -> Output {
        let mut command = self.command_as(None, "vigie", directory);
        command.args(args);
        let context = Context::new(&command, directory, Arc::clone(&self.logs));
        Running::start(command, context).finish()
    }

    /// Starts the daemon and waits until it says that it is ready.
    #[track_caller]
    pub fn start_daemon(&self, args: &[&str]) -> Daemon<'_> {
        self.start_daemon_with(args, &[])
    }

    /// Starts the daemon with additional environment variables and waits until it says that it is ready.
    #[track_caller]
    pub fn start_daemon_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Daemon<'_> {
        match self.announced(args, variables) {
            Ok(daemon) => daemon,
            Err(sentence) => panic!("the daemon is not ready: {sentence}\n{}", self.logs()),
        }
    }

    /// Starts the daemon; an error is the sentence with which it gave up.
    #[track_caller]
    pub fn try_start_daemon(&self, args: &[&str]) -> Result<Daemon<'_>, String> {
        self.announced(args, &[])
    }

    #[track_caller]
    fn announced(&self, args: &[&str], variables: &[(&str, &str)]) -> Result<Daemon<'_>, String> {
        let mut command = self.command("vigied", self.dir.path());
        let log = self.path("log/daemon.log");
        command.arg("--announce").arg("--log").arg(log).args(args).envs(variables.iter().copied());
        let stderr = fs::File::options().create(true).append(true).open(self.path("log/daemon-stderr.log"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr.expect("the log can be written"));
        let mut child = command.spawn().unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
        let line = first_line(&mut child);
        let mut daemon = Daemon { child, socket: PathBuf::new(), env: self };
        match line.split_once(' ') {
            Some(("ready", socket)) => {
                daemon.socket = PathBuf::from(socket);
                Ok(daemon)
            }
            Some(("error", sentence)) => Err(sentence.to_owned()),
            _ => panic!("{command:?} announced {line:?}\n{}", self.logs()),
        }
    }
}

/// The first line a daemon writes; empty if it ended, or said nothing in time.
fn first_line(child: &mut Child) -> String {
    let stdout = child.stdout.take().expect("stdout is piped");
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut line = String::new();
        let _partial = BufReader::new(stdout).read_line(&mut line);
        let _unheard = sender.send(line);
    });
    receiver.recv_timeout(DAEMON_TIME_MAX).unwrap_or_default().trim_end().to_owned()
}

impl Default for TestEnv {
    fn default() -> TestEnv {
        TestEnv::new()
    }
}

impl Drop for TestEnv {
    fn drop(&mut self) {
        // A daemon that `vigie` started is nobody's child; it is known by the state directory that only this test has.
        for pid in pids_with_environment(&self.state_assignment()) {
            kill_hard(pid);
        }
    }
}

/// Where the binaries are: beside this test's executable, or copies of them that another user may run.
#[track_caller]
fn binaries_for(dir: &Path, user: Option<u32>) -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let profile = test.parent().and_then(Path::parent).expect("tests are built in target/PROFILE/deps");
    for name in ["vigied", "vigie", "vigie-http", "vigie-mcp", "vigie-top"] {
        let path = profile.join(name);
        assert!(path.exists(), "{} is missing: build the binaries first, `cargo build --release`", path.display());
    }
    if user.is_none() {
        return profile.to_path_buf();
    }
    let copies = dir.join("bin");
    fs::create_dir(&copies).expect("the directory is new");
    for name in ["vigied", "vigie", "vigie-http"] {
        copy_program(&profile.join(name), &copies.join(name));
    }
    copies
}

/// Copies a program that is to be run, by another process: one that is open for writing cannot be run (`ETXTBSY`), and what this process
/// opens the programs of its other tests may inherit.
#[track_caller]
pub fn copy_program(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg(from).arg(to).status().expect("cp runs");
    assert!(copied.success(), "{} cannot be copied", from.display());
}

/// A running daemon; killed by its pid when dropped.
#[derive(Debug)]
pub struct Daemon<'a> {
    child: Child,
    socket: PathBuf,
    env: &'a TestEnv,
}

impl Daemon<'_> {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// A greeted connection to it.
    #[track_caller]
    pub fn connect(&self) -> Wire {
        match Wire::greeted(&self.socket) {
            Ok(wire) => wire,
            Err(e) => panic!("cannot greet the daemon: {e}\n{}", self.env.logs()),
        }
    }

    /// Tells it to read its configuration again.
    pub fn hang_up(&self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a child has a pid");
        kill_process(pid, Signal::HUP).expect("the daemon is ours");
    }

    /// Kills it so that it can do nothing about it.
    pub fn kill(mut self) {
        self.end();
    }

    /// Asks it to stop and waits until it has; `false` if it had to be killed or failed.
    pub fn stop(mut self) -> bool {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a child has a pid");
        kill_process(pid, Signal::TERM).expect("the daemon is ours");
        self.wait()
    }

    /// Waits until it has stopped by itself; `false` if it failed or had to be killed.
    pub fn wait(&mut self) -> bool {
        wait_gone(self.child.id(), DAEMON_TIME_MAX) && self.child.wait().is_ok_and(|status| status.success())
    }

    fn end(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            kill_hard(self.child.id());
        }
        let _reaped = self.child.wait();
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
