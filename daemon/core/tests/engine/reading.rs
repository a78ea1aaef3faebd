//! What depends on something, what to read about it, and the shape of a project: on a small project, and on an index that followed edits
//! as on one made from nothing.

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::query::{
    self, ContextRequest, ContextRow, Form, ImpactRequest, ImpactRow, MapRequest, MapRow, Options, QueryError, Reason,
    Report, Rows, Since, TargetRequest, TokenBudget, tokens,
};
use vigie_core::store::ProjectStore;

use crate::support::{Project, Random, Watcher, let_files_age, refresh, rows, run, source};

fn targets(names: &[&str]) -> Vec<TargetRequest> {
    names.iter().map(|name| TargetRequest { target: (*name).to_owned(), kinds: Vec::new() }).collect()
}

fn context(
    store: &ProjectStore,
    request: ContextRequest,
) -> Result<(Vec<ContextRow>, TokenBudget, Report), QueryError> {
    let mut query = query::context(store, request, Options::default())?;
    let mut all = Vec::new();
    loop {
        let page = query.page(store, 1000)?;
        let Rows::Context(rows, budget) = page.rows else { panic!("no pack") };
        all.extend(rows);
        if page.done {
            return Ok((all, budget, query.report()));
        }
    }
}

fn pack(store: &ProjectStore, names: &[&str], tokens_max: u32) -> Vec<ContextRow> {
    let request = ContextRequest { targets: targets(names), tokens_max, ..ContextRequest::default() };
    context(store, request).expect("there is room").0
}

fn impact(store: &ProjectStore, names: &[&str], depth: u32) -> (Vec<ImpactRow>, Report) {
    let request = ImpactRequest { targets: targets(names), depth, ..ImpactRequest::default() };
    let take = |rows| match rows {
        Rows::Impact(rows) => rows,
        other => panic!("nothing depends: {other:?}"),
    };
    rows(store, query::impact(store, request, Options::default()).expect("it makes sense"), take)
}

fn map(store: &ProjectStore, tokens_max: u32, depth: Option<u32>) -> (Vec<MapRow>, Report) {
    let take = |rows| match rows {
        Rows::Map(rows, budget) => {
            assert!(budget.used <= budget.max);
            rows
        }
        other => panic!("no map: {other:?}"),
    };
    rows(store, query::map(store, MapRequest { tokens_max, depth }, Options::default()).expect("it makes sense"), take)
}

/// `depth user verbs on`, with a mark for what is uncertain and for tests.
fn dependents(store: &ProjectStore, names: &[&str], depth: u32) -> Vec<String> {
    let said = |row: &ImpactRow| {
        let user =
            row.user.as_ref().map_or_else(|| String::from_utf8_lossy(&row.path).into(), |user| user.qualified.clone());
        let roles = row.roles.iter().map(|role| role.name());
        let roles: Vec<&str> = roles.chain(row.overrides.then_some("override")).collect();
        let on = row.on.as_ref().map_or("?", |on| &on.qualified);
        let marks = [(!row.is_certain(), " uncertain"), (row.is_test, " test")];
        let marks: String = marks.iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| *mark).collect();
        format!("{} {user} {} {on}{marks}", row.depth, roles.join("+"))
    };
    impact(store, names, depth).0.iter().map(said).collect()
}

/// A harbour: a base, what is derived from it, users over two steps, a test, a name that is passed on, and one that nothing defines.
fn harbour() -> Project {
    let project = Project::new();
    for (path, text) in [
        (
            "harbour/ship.py",
            "class Ship:\n    \"\"\"Whatever floats.\"\"\"\n\n    def moor(self, berth):\n        return tie(berth)\n\n    \
             def leave(self):\n        return None\n\n\ndef tie(berth):\n    \"\"\"Makes fast.\"\"\"\n    return berth\n",
        ),
        (
            "harbour/tug.py",
            "from harbour.ship import Ship\n\n\nclass Tug(Ship):\n    def tow(self):\n        return self.moor(1)\n",
        ),
        ("harbour/__init__.py", "from harbour.ship import Ship\n"),
        (
            "harbour/office.py",
            "from harbour.tug import Tug\n\n\ndef dispatch():\n    return Tug()\n\n\ndef open_office():\n    return dispatch()\n\n\n\
             def close(thing):\n    return scuttle(thing)\n",
        ),
        ("tests/test_ship.py", "from harbour.ship import Ship\n\n\ndef test_moor():\n    assert Ship().moor(2)\n"),
        ("other/dock.rs", "pub fn haul() {}\n\nfn pull() { haul(); }\n"),
    ] {
        project.write(path, text);
    }
    let_files_age();
    project
}

fn indexed(project: &Project) -> ProjectStore {
    let store = project.open("store");
    run(&store, 1, &Watcher::default());
    store
}

#[test]
fn dependents_are_shown_once_at_their_smallest_distance() {
    let project = harbour();
    let store = indexed(&project);
    assert_eq!(
        dependents(&store, &["Ship"], 1),
        ["1 harbour/__init__.py import Ship", "1 Tug inherit Ship", "1 test_moor call Ship test"]
    );
    let all = dependents(&store, &["Ship"], 3);
    assert_eq!(all[3..], ["2 dispatch call Tug", "3 open_office call dispatch"]);
    assert_eq!(dependents(&store, &["tie"], 1), ["1 Ship.moor call tie"]);
    let (rows, report) = impact(&store, &["Ship", "tie", "dispatch"], 1);
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert_eq!(report.notes, ["4 dependents in 4 files, 1 in tests"]);
    let moored = dependents(&store, &["Ship.moor"], 1);
    assert!(moored.contains(&"1 Tug.tow call Ship.moor".to_owned()), "{moored:?}");
    store.close().expect("it closes");
}

fn of_files(files: &[(&str, &str)]) -> (Project, ProjectStore) {
    let project = Project::new();
    files.iter().for_each(|(path, text)| project.write(path, text));
    let_files_age();
    let store = indexed(&project);
    (project, store)
}

#[test]
fn members_that_override_another_depend_on_it() {
    let (_project, store) = of_files(&[
        ("base.py", "class Base:\n    def run(self):\n        pass\n\n\nclass Sub(Base):\n    pass\n"),
        (
            "sub.py",
            "from base import Base, Sub\n\n\nclass Sub2(Base):\n    def run(self):\n        pass\n\n\nclass Sub3(Sub):\n    \
             def run(self):\n        super().run()\n\n\nclass Other:\n    def run(self):\n        pass\n\n\n\
             def go():\n    Sub2().run()\n",
        ),
        (
            "draw.rs",
            "pub trait Draw { fn draw(&self); }\npub trait Other { fn draw(&self); }\npub struct Sq;\n\
             impl Draw for Sq { fn draw(&self) {} }\nimpl Other for Sq { fn draw(&self) {} }\n",
        ),
        (
            "shape.ts",
            "export interface Shape { area(): number }\nexport class Dog implements Shape { area() { return 1; } }\n\
             export class Cat { area() { return 2; } }\n",
        ),
        ("p/Pump.java", "package p;\npublic interface Pump { int flow(); }\n"),
        (
            "p/Hand.java",
            "package p;\npublic class Hand implements Pump {\n    @Override\n    public int flow() { return 1; }\n}\n\
             class Motor extends Hand {\n    @Override\n    public int flow() { return 2; }\n}\n\
             class River {\n    int flow() { return 3; }\n}\n",
        ),
        (
            "tide.go",
            "package tide\n\ntype Tide interface { Rise() int }\n\ntype Sea struct{}\n\nfunc (s Sea) Rise() int { return 1 }\n\n\
             func Watch(t Tide) int { return t.Rise() }\n",
        ),
    ]);
    assert_eq!(
        dependents(&store, &["Base.run"], 2),
        ["1 Sub2.run override Base.run", "1 Sub3.run call+override Base.run", "2 go call Sub2.run"]
    );
    assert_eq!(dependents(&store, &["Draw.draw"], 1), ["1 Sq.draw override Draw.draw"]);
    assert_eq!(dependents(&store, &["Shape.area"], 1), ["1 Dog.area override Shape.area"]);
    let flow = ["1 Hand.flow override Pump.flow", "1 Motor.flow override Pump.flow"];
    assert_eq!(dependents(&store, &["Pump.flow"], 1), flow);
    // What implements the type itself inherits from it; in Go nothing says what implements an interface.
    assert_eq!(dependents(&store, &["Draw"], 1), ["1 Sq inherit Draw"]);
    assert_eq!(dependents(&store, &["Pump"], 1), ["1 Hand inherit Pump"]);
    assert_eq!(dependents(&store, &["Shape"], 1), ["1 Dog inherit Shape"]);
    assert_eq!(dependents(&store, &["Tide.Rise"], 1), ["1 Watch call Tide.Rise"]);
    store.close().expect("it closes");
}

#[test]
fn a_use_is_by_what_it_is_part_of() {
    let (_project, store) = of_files(&[
        (
            "deco.py",
            "def deco(f):\n    return f\n\n\ndef make():\n    return 1\n\n\n@deco\ndef plain():\n    pass\n\n\n\
             class A:\n    @deco\n    def method(self):\n        pass\n\n\n@deco\nclass B:\n    pass\n\n\nMADE = make()\n\
             make()\n\n\ndef uses():\n    return MADE\n",
        ),
        ("p/Mark.java", "package p;\npublic @interface Mark {}\n"),
        (
            "p/Use.java",
            "package p;\n@Mark\npublic class Use {\n    @Mark int field;\n    @Mark\n    void run() {}\n}\n",
        ),
        (
            "deco.ts",
            "export function sealed(c: any) { return c; }\nfunction made() { return 1; }\n@sealed\nexport class Box {\n    \
             @sealed\n    open() {}\n}\nexport const NUMBER = made();\n",
        ),
    ]);
    let decorated = ["1 plain decorate deco", "1 A.method decorate deco", "1 B decorate deco"];
    assert_eq!(dependents(&store, &["deco"], 1), decorated);
    let made = ["1 MADE call make", "1 deco.py call make", "2 uses read MADE"];
    assert_eq!(dependents(&store, &["make"], 2), made);
    let marked = ["1 Use decorate Mark", "1 Use.field decorate Mark", "1 Use.run decorate Mark"];
    assert_eq!(dependents(&store, &["Mark"], 1), marked);
    assert_eq!(dependents(&store, &["sealed"], 1), ["1 Box decorate sealed", "1 Box.open decorate sealed"]);
    assert_eq!(dependents(&store, &["made"], 1), ["1 NUMBER call made"]);
    store.close().expect("it closes");
}

#[test]
fn what_only_may_depend_is_shown_one_step_away_and_counted_beyond() {
    let (_project, store) = of_files(&[
        ("a.py", "def low():\n    pass\n\n\nclass A:\n    def get(self):\n        low()\n"),
        (
            "b.py",
            "class B:\n    def get(self):\n        pass\n\n\ndef far(it):\n    it.get()\n\n\ndef farther(it):\n    it.get()\n",
        ),
    ]);
    let (rows, report) = impact(&store, &["low"], 3);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(report.notes, ["1 dependent in 1 file; 2 more may depend on it from 2 steps on, and are not shown"]);
    let near = ["1 far call A.get uncertain", "1 farther call A.get uncertain"];
    assert_eq!(dependents(&store, &["A.get"], 3), near);
    store.close().expect("it closes");
}

#[test]
fn no_depth_is_any_depth() {
    let steps = 20;
    let step = |number: u32| format!("def step{}():\n    step{number}()\n\n\n", number + 1);
    let text = format!("def step0():\n    pass\n\n\n{}", (0..steps).map(step).collect::<String>());
    let (_project, store) = of_files(&[("steps.py", &text)]);
    let rows = impact(&store, &["step0"], 0).0;
    assert_eq!(rows.iter().map(|row| row.depth).max(), Some(steps));
    let refused = |depth| {
        let request = ImpactRequest { targets: targets(&["step0"]), depth, ..ImpactRequest::default() };
        query::impact(&store, request, Options::default()).err().map(|error| error.to_string())
    };
    let sentence = "the depth 17 is not between 1 and 16, nor 0 for all";
    assert_eq!((refused(16), refused(17)), (None, Some(sentence.to_owned())));
    store.close().expect("it closes");
}

#[test]
fn what_a_program_wrote_comes_after_what_is_as_sure() {
    let user = |name: &str| format!("from base import moor\n\n\ndef {name}():\n    moor()\n");
    let (project, store) = of_files(&[
        (".vigie.toml", "generated = ['/a_made.py']\n"),
        ("base.py", "def moor():\n    pass\n"),
        ("a_made.py", &user("made")),
        ("b_pb2.py", &user("compiled")),
        ("generated/c.py", &user("written")),
        ("y.py", &user("own")),
        ("kinds.py", "class A:\n    def get(self):\n        pass\n\n\nclass B:\n    def get(self):\n        pass\n"),
        ("generated/d.py", "def made_may(it):\n    it.get()\n"),
        ("z.py", "def own_may(it):\n    it.get()\n"),
    ]);
    let order = ["own", "made", "compiled", "written"];
    let users = |rows: &[ImpactRow]| -> Vec<String> {
        rows.iter()
            .filter_map(|row| row.user.as_ref())
            .map(|user| user.qualified.rsplit('.').next().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(users(&impact(&store, &["moor"], 1).0), order);
    assert_eq!(users(&impact(&store, &["A.get"], 1).0), ["own_may", "made_may"], "of what is not certain too");
    let callers: Vec<String> = pack(&store, &["moor"], 4000)
        .iter()
        .filter(|row| row.reason == Reason::Caller)
        .map(|row| row.symbol.name.clone())
        .collect();
    assert_eq!(callers, order[..callers.len()], "{callers:?}");
    // Row by row, each from where the last answer was cut.
    let (mut cursor, mut all) = (Vec::new(), Vec::new());
    for _ in 0..order.len() {
        let request = ImpactRequest { targets: targets(&["moor"]), depth: 1, ..ImpactRequest::default() };
        let options = Options { cursor, limit: Some(1), ..Options::default() };
        let mut query = query::impact(&store, request, options).expect("it makes sense");
        let Rows::Impact(rows) = query.page(&store, 1 << 20).expect("a page").rows else { panic!("nothing depends") };
        all.extend(rows);
        cursor = query.report().cursor;
    }
    assert_eq!(users(&all), order);
    store.close().expect("it closes");
    drop(project);
}

#[test]
fn an_impact_that_is_cut_goes_on_where_it_was() {
    let project = harbour();
    let store = indexed(&project);
    let ask = |cursor| {
        let request = ImpactRequest { targets: targets(&["Ship"]), depth: 3, ..ImpactRequest::default() };
        query::impact(&store, request, Options { cursor, ..Options::default() }).expect("it makes sense")
    };
    let mut query = ask(Vec::new());
    let page = query.page(&store, 1).expect("there is one");
    let Rows::Impact(mut all) = page.rows else { panic!("nothing depends") };
    assert!(!page.done && query.cut());
    let report = query.report();
    assert!(report.truncated && !report.cursor.is_empty(), "{report:?}");
    assert!(report.notes[1].starts_with("the time was over 1 step away"), "{report:?}");
    let (rest, _) =
        rows(&store, ask(report.cursor), |rows| if let Rows::Impact(rows) = rows { rows } else { Vec::new() });
    all.extend(rest);
    assert_eq!(all, impact(&store, &["Ship"], 3).0);
    store.close().expect("it closes");
}

#[test]
fn whoever_mentions_what_is_gone_may_depend_on_it() {
    let project = harbour();
    let store = indexed(&project);
    assert_eq!(dependents(&store, &["scuttle"], 3), ["1 close call ? uncertain"]);
    let (rows, report) = impact(&store, &["scuttle", "haul", "unheard_of"], 3);
    assert_eq!(rows.len(), 2, "{rows:?}");
    let notes = report.notes.join("\n");
    for said in
        ["nothing in the index defines scuttle, which occurs in it", "no such name: \"unheard_of\"", "1 uncertain"]
    {
        assert!(notes.contains(said), "{said} is not in {notes}");
    }
    let (rows, report) = impact(&store, &["open_office"], 3);
    assert_eq!((rows.len(), report.notes), (0, vec!["nothing in the index depends on open_office".to_owned()]));
    store.close().expect("it closes");
}

#[test]
fn a_pack_has_what_was_asked_about_and_what_is_around_with_reasons() {
    let project = harbour();
    let body = "        print('it rusts and rusts')\n".repeat(20);
    project.write("old/hulk.py", format!("class Hulk:\n    def rust(self):\n{body}\n    def sink(self):\n{body}"));
    let_files_age();
    let store = indexed(&project);
    let reasons = |names: &[&str], tokens_max| {
        let said = |row: ContextRow| ((row.reason, row.symbol.qualified), row.form);
        pack(&store, names, tokens_max).into_iter().map(said).collect::<BTreeMap<_, _>>()
    };
    let wide = reasons(&["Ship"], 4000);
    assert_eq!(wide[&(Reason::Asked, "Ship".into())], Form::Whole);
    assert_eq!(wide[&(Reason::Subtype, "Tug".into())], Form::Whole);
    assert_eq!(wide[&(Reason::Callee, "tie".into())], Form::Whole);
    assert_eq!(wide[&(Reason::Test, "test_moor".into())], Form::Whole);
    assert!(!wide.keys().any(|(_, name)| name.starts_with("Ship.")), "members stand in the class: {wide:?}");
    let narrow = reasons(&["Ship"], 45);
    assert_eq!(narrow[&(Reason::Asked, "Ship".into())], Form::Brief);
    let narrow = reasons(&["Hulk"], 90);
    assert_eq!(narrow[&(Reason::Asked, "Hulk".into())], Form::Brief);
    assert!(narrow.contains_key(&(Reason::Member, "Hulk.rust".into())), "{narrow:?}");
    let twice = pack(&store, &["Ship", "Ship.moor", "Ship"], 4000);
    assert_eq!(twice.iter().filter(|row| row.reason == Reason::Asked).count(), 1, "nothing is printed twice");
    let rows = pack(&store, &["Ship.moor"], 4000);
    assert_eq!(rows[0].heading, "harbour/ship.py:4-5 method Ship.moor (asked about)");
    assert_eq!(rows[0].text, "    def moor(self, berth):\n        return tie(berth)");
    assert!(rows.iter().any(|row| row.heading == "harbour/tug.py:5-6 method Tug.tow (calls Ship.moor)"), "{rows:?}");
    let request = ContextRequest { words: "make fast".into(), tokens_max: 4000, ..ContextRequest::default() };
    let (rows, ..) = context(&store, request).expect("there is room");
    assert_eq!(rows[0].heading, "harbour/ship.py:11-13 function tie (answers the question)");
    store.close().expect("it closes");
}

#[test]
fn what_is_certain_comes_before_what_may_be_and_names_before_words() {
    let project = harbour();
    project.write("harbour/agent.py", "def act(other):\n    other.moor(3)\n");
    // Nearer than those that surely call it, and nobody knows what they call.
    for number in 0..9 {
        project.write(&format!("harbour/a{number}.py"), format!("def guess{number}(it):\n    it.moor(3)\n"));
    }
    project.write("pier.py", "class Pier:\n    def moor(self):\n        pass\n");
    let_files_age();
    let store = indexed(&project);
    let rows = pack(&store, &["Ship.moor"], 4000);
    let is_sure = |row: &ContextRow| row.reason != Reason::Sibling && !row.heading.contains("may ");
    assert!(rows.iter().any(|row| row.heading.ends_with("function guess0 (may call Ship.moor)")), "{rows:?}");
    assert!(rows.is_sorted_by_key(|row| (row.form == Form::LeftOut, !is_sure(row))), "{rows:?}");
    let narrow: Vec<String> = pack(&store, &["Ship.moor"], 90).into_iter().map(|row| row.heading).collect();
    assert!(narrow.iter().any(|heading| heading.contains("Tug.tow (calls")), "{narrow:?}");
    let request = ContextRequest { targets: targets(&["tie"]), words: "haul".into(), tokens_max: 4000 };
    let (rows, ..) = context(&store, request).expect("there is room");
    let asked: Vec<&str> = rows.iter().take(2).map(|row| row.heading.as_str()).collect();
    assert_eq!(
        asked,
        ["harbour/ship.py:11-13 function tie (asked about)", "other/dock.rs:1-1 function haul (answers the question)"]
    );
    store.close().expect("it closes");
}

#[test]
fn what_the_bounds_leave_out_is_counted() {
    let project = Project::new();
    let members: String = (0..100).map(|n| format!("    def m{n}(self):\n        pass\n")).collect();
    project.write("big.py", format!("class Big:\n{members}\n\ndef one():\n    pass\n"));
    let functions: String = (0..100).map(|n| format!("def f{n}():\n    pass\n\n\n")).collect();
    project.write("flat.py", &functions);
    project.write("lone.py", "def lone():\n    pass\n");
    for number in 0..70 {
        project.write(&format!("users/u{number}.py"), "from lone import lone\n\n\ndef use():\n    lone()\n");
    }
    let_files_age();
    let store = indexed(&project);
    let ask = |name: &str, tokens_max| {
        let request = ContextRequest { targets: targets(&[name]), tokens_max, ..ContextRequest::default() };
        let (rows, budget, report) = context(&store, request).expect("there is room");
        let shown = rows.iter().filter(|row| row.form != Form::LeftOut).count() as u64;
        (shown, budget.left_out, report.notes.join("\n"))
    };
    let (shown, left_out, _) = ask("f50", 200);
    assert_eq!(shown + left_out, 100, "itself and all that stands beside");
    let (shown, left_out, notes) = ask("Big", 300);
    assert_eq!(shown + left_out, 102, "{notes}");
    assert!(notes.contains(&format!("left out: {left_out}")), "{notes}");
    assert_eq!(ask("Big", 20_000).1, 0, "its members stand in it");
    let (.., notes) = ask("lone", 20_000);
    assert!(notes.contains("6 files farther away that may use it were not looked at"), "{notes}");
    store.close().expect("it closes");
}

#[test]
fn a_pack_is_never_over_its_budget() {
    let project = harbour();
    let store = indexed(&project);
    let mut answers = BTreeSet::new();
    for tokens_max in 1..400 {
        let request = ContextRequest { targets: targets(&["Ship", "tie"]), tokens_max, ..ContextRequest::default() };
        let Ok((rows, budget, report)) = context(&store, request) else { continue };
        let of_rows: u32 = rows.iter().map(|row| row.tokens).sum();
        assert!(of_rows <= budget.used && budget.used <= tokens_max, "{tokens_max}: {budget:?}");
        for row in &rows {
            let below = match row.form {
                Form::LeftOut => 0,
                _ if row.text.is_empty() => 1,
                _ => row.text.len() + 2,
            };
            assert_eq!(row.tokens as usize, tokens(row.heading.len() + 1 + below), "{row:?}");
        }
        assert!(report.notes.last().is_some_and(|note| note.contains(&format!("of at most {tokens_max} tokens"))));
        answers.insert(rows.len());
    }
    assert!(answers.len() > 3, "more room holds more: {answers:?}");
    let error = context(&store, ContextRequest { targets: targets(&["Ship"]), tokens_max: 9, ..Default::default() });
    let error = error.expect_err("nothing has room").to_string();
    assert!(error.contains("9 tokens have no room") && error.contains("--tokens"), "{error}");
    store.close().expect("it closes");
}

#[test]
fn source_that_has_changed_since_is_not_shown() {
    let project = harbour();
    let store = indexed(&project);
    project.write("harbour/ship.py", "# A line more.\nclass Ship:\n    pass\n");
    let rows = pack(&store, &["Ship.leave"], 4000);
    assert_eq!((rows[0].form, rows[0].symbol.since), (Form::Brief, Since::Changed));
    assert_eq!(rows[0].heading, "harbour/ship.py:7-8 method Ship.leave (asked about) [changed since]");
    store.close().expect("it closes");
}

#[test]
fn a_name_of_many_meanings_has_to_be_told_apart() {
    let project = Project::new();
    for number in 0..12 {
        project.write(&format!("m{number}.py"), format!("class C{number}:\n    def run(self):\n        pass\n"));
    }
    let store = indexed(&project);
    let request = |names: &[&str]| ContextRequest { targets: targets(names), tokens_max: 500, ..Default::default() };
    let error = context(&store, request(&["run"])).expect_err("it is not told which").to_string();
    for said in ["run means 12 things", "C0.run (m0.py:2:9)", "Container.name or FILE:LINE:COL"] {
        assert!(error.contains(said), "{said} is not in {error}");
    }
    let (rows, ..) = context(&store, request(&["C3.run"])).expect("one is meant");
    assert_eq!(rows[0].symbol.qualified, "C3.run");
    let (rows, _, report) = context(&store, request(&["C3.run", "run"])).expect("the other is a note");
    assert!(rows[0].symbol.qualified == "C3.run" && report.notes[0].contains("run means 12"), "{report:?}");
    store.close().expect("it closes");
}

#[test]
fn a_map_shows_what_much_refers_to() {
    let project = harbour();
    let store = indexed(&project);
    let shown = |tokens_max, depth| {
        let line = |row: MapRow| format!("{}{} {}", "  ".repeat(row.depth as usize), row.name, row.detail);
        map(&store, tokens_max, depth).0.into_iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        shown(1000, None),
        [
            "harbour/ 4 files",
            "  ship.py Ship, tie",
            "  tug.py Tug",
            "  office.py dispatch, open_office, close",
            "  __init__.py ",
            "other/ 1 file",
            "  dock.rs haul, pull",
            "tests/ 1 file",
            "  test_ship.py test_moor",
        ]
    );
    assert_eq!(shown(1000, Some(1)), ["harbour/ 4 files", "other/ 1 file", "tests/ 1 file"]);
    let few = shown(16, None);
    assert!(few.contains(&"  ship.py Ship, tie".to_owned()), "{few:?}");
    assert!(query::map(&store, MapRequest { tokens_max: 0, depth: None }, Options::default()).is_err());
    store.close().expect("it closes");
}

/// All that is said of names of which some are defined, some are not, and some are in many files. No name is too common to be asked about.
fn answers(store: &ProjectStore) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for name in ["name_1", "name_7", "name_13"] {
        let (rows, report) = impact_if_told(store, name);
        said.push(format!("{rows:?} {:?}", report));
        for tokens_max in [100, 2000] {
            let request = ContextRequest { targets: targets(&[name]), tokens_max, ..ContextRequest::default() };
            said.push(match context(store, request) {
                Ok((rows, budget, report)) => format!("{rows:?} {budget:?} {:?}", report.notes),
                Err(error) => error.to_string(),
            });
        }
    }
    for tokens_max in [60, 1000] {
        let (rows, report) = map(store, tokens_max, None);
        said.push(format!("{rows:?} {:?}", report.notes));
    }
    said
}

fn impact_if_told(store: &ProjectStore, name: &str) -> (Vec<ImpactRow>, Vec<String>) {
    let request = ImpactRequest { targets: targets(&[name]), depth: 3, ..ImpactRequest::default() };
    let mut query = query::impact(store, request, Options::default()).expect("it makes sense");
    let mut all = Vec::new();
    loop {
        match query.page(store, 1000) {
            Ok(page) => {
                if let Rows::Impact(rows) = page.rows {
                    all.extend(rows);
                }
                if page.done {
                    return (all, query.report().notes);
                }
            }
            Err(error) => return (all, vec![error.to_string()]),
        }
    }
}

#[track_caller]
fn check_same(edited: &[String], clean: &[String]) {
    for (edited, clean) in edited.iter().zip(clean) {
        assert_eq!(edited, clean);
    }
}

#[test]
fn p8_maps_packs_and_dependents_after_any_edits_are_those_of_a_clean_index() {
    let (project, mut random, mut files) = (Project::new(), Random(21), BTreeSet::new());
    project.write("anchor.py", "def name_1(x):\n    return name_7(x)\n");
    let store = project.open("store");
    for round in 1..=16 {
        let mut touched = BTreeSet::new();
        for _ in 0..=random.below(4) {
            let language = random.below(3);
            let (extension, text) = source(&mut random, language);
            let path = format!("d{}/f{}.{extension}", random.below(3), random.below(4));
            if files.contains(&path) && random.below(3) == 0 {
                project.remove(&path);
                files.remove(&path);
            } else {
                project.write(&path, text);
                files.insert(path.clone());
            }
            touched.insert(path.into_bytes());
        }
        if round % 2 == 0 && round > 1 {
            refresh(&store, &touched);
        } else {
            run(&store, round, &Watcher::default());
        }
        check_same(&answers(&store), &project.clean(answers));
    }
    store.settle().expect("merges end");
    check_same(&answers(&store), &project.clean(answers));
    store.close().expect("it closes");
}
