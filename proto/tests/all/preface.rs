//! Promise P11: any two versions understand each other's refusal.

use proptest::prelude::*;
use vigie_proto::preface::{PREFACE_BYTES, Preface, PrefaceError};

fn preface(version_min: u16, version_max: u16) -> Preface {
    Preface { version_min, version_max, refused: false, sentence_bytes: 0 }
}

/// What a side that knows nothing but the sixteen bytes makes of a refusal.
fn read_refusal(bytes: &[u8]) -> (Preface, String) {
    let (head, rest) = bytes.split_first_chunk::<PREFACE_BYTES>().unwrap();
    let read = Preface::decode(head).unwrap();
    let sentence = &rest[..usize::from(read.sentence_bytes)];
    (read, String::from_utf8(sentence.to_vec()).unwrap())
}

#[test]
fn p11_versions_without_overlap_have_no_common_version() {
    assert_eq!(preface(1, 3).common_version(&preface(4, 9)), None);
    assert_eq!(preface(4, 9).common_version(&preface(1, 3)), None);
    assert_eq!(preface(1, 4).common_version(&preface(4, 9)), Some(4));
    assert_eq!(preface(2, 5).common_version(&preface(1, 9)), Some(5));
    assert_eq!(preface(5, 2).common_version(&preface(1, 9)), None, "a range turned around holds nothing");
}

#[test]
fn p11_a_refusal_carries_its_sentence_and_versions() {
    let sentence = "vigied 0.1.0 speaks protocol 1, you speak 7: restart it — or update";
    let (read, text) = read_refusal(&Preface::refusal(sentence));
    assert!(read.refused);
    assert_eq!((read.version_min, read.version_max), (Preface::OURS.version_min, Preface::OURS.version_max));
    assert_eq!(text, sentence);
}

#[test]
fn p11_a_sentence_too_long_is_cut_between_characters() {
    let (read, text) = read_refusal(&Preface::refusal(&"ß".repeat(40_000)));
    assert!(read.refused);
    assert_eq!(text, "ß".repeat(32_767));
}

#[test]
fn p11_a_later_versions_refusal_is_understood() {
    let mut bytes = *b"VIG1\x07\x00\x09\x00\xff\xff\x02\x00\xde\xad\xbe\xef";
    let expected = Preface { version_min: 7, version_max: 9, refused: true, sentence_bytes: 2 };
    assert_eq!(Preface::decode(&bytes), Ok(expected));
    bytes[8] = 0xfe;
    assert!(!Preface::decode(&bytes).unwrap().refused, "only bit 0 refuses");
}

#[test]
fn another_magic_is_refused() {
    assert_eq!(Preface::decode(b"GET / HTTP/1.1\r\n"), Err(PrefaceError::NotVigie(*b"GET ")));
}

proptest! {
    #[test]
    fn p11_both_sides_decide_alike(a in any::<(u16, u16)>(), b in any::<(u16, u16)>()) {
        let (a, b) = (preface(a.0, a.1), preface(b.0, b.1));
        let common = a.common_version(&b);
        prop_assert_eq!(common, b.common_version(&a));
        let spoken = |version: u16, side: &Preface| (side.version_min..=side.version_max).contains(&version);
        match common {
            Some(version) => {
                prop_assert!(spoken(version, &a) && spoken(version, &b));
                prop_assert!(version == u16::MAX || !(spoken(version + 1, &a) && spoken(version + 1, &b)));
            }
            None => prop_assert!((a.version_min..=a.version_max).all(|version| !spoken(version, &b))),
        }
    }

    #[test]
    fn prefaces_round_trip(version_min: u16, version_max: u16, refused: bool, sentence_bytes: u16) {
        let preface = Preface { version_min, version_max, refused, sentence_bytes };
        prop_assert_eq!(Preface::decode(&preface.encode()), Ok(preface));
    }
}
