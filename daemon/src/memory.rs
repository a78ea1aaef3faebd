//! Resident memory of processes, from `/proc`. Used by the indexer's sampler and by `Status`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::OnceLock;

/// More than seven numbers of 64 bits take.
const STATM_BYTES_MAX: usize = 160;

/// Version 1 has no word for "no limit" but the largest number of whole pages.
const UNLIMITED_V1_BYTES: u64 = i64::MAX as u64 - (1 << 20);

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

/// The least memory that a control group around this process may have, in bytes, if one is limited.
pub(crate) fn cgroup_limit_bytes() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    limit_of(&groups, Path::new("/sys/fs/cgroup"))
}

/// Of either version: both may be there, and the memory belongs to one of them (cgroups(7)).
fn limit_of(groups: &str, mounted: &Path) -> Option<u64> {
    groups.lines().filter_map(|line| limit_of_hierarchy(line, mounted)).min()
}

/// What a line `ID:CONTROLLERS:/PATH` leads to.
fn limit_of_hierarchy(line: &str, mounted: &Path) -> Option<u64> {
    let (controllers, group) = line.split_once(':')?.1.split_once(":/")?;
    let (root, file) = match controllers {
        "" => (mounted.to_owned(), "memory.max"),
        _ if controllers.split(',').any(|name| name == "memory") => {
            (mounted.join(controllers), "memory.limit_in_bytes")
        }
        _ => return None,
    };
    root.join(group)
        .ancestors()
        .take_while(|group| group.starts_with(&root))
        .filter_map(|group| std::fs::read_to_string(group.join(file)).ok()?.trim().parse().ok())
        .filter(|limit| *limit < UNLIMITED_V1_BYTES)
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
    fn the_least_limit_of_all_groups_around_a_process_counts() {
        let mounted = tempfile::tempdir().unwrap();
        let put = |path: &str, limit: &str| {
            let file = mounted.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, limit).unwrap();
        };
        put("user/memory.max", "max\n");
        put("user/one/memory.max", "500\n");
        put("user/one/two/memory.max", "700\n");
        put("memory/memory.limit_in_bytes", "9223372036854771712\n");
        put("memory/given/memory.limit_in_bytes", "300\n");
        let limit = |groups| limit_of(groups, mounted.path());
        assert_eq!(limit("0::/user/one/two\n"), Some(500));
        assert_eq!(limit("4:cpu,cpuacct:/given\n3:memory:/given\n0::/user/one\n"), Some(300));
        assert_eq!(limit("3:memory:/\n0::/user\n"), None);
        assert_eq!(limit("garbage"), None);
    }

    #[test]
    fn a_process_that_is_gone_uses_nothing() {
        assert_eq!(resident_bytes(u32::MAX), 0);
        assert_eq!(parse("garbage"), 0);
    }
}
