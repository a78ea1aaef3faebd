//! What a person at a terminal sees, as a terminal shows it; and that a pipe gets none of that.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use vigie_tests::{Console, SourceTree, TestEnv, skip};

use crate::support::{indexed, write_files};

const FILES: [(&str, &str); 2] = [
    ("deep/a.py", "def anchor(depth):\n    return depth\n\n\ndef moor():\n    return anchor(7)\n"),
    ("b.txt", "an anchor, two anchors\n"),
];

/// The screen of a terminal of so many columns and rows.
fn screen((columns, rows): (u16, u16)) -> vt100::Parser {
    vt100::Parser::new(at_least_one(rows), at_least_one(columns), 0)
}

fn at_least_one(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("a screen has rows and columns")
}

/// What the terminal shows.
fn rows(parser: &vt100::Parser) -> Vec<String> {
    let columns = parser.screen().size().1;
    parser.screen().rows(0, columns.get()).map(|row| row.trim_end().to_owned()).collect()
}

fn shown(bytes: &[u8], size: (u16, u16)) -> Vec<String> {
    let mut parser = screen(size);
    parser.process(bytes);
    let mut rows = rows(&parser);
    rows.truncate(rows.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1));
    rows
}

/// What is written to a terminal of 80 columns and 24 rows.
#[track_caller]
fn written(env: &TestEnv, root: &Path, variables: &[(&str, &str)], args: &[&str]) -> String {
    let (_, bytes) = env.vigie_in_terminal(root, (80, 24), variables, args).finish();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The same to one of so many columns.
#[track_caller]
fn written_in(env: &TestEnv, root: &Path, columns: u16, args: &[&str]) -> String {
    let (_, bytes) = env.vigie_in_terminal(root, (columns, 24), &[], args).finish();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A tree whose paths are long and hold wide characters, which takes a while to index.
fn long_tree(env: &TestEnv, name: &str) -> PathBuf {
    let root = env.project(name);
    let deep = root.join("a_directory_with_x/漢字漢字漢字/another_directory_with_x");
    SourceTree::generate(&deep, 500, 9_000, 650);
    root
}

/// What was seen while a job was shown.
#[derive(Default)]
struct Watched {
    frames: usize,
    bars: usize,
    cut_paths: usize,
}

/// Looks at each state of the screen on which the display of a job is.
fn watch(
    terminal: &mut Console,
    parser: &mut vt100::Parser,
    mut at_frame: impl FnMut(usize, &mut vt100::Parser, &Console),
) -> Watched {
    let mut seen = Watched::default();
    while let Some(piece) = terminal.next_piece() {
        parser.process(&piece);
        let rows = rows(parser);
        let is_frame = rows.iter().filter(|row| row.contains("of the work")).count();
        assert!(is_frame <= 1, "an earlier display was left behind: {rows:#?}");
        if is_frame == 0 {
            continue;
        }
        seen.frames += 1;
        seen.bars += usize::from(rows.iter().any(|row| row.starts_with('[') && row.contains('>')));
        let is_cut = |row: &String| {
            row.ends_with(['a', 'c', 'o', 'p', 's', 't', 'y', 'm']) && row.find('…').is_some_and(|at| at > 0)
        };
        seen.cut_paths += usize::from(rows.iter().any(|row| is_cut(row) && row.contains('/')));
        // The stage, the bar and the file: a line that wrapped would push the rest down.
        let is_in_place = rows[1].contains("of the work") && rows[3..].iter().all(String::is_empty);
        assert!(is_in_place, "the display is not its three lines: {rows:#?}");
        at_frame(seen.frames, parser, terminal);
    }
    seen
}

/// The end: only the summary is left, from the first row on.
#[track_caller]
fn check_end(terminal: Console, parser: &vt100::Parser) {
    let rows = rows(parser);
    let (code, bytes) = terminal.finish();
    let bytes = String::from_utf8_lossy(&bytes).into_owned();
    assert_eq!(code, 0, "{rows:#?}");
    assert!(rows[0].starts_with("indexed "), "the summary alone is left, at the top: {rows:#?}\n{bytes:?}");
    assert!(!rows.iter().any(|row| row.contains("of the work") || row.contains("漢")), "{rows:#?}");
    assert!(!parser.screen().hide_cursor(), "the cursor is back");
}

#[test]
fn progress_keeps_to_the_terminal_at_any_width() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let root = long_tree(&env, "fleet");
    for columns in [20, 80, 200] {
        let size = (columns, 24);
        let mut parser = screen(size);
        let mut terminal = env.vigie_in_terminal(&root, size, &[], &["index", "--force"]);
        let seen = watch(&mut terminal, &mut parser, |_, _, _| ());
        assert!(seen.frames > 3, "at {columns} columns only {} frames", seen.frames);
        assert_eq!(seen.bars > 0, columns > 20, "a bar where there is room for one, at {columns} columns");
        assert_eq!(seen.cut_paths > 0, columns < 200, "long paths lose their middle, at {columns} columns");
        check_end(terminal, &parser);
    }
}

#[test]
fn progress_follows_a_terminal_that_changes() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&["--workers", "1"]);
    let root = long_tree(&env, "fleet");
    let mut parser = screen((80, 24));
    let mut terminal = env.vigie_in_terminal(&root, (80, 24), &[], &["index"]);
    let mut after = 0;
    let seen = watch(&mut terminal, &mut parser, |frame, parser, terminal| {
        for (at, columns, rows) in [(3, 120, 30), (6, 50, 20)] {
            if frame == at {
                terminal.resize((columns, rows));
                parser.screen_mut().set_size(at_least_one(rows), at_least_one(columns));
            }
        }
        after += usize::from(frame > 6);
    });
    assert!(after > 3, "{} frames, {after} after the changes", seen.frames);
    check_end(terminal, &parser);
}

#[test]
fn a_pipe_gets_neither_colours_nor_headings_nor_links() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "small", &FILES);
    for args in [
        &["text", "anchor"][..],
        &["refs", "anchor"],
        &["def", "anchor"],
        &["callers", "anchor"],
        &["outline", "deep/a.py"],
        &["files"],
        &["coverage"],
        &["projects"],
        &["jobs", "--all"],
        &[],
    ] {
        let plain = env.vigie_with(&root, args, &[("TERM", "xterm-256color"), ("VTE_VERSION", "7000")]);
        plain.check(!plain.stdout.contains(&0x1b), "no colours and no links");
        let piped = env.vigie_in(&root, args);
        // Whatever the terminal would be, a pipe gets the same; how long ago something was is another matter.
        let is_timeless = !args.is_empty();
        piped.check(!is_timeless || piped.stdout == plain.stdout, "the same bytes");
    }
    let lines = env.vigie_in(&root, &["text", "anchor"]);
    assert_eq!(
        lines.text(),
        "b.txt:1:an anchor, two anchors\ndeep/a.py:1:def anchor(depth):\ndeep/a.py:6:    return anchor(7)\n"
    );
}

#[test]
fn colours_are_there_when_they_are_wanted() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "small", &FILES);
    let args = ["text", "anchor"];
    let hit = "\x1b[1;31manchor\x1b[0m";
    let terminal = written(&env, &root, &[], &args);
    assert!(terminal.contains(&format!("an {hit}, two {hit}s")), "each match: {terminal:?}");
    assert!(terminal.contains("\x1b[35mdeep/a.py\x1b[0m\r\n"), "a heading: {terminal:?}");
    assert!(!written(&env, &root, &[("NO_COLOR", "1")], &args).contains('\x1b'));
    assert!(!written(&env, &root, &[("CLICOLOR", "0")], &args).contains('\x1b'));
    assert!(!written(&env, &root, &[("TERM", "dumb")], &args).contains('\x1b'));
    assert!(!written(&env, &root, &[], &["text", "anchor", "--color", "never"]).contains('\x1b'));
    assert!(written(&env, &root, &[("NO_COLOR", "1")], &["text", "anchor", "--color", "always"]).contains(hit));
    let piped = |variables: &[(&str, &str)], args: &[&str]| env.vigie_with(&root, args, variables).text().contains(hit);
    assert!(piped(&[("CLICOLOR_FORCE", "1")], &args) && !piped(&[("CLICOLOR_FORCE", "0")], &args));
    assert!(piped(&[], &["text", "anchor", "--color=always"]));
    assert!(!piped(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &args));
}

#[test]
fn links_are_there_when_they_are_wanted() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "small", &FILES);
    let link = format!("{}/deep/a.py\x1b\\", root.display());
    let known = [("VTE_VERSION", "7000")];
    assert!(written(&env, &root, &known, &["def", "anchor"]).contains(&link), "a terminal that has links");
    assert!(!written(&env, &root, &known, &["def", "anchor", "--hyperlink", "never"]).contains("\x1b]8"));
    assert!(!written(&env, &root, &[("TERM", "vt100")], &["def", "anchor"]).contains("\x1b]8"), "a terminal of old");
    let always = env.vigie_in(&root, &["files", "--hyperlink", "always"]);
    always.check(always.text().contains("\x1b]8;;file://") && always.text().contains(&link), "links in a pipe");
    let json = env.vigie_in(&root, &["files", "--json", "--hyperlink", "always"]);
    json.check(!json.text().contains('\x1b'), "none in JSON");
}

#[test]
fn what_is_longer_than_the_screen_goes_through_the_pager() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let text: String = (0..60).map(|n| format!("def moor_{n:02}():\n    pass\n")).collect();
    let root = indexed(&env, "long", &[("long.py", &text), ("short.py", "def tie():\n    pass\n")]);
    let outline = &["outline", "long.py"][..];
    let pager = ("VIGIE_PAGER", "sed s/^/PAGED:/");
    let paged = |variables: &[(&str, &str)], args: &[&str]| written(&env, &root, variables, args).contains("PAGED:");
    assert!(paged(&[pager], outline) && paged(&[pager, ("PAGER", "cat")], outline));
    assert!(paged(&[("PAGER", pager.1)], outline), "PAGER where there is no VIGIE_PAGER");
    assert!(!paged(&[pager], &["outline", "short.py"]), "what fits on the screen is not paged");
    assert!(
        !paged(&[pager], &["outline", "long.py", "--no-pager"]) && !paged(&[pager], &["outline", "long.py", "--json"])
    );
    assert!(!paged(&[pager], &["index"]) && !paged(&[pager, ("TERM", "dumb")], outline));
    assert!(!paged(&[pager], &["text", "moor"]), "what comes bit by bit is shown bit by bit");
    let whole = |text: &str| (0..60).all(|n| text.contains(&format!("moor_{n:02}")));
    for variables in [&[("VIGIE_PAGER", "")][..], &[("VIGIE_PAGER", "cat")], &[("VIGIE_PAGER", "no-such-program-here")]]
    {
        let text = written(&env, &root, variables, outline);
        assert!(whole(&text), "{variables:?}: {text}");
    }
    // Who leaves the pager early has read enough.
    let mut left = env.vigie_in_terminal(&root, (80, 24), &[("VIGIE_PAGER", "head -n 2")], outline);
    left.wait_for("moor_00");
    assert_eq!(left.finish().0, 0);
    let piped = env.vigie_with(&root, outline, &[pager]);
    piped.check(!piped.text().contains("PAGED"), "a pipe is never paged");
}

/// What is said on stderr does not come between the lines that a pager shows, and is there when it has ended.
#[test]
fn what_is_said_beside_a_document_waits_for_the_end_of_the_pager() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let text: String = (0..60).map(|n| format!("def moor_{n:02}():\n    pass\n")).collect();
    let root = indexed(&env, "long", &[("long.py", &text)]);
    let note = "vigie: only the first 30 are shown";
    let args = &["outline", "long.py", "--limit", "30"][..];
    let said = written(&env, &root, &[("VIGIE_PAGER", "")], args);
    let note = said.lines().map(str::trim_end).find(|line| line.starts_with("vigie: ")).unwrap_or(note).to_owned();
    assert!(said.contains(&note), "a limit is told: {said}");
    // One that reads all and stays for a while, one that is left at once, and one that shows nothing.
    for pager in
        ["cat; sleep 0.3; echo END OF PAGER", "head -n 3; echo END OF PAGER", "cat > /dev/null; echo END OF PAGER"]
    {
        let shown = written(&env, &root, &[("VIGIE_PAGER", pager)], args);
        let (before, after) = shown.split_once("END OF PAGER").unwrap_or_else(|| panic!("{pager}: {shown}"));
        assert!(!before.contains("vigie: "), "{pager}: {shown}");
        assert_eq!(after.matches(&note).count(), 1, "{pager}: {shown}");
        assert!(!after.contains("moor_"), "{pager}: {shown}");
    }
}

const PATH: &str = "a_directory/with_a_name/long.py";

#[test]
fn rows_of_places_keep_to_one_line_of_a_narrow_terminal() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let name = "tie";
    let text = format!(
        "def {name}(depth):\n    return depth\n\n\ndef another_rather_long_name(depth):\n    return {name}(depth + 1) + {name}(depth + 2) + {name}(depth + 3)\n"
    );
    let root = indexed(&env, "narrow", &[(PATH, &text)]);
    for words in [&["refs", name][..], &["refs", name, "--heading"], &["callers", name, "--heading"], &["def", name]] {
        let piped = env.vigie_in(&root, words);
        piped.expect_code(0).check(!piped.text().contains('…'), "a pipe gets all of it");
        let is_of_places = |row: &&str| !row.is_empty() && !row.starts_with("vigie:") && *row != PATH;
        let count = piped.text().lines().filter(is_of_places).count();
        for columns in [80, 200] {
            let mut terminal = env.vigie_in_terminal(&root, (columns, 24), &[], words);
            let mut parser = screen((columns, 24));
            while let Some(piece) = terminal.next_piece() {
                parser.process(&piece);
            }
            let shown = rows(&parser);
            assert_eq!(terminal.finish().0, 0, "{words:?} at {columns}: {shown:#?}");
            let places = shown.iter().filter(|row| is_of_places(&row.as_str())).count();
            assert_eq!(places, count, "{words:?} at {columns}: {shown:#?}");
        }
    }
    let refs = |columns| written_in(&env, &root, columns, &["refs", name, "--color", "never", "--heading"]);
    assert!(refs(80).contains('…') && refs(40).contains('…'), "what is cut says so: {}", refs(80));
    assert!(refs(80).contains("long.py:1 ["), "the line gives way to what it means: {}", refs(80));
    assert!(!refs(250).contains('…'));
}

#[test]
fn less_is_the_pager_where_none_is_named() {
    if !Path::new("/usr/bin/less").exists() {
        return skip("less_is_the_pager_where_none_is_named", "there is no less, which .ci/setup installs");
    }
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let text: String = (0..60).map(|n| format!("def moor_{n:02}():\n    pass\n")).collect();
    let root = indexed(&env, "long", &[("long.py", &text)]);
    let mut terminal = env.vigie_in_terminal(&root, (80, 24), &[], &["outline", "long.py"]);
    terminal.wait_for("moor_15");
    terminal.press("q");
    let (code, bytes) = terminal.finish();
    let bytes = String::from_utf8_lossy(&bytes);
    assert_eq!(code, 0);
    assert!(!bytes.contains("moor_59"), "it stopped at the first screen");
    assert!(bytes.contains("\x1b[1mmoor_15\x1b["), "colours stay: {bytes:?}");
}

#[test]
fn rows_are_printed_as_a_template_says() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "small", &FILES);
    let text = |args: &[&str]| env.vigie_in(&root, args).expect_code(0).text().to_owned();
    assert_eq!(text(&["def", "anchor", "--format", "{name} {/} {line}\\t{kind}"]), "anchor a.py 1\tfunction\n");
    assert_eq!(text(&["callers", "anchor", "--format", "{from.qualified}<-{name}"]), "moor<-anchor\n");
    assert_eq!(text(&["files", "-0"]), "b.txt\0deep/a.py\0");
    assert_eq!(text(&["files", "-0", "--format", "{//}"]), ".\0deep\0");
    assert_eq!(text(&["text", "anchor", "-l", "-0"]), "b.txt\0deep/a.py\0");
    assert_eq!(text(&["text", "moor", "-0"]), "deep/a.py\x005:def moor():\n");
    let unknown = env.vigie_in(&root, &["def", "anchor", "--format", "{nme}"]);
    unknown.expect_code(2).expect_stderr("have no field nme").expect_stderr("name is near it");
    unknown.check(unknown.stdout.is_empty(), "nothing on stdout");
}

#[test]
fn a_terminal_shows_rows_below_their_file_and_tables_lined_up() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "small", &FILES);
    let rows = |args: &[&str]| shown(written(&env, &root, &[], args).as_bytes(), (80, 24));
    assert_eq!(
        rows(&["text", "anchor"])[..6],
        ["b.txt", "1:an anchor, two anchors", "", "deep/a.py", "1:def anchor(depth):", "6:    return anchor(7)"]
    );
    assert_eq!(rows(&["text", "anchor", "--no-heading"])[0], "b.txt:1:an anchor, two anchors");
    let refs = rows(&["refs", "anchor"]);
    assert_eq!(refs[0], "deep/a.py", "{refs:#?}");
    let projects = rows(&["projects"]);
    let path = root.to_str().expect("the path is UTF-8");
    assert!(projects[0].starts_with("PROJECT") && projects[1].starts_with(path), "{projects:#?}");
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let env = TestEnv::new();
    let _daemon = env.start_daemon(&[]);
    let root = indexed(&env, "small", &FILES);
    let generation = env.vigie_in(&root, &["files", "--json"]).answer().1["generation"].to_string();
    write_files(&root, &[("new.py", "x = 1\n")]);
    for args in [
        &[][..],
        &["index"],
        &["index", "--json"],
        &["index", "--files", "--force"],
        &["index", "--detach"],
        &["attach", "1"],
        &["jobs", "--all"],
        &["cancel", "1"],
        &["watch"],
        &["unwatch"],
        &["status"],
        &["status", "--slow"],
        &["projects"],
        &["config"],
        &["text", "anchor"],
        &["text", "anchor", "-l", "-0"],
        &["search", "anchor", "depth"],
        &["symbols", "anch"],
        &["def", "anchor"],
        &["refs", "anchor"],
        &["callers", "anchor"],
        &["callees", "moor"],
        &["impact", "anchor"],
        &["context", "anchor"],
        &["map"],
        &["changed", "--since", &generation, "--fresh"],
        &["outline", "deep/a.py"],
        &["files"],
        &["files", "--format", "{}"],
        &["coverage"],
        &["dump"],
        &["metrics"],
        &["schema"],
        &["daemon", "status"],
        &["--help"],
        &["--version"],
    ] {
        let output = env.vigie_unread(&root, args);
        let complaint = ["roken pipe", "panicked", "os error"].iter().any(|word| output.stderr.contains(word));
        output.check(!complaint, "no word about it").check(output.code == 0, "the exit code of what was found");
    }
}
