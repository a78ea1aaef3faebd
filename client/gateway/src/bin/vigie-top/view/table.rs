//! Rows in columns: which columns fit, how wide they are, and what is cut where.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use vigie::human::{cut_end, cut_start, width};

/// How a cell keeps to its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// On the left, cut at its end.
    End,
    /// On the left, cut at its start, since of a path the name matters more than the way to it.
    Start,
    /// On the right.
    Right,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    title: &'static str,
    /// Its width; 0 = what is left.
    columns: usize,
    fit: Fit,
    /// It is left out of tables narrower than this.
    from: usize,
}

impl Column {
    /// One of a fixed width, in tables at least so wide.
    pub(crate) const fn fixed(title: &'static str, columns: usize, fit: Fit, from: usize) -> Column {
        Column { title, columns, fit, from }
    }

    /// One that takes what is left. A table has at most one.
    pub(crate) const fn rest(title: &'static str, fit: Fit) -> Column {
        Column { title, columns: 0, fit, from: 0 }
    }
}

/// Text with its look.
pub(crate) type Cell = (String, Style);

/// The columns of a table of a certain width.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    columns: &'a [Column],
    total: usize,
    rest: usize,
}

impl<'a> Table<'a> {
    /// Lays the columns out.
    pub(crate) fn new(columns: &'a [Column], total: usize) -> Table<'a> {
        let shown = columns.iter().filter(|column| column.from <= total);
        let taken: usize = shown.map(|column| column.columns + 1).sum::<usize>().saturating_sub(1);
        Table { columns, total, rest: total.saturating_sub(taken) }
    }

    /// The titles.
    pub(crate) fn head(&self, style: Style) -> Line<'static> {
        self.line(self.columns.iter().map(|column| (column.title.to_owned(), style)).collect())
    }

    /// A row with a cell for each column, also for those left out.
    pub(crate) fn line(&self, cells: Vec<Cell>) -> Line<'static> {
        let mut spans = Vec::new();
        for (column, (text, style)) in self.columns.iter().zip(cells) {
            if column.from > self.total {
                continue;
            }
            if !spans.is_empty() {
                spans.push(Span::raw(" "));
            }
            let columns = if column.columns == 0 { self.rest } else { column.columns };
            spans.push(Span::styled(fitted(&text, columns, column.fit), style));
        }
        Line::from(spans)
    }
}

/// The text in exactly so many columns.
pub(crate) fn fitted(text: &str, columns: usize, fit: Fit) -> String {
    let text = if fit == Fit::Start { cut_start(text, columns) } else { cut_end(text, columns) };
    let gap = " ".repeat(columns.saturating_sub(width(&text)));
    if fit == Fit::Right { gap + &text } else { text + &gap }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out_as_whole_columns() {
        let columns = [
            Column::rest("PATH", Fit::Start),
            Column::fixed("FILES", 6, Fit::Right, 0),
            Column::fixed("STORE", 5, Fit::End, 20),
        ];
        let cells = || ["src/deep/漢字.rs", "12", "open"].map(|text| (text.to_owned(), Style::new())).to_vec();
        let line = |total| Table::new(&columns, total).line(cells()).to_string();
        assert_eq!(line(24), "…ep/漢字.rs     12 open ");
        assert_eq!(line(18), "…ep/漢字.rs     12");
        for total in 0..60 {
            assert!(width(&line(total)) <= total.max(7), "{total}: {:?}", line(total));
        }
        assert_eq!(Table::new(&columns, 24).head(Style::new()).to_string(), "PATH         FILES STORE");
    }
}
