//! `vigie mcp` as an agent's host has it: the real program over pipes, with the real daemon behind it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use vigie_tests::{
    Agent, Git, SourceTree, TestEnv, child_pids, kill_hard, resident_bytes_peak, resume, suspend, wait_gone,
};

use crate::support::{indexed, repository, write_files};

/// The tools, in the order in which they are listed.
const TOOLS: [&str; 16] = [
    "search",
    "text",
    "symbols",
    "definition",
    "references",
    "callers",
    "callees",
    "outline",
    "context",
    "map",
    "impact",
    "changed",
    "files",
    "coverage",
    "status",
    "index",
];

/// Revisions of the protocol that begin with `initialize`.
const INITIALIZED: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// Most memory of an agent's gateway, resident: a promise.
const RESIDENT_BYTES_MAX: u64 = 10_000_000;

/// Longest line that clients in Python read unless they are told otherwise.
const LINE_BYTES_MAX: usize = 64 << 10;

/// A project in which every question has an answer.
const FILES: [(&str, &str); 4] = [
    (
        "a.py",
        "from b import Base, helper\n\n\nclass Derived(Base):\n    \"\"\"A derived thing.\"\"\"\n\n    def run(self):\n        \
         return helper(1)\n\n\ndef twice():\n    return helper(2)\n",
    ),
    ("b.py", "class Base:\n    def run(self):\n        return 0\n\n\ndef helper(depth):\n    return depth\n"),
    ("c.c", "int anchor(int depth);\nint anchor(int depth) { return depth; }\n"),
    ("d/e.txt", "an anchor in the text\n"),
];

fn harbour(env: &TestEnv) -> PathBuf {
    indexed(env, "harbour", &FILES)
}

/// A greeted agent in a directory.
#[track_caller]
fn agent(env: &TestEnv, directory: &Path, args: &[&str]) -> Agent {
    let mut agent = env.agent_in(directory, args);
    let answer = agent.initialize("2025-06-18", &json!({}));
    assert_eq!(answer["result"]["serverInfo"]["name"], "vigie", "{answer}");
    agent
}

/// Calls a tool and returns what came: `result` or `error`.
#[track_caller]
fn call(agent: &mut Agent, tool: &str, arguments: Value) -> Value {
    agent.request("tools/call", json!({ "name": tool, "arguments": arguments }))
}

/// The answer of a tool, which has to be one; its text says the same.
#[track_caller]
fn answer(agent: &mut Agent, tool: &str, arguments: Value) -> Value {
    let message = call(agent, tool, arguments);
    let result = &message["result"];
    assert_ne!(result["isError"], true, "{tool}: {message}");
    assert_eq!(text_as_json(&message), result["structuredContent"], "{tool}: {message}");
    result["structuredContent"].clone()
}

fn text(message: &Value) -> &str {
    message["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("it has a text: {message}"))
}

fn text_as_json(message: &Value) -> Value {
    serde_json::from_str(text(message)).unwrap_or_else(|e| panic!("the text is JSON: {e}: {message}"))
}

/// The sentence of a tool that failed.
#[track_caller]
fn failure(agent: &mut Agent, tool: &str, arguments: Value) -> String {
    let message = call(agent, tool, arguments);
    assert_eq!(message["result"]["isError"], true, "{message}");
    text(&message).to_owned()
}

/// The protocol's own error for a call that makes no sense.
#[track_caller]
fn refusal(agent: &mut Agent, tool: &str, arguments: Value) -> (String, Value) {
    let message = call(agent, tool, arguments);
    assert_eq!(message["error"]["code"], -32602, "{message}");
    (message["error"]["message"].as_str().unwrap_or_default().to_owned(), message["error"]["data"]["field"].clone())
}

/// What the command line answers to the same question.
#[track_caller]
fn rows_of_cli(env: &TestEnv, root: &Path, words: &[&str]) -> (Vec<Value>, Value) {
    env.vigie_in(root, &[words, &["--json"]].concat()).answer()
}

#[test]
fn an_agent_is_greeted_in_every_revision() {
    let env = TestEnv::new();
    let root = harbour(&env);
    for revision in INITIALIZED {
        let mut agent = env.agent_in(&root, &[] as &[&str]);
        let greeting = agent.initialize(revision, &json!({}));
        assert_eq!(greeting["result"]["protocolVersion"], revision, "{greeting}");
        assert!(greeting["result"]["capabilities"]["tools"].is_object(), "{greeting}");
        assert!(greeting["result"]["instructions"].as_str().is_some_and(|text| text.contains("`context`")));
        assert_eq!(answer(&mut agent, "definition", json!({ "target": "helper" }))["rows"][0]["path"], "b.py");
        assert_eq!(agent.request("ping", json!({}))["result"], json!({}));
        assert_eq!(agent.finish(), (Some(0), String::new()), "{revision}");
    }
    // A revision that nobody knows is answered with one that there is.
    let mut agent = env.agent_in(&root, &[] as &[&str]);
    let greeting = agent.initialize("2099-01-01", &json!({}));
    assert_eq!(greeting["result"]["protocolVersion"], "2025-11-25", "{greeting}");
}

#[test]
fn the_newest_revision_needs_no_greeting() {
    let env = TestEnv::new();
    let root = harbour(&env);
    let mut agent = env.agent_in(&root, &[] as &[&str]);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let found = agent.request("server/discover", json!({ "_meta": meta }));
    let versions = found["result"]["supportedVersions"].as_array().expect("there are versions");
    assert!(versions.contains(&json!("2026-07-28")) && INITIALIZED.iter().all(|old| versions.contains(&json!(old))));
    let listed = agent.request("tools/list", json!({ "_meta": meta }));
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(TOOLS.len()), "{listed}");
    let asked = json!({ "name": "definition", "arguments": { "target": "helper" }, "_meta": meta });
    let answered = agent.request("tools/call", asked);
    assert_eq!(answered["result"]["structuredContent"]["rows"][0]["path"], "b.py", "{answered}");
    assert_eq!(answered["result"]["resultType"], "complete", "{answered}");
    assert_eq!(agent.finish().0, Some(0));
}

/// The schema of a tool's answers, and the same with every field that nobody described forbidden.
fn validators(tool: &Value) -> [jsonschema::Validator; 2] {
    let open = tool["outputSchema"].clone();
    let mut closed = open.clone();
    let definitions = closed["$defs"].as_object_mut().into_iter().flat_map(|map| map.values_mut());
    for definition in definitions.filter_map(Value::as_object_mut) {
        if definition.contains_key("properties") {
            definition.insert("additionalProperties".to_owned(), json!(false));
        }
    }
    closed["additionalProperties"] = json!(false);
    [open, closed].map(|schema| jsonschema::validator_for(&schema).expect("the schema is one"))
}

/// Each tool with arguments, and the words of the command that answers the same; none where there is no such command.
fn questions() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    vec![
        ("search", json!({ "query": "derived thing" }), vec!["search", "derived", "thing"]),
        (
            "search",
            json!({ "query": "helper depth", "kind": ["function"], "limit": 1 }),
            vec!["search", "helper", "depth", "--kind", "function", "--limit", "1"],
        ),
        ("text", json!({ "pattern": "an.hor" }), vec!["text", "an.hor"]),
        (
            "text",
            json!({ "pattern": "HELPER", "ignore_case": true, "word": true, "context": 1, "lang": ["python"] }),
            vec!["text", "HELPER", "-iw", "-C1", "--lang", "python"],
        ),
        ("text", json!({ "pattern": "(", "fixed": true, "show": "counts" }), vec!["text", "-F", "(", "--count"]),
        (
            "text",
            json!({ "pattern": "anchor", "show": "files", "path": ["d"] }),
            vec!["text", "anchor", "-l", "--path", "d"],
        ),
        ("symbols", json!({ "name": "e" }), vec!["symbols", "e"]),
        (
            "symbols",
            json!({ "name": "run", "mode": "exact", "kind": ["method"] }),
            vec!["symbols", "run", "--exact", "--kind", "method"],
        ),
        ("definition", json!({ "target": "helper" }), vec!["def", "helper"]),
        ("definition", json!({ "target": "a.py:8:18" }), vec!["def", "a.py:8:18"]),
        ("references", json!({ "target": "helper" }), vec!["refs", "helper"]),
        (
            "references",
            json!({ "target": "helper", "role": ["call"], "definitions": true }),
            vec!["refs", "helper", "--role", "call", "--with-defs"],
        ),
        ("callers", json!({ "target": "helper" }), vec!["callers", "helper"]),
        ("callees", json!({ "target": "Derived.run", "depth": 2 }), vec!["callees", "Derived.run", "--depth", "2"]),
        ("outline", json!({ "file": "a.py" }), vec!["outline", "a.py"]),
        ("impact", json!({ "targets": ["helper", "Base"] }), vec!["impact", "helper", "Base"]),
        (
            "impact",
            json!({ "targets": ["anchor"], "certain": true, "depth": 0 }),
            vec!["impact", "anchor", "--certain", "--depth", "0"],
        ),
        ("files", json!({}), vec!["files"]),
        ("files", json!({ "query": "*.py" }), vec!["files", "*.py"]),
        ("coverage", json!({ "disposition": ["indexed"] }), vec!["coverage", "--disposition", "indexed"]),
        ("symbols", json!({ "name": "nothing_of_that_name" }), vec!["symbols", "nothing_of_that_name"]),
    ]
}

#[test]
fn every_tool_answers_as_its_schema_says_and_as_the_command_line_does() {
    let env = TestEnv::new();
    let root = harbour(&env);
    let mut agent = agent(&env, &root, &[]);
    let listed = agent.request("tools/list", json!({}));
    assert!(listed.to_string().len() < LINE_BYTES_MAX, "{} bytes of tools", listed.to_string().len());
    let tools = listed["result"]["tools"].as_array().expect("there are tools").clone();
    assert_eq!(tools.iter().map(|tool| tool["name"].as_str().unwrap_or_default()).collect::<Vec<_>>(), TOOLS);
    for tool in &tools {
        for schema in ["inputSchema", "outputSchema"] {
            jsonschema::meta::validate(&tool[schema]).unwrap_or_else(|e| panic!("{schema} of {tool}: {e}"));
            assert_eq!(tool[schema]["type"], "object", "{tool}");
        }
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{tool}");
        let hints = &tool["annotations"];
        assert_eq!((&hints["readOnlyHint"], &hints["openWorldHint"]), (&json!(tool["name"] != "index"), &json!(false)));
        let words = tool["description"].as_str().unwrap_or_default().split(' ').count();
        assert!((3..=40).contains(&words) && tool["title"].is_string(), "{tool}");
    }
    let check = |agent: &mut Agent, name: &str, arguments: Value| {
        let tool = tools.iter().find(|tool| tool["name"] == name).expect("it is listed");
        let answer = answer(agent, name, arguments.clone());
        for (validator, which) in validators(tool).iter().zip(["open", "closed"]) {
            assert!(
                validator.is_valid(&answer),
                "{name} {arguments}, {which}: {:?}: {answer}",
                validator.validate(&answer)
            );
        }
        assert_eq!(answer["root"], root.to_str().expect("it is UTF-8"), "{answer}");
        answer
    };
    let about = |summary: &Value| {
        let mut summary = summary.clone();
        let fields = summary.as_object_mut().expect("it is an object");
        fields.retain(|name, _| !["elapsed_us", "age_ms"].contains(&name.as_str()));
        summary
    };
    for (tool, arguments, words) in questions() {
        let answer = check(&mut agent, tool, arguments);
        let (rows, summary) = rows_of_cli(&env, &root, &words);
        assert_eq!(answer["rows"], json!(rows), "{tool} {words:?}");
        assert_eq!(about(&answer["summary"]), about(&summary), "{tool} {words:?}");
        let is_whole = summary["truncated"] == false;
        assert_eq!(answer["more"], if is_whole { json!(0) } else { Value::Null }, "{answer}");
        assert_eq!(answer["cursor"].is_null(), is_whole, "{answer}");
    }
    let context = check(&mut agent, "context", json!({ "targets": ["helper"] }));
    assert!(context["rows"][0]["text"].as_str().is_some_and(|text| text.contains("def helper")), "{context}");
    let packed = check(&mut agent, "context", json!({ "query": "derived thing" }));
    assert_eq!(packed["rows"][0]["name"], "Derived", "{packed}");
    let map = check(&mut agent, "map", json!({ "depth": 1 }));
    assert!(map["rows"].as_array().is_some_and(|rows| rows.iter().any(|row| row["path"] == "a.py")), "{map}");
    let status = check(&mut agent, "status", json!({}));
    assert_eq!(status["rows"][0]["project"]["files"], 4, "{status}");
    fs::write(root.join("b.py"), "def helper(depth, tide):\n    return depth\n").expect("the file is ours");
    let refreshed = check(&mut agent, "index", json!({ "files": ["b.py"] }));
    assert_eq!((&refreshed["rows"][0]["type"], &refreshed["rows"][0]["indexed"]), (&json!("refreshed"), &json!(1)));
    let job = check(&mut agent, "index", json!({}));
    assert_eq!(job["rows"][0]["type"], "complete", "{job}");
    assert!(job["generation"].as_u64() >= refreshed["generation"].as_u64(), "{job}");
    let detached = check(&mut agent, "index", json!({ "wait": false, "force": true }));
    assert_eq!(detached["rows"][0]["type"], "accepted", "{detached}");
}

#[test]
fn what_changed_is_told_from_a_commit_and_since_an_answer() {
    let env = TestEnv::new();
    let Some(git) = Git::find("what_changed_is_told_from_a_commit_and_since_an_answer") else { return };
    let root = repository(&env, &git, &FILES);
    env.vigie_in(&root, &["index", "--json"]).expect_code(0);
    let mut agent = agent(&env, &root, &[]);
    let none = answer(&mut agent, "changed", json!({}));
    assert_eq!((&none["rows"], &none["more"]), (&json!([]), &json!(0)), "{none}");
    assert!(none["notes"].to_string().contains("nothing changed since HEAD"), "{none}");
    let before = none["summary"]["generation"].as_u64().expect("there is a generation");
    let many: String = (0..40).map(|number| format!("def pier_{number}():\n    pass\n\n\n")).collect();
    write_files(
        &root,
        &[("b.py", "class Base:\n    pass\n\n\ndef helper(depth, tide):\n    return depth\n"), ("e.py", &many)],
    );
    env.vigie_in(&root, &["index", "--json"]).expect_code(0);
    let told = answer(&mut agent, "changed", json!({ "rev": "HEAD", "max_tokens": 16_000 }));
    assert_eq!(told["rows"], json!(rows_of_cli(&env, &root, &["changed", "--rev", "HEAD"]).0));
    let narrow = answer(&mut agent, "changed", json!({ "max_tokens": 1_000 }));
    assert!(narrow.to_string().len() <= 4_000 && narrow["cursor"].is_null(), "{narrow}");
    let rows = |answer: &Value| answer["rows"].as_array().map_or(0, Vec::len) as u64;
    assert_eq!(narrow["more"], json!(rows(&told) - rows(&narrow)), "{narrow}");
    let impact = answer(&mut agent, "impact", json!({ "diff": "HEAD", "max_tokens": 16_000 }));
    let (rows_of_impact, summary) = rows_of_cli(&env, &root, &["impact", "--diff", "HEAD"]);
    assert_eq!(impact["rows"], json!(rows_of_impact));
    assert!(impact["rows"].to_string().contains("twice"), "{impact}");
    assert_eq!(impact["notes"][0], summary["notes"][0], "{impact}");
    assert_eq!(walk(&mut agent, "impact", &json!({ "diff": "HEAD" }), 900), rows_of_impact);
    let context = answer(&mut agent, "context", json!({ "diff": "HEAD" }));
    assert!(context["rows"][0]["reason"] == "asked" && context["rows"].to_string().contains("tide"), "{context}");
    let since = walk(&mut agent, "changed", &json!({ "since": before }), 1_000);
    assert_eq!(since, rows_of_cli(&env, &root, &["changed", "--since", &before.to_string()]).0);
    assert!(failure(&mut agent, "changed", json!({ "rev": "no-such-commit" })).contains("no-such-commit"));
    for (arguments, field) in
        [(json!({ "rev": "HEAD", "since": 1 }), "since"), (json!({ "rev": "HEAD", "cursor": "00" }), "cursor")]
    {
        assert_eq!(refusal(&mut agent, "changed", arguments).1, field);
    }
    assert_eq!(refusal(&mut agent, "impact", json!({ "diff": "HEAD", "targets": ["helper"] })).1, "diff");
    git.commit(&root, "two");
    let same = answer(&mut agent, "impact", json!({ "diff": "HEAD" }));
    assert_eq!((&same["rows"], &same["notes"][0]), (&json!([]), &json!("nothing differs from HEAD")), "{same}");
}

/// Asks on and on, and returns all rows; each answer keeps its budget and counts what is left.
#[track_caller]
fn walk(agent: &mut Agent, tool: &str, arguments: &Value, max_tokens: u64) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut asked = arguments.clone();
        asked["max_tokens"] = json!(max_tokens);
        if !cursor.is_null() {
            asked["cursor"] = cursor;
        }
        let message = call(agent, tool, asked.clone());
        let tokens = (text(&message).len() as u64).div_ceil(4);
        assert!(tokens <= max_tokens, "{tool} {asked}: {tokens} tokens");
        let answer = &message["result"]["structuredContent"];
        let page = answer["rows"].as_array().unwrap_or_else(|| panic!("{tool} {asked} has no rows: {message}"));
        assert!(!page.is_empty() || rows.is_empty(), "{tool} {asked}: {answer}");
        rows.extend(page.iter().cloned());
        assert!(answer["summary"]["freshness"].is_string(), "{answer}");
        cursor = answer["cursor"].clone();
        if cursor.is_null() {
            assert_eq!(answer["more"], 0, "{tool} {asked}: {answer}");
            return rows;
        }
        assert!(answer["more"].as_u64() > Some(0), "{tool} {asked}: {answer}");
    }
}

#[test]
fn budgets_are_kept_and_cursors_lose_nothing() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 60, 1_500, 7);
    env.vigie_in(&tree.root, &["index", "--json"]).expect_code(0);
    let mut agent = agent(&env, &tree.root, &[]);
    let cases: [(&str, Value, &[&str]); 8] = [
        ("text", json!({ "pattern": "return" }), &["text", "return"]),
        ("text", json!({ "pattern": "return", "show": "counts" }), &["text", "return", "--count"]),
        ("symbols", json!({ "name": "voyage" }), &["symbols", "voyage"]),
        ("references", json!({ "target": "measure_keel" }), &["refs", "measure_keel"]),
        ("callees", json!({ "target": "rust_voyage_0_0" }), &["callees", "rust_voyage_0_0"]),
        ("files", json!({}), &["files"]),
        ("coverage", json!({}), &["coverage"]),
        ("impact", json!({ "targets": ["combine_keel"] }), &["impact", "combine_keel"]),
    ];
    for (tool, arguments, words) in cases {
        let (rows, _) = rows_of_cli(&env, &tree.root, words);
        assert!(rows.len() > 3, "{tool}: {} rows are no walk", rows.len());
        for max_tokens in [700, 1_500, 16_000] {
            assert_eq!(walk(&mut agent, tool, &arguments, max_tokens), rows, "{tool} within {max_tokens}");
        }
        // What is counted is what comes.
        let mut asked = arguments.clone();
        asked["max_tokens"] = json!(700);
        let first = answer(&mut agent, tool, asked);
        let given = first["rows"].as_array().map_or(0, Vec::len) as u64;
        assert_eq!(first["more"], json!(rows.len() as u64 - given), "{tool}: {first}");
    }
    for max_tokens in [500, 800, 4_000, 16_000] {
        for (tool, arguments) in [
            ("context", json!({ "targets": ["rust_voyage_0_0", "python_voyage_1_0"] })),
            ("context", json!({ "query": "anchor windlass" })),
            ("map", json!({})),
            ("search", json!({ "query": "anchor windlass", "limit": 60 })),
        ] {
            let mut asked = arguments.clone();
            asked["max_tokens"] = json!(max_tokens);
            let message = call(&mut agent, tool, asked);
            assert!(text(&message).len() as u64 <= max_tokens * 4, "{tool} within {max_tokens}: {}", text(&message));
            let rows = message["result"]["structuredContent"]["rows"].as_array().map_or(0, Vec::len);
            assert!(rows > 0 || max_tokens == 500, "{tool} within {max_tokens}: {message}");
        }
    }
}

#[test]
fn lines_around_a_match_stay_with_it_under_a_budget() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 20, 1_500, 8);
    env.vigie_in(&tree.root, &["index", "--json"]).expect_code(0);
    let mut agent = agent(&env, &tree.root, &[]);
    let is_match = |row: &&Value| row["type"] == "match";
    let of = |rows: &[Value]| rows.iter().filter(is_match).cloned().collect::<Vec<_>>();
    let (rows, _) = rows_of_cli(&env, &tree.root, &["text", "return", "-C2"]);
    let walked = walk(&mut agent, "text", &json!({ "pattern": "return", "context": 2 }), 1_000);
    assert_eq!(of(&walked), of(&rows));
}

#[test]
fn a_row_larger_than_the_budget_is_said_to_be() {
    let env = TestEnv::new();
    let long = format!("needle = \"{}\"\n", "x".repeat(3_900));
    let root = indexed(&env, "harbour", &[("a.py", &long), ("b.py", "needle = 1\n")]);
    let mut agent = agent(&env, &root, &[]);
    let none = answer(&mut agent, "text", json!({ "pattern": "needle", "max_tokens": 700 }));
    assert_eq!((&none["rows"], &none["more"]), (&json!([]), &json!(2)), "{none}");
    let note = none["notes"][0].as_str().expect("there is a note");
    let wanted: u64 =
        note.split(' ').find_map(|word| word.parse().ok()).unwrap_or_else(|| panic!("no budget in {note}"));
    let whole = answer(&mut agent, "text", json!({ "pattern": "needle", "max_tokens": wanted }));
    assert_eq!(whole["rows"].as_array().map(Vec::len), Some(2), "{whole}");
}

#[test]
fn a_call_that_makes_no_sense_names_the_field() {
    let env = TestEnv::new();
    let root = harbour(&env);
    let mut agent = agent(&env, &root, &[]);
    for (tool, arguments, field) in [
        ("text", json!({}), "pattern"),
        ("text", json!({ "pattern": 3 }), "pattern"),
        ("text", json!({ "pattern": "x", "max_tokens": "many" }), "max_tokens"),
        ("text", json!({ "pattern": "x", "max_tokens": 499 }), "max_tokens"),
        ("text", json!({ "pattern": "x", "max_tokens": 16_001 }), "max_tokens"),
        ("text", json!({ "pattern": "x", "show": "all" }), "show"),
        ("text", json!({ "pattern": "x", "limit": -1 }), "limit"),
        ("text", json!({ "pattern": "x", "cursor": "zz" }), "cursor"),
        ("text", json!({ "pattern": "x", "project": "harbour" }), "project"),
        ("text", json!({ "pattern": "x", "patern": "y" }), "patern"),
        ("symbols", json!({ "name": "x", "kind": ["verb"] }), "kind[0]"),
        ("references", json!({ "target": "x", "role": ["call", "override"] }), "role[1]"),
        ("impact", json!({ "targets": [] }), "targets"),
        ("context", json!({}), "targets"),
        ("index", json!({ "wait": 1 }), "wait"),
        ("status", json!({ "path": "x" }), "path"),
    ] {
        let (message, at) = refusal(&mut agent, tool, arguments.clone());
        assert_eq!(at, field, "{tool} {arguments}: {message}");
        assert!(message.contains(&format!("`{field}`")), "{tool} {arguments}: {message}");
    }
    let (message, _) = refusal(&mut agent, "grep", json!({}));
    assert!(message.contains("\"grep\"") && message.contains("tools/list"), "{message}");
    assert_eq!(agent.request("tools/nothing", json!({}))["error"]["code"], -32601);
    // What only the daemon can tell is for the agent to read.
    let unclosed = failure(&mut agent, "text", json!({ "pattern": "(" }));
    assert!(
        unclosed.contains("unclosed group") && unclosed.contains("next step: ") && unclosed.contains("fixed"),
        "{unclosed}"
    );
    let cursor = failure(&mut agent, "text", json!({ "pattern": "x", "cursor": "00ff" }));
    assert!(cursor.contains("cursor") && cursor.contains("leave it out"), "{cursor}");
    let gone = failure(&mut agent, "symbols", json!({ "name": "x", "project": "/nowhere/at/all" }));
    assert!(gone.contains("/nowhere/at/all"), "{gone}");
    assert!(failure(&mut agent, "outline", json!({ "file": "nothing.py" })).contains("nothing.py"));
    assert_eq!(agent.finish(), (Some(0), String::new()));
}

#[test]
fn roots_that_may_not_be_indexed_are_refused_with_the_rule() {
    let env = TestEnv::new();
    let home = env.home();
    let outside = env.project("outside");
    let _daemon = env.start_daemon(&["--roots-allowed", "/nowhere"]);
    let mut agent = agent(&env, &home, &[]);
    let text = |path: &Path| path.to_str().expect("it is UTF-8").to_owned();
    for (root, rule) in [("/", "file system"), (&text(&home), "home"), (&text(&outside), "roots_allowed")] {
        let expected = env.vigie_in(&home, &["index", root, "--json"]);
        expected.expect_code(2);
        let expected = expected.json()[0]["message"].as_str().expect("there is a message").to_owned();
        let refused = failure(&mut agent, "index", json!({ "project": root }));
        assert!(refused.starts_with(&expected) && expected.contains(rule), "{rule}: {refused}, not {expected}");
    }
}

#[test]
fn a_project_that_is_not_indexed_is_indexed_with_progress() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 300, 4_000, 9);
    fs::create_dir(tree.root.join(".git")).expect("the directory is ours");
    let mut agent = agent(&env, &tree.root, &[]);
    let asked = json!({
        "name": "symbols", "arguments": { "name": "rust_voyage_0_0", "deadline_ms": 60_000 }, "_meta": { "progressToken": "tide" },
    });
    let answered = agent.request("tools/call", asked);
    let answer = &answered["result"]["structuredContent"];
    assert_eq!(answer["rows"][0]["name"], "rust_voyage_0_0", "{answered}");
    let told = progress(&agent, &json!("tide"));
    assert!(!told.is_empty(), "a first index of 300 files is told of");
    assert!(told.windows(2).all(|pair| pair[0] < pair[1]) && told.iter().all(|step| *step <= 1000.0), "{told:?}");
    // After the answer nothing more is told.
    agent.heard.clear();
    let again = agent.request(
        "tools/call",
        json!({ "name": "index", "arguments": { "force": true }, "_meta": { "progressToken": 7 } }),
    );
    assert_eq!(again["result"]["structuredContent"]["rows"][0]["type"], "complete", "{again}");
    let told = progress(&agent, &json!(7));
    assert!(!told.is_empty() && told.windows(2).all(|pair| pair[0] < pair[1]), "{told:?}");
    assert_eq!(progress(&agent, &json!("tide")), Vec::<f64>::new());
}

fn progress(agent: &Agent, token: &Value) -> Vec<f64> {
    let told = agent.heard.iter().filter(|message| message["method"] == "notifications/progress");
    let told = told.map(|message| &message["params"]).filter(|params| &params["progressToken"] == token);
    told.map(|params| {
        assert_eq!(params["total"], 1000.0, "{params}");
        assert!(params["message"].as_str().is_some_and(|message| !message.is_empty()), "{params}");
        params["progress"].as_f64().expect("it is a number")
    })
    .collect()
}

/// Many agents write null for what they leave out.
#[test]
fn what_is_null_is_left_out() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "fleet", &[("a.py", "def moor():\n    pass\n")]);
    let mut agent = agent(&env, &root, &[]);
    let nulls = json!({
        "name": "moor", "project": null, "mode": null, "kind": null, "path": null, "limit": null, "cursor": null, "fresh": null,
        "deadline_ms": null, "max_tokens": null,
    });
    let found = answer(&mut agent, "symbols", nulls);
    assert_eq!(found["rows"].as_array().map(Vec::len), Some(1), "{found}");
    let ended = answer(&mut agent, "index", json!({ "files": null, "wait": null }));
    assert_eq!(ended["rows"][0]["type"], "complete", "{ended}");
    // What must be said is missing still, and in a list null is nothing that could be meant.
    assert_eq!(refusal(&mut agent, "symbols", json!({ "name": null })).1, "name");
    assert_eq!(refusal(&mut agent, "symbols", json!({ "name": "moor", "kind": [null] })).1, "kind[0]");
}

#[test]
fn an_early_deadline_says_that_the_job_goes_on() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 1_200, 12_000, 10);
    fs::create_dir(tree.root.join(".git")).expect("the directory is ours");
    let mut agent = agent(&env, &tree.root, &[]);
    let message = call(&mut agent, "search", json!({ "query": "anchor windlass", "deadline_ms": 300 }));
    let said = text(&message);
    assert!(said.contains("still being indexed"), "{said}");
    let status = answer(&mut agent, "status", json!({}));
    assert_eq!(status["rows"][0]["jobs"].as_array().map(Vec::len), Some(1), "{status}");
}

/// A tree whose index takes seconds, and an agent that has it indexed; the job has begun to parse.
fn indexing(env: &TestEnv, tree: &SourceTree, args: &[&str]) -> (Agent, u64, u64) {
    let mut agent = agent(env, &tree.root, args);
    let asked = json!({ "name": "index", "arguments": {}, "_meta": { "progressToken": 1 } });
    let id = agent.ask("tools/call", asked);
    agent.wait_for("a step of the job", |message| {
        message["params"]["message"].as_str().is_some_and(|message| message.starts_with("indexing"))
    });
    let job = env.vigie_in(&tree.root, &["jobs", "--json"]).json()[0]["job"].as_u64().expect("a job is under way");
    (agent, id, job)
}

fn slow_tree(env: &TestEnv, seed: u64) -> SourceTree {
    SourceTree::generate(&env.project("fleet"), 1_200, 12_000, seed)
}

/// Has the job wait until its workers are let go: however slow the machine is, it does not end meanwhile.
fn hold(env: &TestEnv) -> Vec<u32> {
    let workers: Vec<u32> = env.daemon_pids().into_iter().flat_map(child_pids).collect();
    workers.iter().for_each(|worker| suspend(*worker));
    workers
}

fn let_go(workers: Vec<u32>) {
    workers.into_iter().for_each(resume);
}

#[track_caller]
fn end_of(env: &TestEnv, root: &Path, job: u64) -> String {
    let output = env.vigie_in(root, &["attach", &job.to_string(), "--json"]);
    let end = output.json().into_iter().rfind(|line| line.get("stats").is_some());
    end.unwrap_or_else(|| panic!("job {job} has no end{}", output.report()))["type"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn cancelled(id: u64) -> Value {
    json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id, "reason": "enough" } })
}

#[test]
fn a_cancelled_call_cancels_the_job_it_started() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let tree = slow_tree(&env, 50);
    let (mut agent, id, job) = indexing(&env, &tree, &[]);
    let held = hold(&env);
    let join = |agent: &mut Agent, token: u64| {
        agent.ask("tools/call", json!({ "name": "index", "arguments": {}, "_meta": { "progressToken": token } }))
    };
    let joined: Vec<u64> = (100..106).map(|token| join(&mut agent, token)).collect();
    for token in 100..106 {
        let is_told = |message: &Value| message["params"]["progressToken"] == token;
        if !agent.heard.iter().any(is_told) {
            agent.wait_for("a step that a joined call is told of", is_told);
        }
    }
    // However many wait, a question is answered.
    assert_eq!(answer(&mut agent, "status", json!({}))["rows"][0]["jobs"][0]["job"], job);
    agent.send(&cancelled(id));
    let_go(held);
    assert_eq!(end_of(&env, &tree.root, job), "cancelled");
    for id in joined {
        let heard = agent.heard.iter().position(|message| message["id"] == id);
        let ended = heard.map(|at| agent.heard.remove(at)).unwrap_or_else(|| agent.answer(id));
        assert_eq!(ended["result"]["structuredContent"]["rows"][0]["type"], "cancelled", "{ended}");
    }
    // A call that was cancelled is not answered, and others are.
    assert_eq!(agent.request("ping", json!({}))["result"], json!({}));
    assert!(agent.heard.iter().all(|message| message["id"] != id), "{:?}", agent.heard);
    assert_eq!(agent.finish().0, Some(0));
}

#[test]
fn a_cancelled_call_leaves_the_job_it_joined_or_is_told_to_leave() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let tree = slow_tree(&env, 51);
    let (mut first, first_id, job) = indexing(&env, &tree, &["--on-cancel", "detach"]);
    let held = hold(&env);
    let (mut second, second_id, same) = indexing(&env, &tree, &[]);
    assert_eq!(job, same);
    second.send(&cancelled(second_id));
    first.send(&cancelled(first_id));
    assert_eq!(second.request("ping", json!({}))["result"], json!({}));
    assert_eq!(first.request("ping", json!({}))["result"], json!({}));
    let_go(held);
    assert_eq!(end_of(&env, &tree.root, job), "complete");
}

#[test]
fn p1_an_agent_that_leaves_cancels_nothing() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 3_000, 12_000, 52);
    let (agent, _, job) = indexing(&env, &tree, &[]);
    let (code, _) = agent.finish();
    assert_eq!(code, Some(0));
    let jobs = env.vigie_in(&tree.root, &["jobs", "--all", "--json"]).json();
    let job = jobs.iter().find(|row| row["job"] == job).expect("the job is known").clone();
    assert!(["running", "done"].contains(&job["state"].as_str().unwrap_or_default()), "{job}");
}

#[test]
fn a_cancelled_question_is_stopped() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let tree = SourceTree::generate(&env.project("fleet"), 300, 4_000, 53);
    env.vigie_in(&tree.root, &["index", "--json"]).expect_code(0);
    let mut agent = agent(&env, &tree.root, &[]);
    answer(&mut agent, "status", json!({}));
    suspend(daemon.pid());
    let id = agent.ask("tools/call", json!({ "name": "text", "arguments": { "pattern": "e" } }));
    agent.send(&cancelled(id));
    // The daemon says nothing, and nobody waits for it.
    assert_eq!(agent.request("ping", json!({}))["result"], json!({}));
    resume(daemon.pid());
    assert!(answer(&mut agent, "text", json!({ "pattern": "return" }))["more"].as_u64() > Some(0));
    assert!(agent.heard.iter().all(|message| message["id"] != id), "{:?}", agent.heard);
}

#[test]
fn a_client_with_tasks_gets_one_for_a_job() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let tree = slow_tree(&env, 54);
    let mut agent = env.agent_in(&tree.root, &[] as &[&str]);
    let capabilities = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    agent.initialize("2025-11-25", &capabilities);
    let started = call(&mut agent, "index", json!({}));
    let task = started["result"]["taskId"].as_str().unwrap_or_else(|| panic!("a task: {started}")).to_owned();
    assert_eq!(started["result"]["status"], "working", "{started}");
    let state = |agent: &mut Agent| agent.request("tasks/get", json!({ "taskId": task }))["result"].clone();
    let told = poll(&mut agent, &state, |state| {
        state["statusMessage"].as_str().is_some_and(|message| message.starts_with("indexing"))
    });
    assert_eq!(told["status"], "working", "{told}");
    agent.request("tasks/cancel", json!({ "taskId": task }));
    let ended = poll(&mut agent, &state, |state| state["status"] != "working");
    assert_eq!(ended["status"], "cancelled", "{ended}");
    let jobs = env.vigie_in(&tree.root, &["jobs", "--all", "--json"]).json();
    assert_eq!(jobs[0]["state"], "cancelled", "{jobs:?}");

    let again = call(&mut agent, "index", json!({}));
    let task = again["result"]["taskId"].as_str().expect("a task").to_owned();
    let state = |agent: &mut Agent| agent.request("tasks/get", json!({ "taskId": task }))["result"].clone();
    let ended = poll(&mut agent, &state, |state| state["status"] != "working");
    assert_eq!(ended["status"], "completed", "{ended}");
    assert_eq!(ended["result"]["structuredContent"]["rows"][0]["type"], "complete", "{ended}");
    // A question is answered at once.
    assert!(call(&mut agent, "status", json!({}))["result"]["structuredContent"].is_object());
    assert_eq!(agent.request("tasks/get", json!({ "taskId": "nothing" }))["error"]["code"], -32602);
}

/// Asks for the state of a task until it fits.
#[track_caller]
fn poll(agent: &mut Agent, state: &dyn Fn(&mut Agent) -> Value, fits: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..1200 {
        let state = state(agent);
        if fits(&state) {
            return state;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the task did not come so far");
}

#[test]
fn the_usual_project_is_the_given_one_else_the_first_root() {
    let env = TestEnv::new();
    let root = harbour(&env);
    let other = indexed(&env, "pier", &[("pier.py", "def pier():\n    pass\n")]);
    let path = |root: &Path| json!(root.to_str().expect("it is UTF-8"));
    let found = |agent: &mut Agent| answer(agent, "status", json!({}))["root"].clone();
    // A client with roots.
    let mut agent = env.agent_in(&root, &[] as &[&str]);
    agent.roots = vec![json!({ "uri": format!("file://{}", other.display()), "name": "pier" })];
    agent.initialize("2025-06-18", &json!({ "roots": { "listChanged": true } }));
    assert_eq!(found(&mut agent), path(&other));
    agent.roots = vec![json!({ "uri": format!("file://{}/d", root.display()) })];
    agent.send(&json!({ "jsonrpc": "2.0", "method": "notifications/roots/list_changed" }));
    assert_eq!(found(&mut agent), path(&root));
    // A call that names a project, or a file in one.
    let named = answer(&mut agent, "symbols", json!({ "name": "pier", "project": other.join("pier.py") }));
    assert_eq!((&named["root"], &named["rows"][0]["path"]), (&path(&other), &json!("pier.py")));
    let outline = answer(&mut agent, "outline", json!({ "file": other.join("pier.py") }));
    assert_eq!(outline["rows"][0]["name"], "pier", "{outline}");
    // The gateway was started for one.
    let mut agent = env.agent_in(&root, &["--project", "../pier"]);
    agent.roots = vec![json!({ "uri": format!("file://{}", root.display()) })];
    agent.initialize("2025-06-18", &json!({ "roots": {} }));
    assert_eq!(found(&mut agent), path(&other));
    // Nobody says anything: the working directory.
    let mut agent = self::agent(&env, &root.join("d"), &[]);
    assert_eq!(found(&mut agent), path(&root));
}

#[test]
fn without_a_daemon_it_says_what_to_do() {
    let env = TestEnv::new();
    let root = env.project("harbour");
    write_files(&root, &FILES);
    let mut agent = agent(&env, &root, &["--no-spawn"]);
    for tool in ["status", "index", "map"] {
        let said = failure(&mut agent, tool, json!({}));
        assert!(said.contains("no daemon listens on") && said.contains("vigie daemon start"), "{tool}: {said}");
    }
    assert_eq!(agent.request("tools/list", json!({}))["result"]["tools"].as_array().map(Vec::len), Some(TOOLS.len()));
    let _daemon = env.start_daemon(&[]);
    assert_eq!(answer(&mut agent, "index", json!({}))["rows"][0]["type"], "complete");
}

#[test]
fn a_daemon_that_dies_under_a_call_is_started_again() {
    let env = TestEnv::new();
    let tree = slow_tree(&env, 55);
    let (mut agent, id, _) = indexing(&env, &tree, &[]);
    for pid in env.daemon_pids() {
        kill_hard(pid);
        assert!(wait_gone(pid, Duration::from_secs(10)));
    }
    let ended = agent.answer(id);
    assert_eq!(ended["result"]["structuredContent"]["rows"][0]["type"], "complete", "{ended}");
    // A connection that was kept is dead too.
    for pid in env.daemon_pids() {
        kill_hard(pid);
        assert!(wait_gone(pid, Duration::from_secs(10)));
    }
    let found = answer(&mut agent, "symbols", json!({ "name": "rust_voyage_0_0" }));
    assert_eq!(found["rows"][0]["name"], "rust_voyage_0_0");
}

#[test]
fn what_is_no_message_is_passed_over() {
    let env = TestEnv::new();
    let root = harbour(&env);
    let mut agent = env.agent_in(&root, &[] as &[&str]);
    agent.write(b"hello\n\n\xff\xfe\n{\"jsonrpc\":\n[]\n");
    agent.initialize("2025-06-18", &json!({}));
    agent.write(b"nonsense {\n\x00\n");
    agent.write(&[vec![b'x'; 3 << 20], b"\n".to_vec()].concat());
    let deep = format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    agent.write(deep.as_bytes());
    let id = agent.ask("tools/call", json!({ "name": "definition", "arguments": { "target": "helper" } }));
    assert_eq!(agent.answer(id)["result"]["structuredContent"]["rows"][0]["path"], "b.py");
    assert!(resident_bytes_peak(agent.pid()) <= RESIDENT_BYTES_MAX, "{}", resident_bytes_peak(agent.pid()));
    // What was asked for is answered, though nothing more comes.
    agent.ask("tools/call", json!({ "name": "map", "arguments": {} }));
    assert_eq!(agent.finish(), (Some(0), String::new()));
    // Half a message, or none at all, is the end too.
    let mut agent = env.agent_in(&root, &[] as &[&str]);
    agent.write(b"{\"jsonrpc\":\"2.0\",\"id\":1,");
    assert_eq!(agent.finish().0, Some(0));
    assert_eq!(env.agent_in(&root, &[] as &[&str]).finish(), (Some(0), String::new()));
}

#[test]
fn an_agent_costs_ten_megabytes_at_most() {
    let env = TestEnv::new();
    let tree = SourceTree::generate(&env.project("fleet"), 300, 4_000, 56);
    fs::create_dir(tree.root.join(".git")).expect("the directory is ours");
    let mut agent = agent(&env, &tree.root, &[]);
    agent.request("tools/list", json!({}));
    for (tool, mut arguments, _) in questions() {
        arguments["max_tokens"] = json!(16_000);
        call(&mut agent, tool, arguments);
    }
    for (tool, arguments) in [
        ("text", json!({ "pattern": ".", "max_tokens": 16_000 })),
        ("references", json!({ "target": "measure_keel", "max_tokens": 16_000 })),
        ("context", json!({ "targets": ["rust_voyage_0_0"], "max_tokens": 16_000 })),
        ("map", json!({ "max_tokens": 16_000 })),
        ("index", json!({ "force": true })),
        ("status", json!({})),
    ] {
        answer(&mut agent, tool, arguments);
    }
    // Many at a time.
    let ids: Vec<u64> = (0..40)
        .map(|_| agent.ask("tools/call", json!({ "name": "text", "arguments": { "pattern": "return" } })))
        .collect();
    for id in ids {
        let is_there = agent.heard.iter().any(|message| message["id"] == id);
        if !is_there {
            assert!(agent.answer(id)["result"].is_object());
        }
    }
    agent.request("tools/list", json!({}));
    let peak = resident_bytes_peak(agent.pid());
    assert!(peak <= RESIDENT_BYTES_MAX, "{peak} bytes");
}

#[test]
fn it_is_a_command_like_others() {
    let env = TestEnv::new();
    let help = env.vigie_in(&env.home(), &["mcp", "--help"]);
    help.expect_code(0);
    help.check(
        help.text().contains("--on-cancel") && help.text().contains("mcpServers"),
        "its options, and how it is set up",
    );
    env.vigie_in(&env.home(), &["--help"]).check(true, "help").expect_code(0);
    env.vigie_in(&env.home(), &["mcp", "--on-cancel", "wait"]).expect_code(2).expect_stderr("on-cancel");
    assert!(env.vigie_in(&env.home(), &["--help"]).text().contains("mcp"));
}
