//! Resident memory of processes, from `/proc`. Used by the indexer's sampler and by `Status`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

/// More than seven numbers of 64 bits take.
const STATM_BYTES_MAX: usize = 160;

/// Resident set of a process in bytes; 0 if it is gone.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    std::fs::read_to_string(format!("/proc/{pid}/statm")).map_or(0, |statm| parse(&statm))
}

/// Resident set of this process in bytes; 0 if `/proc` is not there. The file is opened once: to read it anew is a third of the work.
pub(crate) fn own_resident_bytes() -> u64 {
    static STATM: OnceLock<Option<File>> = OnceLock::new();
    let mut text = [0; STATM_BYTES_MAX];
    let statm = STATM.get_or_init(|| File::open("/proc/self/statm").ok());
    let read = statm.as_ref().and_then(|statm| statm.read_at(&mut text, 0).ok()).unwrap_or(0);
    std::str::from_utf8(&text[..read]).map_or(0, parse)
}

/// The least memory that a cgroup around this process may have, in bytes, if one is limited.
pub(crate) fn cgroup_limit_bytes() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let root = std::path::Path::new("/sys/fs/cgroup");
    root.join(group)
        .ancestors()
        .take_while(|group| group.starts_with(root))
        .filter_map(|group| std::fs::read_to_string(group.join("memory.max")).ok()?.trim().parse().ok())
        .min()
}

fn parse(statm: &str) -> u64 {
    let pages: u64 = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages.saturating_mul(rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_memory_is_more_than_a_page() {
        assert!(own_resident_bytes() > rustix::param::page_size() as u64);
    }

    #[test]
    fn a_process_that_is_gone_uses_nothing() {
        assert_eq!(resident_bytes(u32::MAX), 0);
        assert_eq!(parse("garbage"), 0);
    }
}
