//! `Refresh`: files that somebody says have changed.

use std::collections::BTreeSet;
use std::path::Path;

use vigie_core::index;
use vigie_core::project::below;
use vigie_proto::{Failure, Refresh, Refreshed};

use super::{Call, path_of};
use crate::actors::indexer::{RefreshEnd, RefreshFiles, Which};
use crate::convert::{failures, progress};

/// Answers a `Refresh`.
pub(super) async fn run(call: Call, refresh: Refresh) -> Result<(), Failure> {
    let root = call.resolve(&refresh.target).await?;
    let paths = refresh.files.iter().map(|file| inside(&root, &path_of(file))).collect::<Result<BTreeSet<_>, _>>()?;
    let ask = RefreshFiles { root: root.clone(), which: Which::Paths(paths) };
    let end = call.services.indexer.send(ask).await.map_err(|_| failures::unavailable())??;
    let answer = Refreshed { root: progress::path_bytes(&root), ..Refreshed::default() };
    call.ticket.finish(&match end {
        RefreshEnd::ByJob(job) => Refreshed { job, ..answer },
        RefreshEnd::Done(index::Refreshed { indexed, unchanged, removed, ignored, notes, generation, changed: _ }) => {
            Refreshed { indexed, unchanged, removed, ignored, notes, generation, ..answer }
        }
    });
    Ok(())
}

fn inside(root: &Path, file: &Path) -> Result<Vec<u8>, Failure> {
    let path = below(root, file).filter(|path| !path.is_empty());
    path.ok_or_else(|| {
        let (file, root) = (file.display(), root.display());
        failures::bad_argument(format!("{file} is no file inside the project {root}"))
    })
}
