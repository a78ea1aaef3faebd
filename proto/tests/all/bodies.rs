//! Bodies of every message: what is written is read back, and what lies is an error that costs no more than the limit.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use vigie_proto::kind::Sender;
use vigie_proto::{
    Bytes, CLIENT_BODY_BYTES_MAX, Decoder, DumpLines, Ext, Hello, Incoming, Index, JobRows, Kind, Message, Pong,
    SERVER_BODY_BYTES_MAX, StatusReply, TextQuery, TextRows, decode, encode, frame_bytes,
};

use crate::allocation::peak_bytes;
use crate::dice;
use crate::golden::{Visitor, values};

/// What decoding a body may hold: a list of a false count begins with at most a mebibyte, three of them nest; a string of a false
/// length begins with at most the limit; and true content grows by less than this factor.
fn decode_bytes_max(body: &[u8]) -> usize {
    (3 << 20) + SERVER_BODY_BYTES_MAX as usize + 16 * body.len() + 4096
}

fn check_bounded<T: Message>(body: &[u8]) {
    let (_, peak) = peak_bytes(|| decode::<T>(body));
    assert!(peak <= decode_bytes_max(body), "{} bytes as {} held {peak}", body.len(), T::NAME);
}

struct RoundTrip<'a>(&'a [u8]);

impl Visitor for RoundTrip<'_> {
    fn visit<T: Message + Debug + PartialEq>(&mut self, id: u64, fin: bool, _: T) {
        let thrown: T = dice::throw(self.0);
        let mut decoder = Decoder::new(T::SENDER.body_bytes_max());
        decoder.push(&frame_bytes(id, fin, &thrown).unwrap());
        let Some(Incoming::Frame(frame)) = decoder.next_frame() else { panic!("no frame of {}", T::NAME) };
        assert_eq!((frame.header.kind, frame.header.id, frame.header.is_fin()), (T::KIND, id, fin));
        assert_eq!(decode::<T>(&frame.body).unwrap(), thrown);
    }
}

struct Garbage<'a>(&'a [u8]);

impl Visitor for Garbage<'_> {
    fn visit<T: Message + Debug + PartialEq>(&mut self, _: u64, _: bool, _: T) {
        check_bounded::<T>(self.0);
    }
}

proptest! {
    #[test]
    fn every_message_round_trips(strip in vec(any::<u8>(), 0..1024)) {
        values::each(&mut RoundTrip(&strip));
    }

    #[test]
    fn garbage_is_bounded(body in vec(any::<u8>(), 0..512)) {
        values::each(&mut Garbage(&body));
    }

    #[test]
    fn sparse_garbage_is_bounded(body in vec(prop_oneof![6 => Just(0_u8), 2 => Just(1), 1 => any::<u8>()], 0..2048)) {
        values::each(&mut Garbage(&body));
    }
}

struct Damage;

impl Visitor for Damage {
    fn visit<T: Message + Debug + PartialEq>(&mut self, _: u64, _: bool, value: T) {
        let body = encode(&value).unwrap();
        for cut in 0..body.len() {
            assert!(decode::<T>(&body[..cut]).is_err(), "{} of {} bytes are a {}", cut, body.len(), T::NAME);
        }
        for at in 0..body.len().saturating_sub(7) {
            for lie in [body.len() as u64, 1 << 22, 1 << 40, u64::MAX] {
                let mut damaged = body.clone();
                damaged[at..at + 8].copy_from_slice(&lie.to_le_bytes());
                check_bounded::<T>(&damaged);
            }
        }
        let longer = [body.as_slice(), b"a newer version's fields"].concat();
        assert_eq!(decode::<T>(&longer).unwrap(), value, "bytes after the struct are ignored");
    }
}

#[test]
fn damage_of_any_message_is_an_error_or_bounded() {
    values::each(&mut Damage);
}

fn check_lie<T: Message + Debug>(what: &str, body: &[u8], at: usize) {
    let left = (body.len() - at - 8) as u64;
    for lie in [left + 1, u64::from(SERVER_BODY_BYTES_MAX), u64::from(SERVER_BODY_BYTES_MAX) + 1, 1 << 40, u64::MAX] {
        let mut lying = body.to_vec();
        lying[at..at + 8].copy_from_slice(&lie.to_le_bytes());
        let (result, peak) = peak_bytes(|| decode::<T>(&lying));
        assert!(result.is_err(), "{what} of length {lie} was read");
        assert!(peak <= decode_bytes_max(&lying), "{what} of length {lie} held {peak} bytes");
    }
}

#[test]
fn lying_lengths_are_errors() {
    check_lie::<Hello>("a string", &encode(&Hello { client: "vigie".into(), ..Hello::default() }).unwrap(), 0);
    check_lie::<Index>("a byte string", &encode(&Index { path: "/src".into(), ..Index::default() }).unwrap(), 0);
    check_lie::<Hello>("a list of strings", &encode(&Hello::default()).unwrap(), 16);
    check_lie::<TextRows>("a list of structs", &encode(&TextRows::default()).unwrap(), 0);
    check_lie::<JobRows>("a list of structs", &encode(&JobRows::default()).unwrap(), 0);
    check_lie::<Pong>("ext", &encode(&Pong::default()).unwrap(), 8);
}

/// A false length of a byte string is found before anything is allocated for it.
#[test]
fn a_false_byte_string_costs_nothing() {
    let mut body = encode(&Index::default()).unwrap();
    body[0..8].copy_from_slice(&u64::from(SERVER_BODY_BYTES_MAX - 64).to_le_bytes());
    let (result, peak) = peak_bytes(|| decode::<Index>(&body));
    assert!(result.is_err());
    assert!(peak <= 1024, "held {peak} bytes");
}

fn check_error<T: Message + Debug>(body: &[u8], expected: &str) {
    assert_eq!(decode::<T>(body).unwrap_err().to_string(), expected);
}

#[test]
fn errors_say_what_is_wrong_and_never_what_was_written() {
    let query = encode(&TextQuery { pattern: "secret".into(), ..TextQuery::default() }).unwrap();
    check_error::<TextQuery>(
        &query[..query.len() - 1],
        "body is not a valid TextQuery: it ends too early, or a length in it is wrong",
    );
    let mut not_utf8 = query.clone();
    let at = not_utf8.windows(6).position(|window| window == b"secret").unwrap();
    not_utf8[at] = 0xff;
    check_error::<TextQuery>(&not_utf8, "body is not a valid TextQuery: a string in it is not UTF-8");
    let mut endless = query;
    endless[0..8].copy_from_slice(&u64::MAX.to_le_bytes());
    check_error::<TextQuery>(&endless, "body is not a valid TextQuery: a length in it is larger than any body");
}

#[test]
fn bools_and_option_tags_are_0_or_1() {
    let reply = StatusReply::default();
    let body = encode(&reply).unwrap();
    // After `project` come warnings, freshness, age, coverage (a bool, eight numbers, ext) and ext.
    let coverage_at = body.len() - 8 - (1 + 8 * 8 + 8);
    let option_at = coverage_at - 8 - 2 - 8 - 1;
    for (at, expected) in [
        (coverage_at, "body is not a valid StatusReply: a bool in it is neither 0 nor 1"),
        (option_at, "body is not a valid StatusReply: an option tag in it is neither 0 nor 1"),
    ] {
        let mut damaged = body.clone();
        damaged[at] = 2;
        check_error::<StatusReply>(&damaged, expected);
    }
}

#[test]
fn a_body_of_the_limit_is_written_and_read_and_one_byte_more_is_not() {
    let overhead = encode(&DumpLines::default()).unwrap().len();
    let lines = Bytes(vec![b'x'; SERVER_BODY_BYTES_MAX as usize - overhead]);
    let mut dump = DumpLines { lines, ext: Ext::default() };
    let frame = frame_bytes(1, false, &dump).unwrap();
    assert_eq!(decode::<DumpLines>(&frame[16..]).unwrap(), dump);
    dump.lines.0.push(b'x');
    assert!(frame_bytes(1, false, &dump).is_err());
    let index = Index { path: Bytes(vec![b'x'; CLIENT_BODY_BYTES_MAX as usize]), ..Index::default() };
    assert!(frame_bytes(1, false, &index).is_err(), "a client's limit is the smaller one");
}

#[test]
fn every_sender_keeps_to_its_limit() {
    let limit = |kind: u16| {
        Kind::ALL
            .iter()
            .find(|(known, ..)| known.0 == kind)
            .map(|(.., sender): &(_, _, Sender)| sender.body_bytes_max())
    };
    assert_eq!(limit(1), Some(1 << 20));
    assert_eq!(limit(2), Some(4 << 20));
}
