//! What the daemon keeps of projects whose root is gone, seen in its registry and on disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process};
use vigie_core::store::ProjectStore;
use vigie_core::store::registry::{ProjectRecord, Registry};

/// Longest that a test waits for something that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

/// A state directory with two projects, each with an index.
struct House {
    dir: tempfile::TempDir,
    root: PathBuf,
    other: PathBuf,
}

impl House {
    fn new() -> House {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        let house = House { root: top.join("project"), other: top.join("other"), dir };
        fs::create_dir_all(house.state().join("projects")).unwrap();
        for root in [&house.root, &house.other] {
            fs::create_dir(root).unwrap();
            let record = house.registry().register(root, now_ms()).unwrap();
            let (store, _) = ProjectStore::open(&house.store_of(&record), root).unwrap();
            store.close().unwrap();
        }
        house
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    fn registry(&self) -> Registry {
        Registry::open(&self.state().join("registry.sqlite")).unwrap().0
    }

    fn store_of(&self, record: &ProjectRecord) -> PathBuf {
        self.state().join("projects").join(&record.store_name)
    }

    fn record(&self, root: &Path) -> Option<ProjectRecord> {
        self.registry().projects().unwrap().into_iter().find(|record| record.root == root)
    }

    /// Since when a root is gone; 0 = it is there.
    fn gone_ms(&self, root: &Path) -> Option<u64> {
        self.record(root).map(|record| record.gone_ms)
    }

    fn set_gone(&self, root: &Path, gone_ms: u64) {
        let record = ProjectRecord { gone_ms, ..self.record(root).unwrap() };
        self.registry().update_project(&record).unwrap();
    }

    /// Has a daemon live until what it keeps is as expected.
    #[track_caller]
    fn live_until(&self, what: &str, holds: impl Fn() -> bool) {
        let daemon = Daemon::start(&self.state(), &self.dir.path().join("run"));
        let since = Instant::now();
        while !holds() {
            assert!(since.elapsed() < PATIENCE, "{what} within {PATIENCE:?}: {:?}", self.registry().projects());
            thread::sleep(Duration::from_millis(20));
        }
        drop(daemon);
    }
}

/// Ends when it is dropped.
struct Daemon(Child);

impl Daemon {
    fn start(state: &Path, run: &Path) -> Daemon {
        fs::create_dir_all(run).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigied"));
        command.arg("--state-dir").arg(state).env("XDG_RUNTIME_DIR", run).env_remove("XDG_CONFIG_HOME");
        command.env("HOME", run).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Daemon(command.spawn().unwrap())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let pid = Pid::from_child(&self.0);
        let since = Instant::now();
        kill_process(pid, Signal::TERM).unwrap();
        while self.0.try_wait().unwrap().is_none() {
            if since.elapsed() > PATIENCE {
                self.0.kill().unwrap();
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_root_that_is_gone_is_noted_until_it_is_back_and_after_a_month_its_index_is_removed() {
    let house = House::new();
    let (root, other) = (&house.root, &house.other);
    let store = house.store_of(&house.record(root).unwrap());
    let aside = root.with_extension("aside");
    fs::rename(root, &aside).unwrap();
    let before = now_ms();
    house.live_until("the first is gone", || house.gone_ms(root).unwrap() >= before);
    assert!(house.gone_ms(root).unwrap() <= now_ms());
    assert_eq!(house.gone_ms(other), Some(0));

    // A day less than a month later it is still known since when.
    let since = now_ms() - 29 * DAY_MS;
    house.set_gone(root, since);
    fs::remove_dir(other).unwrap();
    house.live_until("the other is gone", || house.gone_ms(other).unwrap() > 0);
    assert_eq!(house.gone_ms(root), Some(since));

    fs::rename(&aside, root).unwrap();
    house.live_until("the first is back", || house.gone_ms(root) == Some(0));
    assert!(house.gone_ms(other).unwrap() > 0);

    fs::rename(root, &aside).unwrap();
    house.live_until("it is gone again", || house.gone_ms(root).unwrap() >= before);
    house.set_gone(root, now_ms() - 30 * DAY_MS);
    assert!(store.exists());
    house.live_until("it is forgotten", || house.record(root).is_none());
    assert!(!store.exists(), "its index is removed");
    assert!(house.store_of(&house.record(other).unwrap()).exists(), "and no other");
}
