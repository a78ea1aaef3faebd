//! `Config`: what every key of the configuration comes to, those of a project too.

use std::path::PathBuf;

use vigie_core::project::is_marked;
use vigie_core::settings::Settings;
use vigie_proto::{Bytes, Config, ConfigReply, Failure, Target};

use super::Call;
use crate::convert::{config, progress};

/// Answers a `Config`.
pub(super) async fn run(call: Call, asked: Config) -> Result<(), Failure> {
    let live = &call.services.about.live;
    let values = live.values();
    let mut reply = ConfigReply {
        file: values.file.path.as_deref().map_or_else(Bytes::default, progress::path_bytes),
        file_read: values.file.is_there,
        rows: values.settings.iter().map(config::of_daemon).collect(),
        warnings: live.warning().into_iter().collect(),
        ..ConfigReply::default()
    };
    if let Some(root) = project(&call, &asked.target).await? {
        reply.project = progress::path_bytes(&root);
        let settings = call.blocking(move || Settings::at(&root)).await?;
        reply.rows.extend(config::of_project(&settings));
        reply.warnings.extend_from_slice(settings.warnings());
    }
    call.ticket.finish(&reply);
    Ok(())
}

/// The root that is meant: a registered one, else the one that would be indexed. Whoever is in no project is not told of one.
async fn project(call: &Call, target: &Target) -> Result<Option<PathBuf>, Failure> {
    if let Ok(root) = call.resolve(target).await {
        return Ok(Some(root));
    }
    match call.root_to_index(&target.path, &target.project).await {
        wanted if !target.project.is_empty() => wanted.map(Some),
        Ok(root) => call.blocking(move || Some(root).filter(|root| is_marked(root))).await,
        Err(_) => Ok(None),
    }
}
