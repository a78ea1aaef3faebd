//! Frames: a fixed header of sixteen bytes and a body. Sans-IO: bytes are pushed in, frames come out, and the caller owns the
//! socket. The daemon, the blocking client and the tests share this one decoder.

/// Length of a frame header in bytes.
pub const HEADER_BYTES: usize = 16;

/// The last frame of a request's answer.
pub const FLAG_FIN: u8 = 1;
/// A receiver that does not know the kind skips the frame without an answer.
pub const FLAG_IGNORABLE: u8 = 2;

/// Number of a message on the wire. Any number is a value: an unknown one is skipped or answered `UNIMPLEMENTED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind(pub u16);

/// What stands before every body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Length of the body in bytes, the header not counted.
    pub body_bytes: u32,
    /// Which message the body is.
    pub kind: Kind,
    /// [`FLAG_FIN`], [`FLAG_IGNORABLE`]; unknown bits are ignored.
    pub flags: u8,
    /// Revision of the message's meaning.
    pub rev: u8,
    /// The request this frame belongs to; chosen by the client, 0 for what belongs to no request.
    pub id: u64,
}

impl Header {
    /// The bytes on the wire.
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[0..4].copy_from_slice(&self.body_bytes.to_le_bytes());
        out[4..6].copy_from_slice(&self.kind.0.to_le_bytes());
        out[6] = self.flags;
        out[7] = self.rev;
        out[8..16].copy_from_slice(&self.id.to_le_bytes());
        out
    }

    /// Reads a header; every sixteen bytes are one.
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Header {
        let [l0, l1, l2, l3, k0, k1, flags, rev, id @ ..] = *bytes;
        Header {
            body_bytes: u32::from_le_bytes([l0, l1, l2, l3]),
            kind: Kind(u16::from_le_bytes([k0, k1])),
            flags,
            rev,
            id: u64::from_le_bytes(id),
        }
    }

    /// Whether this frame ends its request.
    pub fn is_fin(&self) -> bool {
        self.flags & FLAG_FIN != 0
    }

    /// Whether a receiver that does not know the kind may skip it silently.
    pub fn is_ignorable(&self) -> bool {
        self.flags & FLAG_IGNORABLE != 0
    }
}

/// One whole frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its header.
    pub header: Header,
    /// Its body, still encoded.
    pub body: Vec<u8>,
}

/// What the decoder found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A whole frame.
    Frame(Frame),
    /// The header of a frame longer than the limit. Its body is being skipped; answer with an error of its id.
    Oversize(Header),
}

/// What the end of the stream can find wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The stream ended inside a frame.
    #[error("stream ended inside a frame: {missing_bytes} bytes missing")]
    Truncated {
        /// How many bytes the peer still owed; at least this many when it owed a header too.
        missing_bytes: u64,
    },
}

/// Memory a decoder keeps between frames, so that a connection that once carried a large frame does not hold it while idle.
const IDLE_BYTES_MAX: usize = 64 << 10;

/// Cuts a byte stream into frames. A length is checked before anything is allocated for it, and the bytes of an oversize
/// frame are dropped as they arrive: whoever takes every frame before pushing again makes it hold at most one body of the
/// limit plus what was pushed last.
#[derive(Debug)]
pub struct Decoder {
    body_bytes_max: u32,
    buffer: Vec<u8>,
    consumed: usize,
    skip_bytes: u64,
}

impl Decoder {
    /// A decoder that refuses bodies longer than `body_bytes_max`.
    pub fn new(body_bytes_max: u32) -> Decoder {
        Decoder { body_bytes_max, buffer: Vec::new(), consumed: 0, skip_bytes: 0 }
    }

    /// Takes bytes as they came from the socket, split anywhere.
    pub fn push(&mut self, mut bytes: &[u8]) {
        if self.skip_bytes > 0 {
            let skip = usize::try_from(self.skip_bytes).map_or(bytes.len(), |n| n.min(bytes.len()));
            bytes = &bytes[skip..];
            self.skip_bytes -= skip as u64;
        }
        if self.consumed > 0 {
            self.buffer.drain(..self.consumed);
            self.consumed = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, or `None` until more bytes are pushed.
    pub fn next_frame(&mut self) -> Option<Incoming> {
        let pending = &self.buffer[self.consumed..];
        let header = Header::decode(pending.first_chunk::<HEADER_BYTES>()?);
        let rest = &pending[HEADER_BYTES..];
        if header.body_bytes > self.body_bytes_max {
            let here = rest.len().min(header.body_bytes as usize);
            self.skip_bytes = u64::from(header.body_bytes) - here as u64;
            self.consume(HEADER_BYTES + here);
            return Some(Incoming::Oversize(header));
        }
        let body = rest.get(..header.body_bytes as usize)?.to_vec();
        self.consume(HEADER_BYTES + body.len());
        Some(Incoming::Frame(Frame { header, body }))
    }

    fn consume(&mut self, bytes: usize) {
        self.consumed += bytes;
        if self.consumed == self.buffer.len() {
            self.buffer.clear();
            self.buffer.shrink_to(IDLE_BYTES_MAX);
            self.consumed = 0;
        }
    }

    /// Memory held, in bytes.
    pub fn held_bytes(&self) -> usize {
        self.buffer.capacity()
    }

    /// Call when the stream has ended and every frame was taken: an error if it ended inside a frame.
    pub fn finish(&self) -> Result<(), FrameError> {
        let pending = &self.buffer[self.consumed..];
        let missing_bytes = match pending.first_chunk::<HEADER_BYTES>() {
            _ if self.skip_bytes > 0 => self.skip_bytes,
            _ if pending.is_empty() => return Ok(()),
            None => (HEADER_BYTES - pending.len()) as u64,
            Some(header) => {
                let whole = HEADER_BYTES as u64 + u64::from(Header::decode(header).body_bytes);
                whole.saturating_sub(pending.len() as u64)
            }
        };
        if missing_bytes == 0 { Ok(()) } else { Err(FrameError::Truncated { missing_bytes }) }
    }
}
