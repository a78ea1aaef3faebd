//! A command line that cannot be read, as the sentence and the hint that every failure has: those of every program, and what only this
//! one knows.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error};
use vigie_manual::usage;

use super::args::Args;
use super::exit::CliError;
use super::text;

/// What was wrong with the words of a command line.
pub(crate) fn explain(error: &Error, words: &[OsString]) -> CliError {
    let command = command(words).unwrap_or_else(|| "vigie".to_owned());
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let mut fault = usage::explain(error, &command);
    match (error.kind(), named(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(flag)) if command == "vigie text" && flag.starts_with('-') => {
            if let Some((why, hint)) = text::absence(flag) {
                return CliError::Usage { message: format!("{flag} is not there: {why}"), hint: hint.to_owned() };
            }
            if let Some(pattern) = dashed_pattern(flag, words).filter(|_| fault.advice.is_empty()) {
                fault.advice = format!("to look for it, write -e '{pattern}'");
            }
        }
        (ErrorKind::InvalidSubcommand, _) => {
            if let Some(meant) = named(ContextKind::InvalidSubcommand).and_then(meant) {
                fault.advice = meant.to_owned();
            }
        }
        _ => {}
    }
    CliError::Usage { hint: fault.hint(), message: fault.message }
}

/// What other programs call a command of ours.
fn meant(word: &str) -> Option<&'static str> {
    Some(match word {
        "grep" | "rg" => "`vigie text PATTERN` finds lines, with the flags of rg",
        "find" | "fd" | "ls" => "`vigie files PART` finds files by path",
        "definition" | "definitions" => "`vigie def NAME` finds definitions",
        "references" | "usages" | "uses" => "`vigie refs NAME` finds where a name occurs",
        _ => return None,
    })
}

/// The word of the command line that was taken for an option, if it looks as if it were to be looked for.
fn dashed_pattern<'a>(flag: &str, words: &'a [OsString]) -> Option<&'a str> {
    let mut words = words.iter().filter_map(|word| word.to_str());
    words.find(|word| word.starts_with(flag)).filter(|word| !word.contains('\''))
}

/// Whether failures are wanted as objects too. The line could not be read, so this looks at its words alone.
pub(crate) fn wants_json(words: &[OsString]) -> bool {
    words.iter().take_while(|word| *word != "--").any(|word| word == "--json")
}

/// The command that was meant, as it is typed.
fn command(words: &[OsString]) -> Option<String> {
    let matches = Args::command().ignore_errors(true).try_get_matches_from(words).ok()?;
    matches.subcommand_name().map(|name| format!("vigie {name}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn said(line: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = Args::try_parse_from(&words).expect_err(line);
        match explain(&error, &words) {
            CliError::Usage { message, hint } => format!("{message} | {hint}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn flags_of_rg_are_answered_with_what_to_do() {
        assert_eq!(said("vigie text -v x"), "-v is not there: only lines that match are found | use rg -v");
        assert_eq!(said("vigie --json text -w --invert-match x"), said("vigie text --invert-match x"));
        for line in [
            "vigie text x -U",
            "vigie text x -P",
            "vigie text x -r y",
            "vigie text x --replace=y",
            "vigie text x -z",
            "vigie text x -L",
            "vigie text --hidden x",
            "vigie text -uu x",
            "vigie text --no-ignore-vcs x",
            "vigie text -m 1 x",
            "vigie text -m1 x",
            "vigie text -nN x",
            "vigie --socket /s text x -q",
        ] {
            let said = said(line);
            assert!(said.contains(" is not there: ") && !said.contains("--help"), "{line}: {said}");
        }
    }

    #[test]
    fn other_faults_are_one_sentence_and_a_hint() {
        let help = "| `vigie text --help` says what there is";
        assert_eq!(said("vigie text x -A"), format!("--after-context <N> needs a value {help}"));
        let help = help.trim_start_matches("| ");
        let advice = "| to look for it, write -e '--nonsense';";
        assert_eq!(said("vigie text x --nonsense"), format!("there is no option --nonsense {advice} {help}"));
        assert!(said("vigie text x --vimgreb").contains("--vimgrep is near it"), "{}", said("vigie text x --vimgreb"));
        let wanted = "invalid value 'y' for '--after-context <N>': a number of lines is wanted";
        assert!(said("vigie text x -A y").starts_with(wanted), "{}", said("vigie text x -A y"));
        assert!(said("vigie text x -A -1").starts_with("invalid value '-1' for '--after-context <N>'"));
        for (line, option, value) in [
            ("vigie callers x --depth y", "--depth <N>", "y"),
            ("vigie callers x --depth -1", "--depth <N>", "-1"),
            ("vigie callers x --depth 1.5", "--depth <N>", "1.5"),
            ("vigie callers x --depth 99999999999", "--depth <N>", "99999999999"),
            ("vigie text x --limit many", "--limit <N>", "many"),
            ("vigie text x --deadline-ms 1s", "--deadline-ms <N>", "1s"),
            ("vigie index --max-files 1K", "--max-files <N>", "1K"),
            ("vigie coverage --since y", "--since <GENERATION>", "y"),
            ("vigie cancel seven", "<JOB>", "seven"),
        ] {
            let wanted = format!("{option} takes a whole number, and '{value}' is none that it can have | ");
            assert!(said(line).starts_with(&wanted), "{line}: {}", said(line));
        }
        assert!(said("vigie symbols -v x").starts_with("there is no option -v | `vigie symbols --help`"));
        assert!(said("vigie cancel").contains("<JOB>"), "{}", said("vigie cancel"));
        let said = said("vigie index --max-bytes 12Q");
        assert!(said.contains("use K, M, G or T") && !said.contains('\n'), "{said}");
    }

    #[test]
    fn what_begins_with_a_dash_may_be_a_pattern() {
        let words = ["vigie", "text", "-> x"].map(OsString::from);
        let error = Args::try_parse_from(&words).unwrap_err();
        let CliError::Usage { message, hint } = explain(&error, &words) else { panic!("no usage") };
        assert_eq!(message, "there is no option ->");
        assert_eq!(hint, "to look for it, write -e '-> x'; `vigie text --help` says what there is");
        assert!(!said("vigie def -x").contains("-e"), "{}", said("vigie def -x"));
    }

    #[test]
    fn only_what_is_near_is_offered() {
        let help = "`vigie --help` says what there is";
        assert_eq!(
            said("vigie daemon stop --force"),
            "there is no option --force | `vigie daemon --help` says what there is"
        );
        assert_eq!(said("vigie indexx"), format!("there is no command indexx | `vigie index` is near it; {help}"));
        assert_eq!(said("vigie zzz"), format!("there is no command zzz | {help}"));
        for (word, meant) in [("grep", "vigie text"), ("rg", "text"), ("find", "files")] {
            assert!(said(&format!("vigie {word} x")).contains(meant), "{word}: {}", said(&format!("vigie {word} x")));
        }
        assert!(
            said("vigie daemon stopp").contains("`vigie daemon stop` is near it"),
            "{}",
            said("vigie daemon stopp")
        );
    }

    #[test]
    fn json_is_wanted_only_as_an_option() {
        let wants = |line: &str| wants_json(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(wants("vigie text --json -v x") && wants("vigie --json"));
        assert!(!wants("vigie text -v -- --json") && !wants("vigie text -v"));
    }
}
