//! `vigie coverage`: what the index holds, file by file, and why it holds no more.

use vigie_proto::{CoverageQuery, CoverageRow};

use super::args::CoverageArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use crate::ui::records;
use vigie::human::counted;

pub(crate) fn run(context: &mut Context, args: &CoverageArgs) -> Result<Exit, CliError> {
    let scope = Scope::new(context, Tier::Structure, &args.query, args.subtree.as_slice());
    let question = |target, options| CoverageQuery {
        target,
        since: args.since,
        dispositions: args.disposition.clone(),
        options,
        ..CoverageQuery::default()
    };
    query::run(context, &scope, question, |printer, page| {
        for row in &page.rows {
            if print(printer, row) == Reader::Gone {
                return Reader::Gone;
            }
        }
        printer.out.flush()
    })
}

fn print(printer: &mut Printer<'_>, row: &CoverageRow) -> Reader {
    if printer.json {
        return printer.out.line(records::coverage_row(row).finish());
    }
    let path = printer.path(&row.path);
    let facts = facts(row);
    let reason = printer.text(&row.reason);
    let gap: &[u8] = if reason.is_empty() { b"" } else { b"\t" };
    printer.out.line([path.as_slice(), b"\t", facts.as_bytes(), gap, &reason].concat())
}

fn facts(row: &CoverageRow) -> String {
    let language = if row.language.is_empty() { "-" } else { &row.language };
    let symbols = counted(u64::from(row.symbols), "symbol");
    format!("{}\t{language}\tstructure {}\t{symbols}", row.disposition, row.structure)
}
