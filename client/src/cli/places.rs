//! Rows that are about places: `path:line:column: what`, or on a terminal under a heading for each file, lined up.

use std::io::Write;

use vigie_proto::Bytes;

use super::query::Printer;
use crate::ui::output::{Reader, Style};
use crate::ui::table::CELL_COLUMNS_MAX;
use vigie::human::{cut_shown, width};
use vigie::json::Object;

/// A row keeps as many columns for what it says, however narrow the terminal is.
const WHAT_COLUMNS_MIN: usize = 20;

/// Where a row is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'r> {
    pub(super) path: &'r Bytes,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Place<'_> {
    /// `path:line:column`, in colours.
    fn painted(self, printer: &Printer<'_>) -> Vec<u8> {
        let colors = printer.out.colors();
        let line = colors.paint(colors.number, self.line.to_string());
        let column = format!(":{}", self.column);
        [&printer.painted_path(self.path), printer.behind_path(b":"), &line, column.as_bytes()].concat()
    }

    /// Columns that this takes.
    fn width(self, printer: &Printer<'_>) -> usize {
        width(&String::from_utf8_lossy(&printer.path(self.path))) + format!(":{}:{}", self.line, self.column).len()
    }
}

/// What a row says, on one line of a terminal. A pipe gets all of it.
fn fitted(style: Style, left: usize, what: impl FnOnce(usize) -> Vec<u8>) -> Vec<u8> {
    let left = left.max(WHAT_COLUMNS_MIN);
    let what = what(left);
    if style.is_terminal { cut_shown(&String::from_utf8_lossy(&what), left).into_bytes() } else { what }
}

/// What is remembered from one page of rows to the next.
#[derive(Debug)]
pub(super) struct Places {
    heading: bool,
    last: Option<Bytes>,
}

impl Places {
    /// With headings, or with the path in each row.
    pub(super) fn new(heading: bool) -> Places {
        Places { heading, last: None }
    }

    /// Prints a page. `what` makes the rest of a row, told how many columns of the terminal are left for it.
    pub(super) fn print<R>(
        &mut self,
        printer: &mut Printer<'_>,
        rows: &[R],
        record: impl Fn(&R) -> Object,
        place: impl Fn(&R) -> Place<'_>,
        what: impl Fn(&Printer<'_>, &R, usize) -> Vec<u8>,
    ) -> Reader {
        if self.heading && !printer.is_for_programs() {
            return self.print_below(printer, rows, place, what);
        }
        let style = printer.out.style();
        let widths = rows.iter().filter(|_| style.is_terminal).map(|row| place(row).width(printer));
        let widest = widths.filter(|width| *width <= CELL_COLUMNS_MAX).max().unwrap_or(0);
        // Where there is no room for it nothing is lined up.
        let widest = if widest + 2 + WHAT_COLUMNS_MIN > style.columns { 0 } else { widest };
        printer.rows(rows, record, |printer, row| {
            let place = place(row);
            let used = if style.is_terminal { place.width(printer) } else { 0 };
            let blanks = " ".repeat(widest.saturating_sub(used) + 1);
            let left = style.columns.saturating_sub(used + blanks.len() + 1);
            let what = fitted(style, left, |left| what(printer, row, left));
            [&place.painted(printer), b":".as_slice(), blanks.as_bytes(), &what].concat()
        })
    }

    fn print_below<R>(
        &mut self,
        printer: &mut Printer<'_>,
        rows: &[R],
        place: impl Fn(&R) -> Place<'_>,
        what: impl Fn(&Printer<'_>, &R, usize) -> Vec<u8>,
    ) -> Reader {
        let style = printer.out.style();
        let digits = |number: fn(Place<'_>) -> u32| {
            rows.iter().map(|row| number(place(row)).to_string().len()).max().unwrap_or(0)
        };
        let (lines, columns) = (digits(|place| place.line), digits(|place| place.column));
        let left = style.columns.saturating_sub(lines + columns + 5);
        for row in rows {
            let place = place(row);
            let mut out = self.heading_of(printer, place.path);
            let (line, column) = (place.line, place.column);
            let colors = style.colors;
            // Writing to memory does not fail.
            let _ok = write!(out, "  {}{line:>lines$}{}:{column:<columns$}  ", colors.number, colors.reset);
            out.extend(fitted(style, left, |left| what(printer, row, left)));
            if printer.out.line(out) == Reader::Gone {
                return Reader::Gone;
            }
        }
        printer.out.flush()
    }

    /// The path, if it is another one than that of the row before.
    fn heading_of(&mut self, printer: &Printer<'_>, path: &Bytes) -> Vec<u8> {
        if self.last.as_ref() == Some(path) {
            return Vec::new();
        }
        let gap: &[u8] = if self.last.replace(path.clone()).is_some() { b"\n" } else { b"" };
        [gap, &printer.painted_path(path), printer.behind_path(b"\n")].concat()
    }
}
