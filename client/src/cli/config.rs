//! `vigie config`: what every key of the configuration comes to, and where that was said.

use vigie_proto::{Config, ConfigReply, ConfigRow, ConfigSource};

use super::context::Context;
use super::exit::{CliError, Exit};
use crate::ui::output::Reader;
use vigie::human::escape;
use vigie::records;

pub(crate) fn run(context: &mut Context) -> Result<Exit, CliError> {
    let reply = context.client.ask(&Config { target: context.target(None), ..Config::default() })?;
    let lines = if context.global.json {
        reply.rows.iter().map(|row| records::config(row, &reply).finish()).collect()
    } else {
        lines(&reply)
    };
    context.out.begin_document();
    for line in lines {
        if context.out.line(line) == Reader::Gone {
            break;
        }
    }
    for warning in &reply.warnings {
        context.out.note(&escape(warning.as_bytes()));
    }
    Ok(Exit::Done)
}

fn lines(reply: &ConfigReply) -> Vec<String> {
    let file = match (reply.file.0.as_slice(), reply.file_read) {
        (b"", _) => "no place for config.toml: neither XDG_CONFIG_HOME nor HOME is an absolute path".to_owned(),
        (path, true) => escape(path),
        (path, false) => format!("{} (there is none)", escape(path)),
    };
    let mut lines = vec![format!("daemon: {file}")];
    lines.extend(table(reply.rows.iter().filter(|row| !row.of_project).collect()));
    if !reply.project.0.is_empty() {
        lines.push(format!("project: {}/.vigie.toml", escape(&reply.project.0)));
        lines.extend(table(reply.rows.iter().filter(|row| row.of_project).collect()));
    }
    lines
}

/// Widest value that others are lined up with, in columns.
const VALUE_COLUMNS_MAX: usize = 24;

/// Keys and values one below the other, and behind them where they were said.
fn table(rows: Vec<&ConfigRow>) -> Vec<String> {
    let rows: Vec<_> =
        rows.into_iter().map(|row| (escape(row.key.as_bytes()), escape(row.value.as_bytes()), row)).collect();
    let keys = rows.iter().map(|(key, ..)| key.chars().count()).max().unwrap_or(0);
    let values = rows.iter().map(|(_, value, _)| value.chars().count()).filter(|columns| *columns <= VALUE_COLUMNS_MAX);
    let values = values.max().unwrap_or(0);
    let line = |(key, value, row): &(String, String, &ConfigRow)| {
        let note = if row.note.is_empty() { String::new() } else { format!("; {}", escape(row.note.as_bytes())) };
        format!("  {key:keys$}  {value:values$}  {}{note}", source(row))
    };
    rows.iter().map(line).collect()
}

fn source(row: &ConfigRow) -> String {
    match row.source {
        ConfigSource::DEFAULT => "default".to_owned(),
        ConfigSource::ENVIRONMENT => format!("environment: {}", escape(row.place.as_bytes())),
        ConfigSource::COMMAND_LINE => format!("command line: {}", escape(row.place.as_bytes())),
        _ => escape(row.place.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_lined_up_and_long_ones_are_not() {
        let row = |key: &str, value: &str, source, place: &str, note: &str| ConfigRow {
            key: key.into(),
            value: value.into(),
            source,
            place: place.into(),
            note: note.into(),
            ..ConfigRow::default()
        };
        let rows = [
            row("workers", "12", ConfigSource::COMMAND_LINE, "--workers", "instead of 3 (/c.toml:2)"),
            row("a", "\"\u{1b}\"", ConfigSource::DEFAULT, "", ""),
            row("ignore", "[\"a very long list\",\"of globs\"]", ConfigSource::FILE, ".vigie.toml:3", ""),
        ];
        assert_eq!(
            table(rows.iter().collect()),
            [
                "  workers  12        command line: --workers; instead of 3 (/c.toml:2)",
                "  a        \"\\u{1b}\"  default",
                "  ignore   [\"a very long list\",\"of globs\"]  .vigie.toml:3",
            ]
        );
    }
}
