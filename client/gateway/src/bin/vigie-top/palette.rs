//! The colours, and when there are none. All are of a middle brightness, so that they can be read on light and on dark
//! backgrounds, and none says anything that a word or a sign beside it does not say too.

use std::env;
use std::ffi::OsStr;

use ratatui::style::{Color, Modifier, Style};

/// What is drawn how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    /// Titles of the panel in focus, keys, curves.
    pub(crate) accent: Style,
    /// What moves, and what ended well.
    pub(crate) good: Style,
    /// What waits, or should be known.
    pub(crate) warning: Style,
    /// What failed.
    pub(crate) bad: Style,
    /// What matters less: frames, units, ages.
    pub(crate) dim: Style,
    /// Names.
    pub(crate) name: Style,
    /// The selected row of the panel in focus.
    pub(crate) selected: Style,
}

/// In one colour, whatever those of its parts are: turned around they would be patches.
const SELECTED: Style = Style::new().fg(Color::Reset).add_modifier(Modifier::REVERSED).remove_modifier(Modifier::DIM);

impl Palette {
    /// No colours at all.
    pub(crate) const PLAIN: Palette = Palette {
        accent: Style::new().add_modifier(Modifier::BOLD),
        good: Style::new(),
        warning: Style::new().add_modifier(Modifier::BOLD),
        bad: Style::new().add_modifier(Modifier::BOLD),
        dim: Style::new(),
        name: Style::new().add_modifier(Modifier::BOLD),
        selected: SELECTED,
    };

    const fn of(accent: Color, good: Color, warning: Color, bad: Color) -> Palette {
        Palette {
            accent: Style::new().fg(accent),
            good: Style::new().fg(good),
            warning: Style::new().fg(warning),
            bad: Style::new().fg(bad).add_modifier(Modifier::BOLD),
            dim: Style::new().add_modifier(Modifier::DIM),
            name: Style::new().add_modifier(Modifier::BOLD),
            selected: SELECTED,
        }
    }

    /// Of the 256 colours of most terminals.
    pub(crate) const MANY: Palette =
        Palette::of(Color::Indexed(67), Color::Indexed(65), Color::Indexed(136), Color::Indexed(167));
    /// Of the 16 that every terminal with colours has, as its owner chose them.
    pub(crate) const FEW: Palette = Palette::of(Color::Magenta, Color::Green, Color::Yellow, Color::Red);

    /// What this terminal has, and its owner wants; see <https://no-color.org>.
    pub(crate) fn of_terminal() -> Palette {
        Palette::choose(
            env::var_os("NO_COLOR").as_deref(),
            env::var_os("COLORTERM").as_deref(),
            env::var_os("TERM").as_deref(),
        )
    }

    fn choose(no_color: Option<&OsStr>, color_term: Option<&OsStr>, term: Option<&OsStr>) -> Palette {
        let is_some = |value: Option<&OsStr>| value.is_some_and(|value| !value.is_empty());
        let has_many = |term: &OsStr| ["256color", "direct"].iter().any(|word| term.to_string_lossy().contains(word));
        if is_some(no_color) {
            Palette::PLAIN
        } else if is_some(color_term) || term.is_some_and(has_many) {
            Palette::MANY
        } else {
            Palette::FEW
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_that_terminal_and_owner_have() {
        let accent = |no_color: Option<&str>, color_term: Option<&str>, term: &str| {
            Palette::choose(no_color.map(OsStr::new), color_term.map(OsStr::new), Some(OsStr::new(term))).accent
        };
        assert_eq!(accent(None, None, "tmux-256color"), Palette::MANY.accent);
        assert_eq!(accent(None, Some("truecolor"), "xterm"), Palette::MANY.accent);
        assert_eq!(accent(None, None, "linux"), Palette::FEW.accent);
        assert_eq!(accent(Some(""), None, "linux"), Palette::FEW.accent);
        assert_eq!(accent(Some("1"), Some("truecolor"), "xterm"), Palette::PLAIN.accent);
    }
}
