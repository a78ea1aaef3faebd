//! What may be typed behind `vigie text`: ripgrep's flags, with ripgrep's meaning.

use std::ffi::OsString;
use std::path::PathBuf;

use vigie_proto::{MatchCount, text_flag};

use crate::cli::args::{HeadingArgs, QueryArgs};
use crate::cli::exit::CliError;

#[derive(Debug, clap::Args)]
#[command(
    args_override_self = true,
    override_usage = "vigie text [OPTIONS] PATTERN [PATH]...\n       vigie text [OPTIONS] -e PATTERN... [PATH]..."
)]
pub(crate) struct TextArgs {
    /// A regular expression; with -e there is none here, and the first word is a PATH
    #[arg(value_name = "PATTERN")]
    first: Option<OsString>,
    /// Only at or below these paths [default: the whole project]
    #[arg(value_name = "PATH")]
    rest: Vec<PathBuf>,
    /// A regular expression (may be repeated: a line is found if one of them matches)
    #[arg(short = 'e', long, value_name = "PATTERN", allow_hyphen_values = true)]
    regexp: Vec<String>,
    /// The pattern is a literal
    #[arg(short = 'F', long, alias = "fixed")]
    fixed_strings: bool,
    /// Ignore case
    #[arg(short = 'i', long, overrides_with_all = ["smart_case", "case_sensitive"])]
    ignore_case: bool,
    /// Ignore case unless the pattern has an upper-case letter
    #[arg(short = 'S', long, overrides_with_all = ["ignore_case", "case_sensitive"])]
    smart_case: bool,
    /// Mind case, as is the default
    #[arg(short = 's', long, overrides_with_all = ["ignore_case", "smart_case"])]
    case_sensitive: bool,
    /// Match whole words only
    #[arg(short = 'w', long, overrides_with = "line_regexp")]
    word_regexp: bool,
    /// Match whole lines only
    #[arg(short = 'x', long, overrides_with = "word_regexp")]
    line_regexp: bool,
    /// Print each match on a line of its own, and nothing else of its line
    #[arg(short = 'o', long)]
    pub(crate) only_matching: bool,
    /// Print only the paths of files with a match
    #[arg(short = 'l', long, overrides_with_all = ["count", "count_matches"])]
    files_with_matches: bool,
    /// Print only how many lines of each file match; with -o, how many matches each file has
    #[arg(short = 'c', long, overrides_with_all = ["files_with_matches", "count_matches"])]
    count: bool,
    /// Print only how many matches each file has
    #[arg(long, overrides_with_all = ["files_with_matches", "count"])]
    count_matches: bool,
    /// Print N lines after each that matches
    #[arg(short = 'A', long, value_name = "N", value_parser = parse_lines, allow_negative_numbers = true)]
    after_context: Option<u32>,
    /// Print N lines before each that matches
    #[arg(short = 'B', long, value_name = "N", value_parser = parse_lines, allow_negative_numbers = true)]
    before_context: Option<u32>,
    /// Print N lines before and after each that matches; -A and -B override it on their side
    #[arg(short = 'C', long, value_name = "N", value_parser = parse_lines, allow_negative_numbers = true)]
    context: Option<u32>,
    /// Print every match on a line of its own, as PATH:LINE:COLUMN:TEXT
    #[arg(long)]
    pub(crate) vimgrep: bool,
    /// Only files of this type, such as rust or py; '?' lists them all (may be repeated)
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    pub(crate) types: Vec<String>,
    /// No files of this type (may be repeated)
    #[arg(short = 'T', long = "type-not", value_name = "TYPE")]
    pub(crate) types_not: Vec<String>,
    /// Only files that this glob matches, seen from the current directory, or with `!` before it only others; the last that matches
    /// counts (may be repeated). Unlike in rg, no glob brings back what the ignore rules leave out: it is not in the index
    #[arg(short = 'g', long = "glob", value_name = "GLOB", allow_hyphen_values = true)]
    pub(crate) globs: Vec<String>,
    /// Print line numbers, as is always done
    #[arg(short = 'n', long)]
    line_number: bool,
    /// Print paths, as is always done
    #[arg(short = 'H', long)]
    with_filename: bool,
    #[command(flatten)]
    pub(crate) heading: HeadingArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

fn parse_lines(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "a number of lines is wanted".to_owned())
}

impl TextArgs {
    /// The first pattern and its alternatives.
    pub(crate) fn patterns(&self) -> Result<(String, Vec<String>), CliError> {
        if let Some((first, others)) = self.regexp.split_first() {
            return Ok((first.clone(), others.to_vec()));
        }
        let pattern = self.first.clone().ok_or_else(|| CliError::Usage {
            message: "there is no pattern to look for".to_owned(),
            hint: "give one: vigie text PATTERN [PATH]...".to_owned(),
        })?;
        let pattern = pattern.into_string().map_err(|_| CliError::Usage {
            message: "the pattern is not UTF-8".to_owned(),
            hint: r"write other bytes as escapes, as in (?-u:\xff)".to_owned(),
        })?;
        Ok((pattern, Vec::new()))
    }

    /// The paths that narrow the question.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let first = self.first.iter().filter(|_| !self.regexp.is_empty()).map(PathBuf::from);
        first.chain(self.rest.iter().cloned()).collect()
    }

    /// What is counted of each file; `None` if its lines are wanted.
    pub(crate) fn count(&self) -> Option<MatchCount> {
        match (self.files_with_matches, self.count, self.count_matches) {
            (true, ..) => Some(MatchCount::NONE),
            (_, true, _) if !self.only_matching => Some(MatchCount::LINES),
            (_, true, _) | (.., true) => Some(MatchCount::MATCHES),
            (false, false, false) => None,
        }
    }

    /// Lines to show before each that matches.
    pub(crate) fn before(&self) -> u32 {
        self.before_context.or(self.context).unwrap_or(0)
    }

    /// Lines to show after each that matches.
    pub(crate) fn after(&self) -> u32 {
        self.after_context.or(self.context).unwrap_or(0)
    }

    /// See [`text_flag`].
    pub(crate) fn flags(&self) -> u16 {
        let flag = |wanted: bool, flag: u16| if wanted { flag } else { 0 };
        flag(self.fixed_strings, text_flag::FIXED)
            | flag(self.ignore_case, text_flag::IGNORE_CASE)
            | flag(self.smart_case, text_flag::SMART_CASE)
            | flag(self.word_regexp, text_flag::WORD)
            | flag(self.line_regexp, text_flag::LINE)
            | flag(self.only_matching || self.vimgrep, text_flag::EVERY_MATCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        text: TextArgs,
    }

    fn parse(line: &str) -> TextArgs {
        Line::try_parse_from(std::iter::once("text").chain(line.split(' '))).unwrap().text
    }

    #[test]
    fn the_first_word_is_the_pattern_unless_another_is_given() {
        let asked = |line: &str| {
            let args = parse(line);
            let paths = args.paths().iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
            (args.patterns().map(|(first, others)| [vec![first], others].concat().join(" ")).unwrap_or_default(), paths)
        };
        assert_eq!(asked("x a b"), ("x".into(), "a b".into()));
        assert_eq!(asked("-e x a b"), ("x".into(), "a b".into()));
        assert_eq!(asked("a -e x -e -y b"), ("x -y".into(), "a b".into()));
        assert_eq!(asked("-- -x"), ("-x".into(), String::new()));
        assert_eq!(asked("-n"), (String::new(), String::new()));
    }

    #[test]
    fn of_flags_that_exclude_each_other_the_last_counts() {
        assert_eq!(parse("x -i -S").flags(), text_flag::SMART_CASE);
        assert_eq!(parse("x -S -i -s").flags(), 0);
        assert_eq!(parse("x -i -i").flags(), text_flag::IGNORE_CASE);
        assert_eq!(parse("x -wx").flags(), text_flag::LINE);
        assert_eq!(parse("x -xw -F").flags(), text_flag::WORD | text_flag::FIXED);
        assert_eq!(parse("x -lc").count(), Some(MatchCount::LINES));
        assert_eq!(parse("x -cl").count(), Some(MatchCount::NONE));
        assert_eq!(parse("x -co").count(), Some(MatchCount::MATCHES));
        assert_eq!(parse("x -o").count(), None);
    }

    #[test]
    fn one_side_of_the_context_counts_more_than_both() {
        let around = |line: &str| (parse(line).before(), parse(line).after());
        assert_eq!(around("x"), (0, 0));
        assert_eq!(around("x -C2"), (2, 2));
        assert_eq!(around("x -A 1 -C 3"), (3, 1));
        assert_eq!(around("x -B1 -A2 -A3"), (1, 3));
    }
}
