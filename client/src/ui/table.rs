//! Rows of cells lined up one below the other, for people at a terminal. Nothing is cut: what is too long for its column pushes the
//! rest to the right.

use crate::ui::output::Colors;
use vigie::human::{escape, width};

/// Widest cell that others are lined up with, in columns.
pub(crate) const CELL_COLUMNS_MAX: usize = 48;

/// One cell, safe for a terminal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    color: &'static str,
    is_number: bool,
}

impl Cell {
    /// A text in a colour.
    pub(crate) fn text(color: &'static str, text: impl AsRef<[u8]>) -> Cell {
        Cell { text: escape(text.as_ref()), color, is_number: false }
    }

    /// A number, which stands on the right of its column.
    pub(crate) fn number(text: impl AsRef<[u8]>) -> Cell {
        Cell { is_number: true, ..Cell::text("", text) }
    }

    fn width(&self) -> usize {
        width(&self.text)
    }
}

/// The lines of a table. `heads` stand above it if there are any; the last column is as wide as it wants to be.
pub(crate) fn table(heads: &[&str], rows: &[Vec<Cell>], colors: Colors) -> Vec<Vec<u8>> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(Cell::width);
        let head = heads.get(column).map_or(0, |head| width(head));
        cells.filter(|width| *width <= CELL_COLUMNS_MAX).chain([head]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let head = |(column, head): (usize, &&str)| {
        let is_number = rows.first().and_then(|row| row.get(column)).is_some_and(|cell| cell.is_number);
        Cell { is_number, ..Cell::text(colors.dim, head) }
    };
    let heads: Vec<Cell> = heads.iter().enumerate().map(head).collect();
    let heads = (!heads.is_empty() && !rows.is_empty()).then_some(&heads);
    heads.into_iter().chain(rows).map(|row| line(row, &widths, colors)).collect()
}

fn line(row: &[Cell], widths: &[usize], colors: Colors) -> Vec<u8> {
    let last = row.iter().rposition(|cell| !cell.text.is_empty()).unwrap_or(0);
    let mut out = Vec::new();
    for (at, (cell, width)) in row.iter().zip(widths).enumerate().take(last + 1) {
        let blanks = " ".repeat(width.saturating_sub(cell.width()));
        let painted = colors.paint(cell.color, &cell.text);
        if cell.is_number {
            out.extend_from_slice(blanks.as_bytes());
        }
        out.extend_from_slice(&painted);
        if !cell.is_number && at < last {
            out.extend_from_slice(blanks.as_bytes());
        }
        if at < last {
            out.extend_from_slice(b"  ");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lined_up_whatever_is_in_them() {
        let row = |path: &str, files: &str, note: &str| {
            vec![Cell::text("P", path), Cell::number(files), Cell::text("", note)]
        };
        let long = "x".repeat(CELL_COLUMNS_MAX + 1);
        let rows = [row("漢字", "1", ""), row("/p", "1,000", "watched"), row(&long, "7", "a\u{1b}b")];
        let colors = Colors { dim: "D", reset: ">", ..Colors::NONE };
        let lines = table(&["PROJECT", "FILES", "NOTE"], &rows, colors);
        let lines: Vec<String> = lines.into_iter().map(|line| String::from_utf8(line).expect("it is text")).collect();
        assert_eq!(
            lines,
            [
                "DPROJECT>  DFILES>  DNOTE>".to_owned(),
                "P漢字>         1".to_owned(),
                "P/p>       1,000  watched".to_owned(),
                format!("P{long}>      7  a\\u{{1b}}b"),
            ]
        );
        assert_eq!(table(&["PROJECT"], &[], Colors::NONE), Vec::<Vec<u8>>::new());
        let ends = table(&[], &[row("a", "1", "b"), row("bb", "2", "")], colors);
        assert_eq!(ends, [b"Pa>   1  b".to_vec(), b"Pbb>  2".to_vec()]);
    }
}
