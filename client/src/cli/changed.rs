//! `vigie changed`: the definitions that changed since a generation of the index, or since a commit.

use vigie::revision;
use vigie_proto::{ChangeKind, ChangedQuery, ChangedRow, ChangedRows};

use super::args::ChangedArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::{Colors, Reader};
use crate::ui::table::CELL_COLUMNS_MAX;
use vigie::human::{escape, width};
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &ChangedArgs) -> Result<Exit, CliError> {
    context.out.begin_document();
    match (args.since, &args.rev) {
        (Some(generation), _) => since(context, args, generation),
        (None, Some(revision)) => from_revision(context, args, revision),
        (None, None) => Err(CliError::Usage {
            message: "it is not said since when: there is neither --since nor --rev".to_owned(),
            hint: "`vigie changed --rev HEAD` shows what is not committed; --since takes the generation of an earlier answer"
                .to_owned(),
        }),
    }
}

fn since(context: &mut Context, args: &ChangedArgs, generation: u64) -> Result<Exit, CliError> {
    let scope = Scope::of_gone(context, Tier::Structure, &args.query, &args.paths);
    let question = |target, options| ChangedQuery {
        target,
        since: Some(generation),
        kinds: args.kind.clone(),
        options,
        ..ChangedQuery::default()
    };
    let mut whole = true;
    let exit = query::run(context, &scope, question, |printer, page| print(printer, &page, &mut whole))?;
    if exit == Exit::Nothing {
        note_unknown(context, args, &scope);
    }
    Ok(if exit == Exit::Done && !whole { Exit::Partial } else { exit })
}

fn from_revision(context: &mut Context, args: &ChangedArgs, revision: &str) -> Result<Exit, CliError> {
    if args.query.cursor.is_some() {
        return Err(CliError::Usage {
            message: "with --rev there is no --cursor: the files may be others by now".to_owned(),
            hint: "ask again without --limit, or for fewer files".to_owned(),
        });
    }
    // It is answered from the files, whatever the index holds of them.
    let scope = Scope::of_gone(context, Tier::Text, &args.query, &args.paths);
    let mut whole = true;
    let summary = query::run_at_root(
        context,
        &scope,
        |client, root, (target, options), page| {
            let question = ChangedQuery { target, kinds: args.kind.clone(), options, ..ChangedQuery::default() };
            Ok(revision::changed(client, root, revision, &question, page)?)
        },
        |printer, page: ChangedRows| print(printer, &page, &mut whole),
    )?;
    let Some(summary) = summary else { return Ok(Exit::Done) };
    if summary.rows == 0 && summary.notes.is_empty() && !context.global.json {
        context.out.note(&format!("nothing changed since {revision}"));
    }
    if summary.rows == 0 {
        note_unknown(context, args, &scope);
    }
    Ok(match summary.rows {
        0 => Exit::Nothing,
        _ if whole => Exit::Done,
        _ => Exit::Partial,
    })
}

/// Without filters, a file that is gone and was not removed since was not there then either.
fn note_unknown(context: &mut Context, args: &ChangedArgs, scope: &Scope) {
    let is_filtered = !args.kind.is_empty() || !args.query.of.lang.is_empty() || !args.query.of.path.is_empty();
    if context.global.json || is_filtered {
        return;
    }
    for path in scope.gone() {
        context.out.note(&format!("there is no {}, and there was none then", escape(&path.0)));
    }
}

/// Prints a page of changes, `MARK path:line  kind qualified`, and notes whether all could be compared.
fn print(printer: &mut Printer<'_>, page: &ChangedRows, whole: &mut bool) -> Reader {
    *whole &= page.rows.iter().all(|row| row.change != ChangeKind::NOT_COMPARED);
    let is_terminal = printer.out.stdout_is_terminal();
    let places = page.rows.iter().map(|row| width(&String::from_utf8_lossy(&place(printer, row))));
    let widest = if is_terminal { places.filter(|width| *width <= CELL_COLUMNS_MAX).max().unwrap_or(0) } else { 0 };
    printer.rows(&page.rows, records::changed_row, |printer, row| line(printer, row, widest))
}

fn place(printer: &Printer<'_>, row: &ChangedRow) -> Vec<u8> {
    let mut place = printer.path(&row.path);
    if row.kind.0 != 0 {
        place.extend_from_slice(format!(":{}", row.line).as_bytes());
    }
    place
}

fn line(printer: &Printer<'_>, row: &ChangedRow, widest: usize) -> Vec<u8> {
    let colors = printer.out.colors();
    let place = place(printer, row);
    let gap = widest.saturating_sub(width(&String::from_utf8_lossy(&place))) + 2;
    let gap = if row.kind.0 == 0 && row.reason.is_empty() { 0 } else { gap };
    let (mark, color) = mark(row.change, colors);
    let mut line = [&colors.paint(color, mark), b" ".as_slice(), &printer.painted_path(&row.path)].concat();
    if row.kind.0 != 0 {
        line.extend_from_slice(printer.behind_path(b":"));
        line.extend(colors.paint(colors.number, row.line.to_string()));
    } else {
        line.extend_from_slice(printer.behind_path(b""));
    }
    line.extend_from_slice(" ".repeat(gap).as_bytes());
    if row.kind.0 != 0 {
        line.extend(colors.paint(colors.word, format!("{} ", row.kind)));
        line.extend(colors.paint(colors.name, printer.text(&row.qualified)));
    }
    line.extend_from_slice(&printer.text(&row.reason));
    line.extend_from_slice(marks(row.flags).as_bytes());
    if row.change == ChangeKind::SIGNATURE {
        let before = if printer.out.stdout_is_terminal() { "\n    " } else { "\t" };
        for (mark, color, signature) in
            [("- ", colors.removed, &row.old_signature), ("+ ", colors.added, &row.signature)]
        {
            line.extend_from_slice(before.as_bytes());
            line.extend(colors.paint(color, [mark.as_bytes(), &printer.text(signature)].concat()));
        }
    }
    line
}

fn mark(change: ChangeKind, colors: Colors) -> (&'static str, &'static str) {
    match change {
        ChangeKind::ADDED => ("+", colors.added),
        ChangeKind::REMOVED => ("-", colors.removed),
        ChangeKind::SIGNATURE => ("~", colors.altered),
        ChangeKind::BODY => ("·", colors.dim),
        _ => ("?", colors.hit),
    }
}
