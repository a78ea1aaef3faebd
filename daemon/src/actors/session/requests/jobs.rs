//! `ListJobs` and `CancelJob`.

use std::collections::BTreeMap;

use vigie_proto::{CancelAck, CancelJob, Ext, Failure, JobRow, JobRows, JobState, ListJobs};

use super::Call;
use crate::actors::hub::Now;
use crate::actors::indexer::{self, Cancelled, ListActive};
use crate::convert::{failures, jobs};

/// Rows of one frame: each is well below a kilobyte unless its root is a very long path.
const ROWS_MAX: usize = 64;

/// Answers a `ListJobs`.
pub(super) async fn list(call: Call, list: ListJobs) -> Result<(), Failure> {
    let active = call.services.indexer.send(ListActive).await.map_err(|_| failures::unavailable())?;
    let now = call.services.hub.send(Now).await.map_err(|_| failures::unavailable())?;
    let last: BTreeMap<u64, _> = now.jobs.iter().map(|event| (event.job, event)).collect();
    let mut rows: Vec<JobRow> = active.iter().map(|record| jobs::row(record, last.get(&record.job).copied())).collect();
    if list.ended_max > 0 {
        let most = usize::try_from(list.ended_max).unwrap_or(usize::MAX);
        let ended = call.services.registry.call(move |registry| registry.ended_jobs(most)).await?;
        rows.extend(ended.iter().map(|record| jobs::row(record, jobs::terminal(record).as_ref())));
    }
    send(&call, rows);
    Ok(())
}

fn send(call: &Call, mut rows: Vec<JobRow>) {
    while rows.len() > ROWS_MAX {
        let rest = rows.split_off(ROWS_MAX);
        call.ticket.send(&JobRows { rows, ext: Ext::default() });
        rows = rest;
    }
    call.ticket.finish(&JobRows { rows, ext: Ext::default() });
}

/// Answers a `CancelJob`.
pub(super) async fn cancel(call: Call, cancel: CancelJob) -> Result<(), Failure> {
    let job = cancel.job;
    let message = indexer::CancelJob { job, by: call.client_name() };
    let met = call.services.indexer.send(message).await.map_err(|_| failures::unavailable())??;
    let (state, ended) = match met {
        Cancelled::Acknowledged => (JobState::CANCELLING, None),
        Cancelled::Ended(event) => (event.state, Some(*event)),
        Cancelled::Unknown => {
            let record = call.services.registry.call(move |registry| registry.job(job)).await?;
            let record = record.ok_or_else(|| failures::no_such_job(job))?;
            (jobs::state(&record), jobs::terminal(&record))
        }
    };
    call.ticket.finish(&CancelAck { job, state, ended, ext: Ext::default() });
    Ok(())
}
