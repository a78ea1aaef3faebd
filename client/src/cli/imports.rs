//! `vigie imports` and `vigie importers`: what a file imports, and who imports it.

use vigie_proto::{Direction, ImportQuery, ImportRow, ImportRows};

use super::args::ImportsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::meaning::{arrow, place};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::Reader;
use crate::ui::records;

pub(crate) fn run(context: &mut Context, args: &ImportsArgs, direction: Direction) -> Result<Exit, CliError> {
    let file = context.absolute(&args.file);
    // Any file may import it.
    let tier = if direction == Direction::INCOMING { Tier::Linked } else { Tier::Named };
    let target = context.target(Some(&file));
    let scope = Scope::new(context, tier, &args.query, &[]).of(target);
    let question =
        |target, options| ImportQuery { target, file: file.clone(), direction, options, ..ImportQuery::default() };
    query::run(context, &scope, question, print)
}

/// Prints a page of imports: `path:line:column: module name  → what that means`.
fn print(printer: &mut Printer<'_>, page: ImportRows) -> Reader {
    printer.rows(&page.rows, records::import_row, line)
}

fn line(printer: &Printer<'_>, row: &ImportRow) -> Vec<u8> {
    let words = [row.name.as_str(), if row.alias.is_empty() { "" } else { "as" }, row.alias.as_str()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let gap = if words.is_empty() { "" } else { " " };
    [
        place(printer, &row.path, row.line, row.column),
        printer.text(&row.module),
        gap.as_bytes().to_vec(),
        printer.text(&words.join(" ")),
        arrow(printer, &row.meaning),
        marks(row.flags).into_bytes(),
    ]
    .concat()
}
