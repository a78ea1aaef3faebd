//! Waiting, while an index is being built, for what a question needs: first for the text of all files, by which the files are found
//! that contain a name; then for the structure of those, which the job parses before all others.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use vigie_core::index::{JobControl, Told};
use vigie_core::query::{Need, pending};
use vigie_proto::Failure;

use super::Call;
use crate::actors::indexer::ControlOf;
use crate::convert::failures;

/// Longest wait of a question without a deadline.
const PATIENCE: Duration = Duration::from_secs(2);
/// Times that files are demanded: of a place its file, then the files with the name that stands there; and what changed meanwhile.
const DEMANDS_MAX: usize = 4;

/// How long a question waits: some of its time is for the answer.
pub(super) fn patience(deadline_ms: u32) -> Duration {
    match u64::from(deadline_ms) {
        0 => PATIENCE,
        deadline => Duration::from_millis(deadline - (deadline / 4).min(250)),
    }
}

/// Waits until what is needed is there, nothing will bring it, or the time is over.
pub(super) async fn meet(call: &Call, root: &Path, need: &Need, until: Instant) -> Result<(), Failure> {
    let Some(control) = control_of(call, root).await? else { return Ok(()) };
    let summary = super::query::summary_of(&call.lease(root).await?)?;
    if summary.walked_ms == 0 || summary.text_pending > 0 {
        let (tell, told) = teller();
        control.when_text_is_ready(tell);
        if tokio::time::timeout_at(until.into(), told).await.is_err() {
            return Ok(());
        }
    }
    for _ in 0..DEMANDS_MAX {
        let (lease, need) = (call.lease(root).await?, need.clone());
        let missing = call
            .services
            .readers
            .run(move || match lease.store() {
                Some(store) if store.summary().structure_pending > 0 => pending(store, &need),
                Some(_) | None => Ok(Vec::new()),
            })
            .await?;
        // What is wrong with the question its answer will say.
        let Ok(files) = missing else { return Ok(()) };
        if files.is_empty() {
            return Ok(());
        }
        let (tell, told) = teller();
        control.demand(files, tell);
        if tokio::time::timeout_at(until.into(), told).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn teller() -> (Told, oneshot::Receiver<()>) {
    let (tell, told) = oneshot::channel();
    let tell = move || {
        // Whoever waited may have gone.
        let _gone = tell.send(());
    };
    (Box::new(tell), told)
}

async fn control_of(call: &Call, root: &Path) -> Result<Option<Arc<JobControl>>, Failure> {
    call.services.indexer.send(ControlOf(root.to_path_buf())).await.map_err(|_| failures::unavailable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_of_a_deadline_is_left_for_the_answer() {
        let patience_ms = |deadline_ms| patience(deadline_ms).as_millis();
        assert_eq!([0, 1, 100, 1_000, 60_000].map(patience_ms), [2_000, 1, 75, 750, 59_750]);
    }
}
