//! `vigie context`: what to read before changing something, or about all that changed, within so many tokens. What is printed is what the daemon counted, byte for
//! byte, but for the colours of a terminal.

use std::ffi::OsStr;
use std::mem;

use vigie_proto::{ContextQuery, ContextRow, ContextRows, Form, SymbolRow};

use super::args::ContextArgs;
use super::context::Context;
use super::difference;
use super::exit::{CliError, Exit};
use super::location::all_asked;
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &ContextArgs) -> Result<Exit, CliError> {
    context.out.begin_document();
    difference::check(&args.targets, args.words.as_deref().map(OsStr::new))?;
    let (targets, target) = all_asked(context, &args.targets.names)?;
    let tier = if args.words.is_some() && targets.is_empty() { Tier::Structure } else { Tier::Linked };
    let scope = Scope::new(context, tier, &(&args.query).into(), &[]).of(target);
    let asked = ContextQuery { tokens_max: args.tokens, ..ContextQuery::default() };
    let Some(revision) = &args.targets.diff else {
        let (words, kinds) = (args.words.clone().unwrap_or_default(), args.targets.kind.clone());
        return ask(context, &scope, &ContextQuery { targets, words, kinds, ..asked });
    };
    let mut difference = difference::since(context, &scope, revision, &args.targets.kind)?;
    if !difference.told.removed.is_empty() {
        let removed = vigie::revision::difference::named(&difference.told.removed);
        difference.told.notes.push(format!("removed, so that there is nothing to show of it: {removed}"));
    }
    if difference.told.places.is_empty() {
        return Ok(difference.conclude(context, tier));
    }
    let targets = mem::take(&mut difference.told.places);
    let scope = scope.noting(mem::take(&mut difference.told.notes));
    let exit = ask(context, &scope, &ContextQuery { targets, ..asked })?;
    Ok(difference.ended(exit))
}

fn ask(context: &mut Context, scope: &Scope, asked: &ContextQuery) -> Result<Exit, CliError> {
    let question = |target, options| ContextQuery { target, options, ..asked.clone() };
    let mut shown = Shown::Nothing;
    query::run(context, scope, question, |printer, page| print(printer, &page, &mut shown))
}

/// How far a pack is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Nothing,
    Definitions,
    LeftOut,
}

fn print(printer: &mut Printer<'_>, page: &ContextRows, shown: &mut Shown) -> Reader {
    if printer.json && *shown == Shown::Nothing {
        let _still = printer.out.line(records::budget(&page.budget).finish());
    } else if *shown == Shown::Nothing && !page.rows.is_empty() {
        printer.note_root();
    }
    for row in &page.rows {
        let is_left_out = row.form == Form::LEFT_OUT;
        let lines = match printer.json {
            true => records::context_row(row).finish().into_bytes(),
            false if is_left_out && *shown != Shown::LeftOut => {
                let above = format!("left out, {} in all:\n", page.budget.left_out);
                [above.into_bytes(), heading(printer, row)].concat()
            }
            false if is_left_out => heading(printer, row),
            false => [heading(printer, row), below(printer, row)].concat(),
        };
        *shown = if is_left_out { Shown::LeftOut } else { Shown::Definitions };
        if printer.out.line(lines) == Reader::Gone {
            return Reader::Gone;
        }
    }
    printer.out.flush()
}

/// The heading, on a terminal with the place and the reason in colours.
fn heading(printer: &Printer<'_>, row: &ContextRow) -> Vec<u8> {
    let colors = printer.out.colors();
    let SymbolRow { path, start_line, end_line, .. } = &row.symbol;
    let place = format!("{}:{start_line}-{end_line}", path.to_text());
    let (place, rest) = match row.heading.strip_prefix(place.as_str()) {
        Some(rest) => (place.as_str(), rest),
        None => ("", row.heading.as_str()),
    };
    let (what, why) = rest.split_at(rest.find(" (").unwrap_or(rest.len()));
    let (place, what, why) = (printer.text(place), printer.text(what), printer.text(why));
    let (path, dim, reset) = (colors.path.as_bytes(), colors.dim.as_bytes(), colors.reset.as_bytes());
    [path, &place, reset, &what, dim, &why, reset].concat()
}

/// The text below a heading, each line behind a line feed, and one more for the empty line.
fn below(printer: &Printer<'_>, row: &ContextRow) -> Vec<u8> {
    let mut below = Vec::with_capacity(row.text.0.len() + 2);
    if !row.text.is_empty() {
        for line in row.text.0.split(|byte| *byte == b'\n') {
            below.push(b'\n');
            below.extend_from_slice(&printer.out.safe(line));
        }
    }
    below.push(b'\n');
    below
}
