//! Owns the terminal: takes it over, and gives it back however the program ends, also by a panic or a signal.

use std::env;
use std::io::{self, IsTerminal, Stdout};
use std::panic;
use std::process;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use crate::Trouble;

/// What a process ends with that panicked, as Rust has it.
const PANICKED: i32 = 101;

/// Whether there is a terminal that can show a screen; else the error says what else there is.
pub(crate) fn check() -> Result<(), Trouble> {
    if !io::stdout().is_terminal() {
        return Err(Trouble::Usage(
            "stdout is not a terminal",
            "`vigie top --once` prints how things stand as plain text; `vigie events --json` is for programs",
        ));
    }
    if env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(Trouble::Usage(
            "this terminal cannot show a screen (TERM is dumb)",
            "`vigie top --once` prints how things stand as plain text",
        ));
    }
    Ok(())
}

/// The terminal in our hands; dropping it gives it back.
pub(crate) struct Screen {
    /// Where it is drawn.
    pub(crate) terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes over the terminal on stdout.
    pub(crate) fn open() -> Result<Screen, Trouble> {
        let trouble = |error| Trouble::Terminal("take over the terminal", error);
        restore_on_panic();
        enable_raw_mode().map_err(trouble)?;
        // From here on dropping gives it back.
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()));
        let mut screen = match terminal {
            Ok(terminal) => Screen { terminal },
            Err(error) => {
                restore();
                return Err(trouble(error));
            }
        };
        execute!(io::stdout(), EnterAlternateScreen).map_err(trouble)?;
        screen.terminal.clear().map_err(trouble)?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// What cannot be given back is not there any more.
fn restore() {
    let _gone = disable_raw_mode();
    // Cleared first: what is left of it, a terminal that has changed its size meanwhile may show again.
    let _gone = execute!(io::stdout(), Clear(ClearType::All), LeaveAlternateScreen, Show);
}

/// A thread that panics ends the program: a screen that lacks one of its sources would show old things as if they were new.
fn restore_on_panic() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        restore();
        report(info);
        process::exit(PANICKED);
    }));
}
