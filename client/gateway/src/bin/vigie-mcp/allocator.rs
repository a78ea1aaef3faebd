//! Memory that glibc would keep for later: each agent has a gateway, and there are many agents.

/// An arena for each thread keeps what its thread once needed. One is enough for threads that wait for the daemon most of the time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS_MAX: libc::c_int = 1;
/// Blocks of this size and more are given back as soon as they are free: an answer, a page of rows. Set, it grows no more.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_BYTES_MIN: libc::c_int = 32 << 10;
/// As much may stay free at the end of the heap.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const FREE_BYTES_MAX: libc::c_int = 64 << 10;

/// Has glibc keep little. Other allocators are left alone.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "rustix does not offer mallopt")]
pub(crate) fn keep_small() {
    for (what, limit) in [
        (libc::M_ARENA_MAX, ARENAS_MAX),
        (libc::M_MMAP_THRESHOLD, MAPPED_BYTES_MIN),
        (libc::M_TRIM_THRESHOLD, FREE_BYTES_MAX),
    ] {
        // SAFETY: mallopt takes two numbers and is called before there is another thread.
        let _was_set = unsafe { libc::mallopt(what, limit) };
    }
}

/// Has glibc keep little. Other allocators are left alone.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn keep_small() {}
