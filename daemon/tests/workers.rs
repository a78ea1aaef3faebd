//! The worker processes, seen from the indexer's side of the pool: the same answers as in this process, and nothing
//! lost when workers are killed, crash, overrun their budgets or are no longer wanted.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use vigie_core::extract::lane::{Extraction, Extractors, InProcess, LANE_IN_FLIGHT_MAX, Lane, LaneError, Task};
use vigie_core::facts::PackedFacts;
use vigie_core::index::{JobControl, Stop};
use vigie_core::kinds::Language;
use vigied::workers::WorkerPool;

/// The grammar looks for the end of this raw string from each of its beginnings: time grows with the square of the
/// length.
const QUADRATIC_RUST: &str = "r#\"";

/// Less than what the slow file may have that a small one may not.
const GRAMMARS_BYTES_MAX: u64 = 8 << 20;

/// Longest that a test waits for something that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

fn pool(count: usize) -> (WorkerPool, Arc<JobControl>) {
    let control = Arc::new(JobControl::default());
    let pool = WorkerPool::new(count, Arc::clone(&control)).with_executable(env!("CARGO_BIN_EXE_vigied"));
    (pool, control)
}

fn task(language: Language, source: impl AsRef<[u8]>) -> Task {
    Task { path: b"file".as_slice().into(), language, source: source.as_ref().into() }
}

fn small() -> Task {
    task(Language::Rust, "fn small() { other(); }")
}

fn small_facts() -> PackedFacts {
    let mut lane = InProcess.lane().unwrap();
    lane.send(small()).unwrap();
    facts(lane.receive().unwrap())
}

/// Takes more CPU time than any of these tests, except the one that waits for its budget to end.
fn slow() -> Task {
    task(Language::Rust, QUADRATIC_RUST.repeat(100_000))
}

fn facts(extraction: Extraction) -> PackedFacts {
    match extraction {
        Extraction::Facts(facts) => facts,
        Extraction::Failed(reason) => panic!("no facts: {reason}"),
    }
}

fn reason(extraction: Extraction) -> String {
    match extraction {
        Extraction::Facts(_) => panic!("facts where there should be none"),
        Extraction::Failed(reason) => reason,
    }
}

/// The Rust sources of this workspace.
fn real_files() -> Vec<Task> {
    fn visit(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                visit(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    for package in ["../proto", "../daemon", "../client"] {
        visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join(package), &mut paths);
    }
    paths.sort();
    assert!(paths.len() > 30, "{} files are too few for this test", paths.len());
    paths.iter().map(|path| task(Language::Rust, fs::read(path).unwrap())).collect()
}

/// Extracts in order, with as many in flight as a lane may hold.
fn run(lane: &mut dyn Lane, tasks: &[Task]) -> Vec<PackedFacts> {
    let mut answers = Vec::new();
    for (sent, task) in tasks.iter().enumerate() {
        if sent >= LANE_IN_FLIGHT_MAX {
            answers.push(facts(lane.receive().unwrap()));
        }
        lane.send(task.clone()).unwrap();
    }
    while answers.len() < tasks.len() {
        answers.push(facts(lane.receive().unwrap()));
    }
    answers
}

/// Extracts with two lanes, each in a thread of its own and each half of the files.
fn run_in_two_lanes(extractors: &dyn Extractors, tasks: &[Task]) -> Vec<PackedFacts> {
    let (first, second) = tasks.split_at(tasks.len() / 2);
    thread::scope(|scope| {
        let half = scope.spawn(|| run(&mut *extractors.lane().unwrap(), first));
        let rest = run(&mut *extractors.lane().unwrap(), second);
        [half.join().unwrap(), rest].concat()
    })
}

fn signal(pid: u32, signal: Signal) {
    // A worker that ended by itself is no longer there to be signalled.
    let _gone = kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), signal);
}

fn soft_limit(pid: u32, name: &str) -> Option<u64> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Waits for a worker, other than those seen, that has begun with `task`; its data limit tells, which is that of the file and of what the
/// worker keeps of grammars.
fn worker_busy_with(task: &Task, pool: &WorkerPool, seen: &mut BTreeSet<u32>) -> u32 {
    let data_bytes = (64 << 20) + 32 * task.source.len() as u64;
    let data_bytes = data_bytes..=data_bytes + GRAMMARS_BYTES_MAX;
    let busy = |pid: &u32| soft_limit(*pid, "Max data size").is_some_and(|limit| data_bytes.contains(&limit));
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(pid) = pool.pids().into_iter().find(|pid| !seen.contains(pid) && busy(pid)) {
            seen.insert(pid);
            return pid;
        }
        assert!(Instant::now() < deadline, "no worker began within {PATIENCE:?}; seen so far: {seen:?}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal to each worker that begins with the slow file, `times` times, while the lane works on it and a small
/// one.
fn disturb_slow_file(disturbance: Signal, times: usize) -> (Extraction, Extraction) {
    let (pool, _control) = pool(1);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut seen = BTreeSet::new();
            (0..times).for_each(|_| signal(worker_busy_with(&slow(), &pool, &mut seen), disturbance));
        });
        let mut lane = pool.lane().unwrap();
        lane.send(slow()).unwrap();
        lane.send(small()).unwrap();
        (lane.receive().unwrap(), lane.receive().unwrap())
    })
}

fn assert_gone(pids: &[u32]) {
    for pid in pids {
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "worker {pid} is still there, if only as a zombie");
    }
}

#[test]
fn two_lanes_answer_as_this_process_does() {
    let tasks = real_files();
    let (pool, _control) = pool(2);
    let expected = run_in_two_lanes(&InProcess, &tasks);
    assert!(expected.iter().any(|facts| *facts != PackedFacts::default()));
    assert_eq!(run_in_two_lanes(&pool, &tasks), expected);
    assert!(pool.pids().is_empty());
}

#[test]
fn p9_workers_killed_from_outside_change_nothing() {
    let tasks = real_files();
    let expected = run_in_two_lanes(&InProcess, &tasks);
    let (pool, _control) = pool(2);
    let done = AtomicBool::new(false);
    let (answers, killed) = thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut killed = BTreeSet::new();
            // Not so many that on a slow machine five in a row end before they are ready, which is a fault of its own.
            while !done.load(Ordering::Relaxed) && killed.len() < 6 {
                thread::sleep(Duration::from_millis(30));
                let next = pool.pids().into_iter().find(|pid| killed.insert(*pid));
                next.into_iter().for_each(|pid| signal(pid, Signal::KILL));
            }
            killed
        });
        let ended = catch_unwind(AssertUnwindSafe(|| run_in_two_lanes(&pool, &tasks)));
        done.store(true, Ordering::Relaxed);
        let answers = ended.unwrap_or_else(|panic| resume_unwind(panic));
        (answers, killer.join().unwrap())
    });
    assert!(killed.len() >= 2, "only {killed:?} were killed");
    assert_eq!(answers, expected);
    assert_gone(&killed.into_iter().collect::<Vec<_>>());
}

#[test]
fn p9_a_file_that_crashes_twice_fails_and_its_companion_does_not() {
    let (slow, small) = disturb_slow_file(Signal::SEGV, 2);
    assert_eq!(reason(slow), "its grammar crashed (SIGSEGV)");
    assert_eq!(facts(small), small_facts());
}

#[test]
fn p9_a_file_whose_worker_is_always_killed_fails_in_the_end() {
    let (slow, small) = disturb_slow_file(Signal::KILL, 5);
    assert_eq!(reason(slow), "its worker was killed 5 times");
    assert_eq!(facts(small), small_facts());
}

#[test]
fn p9_cpu_time_is_bounded() {
    let (pool, _control) = pool(1);
    let mut lane = pool.lane().unwrap();
    lane.send(slow()).unwrap();
    lane.send(small()).unwrap();
    assert_eq!(reason(lane.receive().unwrap()), "parsing took more than 3 s of CPU time");
    assert_eq!(facts(lane.receive().unwrap()), small_facts());
}

#[test]
fn p9_memory_is_bounded() {
    let (pool, _control) = pool(1);
    let mut lane = pool.lane().unwrap();
    lane.send(small()).unwrap();
    lane.send(task(Language::TypeScript, "a<".repeat(1 << 18))).unwrap();
    assert_eq!(facts(lane.receive().unwrap()), small_facts());
    assert_eq!(reason(lane.receive().unwrap()), "parsing needed more than 80 MiB");
    lane.send(small()).unwrap();
    assert_eq!(facts(lane.receive().unwrap()), small_facts());
}

#[test]
fn p5_cancel_ends_a_file_in_work_and_leaves_no_process() {
    let (pool, control) = pool(1);
    let mut lane = pool.lane().unwrap();
    lane.send(slow()).unwrap();
    lane.send(small()).unwrap();
    let (stopped_at, pid) = thread::scope(|scope| {
        let canceller = scope.spawn(|| {
            let pid = worker_busy_with(&slow(), &pool, &mut BTreeSet::new());
            control.stop(Stop::Cancel);
            (Instant::now(), pid)
        });
        assert!(matches!(lane.receive(), Err(LaneError::Cancelled)));
        canceller.join().unwrap()
    });
    assert!(stopped_at.elapsed() < Duration::from_millis(250), "it took {:?}", stopped_at.elapsed());
    assert_gone(&[pid]);
    assert!(pool.pids().is_empty());
    assert!(matches!(lane.send(small()), Err(LaneError::Cancelled)));
}

#[test]
fn a_dropped_lane_takes_its_worker_with_it() {
    let (pool, _control) = pool(1);
    let mut lane = pool.lane().unwrap();
    assert!(pool.pids().is_empty(), "a worker was started before it was needed");
    lane.send(slow()).unwrap();
    let pids = pool.pids();
    assert_eq!(pids.len(), 1);
    drop(lane);
    assert_gone(&pids);
    assert!(pool.pids().is_empty());
}

#[test]
fn two_files_of_the_largest_size_pass_at_once() {
    let (pool, _control) = pool(1);
    let blank = task(Language::C, vec![b'\n'; 16 << 20]);
    let tasks = [blank.clone(), blank, small()];
    assert_eq!(run(&mut *pool.lane().unwrap(), &tasks)[2], small_facts());
}

#[test]
fn what_does_not_fit_is_refused() {
    let (pool, _control) = pool(1);
    let mut lane = pool.lane().unwrap();
    assert!(matches!(pool.lane(), Err(LaneError::Unavailable(_))), "a second lane of one");
    assert!(matches!(lane.receive(), Err(LaneError::Unavailable(_))), "an answer to nothing");
    let oversize = task(Language::C, vec![b'\n'; (16 << 20) + 1]);
    assert!(matches!(lane.send(oversize), Err(LaneError::Unavailable(_))), "a file above the limit");
    drop(lane);
    assert!(pool.lane().is_ok(), "the place of a dropped lane is free");
}

#[test]
fn workers_that_cannot_run_are_reported_and_blame_no_file() {
    let attempt = |executable: &str| {
        let pool = pool(1).0.with_executable(executable);
        let mut lane = pool.lane().unwrap();
        let answer = lane.send(small()).and_then(|()| lane.receive());
        answer.map(|_| ()).unwrap_err().to_string()
    };
    let missing = attempt("/nonexistent/vigied");
    assert!(missing.contains("No such file"), "{missing}");
    // The shell takes the argument for the name of a script, and there is none.
    let failing = attempt("/bin/sh");
    assert!(failing.contains("its worker ended with exit code"), "{failing}");
}

#[test]
fn p9_a_worker_gives_up_its_rights() {
    // An end that the worker inherits and keeps open would hold back the end of this stream.
    let (mut reader, writer) = std::io::pipe().unwrap();
    let inheritable = rustix::io::dup(&writer).unwrap();
    let (pool, _control) = pool(1);
    let mut lane = pool.lane().unwrap();
    lane.send(small()).unwrap();
    lane.receive().unwrap();
    drop((writer, inheritable));
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);

    let pid = pool.pids()[0];
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    assert!(status.contains("NoNewPrivs:\t1"), "{status}");
    assert_eq!(soft_limit(pid, "Max core file size"), Some(0));
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let (nice, policy) = (fields[16], fields[38]);
    assert!(nice.parse::<i32>().unwrap() >= 10, "nice is {nice}");
    assert_eq!(policy, "3", "not SCHED_BATCH");
}

#[test]
fn a_worker_of_single_files_waits_for_the_next_and_hurries() {
    let pool = WorkerPool::for_single_files().with_executable(env!("CARGO_BIN_EXE_vigied"));
    let parse = || {
        let mut lane = pool.lane().unwrap();
        lane.send(small()).unwrap();
        facts(lane.receive().unwrap())
    };
    // As refreshes do: each from a thread of its own, which ends.
    let parse_apart = || thread::scope(|scope| scope.spawn(parse).join().unwrap());
    assert_eq!(parse_apart(), small_facts());
    let pids = pool.pids();
    assert_eq!(pids.len(), 1);
    for _ in 0..3 {
        assert_eq!(parse_apart(), small_facts());
        assert_eq!(pool.pids(), pids, "another worker was started");
    }
    let stat = |pid: &str| fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let priority = |stat: &str| {
        let fields: Vec<String> = stat.rsplit(')').next().unwrap().split_whitespace().map(str::to_owned).collect();
        (fields[16].clone(), fields[38].clone())
    };
    assert_eq!(priority(&stat(&pids[0].to_string())), priority(&stat("self")));
    pool.let_go(PATIENCE);
    assert_eq!(pool.pids(), pids);
    pool.let_go(Duration::ZERO);
    assert_gone(&pids);
}

#[test]
fn what_is_foreseen_is_parsed_once_and_holds_up_nobody() {
    let pool = WorkerPool::for_single_files().with_executable(env!("CARGO_BIN_EXE_vigied"));
    let (old, new) = (task(Language::Python, "def old(): pass\n"), task(Language::Python, "def new(): other()\n"));
    let alone = |task: &Task| run(&mut *InProcess.lane().unwrap(), std::slice::from_ref(task));
    pool.foresee(old.clone());
    let pids = pool.pids();
    assert_eq!(pids.len(), 1, "it is begun before anybody asks");
    // Asked for as it was foreseen, as it is now, and among others.
    for wanted in [&old, &new] {
        pool.foresee(old.clone());
        pool.foresee(old.clone());
        let tasks = [wanted, &new, &old].map(Task::clone);
        let expected: Vec<PackedFacts> = tasks.iter().flat_map(alone).collect();
        assert_eq!(run(&mut *pool.lane().unwrap(), &tasks), expected);
        assert_eq!(pool.pids(), pids, "another worker was started");
    }
    // Something else first: answers come in the order of the questions.
    pool.foresee(old.clone());
    assert_eq!(run(&mut *pool.lane().unwrap(), &[new.clone(), old.clone()]), [alone(&new), alone(&old)].concat());
    // Nobody asked, and then for something else.
    pool.foresee(old);
    drop(pool.lane().unwrap());
    assert_eq!(run(&mut *pool.lane().unwrap(), std::slice::from_ref(&new)), alone(&new));
    assert_eq!(pool.pids(), pids);
    pool.foresee(slow());
    let began = Instant::now();
    assert_eq!(run(&mut *pool.lane().unwrap(), &[small()]), [small_facts()]);
    assert!(began.elapsed() < PATIENCE && pool.pids() != pids, "the slow one is given up");
    // One is at work: it is no time to foresee.
    let pids = pool.pids();
    let mut lane = pool.lane().unwrap();
    lane.send(small()).unwrap();
    pool.foresee(new);
    assert_eq!((pool.pids(), facts(lane.receive().unwrap())), (pids, small_facts()));
}

#[test]
fn a_worker_ends_when_its_input_does() {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_vigied"))
        .arg("worker")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(worker.stdin.take());
    let mut greeting = Vec::new();
    worker.stdout.take().unwrap().read_to_end(&mut greeting).unwrap();
    assert_eq!(greeting, [1, 0, 0, 0, 0]);
    assert!(worker.wait().unwrap().success());
}
