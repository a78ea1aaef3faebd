//! What waits to be written to one client, in memory that has a bound: answers and state events in order, of samples only the
//! latest of each job, per-file events in a ring that drops its oldest. Pure; `outbox` shares it between tasks.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use vigie_proto::{Ext, FileEvent, FileEvents, frame_bytes};

/// Most state events of one stream that wait; beyond it the stream is resynchronised.
pub(crate) const STREAM_FRAMES_MAX: usize = 256;
/// Most bytes of state events of one stream that wait.
const STREAM_BYTES_MAX: usize = 256 << 10;
/// Most bytes that wait on one connection before its streams are resynchronised.
const TOTAL_BYTES_MAX: usize = 4 << 20;
/// Most bytes of per-file events that wait on one connection: as many files as are read in seconds.
pub(crate) const FILES_BYTES_MAX: usize = 8 << 20;
/// About what one frame of them holds, in bytes.
const FILES_FRAME_BYTES: usize = 256 << 10;
/// Fixed part of a per-file event's memory.
const FILE_FIXED_BYTES: usize = size_of::<FileEvent>();

/// A stream has more state events waiting than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

#[derive(Debug)]
struct Queued {
    id: u64,
    bytes: Vec<u8>,
    role: Role,
}

/// What a frame is to the stream of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Nothing: it stays, whatever becomes of the stream.
    Answer,
    /// What the stream begins with; stays too.
    Beginning,
    /// What it begins again from, or a sign of life.
    Aside,
    /// A state event.
    Event,
}

#[derive(Debug)]
struct Stream {
    sent: Instant,
    frames: usize,
    events: u64,
    bytes: usize,
    dropped: u64,
    samples: BTreeMap<u64, Vec<u8>>,
    files: FileRing,
}

impl Stream {
    fn new(now: Instant) -> Stream {
        let (samples, files) = (BTreeMap::new(), FileRing::default());
        Stream { sent: now, frames: 0, events: 0, bytes: 0, dropped: 0, samples, files }
    }
}

/// Per-file events that wait, oldest first.
#[derive(Debug, Default)]
struct FileRing {
    job: u64,
    events: VecDeque<FileEvent>,
    bytes: usize,
    dropped: u64,
}

impl FileRing {
    /// Takes an event in; the oldest go while there are more bytes than that.
    fn push(&mut self, event: FileEvent, bytes_max: usize) {
        self.bytes += file_bytes(&event);
        self.events.push_back(event);
        while self.bytes > bytes_max && self.pop().is_some() {
            self.dropped += 1;
        }
    }

    fn pop(&mut self) -> Option<FileEvent> {
        let oldest = self.events.pop_front()?;
        self.bytes -= file_bytes(&oldest);
        Some(oldest)
    }

    /// The oldest of them, as many as one frame holds.
    fn take(&mut self) -> Option<FileEvents> {
        if self.events.is_empty() && self.dropped == 0 {
            return None;
        }
        let (mut files, rest) = (Vec::new(), self.bytes.saturating_sub(FILES_FRAME_BYTES));
        while self.bytes > rest {
            files.extend(self.pop());
        }
        Some(FileEvents { job: self.job, dropped: std::mem::take(&mut self.dropped), files, ext: Ext::default() })
    }
}

/// What a per-file event weighs while it waits, in bytes.
pub(crate) fn file_bytes(event: &FileEvent) -> usize {
    FILE_FIXED_BYTES + event.path.0.len() + event.reason.len() + event.language.len()
}

/// What lies on a connection, for whoever looks on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Bytes that wait, per-file events about as many as they have in memory.
    pub(crate) bytes: usize,
    /// Streams of events that are open.
    pub(crate) streams: usize,
    /// How often a stream began again because its reader was too slow.
    pub(crate) resyncs: u64,
    /// Per-file events that were dropped because their reader was too slow.
    pub(crate) files_dropped: u64,
}

/// Everything that waits on one connection.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    resyncs: u64,
    files_dropped: u64,
    reliable: VecDeque<Queued>,
    reliable_bytes: usize,
    unsent: BTreeMap<u64, usize>,
    streams: BTreeMap<u64, Stream>,
}

impl Queue {
    /// An answer's frame. Its sender has made room first: answers are never dropped.
    pub(crate) fn answer(&mut self, id: u64, bytes: Vec<u8>) {
        self.push(Queued { id, bytes, role: Role::Answer });
    }

    /// Begins a stream of events under this id.
    pub(crate) fn open_stream(&mut self, id: u64, now: Instant) {
        self.streams.insert(id, Stream::new(now));
    }

    /// When the stream that was silent for the longest time was last sent something.
    pub(crate) fn quiet_since(&self) -> Option<Instant> {
        self.streams.values().map(|stream| stream.sent).min()
    }

    /// Gives every stream that was silent since `then` a sign of life.
    pub(crate) fn keep_alive(&mut self, then: Instant, sign: impl Fn(u64) -> Option<Vec<u8>>) {
        let quiet: Vec<u64> =
            self.streams.iter().filter(|(_, stream)| stream.sent <= then).map(|(id, _)| *id).collect();
        for id in quiet {
            if let Some(bytes) = sign(id) {
                self.begin_again(id, bytes);
            }
        }
    }

    /// A state event; samples of its job that still wait are older and go.
    pub(crate) fn event(&mut self, id: u64, job: u64, bytes: Vec<u8>) -> Result<(), Overflow> {
        let total = self.reliable_bytes + bytes.len();
        let Some(stream) = self.streams.get_mut(&id) else { return Ok(()) };
        stream.samples.remove(&job);
        let full = stream.events >= STREAM_FRAMES_MAX as u64 || stream.bytes + bytes.len() > STREAM_BYTES_MAX;
        if full || total > TOTAL_BYTES_MAX {
            stream.dropped += 1;
            return Err(Overflow);
        }
        stream.frames += 1;
        stream.events += 1;
        stream.bytes += bytes.len();
        self.push(Queued { id, bytes, role: Role::Event });
        Ok(())
    }

    /// Drops what waits on a stream and returns how many state events that were since it was last asked, so that it can begin
    /// again from a snapshot.
    pub(crate) fn clear_stream(&mut self, id: u64) -> u64 {
        let Some(stream) = self.streams.get_mut(&id) else { return 0 };
        let dropped = std::mem::take(&mut stream.dropped) + std::mem::take(&mut stream.events);
        stream.samples.clear();
        let of_stream = |queued: &Queued| queued.id == id && matches!(queued.role, Role::Event | Role::Aside);
        let gone: usize =
            self.reliable.iter().filter(|queued| of_stream(queued)).map(|queued| queued.bytes.len()).sum();
        stream.frames -= self.reliable.iter().filter(|queued| of_stream(queued)).count();
        stream.bytes -= gone;
        self.reliable.retain(|queued| !of_stream(queued));
        self.reliable_bytes -= gone;
        self.sent(id, gone);
        dropped
    }

    /// What a stream begins with: it stays, and nothing of the stream overtakes it.
    pub(crate) fn begin(&mut self, id: u64, bytes: Vec<u8>) {
        self.unrefused(id, bytes, Role::Beginning);
    }

    /// What a stream begins again from after an overflow: in order with its state events, and dropped with them.
    pub(crate) fn begin_again(&mut self, id: u64, bytes: Vec<u8>) {
        self.unrefused(id, bytes, Role::Aside);
    }

    fn unrefused(&mut self, id: u64, bytes: Vec<u8>, role: Role) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.frames += 1;
            stream.bytes += bytes.len();
            self.push(Queued { id, bytes, role });
        }
    }

    /// A sample of a job: only the latest waits.
    pub(crate) fn sample(&mut self, id: u64, job: u64, bytes: Vec<u8>) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.samples.insert(job, bytes);
        }
    }

    /// A per-file event; the oldest waiting goes if there are too many.
    pub(crate) fn file(&mut self, id: u64, job: u64, event: FileEvent) {
        let others: usize =
            self.streams.iter().filter(|(of, _)| **of != id).map(|(_, stream)| stream.files.bytes).sum();
        if let Some(stream) = self.streams.get_mut(&id) {
            let before = stream.files.dropped;
            stream.files.job = job;
            stream.files.push(event, FILES_BYTES_MAX.saturating_sub(others));
            self.files_dropped += stream.files.dropped - before;
        }
    }

    /// Counts per-file events that were dropped before they came here.
    pub(crate) fn files_dropped(&mut self, id: u64, job: u64, dropped: u64) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.files.job = job;
            stream.files.dropped += dropped;
            self.files_dropped += dropped;
        }
    }

    /// The last frame of a stream; per-file events that still wait go before it.
    pub(crate) fn end_stream(&mut self, id: u64, bytes: Vec<u8>) {
        let mut files = self.streams.remove(&id).map(|stream| stream.files).unwrap_or_default();
        while let Some(files) = files.take() {
            if let Ok(bytes) = frame_bytes(id, false, &files) {
                self.push(Queued { id, bytes, role: Role::Answer });
            }
        }
        self.push(Queued { id, bytes, role: Role::Answer });
    }

    /// Ends a stream of which nothing more is wanted but the frame that ends it.
    pub(crate) fn drop_stream(&mut self, id: u64) {
        self.clear_stream(id);
        self.streams.remove(&id);
    }

    fn push(&mut self, queued: Queued) {
        self.reliable_bytes += queued.bytes.len();
        *self.unsent.entry(queued.id).or_default() += queued.bytes.len();
        self.reliable.push_back(queued);
    }

    fn sent(&mut self, id: u64, bytes: usize) {
        if let Some(unsent) = self.unsent.get_mut(&id) {
            *unsent -= bytes;
            if *unsent == 0 {
                self.unsent.remove(&id);
            }
        }
    }

    /// The next bytes to write, at least one frame, up to about `bytes_max`; empty = nothing waits. A sample or per-file events
    /// never overtake a state event of their stream.
    pub(crate) fn next_batch(&mut self, bytes_max: usize, now: Instant) -> Vec<u8> {
        let mut batch = Vec::new();
        while let Some(first) = self.reliable.front() {
            if !batch.is_empty() && batch.len() + first.bytes.len() > bytes_max {
                break;
            }
            let Some(queued) = self.reliable.pop_front() else { break };
            self.reliable_bytes -= queued.bytes.len();
            self.sent(queued.id, queued.bytes.len());
            if queued.role != Role::Answer
                && let Some(stream) = self.streams.get_mut(&queued.id)
            {
                stream.sent = now;
                stream.frames -= 1;
                stream.events -= u64::from(queued.role == Role::Event);
                stream.bytes -= queued.bytes.len();
            }
            batch.extend_from_slice(&queued.bytes);
        }
        for (id, stream) in &mut self.streams {
            if stream.frames == 0 && batch.len() <= bytes_max {
                take_latest(*id, stream, &mut batch, now);
            }
        }
        batch
    }

    /// Bytes of this request that wait.
    pub(crate) fn unsent(&self, id: u64) -> usize {
        self.unsent.get(&id).copied().unwrap_or(0)
    }

    /// Bytes of answers and state events that wait.
    pub(crate) fn unsent_total(&self) -> usize {
        self.reliable_bytes
    }

    /// What lies on it.
    pub(crate) fn load(&self) -> Load {
        let samples = self.streams.values().flat_map(|stream| stream.samples.values()).map(Vec::len).sum::<usize>();
        let files = self.streams.values().map(|stream| stream.files.bytes).sum::<usize>();
        Load {
            bytes: self.reliable_bytes + samples + files,
            streams: self.streams.len(),
            resyncs: self.resyncs,
            files_dropped: self.files_dropped,
        }
    }

    /// Notes that a stream begins again because its reader is too slow.
    pub(crate) fn count_resync(&mut self) {
        self.resyncs += 1;
    }

    /// Whether nothing waits.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        let is_idle =
            |stream: &Stream| stream.samples.is_empty() && stream.files.events.is_empty() && stream.files.dropped == 0;
        self.reliable.is_empty() && self.streams.values().all(is_idle)
    }
}

fn take_latest(id: u64, stream: &mut Stream, batch: &mut Vec<u8>, now: Instant) {
    let before = batch.len();
    if let Some(files) = stream.files.take()
        && let Ok(files) = frame_bytes(id, false, &files)
    {
        batch.extend_from_slice(&files);
    }
    for sample in std::mem::take(&mut stream.samples).into_values() {
        batch.extend_from_slice(&sample);
    }
    if batch.len() > before {
        stream.sent = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::{Decoder, Incoming, Kind, Message, ProgressEvent, SERVER_BODY_BYTES_MAX, decode};

    fn frames(bytes: &[u8]) -> Vec<(u64, Kind)> {
        let mut decoder = Decoder::new(SERVER_BODY_BYTES_MAX);
        decoder.push(bytes);
        std::iter::from_fn(|| decoder.next_frame())
            .map(|incoming| match incoming {
                Incoming::Frame(frame) => (frame.header.id, frame.header.kind),
                Incoming::Oversize(header) => panic!("oversize {header:?}"),
            })
            .collect()
    }

    fn event(current: u64) -> Vec<u8> {
        frame_bytes(1, false, &ProgressEvent { current, job: 9, ..ProgressEvent::default() }).unwrap()
    }

    fn file(name: &str) -> FileEvent {
        FileEvent { path: name.into(), ..FileEvent::default() }
    }

    #[test]
    fn only_the_latest_sample_waits_and_a_state_event_makes_it_old() {
        let mut queue = Queue::default();
        queue.open_stream(1, Instant::now());
        queue.sample(1, 9, event(1));
        queue.sample(1, 9, event(2));
        assert_eq!(queue.next_batch(usize::MAX, Instant::now()), event(2));
        queue.sample(1, 9, event(3));
        queue.event(1, 9, event(4)).unwrap();
        assert_eq!(queue.next_batch(usize::MAX, Instant::now()), event(4));
        assert!(queue.is_empty());
    }

    #[test]
    fn a_sample_does_not_overtake_a_state_event_that_did_not_fit_the_batch() {
        let mut queue = Queue::default();
        queue.open_stream(1, Instant::now());
        for n in 0..3 {
            queue.event(1, 9, event(n)).unwrap();
        }
        queue.sample(1, 9, event(100));
        let mut currents = Vec::new();
        while !queue.is_empty() {
            let batch = queue.next_batch(event(0).len(), Instant::now());
            let mut decoder = Decoder::new(SERVER_BODY_BYTES_MAX);
            decoder.push(&batch);
            while let Some(Incoming::Frame(frame)) = decoder.next_frame() {
                currents.push(decode::<ProgressEvent>(&frame.body).unwrap().current);
            }
        }
        assert_eq!(currents, [0, 1, 2, 100]);
    }

    #[test]
    fn a_sample_does_not_overtake_the_snapshot_before_it() {
        let mut queue = Queue::default();
        queue.open_stream(1, Instant::now());
        queue.answer(2, vec![0; 40]);
        queue.begin(1, event(1));
        queue.sample(1, 9, event(2));
        assert_eq!(queue.next_batch(40, Instant::now()).len(), 40);
        assert_eq!(queue.next_batch(usize::MAX, Instant::now()), [event(1), event(2)].concat());
    }

    #[test]
    fn only_a_silent_stream_gets_a_sign_of_life() {
        let mut queue = Queue::default();
        let start = Instant::now();
        queue.open_stream(1, start);
        queue.open_stream(2, start);
        queue.begin(2, event(1));
        let later = start + std::time::Duration::from_secs(1);
        queue.next_batch(usize::MAX, later);
        assert_eq!(queue.quiet_since(), Some(start));
        queue.keep_alive(start, |id| Some(vec![id.try_into().unwrap()]));
        assert_eq!(queue.next_batch(usize::MAX, later), [1]);
        assert_eq!(queue.quiet_since(), Some(later));
    }

    #[test]
    fn p2_a_stream_that_nobody_reads_overflows_and_begins_again() {
        let mut queue = Queue::default();
        queue.open_stream(1, Instant::now());
        queue.answer(2, vec![0; 10]);
        let mut refused = 0;
        for n in 0..1000 {
            refused += u64::from(queue.event(1, 9, event(n)).is_err());
        }
        assert_eq!(refused, 1000 - STREAM_FRAMES_MAX as u64);
        assert_eq!(queue.clear_stream(1), 1000);
        assert_eq!(queue.unsent_total(), 10, "the other request's answer stays");
        assert_eq!(queue.unsent(1), 0);
        queue.begin_again(1, event(7));
        assert_eq!(queue.clear_stream(1), 0, "a new beginning is no event");
    }

    #[test]
    fn per_file_events_drop_their_oldest_and_say_how_many() {
        let mut queue = Queue::default();
        queue.open_stream(1, Instant::now());
        queue.open_stream(2, Instant::now());
        let name = "a".repeat(1000);
        let events_max = FILES_BYTES_MAX / file_bytes(&file(&name));
        queue.file(2, 9, file(&name));
        for _ in 0..events_max + 5 {
            queue.file(1, 9, file(&name));
        }
        queue.end_stream(2, event(1));
        queue.end_stream(1, event(1));
        let mut decoder = Decoder::new(SERVER_BODY_BYTES_MAX);
        decoder.push(&queue.next_batch(usize::MAX, Instant::now()));
        let (mut dropped, mut sent, mut frames) = (0, 0, 0);
        while let Some(Incoming::Frame(frame)) = decoder.next_frame() {
            if frame.header.kind == FileEvents::KIND && frame.header.id == 1 {
                let files: FileEvents = decode(&frame.body).unwrap();
                (dropped, sent, frames) = (dropped + files.dropped, sent + files.files.len(), frames + 1);
            }
        }
        assert_eq!((dropped, sent), (6, events_max - 1), "streams of a connection share the room");
        assert!(frames > 10, "no frame is long");
    }

    #[test]
    fn a_reader_gets_every_file_of_a_quick_walk() {
        let mut queue = Queue::default();
        queue.open_stream(1, Instant::now());
        for n in 0..9000 {
            queue.file(1, 9, file(&format!("src/some/directory/file_{n}.rs")));
        }
        let mut decoder = Decoder::new(SERVER_BODY_BYTES_MAX);
        let mut names = Vec::new();
        loop {
            let batch = queue.next_batch(64 << 10, Instant::now());
            if batch.is_empty() {
                break;
            }
            decoder.push(&batch);
            while let Some(Incoming::Frame(frame)) = decoder.next_frame() {
                let files: FileEvents = decode(&frame.body).unwrap();
                assert_eq!(files.dropped, 0);
                names.extend(files.files.into_iter().map(|file| file.path.to_text()));
            }
        }
        assert_eq!(names.len(), 9000);
        assert_eq!(names[8999], "src/some/directory/file_8999.rs");
    }

    #[test]
    fn files_go_before_the_end_and_nothing_after_it() {
        let mut queue = Queue::default();
        queue.open_stream(1, Instant::now());
        queue.file(1, 9, file("a"));
        queue.end_stream(1, event(5));
        queue.sample(1, 9, event(6));
        assert_eq!(
            frames(&queue.next_batch(usize::MAX, Instant::now())),
            [(1, FileEvents::KIND), (1, ProgressEvent::KIND)]
        );
        assert!(queue.is_empty());
        assert_eq!(queue.unsent(1), 0);
    }

    #[test]
    fn a_batch_ends_before_the_frame_that_would_be_too_much() {
        let mut queue = Queue::default();
        for _ in 0..4 {
            queue.answer(3, vec![0; 40]);
        }
        assert_eq!(queue.next_batch(100, Instant::now()).len(), 80);
        assert_eq!(queue.unsent(3), 80);
        assert_eq!(queue.next_batch(10, Instant::now()).len(), 40, "one frame always goes");
    }
}
