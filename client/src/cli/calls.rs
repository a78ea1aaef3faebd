//! `vigie callers` and `vigie callees`: who calls a function, and what it calls.

use vigie_proto::{CallQuery, CallRow, CallRows, Direction};

use super::args::CallsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::location::asked;
use super::meaning::{arrow, place};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::Reader;
use crate::ui::records;

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
        ..CallQuery::default()
    };
    query::run(context, &scope, question, print)
}

/// Prints a page of calls: `path:line:column: caller calls name  → what that means`.
fn print(printer: &mut Printer<'_>, page: CallRows) -> Reader {
    printer.rows(&page.rows, records::call_row, line)
}

fn line(printer: &Printer<'_>, row: &CallRow) -> Vec<u8> {
    let from = row.from.as_ref().map_or_else(|| b"(file)".to_vec(), |from| printer.text(&from.qualified));
    let depth = if row.depth > 1 { format!("  ({} calls away)", row.depth) } else { String::new() };
    [
        place(printer, &row.path, row.line, row.column),
        from,
        b" calls ".to_vec(),
        printer.text(&row.name),
        arrow(printer, &row.to),
        depth.into_bytes(),
        marks(row.flags).into_bytes(),
    ]
    .concat()
}
