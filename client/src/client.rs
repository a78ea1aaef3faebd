//! Requests that outlive one connection: connects when needed, tries once more when the daemon went away before it answered,
//! and waits as long as a busy daemon asks for, within bounds.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use vigie_proto::{ErrorCode, Frame, Message, QuerySummary};

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
}

impl Client {
    /// Nothing is connected before the first request.
    pub fn new(options: Options) -> Client {
        Client { options, connection: None, answer_within: None }
    }

    /// The same client, giving up on a request that is not answered within `duration`. Without, it waits for ever.
    pub fn answer_within(self, duration: Duration) -> Client {
        Client { answer_within: Some(duration), ..self }
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

    /// Asks, and returns the one answer.
    pub fn ask<R: Ask>(&mut self, request: &R) -> Result<R::Answer, ClientError> {
        let mut answer = None;
        self.exchange(request, |frame| {
            answer = Some(expect::<R::Answer>(frame)?);
            Ok(())
        })?;
        answer.ok_or(ClientError::Unexpected { expected: R::Answer::NAME, got: "nothing".to_owned() })
    }

    /// Asks for a list, page by page.
    pub fn list<R: Listing>(&mut self, request: &R, mut page: impl FnMut(R::Page)) -> Result<(), ClientError> {
        self.exchange(request, |frame| {
            page(expect(frame)?);
            Ok(())
        })
    }

    /// Asks a question about code, page by page; returns the summary. A `page` that breaks ends the request with
    /// [`ClientError::Stopped`].
    pub fn query<R: Query>(
        &mut self,
        request: &R,
        mut page: impl FnMut(R::Page) -> ControlFlow<()>,
    ) -> Result<QuerySummary, ClientError> {
        let mut summary = None;
        self.exchange(request, |frame| {
            if frame.header.kind == QuerySummary::KIND {
                summary = Some(expect(frame)?);
                return Ok(());
            }
            match page(expect(frame)?) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(ClientError::Stopped),
            }
        })?;
        summary.ok_or(ClientError::Unexpected { expected: QuerySummary::NAME, got: "nothing".to_owned() })
    }

    /// Sends a request and hands over its frames, up to and including the one with FIN. A request of which nothing was handed
    /// over yet is sent again: once if the daemon went away, and for as long as it says that it is busy, [`PATIENCE`] at most.
    fn exchange<R: Message>(
        &mut self,
        request: &R,
        mut take: impl FnMut(&Frame) -> Result<(), ClientError>,
    ) -> Result<(), ClientError> {
        let mut retries = Retries { until: Instant::now() + PATIENCE, lost: false };
        loop {
            let mut delivered = false;
            let result = self.exchange_once(request, |frame| {
                take(frame)?;
                delivered = true;
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

    fn exchange_once<R: Message>(
        &mut self,
        request: &R,
        mut take: impl FnMut(&Frame) -> Result<(), ClientError>,
    ) -> Result<(), ClientError> {
        let wait = self.answer_within.map_or(Wait::FOREVER, |within| Wait::until(Instant::now() + within));
        let connection = self.connection()?;
        let id = connection.send(request)?;
        loop {
            let Received::Frame(frame) = connection.receive_for(id, &wait)? else { return Err(ClientError::Deadline) };
            if !is_unknown(&frame) {
                take(&frame)?;
            }
            if frame.header.is_fin() {
                return Ok(());
            }
        }
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
