//! A real systemd user manager, for an ordinary user who exists nowhere else, in mount, pid and control group namespaces of its own:
//! what it starts, mounts and enables is gone with it. Only root can make one.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::environment::TestEnv;
use crate::machine::{alive, child_pids, kill_hard};
use crate::process::{Context, Output, Running};
use crate::skip::{is_root, skip};

/// The user: ordinary, so that the journal has a file for what is theirs, and nobody's here.
const USER: u32 = 41_234;
/// Somebody else.
const OTHER: u32 = 41_235;
/// Their home directory inside.
const HOME: &str = "/home/tester";
/// The manager's program.
const SYSTEMD: &str = "/lib/systemd/systemd";
/// Longest it may take to come up, and to reach a state.
const TIME_MAX: Duration = Duration::from_secs(60);
/// How often a state is asked for that tells nobody of its coming.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Process 1 of the namespaces: makes them look like a machine that systemd has booted. `$1` is the user, `$2` and `$3` become its home
/// and runtime directory, `$4` is the name of a control group.
const NAMESPACES: &str = r#"
set -eu
mount --make-rprivate /
mount -t proc proc /proc
umount -R -l /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs none /run
mount -t tmpfs none /home
mkdir /home/tester
mount --bind "$2" /home/tester
mkdir "/sys/fs/cgroup/$4"
echo $$ > "/sys/fs/cgroup/$4/cgroup.procs"
"#;

/// Goes on with the manager of the user.
const USER_MANAGER: &str = r#"
mkdir -p /run/systemd/system /run/systemd/unit-root /run/systemd/propagate /run/systemd/inaccessible "/run/user/$1"
mount --bind "$3" "/run/user/$1"
chown -R "$1:$1" "/sys/fs/cgroup/$4"
env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 HOME=/home/tester XDG_RUNTIME_DIR="/run/user/$1" USER=tester \
    setpriv "--reuid=$1" "--regid=$1" --clear-groups /lib/systemd/systemd --user --log-target=console --log-level=info &
wait
"#;

/// Becomes the manager of the system, which knows of no unit but the journal's, the message bus's, those a boot stands on, and what a test
/// gives it: nothing else that this machine would start is started, and what is written for the system is gone with the namespaces.
const SYSTEM_MANAGER: &str = r#"
mkdir /run/units
for unit in systemd-journald.service systemd-journald.socket dbus.service dbus.socket; do
    cp /lib/systemd/system/$unit /run/units
done
for target in sysinit basic sockets shutdown umount final local-fs multi-user; do
    printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' $target > /run/units/$target.target
done
mount --bind /run/units /lib/systemd/system
for directory in /etc/systemd/system /lib/systemd/system-generators /etc/init.d /var/lib /var/log; do
    mount -t tmpfs none $directory
done
mkdir -p /var/log/journal
for table in passwd group; do cp /etc/$table /run/$table; mount --bind /run/$table /etc/$table; done
echo "tester:x:$1:$1::/home/tester:/bin/sh" >> /etc/passwd
echo "tester:x:$1:" >> /etc/group
exec env -i container=vigie-tests PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 /lib/systemd/systemd --system \
    --unit=multi-user.target --log-target=console --log-level=info --show-status=no
"#;

/// A manager that runs; it and all that it started are killed when dropped.
#[derive(Debug)]
pub struct Manager {
    namespaces: Child,
    init: u32,
    env: TestEnv,
    of: Whose,
}

/// Whose manager it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    User,
    System,
}

impl Manager {
    /// A user's manager in a fresh environment. Nothing where the machine cannot have one; then it says so.
    #[track_caller]
    pub fn start(test: &str) -> Option<Manager> {
        Manager::start_of(Whose::User, test)
    }

    /// The manager of a system of its own, with the journal, and a user who has none.
    #[track_caller]
    pub fn start_system(test: &str) -> Option<Manager> {
        Manager::start_of(Whose::System, test)
    }

    #[track_caller]
    fn start_of(of: Whose, test: &str) -> Option<Manager> {
        let of_system = || system_obstacle().filter(|_| of == Whose::System);
        if let Some(why) = obstacle().or_else(of_system) {
            skip(test, why);
            return None;
        }
        let env = TestEnv::as_user(USER);
        let log = fs::File::create(env.path("log/manager.log")).expect("the log can be written");
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "--cgroup", "--kill-child", "sh", "-c"]);
        let manager = if of == Whose::User { USER_MANAGER } else { SYSTEM_MANAGER };
        command.arg(format!("{NAMESPACES}{manager}")).arg("init");
        command.arg(USER.to_string()).arg(env.home()).arg(env.path("run")).arg(group(&env));
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        let namespaces = command.spawn().expect("unshare is there");
        let mut manager = Manager { namespaces, init: 0, env, of };
        manager.wait_for("the manager listens", |manager| {
            manager.init = child_pids(manager.namespaces.id()).first().copied().unwrap_or_default();
            let run = if of == Whose::User { format!("run/user/{USER}") } else { "run".to_owned() };
            let private =
                Path::new("/proc").join(manager.init.to_string()).join("root").join(run).join("systemd/private");
            manager.init != 0 && private.symlink_metadata().is_ok_and(|meta| meta.file_type().is_socket())
        });
        Some(manager)
    }

    /// The directories outside.
    pub fn env(&self) -> &TestEnv {
        &self.env
    }

    /// A path below the home directory, as it is called inside.
    pub fn home(&self, below: &str) -> PathBuf {
        Path::new(HOME).join(below)
    }

    /// The user's number.
    pub fn user(&self) -> u32 {
        USER
    }

    /// The daemon's socket, seen from outside.
    pub fn socket(&self) -> PathBuf {
        self.inside(&format!("/run/user/{USER}/vigie/vigied.sock"))
    }

    /// A path of the namespaces, seen from outside.
    pub fn inside(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.init))
    }

    fn command(&self, user: u32, directory: &Path, variables: &[(&str, &str)], words: &[&OsStr]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.init.to_string(), "--mount", "--pid", "--cgroup"]);
        command.args(["env", "-C"]).arg(directory);
        command.args(["-i", "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", &format!("HOME={HOME}")]);
        command.arg(format!("XDG_RUNTIME_DIR=/run/user/{USER}"));
        command.args(variables.iter().map(|(name, value)| format!("{name}={value}")));
        command.args(["setpriv", &format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups"]);
        command.args(words);
        command
    }

    #[track_caller]
    fn spawn_as(&self, user: u32, directory: &Path, variables: &[(&str, &str)], words: &[&OsStr]) -> Running {
        let command = self.command(user, directory, variables, words);
        let context = Context::new(&command, directory, self.env.logs_directory());
        Running::start(command, context)
    }

    fn vigie_path(&self) -> PathBuf {
        self.env.path("bin/vigie")
    }

    /// Starts `vigie` as the user, in a directory as it is called inside.
    #[track_caller]
    pub fn spawn_vigie(&self, directory: &Path, args: &[&str]) -> Running {
        let vigie = self.vigie_path();
        let words: Vec<&OsStr> = [vigie.as_os_str()].into_iter().chain(args.iter().map(OsStr::new)).collect();
        self.spawn_as(USER, directory, &[], &words)
    }

    /// Runs `vigie` as the user until it ends.
    #[track_caller]
    pub fn vigie(&self, directory: &Path, args: &[&str]) -> Output {
        self.spawn_vigie(directory, args).finish()
    }

    /// The same with more variables.
    #[track_caller]
    pub fn vigie_with(&self, variables: &[(&str, &str)], directory: &Path, args: &[&str]) -> Output {
        let vigie = self.vigie_path();
        let words: Vec<&OsStr> = [vigie.as_os_str()].into_iter().chain(args.iter().map(OsStr::new)).collect();
        self.spawn_as(USER, directory, variables, &words).finish()
    }

    /// Runs `vigie` as somebody else.
    #[track_caller]
    pub fn vigie_of_another(&self, args: &[&str]) -> Output {
        let vigie = self.vigie_path();
        let words: Vec<&OsStr> = [vigie.as_os_str()].into_iter().chain(args.iter().map(OsStr::new)).collect();
        self.spawn_as(OTHER, Path::new("/"), &[], &words).finish()
    }

    /// Starts a script of the shell as the user.
    #[track_caller]
    pub fn spawn_script(&self, script: &str) -> Running {
        let words = ["sh", "-c", script].map(OsStr::new);
        self.spawn_as(USER, Path::new(HOME), &[], &words)
    }

    /// Runs `systemctl` until it ends, as the one whose manager it is.
    #[track_caller]
    pub fn systemctl(&self, args: &[&str]) -> Output {
        let (user, own) = match self.of {
            Whose::User => (USER, "--user"),
            Whose::System => (0, "--system"),
        };
        let words: Vec<&OsStr> = ["systemctl", own].into_iter().chain(args.iter().copied()).map(OsStr::new).collect();
        self.spawn_as(user, Path::new(HOME), &[], &words).finish()
    }

    /// Runs `journalctl` until it ends, as the one whose manager it is.
    #[track_caller]
    pub fn journal(&self, args: &[&str]) -> Output {
        let user = if self.of == Whose::User { USER } else { 0 };
        let words: Vec<&OsStr> = ["journalctl", "--no-pager"].iter().chain(args).map(OsStr::new).collect();
        self.spawn_as(user, Path::new(HOME), &[], &words).finish()
    }

    /// A property of a unit.
    #[track_caller]
    pub fn property(&self, unit: &str, name: &str) -> String {
        let shown = self.systemctl(&["show", "--value", "--property", name, unit]);
        shown.expect_code(0).text().trim_end().to_owned()
    }

    /// Gives the system's manager a unit.
    #[track_caller]
    pub fn add_system_unit(&self, name: &str, text: &str) {
        fs::write(self.inside("/etc/systemd/system").join(name), text).expect("the directory is of these namespaces");
        self.systemctl(&["daemon-reload"]).expect_code(0);
    }

    /// Puts something into a unit of the user's, as `systemctl --user edit` does.
    #[track_caller]
    pub fn edit(&self, unit: &str, name: &str, text: &str) {
        let dir = self.env.home().join(format!(".config/systemd/user/{unit}.d"));
        fs::create_dir_all(&dir).expect("the directory is ours");
        fs::write(dir.join(format!("{name}.conf")), text).expect("the directory is ours");
        self.env.give_tree(&self.env.home().join(".config"));
        self.systemctl(&["daemon-reload"]).expect_code(0);
    }

    /// The process of a unit as it is called outside, if it has one.
    pub fn pid(&self, unit: &str) -> Option<u32> {
        let inside: u32 = self.property(unit, "MainPID").parse().ok().filter(|pid| *pid != 0)?;
        let status = |pid: u32| fs::read_to_string(format!("/proc/{pid}/status")).ok();
        let is_it = |pid: &u32| {
            let names = status(*pid).unwrap_or_default();
            let line = names.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
            line.split_whitespace().nth(1) == Some(inside.to_string().as_str())
        };
        descendants(self.init).into_iter().find(is_it)
    }

    /// Waits until something holds; fails the test when it does not.
    #[track_caller]
    pub fn wait_for(&mut self, what: &str, mut holds: impl FnMut(&mut Manager) -> bool) {
        let until = Instant::now() + TIME_MAX;
        while !holds(self) {
            assert!(Instant::now() < until, "not within {TIME_MAX:?}: {what}\n{}", self.env.logs());
            assert!(alive(self.namespaces.id()), "the manager ended\n{}", self.env.logs());
            thread::sleep(ASK_EVERY);
        }
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        // The end of process 1 is the end of all processes of its namespace; `--kill-child` sees to that.
        if self.init != 0 {
            kill_hard(self.init);
        }
        kill_hard(self.namespaces.id());
        let _reaped = self.namespaces.wait();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let own = own.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
        for mounted in ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"] {
            remove_group(&Path::new(mounted).join(own).join(group(&self.env)));
        }
    }
}

/// The name of an environment's control group.
fn group(env: &TestEnv) -> String {
    let dir = env.path("");
    format!("vigie-{}", dir.file_name().unwrap_or_default().to_string_lossy())
}

/// Removes a control group and those below it, whose last processes may be about to end.
fn remove_group(path: &Path) {
    let until = Instant::now() + Duration::from_secs(5);
    let below = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    below.filter(|path| path.is_dir()).for_each(|path| remove_group(&path));
    while path.exists() && fs::remove_dir(path).is_err() && Instant::now() < until {
        thread::sleep(ASK_EVERY);
    }
}

fn descendants(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let mut at = 0;
    while let Some(pid) = all.get(at) {
        all.extend(child_pids(*pid));
        at += 1;
    }
    all
}

/// Why this machine cannot have a manager, if it cannot.
fn obstacle() -> Option<&'static str> {
    let has = |program: &str| {
        Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok()
    };
    if !is_root() {
        Some("only root can make a user of its own")
    } else if !Path::new(SYSTEMD).exists() || !has("systemctl") {
        Some("systemd is missing")
    } else if !has("unshare") || !has("nsenter") || !has("setpriv") {
        Some("unshare, nsenter or setpriv is missing")
    } else if !may_unshare() {
        Some("namespaces are not allowed here, or there is no control group of version 2")
    } else {
        None
    }
}

/// Why it cannot have one of a system, though it can have one of a user.
fn system_obstacle() -> Option<&'static str> {
    let has = |unit: &str| Path::new("/lib/systemd/system").join(unit).exists();
    (!has("dbus.service") || !has("systemd-journald.service")).then_some("dbus or the journal is missing")
}

fn may_unshare() -> bool {
    let script = "mount --make-rprivate / && umount -R -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup";
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--cgroup", "--kill-child", "sh", "-c", script]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
