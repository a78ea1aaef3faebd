//! What the tests ask the system about processes and files, by pid and by path.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

fn signal(pid: u32, signal: Signal) {
    let raw = i32::try_from(pid).expect("a pid fits");
    let pid = Pid::from_raw(raw).expect("a pid is not 0");
    // A process that ended meanwhile is as good as one that took the signal.
    let _gone = kill_process(pid, signal);
}

/// Kills a process so that it can do nothing about it.
pub fn kill_hard(pid: u32) {
    signal(pid, Signal::KILL);
}

/// Does to a process what Ctrl-C does.
pub fn interrupt(pid: u32) {
    signal(pid, Signal::INT);
}

/// Stops a process until [`resume`].
pub fn suspend(pid: u32) {
    signal(pid, Signal::STOP);
}

/// Lets a suspended process go on.
pub fn resume(pid: u32) {
    signal(pid, Signal::CONT);
}

/// Whether a process exists and is no zombie.
pub fn alive(pid: u32) -> bool {
    stat_fields(pid).is_some_and(|fields| fields.first().is_some_and(|state| state != "Z"))
}

/// Fields of `/proc/PID/stat` from the third on: what stands after the command's closing parenthesis.
fn stat_fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc is readable");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// Live children of a process.
pub fn child_pids(parent: u32) -> Vec<u32> {
    let is_child = |pid: &u32| {
        stat_fields(*pid).is_some_and(|fields| fields[0] != "Z" && fields.get(1) == Some(&parent.to_string()))
    };
    pids().into_iter().filter(is_child).collect()
}

/// Waits until a process is gone; `false` when the time is over.
pub fn wait_gone(pid: u32, time_max: Duration) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a pid is not 0");
    let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty()) else { return true };
    let deadline = Instant::now() + time_max;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = left.try_into().expect("the bound is short");
        match poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&timeout)) {
            Err(rustix::io::Errno::INTR) => {}
            ready => return ready.is_ok_and(|ready| ready > 0),
        }
    }
}

/// The command line of a process; empty if it is gone.
pub(crate) fn command_line(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

/// Processes whose environment holds `NAME=value`.
pub(crate) fn pids_with_environment(assignment: &str) -> Vec<u32> {
    let has = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == assignment.as_bytes())
    };
    pids().into_iter().filter(has).collect()
}

fn status_bytes(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process is alive");
    let line = status.lines().find(|line| line.starts_with(field)).expect("the field exists");
    let kib: u64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("it is a number");
    kib * 1024
}

/// Memory a process holds now, in bytes.
pub fn resident_bytes(pid: u32) -> u64 {
    status_bytes(pid, "VmRSS:")
}

/// The most memory a process ever held, in bytes.
pub fn resident_bytes_peak(pid: u32) -> u64 {
    status_bytes(pid, "VmHWM:")
}

/// Everything about a tree that a program could change: for each entry its type and mode, size, both times, inode, contents.
pub fn tree_state(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut state = BTreeMap::new();
    let mut pending = vec![root.to_path_buf()];
    while let Some(path) = pending.pop() {
        let meta = fs::symlink_metadata(&path).expect("the entry exists");
        let content = if meta.is_file() { fs::read(&path).map(|bytes| checksum(&bytes)).unwrap_or(0) } else { 0 };
        let line = format!(
            "mode {:o} size {} mtime {}.{} ctime {}.{} inode {} content {content:x}",
            meta.mode(),
            meta.size(),
            meta.mtime(),
            meta.mtime_nsec(),
            meta.ctime(),
            meta.ctime_nsec(),
            meta.ino(),
        );
        if meta.is_dir() {
            let entries = fs::read_dir(&path).expect("the directory is readable");
            pending.extend(entries.map(|entry| entry.expect("the entry is readable").path()));
        }
        state.insert(path, line);
    }
    state
}

/// FNV-1a, 64 bits.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}
