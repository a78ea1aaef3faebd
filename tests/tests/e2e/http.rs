//! `vigie http` with the real daemon: the stream of a job as LeIndex has it, joining, resuming and losing the daemon, who is let
//! through, and that nobody else can hold it up.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_proto::{JobRows, JobState, ListJobs, PauseAck, PauseJob, ResumeJob};
use vigie_tests::{
    Daemon, Event, Response, Running, SourceTree, TestEnv, Wire, is_root, kill_hard, send_raw, send_unix, skip,
    wait_gone,
};

use crate::support::{index, start_index_detached, wait_job};

/// A gateway that runs; killed when dropped.
pub(crate) struct Gateway {
    running: Running,
    pub(crate) port: u16,
    unix: Option<PathBuf>,
}

/// Starts a gateway on a free port.
#[track_caller]
pub(crate) fn gateway(env: &TestEnv, args: &[&str]) -> Gateway {
    let args = [&["http", "--json", "--port", "0"], args].concat();
    let mut running = env.spawn_vigie_in(&env.home(), &args);
    let line = running.wait_for("where it listens", |line| line["type"] == "listening");
    let port = line["url"].as_str().and_then(|url| url.rsplit(':').next()?.parse().ok()).expect("a port");
    Gateway { running, port, unix: line["unix"].as_str().map(PathBuf::from) }
}

impl Gateway {
    /// A request with the head that clients send.
    fn ask(&self, method: &str, target: &str, headers: &[&str], body: &str) -> Response {
        send_raw(self.port, request(self.port, method, target, headers, body).as_bytes())
    }

    pub(crate) fn get(&self, target: &str) -> Response {
        self.ask("GET", target, &[], "")
    }

    /// The stream that LeIndex has.
    fn index(&self, root: &Path) -> Response {
        self.post(&json!({ "project_path": root, "force_reindex": false }), &[])
    }

    fn post(&self, body: &Value, headers: &[&str]) -> Response {
        let headers = [&["Content-Type: application/json"], headers].concat();
        self.ask("POST", "/mcp/index/stream", &headers, &body.to_string())
    }
}

fn request(port: u16, method: &str, target: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}{length}\r\n{body}")
}

fn is_end(event: &Event) -> bool {
    ["complete", "error", "cancelled"].contains(&event.kind())
}

fn stages(events: &[Event]) -> Vec<&str> {
    let mut stages: Vec<&str> = events.iter().filter_map(|event| event.data["stage"].as_str()).collect();
    stages.dedup();
    stages
}

pub(crate) fn pause(daemon: &Daemon<'_>, job: u64) {
    daemon.connect().ask(&PauseJob { job, ..PauseJob::default() }).expect("an answer").one::<PauseAck>();
}

pub(crate) fn resume(daemon: &Daemon<'_>, job: u64) {
    daemon.connect().ask(&ResumeJob { job, ..ResumeJob::default() }).expect("an answer").one::<PauseAck>();
}

/// A job that is paused in the middle.
pub(crate) fn paused_job(daemon: &Daemon<'_>, root: &Path) -> u64 {
    let job = start_index_detached(&mut daemon.connect(), root).job;
    pause(daemon, job);
    job
}

/// A tree whose job is not over before the test has paused it.
fn tree(env: &TestEnv, seed: u64) -> SourceTree {
    SourceTree::generate(&env.project("fleet"), 600, 8000, seed)
}

#[test]
fn the_stream_is_the_originals() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let gateway = gateway(&env, &[]);
    let tree = tree(&env, 900);
    let mut response = gateway.index(&tree.root);
    assert_eq!((response.status, response.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(response.header("access-control-allow-origin"), None, "there is no CORS");
    let events = response.events();
    let stages = stages(&events);
    assert_eq!(stages.first(), Some(&"starting"), "{stages:?}");
    let place = |stage| stages.iter().position(|one| *one == stage).unwrap_or_else(|| panic!("{stage} in {stages:?}"));
    assert!(place("starting") < place("collecting") && place("collecting") < place("scanning"), "{stages:?}");
    assert!(place("scanning") < place("indexing"), "{stages:?}");
    for event in &events {
        let numbers = ["current", "total", "timestamp_ms", "job", "seq", "bytes", "eta_ms"];
        assert!(numbers.iter().all(|field| event.data[*field].is_u64()), "{event:?}");
        assert!(event.data["message"].is_string() && event.data["file"].is_string(), "{event:?}");
        // A sample is no place to go on from.
        assert_eq!(event.id.is_none(), event.data["sample"] == true, "{event:?}");
    }
    let cursors: Vec<_> = events.iter().filter_map(Event::cursor).collect();
    assert!(cursors.is_sorted_by(|a, b| a.0 == b.0 && a.1 < b.1), "{cursors:?}");
    let ends: Vec<_> = events.iter().filter(|event| is_end(event)).collect();
    assert_eq!(ends.len(), 1);
    let last = events.last().expect("events");
    assert_eq!((last.kind(), last.data["message"].as_str()), ("complete", Some("Done: 600 files")));
    assert_eq!(last.data["stats"]["files_indexed"], 600);

    // A limit of the original's.
    let forced = json!({ "project_path": tree.root, "force_reindex": true, "max_files": 100 });
    let events = gateway.post(&forced, &[]).events();
    let last = events.last().expect("events");
    assert_eq!((last.kind(), &last.data["stats"]["limit"]), ("complete", &json!("files")), "{last:?}");
}

#[test]
fn the_same_request_joins_and_goes_on_where_it_broke_off() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let gateway = gateway(&env, &[]);
    let tree = tree(&env, 901);
    let job = paused_job(&daemon, &tree.root);
    // Who asks joins it, and is told first how it stands; asking has it go on.
    let mut first = gateway.index(&tree.root);
    let mut begun = vec![first.event().expect("how it stands")];
    pause(&daemon, job);
    begun.extend(first.events_until("a pause", |event| event.data["state"] == "paused"));
    assert!(begun.iter().all(|event| event.data["job"] == job), "{begun:?}");
    let last = begun.last().and_then(|event| event.id.clone()).expect("a state event");
    drop(first);
    let id = format!("Last-Event-ID: {last}");
    let body = json!({ "project_path": tree.root });
    let mut again = gateway.post(&body, &[&id]);
    resume(&daemon, job);
    let rest = again.events();
    let cursor = |event: &Event| event.cursor();
    let after = begun.iter().filter_map(cursor).max().expect("a cursor");
    assert!(rest.iter().filter_map(cursor).all(|cursor| cursor > after), "nothing comes twice: {after:?} {rest:?}");
    let end = rest.last().expect("an end");
    assert_eq!((end.kind(), &end.data["job"]), ("complete", &json!(job)));
    let whole = [begun.clone(), rest.clone()].concat();
    assert_eq!(whole.iter().filter(|event| is_end(event)).count(), 1);

    let id = format!("Last-Event-ID: {}", end.id.clone().expect("the end has an id"));
    let over = gateway.post(&body, &[&id]);
    assert_eq!((over.status, over.text().as_str()), (204, ""), "who has seen the end is told to leave");
    let older = gateway.post(&body, &[&format!("Last-Event-ID: {last}")]).events();
    assert_eq!(older.last().map(|event| event.kind().to_owned()).as_deref(), Some("complete"), "who has not, sees it");
    // What is no id of ours is none.
    let fresh = gateway.post(&body, &["Last-Event-ID: nonsense"]).events();
    assert_ne!(fresh[0].data["job"], job);
    let elsewhere = json!({ "project_path": env.project("unknown") });
    assert_eq!(gateway.post(&elsewhere, &["Last-Event-ID: 1.1"]).status, 204, "nothing begins by coming back");
}

#[test]
fn a_job_is_listed_and_cancelled_and_who_leaves_does_not_end_it() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let gateway = gateway(&env, &[]);
    let tree = tree(&env, 902);
    let job = paused_job(&daemon, &tree.root);
    drop(gateway.index(&tree.root));
    let mut stream = gateway.index(&tree.root);
    pause(&daemon, job);
    let listed = gateway.get("/mcp/jobs").json();
    assert_eq!((&listed["jobs"][0]["job"], &listed["jobs"][0]["state"]), (&json!(job), &json!("paused")), "{listed}");
    let ack = gateway.ask("POST", &format!("/mcp/jobs/{job}/cancel"), &[], "");
    assert_eq!(ack.status, 200);
    assert_eq!(ack.json()["job"], job);
    let end = stream.events().pop().expect("an end");
    assert_eq!((end.kind(), &end.data["job"]), ("cancelled", &json!(job)));
    assert_eq!(gateway.get("/mcp/jobs").json()["jobs"][0]["state"], "cancelled");
    let unknown = gateway.ask("POST", "/mcp/jobs/999999/cancel", &[], "");
    assert_eq!(unknown.status, 404);
    assert!(unknown.json()["error"]["message"].as_str().is_some_and(|message| message.contains("999999")));
    assert_eq!(gateway.ask("POST", "/mcp/jobs/x/cancel", &[], "").status, 400);
}

#[test]
fn a_bad_path_is_an_error_event_with_the_daemons_sentence() {
    let env = TestEnv::new();
    let allowed = env.project("one");
    let _daemon = env.start_daemon(&["--roots-allowed", allowed.to_str().expect("it is UTF-8")]);
    let gateway = gateway(&env, &[]);
    let (file, outside) = (allowed.join("file.rs"), env.project("outside"));
    fs::write(&file, "fn a() {}\n").expect("the project is ours");
    let home = env.home();
    for (path, says) in [
        (Path::new("relative"), "is not an absolute path"),
        (Path::new("/no/such/place"), "does not exist"),
        (&file, "is not a directory"),
        (&outside, "lies outside of roots_allowed"),
        (Path::new("/"), "may not be indexed"),
        (Path::new("/proc"), "may not be indexed"),
        (&home, "may not be indexed"),
        (Path::new(""), ""),
    ] {
        let mut response = gateway.index(path);
        assert_eq!(response.status, 200, "{}", path.display());
        let events = response.events();
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!((events[0].kind(), events[0].id.as_deref()), ("error", None), "{events:?}");
        let message = events[0].data["message"].as_str().unwrap_or_default();
        assert!(message.contains(says) && !message.is_empty(), "{}: {message}", path.display());
        for field in ["stage", "current", "total", "timestamp_ms", "code"] {
            assert!(!events[0].data[field].is_null(), "{field}: {events:?}");
        }
    }
    assert_eq!(gateway.get("/mcp/jobs").json()["jobs"], json!([]));
}

#[test]
fn silence_is_told_and_who_keeps_it_waiting_is_let_go() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let gateway = gateway(&env, &[]);
    let tree = tree(&env, 903);
    let job = paused_job(&daemon, &tree.root);
    let mut stream = gateway.get("/mcp/events");
    // A head that never ends, and a body that never comes.
    let mut head = TcpStream::connect(("127.0.0.1", gateway.port)).expect("it listens");
    head.write_all(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ").expect("it listens");
    let mut body = TcpStream::connect(("127.0.0.1", gateway.port)).expect("it listens");
    let headers = ["Content-Type: application/json", "Content-Length: 100"];
    body.write_all(request(gateway.port, "POST", "/mcp/index/stream", &headers, "").as_bytes()).expect("it listens");
    assert_eq!(gateway.get("/health").status, 200, "nobody else waits for them");

    assert_eq!(stream.event().map(|event| event.kind().to_owned()).as_deref(), Some("snapshot"));
    let begun = Instant::now();
    assert_eq!(stream.next_line().as_deref(), Some(": keep-alive"));
    assert!(begun.elapsed() >= Duration::from_secs(10), "not before there is a silence");
    for (what, slow) in [("head", &mut head), ("body", &mut body)] {
        slow.set_read_timeout(Some(Duration::from_secs(30))).expect("a time bound");
        let mut answer = Vec::new();
        slow.read_to_end(&mut answer).unwrap_or_else(|e| panic!("the {what} is waited for: {e}"));
        let answer = String::from_utf8_lossy(&answer);
        assert!(what == "head" || answer.contains("408"), "{answer}");
    }
    resume(&daemon, job);
    assert_eq!(wait_job(&mut daemon.connect(), job).message, "Done: 600 files");
}

#[test]
fn a_daemon_that_dies_under_a_stream_is_started_and_the_job_goes_on() {
    let env = TestEnv::new();
    let gateway = gateway(&env, &[]);
    let tree = SourceTree::generate(&env.project("fleet"), 1500, 12_000, 904);
    let mut stream = gateway.index(&tree.root);
    let begun = stream.events_until("parsing", |event| event.data["stage"] == "indexing");
    let job = begun[0].data["job"].clone();
    for pid in env.daemon_pids() {
        kill_hard(pid);
    }
    let rest = stream.events();
    assert!(rest.iter().all(|event| event.data["job"] == job), "{rest:?}");
    let end = rest.last().expect("an end");
    assert_eq!((end.kind(), end.data["message"].as_str()), ("complete", Some("Done: 1,500 files")), "{end:?}");
    assert!(
        rest.iter().any(|event| event.comments.iter().any(|comment| comment.contains("connected again"))),
        "{rest:?}"
    );
    let epochs = |events: &[Event]| events.iter().filter_map(Event::cursor).map(|cursor| cursor.0).max();
    assert!(epochs(&rest) > epochs(&begun), "it is another life of the daemon");
    // A reader that lost its connection with the old daemon, and does not know the end, is told it.
    let before = begun.iter().rev().find_map(|event| event.id.clone()).expect("an id");
    let body = json!({ "project_path": tree.root });
    let again = gateway.post(&body, &[&format!("Last-Event-ID: {before}")]).events();
    assert_eq!(again.last().map(|event| event.data["job"].clone()), Some(job), "{again:?}");
    let after = again.last().and_then(|event| event.id.clone()).expect("an id");
    assert_eq!(gateway.post(&body, &[&format!("Last-Event-ID: {after}")]).status, 204);
    env.vigie_in(&env.home(), &["daemon", "stop"]).expect_code(0);
}

#[test]
fn whoever_looks_on_starts_no_daemon_and_whoever_wants_something_does() {
    let env = TestEnv::new();
    let watching = gateway(&env, &["--no-spawn"]);
    for target in ["/health", "/metrics", "/mcp/events", "/mcp/activity", "/mcp/jobs", "/mcp/projects"] {
        let refused = watching.get(target);
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("2")), "{target}");
        let error = refused.json()["error"].clone();
        assert!(error["message"].as_str().is_some_and(|message| message.contains("no daemon listens on")), "{error}");
        assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("vigie daemon start")), "{error}");
    }
    let tree = SourceTree::generate(&env.project("fleet"), 20, 1000, 905);
    let events = watching.index(&tree.root).events();
    assert_eq!((events.len(), events[0].kind()), (1, "error"), "{events:?}");
    assert!(events[0].data["message"].as_str().is_some_and(|message| message.contains("no daemon listens on")));
    assert_eq!(env.daemon_pids(), Vec::<u32>::new());

    let gateway = gateway(&env, &["--unix", env.path("other.sock").to_str().expect("UTF-8")]);
    let events = gateway.index(&tree.root).events();
    assert_eq!(events.last().map(|event| event.kind().to_owned()).as_deref(), Some("complete"));
    assert_eq!(watching.get("/health").status, 200, "by then there is one");
    env.vigie_in(&env.home(), &["daemon", "stop"]).expect_code(0);
    assert_eq!(gateway.get("/health").status, 503, "who looks on leaves it stopped");
    assert_eq!(env.daemon_pids(), Vec::<u32>::new());
}

#[test]
fn hostile_requests_are_refused_with_a_sentence() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let gateway = gateway(&env, &[]);
    let (port, body) = (gateway.port, r#"{"project_path": "/"}"#);
    let json_type = "Content-Type: application/json";
    let large = format!("{{\"project_path\": \"{}\"}}", "a".repeat(100_000));
    let origin = format!("Origin: http://127.0.0.1:{port}");
    for (status, method, target, headers, body) in [
        (403, "POST", "/mcp/index/stream", &[json_type, "Origin: http://evil.example"][..], body),
        (403, "POST", "/mcp/index/stream", &[json_type, "Origin: null"], body),
        (200, "POST", "/mcp/index/stream", &[json_type, &origin], body),
        (403, "GET", "/mcp/jobs", &["Sec-Fetch-Site: cross-site"], ""),
        (415, "POST", "/mcp/index/stream", &["Content-Type: text/plain"], body),
        (415, "POST", "/mcp/index/stream", &[], body),
        (415, "POST", "/mcp/index/stream", &["Content-Type: application/x-www-form-urlencoded"], body),
        (400, "POST", "/mcp/index/stream", &[json_type], "{"),
        (400, "POST", "/mcp/index/stream", &[json_type], "[]"),
        (400, "POST", "/mcp/index/stream", &[json_type], r#"{"force_reindex": true}"#),
        (400, "POST", "/mcp/index/stream", &[json_type], r#"{"project_path": 7}"#),
        (413, "POST", "/mcp/index/stream", &[json_type], &large),
        (405, "GET", "/mcp/index/stream", &[], ""),
        (405, "DELETE", "/mcp/jobs", &[], ""),
        (404, "GET", "/no/such/thing", &[], ""),
        (404, "GET", "/mcp/../etc/passwd", &[], ""),
        (400, "GET", "/mcp/search?q=x", &[], ""),
        (404, "GET", "/mcp/search?q=x&project=/no/such/place", &[], ""),
        (404, "GET", "/mcp/events?project=/no/such/place", &[], ""),
    ] {
        let response = gateway.ask(method, target, headers, body);
        assert_eq!(response.status, status, "{method} {target} {headers:?}");
        assert_eq!(response.header("access-control-allow-origin"), None);
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        if status != 200 {
            let error = response.json()["error"].clone();
            assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{target}: {error}");
        }
    }
    // A name that somebody else owns and has point here.
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost"] {
        let sent = format!(
            "GET /mcp/jobs HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n\r\n",
            port ^ u16::from(host == "localhost")
        );
        assert_eq!(send_raw(port, sent.as_bytes()).status, 403, "{host}");
    }
    assert_eq!(send_raw(port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").status, 400);
    let long = format!("X-Long: {}", "a".repeat(60_000));
    assert_eq!(gateway.ask("GET", "/health", &[&long], "").status, 431);
    let many: Vec<String> = (0..200).map(|n| format!("X-Many-{n}: a")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(gateway.ask("GET", "/health", &many, "").status, 431);
    assert_eq!(send_raw(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").status, 400);
    let preflight = gateway.ask("OPTIONS", "/mcp/index/stream", &["Origin: http://evil.example"], "");
    assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (403, None));
    assert_eq!(gateway.get("/health").status, 200, "it has come to no harm");
}

#[test]
fn p10_another_user_is_refused_over_tcp_and_over_the_socket() {
    if !is_root() {
        return skip("p10_another_user_is_refused_over_tcp_and_over_the_socket", "only root can be two users");
    }
    let env = TestEnv::as_nobody();
    let _daemon = env.start_daemon(&[]);
    let gateway = gateway(&env, &[]);
    let refused = gateway.get("/health");
    assert_eq!(refused.status, 403);
    let sentence = refused.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(sentence.contains("not user 0"), "{sentence}");
    assert_eq!(gateway.index(&env.home()).status, 403);
    let socket = gateway.unix.clone().expect("a socket");
    assert!(send_unix(&socket, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n").is_err(), "it hangs up");
    // As its own user it answers.
    let curl = Path::new("/usr/bin/curl");
    if !curl.exists() {
        return skip(
            "p10_another_user_is_refused_over_tcp_and_over_the_socket",
            "there is no curl, which .ci/setup installs",
        );
    }
    let curl = env.program_as_user(curl, &["-s", &format!("http://127.0.0.1:{}/health", gateway.port)]);
    curl.check(curl.text().contains("\"status\":\"ok\""), "an answer");
}

#[test]
fn a_unix_socket_answers_its_owner_and_is_taken_over_only_when_dead() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let first = gateway(&env, &[]);
    let socket = first.unix.clone().expect("a socket");
    assert_eq!(socket, env.runtime_dir().join("http.sock"));
    assert_eq!(fs::metadata(&socket).expect("it exists").permissions().mode() & 0o777, 0o600);
    let health = || send_unix(&socket, b"GET /health HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n");
    assert_eq!(health().expect("an answer").json()["status"], "ok");

    let second = gateway(&env, &[]);
    assert_eq!(second.unix, None, "the first one keeps it");
    let named = socket.to_str().expect("UTF-8");
    let refused = env.vigie_in(&env.home(), &["http", "--port", "0", "--unix", named]);
    refused.expect_code(2).expect_stderr("http.sock is in use").expect_stderr("--unix PATH");
    drop(second);
    first.running.kill();
    assert!(socket.exists(), "what is killed leaves its socket");
    let third = gateway(&env, &[]);
    assert_eq!(third.unix.as_deref(), Some(&*socket));
    assert_eq!(health().expect("an answer").status, 200);
    end(third);
    assert!(!socket.exists(), "what ends takes it along");
}

/// Ends a gateway as a service manager does.
#[track_caller]
fn end(gateway: Gateway) {
    let pid = gateway.running.pid();
    let raw = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw).expect("a pid");
    rustix::process::kill_process(raw, rustix::process::Signal::TERM).expect("it is ours");
    assert!(wait_gone(pid, Duration::from_secs(20)), "it ends");
    gateway.running.finish().expect_code(0);
}

#[test]
fn it_ends_with_its_streams() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = tree(&env, 906);
    let gateway = gateway(&env, &[]);
    let job = paused_job(&daemon, &tree.root);
    let mut stream = gateway.get("/mcp/events");
    assert_eq!(stream.event().map(|event| event.kind().to_owned()).as_deref(), Some("snapshot"));
    end(gateway);
    assert_eq!(stream.next_line().as_deref(), Some(": the gateway ends"));
    assert_eq!(stream.next_line(), None);
    let rows = daemon.connect().ask(&ListJobs::default()).expect("an answer").all::<JobRows>();
    assert_eq!(rows[0].rows[0].job, job, "the job does not end with it");
}

#[test]
fn a_port_in_use_is_told_with_what_to_do() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let gateway = gateway(&env, &[]);
    let port = gateway.port.to_string();
    let output = env.vigie_in(&env.home(), &["http", "--port", &port]);
    output.expect_code(2).expect_stderr(&format!("port {port} is in use")).expect_stderr("--port");
    output.expect_stderr(&format!("http://localhost:{port}"));
}

#[test]
fn who_comes_from_elsewhere_bears_the_token() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let open = env.vigie_in(&env.home(), &["http", "--port", "0", "--bind", "0.0.0.0"]);
    open.expect_code(2).expect_stderr("wants a token").expect_stderr("--token-file");
    let file = env.path("token");
    fs::write(&file, "a-long-secret-word\n").expect("the directory is ours");
    let named = file.to_str().expect("UTF-8");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("it is ours");
    env.vigie_in(&env.home(), &["http", "--token-file", named]).expect_code(2).expect_stderr("chmod 600");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");

    let gateway = gateway(&env, &["--bind", "0.0.0.0", "--token-file", named]);
    let with = |headers: &[&str], target| gateway.ask("GET", target, headers, "");
    let refused = with(&[], "/health");
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer realm=\"vigie\"")));
    assert!(!refused.text().contains("a-long-secret-word"));
    assert_eq!(with(&["Authorization: Bearer a-long-secret-wore"], "/health").status, 401);
    assert_eq!(with(&["Authorization: Bearer a-long-secret-word"], "/health").status, 200);
    assert_eq!(with(&[], "/").status, 401);
    let page = with(&[], "/?token=a-long-secret-word");
    assert_eq!(page.status, 200);
    let cookie = page.header("set-cookie").expect("a cookie").to_owned();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict") && !cookie.contains("secret"), "{cookie}");
    let cookie = format!("Cookie: {}", cookie.split(';').next().unwrap_or_default());
    assert_eq!(with(&[&cookie], "/mcp/jobs").status, 200);
    assert_eq!(with(&[&cookie, "Origin: http://evil.example"], "/mcp/jobs").status, 403);
    assert_eq!(with(&["Cookie: vigie=1"], "/mcp/jobs").status, 401);
    let socket = gateway.unix.clone().expect("a socket");
    let owner = send_unix(&socket, b"GET /health HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n");
    assert_eq!(owner.expect("an answer").status, 200, "the socket is its owner's alone");
}

#[test]
fn streams_and_connections_are_bounded() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let gateway = gateway(&env, &[]);
    let streams: Vec<Response> = (0..64).map(|_| gateway.get("/mcp/events")).collect();
    assert!(streams.iter().all(|stream| stream.status == 200));
    let refused = gateway.get("/mcp/events");
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("2")));
    assert_eq!(gateway.get("/health").status, 200, "what does not stream is answered");
    drop(streams);
    // The gateway hears of it when it next looks at them.
    let again = |_| {
        std::thread::sleep(Duration::from_millis(50));
        gateway.get("/mcp/events").status == 200
    };
    assert!((0..200).any(again), "places are given back");

    let idle: Vec<TcpStream> =
        (0..300).map(|_| TcpStream::connect(("127.0.0.1", gateway.port)).expect("it listens")).collect();
    let refused = gateway.get("/health");
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("2")));
    assert!(refused.json()["error"]["message"].as_str().is_some_and(|message| message.contains("connections")));
    drop(idle);
    let again = |_| {
        std::thread::sleep(Duration::from_millis(50));
        gateway.get("/health").status == 200
    };
    assert!((0..200).any(again), "places are given back");
}

#[test]
fn p2_a_reader_that_does_not_read_holds_nothing_up() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let gateway = gateway(&env, &[]);
    let tree = tree(&env, 907);
    let mut unread = TcpStream::connect(("127.0.0.1", gateway.port)).expect("it listens");
    let body = json!({ "project_path": tree.root }).to_string();
    let sent = request(gateway.port, "POST", "/mcp/index/stream", &["Content-Type: application/json"], &body);
    unread.write_all(sent.as_bytes()).expect("it listens");
    let job = loop {
        let jobs = gateway.get("/mcp/jobs?ended=5").json()["jobs"].clone();
        if let Some(job) = jobs[0]["job"].as_u64() {
            break job;
        }
    };
    assert_eq!(wait_job(&mut daemon.connect(), job).message, "Done: 600 files");
}

#[test]
fn everything_else_is_answered() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("fleet");
    fs::write(root.join("lantern.rs"), "/// Lights the lantern of the ship.\npub fn light_lantern() {}\n")
        .expect("a file");
    index(&env, &root);
    let gateway = gateway(&env, &[]);
    let health = gateway.get("/health").json();
    assert_eq!((&health["status"], &health["daemon"]["jobs"]), (&json!("ok"), &json!(0)), "{health}");
    let metrics = gateway.get("/metrics");
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(
        metrics.text().contains("# TYPE vigie_jobs_total") || gateway.get("/metrics").text().contains("# TYPE vigie_")
    );
    let projects = gateway.get("/mcp/projects").json();
    assert_eq!((&projects["projects"][0]["root"], &projects["projects"][0]["files"]), (&json!(root), &json!(1)));
    let jobs = gateway.get("/mcp/jobs").json();
    assert_eq!(jobs["jobs"][0]["message"], "Done: 1 file", "{jobs}");
    let activity = gateway.get("/mcp/activity").json();
    let clients = activity["clients"].as_array().expect("clients");
    assert!(clients.iter().any(|client| client["name"] == "vigie http"), "{activity}");
    let search = format!("/mcp/search?q=light+the+lantern&project={}", root.display());
    let found = gateway.get(&search).json();
    assert_eq!((&found["rows"][0]["name"], &found["rows"][0]["line"]), (&json!("light_lantern"), &json!(2)), "{found}");
    assert_eq!(found["summary"]["rows"], 1);
    let tools = gateway.get("/mcp/tools/list").json();
    let names: Vec<&str> =
        tools["tools"].as_array().expect("tools").iter().filter_map(|t| t["name"].as_str()).collect();
    assert!(names.contains(&"search") && names.contains(&"index"), "{names:?}");

    let page = gateway.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").expect("a policy").to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    let html = page.text();
    assert_eq!(html.matches(&format!("nonce=\"{nonce}\"")).count(), 2, "script and style bear it");
    assert!(!html.contains("{nonce}") && !html.contains("{script}") && html.contains("<title>Vigie</title>"));
    let again = gateway.get("/").header("content-security-policy").expect("a policy").to_owned();
    assert_ne!(again, policy, "each answer has its own");
}

const AGENT: [&str; 2] = ["Content-Type: application/json", "Accept: application/json, text/event-stream"];

/// Sends a message of an agent.
fn say(gateway: &Gateway, session: Option<&str>, message: &Value) -> Response {
    let session = session.map(|session| format!("Mcp-Session-Id: {session}"));
    let headers: Vec<&str> = AGENT.into_iter().chain(session.as_deref()).collect();
    gateway.ask("POST", "/mcp", &headers, &message.to_string())
}

fn hello() -> Value {
    let client = json!({ "name": "test", "version": "0" });
    let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello })
}

/// Begins a session.
fn session(gateway: &Gateway) -> String {
    let begun = say(gateway, None, &hello());
    assert_eq!(begun.status, 200);
    let session = begun.header("mcp-session-id").expect("a session").to_owned();
    assert_eq!(message(begun)["result"]["serverInfo"]["name"], "vigie");
    let ready = say(gateway, Some(&session), &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    assert_eq!(ready.status, 202);
    session
}

/// The answer in a stream of messages.
fn message(mut response: Response) -> Value {
    let mut seen = Vec::new();
    while let Some(line) = response.next_line() {
        let message = line.strip_prefix("data:").and_then(|data| serde_json::from_str::<Value>(data.trim()).ok());
        if let Some(message) = message.filter(|message| message.get("id").is_some()) {
            return message;
        }
        seen.push(line);
    }
    panic!("no answer: {seen:?}")
}

#[test]
fn a_gateway_that_ends_cancels_no_job_of_an_agent() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = tree(&env, 907);
    let gateway = gateway(&env, &[]);
    let session = session(&gateway);
    let call = json!({ "name": "index", "arguments": { "project": tree.root } });
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call });
    let _called = say(&gateway, Some(&session), &call);
    let mut wire = daemon.connect();
    let mut job = || {
        let pages = wire.ask(&ListJobs { ended_max: 1, ..ListJobs::default() }).expect("an answer").all::<JobRows>();
        pages.into_iter().flat_map(|page| page.rows).next()
    };
    let began = Instant::now();
    let begun = loop {
        match job() {
            Some(row) => break row.job,
            None => assert!(began.elapsed() < Duration::from_secs(20), "the call begins a job"),
        }
    };
    pause(&daemon, begun);
    end(gateway);
    assert_eq!(job().map(|row| row.state), Some(JobState::PAUSED));
}

#[test]
fn agents_ask_over_streamable_http() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("fleet");
    fs::write(root.join("lantern.rs"), "/// Lights the lantern of the ship.\npub fn light_lantern() {}\n")
        .expect("a file");
    index(&env, &root);
    let gateway = gateway(&env, &["--project", root.to_str().expect("UTF-8")]);
    let post = |session: Option<&str>, message: Value| say(&gateway, session, &message);
    let session = session(&gateway);
    let call = json!({ "name": "search", "arguments": { "query": "light the lantern" } });
    let called = post(Some(&session), json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call }));
    let called = message(called);
    assert!(called.to_string().contains("light_lantern"), "{called}");
    let evil = [AGENT[0], AGENT[1], "Origin: http://evil.example"];
    assert_eq!(gateway.ask("POST", "/mcp", &evil, "{}").status, 403);
    let long = json!({ "jsonrpc": "2.0", "id": 3, "method": "a".repeat(2 << 20) });
    assert_eq!(post(Some(&session), long).status, 413);
    // Sessions are bounded.
    let more = (0..80).map(|_| post(None, hello()).status);
    let more: Vec<u16> = more.collect();
    assert!(more.contains(&200) && more.last() == Some(&503), "{more:?}");
}

#[test]
fn a_path_that_is_no_utf8_is_told_in_base64() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = env.path("projects").join(std::ffi::OsStr::from_bytes(b"odd-\xff"));
    fs::create_dir(&root).expect("the directory is ours");
    fs::write(root.join("a.rs"), "fn a() {}\n").expect("a file");
    let mut wire: Wire = daemon.connect();
    let job = start_index_detached(&mut wire, &root).job;
    wait_job(&mut wire, job);
    let listed = gateway(&env, &[]).get("/mcp/projects").json();
    assert!(listed["projects"][0]["root_b64"].is_string(), "{listed}");
}
