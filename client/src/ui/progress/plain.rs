//! Progress where nobody redraws: a line on every new stage and every two seconds.

use vigie_proto::{JobState, ProgressEvent, Stage};

use super::lines;

const LINE_EVERY_MS: u64 = 2_000;

/// What was said last.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    said: Option<Said>,
}

#[derive(Debug)]
struct Said {
    stage: Stage,
    state: JobState,
    timestamp_ms: u64,
    line: String,
}

impl Plain {
    /// The event's line, if it is worth one.
    pub(crate) fn line(&mut self, event: &ProgressEvent) -> Option<String> {
        if !self.is_due(event) {
            return None;
        }
        let line = lines::plain(event);
        let is_new = self.said.as_ref().is_none_or(|said| said.line != line);
        self.said =
            Some(Said { stage: event.stage, state: event.state, timestamp_ms: event.timestamp_ms, line: line.clone() });
        is_new.then_some(line)
    }

    /// The daemon's own times decide: what is said depends on the events, not on when they were read.
    fn is_due(&self, event: &ProgressEvent) -> bool {
        self.said.as_ref().is_none_or(|said| {
            (said.stage, said.state) != (event.stage, event.state)
                || event.timestamp_ms.saturating_sub(said.timestamp_ms) >= LINE_EVERY_MS
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_stage_and_every_two_seconds_if_it_says_something_new() {
        let event = |stage, timestamp_ms, current| ProgressEvent {
            stage,
            timestamp_ms,
            current,
            total: current * 2,
            ..ProgressEvent::default()
        };
        let mut plain = Plain::default();
        let mut said = |stage, timestamp_ms, current| plain.line(&event(stage, timestamp_ms, current));
        assert_eq!(said(Stage::LOADING_STORAGE, 0, 0).as_deref(), Some("loading storage"));
        assert_eq!(said(Stage::LOADING_STORAGE, 5_000, 0), None);
        assert_eq!(said(Stage::SCANNING, 10_000, 1).as_deref(), Some("scanning 1/2 files"));
        assert_eq!(said(Stage::SCANNING, 11_999, 2), None);
        assert_eq!(said(Stage::SCANNING, 12_000, 3).as_deref(), Some("scanning 3/6 files"));
        assert!(said(Stage::INDEXING, 12_001, 3).is_some());
    }
}
