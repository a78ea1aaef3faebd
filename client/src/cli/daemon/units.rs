//! The units of systemd as they are installed for this user: those of `systemd/` with the daemon's program, and with the directories
//! that this user's environment names. Pure: others look what is there, and write.

use std::path::Path;

/// The first line of a unit that was written here.
pub(super) const MARK: &str = "# Written by `vigie daemon install`, removed by `vigie daemon uninstall`; `systemctl --user edit \
     vigied` keeps changes of yours.\n";

const SOCKET: &str = include_str!("../../../../systemd/vigied.socket");
const SERVICE: &str = include_str!("../../../../systemd/vigied.service");
/// What the unit runs unless it is told otherwise.
const PROGRAM: &str = "/usr/bin/vigied";
/// Where its state is unless it is told otherwise.
const STATE: &str = "%h/.local/state/vigie";

/// What of a user's environment a manager may not know of.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings<'a> {
    /// The daemon's program.
    pub(super) program: &'a str,
    /// `XDG_STATE_HOME`, if it is not the usual directory.
    pub(super) state_home: Option<&'a str>,
    /// `XDG_CONFIG_HOME`, if it is not the usual directory.
    pub(super) config_home: Option<&'a str>,
}

/// The text of `vigied.socket`, without the mark.
pub(super) fn socket() -> String {
    SOCKET.to_owned()
}

/// The text of `vigied.service`, without the mark.
pub(super) fn service(surroundings: &Surroundings<'_>) -> String {
    let mut text = String::new();
    for line in SERVICE.lines() {
        if line.starts_with("ExecStartPre=") {
            let variables =
                [("XDG_STATE_HOME", surroundings.state_home), ("XDG_CONFIG_HOME", surroundings.config_home)];
            for (name, value) in variables {
                if let Some(value) = value {
                    text.push_str(&format!("Environment={}\n", quoted(&format!("{name}={value}"))));
                }
            }
        }
        let line = if line == format!("ExecStart={PROGRAM}") {
            format!("ExecStart={}", quoted(surroundings.program).replace('$', "$$"))
        } else {
            match surroundings.state_home {
                Some(home) => with_state(line, home),
                None => line.to_owned(),
            }
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A line of the unit with another state directory.
fn with_state(line: &str, home: &str) -> String {
    let state = Path::new(home).join("vigie");
    let state = state.to_string_lossy();
    let optional = format!("-{STATE}");
    line.replace(&optional, &quoted(&format!("-{state}"))).replace(STATE, &quoted(&state))
}

/// A word as units spell it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:=,".contains(c);
    let word = word.replace('%', "%%");
    if word.chars().all(|c| is_plain(c) || c == '%') {
        return word;
    }
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_unit_is_that_of_packages() {
        let text = service(&Surroundings { program: PROGRAM, ..Surroundings::default() });
        assert_eq!(text, SERVICE);
        assert!(SERVICE.contains(STATE), "what is replaced is there");
    }

    #[test]
    fn program_and_directories_are_those_of_the_user() {
        let text = service(&Surroundings {
            program: "/home/ann b/100%/$x/vigied",
            state_home: Some("/data/state of ann"),
            config_home: Some("/data/config"),
        });
        let has = |line: &str| assert!(text.lines().any(|there| there == line), "{line}\n{text}");
        has("ExecStart=\"/home/ann b/100%%/$$x/vigied\"");
        has("ExecStartPre=+mkdir -p -m 0700 \"/data/state of ann/vigie\"");
        has("ReadWritePaths=\"-/data/state of ann/vigie\" %t/vigie");
        has("Environment=\"XDG_STATE_HOME=/data/state of ann\"");
        has("Environment=XDG_CONFIG_HOME=/data/config");
        assert!(!text.contains(STATE), "{text}");
    }

    #[test]
    fn words_are_spelled_as_units_spell_them() {
        assert_eq!(quoted("/usr/bin/vigied"), "/usr/bin/vigied");
        assert_eq!(quoted("a \"b\" \\c"), r#""a \"b\" \\c""#);
        assert_eq!(quoted("a\nb"), r#""a\nb""#);
    }
}
