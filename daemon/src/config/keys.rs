//! The keys of `config.toml`: each once, with the other ways to say the same.

use vigie_core::settings::document::{Key, Shape};

/// Every key.
pub(crate) static KEYS: [Key; 9] = [
    Key {
        name: "roots_allowed",
        shape: Shape::Directories,
        default: "[]",
        help: "The only directories whose projects are indexed, watched and asked about, with all that lies below them, links followed; an \
               empty list allows every one. Of a project that lies elsewhere nothing but that is said, though it was indexed before; \
               `vigie forget` and `vigie unwatch` know it still.",
    },
    Key {
        name: "max_open_projects",
        shape: Shape::Number(1, 256),
        default: "8",
        help: "Most projects whose indexes are open at once. Each open one takes some memory and a few threads; the one that was used \
               longest ago is closed for another.",
    },
    Key {
        name: "workers",
        shape: Shape::Number(1, 64),
        default: "the number of processors",
        help: "Most processes that parse for one job.",
    },
    Key {
        name: "readers",
        shape: Shape::Number(1, 64),
        default: "the number of processors, but from 2 to 4",
        help: "Threads that answer questions which have to search.",
    },
    Key {
        name: "max_memory",
        shape: Shape::Room,
        default: "four fifths of what the cgroup allows, else \"0\", no limit",
        help: "Memory of the daemon and its workers beyond which no second job begins; a job that begins near it has fewer workers. One \
               job always runs.",
    },
    Key {
        name: "store_quota",
        shape: Shape::Room,
        default: "\"20G\"",
        help: "Room on disk for all indexes together. Where they take more, those that were used longest ago are removed, as `vigie \
               forget` does, and `vigie events` tells of it.",
    },
    Key {
        name: "facts_cache",
        shape: Shape::Room,
        default: "\"1G\"",
        help: "Room on disk for what files were parsed to, by content and for all projects: another worktree, a copy, or a branch that \
               comes back is not parsed again. \"0\" keeps nothing.",
    },
    Key {
        name: "idle_exit",
        shape: Shape::Time,
        default: "\"15m\" where systemd holds the socket and starts the daemon for the next client, else \"0\", never",
        help: "After so long without a connection, a job and a watched project the daemon ends, and its memory is the system's again.",
    },
    Key {
        name: "log_filter",
        shape: Shape::Text,
        default: "\"info\"",
        help: "Which lines the log has: `error`, `warn`, `info`, `debug` or `trace`, or several such for parts of the daemon, as in \
               `info,vigie_core=debug`.",
    },
];

/// The other ways to give a key, and when it takes effect.
#[derive(Debug)]
pub(crate) struct Ways {
    /// The option of `vigied`.
    pub(crate) option: &'static str,
    /// The environment variable, if there is one.
    pub(crate) variable: Option<&'static str>,
    /// What changes when it is read again; else only the next start of the daemon.
    pub(crate) live: Option<&'static str>,
}

/// The ways of each of [`KEYS`].
pub(crate) static WAYS: [Ways; 9] = [
    Ways { option: "--roots-allowed", variable: None, live: Some("at once") },
    Ways { option: "--max-open-projects", variable: None, live: Some("at once") },
    Ways { option: "--workers", variable: None, live: Some("for jobs that begin after it") },
    Ways { option: "--readers", variable: None, live: None },
    Ways { option: "--max-memory", variable: None, live: None },
    Ways { option: "--store-quota", variable: None, live: None },
    Ways { option: "--facts-cache", variable: None, live: None },
    Ways { option: "--idle-exit", variable: None, live: Some("at once") },
    Ways { option: "--log-filter", variable: Some("VIGIE_LOG"), live: Some("at once") },
];

/// The ways of a key.
pub(crate) fn ways(key: &str) -> Option<&'static Ways> {
    KEYS.iter().zip(&WAYS).find(|(known, _)| known.name == key).map(|(_, ways)| ways)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use clap::Parser as _;
    use vigie_core::settings;

    use super::*;
    use crate::config::Arguments;

    #[test]
    fn a_project_is_told_that_they_are_none_of_its_own() {
        let names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(names, settings::OF_DAEMON.keys);
    }

    #[test]
    fn options_are_called_as_their_keys_are() {
        for (key, ways) in KEYS.iter().zip(&WAYS) {
            assert_eq!(ways.option, format!("--{}", key.name.replace('_', "-")));
            let Shape::Number(min, max) = key.shape else { continue };
            for (value, is_right) in [(min, true), (max, true), (min - 1, false), (max + 1, false)] {
                let parsed = Arguments::try_parse_from(["vigied", ways.option, &value.to_string()]);
                assert_eq!(parsed.is_ok(), is_right, "{} {value}", ways.option);
            }
        }
    }

    /// What CONFIGURATION.md says of a key.
    fn section(key: &Key, others: &str) -> String {
        let mut text = format!("### `{}`\n\n{}\n\n", key.name, key.help);
        let _always = write!(text, "- value: {}\n- default: {}\n{others}", key.shape.expected(), shown(key.default));
        text
    }

    /// Words as they are, and values as code.
    fn shown(default: &str) -> String {
        if default.contains(' ') { default.to_owned() } else { format!("`{default}`") }
    }

    fn of_daemon(key: &Key, ways: &Ways) -> String {
        let variable = ways.variable.map(|variable| format!(", or the variable `{variable}`")).unwrap_or_default();
        let live = ways.live.unwrap_or("when the daemon is started again");
        section(key, &format!("- or: `vigied {}`{variable}\n- a change takes effect {live}\n", ways.option))
    }

    /// The document is written by hand around these sections; whoever changes a key copies what the test wants.
    #[test]
    fn the_document_says_of_each_key_what_is_true() {
        let document = include_str!("../../../CONFIGURATION.md");
        let daemon = KEYS.iter().zip(&WAYS).map(|(key, ways)| of_daemon(key, ways));
        let project = settings::KEYS.iter().map(|key| section(key, ""));
        let sections: Vec<String> = daemon.chain(project).collect();
        // Where its lines end is the document's own affair.
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let whole = flat(document);
        let missing: Vec<_> = sections.iter().filter(|section| !whole.contains(&flat(section))).cloned().collect();
        assert!(missing.is_empty(), "CONFIGURATION.md lacks:\n\n{}", missing.join("\n"));
        let headings = document.lines().filter(|line| line.starts_with("### ")).count();
        assert_eq!(headings, sections.len(), "CONFIGURATION.md has a key that is none");
    }
}
