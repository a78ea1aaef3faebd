//! `vigie imports` and `vigie importers`: what a file imports, and who imports it.

use std::path::Path;

use vigie_proto::{Direction, ImportQuery, ImportRow, ImportRows};

use super::args::{HeadingArgs, ImportersArgs, ImportsArgs, QueryArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::meaning::arrow;
use super::places::{Place, Places};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::Reader;
use vigie::records;

/// What a file imports.
pub(crate) fn imports(context: &mut Context, args: &ImportsArgs) -> Result<Exit, CliError> {
    run(context, &args.file, (&args.query, args.heading), Direction::OUTGOING, Tier::Named)
}

/// Who imports a file, which any file may.
pub(crate) fn importers(context: &mut Context, args: &ImportersArgs) -> Result<Exit, CliError> {
    run(context, &args.file, (&args.query, args.heading), Direction::INCOMING, Tier::Linked)
}

fn run(
    context: &mut Context,
    file: &Path,
    (args, heading): (&QueryArgs, HeadingArgs),
    direction: Direction,
    tier: Tier,
) -> Result<Exit, CliError> {
    let file = context.absolute(file);
    let target = context.target(Some(&file));
    let scope = Scope::new(context, tier, args, &[]).of(target);
    let question =
        |target, options| ImportQuery { target, file: file.clone(), direction, options, ..ImportQuery::default() };
    let mut places = Places::new(heading.wanted(context.out.stdout_is_terminal()));
    query::run(context, &scope, question, |printer, page| print(printer, &page, &mut places))
}

/// Prints a page of imports: `path:line:column: module name  → what that means`.
fn print(printer: &mut Printer<'_>, page: &ImportRows, places: &mut Places) -> Reader {
    places.print(printer, &page.rows, records::import_row, place, |printer, row, _| what(printer, row))
}

fn place(row: &ImportRow) -> Place<'_> {
    Place { path: &row.path, line: row.line, column: row.column }
}

fn what(printer: &Printer<'_>, row: &ImportRow) -> Vec<u8> {
    let words = [row.name.as_str(), if row.alias.is_empty() { "" } else { "as" }, row.alias.as_str()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let gap = if words.is_empty() { "" } else { " " };
    let colors = printer.out.colors();
    [
        colors.paint(colors.word, printer.text(&row.module)),
        gap.as_bytes().to_vec(),
        colors.paint(colors.name, printer.text(&words.join(" "))),
        arrow(printer, &row.meaning),
        marks(row.flags).into_bytes(),
    ]
    .concat()
}
