//! Stores on disk: closing, damage, other versions.

use std::fs;
use std::path::Path;

use vigie_core::index::Budget;
use vigie_core::query::Options;
use vigie_core::store::registry::{JobState, Registry, TERMINAL_RECORDS_MAX};
use vigie_core::store::{ProjectStore, StoreError};

use crate::support::{Project, Watcher, dump, let_files_age, run, text};

fn wal_bytes(store: &Path) -> u64 {
    fs::metadata(store.with_extension("sqlite-wal")).map_or(0, |m| m.len())
}

#[test]
fn closing_empties_the_wal() {
    let project = Project::new();
    (0..100).for_each(|n| project.write(&format!("f{n}.py"), format!("def f{n}(): pass\n")));
    let store = project.open("s.sqlite");
    run(&store, 1, &Watcher::default());
    let path = project.store_path("s.sqlite");
    assert!(wal_bytes(&path) > 0, "commits go through the WAL");
    let checkpoint = store.close().expect("it closes");
    assert!(!checkpoint.busy);
    assert_eq!(wal_bytes(&path), 0);
    assert!(matches!(store.close(), Err(StoreError::Closing)));
    assert!(matches!(store.snapshot(|_| Ok(())), Err(StoreError::Closing)));
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let project = Project::new();
    project.write("a.py", "def kept(): pass\n");
    let store = project.open("s.sqlite");
    run(&store, 1, &Watcher::default());
    let (before, summary) = (dump(&store), store.summary());
    store.close().expect("it closes");
    let store = project.open("s.sqlite");
    assert_eq!(dump(&store), before);
    assert_eq!(store.summary().generation, summary.generation);
    assert!(store.summary().is_complete());
    store.close().expect("it closes");
}

#[test]
fn a_damaged_store_is_set_aside() {
    let project = Project::new();
    project.write("a.py", "def kept(): pass\n");
    let path = project.store_path("s.sqlite");
    fs::write(&path, "this is no database, whatever its name says").expect("a file");
    let (store, note) = ProjectStore::open(&path, &project.root).expect("it opens");
    let note = note.expect("it says what happened");
    assert!(note.contains("set aside"), "{note}");
    assert!(path.with_extension("sqlite.corrupt").exists());
    run(&store, 1, &Watcher::default());
    assert_eq!(text(&store, "kept", Options::default()).0.len(), 1);
    store.close().expect("it closes");
}

#[test]
fn damage_found_in_use_is_set_aside_at_the_next_opening() {
    let project = Project::new();
    (0..300).for_each(|n| project.write(&format!("f{n}.py"), format!("def f{n}(): return f{}()\n", n + 1)));
    let path = project.store_path("s.sqlite");
    let store = project.open("s.sqlite");
    run(&store, 1, &Watcher::default());
    store.close().expect("it closes");
    let mut bytes = fs::read(&path).expect("the store");
    // The first pages hold the schema; everything behind them is overwritten.
    bytes[16 * 4096..].fill(0x5a);
    fs::write(&path, bytes).expect("the store");
    let (store, note) = ProjectStore::open(&path, &project.root).expect("it opens");
    if note.is_none() {
        let met = store.snapshot(|snapshot| snapshot.each_file(None, |_| true));
        assert!(matches!(met, Err(StoreError::Corrupt { .. })), "{met:?}");
        // A damaged database may fail to checkpoint; what counts is the next opening.
        let _may_fail = store.close();
        let (store, note) = ProjectStore::open(&path, &project.root).expect("it opens");
        assert!(note.is_some_and(|note| note.contains("set aside")));
        run(&store, 1, &Watcher::default());
        assert_eq!(dump(&store), project.clean_dump());
        store.close().expect("it closes");
    }
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let project = Project::new();
    project.open("s.sqlite").close().expect("it closes");
    let path = project.store_path("s.sqlite");
    let mut bytes = fs::read(&path).expect("the store");
    // Offset 60 of the header holds `user_version` (sqlite.org/fileformat2.html, "The Database Header").
    bytes[60..64].copy_from_slice(&99u32.to_be_bytes());
    fs::write(&path, &bytes).expect("the store");
    let refused = ProjectStore::open(&path, &project.root).err();
    assert!(matches!(refused, Some(StoreError::Newer { found: 99, .. })), "{refused:?}");
    assert!(fs::read(&path).expect("the store") == bytes, "nothing was changed");
}

#[test]
fn p4_jobs_survive_in_the_registry() {
    let project = Project::new();
    let path = project.store_path("registry.sqlite");
    let (mut registry, note) = Registry::open(&path).expect("it opens");
    assert_eq!(note, None);
    assert_eq!(registry.begin_epoch().expect("an epoch"), 1);
    let record = registry.register(&project.root, 5).expect("a project");
    assert_eq!(registry.register(&project.root, 9).expect("the same"), record);
    let budget = Budget { files_max: Some(3), ..Budget::default() };
    let mut job = registry.create_job(&project.root, 1, true, budget, 11).expect("a job");
    job.state = JobState::Running;
    job.cancel_requested = true;
    registry.update_job(&job).expect("an update");
    drop(registry);

    let (mut registry, _) = Registry::open(&path).expect("it opens");
    assert_eq!(registry.begin_epoch().expect("an epoch"), 2);
    assert_eq!(registry.unfinished_jobs().expect("jobs"), [job.clone()]);
    (job.state, job.terminal) = (JobState::Cancelled, b"event".to_vec());
    registry.update_job(&job).expect("an update");
    assert_eq!(registry.unfinished_jobs().expect("jobs"), []);
    assert_eq!(registry.job(job.job).expect("it reads"), Some(job.clone()));
    assert_eq!(registry.ended_jobs(10).expect("jobs"), [job.clone()]);
    assert_eq!(registry.projects().expect("projects"), [record]);
    let next = registry.create_job(&project.root, 1, false, Budget::default(), 12).expect("a job");
    assert!(next.job > job.job);
}

#[test]
fn old_terminal_records_are_dropped() {
    let project = Project::new();
    let (mut registry, _) = Registry::open(&project.store_path("registry.sqlite")).expect("it opens");
    let kept_running = registry.create_job(&project.root, 1, false, Budget::default(), 0).expect("a job");
    for _ in 0..TERMINAL_RECORDS_MAX + 5 {
        let mut job = registry.create_job(&project.root, 1, false, Budget::default(), 0).expect("a job");
        job.state = JobState::Done;
        registry.update_job(&job).expect("an update");
    }
    assert_eq!(registry.ended_jobs(usize::MAX >> 1).expect("jobs").len(), TERMINAL_RECORDS_MAX);
    assert_eq!(registry.unfinished_jobs().expect("jobs"), [kept_running]);
}

#[test]
fn a_language_learnt_by_an_upgrade_reaches_unchanged_files() {
    let project = Project::new();
    project.write("a.py", "def learnt(): pass\n");
    let store = project.open("s.sqlite");
    run(&store, 1, &Watcher::default());
    let_files_age();
    run(&store, 2, &Watcher::default());
    store.close().expect("it closes");
    // As an older version would have left it, which did not know the language.
    let database = rusqlite::Connection::open(project.store_path("s.sqlite")).expect("it opens");
    database
        .execute_batch(
            "UPDATE file SET language = NULL, structure_hash = NULL, structure_version = NULL;
             DELETE FROM facts; DELETE FROM dictionary_block WHERE segment IN (SELECT id FROM segment WHERE tier = 1); DELETE FROM segment WHERE tier = 1;
             UPDATE meta SET value = x'00' WHERE key = 'extractors';",
        )
        .expect("it is changed");
    drop(database);
    let store = project.open("s.sqlite");
    run(&store, 3, &Watcher::default());
    assert_eq!(dump(&store), project.clean_dump());
    assert!(dump(&store).contains("learnt"));
    store.close().expect("it closes");
}
