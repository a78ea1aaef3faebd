//! Bytes that no client of ours would send. Whatever comes, the daemon answers or hangs up, and goes on serving others.

use std::collections::BTreeMap;
use std::time::Duration;

use vigie_proto::frame::{FLAG_IGNORABLE, HEADER_BYTES};
use vigie_proto::kind::Sender;
use vigie_proto::preface::{PREFACE_BYTES, Preface};
use vigie_proto::{
    CLIENT_BODY_BYTES_MAX, DumpQuery, ErrorCode, Failure, Header, Hello, Kind, Message as _, Ping, Pong, Snapshot,
    Status, Subscribe, Target, TextQuery, Welcome, Withdraw, capability, decode, frame_bytes,
};
use vigie_tests::{Daemon, Rng, SourceTree, TestEnv, Wire, WireError, resident_bytes_peak};

use crate::support::index;

/// The daemon still serves who behaves.
#[track_caller]
fn check_serves(daemon: &Daemon<'_>) {
    check_answers(&mut daemon.connect(), 7);
}

#[track_caller]
fn check_answers(wire: &mut Wire, token: u64) {
    let pong: Pong = wire.ask(&Ping { token, ..Ping::default() }).expect("the daemon answers a ping").one();
    assert_eq!(pong.token, token);
}

/// A header and nothing behind it.
fn header(body_bytes: u32, kind: u16, flags: u8, id: u64) -> [u8; HEADER_BYTES] {
    Header { body_bytes, kind: Kind(kind), flags, rev: 1, id }.encode()
}

#[test]
fn preface_hello_and_ping_in_one_write() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut wire = Wire::silent(daemon.socket()).expect("it connects");
    let mut bytes = Preface::OURS.encode().to_vec();
    bytes.extend(frame_bytes(1, false, &wire.hello()).expect("it encodes"));
    bytes.extend(frame_bytes(2, false, &Ping { token: 41, ..Ping::default() }).expect("it encodes"));
    bytes.extend(frame_bytes(3, false, &Ping { token: 42, ..Ping::default() }).expect("it encodes"));
    wire.write(&bytes).expect("it is sent");
    assert!(!wire.read_preface().expect("a preface comes").refused);
    let welcome: Welcome = wire.next(1).expect("a welcome");
    assert_eq!(welcome.pid, daemon.pid());
    assert_eq!(wire.next::<Pong>(2).expect("a pong").token, 41);
    assert_eq!(wire.next::<Pong>(3).expect("a pong").token, 42);
}

#[test]
fn bytes_may_come_one_at_a_time() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut wire = Wire::silent(daemon.socket()).expect("it connects");
    let mut bytes = Preface::OURS.encode().to_vec();
    bytes.extend(frame_bytes(1, false, &wire.hello()).expect("it encodes"));
    bytes.extend(frame_bytes(2, false, &Ping { token: 43, ..Ping::default() }).expect("it encodes"));
    for byte in bytes {
        wire.write(&[byte]).expect("it is sent");
    }
    wire.read_preface().expect("a preface comes");
    assert_eq!(wire.next::<Pong>(2).expect("a pong").token, 43);
}

#[test]
fn p11_a_far_version_gets_a_readable_refusal() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut wire = Wire::silent(daemon.socket()).expect("it connects");
    let future = Preface { version_min: 900, version_max: 901, ..Preface::OURS };
    wire.write(&future.encode()).expect("it is sent");
    match wire.read_preface() {
        Err(WireError::Refused(sentence)) => {
            let ours = vigie_proto::PROTOCOL_MAX.to_string();
            let mut numbers = sentence.split(|c: char| !c.is_ascii_digit());
            assert!(sentence.contains("900") && numbers.any(|number| number == ours), "both versions: {sentence}");
            assert!(sentence.len() > 30, "a sentence with the fix: {sentence}");
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
    assert_eq!(wire.read_to_end().expect("it is closed"), 0, "nothing follows a refusal");
    check_serves(&daemon);
}

#[test]
fn p11_a_wider_range_finds_the_common_version() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut wire = Wire::silent(daemon.socket()).expect("it connects");
    wire.write(&Preface { version_max: 900, ..Preface::OURS }.encode()).expect("it is sent");
    let id = wire.send(&wire.hello()).expect("it is sent");
    wire.read_preface().expect("a preface comes");
    let welcome: Welcome = wire.next(id).expect("a welcome");
    assert_eq!(welcome.protocol, vigie_proto::PROTOCOL_MAX);
}

#[test]
fn a_capability_that_is_lacking_is_named() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut wire = Wire::silent(daemon.socket()).expect("it connects");
    wire.write(&Preface::OURS.encode()).expect("it is sent");
    let required = vec![capability::TEXT.to_owned(), "time-travel".to_owned()];
    let id = wire.send(&Hello { required, ..wire.hello() }).expect("it is sent");
    wire.read_preface().expect("a preface comes");
    let failure: Failure = wire.next(id).expect("a failure");
    assert_eq!(failure.code, ErrorCode::UNIMPLEMENTED);
    assert!(failure.message.contains("time-travel"), "{failure:?}");
}

#[test]
fn garbage_is_hung_up_on() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut rng = Rng::new(90);
    for length in [1, 15, 16, 17, 1000, 100_000] {
        let garbage: Vec<u8> = (0..length).map(|_| rng.next_u64() as u8).collect();
        let mut wire = Wire::silent(daemon.socket()).expect("it connects");
        // The daemon may hang up before it has read everything.
        let _cut = wire.write(&garbage);
        let _gone = wire.finish_writing();
        let answered = wire.read_to_end().expect("the daemon hangs up");
        assert!(answered <= PREFACE_BYTES + 1000, "{answered} bytes for {length} of garbage");
    }
    let mut wire = Wire::silent(daemon.socket()).expect("it connects");
    let _cut = wire.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wire.read_to_end().expect("the daemon hangs up");
    check_serves(&daemon);
}

#[test]
fn garbage_after_the_greeting_is_answered_or_hung_up_on() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut rng = Rng::new(91);
    for _ in 0..20 {
        let mut wire = daemon.connect();
        let garbage: Vec<u8> = (0..4096).map(|_| rng.next_u64() as u8).collect();
        let _cut = wire.write(&garbage);
        let _gone = wire.finish_writing();
        wire.read_to_end().expect("the daemon hangs up");
    }
    check_serves(&daemon);
    assert!(resident_bytes_peak(daemon.pid()) < 256 << 20);
}

#[test]
fn an_oversize_frame_is_skipped_and_answered() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut wire = daemon.connect();
    let body_bytes = CLIENT_BODY_BYTES_MAX + 1;
    let id = wire.fresh_id();
    wire.write(&header(body_bytes, TextQuery::KIND.0, 0, id)).expect("it is sent");
    wire.write(&vec![0xaa; body_bytes as usize]).expect("the body is skipped");
    let failure: Failure = wire.next(id).expect("an answer");
    assert_eq!(failure.code, ErrorCode::FRAME_TOO_LARGE);
    check_answers(&mut wire, 44);
}

#[test]
fn a_frame_that_lies_about_its_length_allocates_nothing() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let before = resident_bytes_peak(daemon.pid());
    let mut liars = Vec::new();
    for _ in 0..50 {
        let mut wire = daemon.connect();
        let id = wire.fresh_id();
        wire.write(&header(u32::MAX, TextQuery::KIND.0, 0, id)).expect("it is sent");
        let failure: Failure = wire.next(id).expect("an answer before the body");
        assert_eq!(failure.code, ErrorCode::FRAME_TOO_LARGE);
        liars.push(wire);
    }
    // A length within the limit, and then nothing.
    for _ in 0..50 {
        let mut wire = daemon.connect();
        let id = wire.fresh_id();
        wire.write(&header(CLIENT_BODY_BYTES_MAX, TextQuery::KIND.0, 0, id)).expect("it is sent");
        liars.push(wire);
    }
    check_serves(&daemon);
    let growth = resident_bytes_peak(daemon.pid()) - before;
    assert!(growth < 32 << 20, "the daemon grew by {growth} bytes for frames that never came");
}

#[test]
fn a_body_that_lies_about_its_lengths_is_malformed() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let before = resident_bytes_peak(daemon.pid());
    let mut wire = daemon.connect();
    // A withdrawal is no request: it has no answer of its own.
    let is_request = |kind: Kind, sender: Sender| sender == Sender::Client && kind != Withdraw::KIND;
    for (kind, ..) in Kind::ALL.iter().filter(|(kind, _, sender)| is_request(*kind, *sender)) {
        let id = wire.fresh_id();
        wire.write(&header(8, kind.0, 0, id)).expect("it is sent");
        wire.write(&u64::MAX.to_le_bytes()).expect("it is sent");
        let frame = wire.next_frame().expect("an answer");
        assert_eq!((frame.header.id, frame.header.kind), (id, Failure::KIND), "kind {}", kind.0);
        let failure: Failure = decode(&frame.body).expect("a failure");
        assert_eq!(failure.code, ErrorCode::MALFORMED, "kind {}: {failure:?}", kind.0);
    }
    check_answers(&mut wire, 45);
    assert!(resident_bytes_peak(daemon.pid()) - before < 32 << 20);
}

#[test]
fn an_unknown_kind_is_unimplemented_unless_ignorable() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut wire = daemon.connect();
    let (asked, ignored) = (wire.fresh_id(), wire.fresh_id());
    wire.write(&header(3, 60_000, FLAG_IGNORABLE, ignored)).expect("it is sent");
    wire.write(b"abc").expect("it is sent");
    wire.write(&header(3, 60_001, 0, asked)).expect("it is sent");
    wire.write(b"abc").expect("it is sent");
    let frame = wire.next_frame().expect("an answer");
    assert_eq!(frame.header.id, asked, "the ignorable frame is skipped silently");
    assert!(frame.header.is_fin());
    let failure: Failure = decode(&frame.body).expect("a failure");
    assert_eq!(failure.code, ErrorCode::UNIMPLEMENTED);
    check_answers(&mut wire, 46);
}

#[test]
fn a_request_before_the_greeting_is_told_so() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut wire = Wire::silent(daemon.socket()).expect("it connects");
    wire.write(&Preface::OURS.encode()).expect("it is sent");
    let id = wire.send(&Ping::default()).expect("it is sent");
    wire.read_preface().expect("a preface comes");
    let failure: Failure = wire.next(id).expect("an answer");
    assert_eq!(failure.code, ErrorCode::NOT_GREETED);
}

#[test]
fn a_connection_may_end_anywhere() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut bytes = Preface::OURS.encode().to_vec();
    let hello = Hello { client: "vigie-tests".to_owned(), ..Hello::default() };
    bytes.extend(frame_bytes(1, false, &hello).expect("it encodes"));
    bytes.extend(frame_bytes(2, false, &Ping::default()).expect("it encodes"));
    for end in 0..bytes.len() {
        let mut wire = Wire::silent(daemon.socket()).expect("it connects");
        wire.write(&bytes[..end]).expect("it is sent");
    }
    check_serves(&daemon);
}

#[test]
fn too_many_requests_at_once_are_refused_one_by_one() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let (mut wire, welcome) = Wire::greeted_by(daemon.socket()).expect("the daemon greets");
    let subscribe = vigie_proto::Subscribe::default();
    let ids: Vec<u64> = (0..welcome.requests_max + 3).map(|_| wire.send(&subscribe).expect("it is sent")).collect();
    let mut busy = 0;
    while busy < 3 {
        let frame = wire.next_frame_within(Duration::from_secs(20)).expect("an answer to each");
        if frame.header.kind == Failure::KIND {
            let failure: Failure = decode(&frame.body).expect("a failure");
            assert_eq!(failure.code, ErrorCode::BUSY, "{failure:?}");
            assert!(ids.contains(&frame.header.id));
            busy += 1;
        }
    }
    check_serves(&daemon);
}

#[test]
fn every_request_ends_with_exactly_one_fin() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 60, 4000, 92);
    index(&env, &tree.root);
    let target = Target { path: tree.root.to_str().expect("the path is UTF-8").into(), ..Target::default() };
    let mut wire = daemon.connect();
    let text = TextQuery { target: target.clone(), pattern: ".".to_owned(), ..TextQuery::default() };
    let bad = TextQuery { pattern: "(".to_owned(), ..text.clone() };
    let ids = [
        wire.send(&text).expect("it is sent"),
        wire.send(&DumpQuery { target: target.clone(), ..DumpQuery::default() }).expect("it is sent"),
        wire.send(&bad).expect("it is sent"),
        wire.send(&Status { target, ..Status::default() }).expect("it is sent"),
        wire.send(&Ping::default()).expect("it is sent"),
    ];
    let mut ends: BTreeMap<u64, u32> = BTreeMap::new();
    while ends.len() < ids.len() {
        let frame = wire.next_frame().expect("every request is answered");
        assert!(!ends.contains_key(&frame.header.id), "a frame after the end of its request: {:?}", frame.header);
        if frame.header.is_fin() {
            *ends.entry(frame.header.id).or_default() += 1;
        }
    }
    assert_eq!(ends.into_keys().collect::<Vec<_>>(), ids);
    let last = wire.send(&Ping::default()).expect("it is sent");
    assert_eq!(wire.next_frame().expect("an answer").header.id, last, "nothing follows");
}

#[test]
fn a_withdrawn_request_ends() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut wire = daemon.connect();
    let id = wire.send(&Subscribe::default()).expect("it is sent");
    wire.next::<Snapshot>(id).expect("a snapshot comes first");
    wire.send_as(id, &Withdraw::default()).expect("it is sent");
    let failure: Failure = wire.next(id).expect("it ends");
    assert_eq!(failure.code, ErrorCode::WITHDRAWN);
    check_answers(&mut wire, 47);
}
