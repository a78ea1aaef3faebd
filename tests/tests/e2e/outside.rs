//! `vigie http` and programs that others wrote: LeIndex's own examples, libraries for server-sent events, and a browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use vigie_proto::{Activity, ActivityReply};
use vigie_tests::{Daemon, Output, SourceTree, TestEnv, is_root, skip};

use crate::http::{gateway, pause, paused_job, resume};
use crate::support::write_files;

const JSON: &str = "Content-Type: application/json";
const INSTALLS: &str = "which .ci/setup installs";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace holds this crate").to_path_buf()
}

/// Where a program is, for whoever runs the tests.
fn find(program: &str) -> Option<PathBuf> {
    let found =
        Command::new("sh").args(["-c", "command -v \"$1\"", "sh", program]).stderr(Stdio::null()).output().ok()?;
    found.status.success().then(|| PathBuf::from(String::from_utf8_lossy(&found.stdout).trim()))
}

/// A tool that is there; else the test says that it is left out.
fn tool(test: &str, what: &str, path: Option<PathBuf>) -> Option<PathBuf> {
    let found = path.filter(|path| path.exists());
    if found.is_none() {
        skip(test, &format!("there is no {what}, {INSTALLS}"));
    }
    found
}

fn script(name: &str) -> String {
    workspace().join("tests/outside").join(name).to_string_lossy().into_owned()
}

/// The ids and events that a client printed, without samples, of which each sees others.
#[track_caller]
fn events(output: &Output) -> Vec<(Value, Value)> {
    output.expect_code(0);
    let lines = output.json().into_iter().filter(|line| line["data"]["sample"] == false);
    lines.map(|line| (line["id"].clone(), line["data"].clone())).collect()
}

#[test]
fn everybodys_clients_see_the_same_events() {
    let test = "everybodys_clients_see_the_same_events";
    let tools = workspace().join("target/tools");
    let Some(node) = tool(test, "Node.js", find("node")) else { return };
    let Some(curl) = tool(test, "curl", find("curl")) else { return };
    let Some(modules) = tool(test, "npm package eventsource", Some(tools.join("http/node_modules"))) else { return };
    let Some(python) = tool(test, "httpx-sse", Some(tools.join("httpx/bin/python3"))) else { return };
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let gateway = gateway(&env, &[]);
    let tree = SourceTree::generate(&env.project("fleet"), 600, 8000, 950);
    let job = paused_job(&daemon, &tree.root);
    let url = format!("http://127.0.0.1:{}/mcp/index/stream", gateway.port);
    let root = tree.root.to_str().expect("UTF-8");
    let modules = modules.to_string_lossy().into_owned();
    let variables = [("VIGIE_TEST_MODULES", modules.as_str())];
    let body = json!({ "project_path": root, "force_reindex": false }).to_string();
    let stream = script("stream.mjs");
    let reader = script("stream.py");
    // Whoever comes has the job go on; it is held until all are there, and all see the same from then on.
    let run = |program: &Path, args: Vec<&str>| env.program_in(program, &tree.root, &args, &variables);
    let (example, eventsource, httpx, curled) = thread::scope(|scope| {
        let example = scope.spawn(|| run(&node, vec![&stream, "original", &url, root]));
        let eventsource = scope.spawn(|| run(&node, vec![&stream, "eventsource", &url, root]));
        let httpx = scope.spawn(|| run(&python, vec![&reader, &url, root]));
        let curled = scope.spawn(|| run(&curl, vec!["-sN", "-X", "POST", &url, "-H", JSON, "-d", &body]));
        while readers(&daemon) < 4 {
            pause(&daemon, job);
            thread::sleep(Duration::from_millis(20));
        }
        pause(&daemon, job);
        resume(&daemon, job);
        let end = |thread: thread::ScopedJoinHandle<'_, Output>| thread.join().expect("it ends");
        (end(example), end(eventsource), end(httpx), end(curled))
    });
    eventsource.expect_stderr("status 200\nstatus 204\n");
    curled.expect_code(0);
    let told = events(&eventsource);
    assert!(told.iter().all(|(id, event)| id.is_string() && event["job"] == job), "{told:?}");
    let data = curled.text().lines().filter_map(|line| line.strip_prefix("data: "));
    let data: Vec<Value> = data.map(|data| serde_json::from_str(data).expect("JSON")).collect();
    let data: Vec<Value> = data.into_iter().filter(|event| event["sample"] == false).collect();
    let without_ids = |events: &[(Value, Value)]| events.iter().map(|(_, event)| event.clone()).collect::<Vec<_>>();
    let [example, httpx] = [events(&example), events(&httpx)];
    let all = [data, without_ids(&told), without_ids(&example), without_ids(&httpx)];
    let tails = all.map(|events| since_all_were_there(&events));
    assert!(tails[0].len() > 3, "{tails:?}");
    assert_eq!(tails[0].last().map(|event| event["message"].clone()), Some(json!("Done: 600 files")));
    assert!(tails.iter().all(|tail| *tail == tails[0]), "{tails:?}");
    let ids = |events: &[(Value, Value)]| events.iter().rev().take(4).map(|(id, _)| id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&httpx), ids(&told));
}

/// What comes after the last pause, of which all are told. JavaScript writes 0.0 as 0.
fn since_all_were_there(events: &[Value]) -> Vec<Value> {
    let pause = events.iter().rposition(|event| event["state"] == "paused").expect("a pause");
    let mut tail = events[pause..].to_vec();
    tail.iter_mut().for_each(|event| event["rate"] = json!(event["rate"].as_f64()));
    tail
}

/// How many streams the gateway follows.
fn readers(daemon: &Daemon<'_>) -> usize {
    let now = daemon.connect().ask(&Activity::default()).expect("an answer").one::<ActivityReply>();
    now.clients.iter().filter(|client| client.name == "vigie http" && client.requests_open > 0).count()
}

/// The blocks of a language in a chapter of the guide.
fn examples(chapter: &str, language: &str) -> Vec<String> {
    let guide = fs::read_to_string(workspace().join("GUIDE.md")).expect("the guide");
    let chapter = guide.split_once(&format!("\n## {chapter}\n")).and_then(|(_, rest)| rest.split("\n## ").next());
    let fence = format!("```{language}\n");
    let blocks = chapter.expect("the chapter").split(&fence).skip(1);
    blocks.filter_map(|block| Some(block.split_once("```")?.0.to_owned())).collect()
}

#[test]
fn the_examples_of_the_guide_work() {
    let test = "the_examples_of_the_guide_work";
    let Some(node) = tool(test, "Node.js", find("node")) else { return };
    let Some(_curl) = tool(test, "curl", find("curl")) else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 30, 2000, 953);
    let gateway = gateway(&env, &[]);
    let here = |text: &str| {
        let url = format!("http://127.0.0.1:{}", gateway.port);
        text.replace("http://127.0.0.1:3000", &url).replace("/path/to/project", tree.root.to_str().expect("UTF-8"))
    };
    let run = |program: &Path, args: &[&str]| env.program_in(program, &tree.root, args, &[]);
    let blocks = examples("Over HTTP", "sh");
    let lines: Vec<&str> =
        blocks.iter().flat_map(|block| block.lines()).filter(|line| line.starts_with("curl ")).collect();
    assert!(lines.len() >= 4, "{blocks:?}");
    let readme = fs::read_to_string(workspace().join("README.md")).expect("the README");
    assert!(readme.contains(lines[0]), "the README shows what the guide does");
    for line in lines {
        let output = run(Path::new("/bin/sh"), &["-c", &here(line)]);
        output
            .expect_code(0)
            .check(output.text().contains("\"v\":1") && !output.text().contains("\"error\""), "an answer");
    }
    let scripts = examples("Over HTTP", "js");
    assert_eq!(scripts.len(), 1);
    let output = run(&node, &["--input-type=module", "-e", &here(&scripts[0])]);
    output.expect_code(0).check(output.text().ends_with("complete finalizing 30 30 Done: 30 files\n"), "an end");
    // The token of the guide is one.
    let token = examples("Over HTTP", "sh").concat();
    let makes = token.lines().find(|line| line.starts_with("(umask")).expect("a line that makes a token");
    let file = env.path("token");
    let file = file.to_str().expect("UTF-8");
    run(Path::new("/bin/sh"), &["-c", &makes.replace("~/.config/vigie/token", file)]).expect_code(0);
    crate::http::gateway(&env, &["--token-file", file]);
}

#[test]
fn a_person_indexes_cancels_and_searches_in_a_browser() {
    let test = "a_person_indexes_cancels_and_searches_in_a_browser";
    let Some(node) = tool(test, "Node.js", find("node")) else { return };
    let Some(chromium) = tool(test, "Chromium", find("chromium")) else { return };
    let modules = workspace().join("target/tools/http/node_modules");
    let Some(modules) = tool(test, "npm package playwright-core", Some(modules)) else { return };
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let gateway = gateway(&env, &[]);
    let first = SourceTree::generate(&env.project("fleet"), 1200, 12_000, 951);
    let second = SourceTree::generate(&env.project("harbour"), 1200, 12_000, 952);
    let evil = "<img src=x onerror=window.injected=1>.rs";
    write_files(
        &first.root,
        &[
            ("lantern/keeper.rs", "/// Lights the lantern of the ship.\npub fn light_lantern() {}\n"),
            (
                evil,
                "/// Light the lantern: <script>window.injected = 2</script>\npub fn light_the_lantern_twice() {}\n",
            ),
        ],
    );
    let pictures = workspace().join("target/pictures/http");
    fs::create_dir_all(&pictures).expect("the target directory is ours");
    let url = format!("http://localhost:{}/", gateway.port);
    let modules = modules.to_string_lossy().into_owned();
    let mut variables = vec![("VIGIE_TEST_MODULES", modules.as_str())];
    if is_root() {
        variables.push(("VIGIE_TEST_PLAIN", "1"));
    }
    let [chromium, first, second, pictures] =
        [&chromium, &first.root, &second.root, &pictures].map(|path| path.to_string_lossy().into_owned());
    let args = [&script("page.mjs"), &chromium, &url, &first, &second, &pictures];
    let output = env.program_in(&node, &env.home(), &args.map(String::as_str), &variables);
    output.expect_code(0);
    let seen = output.json().pop().expect("what was seen");
    assert_eq!(seen["errors"], json!([]), "{seen}");
    let shares: Vec<u64> = seen["shares"].as_array().expect("shares").iter().filter_map(Value::as_u64).collect();
    assert!(shares.is_sorted() && shares.iter().any(|share| (1..100).contains(share)), "{shares:?}");
    let says = |field: &str, words: &[&str]| {
        let text = seen[field].as_str().unwrap_or_default();
        assert!(words.iter().all(|word| text.contains(word)), "{field}: {text}");
    };
    says("done", &["fleet", "Done: 1,202 files", "just now"]);
    says("told", &["fleet", "Done: 1,202 files"]);
    says("standing", &["fleet", "as of just now", "1,202"]);
    says("cancelled", &["harbour", "ancelled"]);
    assert_eq!(seen["focus"], "words", "a key goes to the search");
    let results: Vec<&str> = seen["results"].as_array().expect("results").iter().filter_map(Value::as_str).collect();
    assert_eq!(results.len(), 10, "all are shown");
    assert!(
        results.iter().any(|text| text.contains("light_lantern") && text.contains("lantern/keeper.rs:2")),
        "{results:?}"
    );
    assert!(results.iter().any(|text| text.contains(evil)), "a name that is markup is shown as it is: {results:?}");
    assert_eq!(seen["injected"], json!([0, null]), "and nothing of it is run");
    assert!(seen["marked"].as_array().is_some_and(|marked| !marked.is_empty()), "{seen}");
    assert_eq!(seen["nameless"], 0, "whatever can be used has a name");
    says("down", &["no daemon listens on", "vigie daemon start"]);
    assert_eq!(seen["stayed"], true, "a page starts no daemon");
    let elsewhere = |request: &Value| !request.as_str().unwrap_or_default().starts_with(&url);
    let requests = seen["requests"].as_array().expect("requests");
    assert!(
        !requests
            .iter()
            .any(|request| elsewhere(request) && !request.as_str().unwrap_or_default().starts_with("data:")),
        "{requests:?}"
    );
}
