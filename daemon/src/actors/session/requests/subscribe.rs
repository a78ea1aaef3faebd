//! `Subscribe`: hands the ticket to the hub, which streams until the job ends or the request is withdrawn.

use actix::Recipient;
use vigie_proto::{Failure, Snapshot, Subscribe, Target};

use super::Call;
use crate::actors::hub::{self, Begin, Filter, Now, Unsubscribe};
use crate::convert::{failures, jobs, progress};

/// Answers a `Subscribe`.
pub(super) async fn run(call: Call, subscribe: Subscribe) -> Result<(), Failure> {
    let from = if subscribe.epoch == 0 { Begin::Now } else { Begin::After(subscribe.epoch, subscribe.seq) };
    if subscribe.job != 0 {
        return job(&call, subscribe.job, from, subscribe.files).await;
    }
    let filter = if subscribe.path.is_empty() {
        Filter::All
    } else {
        let target = Target { path: subscribe.path, ..Target::default() };
        Filter::Project(progress::path_bytes(&call.resolve(&target).await?))
    };
    stream(&call, filter, from, subscribe.files).await.map(drop)
}

/// Streams one job to its end; of one that has ended before, what was written down.
pub(super) async fn job(call: &Call, job: u64, from: Begin, files: bool) -> Result<(), Failure> {
    if stream(call, Filter::Job(job), from, files).await? {
        return Ok(());
    }
    let record = call.services.registry.call(move |registry| registry.job(job)).await?;
    let terminal = record.as_ref().and_then(jobs::terminal).ok_or_else(|| failures::no_such_job(job))?;
    let now = call.services.hub.send(Now).await.map_err(|_| failures::unavailable())?;
    let reset = matches!(from, Begin::After(epoch, _) if epoch != now.epoch);
    let terminal = vigie_proto::ProgressEvent { seq: now.seq, ..terminal };
    call.ticket.finish(&Snapshot { jobs: vec![terminal], reset, ..now });
    Ok(())
}

/// `false` = the job is not the hub's any more, and nothing was sent.
async fn stream(call: &Call, filter: Filter, from: Begin, files: bool) -> Result<bool, Failure> {
    let ticket = call.ticket.clone();
    let wish = hub::Subscribe { filter, from, files, ticket };
    let subscribed = call.services.hub.send(wish).await.map_err(|_| failures::unavailable())?;
    let Some(subscribed) = subscribed else { return Ok(false) };
    let leaving = Leaving { subscription: subscribed.subscription, hub: call.services.hub.clone().recipient() };
    // The hub ends the stream by letting go of its side; nothing is ever sent.
    let _ended = subscribed.ended.await;
    drop(leaving);
    Ok(true)
}

/// However the request ends, the hub forgets it.
struct Leaving {
    subscription: u64,
    hub: Recipient<Unsubscribe>,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.hub.do_send(Unsubscribe(self.subscription));
    }
}
