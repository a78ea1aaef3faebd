//! What a person at a shell meets: which project answers, Ctrl-C, pages, following everything.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use vigie_proto::{EventType, Status, StatusReply};
use vigie_tests::{SourceTree, TestEnv, Wire, interrupt};

use crate::support::{index, indexed, is_terminal, wait_job, wait_stage};

#[test]
fn a_question_about_an_unindexed_repository_indexes_it() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 30, 1500, 150);
    fs::create_dir(tree.root.join(".git")).expect("the tree is ours");
    let output = env.vigie_in(&tree.root, &["text", "--json", "--no-index", "logbook_3:"]);
    output.expect_code(2);
    output.check(!output.stderr.is_empty(), "a sentence");
    let output = env.vigie_in(&tree.root.join("part0/rust"), &["def", "--json", "moor_0"]);
    let (rows, summary) = output.answer();
    output.check(rows.len() == 1, "the definition").check(!output.stderr.is_empty(), "a word about the indexing");
    assert_eq!(summary["root"], tree.root.to_str().expect("the path is UTF-8"), "the directory with .git is the root");
    env.vigie_in(&tree.root, &["text", "--json", "--no-index", "logbook_3:"]).expect_code(0);
}

#[test]
fn a_question_outside_of_any_project_is_explained() {
    let env = TestEnv::new();
    let root = env.project("nowhere");
    fs::write(root.join("a.rs"), "fn main() {}\n").expect("the directory is ours");
    for args in [&["text", "main"][..], &["def", "main"], &["files"], &["coverage"], &["dump"]] {
        let output = env.vigie_in(&root, args);
        output.expect_code(2);
        output.check(output.stderr.contains("vigie index") || output.stderr.contains("index"), "what to do");
    }
}

#[test]
fn status_names_what_is_in_no_project() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("nowhere");
    let path = root.to_str().expect("the path is UTF-8");
    let said = |words: &[&str]| {
        let output = env.vigie_in(&env.home(), words);
        output.expect_code(0).text().lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(said(&["status"]), "this directory is in no indexed project; `vigie index` indexes it");
    assert_eq!(said(&["status", path]), format!("{path} is in no indexed project; `vigie index {path}` indexes it"));
    assert_eq!(
        said(&["--project", path, "status"]),
        format!("{path} is no indexed project; `vigie index --project {path}` indexes it")
    );
}

#[test]
fn a_command_of_another_program_is_answered_with_ours() {
    let env = TestEnv::new();
    for (word, ours) in [("grep", "`vigie text"), ("rg", "`vigie text"), ("find", "files")] {
        env.vigie_in(&env.home(), &[word, "x"]).expect_code(2).expect_stderr(ours);
    }
    let output = env.vigie_in(&env.home(), &["daemon", "stop", "--force"]);
    output
        .expect_code(2)
        .expect_stderr("there is no option --force")
        .check(!output.stderr.contains("near"), "no guess");
}

#[test]
fn a_language_that_there_is_not_is_answered_with_what_is_near_it() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "harbour", &[("a.py", "def moor(): pass\n"), ("b.rs", "fn moor() {}\n")]);
    for (typed, near) in [("pyton", "python"), ("Rsut", "rust"), ("kotlni", "kotlin"), ("javscript", "javascript")] {
        for words in [&["symbols", "moor"][..], &["text", "moor"], &["files"], &["search", "moor"]] {
            let output = env.vigie_in(&root, &[words, &["--lang", typed]].concat());
            output.expect_code(2).expect_stderr(&format!("there is no language \"{typed}\" here; {near} is near it"));
            output.check(output.stdout.is_empty(), "nothing on stdout");
        }
    }
    // Nothing is near that one: all there are, and no guess.
    let output = env.vigie_in(&root, &["def", "moor", "--lang", "hieroglyphs"]);
    output
        .expect_code(2)
        .expect_stderr("there is no language \"hieroglyphs\" here; there are ")
        .expect_stderr("kotlin");
    output.check(!output.stderr.contains("is near it"), "no guess");
    // A name, or an extension.
    for lang in ["rust", "rs", "RUST"] {
        let (rows, _) = env.vigie_in(&root, &["def", "moor", "--lang", lang, "--json"]).expect_code(0).answer();
        assert!(rows.iter().all(|row| row["path"] == "b.rs") && rows.len() == 1, "{lang}: {rows:?}");
    }
}

#[test]
fn a_definition_in_a_file_that_is_gone_says_so() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("harbour");
    fs::write(root.join("pier.py"), "def pier():\n    pass\n").expect("the directory is ours");
    index(&env, &root);
    fs::write(root.join("pier.py"), "def pier(width):\n    pass\n").expect("the directory is ours");
    let output = env.vigie_in(&root, &["def", "pier"]);
    output.expect_code(0).check(output.text().ends_with("[changed since]\n"), "what became of the file");
    fs::remove_file(root.join("pier.py")).expect("the directory is ours");
    let output = env.vigie_in(&root, &["def", "pier"]);
    output.expect_code(0).check(output.text().ends_with("[file gone]\n"), "what became of the file");
    let (rows, _) = env.vigie_in(&root, &["def", "--json", "pier"]).answer();
    assert_eq!((&rows[0]["changed"], &rows[0]["gone"]), (&true.into(), &true.into()), "{rows:?}");
}

#[test]
fn why_nothing_was_found_comes_with_the_age_of_the_answer() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("harbour");
    fs::write(root.join("pier.py"), "def pier():\n    pass\n").expect("the directory is ours");
    index(&env, &root);
    fs::write(root.join("new.py"), "def crane():\n    pass\n").expect("the directory is ours");
    std::thread::sleep(Duration::from_millis(1100));
    let found = env.vigie_in(&root, &["def", "pier"]);
    found.expect_code(0).check(found.stderr.is_empty(), "in a pipe nothing is said of what was found");
    env.vigie_in(&root, &["def", "crane"]).expect_code(1).expect_stderr("nobody looked at the files for");
    let silent = env.vigie_in(&root, &["text", "crane"]);
    silent.expect_code(1).check(silent.stderr.is_empty(), "as silent as rg");
    env.vigie_in(&root, &["def", "--fresh", "crane"]).expect_code(0);
}

#[test]
fn a_failure_is_an_object_for_scripts_and_a_sentence_for_people() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let output = env.vigie_in(&env.home(), &["cancel", "--json", "77"]);
    output.expect_code(2).expect_stderr("there is no job 77");
    let error: Value = serde_json::from_slice(&output.stdout).expect("one line of JSON");
    assert_eq!((&error["v"], &error["type"]), (&1.into(), &"error".into()), "{error}");
    assert!(error["code"].is_string() && error["hint"].is_string(), "{error}");
    assert_eq!(error["message"], "there is no job 77");
}

#[test]
fn contradictory_options_are_usage() {
    let env = TestEnv::new();
    let root = env.project("fleet");
    let path = root.to_str().expect("the path is UTF-8");
    env.vigie_in(&root, &["index", path, "--project", path]).expect_code(2).expect_stderr("--project");
    for action in ["start", "restart"] {
        env.vigie_in(&root, &["daemon", action, "--no-spawn"]).expect_code(2).expect_stderr("--no-spawn");
    }
    assert!(env.daemon_pids().is_empty(), "nothing was started");
}

#[test]
fn every_program_says_alike_what_is_wrong_with_its_command_line() {
    let env = TestEnv::new();
    for (program, name) in [
        ("vigie", "vigie"),
        ("vigie-top", "vigie top"),
        ("vigie-http", "vigie http"),
        ("vigie-mcp", "vigie mcp"),
        ("vigied", "vigied"),
    ] {
        let said = env.program_in(&env.binary(program), &env.home(), &["--nonsense"], &[]);
        let sentence = format!("{name}: there is no option --nonsense\nhint: `{name} --help` says what there is\n");
        said.expect_code(2).check(said.stderr == sentence && said.stdout.is_empty(), &sentence);
        let said = env.program_in(&env.binary(program), &env.home(), &["--\u{1b}[31m"], &[]);
        said.expect_code(2)
            .expect_stderr("\\u{1b}[31m")
            .check(!said.stderr.contains('\u{1b}'), "no control characters");
    }
    assert!(env.daemon_pids().is_empty(), "nothing was started");
}

#[test]
fn help_that_cannot_be_written_is_a_failure() {
    let test = "help_that_cannot_be_written_is_a_failure";
    let env = TestEnv::new();
    for line in [
        "vigie --help",
        "vigie help text",
        "vigie text --help",
        "vigie --version",
        "vigie completions bash",
        "vigied --help",
        "vigied check-config",
        "vigie-mcp --help",
    ] {
        let Some(full) = env.script_in_shell(test, &env.home(), "bash", &format!("{line} >/dev/full")) else { return };
        full.expect_stderr("cannot write the output: No space left on device");
        full.check(full.code == if line.starts_with("vigied") { 1 } else { 2 }, "a failure");
    }
    for help in [&["--help"][..], &["help", "text"], &["--version"]] {
        let unread = env.vigie_unread(&env.home(), help);
        unread.expect_code(0).check(unread.stderr.is_empty(), "nothing to say to whoever went away");
    }
}

/// Of two functions of one name nothing says which is called.
#[test]
fn what_is_not_certain_is_left_out_and_counted() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let race = "class Kite:\n    def tack(self):\n        pass\n\n\nclass Dinghy:\n    def tack(self):\n        pass\n";
    let sail = "from race import Kite\n\n\ndef start(boat):\n    boat.tack()\n\n\ndef sail():\n    kite = Kite()\n    kite.tack()\n";
    let root = indexed(&env, "regatta", &[("race.py", race), ("sail.py", sail)]);
    let ask = |words: &[&str]| env.vigie_in(&root, words);
    for command in ["callers", "refs"] {
        assert_eq!(ask(&[command, "Kite.tack", "--json"]).expect_code(0).answer().0.len(), 2, "{command}");
        let certain = ask(&[command, "Kite.tack", "--certain", "--json"]);
        let (rows, summary) = certain.expect_code(0).answer();
        assert_eq!((rows.len(), &rows[0]["line"]), (1, &10.into()), "{command}: {rows:?}");
        assert_eq!(summary["notes"], serde_json::json!(["1 is not certain, and not shown"]), "{command}");
    }
    ask(&["callers", "Dinghy.tack", "--certain"])
        .expect_code(1)
        .expect_stderr("none of the calls of tack is certain")
        .expect_stderr("1 is not certain, and not shown");
    ask(&["refs", "Dinghy.tack", "--certain"]).expect_code(1).expect_stderr("no use of tack is certain");
    let called = ask(&["callees", "start", "--certain"]);
    called.expect_code(1).expect_stderr("none of the calls by start is certain");
}

/// A limit counts what is shown; each row that is left out is counted in one part of the answer, also within one file.
#[test]
fn each_part_of_an_answer_says_how_much_of_it_is_not_certain() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let race = "class Kite:\n    def tack(self):\n        pass\n\n\nclass Dinghy:\n    def tack(self):\n        pass\n";
    let certain = "    kite = Kite()\n    kite.tack()\n";
    let sail = format!(
        "from race import Kite\n\n\ndef first():\n{certain}\n\ndef maybe(boat):\n    boat.tack()\n\n\ndef second():\n{certain}\n\ndef last(a, b):\n    a.tack()\n    b.tack()\n"
    );
    let root = indexed(&env, "regatta", &[("race.py", race), ("sail.py", &sail)]);
    for command in ["callers", "refs"] {
        let part = |more: &[&str]| {
            let words = [&[command, "Kite.tack", "--certain", "--json"], more].concat();
            let (rows, summary) = env.vigie_in(&root, &words).expect_code(0).answer();
            (rows.iter().map(|row| row["line"].clone()).collect::<Vec<_>>(), summary)
        };
        let (all, whole) = part(&[]);
        assert_eq!((all.len(), &whole["notes"]), (2, &serde_json::json!(["3 are not certain, and not shown"])));
        let (first, summary) = part(&["--limit", "1"]);
        assert_eq!((&first[..], &summary["truncated"]), (&all[..1], &true.into()), "{command}");
        let one = serde_json::json!(["in this part of the answer 1 is not certain, and not shown"]);
        assert_eq!(summary["notes"], one, "{command}");
        let cursor = summary["cursor"].as_str().expect("it was cut");
        let (second, summary) = part(&["--limit", "1", "--cursor", cursor]);
        assert_eq!((&second[..], &summary["truncated"]), (&all[1..], &false.into()), "{command}");
        let two = serde_json::json!(["in this part of the answer 2 are not certain, and not shown"]);
        assert_eq!(summary["notes"], two, "{command}");
    }
}

#[test]
fn a_named_socket_is_the_only_one_asked() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let named = env.path("run/other.sock");
    let args = ["status", "--socket", named.to_str().expect("the path is UTF-8")];
    let output = env.vigie_in(&env.home(), &args);
    output.expect_code(69).expect_stderr("other.sock").expect_stderr(&daemon.socket().display().to_string());
}

#[test]
fn a_killed_daemon_is_replaced_at_once() {
    let env = TestEnv::new();
    for _ in 0..5 {
        env.vigie_in(&env.home(), &["daemon", "start"]).expect_code(0);
        for pid in env.daemon_pids() {
            let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a pid");
            kill_process(pid, Signal::KILL).expect("the daemon is ours");
        }
    }
    env.vigie_in(&env.home(), &["status"]).expect_code(0);
}

#[test]
fn rows_in_a_pipe_keep_to_one_line() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("odd");
    fs::write(root.join("a\nb.rs"), "fn main() {}\n").expect("the directory is ours");
    index(&env, &root);
    let output = env.vigie_in(&root, &["files", "--limit", "1"]);
    assert_eq!(output.expect_code(0).stdout, b"a\\u{a}b.rs\n");
}

#[test]
fn the_nearest_of_nested_projects_answers() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let outer = SourceTree::generate(&env.project("outer"), 12, 1000, 151);
    let inner = SourceTree::generate(&outer.root.join("inner"), 6, 1000, 152);
    index(&env, &outer.root);
    let output = env.vigie_in(&inner.root, &["index", "--json", "--project", inner.root.to_str().expect("UTF-8")]);
    output.expect_code(0);
    let root = |directory: &std::path::Path| {
        let (rows, summary) = env.vigie_in(directory, &["text", "--json", "logbook_1:"]).answer();
        (rows.len(), summary["root"].as_str().map(str::to_owned))
    };
    let text = |path: &std::path::Path| path.to_str().map(str::to_owned);
    assert_eq!(root(&inner.root), (1, text(&inner.root)));
    assert_eq!(root(&outer.root), (2, text(&outer.root)), "an outer project holds the inner one's files too");
}

#[test]
fn the_first_interrupt_detaches_and_says_how_to_cancel() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 153);
    let mut client = env.spawn_vigie_in(&tree.root, &["index", "--json"]);
    let event = wait_stage(&mut client, "indexing");
    interrupt(client.pid());
    let job = event["job"].as_u64().expect("a job id");
    let output = client.finish();
    output.expect_code(130).expect_stderr(&format!("vigie cancel {job}"));
    assert_eq!(wait_job(&mut daemon.connect(), job).r#type, EventType::COMPLETE, "the job goes on");
}

#[test]
fn cancel_on_exit_takes_the_job_along() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 154);
    let mut client = env.spawn_vigie_in(&tree.root, &["index", "--json", "--cancel-on-exit"]);
    let event = wait_stage(&mut client, "indexing");
    interrupt(client.pid());
    client.finish().expect_code(130);
    let job = event["job"].as_u64().expect("a job id");
    assert_eq!(wait_job(&mut daemon.connect(), job).r#type, EventType::CANCELLED);
}

/// Waits until so many connections are open, the one that asks included.
fn wait_sessions(wire: &mut Wire, count: u32) {
    let begun = Instant::now();
    while wire.ask(&Status::default()).expect("status answers").one::<StatusReply>().sessions < count {
        assert!(begun.elapsed() < Duration::from_secs(20), "{count} connections were not made");
    }
}

#[test]
fn events_follow_many_jobs() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let trees: Vec<_> = (0..2)
        .map(|number| SourceTree::generate(&env.project(&format!("fleet{number}")), 12, 1000, 155 + number))
        .collect();
    trees.iter().for_each(|tree| drop(index(&env, &tree.root)));
    let text = |tree: &SourceTree| tree.root.to_str().expect("the path is UTF-8").to_owned();
    let mut all = env.spawn_vigie_in(&env.home(), &["events", "--json"]);
    let mut one = env.spawn_vigie_in(&env.home(), &["events", "--json", &text(&trees[1])]);
    wait_sessions(&mut daemon.connect(), 3);
    // Their requests may still be under way: the later jobs are in their streams at any rate.
    for tree in [&trees[0], &trees[1], &trees[0], &trees[1], &trees[0], &trees[1]] {
        index(&env, &tree.root);
    }
    for tree in [&trees[0], &trees[1], &trees[0], &trees[1]] {
        all.wait_for("the end of a job", |event| is_terminal(event) && event["project"] == text(tree));
    }
    for _ in 0..2 {
        let event = one.wait_for("the end of a job", is_terminal);
        assert_eq!(event["project"], text(&trees[1]), "{event}");
    }
}

/// All rows of a question, asked page by page, and how many pages that took.
fn paged(env: &TestEnv, tree: &SourceTree, args: &[&str], limit: &str) -> (Vec<Value>, usize) {
    let (mut rows, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let mut page: Vec<&str> = args.to_vec();
        page.extend(["--json", "--limit", limit]);
        if !cursor.is_empty() {
            page.extend(["--cursor", &cursor]);
        }
        let output = env.vigie_in(&tree.root, &page);
        let (more, summary) = output.answer();
        output.check(more.len() as u64 <= limit.parse().expect("a number"), "no more rows than the limit");
        rows.extend(more);
        pages += 1;
        output.check(pages < 1000, "an end of pages");
        if summary["truncated"] == false {
            return (rows, pages);
        }
        cursor = summary["cursor"].as_str().unwrap_or_else(|| panic!("no cursor{}", output.report())).to_owned();
    }
}

#[test]
fn pages_make_up_the_whole() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 30, 1500, 157);
    index(&env, &tree.root);
    let questions: [(&[&str], &str); 5] = [
        (&["text", "measure_"], "37"),
        (&["symbols", "voyage"], "7"),
        (&["def", "moor_1"], "1"),
        (&["files"], "7"),
        (&["coverage"], "7"),
    ];
    for (question, limit) in questions {
        let (whole, _) = env.vigie_in(&tree.root, &[question, &["--json"]].concat()).answer();
        let (rows, pages) = paged(&env, &tree, question, limit);
        assert_eq!(rows.len(), whole.len(), "{question:?} in {pages} pages");
        assert_eq!(rows, whole, "{question:?} in {pages} pages");
    }
}

#[test]
fn filters_narrow_an_answer() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 36, 1500, 158);
    index(&env, &tree.root);
    let count = |args: &[&str]| env.vigie_in(&tree.root, &[args, &["--json"]].concat()).answer().0.len();
    assert_eq!(count(&["text", "logbook_"]), 36);
    assert_eq!(count(&["text", "logbook_", "--lang", "rust"]), 6);
    assert_eq!(count(&["text", "logbook_", "--path", "**/*.py"]), 6);
    assert_eq!(count(&["text", "logbook_", "part0/go", "part0/c"]), 12);
    assert_eq!(count(&["text", "logbook_", "--path", "part0/go", "--path", "part0/c/"]), 12);
    assert_eq!(count(&["text", "logbook_", "--path", "go"]), 6);
    assert_eq!(count(&["text", "logbook_", "--lang", "RS"]), 6);
    assert_eq!(count(&["symbols", "Ship", "--kind", "class"]), 12);
    assert_eq!(count(&["symbols", "Ship", "--lang", "typescript", "--lang", "go"]), 12);
    assert_eq!(count(&["files", "*.ts", "--mode", "glob"]) + count(&["files", "**/*.ts"]), 12);
    assert_eq!(count(&["coverage", "part0/rust"]), 6);
    env.vigie_in(&tree.root, &["text", "logbook_", "--lang", "klingon"]).expect_code(2);
}
