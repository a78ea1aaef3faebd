//! `vigie symbols`: definitions by part of their name.

use vigie_proto::{SymbolMode, SymbolQuery, SymbolRow, SymbolRows, row_flag};

use super::args::SymbolsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::places::{Place, Places};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use vigie::human::{cut_end, width};
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &SymbolsArgs) -> Result<Exit, CliError> {
    let tier = if args.exact { Tier::Named } else { Tier::Structure };
    let scope = Scope::new(context, tier, &args.query, &[]);
    let question = |target, options| SymbolQuery {
        target,
        query: args.name.clone(),
        mode: mode(args),
        kinds: args.kind.clone(),
        options,
        ..SymbolQuery::default()
    };
    let mut places = Places::new(false);
    query::run(context, &scope, question, |printer, page| print(printer, &page, &mut places))
}

fn mode(args: &SymbolsArgs) -> SymbolMode {
    if args.exact {
        SymbolMode::EXACT
    } else if args.prefix {
        SymbolMode::PREFIX
    } else if args.fuzzy {
        SymbolMode::FUZZY
    } else {
        SymbolMode::SUBSTRING
    }
}

/// Widest name that others are lined up with, in columns.
const NAME_COLUMNS_MAX: usize = 32;

/// Prints a page of definitions: `path:line:column: kind qualified  signature`. On a terminal a signature that does not fit on its
/// line is cut, and says so.
pub(crate) fn print(printer: &mut Printer<'_>, page: &SymbolRows, places: &mut Places) -> Reader {
    let is_terminal = printer.out.stdout_is_terminal();
    let rows = || page.rows.iter().filter(|_| is_terminal);
    let kinds = rows().map(|row| row.kind.name().len()).max().unwrap_or(0);
    let names = rows().map(|row| width(&row.qualified)).filter(|width| *width <= NAME_COLUMNS_MAX).max().unwrap_or(0);
    let what = |printer: &Printer<'_>, row: &SymbolRow, left| what(printer, row, (kinds, names), left);
    places.print(printer, &page.rows, records::symbol_row, place, what)
}

fn place(row: &SymbolRow) -> Place<'_> {
    Place { path: &row.path, line: row.line, column: row.column }
}

fn what(printer: &Printer<'_>, row: &SymbolRow, (kinds, names): (usize, usize), left: usize) -> Vec<u8> {
    let colors = printer.out.colors();
    let (name, marks) = (printer.text(&row.qualified), marks(row.flags));
    let kind = format!("{:kinds$} ", row.kind.name());
    let used = width(&String::from_utf8_lossy(&name));
    let gap = if row.signature.is_empty() { 0 } else { names.saturating_sub(used) + 2 };
    let mut signature = printer.text(&row.signature);
    if printer.out.stdout_is_terminal() {
        let room = left.saturating_sub(kind.len() + used + gap + marks.len()).max(SIGNATURE_COLUMNS_MIN);
        signature = cut_end(&String::from_utf8_lossy(&signature), room).into_bytes();
    }
    [
        colors.paint(colors.word, kind),
        colors.paint(colors.name, name),
        " ".repeat(gap).into_bytes(),
        colors.paint(colors.dim, signature),
        marks.into_bytes(),
    ]
    .concat()
}

/// Less of a signature says nothing: then its line may wrap.
const SIGNATURE_COLUMNS_MIN: usize = 20;

/// What makes a row less than certain.
pub(super) fn marks(flags: u16) -> String {
    let gone = flags & row_flag::GONE != 0;
    let names = [
        (flags & row_flag::DECLARATION != 0, "declaration"),
        (flags & row_flag::STALE != 0, "stale"),
        (flags & row_flag::CHANGED != 0 && !gone, "changed since"),
        (gone, "file gone"),
    ];
    let set: Vec<&str> = names.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name).collect();
    if set.is_empty() { String::new() } else { format!("  [{}]", set.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uncertain_rows_are_marked() {
        assert_eq!(marks(0), "");
        assert_eq!(marks(row_flag::DECLARATION | row_flag::CHANGED), "  [declaration, changed since]");
        assert_eq!(marks(row_flag::CHANGED | row_flag::GONE), "  [file gone]");
    }
}
