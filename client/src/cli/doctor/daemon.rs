//! The daemon as it is seen from outside: whether it answers, which version it is, whether its program is still the one on disk, and
//! who holds the lock.

use std::fs;
use std::path::{Path, PathBuf};

use vigie::{ClientError, Places};
use vigie_proto::Welcome;

use super::Finding;

/// Looks at a daemon that answered.
pub(super) fn look(welcome: &Welcome, socket: &Path, places: &Places) -> Vec<Finding> {
    let mut findings =
        vec![Finding::ok("daemon", format!("answers, pid {}, socket {}", welcome.pid, socket.display()))];
    findings.push(version(&welcome.version, welcome.protocol));
    findings.push(program(welcome.pid));
    findings.push(lock_of(welcome.pid, places));
    findings
}

/// Why no daemon answered.
pub(super) fn unreached(error: &ClientError) -> Finding {
    match error {
        ClientError::NoDaemon { socket } => Finding::warn(
            "daemon",
            format!("no daemon runs that listens on {}; the first command that needs one starts it", socket.display()),
            "vigie daemon start",
        ),
        error => {
            let hint = error.hint();
            let fix = if hint.is_empty() { "vigie daemon restart".to_owned() } else { hint };
            Finding::fail("daemon", error.to_string(), fix)
        }
    }
}

fn version(daemon: &str, protocol: u16) -> Finding {
    let client = env!("CARGO_PKG_VERSION");
    if daemon == client {
        return Finding::ok("version", format!("vigie and vigied {client}, protocol {protocol}"));
    }
    let found = format!("vigie is {client}, vigied is {daemon}; both speak protocol {protocol}");
    Finding::warn("version", found, "install vigie and vigied of one version, then vigie daemon restart")
}

/// The file that the daemon was started from may have been replaced since.
fn program(pid: u32) -> Finding {
    match fs::read_link(format!("/proc/{pid}/exe")) {
        Ok(program) => program_of(&program),
        Err(_) => Finding::ok("program", format!("process {pid} cannot be looked at from here")),
    }
}

fn program_of(program: &Path) -> Finding {
    let text = program.to_string_lossy();
    match text.strip_suffix(" (deleted)") {
        // A file of that very name may exist.
        Some(old) if !program.exists() => {
            let found = format!("the daemon was started from {old}, which was replaced or removed since");
            Finding::warn("program", found, "vigie daemon restart")
        }
        _ => Finding::ok("program", format!("{text}, as it was started")),
    }
}

/// Who holds the lock, as its file says: process and socket.
fn read_lock(places: &Places) -> Option<(u32, PathBuf)> {
    let path = places.state.as_ref()?.join("vigied.lock");
    let pid = fs::read_to_string(&path).ok()?.lines().next()?.parse().ok()?;
    Some((pid, path))
}

/// The lock, where a daemon answered.
fn lock_of(pid: u32, places: &Places) -> Finding {
    match read_lock(places) {
        Some((holder, path)) if holder == pid => {
            Finding::ok("lock", format!("{} is held by the daemon", path.display()))
        }
        Some((holder, path)) => {
            let found = format!("{} names process {holder}, and process {pid} answered", path.display());
            Finding::warn("lock", found, "vigie daemon restart")
        }
        // It may serve another state directory, by an option that is not known here.
        None => Finding::ok("lock", "the daemon serves another state directory"),
    }
}

/// The lock, where none answered: a daemon that hangs holds it. The lock itself is asked, since a process that has ended stays in the
/// system's table until somebody has taken note of that.
pub(super) fn holder(places: &Places) -> Finding {
    let Some((pid, path)) = read_lock(places) else { return Finding::ok("lock", "nobody holds it") };
    if places.lock_holder().is_some() {
        let found = format!("process {pid} holds {}, and does not answer", path.display());
        return Finding::fail("lock", found, format!("kill {pid}; vigie daemon start"));
    }
    Finding::ok("lock", format!("{} is left from process {pid}, which is gone", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::CheckState;

    #[test]
    fn another_version_and_a_replaced_program_are_told() {
        assert_eq!(version(env!("CARGO_PKG_VERSION"), 1).state, CheckState::OK);
        assert_eq!(version("0.0.0", 1).state, CheckState::WARN);
        let replaced = program_of(Path::new("/usr/bin/no-such-vigied (deleted)"));
        assert_eq!((replaced.state, replaced.fix.as_str()), (CheckState::WARN, "vigie daemon restart"));
        assert_eq!(program_of(Path::new("/bin/sh")).state, CheckState::OK);
    }

    #[test]
    fn a_lock_of_a_process_that_is_gone_is_no_harm() {
        let temp = tempfile::tempdir().unwrap();
        let state = Some(temp.path().to_path_buf());
        let places = Places { socket: temp.path().join("s"), socket_overridden: false, state };
        assert_eq!(holder(&places).state, CheckState::OK);
        let lock = temp.path().join("vigied.lock");
        fs::write(&lock, "4194304\n/s\n").unwrap();
        assert_eq!(holder(&places).state, CheckState::OK);
        // This very process is there, and holds no lock: as one that has ended and is in the table still.
        fs::write(&lock, format!("{}\n/s\n", std::process::id())).unwrap();
        assert_eq!(holder(&places).state, CheckState::OK);
        let held = fs::File::open(&lock).unwrap();
        rustix::fs::flock(&held, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
        assert_eq!(holder(&places).state, CheckState::FAIL);
        drop(held);
        fs::write(&lock, "4194304\n/s\n").unwrap();
        assert_eq!(lock_of(7, &places).state, CheckState::WARN);
        assert_eq!(lock_of(4_194_304, &places).state, CheckState::OK);
    }
}
