//! A job's event stream that survives the daemon: when the connection ends, it connects again (starting the daemon, if that is
//! allowed) and takes the same job up from the last state event seen.

use std::time::{Duration, Instant};

use vigie_proto::{
    CancelAck, CancelJob, EventType, FileEvents, Frame, Index, JobAccepted, KeepAlive, Message, ProgressEvent,
    ProjectEvent, Resync, Snapshot, Subscribe, job_flag,
};

use crate::connect::{Options, PATIENCE, connect_greeted, connect_within};
use crate::connection::{Connection, Received};
use crate::error::ClientError;
use crate::request::{expect, is_unknown};
use crate::wait::{Wait, Woken};

/// A stream says something at least every 15 s; after four times that the daemon counts as gone.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// A daemon that goes away this often without a word in between is not worth another try.
const FRUITLESS_LOSSES_MAX: u32 = 5;
const LOSS_PAUSE: Duration = Duration::from_millis(50);

/// What a stream yields.
#[derive(Debug)]
pub enum StreamItem {
    /// The job is known; only from a stream that began with `Index`, and once.
    Accepted(JobAccepted),
    /// How things stand: at the start, after a reconnection, and after a `Resync`.
    Snapshot(Snapshot),
    /// A step of a job; the last item of a single job's stream, here or in a snapshot, is its terminal event.
    Progress(Box<ProgressEvent>),
    /// Files that are done.
    Files(FileEvents),
    /// State events were dropped; a snapshot follows.
    Resync(Resync),
    /// Something happened to a project.
    Project(ProjectEvent),
    /// The daemon is alive.
    KeepAlive(KeepAlive),
    /// The answer to [`EventStream::cancel`].
    CancelAck(Box<CancelAck>),
    /// The connection ended, for this reason; the next call connects again.
    Lost(String),
    /// Connected again and subscribed from where the stream broke off.
    Resumed,
    /// The waiting was woken.
    Wake,
}

/// How the stream was asked for.
#[derive(Clone, Debug)]
enum Request {
    Index(Index),
    Subscribe(Subscribe),
}

/// An event stream on a connection of its own.
#[derive(Debug)]
pub struct EventStream {
    options: Options,
    connection: Option<Connection>,
    request: Request,
    id: u64,
    cancel_id: u64,
    cancelling: bool,
    job: u64,
    epoch: u64,
    seq: u64,
    losses: u32,
    ended: bool,
}

impl EventStream {
    /// Starts or joins a job and streams it. `index` must not ask to be detached.
    pub fn index(options: &Options, index: Index) -> Result<EventStream, ClientError> {
        EventStream::begin(options, Request::Index(index))
    }

    /// Subscribes to one job, a project's jobs, or all.
    pub fn subscribe(options: &Options, subscribe: Subscribe) -> Result<EventStream, ClientError> {
        EventStream::begin(options, Request::Subscribe(subscribe))
    }

    fn begin(options: &Options, request: Request) -> Result<EventStream, ClientError> {
        let (job, epoch, seq) = match &request {
            Request::Index(_) => (0, 0, 0),
            Request::Subscribe(subscribe) => (subscribe.job, subscribe.epoch, subscribe.seq),
        };
        let mut stream = EventStream {
            options: options.clone(),
            connection: None,
            request,
            id: 0,
            cancel_id: 0,
            cancelling: false,
            job,
            epoch,
            seq,
            losses: 0,
            ended: false,
        };
        stream.start_on(connect_greeted(options)?)?;
        Ok(stream)
    }

    /// Whether the socket has nothing to read: until then a writer may let its output gather.
    pub fn is_idle(&self) -> bool {
        self.connection.as_ref().is_none_or(Connection::is_idle)
    }

    /// The job streamed; 0 while it is not known, and for a stream of many.
    pub fn job(&self) -> u64 {
        self.job
    }

    /// Cancels the job streamed; its terminal event still comes. Sent again after a reconnection.
    pub fn cancel(&mut self) -> Result<(), ClientError> {
        self.cancelling = true;
        let job = self.job;
        match &mut self.connection {
            Some(connection) if job != 0 => {
                self.cancel_id = connection.send(&CancelJob { job, ..CancelJob::default() })?;
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The next item; `None` after the terminal event of a single job. `wake` becoming readable ends the waiting.
    pub fn next(&mut self, wake: &Wait<'_>) -> Result<Option<StreamItem>, ClientError> {
        while !self.ended {
            let Some(connection) = &mut self.connection else { return self.resume(wake).map(Some) };
            let wait = wake.no_later_than(Instant::now() + SILENCE_MAX);
            let item = match connection.receive(&wait) {
                Ok(Received::Frame(frame)) => self.take(&frame),
                Ok(Received::Wake) => Ok(Some(StreamItem::Wake)),
                Ok(Received::Deadline) if wake.is_over() => Ok(Some(StreamItem::Wake)),
                Ok(Received::Deadline) => Err(ClientError::Lost("it was silent for a minute".to_owned())),
                Err(error) => Err(error),
            };
            match item {
                Ok(Some(item)) => return Ok(Some(item)),
                Ok(None) => {}
                Err(error) if error.is_loss() && self.losses < FRUITLESS_LOSSES_MAX => {
                    self.losses += 1;
                    if let Some(connection) = self.connection.take() {
                        connection.outlive(Instant::now() + PATIENCE);
                    }
                    return Ok(Some(StreamItem::Lost(error.to_string())));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn resume(&mut self, wake: &Wait<'_>) -> Result<StreamItem, ClientError> {
        let wait = wake.no_later_than(Instant::now() + PATIENCE);
        if self.losses > 1 && self.pause(wake) == Woken::Wake {
            return Ok(StreamItem::Wake);
        }
        match connect_within(&self.options, wait) {
            Ok(connection) => {
                self.start_on(connection)?;
                Ok(StreamItem::Resumed)
            }
            Err(error) if error.is_absence() && Instant::now() < wait.deadline.unwrap_or_else(Instant::now) => {
                Ok(StreamItem::Wake)
            }
            Err(error) => Err(error),
        }
    }

    /// Grows with every loss since the last word: a daemon that fails at once shall not be started in a tight loop.
    fn pause(&self, wake: &Wait<'_>) -> Woken {
        wake.no_later_than(Instant::now() + LOSS_PAUSE * self.losses).elapse().unwrap_or(Woken::Deadline)
    }

    /// Sends the request again, as a subscription if the job is known by now.
    fn start_on(&mut self, mut connection: Connection) -> Result<(), ClientError> {
        let sent = match &self.request {
            Request::Index(index) if self.job == 0 => connection.send(index),
            Request::Index(index) => connection.send(&Subscribe {
                job: self.job,
                epoch: self.epoch,
                seq: self.seq,
                files: index.flags & job_flag::FILES != 0,
                ..Subscribe::default()
            }),
            Request::Subscribe(subscribe) => {
                connection.send(&Subscribe { epoch: self.epoch, seq: self.seq, ..subscribe.clone() })
            }
        };
        self.id = sent?;
        self.connection = Some(connection);
        if self.cancelling { self.cancel() } else { Ok(()) }
    }

    /// Turns a frame into an item; frames of no interest are `None`.
    fn take(&mut self, frame: &Frame) -> Result<Option<StreamItem>, ClientError> {
        let header = frame.header;
        if header.id == self.cancel_id && self.cancel_id != 0 {
            return Ok(Some(StreamItem::CancelAck(Box::new(expect(frame)?))));
        }
        if header.id != self.id {
            return Ok(None);
        }
        let item = self.item(frame)?;
        self.losses = 0;
        self.ended |= header.is_fin();
        Ok(item)
    }

    fn item(&mut self, frame: &Frame) -> Result<Option<StreamItem>, ClientError> {
        let kind = frame.header.kind;
        Ok(Some(if kind == JobAccepted::KIND {
            let accepted: JobAccepted = expect(frame)?;
            self.job = accepted.job;
            if self.cancelling {
                self.cancel()?;
            }
            StreamItem::Accepted(accepted)
        } else if kind == Snapshot::KIND {
            let snapshot: Snapshot = expect(frame)?;
            (self.epoch, self.seq) = (snapshot.epoch, snapshot.seq);
            self.ended |= snapshot.jobs.iter().any(|event| self.is_end(event));
            StreamItem::Snapshot(snapshot)
        } else if kind == FileEvents::KIND {
            StreamItem::Files(expect(frame)?)
        } else if kind == Resync::KIND {
            StreamItem::Resync(expect(frame)?)
        } else if kind == ProjectEvent::KIND {
            let event: ProjectEvent = expect(frame)?;
            self.seq = event.seq;
            StreamItem::Project(event)
        } else if kind == KeepAlive::KIND {
            StreamItem::KeepAlive(expect(frame)?)
        } else if is_unknown(frame) {
            return Ok(None);
        } else {
            let event: ProgressEvent = expect(frame)?;
            // A sample bears the number of a state event that may not have been sent here yet.
            if !event.sample {
                self.seq = event.seq;
            }
            self.ended |= self.is_end(&event);
            StreamItem::Progress(Box::new(event))
        }))
    }

    /// Whether this event ends the stream: the terminal one of the only job streamed.
    fn is_end(&self, event: &ProgressEvent) -> bool {
        self.job != 0 && event.job == self.job && is_terminal(event)
    }
}

/// Whether a job ended with this event.
pub fn is_terminal(event: &ProgressEvent) -> bool {
    [EventType::COMPLETE, EventType::ERROR, EventType::CANCELLED].contains(&event.r#type)
}
