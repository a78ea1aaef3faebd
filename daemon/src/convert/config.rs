//! What every key of the configuration comes to.

use vigie_core::settings::{SETTINGS_FILE, Settings};
use vigie_proto as wire;

use crate::config::{Setting, Source};

/// A key of the daemon.
pub(crate) fn of_daemon(setting: &Setting) -> wire::ConfigRow {
    wire::ConfigRow {
        key: setting.key.to_owned(),
        value: setting.value.clone(),
        source: match setting.source {
            Source::Default => wire::ConfigSource::DEFAULT,
            Source::File(..) => wire::ConfigSource::FILE,
            Source::Environment(_) => wire::ConfigSource::ENVIRONMENT,
            Source::CommandLine(_) => wire::ConfigSource::COMMAND_LINE,
        },
        place: setting.source.place(),
        note: setting.note.clone(),
        ..wire::ConfigRow::default()
    }
}

/// The keys of a project.
pub(crate) fn of_project(settings: &Settings) -> impl Iterator<Item = wire::ConfigRow> + '_ {
    settings.shown().iter().map(|shown| wire::ConfigRow {
        of_project: true,
        key: shown.key.to_owned(),
        value: shown.value.clone(),
        source: if shown.line.is_some() { wire::ConfigSource::FILE } else { wire::ConfigSource::DEFAULT },
        place: shown.line.map(|line| format!("{SETTINGS_FILE}:{line}")).unwrap_or_default(),
        ..wire::ConfigRow::default()
    })
}
