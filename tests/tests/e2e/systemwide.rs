//! The daemon of one user under the manager of the whole system, where there are no user managers: `vigied@.socket` and
//! `vigied@.service`, run by a real one. What both services may and may not do is held against each other in `service.rs`.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use vigie_tests::{Manager, SourceTree, Wire, kill_hard, wait_gone};

/// Longest a process may take to end.
const END_MAX: Duration = Duration::from_secs(30);

/// A manager that has the units of the repository, but for where the program lies.
#[track_caller]
fn with_units(test: &str) -> Option<Manager> {
    let manager = Manager::start_system(test)?;
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systemd");
    let program = manager.env().path("bin/vigied").display().to_string();
    for name in ["vigied@.socket", "vigied@.service"] {
        let text = fs::read_to_string(units.join(name)).expect("the unit is there");
        manager.add_system_unit(name, &text.replace("/usr/bin/vigied", &program));
    }
    Some(manager)
}

/// A unit of the user.
fn of(manager: &Manager, kind: &str) -> String {
    format!("vigied@{}.{kind}", manager.user())
}

#[test]
fn the_first_client_of_a_user_starts_that_users_daemon() {
    let Some(mut manager) = with_units("the_first_client_of_a_user_starts_that_users_daemon") else { return };
    let (service, socket, user) = (of(&manager, "service"), of(&manager, "socket"), manager.user());
    manager.systemctl(&["enable", "--now", &socket]).expect_code(0);
    assert_eq!(manager.property(&service, "ActiveState"), "inactive", "nobody asked yet");
    let file = manager.socket().symlink_metadata().expect("systemd listens");
    assert_eq!((file.uid(), file.permissions().mode() & 0o777), (user, 0o600));
    let directory = manager.socket().parent().expect("it has one").metadata().expect("it is there");
    assert_eq!((directory.uid(), directory.permissions().mode() & 0o777), (user, 0o700));

    let root = manager.home("fleet");
    let outside = manager.env().home().join("fleet");
    fs::create_dir_all(outside.join(".git")).expect("the project is new");
    SourceTree::generate(&outside, 12, 1000, 920);
    manager.env().give_tree(&outside);
    let first = manager.vigie(&root, &["index", "--json"]);
    let last = first.expect_code(0).json().pop().unwrap_or_default();
    assert_eq!(last["stats"]["files_indexed"], 12, "{last}");
    assert_eq!(manager.property(&service, "ActiveState"), "active");
    manager.vigie(&root, &["watch"]).expect_code(0);
    fs::write(outside.join("new.rs"), "pub fn saved_just_now() {}\n").expect("ours");
    manager.vigie(&root, &["def", "--fresh", "saved_just_now"]).expect_code(0);
    manager
        .wait_for("the status says what there is", |manager| manager.property(&service, "StatusText") == "1 project");

    // It is that user's, and may do as little as one of a user's own manager.
    let daemon = manager.pid(&service).expect("it runs");
    let status = fs::read_to_string(format!("/proc/{daemon}/status")).expect("it runs");
    let has = |line: &str| status.lines().any(|found| found == line);
    assert!(has(&format!("Uid:\t{user}\t{user}\t{user}\t{user}")), "{status}");
    assert!(has("NoNewPrivs:\t1") && has("Seccomp:\t2") && has("CapEff:\t0000000000000000"), "{status}");
    let state = manager.inside(&format!("/var/lib/vigie/{user}"));
    let meta = state.metadata().expect("systemd made it");
    assert_eq!((meta.uid(), meta.permissions().mode() & 0o777), (user, 0o700));
    assert!(state.join("registry.sqlite").exists());
    assert!(!manager.env().home().join(".local/state/vigie").exists(), "no other state");
    let path = format!("/run/user/{user}/vigie/vigied.sock");
    let refused = manager.vigie_of_another(&["--no-spawn", "--socket", &path, "projects"]);
    refused.check(refused.code != 0, "nobody else may ask");
    assert!(Wire::greeted(&manager.socket()).is_err(), "root was greeted");

    // One that dies is started again, one that is stopped is by the next client.
    kill_hard(daemon);
    manager.wait_for("another daemon", |manager| {
        manager.property(&service, "ActiveState") == "active" && manager.pid(&service).is_some_and(|pid| pid != daemon)
    });
    manager.vigie(&root, &["def", "saved_just_now"]).expect_code(0);
    let daemon = manager.pid(&service).expect("it runs");
    manager.systemctl(&["stop", &service]).expect_code(0);
    assert!(wait_gone(daemon, END_MAX));
    assert_eq!(manager.property(&service, "Result"), "success");
    manager.vigie(&root, &["def", "saved_just_now"]).expect_code(0);
    assert_eq!(manager.property(&service, "ActiveState"), "active");
    manager.systemctl(&["disable", "--now", &socket]).expect_code(0);
    assert!(!manager.socket().exists(), "without the file a client knows that nobody listens");
}

/// Under systemd the log is the journal's: its lines have the journal's priorities, and the command shows them.
#[test]
fn the_log_is_shown_from_the_journal() {
    let Some(mut manager) = with_units("the_log_is_shown_from_the_journal") else { return };
    let (service, socket) = (of(&manager, "service"), of(&manager, "socket"));
    manager.systemctl(&["start", "systemd-journald.service", "dbus.service"]).expect_code(0);
    // From here on it keeps what it has, in a file for each user.
    manager.journal(&["--flush"]).expect_code(0);
    manager.systemctl(&["enable", "--now", &socket]).expect_code(0);
    let home = manager.home("");
    manager.vigie(&home, &["projects"]);
    let journal = |manager: &Manager, words: &[&str]| {
        manager.journal(&[&["--unit", &service, "--output", "cat"], words].concat())
    };
    manager.wait_for("the daemon's first line", |manager| journal(manager, &[]).text().contains("ready"));
    let of_info = journal(&manager, &["--priority", "info..info"]);
    of_info.check(of_info.text().contains("ready epoch=1"), "the line with its own priority");
    let shown = manager.vigie(&home, &["daemon", "logs"]);
    shown.expect_code(0);
    shown.check(shown.text().contains("ready epoch=1"), "the line of the journal");
    let wrapped = manager.vigie(&home, &["daemon", "logs", "--lines", "5", "--json"]);
    let lines = wrapped.expect_code(0).json();
    wrapped
        .check(lines.len() <= 5 && lines.iter().all(|line| line["line"].is_string()), "five lines, each in an object");
}
