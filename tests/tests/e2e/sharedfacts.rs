//! What one file was parsed to serves every file of the same content, in whatever project and however often it comes back.

use std::fs;

use vigie_tests::{Git, TestEnv, copy_tree, registry_crates};

use crate::support::{check_same_dump, dump, dump_from_scratch, index};

fn parsed_and_cached(event: &serde_json::Value) -> (u64, u64) {
    let of = |field: &str| event["stats"][field].as_u64().expect("a number");
    (of("files_indexed"), of("files_cached"))
}

#[test]
fn p8_a_copy_of_an_indexed_tree_parses_no_file() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let (first, second) = (env.project("first"), env.project("second"));
    registry_crates(&first, &["serde", "clap_builder"]);
    fs::remove_dir(&second).expect("an empty directory");
    copy_tree(&first, &second);
    env.give_tree(&first);
    env.give_tree(&second);
    let (indexed, cached) = parsed_and_cached(&index(&env, &first));
    assert!(indexed > 50 && cached == 0, "{indexed} indexed, {cached} known");
    let coverage = env.vigie_in(&first, &["status", "--json"]);
    let structures = coverage.json()[0]["coverage"]["structure_files"].as_u64();
    let event = index(&env, &second);
    assert_eq!(Some(parsed_and_cached(&event).1), structures, "{event}");
    check_same_dump("a copy", &dump(&env, &second), &dump_from_scratch(&second));
    // Whoever forces it wants it parsed.
    let forced = env.vigie_in(&second, &["index", "--force", "--json"]).json().pop().expect("its end");
    assert_eq!(parsed_and_cached(&forced), (indexed, 0));
}

#[test]
fn p8_a_second_worktree_parses_no_file() {
    let env = TestEnv::new();
    let Some(git) = Git::find("p8_a_second_worktree_parses_no_file") else { return };
    let _daemon = env.start_daemon(&[]);
    let (first, second) = (env.project("first"), env.project("second"));
    for number in 0..30 {
        let text = format!("def lamp_{number}():\n    return {number}\n");
        fs::write(first.join(format!("file_{number}.py")), text).expect("the tree is ours");
    }
    git.run(&first, &["init", "-q"]);
    git.commit(&first, "lamps");
    assert_eq!(parsed_and_cached(&index(&env, &first)), (30, 0));
    git.run(&first, &["worktree", "add", "-q", second.to_str().expect("UTF-8"), "-b", "other"]);
    env.give_tree(&second);
    assert_eq!(parsed_and_cached(&index(&env, &second)), (30, 30));
    check_same_dump("a worktree", &dump(&env, &second), &dump_from_scratch(&second));
}

#[test]
fn switching_a_branch_back_parses_no_file() {
    let env = TestEnv::new();
    let Some(git) = Git::find("switching_a_branch_back_parses_no_file") else { return };
    let _daemon = env.start_daemon(&[]);
    let root = env.project("branches");
    let write = |version: &str| {
        for number in 0..30 {
            let text = format!("def {version}_{number}():\n    return {number}\n");
            fs::write(root.join(format!("file_{number}.py")), text).expect("the tree is ours");
        }
    };
    write("main");
    env.give_tree(&root);
    git.run(&root, &["init", "-q"]);
    git.commit(&root, "main");
    index(&env, &root);
    git.run(&root, &["checkout", "-q", "-b", "other"]);
    write("other");
    git.commit(&root, "other");
    assert_eq!(parsed_and_cached(&index(&env, &root)), (30, 0));
    git.run(&root, &["checkout", "-q", "main"]);
    assert_eq!(parsed_and_cached(&index(&env, &root)), (30, 30));
    env.vigie_in(&root, &["def", "main_7"]).expect_code(0);
}
