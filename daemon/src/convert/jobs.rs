//! Budgets, states and rows of jobs.

use std::time::Duration;

use vigie_core::index::{Budget, Limit};
use vigie_core::store::registry::{JobRecord, JobState};
use vigie_proto as wire;

use super::progress::path_bytes;

/// 0 on the wire means no limit.
pub(crate) fn budget(budget: &wire::Budget) -> Budget {
    let limit = |n: u64| (n > 0).then_some(n);
    Budget {
        files_max: limit(budget.files_max),
        bytes_max: limit(budget.bytes_max),
        time_max: limit(budget.seconds_max).map(Duration::from_secs),
        memory_bytes_max: limit(budget.memory_bytes_max),
        workers_max: (budget.workers_max > 0).then_some(budget.workers_max),
    }
}

/// Which budget ended a job.
pub(crate) fn limit(limit: Limit) -> wire::Limit {
    match limit {
        Limit::Files => wire::Limit::FILES,
        Limit::Bytes => wire::Limit::BYTES,
        Limit::Seconds => wire::Limit::SECONDS,
        Limit::Memory => wire::Limit::MEMORY,
    }
}

/// How a job stands, as clients see it.
pub(crate) fn state(record: &JobRecord) -> wire::JobState {
    match record.state {
        JobState::Queued | JobState::Running | JobState::Paused if record.cancel_requested => {
            wire::JobState::CANCELLING
        }
        JobState::Queued => wire::JobState::QUEUED,
        JobState::Running => wire::JobState::RUNNING,
        JobState::Interrupted => wire::JobState::INTERRUPTED,
        JobState::Paused => wire::JobState::PAUSED,
        JobState::Done => wire::JobState::DONE,
        JobState::Failed => wire::JobState::FAILED,
        JobState::Cancelled => wire::JobState::CANCELLED,
    }
}

/// The terminal event of a job that has ended, as it was written down.
pub(crate) fn terminal(record: &JobRecord) -> Option<wire::ProgressEvent> {
    match record.state {
        JobState::Queued | JobState::Running | JobState::Interrupted | JobState::Paused => None,
        JobState::Done | JobState::Failed | JobState::Cancelled => wire::decode(&record.terminal).ok(),
    }
}

/// A row about a job, whose progress is that of its last event.
pub(crate) fn row(record: &JobRecord, last: Option<&wire::ProgressEvent>) -> wire::JobRow {
    let last = last.cloned().unwrap_or_default();
    wire::JobRow {
        job: record.job,
        project: path_bytes(&record.root),
        kind: wire::JobKind(record.kind),
        state: state(record),
        stage: last.stage,
        current: last.current,
        total: last.total,
        permille: last.permille,
        accepted_ms: record.accepted_ms,
        started_ms: record.started_ms,
        ended_ms: record.ended_ms,
        force: record.force,
        message: last.message,
        ext: wire::Ext::default(),
    }
}
