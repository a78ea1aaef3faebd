//! `vigie text`: lines that match a pattern, with the flags of `rg`. Looks like `rg`: grouped by file on a terminal, `path:line:text` in
//! a pipe.

mod args;
mod layout;
mod rg;

pub(crate) use args::TextArgs;
pub(crate) use rg::absence;

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use vigie_proto::{Bytes, FileMatchQuery, FileMatchRow, MatchCount, Span, TextQuery, TextRow, row_flag};

use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use vigie::human::counted;
use vigie::records;

use layout::{Layout, Lines};

pub(crate) fn run(context: &mut Context, args: &TextArgs) -> Result<Exit, CliError> {
    let paths = args.paths();
    check_paths(context, &paths)?;
    let question = question(context, args)?;
    let scope = Scope::new(context, Tier::Text, &args.query, &paths);
    match args.count() {
        Some(count) => files(context, &scope, &question, count),
        None => lines(context, &scope, &question, args),
    }
}

/// A path that is not there is a mistake rather than a place without matches.
fn check_paths(context: &Context, paths: &[PathBuf]) -> Result<(), CliError> {
    match paths.iter().find(|path| context.cwd.join(path).symlink_metadata().is_err()) {
        Some(path) => Err(CliError::Usage {
            message: format!("{} cannot be searched: there is no such file or directory", path.display()),
            hint: "check the spelling; the pattern comes first, then the paths".to_owned(),
        }),
        None => Ok(()),
    }
}

/// What is asked, but for the project and what all questions share.
fn question(context: &Context, args: &TextArgs) -> Result<TextQuery, CliError> {
    let (pattern, alternatives) = args.patterns()?;
    Ok(TextQuery {
        pattern,
        alternatives,
        flags: args.flags(),
        before: args.before(),
        after: args.after(),
        types: args.types.clone(),
        types_not: args.types_not.clone(),
        overrides: args.globs.clone(),
        overrides_dir: Bytes(context.cwd.as_os_str().as_bytes().to_vec()),
        ..TextQuery::default()
    })
}

fn lines(context: &mut Context, scope: &Scope, question: &TextQuery, args: &TextArgs) -> Result<Exit, CliError> {
    let style = context.out.style();
    let layout = Layout {
        heading: args.heading.wanted(style.is_terminal && !args.vimgrep),
        context: args.before() > 0 || args.after() > 0,
        vimgrep: args.vimgrep,
        only_matching: args.only_matching,
        null: args.query.null,
    };
    let mut lines = Lines::new(layout, style);
    let (mut cut, mut cut_last) = (0, None);
    let question = |target, options| TextQuery { target, options, ..question.clone() };
    let exit = query::run(context, scope, question, |printer, page| {
        for row in &page.rows {
            let is_cut = if layout.only_matching { is_match_cut(row) } else { row.flags & row_flag::TRUNCATED != 0 };
            // A line may come in several rows.
            if is_cut && cut_last.as_ref().is_none_or(|(path, line)| *path != row.path || *line != row.line) {
                cut += 1;
                cut_last = Some((row.path.clone(), row.line));
            }
            if print_line(printer, &mut lines, row) == Reader::Gone {
                return Reader::Gone;
            }
        }
        printer.out.flush()
    })?;
    if cut > 0 && !context.global.json && args.query.format.is_none() {
        let what = if layout.only_matching {
            "of a match over 4 KiB only the beginning"
        } else {
            "of a line over 4 KiB only a part"
        };
        context.out.note(&format!("{what} is printed: {}", counted(cut, "line")));
    }
    Ok(exit)
}

/// Whether a match is longer than what is shown of its line: then it fills that.
fn is_match_cut(row: &TextRow) -> bool {
    let fills = |span: &Span| span.start == 0 && span.end as usize == row.text.0.len();
    row.flags & row_flag::TRUNCATED != 0 && row.spans.iter().any(fills)
}

fn print_line(printer: &mut Printer<'_>, lines: &mut Lines, row: &TextRow) -> Reader {
    if printer.is_for_programs() {
        return printer.record(records::text_row(row));
    }
    let path = printer.linked(&row.path, printer.path(&row.path));
    printer.out.write(lines.row(&path, row))
}

fn files(context: &mut Context, scope: &Scope, question: &TextQuery, count: MatchCount) -> Result<Exit, CliError> {
    let question = |target, options| {
        let text = TextQuery { target, options, ..question.clone() };
        FileMatchQuery { text, count, ..FileMatchQuery::default() }
    };
    query::run(context, scope, question, |printer, page| {
        for row in &page.rows {
            if print_file(printer, count, row) == Reader::Gone {
                return Reader::Gone;
            }
        }
        printer.out.flush()
    })
}

fn print_file(printer: &mut Printer<'_>, count: MatchCount, row: &FileMatchRow) -> Reader {
    if printer.is_for_programs() {
        return printer.record(records::file_match_row(count, row));
    }
    let path = printer.painted_path(&row.path);
    let counted = match count {
        MatchCount::NONE => return printer.out.write(&[&path, printer.behind_path(b"\n")].concat()),
        MatchCount::LINES => row.lines,
        _ => row.matches,
    };
    printer.out.line([&path, printer.behind_path(b":"), counted.to_string().as_bytes()].concat())
}
