//! What holds now: what the daemon was started with, until `config.toml` is read again and is right.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::values::Values;
use super::{Arguments, Environment, places};

/// See the top of this file.
#[derive(Debug)]
pub(crate) struct Live {
    arguments: Arguments,
    environment: Environment,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    values: Arc<Values>,
    warning: Option<String>,
    /// What the file was when it was last read.
    stamp: Option<Stamp>,
}

/// What tells a changed file from an unchanged one: when it was written, and its size.
type Stamp = (SystemTime, u64);

fn stamp(path: Option<&Path>) -> Option<Stamp> {
    let meta = path?.metadata().ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

impl Live {
    /// What the daemon was started with.
    pub(crate) fn new(arguments: &Arguments, environment: Environment, values: Values) -> Live {
        // Whatever the working directory is by then.
        let config = arguments.config.as_deref().map(places::absolute);
        let arguments = Arguments { config, ..arguments.clone() };
        let stamp = stamp(values.file.path.as_deref());
        Live { arguments, environment, now: Mutex::new(Now { values: Arc::new(values), warning: None, stamp }) }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // What is guarded is replaced as a whole.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What holds now.
    pub(crate) fn values(&self) -> Arc<Values> {
        Arc::clone(&self.now().values)
    }

    /// Why what holds is not what the file says, if it is not.
    pub(crate) fn warning(&self) -> Option<String> {
        let now = self.now();
        let path = now.values.file.path.as_deref();
        if stamp(path) == now.stamp {
            return now.warning.clone();
        }
        let shown = path.map(|path| path.display().to_string()).unwrap_or_default();
        Some(format!(
            "{shown} was changed after it was read; `vigie daemon restart` has it read, and so does SIGHUP; what held before holds still"
        ))
    }

    /// Reads the file again. If it is wrong everything stays as it was, and the error is a sentence that says why.
    pub(crate) fn reload(&self) -> Result<Arc<Values>, String> {
        // Before it is read: what is written meanwhile is told.
        let stamp = stamp(self.now().values.file.path.as_deref());
        match Values::resolve(&self.arguments, &self.environment) {
            Ok(values) => {
                let mut now = self.now();
                let values = Arc::new(values.after(&now.values));
                *now = Now { values: Arc::clone(&values), warning: None, stamp };
                Ok(values)
            }
            Err(e) => {
                let warning = format!("{e}; what held before holds still");
                let mut now = self.now();
                (now.warning, now.stamp) = (Some(warning.clone()), stamp);
                Err(warning)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_file_changes_nothing_until_it_is_right() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        std::fs::write(&path, "workers = 3\n").unwrap();
        let arguments = Arguments { config: Some(path.clone()), ..Arguments::default() };
        let environment = Environment::default();
        let values = Values::resolve(&arguments, &environment).unwrap();
        let live = Live::new(&arguments, environment, values);
        assert_eq!(live.warning(), None);
        std::fs::write(&path, "workers = 4\nworker = 1\n").unwrap();
        let told = live.warning().unwrap();
        assert!(told.contains("was changed after it was read"), "{told}");
        let told = live.reload().unwrap_err();
        assert!(told.contains("c.toml:2: there is no key `worker`"), "{told}");
        assert_eq!((live.values().workers, live.warning()), (3, Some(told)));
        std::fs::write(&path, "workers = 5\n").unwrap();
        assert_eq!(live.reload().unwrap().workers, 5);
        assert_eq!((live.values().workers, live.warning()), (5, None));
        std::fs::remove_file(&path).unwrap();
        assert!(live.reload().unwrap_err().contains("does not exist"));
    }
}
