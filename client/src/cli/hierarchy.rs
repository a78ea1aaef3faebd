//! `vigie hierarchy`: what a type inherits from, and what inherits from it.

use vigie_proto::{Direction, HierarchyQuery, HierarchyRow, HierarchyRows};

use super::args::HierarchyArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::location::asked;
use super::meaning::{arrow, place};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use crate::ui::records;

pub(crate) fn run(context: &mut Context, args: &HierarchyArgs) -> Result<Exit, CliError> {
    let (query, target) = asked(context, &args.target.name)?;
    let scope = Scope::new(context, Tier::of_steps(args.depth), &args.query, &[]).of(target);
    let direction = match (args.bases, args.derived) {
        (true, _) => Direction::OUTGOING,
        (false, true) => Direction::INCOMING,
        (false, false) => Direction::BOTH,
    };
    let question = |target, options| HierarchyQuery {
        target,
        query: query.clone(),
        kinds: args.target.kind.clone(),
        direction,
        depth: args.depth,
        options,
        ..HierarchyQuery::default()
    };
    query::run(context, &scope, question, print)
}

/// Prints a page of steps: `path:line:column: kind derived < base  → what that means`.
fn print(printer: &mut Printer<'_>, page: HierarchyRows) -> Reader {
    printer.rows(&page.rows, records::hierarchy_row, line)
}

fn line(printer: &Printer<'_>, row: &HierarchyRow) -> Vec<u8> {
    let side = if row.direction == Direction::OUTGOING { "base" } else { "derived" };
    let kind = format!("{side:8} {} ", row.derived.kind);
    let depth = if row.depth > 1 { format!("  ({} steps away)", row.depth) } else { String::new() };
    [
        place(printer, &row.derived.path, row.derived.line, row.derived.column),
        kind.into_bytes(),
        printer.text(&row.derived.qualified),
        b" < ".to_vec(),
        printer.text(&row.name),
        arrow(printer, &row.base),
        depth.into_bytes(),
    ]
    .concat()
}
