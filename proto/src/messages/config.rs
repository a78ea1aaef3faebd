//! What the daemon was told to do, and by what.

use serde::{Deserialize, Serialize};

use super::common::{Bytes, Ext, Target};
use crate::names::named_numbers;

/// Asks what every key of the configuration comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Of which project to tell besides, indexed or not; without one only the daemon's keys are told.
    pub target: Target,
    /// Later fields.
    pub ext: Ext,
}

/// What every key comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConfigReply {
    /// Where `config.toml` is, or would be; may be empty.
    pub file: Bytes,
    /// It is there, and was read.
    pub file_read: bool,
    /// Root of the project; empty = of none.
    pub project: Bytes,
    /// First those of the daemon, then those of the project.
    pub rows: Vec<ConfigRow>,
    /// What is wrong, each a sentence that names file and line.
    pub warnings: Vec<String>,
    /// Later fields.
    pub ext: Ext,
}

/// One key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConfigRow {
    /// It is the project's, in `.vigie.toml`; else the daemon's, in `config.toml`.
    pub of_project: bool,
    /// The key.
    pub key: String,
    /// What it comes to, in JSON.
    pub value: String,
    /// By what.
    pub source: ConfigSource,
    /// Where that is: file and line, the name of a variable or of an option; empty of a default.
    pub place: String,
    /// What else there is to know; may be empty.
    pub note: String,
    /// Later fields.
    pub ext: Ext,
}

named_numbers! {
    /// By what a key was given.
    ConfigSource {
        /// By nothing.
        1 DEFAULT "default",
        /// A file.
        2 FILE "file",
        /// A variable of the environment.
        3 ENVIRONMENT "environment",
        /// An option of the daemon.
        4 COMMAND_LINE "command-line",
    }
}
