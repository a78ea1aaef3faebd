//! What Vigie's programs say of their command lines: manual pages, and why words make no sense. What may be typed comes from the
//! definitions of the command lines; each program adds the chapters that clap does not know. This crate speaks roff; it knows no program.

pub mod escape;
pub mod usage;

use std::fs;
use std::io;
use std::path::Path;

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// What stands at the bottom of every page.
const MANUAL: &str = "Vigie Manual";

/// A chapter that is added to a page.
#[derive(Clone, Debug)]
pub enum Chapter<'a> {
    /// Terms, and what each means.
    Terms(&'a str, &'a [(&'a str, &'a str)]),
    /// What somebody wants, and the command line for it.
    Examples(&'a [(&'a str, &'a str)]),
    /// Other pages, as `vigie(1)`.
    SeeAlso(&'a [&'a str]),
}

/// Writes the page of a command that was built (`Command::build`), and those of its commands, into a directory that is made if need be, as
/// `NAME.SECTION`.
/// `chapters` says which chapters the page of a command has besides, by its whole name: `vigie-daemon-start`.
pub fn write<'a>(
    command: &Command,
    section: u8,
    dir: &Path,
    chapters: &impl Fn(&str) -> Vec<Chapter<'a>>,
) -> io::Result<()> {
    // A program may call itself by two words, as `vigie top`.
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).replace(' ', "-");
    fs::create_dir_all(dir)?;
    fs::write(dir.join(format!("{name}.{section}")), page(command, section, &chapters(&name))?)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        write(sub, section, dir, chapters)?;
    }
    Ok(())
}

fn page(command: &Command, section: u8, chapters: &[Chapter<'_>]) -> io::Result<Vec<u8>> {
    // What is said behind the help has a chapter of its own name here.
    let notes = command.get_after_help().map(ToString::to_string);
    // The command `help` has no page.
    let without_help =
        command.clone().mut_subcommands(|sub| if sub.get_name() == "help" { sub.hide(true) } else { sub });
    let man = Man::new(without_help.mut_args(with_values_in_help)).section(section.to_string());
    let mut page = title(command, section).into_bytes();
    man.render_name_section(&mut page)?;
    synopsis(command).to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().any(|sub| !sub.is_hide_set()) {
        man.render_subcommands_section(&mut page)?;
    }
    let mut roff = Roff::default();
    if let Some(notes) = notes {
        roff.control("SH", ["NOTES"]);
        for (at, paragraph) in notes.split("\n\n").enumerate() {
            if at > 0 {
                roff.control("PP", []);
            }
            roff.text([roman(paragraph)]);
        }
    }
    for chapter in chapters {
        add(&mut roff, chapter);
    }
    roff.to_writer(&mut page)?;
    Ok(page)
}

/// The first line of a page. It has no date: one version of a program has one page.
fn title(command: &Command, section: u8) -> String {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).replace(' ', "-").to_uppercase();
    let version = command.get_version().unwrap_or(env!("CARGO_PKG_VERSION"));
    format!(".TH \"{name}\" {section} \"\" \"Vigie {version}\" \"{MANUAL}\"\n")
}

/// The line of usage that help has too: the options follow in a chapter of their own.
fn synopsis(command: &Command) -> Roff {
    let usage = command.clone().render_usage().to_string();
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut roff = Roff::default();
    roff.control("SH", ["SYNOPSIS"]);
    for (at, line) in usage.trim_start_matches("Usage:").lines().map(str::trim).enumerate() {
        if at > 0 {
            roff.control("br", []);
        }
        match line.strip_prefix(name) {
            Some(rest) => roff.text([bold(name), roman(rest)]),
            None => roff.text([roman(line)]),
        };
    }
    roff
}

/// An argument whose help names its values, which would else stand one below the other.
fn with_values_in_help(arg: Arg) -> Arg {
    if arg.is_hide_possible_values_set() {
        return arg;
    }
    let named = |value: &PossibleValue| match value.get_help() {
        Some(help) => format!("{} ({help})", value.get_name()),
        None => value.get_name().to_owned(),
    };
    let values: Vec<String> =
        arg.get_possible_values().iter().filter(|value| !value.is_hide_set()).map(named).collect();
    if values.is_empty() || !arg.get_action().takes_values() {
        return arg;
    }
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    arg.help(format!("{help}: {}", values.join(", "))).hide_possible_values(true)
}

fn add(roff: &mut Roff, chapter: &Chapter<'_>) {
    match chapter {
        Chapter::Terms(title, terms) => {
            roff.control("SH", [*title]);
            for (term, meaning) in *terms {
                roff.control("TP", []);
                roff.text([bold(*term)]);
                roff.text([roman(*meaning)]);
            }
        }
        Chapter::Examples(examples) => {
            roff.control("SH", ["EXAMPLES"]);
            for (wish, line) in *examples {
                roff.control("TP", []);
                roff.text([roman(*wish)]);
                roff.text([bold(*line)]);
            }
        }
        Chapter::SeeAlso(pages) => {
            roff.control("SH", ["SEE ALSO"]);
            roff.text([roman(pages.join(", "))]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_the_chapters_of_their_command() {
        let dir = std::env::temp_dir().join(format!("vigie-manual-{}", std::process::id()));
        let mut command = Command::new("lookout")
            .version("1")
            .about("Look out")
            .subcommand(
                Command::new("far")
                    .about("Far away")
                    .arg(Arg::new("how").long("how-far").help("So far"))
                    .arg(Arg::new("where").value_name("PLACE").num_args(1..).required(true)),
            )
            .subcommand(Command::new("secret").hide(true));
        command.build();
        write(&command, 1, &dir, &|name| match name {
            "lookout" => vec![Chapter::Terms("FILES", &[("~/.lookout", "What was seen")])],
            _ => vec![Chapter::Examples(&[("Look", "lookout far --how-far 3")]), Chapter::SeeAlso(&["lookout(1)"])],
        })
        .unwrap();
        let mut names: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        let far = fs::read_to_string(dir.join("lookout-far.1")).unwrap();
        let top = fs::read_to_string(dir.join("lookout.1")).unwrap();
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!(names, ["lookout-far.1", "lookout.1"]);
        assert!(far.contains("lookout far \\-\\-how\\-far 3") && far.contains("SEE ALSO"), "{far}");
        assert!(top.contains("FILES") && top.contains("What was seen") && !top.contains("secret"), "{top}");
        assert!(far.contains("\\fBlookout far\\fR [OPTIONS] <PLACE>..."), "{far}");
        assert!(top.contains("\\fBlookout\\fR [COMMAND]") && !top.contains("help(1)"), "{top}");
    }
}
