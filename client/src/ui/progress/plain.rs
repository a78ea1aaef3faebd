//! Progress where nobody redraws: a line on every new stage and every two seconds.

use vigie_proto::{ProgressEvent, Stage};

use super::lines;

const LINE_EVERY_MS: u64 = 2_000;

/// What was said last.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    said: Option<(Stage, u64)>,
}

impl Plain {
    /// The event's line, if it is worth one.
    pub(crate) fn line(&mut self, event: &ProgressEvent) -> Option<String> {
        let due = self.is_due(event);
        if due {
            self.said = Some((event.stage, event.timestamp_ms));
        }
        due.then(|| lines::plain(event))
    }

    /// The daemon's own times decide: what is said depends on the events, not on when they were read.
    fn is_due(&self, event: &ProgressEvent) -> bool {
        self.said.is_none_or(|(stage, said_ms)| {
            stage != event.stage || event.timestamp_ms.saturating_sub(said_ms) >= LINE_EVERY_MS
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_stage_and_every_two_seconds() {
        let event = |stage, timestamp_ms| ProgressEvent { stage, timestamp_ms, ..ProgressEvent::default() };
        let mut plain = Plain::default();
        assert!(plain.is_due(&event(Stage::STARTING, 0)));
        plain.said = Some((Stage::SCANNING, 10_000));
        assert!(!plain.is_due(&event(Stage::SCANNING, 11_999)));
        assert!(plain.is_due(&event(Stage::SCANNING, 12_000)));
        assert!(plain.is_due(&event(Stage::INDEXING, 10_001)));
    }
}
