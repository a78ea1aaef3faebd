//! Jobs that a limit ends: they are complete and say which limit and what is missing, and whoever has them go on comes to the same end
//! as without any.

use std::path::Path;
use std::thread;
use std::time::Duration;

use vigie_tests::{SourceTree, TestEnv};

use crate::support::{check_same_dump, dump, dump_from_scratch, index, terminal, write_files};

/// Indexes within a limit once, and checks what is said of it. `false` = the limit did not end it.
#[track_caller]
fn goes_on(env: &TestEnv, root: &Path, limit: &[&str], named: &str) -> bool {
    let output = env.vigie_in(root, &[&["index", "--json", "--workers", "1"], limit].concat());
    let event = terminal(&output);
    output.check(event["type"] == "complete", "a good end");
    if event["stats"]["limit"].is_null() {
        output.expect_code(0);
        return false;
    }
    output.expect_code(3).check(event["stats"]["limit"] == named, named);
    let said = event["message"].as_str().is_some_and(|said| said.contains(&format!("limit on {named}")));
    output.check(said, "a sentence that names the limit");
    let output = env.vigie_in(root, &["coverage", "--json"]);
    let of_files = |row: &serde_json::Value| row["type"] == "coverage" && row["path"].is_string();
    output.check(output.json().iter().any(of_files), "the files that are missing");
    let (_, summary) = env.vigie_in(root, &["def", "main", "--json", "--no-index"]).answer();
    assert_eq!(summary["coverage"]["complete"], false, "what is missing is said with every answer: {summary}");
    true
}

/// Indexes within a limit until that ends no job any more; how many it has ended.
#[track_caller]
fn to_its_end(env: &TestEnv, root: &Path, limit: &[&str], named: &str) -> usize {
    let ended = (0..200).take_while(|_| goes_on(env, root, limit, named)).count();
    assert!(ended < 200, "{limit:?}: going on has an end");
    ended
}

#[test]
fn a_file_larger_than_the_limit_on_bytes_is_taken_all_the_same() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("large");
    let large = format!("def large(): pass\n{}", "# a comment that takes room\n".repeat(2200));
    for number in 0..10 {
        let text = if number == 3 { large.clone() } else { format!("def name_{number}(): pass\n") };
        write_files(&root, &[(&format!("f{number}.py"), &text)]);
    }
    // What was written within 20 ms of being read is read once more, and counts again.
    thread::sleep(Duration::from_millis(50));
    let ended = to_its_end(&env, &root, &["--max-bytes", "40K"], "bytes");
    // Three files, the large one, and the others.
    assert_eq!(ended, 2);
    check_same_dump("after two limits", &dump(&env, &root), &dump_from_scratch(&root));
    env.vigie_in(&root, &["def", "large"]).expect_code(0);
}

#[test]
fn a_job_that_bytes_end_goes_on_to_the_index_of_one_without_a_limit() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = SourceTree::generate(&env.project("bytes"), 60, 12_000, 51).root;
    env.give_tree(&root);
    let ended = to_its_end(&env, &root, &["--max-bytes", "150K"], "bytes");
    assert!(ended >= 3, "{ended}");
    check_same_dump("after limits on bytes", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn a_job_that_seconds_end_goes_on_to_the_index_of_one_without_a_limit() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = SourceTree::generate(&env.project("seconds"), 2000, 12_000, 52).root;
    env.give_tree(&root);
    let ended = to_its_end(&env, &root, &["--max-seconds", "1"], "seconds");
    assert!(ended >= 1, "{ended}");
    check_same_dump("after limits on seconds", &dump(&env, &root), &dump_from_scratch(&root));
}

#[test]
fn a_job_that_memory_ends_goes_on_to_the_index_of_one_without_a_limit() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = SourceTree::generate(&env.project("memory"), 1200, 12_000, 53).root;
    env.give_tree(&root);
    for _ in 0..3 {
        // What the daemon holds anyway, which no limit may be below, and less than any worker takes beside.
        let holds = env.vigie_in(&root, &["status", "--json"]).json()[0]["memory_bytes"].as_u64().expect("its memory");
        let limit = (holds + (2 << 20)).to_string();
        assert!(goes_on(&env, &root, &["--max-memory", &limit], "memory"), "a limit of {limit}");
    }
    index(&env, &root);
    check_same_dump("after limits on memory", &dump(&env, &root), &dump_from_scratch(&root));
}
