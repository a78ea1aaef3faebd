//! `vigie hierarchy`: what a type inherits from, and what inherits from it.

use vigie_proto::{Direction, HierarchyQuery, HierarchyRow, HierarchyRows};

use super::args::HierarchyArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::location::asked;
use super::meaning::arrow;
use super::places::{Place, Places};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use vigie::records;

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
    context.out.begin_document();
    let mut places = Places::new(args.heading.wanted(context.out.stdout_is_terminal()));
    query::run(context, &scope, question, |printer, page| print(printer, &page, &mut places))
}

/// Prints a page of steps: `path:line:column: kind derived < base  → what that means`.
fn print(printer: &mut Printer<'_>, page: &HierarchyRows, places: &mut Places) -> Reader {
    places.print(printer, &page.rows, records::hierarchy_row, place, |printer, row, _| what(printer, row))
}

fn place(row: &HierarchyRow) -> Place<'_> {
    Place { path: &row.derived.path, line: row.derived.line, column: row.derived.column }
}

fn what(printer: &Printer<'_>, row: &HierarchyRow) -> Vec<u8> {
    let colors = printer.out.colors();
    let side = if row.direction == Direction::OUTGOING { "base" } else { "derived" };
    let kind = colors.paint(colors.word, format!("{side:8} {} ", row.derived.kind));
    let depth = if row.depth > 1 { format!("  ({} steps away)", row.depth) } else { String::new() };
    [
        kind,
        colors.paint(colors.name, printer.text(&row.derived.qualified)),
        b" < ".to_vec(),
        printer.text(&row.name),
        arrow(printer, &row.base),
        depth.into_bytes(),
    ]
    .concat()
}
