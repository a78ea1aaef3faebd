//! What jobs do to an index: a pause is no loss, budgets say what is missing.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use vigie_core::extract::lane::InProcess;
use vigie_core::index::{self, Budget, End, Environment, JobControl, JobSpec, Limit, Stop, Surroundings, parse_ahead};
use vigie_core::kinds::Stage;
use vigie_core::query::Options;
use vigie_core::store::FactsCache;

use crate::support::{Project, Random, Watcher, dump, let_files_age, real_sources, run, run_with, source, text};

/// Nobody asks for it.
#[test]
fn segments_are_merged_soon_after_the_last_commit() {
    let project = Project::new();
    let store = project.open("s.sqlite");
    for round in 1..=10 {
        project.write("edited.py", format!("def edited_{round}(): pass\n"));
        run(&store, round, &Watcher::default());
    }
    let database = rusqlite::Connection::open(project.store_path("s.sqlite")).expect("it opens");
    let count = || database.query_row("SELECT count(*) FROM segment", [], |row| row.get(0)).expect("a number");
    let begun = Instant::now();
    let mut segments: i64 = count();
    while segments > 2 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{segments} segments are left");
        std::thread::sleep(Duration::from_millis(20));
        segments = count();
    }
    assert_eq!(dump(&store), project.clean_dump());
    store.close().expect("it closes");
}

#[test]
fn merges_change_no_answer() {
    let mut random = Random(0xfeed);
    let project = Project::new();
    let store = project.open("store");
    for round in 1..=40 {
        let (extension, content) = source(&mut random, round % 2);
        project.write(&format!("f{}.{extension}", random.below(25)), content);
        run(&store, round as u64, &Watcher::default());
    }
    let before = (dump(&store), text(&store, "name_1", Options::default()).0, store.summary().generation);
    store.settle().expect("merges end");
    let after = (dump(&store), text(&store, "name_1", Options::default()).0, store.summary().generation);
    assert_eq!(before, after);
    assert_eq!(after.0, project.clean_dump());
    store.rest().expect("caches are given back");
    assert_eq!(dump(&store), after.0, "a store that rested answers as before");
    project.write("late.rs", "fn late() {}");
    run(&store, 41, &Watcher::default());
    assert_eq!(dump(&store), project.clean_dump(), "and takes commits");
    store.close().expect("it closes");
    store.rest().expect_err("what is closed has nothing left to give");
}

#[test]
fn unchanged_files_are_not_read_again() {
    let project = Project::new();
    real_sources(&project, "memchr-2");
    let store = project.open("store");
    // The files were just copied: only times well before the read are trusted, so the second run may read, but not the third.
    run(&store, 1, &Watcher::default());
    let_files_age();
    run(&store, 2, &Watcher::default());
    let watcher = Watcher::default();
    let generation = store.summary().generation;
    let outcome = run(&store, 3, &watcher);
    assert_eq!(outcome.stats.files_indexed, 0);
    assert_eq!((watcher.scanned.lock().expect("lock").len(), watcher.parsed.lock().expect("lock").len()), (0, 0));
    assert_eq!(store.summary().generation, generation, "nothing changed, nothing was committed");

    let watcher = Watcher::default();
    let spec = JobSpec { job: 4, force: true };
    let outcome = run_with(&store, &spec, &JobControl::new(Budget::default(), 0), &watcher);
    assert_eq!(outcome.stats.files_unchanged, 0, "force reads every file");
    assert!(watcher.parsed.lock().expect("lock").len() > 20);
    assert_eq!(dump(&store), project.clean_dump());
    store.close().expect("it closes");
}

#[test]
fn p7_a_paused_job_goes_on_and_parses_nothing_twice() {
    let project = Project::new();
    real_sources(&project, "regex-syntax-0.8");
    real_sources(&project, "rustix-1");
    let store = project.open("store");
    let mut parsed: HashMap<String, u32> = HashMap::new();
    let mut permille = 0;
    let mut pauses = 0;
    for stop_after in [40, 80, 160, 320, u64::MAX] {
        let control = Arc::new(JobControl::new(Budget::default(), 0));
        let files = AtomicU64::new(0);
        let steering = Arc::clone(&control);
        let watcher = Watcher {
            on_file: Some(Box::new(move |_| {
                if files.fetch_add(1, Ordering::Relaxed) >= stop_after {
                    steering.stop(Stop::Pause);
                }
            })),
            ..Watcher::default()
        };
        let outcome = run_with(&store, &JobSpec { job: 7, force: true }, &control, &watcher);
        for path in watcher.parsed.into_inner().expect("lock") {
            *parsed.entry(path).or_default() += 1;
        }
        let now = control.progress().permille;
        assert!(now >= permille, "the share of work done fell from {permille} to {now}");
        permille = now;
        if outcome.end == End::Done {
            break;
        }
        pauses += 1;
        assert_eq!(outcome.end, End::Stopped(Stop::Pause));
    }
    assert!(pauses >= 2, "the job was to be paused on its way");
    let twice: Vec<_> = parsed.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "parsed more than once: {twice:?}");
    assert_eq!(dump(&store), project.clean_dump());
    store.close().expect("it closes");
}

#[test]
fn p5_a_cancelled_job_leaves_a_consistent_index() {
    let project = Project::new();
    real_sources(&project, "rustix-1");
    let store = project.open("store");
    let control = Arc::new(JobControl::new(Budget::default(), 0));
    let steering = Arc::clone(&control);
    let watcher = Watcher {
        on_file: Some(Box::new(move |path| {
            if path.ends_with("lib.rs") {
                steering.stop(Stop::Cancel);
            }
        })),
        ..Watcher::default()
    };
    let outcome = run_with(&store, &JobSpec { job: 1, force: false }, &control, &watcher);
    assert_eq!(outcome.end, End::Stopped(Stop::Cancel));
    assert!(!store.summary().is_complete());
    dump(&store);
    run(&store, 2, &Watcher::default());
    assert!(store.summary().is_complete());
    assert_eq!(dump(&store), project.clean_dump());
    store.close().expect("it closes");
}

#[test]
fn budgets_end_a_job_with_what_is_missing() {
    let project = Project::new();
    (0..20).for_each(|n| project.write(&format!("f{n:02}.py"), format!("def f{n}(): pass\n")));
    let store = project.open("store");
    let budget = Budget { files_max: Some(5), ..Budget::default() };
    let spec = JobSpec { job: 1, force: false };
    let outcome = run_with(&store, &spec, &JobControl::new(budget, 0), &Watcher::default());
    assert_eq!(outcome.end, End::Limited(Limit::Files));
    assert_eq!((outcome.stats.files_seen, outcome.stats.files_indexed, outcome.stats.files_pending), (20, 5, 15));
    assert_eq!(store.summary().text_pending, 15);
    assert!(!store.summary().is_complete());
    let outcome = run(&store, 2, &Watcher::default());
    assert_eq!((outcome.end, outcome.stats.files_indexed), (End::Done, 15));
    assert!(store.summary().is_complete());
    store.close().expect("it closes");
}

#[test]
fn a_forced_job_that_is_cut_leaves_a_complete_index_complete() {
    let project = Project::new();
    (0..20).for_each(|n| project.write(&format!("f{n:02}.py"), format!("def f{n}(): pass\n")));
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let_files_age();
    run(&store, 2, &Watcher::default());
    let watcher = Watcher::default();
    let budget = Budget { files_max: Some(2), ..Budget::default() };
    let outcome = run_with(&store, &JobSpec { job: 3, force: true }, &JobControl::new(budget, 0), &watcher);
    assert_eq!(outcome.end, End::Limited(Limit::Files));
    assert_eq!((outcome.stats.files_indexed, outcome.stats.files_unchanged, outcome.stats.files_pending), (2, 18, 0));
    assert_eq!(watcher.parsed.lock().expect("lock").len(), 2);
    assert!(store.summary().is_complete());
    assert_eq!(dump(&store), project.clean_dump());
    store.close().expect("it closes");
}

#[test]
fn a_join_raises_the_budget_of_a_job_that_is_cut() {
    let project = Project::new();
    (0..20).for_each(|n| project.write(&format!("f{n:02}.py"), format!("def f{n}(): pass\n")));
    let store = project.open("store");
    let control = Arc::new(JobControl::new(Budget { files_max: Some(5), ..Budget::default() }, 0));
    let steering = Arc::clone(&control);
    let watcher = Watcher {
        on_file: Some(Box::new(move |path| {
            if path == "f00.py" {
                steering.join(Budget::default());
            }
        })),
        ..Watcher::default()
    };
    let outcome = run_with(&store, &JobSpec { job: 1, force: false }, &control, &watcher);
    assert_eq!((outcome.end, outcome.stats.files_indexed), (End::Done, 20));
    store.close().expect("it closes");
}

#[test]
fn a_join_during_a_job_sees_an_edit_made_before_it() {
    let project = Project::new();
    (0..50).for_each(|n| project.write(&format!("f{n:02}.py"), format!("def f{n}(): pass\n")));
    let store = project.open("store");
    let control = Arc::new(JobControl::new(Budget::default(), 0));
    let (steering, root) = (Arc::clone(&control), project.root.clone());
    let joined = Mutex::new(None);
    let watcher = Watcher {
        on_commit: Some(Box::new(move |_| {
            joined.lock().expect("lock").get_or_insert_with(|| {
                std::fs::write(root.join("late.py"), "def late(): pass\n").expect("a file");
                assert!(steering.join(Budget::default()), "the job still takes joins");
            });
        })),
        ..Watcher::default()
    };
    run_with(&store, &JobSpec { job: 1, force: false }, &control, &watcher);
    assert_eq!(text(&store, "def late", Options::default()).0, ["late.py:1:def late(): pass"]);
    assert!(!control.join(Budget::default()), "a job that has ended takes no joins");
    store.close().expect("it closes");
}

#[test]
fn stages_come_in_order() {
    let project = Project::new();
    project.write("a.py", "x = 1\n");
    let store = project.open("store");
    let watcher = Watcher::default();
    run(&store, 1, &watcher);
    let stages = watcher.stages.into_inner().expect("lock");
    assert_eq!(stages, [Stage::Collecting, Stage::LoadingStorage, Stage::Scanning, Stage::Indexing, Stage::Finalizing]);
    store.close().expect("it closes");
}

#[test]
fn an_edited_file_overtakes_a_job() {
    let project = Project::new();
    (0..400).for_each(|n| project.write(&format!("dir/file_{n:03}.py"), format!("def name_{n}(): pass\n").repeat(40)));
    let store = project.open("store");
    let control = Arc::new(JobControl::new(Budget::default(), 0));
    let (told, heard) = std::sync::mpsc::channel();
    let asked = std::sync::Once::new();
    let root = project.root.clone();
    let overtaken = Arc::clone(&control);
    let watcher = Watcher {
        on_file: Some(Box::new(move |_| {
            asked.call_once(|| {
                std::fs::write(root.join("zz_edited.py"), "def edited(): pass\n").expect("the tree is ours");
                let told = told.clone();
                let paths = [b"zz_edited.py".to_vec()].into();
                let is_taken = overtaken.overtake(paths, Box::new(move |refreshed| drop(told.send(refreshed))));
                assert!(is_taken, "the job is at work");
            });
        })),
        ..Watcher::default()
    };
    let outcome = run_with(&store, &JobSpec { job: 1, force: false }, &control, &watcher);
    assert_eq!(outcome.end, End::Done);
    let refreshed = heard.recv().expect("it was looked at").expect("it is only one");
    assert_eq!(refreshed.changed, [b"zz_edited.py".to_vec()].into());
    assert!(refreshed.generation < outcome.stats.generation, "before the rest");
    assert_eq!(dump(&store), project.clean_dump());
    assert!(!control.overtake(BTreeSet::new(), Box::new(|_| {})), "the job is over");
    store.close().expect("it closes");
}

#[test]
fn what_was_parsed_ahead_is_not_parsed_again_unless_it_has_changed_since() {
    let project = Project::new();
    let cache = FactsCache::open(&project.store_path("facts"), 64 << 20);
    let files: Vec<String> = (0..20).map(|number| format!("sub/file_{number}.py")).collect();
    let write =
        |version: &str| files.iter().for_each(|path| project.write(path, format!("def {version}(): {path:?}\n")));
    let store = project.open("ahead");
    let run = |job| {
        let (control, watcher) = (JobControl::new(Budget::default(), 0), Watcher::default());
        let around = Surroundings { root: store.root(), control: &control, observer: &watcher, global_excludes: None };
        let collected = index::collect(&around).expect("the tree is walked");
        let environment = Environment { around, store: &store, extractors: &InProcess, lanes: 2, cache: Some(&cache) };
        let stats = index::run(&JobSpec { job, force: false }, &environment, collected).expect("the job runs").stats;
        (stats.files_indexed, stats.files_cached)
    };
    write("before");
    assert_eq!(run(1), (20, 0));
    write("after");
    let (sender, paths) = crossbeam_channel::unbounded();
    for path in files.iter().map(String::as_str).chain(["sub/gone.py", "sub", "sub/text.txt"]) {
        sender.send(path.as_bytes().to_vec()).expect("it has room");
    }
    project.write("sub/text.txt", "no language\n");
    drop(sender);
    parse_ahead(&project.root, &paths, Duration::from_secs(10), &cache, &InProcess);
    project.write(&files[7], "def once_more(): pass\n");
    assert_eq!(run(2), (21, 19));
    assert_eq!(dump(&store), project.clean_dump());
}
