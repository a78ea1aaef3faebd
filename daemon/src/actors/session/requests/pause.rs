//! `PauseJob` and `ResumeJob`.

use vigie_proto::{Ext, Failure, PauseAck, PauseJob, ResumeJob};

use super::Call;
use crate::actors::indexer::{Halted, SetPaused};
use crate::convert::{failures, jobs};

/// Answers a `PauseJob`.
pub(super) async fn pause(call: Call, pause: PauseJob) -> Result<(), Failure> {
    set(call, pause.job, true).await
}

/// Answers a `ResumeJob`.
pub(super) async fn resume(call: Call, resume: ResumeJob) -> Result<(), Failure> {
    set(call, resume.job, false).await
}

async fn set(call: Call, job: u64, paused: bool) -> Result<(), Failure> {
    let message = SetPaused { job, paused, by: call.client_name() };
    let met = call.services.indexer.send(message).await.map_err(|_| failures::unavailable())??;
    let (state, ended) = match met {
        Halted::Stands(state) => (state, None),
        Halted::Ended(event) => (event.state, Some(*event)),
        Halted::Unknown => {
            let record = call.services.registry.call(move |registry| registry.job(job)).await?;
            let record = record.ok_or_else(|| failures::no_such_job(job))?;
            (jobs::state(&record), jobs::terminal(&record))
        }
    };
    call.ticket.finish(&PauseAck { job, state, ended, ext: Ext::default() });
    Ok(())
}
