//! Numbers, times, paths and foreign text for people. Pure functions.

use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use unicode_width::UnicodeWidthChar;

pub use vigie_manual::escape::escape;

/// A number with its thousands apart: `21,913`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number and its noun: `1 file`, `2 files`.
pub fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(n))
}

/// `1 directory`, `2 directories`.
pub fn directories(n: u64) -> String {
    format!("{} director{}", count(n), if n == 1 { "y" } else { "ies" })
}

/// A size in binary units with three digits: `153 MiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut tenths = u128::from(n) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let unit = UNITS[unit];
    if tenths < 1000 { format!("{}.{} {unit}", tenths / 10, tenths % 10) } else { format!("{} {unit}", tenths / 10) }
}

/// A duration: `340 ms`, `3.4 s`, `5 min 03 s`, `2 h 05 min`, `3 d 4 h`.
pub fn duration_ms(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms} ms"),
        1..60 => format!("{}.{} s", seconds, ms % 1000 / 100),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// Files a second from thousandths of them: `3,120 files/s`, below ten with one decimal.
pub fn rate(milli: u64) -> String {
    if milli >= 10_000 {
        format!("{} files/s", count(milli / 1000))
    } else {
        format!("{}.{} files/s", milli / 1000, milli % 1000 / 100)
    }
}

/// Thousandths as a percentage: `62.4%`.
pub fn percent(permille: u16) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

/// Columns that escaped text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// The same of text that has colours and links in it.
pub fn shown_width(text: &str) -> usize {
    pieces(text).filter(|(is_shown, _)| *is_shown).map(|(_, piece)| width(piece)).sum()
}

/// At most `columns` of the beginning of text that has colours and links in it, all of which stay.
pub fn cut_shown(text: &str, columns: usize) -> String {
    if shown_width(text) <= columns {
        return text.to_owned();
    }
    let (mut out, mut left) = (String::new(), columns.saturating_sub(1));
    let mut is_cut = columns == 0;
    for (is_shown, piece) in pieces(text) {
        if !is_shown {
            out.push_str(piece);
        } else if !is_cut {
            let kept = take_start(piece, left);
            out.push_str(&kept);
            left -= width(&kept);
            is_cut = kept.len() < piece.len();
            out.push_str(if is_cut { "…" } else { "" });
        }
    }
    out
}

/// The parts of a text that has colours and links in it, each with whether it is shown.
fn pieces(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_shown = !rest.starts_with('\x1b');
        let end = if is_shown { rest.find('\x1b') } else { end_of_sequence(rest) };
        let (piece, more) = rest.split_at(end.unwrap_or(rest.len()));
        rest = more;
        (!piece.is_empty()).then_some((is_shown, piece))
    })
}

/// Where the sequence ends that a text begins with.
fn end_of_sequence(text: &str) -> Option<usize> {
    match text.strip_prefix("\x1b]") {
        Some(link) => link.find("\x1b\\").map(|end| end + "\x1b]\x1b\\".len()),
        None => text.find('m').map(|end| end + 1),
    }
}

fn char_width(c: char) -> usize {
    c.width().unwrap_or(1)
}

/// At most `columns` of the text's beginning.
pub fn cut_end(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 { String::new() } else { take_start(text, columns - 1) + "…" }
}

/// At most `columns` of a path, cut in the middle: where it begins and its name say most.
pub fn cut_path(path: &str, columns: usize) -> String {
    if width(path) <= columns {
        return path.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let name = path.rfind('/').map_or(path, |slash| &path[slash..]);
    // The name first, then as much of both ends as there is room for.
    let room = columns - 1;
    let end = if width(name) < room { width(name) + (room - width(name)) / 2 } else { room };
    let tail = take_end(path, end);
    let head = take_start(path, room - width(&tail));
    format!("{head}…{tail}")
}

/// At most `columns` of the text's end: of a path, the name matters more than the way to it.
pub fn cut_start(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 { String::new() } else { format!("…{}", take_end(text, columns - 1)) }
}

fn take_start(text: &str, columns: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += char_width(*c);
        used <= columns
    };
    text.chars().take_while(fits).collect()
}

fn take_end(text: &str, columns: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += char_width(*c);
        used <= columns
    };
    let kept: Vec<char> = text.chars().rev().take_while(fits).collect();
    kept.into_iter().rev().collect()
}

/// A file of a project as seen from the current directory. Both directories are absolute and canonical.
pub fn relative(root: &[u8], path: &[u8], cwd: &Path) -> Vec<u8> {
    let root = Path::new(std::ffi::OsStr::from_bytes(root));
    let mut ups = 0;
    let mut base = cwd;
    while !root.starts_with(base) {
        let Some(parent) = base.parent() else { break };
        base = parent;
        ups += 1;
    }
    let mut out = b"../".repeat(ups);
    for component in root.strip_prefix(base).unwrap_or(root).components() {
        if let Component::Normal(name) = component {
            out.extend_from_slice(name.as_bytes());
            out.push(b'/');
        }
    }
    // The project lies at or above the current directory: the common part of path and directory needs no way up and down.
    let mut path = path;
    while ups > 0 && out.len() == ups * 3 {
        let Some(name) = component_at(cwd, ups) else { break };
        match path.strip_prefix(name).and_then(|rest| rest.strip_prefix(b"/")) {
            Some(rest) => path = rest,
            None => break,
        }
        ups -= 1;
        out.truncate(ups * 3);
    }
    out.extend_from_slice(path);
    out
}

/// The name of the directory `ups` levels above the end of `cwd`, counted from 1.
fn component_at(cwd: &Path, ups: usize) -> Option<&[u8]> {
    cwd.components().rev().nth(ups - 1).map(|component| component.as_os_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!([count(0), count(999), count(1000), count(21_913_004)], ["0", "999", "1,000", "21,913,004"]);
        assert_eq!([counted(1, "file"), counted(0, "file")], ["1 file", "0 files"]);
        assert_eq!([bytes(0), bytes(1023), bytes(1024), bytes(1536)], ["0 B", "1023 B", "1.0 KiB", "1.5 KiB"]);
        assert_eq!([bytes(161 << 20), bytes(u64::MAX)], ["161 MiB", "16777215 TiB"]);
        assert_eq!([percent(0), percent(624), percent(1000)], ["0.0%", "62.4%", "100.0%"]);
        assert_eq!([rate(0), rate(9_990), rate(3_120_400)], ["0.0 files/s", "9.9 files/s", "3,120 files/s"]);
    }

    #[test]
    fn durations_for_people() {
        let got = [0, 340, 3_400, 59_999, 303_000, 7_500_000, 273_600_000].map(duration_ms);
        assert_eq!(got, ["0 ms", "340 ms", "3.4 s", "59.9 s", "5 min 03 s", "2 h 05 min", "3 d 4 h"]);
    }

    #[test]
    fn what_is_cut_keeps_its_colours() {
        let text = "\x1b[1mabc\x1b[0m def\x1b]8;;file://h/x\x1b\\ghi\x1b]8;;\x1b\\";
        assert_eq!(shown_width(text), 10);
        assert_eq!(cut_shown(text, 10), text);
        assert_eq!(cut_shown(text, 9), "\x1b[1mabc\x1b[0m def\x1b]8;;file://h/x\x1b\\g…\x1b]8;;\x1b\\");
        assert_eq!(cut_shown(text, 4), "\x1b[1mabc\x1b[0m…\x1b]8;;file://h/x\x1b\\\x1b]8;;\x1b\\");
        assert_eq!(cut_shown(text, 3), "\x1b[1mab…\x1b[0m\x1b]8;;file://h/x\x1b\\\x1b]8;;\x1b\\");
        assert_eq!([cut_shown("abc", 1), cut_shown("abc", 0), cut_shown("漢字", 3)], ["…", "", "漢…"]);
        assert_eq!(cut_shown("ab\x1b[31", 1), "…\x1b[31", "one that does not end");
    }

    #[test]
    fn hostile_text_never_reaches_a_terminal() {
        assert_eq!(escape(b"a\x1b[31m\tb\r\n"), "a\\u{1b}[31m\tb\\u{d}\\u{a}");
        assert_eq!(escape("\u{202e}gpj.exe\u{9b}".as_bytes()), "\\u{202e}gpj.exe\\u{9b}");
        assert_eq!(escape(b"\xff\xfe ok"), "\u{fffd}\u{fffd} ok");
    }

    #[test]
    fn cutting_respects_wide_characters() {
        assert_eq!(cut_start("src/deep/name.rs", 9), "…/name.rs");
        assert_eq!(cut_path("src/deep/name.rs", 16), "src/deep/name.rs");
        assert_eq!(cut_path("src/deep/name.rs", 12), "sr…p/name.rs");
        assert_eq!(cut_path("src/deep/name.rs", 9), "…/name.rs");
        assert_eq!(cut_path("src/deep/name.rs", 5), "…e.rs");
        assert_eq!(cut_end("collecting files", 8), "collect…");
        assert_eq!(cut_end("漢字漢字", 5), "漢字…");
        for columns in 0..12 {
            assert!(width(&cut_path("漢字/漢字.rs", columns)) <= columns);
            assert!(width(&cut_start("漢字/漢字.rs", columns)) <= columns);
            assert!(width(&cut_end("漢字/漢字.rs", columns)) <= columns);
        }
    }

    #[test]
    fn colours_and_links_take_no_columns() {
        assert_eq!(shown_width("a\x1b[1;31mbc\x1b[0m"), 3);
        assert_eq!(shown_width("\x1b]8;;file://h/x\x1b\\漢\x1b]8;;\x1b\\."), 3);
        assert_eq!(shown_width("a\x1b["), 1);
    }

    #[test]
    fn paths_are_seen_from_the_current_directory() {
        let seen = |root: &str, path: &str, cwd: &str| {
            String::from_utf8(relative(root.as_bytes(), path.as_bytes(), Path::new(cwd))).unwrap()
        };
        assert_eq!(seen("/p", "src/a.rs", "/p"), "src/a.rs");
        assert_eq!(seen("/p", "src/a.rs", "/p/src"), "a.rs");
        assert_eq!(seen("/p", "src/a.rs", "/p/src/deep"), "../a.rs");
        assert_eq!(seen("/p", "src/a.rs", "/p/srcx"), "../src/a.rs");
        assert_eq!(seen("/p", "a.rs", "/p/x/y"), "../../a.rs");
        assert_eq!(seen("/p/q", "a.rs", "/p"), "q/a.rs");
        assert_eq!(seen("/p/q", "a.rs", "/x"), "../p/q/a.rs");
        assert_eq!(seen("/p", "x/x/a.rs", "/p/x"), "x/a.rs");
        assert_eq!(seen("/", "etc/a", "/etc"), "a");
    }
}
