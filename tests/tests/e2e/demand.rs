//! Answers while the structure of an index is being built: a question about one name is answered completely and at once, one that
//! cannot be says what is missing, and one about parts of names does not wait.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use vigie_tests::{Output, Running, SourceTree, TestEnv};

use crate::support::{wait_stage, write_files};

/// Times that a tree is indexed anew until the questions come before the end.
const ATTEMPTS_MAX: u64 = 5;

/// How much later than its deadline a command ends at most.
const GRACE: Duration = Duration::from_secs(2);

/// Files of tests are parsed last: these, below `tests/`, are not parsed before somebody asks for them.
const LAST: [(&str, &str); 8] = [
    ("tests/keel.py", "def lay_keel():\n    return lay_keel\n"),
    ("tests/sail.py", "import keel\n\nclass Sail:\n    pass\n\nclass Jib(Sail):\n    pass\n"),
    ("tests/hoist.rs", "pub fn hoist_jib() {}\n\npub fn race() {\n    hoist_jib();\n}\n"),
    ("tests/wreck.go", "package wreck\n\nfunc salvage() {}\n\nfunc dive() {\n\tsalvage()\n}\n"),
    ("tests/cargo.py", "def load_cargo():\n    pass\n"),
    ("tests/port.py", "from cargo import load_cargo as fill\n\nfill(1)\n"),
    ("tests/quay.js", "export class Quay {}\nexport function berth() {}\n"),
    ("tests/unasked.py", "def never_asked_for():\n    pass\n"),
];

/// A daemon with one worker, and a job that is parsing the files of a tree.
struct Tier<'e> {
    env: &'e TestEnv,
    root: PathBuf,
    job: Running,
}

/// An answer, and whether it came while files were still to be parsed.
struct Told {
    output: Output,
    rows: Vec<Value>,
    summary: Value,
}

impl Tier<'_> {
    fn ask(&self, words: &[&str]) -> Told {
        let output = self.env.vigie_in(&self.root, &[words, &["--json"]].concat());
        let mut rows = output.json();
        let summary = rows.pop().unwrap_or_default();
        Told { output, rows, summary }
    }

    /// The answer when everything is indexed.
    fn ask_at_the_end(self, words: &[&str]) -> Vec<Value> {
        let Tier { env, root, job } = self;
        job.finish().expect_code(0);
        let (rows, summary) = env.vigie_in(&root, &[words, &["--json"]].concat()).answer();
        assert_eq!((&summary["provisional"], &summary["files_pending"]), (&false.into(), &0.into()), "{summary}");
        assert_eq!(summary["coverage"]["complete"], true, "{summary}");
        rows
    }
}

impl Told {
    fn came_early(&self) -> bool {
        self.summary["coverage"]["structure_pending"].as_u64() > Some(0) && self.summary["freshness"] == "indexing"
    }
}

/// Asks while a tree is being parsed, in trees of their own until an answer came before the end; then checks it.
#[track_caller]
fn while_indexing(seed: u64, words: &[&str], check: impl Fn(Tier<'_>, Told)) {
    for attempt in 0..ATTEMPTS_MAX {
        let env = TestEnv::new();
        let _daemon = env.start_daemon(&["--workers", "1"]);
        let tree = SourceTree::generate(&env.project("fleet"), 500, 12_000, seed + attempt);
        write_files(&tree.root, &LAST);
        let mut job = env.spawn_vigie_in(&tree.root, &["index", "--json"]);
        wait_stage(&mut job, "indexing");
        let tier = Tier { env: &env, root: tree.root, job };
        let told = tier.ask(words);
        if told.came_early() {
            return check(tier, told);
        }
    }
    panic!("{words:?} was never answered before the index was complete");
}

/// What a row says that does not depend on other files.
fn place(row: &Value) -> String {
    let fields = ["type", "name", "qualified", "role", "path", "line", "column", "depth", "enclosing", "module"];
    fields.map(|field| row[field].to_string()).join(" ")
}

/// An answer during the tier has exactly the rows of the complete index, and says that it may only become more certain.
#[track_caller]
fn check_complete_early(seed: u64, words: &[&str], count: usize) {
    while_indexing(seed, words, |tier, told| {
        told.output.expect_code(0).check(told.rows.len() == count, &format!("{count} rows"));
        let Told { output, rows, summary } = told;
        output.check(summary["files_pending"] == 0, "no file that the answer lacks");
        output.check(summary["provisional"] == true, "a provisional answer");
        let at_the_end: Vec<String> = tier.ask_at_the_end(words).iter().map(place).collect();
        assert_eq!(rows.iter().map(place).collect::<Vec<_>>(), at_the_end, "{words:?}");
    });
}

#[test]
fn p6_a_definition_is_found_before_the_index_is_complete() {
    check_complete_early(4000, &["def", "lay_keel"], 1);
}

#[test]
fn p6_references_are_complete_before_the_index_is() {
    check_complete_early(4010, &["refs", "hoist_jib", "--with-defs"], 2);
}

#[test]
fn p6_callers_are_complete_before_the_index_is() {
    check_complete_early(4020, &["callers", "salvage"], 1);
}

#[test]
fn p6_an_exact_symbol_is_found_before_the_index_is_complete() {
    check_complete_early(4030, &["symbols", "--exact", "Quay"], 1);
}

#[test]
fn p6_one_step_of_inheritance_is_complete_before_the_index_is() {
    check_complete_early(4040, &["hierarchy", "Sail", "--depth", "1"], 1);
}

#[test]
fn p6_an_outline_is_complete_before_the_index_is() {
    check_complete_early(4050, &["outline", "tests/quay.js"], 2);
}

#[test]
fn p6_a_place_leads_through_an_alias_before_the_index_is_complete() {
    while_indexing(4060, &["def", "tests/port.py:3:1"], |_, told| {
        told.output.expect_code(0).check(told.rows.len() == 1, "one definition");
        assert_eq!((&told.rows[0]["path"], &told.rows[0]["line"]), (&"tests/cargo.py".into(), &1.into()));
        assert_eq!((&told.summary["files_pending"], &told.summary["provisional"]), (&0.into(), &true.into()));
    });
}

#[test]
fn p6_a_name_that_only_imports_give_is_followed_before_the_index_is_complete() {
    check_complete_early(4065, &["def", "fill"], 1);
}

#[test]
fn p6_nothing_is_certain_nothing_before_the_index_is_complete() {
    while_indexing(4070, &["def", "nobody_defined_this"], |_, told| {
        told.output.expect_code(1);
        assert_eq!((&told.summary["files_pending"], &told.rows.len()), (&0.into(), &0), "{}", told.summary);
    });
}

/// What cannot be known yet is counted.
#[track_caller]
fn check_partial(seed: u64, words: &[&str]) {
    while_indexing(seed, words, |tier, told| {
        told.output.expect_code(3);
        let Told { output, rows, summary } = told;
        output.check(summary["files_pending"].as_u64() > Some(0), "files that the answer may lack");
        output.check(summary["provisional"] == false, "no claim that all rows are there");
        let early: BTreeSet<String> = rows.iter().map(place).collect();
        let at_the_end = tier.ask_at_the_end(words).iter().map(place).collect();
        assert!(early.is_subset(&at_the_end), "rows that are not in the complete index: {early:#?}");
    });
}

#[test]
fn p6_calls_of_calls_and_importers_say_how_many_files_may_be_missing() {
    check_partial(4080, &["callers", "salvage", "--depth", "2"]);
    check_partial(4090, &["importers", "tests/keel.py"]);
}

/// A name that stands in nearly every file of a tree which takes several seconds.
#[test]
fn p6_a_common_name_is_answered_in_part_at_the_deadline() {
    let words = ["refs", "measure_anchor", "--deadline-ms", "100"];
    for attempt in 0..ATTEMPTS_MAX {
        let env = TestEnv::new();
        let _daemon = env.start_daemon(&["--workers", "1"]);
        let tree = SourceTree::generate(&env.project("fleet"), 2000, 12_000, 4100 + attempt);
        let mut job = env.spawn_vigie_in(&tree.root, &["index", "--json"]);
        wait_stage(&mut job, "indexing");
        let tier = Tier { env: &env, root: tree.root, job };
        let told = tier.ask(&words);
        // A machine that is busy elsewhere may not answer at all in that time, and says that.
        if told.output.code == 2 && told.summary["code"] == "deadline" {
            continue;
        }
        let pending = told.summary["files_pending"].as_u64().unwrap_or_default();
        if !told.came_early() || pending == 0 {
            continue;
        }
        told.output.expect_code(3).check(told.summary["provisional"] == false, "a partial answer");
        let person = env.vigie_in(&tier.root, &["refs", "measure_anchor", "--limit", "1", "--deadline-ms", "1000"]);
        person.check(matches!(person.code, 0 | 2 | 3), "an answer");
        person.check(person.code != 3 || person.stderr.contains("partial"), "a word about what is missing");
        return;
    }
    panic!("a common name was never answered in part");
}

#[test]
fn p6_parts_of_names_never_wait() {
    for mode in
        [&["symbols", "--prefix", "never_asked"][..], &["symbols", "asked_for"], &["symbols", "--fuzzy", "nvrasked"]]
    {
        while_indexing(4110, mode, |tier, told| {
            told.output.expect_code(3).check(told.rows.is_empty(), "no row, since nobody parsed the file");
            told.output.check(told.summary["coverage"]["complete"] == false, "an index that is not complete");
            let coverage = tier.ask(&["coverage", "tests/unasked.py"]);
            if coverage.came_early() {
                assert_eq!(coverage.rows[0]["structure"], "pending", "nothing asked for the file");
            }
        });
    }
}

/// An index that a budget left without some of the files: what it answers is not all, and is said not to be.
#[test]
fn p6_what_an_incomplete_index_answers_is_partial() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("sloop");
    let files = ["a.py", "b.py", "c.py", "d.py"].map(|path| (path, "def reef_sail():\n    pass\n"));
    write_files(&root, &files);
    env.vigie_in(&root, &["index", "--max-files", "2"]).expect_code(3);
    for words in [
        &["symbols", "--prefix", "reef"][..],
        &["symbols", "sail"],
        &["symbols", "--fuzzy", "rfsl"],
        &["search", "reefing", "sails"],
        &["context", "--query", "reefing sails"],
        &["map"],
        &["text", "reef"],
        &["text", "-l", "reef"],
        &["files", "*.py"],
    ] {
        let found = env.vigie_in(&root, words);
        found.expect_code(3).expect_stderr("the index is not complete");
        found.check(!found.stdout.is_empty(), "what is there");
    }
    let nothing = env.vigie_in(&root, &["symbols", "--prefix", "reff_sail"]);
    nothing.expect_code(3).expect_stderr("no such name");
    let place = |what: &str| nothing.stderr.find(what);
    nothing.check(place("not complete") < place("no such name"), "first that not all was looked at");
    let nothing = env.vigie_in(&root, &["context", "reff_sail", "reef_sails"]);
    nothing.expect_code(3).expect_stderr("the answer is partial: 2 files that it may concern are not indexed yet");
    nothing.expect_stderr("no such name: \"reff_sail\"").expect_stderr("no such name: \"reef_sails\"");
    let nothing = env.vigie_in(&root, &["map", "--path", "*.rs"]);
    nothing.expect_code(3).expect_stderr("the index is not complete: 2 files to go\n");
    env.vigie_in(&root, &["index"]).expect_code(0);
    env.vigie_in(&root, &["symbols", "--prefix", "reef"]).expect_code(0);
}

/// The first question about a project begins its first job, and waits for that no longer than for anything else; that of the
/// second project meets a job that waits for its turn.
#[test]
fn p6_the_first_question_of_all_keeps_to_its_deadline() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let words = ["symbols", "--prefix", "m", "--deadline-ms", "300"];
    let mut roots = Vec::new();
    for (name, seed) in [("fleet", 4200), ("flotilla", 4201)] {
        let tree = SourceTree::generate(&env.project(name), 1200, 12_000, seed);
        write_files(&tree.root, &[(".vigie.toml", "")]);
        let since = Instant::now();
        let output = env.vigie_in(&tree.root, &[&words[..], &["--json"]].concat());
        let took = since.elapsed();
        output.expect_code(3).expect_stderr("is not indexed yet");
        let said = output.json().pop().unwrap_or_default();
        output.check(said.to_string().contains("still being indexed"), "a word about why the answer is not complete");
        output.check(took < Duration::from_millis(300) + GRACE, &format!("an end at the deadline, not after {took:?}"));
        roots.push(tree.root);
    }
    // The jobs were nobody's, and go on; that of the second may have ended by the time the first has.
    for root in roots {
        let attached = env.vigie_in(&root, &["attach"]);
        attached.check(attached.code == 0 || attached.stderr.contains("no job is running"), "a job that goes on");
        env.vigie_in(&root, &["symbols", "--prefix", "m", "--limit", "1"]).expect_code(0);
    }
}
