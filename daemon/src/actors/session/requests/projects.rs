//! `ListProjects`.

use vigie_proto::{Ext, Failure, ListProjects, ProjectRow, ProjectRows};

use super::Call;
use crate::actors::storage::TakeInventory;
use crate::convert::{failures, projects};

/// Rows of one frame.
const ROWS_MAX: usize = 64;

/// Answers a `ListProjects`.
pub(super) async fn list(call: Call, _: ListProjects) -> Result<(), Failure> {
    let inventory = call.services.storage.send(TakeInventory).await.map_err(|_| failures::unavailable())?;
    let dir = call.services.about.state_dir.join("projects");
    let row = |(record, state): &(_, _)| projects::row(record, *state, None, &dir);
    let mut rows: Vec<ProjectRow> = inventory.projects.iter().map(row).collect();
    while rows.len() > ROWS_MAX {
        let rest = rows.split_off(ROWS_MAX);
        call.ticket.send(&ProjectRows { rows, ext: Ext::default() });
        rows = rest;
    }
    call.ticket.finish(&ProjectRows { rows, ext: Ext::default() });
    Ok(())
}
