//! What a worker gives up before it looks at a file: files, network, traces of itself, and its share of the processor unless somebody
//! waits for it. Each step is taken as far as the system offers it; a worker that could not give something up still works.

use std::ffi::c_int;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};

use super::budget::EXIT_OUT_OF_MEMORY;

/// Added to the nice value: whatever a person waits for goes first.
const NICE: i32 = 10;

/// Gives up everything but standard input, output and error. Must come before the process opens anything.
pub(super) fn confine() {
    close_inherited();
    // Also if the daemon is killed: the end of the requests alone would let a file in work be finished for nobody.
    let _unsupported = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    let _unsupported = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _refused = rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _refused = rustix::thread::set_name(c"vigied-worker");
    die_plainly();
    let _unsupported = forbid_files_and_network();
}

/// Leaves the processor to everybody else.
pub(super) fn step_back() {
    let _refused = rustix::process::nice(NICE);
    schedule_as_batch();
}

/// Landlock without a single rule that allows anything. Says how much of that the kernel knows.
fn forbid_files_and_network() -> Result<RulesetStatus, RulesetError> {
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V6))?
        .handle_access(AccessNet::from_all(ABI::V6))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset)
}

/// The daemon opens everything close-on-exec, but it also inherits, and libraries open too.
#[allow(unsafe_code, reason = "rustix does not offer close_range")]
fn close_inherited() {
    // SAFETY: nothing in this process owns a descriptor above standard error yet. Old kernels answer ENOSYS, which is
    // no harm.
    let _unsupported = unsafe { libc::close_range(3, libc::c_uint::MAX, 0) };
}

#[allow(unsafe_code, reason = "rustix does not offer sched_setscheduler")]
fn schedule_as_batch() {
    // SAFETY: all zeroes is a valid value of this struct of integers, and the call only reads it.
    let _refused = unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &std::mem::zeroed::<libc::sched_param>()) };
}

/// Lets signals end the process as they are, so that the daemon learns which one it was: Rust's own handler would turn
/// a stack overflow into an abort. An abort for want of memory, which is how both the allocator of tree-sitter and that
/// of Rust give up, becomes an exit code of its own.
#[allow(unsafe_code, reason = "rustix does not offer signal dispositions")]
fn die_plainly() {
    let on_abort: extern "C" fn(c_int) = exit_if_out_of_memory;
    // SAFETY: the process has one thread, and the handler does only what a signal handler may.
    unsafe {
        for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGXCPU] {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::signal(libc::SIGABRT, on_abort as libc::sighandler_t);
    }
}

/// Runs on the thread that aborts, whose last failed call was the allocation. Returning lets `abort` go on to end the
/// process.
#[allow(unsafe_code, reason = "a signal handler may not run the usual exit")]
extern "C" fn exit_if_out_of_memory(_signal: c_int) {
    if std::io::Error::last_os_error().raw_os_error() == Some(libc::ENOMEM) {
        // SAFETY: ends the process without running anything else.
        unsafe { libc::_exit(EXIT_OUT_OF_MEMORY) }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_confined_thread_opens_neither_files_nor_ports() {
        let restricted = || {
            let status = forbid_files_and_network().unwrap();
            (status, File::open("/proc/self/exe").is_ok(), TcpListener::bind("127.0.0.1:0").is_ok())
        };
        // The restriction is the thread's own, and ends with it.
        let (status, opens, binds) = thread::spawn(restricted).join().unwrap();
        assert_eq!(opens, status == RulesetStatus::NotEnforced, "{status:?}");
        assert!(!binds || status != RulesetStatus::FullyEnforced, "{status:?}");
    }
}
