//! News and keys against the state. The state that they begin with is also what the tests of the view draw.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use vigie_proto::{
    ActivityReply, Bytes, ClientRow, CoverageRow, Disposition, EventType, FileNow, JobRow, JobState, Message,
    ProgressEvent, ProjectEvent, ProjectEventType, ProjectRow, ProjectState, QuerySummary, SlowFile, SlowQuery,
    Snapshot, Stage, Stats, StatusReply, StructureState, TextQuery, WatchState, WorkerRow,
};

use super::{Link, Over, Panel, State, Tone};
use crate::keys::press;
use crate::news::{News, Request};

/// A moment, in milliseconds since 1970.
const NOW_MS: u64 = 1_800_000_000_000;

fn project(root: &str, watch: WatchState, files: u64) -> ProjectRow {
    ProjectRow {
        root: root.into(),
        state: if watch == WatchState::NONE { ProjectState::CLOSED } else { ProjectState::OPEN },
        generation: 1_042,
        files,
        symbols: files * 31,
        store_bytes: files << 14,
        indexed_ms: NOW_MS - 7_300_000,
        watch,
        ..ProjectRow::default()
    }
}

fn running(job: u64, project: &str, at_ms: u64, bytes: u64) -> ProgressEvent {
    ProgressEvent {
        r#type: EventType::PROGRESS,
        job,
        project: project.into(),
        state: JobState::RUNNING,
        stage: Stage::INDEXING,
        current: 12_340,
        total: 78_000,
        permille: 624,
        rate_milli: 3_120_000,
        eta_ms: 63_000,
        bytes,
        errors: 2,
        file: "drivers/gpu/drm/amd/include/asic_reg/dcn/dcn_3_2_0_sh_mask.h".into(),
        file_ms: 4_200,
        timestamp_ms: at_ms,
        sample: true,
        ..ProgressEvent::default()
    }
}

fn done(job: u64, project: &str) -> ProgressEvent {
    ProgressEvent {
        r#type: EventType::COMPLETE,
        state: JobState::DONE,
        stats: Some(Stats { files_seen: 900, files_indexed: 12, elapsed_ms: 340, ..Stats::default() }),
        sample: false,
        timestamp_ms: NOW_MS - 24_000,
        ..running(job, project, 0, 0)
    }
}

fn activity() -> ActivityReply {
    ActivityReply {
        uptime_ms: 7_500_000,
        memory_bytes: 120 << 20,
        memory_bytes_max: 2 << 30,
        workers: (0..4).map(|_| WorkerRow { memory_bytes: 48 << 20, ..WorkerRow::default() }).collect(),
        clients: vec![ClientRow {
            session: 1,
            name: "vigie top".to_owned(),
            version: "0.1.0".to_owned(),
            pid: 4_711,
            since_ms: NOW_MS - 90_000,
            requests: 91,
            requests_open: 2,
            ..ClientRow::default()
        }],
        files_now: vec![FileNow {
            job: 7,
            project: "/home/ann/src/linux".into(),
            path: "drivers/gpu/drm/amd/include/asic_reg/dcn/dcn_3_2_0_sh_mask.h".into(),
            elapsed_ms: 4_200,
            ..FileNow::default()
        }],
        slow_files: vec![SlowFile {
            project: "/srv/漢字".into(),
            path: "data/\u{1b}[31mbig.json".into(),
            language: "json".to_owned(),
            elapsed_us: 2_100_000,
            bytes: 1_900_000,
            done_ms: NOW_MS - 12_000,
            disposition: Disposition::QUARANTINED,
            ..SlowFile::default()
        }],
        slow_file_us: 1_000_000,
        slow_queries: vec![SlowQuery {
            kind: TextQuery::KIND.0,
            elapsed_us: 1_400_000,
            worked_us: 1_300_000,
            rows: 21_004,
            asked_ms: NOW_MS - 300_000,
            project: "/home/ann/src/linux".into(),
            client: "vigie text".to_owned(),
            ..SlowQuery::default()
        }],
        slow_query_us: 1_000_000,
        ..ActivityReply::default()
    }
}

/// A busy daemon, as it may be seen at any moment.
pub(crate) fn busy() -> State {
    let mut state = State::new("/home/ann/src".into(), b"/home/ann".to_vec(), None);
    state.now_ms = NOW_MS;
    state.apply(News::Status(Box::new(StatusReply {
        version: "0.1.0".to_owned(),
        pid: 4_242,
        ..StatusReply::default()
    })));
    state.apply(News::Snapshot(Snapshot {
        jobs: vec![running(7, "/home/ann/src/linux", NOW_MS - 2_000, 0)],
        ..Snapshot::default()
    }));
    state.apply(News::Projects(vec![
        project("/home/ann/src/linux", WatchState::NONE, 78_000),
        project("/home/ann/src/vigie", WatchState::WATCHED, 612),
        project("/srv/a/long/way/down/to/a/project/that/is/called/漢字", WatchState::POLLED, 9),
    ]));
    state.apply(News::Activity(Box::new(activity())));
    state.apply(News::Progress(Box::new(running(7, "/home/ann/src/linux", NOW_MS, 80 << 20))));
    state.apply(News::Progress(Box::new(done(6, "/home/ann/src/vigie"))));
    state.apply(News::Project(ProjectEvent {
        r#type: ProjectEventType::GENERATION,
        project: "/home/ann/src/vigie".into(),
        generation: 1_043,
        timestamp_ms: NOW_MS - 3_000,
        changed: ["a.rs", "b.rs", "c.rs", "d.rs"].map(Bytes::from).to_vec(),
        ..ProjectEvent::default()
    }));
    for rate in [0, 200, 900, 2_400, 3_100, 2_900] {
        state.apply(News::Progress(Box::new(ProgressEvent {
            rate_milli: rate * 1000,
            ..running(7, "/home/ann/src/linux", NOW_MS, 80 << 20)
        })));
        state.second();
    }
    state
}

fn key(code: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(code), KeyModifiers::NONE)
}

fn said(state: &State) -> &str {
    state.said.as_ref().map_or("", |said| &said.text)
}

#[test]
fn a_jobs_pace_is_that_of_the_last_seconds() {
    let state = busy();
    let job = &state.jobs.rows()[0];
    assert_eq!((job.id, job.bytes_rate), (7, 40 << 20));
    assert_eq!(job.rates, [0, 200, 900, 2_400, 3_100, 2_900]);
}

#[test]
fn jobs_that_move_come_first_and_ended_ones_newest_first() {
    let mut state = busy();
    state.apply(News::Progress(Box::new(ProgressEvent { timestamp_ms: NOW_MS, ..done(3, "/p") })));
    let row = JobRow { job: 9, state: JobState::PAUSED, project: "/q".into(), permille: 100, ..JobRow::default() };
    let ids = |state: &State| state.jobs.rows().iter().map(|job| job.id).collect::<Vec<_>>();
    let ended = |job| JobRow { job, state: JobState::DONE, ended_ms: NOW_MS - job * 1_000, ..JobRow::default() };
    state.now_ms = NOW_MS + 1_000;
    state.apply(News::Jobs(vec![row.clone(), ended(3), ended(6)]));
    assert_eq!(ids(&state), [7, 9, 3, 6], "a job that was heard of a second ago is not gone");
    state.now_ms = NOW_MS + 60_000;
    state.apply(News::Jobs(vec![row, ended(3), ended(6)]));
    assert_eq!(ids(&state), [9, 3, 6], "one that no list knows of is");
}

#[test]
fn a_list_tells_of_a_pause_that_no_event_told_of() {
    let mut state = busy();
    let row = JobRow { job: 7, state: JobState::PAUSED, stage: Stage::INDEXING, permille: 700, ..JobRow::default() };
    state.apply(News::Jobs(vec![row]));
    let job = &state.jobs.rows()[0];
    assert_eq!((job.state, job.permille, job.rate_milli, job.eta_ms), (JobState::PAUSED, 700, 0, 0));
}

#[test]
fn what_is_selected_stays_selected_when_others_come() {
    let mut state = busy();
    press(&mut state, key('j'));
    assert_eq!(state.project_meant().map(|row| &row.root), Some(&"/home/ann/src/vigie".into()));
    state.apply(News::Projects(vec![
        project("/a", WatchState::NONE, 1),
        project("/home/ann/src/linux", WatchState::NONE, 1),
        project("/home/ann/src/vigie", WatchState::NONE, 1),
    ]));
    assert_eq!(state.selected(Panel::Projects), 2);
    state.apply(News::Projects(Vec::new()));
    assert_eq!((state.selected(Panel::Projects), state.project_meant()), (0, None));
}

#[test]
fn only_one_project_is_shown_if_only_one_is_wanted() {
    let mut state = State::new("/".into(), Vec::new(), Some("/home/ann/src/linux".into()));
    state.apply(News::Projects(vec![
        project("/home/ann/src/linux", WatchState::NONE, 1),
        project("/b", WatchState::NONE, 1),
    ]));
    state.apply(News::Activity(Box::new(activity())));
    let row = |job, project: &str| JobRow { job, project: project.into(), ..JobRow::default() };
    state.apply(News::Jobs(vec![row(1, "/home/ann/src/linux"), row(2, "/b")]));
    assert_eq!(Panel::ALL.map(|panel| state.len(panel)), [1, 1, 1, 1, 1, 0]);
}

#[test]
fn a_cancel_asks_first() {
    let mut state = busy();
    assert_eq!(press(&mut state, key('c')), None);
    assert!(matches!(&state.over, Over::Confirm(question, _) if question.contains("job 7 of linux")));
    assert_eq!(press(&mut state, key('x')), None);
    assert_eq!(said(&state), "nothing was done");
    press(&mut state, key('c'));
    assert_eq!(press(&mut state, key('y')), Some(Request::Cancel(7)));
    state.focus(Panel::Jobs);
    state.select(1);
    press(&mut state, key('c'));
    assert_eq!((said(&state), state.quit), ("job 6 has ended: done", false));
}

#[test]
fn one_key_pauses_and_resumes() {
    let mut state = busy();
    assert_eq!(press(&mut state, key('p')), Some(Request::Pause(7)));
    let paused = ProgressEvent { state: JobState::PAUSED, ..running(7, "/home/ann/src/linux", NOW_MS, 0) };
    state.apply(News::Progress(Box::new(paused)));
    assert_eq!(press(&mut state, key('p')), Some(Request::Resume(7)));
    state.select(1);
    assert_eq!(press(&mut state, key('p')), None);
    assert!(said(&state).contains("press p"), "{}", said(&state));
}

#[test]
fn keys_about_a_project() {
    let mut state = busy();
    assert_eq!(press(&mut state, key('w')), Some(Request::Watch("/home/ann/src/linux".into())));
    state.select(1);
    assert_eq!(press(&mut state, key('w')), Some(Request::Unwatch("/home/ann/src/vigie".into())));
    assert_eq!(press(&mut state, key('i')), Some(Request::Index("/home/ann/src/vigie".into())));
    state.apply(News::Projects(Vec::new()));
    assert_eq!(press(&mut state, key('i')), None);
    assert_eq!(press(&mut state, key('y')), Some(Request::Index("/home/ann/src".into())));
}

#[test]
fn leaving_asks_nothing_of_the_daemon() {
    for event in [
        key('q'),
        KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE),
        KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL),
    ] {
        let mut state = busy();
        assert_eq!(press(&mut state, event), None);
        assert!(state.quit);
    }
    let mut state = busy();
    press(&mut state, key('?'));
    press(&mut state, key('q'));
    assert!(!state.quit, "the help is left first");
}

#[test]
fn a_lost_daemon_is_told_once_and_found_again() {
    let mut state = busy();
    let before = state.log.entries().len();
    state.apply(News::Down("it closed the connection".to_owned()));
    state.now_ms += 5_000;
    state.apply(News::Down("no daemon listens".to_owned()));
    assert_eq!(state.link, Link::Down { since_ms: NOW_MS, reason: "no daemon listens".to_owned() });
    assert_eq!((state.log.entries().len(), state.log.entries()[0].tone), (before + 1, Tone::Bad));
    assert_eq!(press(&mut state, key('s')), Some(Request::Start));
    state.apply(News::Snapshot(Snapshot::default()));
    assert!(state.is_up());
    assert_eq!(state.log.entries()[0].text, "connected again");
    assert_eq!(press(&mut state, key('s')), None, "there is a daemon");
}

#[test]
fn commits_of_one_job_are_one_line() {
    let mut state = busy();
    let before = state.log.entries().len();
    for generation in 5..9 {
        state.apply(News::Project(ProjectEvent {
            r#type: ProjectEventType::GENERATION,
            project: "/p".into(),
            generation,
            ..ProjectEvent::default()
        }));
    }
    assert_eq!(state.log.entries().len(), before + 1);
    assert_eq!(state.log.entries()[0].text, "generation 8");
}

#[test]
fn a_coverage_shows_first_what_is_left_out_and_can_be_filtered() {
    let mut state = busy();
    let number = match press(&mut state, key('o')) {
        Some(Request::Coverage(number, root)) if root == "/home/ann/src/linux".into() => number,
        other => panic!("{other:?}"),
    };
    let row = |path: &str, disposition, reason: &str| CoverageRow {
        path: path.into(),
        disposition,
        reason: reason.to_owned(),
        structure: StructureState::CURRENT,
        ..CoverageRow::default()
    };
    state.apply(News::Coverage(number + 1, vec![row("other", Disposition::INDEXED, "")]));
    state.apply(News::Coverage(
        number,
        vec![row("a.rs", Disposition::INDEXED, ""), row("b.png", Disposition::BINARY, "holds a NUL byte")],
    ));
    state.apply(News::Coverage(number, vec![row("c.rs", Disposition::INDEXED, "")]));
    state.apply(News::CoverageEnd(number, Ok(Box::new(QuerySummary::default()))));
    let shown = |state: &State| {
        let Over::Coverage(coverage) = &state.over else { panic!("it is open") };
        (0..coverage.len()).filter_map(|at| Some(coverage.get(at)?.path.to_text())).collect::<Vec<_>>()
    };
    assert_eq!(shown(&state), ["b.png", "a.rs", "c.rs"]);
    for letter in "/NUL".chars() {
        press(&mut state, key(letter));
    }
    assert_eq!(shown(&state), ["b.png"]);
    press(&mut state, KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
    press(&mut state, KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
    assert_eq!(shown(&state).len(), 3, "Esc takes the filter away first");
    press(&mut state, KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
    assert!(matches!(state.over, Over::Nothing) && !state.quit);
}
