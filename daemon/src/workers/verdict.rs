//! What the end of a worker says about the file it was working on. Only this decides whether the file is to blame.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::budget::{EXIT_OUT_OF_MEMORY, cpu_seconds, data_mib};

/// How a file failed. Two failures are of the same kind if they are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The worker died of a signal that a program brings on itself.
    Crashed(i32),
    /// It used up its CPU time.
    CpuTime,
    /// It asked for more memory than it may have.
    Memory,
    /// It ended with this code, unasked.
    Exited(i32),
    /// It answered what cannot be an answer.
    Malformed,
    /// It answered that it cannot; why.
    Refused(String),
}

/// Why a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Death {
    /// Of what it was doing.
    Own(Failure),
    /// Somebody ended it, which says nothing about the file.
    Killed,
}

impl Death {
    /// Reads the status of a worker that ended. `None` = the system kept none for us.
    pub(super) fn of(status: Option<ExitStatus>) -> Death {
        let Some(status) = status else { return Death::Killed };
        match (status.signal(), status.code()) {
            (Some(libc::SIGXCPU), _) => Death::Own(Failure::CpuTime),
            (Some(signal), _) if crash_name(signal).is_some() => Death::Own(Failure::Crashed(signal)),
            (None, Some(EXIT_OUT_OF_MEMORY)) => Death::Own(Failure::Memory),
            (None, Some(code)) => Death::Own(Failure::Exited(code)),
            (Some(_), _) | (None, None) => Death::Killed,
        }
    }
}

impl Failure {
    /// For people, as a fragment; `source_bytes` is the size of the file.
    pub(super) fn reason(&self, source_bytes: usize) -> String {
        match self {
            Failure::Crashed(signal) => format!("its grammar crashed ({})", crash_name(*signal).unwrap_or("signal")),
            Failure::CpuTime => format!("parsing took more than {} s of CPU time", cpu_seconds(source_bytes)),
            Failure::Memory => format!("parsing needed more than {} MiB", data_mib(source_bytes)),
            Failure::Exited(code) => format!("its worker ended with exit code {code}"),
            Failure::Malformed => "its worker answered nonsense".into(),
            Failure::Refused(reason) => reason.clone(),
        }
    }
}

/// The name of a signal that a program brings on itself.
fn crash_name(signal: i32) -> Option<&'static str> {
    match signal {
        libc::SIGSEGV => Some("SIGSEGV"),
        libc::SIGBUS => Some("SIGBUS"),
        libc::SIGABRT => Some("SIGABRT"),
        libc::SIGILL => Some("SIGILL"),
        libc::SIGFPE => Some("SIGFPE"),
        libc::SIGTRAP => Some("SIGTRAP"),
        libc::SIGSYS => Some("SIGSYS"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason_of(wait_status: i32) -> Option<String> {
        match Death::of(Some(ExitStatus::from_raw(wait_status))) {
            Death::Own(failure) => Some(failure.reason(2 << 20)),
            Death::Killed => None,
        }
    }

    #[test]
    fn p9_a_death_names_its_cause() {
        let exited = |code: i32| code << 8;
        assert_eq!(reason_of(libc::SIGSEGV).as_deref(), Some("its grammar crashed (SIGSEGV)"));
        assert_eq!(reason_of(libc::SIGXCPU).as_deref(), Some("parsing took more than 4 s of CPU time"));
        assert_eq!(reason_of(exited(EXIT_OUT_OF_MEMORY)).as_deref(), Some("parsing needed more than 128 MiB"));
        assert_eq!(reason_of(exited(1)).as_deref(), Some("its worker ended with exit code 1"));
    }

    #[test]
    fn a_signal_from_outside_blames_no_file() {
        for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGINT, libc::SIGHUP] {
            assert_eq!(reason_of(signal), None);
        }
        assert_eq!(Death::of(None), Death::Killed);
    }
}
