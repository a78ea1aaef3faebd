//! The daemon dies under a job and starts again.

use std::collections::BTreeMap;
use std::path::Path;

use vigie_proto::{CoverageQuery, CoverageRows, EventType, Stage, StructureState, Target};
use vigie_tests::{SourceTree, TestEnv, Wire, child_pids, kill_hard, registry_crates};

use crate::support::{
    check_same_dump, dump, dump_from_scratch, start_index, terminal, wait_end, wait_event, wait_job, wait_progress,
    wait_stage,
};

/// Generation of the facts of each file whose structure is committed.
fn committed(wire: &mut Wire, root: &Path) -> BTreeMap<String, u64> {
    let target = Target { path: root.to_str().expect("the path is UTF-8").into(), ..Target::default() };
    let answer = wire.ask(&CoverageQuery { target, ..CoverageQuery::default() }).expect("coverage answers");
    let rows = answer.all::<CoverageRows>().into_iter().flat_map(|page| page.rows);
    let current = rows.filter(|row| row.structure == StructureState::CURRENT);
    current.map(|row| (row.path.to_text(), row.generation)).collect()
}

/// Kills the daemon when a job has done `percent` of a stage, starts it again, and compares with an index from scratch.
fn check_crash(stage: Stage, percent: u64, deaths: usize) {
    let env = TestEnv::new();
    let root = env.project("sources");
    registry_crates(&root, &["regex-automata", "clap_builder", "rusqlite"]);
    SourceTree::generate(&root.join("generated"), 900, 12_000, 50);
    let mut daemon = env.start_daemon(&["--workers", "1"]);
    let mut wire = daemon.connect();
    let (id, accepted) = start_index(&mut wire, &root, 0);
    let runs = wait_progress(&mut wire, id, stage, percent).expect("the daemon lives");
    assert!(runs, "the job was over before it could be interrupted");
    let mut before = BTreeMap::new();
    for _ in 0..deaths {
        if stage == Stage::INDEXING {
            before = committed(&mut daemon.connect(), &root);
        }
        daemon.kill();
        daemon = env.start_daemon(&["--workers", "1"]);
    }
    let mut wire = daemon.connect();
    let end = wait_job(&mut wire, accepted.job);
    assert_eq!(end.r#type, EventType::COMPLETE, "{end:?}\n{}", env.logs());
    assert_eq!(end.permille, 1000);
    assert!(percent < 50 || stage != Stage::INDEXING || !before.is_empty(), "much was committed before the crash");
    let after = committed(&mut wire, &root);
    for (path, generation) in &before {
        assert_eq!(
            after.get(path),
            Some(generation),
            "{path} was committed before the crash and parsed again after it"
        );
    }
    check_same_dump("after a crash", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn p7_crash_at_the_start_of_scanning() {
    check_crash(Stage::SCANNING, 0, 1);
}

#[test]
fn p7_crash_in_the_middle_of_scanning() {
    check_crash(Stage::SCANNING, 50, 1);
}

#[test]
fn p7_crash_at_the_start_of_indexing() {
    check_crash(Stage::INDEXING, 0, 1);
}

#[test]
fn p7_crash_in_the_middle_of_indexing() {
    check_crash(Stage::INDEXING, 50, 1);
}

#[test]
fn p7_crash_late_in_indexing() {
    check_crash(Stage::INDEXING, 90, 1);
}

#[test]
fn p7_two_crashes() {
    check_crash(Stage::INDEXING, 20, 2);
}

#[test]
fn p9_a_worker_killed_from_outside_changes_nothing() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 55);
    let daemon = env.start_daemon(&[]);
    let mut wire = daemon.connect();
    let (id, _) = start_index(&mut wire, &tree.root, 0);
    let mut killed = 0;
    for percent in [10, 30, 50, 70] {
        if wait_progress(&mut wire, id, Stage::INDEXING, percent).expect("the daemon lives") {
            let workers = child_pids(daemon.pid());
            workers.iter().for_each(|worker| kill_hard(*worker));
            killed += workers.len();
        }
    }
    assert!(killed > 0, "a worker was killed");
    let end = wait_end(&mut wire, id);
    assert_eq!(end.r#type, EventType::COMPLETE, "{end:?}");
    assert_eq!(end.stats.map(|stats| stats.files_failed), Some(0), "no file is to blame\n{}", env.logs());
    check_same_dump("after the workers' deaths", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}

#[test]
fn p7_progress_does_not_fall_across_a_crash() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 51);
    let daemon = env.start_daemon(&["--workers", "1"]);
    let mut client = env.spawn_vigie_in(&tree.root, &["index", "--json"]);
    let first = wait_stage(&mut client, "indexing");
    client.wait_for("progress", |event| event["permille"].as_u64() > Some(500));
    daemon.kill();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let output = client.finish();
    output.expect_code(0);
    let events = output.json();
    let permille: Vec<_> = events.iter().filter_map(|event| event["permille"].as_u64()).collect();
    output.check(permille.is_sorted(), "progress that never falls");
    output.check(events.iter().all(|event| event["job"] == first["job"]), "the same job");
    assert_eq!(terminal(&output)["type"], "complete");
    output.check(!output.stderr.is_empty(), "a word about the reconnection");
}

#[test]
fn a_client_starts_the_daemon_again_and_finishes() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 52);
    let mut client = env.spawn_vigie_in(&tree.root, &["index", "--json"]);
    wait_stage(&mut client, "indexing");
    let daemons = env.daemon_pids();
    assert_eq!(daemons.len(), 1, "the client started a daemon");
    kill_hard(daemons[0]);
    let output = client.finish();
    output.expect_code(0);
    assert_eq!(terminal(&output)["type"], "complete");
    check_same_dump("after a crash", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}

#[test]
fn p7_a_stop_is_a_pause() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 53);
    let daemon = env.start_daemon(&["--workers", "1"]);
    let mut wire = daemon.connect();
    let (id, accepted) = start_index(&mut wire, &tree.root, 0);
    wait_event(&mut wire, id, |event| event.stage == Stage::INDEXING && event.current > 0);
    assert!(daemon.stop(), "the daemon stops cleanly\n{}", env.logs());
    let daemon = env.start_daemon(&[]);
    let end = wait_job(&mut daemon.connect(), accepted.job);
    assert_eq!(end.r#type, EventType::COMPLETE, "{end:?}");
    check_same_dump("after a stop", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}

#[test]
fn a_job_under_which_the_daemon_died_three_times_fails() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 1500, 14_000, 54);
    let mut daemon = env.start_daemon(&["--workers", "1"]);
    let mut wire = daemon.connect();
    let (id, accepted) = start_index(&mut wire, &tree.root, 0);
    wait_event(&mut wire, id, |event| event.stage == Stage::INDEXING);
    for _ in 0..2 {
        daemon.kill();
        daemon = env.start_daemon(&["--workers", "1"]);
        let mut wire = daemon.connect();
        let request = vigie_proto::Subscribe { job: accepted.job, ..vigie_proto::Subscribe::default() };
        let (id, snapshot) = crate::support::subscribe(&mut wire, &request);
        if snapshot.jobs.iter().all(|event| event.stage < Stage::INDEXING) {
            wait_event(&mut wire, id, |event| event.stage == Stage::INDEXING);
        }
    }
    daemon.kill();
    let daemon = env.start_daemon(&[]);
    let end = wait_job(&mut daemon.connect(), accepted.job);
    assert_eq!(end.r#type, EventType::ERROR, "{end:?}");
    assert!(end.message.contains("three times") || end.message.contains('3'), "{end:?}");
}
