//! One connection. The session greets, counts and starts requests; each request is a task of its own that answers through the
//! connection's outbox, so that a slow one holds up no other. A client that leaves, stalls or lies costs its session only.

pub(crate) mod queue;

pub(crate) mod outbox;

pub(crate) mod ticket;

mod pump;

mod requests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Recipient};
use interprocess::local_socket::tokio::Stream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use vigie_core::store::FactsCache;
use vigie_proto::{
    CLIENT_BODY_BYTES_MAX, ErrorCode, Ext, Failure, Frame, GoAway, Hello, Incoming, Message, PROTOCOL_MAX, Welcome,
    Withdraw, capability, decode, frame_bytes,
};

use self::outbox::Outbox;
use self::requests::{Account, Call, Owner, Resolved};
use self::ticket::Ticket;
use super::Stop;
use super::hub::Hub;
use super::indexer::Indexer;
use super::storage::Storage;
use super::watcher::Watcher;
use crate::clock::now_ms;
use crate::config::Live;
use crate::convert::failures;
use crate::readers::Readers;
use crate::registry::RegistryHandle;
use crate::telemetry::{Client, Counters, Telemetry, Timed};
use crate::watch::Lagging;

/// Most requests of one connection at a time.
const REQUESTS_MAX: usize = 64;
/// When a request beyond that may be sent again, in milliseconds.
const BUSY_RETRY_MS: u32 = 100;
/// Preface and `Hello` must have come after this.
const GREETING_MAX: Duration = Duration::from_secs(10);

/// What is true of the daemon as long as it lives.
#[derive(Debug)]
pub(crate) struct About {
    /// Its life's number.
    pub(crate) epoch: u64,
    /// When it started.
    pub(crate) started: Instant,
    /// Its socket.
    pub(crate) socket: PathBuf,
    /// Its state directory.
    pub(crate) state_dir: PathBuf,
    /// The configuration.
    pub(crate) live: Arc<Live>,
    /// The person's home directory.
    pub(crate) home: Option<PathBuf>,
    /// Connections open now.
    pub(crate) sessions: AtomicU32,
    /// What is counted.
    pub(crate) telemetry: Arc<Telemetry>,
    /// What need not be parsed, whichever project it is in.
    pub(crate) cache: Arc<FactsCache>,
    /// When it started, in milliseconds since 1970.
    pub(crate) started_ms: u64,
    /// It is on its way out.
    pub(crate) stopping: Arc<AtomicBool>,
    /// Source of owners' numbers.
    pub(crate) owners: AtomicU64,
}

/// Everything that sessions ask.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    /// The daemon.
    pub(crate) about: Arc<About>,
    /// Stores and projects.
    pub(crate) storage: Addr<Storage>,
    /// Jobs.
    pub(crate) indexer: Addr<Indexer>,
    /// Watched trees.
    pub(crate) watcher: Addr<Watcher>,
    /// Those whose index may lack what happened long ago.
    pub(crate) lagging: Lagging,
    /// Events.
    pub(crate) hub: Addr<Hub>,
    /// Ended jobs.
    pub(crate) registry: RegistryHandle,
    /// Threads for queries.
    pub(crate) readers: Readers,
    /// Turns of comparing old contents with files: each has a worker, and holds what was sent and what comes of it.
    pub(crate) comparisons: Arc<Semaphore>,
    /// The end.
    pub(crate) lifecycle: Recipient<Stop>,
}

/// A request under way.
#[derive(Debug)]
struct Open {
    ticket: Arc<Ticket>,
    task: Option<JoinHandle<()>>,
}

/// The actor.
pub(crate) struct Session {
    number: u64,
    stream: Arc<Stream>,
    outbox: Arc<Outbox>,
    services: Services,
    open: HashMap<u64, Open>,
    client: Option<Arc<str>>,
    entry: Arc<Client>,
    owners: Vec<Owner>,
    resolved: Rc<Resolved>,
    pumps: Vec<JoinHandle<()>>,
    ended: Recipient<SessionEnded>,
}

/// A session is over.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct SessionEnded(pub(crate) u64);

impl Session {
    /// The session of a connection whose peer may connect.
    pub(crate) fn new(number: u64, stream: Stream, services: Services, ended: Recipient<SessionEnded>) -> Session {
        services.about.sessions.fetch_add(1, Ordering::Relaxed);
        let outbox: Arc<Outbox> = Arc::default();
        let client = Arc::new(Client {
            session: number,
            pid: peer_pid(&stream),
            since_ms: now_ms(),
            greeting: OnceLock::new(),
            outbox: Arc::clone(&outbox),
            requests: AtomicU64::new(0),
            requests_open: AtomicU32::new(0),
        });
        services.about.telemetry.clients.enter(Arc::clone(&client));
        Session {
            number,
            stream: Arc::new(stream),
            outbox,
            entry: client,
            services,
            open: HashMap::new(),
            client: None,
            owners: Vec::new(),
            resolved: Rc::default(),
            pumps: Vec::new(),
            ended,
        }
    }

    fn fail(&self, id: u64, failure: &Failure) {
        Ticket::new(id, self.outbox.clone()).fail(failure);
    }

    fn take(&mut self, frame: &Frame, ctx: &mut Context<Session>) {
        let id = frame.header.id;
        match frame.header.kind {
            Withdraw::KIND => self.withdraw(id),
            Hello::KIND => self.greet(frame),
            kind if frame.header.is_ignorable() && !requests::is_known(kind) => {}
            _ if self.client.is_none() => self.fail(id, &failures::not_greeted()),
            _ if id == 0 => self.fail(id, &failures::bad_argument("0 is no request id")),
            _ if self.is_open(id) => {
                self.abort(id);
                self.fail(id, &failures::bad_argument(format!("request id {id} is in use; both requests end")));
            }
            _ if self.open.len() >= REQUESTS_MAX => {
                self.fail(id, &failures::busy("too many requests of this connection are open", BUSY_RETRY_MS));
            }
            _ => self.start(frame, ctx),
        }
    }

    fn is_open(&self, id: u64) -> bool {
        self.open.get(&id).is_some_and(|open| !open.ticket.is_ended())
    }

    fn greet(&mut self, frame: &Frame) {
        let ticket = Ticket::new(frame.header.id, self.outbox.clone());
        let hello: Hello = match decode(&frame.body) {
            Ok(hello) => hello,
            Err(e) => return ticket.fail(&failures::malformed(&e)),
        };
        let lacking: Vec<_> = hello.required.iter().filter(|name| !capability::ALL.contains(&name.as_str())).collect();
        if !lacking.is_empty() {
            let names: Vec<&str> = lacking.into_iter().map(String::as_str).collect();
            return ticket.fail(&failures::unimplemented(&format!("this daemon cannot do: {}", names.join(", "))));
        }
        tracing::debug!(session = self.number, client = hello.client, version = hello.version, "greeted");
        // Only the first greeting counts for those who look on.
        let _first = self.entry.greeting.set((shortened(&hello.client), shortened(&hello.version)));
        self.client = Some(hello.client.into());
        Counters::add(&self.services.about.telemetry.counters.sessions, 1);
        ticket.finish(&self.welcome());
    }

    fn welcome(&self) -> Welcome {
        Welcome {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: PROTOCOL_MAX,
            epoch: self.services.about.epoch,
            pid: std::process::id(),
            capabilities: capability::ALL.iter().map(|name| (*name).to_owned()).collect(),
            body_bytes_max: CLIENT_BODY_BYTES_MAX,
            requests_max: u32::try_from(REQUESTS_MAX).unwrap_or(u32::MAX),
            ext: Ext::default(),
        }
    }

    fn start(&mut self, frame: &Frame, ctx: &mut Context<Session>) {
        let ticket = Ticket::new(frame.header.id, self.outbox.clone());
        let telemetry = &self.services.about.telemetry;
        Counters::add(&telemetry.counters.requests, 1);
        Counters::add(&self.entry.requests, 1);
        let timed = Timed::begin(telemetry, frame.header.kind.0, now_ms());
        let account: Rc<RefCell<Account>> = Rc::default();
        let call = Call {
            ticket: ticket.clone(),
            services: self.services.clone(),
            client: self.client.clone().unwrap_or_default(),
            session: ctx.address(),
            resolved: self.resolved.clone(),
            account: Rc::clone(&account),
        };
        match requests::begin(call, frame) {
            Ok(request) => {
                let failure = ErrorCode::WITHDRAWN;
                let client = Arc::clone(&self.entry);
                client.requests_open.fetch_add(1, Ordering::Relaxed);
                let mut guard =
                    Guard { ticket: ticket.clone(), session: ctx.address(), client, timed, account, failure };
                let task = actix_rt::spawn(async move {
                    guard.failure = match request.await {
                        Ok(()) => ErrorCode(0),
                        Err(failure) => {
                            guard.ticket.fail(&failure);
                            failure.code
                        }
                    };
                    drop(guard);
                });
                self.open.insert(frame.header.id, Open { ticket, task: Some(task) });
            }
            Err(failure) => ticket.fail(&failure),
        }
    }

    fn withdraw(&mut self, id: u64) {
        if let Some(open) = self.open.get(&id) {
            open.ticket.fail(&failures::withdrawn());
        }
        self.abort(id);
    }

    /// Ends a request's task. Its answer, if it had not ended, must have been given.
    fn abort(&mut self, id: u64) {
        if let Some(Open { ticket, task: Some(task) }) = self.open.remove(&id) {
            ticket.end();
            ticket.outbox.with(|queue| queue.drop_stream(id));
            task.abort();
        }
    }
}

/// Most that those who look on are told of what a client calls itself, in bytes: it may say anything, and many of them are remembered.
const TOLD_BYTES_MAX: usize = 128;

fn shortened(text: &str) -> String {
    text[..text.floor_char_boundary(TOLD_BYTES_MAX)].to_owned()
}

/// The process at the other end, as the kernel tells it; 0 = not known. It decides nothing.
fn peer_pid(stream: &Stream) -> u32 {
    let Stream::UdSocket(socket) = stream;
    let pid = socket.inner().peer_cred().ok().and_then(|peer| peer.pid());
    pid.and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0)
}

/// However a request's task ends, its request ends too, and the session hears of it.
struct Guard {
    ticket: Arc<Ticket>,
    session: Addr<Session>,
    client: Arc<Client>,
    timed: Option<Timed>,
    account: Rc<RefCell<Account>>,
    /// How it ended, 0 = well; until that is known, as a request ends whose task is aborted.
    failure: ErrorCode,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.client.requests_open.fetch_sub(1, Ordering::Relaxed);
        if let Some(timed) = self.timed.take() {
            timed.end(self.failure.0, || self.account.take().slow_query(&self.client));
        }
        self.ticket.fail(&failures::internal("the request failed inside the daemon"));
        self.session.do_send(RequestEnded(self.ticket.clone()));
    }
}

impl Actor for Session {
    type Context = Context<Session>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.pumps = vec![
            actix_rt::spawn(pump::read(self.stream.clone(), self.outbox.clone(), ctx.address())),
            actix_rt::spawn(pump::write(self.stream.clone(), self.outbox.clone(), ctx.address())),
        ];
        ctx.run_later(GREETING_MAX, |session, ctx| {
            if session.client.is_none() {
                tracing::info!(session = session.number, "closed: no greeting came");
                ctx.stop();
            }
        });
    }
}

/// However the session ends, also by a panic: the connection closes and its requests end.
impl Drop for Session {
    fn drop(&mut self) {
        let telemetry = &self.services.about.telemetry;
        self.services.about.sessions.fetch_sub(1, Ordering::Relaxed);
        telemetry.clients.leave(self.number);
        let load = self.outbox.load();
        Counters::add(&telemetry.counters.resyncs_of_ended, load.resyncs);
        Counters::add(&telemetry.counters.files_dropped_of_ended, load.files_dropped);
        self.outbox.close();
        for pump in &self.pumps {
            pump.abort();
        }
        for (_, open) in self.open.drain() {
            open.ticket.end();
            open.task.inspect(JoinHandle::abort);
        }
        self.ended.do_send(SessionEnded(self.number));
    }
}

/// Something came from the client.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
struct Arrived(Incoming);

impl Handler<Arrived> for Session {
    type Result = ();

    fn handle(&mut self, Arrived(incoming): Arrived, ctx: &mut Self::Context) {
        match incoming {
            Incoming::Frame(frame) => self.take(&frame, ctx),
            Incoming::Oversize(header) => self.fail(header.id, &failures::frame_too_large(header.body_bytes)),
        }
    }
}

/// The connection is gone, or must go.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
struct Hangup(&'static str);

impl Handler<Hangup> for Session {
    type Result = ();

    fn handle(&mut self, Hangup(why): Hangup, ctx: &mut Self::Context) {
        tracing::debug!(session = self.number, why, "closed");
        ctx.stop();
    }
}

/// A request's task has ended.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
struct RequestEnded(Arc<Ticket>);

impl Handler<RequestEnded> for Session {
    type Result = ();

    fn handle(&mut self, RequestEnded(ticket): RequestEnded, _: &mut Self::Context) {
        // The id may be a newer request's by now.
        if self.open.get(&ticket.id).is_some_and(|open| Arc::ptr_eq(&open.ticket, &ticket)) {
            self.open.remove(&ticket.id);
        }
    }
}

/// A detached job that ends with this connection.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
struct Keep(Owner);

impl Handler<Keep> for Session {
    type Result = ();

    fn handle(&mut self, Keep(owner): Keep, _: &mut Self::Context) {
        self.owners.push(owner);
    }
}

/// The daemon leaves: says so, writes what waits, and closes.
#[derive(Clone, Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct Farewell {
    /// Why, as a sentence.
    pub(crate) reason: String,
}

impl Handler<Farewell> for Session {
    type Result = ();

    fn handle(&mut self, farewell: Farewell, _: &mut Self::Context) {
        let away = GoAway { reason: farewell.reason, retry_after_ms: 0, ext: Ext::default() };
        if let Ok(bytes) = frame_bytes(0, false, &away) {
            self.outbox.with(|queue| queue.answer(0, bytes));
        }
        self.outbox.close_when_empty();
    }
}
