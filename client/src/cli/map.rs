//! `vigie map`: the shape of a project, within so many tokens. What is printed is what the daemon counted, byte for byte, but for the
//! colours of a terminal.

use vigie_proto::{MapQuery, MapRow, MapRows};

use super::args::MapArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &MapArgs) -> Result<Exit, CliError> {
    context.out.begin_document();
    let scope = Scope::new(context, Tier::Structure, &(&args.query).into(), args.subtree.as_slice());
    let question = |target, options| MapQuery {
        target,
        tokens_max: args.tokens,
        depth: args.depth,
        options,
        ..MapQuery::default()
    };
    let mut is_begun = false;
    query::run(context, &scope, question, |printer, page| print(printer, &page, &mut is_begun))
}

/// Prints a part of the tree.
fn print(printer: &mut Printer<'_>, page: &MapRows, is_begun: &mut bool) -> Reader {
    match std::mem::replace(is_begun, true) {
        false if printer.json => {
            let _still = printer.out.line(records::budget(&page.budget).finish());
        }
        false if !page.rows.is_empty() => printer.note_root(),
        _ => {}
    }
    printer.rows(&page.rows, records::map_row, line)
}

/// `name/  12 files`, or `name  Main, main`, behind two blanks for each level.
fn line(printer: &Printer<'_>, row: &MapRow) -> Vec<u8> {
    let colors = printer.out.colors();
    let indent = " ".repeat(row.depth as usize * 2);
    let (name, detail) = (printer.text(&row.name), printer.text(&row.detail));
    let gap: &[u8] = if detail.is_empty() { b"" } else { b"  " };
    let color = if row.directory { colors.path } else { "" };
    let (dim, reset) = (colors.dim.as_bytes(), colors.reset.as_bytes());
    [indent.as_bytes(), color.as_bytes(), &name, reset, gap, dim, &detail, reset].concat()
}
