//! One connection: greeting, frames, and answers told apart by their request's id. It knows the wire and the socket, not what
//! requests mean; nothing here connects again.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vigie_proto::preface::{PREFACE_BYTES, Preface};
use vigie_proto::{
    Decoder, Failure, Frame, GoAway, Hello, Incoming, Message, SERVER_BODY_BYTES_MAX, Welcome, decode, frame_bytes,
};

use crate::error::ClientError;
use crate::paths::Places;
use crate::request::{expect, is_unknown};
use crate::wait::{Wait, Woken};

/// How long a daemon may take to greet, and to take what is written to it.
const GREETING_WITHIN: Duration = Duration::from_secs(10);
/// Most frames of other requests kept while one is waited for.
const PARKED_FRAMES_MAX: usize = 1024;
const READ_BYTES: usize = 64 << 10;

/// What came of waiting.
#[derive(Debug)]
pub enum Received {
    /// A frame of some request.
    Frame(Frame),
    /// The wait's deadline passed.
    Deadline,
    /// The wait was woken.
    Wake,
}

/// A connection to the daemon. Preface and `Hello` go out together with the first request, so that a one-shot command costs
/// one round trip.
#[derive(Debug)]
pub struct Connection {
    stream: UnixStream,
    socket: PathBuf,
    /// Whose locks say which process it is.
    places: Option<Places>,
    opened: Instant,
    inbound: Inbound,
    decoder: Decoder,
    unsent: Vec<u8>,
    parked: VecDeque<Frame>,
    welcome: Option<Welcome>,
    hello_id: u64,
    last_id: u64,
}

/// How far the daemon's own preface has been read.
#[derive(Debug)]
enum Inbound {
    Preface(Vec<u8>),
    Refusal(Preface, Vec<u8>),
    Frames,
}

impl Connection {
    /// Takes a connected stream; nothing is written before the first request.
    pub fn new(stream: UnixStream, socket: &Path, hello: &Hello) -> Result<Connection, ClientError> {
        stream.set_write_timeout(Some(GREETING_WITHIN)).map_err(lost)?;
        let hello_id = 1;
        let mut unsent = Preface::OURS.encode().to_vec();
        unsent.extend(frame_bytes(hello_id, false, hello)?);
        Ok(Connection {
            stream,
            socket: socket.to_owned(),
            places: None,
            opened: Instant::now(),
            inbound: Inbound::Preface(Vec::with_capacity(PREFACE_BYTES)),
            decoder: Decoder::new(SERVER_BODY_BYTES_MAX),
            unsent,
            parked: VecDeque::new(),
            welcome: None,
            hello_id,
            last_id: hello_id,
        })
    }

    /// The socket this connection was made to.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Sends a request and returns the id its answers bear.
    pub fn send<R: Message>(&mut self, request: &R) -> Result<u64, ClientError> {
        let id = self.queue(request)?;
        self.flush()?;
        Ok(id)
    }

    /// The same, but the request leaves with the next one.
    pub(crate) fn queue<R: Message>(&mut self, request: &R) -> Result<u64, ClientError> {
        let id = self.last_id + 1;
        self.unsent.extend(frame_bytes(id, false, request)?);
        self.last_id = id;
        Ok(id)
    }

    fn flush(&mut self) -> Result<(), ClientError> {
        let written = self.stream.write_all(&self.unsent);
        self.unsent.clear();
        match written {
            Ok(()) => Ok(()),
            // A daemon that refuses closes without reading: its sentence is still there to be read.
            Err(e) if self.welcome.is_none() && is_closed(e.kind()) => Ok(()),
            Err(e) => Err(lost(e)),
        }
    }

    /// The same connection, to a daemon that may hold the locks in these places.
    pub(crate) fn of(mut self, places: &Places) -> Connection {
        self.places = Some(places.clone());
        self
    }

    fn silent(&self) -> ClientError {
        // The locks may be another daemon's, with another socket.
        let is_its = |places: &&Places| places.socket_of_lock_holder().as_ref() == Some(&self.socket);
        let pid = self.places.as_ref().filter(is_its).and_then(Places::lock_holder);
        ClientError::Silent { seconds: GREETING_WITHIN.as_secs(), pid }
    }

    /// Whether the daemon has greeted.
    pub fn is_greeted(&self) -> bool {
        self.welcome.is_some()
    }

    /// The daemon's greeting, if it has come.
    pub(crate) fn greeting(&self) -> Option<&Welcome> {
        self.welcome.as_ref()
    }

    /// The daemon's greeting; sends ours if that has not happened.
    pub fn welcome(&mut self) -> Result<&Welcome, ClientError> {
        if !self.unsent.is_empty() {
            self.flush()?;
        }
        while self.welcome.is_none() {
            if let Some(Received::Frame(frame)) = self.step(&Wait::FOREVER)? {
                self.park(frame)?;
            }
        }
        self.welcome.as_ref().ok_or_else(|| self.silent())
    }

    /// Whether the socket has nothing to read.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(Wait::until(Instant::now()).readable(self.stream.as_fd()), Ok(Woken::Deadline))
    }

    /// The next frame of any request.
    pub fn receive(&mut self, wait: &Wait<'_>) -> Result<Received, ClientError> {
        match self.parked.pop_front() {
            Some(frame) => Ok(Received::Frame(frame)),
            None => self.read_frame(wait),
        }
    }

    /// The next frame of request `id`; frames of others are kept for their turn.
    pub fn receive_for(&mut self, id: u64, wait: &Wait<'_>) -> Result<Received, ClientError> {
        if let Some(at) = self.parked.iter().position(|frame| frame.header.id == id)
            && let Some(frame) = self.parked.remove(at)
        {
            return Ok(Received::Frame(frame));
        }
        loop {
            match self.read_frame(wait)? {
                Received::Frame(frame) if frame.header.id != id => self.park(frame)?,
                received => return Ok(received),
            }
        }
    }

    /// Reads until the daemon closes the connection; what still comes is dropped.
    pub fn read_to_end(&mut self, wait: &Wait<'_>) -> Result<(), ClientError> {
        loop {
            match self.receive(wait) {
                Ok(Received::Frame(_)) | Err(ClientError::Leaving(_)) => {}
                Ok(Received::Deadline | Received::Wake) => return Err(ClientError::Deadline),
                Err(ClientError::Lost(_)) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for the end of a connection whose daemon is leaving, so that the next one reaches its successor. Returns whether
    /// the daemon had ever greeted.
    pub(crate) fn outlive(mut self, until: Instant) -> bool {
        // However it ends, it is over: the caller connects again either way.
        let _ended = self.read_to_end(&Wait::until(until));
        self.is_greeted()
    }

    fn park(&mut self, frame: Frame) -> Result<(), ClientError> {
        if self.parked.len() >= PARKED_FRAMES_MAX {
            return Err(ClientError::Overrun { max: PARKED_FRAMES_MAX });
        }
        self.parked.push_back(frame);
        Ok(())
    }

    fn read_frame(&mut self, wait: &Wait<'_>) -> Result<Received, ClientError> {
        loop {
            if let Some(received) = self.step(wait)? {
                return Ok(received);
            }
        }
    }

    /// Decodes one frame, or waits once for bytes. The connection's own frames are taken here, and unknown ones dropped unless
    /// they end a request.
    fn step(&mut self, wait: &Wait<'_>) -> Result<Option<Received>, ClientError> {
        if matches!(self.inbound, Inbound::Frames)
            && let Some(incoming) = self.decoder.next_frame()
        {
            return match incoming {
                Incoming::Oversize(header) => Err(ClientError::Oversize { bytes: header.body_bytes }),
                Incoming::Frame(frame) => Ok(self.take_own(frame)?.map(Received::Frame)),
            };
        }
        match self.wait_readable(wait)? {
            Woken::Readable => self.read_bytes().map(|()| None),
            Woken::Wake => Ok(Some(Received::Wake)),
            Woken::Deadline => Ok(Some(Received::Deadline)),
        }
    }

    /// Until the daemon has greeted, its time is short, whatever the caller's deadline.
    fn wait_readable(&self, wait: &Wait<'_>) -> Result<Woken, ClientError> {
        if self.welcome.is_some() {
            return wait.readable(self.stream.as_fd()).map_err(lost);
        }
        let greeting = self.opened + GREETING_WITHIN;
        let woken = wait.no_later_than(greeting).readable(self.stream.as_fd()).map_err(lost)?;
        if woken == Woken::Deadline && Instant::now() >= greeting {
            return Err(self.silent());
        }
        Ok(woken)
    }

    fn read_bytes(&mut self) -> Result<(), ClientError> {
        let mut chunk = [0; READ_BYTES];
        let n = match self.stream.read(&mut chunk) {
            Ok(0) => return Err(self.ended()),
            Ok(n) => n,
            Err(e) if matches!(e.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => return Ok(()),
            Err(e) if is_closed(e.kind()) => return Err(self.ended()),
            Err(e) => return Err(lost(e)),
        };
        self.take_bytes(&chunk[..n])
    }

    fn take_bytes(&mut self, mut bytes: &[u8]) -> Result<(), ClientError> {
        if let Inbound::Preface(head) = &mut self.inbound {
            let missing = (PREFACE_BYTES - head.len()).min(bytes.len());
            head.extend_from_slice(&bytes[..missing]);
            bytes = &bytes[missing..];
            let Some(head) = head.first_chunk::<PREFACE_BYTES>() else { return Ok(()) };
            let preface = Preface::decode(head)?;
            self.inbound = if preface.refused { Inbound::Refusal(preface, Vec::new()) } else { Inbound::Frames };
        }
        match &mut self.inbound {
            Inbound::Preface(_) => Ok(()),
            Inbound::Frames => {
                self.decoder.push(bytes);
                Ok(())
            }
            Inbound::Refusal(preface, sentence) => {
                let missing = usize::from(preface.sentence_bytes).saturating_sub(sentence.len());
                sentence.extend_from_slice(&bytes[..missing.min(bytes.len())]);
                if sentence.len() < usize::from(preface.sentence_bytes) { Ok(()) } else { Err(self.ended()) }
            }
        }
    }

    /// What the end of the stream means here.
    fn ended(&self) -> ClientError {
        match &self.inbound {
            Inbound::Refusal(preface, sentence) => refused(preface, sentence),
            Inbound::Preface(_) => ClientError::Lost("it closed before its greeting".to_owned()),
            Inbound::Frames => match self.decoder.finish() {
                Ok(()) => ClientError::Lost("it closed the connection".to_owned()),
                Err(e) => ClientError::Lost(e.to_string()),
            },
        }
    }

    /// Takes the frames that belong to the connection, and drops those that may be skipped.
    fn take_own(&mut self, frame: Frame) -> Result<Option<Frame>, ClientError> {
        let header = frame.header;
        if header.kind == Welcome::KIND {
            self.welcome = Some(expect(&frame)?);
            return Ok(None);
        }
        if header.kind == GoAway::KIND {
            return Err(ClientError::Leaving(decode::<GoAway>(&frame.body)?.reason));
        }
        if header.kind == Failure::KIND && (header.id == 0 || header.id == self.hello_id) {
            return Err(ClientError::Failure(Box::new(decode(&frame.body)?)));
        }
        let skipped = header.id == 0 || (is_unknown(&frame) && !header.is_fin());
        Ok((!skipped).then_some(frame))
    }
}

fn refused(preface: &Preface, sentence: &[u8]) -> ClientError {
    let versions = |preface: &Preface| match (preface.version_min, preface.version_max) {
        (min, max) if min == max => min.to_string(),
        (min, max) => format!("{min} to {max}"),
    };
    let sentence = String::from_utf8_lossy(sentence).into_owned();
    if Preface::OURS.common_version(preface).is_some() {
        return ClientError::TurnedAway(sentence);
    }
    ClientError::VersionRefused { sentence, ours: versions(&Preface::OURS), theirs: versions(preface) }
}

fn is_closed(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::NotConnected)
}

fn lost(error: std::io::Error) -> ClientError {
    ClientError::Lost(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use vigie_proto::{Ping, Pong};

    fn pair() -> (Connection, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        theirs.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        (Connection::new(ours, Path::new("/test.sock"), &Hello::default()).unwrap(), theirs)
    }

    fn soon() -> Wait<'static> {
        Wait::until(Instant::now() + Duration::from_secs(5))
    }

    #[test]
    fn refusal_is_read_even_when_the_daemon_closed_first() {
        let (mut connection, mut daemon) = pair();
        let mut refusal = Preface::refusal("upgrade vigie");
        refusal[4..8].copy_from_slice(&[9, 0, 12, 0]);
        daemon.write_all(&refusal).unwrap();
        drop(daemon);
        connection.send(&Ping::default()).unwrap();
        match connection.receive(&soon()).unwrap_err() {
            ClientError::VersionRefused { sentence, ours, theirs } => {
                assert_eq!((sentence.as_str(), ours.as_str(), theirs.as_str()), ("upgrade vigie", "1", "9 to 12"));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn refusal_for_another_reason_is_no_matter_of_versions() {
        let (mut connection, mut daemon) = pair();
        daemon.write_all(&Preface::refusal("too many connections")).unwrap();
        match connection.welcome().unwrap_err() {
            ClientError::TurnedAway(sentence) => assert_eq!(sentence, "too many connections"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn stranger_on_the_socket_is_named() {
        let (mut connection, mut daemon) = pair();
        daemon.write_all(b"HTTP/1.1 400 Bad Request\r\n").unwrap();
        assert!(matches!(connection.welcome().unwrap_err(), ClientError::NotVigie(_)));
    }

    #[test]
    fn greeting_needs_no_request() {
        let (mut connection, mut daemon) = pair();
        daemon.write_all(&Preface::OURS.encode()).unwrap();
        daemon.write_all(&frame_bytes(1, true, &Welcome { pid: 42, ..Welcome::default() }).unwrap()).unwrap();
        assert_eq!(connection.welcome().unwrap().pid, 42);
        let mut greeting = [0; PREFACE_BYTES];
        daemon.read_exact(&mut greeting).unwrap();
        assert_eq!(greeting, Preface::OURS.encode());
    }

    #[test]
    fn preface_hello_and_request_leave_in_one_write_and_answers_find_their_request() {
        let (mut connection, mut daemon) = pair();
        let first = connection.send(&Ping { token: 7, ..Ping::default() }).unwrap();
        let second = connection.send(&Ping { token: 8, ..Ping::default() }).unwrap();
        let mut bytes = vec![0; 4096];
        let n = daemon.read(&mut bytes).unwrap();
        assert_eq!(&bytes[..PREFACE_BYTES], &Preface::OURS.encode());
        let mut decoder = Decoder::new(1 << 20);
        decoder.push(&bytes[PREFACE_BYTES..n]);
        let kinds: Vec<_> = std::iter::from_fn(|| decoder.next_frame())
            .map(|incoming| match incoming {
                Incoming::Frame(frame) => frame.header.kind,
                Incoming::Oversize(header) => header.kind,
            })
            .collect();
        assert_eq!(kinds[..2], [Hello::KIND, Ping::KIND]);

        let mut answer = Preface::OURS.encode().to_vec();
        answer.extend(frame_bytes(1, true, &Welcome { pid: 42, ..Welcome::default() }).unwrap());
        answer.extend(frame_bytes(second, true, &Pong { token: 8, ..Pong::default() }).unwrap());
        answer.extend(frame_bytes(first, true, &Pong { token: 7, ..Pong::default() }).unwrap());
        let writer = thread::spawn(move || {
            for byte in answer {
                daemon.write_all(&[byte]).unwrap();
            }
            daemon
        });
        for (id, token) in [(first, 7), (second, 8)] {
            let Received::Frame(frame) = connection.receive_for(id, &soon()).unwrap() else { panic!("no frame") };
            assert_eq!(expect::<Pong>(&frame).unwrap().token, token);
        }
        assert_eq!(connection.welcome().unwrap().pid, 42);
        drop(writer.join().unwrap());
        assert!(matches!(connection.receive(&soon()).unwrap_err(), ClientError::Lost(_)));
    }
}
