//! `vigie imports` and `vigie importers`: what a file imports, and who imports it.

use std::path::Path;

use vigie_proto::{Direction, ImportQuery, ImportRow, ImportRows};

use super::args::{ImportersArgs, ImportsArgs, QueryArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::meaning::{arrow, place};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::Reader;
use crate::ui::records;

/// What a file imports.
pub(crate) fn imports(context: &mut Context, args: &ImportsArgs) -> Result<Exit, CliError> {
    run(context, &args.file, &args.query, Direction::OUTGOING, Tier::Named)
}

/// Who imports a file, which any file may.
pub(crate) fn importers(context: &mut Context, args: &ImportersArgs) -> Result<Exit, CliError> {
    run(context, &args.file, &args.query, Direction::INCOMING, Tier::Linked)
}

fn run(
    context: &mut Context,
    file: &Path,
    args: &QueryArgs,
    direction: Direction,
    tier: Tier,
) -> Result<Exit, CliError> {
    let file = context.absolute(file);
    let target = context.target(Some(&file));
    let scope = Scope::new(context, tier, args, &[]).of(target);
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
