//! `Index`: finds the root, starts or joins a job, and streams it.

use vigie_proto::{Ext, Failure, Index, JobAccepted, JobKind, job_flag};

use super::{Call, Owner, subscribe};
use crate::actors::hub::Begin;
use crate::actors::indexer::StartJob;
use crate::actors::session::Keep;
use crate::actors::storage::Register;
use crate::convert::{failures, jobs, progress};
use crate::{allocator, memory};

/// Answers an `Index`.
pub(super) async fn run(call: Call, index: Index) -> Result<(), Failure> {
    let root = call.root_to_index(&index.path, &index.project).await?;
    let budget = jobs::budget(&index.budget);
    check_memory(&call, budget.memory_bytes_max).await?;
    let flag = |flag: u16| index.flags & flag != 0;
    let owner = flag(job_flag::OWN).then(|| Owner::new(&call.services));
    call.services.storage.send(Register(root.clone())).await.map_err(|_| failures::unavailable())??;
    let start = StartJob {
        root: root.clone(),
        kind: JobKind::INDEX.0,
        force: flag(job_flag::FORCE),
        budget,
        owner: owner.as_ref().map(|owner| owner.number),
        by: Some(call.client_name()),
    };
    let started = call.services.indexer.send(start).await.map_err(|_| failures::unavailable())??;
    let accepted = JobAccepted {
        job: started.job,
        joined: started.joined,
        resumed: started.resumed,
        root: progress::path_bytes(&root),
        ext: Ext::default(),
    };
    if flag(job_flag::DETACH) {
        if let Some(owner) = owner {
            call.session.do_send(Keep(owner));
        }
        call.ticket.finish(&accepted);
        return Ok(());
    }
    call.ticket.send(&accepted);
    // Who joins sees how the job stands; who starts it sees all of it, however fast it begins.
    let from = if started.joined { Begin::Now } else { Begin::Start };
    let result = subscribe::job(&call, started.job, from, flag(job_flag::FILES)).await;
    drop(owner);
    result
}

/// Refuses a limit below what the daemon holds without any job: every job under it would end at its first file.
async fn check_memory(call: &Call, bytes_max: Option<u64>) -> Result<(), Failure> {
    let Some(bytes_max) = bytes_max.filter(|max| memory::own_resident_bytes() > *max) else { return Ok(()) };
    let own_bytes = call.blocking(|| {
        allocator::release();
        memory::own_resident_bytes()
    });
    match own_bytes.await? {
        own_bytes if own_bytes > bytes_max => Err(failures::memory_below_own(own_bytes, bytes_max)),
        _ => Ok(()),
    }
}
