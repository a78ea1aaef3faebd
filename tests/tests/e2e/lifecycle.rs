//! The daemon's own life: starting once, stopping, starting again, opening and closing stores.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use vigie_proto::{
    Done, GoAway, ListProjects, Message as _, ProgressEvent, ProjectEvent, ProjectEventType, ProjectRow, ProjectRows,
    ProjectState, Shutdown, Stage, Subscribe, decode,
};
use vigie_tests::{SourceTree, TestEnv, Wire, kill_hard, resume, suspend, wait_gone};

use crate::support::{check_same_dump, dump, ended, index, start_index, subscribe, terminal, wait_end};

#[test]
fn a_restart_keeps_the_index() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 60, 2000, 100);
    let daemon = env.start_daemon(&[]);
    index(&env, &tree.root);
    let before = dump(&env, &tree.root);
    assert!(daemon.stop(), "{}", env.logs());
    let daemon = env.start_daemon(&[]);
    env.vigie_in(&tree.root, &["text", "--json", "logbook_7:"]).expect_code(0);
    check_same_dump("after a stop", &dump(&env, &tree.root), &before);
    daemon.kill();
    let _daemon = env.start_daemon(&[]);
    check_same_dump("after a kill", &dump(&env, &tree.root), &before);
    let event = index(&env, &tree.root);
    assert_eq!(event["stats"]["files_unchanged"], 60, "{event}");
}

fn projects(wire: &mut Wire) -> Vec<ProjectRow> {
    let answer = wire.ask(&ListProjects::default()).expect("projects are listed");
    answer.all::<ProjectRows>().into_iter().flat_map(|page| page.rows).collect()
}

fn wal_bytes(row: &ProjectRow) -> u64 {
    let path = PathBuf::from(format!("{}-wal", row.store.to_text()));
    fs::metadata(path).map_or(0, |meta| meta.len())
}

/// What a subscriber to everything heard up to the end of a job.
fn heard(wire: &mut Wire, id: u64, job: u64) -> (Vec<ProgressEvent>, Vec<ProjectEvent>) {
    let (mut progress, mut project) = (Vec::new(), Vec::new());
    loop {
        let frame = wire.next_frame().expect("the stream goes on");
        if frame.header.id == id && frame.header.kind == ProjectEvent::KIND {
            project.push(decode::<ProjectEvent>(&frame.body).expect("a project event"));
        }
        if frame.header.id == id && frame.header.kind == ProgressEvent::KIND {
            let event: ProgressEvent = decode(&frame.body).expect("a progress event");
            let last = ended(&event) && event.job == job;
            progress.push(event);
            if last {
                return (progress, project);
            }
        }
    }
}

#[test]
fn switching_projects_closes_stores_with_a_checkpoint() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--max-open-projects", "2"]);
    let trees: Vec<_> = (0..4)
        .map(|number| SourceTree::generate(&env.project(&format!("fleet{number}")), 30, 2000, 101 + number))
        .collect();
    let (mut watcher, mut wire) = (daemon.connect(), daemon.connect());
    let (watcher_id, _) = subscribe(&mut watcher, &Subscribe::default());
    let mut last_job = 0;
    for tree in &trees {
        let (id, accepted) = start_index(&mut wire, &tree.root, 0);
        wait_end(&mut wire, id);
        last_job = accepted.job;
    }
    let (progress, project) = heard(&mut watcher, watcher_id, last_job);
    let switching: Vec<_> = progress.iter().filter(|event| event.stage == Stage::SWITCHING_PROJECTS).collect();
    assert!(!switching.is_empty(), "the stage is in the stream");
    assert!(switching.iter().any(|event| event.message.contains("fleet")), "it names what it waits for: {switching:?}");
    let closed: Vec<_> = project.iter().filter(|event| event.r#type == ProjectEventType::CLOSED).collect();
    assert!(closed.len() >= 2, "two stores were closed: {project:?}");
    let rows = projects(&mut wire);
    assert_eq!(rows.len(), 4);
    let of_state = |state: ProjectState| rows.iter().filter(|row| row.state == state).count();
    assert_eq!((of_state(ProjectState::OPEN), of_state(ProjectState::CLOSED)), (2, 2), "{rows:?}");
    for row in rows.iter().filter(|row| row.state == ProjectState::CLOSED) {
        assert_eq!(wal_bytes(row), 0, "{row:?}");
        assert_eq!(row.files, 30, "a closed project keeps its figures: {row:?}");
    }
    for tree in &trees {
        env.vigie_in(&tree.root, &["text", "--json", "logbook_0:"]).expect_code(0);
    }
    assert!(daemon.stop(), "{}", env.logs());
    for row in &rows {
        assert_eq!(wal_bytes(row), 0, "a stop checkpoints every store: {row:?}");
    }
}

#[test]
fn more_jobs_than_open_projects_all_end() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--max-open-projects", "2"]);
    let trees: Vec<_> = (0..5)
        .map(|number| SourceTree::generate(&env.project(&format!("fleet{number}")), 60, 4000, 110 + number))
        .collect();
    let mut wires: Vec<_> = trees.iter().map(|_| daemon.connect()).collect();
    let ids: Vec<u64> = trees.iter().zip(&mut wires).map(|(tree, wire)| start_index(wire, &tree.root, 0).0).collect();
    for (wire, id) in wires.iter_mut().zip(ids) {
        assert_eq!(wait_end(wire, id).r#type, vigie_proto::EventType::COMPLETE);
    }
    assert_eq!(projects(&mut wires[0]).len(), 5);
}

#[test]
fn a_stale_socket_is_replaced() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let socket = daemon.socket().to_path_buf();
    daemon.kill();
    assert!(socket.exists(), "a killed daemon leaves its socket behind");
    let daemon = env.start_daemon(&[]);
    assert_eq!(daemon.socket(), socket);
    drop(daemon.connect());
    daemon.kill();
    fs::remove_file(&socket).expect("the socket is there");
    drop(UnixListener::bind(&socket).expect("the directory is ours"));
    let daemon = env.start_daemon(&[]);
    drop(daemon.connect());
    assert!(daemon.stop(), "{}", env.logs());
    assert!(!socket.exists(), "a daemon that stops takes its socket with it");
}

#[test]
fn a_second_daemon_points_to_the_first() {
    let env = TestEnv::new();
    let first = env.start_daemon(&[]);
    let other = env.path("run/other.sock");
    let elsewhere = ["--socket", other.to_str().expect("the path is UTF-8")];
    for args in [&[][..], &elsewhere] {
        let mut second = env.start_daemon(args);
        assert_eq!(second.socket(), first.socket(), "one state directory, one daemon");
        assert!(second.wait(), "it leaves the work to the first");
        assert_eq!(env.daemon_pids(), [first.pid()]);
    }
    assert!(!other.exists());
    drop(first.connect());
}

/// What a daemon that leaves says to a client.
fn farewell(wire: &mut Wire) -> String {
    loop {
        let frame = wire.next_frame().expect("the daemon says farewell");
        if frame.header.kind == GoAway::KIND {
            return decode::<GoAway>(&frame.body).expect("a farewell").reason;
        }
    }
}

#[test]
fn a_daemon_that_answers_nobody_is_not_taken_for_one_that_runs() {
    let env = TestEnv::new();
    let mut first = env.start_daemon(&[]);
    suspend(first.pid());
    let sentence = env.try_start_daemon(&[]).map(|daemon| daemon.pid()).expect_err("the lock is held");
    assert!(sentence.contains(&format!("process {}", first.pid())) && sentence.contains("end it"), "{sentence}");
    resume(first.pid());
    drop(first.connect());
    suspend(first.pid());
    std::thread::scope(|scope| {
        let second = scope.spawn(|| env.start_daemon(&[]).pid());
        kill_hard(first.pid());
        assert!(!first.wait(), "it was killed");
        assert_ne!(second.join().expect("the second daemon is ready"), first.pid());
    });
}

#[test]
fn a_daemon_whose_socket_was_removed_makes_way() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1000, 140);
    let mut daemon = env.start_daemon(&[]);
    let mut wire = daemon.connect();
    index(&env, &tree.root);
    fs::remove_dir_all(env.runtime_dir()).expect("the directory is ours");
    let reason = farewell(&mut wire);
    assert!(reason.contains("its socket") && reason.contains("was removed"), "{reason}");
    assert!(daemon.wait(), "it ends cleanly\n{}", env.logs());
    env.vigie_in(&tree.root, &["text", "--json", "logbook_3:"]).expect_code(0);
}

#[test]
fn a_client_waits_for_a_daemon_that_makes_way() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1000, 141);
    let daemon = env.start_daemon(&[]);
    index(&env, &tree.root);
    fs::remove_dir_all(env.runtime_dir()).expect("the directory is ours");
    env.vigie_in(&tree.root, &["text", "--json", "logbook_3:"]).expect_code(0);
    assert!(!env.daemon_pids().contains(&daemon.pid()), "another daemon answers");
}

#[test]
fn a_daemon_whose_state_was_removed_makes_way() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1000, 142);
    let mut daemon = env.start_daemon(&[]);
    let mut wire = daemon.connect();
    index(&env, &tree.root);
    fs::remove_dir_all(env.state_dir()).expect("the directory is ours");
    let reason = farewell(&mut wire);
    assert!(reason.contains("its lock file") && reason.contains("was removed"), "{reason}");
    assert!(daemon.wait(), "it ends cleanly\n{}", env.logs());
    let event = index(&env, &tree.root);
    assert_eq!(event["stats"]["files_unchanged"], 0, "a new index: {event}");
    assert!(env.state_dir().join("vigied.lock").exists());
}

#[test]
fn two_commands_at_once_start_one_daemon() {
    let env = TestEnv::new();
    let trees: Vec<_> = (0..6)
        .map(|number| SourceTree::generate(&env.project(&format!("fleet{number}")), 12, 1000, 120 + number))
        .collect();
    let commands: Vec<_> = trees.iter().map(|tree| env.spawn_vigie_in(&tree.root, &["index", "--json"])).collect();
    for command in commands {
        let output = command.finish();
        assert_eq!(terminal(output.expect_code(0))["type"], "complete");
    }
    assert_eq!(env.daemon_pids().len(), 1, "{}", env.logs());
    let rows = env.vigie_in(&env.home(), &["projects", "--json"]).json();
    assert_eq!(rows.len(), 6);
}

#[test]
fn daemon_start_stop_and_restart() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1000, 130);
    env.vigie_in(&tree.root, &["daemon", "start"]).expect_code(0);
    let first = env.daemon_pids();
    assert_eq!(first.len(), 1);
    env.vigie_in(&tree.root, &["daemon", "start"]).expect_code(0);
    assert_eq!(env.daemon_pids(), first, "a daemon that runs is left alone");
    index(&env, &tree.root);
    env.vigie_in(&tree.root, &["daemon", "restart"]).expect_code(0);
    let second = env.daemon_pids();
    assert!(second.len() == 1 && second != first, "{first:?} {second:?}");
    env.vigie_in(&tree.root, &["text", "--json", "--no-spawn", "logbook_3:"]).expect_code(0);
    env.vigie_in(&tree.root, &["daemon", "stop"]).expect_code(0);
    assert!(wait_gone(second[0], std::time::Duration::from_secs(10)), "the daemon is gone");
    env.vigie_in(&tree.root, &["text", "--no-spawn", "logbook_3:"]).expect_code(69);
}

#[test]
fn shutdown_over_the_wire_is_acknowledged() {
    let env = TestEnv::new();
    let mut daemon = env.start_daemon(&[]);
    let mut wire = daemon.connect();
    let Done { .. } = wire.ask(&Shutdown::default()).expect("it is acknowledged").one();
    assert!(daemon.wait(), "it ends cleanly\n{}", env.logs());
    assert!(!daemon.socket().exists());
}

#[test]
fn a_socket_path_that_is_too_long_is_explained() {
    let env = TestEnv::new();
    let long = env.path("run").join("x".repeat(120)).join("vigie.sock");
    let args = ["--socket", long.to_str().expect("the path is UTF-8")];
    let sentence = env.try_start_daemon(&args).map(|daemon| daemon.pid()).expect_err("no socket has that address");
    assert!(sentence.contains("107"), "{sentence}");
}
