//! What is seen of a state, at several sizes. `UPDATE_EXPECT=1` writes the pictures, which are read before they are committed.

use expect_test::{ExpectFile, expect_file};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use vigie_proto::{CoverageRow, Disposition, QuerySummary};

use super::draw_on;
use crate::keys::press;
use crate::news::{News, Request};
use crate::palette::Palette;
use crate::state::tests::busy;
use crate::state::{Panel, State};

fn drawn(state: &State, width: u16, height: u16, palette: &Palette) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    draw_on(&mut buffer, area, state, palette);
    buffer
}

/// What is written, line by line. A wide character takes two cells, the second of them empty.
fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut x = 0;
        let mut line = String::new();
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(vigie::human::width(symbol).max(1)).unwrap_or(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[track_caller]
fn check(state: &State, width: u16, height: u16, expected: &ExpectFile) {
    expected.assert_eq(&text(&drawn(state, width, height, &Palette::MANY)));
}

fn with_coverage() -> State {
    let mut state = busy();
    let key = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
    let Some(Request::Coverage(number, _)) = press(&mut state, key) else { panic!("a coverage is asked for") };
    let row = |path: &str, disposition, reason: &str| CoverageRow {
        path: path.into(),
        disposition,
        reason: reason.to_owned(),
        language: "c".to_owned(),
        bytes: 12_345,
        symbols: 67,
        ..CoverageRow::default()
    };
    let rows = vec![
        row("kernel/fork.c", Disposition::INDEXED, ""),
        row("logo.png", Disposition::BINARY, "holds a NUL byte"),
        row("kernel/sched/core.c", Disposition::INDEXED, ""),
    ];
    state.apply(News::Coverage(number, rows));
    state.apply(News::CoverageEnd(number, Ok(Box::new(QuerySummary::default()))));
    state
}

#[test]
fn a_usual_terminal() {
    check(&busy(), 80, 24, &expect_file!["pictures/80x24.txt"]);
}

#[test]
fn a_large_terminal() {
    check(&busy(), 200, 50, &expect_file!["pictures/200x50.txt"]);
}

#[test]
fn a_small_terminal() {
    let mut state = busy();
    check(&state, 40, 12, &expect_file!["pictures/40x12.txt"]);
    state.focus(Panel::Jobs);
    check(&state, 40, 12, &expect_file!["pictures/40x12-jobs.txt"]);
}

#[test]
fn a_coverage_lies_over_the_panels() {
    check(&with_coverage(), 80, 24, &expect_file!["pictures/coverage.txt"]);
}

#[test]
fn a_daemon_that_is_gone_is_said() {
    let mut state = busy();
    state.apply(News::Down("no daemon listens on /run/vigied.sock".to_owned()));
    state.now_ms += 12_000;
    check(&state, 80, 24, &expect_file!["pictures/gone.txt"]);
}

#[test]
fn no_size_breaks_it() {
    for state in [busy(), with_coverage()] {
        for width in (0..70).chain([120, 139, 140, 141, 250]) {
            for height in (0..40).chain([70]) {
                drawn(&state, width, height, &Palette::PLAIN);
            }
        }
    }
}

#[test]
fn hostile_names_are_spelled_out() {
    let mut state = busy();
    state.focus(Panel::Files);
    let shown = text(&drawn(&state, 120, 30, &Palette::MANY));
    assert!(shown.contains("data/\\u{1b}[31mbig.json"), "{shown}");
}

#[test]
fn without_colours_the_same_is_said_and_the_selected_row_is_seen() {
    let state = busy();
    let (plain, many) = (drawn(&state, 80, 24, &Palette::PLAIN), drawn(&state, 80, 24, &Palette::MANY));
    assert_eq!(text(&plain), text(&many));
    assert!(plain.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    let is_marked = |y: u16| plain[(2, y)].modifier.contains(Modifier::REVERSED);
    assert_eq!((0..24).filter(|y| is_marked(*y)).count(), 1);
}
