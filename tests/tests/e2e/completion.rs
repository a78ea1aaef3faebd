//! Completion in the real shells: each loads the script that `vigie completions` prints, and is asked what it would offer.

use std::fs;
use std::path::PathBuf;

use vigie_tests::TestEnv;

/// What is typed, the last word up to where TAB is pressed, and what must come of it.
const LINES: &[(&[&str], &str)] = &[
    (&["vigie", "outl"], "outline"),
    (&["vigie", "def", "--no-sp"], "--no-spawn"),
    (&["vigie", "def", "--kind", "fun"], "function"),
    (&["vigie", "refs", "--role", "ca"], "call"),
    (&["vigie", "daemon", "resta"], "restart"),
    (&["vigie", "outline", "ligh"], "lighthouse.rs"),
    (&["vigie", "def", "turn_the_l"], "turn_the_lamp"),
    (&["vigie", "text", "lamp", "with"], "with space/"),
];

fn project(env: &TestEnv) -> PathBuf {
    let project = env.project("coast");
    fs::create_dir(project.join(".git")).expect("the project is new");
    fs::create_dir(project.join("with space")).expect("the project is new");
    fs::write(project.join("lighthouse.rs"), "fn turn_the_lamp() {}\n").expect("the project is ours");
    env.vigie_in(&project, &["index"]).expect_code(0);
    project
}

#[test]
fn bash_completes() {
    let env = TestEnv::new();
    let project = project(&env);
    for (words, expected) in LINES {
        let (last, before) = words.split_last().expect("a line has words");
        let script = format!(
            "source <(vigie completions bash); COMP_WORDS=({} '{last}'); COMP_CWORD={}; COMP_LINE='{}'; \
             _vigie vigie '{last}' x 2>&1; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            before.join(" "),
            before.len(),
            words.join(" "),
        );
        let Some(output) = env.script_in_shell("bash_completes", &project, "bash", &script) else { return };
        output.expect_code(0).check(output.text() == format!("{expected}\n"), expected);
    }
    // What was the root of a project is known to nobody but the daemon.
    fs::remove_dir_all(&project).expect("the project is ours");
    let root = project.display().to_string();
    for command in ["forget", "unwatch"] {
        let begun = &root[..root.len() - 2];
        let script = format!(
            "source <(vigie completions bash); COMP_WORDS=(vigie {command} '{begun}'); COMP_CWORD=2; _vigie vigie '{begun}' x 2>&1; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let Some(output) = env.script_in_shell("bash_completes", &env.home(), "bash", &script) else { return };
        output.expect_code(0).check(output.text() == format!("{root}\n"), &root);
    }
    let project = env.home();
    // Bash has these as three words.
    let script = "source <(vigie completions bash); COMP_WORDS=(vigie def --kind = fun) COMP_CWORD=4; _vigie; \
                  printf '%s\\n' \"${COMPREPLY[@]}\"";
    let Some(output) = env.script_in_shell("bash_completes", &project, "bash", script) else { return };
    output.check(output.text() == "function\n", "the value alone");
    env.vigie_in(&project, &["daemon", "stop"]).expect_code(0);
}

#[test]
fn fish_completes() {
    let env = TestEnv::new();
    let project = project(&env);
    for (words, expected) in LINES {
        let script = format!("vigie completions fish | source; complete --do-complete '{}'", words.join(" "));
        let Some(output) = env.script_in_shell("fish_completes", &project, "fish", &script) else { return };
        let offered: Vec<&str> = output.text().lines().filter_map(|line| line.split('\t').next()).collect();
        output.check(offered == [*expected], expected);
    }
    env.vigie_in(&project, &["daemon", "stop"]).expect_code(0);
}

/// Zsh completes in its line editor only: one runs on a terminal of its own, gets the keys, and writes down the line that it has.
#[test]
fn zsh_completes() {
    let env = TestEnv::new();
    let project = project(&env);
    let functions = env.path("functions");
    fs::create_dir(&functions).expect("the directory is new");
    let script = env.vigie_in(&project, &["completions", "zsh"]);
    fs::write(functions.join("_vigie"), &script.stdout).expect("the directory is ours");
    for (words, expected) in LINES {
        let (_, before) = words.split_last().expect("a line has words");
        let line = env.path("line");
        let _none = fs::remove_file(&line);
        // The pseudo-terminal is read all the time: what nobody reads stops who writes.
        let script = format!(
            r#"zmodload zsh/zpty zsh/zselect
            zpty -b inner 'TERM=dumb zsh -f -i'
            zpty -w inner 'fpath=({functions} $fpath); autoload -U compinit; compinit -u -D; PS1=; unsetopt menucomplete listbeep'
            zpty -w inner 'dump() {{ print -r -- $BUFFER >{line}.new; mv {line}.new {line} }}; zle -N dump; bindkey "^X" dump'
            zpty -w -n inner $'{typed}\t\x18'
            for (( at = 0; at < 3000; at++ )); do
                zpty -r -t inner out
                [[ -e {line} ]] && break
                zselect -t 1
            done
            zpty -d inner
            cat {line}"#,
            functions = functions.display(),
            line = line.display(),
            typed = words.join(" "),
        );
        let Some(output) = env.script_in_shell("zsh_completes", &project, "zsh", &script) else { return };
        let quoted = expected.replace(' ', "\\ ");
        let completed = format!("{} {quoted}", before.join(" "));
        output.check(output.text().trim_end() == completed, &completed);
    }
    env.vigie_in(&project, &["daemon", "stop"]).expect_code(0);
}
