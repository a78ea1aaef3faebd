//! `vigie coverage`: what the index holds, file by file, and why it holds no more.

use vigie_proto::{CoverageQuery, CoverageRow, Disposition};

use super::args::CoverageArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::{Colors, Reader};
use crate::ui::table::{Cell, table};
use vigie::human::counted;
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &CoverageArgs) -> Result<Exit, CliError> {
    let scope = Scope::new(context, Tier::Standing, &args.query, args.subtree.as_slice());
    let question = |target, options| CoverageQuery {
        target,
        since: args.since,
        dispositions: args.disposition.clone(),
        options,
        ..CoverageQuery::default()
    };
    context.out.begin_document();
    query::run(context, &scope, question, |printer, page| {
        if printer.out.stdout_is_terminal() && !printer.is_for_programs() {
            return print_lined_up(printer, &page.rows);
        }
        printer.rows(&page.rows, records::coverage_row, line)
    })
}

/// Prints a page of files for a person.
fn print_lined_up(printer: &mut Printer<'_>, rows: &[CoverageRow]) -> Reader {
    let colors = printer.out.colors();
    let cells = |row: &CoverageRow| {
        vec![
            Cell::text(colors.path, printer.path(&row.path)),
            Cell::text(color(row.disposition, colors), row.disposition.name()),
            Cell::text("", if row.language.is_empty() { "-" } else { &row.language }),
            Cell::text(colors.dim, format!("structure {}", row.structure)),
            Cell::number(counted(row.symbols.into(), "symbol")),
            Cell::text(colors.altered, &row.reason),
        ]
    };
    let cells: Vec<Vec<Cell>> = rows.iter().map(cells).collect();
    for line in table(&[], &cells, colors) {
        if printer.out.line(line) == Reader::Gone {
            return Reader::Gone;
        }
    }
    printer.out.flush()
}

/// What is left out is to be looked at, and what failed more so.
fn color(disposition: Disposition, colors: Colors) -> &'static str {
    match disposition {
        Disposition::INDEXED => colors.added,
        Disposition::BINARY | Disposition::TOO_LARGE | Disposition::SPECIAL => colors.altered,
        _ => colors.removed,
    }
}

fn line(printer: &Printer<'_>, row: &CoverageRow) -> Vec<u8> {
    let path = printer.painted_path(&row.path);
    let facts = facts(row);
    let reason = printer.text(&row.reason);
    let gap: &[u8] = if reason.is_empty() { b"" } else { b"\t" };
    [path.as_slice(), printer.behind_path(b"\t"), facts.as_bytes(), gap, &reason].concat()
}

fn facts(row: &CoverageRow) -> String {
    let language = if row.language.is_empty() { "-" } else { &row.language };
    let symbols = counted(u64::from(row.symbols), "symbol");
    format!("{}\t{language}\tstructure {}\t{symbols}", row.disposition, row.structure)
}
