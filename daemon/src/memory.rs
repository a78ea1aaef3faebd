//! Resident memory of processes, from `/proc`. Used by the indexer's sampler and by `Status`.

/// Resident set of a process in bytes; 0 if it is gone.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    std::fs::read_to_string(format!("/proc/{pid}/statm")).map_or(0, |statm| parse(&statm))
}

/// Resident set of this process in bytes.
pub(crate) fn own_resident_bytes() -> u64 {
    resident_bytes(std::process::id())
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
