//! Within which bounds the daemon serves many projects: room on disk, memory, processors.

use std::fs;
use std::time::{Duration, Instant};

use vigie_proto::{Message as _, ProjectEvent, ProjectEventType, Subscribe, decode};
use vigie_tests::{SourceTree, TestEnv, child_pids};

use crate::support::{index, subscribe, wait_stage};

#[test]
fn the_index_used_longest_ago_makes_room_for_another() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--store-quota", "100000"]);
    let tree = |name: &str| SourceTree::generate(&env.project(name), 60, 12_000, 77).root;
    let (first, second) = (tree("first"), tree("second"));
    env.give_tree(&first);
    env.give_tree(&second);
    let mut wire = daemon.connect();
    let (id, _) = subscribe(&mut wire, &Subscribe::default());
    index(&env, &first);
    index(&env, &second);
    let since = Instant::now();
    let event = loop {
        assert!(since.elapsed() < Duration::from_secs(60), "it is told");
        let frame = wire.next_frame().expect("the stream goes on");
        if frame.header.id == id && frame.header.kind == ProjectEvent::KIND {
            let event: ProjectEvent = decode(&frame.body).expect("a project event");
            if event.r#type == ProjectEventType::DROPPED {
                break event;
            }
        }
    };
    assert_eq!(event.project.to_text(), first.to_str().expect("UTF-8"));
    assert!(event.message.contains("used longest ago"), "{}", event.message);
    let output = env.vigie_in(&second, &["projects", "--json"]);
    output.check(output.json().len() == 1, "the other one stays");
    while fs::read_dir(env.state_dir().join("projects")).expect("the stores").count() > 3 {
        assert!(since.elapsed() < Duration::from_secs(20), "its store is removed");
        std::thread::sleep(Duration::from_millis(20));
    }
    env.vigie_in(&first, &["def", "main", "--no-index"]).expect_code(2);
}

#[test]
fn where_memory_is_short_jobs_run_one_after_the_other_and_all_end() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--max-memory", "1000000"]);
    let roots: Vec<_> = ["first", "second", "third"]
        .map(|name| SourceTree::generate(&env.project(name), 200, 12_000, 78).root)
        .into_iter()
        .inspect(|root| env.give_tree(root))
        .collect();
    let mut first = env.spawn_vigie_in(&roots[0], &["index", "--json"]);
    wait_stage(&mut first, "scanning");
    let mut others: Vec<_> = roots[1..].iter().map(|root| env.spawn_vigie_in(root, &["index", "--json"])).collect();
    let waits = |line: &serde_json::Value| line["message"].as_str().is_some_and(|text| text.contains("MiB of memory"));
    let told = others[0].wait_for("that it waits for memory", waits);
    assert_eq!(told["state"], "queued");
    drop(daemon.connect());
    first.finish().expect_code(0);
    for running in others {
        running.finish().expect_code(0);
    }
}

#[test]
fn a_job_may_be_given_fewer_workers() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "4"]);
    let root = SourceTree::generate(&env.project("few"), 300, 12_000, 79).root;
    env.give_tree(&root);
    let mut running = env.spawn_vigie_in(&root, &["index", "--workers", "1", "--json"]);
    wait_stage(&mut running, "indexing");
    let since = Instant::now();
    let mut most = 0;
    while since.elapsed() < Duration::from_millis(300) {
        most = most.max(child_pids(daemon.pid()).len());
    }
    running.finish().expect_code(0);
    assert_eq!(most, 1, "workers at a time");
}
