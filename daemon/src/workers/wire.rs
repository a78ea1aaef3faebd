//! The bytes between daemon and worker: a header of five bytes and a body, both ways. Both ends are the same
//! executable, so the format has no versions and is nobody else's business. Neither end believes a length that it has
//! not checked; what the bodies mean is not known here.

use std::io::{self, Read};

/// One number and the length of what follows.
pub(super) const HEADER_BYTES: usize = 5;

/// Largest file handed to a worker: the limit for text.
pub(super) const SOURCE_BYTES_MAX: usize = 16 << 20;

/// Longest reason in an answer of status [`Status::Failed`].
pub(super) const REASON_BYTES_MAX: usize = 1 << 10;

/// Largest answer to a file of that size. Facts stay well below it: a definition costs some 20 bytes and its source no
/// fewer than 4.
pub(super) fn answer_bytes_max(source_bytes: usize) -> usize {
    (4 << 20) + 16 * source_bytes
}

/// What a worker says of a file, or of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Status {
    /// Sent once, before anything else: the worker is confined and waits for files. No body.
    Ready = 1,
    /// The body is packed facts.
    Facts = 2,
    /// The body is a reason, as a fragment.
    Failed = 3,
}

impl Status {
    pub(super) fn from_number(number: u8) -> Option<Status> {
        [Status::Ready, Status::Facts, Status::Failed].into_iter().find(|status| *status as u8 == number)
    }
}

/// What stands before a body: a language in a request, a status in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) number: u8,
    pub(super) body_bytes: u32,
}

impl Header {
    /// The header of a body; `None` if no header can announce so much.
    pub(super) fn of(number: u8, body: &[u8]) -> Option<Header> {
        Some(Header { number, body_bytes: u32::try_from(body.len()).ok()? })
    }

    pub(super) fn encode(self) -> [u8; HEADER_BYTES] {
        let [a, b, c, d] = self.body_bytes.to_le_bytes();
        [self.number, a, b, c, d]
    }

    pub(super) fn decode([number, a, b, c, d]: [u8; HEADER_BYTES]) -> Header {
        Header { number, body_bytes: u32::from_le_bytes([a, b, c, d]) }
    }
}

/// The number in the header, and the body.
pub(super) type Frame = (u8, Vec<u8>);

/// A frame that is arriving. What it announces is checked before memory is given to it, and memory grows only with what
/// came.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    header: Option<Header>,
    bytes: Vec<u8>,
}

/// Why no frame can come any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    #[error("the stream ended")]
    Ended,
    #[error("a frame announces {0} bytes")]
    TooLong(u32),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Incoming {
    /// Reads on. `None` = the stream has nothing more at the moment, which only one that does not block can say.
    pub(super) fn read(&mut self, stream: &mut impl Read, body_bytes_max: usize) -> Result<Option<Frame>, FrameError> {
        loop {
            match self.header {
                None => {
                    if !self.fill(stream, HEADER_BYTES)? {
                        return Ok(None);
                    }
                    self.begin_body(body_bytes_max)?;
                }
                Some(header) => {
                    if !self.fill(stream, header.body_bytes as usize)? {
                        return Ok(None);
                    }
                    self.header = None;
                    return Ok(Some((header.number, std::mem::take(&mut self.bytes))));
                }
            }
        }
    }

    fn begin_body(&mut self, body_bytes_max: usize) -> Result<(), FrameError> {
        let bytes = std::mem::take(&mut self.bytes).try_into().map_err(|_| FrameError::Ended)?;
        let header = Header::decode(bytes);
        if header.body_bytes as usize > body_bytes_max {
            return Err(FrameError::TooLong(header.body_bytes));
        }
        self.header = Some(header);
        Ok(())
    }

    /// Reads until `wanted` bytes are there; `false` = they are not yet.
    fn fill(&mut self, stream: &mut impl Read, wanted: usize) -> Result<bool, FrameError> {
        let missing = wanted - self.bytes.len();
        if missing == 0 {
            return Ok(true);
        }
        match stream.take(missing as u64).read_to_end(&mut self.bytes) {
            Ok(count) if count == missing => Ok(true),
            Ok(_) => Err(FrameError::Ended),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(e) => Err(e.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u8, body: &[u8]) -> Vec<u8> {
        [&Header::of(number, body).unwrap().encode(), body].concat()
    }

    /// Gives one byte at a time and says that there is nothing after each.
    struct Dripping<'a>(&'a [u8], bool);

    impl Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.0.read(&mut buffer[..1])
        }
    }

    #[test]
    fn frames_survive_any_split_of_the_stream() {
        let bytes = [frame(2, b"facts"), frame(1, b""), frame(3, &[7; 300])].concat();
        let (mut incoming, mut stream, mut frames) = (Incoming::default(), Dripping(&bytes, false), Vec::new());
        loop {
            match incoming.read(&mut stream, 300) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => {}
                Err(FrameError::Ended) => break,
                Err(e) => panic!("{e}"),
            }
        }
        assert_eq!(frames, [(2, b"facts".to_vec()), (1, Vec::new()), (3, vec![7; 300])]);
    }

    #[test]
    fn a_length_above_the_limit_is_refused_before_the_body_is_read() {
        let bytes = Header { number: 2, body_bytes: u32::MAX }.encode();
        assert!(matches!(Incoming::default().read(&mut &bytes[..], 1 << 20), Err(FrameError::TooLong(u32::MAX))));
    }

    #[test]
    fn an_early_end_is_an_end_at_every_byte() {
        let whole = frame(2, b"facts");
        for cut in 0..whole.len() {
            assert!(matches!(Incoming::default().read(&mut &whole[..cut], 64), Err(FrameError::Ended)), "cut at {cut}");
        }
    }

    #[test]
    fn every_status_has_its_number() {
        for status in [Status::Ready, Status::Facts, Status::Failed] {
            assert_eq!(Status::from_number(status as u8), Some(status));
        }
        assert_eq!((Status::from_number(0), Status::from_number(4)), (None, None));
    }
}
