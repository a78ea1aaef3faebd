//! The coverage of one project, over everything else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use vigie::human::{bytes, count, counted, escape};
use vigie_proto::{CoverageRow, Disposition, StructureState};

use super::frame::{boxed, put, window};
use super::panels::root;
use super::table::{Cell, Column, Fit, Table};
use crate::palette::Palette;
use crate::state::{Coverage, State};

const COLUMNS: [Column; 6] = [
    Column::fixed("INDEX", 11, Fit::End, 0),
    Column::fixed("LANGUAGE", 10, Fit::End, 70),
    Column::fixed("STRUCTURE", 9, Fit::End, 86),
    Column::fixed("SYMBOLS", 7, Fit::Right, 60),
    Column::fixed("SIZE", 8, Fit::Right, 46),
    Column::rest("FILE", Fit::Start),
];

pub(crate) fn draw(buffer: &mut Buffer, area: Rect, state: &State, coverage: &Coverage, palette: &Palette) {
    let title = format!("Coverage of {}", root(state, &coverage.root));
    let inner = boxed(buffer, area, vec![Span::styled(title, palette.accent)], true, palette);
    if inner.height < 4 {
        return;
    }
    let line = |y: u16| Rect { y: inner.y + y, height: 1, ..inner };
    put(buffer, line(0), summary(coverage, palette));
    let table = Table::new(&COLUMNS, usize::from(inner.width));
    put(buffer, line(1), table.head(palette.dim));
    let height = usize::from(inner.height) - 3;
    let selected = coverage.selected();
    let shown = window(selected, coverage.len(), height);
    for (y, at) in shown.enumerate() {
        let Some(row) = coverage.get(at) else { break };
        let area = line(2 + u16::try_from(y).unwrap_or(u16::MAX));
        put(buffer, area, table.line(cells(row, palette)));
        if at == selected {
            buffer.set_style(area, palette.selected);
        }
    }
    put(buffer, line(inner.height - 1), foot(coverage, palette));
}

fn summary(coverage: &Coverage, palette: &Palette) -> Line<'static> {
    let all = match &coverage.end {
        None => Span::styled(format!("{} …", counted(coverage.files() as u64, "file")), palette.warning),
        Some(Err(error)) => Span::styled(error.clone(), palette.bad),
        Some(Ok(summary)) if summary.truncated => Span::styled(
            format!("the first {}; `vigie coverage` has all", counted(coverage.files() as u64, "file")),
            palette.warning,
        ),
        Some(Ok(_)) => Span::raw(counted(coverage.files() as u64, "file")),
    };
    let mut spans = vec![all];
    for (disposition, n) in &coverage.counts {
        spans.push(Span::raw(format!(" · {} {disposition}", count(*n))));
    }
    if let Some(Ok(summary)) = &coverage.end
        && summary.coverage.structure_pending > 0
    {
        let pending = format!(" · structure of {} to go", count(summary.coverage.structure_pending));
        spans.push(Span::styled(pending, palette.warning));
    }
    Line::from(spans)
}

fn cells(row: &CoverageRow, palette: &Palette) -> Vec<Cell> {
    let plain = |text: String| (text, ratatui::style::Style::new());
    let look = match row.disposition {
        Disposition::INDEXED => ratatui::style::Style::new(),
        Disposition::BINARY | Disposition::TOO_LARGE | Disposition::SPECIAL => palette.warning,
        _ => palette.bad,
    };
    let language = if row.language.is_empty() { "-".to_owned() } else { escape(row.language.as_bytes()) };
    let structure = if row.structure == StructureState::default() { String::new() } else { row.structure.to_string() };
    vec![
        (row.disposition.to_string(), look),
        plain(language),
        plain(structure),
        plain(count(u64::from(row.symbols))),
        plain(bytes(row.bytes)),
        plain(escape(&row.path.0)),
    ]
}

/// The filter while there is one, else why the selected file is as it is.
fn foot(coverage: &Coverage, palette: &Palette) -> Line<'static> {
    if coverage.typing || !coverage.filter.is_empty() {
        let cursor = if coverage.typing { "█" } else { "" };
        let found = format!("  {}", counted(coverage.len() as u64, "file"));
        let filter = escape(coverage.filter.as_bytes());
        return Line::from(vec![
            Span::styled("/", palette.accent),
            Span::raw(format!("{filter}{cursor}")),
            Span::styled(found, palette.dim),
        ]);
    }
    let Some(row) = coverage.get(coverage.selected()) else { return Line::default() };
    let reason = if row.reason.is_empty() { String::new() } else { format!(": {}", escape(row.reason.as_bytes())) };
    Line::from(vec![Span::styled(format!("{}{reason}", row.disposition), palette.dim)])
}
