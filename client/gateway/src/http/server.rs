//! Listens, takes connections, and ends. A connection is HTTP/1.1 with a bound for whatever a peer decides: how many connections there
//! are, how long a head is and how long it takes to come, how long nobody reads.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{self, JoinSet};
use tokio::time::{sleep, timeout};
use vigie::ClientError;

use super::guard::Guard;
use super::patience::Patient;
use super::peer::Peer;
use super::refusal::Refusal;
use super::token::random_word;
use super::unix::Socket;
use super::{Settings, State, router};

/// Connections that are open at a time.
const CONNECTIONS_MAX: usize = 256;
/// Longest head of a request, in bytes, and most headers.
const HEAD_BYTES_MAX: usize = 32 << 10;
const HEADERS_MAX: usize = 64;
/// Longest time a head may take, and a connection may do nothing.
const HEAD_TIME_MAX: Duration = Duration::from_secs(15);
/// Longest time that streams have to end.
const ENDING_TIME_MAX: Duration = Duration::from_secs(1);
/// Connections that are told at a time that they are too many, and for how long one may take to hear it.
const TURNED_AWAY_MAX: usize = 64;
const TURNED_AWAY_TIME_MAX: Duration = Duration::from_secs(1);
/// Pause after a connection could not be taken, as when there are no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a gateway does not listen.
#[derive(Debug)]
pub enum GatewayError {
    /// The address is taken, or not to be had.
    Bind(SocketAddr, io::Error),
    /// So is the Unix socket.
    Unix(PathBuf, io::Error),
    /// Others could connect, and there is no token.
    Open(SocketAddr),
    /// The places of the daemon are not known.
    Daemon(ClientError),
    /// The system does not do what a gateway needs.
    System(io::Error),
}

impl std::fmt::Display for GatewayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            GatewayError::Bind(address, error) if error.kind() == io::ErrorKind::AddrInUse => {
                write!(f, "port {} is in use", address.port())
            }
            GatewayError::Bind(address, error) => write!(f, "cannot listen on {address}: {error}"),
            GatewayError::Unix(path, error) if error.kind() == io::ErrorKind::AddrInUse => {
                write!(f, "{} is in use", path.display())
            }
            GatewayError::Unix(path, error) => write!(f, "cannot listen on {}: {error}", path.display()),
            GatewayError::Open(address) => {
                write!(f, "other machines can reach {}, so the gateway wants a token there", address.ip())
            }
            GatewayError::Daemon(error) => error.fmt(f),
            GatewayError::System(error) => write!(f, "the gateway cannot start: {error}"),
        }
    }
}

impl GatewayError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            GatewayError::Bind(address, error) if error.kind() == io::ErrorKind::AddrInUse => format!(
                "another gateway may listen there already: try http://localhost:{0}, or choose another port with --port {1}",
                address.port(),
                address.port().checked_add(1).unwrap_or(3000)
            ),
            GatewayError::Unix(..) => {
                "another gateway may listen there; choose another path with --unix PATH".to_owned()
            }
            GatewayError::Open(_) => {
                "give one with --token-file FILE, or leave --bind out and listen on 127.0.0.1".to_owned()
            }
            GatewayError::Daemon(error) => error.hint(),
            GatewayError::Bind(..) | GatewayError::System(_) => String::new(),
        }
    }
}

/// Where a gateway listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// The address of the page.
    pub url: String,
    /// The Unix socket, unless another gateway has it.
    pub unix: Option<PathBuf>,
}

/// A gateway that listens and has not answered yet.
#[derive(Debug)]
pub struct Gateway {
    tcp: TcpListener,
    unix: Option<Socket>,
    local: SocketAddr,
    uid: u32,
    has_token: bool,
    router: Router,
    ending: watch::Sender<bool>,
}

impl Gateway {
    /// Listens. Whoever connects from now on is answered once it runs.
    pub async fn listen(settings: Settings) -> Result<Gateway, GatewayError> {
        let Settings { bind, token, unix, options, project } = settings;
        if token.is_none() && !bind.ip().to_canonical().is_loopback() {
            return Err(GatewayError::Open(bind));
        }
        let tcp = TcpListener::bind(bind).await.map_err(|error| GatewayError::Bind(bind, error))?;
        let local = tcp.local_addr().map_err(GatewayError::System)?;
        let unix = Socket::listen(&unix, &options)?;
        let (ending, is_ending) = watch::channel(false);
        let has_token = token.is_some();
        let uid = options.environment.uid;
        let guard = Guard::new(local, token, random_word().map_err(GatewayError::System)?);
        let router = router(State::new(options, project, guard, is_ending));
        Ok(Gateway { tcp, unix, local, uid, has_token, router, ending })
    }

    /// Where.
    pub fn listening(&self) -> Listening {
        Listening { url: format!("http://{}", self.local), unix: self.unix.as_ref().map(|socket| socket.path.clone()) }
    }

    /// Answers until `end`; then what is streamed ends too, within a second.
    pub async fn run(self, end: impl Future<Output = ()>) {
        let Gateway { tcp, unix, uid, has_token, router, ending, .. } = self;
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let door = Arc::new(Semaphore::new(TURNED_AWAY_MAX));
        let mut connections = JoinSet::new();
        let mut end = pin!(end);
        loop {
            let taken = tokio::select! {
                () = &mut end => break,
                accepted = tcp.accept() => accepted.map(|(stream, peer)| Taken::Tcp(stream, peer)),
                accepted = accept(unix.as_ref()) => accepted.map(Taken::Unix),
                // Without this, what has ended would pile up.
                Some(_) = connections.join_next() => continue,
            };
            let taken = match taken {
                Ok(taken) => taken,
                Err(_) => {
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let connection = Connection { router: router.clone(), ending: ending.subscribe(), uid, has_token };
            match (places.clone().try_acquire_owned(), door.clone().try_acquire_owned()) {
                (Ok(place), _) => drop(connections.spawn(connection.serve(taken, place))),
                (Err(_), Ok(place)) => drop(connections.spawn(turn_away(taken, place))),
                // Whoever still comes is not even told.
                (Err(_), Err(_)) => drop(taken),
            }
        }
        drop((tcp, unix));
        // Nobody listens where there are no connections.
        let _ = ending.send(true);
        let _late = timeout(ENDING_TIME_MAX, async { while connections.join_next().await.is_some() {} }).await;
    }
}

async fn accept(socket: Option<&Socket>) -> io::Result<UnixStream> {
    match socket {
        Some(socket) => socket.listener.accept().await.map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

/// A connection that was taken.
enum Taken {
    Tcp(TcpStream, SocketAddr),
    Unix(UnixStream),
}

/// Says so to a connection too many. What it asks is thrown away, but read: with an end to what was not read, the system may lose the
/// answer.
async fn turn_away(taken: Taken, _place: OwnedSemaphorePermit) {
    let body = Refusal::busy(format!("the gateway has {CONNECTIONS_MAX} connections, and takes no more")).body();
    let head =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 2\r\nConnection: close\r\n";
    let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    // Whoever is not there any more needs no answer.
    let _gone = match taken {
        Taken::Tcp(stream, _) => timeout(TURNED_AWAY_TIME_MAX, say(stream, &answer)).await,
        Taken::Unix(stream) => timeout(TURNED_AWAY_TIME_MAX, say(stream, &answer)).await,
    };
}

async fn say(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> io::Result<()> {
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    let mut unheard = [0; 1024];
    while stream.read(&mut unheard).await? > 0 {}
    Ok(())
}

struct Connection {
    router: Router,
    ending: watch::Receiver<bool>,
    uid: u32,
    has_token: bool,
}

impl Connection {
    async fn serve(self, taken: Taken, place: OwnedSemaphorePermit) {
        match taken {
            Taken::Tcp(stream, address) => {
                // Whose it is does not matter where the token does.
                let peer = if self.has_token { Peer::Remote } else { self.peer(&stream, address).await };
                // A stream of small events is not to be gathered.
                let _unset = stream.set_nodelay(true);
                self.answer(stream, peer).await;
            }
            Taken::Unix(stream) => {
                let peer = match stream.peer_cred() {
                    Ok(peer) if peer.uid() == self.uid => Peer::Unix,
                    Ok(peer) => Peer::Theirs(peer.uid()),
                    Err(_) => Peer::Unknown,
                };
                // The token is for the network: without this, another user's would pass for one of it.
                if peer == Peer::Unix {
                    self.answer(stream, peer).await;
                }
            }
        }
        drop(place);
    }

    async fn peer(&self, stream: &TcpStream, address: SocketAddr) -> Peer {
        let (local, uid) = (stream.local_addr(), self.uid);
        let Ok(local) = local else { return Peer::Unknown };
        task::spawn_blocking(move || Peer::of_tcp(address, local, uid)).await.unwrap_or(Peer::Unknown)
    }

    /// Answers the requests of one connection, until it or the gateway ends.
    async fn answer(mut self, stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer) {
        let router = self.router.layer(axum::Extension(peer));
        let service = TowerToHyperService::new(router.into_service::<Incoming>());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_MAX)
            .max_headers(HEADERS_MAX)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(Patient::new(stream)), service);
        let mut connection = pin!(connection);
        // That a peer breaks off is nothing to report.
        tokio::select! {
            _ended = connection.as_mut() => return,
            _ending = self.ending.wait_for(|is_ending| *is_ending) => connection.as_mut().graceful_shutdown(),
        }
        let _ended = connection.await;
    }
}
