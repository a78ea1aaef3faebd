//! `ListProjects`.

use std::path::Path;

use vigie_core::settings::Settings;
use vigie_core::store::registry::ProjectRecord;
use vigie_proto::{Ext, Failure, ListProjects, ProjectRow, ProjectRows};

use super::Call;
use crate::actors::storage::TakeInventory;
use crate::actors::watcher::Standings;
use crate::config::RootsAllowed;
use crate::convert::{failures, projects};

/// Rows of one frame.
const ROWS_MAX: usize = 64;
/// What is noted of a project that was removed.
const GONE: &str = "its directory is gone";

/// Answers a `ListProjects`.
pub(super) async fn list(call: Call, _: ListProjects) -> Result<(), Failure> {
    let inventory = call.services.storage.send(TakeInventory).await.map_err(|_| failures::unavailable())?;
    let standings = call.services.watcher.send(Standings).await.map_err(|_| failures::unavailable())?;
    let dir = call.services.about.state_dir.join("projects");
    let values = call.services.about.live.values();
    let row = move |(record, state): &(ProjectRecord, _)| {
        let row = projects::with_watch(projects::row(record, *state, None, &dir), standings.get(&record.root));
        let warnings = warnings(&record.root, &values.roots_allowed);
        with_loss(ProjectRow { warnings, ..row }, record)
    };
    let mut rows: Vec<ProjectRow> = call.blocking(move || inventory.projects.iter().map(row).collect()).await?;
    while rows.len() > ROWS_MAX {
        let rest = rows.split_off(ROWS_MAX);
        call.ticket.send(&ProjectRows { rows, ext: Ext::default() });
        rows = rest;
    }
    call.ticket.finish(&ProjectRows { rows, ext: Ext::default() });
    Ok(())
}

/// What is wrong with a project, for whoever looks at how it stands.
pub(super) fn warnings(root: &Path, roots_allowed: &RootsAllowed) -> Vec<String> {
    let outside = roots_allowed.refusal(root).map(|place| failures::sentence(&failures::outside(root, place)));
    outside.into_iter().chain(Settings::at(root).warnings().iter().cloned()).collect()
}

/// Says so if the project's directory is there no more: whoever reads the list would take the row for a living project's.
fn with_loss(mut row: ProjectRow, record: &ProjectRecord) -> ProjectRow {
    if !record.root.is_dir() {
        row.note = if row.note.is_empty() { GONE.to_owned() } else { format!("{GONE}; {}", row.note) };
    }
    row
}
