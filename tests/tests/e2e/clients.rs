//! Clients that die, stop or never read, and what that does to jobs and to other clients: nothing.

use std::time::{Duration, Instant};

use vigie_proto::{
    DumpQuery, EventType, Failure, Freshness, Message as _, ProgressEvent, ProjectEvent, QuerySummary, Resync,
    Snapshot, Stage, Subscribe, SymbolMode, SymbolQuery, Target, TextQuery, decode,
};
use vigie_tests::{SourceTree, TestEnv, Wire, resident_bytes, resident_bytes_peak, resume, suspend};

use crate::support::{
    ended, index, is_terminal, start_index, start_index_detached, subscribe, wait_end, wait_event, wait_job, wait_stage,
};

#[test]
fn p1_a_killed_client_changes_nothing() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 600, 12_000, 30);
    let mut client = env.spawn_vigie_in(&tree.root, &["index", "--json"]);
    let event = wait_stage(&mut client, "indexing");
    assert!(!is_terminal(&event), "{event}");
    client.kill();
    let job = event["job"].as_u64().expect("a job id");
    let mut wire = daemon.connect();
    let end = wait_job(&mut wire, job);
    assert_eq!(end.r#type, EventType::COMPLETE, "{end:?}");
    assert_eq!(end.stats.map(|stats| stats.files_indexed), Some(600));
}

/// Subscriptions to everything, files too, that are never read.
fn deaf_subscribers(daemon: &vigie_tests::Daemon<'_>, count: usize) -> Vec<(Wire, u64)> {
    let subscribe = |_| {
        let mut wire = daemon.connect();
        let id = wire.send(&Subscribe { files: true, ..Subscribe::default() }).expect("the request is sent");
        (wire, id)
    };
    (0..count).map(subscribe).collect()
}

#[test]
fn p2_the_indexer_never_waits_for_a_client() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 3000, 1500, 31);
    let deaf = deaf_subscribers(&daemon, 40);
    let stopped: Vec<_> = (0..3).map(|_| env.spawn_vigie_in(&tree.root, &["events", "--json"])).collect();
    stopped.iter().for_each(|client| suspend(client.pid()));
    let before = resident_bytes(daemon.pid());
    let event = index(&env, &tree.root);
    assert_eq!(event["stats"]["files_indexed"], 3000, "{event}");
    let growth = resident_bytes_peak(daemon.pid()).saturating_sub(before);
    assert!(growth < 256 << 20, "the daemon grew by {growth} bytes");
    stopped.iter().for_each(|client| resume(client.pid()));
    drop(deaf);
}

/// What one frame of a subscription that had not been read for long says.
#[derive(Debug, PartialEq)]
enum Heard {
    Resync,
    /// Jobs that this frame says have ended.
    Ended(Vec<u64>),
}

/// Reads the next frame and checks that nothing was lost silently: `seq` is that of the last state event known.
#[track_caller]
fn hear(wire: &mut Wire, id: u64, seq: &mut Option<u64>) -> Heard {
    let frame = wire.next_frame().expect("the stream goes on");
    if frame.header.id != id {
        return Heard::Ended(Vec::new());
    }
    let mut events = Vec::new();
    match frame.header.kind {
        kind if kind == Resync::KIND => {
            let resync: Resync = decode(&frame.body).expect("a resync");
            assert!(resync.dropped > 0, "a resync says how much was lost");
            *seq = None;
            return Heard::Resync;
        }
        kind if kind == Snapshot::KIND => {
            let snapshot: Snapshot = decode(&frame.body).expect("a snapshot");
            *seq = Some(snapshot.seq);
            events = snapshot.jobs;
        }
        kind if kind == ProjectEvent::KIND => {
            let event: ProjectEvent = decode(&frame.body).expect("a project event");
            check_next(seq, event.seq);
        }
        kind if kind == ProgressEvent::KIND => {
            let event: ProgressEvent = decode(&frame.body).expect("a progress event");
            if !event.sample {
                check_next(seq, event.seq);
            }
            events.push(event);
        }
        _ => {}
    }
    Heard::Ended(events.iter().filter(|event| ended(event)).map(|event| event.job).collect())
}

#[track_caller]
fn check_next(seq: &mut Option<u64>, next: u64) {
    let last = seq.expect("after a resync a snapshot comes first");
    assert_eq!(next, last + 1, "no silent loss");
    *seq = Some(next);
}

/// Jobs whose events are more than a socket's buffer and the daemon's queue for a connection hold.
const STALLED_JOBS: usize = 300;

#[test]
fn p2_a_stalled_subscriber_is_resynchronized() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("buoy"), 1, 200, 32);
    let mut stalled = daemon.connect();
    let stalled_id = stalled.send(&Subscribe::default()).expect("the request is sent");
    let mut wire = daemon.connect();
    for _ in 0..STALLED_JOBS {
        let (id, _) = start_index(&mut wire, &tree.root, 0);
        assert_eq!(wait_end(&mut wire, id).r#type, EventType::COMPLETE);
    }
    let mut seq = None;
    while hear(&mut stalled, stalled_id, &mut seq) != Heard::Resync {}
    let last = start_index_detached(&mut wire, &tree.root).job;
    loop {
        match hear(&mut stalled, stalled_id, &mut seq) {
            Heard::Ended(jobs) if jobs.contains(&last) => break,
            Heard::Ended(_) | Heard::Resync => {}
        }
    }
}

#[test]
fn p6_queries_answer_while_a_job_runs() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 33);
    let (mut watcher, mut asker) = (daemon.connect(), daemon.connect());
    let (id, accepted) = start_index(&mut watcher, &tree.root, 0);
    wait_event(&mut watcher, id, |event| event.stage == Stage::INDEXING && event.current > 0);
    let target = Target { path: accepted.root.clone(), ..Target::default() };
    let text = TextQuery { target: target.clone(), pattern: "logbook_42:".to_owned(), ..TextQuery::default() };
    let begun = Instant::now();
    let answer = asker.ask(&text).expect("text answers");
    let took = begun.elapsed();
    let rows: Vec<vigie_proto::TextRows> = answer.all();
    assert_eq!(rows.iter().map(|page| page.rows.len()).sum::<usize>(), 1, "scanned files are searchable");
    let summary: QuerySummary = answer.one();
    let symbols =
        SymbolQuery { target, query: "voyage".to_owned(), mode: SymbolMode::SUBSTRING, ..SymbolQuery::default() };
    let structure: QuerySummary = asker.ask(&symbols).expect("symbols answer").one();
    let (_, snapshot) = subscribe(&mut asker, &Subscribe { job: accepted.job, ..Subscribe::default() });
    assert!(snapshot.jobs.iter().all(|event| !crate::support::ended(event)), "the job outlived the queries");
    for summary in [&summary, &structure] {
        assert_eq!(summary.freshness, Freshness::INDEXING, "{summary:?}");
        assert!(!summary.coverage.complete && summary.coverage.structure_pending > 0, "{summary:?}");
        assert!(summary.generation > 0, "{summary:?}");
    }
    assert!(took < Duration::from_secs(5), "text took {took:?}");
    assert_eq!(wait_end(&mut watcher, id).r#type, EventType::COMPLETE);
    let summary: QuerySummary = daemon.connect().ask(&text).expect("text answers").one();
    assert_ne!(summary.freshness, Freshness::INDEXING, "{summary:?}");
    assert!(summary.coverage.complete, "{summary:?}");
}

#[test]
fn p6_a_client_that_does_not_read_its_answer_stops_nobody() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 300, 8000, 34);
    index(&env, &tree.root);
    let target = Target { path: tree.root.to_str().expect("the path is UTF-8").into(), ..Target::default() };
    let mut deaf: Vec<Wire> = (0..12).map(|_| daemon.connect()).collect();
    for wire in &mut deaf {
        wire.send(&DumpQuery { target: target.clone(), ..DumpQuery::default() }).expect("the request is sent");
        wire.send(&TextQuery { target: target.clone(), pattern: ".".to_owned(), ..TextQuery::default() })
            .expect("sent");
    }
    let mut wire = daemon.connect();
    for _ in 0..20 {
        let query = TextQuery { target: target.clone(), pattern: "logbook_7:".to_owned(), ..TextQuery::default() };
        let summary: QuerySummary = wire.ask(&query).expect("text answers").one();
        assert_eq!(summary.rows, 1);
    }
    // A store that others are slow to read from can still be written.
    std::fs::write(tree.root.join("new.rs"), "pub fn commissioned() {}\n").expect("the tree is ours");
    let accepted = start_index_detached(&mut wire, &tree.root);
    assert_eq!(wait_job(&mut wire, accepted.job).r#type, EventType::COMPLETE);
    assert!(resident_bytes_peak(daemon.pid()) < 512 << 20);
    // Who reads after all gets the whole answer.
    let ids_seen = deaf[0].next_frame().expect("the answer is still there").header;
    assert!(ids_seen.kind != Failure::KIND, "it is no failure");
}
