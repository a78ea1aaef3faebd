//! What the environment and the options say about how output looks: colours, links, the pager. The one place of the command line that
//! looks at the environment for that.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, IsTerminal};

use super::args::{Global, When};
use crate::ui::output::Look;
use crate::ui::pager::PagerCommand;

/// The variables that count.
#[derive(Clone, Debug, Default)]
struct Variables {
    no_color: Option<OsString>,
    clicolor: Option<OsString>,
    clicolor_force: Option<OsString>,
    term: Option<OsString>,
    vigie_pager: Option<OsString>,
    pager: Option<OsString>,
    less: Option<OsString>,
}

impl Variables {
    fn current() -> Variables {
        Variables {
            no_color: env::var_os("NO_COLOR"),
            clicolor: env::var_os("CLICOLOR"),
            clicolor_force: env::var_os("CLICOLOR_FORCE"),
            term: env::var_os("TERM"),
            vigie_pager: env::var_os("VIGIE_PAGER"),
            pager: env::var_os("PAGER"),
            less: env::var_os("LESS"),
        }
    }

    /// Whether the terminal understands nothing but text, or is not known to understand more.
    fn is_dumb(&self) -> bool {
        self.term.as_deref().is_none_or(|term| term.is_empty() || term == "dumb")
    }
}

/// How stdout is to look.
pub(crate) fn look(global: &Global) -> Look {
    let variables = Variables::current();
    let is_terminal = io::stdout().is_terminal();
    let links = match global.hyperlink {
        When::Always => true,
        When::Never => false,
        When::Auto => is_terminal && !variables.is_dumb() && supports_hyperlinks::supports_hyperlinks(),
    };
    Look {
        colors: colors(global.color, &variables, is_terminal),
        link_host: (links && !global.json).then(host),
        pager: if is_terminal && !global.json && !global.no_pager { pager(&variables) } else { None },
    }
}

/// See <https://no-color.org> and <https://bixense.com/clicolors>; what is typed counts more than either.
fn colors(when: When, variables: &Variables, is_terminal: bool) -> bool {
    let is_set = |value: &Option<OsString>| value.as_ref().is_some_and(|value| !value.is_empty());
    let is_zero = |value: &Option<OsString>| value.as_deref() == Some(OsStr::new("0"));
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if is_set(&variables.no_color) => false,
        When::Auto if is_set(&variables.clicolor_force) && !is_zero(&variables.clicolor_force) => true,
        When::Auto => is_terminal && !variables.is_dumb() && !is_zero(&variables.clicolor),
    }
}

/// `VIGIE_PAGER`, else `PAGER`, else `less`. An empty one, and `cat`, is none.
fn pager(variables: &Variables) -> Option<PagerCommand> {
    let chosen = variables.vigie_pager.clone().or_else(|| variables.pager.clone());
    let words = chosen.unwrap_or_else(|| "less".into());
    let is_none = words.is_empty() || words == "cat" || variables.is_dumb();
    (!is_none).then(|| PagerCommand { words, sets_less: variables.less.is_none() })
}

/// The name of this machine: a link names it, so that a terminal can tell files of another one.
fn host() -> Vec<u8> {
    let name = fs::read("/proc/sys/kernel/hostname").unwrap_or_default();
    name.into_iter().filter(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        let get = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
        Variables {
            no_color: get("NO_COLOR"),
            clicolor: get("CLICOLOR"),
            clicolor_force: get("CLICOLOR_FORCE"),
            term: get("TERM").or_else(|| Some("xterm".into())),
            vigie_pager: get("VIGIE_PAGER"),
            pager: get("PAGER"),
            less: get("LESS"),
        }
    }

    #[test]
    fn what_is_typed_counts_more_than_what_is_set() {
        let wanted = |when, pairs: &[(&str, &str)], is_terminal| colors(when, &variables(pairs), is_terminal);
        assert!(wanted(When::Auto, &[], true) && !wanted(When::Auto, &[], false));
        assert!(!wanted(When::Auto, &[("NO_COLOR", "1")], true) && wanted(When::Auto, &[("NO_COLOR", "")], true));
        assert!(
            wanted(When::Always, &[("NO_COLOR", "1")], false) && !wanted(When::Never, &[("CLICOLOR_FORCE", "1")], true)
        );
        assert!(wanted(When::Auto, &[("CLICOLOR_FORCE", "1")], false));
        assert!(!wanted(When::Auto, &[("CLICOLOR_FORCE", "0")], false));
        assert!(!wanted(When::Auto, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], true));
        assert!(!wanted(When::Auto, &[("CLICOLOR", "0")], true) && !wanted(When::Auto, &[("TERM", "dumb")], true));
    }

    #[test]
    fn the_pager_is_the_nearest_that_is_named() {
        let words = |pairs: &[(&str, &str)]| pager(&variables(pairs)).map(|pager| pager.words);
        assert_eq!(words(&[]), Some("less".into()));
        assert_eq!(words(&[("PAGER", "more")]), Some("more".into()));
        assert_eq!(words(&[("PAGER", "more"), ("VIGIE_PAGER", "bat -p")]), Some("bat -p".into()));
        for none in
            [&[("PAGER", "")][..], &[("PAGER", "cat")], &[("TERM", "dumb")], &[("PAGER", "x"), ("VIGIE_PAGER", "")]]
        {
            assert_eq!(words(none), None, "{none:?}");
        }
        assert!(pager(&variables(&[])).unwrap().sets_less && !pager(&variables(&[("LESS", "")])).unwrap().sets_less);
    }
}
