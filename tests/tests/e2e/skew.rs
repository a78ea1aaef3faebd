//! A client and a daemon of different versions. The other version is a small daemon that speaks the real protocol.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use vigie_proto::preface::{PREFACE_BYTES, Preface};
use vigie_proto::{
    CLIENT_BODY_BYTES_MAX, Decoder, Done, ErrorCode, Failure, Frame, Hello, Incoming, JobBrief, ListProjects, Message,
    ProjectRows, Shutdown, Status, StatusReply, Welcome, frame_bytes,
};
use vigie_tests::{TestEnv, copy_program};

const HEARD_MAX: Duration = Duration::from_secs(30);

/// A daemon of another version, for one connection after the other until it is asked to stop.
struct OtherDaemon {
    heard: Receiver<&'static str>,
}

/// How it is.
#[derive(Clone, Debug, Default)]
struct Manner {
    sessions: u32,
    jobs: usize,
    lacks: bool,
    refuses: bool,
    /// It has work to do once this is there.
    work: Option<PathBuf>,
}

impl OtherDaemon {
    fn start(env: &TestEnv, version: &str, manner: Manner) -> OtherDaemon {
        let dir = env.runtime_dir();
        fs::DirBuilder::new().mode(0o700).create(&dir).expect("the directory is ours");
        let socket = dir.join("vigied.sock");
        let listener = UnixListener::bind(&socket).expect("the socket is new");
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o600)).expect("the socket is ours");
        let (said, heard) = channel();
        let version = version.to_owned();
        thread::spawn(move || serve(&listener, socket, &version, &manner, &said));
        OtherDaemon { heard }
    }

    /// Every request that came until nobody was connected any more.
    fn requests(&self) -> Vec<&'static str> {
        let mut all = Vec::new();
        while let Ok(name) = self.heard.recv_timeout(HEARD_MAX) {
            if name == "end" {
                return all;
            }
            all.push(name);
        }
        panic!("the client stays connected: {all:?}");
    }
}

fn serve(listener: &UnixListener, socket: PathBuf, version: &str, manner: &Manner, said: &Sender<&'static str>) {
    while let Ok((stream, _)) = listener.accept() {
        let stops = converse(stream, version, manner, said);
        if stops {
            let _gone = fs::remove_file(&socket);
        }
        // The test may have ended.
        let _unheard = said.send("end");
        if stops {
            return;
        }
    }
}

/// One connection; whether it asked the daemon to stop.
fn converse(mut stream: UnixStream, version: &str, manner: &Manner, said: &Sender<&'static str>) -> bool {
    let mut preface = [0; PREFACE_BYTES];
    if stream.read_exact(&mut preface).is_err() {
        return false;
    }
    let mut out = Preface::OURS.encode().to_vec();
    if manner.refuses {
        let sentence = format!("this is vigied {version}, which speaks another protocol: update the client");
        let sentence_bytes = u16::try_from(sentence.len()).expect("it is short");
        let refusal = Preface { version_min: 90, version_max: 91, refused: true, sentence_bytes };
        out = [refusal.encode().as_slice(), sentence.as_bytes()].concat();
    }
    let (mut decoder, mut chunk) = (Decoder::new(CLIENT_BODY_BYTES_MAX), [0; 4096]);
    let mut stops = false;
    loop {
        if stream.write_all(&out).is_err() || stops || manner.refuses {
            return stops;
        }
        out.clear();
        while let Some(Incoming::Frame(frame)) = decoder.next_frame() {
            let _unheard = said.send(frame.header.kind.name().unwrap_or("unknown"));
            stops |= frame.header.kind == Shutdown::KIND;
            out.extend(answer(&frame, version, manner));
        }
        if out.is_empty() {
            match stream.read(&mut chunk) {
                Ok(0) | Err(_) => return stops,
                Ok(n) => decoder.push(&chunk[..n]),
            }
        }
    }
}

fn answer(frame: &Frame, version: &str, manner: &Manner) -> Vec<u8> {
    let id = frame.header.id;
    let bytes = match frame.header.kind {
        Hello::KIND => {
            let welcome = Welcome { version: version.to_owned(), protocol: 1, epoch: 7, ..Welcome::default() };
            frame_bytes(id, true, &welcome)
        }
        ListProjects::KIND if !manner.lacks => frame_bytes(id, true, &ProjectRows::default()),
        Status::KIND => {
            let is_at_work = manner.work.as_ref().is_some_and(|work| work.exists());
            let jobs = vec![JobBrief::default(); manner.jobs + usize::from(is_at_work)];
            frame_bytes(id, true, &StatusReply { sessions: manner.sessions, jobs, ..StatusReply::default() })
        }
        Shutdown::KIND => frame_bytes(id, true, &Done::default()),
        _ => {
            let message = "this daemon does not know that".to_owned();
            frame_bytes(id, true, &Failure { code: ErrorCode::UNIMPLEMENTED, message, ..Failure::default() })
        }
    };
    bytes.expect("the answer fits a frame")
}

const IDLE: Manner = Manner { sessions: 1, jobs: 0, lacks: false, refuses: false, work: None };

#[test]
fn an_older_daemon_that_has_nothing_to_do_makes_way() {
    let env = TestEnv::new();
    let old = OtherDaemon::start(&env, "0.0.9", IDLE);
    let output = env.vigie_in(&env.home(), &["projects"]);
    output.check(matches!(output.code, 0 | 1), "the old one's answer");
    output.expect_stderr("the daemon was vigied 0.0.9, older than this vigie");
    assert_eq!(old.requests(), ["Hello", "ListProjects", "Status", "Shutdown"]);
    assert_eq!(env.daemon_pids().len(), 1, "one of the version that is installed runs");
    let output = env.vigie_in(&env.home(), &["projects"]);
    output.check(output.stderr.is_empty() || !output.stderr.contains("older"), "it is said once");
    env.vigie_in(&env.home(), &["daemon", "stop"]).expect_code(0);
}

/// Two builds of one version differ by their files alone.
#[test]
fn a_daemon_whose_program_was_replaced_makes_way() {
    let env = TestEnv::new();
    let bin = env.path("installed");
    fs::create_dir(&bin).expect("the directory is new");
    let install = |program: &str| {
        copy_program(&env.binary(program), &bin.join("new"));
        fs::rename(bin.join("new"), bin.join(program)).expect("the directory is ours");
    };
    install("vigie");
    install("vigied");
    let ask = || env.program_in(&bin.join("vigie"), &env.home(), &["projects"], &[]);
    let note = "the daemon was an earlier build of vigied";
    let first = ask();
    first.check(matches!(first.code, 0 | 1) && !first.stderr.contains(note), "an answer");
    let old = env.daemon_pids();
    ask().check(env.daemon_pids() == old, "the same daemon answers");
    install("vigied");
    ask().expect_stderr(note).expect_stderr("it made way for the one that is installed now");
    let new = env.daemon_pids();
    assert!(new.len() == 1 && new != old, "{old:?} {new:?}");
    let last = ask();
    last.check(!last.stderr.contains(note) && env.daemon_pids() == new, "it is said once");
    // Of another installation neither is ended.
    install("vigied");
    let other = env.vigie_in(&env.home(), &["projects"]);
    other.check(!other.stderr.contains(note) && env.daemon_pids() == new, "the daemon of another installation stays");
    let (elsewhere, ran) = (env.path("elsewhere"), env.path("ran"));
    fs::create_dir(&elsewhere).expect("the directory is new");
    copy_program(&env.binary("vigie"), &elsewhere.join("vigie"));
    script(&elsewhere.join("vigied"), &format!("touch '{}'", ran.display()));
    env.program_in(&elsewhere.join("vigie"), &env.home(), &["projects"], &[]);
    assert!(!ran.exists() && env.daemon_pids() == new, "nor is its version asked for");
    env.vigie_in(&env.home(), &["daemon", "stop"]).expect_code(0);
}

#[test]
fn what_an_older_daemon_lacks_is_asked_of_its_successor() {
    let env = TestEnv::new();
    let _old = OtherDaemon::start(&env, "0.0.9", Manner { lacks: true, ..IDLE });
    let output = env.vigie_in(&env.home(), &["projects", "--json"]);
    output.check(matches!(output.code, 0 | 1), "the successor's answer");
    output.expect_stderr("made way for");
    env.vigie_in(&env.home(), &["daemon", "stop"]).expect_code(0);
}

#[test]
fn an_older_daemon_that_is_busy_stays() {
    for manner in [Manner { jobs: 1, ..IDLE }, Manner { sessions: 2, ..IDLE }] {
        let env = TestEnv::new();
        let old = OtherDaemon::start(&env, "0.0.9", manner.clone());
        let output = env.vigie_in(&env.home(), &["projects"]);
        output.check(matches!(output.code, 0 | 1), "an answer all the same");
        assert_eq!(old.requests(), ["Hello", "ListProjects", "Status"], "{manner:?}");
        assert!(env.daemon_pids().is_empty());
    }
    let env = TestEnv::new();
    let _old = OtherDaemon::start(&env, "0.0.9", Manner { jobs: 1, lacks: true, ..IDLE });
    let output = env.vigie_in(&env.home(), &["projects"]);
    output.expect_code(76);
    output.expect_stderr("the daemon is vigied 0.0.9, older than this vigie");
    output.expect_stderr("vigie daemon restart");
}

/// A program of the shell.
fn script(path: &Path, lines: &str) {
    fs::write(path, format!("#!/bin/sh\n{lines}\n")).expect("the directory is ours");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
}

/// The last that it is asked before it is ended is whether it has something to do.
#[test]
fn work_that_comes_to_an_older_daemon_meanwhile_has_it_stay() {
    let env = TestEnv::new();
    let (bin, work) = (env.path("installed"), env.path("work"));
    fs::create_dir(&bin).expect("the directory is new");
    copy_program(&env.binary("vigie"), &bin.join("vigie"));
    script(
        &bin.join("vigied"),
        &format!("touch '{}'; exec '{}' \"$@\"", work.display(), env.binary("vigied").display()),
    );
    let old = OtherDaemon::start(&env, "0.0.9", Manner { work: Some(work.clone()), ..IDLE });
    env.program_in(&bin.join("vigie"), &env.home(), &["projects"], &[]);
    assert_eq!(old.requests(), ["Hello", "ListProjects", "Status"]);
    assert!(work.exists(), "the version was asked for before");
    assert!(env.daemon_pids().is_empty());
}

/// It would ignore the flag, and show all.
#[test]
fn what_is_certain_is_not_asked_of_a_daemon_that_cannot_tell() {
    for command in ["refs", "callers", "callees"] {
        for more in [&[][..], &["--json"]] {
            let env = TestEnv::new();
            let old = OtherDaemon::start(&env, "0.0.9", IDLE);
            let words = [&[command, "tack", "--certain", "--no-spawn"], more].concat();
            let output = env.vigie_in(&env.home(), &words);
            output.expect_code(76).expect_stderr("the daemon, vigied 0.0.9, cannot do: certain");
            assert_eq!(old.requests(), ["Hello"], "{command}");
        }
    }
}

#[test]
fn a_newer_daemon_is_left_alone() {
    let env = TestEnv::new();
    let new = OtherDaemon::start(&env, "99.0.0", IDLE);
    let output = env.vigie_in(&env.home(), &["projects"]);
    output.check(matches!(output.code, 0 | 1), "an answer");
    assert_eq!(new.requests(), ["Hello", "ListProjects"]);
    let env = TestEnv::new();
    let same = OtherDaemon::start(&env, "unknown", IDLE);
    env.vigie_in(&env.home(), &["projects"]);
    assert_eq!(same.requests(), ["Hello", "ListProjects"]);
}

#[test]
fn whoever_may_not_start_a_daemon_ends_none() {
    let env = TestEnv::new();
    let old = OtherDaemon::start(&env, "0.0.9", IDLE);
    env.vigie_in(&env.home(), &["projects", "--no-spawn"]);
    assert_eq!(old.requests(), ["Hello", "ListProjects"]);
}

#[test]
fn p11_a_daemon_of_another_protocol_is_named_with_both_versions() {
    let env = TestEnv::new();
    let _old = OtherDaemon::start(&env, "0.0.9", Manner { refuses: true, ..IDLE });
    let output = env.vigie_in(&env.home(), &["projects"]);
    output.expect_code(76);
    output.expect_stderr("vigied 0.0.9");
    output.expect_stderr("this client, vigie ");
    output.expect_stderr("systemctl --user stop vigied");
}
