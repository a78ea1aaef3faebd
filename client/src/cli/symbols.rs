//! `vigie symbols`: definitions by part of their name.

use vigie_proto::{SymbolMode, SymbolQuery, SymbolRow, SymbolRows, row_flag};

use super::args::SymbolsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use crate::ui::records;

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
    query::run(context, &scope, question, print)
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

/// Prints a page of definitions: `path:line:column: kind qualified  signature`.
pub(crate) fn print(printer: &mut Printer<'_>, page: SymbolRows) -> Reader {
    printer.rows(&page.rows, records::symbol_row, line)
}

fn line(printer: &Printer<'_>, row: &SymbolRow) -> Vec<u8> {
    let colors = printer.out.colors();
    let place = format!(":{}:{}{}: {} ", row.line, row.column, colors.reset, row.kind);
    let signature = printer.text(&row.signature);
    let marks = marks(row.flags);
    let gap: &[u8] = if signature.is_empty() { b"" } else { b"  " };
    [
        colors.path.as_bytes(),
        &printer.path(&row.path),
        place.as_bytes(),
        &printer.text(&row.qualified),
        gap,
        colors.dim.as_bytes(),
        &signature,
        colors.reset.as_bytes(),
        marks.as_bytes(),
    ]
    .concat()
}

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
