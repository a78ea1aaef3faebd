//! Cancelling, owning and limiting jobs.

use std::time::{Duration, Instant};

use vigie_proto::{CancelAck, CancelJob, EventType, JobState, Stage, job_flag};
use vigie_tests::{SourceTree, TestEnv, child_pids, wait_gone};

use crate::support::{
    check_same_dump, dump, dump_from_scratch, index, start_index, wait_end, wait_event, wait_job, wait_stage,
};

fn long_tree(env: &TestEnv, seed: u64) -> SourceTree {
    SourceTree::generate(&env.project("fleet"), 1200, 12_000, seed)
}

#[test]
fn p5_cancel_is_exact() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = long_tree(&env, 40);
    let (mut watcher, mut canceller) = (daemon.connect(), daemon.connect());
    let (id, accepted) = start_index(&mut watcher, &tree.root, 0);
    wait_event(&mut watcher, id, |event| event.stage == Stage::INDEXING && event.current > 0);
    let workers = child_pids(daemon.pid());
    assert!(!workers.is_empty(), "grammars run in processes of their own");
    let begun = Instant::now();
    let ack: CancelAck =
        canceller.ask(&CancelJob { job: accepted.job, ..CancelJob::default() }).expect("it answers").one();
    assert!(begun.elapsed() < Duration::from_secs(2), "the acknowledgement took {:?}", begun.elapsed());
    assert_eq!((ack.job, ack.state), (accepted.job, JobState::CANCELLING));
    let end = wait_end(&mut watcher, id);
    assert_eq!(end.r#type, EventType::CANCELLED, "{end:?}");
    assert_eq!(end.state, JobState::CANCELLED);
    assert!(begun.elapsed() < Duration::from_secs(5), "the end took {:?}", begun.elapsed());
    for worker in workers {
        assert!(wait_gone(worker, Duration::from_secs(5)), "worker {worker} outlives its job");
    }
    assert_eq!(child_pids(daemon.pid()), Vec::<u32>::new());

    let again: CancelAck =
        canceller.ask(&CancelJob { job: accepted.job, ..CancelJob::default() }).expect("it answers").one();
    assert_eq!(again.state, JobState::CANCELLED);
    let ended = again.ended.expect("it bears the end the job had reached before");
    assert_eq!((ended.r#type, ended.timestamp_ms, &ended.message), (end.r#type, end.timestamp_ms, &end.message));

    let event = index(&env, &tree.root);
    assert_eq!(event["type"], "complete", "{event}");
    check_same_dump("after a cancel", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}

#[test]
fn a_watching_command_says_that_another_cancelled() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 41);
    let mut client = env.spawn_vigie_in(&tree.root, &["index", "--json"]);
    let event = wait_stage(&mut client, "indexing");
    let output = env.vigie_in(&tree.root, &["cancel", &event["job"].to_string()]);
    output.expect_code(0);
    let output = client.finish();
    output.expect_code(4);
    assert_eq!(crate::support::terminal(&output)["type"], "cancelled");
    env.vigie_in(&tree.root, &["cancel", "987654"]).expect_code(2).expect_stderr("987654");
}

#[test]
fn p5_an_acknowledged_cancel_survives_a_crash() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 42);
    let mut wire = daemon.connect();
    let (id, accepted) = start_index(&mut wire, &tree.root, 0);
    wait_event(&mut wire, id, |event| event.stage == Stage::INDEXING);
    let mut other = daemon.connect();
    other.ask(&CancelJob { job: accepted.job, ..CancelJob::default() }).expect("it answers");
    daemon.kill();
    let daemon = env.start_daemon(&[]);
    let end = wait_job(&mut daemon.connect(), accepted.job);
    assert_eq!(end.r#type, EventType::CANCELLED, "{end:?}");
}

#[test]
fn a_job_ends_with_its_last_owner() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 43);
    let mut owner = daemon.connect();
    let (id, accepted) = start_index(&mut owner, &tree.root, job_flag::OWN);
    wait_event(&mut owner, id, |event| event.stage == Stage::INDEXING);
    drop(owner);
    let end = wait_job(&mut daemon.connect(), accepted.job);
    assert_eq!(end.r#type, EventType::CANCELLED, "{end:?}");
}

#[test]
fn a_job_that_somebody_joined_outlives_its_owner() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 44);
    let (mut owner, mut other) = (daemon.connect(), daemon.connect());
    let (id, accepted) = start_index(&mut owner, &tree.root, job_flag::OWN);
    wait_event(&mut owner, id, |event| event.stage == Stage::INDEXING);
    let (other_id, joined) = start_index(&mut other, &tree.root, 0);
    assert_eq!(joined.job, accepted.job);
    drop(owner);
    assert_eq!(wait_end(&mut other, other_id).r#type, EventType::COMPLETE);
}

#[test]
fn a_budget_ends_a_job_early_and_says_so() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 60, 2000, 45);
    let output = env.vigie_in(&tree.root, &["index", "--json", "--max-files", "10"]);
    output.expect_code(3);
    let event = crate::support::terminal(&output);
    assert_eq!(event["type"], "complete", "{event}");
    assert_eq!(event["stats"]["limit"], "files", "{event}");
    assert!(event["stats"]["files_indexed"].as_u64() <= Some(10), "{event}");
    let (_, summary) = env.vigie_in(&tree.root, &["text", "--json", "logbook_"]).answer();
    assert_eq!(summary["coverage"]["complete"], false, "{summary}");
    let event = index(&env, &tree.root);
    assert!(event["stats"]["limit"].is_null(), "{event}");
    check_same_dump("after a budget", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}
