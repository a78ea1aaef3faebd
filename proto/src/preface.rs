//! The sixteen bytes each side sends first. Their layout is frozen for ever: it is what lets any two versions, however far
//! apart, understand why they cannot talk (promise P11).

use crate::{PROTOCOL_MAX, PROTOCOL_MIN};

/// Length of a preface in bytes.
pub const PREFACE_BYTES: usize = 16;

const MAGIC: [u8; 4] = *b"VIG1";
const FLAG_REFUSED: u16 = 1;

/// What a side says before its first frame: which protocol versions it speaks, and whether it refuses the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preface {
    /// Oldest version spoken.
    pub version_min: u16,
    /// Newest version spoken.
    pub version_max: u16,
    /// The sender will not talk: `sentence_bytes` of UTF-8 follow, then the connection closes.
    pub refused: bool,
    /// Length of the refusal's sentence in bytes; 0 unless `refused`.
    pub sentence_bytes: u16,
}

/// Why sixteen bytes are no preface.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrefaceError {
    /// The peer does not speak this protocol at all.
    #[error("peer does not speak the Vigie protocol: it began with {0:02x?}, not \"VIG1\"")]
    NotVigie([u8; 4]),
}

impl Preface {
    /// The preface of this build.
    pub const OURS: Preface =
        Preface { version_min: PROTOCOL_MIN, version_max: PROTOCOL_MAX, refused: false, sentence_bytes: 0 };

    /// A refusal: the preface and its sentence, cut to what the length field holds.
    pub fn refusal(sentence: &str) -> Vec<u8> {
        let mut end = sentence.len().min(usize::from(u16::MAX));
        while !sentence.is_char_boundary(end) {
            end -= 1;
        }
        let sentence_bytes = u16::try_from(end).unwrap_or(u16::MAX);
        let mut out = Preface { refused: true, sentence_bytes, ..Preface::OURS }.encode().to_vec();
        out.extend_from_slice(&sentence.as_bytes()[..end]);
        out
    }

    /// The bytes on the wire.
    pub fn encode(&self) -> [u8; PREFACE_BYTES] {
        let mut out = [0; PREFACE_BYTES];
        out[0..4].copy_from_slice(&MAGIC);
        out[4..6].copy_from_slice(&self.version_min.to_le_bytes());
        out[6..8].copy_from_slice(&self.version_max.to_le_bytes());
        let flags = if self.refused { FLAG_REFUSED } else { 0 };
        out[8..10].copy_from_slice(&flags.to_le_bytes());
        out[10..12].copy_from_slice(&self.sentence_bytes.to_le_bytes());
        out
    }

    /// Reads a preface; unknown flags and the four reserved bytes are ignored.
    pub fn decode(bytes: &[u8; PREFACE_BYTES]) -> Result<Preface, PrefaceError> {
        let [m0, m1, m2, m3, a0, a1, b0, b1, f0, f1, s0, s1, ..] = *bytes;
        let magic = [m0, m1, m2, m3];
        if magic != MAGIC {
            return Err(PrefaceError::NotVigie(magic));
        }
        Ok(Preface {
            version_min: u16::from_le_bytes([a0, a1]),
            version_max: u16::from_le_bytes([b0, b1]),
            refused: u16::from_le_bytes([f0, f1]) & FLAG_REFUSED != 0,
            sentence_bytes: u16::from_le_bytes([s0, s1]),
        })
    }

    /// The newest version both sides speak, if there is one.
    pub fn common_version(&self, other: &Preface) -> Option<u16> {
        let version = self.version_max.min(other.version_max);
        (version >= self.version_min && version >= other.version_min).then_some(version)
    }
}
