//! Rows of lines as `rg` prints them. Pure: paths come as they are to be shown, and what is to be written is returned.

use vigie_proto::{Span, TextRow, row_flag};

use crate::ui::output::Style;
use crate::ui::spans::{clamped, mark};

/// How lines are laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Paths stand above their lines and not before each.
    pub(super) heading: bool,
    /// Lines around matches were asked for: gaps between groups are shown.
    pub(super) context: bool,
    /// Every match has a line of its own, with its column.
    pub(super) vimgrep: bool,
    /// Of a line only its matches are printed.
    pub(super) only_matching: bool,
    /// A NUL byte stands behind each path.
    pub(super) null: bool,
}

/// Lines being printed, one row after the other.
#[derive(Debug)]
pub(super) struct Lines {
    layout: Layout,
    style: Style,
    path: Vec<u8>,
    line: u64,
    out: Vec<u8>,
}

impl Lines {
    pub(super) fn new(layout: Layout, style: Style) -> Lines {
        Lines { layout, style, path: Vec::new(), line: 0, out: Vec::new() }
    }

    /// What to write for the next row; `path` is how its path is shown.
    pub(super) fn row(&mut self, path: &[u8], row: &TextRow) -> &[u8] {
        self.out.clear();
        self.begin(path, row.line);
        let text = &row.text.0;
        if row.flags & row_flag::CONTEXT != 0 {
            self.line(b'-', row.line, None, text, &[]);
        } else if self.layout.only_matching || self.layout.vimgrep {
            row.spans.iter().for_each(|span| self.match_of(row, span));
        } else {
            self.line(b':', row.line, None, text, &row.spans);
        }
        &self.out
    }

    fn match_of(&mut self, row: &TextRow, span: &Span) {
        // Columns count from the beginning of the line, spans from that of the part which is shown.
        let first = row.spans.first().map_or(0, |span| span.start);
        let column = u64::from(row.column) + u64::from(span.start.saturating_sub(first));
        let column = self.layout.vimgrep.then_some(column);
        if self.layout.only_matching {
            let text = &row.text.0[clamped(span, 0, row.text.0.len())];
            let whole = Span { start: 0, end: u32::MAX, ..Span::default() };
            self.line(b':', row.line, column, text, &[whole]);
        } else {
            self.line(b':', row.line, column, &row.text.0, std::slice::from_ref(span));
        }
    }

    /// What stands between a row and the one before it.
    fn begin(&mut self, path: &[u8], line: u64) {
        let is_first = self.line == 0;
        if is_first || self.path != path {
            if self.layout.heading {
                let gap: &[u8] = if is_first { b"" } else { b"\n" };
                let end: &[u8] = if self.layout.null { b"\0" } else { b"\n" };
                self.put(&[gap, self.style.colors.path.as_bytes(), path, self.style.colors.reset.as_bytes(), end]);
            } else if self.layout.context && !is_first {
                self.put(&[b"--\n"]);
            }
            self.path = path.to_vec();
        } else if self.layout.context && line > self.line + 1 {
            self.put(&[b"--\n"]);
        }
        self.line = line;
    }

    fn line(&mut self, separator: u8, line: u64, column: Option<u64>, text: &[u8], spans: &[Span]) {
        let colors = self.style.colors;
        if !self.layout.heading {
            self.out.extend_from_slice(colors.path.as_bytes());
            self.out.extend_from_slice(&self.path);
            self.put(&[colors.reset.as_bytes(), &[if self.layout.null { 0 } else { separator }]]);
        }
        self.put(&[colors.number.as_bytes(), line.to_string().as_bytes(), colors.reset.as_bytes(), &[separator]]);
        if let Some(column) = column {
            self.put(&[column.to_string().as_bytes(), &[separator]]);
        }
        mark(&mut self.out, self.style, text, spans);
        self.put(&[b"\n"]);
    }

    fn put(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.out.extend_from_slice(part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::output::Colors;

    const PLAIN: Layout = Layout { heading: false, context: false, vimgrep: false, only_matching: false, null: false };
    const MARKS: Colors = Colors { path: "P", number: "N", hit: "<", reset: ">", ..Colors::NONE };

    fn row(line: u64, text: &str, spans: &[(u32, u32)]) -> TextRow {
        let column = spans.first().map_or(0, |(start, _)| start + 1);
        let flags = if spans.is_empty() { row_flag::CONTEXT } else { 0 };
        let spans = spans.iter().map(|&(start, end)| Span { start, end, ..Span::default() }).collect();
        TextRow { line, column, text: text.into(), spans, flags, ..TextRow::default() }
    }

    fn printed(layout: Layout, style: Style, rows: &[(&str, TextRow)]) -> String {
        let mut lines = Lines::new(layout, style);
        let bytes: Vec<u8> = rows.iter().flat_map(|(path, row)| lines.row(path.as_bytes(), row).to_vec()).collect();
        String::from_utf8(bytes).unwrap()
    }

    fn in_pipe(layout: Layout, rows: &[(&str, TextRow)]) -> String {
        printed(layout, Style::PIPE, rows)
    }

    fn rows() -> [(&'static str, TextRow); 5] {
        [
            ("a", row(1, "one", &[])),
            ("a", row(2, "x yx", &[(0, 1), (3, 4)])),
            ("a", row(5, "five", &[])),
            ("a", row(6, "ax", &[(1, 2)])),
            ("b", row(7, "x", &[(0, 1)])),
        ]
    }

    #[test]
    fn in_a_pipe_every_line_stands_alone() {
        assert_eq!(in_pipe(PLAIN, &rows()[3..]), "a:6:ax\nb:7:x\n");
        let context = Layout { context: true, ..PLAIN };
        assert_eq!(in_pipe(context, &rows()), "a-1-one\na:2:x yx\n--\na-5-five\na:6:ax\n--\nb:7:x\n");
    }

    #[test]
    fn paths_may_end_with_nul() {
        let null = Layout { null: true, ..PLAIN };
        assert_eq!(in_pipe(null, &rows()[3..]), "a\x006:ax\nb\x007:x\n");
        let heading = Layout { heading: true, ..null };
        assert_eq!(in_pipe(heading, &rows()[3..]), "a\x006:ax\n\nb\x007:x\n");
    }

    #[test]
    fn matches_have_lines_of_their_own() {
        let vimgrep = Layout { vimgrep: true, ..PLAIN };
        assert_eq!(in_pipe(vimgrep, &rows()[1..2]), "a:2:1:x yx\na:2:4:x yx\n");
        let only = Layout { only_matching: true, context: true, ..PLAIN };
        assert_eq!(in_pipe(only, &rows()[..2]), "a-1-one\na:2:x\na:2:x\n");
        let both = Layout { only_matching: true, vimgrep: true, ..PLAIN };
        assert_eq!(in_pipe(both, &rows()[1..2]), "a:2:1:x\na:2:4:x\n");
        let cut = TextRow { column: 9001, ..row(3, "..x.x", &[(2, 3), (4, 5)]) };
        assert_eq!(in_pipe(both, &[("a", cut)]), "a:3:9001:x\na:3:9003:x\n");
    }

    #[test]
    fn on_a_terminal_files_have_headings() {
        let style = Style { is_terminal: true, colors: MARKS, columns: 80 };
        let context = Layout { heading: true, context: true, ..PLAIN };
        assert_eq!(
            printed(context, style, &rows()),
            "Pa>\nN1>-one\nN2>:<x> y<x>\n--\nN5>-five\nN6>:a<x>\n\nPb>\nN7>:<x>\n"
        );
        let vimgrep = Layout { vimgrep: true, ..PLAIN };
        assert_eq!(printed(vimgrep, style, &rows()[1..2]), "Pa>:N2>:1:<x> yx\nPa>:N2>:4:x y<x>\n");
        let hostile = row(1, "\u{1b}x", &[(1, 2)]);
        assert_eq!(printed(PLAIN, style, &[("a", hostile)]), "Pa>:N1>:\\u{1b}<x>\n");
    }
}
