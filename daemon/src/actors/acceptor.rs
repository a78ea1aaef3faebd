//! The acceptor takes connections of our own user and gives each a session. Whoever else connects is logged and closed.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{
    Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, MessageResult, ResponseActFuture, ResponseFuture,
    WrapFuture,
};
use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::traits::tokio::Listener as _;
use tokio::io::AsyncWriteExt;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vigie_proto::preface::Preface;

use super::Vital;
use crate::telemetry::Counters;

use super::session::{Farewell, Services, Session, SessionEnded};

/// Most connections at a time.
const SESSIONS_MAX: usize = 256;
/// After a failed accept (as a rule: no file descriptor is left) the next try waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The actor.
pub(crate) struct Acceptor {
    listener: Arc<Listener>,
    uid: u32,
    services: Services,
    sessions: BTreeMap<u64, Addr<Session>>,
    /// Since when there is no session.
    alone_since: Instant,
    numbers: u64,
    accepting: Option<JoinHandle<()>>,
    alone: Option<oneshot::Sender<()>>,
    _vital: Vital,
}

impl Acceptor {
    /// An acceptor of that user's connections.
    pub(crate) fn new(listener: Listener, uid: u32, services: Services, vital: Vital) -> Acceptor {
        Acceptor {
            listener: Arc::new(listener),
            uid,
            services,
            sessions: BTreeMap::new(),
            alone_since: Instant::now(),
            numbers: 0,
            accepting: None,
            alone: None,
            _vital: vital,
        }
    }

    fn accept(&mut self, ctx: &mut Context<Acceptor>) {
        self.accepting = Some(actix_rt::spawn(accept(self.listener.clone(), self.uid, ctx.address())));
    }

    /// From here on whoever connects waits in the socket's queue.
    fn stop_accepting(&mut self) {
        self.accepting.take().inspect(JoinHandle::abort);
    }

    fn notify_if_alone(&mut self) {
        if self.sessions.is_empty()
            && let Some(alone) = self.alone.take()
        {
            // Lifecycle waits, or its patience has ended.
            let _gone = alone.send(());
        }
    }
}

impl Actor for Acceptor {
    type Context = Context<Acceptor>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.accept(ctx);
    }
}

async fn accept(listener: Arc<Listener>, uid: u32, acceptor: Addr<Acceptor>) {
    let mut spare = Spare::new();
    let mut failures = 0_u64;
    loop {
        match listener.accept().await {
            Ok(stream) => {
                failures = 0;
                if is_ours(&stream, uid) {
                    acceptor.do_send(Accepted(stream));
                }
            }
            Err(e) => {
                failures += 1;
                // The 1st, 2nd, 4th … in a row: the log is not to be filled by what goes on.
                if failures.is_power_of_two() {
                    tracing::warn!(reason = %e, failures, "accepting a connection failed");
                }
                spare.turn_away(&listener).await;
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A descriptor that is kept for whoever comes when no other is left: it is told so, and not left without a word.
struct Spare(Option<File>);

impl Spare {
    fn new() -> Spare {
        Spare(File::open("/dev/null").ok())
    }

    async fn turn_away(&mut self, listener: &Listener) {
        let Some(spare) = self.0.take() else {
            *self = Spare::new();
            return;
        };
        drop(spare);
        if let Ok(Ok(stream)) = tokio::time::timeout(ACCEPT_PAUSE, listener.accept()).await {
            let sentence = "vigied has no file descriptors left: close some connections, or raise its limit (`vigie doctor` says how), \
                            then try again";
            refuse(stream, sentence).await;
        }
        *self = Spare::new();
    }
}

/// The kernel says who connected. The process id decides nothing: it may be 0 across namespaces.
fn is_ours(stream: &Stream, uid: u32) -> bool {
    let Stream::UdSocket(socket) = stream;
    match socket.inner().peer_cred() {
        Ok(peer) if peer.uid() == uid => true,
        Ok(peer) => {
            tracing::warn!(uid = peer.uid(), "a connection of another user was closed");
            false
        }
        Err(e) => {
            tracing::warn!(reason = %e, "a connection whose user is not known was closed");
            false
        }
    }
}

#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
struct Accepted(Stream);

impl Handler<Accepted> for Acceptor {
    type Result = ();

    fn handle(&mut self, Accepted(stream): Accepted, ctx: &mut Self::Context) {
        if self.sessions.len() >= SESSIONS_MAX {
            tracing::warn!("a connection was refused: too many are open");
            Counters::add(&self.services.about.telemetry.counters.sessions_refused, 1);
            let sentence =
                format!("vigied has {SESSIONS_MAX} connections, the most it takes: close some and try again");
            actix_rt::spawn(async move { refuse(stream, &sentence).await });
            return;
        }
        self.numbers += 1;
        let session = Session::new(self.numbers, stream, self.services.clone(), ctx.address().recipient());
        self.sessions.insert(self.numbers, session.start());
    }
}

async fn refuse(stream: Stream, sentence: &str) {
    let refusal = Preface::refusal(sentence);
    let mut to = &stream;
    let _left = tokio::time::timeout(Duration::from_secs(1), to.write_all(&refusal)).await;
}

impl Handler<SessionEnded> for Acceptor {
    type Result = ();

    fn handle(&mut self, SessionEnded(number): SessionEnded, _: &mut Self::Context) {
        self.sessions.remove(&number);
        self.alone_since = Instant::now();
        self.notify_if_alone();
    }
}

/// Accepts nobody any more, says farewell to every session, and resolves when none is left.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct Dismiss(pub(crate) Farewell);

impl Handler<Dismiss> for Acceptor {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, Dismiss(farewell): Dismiss, _: &mut Self::Context) -> Self::Result {
        self.stop_accepting();
        for session in self.sessions.values() {
            session.do_send(farewell.clone());
        }
        let (alone, left) = oneshot::channel();
        self.alone = Some(alone);
        self.notify_if_alone();
        Box::pin(async move {
            let _dropped = left.await;
        })
    }
}

/// Asks since when nobody is connected; nothing if somebody is.
#[derive(Debug, actix::Message)]
#[rtype(result = "Option<Instant>")]
pub(crate) struct AloneSince;

impl Handler<AloneSince> for Acceptor {
    type Result = MessageResult<AloneSince>;

    fn handle(&mut self, _: AloneSince, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.sessions.is_empty().then_some(self.alone_since))
    }
}

/// Accepts nobody any more; sessions go on.
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct StopAccepting;

impl Handler<StopAccepting> for Acceptor {
    type Result = ();

    fn handle(&mut self, _: StopAccepting, _: &mut Self::Context) {
        self.stop_accepting();
    }
}

/// Accepts nobody any more, unless somebody is connected; whether that is so.
#[derive(Debug, actix::Message)]
#[rtype(result = "bool")]
pub(crate) struct Retire;

impl Handler<Retire> for Acceptor {
    type Result = ResponseActFuture<Acceptor, bool>;

    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) -> Self::Result {
        self.stop_accepting();
        // A connection that was taken out of the queue before is in the mailbox, and has become a session when this comes back.
        let settled = ctx.address().send(AloneSince).into_actor(self);
        Box::pin(settled.map(|alone, acceptor, ctx| {
            let is_alone = matches!(alone, Ok(Some(_)));
            if !is_alone {
                acceptor.accept(ctx);
            }
            is_alone
        }))
    }
}
