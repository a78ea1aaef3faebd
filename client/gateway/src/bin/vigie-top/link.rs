//! The way to the daemon. One thread follows the stream of events, one asks every second what goes on, and each request of the
//! person has one of its own. They start no daemon: one that was stopped under an open screen shall stay stopped.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use vigie::human::{directories, escape};
use vigie::{Client, ClientError, EventStream, Options, StreamItem, Wait, connect_greeted};
use vigie_proto::{
    Activity, Bytes, CancelJob, CoverageQuery, ErrorCode, Index, JobState, ListJobs, ListProjects, PauseJob,
    QueryOptions, ResumeJob, Status, Subscribe, Target, Watch, WatchState, job_flag,
};

use crate::news::{News, Request};

/// How often it is asked what goes on.
const ACTIVITY_EVERY: Duration = Duration::from_secs(1);
/// The lists are asked for when something happened, and this often in any case: not all that others do is told as an event.
const LISTS_EVERY: Duration = Duration::from_secs(5);
/// What happens within so long after one another is looked at together.
const GATHER: Duration = Duration::from_millis(200);
/// Pause between two tries to reach a daemon that is not there.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// Ended jobs that are listed.
const ENDED_MAX: u32 = 20;
/// Files of a coverage that are shown; whoever wants them all has `vigie coverage`.
const COVERAGE_MAX: u64 = 200_000;

/// The end of the link that the screen holds. `T` is what the screen waits for; news become one.
pub(crate) struct Link<T> {
    options: Options,
    news: Sender<T>,
    stale: Sender<()>,
}

impl<T: From<News> + Send + 'static> Link<T> {
    /// Begins to listen and to ask. Only this may start a daemon, if the options allow it.
    pub(crate) fn begin(options: Options, only: Option<Bytes>, news: Sender<T>) -> Result<Link<T>, ClientError> {
        connect_greeted(&options)?;
        let options = Options { spawn: false, ..options };
        let (stale, is_stale) = channel();
        let subscribe = Subscribe { path: only.unwrap_or_default(), ..Subscribe::default() };
        {
            let (options, news, stale) = (options.clone(), news.clone(), stale.clone());
            thread::spawn(move || follow(&options, &subscribe, &news, &stale));
        }
        {
            let (options, news) = (options.clone(), news.clone());
            thread::spawn(move || watch_activity(options, &news, &is_stale));
        }
        Ok(Link { options, news, stale })
    }

    /// Asks the daemon for something; what becomes of it is news.
    pub(crate) fn ask(&self, request: Request) {
        let (options, news, stale) = (self.options.clone(), self.news.clone(), self.stale.clone());
        thread::spawn(move || {
            // Who does not listen any more has left.
            let mut tell = |told: News| news.send(told.into()).map_err(|_| Gone);
            let _left = carry_out(options, request, &mut tell);
            let _left = stale.send(());
        });
    }
}

/// Nobody listens any more.
#[derive(Debug)]
struct Gone;

/// A failure with what to do about it, in one sentence.
pub(crate) fn sentence(error: &ClientError) -> String {
    let hint = error.hint();
    let text = if hint.is_empty() { error.to_string() } else { format!("{error}; {hint}") };
    escape(text.as_bytes())
}

/// Follows the events for as long as somebody listens.
fn follow<T: From<News>>(options: &Options, subscribe: &Subscribe, news: &Sender<T>, stale: &Sender<()>) {
    loop {
        let mut stream = EventStream::subscribe(options, subscribe.clone());
        let error = loop {
            let item = match &mut stream {
                Ok(stream) => stream.next(&Wait::FOREVER),
                Err(error) => break sentence(error),
            };
            let told = match item {
                Ok(Some(StreamItem::Snapshot(snapshot))) => News::Snapshot(snapshot),
                Ok(Some(StreamItem::Progress(event))) => {
                    if event.sample {
                        if news.send(News::Progress(event).into()).is_err() {
                            return;
                        }
                        continue;
                    }
                    News::Progress(event)
                }
                Ok(Some(StreamItem::Project(event))) => News::Project(event),
                Ok(Some(StreamItem::Resync(resync))) => News::Resync(resync.dropped),
                Ok(Some(StreamItem::Lost(reason))) => News::Down(escape(reason.as_bytes())),
                Ok(Some(_)) => continue,
                Ok(None) => break "the stream of events ended".to_owned(),
                Err(error) => break sentence(&error),
            };
            if news.send(told.into()).is_err() || stale.send(()).is_err() {
                return;
            }
        };
        if news.send(News::Down(error).into()).is_err() {
            return;
        }
        thread::sleep(RETRY_EVERY);
    }
}

/// Asks what goes on for as long as somebody listens, and for the lists when they may have changed.
fn watch_activity<T: From<News>>(options: Options, news: &Sender<T>, stale: &Receiver<()>) {
    let mut client = Client::new(options.clone());
    let mut listed: Option<Instant> = None;
    let mut is_stale = true;
    loop {
        let mut next = Instant::now() + ACTIVITY_EVERY;
        let due = is_stale || listed.is_none_or(|listed| listed.elapsed() >= LISTS_EVERY);
        match look(&mut client, due, |told| news.send(told.into()).map_err(|_| Gone)) {
            Ok(Ok(())) if due => (listed, is_stale) = (Some(Instant::now()), false),
            Ok(Ok(())) => {}
            // The stream of events tells that there is no daemon; a new connection finds the next one.
            Ok(Err(_)) => {
                client = Client::new(options.clone());
                is_stale = true;
            }
            Err(Gone) => return,
        }
        loop {
            match stale.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(()) => (is_stale, next) = (true, next.min(Instant::now() + GATHER)),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// Looks once. The first time, and after a loss, also at who the daemon is.
fn look(
    client: &mut Client,
    lists: bool,
    mut tell: impl FnMut(News) -> Result<(), Gone>,
) -> Result<Result<(), ClientError>, Gone> {
    let mut news = Vec::new();
    let result = ask_all(client, lists, &mut news);
    for told in news {
        tell(told)?;
    }
    Ok(result)
}

/// What can be known of the daemon without a stream: for a screen, and for whoever looks only once.
pub(crate) fn ask_all(client: &mut Client, lists: bool, news: &mut Vec<News>) -> Result<(), ClientError> {
    if lists {
        news.push(News::Status(Box::new(client.ask(&Status::default())?)));
        let (mut projects, mut jobs) = (Vec::new(), Vec::new());
        client.list(&ListProjects::default(), |page| projects.extend(page.rows))?;
        client.list(&ListJobs { ended_max: ENDED_MAX, ..ListJobs::default() }, |page| jobs.extend(page.rows))?;
        news.extend([News::Projects(projects), News::Jobs(jobs)]);
    }
    match client.ask(&Activity::default()) {
        Ok(activity) => news.push(News::Activity(Box::new(activity))),
        Err(error) if error.code() == Some(ErrorCode::UNIMPLEMENTED) => news.push(News::NoActivity),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Carries out a request, on a connection of its own so that it holds up nothing.
fn carry_out(options: Options, request: Request, tell: &mut dyn FnMut(News) -> Result<(), Gone>) -> Result<(), Gone> {
    let mut client = Client::new(options.clone());
    let done = match request {
        Request::Coverage(number, root) => return coverage(&mut client, number, root, tell),
        Request::Start => connect_greeted(&Options { spawn: true, ..options }).map(|_| "the daemon runs".to_owned()),
        Request::Cancel(job) => client.ask(&CancelJob { job, ..CancelJob::default() }).map(|ack| match ack.state {
            JobState::CANCELLING => format!("job {job} is being cancelled"),
            state => format!("job {job} had ended: {state}"),
        }),
        Request::Pause(job) => client.ask(&PauseJob { job, ..PauseJob::default() }).map(|ack| match ack.state {
            JobState::PAUSED => format!("job {job} is paused; p has it go on"),
            state => format!("job {job} was not paused: {state}"),
        }),
        Request::Resume(job) => client
            .ask(&ResumeJob { job, ..ResumeJob::default() })
            .map(|ack| format!("job {job} goes on: {}", ack.state)),
        Request::Watch(path) => {
            client.ask(&Watch { path: path.clone(), project: path, ..Watch::default() }).map(|watched| {
                let root = escape(&watched.root.0);
                match watched.state {
                    WatchState::WATCHED => format!("{root}: watched, {}", directories(watched.directories)),
                    state => format!("{root}: {state}; {}", escape(watched.note.as_bytes())),
                }
            })
        }
        Request::Unwatch(path) => client
            .ask(&Watch { path: path.clone(), project: path, end: true, ..Watch::default() })
            .map(|watched| format!("{}: no longer watched", escape(&watched.root.0))),
        Request::Index(path) => {
            let index = Index { path, flags: job_flag::DETACH, ..Index::default() };
            client.ask(&index).map(|accepted| {
                let (job, root) = (accepted.job, escape(&accepted.root.0));
                if accepted.joined {
                    format!("job {job} does so already: {root}")
                } else {
                    format!("job {job} indexes {root}")
                }
            })
        }
    };
    tell(News::Done(done.map_err(|error| sentence(&error))))
}

fn coverage(
    client: &mut Client,
    number: u64,
    root: Bytes,
    tell: &mut dyn FnMut(News) -> Result<(), Gone>,
) -> Result<(), Gone> {
    let query = CoverageQuery {
        target: Target { path: root.clone(), project: root, ..Target::default() },
        options: QueryOptions { limit: COVERAGE_MAX, ..QueryOptions::default() },
        ..CoverageQuery::default()
    };
    let end = client.query(&query, |page| match tell(News::Coverage(number, page.rows)) {
        Ok(()) => ControlFlow::Continue(()),
        Err(Gone) => ControlFlow::Break(()),
    });
    tell(News::CoverageEnd(number, end.map(Box::new).map_err(|error| sentence(&error))))
}
