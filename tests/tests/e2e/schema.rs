//! What `--json` prints is what its schema says: every command, every line, and every field, against the schema that the command
//! itself prints.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use vigie_tests::{Git, Manager, Output, Running, SourceTree, TestEnv, child_pids, resume, suspend};

use crate::support::{index, indexed, wait_job, write_files};

/// Lines that come only of a service, or to a reader that is slow, which have tests of their own below.
const RARE: [&str; 4] = ["daemon_install", "daemon_uninstall", "files_dropped", "resync"];

/// Commands that print something else than lines, with `--json` too.
const NO_LINES: [&str; 5] = ["vigie completions", "vigie man", "vigie schema", "vigie top", "vigie mcp"];

/// A project in which every question has an answer.
const FILES: [(&str, &str); 5] = [
    (
        "a.py",
        "from b import Base, helper\n\n\nclass Derived(Base):\n    \"\"\"A derived thing.\"\"\"\n\n    def run(self):\n        \
         return helper(1)\n\n\ndef twice():\n    return helper(2)\n",
    ),
    ("b.py", "class Base:\n    def run(self):\n        return 0\n\n\ndef helper(depth):\n    return depth\n"),
    ("c.c", "int anchor(int depth);\nint anchor(int depth) { return depth; }\n"),
    ("d/e.txt", "an anchor in the text\n"),
    (".vigie.toml", ""),
];

/// The schema as a program reads it: for each command what it may print, open as written, and closed, so that what nobody
/// described is found.
struct Schema {
    definitions: Map<String, Value>,
    closed: Map<String, Value>,
    validators: BTreeMap<String, [Validator; 2]>,
    seen: BTreeSet<String>,
    commands: BTreeSet<String>,
}

impl Schema {
    fn of(env: &TestEnv) -> Schema {
        let output = env.vigie_in(&env.home(), &["schema"]);
        let schema: Value = serde_json::from_slice(&output.expect_code(0).stdout).expect("the schema is JSON");
        jsonschema::meta::validate(&schema).expect("the schema is one");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let definitions = schema["$defs"].as_object().expect("it has definitions").clone();
        let mut closed = definitions.clone();
        for definition in closed.values_mut().filter_map(Value::as_object_mut) {
            if definition.contains_key("properties") {
                definition.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Schema { definitions, closed, validators: BTreeMap::new(), seen: BTreeSet::new(), commands: BTreeSet::new() }
    }

    fn validator(definitions: &Map<String, Value>, name: &str) -> Validator {
        let at = format!("#/$defs/{}", name.replace(' ', "%20"));
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": at, "$defs": definitions,
        });
        jsonschema::validator_for(&schema).expect("the schema is one")
    }

    /// The lines that a command may print.
    fn lines(&self, command: &str) -> Vec<String> {
        let Some(definition) = self.definitions.get(command) else { panic!("the schema has no `{command}`") };
        let lines = definition["anyOf"].as_array().expect("a command may print several lines");
        let name = |line: &Value| line["$ref"].as_str().and_then(|at| at.strip_prefix("#/$defs/")).map(str::to_owned);
        lines.iter().map(|line| name(line).expect("it refers to a line")).collect()
    }

    fn is(&mut self, name: &str, line: &Value, closed: usize) -> bool {
        let (open, strict) = (&self.definitions, &self.closed);
        let pair = self
            .validators
            .entry(name.to_owned())
            .or_insert_with(|| [Schema::validator(open, name), Schema::validator(strict, name)]);
        pair[closed].is_valid(line)
    }

    /// Holds what a command printed to what it may print.
    #[track_caller]
    fn check(&mut self, command: &str, output: &Output) {
        self.commands.insert(command.to_owned());
        output.check(!output.stdout.is_empty(), "at least a line");
        for line in output.json() {
            self.check_line(command, &line);
        }
    }

    #[track_caller]
    fn check_line(&mut self, command: &str, line: &Value) {
        assert!(self.is(command, line, 0), "{command} printed what its schema does not allow: {line}");
        let fitting: Vec<String> = self.lines(command).into_iter().filter(|name| self.is(name, line, 1)).collect();
        assert_eq!(fitting.len(), 1, "{command} printed a field that nobody described, or an unclear line: {line}");
        self.seen.extend(fitting);
    }
}

/// Runs a command with `--json` and holds it to the schema.
struct Runs<'a> {
    env: &'a TestEnv,
    schema: Schema,
}

impl Runs<'_> {
    #[track_caller]
    fn run(&mut self, directory: &Path, command: &str, words: &[&str], codes: &[i32]) -> Output {
        let line: Vec<&str> = command.split(' ').skip(1).chain(words.iter().copied()).chain(["--json"]).collect();
        let output = self.env.vigie_in(directory, &line);
        output.check(codes.contains(&output.code), &format!("one of the codes {codes:?}"));
        self.schema.check(command, &output);
        output
    }
}

/// The commands that help lists below one, and those below these.
fn listed(env: &TestEnv, command: &str) -> Vec<String> {
    let words: Vec<&str> = command.split(' ').skip(1).chain(["--help"]).collect();
    let output = env.vigie_in(&env.home(), &words);
    let lines = output.expect_code(0).text().lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        (!name.is_empty() && name != "help").then(|| format!("{command} {name}"))
    });
    let mut all = Vec::new();
    for name in names {
        let below = listed(env, &name);
        if below.is_empty() { all.push(name) } else { all.extend(below) }
    }
    all
}

#[test]
fn every_line_of_json_is_as_the_schema_says() {
    let Some(git) = Git::find("every_line_of_json_is_as_the_schema_says") else { return };
    let env = TestEnv::new();
    let mut runs = Runs { env: &env, schema: Schema::of(&env) };
    let home = env.home();

    // Without a daemon.
    runs.run(&home, "vigie", &[], &[0]);
    runs.run(&home, "vigie daemon status", &[], &[69]);
    runs.run(&home, "vigie jobs", &["--no-spawn"], &[69]);
    runs.run(&home, "vigie daemon install", &["--dry-run"], &[0, 2]);
    runs.run(&home, "vigie daemon uninstall", &["--dry-run"], &[0, 2]);
    runs.run(&home, "vigie daemon start", &[], &[0]);
    runs.run(&home, "vigie daemon restart", &[], &[0]);
    runs.run(&home, "vigie daemon status", &[], &[0]);

    // A project with every sort of file, among them one whose name is not UTF-8.
    let root = env.project("whole");
    write_files(&root, &FILES);
    fs::write(root.join(std::ffi::OsStr::from_bytes(b"n\xff.py")), "anchor = 1\n").expect("the tree is ours");
    fs::write(root.join("binary"), b"\0\x01\0").expect("the tree is ours");
    git.run(&root, &["init", "-q"]);
    git.commit(&root, "first");
    runs.run(&root, "vigie", &[], &[0]);
    runs.run(&root, "vigie index", &["--files"], &[0]);
    runs.run(&root, "vigie index", &["--detach"], &[0]);
    runs.run(&root, "vigie index", &[], &[0]);
    runs.run(&root, "vigie index", &["a.py", "b.py"], &[0]);
    runs.run(&root, "vigie index", &["/nonexistent"], &[2]);
    runs.run(&root, "vigie", &[], &[0]);
    runs.run(&root, "vigie status", &[], &[0]);
    runs.run(&home, "vigie status", &[], &[0]);
    runs.run(&root, "vigie projects", &[], &[0]);
    runs.run(&root, "vigie config", &[], &[0]);
    runs.run(&root, "vigie doctor", &[], &[0, 2]);
    runs.run(&root, "vigie metrics", &[], &[0]);
    runs.run(&root, "vigie jobs", &["--all"], &[0]);
    questions(&mut runs, &root);

    // A change, since a generation and since a commit.
    let generation = env.vigie_in(&root, &["files", "--json"]).answer().1["generation"].to_string();
    write_files(&root, &[("a.py", "def twice(depth):\n    return depth\n"), ("new.py", "x = 1\n")]);
    runs.run(&root, "vigie changed", &["--since", &generation, "--fresh"], &[0]);
    runs.run(&root, "vigie changed", &["--rev", "HEAD"], &[0]);
    runs.run(&root, "vigie impact", &["--diff", "HEAD"], &[0, 1, 3]);

    runs.run(&root, "vigie watch", &[], &[0]);
    runs.run(&root, "vigie unwatch", &[], &[0]);
    long_job(&mut runs);
    a_gateway(&mut runs);
    runs.run(&root, "vigie status", &["--slow"], &[0]);
    runs.run(&root, "vigie forget", &[root.to_str().expect("the path is UTF-8")], &[0]);
    runs.run(&home, "vigie daemon logs", &[], &[0]);
    runs.run(&home, "vigie daemon stop", &[], &[0]);

    runs.schema.commands.extend(NO_LINES.map(str::to_owned));
    check_all_were_seen(&env, &runs.schema);
}

fn questions(runs: &mut Runs<'_>, root: &Path) {
    runs.run(root, "vigie text", &["helper", "-C1"], &[0]);
    runs.run(root, "vigie text", &["anchor", "-c"], &[0]);
    runs.run(root, "vigie text", &["anchor", "-l"], &[0]);
    runs.run(root, "vigie text", &["no such text"], &[1]);
    runs.run(root, "vigie text", &["("], &[2]);
    runs.run(root, "vigie search", &["where", "is", "the", "helper"], &[0]);
    runs.run(root, "vigie symbols", &["hel"], &[0]);
    runs.run(root, "vigie def", &["helper"], &[0]);
    runs.run(root, "vigie def", &["Base", "--limit", "1"], &[0]);
    runs.run(root, "vigie refs", &["helper"], &[0]);
    runs.run(root, "vigie refs", &["run", "--with-defs"], &[0]);
    runs.run(root, "vigie callers", &["helper"], &[0]);
    runs.run(root, "vigie callees", &["twice"], &[0]);
    runs.run(root, "vigie hierarchy", &["Base"], &[0]);
    runs.run(root, "vigie hierarchy", &["Derived"], &[0]);
    runs.run(root, "vigie impact", &["helper"], &[0]);
    runs.run(root, "vigie context", &["helper"], &[0]);
    runs.run(root, "vigie map", &[], &[0]);
    runs.run(root, "vigie imports", &["a.py"], &[0]);
    runs.run(root, "vigie importers", &["b.py"], &[0]);
    runs.run(root, "vigie outline", &["a.py"], &[0]);
    runs.run(root, "vigie files", &[], &[0]);
    runs.run(root, "vigie coverage", &[], &[0]);
    runs.run(root, "vigie dump", &[], &[0]);
}

/// What a gateway says when it listens, which ends it not.
fn a_gateway(runs: &mut Runs<'_>) {
    let mut gateway = runs.env.spawn_vigie_in(&runs.env.home(), &["--json", "http", "--port", "0"]);
    let line = gateway.next_line().expect("it says where it listens");
    runs.schema.check_line("vigie http", &serde_json::from_str(&line).expect("the line is JSON"));
    gateway.kill();
    runs.schema.commands.insert("vigie http".to_owned());
}

/// What is said of a job that takes a while, to whoever started it and to whoever looks on.
fn long_job(runs: &mut Runs<'_>) {
    let env = runs.env;
    let tree = SourceTree::generate(&env.project("fleet"), 400, 8_000, 640);
    let mut events = env.spawn_vigie_in(&env.home(), &["events", "--json"]);
    let accepted = runs.run(&tree.root, "vigie index", &["--detach"], &[0]);
    let job = accepted.json()[0]["job"].to_string();
    runs.run(&tree.root, "vigie jobs", &[], &[0]);
    runs.run(&tree.root, "vigie", &[], &[0]);
    runs.run(&tree.root, "vigie pause", &[&job], &[0]);
    runs.run(&tree.root, "vigie resume", &[&job], &[0]);
    runs.run(&tree.root, "vigie attach", &["--files", &job], &[0]);
    runs.run(&tree.root, "vigie cancel", &[&job], &[0]);
    take_long(env, &tree.root, &mut events);
    runs.run(&tree.root, "vigie attach", &["987654"], &[2]);
    let end = |line: &Value| line["type"] == "project_event" && line["generation"].as_u64() > Some(0);
    loop {
        let line = events.next_line().expect("the events go on until the test ends");
        let line: Value = serde_json::from_str(&line).expect("each line is JSON");
        runs.schema.check_line("vigie events", &line);
        if end(&line) {
            break;
        }
    }
    events.kill();
    runs.schema.commands.insert("vigie events".to_owned());
}

/// Has files, and a question that waits for a job, take long: the workers stand still for a while.
fn take_long(env: &TestEnv, root: &Path, events: &mut Running) {
    let accepted = env.vigie_in(root, &["index", "--force", "--detach", "--json"]);
    let job = accepted.expect_code(0).json()[0]["job"].clone();
    let is_parsing = |line: &Value| line["job"] == job && line["stage"] == "indexing" && line["current"] != 0;
    events.wait_for("a file is parsed", is_parsing);
    let workers: Vec<u32> = env.daemon_pids().into_iter().flat_map(child_pids).collect();
    workers.iter().copied().for_each(suspend);
    let dump = env.spawn_vigie_in(root, &["dump"]);
    thread::sleep(Duration::from_millis(400));
    workers.into_iter().for_each(resume);
    dump.finish().expect_code(0);
}

/// A command that is new must be held to the schema too; a line of the schema that nothing prints is no line.
fn check_all_were_seen(env: &TestEnv, schema: &Schema) {
    let listed: Vec<String> = listed(env, "vigie");
    assert!(
        listed.len() > 30 && listed.contains(&"vigie daemon logs".to_owned()),
        "help was not understood: {listed:?}"
    );
    let forgotten: Vec<_> = listed.iter().filter(|command| !schema.commands.contains(*command)).collect();
    assert!(forgotten.is_empty(), "commands that are not held to the schema: {forgotten:?}");
    let is_command = |name: &&String| *name == "vigie" || name.starts_with("vigie ");
    let of_schema: BTreeSet<_> = schema.definitions.keys().filter(is_command).cloned().collect();
    let known: BTreeSet<_> = listed.into_iter().chain(["vigie".to_owned()]).collect();
    assert_eq!(of_schema, known, "commands of the schema, and those there are");
    let lines: BTreeSet<String> = known.iter().flat_map(|command| schema.lines(command)).collect();
    let unseen: Vec<_> =
        lines.iter().filter(|name| !schema.seen.contains(*name) && !RARE.contains(&name.as_str())).collect();
    assert!(unseen.is_empty(), "lines of the schema that nothing printed: {unseen:?}");
}

#[test]
fn the_closed_schema_finds_what_nobody_described() {
    let env = TestEnv::new();
    let mut schema = Schema::of(&env);
    let whole = json!({ "v": 1, "type": "error", "code": "usage", "message": "m", "hint": null });
    let mut more = whole.clone();
    more["more"] = json!(1);
    let mut less = whole.clone();
    less.as_object_mut().expect("it is an object").remove("code");
    assert_eq!([schema.is("error", &whole, 0), schema.is("error", &whole, 1)], [true, true]);
    assert_eq!([schema.is("error", &more, 0), schema.is("error", &more, 1)], [true, false]);
    assert_eq!([schema.is("error", &less, 0), schema.is("error", &less, 1)], [false, false]);
    assert!(!schema.is("vigie jobs", &json!({ "v": 1, "type": "nonsense" }), 0));
}

/// Jobs whose events are more than a client, its socket and the daemon's queue for it hold.
const STALLED_JOBS: usize = 400;

#[test]
fn what_a_slow_reader_of_events_is_told_is_as_the_schema_says() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let mut schema = Schema::of(&env);
    let root = indexed(&env, "buoy", &[("a.py", "def buoy(): pass\n")]);
    let mut events = env.spawn_vigie_in(&env.home(), &["events", "--json"]);
    // It reads until it is stopped: one job to see that it listens.
    index(&env, &root);
    let first: Value = serde_json::from_str(&events.next_line().expect("an event")).expect("each line is JSON");
    schema.check_line("vigie events", &first);
    suspend(events.pid());
    for _ in 0..STALLED_JOBS {
        index(&env, &root);
    }
    resume(events.pid());
    while !schema.seen.contains("resync") {
        let line = events.next_line().expect("the events go on until the test ends");
        schema.check_line("vigie events", &serde_json::from_str(&line).expect("each line is JSON"));
    }
    events.kill();
}

/// Files whose events are more than that. Their paths are long, so that they need not be many.
const STALLED_FILES: usize = 6_000;

#[test]
fn what_a_slow_reader_of_files_is_told_is_as_the_schema_says() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let mut schema = Schema::of(&env);
    let root = env.project("deep");
    let directory = root.join(vec!["d".repeat(230); 14].join("/"));
    fs::create_dir_all(&directory).expect("the tree is ours");
    for number in 0..STALLED_FILES {
        fs::write(directory.join(format!("{number}.txt")), "x\n").expect("the tree is ours");
    }
    let mut job = env.spawn_vigie_in(&root, &["index", "--files", "--json"]);
    let first: Value = serde_json::from_str(&job.next_line().expect("an event")).expect("each line is JSON");
    schema.check_line("vigie index", &first);
    suspend(job.pid());
    let mut wire = daemon.connect();
    wait_job(&mut wire, first["job"].as_u64().expect("it is of a job"));
    resume(job.pid());
    let output = job.finish();
    output.expect_code(0);
    schema.check("vigie index", &output);
    assert!(schema.seen.contains("files_dropped") && schema.seen.contains("file_event"), "{:?}", schema.seen);
}

#[test]
fn a_service_is_described_as_the_schema_says() {
    let Some(manager) = Manager::start("a_service_is_described_as_the_schema_says") else { return };
    let home = manager.home("");
    let mut schema = Schema::of(manager.env());
    for (command, words) in [
        ("vigie daemon install", &["daemon", "install", "--dry-run", "--json"][..]),
        ("vigie daemon install", &["daemon", "install", "--json"]),
        ("vigie daemon status", &["daemon", "status", "--json"]),
        ("vigie daemon uninstall", &["daemon", "uninstall", "--json"]),
    ] {
        let output = manager.vigie(&home, words);
        schema.check(command, &output);
    }
    for line in ["daemon_install", "daemon_uninstall"] {
        assert!(schema.seen.contains(line), "{line} was not printed");
    }
}
