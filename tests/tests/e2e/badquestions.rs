//! Questions that make no sense, and questions about what is not there: a sentence that says what was wrong and where, or what there
//! is instead.

use std::fs;
use std::path::PathBuf;

use vigie_proto::{
    CallQuery, ChangedQuery, Direction, ErrorCode, Failure, HierarchyQuery, ImportQuery, OldFile, OldState,
    ReferenceQuery, Role, SearchQuery, SymbolKind, SymbolQuery, Target,
};
use vigie_tests::{Output, TestEnv, Wire, WireError};

use crate::support::{index, write_files};

/// A project with a file of each sort, and one file outside of it.
fn project(env: &TestEnv) -> PathBuf {
    let root = env.project("quay");
    write_files(
        &root,
        &[
            ("ship.py", "class Vessel:\n    def sail(self):\n        pass\n\n\ndef launch(hull):\n    return hull\n"),
            ("ignored.py", "def ignored_one():\n    pass\n"),
            ("notes.txt", "plain words\n"),
            ("parts/notes.txt", "more words\n"),
            ("blob.py", "\0\0\0binary"),
            (".gitignore", "ignored.py\n"),
        ],
    );
    let huge = fs::File::create(root.join("huge.py")).expect("the tree is ours");
    huge.set_len(17 << 20).expect("the file system has sparse files");
    fs::write(env.path("projects/outside.py"), "def outside():\n    pass\n").expect("the directory is ours");
    index(env, &root);
    root
}

/// A question is refused: exit code 2, nothing found, and a sentence with these words.
#[track_caller]
fn check_refused(output: &Output, words: &[&str]) {
    output.expect_code(2).check(output.stdout.is_empty(), "nothing on stdout");
    for word in words {
        output.expect_stderr(word);
    }
    let lines = output.stderr.trim().lines().count();
    output.check((1..=2).contains(&lines), "a sentence, and perhaps what to do");
    output.check(!output.stderr.contains("panicked"), "no panic");
}

struct Asker<'e> {
    env: &'e TestEnv,
    root: PathBuf,
}

impl Asker<'_> {
    #[track_caller]
    fn refused(&self, words: &[&str], expected: &[&str]) {
        check_refused(&self.env.vigie_in(&self.root, words), expected);
    }

    /// Nothing is found, and a sentence with these words says why.
    #[track_caller]
    fn nothing(&self, words: &[&str], expected: &[&str]) {
        let output = self.env.vigie_in(&self.root, words);
        output.expect_code(1).check(output.stdout.is_empty(), "nothing on stdout");
        for word in expected {
            output.expect_stderr(word);
        }
        let (rows, summary) = self.env.vigie_in(&self.root, &[words, &["--json"]].concat()).answer();
        output.check(rows.is_empty(), "no row");
        let notes = summary["notes"].to_string();
        output.check(expected.iter().all(|word| notes.contains(word)), &format!("the same in the summary's {notes}"));
    }
}

#[test]
fn a_bad_kind_role_language_or_disposition_is_named_with_those_there_are() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    asker.refused(&["symbols", "x", "--kind", "verb"], &["'verb'", "--kind", "interface"]);
    for command in ["def", "refs", "callers", "callees", "hierarchy"] {
        asker.refused(&[command, "launch", "--kind", "verb"], &["'verb'", "--kind", "interface"]);
    }
    asker.refused(&["refs", "launch", "--role", "calls"], &["'calls'", "--role", "inherit"]);
    asker.refused(&["coverage", "--disposition", "lost"], &["'lost'", "--disposition", "quarantined"]);
    for words in [&["symbols", "x"][..], &["refs", "launch"], &["files"], &["outline", "ship.py"]] {
        asker.refused(&[words, &["--lang", "cobol"]].concat(), &["\"cobol\"", "python"]);
    }
}

#[test]
fn a_bad_glob_or_pattern_is_quoted_with_its_fault() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    asker.refused(&["files", "[a"], &["\"[a\"", "missing ']'", "column 1"]);
    asker.refused(&["files", "--mode", "glob", "{a"], &["\"{a\"", "missing '}'"]);
    let queries = [
        &["symbols", "x"][..],
        &["refs", "launch"],
        &["callers", "launch"],
        &["hierarchy", "Vessel"],
        &["importers", "ship.py"],
    ];
    for words in queries {
        asker.refused(&[words, &["--path", "[a"]].concat(), &["\"[a\"", "missing ']'", "column 1"]);
    }
    asker.refused(&["text", "a(b"], &["unclosed group", "column 2", "-F"]);
    asker.refused(&["text", "x[z-a]"], &["column 3"]);
    for (pattern, advice) in [(r"a\nb", "rg -U"), ("a{99999999}", "smaller repeat counts")] {
        asker.refused(&["text", pattern], &[advice]);
        let output = env.vigie_in(&asker.root, &["text", pattern]);
        output.check(!output.stderr.contains("--fixed-strings"), "no advice that does not help");
    }
    asker.refused(&["text", "x", "-g", "a{b"], &["\"a{b\"", "missing '}'", "column 2"]);
    asker.refused(&["text", "x", "-t", "cobolt"], &["cobolt"]);
}

#[test]
fn a_bad_place_says_which_part_of_it_is_wrong() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    for command in ["def", "refs", "callers", "callees", "hierarchy"] {
        let refused = |place: &str, expected: &[&str]| asker.refused(&[command, place], expected);
        refused("ship.py:0:5", &["\"ship.py:0:5\"", "begin at 1"]);
        refused("ship.py:6:0", &["\"ship.py:6:0\"", "begin at 1"]);
        refused("ship.py:6", &["\"ship.py:6\"", "give the column"]);
        refused("ship.py:a:b", &["\"ship.py:a:b\"", "line \"a\"", "not a number"]);
        refused("ship.py:launch", &["\"ship.py:launch\"", "line \"launch\"", "FILE:LINE:COLUMN"]);
        refused("ship.py:x:5", &["line \"x\"", "not a number"]);
        refused("ship.py:6:x", &["column \"x\"", "not a number"]);
        refused("ship.py:-6:5", &["line \"-6\"", "not a number"]);
        refused("ship.py:99999999999:5", &["line \"99999999999\"", "not a number"]);
        refused("ship.py:6:400", &["line 6, column 400 of ship.py"]);
        refused("ship.py:4000:1", &["line 4000, column 1 of ship.py"]);
        refused("ship.py:4:1", &["no name", "line 4"]);
        refused("missing.py:1:1", &["missing.py does not exist"]);
        refused("", &["neither a name"]);
    }
}

#[test]
fn a_bad_number_names_its_option() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    for command in ["callers", "callees", "hierarchy"] {
        asker.refused(&[command, "launch", "--depth", "0"], &["depth 0", "between 1 and 16"]);
        asker.refused(&[command, "launch", "--depth", "17"], &["depth 17", "between 1 and 16"]);
        for depth in ["-1", "x", "1.5", "", "99999999999"] {
            asker.refused(&[command, "launch", "--depth", depth], &["--depth", depth]);
        }
        for depth in ["-1", "x", "1.5", "99999999999"] {
            asker.refused(&[command, "launch", "--depth", depth], &["takes a whole number"]);
        }
    }
    for words in [&["symbols", "x"][..], &["refs", "launch"], &["text", "x"]] {
        for option in ["--limit", "--deadline-ms"] {
            asker.refused(&[words, &[option, "-1"]].concat(), &[option, "'-1'"]);
            asker.refused(&[words, &[option, "many"]].concat(), &[option, "'many'"]);
        }
    }
    for option in ["--max-files", "--max-seconds"] {
        for value in ["x", "-1", "1.5"] {
            asker.refused(&["index", option, value], &[option, value]);
        }
    }
    for option in ["--max-bytes", "--max-memory"] {
        asker.refused(&["index", option, "12Q"], &[option, "'12Q'", "K, M, G or T"]);
        asker.refused(&["index", option, "-1"], &[option, "'-1'"]);
    }
    asker.refused(&["index", "--max-memory", "1K"], &["more than the 1 KiB allowed", "allow more"]);
}

#[test]
fn a_cursor_of_something_else_is_refused() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    let queries = [
        &["symbols", "launch"][..],
        &["refs", "launch"],
        &["callers", "launch"],
        &["hierarchy", "Vessel"],
        &["imports", "ship.py"],
        &["outline", "ship.py"],
        &["files"],
        &["coverage"],
        &["text", "def"],
        &["search", "words"],
        &["changed", "--since", "0"],
        &["impact", "launch"],
    ];
    for words in queries {
        asker.refused(&[words, &["--cursor", "zz"]].concat(), &["'zz'", "cursor"]);
        asker.refused(&[words, &["--cursor", "abcd"]].concat(), &["the cursor is not one that an earlier answer gave"]);
    }
}

#[test]
fn a_cursor_of_another_question_is_refused() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    let cursor_of = |words: &[&str]| {
        let (_, summary) = asker.env.vigie_in(&asker.root, &[words, &["--limit", "1", "--json"]].concat()).answer();
        summary["cursor"].as_str().unwrap_or_else(|| panic!("{words:?}: {summary}")).to_owned()
    };
    let questions = [
        &["symbols", "l"][..],
        &["symbols", "l", "--fuzzy"],
        &["symbols", "l", "--path", "*.py"],
        &["outline", "ship.py"],
        &["refs", "hull"],
        &["text", "l"],
        &["text", "l", "-i"],
        &["text", "-l", "s"],
        &["search", "words"],
        &["search", "words", "--path", "*.txt"],
        &["files"],
        &["coverage"],
    ];
    let cursors: Vec<String> = questions.iter().map(|words| cursor_of(words)).collect();
    for (of, cursor) in cursors.iter().enumerate() {
        for (asked, words) in questions.iter().enumerate() {
            let words = [words, &["--cursor", cursor][..]].concat();
            if asked == of {
                asker.env.vigie_in(&asker.root, &words).expect_code(0);
            } else {
                asker.refused(&words, &["this cursor belongs to another question", "hint: "]);
            }
        }
    }
    let parts = asker.root.join("parts");
    asker.env.vigie_in(&parts, &["symbols", "l", "--limit", "9", "--cursor", &cursors[0]]).expect_code(0);
}

#[test]
fn a_name_that_does_not_exist_has_near_names() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    for command in ["def", "refs", "callers", "callees", "hierarchy"] {
        asker.nothing(&[command, "lanch"], &["no such name", "launch"]);
        asker.nothing(&[command, "Vesel"], &["no such name", "Vessel"]);
    }
    for mode in ["--exact", "--prefix"] {
        asker.nothing(&["symbols", mode, "lanch"], &["no such name", "launch"]);
    }
    asker.nothing(&["symbols", "Vesel"], &["no such name", "Vessel"]);
    asker.nothing(&["symbols", "--fuzzy", "lnhcau"], &["no such name"]);
    asker.nothing(&["def", "nothing_like_it_anywhere"], &["no such name"]);
    for command in ["def", "refs", "callers", "callees"] {
        asker.nothing(&[command, "Vessel.launch"], &["launch is left out by container Vessel"]);
        asker.nothing(&[command, "a.b.c.launch"], &["launch is left out by container a.b.c"]);
        asker.nothing(&[command, "a.b.c.lanch"], &["no such name", "launch"]);
    }
    asker.nothing(&["def", "launch", "--kind", "class"], &["launch is left out by kind class"]);
    asker.nothing(&["def", "launch", "--path", "other/**"], &["launch is left out by path other/**"]);
    let given = ["def", "launch", "--kind", "class", "--lang", "py", "--path", "other"];
    asker.nothing(&given, &["launch is left out by kind class and language python and path other"]);
}

#[test]
fn a_file_that_is_asked_about_as_a_name_is_told_from_one() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    for command in ["def", "refs", "callers", "callees", "context", "impact"] {
        let expected = ["ship.py is a file of the project, and no name; give FILE:LINE:COL", "`vigie outline ship.py`"];
        asker.refused(&[command, "ship.py"], &expected);
    }
    asker.refused(
        &["def", "./parts/notes.txt"],
        &["parts/notes.txt is a file of the project", "`vigie map parts/notes.txt`"],
    );
    env.vigie_in(&asker.root, &["outline", "ship.py"]).expect_code(0);
    env.vigie_in(&asker.root, &["map", "ship.py"]).expect_code(0);
    // A definition that is called so is meant all the same.
    write_files(&asker.root, &[("Vessel.sail", "words\n")]);
    index(&env, &asker.root);
    env.vigie_in(&asker.root, &["def", "Vessel.sail"]).expect_code(0);
}

#[test]
fn a_path_without_files_is_said_to_be_nowhere_outside_or_ignored() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    write_files(&asker.root, &[(".gitignore", "ignored.py\nout/\n"), ("out/made.py", "def launch():\n    pass\n")]);
    index(&env, &asker.root);
    let whole = asker.root.join("parts").display().to_string();
    for (path, why) in [
        ("nowhere", "nowhere does not exist at the root, and nothing in the index is called so"),
        ("parts/nowhere", "parts/nowhere does not exist"),
        ("../..", "../.. leads out of the project"),
        ("/tmp", "/tmp lies outside of the project"),
        (&whole, "is looked for below the root; from there it is parts"),
        ("out", "out is not in the index: it is ignored, "),
        ("ignored.py", "ignored.py is not in the index: it is ignored, "),
    ] {
        asker.nothing(&["def", "launch", "--path", path], &["launch is left out by path", why]);
        asker.nothing(&["text", "hull", "--path", path], &[why]);
        asker.nothing(&["search", "hull", "--path", path], &[why]);
    }
    asker.nothing(&["map", "out"], &["place out leaves no files", "out is not in the index: it is ignored, "]);
    let there = env.vigie_in(&asker.root, &["def", "launch", "--path", "notes.txt"]);
    there.expect_code(1).check(there.stderr.lines().count() == 1, "it is there, and has no such definition");
}

#[test]
fn a_name_with_several_meanings_says_how_to_ask_about_one() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = env.project("fleet");
    let dup = "def dup():\n    pass\n";
    write_files(&root, &[("a.py", dup), ("b.py", dup), ("c.rs", "pub fn dup() {}\n"), ("d.py", "import a\na.dup()\n")]);
    index(&env, &root);
    for command in ["callers", "impact", "context"] {
        let output = env.vigie_in(&root, &[command, "dup"]);
        output.expect_code(0).expect_stderr("dup means 3 things: dup (a.py:1:5), ");
        output.expect_stderr("to ask about one, give Container.name or FILE:LINE:COL");
    }
    let one = env.vigie_in(&root, &["callers", "a.dup"]);
    one.expect_code(0).check(!one.stderr.contains("means"), "it means one thing");
    // What is asked about is narrowed as well as what is told of it.
    let rust = env.vigie_in(&root, &["context", "dup", "--lang", "rust"]);
    rust.expect_code(0).check(!rust.stderr.contains("means"), "it means one thing in Rust");
    rust.check(rust.text().contains("c.rs:1") && !rust.text().contains(".py"), "the one in Rust");
    let path = env.vigie_in(&root, &["context", "dup", "--path", "b.py"]);
    path.expect_code(0).check(path.text().contains("b.py:1") && !path.text().contains("a.py"), "the one there");
    let none = env.vigie_in(&root, &["context", "dup", "--lang", "go"]);
    none.expect_code(1).expect_stderr("what dup means is left out by language go");
    let half = env.vigie_in(&root, &["context", "dup", "a.dup", "--lang", "rust"]);
    half.expect_code(0).expect_stderr("what dup means is left out by language rust");
}

#[test]
fn what_a_filter_removes_is_counted() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    for mode in [&["symbols"][..], &["symbols", "--prefix"], &["symbols", "--exact"], &["symbols", "--fuzzy"]] {
        let left_out = |words: &[&str], expected: &[&str]| asker.nothing(&[mode, words].concat(), expected);
        left_out(
            &["launch", "--kind", "class"],
            &["1 definition matches launch", "left out by kind class: function 1"],
        );
        left_out(&["launch", "--lang", "rust"], &["1 definition matches launch", "left out by language rust:"]);
        left_out(&["launch", "--path", "other/**"], &["1 definition matches launch", "left out by path other/**:"]);
    }
    let expected = ["3 definitions match l", "class 1, function 1, method 1"];
    asker.nothing(&["symbols", "l", "--kind", "enum"], &expected);
}

#[test]
fn what_is_there_and_has_no_answer_says_why() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = project(&env);
    write_files(
        &root,
        &[("harbour.rs", "mod pier;\n\npub struct Quay;\n"), ("pier.rs", ""), ("notes.md", "# Notes\n")],
    );
    // More than is parsed.
    let long = format!("{}def behind_it_all():\n    pass\n", "depth = 1\n".repeat(220_000));
    write_files(&root, &[("long.py", &long)]);
    index(&env, &root);
    let asker = Asker { root, env: &env };
    asker.nothing(&["hierarchy", "launch"], &["launch is a function, and only types inherit"]);
    asker.nothing(
        &["hierarchy", "Vessel"],
        &["Vessel inherits from nothing, and nothing in the index inherits from it"],
    );
    asker.nothing(&["hierarchy", "--bases", "Vessel"], &["Vessel inherits from nothing"]);
    asker.nothing(&["hierarchy", "--derived", "Vessel"], &["nothing in the index inherits from Vessel"]);
    asker.nothing(&["callers", "launch"], &["nothing in the index calls launch"]);
    asker.nothing(&["callers", "launch", "--path", "*.py"], &["path *.py leaves nothing of the calls of launch"]);
    asker.nothing(&["callees", "launch"], &["launch calls nothing"]);
    asker.nothing(&["callers", "pier"], &["pier is a module, which nothing calls"]);
    asker.nothing(&["imports", "ship.py"], &["ship.py imports nothing"]);
    asker.nothing(&["imports", "notes.md"], &["notes.md is markdown, in which nothing is imported"]);
    asker.nothing(&["importers", "ship.py"], &["nothing in the index imports ship.py"]);
    asker.nothing(&["outline", "pier.rs"], &["pier.rs defines nothing"]);
    asker.nothing(&["outline", "long.py"], &["what long.py defines is not known", "it was not parsed"]);
    asker.nothing(
        &["def", "behind_it_all"],
        &[
            "nothing in the index defines behind_it_all",
            "but the definitions of a file",
            "long.py",
            "it was not parsed",
        ],
    );
    asker.nothing(&["outline", "ship.py", "--kind", "enum"], &["kind enum leaves nothing of what ship.py defines"]);
    asker.nothing(&["refs", "launch"], &["launch is defined, and nothing in the index uses it", "--with-defs"]);
    asker.nothing(&["refs", "hull", "--role", "call"], &["role call leaves nothing of the uses of hull"]);
    asker.nothing(&["coverage", "--disposition", "quarantined"], &["no file of disposition quarantined"]);
    asker.nothing(&["coverage", "ignored.py"], &["ignored.py is not in the index: it is ignored"]);
}

#[test]
fn a_file_without_an_answer_says_why() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    for command in ["outline", "imports", "importers", "def", "refs"] {
        let refused = |file: &str, expected: &[&str]| {
            let place = format!("{file}:1:1");
            let asked = if matches!(command, "def" | "refs") { place.as_str() } else { file };
            asker.refused(&[command, asked], expected);
        };
        refused("ignored.py", &["ignored.py is not in the index", "ignored"]);
        refused("blob.py", &["blob.py has no symbols", "it is binary"]);
        refused("huge.py", &["huge.py has no symbols", "it is too large"]);
        refused("notes.txt", &["notes.txt has no symbols", "no grammar"]);
        refused("parts", &["parts is a directory", "`vigie files 'parts/**'`"]);
        refused(".", &[". is a directory", "`vigie files`"]);
        refused("missing.py", &["missing.py does not exist"]);
    }
}

#[test]
fn a_path_that_is_not_searched_is_named_with_the_reason() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    fs::create_dir(asker.root.join(".git")).expect("the tree is ours");
    let nothing = |path: &str, expected: &str| asker.nothing(&["text", "def", path], &[path, expected]);
    nothing("ignored.py", "is not in the index: it is ignored");
    nothing("blob.py", "is not searched: it is binary");
    nothing("huge.py", "is not searched: it is too large");
    nothing(".git", "is not in the index: version control keeps it");
    fs::create_dir(asker.root.join("hollow")).expect("the tree is ours");
    nothing("hollow", "is not in the index: it is ignored, has no files");
    asker.nothing(&["text", "-l", "def", "ignored.py"], &["it is ignored"]);
    let many = ["text", "def", "ignored.py", ".git", "blob.py", "hollow", "huge.py"];
    asker.nothing(&many, &["it is ignored", "more paths that were named and are not searched: 2"]);
    asker.refused(&["text", "def", "missing.py"], &["missing.py", "no such file or directory"]);
    let found = env.vigie_in(&asker.root, &["text", "def", "ship.py", "ignored.py"]);
    found.expect_code(0).expect_stderr("ignored.py is not in the index");
    found.check(found.text().lines().count() == 2, "the lines of the other file");
    let all = env.vigie_in(&asker.root, &["text", "def", "."]);
    all.expect_code(0).check(all.stderr.is_empty(), "nothing to say of what was not named");
}

#[test]
fn files_without_a_match_says_so() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    asker.nothing(&["files", "zzqq"], &["no path in the index matches"]);
    asker.nothing(&["files", "*.zz"], &["no path in the index matches"]);
    asker.nothing(&["files", "ignored.py"], &["ignored.py is not in the index: it is ignored"]);
    asker.nothing(&["files", "ship", "--lang", "rust"], &["left out by language rust: 1"]);
}

#[test]
fn a_file_outside_the_project_is_refused() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let asker = Asker { root: project(&env), env: &env };
    let outside = env.path("projects/outside.py");
    let outside = outside.to_str().expect("the path is UTF-8");
    let root = asker.root.to_str().expect("the path is UTF-8").to_owned();
    let place = format!("{outside}:1:5");
    for words in [["outline", outside], ["imports", outside], ["importers", outside], ["def", &place], ["refs", &place]]
    {
        asker.refused(&words, &[outside, "in no indexed project"]);
        asker.refused(&[&words[..], &["--project", &root]].concat(), &[outside, "outside the project", &root]);
    }
    asker.refused(&["text", "def", outside, "--project", &root], &[outside, "outside of the project", &root]);
    asker.refused(&["outline", "../outside.py"], &[outside]);
}

/// The failure with which a request ends.
#[track_caller]
fn failure<Q: vigie_proto::Message>(wire: &mut Wire, question: &Q) -> Failure {
    match wire.ask(question) {
        Err(WireError::Failed(failure)) => failure,
        other => panic!("{} did not fail: {other:?}", Q::NAME),
    }
}

/// Whoever speaks the protocol gets a code, and the connection goes on.
#[test]
fn numbers_that_mean_nothing_are_bad_arguments() {
    use std::os::unix::ffi::OsStrExt as _;
    let env = TestEnv::new();
    let daemon = env.start_daemon(&[]);
    let root = project(&env);
    let target = Target { path: root.as_os_str().as_bytes().into(), ..Target::default() };
    let (query, direction) = ("launch".to_owned(), Direction::INCOMING);
    let references = ReferenceQuery { target: target.clone(), query: query.clone(), ..ReferenceQuery::default() };
    let calls = CallQuery { target: target.clone(), query: query.clone(), direction, depth: 1, ..CallQuery::default() };
    let hierarchy = HierarchyQuery {
        target: target.clone(),
        query: query.clone(),
        direction,
        depth: 1,
        ..HierarchyQuery::default()
    };
    let imports = ImportQuery { target: target.clone(), file: "ship.py".into(), direction, ..ImportQuery::default() };
    let old = |path: &str, state| OldFile { path: path.into(), state, ..OldFile::default() };
    let changed =
        |since, file| ChangedQuery { target: target.clone(), since, files: vec![file], ..ChangedQuery::default() };
    let changes = [
        changed(None, old("ship.py", OldState(99))),
        changed(Some(0), old("ship.py", OldState::ABSENT)),
        changed(None, old("../ship.py", OldState::ABSENT)),
        ChangedQuery { target: target.clone(), since: Some(1 << 60), ..ChangedQuery::default() },
    ];
    let search = SearchQuery { target: target.clone(), query: query.clone(), ..SearchQuery::default() };
    let symbols = SymbolQuery { target, query, ..SymbolQuery::default() };
    let mut wire = daemon.connect();
    wire.ask(&references).expect("a question that makes sense");
    let failures = [
        failure(&mut wire, &ReferenceQuery { roles: vec![Role(99)], ..references.clone() }),
        failure(&mut wire, &ReferenceQuery { kinds: vec![SymbolKind(999)], ..references.clone() }),
        failure(&mut wire, &CallQuery { direction: Direction(77), ..calls.clone() }),
        failure(&mut wire, &CallQuery { direction: Direction::BOTH, ..calls.clone() }),
        failure(&mut wire, &CallQuery { depth: 0, ..calls }),
        failure(&mut wire, &HierarchyQuery { direction: Direction(77), ..hierarchy.clone() }),
        failure(&mut wire, &HierarchyQuery { depth: 0, ..hierarchy }),
        failure(&mut wire, &ImportQuery { direction: Direction::BOTH, ..imports }),
        failure(&mut wire, &SearchQuery { kinds: vec![SymbolKind(999)], ..search.clone() }),
        failure(&mut wire, &SearchQuery { query: String::new(), ..search }),
        failure(&mut wire, &symbols),
    ];
    let changes = changes.map(|question| failure(&mut wire, &question));
    for failure in failures.into_iter().chain(changes) {
        assert_eq!(failure.code, ErrorCode::BAD_ARGUMENT, "{failure:?}");
        assert!(!failure.message.is_empty(), "{failure:?}");
    }
    wire.ask(&references).expect("the connection goes on");
}
