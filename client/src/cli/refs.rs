//! `vigie refs`: where a name occurs, and what it means there.

use vigie_proto::{ReferenceQuery, ReferenceRow, ReferenceRows, reference_flag};

use super::args::RefsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::location::asked;
use super::meaning::{arrow, place};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::Reader;
use crate::ui::records;

pub(crate) fn run(context: &mut Context, args: &RefsArgs) -> Result<Exit, CliError> {
    let (query, target) = asked(context, &args.target.name)?;
    let scope = Scope::new(context, Tier::Named, &args.query, &[]).of(target);
    let definitions = if args.with_defs { reference_flag::DEFINITIONS } else { 0 };
    let question = |target, options| ReferenceQuery {
        target,
        query: query.clone(),
        kinds: args.target.kind.clone(),
        roles: args.role.clone(),
        flags: definitions | reference_flag::TEXT,
        options,
        ..ReferenceQuery::default()
    };
    query::run(context, &scope, question, print)
}

/// Prints a page of occurrences: `path:line:column: role  the line  → what it means`.
fn print(printer: &mut Printer<'_>, page: ReferenceRows) -> Reader {
    printer.rows(&page.rows, records::reference_row, line)
}

fn line(printer: &Printer<'_>, row: &ReferenceRow) -> Vec<u8> {
    let text = if row.text.0.is_empty() { row.name.as_bytes() } else { row.text.0.as_slice() };
    let role = format!("{:9} ", row.role.name());
    [
        place(printer, &row.path, row.line, row.column),
        role.into_bytes(),
        printer.out.safe(text).into_owned(),
        arrow(printer, &row.meaning),
        marks(row.flags).into_bytes(),
    ]
    .concat()
}
