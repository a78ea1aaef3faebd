//! What a job did, in a few lines for people. Pure.

use vigie_proto::{EventType, Limit, ProgressEvent, Stats};

use vigie::human::{bytes, count, counted, duration_ms, escape};

/// The lines to print when a job has ended.
pub(crate) fn summary(event: &ProgressEvent) -> Vec<String> {
    let root = escape(&event.project.0);
    let job = event.job;
    let head = match event.r#type {
        EventType::COMPLETE => format!("indexed {root} (job {job})"),
        EventType::CANCELLED => format!("job {job} was cancelled: {root}"),
        _ => format!("job {job} failed: {root}"),
    };
    let mut lines = vec![head];
    if !event.message.is_empty() && event.r#type != EventType::COMPLETE {
        lines.push(format!("  {}", escape(event.message.as_bytes())));
    }
    // One that failed has none, and one that was cancelled early neither.
    let figures = event.stats.iter().filter(|stats| event.r#type == EventType::COMPLETE || stats.generation > 0);
    lines.extend(figures.flat_map(stats_lines));
    lines
}

fn stats_lines(stats: &Stats) -> Vec<String> {
    let some = |n: u64, what: &str| if n == 0 { String::new() } else { format!(", {} {what}", count(n)) };
    let pending = some(stats.files_pending, "to go");
    let deleted = some(stats.files_deleted, "deleted");
    let cached = some(stats.files_cached, "known from the same content elsewhere");
    let text = match stats.text_ready_ms {
        0 => String::new(),
        ms => format!(", text searchable after {}", duration_ms(ms)),
    };
    let mut lines = vec![
        format!(
            "  {}: {} indexed, {} unchanged, {} skipped, {} failed{pending}{deleted}",
            counted(stats.files_seen, "file"),
            count(stats.files_indexed),
            count(stats.files_unchanged),
            count(stats.files_skipped),
            count(stats.files_failed)
        ),
        format!(
            "  {}, {} in {} of source",
            counted(stats.symbols, "symbol"),
            counted(stats.references, "reference"),
            bytes(stats.bytes)
        ),
        format!("  {}{text}{cached}", duration_ms(stats.elapsed_ms)),
        format!(
            "  generation {}, index {}, peak memory {}",
            stats.generation,
            bytes(stats.store_bytes),
            bytes(stats.peak_memory_bytes)
        ),
    ];
    if stats.limit != Limit::NONE {
        lines.push(format!("  ended early by its limit on {}", stats.limit));
    }
    if stats.files_unread > 0 {
        lines.push(format!("  {} could not be read, so that no answer has what they hold", unread(stats)));
    }
    lines.extend(next_steps(stats).map(|step| format!("  {step}")));
    lines
}

/// `2 files and 1 directory`
fn unread(stats: &Stats) -> String {
    let files = stats.files_unread.saturating_sub(stats.directories_unread);
    let parts = [(files, "file", "files"), (stats.directories_unread, "directory", "directories")];
    let named = parts.into_iter().filter(|(n, ..)| *n > 0);
    let named: Vec<String> =
        named.map(|(n, one, many)| format!("{} {}", count(n), if n == 1 { one } else { many })).collect();
    named.join(" and ")
}

/// What a person may want to type next.
fn next_steps(stats: &Stats) -> impl Iterator<Item = &'static str> {
    let incomplete = stats.files_pending > 0 || stats.limit != Limit::NONE;
    let steps = [
        (incomplete, "`vigie index` goes on"),
        (
            stats.files_skipped > 0,
            "`vigie coverage --disposition binary` (or too-large, special) lists what was skipped",
        ),
        (
            stats.files_failed > 0,
            "`vigie coverage --disposition unreadable` (or unstable, quarantined) says what failed",
        ),
    ];
    steps.into_iter().filter_map(|(useful, step)| useful.then_some(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_and_limited() {
        let stats = Stats {
            files_seen: 5_520,
            files_indexed: 5_400,
            files_skipped: 20,
            files_pending: 100,
            symbols: 60_000,
            references: 1,
            bytes: 37 << 20,
            elapsed_ms: 4_200,
            text_ready_ms: 390,
            generation: 12,
            store_bytes: 9 << 20,
            peak_memory_bytes: 180 << 20,
            limit: Limit::FILES,
            ..Stats::default()
        };
        let hidden = Stats { files_unread: 3, directories_unread: 1, ..Stats::default() };
        assert_eq!(unread(&hidden), "2 files and 1 directory");
        let event = ProgressEvent {
            r#type: EventType::COMPLETE,
            job: 7,
            project: "/p\n".into(),
            message: "Done: 5,520 files".to_owned(),
            stats: Some(stats),
            ..ProgressEvent::default()
        };
        let failed = ProgressEvent {
            r#type: EventType::ERROR,
            message: "Failed: no room".to_owned(),
            stats: Some(Stats::default()),
            ..event.clone()
        };
        assert_eq!(summary(&failed), ["job 7 failed: /p\\u{a}", "  Failed: no room"]);
        assert_eq!(
            summary(&event),
            [
                "indexed /p\\u{a} (job 7)",
                "  5,520 files: 5,400 indexed, 0 unchanged, 20 skipped, 0 failed, 100 to go",
                "  60,000 symbols, 1 reference in 37.0 MiB of source",
                "  4.2 s, text searchable after 390 ms",
                "  generation 12, index 9.0 MiB, peak memory 180 MiB",
                "  ended early by its limit on files",
                "  `vigie index` goes on",
                "  `vigie coverage --disposition binary` (or too-large, special) lists what was skipped",
            ]
        );
    }
}
