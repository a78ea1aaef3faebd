//! Several clients and one job: joining, attaching late, continuing from a cursor.

use std::fs;

use vigie_proto::{
    EventType, Frame, JobRows, JobState, ListJobs, Message as _, ProgressEvent, ProjectEvent, Resync, Snapshot, Stage,
    Subscribe, decode,
};
use vigie_tests::{SourceTree, TestEnv, Wire};

use crate::support::{ended, index, start_index, start_index_detached, subscribe, wait_end, wait_event, wait_job};

/// Large enough that its job is still running when a second client arrives.
fn long_tree(env: &TestEnv, seed: u64) -> SourceTree {
    SourceTree::generate(&env.project("fleet"), 900, 12_000, seed)
}

#[test]
fn two_clients_share_one_job() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 20);
    let (mut first, mut second) = (daemon.connect(), daemon.connect());
    let (first_id, accepted) = start_index(&mut first, &tree.root, 0);
    assert!(!accepted.joined);
    wait_event(&mut first, first_id, |event| event.stage == Stage::INDEXING);
    let (second_id, joined) = start_index(&mut second, &tree.root, 0);
    assert!(joined.joined, "the second request joins");
    assert_eq!(joined.job, accepted.job);
    let (one, two) = (wait_end(&mut first, first_id), wait_end(&mut second, second_id));
    assert_eq!(one.r#type, EventType::COMPLETE);
    assert_eq!((one.seq, &one.stats), (two.seq, &two.stats), "both see the same end");
    let rows: Vec<JobRows> = first.ask(&ListJobs { ended_max: 100, ..ListJobs::default() }).expect("it answers").all();
    let jobs: Vec<_> = rows.into_iter().flat_map(|page| page.rows).collect();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    assert_eq!(jobs[0].state, JobState::DONE);
}

#[test]
fn a_join_after_an_edit_sees_the_edit() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 21);
    let (mut first, mut second) = (daemon.connect(), daemon.connect());
    let (first_id, _) = start_index(&mut first, &tree.root, 0);
    wait_event(&mut first, first_id, |event| event.stage == Stage::INDEXING);
    fs::write(tree.root.join("late.py"), "def late_arrival():\n    return 'stowaway_found'\n")
        .expect("the tree is ours");
    fs::write(tree.root.join(&tree.files[0]), "pub fn replaced_after_scan() {}\n").expect("the tree is ours");
    fs::remove_file(tree.root.join(&tree.files[7])).expect("the tree is ours");
    let (second_id, _) = start_index(&mut second, &tree.root, 0);
    let end = wait_end(&mut second, second_id);
    assert_eq!(end.r#type, EventType::COMPLETE, "{end:?}");
    for name in ["late_arrival", "replaced_after_scan"] {
        let (rows, _) = env.vigie_in(&tree.root, &["def", "--json", name]).answer();
        assert_eq!(rows.len(), 1, "{name}: {rows:?}");
    }
    env.vigie_in(&tree.root, &["text", "--json", "stowaway_found"]).expect_code(0);
    let (rows, _) = env.vigie_in(&tree.root, &["coverage", "--json"]).answer();
    assert!(rows.iter().all(|row| row["path"] != tree.files[7].as_str()), "the deleted file is gone");
    assert_eq!(rows.len(), tree.files.len());
}

#[test]
fn force_queues_behind_an_unforced_job() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 300, 12_000, 22);
    let (mut first, mut second) = (daemon.connect(), daemon.connect());
    let (first_id, unforced) = start_index(&mut first, &tree.root, 0);
    wait_event(&mut first, first_id, |event| event.stage == Stage::INDEXING);
    let (second_id, forced) = start_index(&mut second, &tree.root, vigie_proto::job_flag::FORCE);
    assert_ne!(forced.job, unforced.job);
    assert!(!forced.joined);
    let (one, two) = (wait_end(&mut first, first_id), wait_end(&mut second, second_id));
    assert!(one.seq < two.seq, "the unforced job ends first");
    assert_eq!(two.stats.map(|stats| stats.files_indexed), Some(300));
}

/// A state event of either kind.
#[derive(Clone, Debug, PartialEq)]
struct StateEvent {
    seq: u64,
    what: String,
    ends: bool,
}

/// Reads a frame as a state event; samples, keep-alives and files are none.
fn state_event(frame: &Frame) -> Option<StateEvent> {
    if frame.header.kind == ProgressEvent::KIND {
        let event: ProgressEvent = decode(&frame.body).expect("a progress event");
        let what = format!("job {} {} {} {}", event.job, event.r#type, event.stage, event.message);
        return (!event.sample).then(|| StateEvent { seq: event.seq, what, ends: ended(&event) });
    }
    if frame.header.kind == ProjectEvent::KIND {
        let event: ProjectEvent = decode(&frame.body).expect("a project event");
        let what = format!("project {} {}", event.r#type, event.generation);
        return Some(StateEvent { seq: event.seq, what, ends: false });
    }
    None
}

/// State events of a subscription to everything, up to the next end of a job.
#[track_caller]
fn events_to_end(wire: &mut Wire, id: u64) -> Vec<StateEvent> {
    let mut events: Vec<StateEvent> = Vec::new();
    while events.last().is_none_or(|event| !event.ends) {
        let frame = wire.next_frame().expect("the stream goes on");
        assert!(frame.header.kind != Resync::KIND, "a client that reads is never resynchronized");
        if frame.header.id == id {
            events.extend(state_event(&frame));
        }
    }
    events
}

#[track_caller]
fn check_gapless(snapshot: &Snapshot, events: &[StateEvent]) {
    let mut last = snapshot.seq;
    for event in events {
        assert_eq!(event.seq, last + 1, "no gap and no repetition after {last}: {event:?}");
        last = event.seq;
    }
}

#[test]
fn p3_late_join_has_no_gaps() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 23);
    let (mut early, mut starter, mut late) = (daemon.connect(), daemon.connect(), daemon.connect());
    let (early_id, early_snapshot) = subscribe(&mut early, &Subscribe::default());
    let (starter_id, accepted) = start_index(&mut starter, &tree.root, 0);
    wait_event(&mut starter, starter_id, |event| event.stage == Stage::INDEXING);
    let (late_id, late_snapshot) = subscribe(&mut late, &Subscribe::default());
    assert!(late_snapshot.seq > early_snapshot.seq);
    let job = late_snapshot.jobs.iter().find(|event| event.job == accepted.job).expect("the snapshot has the job");
    assert_eq!(job.stage, Stage::INDEXING, "{job:?}");
    let (all, rest) = (events_to_end(&mut early, early_id), events_to_end(&mut late, late_id));
    check_gapless(&early_snapshot, &all);
    check_gapless(&late_snapshot, &rest);
    let expected: Vec<_> = all.iter().filter(|event| event.seq > late_snapshot.seq).cloned().collect();
    assert_eq!(rest, expected, "the late client sees what the early one saw");

    let middle = &all[all.len() / 2];
    let request = Subscribe { epoch: early_snapshot.epoch, seq: middle.seq, ..Subscribe::default() };
    let (id, snapshot) = subscribe(&mut late, &request);
    assert!(!snapshot.reset, "the cursor is honoured");
    let replayed = events_to_end(&mut late, id);
    let expected: Vec<_> = all.iter().filter(|event| event.seq > middle.seq).cloned().collect();
    assert_eq!(replayed, expected, "what followed the cursor is sent again");
}

#[test]
fn p3_a_cursor_of_another_epoch_is_reset() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1000, 24);
    index(&env, &tree.root);
    let (mut wire, welcome) = Wire::greeted_by(daemon.socket()).expect("the daemon greets");
    let request = Subscribe { epoch: welcome.epoch + 1000, seq: 1, ..Subscribe::default() };
    let (_, snapshot) = subscribe(&mut wire, &request);
    assert!(snapshot.reset, "{snapshot:?}");
    assert_eq!(snapshot.epoch, welcome.epoch);
    daemon.kill();
    let daemon = env.start_daemon(&[]);
    let (_, next) = Wire::greeted_by(daemon.socket()).expect("the daemon greets");
    assert!(next.epoch > welcome.epoch, "each life has an epoch of its own");
}

#[test]
fn attach_follows_a_running_job_to_its_end() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 25);
    let mut wire = daemon.connect();
    let accepted = start_index_detached(&mut wire, &tree.root);
    let output = env.vigie_in(&tree.root, &["attach", "--json", &accepted.job.to_string()]);
    let event = crate::support::terminal(output.expect_code(0));
    assert_eq!(event["type"], "complete", "{event}");
    assert_eq!(wait_job(&mut wire, accepted.job).r#type, EventType::COMPLETE);
    let output = env.vigie_in(&tree.root, &["attach", "--json", "999999"]);
    output.expect_code(2).expect_stderr("999999");
}
