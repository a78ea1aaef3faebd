//! What the daemon tells of itself: its numbers, who is connected, what took long; and its log.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use vigie_proto::{Activity, ActivityReply, Metrics, MetricsReply, Stage, Subscribe};
use vigie_tests::{SourceTree, TestEnv, Wire, child_pids, resume, skip, suspend};

use crate::support::{index, start_index, subscribe, wait_end, wait_event};

#[track_caller]
fn activity(wire: &mut Wire) -> ActivityReply {
    wire.ask(&Activity::default()).expect("it answers").one()
}

/// Each sample of a metric with its labels.
#[track_caller]
fn metric(wire: &mut Wire, name: &str) -> BTreeMap<String, u64> {
    let reply: MetricsReply = wire.ask(&Metrics::default()).expect("it answers").one();
    let metric = reply.rows.into_iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no metric {name}"));
    let label = |sample: &vigie_proto::MetricSample| {
        sample.labels.iter().map(|label| label.value.clone()).collect::<Vec<_>>().join(",")
    };
    metric.samples.iter().map(|sample| (label(sample), sample.counts.last().copied().unwrap_or(sample.value))).collect()
}

#[test]
fn numbers_count_what_happened() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 40, 1500, 310);
    let event = index(&env, &tree.root);
    env.vigie_in(&tree.root, &["text", "logbook_3:"]).expect_code(0);
    env.vigie_in(&tree.root, &["text", "logbook_4:"]).expect_code(0);
    env.vigie_in(&tree.root, &["files", "("]).check(true, "whatever it says");
    let mut wire = daemon.connect();
    assert_eq!(metric(&mut wire, "vigie_jobs_total")["done"], 1);
    let files = metric(&mut wire, "vigie_files_indexed_total");
    assert_eq!(Some(files["text"]), event["stats"]["files_seen"].as_u64(), "{files:?}");
    assert!(files["structure"] > 0 && files["structure"] <= files["text"]);
    assert!(metric(&mut wire, "vigie_source_bytes_total")["text"] > 40 * 1000);
    assert_eq!(metric(&mut wire, "vigie_query_duration_seconds")["text"], 2);
    assert_eq!(metric(&mut wire, "vigie_sessions")[""], 1, "ours");
    assert_eq!(metric(&mut wire, "vigie_projects")[""], 1);
    assert!(metric(&mut wire, "vigie_store_bytes")[""] > 0);
    assert!(metric(&mut wire, "vigie_resident_memory_bytes")[""] > 1 << 20);
    assert!(metric(&mut wire, "vigie_workers_started_total")[""] >= 1);
    let states = metric(&mut wire, "vigie_jobs");
    assert!(states.values().all(|jobs| *jobs == 0) && states.contains_key("paused"), "{states:?}");
}

/// Reads the text as Prometheus' own client library does, and prints one line for each sample.
const PARSE: &str = "
import sys
from prometheus_client.parser import text_string_to_metric_families
text = sys.stdin.read()
assert text.endswith('\\n')
for family in text_string_to_metric_families(text):
    assert family.documentation, family.name
    assert family.type in ('counter', 'gauge', 'histogram'), family.type
    last = {}
    for sample in family.samples:
        assert sample.value >= 0, sample
        if sample.name.endswith('_bucket'):
            labels = tuple(sorted((k, v) for k, v in sample.labels.items() if k != 'le'))
            end = float(sample.labels['le'])
            assert last.get(labels, (-1, 0))[0] < end and last.get(labels, (-1, 0))[1] <= sample.value, sample
            last[labels] = (end, sample.value)
        if sample.name.endswith('_count'):
            labels = tuple(sorted(sample.labels.items()))
            assert last[labels] == (float('inf'), sample.value), sample
        print(family.type, sample.name, float(sample.value))
";

/// A Python that has the parser, if one has: what `.ci/setup` installed, else the system's.
fn python() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/prometheus/bin/python3");
    if installed.is_file() { installed } else { "python3".into() }
}

#[test]
fn the_text_is_what_prometheus_reads() {
    let has_parser = Command::new(python())
        .args(["-c", "import prometheus_client.parser"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_parser {
        return skip("the_text_is_what_prometheus_reads", "there is no prometheus_client, which .ci/setup installs");
    }
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 12, 1000, 311);
    index(&env, &tree.root);
    env.vigie_in(&tree.root, &["text", "logbook_3:"]).expect_code(0);
    let output = env.vigie_in(&tree.root, &["metrics"]);
    output.expect_code(0);
    let mut parser = Command::new(python())
        .args(["-c", PARSE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 was found");
    parser.stdin.take().expect("it is piped").write_all(&output.stdout).expect("it reads");
    let parsed = parser.wait_with_output().expect("it ends");
    assert!(parsed.status.success(), "{}\n{}", String::from_utf8_lossy(&parsed.stderr), output.text());
    let read = String::from_utf8_lossy(&parsed.stdout);
    for line in ["counter vigie_jobs_total 1.0", "histogram vigie_query_duration_seconds_count 1.0"] {
        assert!(read.contains(line), "{line} is missing:\n{read}");
    }
    assert!(read.lines().count() > 60, "{read}");
    for path in [tree.root.to_str().expect("UTF-8"), "logbook"] {
        assert!(!output.text().contains(path), "no path and no question is a label");
    }
    let json = env.vigie_in(&tree.root, &["metrics", "--json"]).json();
    assert!(json.iter().any(|line| line["name"] == "vigie_jobs_total" && line["labels"]["state"] == "done"));
}

#[test]
fn who_is_connected_is_told() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut follower = daemon.connect();
    subscribe(&mut follower, &Subscribe::default());
    let silent = Wire::silent(daemon.socket()).expect("it connects");
    let mut wire = daemon.connect();
    let told = activity(&mut wire);
    assert_eq!(told.clients.len(), 3, "{:?}", told.clients);
    let (first, last) = (&told.clients[0], &told.clients[2]);
    assert_eq!((first.name.as_str(), first.version.as_str(), first.pid), ("vigie-tests", "0", std::process::id()));
    assert_eq!((first.subscriptions, first.requests_open, first.requests), (1, 1, 1));
    assert_eq!((told.clients[1].name.as_str(), told.clients[1].requests), ("", 0));
    assert_eq!((last.subscriptions, last.requests_open), (0, 1), "the one that asks");
    assert!(first.since_ms > 1_600_000_000_000 && first.session < last.session);
    assert!(told.memory_bytes > 1 << 20 && told.readers > 0);
    // Who calls itself something very long is not quoted at length.
    let mut long = Wire::silent(daemon.socket()).expect("it connects");
    long.write(&vigie_proto::preface::Preface::OURS.encode()).expect("it is sent");
    let hello = vigie_proto::Hello { client: "é".repeat(100_000), ..long.hello() };
    let id = long.send(&hello).expect("it is sent");
    long.read_preface().expect("a preface");
    long.answer(id).expect("a welcome");
    assert_eq!(activity(&mut wire).clients[3].name, "é".repeat(64));
    drop((follower, silent, long));
    let begun = std::time::Instant::now();
    while activity(&mut wire).clients.len() > 1 {
        assert!(begun.elapsed() < Duration::from_secs(20), "who has left is forgotten");
    }
}

#[test]
fn p12_what_took_long_is_told_and_what_was_asked_is_not() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 300, 12_000, 312);
    let mut follower = daemon.connect();
    let (id, accepted) = start_index(&mut follower, &tree.root, 0);
    wait_event(&mut follower, id, |event| event.stage == Stage::INDEXING && event.current > 0);
    // Its worker stands still for a while: whatever file it has takes long, and so does a question that waits for one.
    let worker = child_pids(daemon.pid())[0];
    suspend(worker);
    let question = env.vigie_in(&tree.root, &["def", "--json", "--deadline-ms", "900", "QUERYSLOWXYZ"]);
    question.check([1, 3].contains(&question.code), "an answer");
    let mut wire = daemon.connect();
    let now = activity(&mut wire);
    assert_eq!(now.workers.iter().map(|worker| (worker.pid, worker.job)).collect::<Vec<_>>(), [(worker, accepted.job)]);
    assert!(now.files_now.iter().any(|file| file.job == accepted.job && file.elapsed_ms > 0), "{:?}", now.files_now);
    // A dump waits for the end of the job.
    let dump = env.spawn_vigie_in(&tree.root, &["dump"]);
    std::thread::sleep(Duration::from_millis(400));
    resume(worker);
    wait_end(&mut follower, id);
    dump.finish().expect_code(0);
    let told = activity(&mut wire);
    let slow = told.slow_files.first().expect("a file took long");
    assert!(slow.elapsed_us >= told.slow_file_us && slow.job == accepted.job && !slow.path.is_empty(), "{slow:?}");
    let queries: Vec<_> = told.slow_queries.iter().map(|query| (query.kind, query.client.as_str())).collect();
    assert!(queries.contains(&(72, "vigie dump")), "{queries:?}");
    let dumped = told.slow_queries.iter().find(|query| query.kind == 72).expect("it is there");
    assert!(dumped.rows > 0 && dumped.elapsed_us >= told.slow_query_us && dumped.worked_us <= dumped.elapsed_us);
    let shown = env.vigie_in(&tree.root, &["status", "--slow"]);
    shown.expect_code(0).check(shown.text().contains("Dump"), "the kind of question");
    let json = env.vigie_in(&tree.root, &["status", "--slow", "--json"]);
    let types: Vec<_> = json.json().iter().map(|line| line["type"].clone()).collect();
    assert!(types.contains(&"slow_query".into()) && types.contains(&"slow_file".into()), "{types:?}");
    let all = format!("{told:?}{}{}", shown.text(), json.text());
    assert!(!all.contains("QUERYSLOW"), "what was asked is nowhere:\n{all}");
}

#[test]
fn a_job_ends_with_one_line_of_figures() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "2"]);
    let tree = SourceTree::generate(&env.project("fleet"), 30, 1500, 313);
    let event = index(&env, &tree.root);
    assert!(daemon.stop());
    let logs = env.logs();
    let lines: Vec<&str> = logs.lines().filter(|line| line.contains("job ended")).collect();
    let [line] = lines[..] else { panic!("one line for one job:\n{logs}") };
    let figure = |name: &str| {
        let (_, rest) = line.split_once(&format!(" {name}=")).unwrap_or_else(|| panic!("{name} is missing: {line}"));
        rest.split(' ').next().unwrap_or_default().trim_matches('"').to_owned()
    };
    assert_eq!(figure("files"), event["stats"]["files_seen"].to_string());
    assert_eq!(figure("bytes"), event["stats"]["bytes"].to_string());
    assert_eq!((figure("state").as_str(), figure("limit").as_str()), ("done", "none"));
    for name in ["ms", "peak_memory_bytes", "workers", "indexed", "cached", "generation"] {
        assert!(figure(name).parse::<u64>().is_ok(), "{name}: {line}");
    }
    assert_ne!(figure("workers"), "0");
}

#[test]
fn the_journal_is_told_how_grave_a_line_is() {
    let env = TestEnv::new();
    // What systemd does: standard error is a stream, and a variable says which.
    let path = env.path("log/journal");
    let file = fs::File::create(&path).expect("the directory is ours");
    let meta = file.metadata().expect("it is there");
    let stream = format!("{}:{}", meta.dev(), meta.ino());
    let bad = env.path("home/no-such-config.toml");
    let run = |args: &[&str], stream: &str| {
        let mut command = env.daemon_command(args);
        command.env("JOURNAL_STREAM", stream).stderr(file.try_clone().expect("a descriptor")).stdout(Stdio::piped());
        command.spawn().expect("vigied runs")
    };
    let mut daemon = run(&[], &stream);
    let begun = std::time::Instant::now();
    let read = || fs::read_to_string(&path).expect("it is there");
    while !read().contains("ready") {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", read());
        std::thread::sleep(Duration::from_millis(20));
    }
    vigie_tests::kill_hard(daemon.id());
    daemon.wait().expect("it is ours");
    let lines = read();
    assert!(lines.lines().all(|line| line.starts_with("<6>") || line.starts_with("<4>")), "{lines}");
    assert!(lines.contains("<6>ready ") && !lines.contains("INFO"), "{lines}");
    // The variable of another stream means nothing.
    let mut other = run(&["--config", bad.to_str().expect("UTF-8")], "1:2");
    other.wait().expect("it ends");
    assert!(!read().lines().last().unwrap_or_default().starts_with("<3>"), "{}", read());
}
