//! Steps that many tests take.

use std::path::{Path, PathBuf};

use serde_json::Value;
use vigie_proto::{Index, JobAccepted, ProgressEvent, Snapshot, Stage, Subscribe, job_flag};
use vigie_tests::{Git, Output, Running, TestEnv, Wire, WireError};

/// Whether an event is the last of its job.
pub(crate) fn is_terminal(event: &Value) -> bool {
    matches!(event["type"].as_str(), Some("complete" | "error" | "cancelled"))
}

/// Whether an event is the last of its job.
pub(crate) fn ended(event: &ProgressEvent) -> bool {
    event.r#type != vigie_proto::EventType::PROGRESS
}

/// Indexes a project to its end and returns the terminal event.
#[track_caller]
pub(crate) fn index(env: &TestEnv, root: &Path) -> Value {
    let output = env.vigie_in(root, &["index", "--json"]);
    output.expect_code(0);
    terminal(&output)
}

/// The one terminal event of an event stream.
#[track_caller]
pub(crate) fn terminal(output: &Output) -> Value {
    let events = output.json();
    let count = events.iter().filter(|event| is_terminal(event)).count();
    output.check(count == 1, "exactly one terminal event");
    let last = events.last().cloned().unwrap_or_default();
    output.check(is_terminal(&last), "the terminal event last");
    last
}

/// The dump of a project.
#[track_caller]
pub(crate) fn dump(env: &TestEnv, root: &Path) -> Vec<u8> {
    let output = env.vigie_in(root, &["dump"]);
    output.expect_code(0);
    output.check(!output.stdout.is_empty(), "some lines");
    output.stdout
}

/// The dump of a project as somebody who never indexed it before would have it.
#[track_caller]
pub(crate) fn dump_from_scratch(root: &Path) -> Vec<u8> {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    index(&env, root);
    dump(&env, root)
}

/// Fails, naming the first line that differs, unless two dumps are equal.
#[track_caller]
pub(crate) fn check_same_dump(what: &str, found: &[u8], expected: &[u8]) {
    if found == expected {
        return;
    }
    let lines = |dump: &[u8]| dump.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (found, expected) = (lines(found), lines(expected));
    let missing = expected.iter().filter(|line| !found.contains(line)).take(3).collect::<Vec<_>>();
    let extra = found.iter().filter(|line| !expected.contains(line)).take(3).collect::<Vec<_>>();
    let text =
        |lines: Vec<&Vec<u8>>| lines.into_iter().map(|l| String::from_utf8_lossy(l).into_owned()).collect::<Vec<_>>();
    panic!(
        "{what}: {} lines, from scratch {}; missing {:#?}; extra {:#?}",
        found.len(),
        expected.len(),
        text(missing),
        text(extra)
    );
}

/// Asks for a project to be indexed and returns the request's id and what the daemon accepted.
#[track_caller]
pub(crate) fn start_index(wire: &mut Wire, root: &Path, flags: u16) -> (u64, JobAccepted) {
    use std::os::unix::ffi::OsStrExt as _;
    let request = Index { path: root.as_os_str().as_bytes().into(), flags, ..Index::default() };
    let id = wire.send(&request).expect("the request is sent");
    let accepted = wire.next::<JobAccepted>(id).expect("the job is accepted");
    (id, accepted)
}

/// Asks for a project to be indexed and does not listen.
#[track_caller]
pub(crate) fn start_index_detached(wire: &mut Wire, root: &Path) -> JobAccepted {
    start_index(wire, root, job_flag::DETACH).1
}

/// Subscribes to one job and returns the request's id and the snapshot.
#[track_caller]
pub(crate) fn subscribe(wire: &mut Wire, request: &Subscribe) -> (u64, Snapshot) {
    let id = wire.send(request).expect("the request is sent");
    let snapshot = wire.next::<Snapshot>(id).expect("a snapshot comes first");
    (id, snapshot)
}

/// Waits for the terminal event of the one job that a request watches.
#[track_caller]
pub(crate) fn wait_end(wire: &mut Wire, id: u64) -> ProgressEvent {
    wait_event(wire, id, ended)
}

/// Waits for an event that fits; a job that ends before is a failure.
#[track_caller]
pub(crate) fn wait_event(wire: &mut Wire, id: u64, fits: impl Fn(&ProgressEvent) -> bool) -> ProgressEvent {
    loop {
        let event = wire.next::<ProgressEvent>(id).expect("the event comes");
        if fits(&event) {
            return event;
        }
        assert!(!ended(&event), "the job ended before the event came: {event:?}");
    }
}

/// Waits until a job has done `percent` of a stage, or has left the stage. Says whether the job still runs.
pub(crate) fn wait_progress(wire: &mut Wire, id: u64, stage: Stage, percent: u64) -> Result<bool, WireError> {
    loop {
        let event = wire.next::<ProgressEvent>(id)?;
        let reached = event.stage == stage && event.current * 100 >= event.total * percent && event.total > 0;
        if ended(&event) || reached || event.stage > stage {
            return Ok(!ended(&event));
        }
    }
}

/// Waits for the terminal event of a job, ended or not.
#[track_caller]
pub(crate) fn wait_job(wire: &mut Wire, job: u64) -> ProgressEvent {
    let (id, snapshot) = subscribe(wire, &Subscribe { job, ..Subscribe::default() });
    match snapshot.jobs.into_iter().find(ended) {
        Some(event) => event,
        None => wait_end(wire, id),
    }
}

/// Waits for an event of a stage in the JSON lines of a running command.
#[track_caller]
pub(crate) fn wait_stage(running: &mut Running, stage: &str) -> Value {
    running.wait_for(&format!("stage {stage}"), |event| event["stage"] == stage)
}

/// Writes files and the directories above them.
#[track_caller]
pub(crate) fn write_files(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a directory")).expect("the tree is ours");
        std::fs::write(path, text).expect("the tree is ours");
    }
}

/// A project of these files, indexed.
pub(crate) fn indexed(env: &TestEnv, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = env.project(name);
    write_files(&root, files);
    index(env, &root);
    root
}

/// A repository of these files, committed.
pub(crate) fn repository(env: &TestEnv, git: &Git, files: &[(&str, &str)]) -> PathBuf {
    let root = env.project("harbour");
    write_files(&root, files);
    git.run(&root, &["init", "-q"]);
    git.commit(&root, "one");
    root
}
