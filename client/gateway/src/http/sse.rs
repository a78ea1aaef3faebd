//! Streams of events as `text/event-stream`. Nothing is gathered here: an item is taken when the connection has room for it, so that a
//! slow reader meets the bounds of the daemon's stream. A comment is a line without an empty one behind it: to some readers that would
//! be an event.

use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;
use vigie::json::Object;
use vigie::{ClientError, StreamItem, is_terminal, records};
use vigie_proto::{ProgressEvent, Snapshot, Stage};

use super::refusal::Refusal;
use crate::daemon::Following;

/// A stream on which nothing happens says this often that it lives.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);
/// When a reader that lost its connection shall come back, in milliseconds.
const RETRY_MS: u32 = 2000;

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform")),
    // A proxy that gathers would show a bar that jumps.
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
];

/// A place in the sequence of events, as readers hold it: `EPOCH.SEQ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) epoch: u64,
    pub(crate) seq: u64,
}

impl Cursor {
    /// Where a reader says that it is. What we have not written means nothing.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Cursor> {
        let (epoch, seq) = headers.get("last-event-id")?.to_str().ok()?.split_once('.')?;
        Some(Cursor { epoch: epoch.parse().ok().filter(|epoch| *epoch > 0)?, seq: seq.parse().ok()? })
    }
}

/// Takes one of the places for streams.
pub(crate) fn place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Refusal> {
    let full = |_| Refusal::busy("the gateway streams to as many readers as it takes");
    places.clone().try_acquire_owned().map_err(full)
}

/// What a stream is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// One job: its events and nothing else, so that whoever knows LeIndex's stream knows this one.
    Job,
    /// Whatever happens.
    All,
}

/// A stream that is read.
pub(crate) struct Streaming {
    following: Following,
    first: Option<StreamItem>,
    text: Text,
    ending: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Streaming {
    /// `first` was taken from what is followed; `resumed` = the reader has seen a part of the stream before.
    pub(crate) fn new(
        topic: Topic,
        resumed: bool,
        following: Following,
        first: Option<StreamItem>,
        ending: watch::Receiver<bool>,
        place: OwnedSemaphorePermit,
    ) -> Streaming {
        Streaming { following, first, text: Text::new(topic, resumed), ending, _place: place }
    }

    /// The response.
    pub(crate) fn response(self) -> Response {
        let chunks = stream::unfold(self, |mut streaming| async move {
            let chunk = streaming.next().await?;
            Some((Ok::<Bytes, Infallible>(chunk.into()), streaming))
        });
        (HEADERS, Body::from_stream(chunks)).into_response()
    }

    /// What is to be written next; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        if self.text.is_over {
            return None;
        }
        let mut silence = std::pin::pin!(sleep(KEEP_ALIVE_EVERY));
        loop {
            let item = match self.first.take() {
                Some(first) => Some(Ok(first)),
                None => tokio::select! {
                    item = self.following.next() => item,
                    () = &mut silence => return Some(comment("keep-alive")),
                    _ending = self.ending.wait_for(|is_ending| *is_ending) => {
                        self.text.is_over = true;
                        return Some(comment("the gateway ends"));
                    }
                },
            };
            let written = match item {
                Some(Ok(item)) => self.text.item(&item),
                Some(Err(error)) => self.text.failure(error),
                None => return None,
            };
            if !written.is_empty() {
                return Some(written);
            }
        }
    }
}

/// Writes what a stream says.
struct Text {
    topic: Topic,
    /// What the snapshot that comes next says has been seen, unless the snapshot says otherwise.
    resumed: bool,
    epoch: u64,
    /// Where the job stood last.
    stage: Stage,
    is_begun: bool,
    is_over: bool,
}

impl Text {
    fn new(topic: Topic, resumed: bool) -> Text {
        Text { topic, resumed, epoch: 0, stage: Stage::STARTING, is_begun: false, is_over: false }
    }

    fn item(&mut self, item: &StreamItem) -> String {
        match item {
            StreamItem::Snapshot(snapshot) => self.snapshot(snapshot),
            StreamItem::Progress(event) => {
                // No cursor is taken from a sample.
                let id = (!event.sample).then_some(event.seq);
                self.progress(id, event)
            }
            StreamItem::Project(event) if self.topic == Topic::All => {
                self.event(Some(event.seq), records::project_event(event))
            }
            StreamItem::Resync(resync) if self.topic == Topic::All => self.event(None, records::resync(resync)),
            StreamItem::Resync(resync) => {
                self.resumed = false;
                comment(&format!("this reader was slow: {} events were dropped", resync.dropped))
            }
            StreamItem::Lost(_) => comment("the daemon went away; connecting again"),
            StreamItem::Resumed => {
                self.resumed = true;
                comment("connected again")
            }
            StreamItem::Accepted(_)
            | StreamItem::Project(_)
            | StreamItem::Files(_)
            | StreamItem::KeepAlive(_)
            | StreamItem::CancelAck(_)
            | StreamItem::Wake => String::new(),
        }
    }

    fn snapshot(&mut self, snapshot: &Snapshot) -> String {
        self.epoch = snapshot.epoch;
        let is_seen = self.resumed && !snapshot.reset;
        self.resumed = false;
        if self.topic == Topic::All {
            let line = Object::line("snapshot")
                .flag("reset", snapshot.reset)
                .number("epoch", snapshot.epoch)
                .number("seq", snapshot.seq)
                .objects("jobs", snapshot.jobs.iter().map(records::progress));
            return self.event(Some(snapshot.seq), line);
        }
        let told = snapshot.jobs.iter().filter(|event| !is_seen || is_terminal(event));
        told.map(|event| self.progress(Some(snapshot.seq), event)).collect()
    }

    fn progress(&mut self, seq: Option<u64>, event: &ProgressEvent) -> String {
        self.stage = event.stage;
        self.event(seq, records::progress(event))
    }

    fn event(&mut self, seq: Option<u64>, line: Object) -> String {
        let mut text = String::new();
        if !std::mem::replace(&mut self.is_begun, true) {
            let _ok = writeln!(text, "retry: {RETRY_MS}");
        }
        if let Some(seq) = seq {
            let _ok = writeln!(text, "id: {}.{seq}", self.epoch);
        }
        text + "data: " + &line.finish() + "\n\n"
    }

    /// The daemon is gone and does not come back. The job is not: it goes on when a daemon runs again.
    fn failure(&mut self, error: ClientError) -> String {
        self.is_over = true;
        let refusal = Refusal::from(error);
        match self.topic {
            Topic::All => comment(refusal.message()),
            Topic::Job => self.event(None, error_event(self.stage, &refusal)),
        }
    }
}

/// A stream of one event: why there is no other.
pub(crate) fn refused(refusal: &Refusal) -> Response {
    let event = error_event(Stage::STARTING, refusal);
    (HEADERS, format!("data: {}\n\n", event.finish())).into_response()
}

fn error_event(stage: Stage, refusal: &Refusal) -> Object {
    let (message, hint) = (refusal.message(), refusal.hint());
    let sentence = if hint.is_empty() { message.to_owned() } else { format!("{message}; {hint}") };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Object::line("error")
        .string("stage", stage.name())
        .number("current", 0)
        .number("total", 0)
        .string("message", &sentence)
        .number("timestamp_ms", now.as_millis())
        .string("code", refusal.code())
        .string("hint", hint)
}

/// A line that readers of events leave out; what it says is one line.
fn comment(text: &str) -> String {
    format!(": {}\n", text.replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::{EventType, Resync};

    fn progress(seq: u64, sample: bool) -> ProgressEvent {
        ProgressEvent { r#type: EventType::PROGRESS, stage: Stage::SCANNING, seq, sample, ..ProgressEvent::default() }
    }

    fn snapshot(reset: bool, event: ProgressEvent) -> StreamItem {
        StreamItem::Snapshot(Snapshot { epoch: 7, seq: 3, jobs: vec![event], reset, ..Snapshot::default() })
    }

    /// The lines without what they say in JSON.
    fn shape(text: &str) -> Vec<&str> {
        text.lines().map(|line| if line.starts_with("data: {") { "data" } else { line }).collect()
    }

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        let of = |value: &'static str| {
            Cursor::of(&HeaderMap::from_iter([("last-event-id".parse().unwrap(), HeaderValue::from_static(value))]))
        };
        assert_eq!(of("7.12"), Some(Cursor { epoch: 7, seq: 12 }));
        for bad in ["", "7", "7.", ".7", "0.7", "a.b", "7.-1"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn state_events_have_ids_and_samples_have_none() {
        let mut text = Text::new(Topic::Job, false);
        assert_eq!(shape(&text.item(&snapshot(false, progress(3, false)))), ["retry: 2000", "id: 7.3", "data", ""]);
        assert_eq!(shape(&text.item(&StreamItem::Progress(Box::new(progress(4, false))))), ["id: 7.4", "data", ""]);
        assert_eq!(shape(&text.item(&StreamItem::Progress(Box::new(progress(4, true))))), ["data", ""]);
    }

    #[test]
    fn who_resumes_is_not_told_again_what_it_has_seen() {
        let mut text = Text::new(Topic::Job, true);
        assert_eq!(text.item(&snapshot(false, progress(3, false))), "");
        text.item(&StreamItem::Resumed);
        let ended = ProgressEvent { r#type: EventType::COMPLETE, ..progress(3, false) };
        assert_ne!(text.item(&snapshot(false, ended)), "", "an end is told in any case");
        let mut text = Text::new(Topic::Job, true);
        assert_ne!(text.item(&snapshot(true, progress(3, false))), "", "nothing is known of another epoch");
    }

    #[test]
    fn a_loss_is_told() {
        let mut text = Text::new(Topic::Job, false);
        let told = text.item(&StreamItem::Resync(Resync { dropped: 9, ..Resync::default() }));
        assert_eq!(told, ": this reader was slow: 9 events were dropped\n");
        let told = text.failure(ClientError::Lost("a\nb".to_owned()));
        assert_eq!(told.lines().filter(|line| line.starts_with("data: ")).count(), 1, "{told}");
        assert!(text.is_over);
        assert_eq!(comment("a\nb"), ": a b\n");
    }
}
