//! Programs that a client runs: they end within a time, or are ended.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::wait::{Wait, Woken};

/// Most that is read of what a program says; a pipe holds more.
const SAID_BYTES_MAX: u64 = 64 << 10;

/// What came of a program.
#[derive(Clone, Debug)]
pub struct Ran {
    /// It ended with 0.
    pub done: bool,
    /// What it wrote, without the last line's end.
    pub output: String,
    /// What it complained of, on one line.
    pub complaint: String,
}

/// Runs a program to its end; one that takes longer is killed, where its end can be seen, and that is an error. Nothing is put into it, and of what it says no
/// more than a pipe holds can be read.
pub fn run_within(mut command: Command, time_max: Duration) -> io::Result<Ran> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if ends_within(&child, time_max) == Some(false) {
        // Nobody waits for it any longer.
        let _killed = child.kill();
        let _reaped = child.wait();
        return Err(io::Error::new(io::ErrorKind::TimedOut, format!("no end after {} s", time_max.as_secs())));
    }
    let done = child.wait()?.success();
    let output = said(child.stdout.take());
    let complaint = said(child.stderr.take()).lines().collect::<Vec<_>>().join("; ");
    Ok(Ran { done, output, complaint })
}

/// Whether a program ends by then; `None` = that cannot be seen here.
pub(crate) fn ends_within(child: &Child, time_max: Duration) -> Option<bool> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw)?;
    let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    Some(matches!(Wait::until(Instant::now() + time_max).readable(process.as_fd()), Ok(Woken::Readable)))
}

fn said(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What cannot be read was not said.
        let _rest = pipe.take(SAID_BYTES_MAX).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_is_run_to_its_end() {
        let ran = run_within(shell("echo one; echo two >&2; echo three >&2; exit 3"), Duration::from_secs(60)).unwrap();
        assert_eq!((ran.done, ran.output.as_str(), ran.complaint.as_str()), (false, "one", "two; three"));
        assert!(run_within(Command::new("/nonexistent/program"), Duration::from_secs(60)).is_err());
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let error = run_within(shell("exec sleep 600"), Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
