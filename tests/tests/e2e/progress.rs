//! The event stream of one job: stages in order, true totals, progress that never falls, exactly one end.

use std::time::{Duration, Instant};

use serde_json::Value;
use vigie_proto::{EventType, JobAccepted, Message as _, ProgressEvent, Snapshot, Stage, Subscribe};
use vigie_tests::{SourceTree, TestEnv};

use crate::support::{ended, index, is_terminal, start_index, subscribe, wait_end};

const STAGES: [&str; 7] =
    ["starting", "collecting", "switching_projects", "loading_storage", "scanning", "indexing", "finalizing"];

#[track_caller]
fn number(event: &Value, name: &str) -> u64 {
    event[name].as_u64().unwrap_or_else(|| panic!("{name} is no number in {event}"))
}

#[track_caller]
fn check_stream(events: &[Value]) {
    let mut permille = 0;
    for event in events {
        assert!(STAGES.contains(&event["stage"].as_str().unwrap_or_default()), "{event}");
        assert!(number(event, "permille") >= permille, "progress fell from {permille}: {event}");
        permille = number(event, "permille");
        assert_eq!(permille == 1000, event["type"] == "complete", "{event}");
        let (current, total) = (number(event, "current"), number(event, "total"));
        assert!(current <= total || total == 0, "{event}");
        let may_not_know = ["starting", "collecting", "switching_projects", "loading_storage"];
        assert!(total > 0 || may_not_know.contains(&event["stage"].as_str().unwrap_or_default()), "{event}");
        assert!(event["message"].is_string() && number(event, "timestamp_ms") > 0, "{event}");
        assert!(event["project"].is_string() && number(event, "job") > 0 && event["seq"].is_u64(), "{event}");
    }
}

#[test]
fn progress_is_monotonic_and_complete() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 600, 6000, 10);
    let output = env.vigie_in(&tree.root, &["index", "--json"]);
    let events = output.expect_code(0).json();
    check_stream(&events);
    assert_eq!(events.iter().filter(|event| is_terminal(event)).count(), 1, "{}", output.report());
    let first = |stage: &str| events.iter().position(|event| event["stage"] == stage);
    for stage in ["scanning", "indexing"] {
        output.check(first(stage).is_some(), stage);
        let of_stage = events.iter().filter(|event| event["stage"] == stage);
        for event in of_stage {
            output.check(number(event, "total") == 600, &format!("{stage} of 600 files"));
        }
    }
    output.check(first("scanning") < first("indexing"), "scanning before indexing");
    let last = events.last().cloned().unwrap_or_default();
    output.check(number(&last, "current") == number(&last, "total"), "everything done at the end");
}

#[test]
fn the_wire_tells_the_stages_in_order() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 200, 4000, 11);
    let mut wire = daemon.connect();
    let begun = Instant::now();
    let (id, _) = start_index(&mut wire, &tree.root, 0);
    let snapshot: Snapshot = wire.next(id).expect("a snapshot comes first");
    assert!(begun.elapsed() < Duration::from_secs(2), "the first event took {:?}", begun.elapsed());
    let mut events = snapshot.jobs;
    assert_eq!(events.len(), 1, "the snapshot is of the job asked for");
    while !ended(&events[events.len() - 1]) {
        events.push(wire.next(id).expect("the stream ends with the job"));
    }
    let stages: Vec<Stage> = events.iter().map(|event| event.stage).collect();
    // The store is opened before the tree is walked; from there on stages only go forward.
    let walk = stages.iter().position(|stage| *stage == Stage::COLLECTING).expect("the tree is walked");
    let opening = [Stage::STARTING, Stage::SWITCHING_PROJECTS, Stage::LOADING_STORAGE];
    assert!(stages[..walk].iter().all(|stage| opening.contains(stage)), "{stages:?}");
    assert!(stages[..walk].is_sorted() && stages[walk..].is_sorted(), "{stages:?}");
    for stage in [Stage::LOADING_STORAGE, Stage::SCANNING, Stage::INDEXING, Stage::FINALIZING] {
        assert!(stages.contains(&stage), "{stage} is missing in {stages:?}");
    }
    let states: Vec<_> = events.iter().filter(|event| !event.sample).collect();
    assert!(states.windows(2).all(|pair| pair[0].seq < pair[1].seq), "each state event has a seq of its own");
    let last_of = |stage: Stage| events.iter().rfind(|event| event.stage == stage && event.total > 0);
    let last = last_of(Stage::SCANNING).expect("scanning was seen");
    assert_eq!(last.total, 200, "{last:?}");
}

#[test]
fn files_topic_names_every_file() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 40, 1500, 12);
    let mut wire = daemon.connect();
    let (id, _) = start_index(&mut wire, &tree.root, vigie_proto::job_flag::FILES);
    let answer = wire.answer(id).expect("the stream ends");
    let batches: Vec<vigie_proto::FileEvents> = answer.all();
    let dropped: u64 = batches.iter().map(|batch| batch.dropped).sum();
    assert_eq!(dropped, 0, "a client that reads loses nothing of forty files");
    for stage in [Stage::SCANNING, Stage::INDEXING] {
        let files = batches.iter().flat_map(|batch| &batch.files).filter(|file| file.stage == stage);
        let mut paths: Vec<_> = files.map(|file| file.path.to_text()).collect();
        paths.sort();
        let mut expected = tree.files.clone();
        expected.sort();
        assert_eq!(paths, expected, "{stage}");
    }
}

#[test]
fn p4_one_terminal_event_also_after_a_restart() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 30, 1500, 13);
    let mut wire = daemon.connect();
    let (id, accepted) = start_index(&mut wire, &tree.root, 0);
    let answer = wire.answer(id).expect("the stream ends");
    let events: Vec<ProgressEvent> = answer.all();
    let terminal: Vec<_> = events.iter().filter(|event| ended(event)).collect();
    assert_eq!(terminal.len(), 1, "{terminal:?}");
    assert_eq!(terminal[0].r#type, EventType::COMPLETE);
    assert!(answer.frames.last().is_some_and(|frame| frame.header.kind == ProgressEvent::KIND), "it bears FIN");
    let first = terminal[0].clone();
    daemon.kill();

    let daemon = env.start_daemon(&[]);
    let mut wire = daemon.connect();
    let (_, snapshot) = subscribe(&mut wire, &Subscribe { job: accepted.job, ..Subscribe::default() });
    assert_eq!(snapshot.jobs.len(), 1, "{snapshot:?}");
    let again = &snapshot.jobs[0];
    assert_eq!((again.r#type, again.stage, &again.stats), (first.r#type, first.stage, &first.stats));
    assert_eq!(again.timestamp_ms, first.timestamp_ms, "the event written down is the event published");

    let output = env.vigie_in(&tree.root, &["attach", "--json", &accepted.job.to_string()]);
    let event = crate::support::terminal(output.expect_code(0));
    assert_eq!(event["job"], accepted.job);
    assert_eq!(event["stats"]["files_indexed"], 30, "{event}");
}

#[test]
fn an_empty_project_is_complete() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("empty");
    let event = index(&env, &root);
    assert_eq!(event["type"], "complete", "{event}");
    assert_eq!(event["stats"]["files_seen"], 0, "{event}");
    assert_eq!(event["permille"], 1000, "{event}");
}

#[test]
fn detach_returns_at_once_and_the_job_goes_on() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 100, 4000, 14);
    let output = env.vigie_in(&tree.root, &["index", "--json", "--detach"]);
    output.expect_code(0);
    let mut wire = daemon.connect();
    // A second request joins the detached job, or finds everything unchanged after it.
    let (id, JobAccepted { .. }) = start_index(&mut wire, &tree.root, 0);
    assert_eq!(wait_end(&mut wire, id).r#type, EventType::COMPLETE);
}
