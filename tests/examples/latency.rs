//! How long a running daemon takes to answer over its socket, beside what a socket takes that nobody thinks behind:
//! `latency SOCKET ROOT NAME LAPS` asks by turns for an echo from a process of its own, a `Pong`, a `StatusReply`, and the
//! definitions of NAME, and prints the median and the 99th percentile of each.

use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use vigie_proto::preface::{PREFACE_BYTES, Preface};
use vigie_proto::{
    Bytes, Decoder, Hello, Incoming, Message, Ping, SERVER_BODY_BYTES_MAX, Status, SymbolMode, SymbolQuery, Target,
    frame_bytes,
};

/// About as much as a `Ping`.
const ECHO_BYTES: usize = 32;
const READ_BYTES: usize = 64 << 10;
/// Laps before the ones that count.
const WARM_UP: usize = 100;
/// The argument that makes this program its own echo.
const ECHO: &str = "--echo";

type Failure = Box<dyn std::error::Error>;

#[expect(clippy::print_stdout, reason = "a program for scripts")]
fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [echo] if echo == ECHO => Ok(answer_echoes()?),
        [socket, root, name, laps] => {
            println!("{}", measure(Path::new(socket), root, name, laps.parse()?)?);
            Ok(())
        }
        _ => Err("usage: latency SOCKET ROOT NAME LAPS".into()),
    }
}

fn measure(socket: &Path, root: &str, name: &str, laps: usize) -> Result<Value, Failure> {
    let target = Target { path: Bytes::from(root), project: Bytes::from(root), ..Target::default() };
    let status = Status { target: target.clone(), ..Status::default() };
    let symbol = SymbolQuery { target, query: name.to_owned(), mode: SymbolMode::EXACT, ..SymbolQuery::default() };
    let mut echo = Echo::start()?;
    let mut daemon = Daemon::greet(socket)?;
    let mut taken: [(&str, Vec<Duration>); 4] =
        ["echo", "ping", "status", "symbol"].map(|what| (what, Vec::with_capacity(laps)));
    for lap in 0..WARM_UP + laps {
        let times = [echo.ask()?, daemon.ask(&Ping::default())?, daemon.ask(&status)?, daemon.ask(&symbol)?];
        if lap >= WARM_UP {
            taken.iter_mut().zip(times).for_each(|((_, taken), time)| taken.push(time));
        }
    }
    Ok(Value::Object(taken.into_iter().map(|(what, times)| (what.to_owned(), told(times))).collect::<Map<_, _>>()))
}

fn told(mut times: Vec<Duration>) -> Value {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e6);
    json!({ "median_us": at(50), "p99_us": at(99) })
}

/// A process that sends back what it is sent, at the other end of a Unix socket.
struct Echo {
    stream: UnixStream,
    child: Child,
}

impl Echo {
    fn start() -> std::io::Result<Echo> {
        let (stream, theirs) = UnixStream::pair()?;
        let mut command = Command::new(std::env::current_exe()?);
        let child =
            command.arg(ECHO).stdin(OwnedFd::from(theirs.try_clone()?)).stdout(OwnedFd::from(theirs)).spawn()?;
        Ok(Echo { stream, child })
    }

    fn ask(&mut self) -> std::io::Result<Duration> {
        let mut bytes = [0; ECHO_BYTES];
        let since = Instant::now();
        self.stream.write_all(&bytes)?;
        self.stream.read_exact(&mut bytes)?;
        Ok(since.elapsed())
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // It ends by itself when the socket does; the kill is for one that does not.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn answer_echoes() -> std::io::Result<()> {
    // Past the standard handles, which buffer and lock.
    let mut socket = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let mut bytes = [0; ECHO_BYTES];
    while socket.read_exact(&mut bytes).is_ok() {
        socket.write_all(&bytes)?;
    }
    Ok(())
}

/// A greeted connection that does no more than it must.
struct Daemon {
    stream: UnixStream,
    decoder: Decoder,
    buffer: Vec<u8>,
    last_id: u64,
}

impl Daemon {
    fn greet(socket: &Path) -> Result<Daemon, Failure> {
        let mut stream = UnixStream::connect(socket)?;
        stream.write_all(&Preface::OURS.encode())?;
        let decoder = Decoder::new(SERVER_BODY_BYTES_MAX);
        let mut daemon = Daemon { stream, decoder, buffer: vec![0; READ_BYTES], last_id: 0 };
        let id = daemon.send(&Hello { client: "latency".to_owned(), ..Hello::default() })?;
        let mut preface = [0; PREFACE_BYTES];
        daemon.stream.read_exact(&mut preface)?;
        if Preface::decode(&preface)?.refused {
            return Err("the daemon refused".into());
        }
        daemon.receive(id)?;
        Ok(daemon)
    }

    fn ask<M: Message>(&mut self, message: &M) -> Result<Duration, Failure> {
        let since = Instant::now();
        let id = self.send(message)?;
        self.receive(id)?;
        Ok(since.elapsed())
    }

    fn send<M: Message>(&mut self, message: &M) -> Result<u64, Failure> {
        self.last_id += 1;
        self.stream.write_all(&frame_bytes(self.last_id, false, message)?)?;
        Ok(self.last_id)
    }

    /// Reads to the last frame of an answer.
    fn receive(&mut self, id: u64) -> Result<(), Failure> {
        loop {
            match self.decoder.next_frame() {
                Some(Incoming::Frame(frame)) if frame.header.id == id && frame.header.is_fin() => return check(&frame),
                Some(Incoming::Frame(_)) => {}
                Some(Incoming::Oversize(header)) => {
                    return Err(format!("a frame of {} bytes", header.body_bytes).into());
                }
                None => {
                    let count = self.stream.read(&mut self.buffer)?;
                    if count == 0 {
                        return Err("the daemon closed the connection".into());
                    }
                    self.decoder.push(&self.buffer[..count]);
                }
            }
        }
    }
}

/// A failure is fast, and no answer.
fn check(frame: &vigie_proto::Frame) -> Result<(), Failure> {
    if frame.header.kind == vigie_proto::Failure::KIND {
        let failure: vigie_proto::Failure = vigie_proto::decode(&frame.body)?;
        return Err(failure.message.into());
    }
    Ok(())
}
