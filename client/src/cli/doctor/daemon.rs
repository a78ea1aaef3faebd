//! The daemon as it is seen from outside: whether it answers, which version it is, whether its program is still the one on disk and the
//! one that belongs to this command, and who holds the lock.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use vigie::{ClientError, Options, Places};
use vigie_proto::Welcome;

use super::Finding;
use crate::cli::skew::{self, Program};

/// Looks at a daemon that answered.
pub(super) fn look(welcome: &Welcome, socket: &Path, places: &Places, options: &Options) -> Vec<Finding> {
    let mut findings =
        vec![Finding::ok("daemon", format!("answers, pid {}, socket {}", welcome.pid, socket.display()))];
    findings.push(version(&welcome.version, welcome.protocol));
    findings.push(program(welcome.pid, &skew::successor(options, welcome.pid)));
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

/// The file that the daemon was started from may have been replaced since, or be of another build than what would be started next: builds
/// of one version are told apart by nothing else.
fn program(pid: u32, next: &Path) -> Finding {
    match Program::of(pid) {
        Some(program) => program_of(&program, is_build_of(Path::new(&format!("/proc/{pid}/exe")), next), next),
        None => Finding::ok("program", format!("process {pid} cannot be looked at from here")),
    }
}

/// Whether a program is what would be started next, as far as that can be told.
fn is_build_of(running: &Path, next: &Path) -> bool {
    // A mere name is looked for in PATH, not here; and to open what is no file may take for ever.
    !next.is_absolute() || !next.is_file() || is_same(running, next).unwrap_or(true)
}

/// Whether two files hold the same.
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (File::open(one)?, File::open(other)?);
    let (a, b) = (one.metadata()?, other.metadata()?);
    if (a.dev(), a.ino()) == (b.dev(), b.ino()) || a.len() != b.len() {
        return Ok(a.len() == b.len());
    }
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    loop {
        let (a, b) = (one.fill_buf()?, other.fill_buf()?);
        let count = a.len().min(b.len());
        if a[..count] != b[..count] || a.is_empty() != b.is_empty() {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
        one.consume(count);
        other.consume(count);
    }
}

fn program_of(program: &Program, is_next: bool, next: &Path) -> Finding {
    let path = program.path.display();
    if program.is_replaced {
        let found = format!("the daemon was started from {path}, which was replaced or removed since");
        return Finding::warn("program", found, "vigie daemon restart");
    }
    if !is_next {
        let found = format!("the daemon runs {path}, and this vigie would start {}, another build", next.display());
        return Finding::warn("program", found, "use the vigie that belongs to it, or vigie daemon restart");
    }
    Finding::ok("program", format!("{path}, as it was started"))
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
        let ours = Path::new("/opt/vigied");
        let program_of = |link: &str, is_next| program_of(&Program::at(link.into()), is_next, ours);
        let replaced = program_of("/usr/bin/no-such-vigied (deleted)", false);
        assert_eq!((replaced.state, replaced.fix.as_str()), (CheckState::WARN, "vigie daemon restart"));
        assert_eq!(program_of("/bin/sh", true).state, CheckState::OK);
        let other = program_of("/bin/sh", false);
        assert!(other.state == CheckState::WARN && other.found.contains("/opt/vigied"), "{}", other.found);
    }

    #[test]
    fn builds_are_told_apart_by_what_they_hold() {
        let temp = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            fs::write(temp.path().join(name), bytes).unwrap();
            temp.path().join(name)
        };
        let (one, same) = (file("one", &[7; 20_000]), file("same", &[7; 20_000]));
        let other = file("other", &[[7; 19_999].as_slice(), &[8]].concat());
        assert!(is_same(&one, &one).unwrap() && is_same(&one, &same).unwrap());
        assert!(!is_same(&one, &other).unwrap() && !is_same(&one, &file("short", b"7")).unwrap());
        assert!(is_same(&one, Path::new("/nonexistent")).is_err());
        assert!(is_build_of(&one, &same) && !is_build_of(&one, &other));
        // What lies here under the bare name of the program is not what would be started, and no pipe is waited for.
        assert!(is_build_of(&one, Path::new("Cargo.toml")) && Path::new("Cargo.toml").is_file());
        let pipe = temp.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        assert!(is_build_of(&one, &pipe));
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
