//! Questions in words, on a small project in which each has one answer that is certainly the best.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_proto::{Freshness, QuerySummary, SearchQuery, SearchRows, Stage, Target};
use vigie_tests::{Output, SourceTree, TestEnv};

use crate::support::{index, start_index, wait_end, wait_event, write_files};

const FILES: [(&str, &str); 6] = [
    (
        "auth/session.py",
        "class SessionStore:\n    def validate(self, token):\n        \
         \"\"\"Checks that a session is known and has not expired.\"\"\"\n        return token in self.sessions\n\n    \
         def forget(self, token):\n        self.sessions.pop(token)\n",
    ),
    (
        "auth/password.py",
        "def derive_key(password, salt):\n    \"\"\"Hashes a password, slowly.\"\"\"\n    return scrypt(password, salt)\n",
    ),
    (
        "src/queue.rs",
        "/// Items that wait for a worker.\npub struct BoundedQueue {\n    pub items: Vec<u32>,\n}\n\n\
         /// Waits until there is room.\npub fn push_bounded(item: u32) -> u32 {\n    item\n}\n",
    ),
    (
        "src/retry.rs",
        "/// Tries again after a growing delay.\npub fn retry_with_backoff(attempts: u32) -> u32 {\n    \
         let delay = attempts * 2;\n    delay\n}\n",
    ),
    (
        "docs/deploy.md",
        "# Deployment\n\nRoll out one region after the other.\n\n# Incidents\n\nSwitch traffic to the release before.\n",
    ),
    ("notes/oncall.txt", "Who is called\n\nThe pager rings after two failed probes.\n"),
];

/// An indexed project and a way to ask about it.
struct Library<'e> {
    env: &'e TestEnv,
    root: PathBuf,
}

impl Library<'_> {
    fn new(env: &TestEnv) -> Library<'_> {
        let root = env.project("library");
        write_files(&root, &FILES);
        index(env, &root);
        Library { env, root }
    }

    fn asked(&self, words: &[&str]) -> Output {
        self.env.vigie_in(&self.root, &[&["search"], words].concat())
    }

    /// The rows of an answer that found something and is complete.
    #[track_caller]
    fn rows(&self, words: &[&str]) -> Vec<Value> {
        let output = self.asked(&[words, &["--json"]].concat());
        let (rows, summary) = output.expect_code(0).answer();
        output.check(summary["rows"] == rows.len() && summary["coverage"]["complete"] == true, "a whole answer");
        output.check(rows.iter().all(|row| row["type"] == "search" && row["v"] == 1), "rows of one type");
        rows
    }

    #[track_caller]
    fn paths(&self, words: &[&str]) -> Vec<String> {
        self.rows(words).iter().map(|row| row["path"].as_str().expect("a path").to_owned()).collect()
    }
}

#[test]
fn the_best_answer_is_where_it_is_said() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let library = Library::new(&env);
    for (question, path, qualified) in [
        ("where are sessions validated", "auth/session.py", "SessionStore.validate"),
        ("how do we hash passwords?", "auth/password.py", "derive_key"),
        ("retrying with a backoff", "src/retry.rs", "retry_with_backoff"),
        ("a queue whose workers wait", "src/queue.rs", "BoundedQueue"),
        ("pushBounded", "src/queue.rs", "push_bounded"),
        ("traffic during an incident", "docs/deploy.md", "Incidents"),
    ] {
        let rows = library.rows(&[question]);
        assert_eq!((&rows[0]["path"], &rows[0]["qualified"]), (&path.into(), &qualified.into()), "{question}");
        let words: Vec<&str> = question.split(' ').collect();
        assert_eq!(library.rows(&words), rows, "{question}: words are one question, in quotes or not");
    }
}

#[test]
fn a_place_has_every_documented_field() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let library = Library::new(&env);
    let mut place = library.rows(&["expired", "known", "session"])[0].clone();
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("no number: {value}"));
    let parts = place["parts"].take();
    let [text, path, definition, passage, density, prior] =
        ["text", "path", "definition", "passage", "density", "prior"].map(|part| number(&parts[part]));
    let score = number(&place["score"].take());
    let made = (text + path + definition + passage + density) * prior;
    assert!((score - made).abs() < 0.01, "{score} is not made of {parts}");
    assert!(
        [text, path, definition, passage, density, prior].iter().all(|part| *part > 0.0) && prior <= 1.0,
        "{parts}"
    );
    let snippet = json!({
        "line": 3,
        "text": "\"\"\"Checks that a session is known and has not expired.\"\"\"",
        "spans": [{ "start": 17, "end": 24 }, { "start": 28, "end": 33 }, { "start": 46, "end": 53 }],
    });
    let expected = json!({
        "v": 1, "type": "search", "path": "auth/session.py", "start_line": 2, "end_line": 4, "score": null,
        "name": "validate", "qualified": "SessionStore.validate", "kind": "method", "line": 2, "column": 9,
        "column_utf16": 9, "container": "SessionStore", "signature": "def validate(self, token)",
        "doc": "Checks that a session is known and has not expired.", "language": "python", "snippet": snippet,
        "parts": null, "declaration": false, "changed": false, "gone": false, "stale": false,
    });
    assert_eq!(place, expected);
}

#[test]
fn a_region_without_a_definition_has_its_lines() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let library = Library::new(&env);
    let rows = library.rows(&["pager", "probes"]);
    let [region] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&region["path"], &region["language"]), (&"notes/oncall.txt".into(), &Value::Null));
    assert_eq!((&region["start_line"], &region["end_line"]), (&3.into(), &3.into()));
    for field in ["name", "qualified", "kind", "line", "column", "column_utf16", "container", "signature", "doc"] {
        assert_eq!(region.get(field), Some(&Value::Null), "{field} in {region}");
    }
    assert_eq!(region["snippet"]["spans"], json!([{ "start": 4, "end": 9 }, { "start": 33, "end": 39 }]));
    library.asked(&["pager"]).check(
        library.asked(&["pager"]).text() == "notes/oncall.txt:3: lines 3-3\tThe pager rings after two failed probes.\n",
        "a row that a reader of places can jump to",
    );
}

#[test]
fn filters_leave_what_they_say() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let library = Library::new(&env);
    let question = ["session", "password", "queue", "delay", "deployment", "pager"];
    let paths = |filters: &[&str]| {
        let mut paths = library.paths(&[&question, filters].concat());
        paths.sort_unstable();
        paths
    };
    assert_eq!(paths(&[]).len(), FILES.len(), "each file once");
    assert_eq!(paths(&["--lang", "py"]), ["auth/password.py", "auth/session.py"]);
    assert_eq!(paths(&["--path", "src", "--path", "*.md"]), ["docs/deploy.md", "src/queue.rs", "src/retry.rs"]);
    assert_eq!(paths(&["--kind", "function"]), ["auth/password.py", "src/retry.rs"]);
    let kinds = library.rows(&["bounded", "--kind", "function", "--kind", "class"]);
    assert_eq!((kinds.len(), &kinds[0]["qualified"]), (1, &"push_bounded".into()));
    let left = library.asked(&["bounded", "--lang", "python"]);
    left.expect_code(1).expect_stderr("language python leaves nothing").check(left.stdout.is_empty(), "no row");
}

#[test]
fn ten_answers_are_enough_and_a_cursor_goes_on() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("hold");
    for number in 0..14 {
        let padding = "    stow()\n".repeat(number * 3);
        write_files(&root, &[(&format!("src/f{number}.py"), &format!("def shift_ballast():\n{padding}    pass\n"))]);
    }
    index(&env, &root);
    let asked = |words: &[&str]| {
        let words = [&["search", "shifting", "ballast", "--json"], words].concat();
        let (rows, summary) = env.vigie_in(&root, &words).expect_code(0).answer();
        let paths: Vec<String> = rows.iter().map(|row| row["path"].as_str().expect("a path").to_owned()).collect();
        (paths, summary["cursor"].as_str().map(str::to_owned))
    };
    let (all, none) = asked(&["--limit", "0"]);
    assert_eq!((all.len(), none), (14, None));
    let (first, cursor) = asked(&[]);
    assert_eq!(first, all[..10]);
    let (rest, none) = asked(&["--cursor", &cursor.expect("there is more")]);
    assert_eq!((rest.as_slice(), none), (&all[10..], None));
    let (mut pages, mut cursor) = asked(&["--limit", "4"]);
    while let Some(place) = cursor {
        let (page, next) = asked(&["--limit", "4", "--cursor", &place]);
        pages.extend(page);
        cursor = next;
    }
    assert_eq!(pages, all, "no place comes twice and none is lost");
    let cut = env.vigie_in(&root, &["search", "ballast"]);
    cut.expect_code(0).expect_stderr("there is more: --cursor ").check(cut.text().lines().count() == 10, "ten lines");
}

#[test]
fn a_pipe_has_a_line_for_each_place_and_a_terminal_its_snippet_below() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let library = Library::new(&env);
    let head = "auth/session.py:2: method SessionStore.validate";
    let signature = "def validate(self, token)";
    let snippet = "\"\"\"Checks that a session is known and has not expired.\"\"\"";
    let found = library.asked(&["known", "session"]);
    assert_eq!(found.text(), format!("{head}  {signature}\t{snippet}\n"));
    let explained = library.asked(&["--explain", "known", "session"]);
    let score = explained.text().trim_end().strip_prefix(found.text().trim_end()).map(str::to_owned);
    let score = score.unwrap_or_else(|| panic!("not the same line with a score{}", explained.report()));
    let is_whole = ["\tscore ", " = (text ", " + path ", " + definition ", " + passage ", " + density ", ") * prior "]
        .map(|word| score.contains(word));
    explained.check(is_whole == [true; 7], "every part of the score");

    let shown = env.vigie_on_terminal(&library.root, "search known session");
    assert_eq!(shown.text().replace('\r', ""), format!("{head}  {signature}\n    3: {snippet}\n"));
    let shown = env.vigie_on_terminal(&library.root, "search --explain validate token");
    let text = shown.text().replace('\r', "");
    let lines: Vec<&str> = text.lines().collect();
    // The signature is not said twice.
    assert_eq!(lines[..2], [head, "    2: def validate(self, token):"]);
    assert!(lines.len() == 3 && lines[2].starts_with("    score "), "{lines:?}");
    let shown = env.vigie_on_terminal(&library.root, "search pager");
    let expected = "notes/oncall.txt:3-3\n    3: The pager rings after two failed probes.\n";
    assert_eq!(shown.text().replace('\r', ""), expected);
}

#[test]
fn questions_that_ask_for_nothing_are_refused() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let library = Library::new(&env);
    for (words, sentence) in [
        (&[""][..], "the question is empty"),
        (&["  "], "the question is empty"),
        (&["!!! ???"], "\"!!! ???\" has no word"),
        (&["x"], "\"x\" has only single letters, which are no words here; `vigie text` finds them"),
        (&["where", "is", "it"], "\"where is it\" has only words such as \"where\", which any text may have"),
        (&["session", "--cursor", "abcd"], "the cursor is not one that an earlier answer gave"),
        (&["session", "--kind", "verb"], "'verb'"),
        (&["session", "--path", "[a"], "missing ']'"),
        (&[], "<WORDS>"),
    ] {
        let output = library.asked(words);
        output.expect_code(2).expect_stderr(sentence).check(output.stdout.is_empty(), "nothing on stdout");
    }
    let nothing = library.asked(&["zeppelin"]);
    nothing.expect_code(1).expect_stderr("no file has \"zeppelin\"").check(nothing.stdout.is_empty(), "no row");
    let half = library.asked(&["zeppelin", "session"]);
    half.expect_code(0).expect_stderr("no file has \"zeppelin\"").check(!half.stdout.is_empty(), "what there is");
    library.asked(&[&"pager ".repeat(3000)]).expect_code(0);
}

#[test]
fn places_follow_edits_and_say_what_became_of_their_files() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let library = Library::new(&env);
    fs::write(library.root.join("src/retry.rs"), "pub fn nothing() {}\n").expect("the tree is ours");
    fs::remove_file(library.root.join("notes/oncall.txt")).expect("the tree is ours");
    write_files(&library.root, &[("src/lighthouse.rs", "pub fn light_lamp() {}\n")]);
    let flags = |question: &str| {
        let row = library.rows(&[question])[0].clone();
        (row["changed"] == true, row["gone"] == true)
    };
    assert_eq!([flags("backoff"), flags("pager"), flags("password")], [(true, false), (true, true), (false, false)]);
    library.asked(&["pager"]).expect_code(0).check(library.asked(&["pager"]).text().contains("[file gone]"), "a mark");
    library.asked(&["lighthouse"]).expect_code(1);
    assert_eq!(library.paths(&["lighthouse", "lamps", "--fresh"]), ["src/lighthouse.rs"]);
    library.asked(&["pager"]).expect_code(1);
    library.asked(&["backoff"]).expect_code(1);
    library.env.vigie_in(&library.root, &["index", "--force"]).expect_code(0);
    assert_eq!(library.paths(&["lamp"]), ["src/lighthouse.rs"]);
}

#[test]
fn p6_a_question_in_words_does_not_wait_for_a_job() {
    let env = TestEnv::new();
    let daemon = env.start_daemon(&["--workers", "1"]);
    let tree = SourceTree::generate(&env.project("fleet"), 900, 12_000, 37);
    let (mut watcher, mut asker) = (daemon.connect(), daemon.connect());
    let (id, accepted) = start_index(&mut watcher, &tree.root, 0);
    wait_event(&mut watcher, id, |event| event.stage == Stage::INDEXING && event.current > 0);
    let target = Target { path: accepted.root, ..Target::default() };
    let question = SearchQuery { target, query: "the logbook of a voyage".to_owned(), ..SearchQuery::default() };
    let begun = Instant::now();
    let answer = asker.ask(&question).expect("it is answered");
    assert!(begun.elapsed() < Duration::from_secs(2), "it took {:?}", begun.elapsed());
    let rows: usize = answer.all::<SearchRows>().iter().map(|page| page.rows.len()).sum();
    let summary: QuerySummary = answer.one();
    assert!(rows > 0 && summary.rows == rows as u64, "{rows} rows, {summary:?}");
    assert_eq!(summary.freshness, Freshness::INDEXING, "{summary:?}");
    assert!(!summary.coverage.complete && summary.coverage.structure_pending > 0, "{summary:?}");
    let (_, early) = env.vigie_in(&tree.root, &["search", "logbook", "--json"]).answer();
    assert!(early["freshness"] != "indexing" || early["coverage"]["complete"] == false, "{early}");
    wait_end(&mut watcher, id);
    let summary: QuerySummary = asker.ask(&question).expect("it is answered").one();
    assert!(summary.coverage.complete && summary.freshness != Freshness::INDEXING, "{summary:?}");
}
