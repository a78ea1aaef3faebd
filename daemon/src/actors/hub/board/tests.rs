//! Streams as a subscriber sees them: the frames in its outbox.

use std::time::Duration;

use super::*;
use crate::actors::session::outbox::Outbox;
use crate::actors::session::queue::STREAM_FRAMES_MAX;
use vigie_proto::{Decoder, FileEvents, Frame, Incoming, SERVER_BODY_BYTES_MAX, Stage, decode};

fn board() -> Board {
    Board::new(EventLog::new(5, 1000))
}

fn open(board: &mut Board, job: u64, project: &str) -> Arc<JobFeed> {
    let feed = JobFeed::new(Arc::default());
    let first = ProgressEvent { job, project: project.into(), r#type: EventType::PROGRESS, ..ProgressEvent::default() };
    board.open(feed.clone(), first);
    feed
}

fn wish(filter: Filter, (epoch, seq): (u64, u64)) -> (Wish, Arc<Ticket>) {
    let from = if epoch == 0 { Begin::Now } else { Begin::After(epoch, seq) };
    let ticket = Ticket::new(1, Arc::new(Outbox::default()));
    (Wish { filter, from, files: false, ticket: ticket.clone() }, ticket)
}

fn received(ticket: &Ticket) -> Vec<Frame> {
    let bytes = ticket.outbox.with(|queue| queue.next_batch(usize::MAX, Instant::now()));
    let mut decoder = Decoder::new(SERVER_BODY_BYTES_MAX);
    decoder.push(&bytes);
    let one = |incoming| match incoming {
        Incoming::Frame(frame) => frame,
        Incoming::Oversize(header) => panic!("{header:?}"),
    };
    std::iter::from_fn(|| decoder.next_frame()).map(one).collect()
}

fn messages(frames: &[Frame]) -> Vec<String> {
    let of = |frame: &Frame| match frame.header.kind {
        Snapshot::KIND => "snapshot".to_owned(),
        Resync::KIND => "resync".to_owned(),
        FileEvents::KIND => "files".to_owned(),
        _ => decode::<ProgressEvent>(&frame.body).unwrap().message,
    };
    frames.iter().map(of).collect()
}

fn say(board: &mut Board, job: u64, message: &str) {
    board.change(job, |event| event.message = message.into());
}

fn end(board: &mut Board, job: u64) {
    let event = ProgressEvent {
        job,
        r#type: EventType::COMPLETE,
        message: "Done".into(),
        permille: 1000,
        ..ProgressEvent::default()
    };
    board.end(event);
}

#[test]
fn p3_a_late_comer_gets_one_snapshot_and_then_every_event_once() {
    let mut board = board();
    open(&mut board, 7, "/a");
    say(&mut board, 7, "one");
    let (wish, ticket) = wish(Filter::Job(7), (0, 0));
    board.subscribe(wish).unwrap();
    say(&mut board, 7, "two");
    say(&mut board, 7, "three");
    let frames = received(&ticket);
    assert_eq!(messages(&frames), ["snapshot", "two", "three"]);
    let snapshot: Snapshot = decode(&frames[0].body).unwrap();
    assert_eq!((snapshot.epoch, snapshot.seq, snapshot.jobs[0].message.as_str()), (5, 2, "one"));
    assert_eq!(decode::<ProgressEvent>(&frames[2].body).unwrap().seq, 4);
}

#[test]
fn p4_the_terminal_event_comes_once_and_is_the_last_frame() {
    let mut board = board();
    open(&mut board, 7, "/a");
    let (wish, ticket) = wish(Filter::Job(7), (0, 0));
    let mut subscribed = board.subscribe(wish).unwrap();
    end(&mut board, 7);
    end(&mut board, 7);
    let frames = received(&ticket);
    assert_eq!(messages(&frames), ["snapshot", "Done"]);
    assert!(frames[1].header.is_fin() && !frames[0].header.is_fin());
    assert!(subscribed.ended.try_recv().is_err(), "the channel is closed");
    assert!(ticket.is_ended());
}

#[test]
fn p3_a_cursor_is_answered_with_what_it_missed() {
    let mut board = board();
    open(&mut board, 7, "/a");
    open(&mut board, 8, "/b");
    for n in 0..4 {
        say(&mut board, 7 + n % 2, &n.to_string());
    }
    let (wish_a, ticket) = wish(Filter::Job(7), (5, 3));
    board.subscribe(wish_a).unwrap();
    assert_eq!(messages(&received(&ticket)), ["snapshot", "2"]);
    end(&mut board, 7);
    let (wish_b, late) = wish(Filter::Job(7), (5, 3));
    board.subscribe(wish_b).unwrap();
    assert_eq!(messages(&received(&late)), ["snapshot", "2", "Done"]);
    let (wish_c, _) = wish(Filter::Job(7), (0, 0));
    assert!(board.subscribe(wish_c).is_none(), "without a cursor an ended job is not here");
}

#[test]
fn who_starts_a_job_misses_none_of_its_events() {
    let mut board = board();
    open(&mut board, 6, "/b");
    open(&mut board, 7, "/a");
    say(&mut board, 7, "one");
    say(&mut board, 6, "another's");
    let (wish, ticket) = wish(Filter::Job(7), (0, 0));
    board.subscribe(Wish { from: Begin::Start, ..wish }).unwrap();
    say(&mut board, 7, "two");
    let frames = received(&ticket);
    assert_eq!(messages(&frames), ["snapshot", "one", "two"]);
    let snapshot: Snapshot = decode(&frames[0].body).unwrap();
    assert_eq!((snapshot.seq, snapshot.jobs[0].seq, snapshot.reset), (2, 2, false));
}

#[test]
fn p3_a_cursor_of_another_life_is_reset() {
    let mut board = board();
    open(&mut board, 7, "/a");
    let (wish, ticket) = wish(Filter::All, (4, 1));
    board.subscribe(wish).unwrap();
    let snapshot: Snapshot = decode(&received(&ticket)[0].body).unwrap();
    assert!(snapshot.reset && snapshot.jobs.len() == 1);
}

#[test]
fn p2_a_subscriber_that_does_not_read_is_resynchronised() {
    let mut board = board();
    open(&mut board, 7, "/a");
    let (wish, ticket) = wish(Filter::All, (0, 0));
    board.subscribe(wish).unwrap();
    for n in 0..STREAM_FRAMES_MAX + 10 {
        say(&mut board, 7, &n.to_string());
    }
    let frames = received(&ticket);
    let told = messages(&frames);
    let at = told.iter().position(|m| m == "resync").unwrap();
    assert_eq!(told[at + 1], "snapshot");
    assert_eq!(told.last().unwrap(), &(STREAM_FRAMES_MAX + 9).to_string());
    let resync: Resync = decode(&frames[at].body).unwrap();
    let snapshot: Snapshot = decode(&frames[at + 1].body).unwrap();
    assert_eq!(resync.dropped, STREAM_FRAMES_MAX as u64 + 1);
    assert_eq!(snapshot.seq + told.len() as u64 - at as u64 - 2, STREAM_FRAMES_MAX as u64 + 11, "no silent loss");
}

#[test]
fn p2_a_stream_that_overflows_on_the_end_of_a_job_learns_of_it_from_its_snapshot() {
    let mut board = board();
    open(&mut board, 7, "/a");
    let (wish, ticket) = wish(Filter::All, (0, 0));
    board.subscribe(wish).unwrap();
    for n in 0..STREAM_FRAMES_MAX {
        say(&mut board, 7, &n.to_string());
    }
    end(&mut board, 7);
    let frames = received(&ticket);
    assert_eq!(messages(&frames), ["snapshot", "resync", "snapshot"]);
    let snapshot: Snapshot = decode(&frames[2].body).unwrap();
    assert_eq!(snapshot.jobs[0].r#type, EventType::COMPLETE);
}

#[test]
fn projects_events_reach_those_who_watch_the_project() {
    let mut board = board();
    let (wish_a, a) = wish(Filter::Project("/a".into()), (0, 0));
    let (wish_b, b) = wish(Filter::Project("/b".into()), (0, 0));
    board.subscribe(wish_a).unwrap();
    board.subscribe(wish_b).unwrap();
    board.project(project_event(ProjectChanged {
        r#type: ProjectEventType::CLOSED,
        root: "/a".into(),
        generation: 3,
        changed: Changed::None,
        message: "closed".into(),
    }));
    assert_eq!((received(&a).len(), received(&b).len()), (2, 1));
}

#[test]
fn per_file_events_are_fetched_only_while_somebody_listens() {
    let mut board = board();
    let feed = open(&mut board, 7, "/a");
    assert!(!feed.is_heard());
    let (wish, ticket) = wish(Filter::Job(7), (0, 0));
    let subscribed = board.subscribe(Wish { files: true, ..wish }).unwrap();
    assert!(feed.is_heard());
    feed.file(FileEvent::default());
    board.tick(Instant::now(), 1);
    assert_eq!(messages(&received(&ticket)), ["snapshot", "files"]);
    board.unsubscribe(subscribed.subscription);
    assert!(!feed.is_heard());
}

#[test]
fn commits_become_events_of_the_project() {
    let mut board = board();
    let feed = open(&mut board, 7, "/a");
    let (wish, ticket) = wish(Filter::All, (0, 0));
    board.subscribe(wish).unwrap();
    feed.committed(4, &[]);
    board.tick(Instant::now() + Duration::from_millis(100), 1);
    let frames = received(&ticket);
    let event: ProjectEvent = decode(&frames[1].body).unwrap();
    assert_eq!((event.generation, event.r#type), (4, ProjectEventType::GENERATION));
    assert_eq!(board.last(7).unwrap().stage, Stage::default());
}
