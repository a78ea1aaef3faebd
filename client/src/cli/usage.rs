//! A command line that cannot be read, as the sentence and the hint that every failure has. What is wrong with it is found by clap.

use std::error::Error as _;
use std::ffi::OsString;
use std::num::ParseIntError;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error};

use super::args::Args;
use super::exit::CliError;
use super::text;

/// What was wrong with the words of a command line.
pub(crate) fn explain(error: &Error, words: &[OsString]) -> CliError {
    let command = command(words);
    let help = format!("`{} --help` says what there is", command.as_deref().unwrap_or("vigie"));
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let usage = |message: String, hint: String| CliError::Usage { message, hint };
    match (error.kind(), named(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(flag)) if flag.starts_with('-') => {
            let absence = text::absence(flag).filter(|_| command.as_deref() == Some("vigie text"));
            if let Some((why, hint)) = absence {
                return usage(format!("{flag} is not there: {why}"), hint.to_owned());
            }
            let near = named(ContextKind::SuggestedArg).filter(|near| is_near(flag, near));
            let pattern = dashed_pattern(flag, words).filter(|_| command.as_deref() == Some("vigie text"));
            let advice = match (near, pattern) {
                (Some(near), _) => format!("{near} is near it; "),
                (None, Some(pattern)) => format!("to look for it, write -e '{pattern}'; "),
                (None, None) => String::new(),
            };
            usage(format!("there is no option {flag}"), format!("{advice}{help}"))
        }
        (ErrorKind::InvalidSubcommand, _) => {
            let word = named(ContextKind::InvalidSubcommand).unwrap_or_default();
            let near = match error.get(ContextKind::SuggestedSubcommand) {
                Some(ContextValue::Strings(near)) => near.iter().find(|near| is_near(word, near)).map(String::as_str),
                _ => None,
            };
            let advice = match (meant(word), near) {
                (Some(meant), _) => format!("{meant}; "),
                (None, Some(near)) => format!("`{} {near}` is near it; ", command.as_deref().unwrap_or("vigie")),
                (None, None) => String::new(),
            };
            usage(format!("there is no command {word}"), format!("{advice}{help}"))
        }
        (ErrorKind::InvalidValue, Some(option)) if named(ContextKind::InvalidValue) == Some("") => {
            usage(format!("{option} needs a value"), help)
        }
        (ErrorKind::InvalidValue, Some(option)) => {
            let value = named(ContextKind::InvalidValue).unwrap_or_default();
            let there_are = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(values)) => values.as_slice(),
                _ => &[],
            };
            usage(format!("{option} cannot be '{value}'"), near(value, there_are))
        }
        (ErrorKind::ValueValidation, Some(option)) if error.source().is_some_and(is_of_number) => {
            let value = named(ContextKind::InvalidValue).unwrap_or_default();
            usage(format!("{option} takes a whole number, and '{value}' is none that it can have"), help)
        }
        _ => usage(first_paragraph(error), help),
    }
}

/// Which of these names may have been meant, and which there are.
pub(super) fn near(word: &str, names: &[String]) -> String {
    let distance = |name: &&String| strsim::osa_distance(word, name);
    let near = names.iter().filter(|name| is_near(word, name)).min_by_key(distance);
    let advice = near.map(|near| format!("{near} is near it; ")).unwrap_or_default();
    format!("{advice}there are {}", names.join(", "))
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

/// Whether a word is so like another that it may be a slip of it: one slip in three letters, or its beginning.
fn is_near(word: &str, other: &str) -> bool {
    let (word, other) = (word.trim_start_matches('-'), other.trim_start_matches('-'));
    let slips_max = (word.chars().count() / 3).max(1);
    word.len() > 1 && (other.starts_with(word) || strsim::osa_distance(word, other) <= slips_max)
}

/// The word of the command line that was taken for an option, if it looks as if it were to be looked for.
fn dashed_pattern<'a>(flag: &str, words: &'a [OsString]) -> Option<&'a str> {
    let mut words = words.iter().filter_map(|word| word.to_str());
    words.find(|word| word.starts_with(flag)).filter(|word| !word.contains('\''))
}

/// Whether a value was refused since it is no number, or one too large for where it is put.
fn is_of_number(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<ParseIntError>() || error.to_string().contains(" is not in ")
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

/// What clap says first, without its mark, in one line.
fn first_paragraph(error: &Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect::<Vec<_>>().join(" ")
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
