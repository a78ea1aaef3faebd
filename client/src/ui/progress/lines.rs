//! One progress event as lines of text for a given width. Pure.

use vigie_proto::{JobState, ProgressEvent, Stage};

use vigie::human::{bytes, count, counted, cut_end, cut_path, duration_ms, escape, percent, rate, width};

/// From this on a file counts as slow, and is named with its time.
const FILE_SLOW_MS: u64 = 2_000;
const BAR_COLUMNS_MAX: usize = 40;
const BAR_COLUMNS_MIN: usize = 5;

/// The lines of the live display: stage, bar, file. None is wider than `columns`.
pub(super) fn live(event: &ProgressEvent, columns: usize) -> [String; 3] {
    let stage = cut_end(&stage_line(event), columns);
    [stage, bar_line(event, columns), cut_end(&file_line(event, columns), columns)]
}

/// The whole event in one line, for a log.
pub(super) fn plain(event: &ProgressEvent) -> String {
    let mut parts = vec![stage_line(event)];
    if event.permille > 0 {
        parts.push(share(event));
    }
    parts.extend(pace(event));
    if event.file_ms >= FILE_SLOW_MS {
        parts.push(still_on(event, usize::MAX));
    }
    parts.join(", ")
}

fn stage_line(event: &ProgressEvent) -> String {
    let is_paused = event.state == JobState::PAUSED;
    let stage = if is_paused { "paused".to_owned() } else { event.stage.name().replace('_', " ") };
    let done = match (event.current, event.total) {
        (0, 0) => String::new(),
        (current, 0) => format!(" {}", counted(current, "file")),
        (current, total) => format!(" {}/{}", count(current), counted(total, "file")),
    };
    // Only a stage that waits for something else has more to say than its name and its counts.
    let waits = (is_paused || event.stage == Stage::SWITCHING_PROJECTS) && !event.message.is_empty();
    let message = if waits { format!(": {}", escape(event.message.as_bytes())) } else { String::new() };
    let errors = if event.errors == 0 { String::new() } else { format!(", {} failed", count(event.errors)) };
    format!("{stage}{done}{message}{errors}")
}

/// The percentage is that of the whole job, measured in bytes to read and to parse, while a stage counts its own files.
fn share(event: &ProgressEvent) -> String {
    format!("{} of the work", percent(event.permille))
}

fn pace(event: &ProgressEvent) -> Vec<String> {
    let mut parts = Vec::new();
    if event.bytes > 0 {
        parts.push(bytes(event.bytes));
    }
    if event.rate_milli > 0 {
        parts.push(rate(event.rate_milli));
    }
    if event.eta_ms > 0 {
        parts.push(format!("ETA {}", duration_ms(event.eta_ms)));
    }
    parts
}

/// Bar and percentage first: what does not fit is left out from the right, as whole parts.
fn bar_line(event: &ProgressEvent, columns: usize) -> String {
    let share = share(event);
    let room = columns.saturating_sub(share.len() + 3);
    if room < BAR_COLUMNS_MIN {
        return cut_end(&share, columns);
    }
    let mut line = format!("[{}] {share}", bar(event.permille, (room / 3).clamp(BAR_COLUMNS_MIN, BAR_COLUMNS_MAX)));
    for part in pace(event) {
        if width(&line) + 2 + width(&part) > columns {
            break;
        }
        line = format!("{line}  {part}");
    }
    line
}

fn bar(permille: u16, columns: usize) -> String {
    let filled = columns * usize::from(permille.min(1000)) / 1000;
    let mut bar = "=".repeat(filled);
    if filled < columns {
        bar.push('>');
        bar.push_str(&" ".repeat(columns - filled - 1));
    }
    bar
}

fn file_line(event: &ProgressEvent, columns: usize) -> String {
    if event.file.is_empty() {
        String::new()
    } else if event.file_ms >= FILE_SLOW_MS {
        still_on(event, columns)
    } else {
        cut_path(&escape(&event.file.0), columns)
    }
}

/// A slow file is told apart from a stuck display by its time, so the time is never cut away.
fn still_on(event: &ProgressEvent, columns: usize) -> String {
    const FRAME: usize = "still on  for ".len();
    let time = duration_ms(event.file_ms);
    let file = cut_path(&escape(&event.file.0), columns.saturating_sub(FRAME + time.len()));
    format!("still on {file} for {time}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> ProgressEvent {
        ProgressEvent {
            stage: Stage::SCANNING,
            current: 1_200,
            total: 21_913,
            bytes: 12 << 20,
            rate_milli: 3_120_000,
            eta_ms: 6_600,
            permille: 42,
            file: "staging/src/k8s.io/api/core/v1/generated.pb.go".into(),
            errors: 2,
            ..ProgressEvent::default()
        }
    }

    #[test]
    fn live_at_80_columns() {
        assert_eq!(
            live(&event(), 80),
            [
                "scanning 1,200/21,913 files, 2 failed".to_owned(),
                "[>                   ] 4.2% of the work  12.0 MiB  3,120 files/s  ETA 6.6 s".to_owned(),
                "staging/src/k8s.io/api/core/v1/generated.pb.go".to_owned(),
            ]
        );
    }

    #[test]
    fn live_at_20_and_200_columns() {
        assert_eq!(
            live(&event(), 20),
            ["scanning 1,200/21,9…".to_owned(), "4.2% of the work".to_owned(), "st…1/generated.pb.go".to_owned()]
        );
        let [_, bar, _] = live(&event(), 200);
        assert_eq!(bar, format!("[=>{}] 4.2% of the work  12.0 MiB  3,120 files/s  ETA 6.6 s", " ".repeat(38)));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let hostile = ProgressEvent { file: "漢字/\u{1b}[31m漢字漢字.rs".into(), file_ms: 65_000, ..event() };
        for event in [event(), hostile, ProgressEvent::default(), ProgressEvent { permille: 1000, ..event() }] {
            for columns in 0..210 {
                for line in live(&event, columns) {
                    assert!(width(&line) <= columns, "{columns}: {line:?}");
                    assert!(!line.contains('\u{1b}'), "{line:?}");
                }
            }
        }
    }

    #[test]
    fn slow_file_is_named_with_its_time() {
        let slow = ProgressEvent { file_ms: 3_000, ..event() };
        assert_eq!(live(&slow, 40)[2], "still on st…v1/generated.pb.go for 3.0 s");
        assert!(plain(&slow).ends_with("generated.pb.go for 3.0 s"));
    }

    #[test]
    fn only_a_waiting_stage_says_its_message() {
        let waiting = ProgressEvent {
            stage: Stage::SWITCHING_PROJECTS,
            message: "waiting for /a to close".to_owned(),
            ..ProgressEvent::default()
        };
        let starting =
            ProgressEvent { stage: Stage::STARTING, message: "Started: index /a".to_owned(), ..waiting.clone() };
        assert_eq!(plain(&starting), "starting");
        assert_eq!(plain(&waiting), "switching projects: waiting for /a to close");
    }
}
