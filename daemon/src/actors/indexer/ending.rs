//! How a job's run becomes its end: which state, which event, which sentence. Pure.

use vigie_core::index::{End, IndexError, JobControl, Limit, Outcome, Stats, Stop};
use vigie_core::store::registry::{JobRecord, JobState};
use vigie_proto::{self as wire, EventType, Failure, ProgressEvent};

use crate::convert::progress::{fill_counters, path_bytes, stage, stats};
use crate::convert::{failures, jobs, numbers};

/// How a run came to its end.
#[derive(Debug)]
pub(crate) enum Ran {
    /// It ran.
    ToEnd(Result<Outcome, IndexError>),
    /// It was told to stop before its thread began.
    Stopped,
    /// Its store could not be had.
    NoStore(Failure),
    /// Its project may not be indexed.
    Refused(Failure),
    /// A fault of ours.
    Panicked,
}

impl Ran {
    /// Whether it was told to stop, and may go on later.
    pub(crate) fn is_halt(&self) -> bool {
        match self {
            Ran::ToEnd(Ok(outcome)) => outcome.end == End::Stopped(Stop::Pause),
            Ran::Stopped => true,
            Ran::ToEnd(Err(_)) | Ran::NoStore(_) | Ran::Refused(_) | Ran::Panicked => false,
        }
    }
}

/// What follows from it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It has ended.
    Ended(Box<ProgressEvent>),
    /// The daemon stops under it; it goes on at the next start.
    Interrupted,
}

/// Decides how a job ends. `last` is its last event; an acknowledged cancel prevails over everything else.
pub(crate) fn verdict(
    ran: &Ran,
    record: &JobRecord,
    cancelled_by: &str,
    control: &JobControl,
    last: ProgressEvent,
    now_ms: u64,
) -> Verdict {
    let mut event = terminal(record, last, now_ms);
    fill_counters(&mut event, &control.progress());
    let outcome = match ran {
        Ran::ToEnd(Ok(outcome)) => Some(outcome),
        Ran::ToEnd(Err(_)) | Ran::Stopped | Ran::NoStore(_) | Ran::Refused(_) | Ran::Panicked => None,
    };
    if let Some(outcome) = outcome {
        event.stage = stage(outcome.stage);
    }
    event.stats = Some(figures(outcome, control));
    if record.cancel_requested {
        return cancelled(event, cancelled_by);
    }
    match ran {
        Ran::ToEnd(Ok(outcome)) => match outcome.end {
            End::Done => done(event, &outcome.stats, None),
            End::Limited(limit) => done(event, &outcome.stats, Some(limit)),
            End::Stopped(Stop::Pause) => Verdict::Interrupted,
            End::Stopped(Stop::Cancel) => cancelled(event, cancelled_by),
        },
        Ran::Stopped => Verdict::Interrupted,
        Ran::ToEnd(Err(e)) => failed(event, &failures::index(e)),
        Ran::NoStore(failure) if failure.code == wire::ErrorCode::UNAVAILABLE => Verdict::Interrupted,
        Ran::NoStore(failure) | Ran::Refused(failure) => failed(event, &failures::sentence(failure)),
        Ran::Panicked => failed(event, "a fault of the daemon, whose log names the place"),
    }
}

/// The end of a job that a start of the daemon finds cancelled.
pub(crate) fn cancelled_before(record: &JobRecord, now_ms: u64) -> ProgressEvent {
    let mut event = terminal(record, first_event(record, now_ms), now_ms);
    event.stats = Some(wire::Stats::default());
    (event.r#type, event.state) = (EventType::CANCELLED, wire::JobState::CANCELLED);
    event.message = "Cancelled before the daemon stopped; what was indexed by then stays".to_owned();
    event
}

/// The end of a job under which the daemon died too often.
pub(crate) fn died_too_often(record: &JobRecord, now_ms: u64) -> ProgressEvent {
    let mut event = terminal(record, first_event(record, now_ms), now_ms);
    event.stats = Some(wire::Stats::default());
    (event.r#type, event.state) = (EventType::ERROR, wire::JobState::FAILED);
    let deaths = record.deaths;
    event.message = format!("Failed: the daemon died {deaths} times under this job; see its log, then index again");
    event
}

/// The first event of a job.
pub(crate) fn first_event(record: &JobRecord, now_ms: u64) -> ProgressEvent {
    let (job, root) = (record.job, record.root.display());
    let message = match record.state {
        JobState::Paused => format!("Paused: index {root}; `vigie resume {job}` has it go on"),
        _ => format!("Accepted: index {root}"),
    };
    ProgressEvent {
        r#type: EventType::PROGRESS,
        stage: wire::Stage::STARTING,
        message,
        timestamp_ms: now_ms,
        job: record.job,
        state: jobs::state(record),
        project: path_bytes(&record.root),
        ..ProgressEvent::default()
    }
}

/// What the registry's state is after a terminal event.
pub(crate) fn state_of(event: &ProgressEvent) -> JobState {
    match event.state {
        wire::JobState::DONE => JobState::Done,
        wire::JobState::CANCELLED => JobState::Cancelled,
        _ => JobState::Failed,
    }
}

fn terminal(record: &JobRecord, last: ProgressEvent, now_ms: u64) -> ProgressEvent {
    ProgressEvent {
        job: record.job,
        project: path_bytes(&record.root),
        timestamp_ms: now_ms,
        sample: false,
        file: wire::Bytes::default(),
        file_ms: 0,
        eta_ms: 0,
        ..last
    }
}

fn figures(outcome: Option<&Outcome>, control: &JobControl) -> wire::Stats {
    let none = Stats::default();
    let limit = match outcome.map(|outcome| outcome.end) {
        Some(End::Limited(limit)) => jobs::limit(limit),
        Some(End::Done | End::Stopped(_)) | None => wire::Limit::NONE,
    };
    stats(outcome.map_or(&none, |outcome| &outcome.stats), limit, control.memory_bytes_peak())
}

fn done(mut event: ProgressEvent, stats: &Stats, limit: Option<Limit>) -> Verdict {
    (event.r#type, event.state, event.permille) = (EventType::COMPLETE, wire::JobState::DONE, 1000);
    (event.file, event.file_ms) = (wire::Bytes::default(), 0);
    let files = numbers::files(stats.files_seen);
    event.message = match limit {
        None => format!("Done: {files}"),
        Some(limit) => {
            let what = jobs::limit(limit).name();
            format!("Done: {files}, ended early by the limit on {what}; index again to go on")
        }
    };
    Verdict::Ended(Box::new(event))
}

fn cancelled(mut event: ProgressEvent, by: &str) -> Verdict {
    (event.r#type, event.state) = (EventType::CANCELLED, wire::JobState::CANCELLED);
    (event.file, event.file_ms) = (wire::Bytes::default(), 0);
    let by = if by.is_empty() { "a client" } else { by };
    event.message = format!("Cancelled by `{by}`; what was indexed by then stays");
    Verdict::Ended(Box::new(event))
}

fn failed(mut event: ProgressEvent, why: &str) -> Verdict {
    (event.r#type, event.state) = (EventType::ERROR, wire::JobState::FAILED);
    (event.file, event.file_ms) = (wire::Bytes::default(), 0);
    event.message = format!("Failed: {why}");
    Verdict::Ended(Box::new(event))
}

#[cfg(test)]
mod tests {
    use super::super::table::record;
    use super::*;
    use vigie_core::kinds::Stage;

    fn outcome(end: End) -> Ran {
        let stats = Stats { files_seen: 12, ..Stats::default() };
        Ran::ToEnd(Ok(Outcome { stats, stage: Stage::Finalizing, end }))
    }

    fn judge(ran: &Ran, cancel_requested: bool) -> Verdict {
        let record = JobRecord { cancel_requested, ..record(7, "/a", false) };
        let last = ProgressEvent { permille: 400, sample: true, file: "x".into(), ..first_event(&record, 1) };
        verdict(ran, &record, "vigie", &JobControl::default(), last, 2)
    }

    fn ended(verdict: Verdict) -> ProgressEvent {
        match verdict {
            Verdict::Ended(event) => *event,
            Verdict::Interrupted => panic!("interrupted"),
        }
    }

    #[test]
    fn a_complete_job_is_whole_and_says_how_many() {
        let event = ended(judge(&outcome(End::Done), false));
        assert_eq!(
            (event.r#type, event.permille, event.message.as_str()),
            (EventType::COMPLETE, 1000, "Done: 12 files")
        );
        assert_eq!((event.stage, event.sample, event.file.is_empty()), (wire::Stage::FINALIZING, false, true));
        assert_eq!(event.stats.unwrap().files_seen, 12);
    }

    #[test]
    fn a_limited_job_is_complete_and_names_the_limit() {
        let event = ended(judge(&outcome(End::Limited(Limit::Bytes)), false));
        assert_eq!(event.r#type, EventType::COMPLETE);
        assert_eq!(event.stats.unwrap().limit, wire::Limit::BYTES);
        assert!(event.message.contains("limit on bytes"), "{}", event.message);
    }

    #[test]
    fn p5_an_acknowledged_cancel_prevails_over_every_end() {
        let ends = [outcome(End::Done), outcome(End::Stopped(Stop::Pause)), Ran::Stopped, Ran::Panicked];
        for ran in ends {
            let event = ended(judge(&ran, true));
            assert_eq!((event.r#type, event.state), (EventType::CANCELLED, wire::JobState::CANCELLED), "{ran:?}");
            assert!(event.message.contains("by `vigie`") && event.permille == 400);
        }
    }

    #[test]
    fn p7_a_pause_is_no_end() {
        assert_eq!(judge(&outcome(End::Stopped(Stop::Pause)), false), Verdict::Interrupted);
        assert_eq!(judge(&Ran::Stopped, false), Verdict::Interrupted);
        assert_eq!(judge(&Ran::NoStore(failures::unavailable()), false), Verdict::Interrupted);
    }

    #[test]
    fn a_failure_says_what_to_do_and_keeps_the_share_done() {
        let walk = IndexError::Walk { root: "/a".into(), reason: "gone".into() };
        let event = ended(judge(&Ran::ToEnd(Err(walk)), false));
        assert_eq!((event.r#type, event.state, event.permille), (EventType::ERROR, wire::JobState::FAILED, 400));
        assert!(event.message.starts_with("Failed: cannot walk /a: gone; "), "{}", event.message);
    }
}
