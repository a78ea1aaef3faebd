//! The live display: three lines on stderr that `indicatif` redraws in place.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vigie_proto::ProgressEvent;

use super::lines;
use crate::ui::output::{stderr_control, stderr_width};

/// The display; it vanishes when it is dropped.
#[derive(Debug)]
pub(crate) struct Live {
    display: ProgressBar,
    is_drawn: bool,
}

impl Live {
    /// An empty display on stderr, which must be a terminal.
    pub(crate) fn new() -> Live {
        let display = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        Live { display: display.with_style(style), is_drawn: false }
    }

    /// Shows an event.
    pub(crate) fn show(&mut self, event: &ProgressEvent) {
        self.is_drawn = true;
        // A line that fills the last column may wrap.
        self.display.set_message(lines::live(event, stderr_width().saturating_sub(1)).join("\n"));
    }

    /// Takes back the `^C` with which a terminal may have shown that its key was pressed. The display ends at the right edge, so
    /// whatever is written next, be it that or the blank here, begins the line below it.
    pub(crate) fn take_back_key(&self) {
        if self.is_drawn {
            stderr_control(" \r\x1b[2K\x1b[A");
        }
    }

    /// Writes something else to the terminal, above the display.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.display.suspend(write)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.display.finish_and_clear();
    }
}
