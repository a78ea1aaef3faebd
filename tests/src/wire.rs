//! A client that speaks the wire itself: it can say what no well-behaved client would, and sees every frame as it came. It uses
//! the protocol crate's structs and codec, but none of the product's client code.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use vigie_proto::preface::PREFACE_BYTES;
use vigie_proto::preface::{Preface, PrefaceError};
use vigie_proto::{
    CodecError, Decoder, Failure, Frame, Hello, Incoming, Message, SERVER_BODY_BYTES_MAX, Welcome, decode, frame_bytes,
};

/// Longest a frame may be awaited.
const FRAME_TIME_MAX: Duration = Duration::from_secs(60);

/// Why a conversation ended.
#[derive(Debug)]
pub enum WireError {
    /// The socket failed, or nothing came in time.
    Socket(io::Error),
    /// The daemon refused, with this sentence.
    Refused(String),
    /// The daemon closed the connection.
    Closed,
    /// The daemon answered with a failure.
    Failed(Failure),
    /// The daemon sent what is not in the protocol.
    Protocol(String),
}

impl std::fmt::Display for WireError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WireError::Socket(e) => write!(f, "socket: {e}"),
            WireError::Refused(sentence) => write!(f, "refused: {sentence}"),
            WireError::Closed => write!(f, "closed by the daemon"),
            WireError::Failed(failure) => write!(f, "{}: {}", failure.code, failure.message),
            WireError::Protocol(what) => write!(f, "protocol: {what}"),
        }
    }
}

impl std::error::Error for WireError {}

impl From<io::Error> for WireError {
    fn from(e: io::Error) -> WireError {
        match e.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => {
                WireError::Closed
            }
            _ => WireError::Socket(e),
        }
    }
}

impl From<PrefaceError> for WireError {
    fn from(e: PrefaceError) -> WireError {
        WireError::Protocol(e.to_string())
    }
}

impl From<CodecError> for WireError {
    fn from(e: CodecError) -> WireError {
        WireError::Protocol(e.to_string())
    }
}

/// Every frame of one request's answer; the last one bears FIN.
#[derive(Debug, Default)]
pub struct Answer {
    /// In the order they came.
    pub frames: Vec<Frame>,
}

impl Answer {
    /// All bodies of one kind.
    #[track_caller]
    pub fn all<T: Message>(&self) -> Vec<T> {
        let of_kind = self.frames.iter().filter(|frame| frame.header.kind == T::KIND);
        of_kind.map(|frame| decode(&frame.body).expect("the body is what its kind says")).collect()
    }

    /// The one body of a kind.
    #[track_caller]
    pub fn one<T: Message>(&self) -> T {
        let mut all = self.all::<T>();
        assert_eq!(all.len(), 1, "one {} among {:?}", T::NAME, self.kinds());
        all.remove(0)
    }

    /// The failure it ended with.
    #[track_caller]
    pub fn failure(&self) -> Failure {
        self.one()
    }

    /// Names of the kinds that came.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.frames.iter().map(|frame| frame.header.kind.name().unwrap_or("unknown")).collect()
    }
}

/// One connection.
#[derive(Debug)]
pub struct Wire {
    stream: UnixStream,
    decoder: Decoder,
    next_id: u64,
}

impl Wire {
    /// Connects and says nothing.
    pub fn silent(socket: &Path) -> Result<Wire, WireError> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(FRAME_TIME_MAX))?;
        stream.set_write_timeout(Some(FRAME_TIME_MAX))?;
        Ok(Wire { stream, decoder: Decoder::new(SERVER_BODY_BYTES_MAX), next_id: 1 })
    }

    /// Connects, exchanges prefaces and greets.
    pub fn greeted(socket: &Path) -> Result<Wire, WireError> {
        Ok(Wire::greeted_by(socket)?.0)
    }

    /// Connects, exchanges prefaces, greets, and returns the daemon's welcome too.
    pub fn greeted_by(socket: &Path) -> Result<(Wire, Welcome), WireError> {
        let mut wire = Wire::silent(socket)?;
        wire.write(&Preface::OURS.encode())?;
        let id = wire.send(&wire.hello())?;
        wire.read_preface()?;
        let answer = wire.answer(id)?;
        Ok((wire, answer.one()))
    }

    /// A greeting that requires nothing.
    pub fn hello(&self) -> Hello {
        Hello { client: "vigie-tests".to_owned(), version: "0".to_owned(), ..Hello::default() }
    }

    /// Writes bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Reads the daemon's preface, and the sentence if it is a refusal.
    pub fn read_preface(&mut self) -> Result<Preface, WireError> {
        let mut bytes = [0; PREFACE_BYTES];
        self.stream.read_exact(&mut bytes)?;
        let preface = Preface::decode(&bytes)?;
        if !preface.refused {
            return Ok(preface);
        }
        let mut sentence = vec![0; preface.sentence_bytes.into()];
        self.stream.read_exact(&mut sentence)?;
        Err(WireError::Refused(String::from_utf8_lossy(&sentence).into_owned()))
    }

    /// An id no request of this connection had yet.
    pub fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Sends a request and returns its id.
    pub fn send<T: Message>(&mut self, message: &T) -> Result<u64, WireError> {
        let id = self.fresh_id();
        self.send_as(id, message)?;
        Ok(id)
    }

    /// Sends a message that belongs to the request `id`.
    pub fn send_as<T: Message>(&mut self, id: u64, message: &T) -> Result<(), WireError> {
        let bytes = frame_bytes(id, false, message)?;
        self.write(&bytes)
    }

    /// The next frame, whoever it is for.
    pub fn next_frame(&mut self) -> Result<Frame, WireError> {
        self.next_frame_within(FRAME_TIME_MAX)
    }

    /// The next frame, if one comes within that time.
    pub fn next_frame_within(&mut self, time_max: Duration) -> Result<Frame, WireError> {
        let deadline = Instant::now() + time_max;
        let mut buffer = vec![0; 64 << 10];
        loop {
            match self.decoder.next_frame() {
                Some(Incoming::Frame(frame)) => return Ok(frame),
                Some(Incoming::Oversize(header)) => {
                    return Err(WireError::Protocol(format!("a frame of {} bytes", header.body_bytes)));
                }
                None => {}
            }
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(WireError::Closed),
                Ok(n) => self.decoder.push(&buffer[..n]),
                // A wait with a timeout ends early when the process was stopped and goes on: signal(7).
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// All frames of one request up to its FIN; frames of other requests are dropped.
    pub fn answer(&mut self, id: u64) -> Result<Answer, WireError> {
        let mut answer = Answer::default();
        loop {
            let frame = self.next_frame()?;
            if frame.header.id != id {
                continue;
            }
            let fin = frame.header.is_fin();
            answer.frames.push(frame);
            if fin {
                return Ok(answer);
            }
        }
    }

    /// Sends a request and returns its whole answer, which must not be a failure.
    pub fn ask<T: Message>(&mut self, message: &T) -> Result<Answer, WireError> {
        let id = self.send(message)?;
        let answer = self.answer(id)?;
        match answer.all::<Failure>().pop() {
            Some(failure) => Err(WireError::Failed(failure)),
            None => Ok(answer),
        }
    }

    /// The next frame of a kind for a request; an error if the request ends before.
    pub fn next<T: Message>(&mut self, id: u64) -> Result<T, WireError> {
        loop {
            let frame = self.next_frame()?;
            if frame.header.id != id {
                continue;
            }
            if frame.header.kind == T::KIND {
                return Ok(decode(&frame.body)?);
            }
            if frame.header.is_fin() {
                let name = frame.header.kind.name().unwrap_or("unknown");
                return Err(WireError::Protocol(format!("ended with {name} before any {}", T::NAME)));
            }
        }
    }

    /// Reads until the daemon closes the connection, and returns how many bytes came.
    pub fn read_to_end(&mut self) -> Result<usize, WireError> {
        self.stream.set_read_timeout(Some(FRAME_TIME_MAX))?;
        let mut bytes = Vec::new();
        match self.stream.read_to_end(&mut bytes) {
            Ok(count) => Ok(count),
            Err(e) if e.kind() == io::ErrorKind::ConnectionReset => Ok(bytes.len()),
            Err(e) => Err(WireError::Socket(e)),
        }
    }

    /// Says that nothing more will be sent.
    pub fn finish_writing(&mut self) -> Result<(), WireError> {
        Ok(self.stream.shutdown(std::net::Shutdown::Write)?)
    }
}
