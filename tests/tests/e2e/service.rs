//! The daemon as a service of systemd: a real user manager starts it for the first client, holds it to what it may do, notices when
//! it hangs, and starts it again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use vigie_tests::{Manager, SourceTree, Wire, child_pids, resume, skip, suspend, wait_gone};

const SERVICE: &str = "vigied.service";
const SOCKET: &str = "vigied.socket";
/// Asks the kernel which Landlock it has, as workers do before they shut themselves in.
const LANDLOCK: &str = "perl -e 'exit(syscall(444, 0, 0, 1) > 0 ? 0 : 1)'";
const END_MAX: Duration = Duration::from_secs(30);

fn units() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace holds this crate").join("systemd")
}

fn unit(name: &str) -> String {
    fs::read_to_string(units().join(name)).expect("the unit is there")
}

/// A project below the user's home directory, as it is called inside.
fn project(manager: &Manager, name: &str, seed: u64) -> PathBuf {
    let outside = manager.env().home().join(name);
    fs::create_dir(&outside).expect("the project is new");
    SourceTree::generate(&outside, 12, 1000, seed);
    fs::create_dir(outside.join(".git")).expect("the project is new");
    manager.env().give_tree(&outside);
    manager.home(name)
}

/// A manager that listens for the daemon.
#[track_caller]
fn installed(test: &str) -> Option<Manager> {
    let manager = Manager::start(test)?;
    manager.vigie(&manager.home(""), &["daemon", "install"]).expect_code(0);
    Some(manager)
}

#[track_caller]
fn check_finds(manager: &Manager, root: &Path) {
    manager.vigie(root, &["text", "--json", "logbook_3:"]).expect_code(0);
}

#[test]
fn the_units_are_sound() {
    let test = "the_units_are_sound";
    let Ok(_) = Command::new("systemd-analyze").arg("--version").output() else {
        return skip(test, "systemd-analyze is missing");
    };
    let dir = tempfile::tempdir().expect("a directory");
    let names = ["vigied.socket", SERVICE, "vigied@.socket", "vigied@.service"];
    for name in names {
        // Whether the program is there is no question of the unit.
        let text = unit(name).replace("/usr/bin/vigied", "/bin/true");
        fs::write(dir.path().join(name), text).expect("the directory is ours");
    }
    let analyze = |words: &[&str]| {
        let mut command = Command::new("systemd-analyze");
        let output = command.args(words).current_dir(dir.path()).env("XDG_RUNTIME_DIR", dir.path()).output();
        let output = output.expect("it can be run");
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{words:?}\n{}", String::from_utf8_lossy(&said));
    };
    let strict = "--recursive-errors=yes";
    analyze(&["--user", "verify", strict, "./vigied.socket", "./vigied.service"]);
    analyze(&["verify", strict, "./vigied@1000.socket", "./vigied@1000.service"]);
    analyze(&["--user", "security", "--offline=yes", "--threshold=20", "./vigied.service"]);
    analyze(&["security", "--offline=yes", "--threshold=20", "./vigied@.service"]);
}

/// The limits are those that systemd makes of the unit: half of the memory, and many more tasks than there are threads.
#[test]
fn the_service_is_limited_in_memory_and_tasks() {
    let Some(manager) = installed("the_service_is_limited_in_memory_and_tasks") else { return };
    let root = project(&manager, "fleet", 905);
    manager.vigie(&root, &["index"]).expect_code(0);
    let number = |name: &str| manager.property(SERVICE, name).parse::<u64>().unwrap_or_else(|e| panic!("{name}: {e}"));
    let table = fs::read_to_string("/proc/meminfo").expect("Linux has it");
    let line = table.lines().find_map(|line| line.strip_prefix("MemTotal:")).expect("it begins with that");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    let (memory, half) = (number("MemoryMax"), kib * 512);
    // In a container there may be less of it than the kernel says.
    assert!(memory > 64 << 20 && memory <= half + half / 50, "{memory} is not half of {kib} KiB");
    assert_eq!(number("TasksMax"), 1024);
    let pid = manager.pid(SERVICE).expect("it runs");
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("it runs").count();
    assert!(threads * 4 < 1024, "{threads} threads leave no room");
}

/// What the unit of the system says otherwise than that of a user is only what it must.
#[test]
fn the_two_services_differ_only_where_they_must() {
    let lines = |name: &str| {
        let text = unit(name).replace("vigied@%i.socket", "vigied.socket");
        text.lines()
            .filter(|line| line.contains('=') && !line.starts_with('#'))
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    let (user, system) = (lines(SERVICE), lines("vigied@.service"));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
        a.difference(b).map(|line| line.split('=').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(only(&user, &system), ["Description", "ExecStart", "ExecStartPre", "ReadWritePaths"]);
    let of_system = ["Description", "ExecStart", "ReadWritePaths", "StateDirectory", "StateDirectoryMode", "User"];
    assert_eq!(only(&system, &user), of_system);
}

#[test]
fn the_first_client_starts_the_daemon_and_a_stop_leaves_a_checkpointed_store() {
    let Some(manager) = installed("the_first_client_starts_the_daemon_and_a_stop_leaves_a_checkpointed_store") else {
        return;
    };
    let root = project(&manager, "fleet", 900);
    let asked = manager.vigie(&root, &["daemon", "status"]);
    asked.expect_code(69);
    asked.check(asked.text().contains("systemd starts one for the next command"), "who starts it");
    assert_eq!(manager.property(SERVICE, "ActiveState"), "inactive", "to ask starts nothing");
    manager.vigie(&root, &["index"]).expect_code(0);
    assert_eq!(manager.property(SERVICE, "ActiveState"), "active");
    check_finds(&manager, &root);
    let mut manager = manager;
    manager.wait_for("the status says what there is", |manager| manager.property(SERVICE, "StatusText") == "1 project");
    let pid = manager.pid(SERVICE).expect("it runs");
    // Socket and lock are where a daemon of one's own would have them, and nobody else may look.
    let runtime = manager.env().path("run/vigie");
    assert!(runtime.join("vigied.sock.lock").exists());
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(runtime.metadata().expect("it is there").permissions().mode() & 0o777, 0o700);

    manager.systemctl(&["stop", SERVICE]).expect_code(0);
    assert!(wait_gone(pid, END_MAX), "it ends\n{}", manager.env().logs());
    assert_eq!(manager.property(SERVICE, "Result"), "success");
    let state = manager.env().home().join(".local/state/vigie");
    let stores: Vec<_> = fs::read_dir(state.join("projects")).expect("there are stores").flatten().collect();
    assert!(
        stores.iter().any(|entry| entry.metadata().is_ok_and(|meta| meta.len() > 4096)),
        "a store with something in it"
    );
    for entry in stores {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_log = name.ends_with("-wal") && entry.metadata().is_ok_and(|meta| meta.len() > 0);
        assert!(!is_log, "{name} was not written back");
    }
    assert!(manager.socket().exists(), "systemd goes on to listen");
    let again = manager.vigie(&root, &["index", "--json"]);
    let last = again.expect_code(0).json().pop().unwrap_or_default();
    assert_eq!(last["stats"]["files_indexed"], 0, "nothing is parsed again: {last}");
}

#[test]
fn the_daemon_is_stopped_and_restarted_under_systemd() {
    let Some(manager) = installed("the_daemon_is_stopped_and_restarted_under_systemd") else { return };
    let root = project(&manager, "fleet", 901);
    let started = manager.vigie(&root, &["daemon", "start"]);
    started.check(started.text().contains("started: pid"), "that it was started");
    let first = manager.pid(SERVICE).expect("systemd started it");
    manager.vigie(&root, &["daemon", "restart"]).expect_code(0);
    let second = manager.pid(SERVICE).expect("systemd started it again");
    assert_ne!(first, second);
    let stopped = manager.vigie(&root, &["daemon", "stop"]);
    stopped.expect_code(0);
    stopped.check(stopped.text().contains("systemd starts it again for the next command"), "what happens next");
    assert!(wait_gone(second, END_MAX));
    let mut manager = manager;
    manager.wait_for("the service ends", |manager| manager.property(SERVICE, "ActiveState") == "inactive");
    let stopped = manager.vigie(&root, &["daemon", "stop"]);
    stopped.expect_code(0);
    stopped.check(stopped.text().contains("no daemon was running"), "that there was none");
    assert_eq!(manager.property(SERVICE, "ActiveState"), "inactive", "nobody started it to stop it");
    manager.vigie(&root, &["index"]).expect_code(0);
    assert_eq!(manager.property(SERVICE, "ActiveState"), "active");
}

/// The unit's own settings, tried out by a script in the daemon's place.
#[test]
fn the_service_writes_nothing_but_its_state_and_opens_no_network() {
    let Some(manager) = Manager::start("the_service_writes_nothing_but_its_state_and_opens_no_network") else { return };
    let root = project(&manager, "fleet", 902);
    let env = manager.env();
    fs::create_dir_all(env.home().join(".config/git")).expect("ours");
    fs::write(env.home().join(".config/git/ignore"), "*.log\n").expect("ours");
    let in_tmp = env.project("in-tmp");
    fs::write(in_tmp.join("a.rs"), "fn a() {}\n").expect("ours");
    env.give_tree(&in_tmp);
    let probe = format!(
        "report=$HOME/.local/state/vigie/report\n\
         try() {{ name=$1; shift; if \"$@\" > /dev/null 2>&1; then echo \"$name yes\"; else echo \"$name no\"; fi >> $report; }}\n\
         : > $report\n\
         try state touch $HOME/.local/state/vigie/mine\n\
         try runtime touch $XDG_RUNTIME_DIR/vigie/mine\n\
         try source touch {root}/mine\n\
         try remove rm {root}/.git\n\
         try home touch $HOME/mine\n\
         try tmp touch {tmp}/mine\n\
         try read-tmp cat {tmp}/a.rs\n\
         try read-source ls {root}/.git\n\
         try read-ignore cat $HOME/.config/git/ignore\n\
         try inet bash -c 'exec 3<>/dev/tcp/127.0.0.1/9'\n\
         bash -c 'exec 3<>/dev/udp/127.0.0.1/9' 2> $HOME/.local/state/vigie/why; \n\
         try namespace unshare --user true\n\
         try mount mount -t tmpfs none /mnt\n\
         try clock date -s '2001-01-01'\n\
         try lower nice -n 10 true\n\
         try landlock {LANDLOCK}\n",
        root = root.display(),
        tmp = in_tmp.display(),
    );
    fs::write(env.home().join("probe.sh"), probe).expect("ours");
    let program = "/bin/bash /home/tester/probe.sh";
    let text = unit(SERVICE).replace("/usr/bin/vigied", program).replace("Type=notify", "Type=oneshot");
    let text = text.replace("Restart=on-failure\n", "").replace("Requires=vigied.socket\n", "");
    let dir = env.home().join(".config/systemd/user");
    fs::create_dir_all(&dir).expect("ours");
    fs::write(dir.join("probe.service"), text).expect("ours");
    // What the socket's unit makes.
    fs::create_dir(env.path("run/vigie")).expect("ours");
    env.give_tree(&env.home());
    env.give_tree(&env.path("run/vigie"));
    manager.systemctl(&["daemon-reload"]).expect_code(0);
    let ran = manager.systemctl(&["start", "probe.service"]);
    ran.check(ran.code == 0, "the probe runs to its end");
    let report = fs::read_to_string(env.home().join(".local/state/vigie/report")).expect("the probe writes its report");
    // Workers shut themselves in with it, if the kernel has it.
    let has_landlock = if manager.spawn_script(LANDLOCK).finish().code == 0 { "yes" } else { "no" };
    let expected = [
        ("state", "yes"),
        ("runtime", "yes"),
        ("source", "no"),
        ("remove", "no"),
        ("home", "no"),
        ("tmp", "no"),
        ("read-tmp", "yes"),
        ("read-source", "yes"),
        ("read-ignore", "yes"),
        ("inet", "no"),
        ("namespace", "no"),
        ("mount", "no"),
        ("clock", "no"),
        ("lower", "yes"),
        ("landlock", has_landlock),
    ];
    let found: Vec<_> = report.lines().filter_map(|line| line.split_once(' ')).collect();
    assert_eq!(found, expected);
    // Not because nobody listens there: there is no such family of sockets.
    let why = fs::read_to_string(env.home().join(".local/state/vigie/why")).expect("the probe writes it");
    assert!(why.contains("Address family not supported"), "{why}");
}

#[test]
fn the_confined_daemon_indexes_and_watches() {
    let Some(manager) = installed("the_confined_daemon_indexes_and_watches") else { return };
    let root = project(&manager, "fleet", 903);
    let env = manager.env();
    fs::create_dir_all(env.home().join(".config/git")).expect("ours");
    fs::write(env.home().join(".config/git/ignore"), "*.secret.rs\n").expect("ours");
    fs::write(env.home().join("fleet/a.secret.rs"), "fn hidden_by_my_own_file() {}\n").expect("ours");
    let in_tmp = env.project("in-tmp");
    fs::create_dir(in_tmp.join(".git")).expect("ours");
    fs::write(in_tmp.join("a.rs"), "pub fn found_in_tmp() {}\n").expect("ours");
    env.give_tree(&in_tmp);
    manager.vigie(&in_tmp, &["def", "found_in_tmp"]).expect_code(0);
    manager.vigie(&root, &["index"]).expect_code(0);
    manager.vigie(&root, &["def", "hidden_by_my_own_file"]).expect_code(1);
    let watched = manager.vigie(&root, &["watch"]);
    watched.expect_code(0);
    watched.check(watched.text().contains("watched"), "that it can be watched");
    fs::write(env.home().join("fleet/new.rs"), "pub fn saved_just_now() {}\n").expect("ours");
    manager.vigie(&root, &["def", "--fresh", "saved_just_now"]).expect_code(0);
    let daemon = manager.pid(SERVICE).expect("it runs");
    let status = fs::read_to_string(format!("/proc/{daemon}/status")).expect("it runs");
    assert!(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), "{status}");
    assert!(status.lines().any(|line| line == "CapEff:\t0000000000000000"), "{status}");
}

#[test]
fn another_user_is_refused() {
    let Some(manager) = installed("another_user_is_refused") else { return };
    let root = project(&manager, "fleet", 904);
    manager.vigie(&root, &["index"]).expect_code(0);
    let socket = format!("/run/user/{}/vigie/vigied.sock", manager.user());
    manager.vigie_of_another(&["--no-spawn", "--socket", &socket, "projects"]).expect_code(77);
    // The superuser passes all modes; the daemon itself sends it away.
    let refused = Wire::greeted(&manager.socket());
    assert!(refused.is_err(), "root was greeted");
    check_finds(&manager, &root);
}

#[test]
fn the_watchdog_starts_a_stuck_daemon_again() {
    let Some(mut manager) = Manager::start("the_watchdog_starts_a_stuck_daemon_again") else { return };
    manager.edit(SERVICE, "watchdog", "[Service]\nWatchdogSec=2\n");
    manager.vigie(&manager.home(""), &["daemon", "install"]).expect_code(0);
    let root = project(&manager, "fleet", 905);
    manager.vigie(&root, &["index"]).expect_code(0);
    let stuck = manager.pid(SERVICE).expect("it runs");
    // A daemon that answers is left alone for longer than the watchdog's time.
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(manager.pid(SERVICE), Some(stuck), "{}", manager.env().logs());
    suspend(stuck);
    manager.wait_for("another daemon", |manager| {
        manager.property(SERVICE, "ActiveState") == "active" && manager.pid(SERVICE).is_some_and(|pid| pid != stuck)
    });
    assert!(wait_gone(stuck, END_MAX), "the stuck one is gone");
    assert_eq!(manager.property(SERVICE, "NRestarts"), "1");
    check_finds(&manager, &root);
}

#[test]
fn the_status_line_says_how_far_a_job_is() {
    let Some(mut manager) = installed("the_status_line_says_how_far_a_job_is") else { return };
    let root = manager.home("fleet");
    let outside = manager.env().home().join("fleet");
    fs::create_dir(&outside).expect("the project is new");
    SourceTree::generate(&outside, 400, 60_000, 912);
    manager.env().give_tree(&outside);
    manager.vigie(&root, &["daemon", "start"]).expect_code(0);
    let daemon = manager.pid(SERVICE).expect("it runs");
    let job = manager.spawn_vigie(&root, &["index", "--json"]);
    // A job whose workers stand still stays where it is.
    let mut stopped = BTreeSet::new();
    manager.wait_for("the status names the job", |manager| {
        for worker in child_pids(daemon) {
            suspend(worker);
            stopped.insert(worker);
        }
        let status = manager.property(SERVICE, "StatusText");
        status.starts_with("1 project, job ") && status.ends_with(" %")
    });
    assert!(!stopped.is_empty(), "the job has workers");
    stopped.into_iter().for_each(resume);
    job.finish().expect_code(0);
    manager.wait_for("the status is that of an idle daemon", |manager| {
        manager.property(SERVICE, "StatusText") == "1 project"
    });
}

/// Two hundred clients, each burst of them about when the daemon ends for want of work.
#[test]
fn no_client_is_lost_when_an_idle_daemon_ends() {
    let Some(manager) = Manager::start("no_client_is_lost_when_an_idle_daemon_ends") else { return };
    let config = manager.env().home().join(".config/vigie");
    fs::create_dir_all(&config).expect("ours");
    fs::write(config.join("config.toml"), "idle_exit = \"1s\"\n").expect("ours");
    // Starts that often are the point of this test.
    manager.edit(SERVICE, "starts", "[Unit]\nStartLimitIntervalSec=0\n");
    manager.edit(SOCKET, "starts", "[Socket]\nTriggerLimitBurst=0\n");
    manager.vigie(&manager.home(""), &["daemon", "install"]).expect_code(0);
    let root = project(&manager, "fleet", 906);
    manager.vigie(&root, &["index"]).expect_code(0);
    let lives = |manager: &Manager| -> u64 {
        let status = manager.vigie(&root, &["--json", "daemon", "start"]);
        status.expect_code(0).json()[0]["epoch"].as_u64().expect("the life's number")
    };
    let before = lives(&manager);
    // The daemon ends a second after the last client, or a little later. Each round comes a little later than the one before.
    let script = format!(
        "cd {} && for hundredths in 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 114 116 118 120; do \
         sleep $(echo $hundredths | sed 's/..$/.&/'); for client in 1 2 3 4 5 6 7 8 9 10; do \
         (if {} --no-spawn text --json logbook_3: > /dev/null; then echo served; else echo lost $?; fi) & done; wait; done",
        root.display(),
        manager.env().path("bin/vigie").display(),
    );
    let output = manager.spawn_script(&script).finish();
    output.expect_code(0);
    let served = output.text().lines().filter(|line| *line == "served").count();
    output.check(served == 200, &format!("200 clients are served, and not {served}"));
    let lived = lives(&manager) - before;
    output.check(lived >= 3, &format!("the daemon ended now and then: {lived} times"));
}

#[test]
fn a_watched_project_keeps_the_daemon() {
    let Some(mut manager) = Manager::start("a_watched_project_keeps_the_daemon") else { return };
    let config = manager.env().home().join(".config/vigie");
    fs::create_dir_all(&config).expect("ours");
    fs::write(config.join("config.toml"), "idle_exit = \"1s\"\n").expect("ours");
    manager.env().give_tree(&manager.env().home());
    manager.vigie(&manager.home(""), &["daemon", "install"]).expect_code(0);
    let root = project(&manager, "fleet", 907);
    manager.vigie(&root, &["index"]).expect_code(0);
    manager.vigie(&root, &["watch"]).expect_code(0);
    let pid = manager.pid(SERVICE).expect("it runs");
    assert!(!wait_gone(pid, Duration::from_secs(4)), "a watched project is followed\n{}", manager.env().logs());
    manager.vigie(&root, &["unwatch"]).expect_code(0);
    assert!(wait_gone(pid, END_MAX), "nothing is left to do");
    manager.wait_for("an end in order", |manager| manager.property(SERVICE, "ActiveState") == "inactive");
    assert_eq!(manager.property(SERVICE, "Result"), "success");
}

#[test]
fn install_and_uninstall_may_be_repeated() {
    let Some(manager) = Manager::start("install_and_uninstall_may_be_repeated") else { return };
    let home = manager.home("");
    let root = project(&manager, "fleet", 908);
    let dir = manager.env().home().join(".config/systemd/user");
    // A daemon of one's own makes way, and what it watched goes on to be watched.
    manager.vigie(&root, &["index"]).expect_code(0);
    manager.vigie(&root, &["watch"]).expect_code(0);
    let shown = manager.vigie(&home, &["daemon", "install", "--dry-run"]);
    shown.expect_code(0);
    shown.check(
        shown.text().contains("would write /home/tester/.config/systemd/user/vigied.service"),
        "what it would write",
    );
    shown.check(shown.text().contains("would run systemctl --user enable --now vigied.socket"), "what it would run");
    assert!(!dir.exists(), "nothing was written");
    manager.vigie(&home, &["daemon", "install"]).expect_code(0);
    assert_eq!(manager.property(SERVICE, "ActiveState"), "active", "it goes on under systemd");
    manager.vigie(&root, &["--no-spawn", "def", "--fresh", "--json", "Logbook"]);
    let service = fs::read_to_string(dir.join(SERVICE)).expect("it was written");
    assert!(service.contains(&format!("ExecStart={}\n", manager.env().path("bin/vigied").display())), "{service}");
    let again = manager.vigie(&home, &["daemon", "install"]);
    again.expect_code(0);
    again.check(again.text().starts_with("nothing to do"), "nothing to do");

    // An upgrade of the unit restarts the daemon.
    let pid = manager.pid(SERVICE).expect("it runs");
    fs::write(dir.join(SERVICE), service.replace("TasksMax=1024", "TasksMax=1000")).expect("ours");
    manager.vigie(&home, &["daemon", "install"]).expect_code(0);
    assert_eq!(fs::read_to_string(dir.join(SERVICE)).expect("it is there"), service);
    assert_ne!(manager.pid(SERVICE), Some(pid));

    let shown = manager.vigie(&home, &["daemon", "uninstall", "--dry-run"]);
    shown.check(shown.text().contains("would remove") && shown.text().contains("disable --now"), "what it would do");
    assert!(dir.join(SERVICE).exists());
    manager.vigie(&home, &["daemon", "uninstall"]).expect_code(0);
    assert!(!dir.join(SERVICE).exists() && !dir.join(SOCKET).exists() && !manager.socket().exists());
    assert_eq!(manager.property(SERVICE, "ActiveState"), "inactive");
    let again = manager.vigie(&home, &["daemon", "uninstall"]);
    again.expect_code(0);
    again.check(again.text().starts_with("nothing to do"), "nothing to do");
    check_finds(&manager, &root);
    assert_eq!(manager.property(SERVICE, "ActiveState"), "inactive", "the client started a daemon of its own");
    manager.vigie(&root, &["daemon", "stop"]).expect_code(0);

    // What somebody else wrote is not touched.
    fs::write(dir.join(SERVICE), "[Service]\nExecStart=/bin/true\n").expect("ours");
    let refused = manager.vigie(&home, &["daemon", "install"]);
    refused.expect_code(2);
    refused.expect_stderr("did not write it");
}

#[test]
fn a_client_asks_systemd_where_the_socket_is_enabled() {
    let Some(mut manager) = installed("a_client_asks_systemd_where_the_socket_is_enabled") else { return };
    let root = project(&manager, "fleet", 909);
    manager.vigie(&root, &["index"]).expect_code(0);
    let pid = manager.pid(SERVICE).expect("it runs");
    // Without its socket nobody can reach the daemon: it ends.
    manager.systemctl(&["stop", SOCKET]).expect_code(0);
    assert!(wait_gone(pid, END_MAX), "a daemon nobody can reach ends");
    assert!(!manager.socket().exists());
    manager.wait_for("the service ends", |manager| manager.property(SERVICE, "ActiveState") == "inactive");
    check_finds(&manager, &root);
    assert_eq!(manager.property(SOCKET, "ActiveState"), "active", "the client had systemd listen");
    assert_eq!(manager.property(SERVICE, "ActiveState"), "active");
    // Where it cannot, the client says so and starts no daemon of its own.
    manager.vigie(&root, &["daemon", "stop"]).expect_code(0);
    manager.systemctl(&["stop", SOCKET]).expect_code(0);
    manager.edit(SOCKET, "broken", "[Socket]\nExecStartPre=/bin/false\n");
    let refused = manager.vigie(&root, &["text", "logbook_3:"]);
    refused.expect_code(69);
    refused.expect_stderr("vigied.socket is enabled, and systemd did not start it");
    // Once it is not enabled, clients start the daemon.
    manager.systemctl(&["disable", SOCKET]).expect_code(0);
    check_finds(&manager, &root);
    assert_eq!(manager.property(SERVICE, "ActiveState"), "inactive");
    manager.vigie(&root, &["daemon", "stop"]).expect_code(0);
}

#[test]
fn a_daemon_started_by_hand_and_systemd_do_not_share_a_state() {
    let Some(mut manager) = Manager::start("a_daemon_started_by_hand_and_systemd_do_not_share_a_state") else { return };
    let root = project(&manager, "fleet", 910);
    manager.vigie(&root, &["index"]).expect_code(0);
    // Enabled behind the back of a daemon that runs: systemd takes its socket's place, it ends, and the next one waits for that.
    let (socket, service) = (unit(SOCKET), unit(SERVICE));
    let program = manager.env().path("bin/vigied");
    let dir = manager.env().home().join(".config/systemd/user");
    fs::create_dir_all(&dir).expect("ours");
    fs::write(dir.join(SOCKET), socket).expect("ours");
    fs::write(dir.join(SERVICE), service.replace("/usr/bin/vigied", &program.display().to_string())).expect("ours");
    manager.env().give_tree(&manager.env().home());
    manager.systemctl(&["enable", "--now", SOCKET]).expect_code(0);
    check_finds(&manager, &root);
    manager.wait_for("the service is there", |manager| manager.property(SERVICE, "ActiveState") == "active");
    // By hand beside the one of systemd: it says so.
    let refused = manager.spawn_script(&program.display().to_string()).finish();
    refused.expect_code(75);
    refused.expect_stderr("another vigied runs already");
    // By hand while systemd only listens: whoever asks first has the state, and the other says what to do.
    manager.systemctl(&["stop", SERVICE]).expect_code(0);
    let refused = manager.spawn_script(&program.display().to_string()).finish();
    refused.check(refused.code != 0, "it does not run beside systemd");
    refused.expect_stderr("vigie daemon");
    check_finds(&manager, &root);
}

#[test]
fn directories_that_the_environment_names_are_those_of_the_service() {
    let test = "directories_that_the_environment_names_are_those_of_the_service";
    let Some(manager) = Manager::start(test) else { return };
    let root = project(&manager, "fleet", 911);
    let variables = [("XDG_STATE_HOME", "/home/tester/my state"), ("XDG_CONFIG_HOME", "/home/tester/.config")];
    manager.vigie_with(&variables, &root, &["daemon", "install"]).expect_code(0);
    manager.vigie_with(&variables, &root, &["index"]).expect_code(0);
    assert_eq!(manager.property(SERVICE, "ActiveState"), "active");
    assert!(manager.env().home().join("my state/vigie/registry.sqlite").exists());
    assert!(!manager.env().home().join(".local/state/vigie").exists());
}
