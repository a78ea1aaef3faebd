//! `vigie files`: files by path.

use vigie_proto::{FileQuery, FileRow, MatchMode};

use super::args::{FilesArgs, FilesMode};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Printer, Scope, Tier};
use crate::ui::output::Reader;
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &FilesArgs) -> Result<Exit, CliError> {
    let scope = Scope::new(context, Tier::Text, &args.query, &[]);
    let question = |target, options| FileQuery {
        target,
        query: args.path_query.clone(),
        mode: mode(args),
        options,
        ..FileQuery::default()
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

fn mode(args: &FilesArgs) -> MatchMode {
    match args.mode {
        Some(FilesMode::Fuzzy) => MatchMode::FUZZY,
        Some(FilesMode::Glob) => MatchMode::GLOB,
        Some(FilesMode::Substring) => MatchMode::SUBSTRING,
        None if args.path_query.contains(['*', '?', '[', '{']) => MatchMode::GLOB,
        None => MatchMode::FUZZY,
    }
}

fn print(printer: &mut Printer<'_>, row: &FileRow) -> Reader {
    if printer.is_for_programs() {
        return printer.record(records::file_row(row));
    }
    let path = [&printer.painted_path(&row.path), printer.behind_path(b"\n")].concat();
    printer.out.write(&path)
}
