//! Requests that outlive one connection: connects when needed, tries once more when the daemon went away before it answered,
//! and waits as long as a busy daemon asks for, within bounds.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie_proto::{ErrorCode, Failure, Frame, Message, QuerySummary, Welcome};

use crate::connect::{Options, PATIENCE, UNGREETED_PAUSE, connect, connect_within};
use crate::connection::{Connection, Received};
use crate::error::ClientError;
use crate::request::{Ask, Listing, Query, expect, is_unknown};
use crate::wait::Wait;

/// Longest single pause a busy daemon can ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(1);

/// A client: how to reach the daemon, and a connection once there is one.
#[derive(Debug)]
pub struct Client {
    options: Options,
    connection: Option<Connection>,
    answer_within: Option<Duration>,
    wake: Option<Arc<OwnedFd>>,
}

impl Client {
    /// Nothing is connected before the first request.
    pub fn new(options: Options) -> Client {
        Client { options, connection: None, answer_within: None, wake: None }
    }

    /// The same client, giving up on a request that is not answered within `duration`. Without, it waits for ever.
    pub fn answer_within(self, duration: Duration) -> Client {
        Client { answer_within: Some(duration), ..self }
    }

    /// From now on gives up on a request that is not answered within `duration`; `None` = waits for ever.
    pub fn set_answer_within(&mut self, duration: Option<Duration>) {
        self.answer_within = duration;
    }

    /// From now on a request ends with [`ClientError::Stopped`] once `wake` is readable, or its other end closed; the client is not to
    /// be used for others then.
    pub fn set_wake(&mut self, wake: Option<OwnedFd>) {
        self.wake = wake.map(Arc::new);
    }

    /// How the daemon is reached.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The connection, made if there is none.
    pub fn connection(&mut self) -> Result<&mut Connection, ClientError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.options)?,
        };
        Ok(self.connection.insert(connection))
    }

    /// The greeting of the daemon that answered last, if the connection to it is still there.
    pub fn daemon(&self) -> Option<&Welcome> {
        self.connection.as_ref()?.greeting()
    }

    /// Hands the connection over, if there is one; the next request makes another.
    pub fn take_connection(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// Asks, and returns the one answer.
    pub fn ask<R: Ask>(&mut self, request: &R) -> Result<R::Answer, ClientError> {
        let mut answer = None;
        self.exchange(&[&|connection| connection.send(request)], |frame| {
            answer = Some(expect::<R::Answer>(frame)?);
            Ok(Taken::Delivered)
        })?;
        answer.ok_or(ClientError::Unexpected { expected: R::Answer::NAME, got: "nothing".to_owned() })
    }

    /// Asks for a list, page by page.
    pub fn list<R: Listing>(&mut self, request: &R, mut page: impl FnMut(R::Page)) -> Result<(), ClientError> {
        self.exchange(&[&|connection| connection.send(request)], |frame| {
            page(expect(frame)?);
            Ok(Taken::Delivered)
        })
    }

    /// Asks a question about code, page by page; returns the summary. A `page` that breaks ends the request with
    /// [`ClientError::Stopped`].
    pub fn query<R: Query>(
        &mut self,
        request: &R,
        page: impl FnMut(R::Page) -> ControlFlow<()>,
    ) -> Result<QuerySummary, ClientError> {
        let mut pages = Pages::<R, _> { page, summary: None, request: PhantomData };
        let send = |connection: &mut Connection| {
            check(connection, request)?;
            connection.send(request)
        };
        self.exchange(&[&send], |frame| pages.take(frame))?;
        pages.summary()
    }

    /// The same, and something else that is asked first: both leave in one write, so that two questions cost one round trip.
    /// Each page comes with the answer to the first.
    pub fn query_after<A: Ask, R: Query>(
        &mut self,
        first: &A,
        request: &R,
        mut page: impl FnMut(&A::Answer, R::Page) -> ControlFlow<()>,
    ) -> Result<QuerySummary, ClientError> {
        let answer = RefCell::new(None);
        let page = |rows| answer.borrow().as_ref().map_or(ControlFlow::Continue(()), |answer| page(answer, rows));
        let mut pages = Pages::<R, _> { page, summary: None, request: PhantomData };
        let send_first = |connection: &mut Connection| {
            check(connection, request)?;
            connection.queue(first)
        };
        self.exchange(&[&send_first, &|connection| connection.send(request)], |frame| {
            if frame.header.kind != A::Answer::KIND {
                return pages.take(frame);
            }
            answer.replace(Some(expect(frame)?));
            Ok(Taken::Kept)
        })?;
        pages.summary()
    }

    /// Sends requests and hands over their frames, one request's after the other's, up to and including the one with FIN.
    /// Requests of which nothing was handed over yet are sent again: once if the daemon went away, and for as long as it says that it is busy, [`PATIENCE`] at most.
    fn exchange(
        &mut self,
        requests: &[&Send],
        mut take: impl FnMut(&Frame) -> Result<Taken, ClientError>,
    ) -> Result<(), ClientError> {
        let mut retries = Retries { until: Instant::now() + PATIENCE, lost: false };
        loop {
            let mut delivered = false;
            let result = self.exchange_once(requests, |frame| {
                delivered |= take(frame)? == Taken::Delivered;
                Ok(())
            });
            match result {
                Ok(()) => return Ok(()),
                Err(error) if delivered => return Err(error),
                Err(error) if error.is_loss() => self.reconnect(error, &mut retries)?,
                Err(error) if retries.after_pause(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn exchange_once(
        &mut self,
        requests: &[&Send],
        mut take: impl FnMut(&Frame) -> Result<(), ClientError>,
    ) -> Result<(), ClientError> {
        let wake = self.wake.clone();
        let deadline = self.answer_within.map(|within| Instant::now() + within);
        let wait = Wait { deadline, wake: wake.as_ref().map(|wake| wake.as_fd()) };
        let connection = self.connection()?;
        let ids = requests.iter().map(|send| send(connection)).collect::<Result<Vec<u64>, _>>()?;
        for id in ids {
            loop {
                let frame = match connection.receive_for(id, &wait)? {
                    Received::Frame(frame) => frame,
                    Received::Deadline => return Err(ClientError::Deadline),
                    Received::Wake => return Err(ClientError::Stopped),
                };
                if !is_unknown(&frame) {
                    take(&frame)?;
                }
                if frame.header.is_fin() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Connects again after a loss: once if the daemon had greeted, and as often as time allows if it had not.
    fn reconnect(&mut self, error: ClientError, retries: &mut Retries) -> Result<(), ClientError> {
        let greeted = self.connection.take().is_some_and(|connection| connection.outlive(retries.until));
        if !retries.after_loss(greeted) {
            return Err(error);
        }
        self.connection = Some(connect_within(&self.options, Wait::until(retries.until))?);
        Ok(())
    }
}

/// Refuses what the daemon would answer as if it had not been asked for, in the way in which it refuses a request that it does not know.
fn check<R: Query>(connection: &mut Connection, request: &R) -> Result<(), ClientError> {
    let Some(needed) = request.needs() else { return Ok(()) };
    let welcome = connection.welcome()?;
    if welcome.capabilities.iter().any(|capability| capability == needed) {
        return Ok(());
    }
    Err(ClientError::Failure(Box::new(Failure {
        code: ErrorCode::UNIMPLEMENTED,
        message: format!("the daemon, vigied {}, cannot do: {needed}", welcome.version),
        hint: "a newer vigied may know it: update, then `vigie daemon restart`".to_owned(),
        ..Failure::default()
    })))
}

/// Puts a request on a connection and says which id its frames bear.
type Send<'a> = dyn Fn(&mut Connection) -> Result<u64, ClientError> + 'a;

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// The caller has it: its request cannot be sent again.
    Delivered,
    /// It waits for the frames of another request.
    Kept,
}

/// The pages of one question, and the summary that ends them.
struct Pages<R, P> {
    page: P,
    summary: Option<QuerySummary>,
    request: PhantomData<R>,
}

impl<R: Query, P: FnMut(R::Page) -> ControlFlow<()>> Pages<R, P> {
    fn take(&mut self, frame: &Frame) -> Result<Taken, ClientError> {
        if frame.header.kind == QuerySummary::KIND {
            self.summary = Some(expect(frame)?);
            return Ok(Taken::Delivered);
        }
        match (self.page)(expect(frame)?) {
            ControlFlow::Continue(()) => Ok(Taken::Delivered),
            ControlFlow::Break(()) => Err(ClientError::Stopped),
        }
    }

    fn summary(self) -> Result<QuerySummary, ClientError> {
        self.summary.ok_or(ClientError::Unexpected { expected: QuerySummary::NAME, got: "nothing".to_owned() })
    }
}

/// How often one request may be sent again.
struct Retries {
    until: Instant,
    lost: bool,
}

impl Retries {
    fn after_loss(&mut self, greeted: bool) -> bool {
        if greeted {
            return !std::mem::replace(&mut self.lost, true);
        }
        self.pause(UNGREETED_PAUSE)
    }

    /// Whether the daemon said when to come again; waits until then.
    fn after_pause(&self, error: &ClientError) -> bool {
        let ClientError::Failure(failure) = error else { return false };
        let transient = [ErrorCode::BUSY, ErrorCode::STORAGE_SWITCHING].contains(&failure.code);
        let pause = Duration::from_millis(u64::from(failure.retry_after_ms)).min(RETRY_AFTER_MAX);
        transient && !pause.is_zero() && self.pause(pause)
    }

    fn pause(&self, pause: Duration) -> bool {
        let again = Instant::now() + pause;
        again < self.until && Wait::until(again).elapse().is_ok()
    }
}
