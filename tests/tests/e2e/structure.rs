//! Questions about the structure of code, on small projects in several languages whose right answers are written down here.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vigie_proto::{
    CallQuery, CallRows, Direction, HierarchyQuery, HierarchyRows, ImportQuery, ImportRows, Message, QueryOptions,
    QuerySummary, ReferenceQuery, ReferenceRows, SymbolMode, SymbolQuery, SymbolRows, Target, reference_flag,
};
use vigie_tests::{Output, TestEnv, Wire};

use crate::support::{index, write_files};

const SHIPS: [(&str, &str); 14] = [
    ("rust/src/lib.rs", "pub mod ship;\npub mod yard;\npub use ship::launch as set_afloat;\n"),
    (
        "rust/src/ship.rs",
        "/// What floats.\npub trait Floats {\n    fn draught(&self) -> u32;\n}\n\npub struct Ship {\n    pub depth: u32,\n}\n\n\
         impl Floats for Ship {\n    fn draught(&self) -> u32 {\n        self.depth\n    }\n}\n\n/// Sets a ship afloat.\n\
         pub fn launch(depth: u32) -> Ship {\n    let mut ship = Ship { depth };\n    /* été 𝛼 */ ship.depth = measure(depth);\n    \
         ship\n}\n\nfn measure(depth: u32) -> u32 {\n    depth + 1\n}\n",
    ),
    (
        "rust/src/yard.rs",
        "use crate::set_afloat;\nuse crate::ship::{launch as start, Ship};\n\npub fn build() -> Ship {\n    \
         let first = set_afloat(3);\n    let _second = start(first.depth);\n    first\n}\n\npub fn build_all() {\n    build();\n}\n",
    ),
    (
        "py/model.py",
        "class Vessel:\n    \"\"\"What sails.\"\"\"\n    def sail(self):\n        return self\n\n\nclass Tanker(Vessel):\n    \
         def sail(self):\n        return load(self)\n\n\nclass SuperTanker(Tanker):\n    pass\n\n\ndef load(vessel):\n    return vessel\n",
    ),
    (
        "py/port.py",
        "from model import Tanker as Oiler\nfrom model import load as fill\nimport model\n\n\ndef dock():\n    ship: Oiler = Oiler()\n    \
         fill(ship)\n    model.load(ship)\n    return ship\n",
    ),
    (
        "py/race.py",
        "class Kite:\n    def tack(self):\n        pass\n\n\nclass Dinghy:\n    def tack(self):\n        pass\n",
    ),
    ("py/regatta.py", "def start_race(boat):\n    boat.tack()\n"),
    ("js/hull.js", "export function hoist(mast) {\n  return mast;\n}\nexport class Hull {}\n"),
    ("js/index.js", "export { hoist as raise } from './hull.js';\nexport * from './hull.js';\n"),
    (
        "js/main.js",
        "import { raise } from './index.js';\nimport { hoist } from './hull.js';\n\nexport function crew() {\n  \
         const naïve = \"𝛼\"; raise(naïve);\n  return hoist(1);\n}\n",
    ),
    (
        "go/hull.go",
        "package fleet\n\nimport f \"fmt\"\n\ntype Deck struct{ Length int }\n\nfunc (d *Deck) Scrub() int { return d.Length }\n\n\
         type Yacht struct {\n\tDeck\n\tName string\n}\n\nfunc Clean(y *Yacht) {\n\ty.Scrub()\n\tf.Println(y.Name)\n}\n",
    ),
    (
        "java/Crew.java",
        "package crew;\n\npublic class Crew extends Hands implements Runnable {\n    private int size;\n    \
         public void run() { size = 2; help(size); }\n    void help(int n) {}\n}\n\nclass Hands {}\n",
    ),
    ("c/pump.h", "int pump(int litres);\n"),
    (
        "c/pump.c",
        "#include \"pump.h\"\n\nint pump(int litres) {\n    return litres;\n}\n\nint bilge(void) {\n    return pump(3);\n}\n",
    ),
];

/// An indexed project and a way to ask about it.
struct Ships<'e> {
    env: &'e TestEnv,
    root: PathBuf,
}

impl Ships<'_> {
    fn new(env: &TestEnv) -> Ships<'_> {
        let root = env.project("ships");
        write_files(&root, &SHIPS);
        index(env, &root);
        Ships { env, root }
    }

    fn output(&self, words: &[&str]) -> Output {
        self.env.vigie_in(&self.root, &[words, &["--json"]].concat())
    }

    /// The rows of an answer that found something and is complete, in full.
    #[track_caller]
    fn rows(&self, words: &[&str]) -> Vec<Value> {
        let output = self.output(words);
        let (rows, summary) = output.answer();
        output.check(output.code == i32::from(rows.is_empty()), "exit code 0 if something is found, else 1");
        check_summary(&summary, &self.root, rows.len());
        rows
    }

    /// Rows in few words: `path:line:column` and the fields named.
    #[track_caller]
    fn told(&self, words: &[&str], fields: &[&str]) -> Vec<String> {
        self.rows(words).iter().map(|row| told(row, fields)).collect()
    }

    /// Where and in which role a name occurs.
    #[track_caller]
    fn check_refs(&self, words: &[&str], expected: &[&str]) {
        assert_eq!(self.told(&[&["refs"], words].concat(), &["role", "name"]), expected, "{words:?}");
    }
}

fn told(row: &Value, fields: &[&str]) -> String {
    let mut line = format!("{}:{}:{}", row["path"].as_str().unwrap_or("?"), row["line"], row["column"]);
    for field in fields {
        let value = &row[field];
        line.push_str(&format!(" {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    }
    line
}

#[track_caller]
fn check_summary(summary: &Value, root: &Path, rows: usize) {
    assert_eq!(summary["root"], root.to_str().expect("the path is UTF-8"), "{summary}");
    assert!(summary["generation"].as_u64() > Some(0) && summary["elapsed_us"].is_u64(), "{summary}");
    assert_eq!(
        (&summary["freshness"], &summary["generation_changed"]),
        (&"unverified".into(), &false.into()),
        "{summary}"
    );
    let coverage = &summary["coverage"];
    assert_eq!((&coverage["complete"], &coverage["files"]), (&true.into(), &SHIPS.len().into()), "{summary}");
    assert_eq!((&coverage["structure_pending"], &coverage["text_pending"]), (&0.into(), &0.into()), "{summary}");
    assert_eq!((&summary["files_pending"], &summary["provisional"]), (&0.into(), &false.into()), "{summary}");
    assert_eq!((&summary["truncated"], &summary["cursor"]), (&false.into(), &Value::Null), "{summary}");
    assert_eq!((&summary["rows"], &summary["vanished"]), (&rows.into(), &0.into()), "{summary}");
}

fn brief(qualified: &str, kind: &str, path: &str, line: u64, column: u64) -> Value {
    json!({ "qualified": qualified, "kind": kind, "path": path, "line": line, "column": column, "column_utf16": column })
}

#[test]
fn a_reference_has_every_documented_field() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    let expected = json!({
        "v": 1, "type": "reference", "name": "measure", "role": "call", "path": "rust/src/ship.rs", "line": 19, "column": 35,
        "column_utf16": 31, "enclosing": "launch", "confidence": "file",
        "targets": [brief("measure", "function", "rust/src/ship.rs", 23, 4)], "language": "rust",
        "text": "/* été 𝛼 */ ship.depth = measure(depth);", "changed": false, "gone": false, "stale": false,
    });
    assert_eq!(ships.rows(&["refs", "measure"]), [expected]);
}

#[test]
fn references_are_told_by_what_is_done_with_the_name() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    ships.check_refs(&["pump", "--role", "call"], &["c/pump.c:8:12 call pump"]);
    ships.check_refs(
        &["Ship.depth", "--role", "read"],
        &["rust/src/ship.rs:12:14 read depth", "rust/src/yard.rs:6:31 read depth"],
    );
    ships.check_refs(&["Ship.depth", "--role", "write"], &["rust/src/ship.rs:19:27 write depth"]);
    ships.check_refs(&["Crew.size"], &["java/Crew.java:5:25 write size", "java/Crew.java:5:40 read size"]);
    let types =
        ["rust/src/ship.rs:10:17 type Ship", "rust/src/ship.rs:17:30 type Ship", "rust/src/ship.rs:18:20 type Ship"];
    ships.check_refs(&["Ship", "--role", "type"], &[&types[..], &["rust/src/yard.rs:4:19 type Ship"]].concat());
    ships.check_refs(&["Vessel", "--role", "inherit"], &["py/model.py:7:14 inherit Vessel"]);
    ships.check_refs(
        &["hoist", "--role", "import", "--path", "js/m*"],
        &["js/main.js:1:10 import raise", "js/main.js:2:10 import hoist"],
    );
    ships.check_refs(
        &["launch", "--role", "call", "--role", "definition"],
        &[
            "rust/src/ship.rs:17:8 definition launch",
            "rust/src/yard.rs:5:17 call set_afloat",
            "rust/src/yard.rs:6:19 call start",
        ],
    );
    ships.check_refs(&["hoist", "--lang", "python"], &[]);
    ships.check_refs(
        &["measure", "--with-defs"],
        &["rust/src/ship.rs:19:35 call measure", "rust/src/ship.rs:23:4 definition measure"],
    );
}

#[test]
fn aliases_and_reexports_lead_to_the_definition() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    ships.check_refs(
        &["launch"],
        &[
            "rust/src/lib.rs:3:15 import launch",
            "rust/src/lib.rs:3:25 import set_afloat",
            "rust/src/yard.rs:1:12 import set_afloat",
            "rust/src/yard.rs:2:19 import launch",
            "rust/src/yard.rs:2:29 import start",
            "rust/src/yard.rs:5:17 call set_afloat",
            "rust/src/yard.rs:6:19 call start",
        ],
    );
    ships.check_refs(
        &["Tanker"],
        &[
            "py/model.py:12:19 inherit Tanker",
            "py/port.py:1:19 import Tanker",
            "py/port.py:1:29 import Oiler",
            "py/port.py:7:11 type Oiler",
            "py/port.py:7:19 call Oiler",
        ],
    );
    ships.check_refs(&["hoist", "--role", "call"], &["js/main.js:5:26 call raise", "js/main.js:6:10 call hoist"]);
    for row in ships.rows(&["refs", "hoist"]) {
        assert_eq!(row["targets"], json!([brief("hoist", "function", "js/hull.js", 1, 17)]), "{row}");
        assert_eq!(row["confidence"], "import", "{row}");
    }
    // Each place of an alias answers what it means.
    for (place, target) in [
        ("rust/src/yard.rs:5:17", "rust/src/ship.rs:17:8"),
        ("rust/src/lib.rs:3:25", "rust/src/ship.rs:17:8"),
        ("py/port.py:8:5", "py/model.py:16:5"),
        ("py/port.py:9:11", "py/model.py:16:5"),
        ("js/main.js:5:26", "js/hull.js:1:17"),
        ("js/index.js:1:19", "js/hull.js:1:17"),
    ] {
        assert_eq!(ships.told(&["def", place], &[]), [target], "{place}");
        let calls = ships.told(&["refs", target, "--role", "call"], &[]);
        assert_eq!(ships.told(&["refs", place, "--role", "call"], &[]), calls, "{place}");
    }
}

#[test]
fn a_name_that_may_mean_several_things_has_its_candidates() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    let rows = ships.rows(&["refs", "tack"]);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    let candidates =
        [brief("Kite.tack", "method", "py/race.py", 2, 9), brief("Dinghy.tack", "method", "py/race.py", 7, 9)];
    assert_eq!((&rows[0]["confidence"], &rows[0]["targets"]), (&"ambiguous".into(), &json!([])), "{rows:#?}");
    assert_eq!((&rows[0]["candidates"], &rows[0]["candidates_total"]), (&json!(candidates), &2.into()), "{rows:#?}");
    let shown = env.vigie_in(&ships.root, &["refs", "tack"]);
    let either = "→ Kite.tack py/race.py:2 or Dinghy.tack py/race.py:7 [ambiguous]";
    shown.expect_code(0).check(shown.text().contains(either), "either of two");
    // Asked about one of them, the call that may mean it is not left out.
    assert_eq!(ships.told(&["refs", "Kite.tack"], &["confidence"]), ["py/regatta.py:2:10 ambiguous"]);
    let calls = ships.rows(&["callers", "Dinghy.tack"]);
    assert_eq!(calls.len(), 1, "{calls:#?}");
    assert_eq!((&calls[0]["to"], &calls[0]["candidates"]), (&json!([]), &json!(candidates)), "{calls:#?}");
    assert_eq!(
        ships.told(&["def", "py/regatta.py:2:10"], &["confidence"]),
        ["py/race.py:2:9 ambiguous", "py/race.py:7:9 ambiguous"]
    );
}

#[test]
fn calls_go_as_far_as_they_are_asked() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    let expected = json!({
        "v": 1, "type": "call", "from": brief("crew", "function", "js/main.js", 4, 17), "name": "raise", "confidence": "import",
        "to": [brief("hoist", "function", "js/hull.js", 1, 17)], "path": "js/main.js", "line": 5, "column": 26, "column_utf16": 23,
        "depth": 1, "changed": false, "gone": false, "stale": false,
    });
    assert_eq!(ships.rows(&["callers", "hoist"])[0], expected);
    let fields = ["depth", "name"];
    let near = ["rust/src/ship.rs:19:35 1 measure"];
    assert_eq!(ships.told(&["callers", "measure"], &fields), near);
    let second = ["rust/src/yard.rs:5:17 2 set_afloat", "rust/src/yard.rs:6:19 2 start"];
    assert_eq!(ships.told(&["callers", "measure", "--depth", "2"], &fields), [&near[..], &second].concat());
    let third = ["rust/src/yard.rs:11:5 3 build"];
    let all = [&near[..], &second, &third].concat();
    for depth in ["3", "16"] {
        assert_eq!(ships.told(&["callers", "measure", "--depth", depth], &fields), all);
    }
    let down = [
        "rust/src/yard.rs:11:5 1 build",
        "rust/src/yard.rs:5:17 2 set_afloat",
        "rust/src/yard.rs:6:19 2 start",
        "rust/src/ship.rs:19:35 3 measure",
    ];
    assert_eq!(ships.told(&["callees", "build_all", "--depth", "3"], &fields), down);
    assert_eq!(
        ships.told(&["callees", "Clean"], &["name", "confidence"]),
        ["go/hull.go:15:4 Scrub type", "go/hull.go:16:4 Println outside",]
    );
    let outside = &ships.rows(&["callees", "Clean"])[1];
    assert_eq!(outside["to"], json!([]), "{outside}");
    assert_eq!(
        ships.told(&["callers", "java/Crew.java:6:10"], &["name", "confidence"]),
        ["java/Crew.java:5:35 help scope"]
    );
}

#[test]
fn a_name_that_only_imports_give_means_what_they_name() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    for (alias, own) in [("raise", "hoist"), ("set_afloat", "launch"), ("Oiler", "Tanker"), ("fill", "load")] {
        for command in ["callers", "callees", "hierarchy"] {
            let fields = ["name", "confidence"];
            let known = ships.told(&[command, own], &fields);
            assert_eq!(ships.told(&[command, alias], &fields), known, "{command} {alias}");
        }
        assert!(!ships.rows(&["callers", alias]).is_empty(), "{alias}");
        assert_eq!(ships.rows(&["hierarchy", alias]).is_empty(), alias != "Oiler", "{alias}");
        let output = env.vigie_in(&ships.root, &["callers", alias]);
        output.expect_code(0).expect_stderr(&format!("{alias} is what imports call {own}"));
    }
    let output = env.vigie_in(&ships.root, &["callers", "f"]);
    output.expect_code(1).expect_stderr("f is imported from outside of the index");
}

#[test]
fn the_definition_of_a_name_that_only_imports_give_is_that_of_what_they_name() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    for (alias, own) in [("raise", "hoist"), ("set_afloat", "launch"), ("Oiler", "Tanker"), ("fill", "load")] {
        let fields = ["name", "kind"];
        let known = ships.told(&["def", own], &fields);
        assert_eq!(ships.told(&["def", alias], &fields), known, "{alias}");
        let output = env.vigie_in(&ships.root, &["def", alias]);
        output.expect_code(0).expect_stderr(&format!("{alias} is what imports call {own}"));
        let symbols = env.vigie_in(&ships.root, &["symbols", "--exact", alias]);
        symbols.expect_code(1).expect_stderr(&format!("{alias} is what imports call {own}; `vigie def {alias}`"));
    }
    let left_out = env.vigie_in(&ships.root, &["def", "Oiler", "--kind", "function"]);
    left_out.expect_code(1).expect_stderr("what Oiler means is left out");
    let output = env.vigie_in(&ships.root, &["def", "f"]);
    output.expect_code(1).expect_stderr("f is imported from outside of the index");
}

#[test]
fn a_name_may_be_qualified_by_its_module() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    for (long, short) in [
        ("model.Tanker.sail", "Tanker.sail"),
        ("py.model.Tanker.sail", "Tanker.sail"),
        ("ship::launch", "launch"),
        ("go.Clean", "Clean"),
    ] {
        for command in ["def", "callers", "hierarchy"] {
            let fields = ["name"];
            assert_eq!(
                ships.told(&[command, long], &fields),
                ships.told(&[command, short], &fields),
                "{command} {long}"
            );
        }
        assert_eq!(ships.rows(&["def", long]).len(), 1, "{long}");
    }
    env.vigie_in(&ships.root, &["def", "port.Tanker.sail"]).expect_code(1).expect_stderr("sail is left out");
}

#[test]
fn hierarchies_go_up_and_down() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    let (vessel, tanker) =
        (brief("Vessel", "class", "py/model.py", 1, 7), brief("Tanker", "class", "py/model.py", 7, 7));
    let base = json!({
        "v": 1, "type": "base", "derived": tanker.clone(), "name": "Vessel", "confidence": "file", "base": [vessel], "depth": 1,
    });
    let derived = json!({
        "v": 1, "type": "derived", "derived": brief("SuperTanker", "class", "py/model.py", 12, 7), "name": "Tanker",
        "confidence": "file", "base": [tanker], "depth": 1,
    });
    assert_eq!(ships.rows(&["hierarchy", "Tanker"]), [base.clone(), derived.clone()]);
    assert_eq!(ships.rows(&["hierarchy", "Tanker", "--bases"]), [base]);
    assert_eq!(ships.rows(&["hierarchy", "Tanker", "--derived"]), [derived]);
    let steps = |words: &[&str]| {
        let step = |row: &Value| {
            format!("{} {} < {} {}", row["type"], row["derived"]["qualified"], row["name"], row["depth"])
                .replace('"', "")
        };
        ships.rows(&[&["hierarchy"], words].concat()).iter().map(step).collect::<Vec<_>>()
    };
    assert_eq!(steps(&["Vessel"]), ["derived Tanker < Vessel 1", "derived SuperTanker < Tanker 2"]);
    assert_eq!(steps(&["Vessel", "--depth", "1"]), ["derived Tanker < Vessel 1"]);
    assert_eq!(steps(&["SuperTanker"]), ["base SuperTanker < Tanker 1", "base Tanker < Vessel 2"]);
    assert_eq!(steps(&["Crew"]), ["base Crew < Hands 1", "base Crew < Runnable 1"]);
    assert_eq!(steps(&["Floats"]), ["derived Ship < Floats 1"]);
    assert_eq!(steps(&["Yacht"]), ["base Yacht < Deck 1"]);
    let rows = ships.rows(&["hierarchy", "Crew"]);
    assert_eq!((&rows[1]["confidence"], &rows[1]["base"]), (&"outside".into(), &json!([])), "{rows:#?}");
}

#[test]
fn imports_say_what_is_imported_and_by_whom() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    let hoist = brief("hoist", "function", "js/hull.js", 1, 17);
    let import = |line: u64, column: u64, name: &str, alias: Value, target: Value| {
        json!({
            "v": 1, "type": "import", "path": "js/index.js", "line": line, "column": column, "column_utf16": column,
            "module": "./hull.js", "name": name, "alias": alias, "exported": true, "confidence": "import", "targets": [target],
            "changed": false, "gone": false,
        })
    };
    let module = brief("hull", "module", "js/hull.js", 1, 1);
    let expected = [import(1, 10, "hoist", "raise".into(), hoist), import(2, 15, "*", Value::Null, module)];
    assert_eq!(ships.rows(&["imports", "js/index.js"]), expected);
    let fields = ["module", "name", "alias", "exported", "confidence"];
    assert_eq!(
        ships.told(&["imports", "rust/src/yard.rs"], &fields),
        [
            "rust/src/yard.rs:1:5 crate set_afloat null false import",
            "rust/src/yard.rs:2:19 crate::ship launch start false import",
            "rust/src/yard.rs:2:36 crate::ship Ship null false import",
        ]
    );
    assert_eq!(ships.told(&["imports", "go/hull.go"], &fields), ["go/hull.go:3:10 fmt null f false outside"]);
    assert_eq!(ships.told(&["imports", "py/race.py"], &fields), Vec::<String>::new());
    let importers = |file: &str| ships.told(&["importers", file], &["name", "alias"]);
    assert_eq!(
        importers("py/model.py"),
        ["py/port.py:1:19 Tanker Oiler", "py/port.py:2:19 load fill", "py/port.py:3:8 null null"]
    );
    assert_eq!(importers("c/pump.h"), ["c/pump.c:1:10 * null"]);
    let of_hull = [
        "js/index.js:1:10 hoist raise",
        "js/index.js:2:15 * null",
        "js/main.js:1:10 raise null",
        "js/main.js:2:10 hoist null",
    ];
    assert_eq!(importers("js/hull.js"), of_hull, "also through a module that passes it on");
}

#[test]
fn outlines_are_in_the_order_of_the_file() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    assert_eq!(
        ships.told(&["outline", "rust/src/ship.rs"], &["kind", "qualified"]),
        [
            "rust/src/ship.rs:2:11 trait Floats",
            "rust/src/ship.rs:3:8 method Floats.draught",
            "rust/src/ship.rs:6:12 struct Ship",
            "rust/src/ship.rs:7:9 field Ship.depth",
            "rust/src/ship.rs:10:17 impl Ship",
            "rust/src/ship.rs:11:8 method Ship.draught",
            "rust/src/ship.rs:17:8 function launch",
            "rust/src/ship.rs:23:4 function measure",
        ]
    );
    assert_eq!(
        ships.told(&["outline", "py/model.py", "--kind", "class", "--limit", "0"], &["qualified"]),
        ["py/model.py:1:7 Vessel", "py/model.py:7:7 Tanker", "py/model.py:12:7 SuperTanker",]
    );
    let vessel = json!({
        "v": 1, "type": "symbol", "name": "Vessel", "qualified": "Vessel", "kind": "class", "path": "py/model.py", "line": 1,
        "column": 7, "column_utf16": 7, "start_line": 1, "end_line": 4, "container": null, "signature": "class Vessel",
        "doc": "What sails.", "language": "python", "declaration": false, "changed": false, "gone": false, "stale": false, "score": 0,
        "confidence": null,
    });
    assert_eq!(ships.rows(&["outline", "py/model.py"])[0], vessel);
    let below = ships.env.vigie_in(&ships.root.join("py"), &["outline", "race.py"]);
    below.expect_code(0).check(below.text().starts_with("race.py:1:7: class Kite"), "paths as seen from here");
}

#[test]
fn a_place_answers_what_stands_there() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    let def = |place: &str| ships.told(&["def", place], &["kind", "name"]);
    assert_eq!(def("rust/src/ship.rs:19:27"), ["rust/src/ship.rs:7:9 field depth"]);
    assert_eq!(def("rust/src/ship.rs:19:22"), ["rust/src/ship.rs:18:13 local ship"]);
    assert_eq!(def("rust/src/ship.rs:24:5"), ["rust/src/ship.rs:23:12 parameter depth"]);
    assert_eq!(def("js/main.js:5:32"), ["js/main.js:5:9 local naïve"]);
    assert_eq!(def("go/hull.go:15:6"), ["go/hull.go:7:16 method Scrub"]);
    assert_eq!(def("c/pump.c:8:12"), ["c/pump.c:3:5 function pump"]);
    assert_eq!(def("go/hull.go:16:4"), Vec::<String>::new(), "it comes from outside of the index");
    assert_eq!(def("rust/src/ship.rs:17:14"), ["rust/src/ship.rs:17:8 function launch"], "the end of the name");
    assert_eq!(def("Tanker.sail"), ["py/model.py:8:9 method sail"]);
    assert_eq!(def("Tanker::sail"), def("Tanker.sail"));
}

/// What an editor sees may have moved since it was indexed.
#[test]
fn a_place_with_the_name_that_is_seen_there_answers_though_it_has_moved() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    let def = |place: &str| ships.told(&["def", place], &["kind", "name"]);
    let depth = ["rust/src/ship.rs:7:9 field depth"];
    assert_eq!(def("rust/src/ship.rs:19:27:depth"), depth);
    assert_eq!(def("rust/src/ship.rs:20:3:depth"), depth, "the nearest line, not the parameter of line 23");
    assert_eq!(def("rust/src/ship.rs:90:1:depth"), ["rust/src/ship.rs:23:12 parameter depth"]);
    assert_eq!(def("rust/src/ship.rs:1:1:Tanker"), def("Tanker"), "a name that the file does not have");
    write_files(&ships.root, &[("rust/src/new.rs", "fn later() {}\n")]);
    assert_eq!(def("rust/src/new.rs:1:1:Tanker"), def("Tanker"), "a file that the index does not have");
    let refs = |place: &str| ships.told(&["refs", place], &["name", "role"]);
    assert_eq!(refs("rust/src/ship.rs:20:3:depth"), refs("rust/src/ship.rs:19:27"));
    assert_eq!(refs("rust/src/new.rs:1:1:launch"), refs("launch"));
}

#[test]
fn symbols_are_found_by_every_way_to_name_them() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    let names = |words: &[&str]| {
        let rows = ships.rows(&[&["symbols"], words].concat());
        rows.iter().map(|row| row["qualified"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["Tanker", "--exact"]), ["Tanker"]);
    assert_eq!(names(&["tanker", "--exact"]), Vec::<String>::new());
    assert_eq!(names(&["Tank", "--prefix"]), ["Tanker"]);
    assert_eq!(names(&["tanker"]), ["Tanker", "SuperTanker"], "the whole name before a part");
    assert_eq!(names(&["sptk", "--fuzzy"]), ["SuperTanker"]);
    assert_eq!(names(&["tank", "--kind", "class", "--kind", "function"]), ["Tanker", "SuperTanker"]);
    assert_eq!(names(&["tank", "--kind", "method"]), Vec::<String>::new());
    assert_eq!(names(&["tack", "--exact", "--path", "py/**"]), ["Kite.tack", "Dinghy.tack"]);
    assert_eq!(names(&["tack", "--exact", "--path", "js/**"]), Vec::<String>::new());
    assert_eq!(names(&["pump", "--exact", "--lang", "c", "--kind", "function"]).len(), 2, "declaration and definition");
    let flags = ships.told(&["symbols", "pump", "--exact"], &["declaration"]);
    assert_eq!(flags, ["c/pump.c:3:5 false", "c/pump.h:1:5 true"]);
}

#[test]
fn files_are_found_by_letters_and_by_globs() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let ships = Ships::new(&env);
    let files = |words: &[&str]| {
        let rows = ships.rows(&[&["files"], words].concat());
        rows.iter().map(|row| row["path"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(files(&["srdray", "--mode", "fuzzy"]), Vec::<String>::new(), "letters in another order");
    assert_eq!(files(&["ryard"]), ["rust/src/yard.rs"]);
    assert_eq!(files(&["js/*.js"]), ["js/hull.js", "js/index.js", "js/main.js"]);
    assert_eq!(files(&["**/{hull,pump}.*"]), ["c/pump.c", "c/pump.h", "go/hull.go", "js/hull.js"]);
    assert_eq!(files(&["py/", "--mode", "substring"]).len(), 4);
    assert_eq!(files(&[]).len(), SHIPS.len());
    let row = &ships.rows(&["files", "c/pump.h"])[0];
    let expected =
        json!({ "language": "c", "bytes": 22, "disposition": "indexed", "path": "c/pump.h", "type": "file", "v": 1 });
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(&row[field], value, "{field} of {row}");
    }
}

/// A project whose answers are long: `fathom` is called everywhere, `Base` inherited everywhere, and there is a `sound` everywhere.
fn write_fleet(root: &Path) {
    let mut base = "class Base:\n    pass\n\n\ndef fathom():\n    pass\n\n\ndef fleet():\n".to_owned();
    base.push_str(&"    fathom()\n".repeat(90));
    for number in 0..40 {
        base.push_str(&format!("\n\nimport boat_{number}\n\n\nclass Raft{number}(Base):\n    pass\n"));
        let mut text = "from base import Base, fathom\n\n\n".to_owned();
        for call in 0..60 {
            text.push_str(&format!("def call_{number}_{call}():\n    fathom()\n\n\n"));
        }
        text.push_str(&format!("class Boat{number}(Base):\n    def sound(self):\n        return call_{number}_0()\n"));
        write_files(root, &[(&format!("boat_{number}.py"), &text)]);
    }
    write_files(root, &[("base.py", &base)]);
}

/// Asks for an answer in parts, each of which goes on where the one before ended.
#[track_caller]
fn check_pages(env: &TestEnv, root: &Path, words: &[&str]) {
    let words = [words, &["--json"]].concat();
    let (all, summary) = env.vigie_in(root, &words).answer();
    assert!(all.len() >= 20 && summary["truncated"] == false, "{words:?}: {} rows, {summary}", all.len());
    let limit = (all.len() / 5).to_string();
    let (mut pages, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut page_words = [&words[..], &["--limit", &limit]].concat();
        if let Some(cursor) = &cursor {
            page_words.extend(["--cursor", cursor]);
        }
        let output = env.vigie_in(root, &page_words);
        let (rows, summary) = output.answer();
        output.check(summary["rows"] == rows.len(), "the number of rows");
        let is_cut = summary["truncated"] == true;
        output.check(is_cut == summary["cursor"].is_string(), "a cursor if there is more");
        output.check(!is_cut || rows.len().to_string() == limit, "as many rows as were asked for");
        pages.extend(rows);
        if !is_cut {
            break;
        }
        cursor = summary["cursor"].as_str().map(str::to_owned);
        output.check(pages.len() < all.len(), "an end");
    }
    assert!(pages == all, "{words:?}: {} rows in parts, {} at once", pages.len(), all.len());
}

#[test]
fn an_answer_in_parts_is_the_whole_answer() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("fleet");
    write_fleet(&root);
    index(&env, &root);
    for words in [
        &["refs", "fathom"][..],
        &["refs", "fathom", "--with-defs", "--role", "call", "--role", "definition"],
        &["refs", "base.py:5:5"],
        &["callers", "fathom"],
        &["callers", "fathom", "--depth", "2"],
        &["callees", "fleet"],
        &["hierarchy", "Base"],
        &["hierarchy", "Base", "--derived", "--path", "boat_*"],
        &["imports", "base.py"],
        &["importers", "base.py"],
        &["outline", "boat_7.py"],
        &["def", "sound"],
        &["symbols", "sound", "--exact"],
        &["symbols", "call_1", "--prefix"],
        &["symbols", "all_2"],
        &["symbols", "cl3", "--fuzzy"],
        &["files", "boat"],
        &["files", "boat_*.py"],
        &["coverage"],
    ] {
        check_pages(&env, &root, words);
    }
}

/// How many rows came, in frames of which each but the last is as long as PROTOCOL.md says.
#[track_caller]
fn check_parts<Q: Message, R: Message>(wire: &mut Wire, question: &Q, rows: impl Fn(R) -> usize) {
    let answer = wire.ask(question).expect("it is answered");
    let summary: QuerySummary = answer.one();
    let parts = answer.all::<R>();
    assert!(parts.len() > 1, "{} in one frame: {:?}", Q::NAME, answer.kinds());
    assert_eq!(parts.into_iter().map(rows).sum::<usize>() as u64, summary.rows, "{}", Q::NAME);
    let longest = answer.frames.iter().map(|frame| frame.body.len()).max().unwrap_or_default();
    // A frame ends with the row that goes beyond, and no row here is long.
    assert!(longest < (64 << 10) + 2048, "{}: a frame of {longest} bytes", Q::NAME);
    let fins = answer.frames.iter().filter(|frame| frame.header.is_fin()).count();
    assert_eq!(fins, 1, "{}", Q::NAME);
}

#[test]
fn answers_longer_than_a_frame_come_in_parts() {
    use std::os::unix::ffi::OsStrExt as _;
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = env.project("fleet");
    write_fleet(&root);
    let many: String = (0..900).map(|number| format!("class Skiff{number}(Base):\n    pass\n")).collect();
    write_files(&root, &[("skiffs.py", &format!("from base import Base\n{many}"))]);
    let import: String = (0..900).map(|number| format!("from base import fathom as f{number}\n")).collect();
    write_files(&root, &[("aliases.py", &import)]);
    index(&env, &root);
    let mut wire = daemon.connect();
    let target = Target { path: root.as_os_str().as_bytes().into(), ..Target::default() };
    let (flags, query) = (reference_flag::TEXT, "fathom".to_owned());
    let references = ReferenceQuery { target: target.clone(), query, flags, ..ReferenceQuery::default() };
    check_parts(&mut wire, &references, |part: ReferenceRows| part.rows.len());
    let (direction, query) = (Direction::INCOMING, "fathom".to_owned());
    let calls = CallQuery { target: target.clone(), query, direction, depth: 1, ..CallQuery::default() };
    check_parts(&mut wire, &calls, |part: CallRows| part.rows.len());
    let query = "Base".to_owned();
    let hierarchy = HierarchyQuery { target: target.clone(), query, direction, depth: 1, ..HierarchyQuery::default() };
    check_parts(&mut wire, &hierarchy, |part: HierarchyRows| part.rows.len());
    let imports = ImportQuery { target: target.clone(), file: "base.py".into(), direction, ..ImportQuery::default() };
    check_parts(&mut wire, &imports, |part: ImportRows| part.rows.len());
    let options = QueryOptions { limit: 1500, ..QueryOptions::default() };
    let (query, mode) = ("call".to_owned(), SymbolMode::PREFIX);
    let symbols = SymbolQuery { target: target.clone(), query, mode, options, ..SymbolQuery::default() };
    check_parts(&mut wire, &symbols, |part: SymbolRows| part.rows.len());
    let (query, mode) = ("skiffs.py".to_owned(), SymbolMode::OUTLINE);
    check_parts(&mut wire, &SymbolQuery { target, query, mode, ..SymbolQuery::default() }, |part: SymbolRows| {
        part.rows.len()
    });
}
