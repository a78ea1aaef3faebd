//! The decoder on streams as sockets deliver them: split anywhere, cut off anywhere, too long, unknown, or nonsense.

use proptest::collection::vec;
use proptest::prelude::*;
use vigie_proto::frame::{FLAG_FIN, FLAG_IGNORABLE, HEADER_BYTES};
use vigie_proto::{CLIENT_BODY_BYTES_MAX, Decoder, Frame, FrameError, Header, Incoming, Kind, Ping, frame_bytes};

use crate::allocation::peak_bytes;

const BODY_BYTES_MAX: u32 = 64;

fn any_frame() -> impl Strategy<Value = Frame> {
    let header = (any::<u16>(), any::<u8>(), any::<u8>(), any::<u64>());
    (header, vec(any::<u8>(), 0..=BODY_BYTES_MAX as usize)).prop_map(|((kind, flags, rev, id), body)| Frame {
        header: Header { body_bytes: u32::try_from(body.len()).unwrap(), kind: Kind(kind), flags, rev, id },
        body,
    })
}

fn wire(frames: &[Frame]) -> Vec<u8> {
    frames.iter().flat_map(|frame| [frame.header.encode().to_vec(), frame.body.clone()].concat()).collect()
}

fn header(body_bytes: u32, id: u64) -> Header {
    Header { body_bytes, kind: Kind(1), flags: 0, rev: 1, id }
}

/// Pushes the stream in pieces of the sizes given, over and over, and takes every frame after each.
fn read(decoder: &mut Decoder, stream: &[u8], sizes: &[usize]) -> Vec<Incoming> {
    let mut out = Vec::new();
    let mut rest = stream;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, later) = rest.split_at((*size).clamp(1, rest.len()));
        decoder.push(piece);
        out.extend(std::iter::from_fn(|| decoder.next_frame()));
        rest = later;
    }
    out
}

fn incoming(frames: &[Frame]) -> Vec<Incoming> {
    frames.iter().cloned().map(Incoming::Frame).collect()
}

proptest! {
    #[test]
    fn headers_round_trip(body_bytes: u32, kind: u16, flags: u8, rev: u8, id: u64) {
        let header = Header { body_bytes, kind: Kind(kind), flags, rev, id };
        prop_assert_eq!(Header::decode(&header.encode()), header);
    }

    #[test]
    fn any_split_yields_the_same_frames(frames in vec(any_frame(), 0..8), sizes in vec(1_usize..100, 1..20)) {
        let mut decoder = Decoder::new(BODY_BYTES_MAX);
        prop_assert_eq!(read(&mut decoder, &wire(&frames), &sizes), incoming(&frames));
        prop_assert_eq!(decoder.finish(), Ok(()));
    }

    #[test]
    fn every_prefix_yields_only_whole_frames(frames in vec(any_frame(), 1..4)) {
        let stream = wire(&frames);
        let ends: Vec<usize> = (0..=frames.len()).map(|count| wire(&frames[..count]).len()).collect();
        for cut in 0..=stream.len() {
            let mut decoder = Decoder::new(BODY_BYTES_MAX);
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            prop_assert_eq!(read(&mut decoder, &stream[..cut], &[usize::MAX]), incoming(&frames[..whole]));
            prop_assert_eq!(decoder.finish().is_ok(), ends.contains(&cut));
        }
    }

    #[test]
    fn oversize_is_skipped_under_any_split(
        before in any_frame(),
        after in any_frame(),
        excess in 1_u32..500,
        sizes in vec(1_usize..100, 1..20),
    ) {
        let long = header(BODY_BYTES_MAX + excess, 7);
        let stream =
            [wire(std::slice::from_ref(&before)), long.encode().to_vec(), vec![0xaa; long.body_bytes as usize],
                wire(std::slice::from_ref(&after))].concat();
        let mut decoder = Decoder::new(BODY_BYTES_MAX);
        let expected = vec![Incoming::Frame(before), Incoming::Oversize(long), Incoming::Frame(after)];
        prop_assert_eq!(read(&mut decoder, &stream, &sizes), expected);
        prop_assert_eq!(decoder.finish(), Ok(()));
    }

    #[test]
    fn garbage_is_bounded(stream in vec(any::<u8>(), 0..4096), sizes in vec(1_usize..300, 1..10)) {
        let mut decoder = Decoder::new(BODY_BYTES_MAX);
        let (found, peak) = peak_bytes(|| read(&mut decoder, &stream, &sizes));
        prop_assert!(decoder.held_bytes() <= 1024, "holds {} bytes", decoder.held_bytes());
        // What is returned is the test's own; a frame is at least a header of the stream.
        prop_assert!(peak <= 16 * (stream.len() + 1024), "{} frames held {} bytes", found.len(), peak);
    }
}

#[test]
fn oversize_is_skipped_without_being_held() {
    const PIECE: usize = 64 << 10;
    let long = header(u32::MAX, 9);
    let mut decoder = Decoder::new(CLIENT_BODY_BYTES_MAX);
    decoder.push(&long.encode());
    assert_eq!(decoder.next_frame(), Some(Incoming::Oversize(long)));
    let piece = vec![0xaa; PIECE];
    let ((), peak) = peak_bytes(|| {
        for _ in 0..u32::MAX as usize / PIECE {
            decoder.push(&piece);
            assert_eq!(decoder.next_frame(), None);
        }
    });
    assert!(peak <= PIECE, "skipping held {peak} bytes");
    assert_eq!(decoder.finish(), Err(FrameError::Truncated { missing_bytes: u64::from(u32::MAX) % PIECE as u64 }));
    decoder.push(&piece[..u32::MAX as usize % PIECE]);
    let ping = frame_bytes(10, false, &Ping { token: 3, ..Ping::default() }).unwrap();
    decoder.push(&ping);
    let Some(Incoming::Frame(frame)) = decoder.next_frame() else { panic!("the frame after an oversize one is read") };
    assert_eq!(frame.header.id, 10);
    assert_eq!(decoder.finish(), Ok(()));
}

#[test]
fn a_length_alone_allocates_nothing() {
    let mut decoder = Decoder::new(CLIENT_BODY_BYTES_MAX);
    let (found, peak) = peak_bytes(|| {
        decoder.push(&header(CLIENT_BODY_BYTES_MAX, 1).encode());
        decoder.next_frame()
    });
    assert_eq!(found, None);
    assert!(peak <= 1024, "a header held {peak} bytes");
    let missing_bytes = u64::from(CLIENT_BODY_BYTES_MAX);
    assert_eq!(decoder.finish(), Err(FrameError::Truncated { missing_bytes }));
}

#[test]
fn a_decoder_between_frames_gives_memory_back() {
    let mut decoder = Decoder::new(CLIENT_BODY_BYTES_MAX);
    decoder.push(&header(CLIENT_BODY_BYTES_MAX, 1).encode());
    decoder.push(&vec![0; CLIENT_BODY_BYTES_MAX as usize]);
    assert!(matches!(decoder.next_frame(), Some(Incoming::Frame(_))));
    assert!(decoder.held_bytes() <= 64 << 10, "an idle decoder holds {} bytes", decoder.held_bytes());
}

#[test]
fn the_limit_itself_is_no_oversize() {
    let frame = Frame { header: header(BODY_BYTES_MAX, 1), body: vec![1; BODY_BYTES_MAX as usize] };
    let mut decoder = Decoder::new(BODY_BYTES_MAX);
    decoder.push(&wire(std::slice::from_ref(&frame)));
    assert_eq!(decoder.next_frame(), Some(Incoming::Frame(frame)));
}

#[test]
fn an_unknown_kind_is_passed_up() {
    let kind = Kind(60_000);
    assert_eq!(kind.name(), None);
    let header = Header { body_bytes: 3, kind, flags: FLAG_FIN | FLAG_IGNORABLE | 0x80, rev: 200, id: 5 };
    let frame = Frame { header, body: vec![1, 2, 3] };
    let mut decoder = Decoder::new(BODY_BYTES_MAX);
    decoder.push(&wire(std::slice::from_ref(&frame)));
    assert_eq!(decoder.next_frame(), Some(Incoming::Frame(frame)));
    assert!(header.is_fin() && header.is_ignorable());
}

#[test]
fn a_stream_cut_in_a_header_says_how_much_is_missing() {
    let mut decoder = Decoder::new(BODY_BYTES_MAX);
    assert_eq!(decoder.finish(), Ok(()));
    decoder.push(&[1, 2, 3]);
    assert_eq!(decoder.next_frame(), None);
    assert_eq!(decoder.finish(), Err(FrameError::Truncated { missing_bytes: HEADER_BYTES as u64 - 3 }));
}
