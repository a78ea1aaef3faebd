//! Ranked search: which places answer, and that an index that followed edits answers as one made from nothing.

use std::collections::BTreeSet;

use vigie_core::kinds::SymbolKind;
use vigie_core::query::{self, Options, Report, Rows, SearchRow, Since};
use vigie_core::store::ProjectStore;

use crate::support::{Project, Random, Watcher, refresh, rows, run};

const WORDS: [&str; 8] = ["session", "validate", "token", "cursor", "socket", "frame", "parser", "merge"];

const QUESTIONS: [&str; 6] = [
    "where are sessions validated",
    "token cursor",
    "merging of frames",
    "parsers",
    "socket validation within a class",
    "nobody says this",
];

fn search(store: &ProjectStore, question: &str, kinds: &[SymbolKind], options: Options) -> (Vec<SearchRow>, Report) {
    let places = |rows| match rows {
        Rows::Search(rows) => rows,
        other => panic!("not places: {other:?}"),
    };
    rows(store, query::search(store, question, kinds, options).expect("it asks for something"), places)
}

/// What all questions answer, of definitions and regions and of functions alone.
fn answers(store: &ProjectStore) -> Vec<Vec<SearchRow>> {
    let kinds = [&[][..], &[SymbolKind::Function]];
    let asked = QUESTIONS.iter().flat_map(|question| kinds.map(|kinds| (*question, kinds)));
    asked.map(|(question, kinds)| search(store, question, kinds, Options::default()).0).collect()
}

fn word(random: &mut Random) -> &'static str {
    WORDS[random.below(WORDS.len())]
}

/// A file about some of the words, in one of four languages.
fn about(random: &mut Random, language: usize) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(5) {
        let [a, b, c] = [(); 3].map(|()| word(random));
        text += &match language {
            0 => format!("/// The {a} of a {b}.\npub fn {b}_{c}() {{ {a}(); }}\n"),
            1 => format!("class {a}:\n    def {b}_{c}(self):\n        return {a}\n"),
            2 => format!("# {a}\n\nThe {b} and its {c}.\n"),
            _ => format!("{a} {b}\n{c}\n"),
        };
    }
    text
}

/// A few edits of a tree; the paths that they touched.
fn edit(project: &Project, files: &mut BTreeSet<String>, random: &mut Random) -> BTreeSet<Vec<u8>> {
    let mut touched = BTreeSet::new();
    for _ in 0..=random.below(5) {
        let language = random.below(4);
        let extension = ["rs", "py", "md", "txt"][language];
        let path = format!("{}/{}{}.{extension}", word(random), word(random), random.below(3));
        let gone = files.iter().nth(random.below(files.len().max(1))).cloned().filter(|_| random.below(5) < 2);
        match gone {
            Some(gone) => {
                project.remove(&gone);
                files.remove(&gone);
                touched.insert(gone.into_bytes());
            }
            None => {
                project.write(&path, about(random, language));
                files.insert(path.clone());
                touched.insert(path.into_bytes());
            }
        }
    }
    touched
}

/// Names, comments, bodies, prose and paths, in whatever script.
#[test]
fn words_are_found_in_whatever_script() {
    let project = Project::new();
    project.write(
        "uni.py",
        "def größe_messen():\n    # Соединение с сервером\n    return zählen()\n\ndef 猫を探す(): pass\n",
    );
    project.write("README.md", "# Café\n\nObrabotka: обработка ошибок. 全文検索エンジン\n");
    project.write("docs/übersicht.txt", "nothing else\n");
    project.write("plain.py", "def measure(): pass\n");
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    for (question, path) in [
        ("größe", "uni.py"),
        ("GRÖSSE größe", "uni.py"),
        ("ZÄHLEN", "uni.py"),
        ("соединение", "uni.py"),
        ("猫", "uni.py"),
        ("探す", "uni.py"),
        ("café", "README.md"),
        ("обработка ошибок", "README.md"),
        ("検索", "README.md"),
        ("Übersicht", "docs/übersicht.txt"),
    ] {
        let (rows, _) = search(&store, question, &[], Options::default());
        let paths: Vec<_> = rows.iter().map(|row| String::from_utf8_lossy(&row.path)).collect();
        assert_eq!(paths, [path], "{question}");
    }
    let (rows, report) = search(&store, "жираф", &[], Options::default());
    assert!(rows.is_empty() && report.notes.iter().any(|note| note.contains("жираф")), "{report:?}");
    store.close().expect("it closes");
}

#[test]
fn p8_search_after_any_edits_answers_as_a_clean_index() {
    let (project, mut random, mut files) = (Project::new(), Random(8), BTreeSet::new());
    let store = project.open("store");
    let mut found = 0;
    for round in 1..=24 {
        let touched = edit(&project, &mut files, &mut random);
        if round % 2 == 0 {
            refresh(&store, &touched);
        } else {
            run(&store, round, &Watcher::default());
        }
        let said = answers(&store);
        found += said.iter().filter(|rows| !rows.is_empty()).count();
        assert_eq!(said, project.clean(answers), "round {round}, with {files:?}");
    }
    assert!(found > 100, "{found} answers say nothing");
    store.settle().expect("merges end");
    assert_eq!(answers(&store), project.clean(answers), "after merging");
    store.close().expect("it closes");
}

#[test]
fn identifiers_with_numbers_are_found_and_lines_that_are_no_utf8_are_shown() {
    let project = Project::new();
    project.write("base.py", "class Base:\n    def base(self):\n        return self.base\n");
    project.write("coding.py", "def b64(text):\n    return base64_encode(text)\n");
    project.write("latin.txt", b"calm\n  caf\xe9 of the harbour, caf\xe9\n".as_slice());
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let ask = |question: &str| search(&store, question, &[], Options::default());
    let (rows, report) = ask("where is base64 decoded, 404");
    assert_eq!((rows[0].path.as_slice(), rows[0].text.as_str()), (&b"coding.py"[..], "return base64_encode(text)"));
    assert_eq!(rows[0].spans, [(7, 13)], "the word with its number, once");
    assert!(report.notes.contains(&"numbers by themselves are not looked for: 404; `vigie text` finds them".into()));
    let (rows, report) = ask("utf8 harbour");
    assert_eq!((rows[0].text.as_str(), rows[0].line), ("caf\u{fffd} of the harbour, caf\u{fffd}", 2));
    let (from, to) = rows[0].spans[0];
    assert_eq!(&rows[0].text[from as usize..to as usize], "harbour");
    assert!(report.notes.iter().any(|note| note.contains("\"utf8\"")), "{:?}", report.notes);
    store.close().expect("it closes");
}

/// A project in which each question has one answer.
fn library() -> Project {
    let project = Project::new();
    project.write(
        "src/session.py",
        "class Session:\n    def validate(self, token):\n        \"\"\"Checks that a session is still valid.\"\"\"\n        return token\n",
    );
    project
        .write("src/cursor.rs", "/// Goes on behind the last row.\npub struct Cursor;\n\npub fn unpack_cursor() {}\n");
    project.write("notes.txt", "unrelated\n\nThe lighthouse is lit at dusk.\n");
    project
}

#[test]
fn a_place_is_a_definition_or_a_region() {
    let project = library();
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let (places, report) = search(&store, "where are sessions validated", &[], Options::default());
    let best = places[0].symbol.as_ref().map(|symbol| (symbol.qualified.as_str(), symbol.position.line));
    assert_eq!(best, Some(("Session.validate", 2)));
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    let (places, _) = search(&store, "lighthouse zebra", &[], Options::default());
    let [place] = &places[..] else { panic!("{places:?}") };
    assert_eq!((place.path.as_slice(), place.line, place.symbol.is_none()), (&b"notes.txt"[..], 3, true));
    assert_eq!((place.text.as_str(), &place.spans[..]), ("The lighthouse is lit at dusk.", &[(4, 14)][..]));
    store.close().expect("it closes");
}

#[test]
fn kinds_leave_out_other_definitions_and_all_regions() {
    let project = library();
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let named = |question: &str, kinds: &[SymbolKind]| -> (Vec<String>, Vec<String>) {
        let (places, report) = search(&store, question, kinds, Options::default());
        let name = |place: &SearchRow| place.symbol.as_ref().map(|symbol| symbol.qualified.clone());
        (places.iter().map(|place| name(place).expect("a definition")).collect(), report.notes)
    };
    assert_eq!(named("cursor", &[SymbolKind::Function]).0, ["unpack_cursor"]);
    assert_eq!(named("cursor", &[SymbolKind::Struct]).0, ["Cursor"]);
    let left = "kind function or class leaves nothing of the files that have words of the question".to_owned();
    assert_eq!(named("lighthouse", &[SymbolKind::Function, SymbolKind::Class]), (vec![], vec![left]));
    assert_eq!(named("zebra", &[SymbolKind::Function]), (vec![], vec!["no file has \"zebra\"".to_owned()]));
    store.close().expect("it closes");
}

#[test]
fn a_cut_answer_goes_on_without_repeating() {
    let project = Project::new();
    for number in 0..30 {
        project
            .write(&format!("src/f{number}.py"), format!("def validate_{number}():\n{}", "    pass\n".repeat(number)));
    }
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    for kinds in [&[][..], &[SymbolKind::Function]] {
        let whole = search(&store, "validation", kinds, Options::default()).0;
        let (mut parts, mut cursor) = (Vec::new(), Vec::new());
        loop {
            let options = Options { limit: Some(7), cursor, ..Options::default() };
            let (rows, report) = search(&store, "validation", kinds, options);
            parts.extend(rows);
            assert_eq!(report.truncated, parts.len() < whole.len());
            cursor = report.cursor;
            if !report.truncated {
                break;
            }
        }
        assert_eq!((parts.len(), &parts), (30, &whole));
    }
    store.close().expect("it closes");
}

#[test]
fn few_answers_are_the_first_of_all_of_them() {
    let project = Project::new();
    for number in 0..700 {
        // What says most of the question lies where it counts little, and there are more of these than are looked at together.
        let (directory, times) = if number % 7 == 0 { ("src", 4) } else { ("tests", 6 + number % 5) };
        let text = "session token\n".repeat(times) + &"frame\n".repeat(number % 11);
        project.write(&format!("{directory}/{number}.txt"), &text);
    }
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let asked = |limit| {
        let (rows, report) = search(&store, "session token", &[], Options { limit, ..Options::default() });
        (rows, report.truncated, report.notes)
    };
    let (all, truncated, notes) = asked(None);
    assert_eq!((all.len(), truncated), (600, false));
    assert!(notes.iter().any(|note| note.contains("likeliest 600 files")), "{notes:?}");
    let order = |row: &SearchRow| (std::cmp::Reverse(row.score.to_bits()), row.path.clone());
    assert!(all.is_sorted_by_key(order));
    assert!(all[0].path.starts_with(b"src/"), "{:?}", all[0]);
    for limit in [1, 10, 40, 41, 100, 599] {
        let (first, truncated, notes) = asked(Some(limit));
        assert!(first == all[..limit as usize], "{limit}");
        assert_eq!((truncated, notes), (true, Vec::new()), "{limit}");
    }
    store.close().expect("it closes");
}

#[test]
fn a_place_says_what_became_of_its_file() {
    let project = library();
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    project.write("src/session.py", "# another line\nclass Session:\n    pass\n");
    project.remove("notes.txt");
    let since = |question: &str| search(&store, question, &[], Options::default()).0[0].since;
    assert_eq!(
        [since("session"), since("cursor"), since("lighthouse")],
        [Since::Changed, Since::Unchanged, Since::Gone]
    );
    store.close().expect("it closes");
}

#[test]
fn a_definition_that_is_called_just_so_comes_first() {
    let project = library();
    project.write(
        "src/plan.py",
        "# A query set, the set of a query.\ndef check_query_set(query_set):\n    return query_set\n",
    );
    project.write("src/rows.py", "class QuerySet:\n    pass\n\n\nclass Rows(QuerySet):\n    def union(self): pass\n");
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    for (question, expected) in
        [("QuerySet", "QuerySet"), ("union of a QuerySet", "QuerySet"), ("check_query_set", "check_query_set")]
    {
        let (places, _) = search(&store, question, &[], Options::default());
        let best = places[0].symbol.as_ref().map(|symbol| symbol.qualified.as_str());
        assert_eq!(best, Some(expected), "{question}");
    }
    store.close().expect("it closes");
}

#[test]
fn tests_in_a_file_come_after_what_they_test() {
    let project = Project::new();
    let module =
        "mod tests {\n    fn a_torn_frame_is_mended() {\n        let torn = frame();\n        mend(torn);\n    }\n}\n";
    project
        .write("src/frame.rs", format!("/// Puts it together.\npub fn mend(\n    frame: Frame,\n) {{\n}}\n\n{module}"));
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    let (places, _) = search(&store, "torn frame", &[], Options::default());
    let best = |places: &[SearchRow]| places[0].symbol.as_ref().map(|symbol| symbol.qualified.clone());
    assert_eq!(best(&places).as_deref(), Some("tests.a_torn_frame_is_mended"), "it alone says so");
    let (places, _) = search(&store, "mend a frame", &[], Options::default());
    assert_eq!(best(&places).as_deref(), Some("mend"));
    store.close().expect("it closes");
}
