//! Rules that lie outside of a project: ignore files above its root and the person's own. Nobody tells of a change of them, and an answer
//! that is to be current knows it all the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use vigie_tests::TestEnv;

use crate::support::{check_same_dump, dump, index, indexed, write_files};

/// Longest that something which nobody waits for may take.
const PATIENCE: Duration = Duration::from_secs(60);

const FILES: [(&str, &str); 3] =
    [("kept.py", "def kept(): pass\n"), ("gen/made.py", "def made(): pass\n"), ("a.log", "logged\n")];

/// An environment whose user has an ignore file of their own, a project in a directory with rules, and that directory.
fn harbour(env: &TestEnv) -> (PathBuf, PathBuf) {
    let root = indexed(env, "above/root", &FILES);
    (root.parent().expect("it has one").to_path_buf(), root)
}

fn own_ignore(env: &TestEnv) -> PathBuf {
    let path = env.home().join(".config/git/ignore");
    fs::create_dir_all(path.parent().expect("it has one")).expect("the home is ours");
    path
}

/// The files of a project as an answer that is to be current has them.
#[track_caller]
fn files(env: &TestEnv, root: &Path) -> Vec<String> {
    let output = env.vigie_in(root, &["files", "--fresh", "--json"]);
    let (rows, summary) = output.expect_code(0).answer();
    output.check(summary["freshness"] == "fresh", "a current answer");
    rows.iter().filter_map(|row| row["path"].as_str().map(str::to_owned)).collect()
}

/// Changes the rules in every way, and asks each time.
#[track_caller]
fn check_follows(env: &TestEnv, above: &Path, root: &Path) {
    let all = ["a.log", "gen/made.py", "kept.py"];
    assert_eq!(files(env, root), all);
    write_files(above, &[(".gitignore", "gen/\n")]);
    assert_eq!(files(env, root), ["a.log", "kept.py"], "a file above the root that is new");
    write_files(above, &[(".gitignore", "kept.py\n*.log\n")]);
    assert_eq!(files(env, root), ["gen/made.py"], "one that says something else");
    fs::remove_file(above.join(".gitignore")).expect("it is there");
    assert_eq!(files(env, root), all, "one that is gone");
    fs::write(own_ignore(env), "*.log\n").expect("the home is ours");
    assert_eq!(files(env, root), ["gen/made.py", "kept.py"], "the person's own");
    // Saved as most editors do it, in the same length.
    let beside = env.path("beside");
    fs::write(&beside, "ke*py\n").expect("ours");
    fs::rename(&beside, own_ignore(env)).expect("ours");
    assert_eq!(files(env, root), ["a.log", "gen/made.py"]);
    fs::remove_file(own_ignore(env)).expect("it is there");
    assert_eq!(files(env, root), all);
}

#[test]
fn p8_a_watched_project_follows_rules_that_lie_outside() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let (above, root) = harbour(&env);
    env.vigie_in(&root, &["watch"]).expect_code(0);
    check_follows(&env, &above, &root);

    // Without being asked: at the next save in the tree, also of a file that had nothing to do with it.
    fs::write(own_ignore(&env), "gen/\n").expect("the home is ours");
    write_files(&root, &[("kept.py", "def saved(): pass\n")]);
    let status = || env.vigie_in(&root, &["status", "--json"]).json().remove(0);
    let (since, mut left) = (Instant::now(), Value::Null);
    while left != 2 {
        assert!(since.elapsed() < PATIENCE, "{left} files are left");
        thread::sleep(Duration::from_millis(20));
        left = status()["project"]["files"].clone();
    }
    // What lies in a directory that is ignored by now is none of its business, and is again when it is not.
    write_files(&root, &[("gen/more.py", "def more(): pass\n")]);
    assert_eq!(files(&env, &root), ["a.log", "kept.py"]);
    fs::remove_file(own_ignore(&env)).expect("it is there");
    assert_eq!(files(&env, &root), ["a.log", "gen/made.py", "gen/more.py", "kept.py"]);
    write_files(&root, &[("gen/more.py", "def still_more(): pass\n")]);
    env.vigie_in(&root, &["def", "--fresh", "still_more"]).expect_code(0);
    let followed = dump(&env, &root);
    env.vigie_in(&root, &["unwatch"]).expect_code(0);
    env.vigie_in(&root, &["index", "--force"]).expect_code(0);
    check_same_dump("watched", &followed, &dump(&env, &root));
}

#[test]
fn p8_a_project_that_is_not_watched_follows_them_too() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let (above, root) = harbour(&env);
    check_follows(&env, &above, &root);
    index(&env, &root);
}

/// Where there are no watches for the tree it is looked at whole, by the clock and for whoever asks.
#[test]
fn p8_a_polled_project_follows_them_too() {
    let env = TestEnv::new();
    let root = env.project("above/root");
    write_files(&root, &FILES);
    let script = "echo 1 > /proc/sys/user/max_inotify_watches && $VIGIE watch 2>&1
        echo 'gen/' > ../.gitignore && $VIGIE files --fresh && echo asked
        mkdir -p $HOME/.config/git && echo '*.log' > $HOME/.config/git/ignore
        for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            [ \"$($VIGIE files)\" = kept.py ] && echo polled && break; sleep 1
        done
        $VIGIE daemon stop";
    let Some(output) = env.script_in_namespace("p8_a_polled_project_follows_them_too", &root, script) else { return };
    output.check(output.text().contains("polled, not watched"), "no watch");
    output.check(output.text().contains("a.log\nkept.py\nasked\n"), "whoever asks is answered with what is");
    output.check(output.text().contains("\npolled\n"), "it is found without being asked for");
    output.expect_code(0);
}
