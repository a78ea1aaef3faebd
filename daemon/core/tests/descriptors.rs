//! What must hold when the process runs out of file descriptors: no file is taken for gone or for unreadable. A process of its own,
//! because the limit is everybody's.

use std::fs::{self, File};
use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use vigie_core::extract::lane::InProcess;
use vigie_core::index::{
    self, Budget, ChangedFile, Environment, FileOutcome, IndexError, JobControl, JobSpec, Observer, Outcome,
    Surroundings,
};
use vigie_core::kinds::Stage;
use vigie_core::store::ProjectStore;

struct Deaf;

impl Observer for Deaf {
    fn stage(&self, _: Stage, _: &str) {}
    fn file(&self, _: &FileOutcome<'_>) {}
    fn committed(&self, _: u64, _: &[ChangedFile]) {}
}

fn run(store: &ProjectStore, job: u64) -> Result<Outcome, IndexError> {
    let control = JobControl::new(Budget::default(), 0);
    let around = Surroundings { root: store.root(), control: &control, observer: &Deaf, global_excludes: None };
    let collected = index::collect(&around)?;
    let spec = JobSpec { job, force: true };
    index::run(&spec, &Environment { around, store, extractors: &InProcess, lanes: 2, cache: None }, collected)
}

/// Takes every descriptor there is.
fn take_all() -> Vec<File> {
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("its directory");
    fs::write(path, text).expect("the file");
}

#[test]
fn running_out_of_descriptors_takes_no_file_for_gone_or_unreadable() {
    let dir = tempfile::tempdir().expect("a directory");
    let root = dir.path().canonicalize().expect("its path").join("tree");
    for number in 0..40 {
        write(&root, &format!("d{}/e{}/f{number}.py", number % 5, number % 3), &format!("def f{number}(): pass\n"));
    }
    write(&root, "d1/.gitignore", "*.log\n");
    write(&root, "d1/noise.log", "noise\n");
    write(&root, ".vigie.toml", "max_file_bytes = 100000\n");
    let (store, _) = ProjectStore::open(&dir.path().join("store"), &root).expect("the store opens");
    let whole = run(&store, 1).expect("it runs").stats;
    assert_eq!((whole.files_seen, whole.files_failed, whole.symbols), (42, 0, 41));

    let limit = Rlimit { current: Some(64), ..getrlimit(Resource::Nofile) };
    setrlimit(Resource::Nofile, limit).expect("a lower limit");
    let (mut failed, mut done) = (0, 0);
    for left in 0..12_u64 {
        let mut taken = take_all();
        taken.truncate(taken.len() - left as usize);
        let ended = run(&store, 10 + left);
        drop(taken);
        match ended {
            Ok(outcome) => {
                done += 1;
                assert_eq!(outcome.stats.files_seen, 42, "{left} left");
            }
            Err(error) => {
                failed += 1;
                let said = error.to_string();
                assert!(said.contains("Too many open files") || said.contains("unable to open"), "{left} left: {said}");
            }
        }
        let summary = store.summary();
        assert_eq!((summary.files, summary.failed, summary.text_files), (42, 0, 42), "{left} left");
    }
    assert!(failed > 1 && done > 1, "{failed} failed, {done} did not: both were to be tried");
    let after = run(&store, 100).expect("it runs").stats;
    assert_eq!((after.files_seen, after.files_failed, after.symbols), (42, 0, 41));
    store.close().expect("it closes");
}
