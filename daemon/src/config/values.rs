//! What each key comes to, and by what: the command line before the environment, that before `config.toml`, that before the default.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use vigie_core::settings::document::{Value, bytes, time};

use super::file::{ConfigFile, FileError, is_filter};
use super::keys::ways;
use super::roots::RootsAllowed;
use super::{Arguments, Environment};

/// Most stores open at once, unless somebody says otherwise.
const OPEN_PROJECTS_MAX: usize = 8;
/// Room for all indexes together, unless somebody says otherwise.
const STORE_QUOTA_BYTES: u64 = 20 << 30;
/// Room for what files were parsed to, unless somebody says otherwise.
const FACTS_CACHE_BYTES: u64 = 1 << 30;
/// How long a daemon stays that somebody starts again when it is needed, in seconds, unless somebody says otherwise: long enough
/// that whoever works with it never waits for a start.
const IDLE_EXIT_SECONDS: u64 = 15 * 60;
/// What the log has, unless somebody says otherwise.
const LOG_FILTER: &str = "info";

/// By what a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody gave it.
    Default,
    /// This file, in this line.
    File(PathBuf, usize),
    /// This variable.
    Environment(&'static str),
    /// This option.
    CommandLine(&'static str),
}

impl Source {
    /// The place alone: empty for a default.
    pub(crate) fn place(&self) -> String {
        match self {
            Source::Default => String::new(),
            Source::File(path, line) => format!("{}:{line}", path.display()),
            Source::Environment(name) | Source::CommandLine(name) => (*name).to_owned(),
        }
    }
}

/// A key with what it comes to, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The key.
    pub(crate) key: &'static str,
    /// Its value in JSON.
    pub(crate) value: String,
    /// By what.
    pub(crate) source: Source,
    /// What else there is to know; may be empty.
    pub(crate) note: String,
}

/// What all keys come to.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    /// Where projects may lie.
    pub(crate) roots_allowed: Arc<RootsAllowed>,
    /// Most stores open at once.
    pub(crate) open_projects_max: usize,
    /// Worker processes of one job.
    pub(crate) workers: usize,
    /// Threads that answer queries.
    pub(crate) readers: usize,
    /// Memory that admits jobs, in bytes; `None` = no limit.
    pub(crate) memory_bytes_max: Option<u64>,
    /// Room for all indexes together, in bytes.
    pub(crate) store_quota_bytes: u64,
    /// Room for what files were parsed to, in bytes.
    pub(crate) facts_cache_bytes: u64,
    /// After so long with nothing to do the daemon ends; `None` = never.
    pub(crate) idle_exit: Option<Duration>,
    /// Which log lines are written, in the syntax of `RUST_LOG`.
    pub(crate) log_filter: String,
    /// The same for people, in the order of the keys.
    pub(crate) settings: Vec<Setting>,
    /// The file that was read.
    pub(crate) file: ConfigFile,
}

impl Values {
    /// Settles every key.
    pub(super) fn resolve(arguments: &Arguments, environment: &Environment) -> Result<Values, FileError> {
        let mut choice = Choice { file: ConfigFile::find(arguments, environment)?, settings: Vec::new() };
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let log_variable = environment.log_filter.clone();
        let bad_variable = log_variable.as_deref().filter(|filter| !is_filter(filter)).map(str::to_owned);
        let roots_allowed = choice.directories("roots_allowed", arguments.roots_allowed.clone());
        let roots_allowed = RootsAllowed::new(&roots_allowed, environment.home_dir().as_deref(), choice.place());
        let open_projects_max = choice.number("max_open_projects", arguments.max_open_projects, OPEN_PROJECTS_MAX);
        let workers = choice.number("workers", arguments.workers, cores);
        let readers = choice.number("readers", arguments.readers, cores.clamp(2, 4));
        let of_cgroup = environment.memory_limit.map_or(0, |limit| limit / 5 * 4);
        let memory_bytes = choice.bytes("max_memory", arguments.max_memory, of_cgroup);
        let store_quota_bytes = choice.bytes("store_quota", arguments.store_quota, STORE_QUOTA_BYTES);
        let facts_cache_bytes = choice.bytes("facts_cache", arguments.facts_cache, FACTS_CACHE_BYTES);
        let usual_idle = if environment.handed.is_empty() { 0 } else { IDLE_EXIT_SECONDS };
        let idle_seconds = choice.time("idle_exit", arguments.idle_exit, usual_idle);
        let variable = log_variable.filter(|_| bad_variable.is_none());
        let log_filter = choice.text("log_filter", arguments.log_filter.clone(), variable, LOG_FILTER);
        let Choice { file, mut settings } = choice;
        if let (Some(bad), Some(setting)) = (bad_variable, settings.last_mut()) {
            setting.note = format!("VIGIE_LOG does not count: {bad:?} is no filter");
        }
        Ok(Values {
            roots_allowed: Arc::new(roots_allowed),
            open_projects_max,
            workers,
            readers,
            memory_bytes_max: (memory_bytes > 0).then_some(memory_bytes),
            store_quota_bytes,
            facts_cache_bytes,
            idle_exit: (idle_seconds > 0).then(|| Duration::from_secs(idle_seconds)),
            log_filter,
            settings,
            file,
        })
    }

    /// These values in a daemon that was started with others: what only a start changes stays as it is, and says so.
    pub(super) fn after(mut self, running: &Values) -> Values {
        for (setting, was) in self.settings.iter_mut().zip(&running.settings) {
            let is_live = ways(setting.key).is_some_and(|ways| ways.live.is_some());
            if !is_live && setting.value != was.value {
                let from = setting.source.place();
                let from = if from.is_empty() { "the default".to_owned() } else { from };
                let note = format!("{from} says {}: that takes effect when the daemon is started again", setting.value);
                *setting = Setting { note, ..was.clone() };
            }
        }
        Values {
            readers: running.readers,
            memory_bytes_max: running.memory_bytes_max,
            store_quota_bytes: running.store_quota_bytes,
            facts_cache_bytes: running.facts_cache_bytes,
            ..self
        }
    }
}

/// What is being settled.
struct Choice {
    file: ConfigFile,
    settings: Vec<Setting>,
}

impl Choice {
    fn number(&mut self, key: &'static str, option: Option<u16>, default: usize) -> usize {
        let entry = self.file.get(key).and_then(|entry| match entry.value {
            Value::Number(number) => Some((usize::try_from(number).unwrap_or(usize::MAX), entry.line)),
            _ => None,
        });
        self.settle(key, option.map(usize::from), None, entry, default, usize::to_string)
    }

    fn bytes(&mut self, key: &'static str, option: Option<u64>, default: u64) -> u64 {
        self.quantity(key, option, default, bytes)
    }

    fn time(&mut self, key: &'static str, option: Option<u64>, default: u64) -> u64 {
        self.quantity(key, option, default, time)
    }

    /// A number with a unit, which is shown as it would be written.
    fn quantity(&mut self, key: &'static str, option: Option<u64>, default: u64, written: fn(u64) -> String) -> u64 {
        let entry = self.file.get(key).and_then(|entry| match entry.value {
            Value::Number(number) => Some((number, entry.line)),
            _ => None,
        });
        let shown = |quantity: &u64| serde_json::Value::from(written(*quantity)).to_string();
        self.settle(key, option, None, entry, default, shown)
    }

    /// What was given last, by whom.
    fn place(&self) -> String {
        self.settings.last().map(|setting| setting.source.place()).unwrap_or_default()
    }

    fn directories(&mut self, key: &'static str, option: Vec<String>) -> Vec<String> {
        let entry = self.file.get(key).and_then(|entry| match &entry.value {
            Value::Directories(directories) => Some((directories.clone(), entry.line)),
            _ => None,
        });
        let shown = |directories: &Vec<String>| serde_json::Value::from(directories.clone()).to_string();
        self.settle(key, Some(option).filter(|option| !option.is_empty()), None, entry, Vec::new(), shown)
    }

    fn text(&mut self, key: &'static str, option: Option<String>, variable: Option<String>, default: &str) -> String {
        let entry = self.file.get(key).and_then(|entry| match &entry.value {
            Value::Text(text) => Some((text.clone(), entry.line)),
            _ => None,
        });
        let shown = |text: &String| serde_json::Value::from(text.as_str()).to_string();
        self.settle(key, option, variable, entry, default.to_owned(), shown)
    }

    /// The first that was given, and how it is shown.
    fn settle<T>(
        &mut self,
        key: &'static str,
        option: Option<T>,
        variable: Option<T>,
        entry: Option<(T, usize)>,
        default: T,
        shown: impl Fn(&T) -> String,
    ) -> T {
        let ways = ways(key);
        let of_option = Source::CommandLine(ways.map_or("", |ways| ways.option));
        let of_variable = Source::Environment(ways.and_then(|ways| ways.variable).unwrap_or(""));
        let path = self.file.path.clone().unwrap_or_default();
        let written = entry.map(|(value, line)| (value, Source::File(path, line)));
        let over = option.map(|value| (value, of_option)).or(variable.map(|value| (value, of_variable)));
        let (value, source, note) = match (over, written) {
            (Some((value, source)), Some((hidden, place))) => {
                (value, source, format!("instead of {} ({})", shown(&hidden), place.place()))
            }
            (Some((value, source)), None) | (None, Some((value, source))) => (value, source, String::new()),
            (None, None) => (default, Source::Default, String::new()),
        };
        self.settings.push(Setting { key, value: shown(&value), source, note });
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::KEYS;

    fn resolved(text: &str, arguments: Arguments, log: Option<&str>) -> Values {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("vigie")).unwrap();
        std::fs::write(dir.path().join("vigie/config.toml"), text).unwrap();
        let environment = Environment {
            xdg_config_home: Some(dir.path().into()),
            log_filter: log.map(str::to_owned),
            ..Environment::default()
        };
        Values::resolve(&arguments, &environment).unwrap()
    }

    fn of<'a>(values: &'a Values, key: &str) -> &'a Setting {
        values.settings.iter().find(|setting| setting.key == key).unwrap()
    }

    #[test]
    fn every_key_is_settled_in_its_order() {
        let values = resolved("", Arguments::default(), None);
        let keys: Vec<_> = values.settings.iter().map(|setting| setting.key).collect();
        assert_eq!(keys, KEYS.iter().map(|key| key.name).collect::<Vec<_>>());
        assert!(values.settings.iter().all(|setting| setting.source == Source::Default && setting.note.is_empty()));
        assert_eq!((values.open_projects_max, values.log_filter.as_str()), (8, "info"));
    }

    #[test]
    fn a_daemon_that_is_started_again_when_needed_need_not_stay() {
        let started = Values::resolve(&Arguments::default(), &Environment::default()).unwrap();
        assert_eq!((started.idle_exit, of(&started, "idle_exit").value.as_str()), (None, "\"0\""));
        let environment = Environment { handed: vec![(3, "vigied".to_owned())], ..Environment::default() };
        let handed = Values::resolve(&Arguments::default(), &environment).unwrap();
        assert_eq!(handed.idle_exit, Some(Duration::from_secs(900)));
        let never = Arguments { idle_exit: Some(0), ..Arguments::default() };
        assert_eq!(Values::resolve(&never, &environment).unwrap().idle_exit, None);
        assert_eq!(resolved("idle_exit = '2h'\n", Arguments::default(), None).idle_exit.unwrap().as_secs(), 7200);
    }

    #[test]
    fn the_command_line_comes_before_the_environment_and_that_before_the_file() {
        let text = "workers = 3\nlog_filter = 'warn'\n";
        let values = resolved(text, Arguments::default(), None);
        assert_eq!((values.workers, values.log_filter.as_str()), (3, "warn"));
        assert!(of(&values, "log_filter").source.place().ends_with("config.toml:2"));
        let values = resolved(text, Arguments::default(), Some("debug"));
        assert_eq!(
            (values.log_filter.as_str(), of(&values, "log_filter").source.place().as_str()),
            ("debug", "VIGIE_LOG")
        );
        let arguments = Arguments { workers: Some(5), log_filter: Some("error".to_owned()), ..Arguments::default() };
        let values = resolved(text, arguments, Some("debug"));
        assert_eq!((values.workers, values.log_filter.as_str()), (5, "error"));
        assert_eq!(of(&values, "workers").source, Source::CommandLine("--workers"));
        assert!(of(&values, "workers").note.starts_with("instead of 3 ("));
    }

    #[test]
    fn a_variable_that_means_nothing_does_not_count() {
        let values = resolved("log_filter = 'warn'\n", Arguments::default(), Some("vigied=loud"));
        assert_eq!(values.log_filter, "warn");
        assert_eq!(of(&values, "log_filter").note, "VIGIE_LOG does not count: \"vigied=loud\" is no filter");
    }

    #[test]
    fn what_only_a_start_changes_stays() {
        let running = resolved("readers = 3\nworkers = 2\n", Arguments::default(), None);
        let after = resolved("readers = 7\nworkers = 4\n", Arguments::default(), None).after(&running);
        assert_eq!((after.readers, after.workers), (3, 4));
        let note = &of(&after, "readers").note;
        assert_eq!(of(&after, "readers").value, "3");
        assert!(note.ends_with("config.toml:1 says 7: that takes effect when the daemon is started again"), "{note}");
        let again = resolved("readers = 3\n", Arguments::default(), None).after(&after);
        assert_eq!(of(&again, "readers").note, "");
    }
}
