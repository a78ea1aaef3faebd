//! The way to the daemon for asynchronous code. Requests run on threads that may block, each on a connection of its own that is
//! kept for the next; a stream of events has a thread for as long as somebody listens.

use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::mpsc;
use tokio::task;
use vigie::{Client, ClientError, EventStream, Options, StreamItem, Wait};
use vigie_proto::{Index, Subscribe};

/// Connections that are kept while nobody asks.
const IDLE_MAX: usize = 4;
/// Items of a stream that wait for their reader; then the daemon waits, and at last drops what nobody reads.
const ITEMS_MAX: usize = 256;

/// The daemon, for whoever may not block. Clones are of one pool.
#[derive(Clone, Debug)]
pub struct Daemon {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    options: Options,
    idle: Mutex<Vec<Client>>,
}

impl Daemon {
    /// Nothing is connected before the first request.
    pub fn new(options: Options) -> Daemon {
        Daemon { pool: Arc::new(Pool { options, idle: Mutex::default() }) }
    }

    /// How the daemon is reached.
    pub fn options(&self) -> &Options {
        &self.pool.options
    }

    /// Runs requests on a thread that may block. A client whose request failed is not used again: what is left on its connection
    /// is nobody's. Dropping the future ends the request too.
    pub async fn run<T, E>(&self, requests: impl FnOnce(&mut Client) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ClientError> + Send + 'static,
    {
        let pool = self.pool.clone();
        // Closed with this future.
        let (_bell, wake) =
            UnixStream::pair().map_err(|e| ClientError::Lost(format!("a request cannot be made: {e}")))?;
        let done = task::spawn_blocking(move || {
            let mut client = pool.take();
            client.set_wake(Some(wake.into()));
            let result = requests(&mut client);
            if result.is_ok() {
                client.set_wake(None);
                pool.keep(client);
            }
            result
        });
        done.await.unwrap_or_else(|e| Err(ClientError::Lost(format!("the request broke off: {e}")).into()))
    }

    /// Starts or joins a job and follows it.
    pub async fn index(&self, index: Index) -> Result<Following, ClientError> {
        self.follow(move |options| EventStream::index(options, index)).await
    }

    /// Follows events.
    pub async fn subscribe(&self, subscribe: Subscribe) -> Result<Following, ClientError> {
        self.follow(move |options| EventStream::subscribe(options, subscribe)).await
    }

    async fn follow(
        &self,
        begin: impl FnOnce(&Options) -> Result<EventStream, ClientError> + Send + 'static,
    ) -> Result<Following, ClientError> {
        let lost = |e: std::io::Error| ClientError::Lost(format!("a stream cannot be followed: {e}"));
        let (bell, wake) = UnixStream::pair().map_err(lost)?;
        let (sender, items) = mpsc::channel(ITEMS_MAX);
        let options = self.pool.options.clone();
        let stream = task::spawn_blocking(move || begin(&options))
            .await
            .unwrap_or_else(|e| Err(ClientError::Lost(format!("the request broke off: {e}"))))?;
        thread::Builder::new().name("stream".to_owned()).spawn(move || pump(stream, &wake, &sender)).map_err(lost)?;
        Ok(Following { items, bell })
    }
}

impl Pool {
    fn take(&self) -> Client {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| Client::new(self.options.clone()))
    }

    fn keep(&self, client: Client) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(client);
        }
    }
}

/// A stream that is followed. Dropping it ends the following, not the job.
#[derive(Debug)]
pub struct Following {
    items: mpsc::Receiver<Result<StreamItem, ClientError>>,
    bell: UnixStream,
}

impl Following {
    /// The next item; `None` after the last one of a job, and after an error.
    pub async fn next(&mut self) -> Option<Result<StreamItem, ClientError>> {
        self.items.recv().await
    }

    /// Cancels the job that is followed; its terminal event still comes.
    pub fn cancel(&mut self) {
        // If nobody hears it the job has ended.
        let _ended = self.bell.write_all(&[CANCEL]);
    }
}

/// The byte that asks for a cancel; the end of the stream of bytes asks for an end.
const CANCEL: u8 = 1;

/// Hands over what comes, until the stream ends or nobody listens.
fn pump(mut stream: EventStream, wake: &UnixStream, sender: &mpsc::Sender<Result<StreamItem, ClientError>>) {
    let wait = Wait { wake: Some(wake.as_fd()), ..Wait::FOREVER };
    loop {
        let item = match stream.next(&wait) {
            Ok(Some(StreamItem::Wake)) => match heard(wake) {
                Heard::Cancel => match stream.cancel() {
                    Ok(()) => continue,
                    Err(error) => Err(error),
                },
                Heard::End => return,
            },
            Ok(Some(item)) => Ok(item),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let is_last = item.is_err();
        if sender.blocking_send(item).is_err() || is_last {
            return;
        }
    }
}

enum Heard {
    Cancel,
    End,
}

fn heard(mut wake: &UnixStream) -> Heard {
    match std::io::Read::read(&mut wake, &mut [0]) {
        Ok(1..) => Heard::Cancel,
        Ok(0) | Err(_) => Heard::End,
    }
}
