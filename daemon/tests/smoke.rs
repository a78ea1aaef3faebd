//! The real daemon in directories of its own, spoken to frame by frame over its socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vigie_proto::preface::{PREFACE_BYTES, Preface};
use vigie_proto::*;

/// Nothing here takes longer unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

struct Daemon {
    child: Child,
    dir: tempfile::TempDir,
}

impl Daemon {
    fn start() -> Daemon {
        Daemon::start_in(tempfile::tempdir().unwrap(), &[])
    }

    fn start_in(dir: tempfile::TempDir, arguments: &[&str]) -> Daemon {
        let (child, line) = launch(dir.path(), arguments);
        assert_eq!(line, format!("ready {}\n", socket(dir.path()).display()), "{}", log(dir.path()));
        Daemon { child, dir }
    }

    fn connect(&self) -> Client {
        Client::connect(&socket(self.dir.path()))
    }

    fn project(&self, name: &str, files: usize) -> PathBuf {
        let root = self.dir.path().canonicalize().unwrap().join(name);
        std::fs::create_dir_all(&root).unwrap();
        for n in 0..files {
            let text = format!("pub fn item_{n}() -> u32 {{ needle_{name}({n}) }}\n");
            std::fs::write(root.join(format!("file_{n}.rs")), text).unwrap();
        }
        root
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    fn kill(mut self) -> tempfile::TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let empty = tempfile::tempdir().unwrap();
        std::mem::replace(&mut self.dir, empty)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn socket(dir: &Path) -> PathBuf {
    dir.join("s")
}

fn log(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("state/vigied.log")).unwrap_or_default()
}

fn launch(dir: &Path, arguments: &[&str]) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigied"));
    command.arg("--announce").arg("--socket").arg(socket(dir)).arg("--state-dir").arg(dir.join("state"));
    // What whoever runs the tests has configured is not their affair.
    command.env("XDG_CONFIG_HOME", dir.join("config"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}

struct Client {
    stream: UnixStream,
    decoder: Decoder,
    ids: u64,
}

impl Client {
    fn connect(socket: &Path) -> Client {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut client = Client { stream, decoder: Decoder::new(SERVER_BODY_BYTES_MAX), ids: 1 };
        let hello = Hello { client: "smoke".into(), ..Hello::default() };
        let mut first = Preface::OURS.encode().to_vec();
        first.extend(frame_bytes(1, false, &hello).unwrap());
        client.write(&first);
        let mut preface = [0; PREFACE_BYTES];
        client.stream.read_exact(&mut preface).unwrap();
        assert_eq!(Preface::decode(&preface).unwrap(), Preface::OURS);
        let welcome: Welcome = client.receive_one();
        assert_eq!(welcome.capabilities.len(), capability::ALL.len());
        client
    }

    fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    fn send<M: Message>(&mut self, message: &M) -> u64 {
        self.ids += 1;
        let bytes = frame_bytes(self.ids, false, message).unwrap();
        self.write(&bytes);
        self.ids
    }

    fn frame(&mut self) -> Option<Frame> {
        loop {
            match self.decoder.next_frame() {
                Some(Incoming::Frame(frame)) => return Some(frame),
                Some(Incoming::Oversize(header)) => panic!("{header:?}"),
                None => {}
            }
            let mut buffer = [0; 65536];
            match self.stream.read(&mut buffer) {
                Ok(0) => return None,
                Ok(n) => self.decoder.push(&buffer[..n]),
                // A wait with a timeout ends early when the process was stopped and goes on: signal(7).
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => panic!("{e}"),
            }
        }
    }

    fn receive_one<M: Message>(&mut self) -> M {
        let frame = self.frame().expect("the daemon left");
        if frame.header.kind == Failure::KIND && M::KIND != Failure::KIND {
            panic!("{:?}", decode::<Failure>(&frame.body));
        }
        assert_eq!(frame.header.kind, M::KIND, "{}", frame.header.kind.name().unwrap_or("?"));
        decode(&frame.body).unwrap()
    }

    fn ask<M: Message, R: Message>(&mut self, message: &M) -> R {
        self.send(message);
        self.receive_one()
    }

    /// All frames of the answer to the last request.
    fn all(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            let frame = self.frame().expect("the daemon left");
            let is_fin = frame.header.is_fin();
            frames.push(frame);
            if is_fin {
                return frames;
            }
        }
    }

    fn index(&mut self, root: &Path, flags: u16) -> Vec<ProgressEvent> {
        self.send(&Index { path: root.as_os_str().as_bytes().into(), flags, ..Index::default() });
        events(&self.all())
    }

    fn text(&mut self, root: &Path, pattern: &str, fresh: bool) -> (Vec<TextRow>, QuerySummary) {
        let options = QueryOptions { fresh, ..QueryOptions::default() };
        self.send(&TextQuery { target: target(root), pattern: pattern.into(), options, ..TextQuery::default() });
        let frames = self.all();
        let (last, rows) = frames.split_last().unwrap();
        let rows = rows.iter().flat_map(|frame| decode::<TextRows>(&frame.body).unwrap().rows).collect();
        if last.header.kind == Failure::KIND {
            panic!("{:?}", decode::<Failure>(&last.body));
        }
        (rows, decode(&last.body).unwrap())
    }
}

fn target(root: &Path) -> Target {
    Target { path: root.as_os_str().as_bytes().into(), ..Target::default() }
}

/// The progress events among frames, those of snapshots included.
fn events(frames: &[Frame]) -> Vec<ProgressEvent> {
    let of = |frame: &Frame| match frame.header.kind {
        Snapshot::KIND => decode::<Snapshot>(&frame.body).unwrap().jobs,
        ProgressEvent::KIND => vec![decode(&frame.body).unwrap()],
        Failure::KIND => panic!("{:?}", decode::<Failure>(&frame.body)),
        _ => Vec::new(),
    };
    frames.iter().flat_map(of).collect()
}

#[test]
fn requests_of_every_sort_and_nonsense_are_answered_on_one_connection() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    assert_eq!(client.ask::<_, Pong>(&Ping { token: 7, ..Ping::default() }).token, 7);
    let status: StatusReply = client.ask(&Status::default());
    assert_eq!((status.pid, status.sessions), (daemon.child.id(), 1));

    let header = Header { body_bytes: 3, kind: Index::KIND, flags: 0, rev: 1, id: 50 };
    client.write(&[header.encode().as_slice(), b"xyz"].concat());
    assert_eq!(client.receive_one::<Failure>().code, ErrorCode::MALFORMED);

    let unknown = |flags| Header { body_bytes: 1, kind: Kind(9999), flags, rev: 1, id: 51 };
    client.write(&[unknown(2).encode().as_slice(), b"x", &unknown(0).encode(), b"x"].concat());
    assert_eq!(client.receive_one::<Failure>().code, ErrorCode::UNIMPLEMENTED);

    let huge = Header { body_bytes: CLIENT_BODY_BYTES_MAX + 1, kind: Ping::KIND, flags: 0, rev: 1, id: 52 };
    client.write(&huge.encode());
    assert_eq!(client.receive_one::<Failure>().code, ErrorCode::FRAME_TOO_LARGE);
    client.write(&vec![0; CLIENT_BODY_BYTES_MAX as usize + 1]);
    assert_eq!(client.ask::<_, Pong>(&Ping { token: 8, ..Ping::default() }).token, 8);
    assert!(client.ask::<_, ProjectRows>(&ListProjects::default()).rows.is_empty());
    assert_eq!(client.ask::<_, Failure>(&CancelJob { job: 99, ..CancelJob::default() }).code, ErrorCode::NO_SUCH_JOB);
}

#[test]
fn p11_garbage_is_refused_with_a_sentence_and_costs_nobody_else() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    let mut stranger = UnixStream::connect(socket(daemon.dir.path())).unwrap();
    stranger.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut refusal = Vec::new();
    stranger.set_read_timeout(Some(PATIENCE)).unwrap();
    stranger.read_to_end(&mut refusal).unwrap();
    let preface = Preface::decode(refusal.first_chunk().unwrap()).unwrap();
    assert!(preface.refused);
    assert!(String::from_utf8_lossy(&refusal[PREFACE_BYTES..]).contains("vigied"));
    assert_eq!(client.ask::<_, Pong>(&Ping::default()).token, 0);
}

#[test]
fn a_project_is_indexed_and_answers() {
    let daemon = Daemon::start();
    let root = daemon.project("tree", 40);
    let mut client = daemon.connect();
    let failure: Failure =
        client.ask(&TextQuery { target: target(&root), pattern: "x".into(), ..TextQuery::default() });
    assert_eq!(failure.code, ErrorCode::NOT_INDEXED);
    let events = client.index(&root, 0);
    let (last, before) = events.split_last().unwrap();
    assert_eq!((last.r#type, last.permille, last.message.as_str()), (EventType::COMPLETE, 1000, "Done: 40 files"));
    assert_eq!(before[0].stage, Stage::STARTING);
    assert!(events.windows(2).all(|pair| pair[0].permille <= pair[1].permille && pair[0].seq <= pair[1].seq));
    assert!(last.stats.as_ref().unwrap().peak_memory_bytes > 0);

    let (rows, summary) = client.text(&root, "needle_tree", false);
    assert_eq!((rows.len(), summary.rows, summary.freshness), (40, 40, Freshness::UNVERIFIED));
    assert!(summary.coverage.complete && summary.elapsed_us > 0);
    let definition = SymbolQuery {
        target: target(&root),
        query: "item_7".into(),
        mode: SymbolMode::DEFINITION,
        ..SymbolQuery::default()
    };
    client.send(&definition);
    let found: SymbolRows = decode(&client.all()[0].body).unwrap();
    assert_eq!((found.rows.len(), found.rows[0].path.to_text().as_str()), (1, "file_7.rs"));

    std::fs::write(root.join("new.rs"), "fn needle_tree() {}").unwrap();
    let (rows, summary) = client.text(&root, "needle_tree", true);
    assert_eq!((rows.len(), summary.freshness), (41, Freshness::FRESH));

    let rows: JobRows = client.ask(&ListJobs { ended_max: 10, ..ListJobs::default() });
    assert_eq!(rows.rows.len(), 1, "that few files are looked at without a job");
    let job = rows.rows[0].job;
    client.send(&Subscribe { job, ..Subscribe::default() });
    let frames = client.all();
    let late: Snapshot = decode(&frames[0].body).unwrap();
    assert_eq!((frames.len(), late.jobs[0].r#type, late.jobs[0].job), (1, EventType::COMPLETE, job));
    let ack: CancelAck = client.ask(&CancelJob { job, ..CancelJob::default() });
    assert_eq!((ack.state, ack.ended.is_some()), (JobState::DONE, true));
}

#[test]
fn roots_that_may_not_be_indexed_are_refused_with_what_to_do() {
    let daemon = Daemon::start();
    let root = daemon.project("tree", 1);
    let mut client = daemon.connect();
    let mut refuse = |path: &Path| {
        let failure: Failure = client.ask(&Index { path: path.as_os_str().as_bytes().into(), ..Index::default() });
        assert!(!failure.hint.is_empty(), "{}", failure.message);
        failure.code
    };
    assert_eq!(refuse(Path::new("/")), ErrorCode::ROOT_REFUSED);
    assert_eq!(refuse(Path::new("/proc/self")), ErrorCode::ROOT_REFUSED);
    assert_eq!(refuse(&root.join("gone")), ErrorCode::NO_SUCH_PATH);
    assert_eq!(refuse(&root.join("file_0.rs")), ErrorCode::NOT_A_DIRECTORY);
}

#[test]
fn a_memory_limit_that_the_daemon_alone_exceeds_is_refused() {
    let daemon = Daemon::start();
    let root = daemon.project("tree", 1);
    let budget = Budget { memory_bytes_max: 1 << 20, ..Budget::default() };
    let index = Index { path: root.as_os_str().as_bytes().into(), budget, ..Index::default() };
    let failure: Failure = daemon.connect().ask(&index);
    assert_eq!(failure.code, ErrorCode::BAD_ARGUMENT);
    assert!(failure.message.ends_with("MiB, more than the 1 MiB allowed"), "{}", failure.message);
    assert!(failure.hint.starts_with("allow more"), "{}", failure.hint);
}

#[test]
fn a_project_whose_directory_was_removed_says_so() {
    let daemon = Daemon::start();
    let root = daemon.project("tree", 1);
    let mut client = daemon.connect();
    client.index(&root, 0);
    let notes = |client: &mut Client| {
        let rows: ProjectRows = client.ask(&ListProjects::default());
        rows.rows.into_iter().map(|row| row.note).collect::<Vec<_>>()
    };
    assert_eq!(notes(&mut client), [""]);
    std::fs::remove_dir_all(&root).unwrap();
    assert_eq!(notes(&mut client), ["its directory is gone"]);
}

#[test]
fn more_projects_than_may_be_open_are_switched_with_a_checkpoint() {
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &["--max-open-projects", "1"]);
    let mut watcher = daemon.connect();
    watcher.send(&Subscribe::default());
    watcher.receive_one::<Snapshot>();
    let mut client = daemon.connect();
    for name in ["one", "two", "three"] {
        let root = daemon.project(name, 5);
        let events = client.index(&root, 0);
        assert_eq!(events.last().unwrap().r#type, EventType::COMPLETE, "{events:?}");
        let switched = events.iter().find(|event| event.stage == Stage::SWITCHING_PROJECTS);
        assert_eq!(switched.is_some(), name != "one", "{events:?}");
        if let Some(switched) = switched {
            assert!(switched.message.starts_with("Closing "), "{}", switched.message);
        }
    }
    let closed = loop {
        let frame = watcher.frame().unwrap();
        if frame.header.kind == ProjectEvent::KIND {
            let event: ProjectEvent = decode(&frame.body).unwrap();
            if event.r#type == ProjectEventType::CLOSED {
                break event;
            }
        }
    };
    assert!(closed.message.contains("the WAL is empty"), "{}", closed.message);
}

#[test]
fn a_second_daemon_names_the_first_and_two_at_once_agree() {
    let daemon = Daemon::start();
    let (mut second, line) = launch(daemon.dir.path(), &[]);
    assert_eq!(line, format!("ready {}\n", socket(daemon.dir.path()).display()));
    assert!(second.wait().unwrap().success());

    let dir = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigied"));
        command.arg("--announce").arg("--socket").arg(socket(dir.path()));
        command.arg("--state-dir").arg(dir.path().join("state"));
        Reaped(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    };
    let mut both = [start(), start()];
    for Reaped(child) in &mut both {
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("ready "), "{line}");
    }
    let mut client = Client::connect(&socket(dir.path()));
    let status: StatusReply = client.ask(&Status::default());
    let (mut winner, mut loser) = both.into();
    if loser.0.id() == status.pid {
        std::mem::swap(&mut winner, &mut loser);
    }
    assert_eq!(winner.0.id(), status.pid);
    assert!(loser.0.wait().unwrap().success());
}

/// A process that ends with the test, however that ends.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[test]
fn sigterm_says_farewell_and_leaves_nothing_behind() {
    let mut daemon = Daemon::start();
    let root = daemon.project("tree", 5);
    let mut client = daemon.connect();
    client.index(&root, 0);
    daemon.signal(rustix::process::Signal::TERM);
    let away: GoAway = client.receive_one();
    assert!(away.reason.contains("signal"), "{}", away.reason);
    assert!(client.frame().is_none());
    assert!(daemon.child.wait().unwrap().success(), "{}", log(daemon.dir.path()));
    assert!(!socket(daemon.dir.path()).exists());
    let wal = std::fs::read_dir(daemon.dir.path().join("state/projects")).unwrap();
    let leftover = wal.flatten().find(|entry| entry.file_name().to_string_lossy().ends_with("-wal"));
    assert!(leftover.is_none_or(|entry| entry.metadata().unwrap().len() == 0));
}

#[test]
fn p7_a_killed_daemon_goes_on_with_the_same_job_and_a_stale_socket_is_replaced() {
    let daemon = Daemon::start();
    let root = daemon.project("tree", 1500);
    let mut client = daemon.connect();
    client.send(&Index { path: root.as_os_str().as_bytes().into(), ..Index::default() });
    let accepted: JobAccepted = client.receive_one();
    let mut permille = 0;
    while permille < 150 {
        let frame = client.frame().unwrap();
        permille = events(&[frame]).last().map_or(permille, |event| event.permille);
    }
    let dir = daemon.kill();
    let daemon = Daemon::start_in(dir, &[]);
    let mut client = daemon.connect();
    client.send(&Subscribe { job: accepted.job, ..Subscribe::default() });
    let events = events(&client.all());
    let last = events.last().unwrap();
    assert_eq!(last.message, "Done: 1,500 files", "{}", log(daemon.dir.path()));
    assert!(events[0].permille >= permille, "{} < {permille}", events[0].permille);
    let root = daemon.dir.path().join("tree");
    assert_eq!(client.text(&root, "needle_tree", false).0.len(), 1500);
}

#[test]
fn p5_a_cancel_is_acknowledged_and_ends_the_job_for_all() {
    let daemon = Daemon::start();
    let root = daemon.project("tree", 3000);
    let mut client = daemon.connect();
    let mut other = daemon.connect();
    client.send(&Index { path: root.as_os_str().as_bytes().into(), ..Index::default() });
    let accepted: JobAccepted = client.receive_one();
    let asked = std::time::Instant::now();
    let ack: CancelAck = other.ask(&CancelJob { job: accepted.job, ..CancelJob::default() });
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    assert_eq!(ack.state, JobState::CANCELLING);
    let events = events(&client.all());
    let last = events.last().unwrap();
    assert_eq!(last.r#type, EventType::CANCELLED);
    assert!(last.message.contains("smoke"), "{}", last.message);
    assert_eq!(client.index(&root, 0).last().unwrap().message, "Done: 3,000 files");
}

#[test]
fn an_owned_job_ends_with_its_connection_and_a_plain_one_goes_on() {
    let daemon = Daemon::start();
    let (owned, plain) = (daemon.project("owned", 3000), daemon.project("plain", 300));
    let mut watcher = daemon.connect();
    watcher.send(&Subscribe::default());
    watcher.receive_one::<Snapshot>();
    let start = |root: &Path, flags: u16| {
        let mut client = daemon.connect();
        let path = root.as_os_str().as_bytes().into();
        client.ask::<_, JobAccepted>(&Index { path, flags, ..Index::default() }).job
    };
    let (owned, plain) = (start(&owned, job_flag::OWN), start(&plain, 0));
    let mut ends = std::collections::BTreeMap::new();
    while ends.len() < 2 {
        let frame = watcher.frame().unwrap();
        for event in events(&[frame]).into_iter().filter(|event| event.stats.is_some()) {
            ends.insert(event.job, event.r#type);
        }
    }
    assert_eq!((ends[&owned], ends[&plain]), (EventType::CANCELLED, EventType::COMPLETE));
}

#[test]
fn p2_a_client_that_never_reads_costs_nobody_else_and_leaves_no_trace() {
    let daemon = Daemon::start();
    let root = daemon.project("tree", 400);
    let mut client = daemon.connect();
    client.index(&root, 0);
    let mut stalled = daemon.connect();
    for _ in 0..70 {
        stalled.send(&TextQuery { target: target(&root), pattern: ".".into(), ..TextQuery::default() });
        stalled.send(&Subscribe::default());
    }
    for token in 0..50 {
        assert_eq!(client.ask::<_, Pong>(&Ping { token, ..Ping::default() }).token, token);
    }
    assert_eq!(client.index(&root, job_flag::FORCE).last().unwrap().r#type, EventType::COMPLETE);
    drop(stalled);
    let status: StatusReply = client.ask(&Status::default());
    assert!(status.memory_bytes < 512 << 20, "{}", status.memory_bytes);
}

#[test]
fn requests_end_once_however_they_end() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    let stream = client.send(&Subscribe::default());
    client.receive_one::<Snapshot>();

    client.write(&frame_bytes(stream, false, &Withdraw::default()).unwrap());
    assert_eq!(client.receive_one::<Failure>().code, ErrorCode::WITHDRAWN);
    client.write(&frame_bytes(stream, false, &Withdraw::default()).unwrap());
    assert_eq!(client.ask::<_, Pong>(&Ping { token: 1, ..Ping::default() }).token, 1);

    client.write(&frame_bytes(stream, false, &Subscribe::default()).unwrap());
    client.receive_one::<Snapshot>();
    client.write(&frame_bytes(stream, false, &Ping::default()).unwrap());
    assert_eq!(client.receive_one::<Failure>().code, ErrorCode::BAD_ARGUMENT);

    let mut snapshots = 0;
    for _ in 0..65 {
        client.send(&Subscribe::default());
    }
    let busy = loop {
        let frame = client.frame().unwrap();
        if frame.header.kind == Failure::KIND {
            break decode::<Failure>(&frame.body).unwrap();
        }
        snapshots += 1;
    };
    assert!(busy.code == ErrorCode::BUSY && busy.retry_after_ms > 0 && snapshots <= 64, "{busy:?} {snapshots}");
}

#[test]
fn nothing_is_done_for_who_has_not_greeted() {
    let daemon = Daemon::start();
    let mut stream = UnixStream::connect(socket(daemon.dir.path())).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut bytes = Preface::OURS.encode().to_vec();
    let lacking = Hello { required: vec!["telepathy".into()], ..Hello::default() };
    bytes.extend(frame_bytes(1, false, &lacking).unwrap());
    bytes.extend(frame_bytes(2, false, &Ping::default()).unwrap());
    stream.write_all(&bytes).unwrap();
    let mut client = Client { stream, decoder: Decoder::new(SERVER_BODY_BYTES_MAX), ids: 2 };
    let mut preface = [0; PREFACE_BYTES];
    client.stream.read_exact(&mut preface).unwrap();
    let failure: Failure = client.receive_one();
    assert!(failure.code == ErrorCode::UNIMPLEMENTED && failure.message.contains("telepathy"), "{failure:?}");
    assert_eq!(client.receive_one::<Failure>().code, ErrorCode::NOT_GREETED);
}

#[test]
fn p10_only_our_own_user_may_connect() {
    // Only root can be another user.
    if !rustix::process::getuid().is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let nobody = 65534;
    std::os::unix::fs::chown(dir.path(), Some(nobody), Some(nobody)).unwrap();
    let program = dir.path().join("vigied");
    std::fs::copy(env!("CARGO_BIN_EXE_vigied"), &program).unwrap();
    let mut command = Command::new(program);
    std::os::unix::process::CommandExt::uid(&mut command, nobody);
    command.arg("--announce").arg("--socket").arg(socket(dir.path())).arg("--state-dir").arg(dir.path().join("state"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let daemon = Daemon { child, dir };
    assert!(line.starts_with("ready "), "{line}{}", log(daemon.dir.path()));
    let mut stream = UnixStream::connect(socket(daemon.dir.path())).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let _refused = stream.write_all(&Preface::OURS.encode());
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    assert!(answer.is_empty());
    assert!(log(daemon.dir.path()).contains("another user"), "{}", log(daemon.dir.path()));
}
