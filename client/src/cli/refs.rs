//! `vigie refs`: where a name occurs, and what it means there.

use vigie_proto::{ReferenceQuery, ReferenceRow, ReferenceRows, reference_flag};

use super::args::RefsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::location::asked;
use super::meaning::arrow;
use super::places::{Place, Places};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::Reader;
use crate::ui::spans::{mark, words};
use vigie::human::{cut_shown, shown_width};
use vigie::records;

/// Columns that a line keeps beside what it means.
const TEXT_COLUMNS_MIN: usize = 16;

pub(crate) fn run(context: &mut Context, args: &RefsArgs) -> Result<Exit, CliError> {
    let (query, target) = asked(context, &args.target.name)?;
    let scope = Scope::new(context, Tier::Named, &args.query, &[]).of(target);
    let flag = |wanted: bool, flag: u16| if wanted { flag } else { 0 };
    let definitions = flag(args.with_defs, reference_flag::DEFINITIONS);
    let certain = flag(args.certain, reference_flag::CERTAIN);
    let question = |target, options| ReferenceQuery {
        target,
        query: query.clone(),
        kinds: args.target.kind.clone(),
        roles: args.role.clone(),
        flags: definitions | certain | reference_flag::TEXT,
        options,
        ..ReferenceQuery::default()
    };
    let mut places = Places::new(args.heading.wanted(context.out.stdout_is_terminal()));
    query::run(context, &scope, question, |printer, page| print(printer, &page, &mut places))
}

/// Prints a page of occurrences: `path:line:column: role  the line  → what it means`.
fn print(printer: &mut Printer<'_>, page: &ReferenceRows, places: &mut Places) -> Reader {
    places.print(printer, &page.rows, records::reference_row, place, what)
}

fn place(row: &ReferenceRow) -> Place<'_> {
    Place { path: &row.path, line: row.line, column: row.column }
}

/// The line gives way to what it means, down to a few words of it.
fn what(printer: &Printer<'_>, row: &ReferenceRow, left: usize) -> Vec<u8> {
    let (text, style) =
        (if row.text.0.is_empty() { row.name.as_bytes() } else { row.text.0.as_slice() }, printer.out.style());
    let mut marked = Vec::new();
    mark(&mut marked, style, text, &words(text, row.name.as_bytes()));
    let role = [style.colors.paint(style.colors.word, format!("{:9}", row.role.name())), b" ".to_vec()].concat();
    let meaning = [arrow(printer, &row.meaning), marks(row.flags).into_bytes()].concat();
    if style.is_terminal {
        let columns = |bytes: &[u8]| shown_width(&String::from_utf8_lossy(bytes));
        let room = left.saturating_sub(columns(&role) + columns(&meaning)).max(TEXT_COLUMNS_MIN);
        marked = cut_shown(&String::from_utf8_lossy(&marked), room).into_bytes();
    }
    [role, marked, meaning].concat()
}
