//! `config.toml`: where it is, and what it says. Something wrong in it is an error, since it is the person's own.

use std::io;
use std::path::{Path, PathBuf};

use tracing_subscriber::EnvFilter;
use vigie_core::settings::OF_PROJECT;
use vigie_core::settings::document::{self, Entry, Problem, Value};

use super::keys::KEYS;
use super::{Arguments, Environment, places};

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// It was named, and is not there.
    #[error("{path} does not exist")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It says something that means nothing.
    #[error("{path}:{line}: {text}{more}", more = and_more(*.more))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line of the first problem.
        line: usize,
        /// The first problem.
        text: String,
        /// How many there are besides.
        more: usize,
    },
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" (and {more} more)") }
}

/// The file, as it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigFile {
    /// Where it is, or would be; `None` = nowhere.
    pub(crate) path: Option<PathBuf>,
    /// It is there.
    pub(crate) is_there: bool,
    entries: Vec<Entry>,
}

impl ConfigFile {
    /// Reads the file that is meant.
    pub(super) fn find(arguments: &Arguments, environment: &Environment) -> Result<ConfigFile, FileError> {
        let named = arguments.config.as_deref().map(places::absolute);
        let Some(path) = named.clone().or_else(|| usual_place(environment)) else { return Ok(ConfigFile::default()) };
        match read(&path) {
            Ok(bytes) => ConfigFile::parse(path, &bytes),
            // Whoever runs under another name with somebody's HOME, as `sudo -u` has it, may not even look there.
            Err(e) if named.is_none() && is_out_of_reach(&path, &e) => {
                Ok(ConfigFile { path: Some(path), ..ConfigFile::default() })
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(FileError::Missing { path }),
            Err(e) => Err(FileError::Unreadable { path, reason: e.to_string() }),
        }
    }

    fn parse(path: PathBuf, bytes: &[u8]) -> Result<ConfigFile, FileError> {
        let mut document = document::read(bytes, &KEYS, OF_PROJECT);
        for entry in &document.entries {
            if let Value::Text(filter) = &entry.value
                && !is_filter(filter)
            {
                let text =
                    format!("`{}` is no filter: it must be as in \"info\" or \"warn,vigie_core=debug\"", entry.key);
                document.problems.push(Problem { line: entry.line, text });
            }
        }
        document.problems.sort_by_key(|problem| problem.line);
        let more = document.problems.len().saturating_sub(1);
        match document.problems.into_iter().next() {
            Some(Problem { line, text }) => Err(FileError::Wrong { path, line, text, more }),
            None => Ok(ConfigFile { path: Some(path), is_there: true, entries: document.entries }),
        }
    }

    /// What the file says of a key, and in which line.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// Whether this says which lines a log has.
pub(super) fn is_filter(text: &str) -> bool {
    EnvFilter::try_new(text).is_ok()
}

/// Whether there is no file, as far as this process can see.
fn is_out_of_reach(path: &Path, error: &io::Error) -> bool {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => true,
        io::ErrorKind::PermissionDenied => path.symlink_metadata().is_err(),
        _ => false,
    }
}

/// Nothing but a file is read: one that never ends would keep the daemon from starting.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    std::fs::read(path)
}

fn usual_place(environment: &Environment) -> Option<PathBuf> {
    let directory = Environment::absolute(environment.xdg_config_home.as_ref())
        .or_else(|| Environment::absolute(environment.home.as_ref()).map(|home| home.join(".config")))?;
    Some(directory.join("vigie/config.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thing_that_is_wrong_is_said() {
        let parse = |text: &str| ConfigFile::parse("/c/config.toml".into(), text.as_bytes());
        let said = |text: &str| parse(text).unwrap_err().to_string();
        let of_project = "`ignore` is no key of this file: it belongs into .vigie.toml, at the root of a project";
        assert_eq!(said("ignore = ['x']\n"), format!("/c/config.toml:1: {of_project}"));
        assert_eq!(said("\nworker = 3\n"), "/c/config.toml:2: there is no key `worker`; the nearest is `workers`");
        assert_eq!(
            said("workers = 65\nx = 1\nreaders = 'y'\n"),
            "/c/config.toml:1: `workers` is out of bounds: it must be a whole number from 1 to 64 (and 2 more)"
        );
        assert!(said("log_filter = 'vigied=loud'\n").starts_with("/c/config.toml:1: `log_filter` is no filter"));
        assert!(said("workers = [\n").starts_with("/c/config.toml:"));
        assert_eq!(parse("workers = 3\n").unwrap().get("workers").unwrap().line, 1);
    }

    #[test]
    fn only_a_file_that_was_named_must_be_there() {
        let dir = tempfile::tempdir().unwrap();
        let environment = Environment { xdg_config_home: Some(dir.path().into()), ..Environment::default() };
        let found = ConfigFile::find(&Arguments::default(), &environment).unwrap();
        assert_eq!((found.path, found.is_there), (Some(dir.path().join("vigie/config.toml")), false));
        let named = Arguments { config: Some(dir.path().join("no.toml")), ..Arguments::default() };
        assert!(ConfigFile::find(&named, &environment).unwrap_err().to_string().ends_with("no.toml does not exist"));
        let directory = Arguments { config: Some(dir.path().into()), ..Arguments::default() };
        assert!(ConfigFile::find(&directory, &environment).unwrap_err().to_string().ends_with("it is no file"));
        assert_eq!(ConfigFile::find(&Arguments::default(), &Environment::default()).unwrap().path, None);
    }
}
