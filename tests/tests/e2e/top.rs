//! `vigie top` in a real terminal: what it shows of real jobs, what its keys do, and that it gives the terminal back.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use vigie_proto::{JobRow, JobRows, JobState, ListJobs, Watch, Watched};
use vigie_tests::{Daemon, SourceTree, Terminal, TestEnv};

use crate::support::{index, indexed, write_files};

const USUAL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (200, 50);

/// A tree whose job takes so long that a person could look on.
fn long_tree(env: &TestEnv, seed: u64) -> SourceTree {
    SourceTree::generate(&env.project("fleet"), 1200, 12_000, seed)
}

fn jobs(daemon: &Daemon<'_>) -> Vec<JobRow> {
    let answer = daemon.connect().ask(&ListJobs { ended_max: 100, ..ListJobs::default() }).expect("it answers");
    answer.all::<JobRows>().into_iter().flat_map(|page| page.rows).collect()
}

/// The percentage that the panel of jobs shows.
fn share(screen: &str) -> Option<f64> {
    screen.split_whitespace().find_map(|word| word.strip_suffix('%')?.parse().ok())
}

/// The terminal is as it was before.
fn check_restored(terminal: &Terminal, code: i32) {
    let screen = terminal.wait_text("restored");
    assert!(screen.starts_with("a shell\n"), "what was there before is there again\n{screen}");
    assert!(screen.contains(&format!("ended {code}")), "exit code {code}\n{screen}");
    assert!(!screen.contains("Projects"), "{screen}");
}

#[test]
fn a_job_is_seen_moving_paused_resumed_and_done() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 500);
    let Some(terminal) = Terminal::open(&env, "top: a job is seen", USUAL, &tree.root, "top") else { return };
    terminal.wait_text("no project is known yet");
    terminal.press(&["i"]);
    terminal.wait_text("fleet?  y yes");
    terminal.press(&["y", "2"]);
    terminal.wait_for("a bar that moves", |screen| share(screen).is_some_and(|share| share > 0.0));
    terminal.press(&["p"]);
    let paused = terminal.wait_for("a pause", |screen| screen.contains("paused in") && screen.contains("p resume"));
    let before = share(&paused).expect("a bar");
    assert!(before < 100.0, "{paused}");
    assert_eq!(jobs(&daemon)[0].state, JobState::PAUSED);
    terminal.press(&["p"]);
    terminal.wait_for("the end", |screen| screen.contains("✓ done") && screen.contains("1,200 of 1,200 files"));
    assert_eq!(jobs(&daemon)[0].state, JobState::DONE);
    terminal.press(&["q"]);
    check_restored(&terminal, 0);
}

#[test]
fn a_key_cancels_a_job_and_leaving_does_not() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 501);
    env.vigie_in(&tree.root, &["index", "--detach"]).expect_code(0);
    let Some(terminal) = Terminal::open(&env, "top: a key cancels", LARGE, &tree.root, "top") else { return };
    terminal.wait_for("the job", |screen| share(screen).is_some());
    // A job that is paused waits for the test.
    terminal.press(&["p"]);
    terminal.wait_text("paused in");
    terminal.press(&["q"]);
    let screen = terminal.wait_text("restored");
    assert!(screen.contains("vigie top: 1 job goes on; nothing was cancelled"), "{screen}");
    assert_eq!(jobs(&daemon)[0].state, JobState::PAUSED);
    drop(terminal);

    let Some(terminal) = Terminal::open(&env, "top: a key cancels", LARGE, &tree.root, "top") else { return };
    terminal.wait_text("paused in");
    terminal.press(&["c"]);
    terminal.wait_text("of fleet, for everybody?  y yes");
    terminal.press(&["n"]);
    terminal.wait_text("nothing was done");
    assert_eq!(jobs(&daemon)[0].state, JobState::PAUSED);
    terminal.press(&["c", "y"]);
    terminal.wait_text("! cancelled");
    assert_eq!(jobs(&daemon)[0].state, JobState::CANCELLED);
    terminal.press(&["c"]);
    terminal.wait_text("select a job");
    terminal.press(&["C-c"]);
    check_restored(&terminal, 0);
}

#[test]
fn a_project_is_watched_and_its_coverage_read() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root =
        indexed(&env, "harbour", &[("pier.py", "def pier():\n    pass\n"), ("quay.py", "def quay():\n    pass\n")]);
    fs::write(root.join("logo.bin"), b"\0\x01\x02 not text").expect("the tree is ours");
    index(&env, &root);
    let Some(terminal) = Terminal::open(&env, "top: a project is watched", USUAL, &root, "top") else { return };
    terminal.wait_text("harbour");
    terminal.press(&["w"]);
    terminal
        .wait_for("a watched project", |screen| screen.contains("watched, 1 directory") && screen.contains("current"));
    write_files(&root, &[("crane.py", "def crane():\n    pass\n")]);
    terminal.press(&["6"]);
    terminal.wait_text("crane.py");
    terminal.press(&["1", "Enter"]);
    let screen = terminal.wait_text("4 files · 3 indexed · 1 binary");
    let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text} is not shown\n{screen}"));
    assert!(at("logo.bin") < at("pier.py"), "what is left out comes first\n{screen}");
    terminal.press(&["/", "q", "u", "a", "y"]);
    terminal.wait_for("one file", |screen| screen.contains("quay.py") && !screen.contains("pier.py"));
    terminal.press(&["Enter", "Escape"]);
    terminal.wait_text("pier.py");
    terminal.press(&["Escape"]);
    terminal.wait_text("Projects 1");
    terminal.press(&["w"]);
    terminal.wait_text("no longer watched");
    let again: Watched =
        daemon.connect().ask(&Watch { path: path(&root), end: true, ..Watch::default() }).expect("it answers").one();
    assert!(!again.note.is_empty(), "it was not watched any more: {again:?}");
    terminal.press(&["q"]);
    check_restored(&terminal, 0);
}

fn path(root: &Path) -> vigie_proto::Bytes {
    use std::os::unix::ffi::OsStrExt as _;
    root.as_os_str().as_bytes().into()
}

#[test]
fn a_daemon_that_dies_is_missed_and_found_again() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    indexed(&env, "harbour", &[("pier.py", "def pier():\n    pass\n")]);
    let Some(terminal) = Terminal::open(&env, "top: a daemon dies", USUAL, &env.home(), "top") else { return };
    terminal.wait_for("the daemon", |screen| {
        screen.contains(&format!("pid {}", daemon.pid())) && screen.contains("harbour")
    });
    daemon.kill();
    terminal.wait_for("the loss", |screen| screen.contains("no daemon") && screen.contains("s starts one"));
    assert_eq!(env.daemon_pids(), Vec::<u32>::new(), "a screen starts no daemon by itself");
    let daemon = env.start_daemon(&[]);
    let pid = format!("pid {}", daemon.pid());
    terminal.wait_for("the next one", |screen| screen.contains(&pid) && screen.contains("harbour"));
    daemon.kill();
    terminal.wait_text("no daemon");
    terminal.press(&["s"]);
    terminal.wait_text("the daemon runs");
    terminal.wait_for("the one that was started", |screen| screen.contains("harbour") && !screen.contains("no daemon"));
    env.vigie_in(&env.home(), &["daemon", "stop"]).expect_code(0);
    terminal.wait_text("no daemon");
    terminal.press(&["q"]);
    check_restored(&terminal, 0);
}

#[test]
fn the_terminal_is_restored_after_a_signal() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let Some(terminal) = Terminal::open(&env, "top: a signal", USUAL, &env.home(), "top") else { return };
    terminal.wait_text("no project is known yet");
    let pid = i32::try_from(terminal.program_pid()).ok().and_then(Pid::from_raw).expect("it has a pid");
    kill_process(pid, Signal::TERM).expect("it is ours");
    check_restored(&terminal, 130);
}

#[test]
fn it_follows_the_size_of_its_terminal() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    indexed(&env, "harbour", &[("pier.py", "def pier():\n    pass\n")]);
    let Some(terminal) = Terminal::open(&env, "top: a size", (40, 12), &env.home(), "top") else { return };
    terminal.wait_for("one panel", |screen| screen.contains("harbour") && !screen.contains("Clients"));
    terminal.press(&["5"]);
    terminal.wait_for("another", |screen| screen.contains("Clients") && screen.contains("vigie top"));
    terminal.resize(200, 50);
    terminal.wait_for("all panels", |screen| {
        ["Projects 1", "Jobs 1", "Slow files", "Slow queries", "Clients 2", "Events"]
            .iter()
            .all(|name| screen.contains(name))
    });
    terminal.press(&["?"]);
    terminal.wait_text("cancel the job, for everybody; asks first");
    terminal.press(&["q", "q"]);
    // What tmux brings back has the size that the terminal had then, so that only the end of it can be told.
    terminal.wait_for("the shell", |screen| screen.contains("ended 0\nrestored\n") && !screen.contains("Projects"));
}

#[test]
fn without_a_terminal_it_says_what_else_there_is() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "harbour", &[("pier.py", "def pier():\n    pass\n")]);
    env.vigie_in(&root, &["top"]).expect_code(2).expect_stderr("stdout is not a terminal").expect_stderr("--once");
    env.vigie_in(&root, &["--json", "top"]).expect_code(2).expect_stderr("vigie events --json");
    let output = env.vigie_in(&root, &["top", "--once"]);
    output.expect_code(0);
    let text = output.text();
    for part in ["vigied ", "harbour", "✓ done", "1 file", "vigie top"] {
        output.check(text.contains(part), part);
    }
    output.check(!text.contains('\x1b'), "no control characters");
    let nowhere = env.path("nowhere.sock");
    let nowhere = nowhere.to_str().expect("it is UTF-8");
    for words in [
        &["--socket", nowhere, "--no-spawn", "top", "--once"][..],
        &["top", "--no-spawn", "--socket", nowhere, "--once"],
    ] {
        env.vigie_in(&root, words).expect_code(69).expect_stderr("no daemon listens on");
    }
}

#[test]
fn a_program_beside_that_is_missing_is_explained() {
    let env = TestEnv::new();
    let alone = env.path("alone");
    fs::create_dir(&alone).expect("the directory is new");
    vigie_tests::copy_program(&env.binary("vigie"), &alone.join("vigie"));
    let output = std::process::Command::new(alone.join("vigie"))
        .arg("top")
        .env_clear()
        .env("PATH", "/nowhere")
        .env("HOME", env.home())
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("vigie-top is not installed") && stderr.contains("cargo install --path client/gateway"),
        "{stderr}"
    );
    env.vigie_in(&env.home(), &["topp"]).expect_code(2).expect_stderr("`vigie top` is near it");
    let help = env.vigie_in(&env.home(), &["top", "--help"]);
    help.expect_code(0);
    help.check(help.text().contains("--once"), "the options of the program");
    help.check(help.text().contains("Usage: vigie top [OPTIONS]\n"), "no subcommand");
    let pages = env.path("pages");
    fs::create_dir(&pages).expect("ours");
    env.program_in(&env.program("vigie-top"), &env.home(), &["man", &pages.to_string_lossy()], &[]).expect_code(0);
    let page = fs::read_to_string(pages.join("vigie-top.1")).expect("it was written");
    assert!(!page.contains("subcommands") && !page.contains("SUBCOMMANDS") && page.contains("once"), "{page}");
}
