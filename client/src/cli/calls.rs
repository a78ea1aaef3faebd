//! `vigie callers` and `vigie callees`: who calls a function, and what it calls.

use vigie_proto::{CallQuery, CallRow, CallRows, Direction, Ext, call_tag};

use super::args::CallsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::location::asked;
use super::meaning::arrow;
use super::places::{Place, Places};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::Reader;
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &CallsArgs, direction: Direction) -> Result<Exit, CliError> {
    let (query, target) = asked(context, &args.target.name)?;
    let scope = Scope::new(context, Tier::of_steps(args.depth), &args.query, &[]).of(target);
    let question = |target, options| CallQuery {
        target,
        query: query.clone(),
        kinds: args.target.kind.clone(),
        direction,
        depth: args.depth,
        options,
        ext: Ext::flag(call_tag::CERTAIN, args.certain),
    };
    let mut places = Places::new(args.heading.wanted(context.out.stdout_is_terminal()));
    query::run(context, &scope, question, |printer, page| print(printer, &page, &mut places))
}

/// Prints a page of calls: `path:line:column: caller calls name  → what that means`.
fn print(printer: &mut Printer<'_>, page: &CallRows, places: &mut Places) -> Reader {
    places.print(printer, &page.rows, records::call_row, place, |printer, row, _| what(printer, row))
}

fn place(row: &CallRow) -> Place<'_> {
    Place { path: &row.path, line: row.line, column: row.column }
}

fn what(printer: &Printer<'_>, row: &CallRow) -> Vec<u8> {
    let colors = printer.out.colors();
    let from = match &row.from {
        Some(from) => colors.paint(colors.name, printer.text(&from.qualified)),
        None => b"(file)".to_vec(),
    };
    let depth = if row.depth > 1 { format!("  ({} calls away)", row.depth) } else { String::new() };
    [
        from,
        colors.paint(colors.dim, " calls "),
        colors.paint(colors.hit, printer.text(&row.name)),
        arrow(printer, &row.to),
        depth.into_bytes(),
        marks(row.flags).into_bytes(),
    ]
    .concat()
}
