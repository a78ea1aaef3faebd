//! Programs of the system that Vigie uses, or that start it. None may hold this up.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use vigie::child::{Ran, run_within};
use vigie::systemd::{SERVICE_UNIT, SOCKET_UNIT};
use vigie::{UserManager, program};

use super::{Finding, quoted};

/// A program that has not ended by then is asked no further.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// Asks a program. `None` = there is none, or it did not answer in time.
fn ask(program: &Path, args: &[&str]) -> Option<Ran> {
    let mut command = Command::new(program);
    command.args(args);
    run_within(command, ANSWER_MAX).ok()
}

/// What it said first, on either stream.
fn first_line(ran: &Ran) -> &str {
    let said = if ran.output.is_empty() { &ran.complaint } else { &ran.output };
    said.lines().next().unwrap_or_default()
}

/// `git`, which `vigie changed --rev` and its relatives ask.
pub(super) fn git() -> Finding {
    match ask("git".as_ref(), &["--version"]) {
        Some(ran) if ran.done => Finding::ok("git", first_line(&ran)),
        _ => Finding::warn(
            "git",
            "there is no git that answers: `vigie changed --rev`, and --diff, cannot compare with a commit",
            "install git",
        ),
    }
}

/// The configuration, where no daemon runs that has read it.
pub(super) fn configuration() -> Finding {
    let program = program();
    match ask(&program, &["check-config"]) {
        Some(ran) if ran.done => Finding::ok("config", "is right"),
        Some(ran) => Finding::fail("config", fault(&ran), "correct it, then vigie daemon start"),
        None => Finding::fail(
            "program",
            format!("{} cannot be run, so no daemon can be started", quoted(&program)),
            "install vigied beside vigie, or in a directory of PATH",
        ),
    }
}

/// The configuration, where a daemon runs that has read it as it was: nothing, unless the next one would not start with it.
pub(super) fn next_configuration() -> Option<Finding> {
    let fault = configuration_fault()?;
    let found = format!("{fault}; the daemon that runs has read it before, the next one will not start");
    Some(Finding::fail("config", found, "correct it, then vigie daemon restart"))
}

/// What is wrong with the configuration, if something is. Where the daemon's program cannot be asked it is not known.
pub(crate) fn configuration_fault() -> Option<String> {
    let ran = ask(&program(), &["check-config"])?;
    (!ran.done).then(|| fault(&ran).to_owned())
}

fn fault(ran: &Ran) -> &str {
    let said = ran.complaint.lines().next().unwrap_or_default();
    said.strip_prefix("vigied: ").unwrap_or(said)
}

/// The units of systemd, if they are installed.
pub(super) fn systemd(manager: Option<&UserManager>) -> Finding {
    let Some(manager) = manager else {
        return Finding::ok("systemd", "no manager of yours runs; the first command starts the daemon");
    };
    if let Some(unit) = [SERVICE_UNIT, SOCKET_UNIT].into_iter().find(|unit| manager.has_failed(unit)) {
        let fix =
            format!("journalctl --user -u {unit} -n 20; systemctl --user reset-failed {unit}; vigie daemon start");
        return Finding::fail("systemd", format!("{unit} has failed"), fix);
    }
    if !manager.has_socket_enabled() {
        let found = format!("{SOCKET_UNIT} is not enabled; the first command starts the daemon");
        return Finding::ok("systemd", found);
    }
    if !manager.is_listening() {
        let found = format!("{SOCKET_UNIT} is enabled, and does not listen");
        return Finding::warn("systemd", found, format!("systemctl --user start {SOCKET_UNIT}"));
    }
    Finding::ok("systemd", format!("{SOCKET_UNIT} is enabled and listens"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_said_first_counts() {
        assert!(ask(Path::new("/no/such/program"), &[]).is_none());
        let said = ask(Path::new("sh"), &["-c", "echo a; echo b; exit 3"]).unwrap();
        assert_eq!((said.done, first_line(&said)), (false, "a"));
        assert_eq!(first_line(&ask(Path::new("sh"), &["-c", "echo why >&2; exit 1"]).unwrap()), "why");
    }
}
