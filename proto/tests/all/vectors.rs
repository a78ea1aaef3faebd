//! The committed vectors are what the encoder writes, and the decoder reads them back. `cargo run -p vigie-proto --example
//! vectors` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use vigie_proto::preface::{PREFACE_BYTES, Preface};
use vigie_proto::{Decoder, Incoming, Kind, Message, decode, encode};

use crate::golden::meaning::Meaning;
use crate::golden::{REFUSAL, Visitor, values, vectors};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn committed(file: &str) -> String {
    std::fs::read_to_string(folder().join(file)).unwrap_or_else(|e| panic!("tests/vectors/{file}: {e}"))
}

/// Reads the hex lines as a stranger would.
fn committed_bytes(file: &str) -> Vec<u8> {
    let text = committed(file);
    let digits = text.lines().filter_map(|line| line.strip_prefix("hex ")).flat_map(|line| line.split(' '));
    digits.map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

#[test]
fn the_committed_files_are_what_the_encoder_writes() {
    for vector in vectors() {
        assert_eq!(committed(&vector.file), vector.text, "tests/vectors/{}", vector.file);
    }
}

#[test]
fn every_kind_has_one_vector() {
    let files: BTreeSet<String> =
        folder().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let kinds = Kind::ALL.iter().map(|(kind, name, _)| format!("{}-{name}.txt", kind.0));
    let expected: BTreeSet<String> = kinds.chain(["preface.txt".into(), "preface-refusal.txt".into()]).collect();
    assert_eq!(files, expected);
}

#[test]
fn kinds_are_numbered_once_and_upwards() {
    assert!(Kind::ALL.is_sorted_by(|(a, ..), (b, ..)| a < b));
    let names: BTreeSet<&str> = Kind::ALL.iter().map(|(_, name, _)| *name).collect();
    assert_eq!(names.len(), Kind::ALL.len());
}

struct ReadBack;

impl Visitor for ReadBack {
    fn visit<T: Message + Debug + PartialEq>(&mut self, id: u64, fin: bool, value: T) {
        let mut decoder = Decoder::new(T::SENDER.body_bytes_max());
        decoder.push(&committed_bytes(&format!("{}-{}.txt", T::KIND.0, T::NAME)));
        let Some(Incoming::Frame(frame)) = decoder.next_frame() else { panic!("no frame of {}", T::NAME) };
        decoder.finish().unwrap();
        assert_eq!((frame.header.kind, frame.header.rev), (T::KIND, T::REV));
        assert_eq!((frame.header.id, frame.header.is_fin()), (id, fin));
        assert_eq!(decode::<T>(&frame.body).unwrap(), value);
        assert_eq!(encode(&value).unwrap(), frame.body);
    }
}

#[test]
fn the_committed_frames_decode_to_their_values() {
    values::each(&mut ReadBack);
}

struct NothingDefault;

impl Visitor for NothingDefault {
    fn visit<T: Message + Debug + PartialEq>(&mut self, _: u64, _: bool, value: T) {
        for (path, value) in Meaning::of(&value).lines {
            assert!(!["0", "false", "\"\"", "absent"].contains(&value.as_str()), "{}: {path} is {value}", T::NAME);
        }
    }
}

/// A field left at its default would not show that it stands in the right place.
#[test]
fn no_field_of_a_vector_is_at_its_default() {
    values::each(&mut NothingDefault);
}

#[test]
fn the_committed_prefaces_decode() {
    let ours = committed_bytes("preface.txt");
    assert_eq!(Preface::decode(ours.first_chunk().unwrap()), Ok(Preface::OURS));
    assert_eq!(ours.len(), PREFACE_BYTES);
    let refusal = committed_bytes("preface-refusal.txt");
    assert!(Preface::decode(refusal.first_chunk().unwrap()).unwrap().refused);
    assert_eq!(&refusal[PREFACE_BYTES..], REFUSAL.as_bytes());
}
