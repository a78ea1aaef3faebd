//! A client of HTTP/1.1 that sends exactly what a test wants, right or wrong, and reads answers and streams of events. Bounded: what
//! does not come in time fails the test.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

/// Longest time in which nothing comes.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// The head of an answer, and the rest of it as it comes.
pub struct Response {
    /// The status.
    pub status: u16,
    headers: Vec<(String, String)>,
    body: Box<dyn BufRead>,
    chunk: Option<usize>,
    left: Option<usize>,
    line: Vec<u8>,
}

/// An event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its id, if it has one.
    pub id: Option<String>,
    /// What it says.
    pub data: Value,
    /// The comments before it.
    pub comments: Vec<String>,
}

impl Event {
    /// Its `type`.
    pub fn kind(&self) -> &str {
        self.data["type"].as_str().unwrap_or_default()
    }

    /// Epoch and number of its id.
    pub fn cursor(&self) -> Option<(u64, u64)> {
        let (epoch, seq) = self.id.as_ref()?.split_once('.')?;
        Some((epoch.parse().ok()?, seq.parse().ok()?))
    }
}

/// Sends a request to a port of this machine: `request` is all of it but the last empty line, and what follows that.
#[track_caller]
pub fn send_raw(port: u16, request: &[u8]) -> Response {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the gateway listens");
    stream.set_read_timeout(Some(SILENCE_MAX)).expect("a time bound");
    // It may refuse before it has read all.
    let _refused = stream.write_all(request);
    Response::read(Box::new(BufReader::new(stream)))
}

/// Sends a request to a Unix socket.
#[track_caller]
pub fn send_unix(socket: &Path, request: &[u8]) -> io::Result<Response> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    stream.write_all(request)?;
    Response::try_read(Box::new(BufReader::new(stream)))
}

impl Response {
    #[track_caller]
    fn read(body: Box<dyn BufRead>) -> Response {
        match Response::try_read(body) {
            Ok(response) => response,
            Err(e) => panic!("no answer: {e}"),
        }
    }

    fn try_read(mut body: Box<dyn BufRead>) -> io::Result<Response> {
        let first = read_line(&mut body)?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no status line: {first:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = read_line(&mut body)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut response = Response { status, headers, body, chunk: None, left: None, line: Vec::new() };
        response.left = response.header("content-length").and_then(|length| length.parse().ok());
        if response.header("transfer-encoding") == Some("chunked") {
            response.chunk = Some(0);
        }
        Ok(response)
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The whole body.
    #[track_caller]
    pub fn text(mut self) -> String {
        let mut text = String::new();
        while let Some(line) = self.next_line() {
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(self) -> Value {
        let text = self.text();
        match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(e) => panic!("no JSON: {e}: {text}"),
        }
    }

    /// The next event; `None` at the end of the stream.
    #[track_caller]
    pub fn event(&mut self) -> Option<Event> {
        let (mut id, mut comments) = (None, Vec::new());
        loop {
            let line = self.next_line()?;
            if let Some(comment) = line.strip_prefix(": ") {
                comments.push(comment.to_owned());
            } else if let Some(value) = line.strip_prefix("id: ") {
                id = Some(value.to_owned());
            } else if let Some(data) = line.strip_prefix("data: ") {
                assert_eq!(self.next_line().as_deref(), Some(""), "an event ends with an empty line");
                let data = serde_json::from_str(data).expect("data is JSON");
                return Some(Event { id, data, comments });
            } else {
                assert!(line.starts_with("retry: "), "a line of an event: {line:?}");
            }
        }
    }

    /// Events until one fits, that one included.
    #[track_caller]
    pub fn events_until(&mut self, what: &str, fits: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let Some(event) = self.event() else { panic!("the stream ended before {what}: {events:?}") };
            let is_it = fits(&event);
            events.push(event);
            if is_it {
                return events;
            }
        }
    }

    /// All events to the end of the stream.
    #[track_caller]
    pub fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.event()).collect()
    }

    /// The next line of the body, without its end; `None` at the end of the body.
    #[track_caller]
    pub fn next_line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
                let rest = self.line.split_off(end + 1);
                let line = std::mem::replace(&mut self.line, rest);
                return Some(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            let more = self.more().expect("the body comes");
            if more.is_empty() {
                let rest = std::mem::take(&mut self.line);
                return (!rest.is_empty()).then(|| String::from_utf8_lossy(&rest).into_owned());
            }
            self.line.extend(more);
        }
    }

    /// Some bytes of the body; none at its end.
    fn more(&mut self) -> io::Result<Vec<u8>> {
        if let Some(0) = self.chunk {
            let size = read_line(&mut self.body)?;
            if size.is_empty() {
                // The connection ended in the middle, as of a server that was killed.
                return Ok(Vec::new());
            }
            let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
            if size == 0 {
                return Ok(Vec::new());
            }
            self.chunk = Some(size);
        }
        let most = self.chunk.or(self.left).unwrap_or(64 << 10);
        let mut bytes = vec![0; most.min(64 << 10)];
        let read = if most == 0 { 0 } else { self.body.read(&mut bytes)? };
        bytes.truncate(read);
        if let Some(left) = &mut self.left {
            *left -= read;
        }
        if let Some(chunk) = &mut self.chunk {
            *chunk -= read;
            if *chunk == 0 {
                read_line(&mut self.body)?;
            }
        }
        Ok(bytes)
    }
}

/// A line, without its end.
fn read_line(body: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    body.read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
