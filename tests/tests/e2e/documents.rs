//! Every command that README.md, GUIDE.md and the manual pages show is run, in the order in which a newcomer reads it, and help names what there is.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use vigie_tests::{Git, TestEnv, copy_tree};

/// The commands of a document's `console` blocks.
fn commands(document: &str) -> Vec<Vec<String>> {
    let blocks = document.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ ")).map(words).collect()
}

/// Words as a shell splits them; single quotes are all that the documents use.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().expect("never empty").push(other),
        }
    }
    words
}

#[test]
fn the_commands_of_the_readme_work() {
    the_commands_of_a_document_work("the_commands_of_the_readme_work", |workspace, _| {
        commands(&fs::read_to_string(workspace.join("README.md")).expect("the README"))
    });
}

#[test]
fn the_commands_of_the_guide_work() {
    the_commands_of_a_document_work("the_commands_of_the_guide_work", |workspace, _| {
        indexed(commands(&fs::read_to_string(workspace.join("GUIDE.md")).expect("the guide")))
    });
}

#[test]
fn the_examples_of_the_manual_pages_work() {
    the_commands_of_a_document_work("the_examples_of_the_manual_pages_work", |_, env| {
        let dir = env.path("pages");
        env.vigie_in(&env.home(), &[OsStr::new("man"), dir.as_os_str()]).expect_code(0);
        let mut pages: Vec<_> = fs::read_dir(&dir).expect("pages").map(|entry| entry.expect("a page").path()).collect();
        pages.sort();
        assert!(pages.len() > 30, "{pages:?}");
        indexed(pages.iter().flat_map(|page| examples(&fs::read_to_string(page).expect("a page"))).collect())
    });
}

/// The same commands for whoever begins with an indexed project.
fn indexed(commands: Vec<Vec<String>>) -> Vec<Vec<String>> {
    [vec![words("vigie index")], commands].concat()
}

/// The commands of a manual page's examples. What writes into the home directory of whoever runs the tests stays below the project.
fn examples(page: &str) -> Vec<Vec<String>> {
    let Some((_, examples)) = page.split_once(".SH EXAMPLES\n") else { return Vec::new() };
    let chapter = examples.split(".SH ").next().unwrap_or_default();
    let lines = chapter.lines().filter_map(|line| line.strip_prefix("\\fB")?.strip_suffix("\\fR"));
    let plain = |line: &str| line.replace("\\*(Aq", "'").replace("\\-", "-").replace("\\&", "").replace('~', "home");
    lines.map(|line| words(&plain(line))).collect()
}

#[track_caller]
fn the_commands_of_a_document_work(test: &str, commands: impl Fn(&Path, &TestEnv) -> Vec<Vec<String>>) {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace holds this crate");
    let Some(git) = Git::find(test) else { return };
    let env = TestEnv::new();
    let project = env.project("vigie");
    for part in ["proto", "client", "systemd"] {
        copy_tree(&workspace.join(part), &project.join(part));
    }
    git.run(&project, &["init", "-q"]);
    git.commit(&project, "one");
    // Edits that are not committed: of something that is used, and something new.
    let connection = project.join("client/src/connection.rs");
    let source = fs::read_to_string(&connection).expect("the source");
    let edited = source.replacen("-> ClientError {\n", "-> ClientError {\n    // Edited.\n", 1);
    assert_ne!(edited, source, "a function to edit");
    fs::write(&connection, edited + "\nfn added() {}\n").expect("the copy is ours");
    let commands = commands(workspace, &env);
    assert!(commands.len() > 10, "there are commands");
    for command in commands {
        assert_eq!(command[0], "vigie", "only `vigie` is shown");
        let output = env.vigie_in(&project, &command[1..]);
        output.expect_code(0);
        let is_silent = command[1] == "man";
        output.check(is_silent || !output.stdout.is_empty() || !output.stderr.is_empty(), "something to read");
    }
    env.vigie_in(&project, &["daemon", "stop"]).expect_code(0);
}

#[test]
fn help_names_every_language() {
    let env = TestEnv::new();
    let project = env.project("one");
    fs::create_dir(project.join(".git")).expect("the project is new");
    fs::write(project.join("main.lua"), "print(1)\n").expect("a file");
    env.vigie_in(&project, &["index"]).expect_code(0);
    let refused = env.vigie_in(&project, &["files", "--lang", "no-language"]);
    refused.expect_code(2);
    let (_, known) = refused.stderr.trim_end().split_once("there are ").expect("the daemon names its languages");
    let languages: Vec<&str> = known.lines().next().unwrap_or_default().split(", ").collect();
    assert!(languages.len() > 20, "{known}");
    let help = env.vigie_in(&project, &["help", "files"]);
    let help = String::from_utf8_lossy(&help.stdout);
    let words: Vec<&str> = help.split([' ', ',', '\n']).collect();
    for language in languages {
        assert!(words.contains(&language), "the help of --lang does not name {language}:\n{help}");
        let offered = env.vigie_in(&project, &["__complete", "bash", "3", "vigie", "files", "--lang", language]);
        offered.check(offered.text().lines().any(|one| one == language), "completion offers the language");
    }
    env.vigie_in(&project, &["daemon", "stop"]).expect_code(0);
}
