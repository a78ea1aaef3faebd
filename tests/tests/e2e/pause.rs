//! Pausing a job and having it go on: nothing of it runs meanwhile, nothing is lost, and whoever asks is not kept waiting.

use std::path::Path;
use std::time::{Duration, Instant};

use vigie_proto::{
    CancelAck, CancelJob, EventType, JobRow, JobRows, JobState, ListJobs, PauseAck, PauseJob, ProgressEvent, ResumeJob,
    Stage, Status, StatusReply, Subscribe, Target,
};
use vigie_tests::{Daemon, SourceTree, TestEnv, Wire, child_pids, wait_gone};

use crate::support::{
    check_same_dump, dump, dump_from_scratch, ended, index, start_index, subscribe, wait_end, wait_event, wait_job,
};

fn long_tree(env: &TestEnv, seed: u64) -> SourceTree {
    SourceTree::generate(&env.project("fleet"), 1200, 12_000, seed)
}

#[track_caller]
fn pause(wire: &mut Wire, job: u64) -> PauseAck {
    wire.ask(&PauseJob { job, ..PauseJob::default() }).expect("it answers").one()
}

#[track_caller]
fn resume(wire: &mut Wire, job: u64) -> PauseAck {
    wire.ask(&ResumeJob { job, ..ResumeJob::default() }).expect("it answers").one()
}

#[track_caller]
fn listed(wire: &mut Wire, job: u64) -> JobRow {
    let answer = wire.ask(&ListJobs { ended_max: 100, ..ListJobs::default() }).expect("it answers");
    let rows = answer.all::<JobRows>().into_iter().flat_map(|page| page.rows);
    rows.into_iter().find(|row| row.job == job).expect("the job is listed")
}

/// Starts a job, and pauses it while it parses; the stream that follows it, and its number.
#[track_caller]
fn paused(daemon: &Daemon<'_>, root: &Path) -> (Wire, u64, u64) {
    let mut follower = daemon.connect();
    let (id, accepted) = start_index(&mut follower, root, 0);
    wait_event(&mut follower, id, |event| event.stage == Stage::INDEXING && event.current > 0);
    let workers = child_pids(daemon.pid());
    let ack = pause(&mut daemon.connect(), accepted.job);
    assert_eq!((ack.job, ack.state, ack.ended), (accepted.job, JobState::PAUSED, None));
    let event = wait_event(&mut follower, id, |event| event.state == JobState::PAUSED);
    assert!(!event.sample && event.message.contains("vigie resume"), "{event:?}");
    for worker in workers {
        assert!(wait_gone(worker, Duration::from_secs(10)), "worker {worker} goes on");
    }
    (follower, id, accepted.job)
}

#[test]
fn a_paused_job_lets_go_of_everything_and_goes_on_where_it_was() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 300);
    let (mut follower, id, job) = paused(&daemon, &tree.root);
    let mut wire = daemon.connect();
    assert_eq!(pause(&mut wire, job).state, JobState::PAUSED, "a second time changes nothing");
    let row = listed(&mut wire, job);
    assert_eq!(row.state, JobState::PAUSED);
    let target = Target { path: tree.root.to_str().expect("UTF-8").into(), ..Target::default() };
    let status: StatusReply = wire.ask(&Status { target, ..Status::default() }).expect("it answers").one();
    assert_eq!(status.jobs.iter().map(|job| job.state).collect::<Vec<_>>(), [JobState::PAUSED]);
    assert!(status.coverage.structure_pending > 0, "it is not done: {:?}", status.coverage);

    // Nobody else is held up: another project is indexed to its end.
    let other = SourceTree::generate(&env.project("other"), 20, 1000, 301);
    assert_eq!(index(&env, &other.root)["type"], "complete");
    assert_eq!(listed(&mut wire, job).state, JobState::PAUSED);

    let ack = resume(&mut wire, job);
    assert!([JobState::QUEUED, JobState::RUNNING].contains(&ack.state), "{ack:?}");
    // One stream, from before the pause to the end.
    let (mut last, mut ends) = (0, 0);
    loop {
        let event: ProgressEvent = follower.next(id).expect("the event comes");
        assert!(event.permille >= last, "the share of the work falls from {last} to {}", event.permille);
        last = event.permille;
        if ended(&event) {
            ends += 1;
            assert_eq!(event.r#type, EventType::COMPLETE, "{event:?}");
            break;
        }
    }
    assert_eq!((ends, last), (1, 1000));
    assert_eq!(resume(&mut wire, job).ended.map(|event| event.r#type), Some(EventType::COMPLETE), "too late is said");
    check_same_dump("after a pause", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}

#[test]
fn p7_a_paused_job_is_paused_after_a_crash_and_is_cancelled_like_any_other() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 302);
    let (follower, _, job) = paused(&daemon, &tree.root);
    drop(follower);
    daemon.kill();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let mut wire = daemon.connect();
    let (id, snapshot) = subscribe(&mut wire, &Subscribe { job, ..Subscribe::default() });
    assert_eq!(snapshot.jobs.iter().map(|event| event.state).collect::<Vec<_>>(), [JobState::PAUSED]);
    assert!(snapshot.jobs[0].permille > 0, "what was done is done: {:?}", snapshot.jobs);
    assert_eq!(child_pids(daemon.pid()), Vec::<u32>::new(), "nothing of it runs");
    assert!(daemon.stop(), "a paused job holds up no end");

    // Also after an end in order.
    let daemon = env.start_daemon(&["--workers", "1"]);
    drop((wire, id));
    let mut wire = daemon.connect();
    assert_eq!(listed(&mut wire, job).state, JobState::PAUSED);
    let mut follower = daemon.connect();
    let (id, _) = subscribe(&mut follower, &Subscribe { job, ..Subscribe::default() });
    let ack: CancelAck = wire.ask(&CancelJob { job, ..CancelJob::default() }).expect("it answers").one();
    assert_eq!(ack.state, JobState::CANCELLED);
    let end = wait_end(&mut follower, id);
    assert_eq!(end.r#type, EventType::CANCELLED, "{end:?}");
    assert_eq!(pause(&mut wire, job).state, JobState::CANCELLED, "it stays ended");
    daemon.kill();
    let daemon = env.start_daemon(&[]);
    let again = wait_job(&mut daemon.connect(), job);
    assert_eq!((again.r#type, again.timestamp_ms), (end.r#type, end.timestamp_ms), "one end, for ever");
}

#[test]
fn a_question_does_not_wait_for_a_paused_job_and_says_why_it_is_partial() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 303);
    let (_follower, _, job) = paused(&daemon, &tree.root);
    // What is last in the order of work is not parsed yet.
    let begun = Instant::now();
    let output = env.vigie_in(&tree.root, &["symbols", "moor"]);
    output.expect_code(3).expect_stderr(&format!("vigie resume {job}"));
    let dumped = env.vigie_in(&tree.root, &["dump"]);
    dumped.expect_code(3);
    let fresh = env.vigie_in(&tree.root, &["def", "--fresh", "no_such_name_anywhere"]);
    fresh.check([1, 3].contains(&fresh.code), "an answer");
    assert!(begun.elapsed() < Duration::from_secs(60), "it was waited for: {:?}", begun.elapsed());
    assert_eq!(listed(&mut daemon.connect(), job).state, JobState::PAUSED, "no question has it go on");
}

#[test]
fn indexing_again_has_a_paused_job_go_on_and_says_so() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 304);
    let (mut follower, id, job) = paused(&daemon, &tree.root);
    let output = env.vigie_in(&tree.root, &["index"]);
    output.expect_code(0).expect_stderr(&format!("joined job {job}, which was paused and goes on now"));
    assert_eq!(wait_end(&mut follower, id).r#type, EventType::COMPLETE);
}

#[test]
fn the_commands_pause_and_resume() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = long_tree(&env, 305);
    let mut follower = daemon.connect();
    let (id, accepted) = start_index(&mut follower, &tree.root, 0);
    let job = accepted.job.to_string();
    let output = env.vigie_in(&tree.root, &["pause", &job]);
    output.expect_code(0).check(output.text().contains(&format!("vigie resume {job}")), "how it goes on");
    let jobs = env.vigie_in(&tree.root, &["jobs"]);
    jobs.expect_code(0).check(jobs.text().contains("paused"), "the state");
    let json = env.vigie_in(&tree.root, &["pause", "--json", &job]).json();
    assert_eq!((&json[0]["type"], &json[0]["state"]), (&"pause".into(), &"paused".into()), "{json:?}");
    env.vigie_in(&tree.root, &["resume", &job]).expect_code(0);
    assert_eq!(wait_end(&mut follower, id).r#type, EventType::COMPLETE);
    let late = env.vigie_in(&tree.root, &["pause", &job]);
    late.expect_code(0).check(late.text().contains("had ended already"), "that it is too late");
    env.vigie_in(&tree.root, &["pause", "987654"]).expect_code(2).expect_stderr("987654");
}

#[test]
fn a_paused_job_keeps_no_idle_daemon() {
    let env = TestEnv::new();
    let config = env.home().join(".config/vigie");
    std::fs::create_dir_all(&config).expect("home is ours");
    std::fs::write(config.join("config.toml"), "idle_exit = \"3s\"\n").expect("home is ours");
    let tree = long_tree(&env, 307);
    let mut daemon = env.start_daemon(&["--workers", "1"]);
    let (follower, _, job) = paused(&daemon, &tree.root);
    drop(follower);
    assert!(daemon.wait(), "it ends, since there is nothing to do\n{}", env.logs());
    let daemon = env.start_daemon(&["--workers", "1"]);
    assert_eq!(listed(&mut daemon.connect(), job).state, JobState::PAUSED);
}

#[test]
fn pausing_and_resuming_at_random_moments_loses_nothing() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "2"]);
    let tree = SourceTree::generate(&env.project("fleet"), 400, 6_000, 306);
    let mut follower = daemon.connect();
    let (id, accepted) = start_index(&mut follower, &tree.root, 0);
    let mut wire = daemon.connect();
    let mut random = vigie_tests::Rng::new(306);
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(random.below(40) as u64));
        if pause(&mut wire, accepted.job).ended.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(random.below(30) as u64));
        resume(&mut wire, accepted.job);
    }
    resume(&mut wire, accepted.job);
    let mut ends = 0;
    let answer = follower.answer(id).expect("the stream ends");
    for event in answer.all::<ProgressEvent>() {
        ends += u32::from(ended(&event));
    }
    assert_eq!(ends, 1, "exactly one end");
    check_same_dump("after many pauses", &dump(&env, &tree.root), &dump_from_scratch(&tree.root));
}
