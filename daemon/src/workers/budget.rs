//! What one file may cost. The worker sets these limits on itself before it looks at the file, the daemon names them
//! when a file breaks them. Time is CPU time: a busy machine must not make a difference to what is indexed.

const MIB: u64 = 1 << 20;

/// The exit code by which a worker says that it ended for want of memory.
pub(super) const EXIT_OUT_OF_MEMORY: i32 = 81;

/// CPU time for a file: 2 s and 1 s for each MiB begun, in whole seconds because that is how RLIMIT_CPU counts.
pub(super) fn cpu_seconds(source_bytes: usize) -> u64 {
    2 + (source_bytes as u64).div_ceil(MIB)
}

/// Memory for a file: 64 MiB and 32 times its size, in bytes.
pub(super) fn data_bytes(source_bytes: usize) -> u64 {
    64 * MIB + 32 * source_bytes as u64
}

/// The same in MiB, rounded up, for people.
pub(super) fn data_mib(source_bytes: usize) -> u64 {
    data_bytes(source_bytes).div_ceil(MIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_grow_with_the_file() {
        let budgets = [0, 1, 1 << 20, 2 << 20, (2 << 20) + 1].map(|bytes| (cpu_seconds(bytes), data_mib(bytes)));
        assert_eq!(budgets, [(2, 64), (3, 65), (3, 96), (4, 128), (5, 129)]);
    }
}
