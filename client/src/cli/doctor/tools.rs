//! Programs of the system that Vigie uses, or that start it. None may hold this up.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use vigie::program;

use super::{Finding, quoted};

/// A program that has not ended by then is asked no further.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// How often it is looked whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Most that is read of what it says.
const SAID_BYTES_MAX: u64 = 4096;

/// How a program ended.
struct Answer {
    ok: bool,
    /// The first line of what it said, on either stream.
    said: String,
}

/// Asks a program. `None` = there is none, or it did not answer in time.
fn ask(program: &std::path::Path, args: &[&str]) -> Option<Answer> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let until = Instant::now() + ANSWER_MAX;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => thread::sleep(LOOK_EVERY),
            Ok(None) | Err(_) => {
                // It is ours, and nobody waits for it.
                let _gone = child.kill();
                let _reaped = child.wait();
                return None;
            }
        }
    };
    let mut said = String::new();
    if let Some(stdout) = child.stdout.take() {
        let _partial = stdout.take(SAID_BYTES_MAX).read_to_string(&mut said);
    }
    if said.trim().is_empty()
        && let Some(stderr) = child.stderr.take()
    {
        let _partial = stderr.take(SAID_BYTES_MAX).read_to_string(&mut said);
    }
    Some(Answer { ok: status.success(), said: said.trim().lines().next().unwrap_or_default().to_owned() })
}

/// `git`, which `vigie changed --rev` and its relatives ask.
pub(super) fn git() -> Finding {
    match ask("git".as_ref(), &["--version"]) {
        Some(Answer { ok: true, said }) => Finding::ok("git", said),
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
        Some(Answer { ok: true, .. }) => Finding::ok("config", "is right"),
        Some(Answer { said, .. }) => {
            let said = said.strip_prefix("vigied: ").unwrap_or(&said).to_owned();
            Finding::fail("config", said, "correct it, then vigie daemon start")
        }
        None => Finding::fail(
            "program",
            format!("{} cannot be run, so no daemon can be started", quoted(&program)),
            "install vigied beside vigie, or in a directory of PATH",
        ),
    }
}

/// The units of systemd, if they are installed.
pub(super) fn systemd() -> Finding {
    let state =
        |question: &str, unit: &str| ask("systemctl".as_ref(), &["--user", question, unit]).map(|answer| answer.said);
    let Some(socket) = state("is-enabled", "vigied.socket") else {
        return Finding::ok("systemd", "there is none that answers; the daemon is started by the first command");
    };
    let service = state("is-enabled", "vigied.service").unwrap_or_default();
    let is_enabled = |said: &str| ["enabled", "enabled-runtime", "linked", "static", "indirect"].contains(&said);
    if !is_enabled(&socket) && !is_enabled(&service) {
        return Finding::ok("systemd", "no unit is enabled; the daemon is started by the first command");
    }
    for unit in ["vigied.service", "vigied.socket"] {
        if state("is-failed", unit).is_some_and(|said| said == "failed") {
            let fix =
                format!("journalctl --user -u {unit} -n 20; systemctl --user reset-failed {unit}; vigie daemon start");
            return Finding::fail("systemd", format!("{unit} has failed"), fix);
        }
    }
    if is_enabled(&socket) && state("is-active", "vigied.socket").is_none_or(|said| said != "active") {
        let fix = "systemctl --user start vigied.socket";
        return Finding::warn("systemd", "vigied.socket is enabled, and is not active", fix);
    }
    let enabled = if is_enabled(&socket) { "vigied.socket" } else { "vigied.service" };
    Finding::ok("systemd", format!("{enabled} is enabled"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_program_that_hangs_is_left() {
        let begun = Instant::now();
        assert!(ask(Path::new("sleep"), &["60"]).is_none());
        assert!(begun.elapsed() >= ANSWER_MAX);
        assert!(ask(Path::new("/no/such/program"), &[]).is_none());
        let said = ask(Path::new("sh"), &["-c", "echo a; echo b; exit 3"]).unwrap();
        assert_eq!((said.ok, said.said.as_str()), (false, "a"));
        assert_eq!(ask(Path::new("sh"), &["-c", "echo why >&2; exit 1"]).unwrap().said, "why");
    }
}
