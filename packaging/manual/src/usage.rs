//! The words of a command line: read, answered with help, or refused with a sentence and a hint, in the same form by every program. What
//! is wrong with them is found by clap.

use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::num::ParseIntError;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Error, Parser};

/// Why words are no arguments.
#[derive(Debug)]
pub enum Unread {
    /// Help or the version was printed; the program ends with this code.
    Told(u8),
    /// It could not be printed.
    Untold(io::Error),
    /// They make no sense; [`explain`] says why.
    Wrong(Error),
}

/// What is wrong with a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub message: String,
    /// What may have been meant; empty if nothing is near.
    pub advice: String,
    /// What there is, or what says so.
    pub help: String,
}

impl Fault {
    /// What to do.
    pub fn hint(&self) -> String {
        if self.advice.is_empty() { self.help.clone() } else { format!("{}; {}", self.advice, self.help) }
    }
}

/// Reads the words of a command line, the program's own name first. Help is printed at once.
pub fn read<A: Parser>(words: &[OsString]) -> Result<A, Unread> {
    A::try_parse_from(words).map_err(|error| {
        // Help and version come as errors of the parser, whether they were asked for or half a command was typed.
        if error.use_stderr() && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Unread::Wrong(error);
        }
        match error.print().and_then(|()| io::stdout().flush()) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Unread::Untold(e),
            Ok(()) | Err(_) => Unread::Told(error.exit_code().try_into().unwrap_or(u8::MAX)),
        }
    })
}

/// What is wrong with the words of a command, which is called as it is typed: `vigie text`.
pub fn explain(error: &Error, command: &str) -> Fault {
    let help = format!("`{command} --help` says what there is");
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let fault = |message: String| Fault { message, advice: String::new(), help: help.clone() };
    match (error.kind(), named(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(flag)) if flag.starts_with('-') => {
            let near = named(ContextKind::SuggestedArg).filter(|near| is_near(flag, near));
            let advice = near.map(|near| format!("{near} is near it")).unwrap_or_default();
            Fault { advice, ..fault(format!("there is no option {flag}")) }
        }
        (ErrorKind::InvalidSubcommand, _) => {
            let word = named(ContextKind::InvalidSubcommand).unwrap_or_default();
            let near = match error.get(ContextKind::SuggestedSubcommand) {
                Some(ContextValue::Strings(near)) => near.iter().find(|near| is_near(word, near)),
                _ => None,
            };
            let advice = near.map(|near| format!("`{command} {near}` is near it")).unwrap_or_default();
            Fault { advice, ..fault(format!("there is no command {word}")) }
        }
        (ErrorKind::InvalidValue, Some(option)) if named(ContextKind::InvalidValue) == Some("") => {
            fault(format!("{option} needs a value"))
        }
        (ErrorKind::InvalidValue, Some(option)) => {
            let value = named(ContextKind::InvalidValue).unwrap_or_default();
            let there_are = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(values)) => values.as_slice(),
                _ => &[],
            };
            Fault { help: near(value, there_are), ..fault(format!("{option} cannot be '{value}'")) }
        }
        (ErrorKind::ValueValidation, Some(option)) if error.source().is_some_and(is_of_number) => {
            let value = named(ContextKind::InvalidValue).unwrap_or_default();
            fault(format!("{option} takes a whole number, and '{value}' is none that it can have"))
        }
        _ => fault(first_paragraph(error)),
    }
}

/// Which of these names may have been meant, and which there are.
pub fn near(word: &str, names: &[String]) -> String {
    let distance = |name: &&String| strsim::osa_distance(word, name);
    let near = names.iter().filter(|name| is_near(word, name)).min_by_key(distance);
    let advice = near.map(|near| format!("{near} is near it; ")).unwrap_or_default();
    format!("{advice}there are {}", names.join(", "))
}

/// Whether a word is so like another that it may be a slip of it: one slip in three letters, or its beginning.
fn is_near(word: &str, other: &str) -> bool {
    let (word, other) = (word.trim_start_matches('-'), other.trim_start_matches('-'));
    let slips_max = (word.chars().count() / 3).max(1);
    word.len() > 1 && (other.starts_with(word) || strsim::osa_distance(word, other) <= slips_max)
}

/// Whether a value was refused since it is no number, or one too large for where it is put.
fn is_of_number(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<ParseIntError>() || error.to_string().contains(" is not in ")
}

/// What clap says first, without its mark, in one line.
fn first_paragraph(error: &Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keep a lookout
    #[derive(Debug, Parser)]
    #[command(name = "vigie lookout", version)]
    struct Args {
        /// How far
        #[arg(long, default_value_t = 0)]
        how_far: u8,
    }

    fn said(words: &[&str]) -> String {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        match read::<Args>(&words) {
            Err(Unread::Wrong(error)) => {
                let fault = explain(&error, "vigie lookout");
                format!("{} | {}", fault.message, fault.hint())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_fault_is_one_sentence_and_a_hint() {
        let help = "`vigie lookout --help` says what there is";
        assert_eq!(said(&["lookout", "--nonsense"]), format!("there is no option --nonsense | {help}"));
        let near = "there is no option --how-fat | --how-far is near it; ";
        assert_eq!(said(&["lookout", "--how-fat"]), format!("{near}{help}"));
        let number = "--how-far <HOW_FAR> takes a whole number, and '256' is none that it can have | ";
        assert_eq!(said(&["lookout", "--how-far", "256"]), format!("{number}{help}"));
        assert!(!said(&["lookout", "east"]).contains("error: "), "{}", said(&["lookout", "east"]));
    }
}
