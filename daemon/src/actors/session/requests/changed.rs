//! What changed. Since a generation the index tells; old contents are first compared with the files as they are, away from the
//! readers, since grammars run for that.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use vigie_core::extract::lane::{Extractors as _, LaneError};
use vigie_core::index::{Budget, JobControl, Stop};
use vigie_core::query::{self as engine, Compared, OldFile, compare_contents};
use vigie_core::source::SourceRoot;
use vigie_proto::{ChangedQuery, Failure};

use super::Call;
use super::query::{Ask, ask};
use crate::convert::changed::{self, Before};
use crate::convert::failures;
use crate::workers::WorkerPool;

/// Answers a `ChangedQuery`.
pub(super) async fn changed(call: Call, mut query: ChangedQuery) -> Result<(), Failure> {
    let deadline_ms = query.options.deadline_ms;
    // What its cursors are tied to is the question with its contents.
    let asked = query.clone();
    match changed::changed(&mut query)? {
        (Before::Generation(generation), kinds) => {
            let start = move |store: &_, options| engine::changed_since(store, generation, &kinds, options);
            ask(&call, Ask::new(asked, start)?).await
        }
        (Before::Contents(files), kinds) => {
            let root = call.resolve(&asked.target).await?;
            let compared = within(deadline_ms, compare(&call, root, files)).await?;
            let start = move |_: &_, options| engine::changed_from(compared, &kinds, options);
            ask(&call, Ask::new(asked, start)?.read_now()).await
        }
    }
}

async fn within<T>(deadline_ms: u32, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    if deadline_ms == 0 {
        return work.await;
    }
    let deadline = Duration::from_millis(deadline_ms.into());
    tokio::time::timeout(deadline, work).await.unwrap_or_else(|_| Err(failures::deadline(deadline_ms)))
}

/// Compares old contents with the files as they are, in its turn. Dropped, it stops.
async fn compare(call: &Call, root: PathBuf, files: Vec<OldFile>) -> Result<Compared, Failure> {
    let _turn = call.services.comparisons.acquire().await.map_err(|_| failures::unavailable())?;
    let wanted = Wanted(Arc::new(JobControl::new(Budget::default(), 0)));
    let control = Arc::clone(&wanted.0);
    call.blocking(move || {
        let root = SourceRoot::open(&root).map_err(|e| failures::root_unreadable(&root, &e))?;
        let workers = WorkerPool::new(1, control);
        let compared = workers.lane().and_then(|mut lane| compare_contents(&root, files, lane.as_mut()));
        compared.map_err(|error| match error {
            LaneError::Cancelled => failures::withdrawn(),
            LaneError::Unavailable(_) | LaneError::Exhausted { .. } => failures::internal(&error.to_string()),
        })
    })
    .await?
}

/// That somebody waits for the outcome: when nobody does, the workers stop.
struct Wanted(Arc<JobControl>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.stop(Stop::Cancel);
    }
}
