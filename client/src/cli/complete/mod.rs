//! Completion of the command line. `vigie completions SHELL` prints a script for a shell; the script asks
//! `vigie __complete SHELL INDEX WORD...` at each TAB, so that a completion is never older than the program. What may come next is
//! found by clap's own engine from the definition of the command line, and by [`values`] where only the daemon knows.

mod values;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

use clap::{CommandFactory, ValueEnum};
use clap_complete::CompletionCandidate;

use super::args::{Args, CompletionsArgs};
use super::context::Context;
use super::exit::{CliError, Exit};

/// The word behind `vigie` by which scripts ask. It is no command: help does not list it.
const WORD: &str = "__complete";

/// The shells that there is a script for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    fn script(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("bash"),
            Shell::Zsh => include_str!("zsh"),
            Shell::Fish => include_str!("fish"),
        }
    }
}

/// `vigie completions`: prints the script.
pub(crate) fn print(context: &mut Context, args: &CompletionsArgs) -> Result<Exit, CliError> {
    let _still = context.out.line(args.shell.script().trim_end());
    Ok(Exit::Done)
}

/// Answers a script's question if the command line is one.
pub(super) fn answer(words: &[OsString]) -> Option<Exit> {
    let [_, word, shell, index, typed @ ..] = words else { return None };
    if word != WORD {
        return None;
    }
    let shell = shell.to_str().and_then(|name| Shell::from_str(name, false).ok());
    let index = index.to_str().and_then(|index| index.parse::<usize>().ok());
    let (Some(shell), Some(index)) = (shell, index.filter(|index| *index < typed.len())) else {
        return Some(Exit::Failure);
    };
    // Whatever cannot be found out completes to nothing: a message would stand in the middle of what is being typed.
    let candidates = candidates(&typed[..=index], index).unwrap_or_default();
    // A shell that went away needs no answer.
    let _gone = write(shell, &candidates);
    Some(if candidates.is_empty() { Exit::Nothing } else { Exit::Done })
}

fn candidates(typed: &[OsString], index: usize) -> io::Result<Vec<CompletionCandidate>> {
    let mut command = Args::command();
    command.build();
    let mut command = values::add(command, typed);
    let cwd = env::current_dir().ok();
    let found = clap_complete::engine::complete(&mut command, typed.to_vec(), index, cwd.as_deref())?;
    // Options are offered when one is begun, as shells do for other programs.
    let wants_options = typed[index].as_bytes().starts_with(b"-");
    Ok(found.into_iter().filter(|one| wants_options || !one.get_value().as_bytes().starts_with(b"-")).collect())
}

/// One candidate a line; for shells that show them, with a tab and its description.
fn write(shell: Shell, candidates: &[CompletionCandidate]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for candidate in candidates {
        let value = candidate.get_value().as_bytes();
        if value.iter().any(u8::is_ascii_control) {
            continue;
        }
        out.write_all(value)?;
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        if let Some(line) = help.lines().next().filter(|_| shell != Shell::Bash) {
            write!(out, "\t{line}")?;
        }
        out.write_all(b"\n")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(line: &[&str]) -> Vec<String> {
        let typed: Vec<OsString> = line.iter().map(OsString::from).collect();
        let found = candidates(&typed, typed.len() - 1).unwrap();
        found.into_iter().map(|one| one.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_the_command_line_knows_is_offered() {
        assert_eq!(complete(&["vigie", "outl"]), ["outline"]);
        assert_eq!(complete(&["vigie", "def", "--kind", "fun"]), ["function"]);
        assert_eq!(complete(&["vigie", "def", "--kind=fun"]), ["--kind=function"]);
        assert_eq!(complete(&["vigie", "daemon", "sto"]), ["stop"]);
        assert!(complete(&["vigie", "text", "--after"]).contains(&"--after-context".to_owned()));
        assert_eq!(complete(&["vigie", "text", "--lang", "kot"]), ["kotlin"]);
        assert_eq!(complete(&["vigie", "__"]), [""; 0]);
        let commands = complete(&["vigie", ""]);
        assert!(commands.contains(&"index".to_owned()) && commands.iter().all(|word| !word.starts_with('-')));
    }

    #[test]
    fn only_a_script_is_answered() {
        let line = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(answer(&line(&["vigie", "def", "x"])), None);
        assert_eq!(answer(&line(&["vigie", WORD])), None);
        assert_eq!(answer(&line(&["vigie", WORD, "tcsh", "0", "vigie"])), Some(Exit::Failure));
        assert_eq!(answer(&line(&["vigie", WORD, "bash", "1", "vigie"])), Some(Exit::Failure));
    }
}
