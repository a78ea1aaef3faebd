//! The memory allocator's own store: what jobs and stores gave back, the allocator keeps for later. A daemon that idles most of
//! its life has it returned to the system instead. Knows nothing of who used it.

/// Most arenas of the allocator. Each keeps what its threads gave back; jobs and readers are many threads, of which few allocate
/// at a time, so that more arenas hold more memory and save no time.
#[cfg(target_env = "gnu")]
const ARENAS_MAX: libc::c_int = 2;

/// Most free bytes at the end of an arena. The allocator's own limit grows with the largest block it ever gave back, and
/// `malloc_trim` leaves the end of every arena but the first alone.
#[cfg(target_env = "gnu")]
const FREE_END_MAX: libc::c_int = 4 << 20;

/// Smallest block with pages of its own. It would not grow either, once the limit above is set.
#[cfg(target_env = "gnu")]
const OWN_PAGES_MIN: libc::c_int = 8 << 20;

/// Limits what the allocator keeps; to be called before the first thread starts.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "rustix does not offer mallopt")]
pub(crate) fn limit() {
    let limits = [
        (libc::M_ARENA_MAX, ARENAS_MAX),
        (libc::M_TRIM_THRESHOLD, FREE_END_MAX),
        (libc::M_MMAP_THRESHOLD, OWN_PAGES_MIN),
    ];
    for (what, limit) in limits {
        // SAFETY: the call takes no pointer, and no other thread runs yet.
        let _was_set = unsafe { libc::mallopt(what, limit) };
    }
}

/// Other allocators have no arenas to limit.
#[cfg(not(target_env = "gnu"))]
pub(crate) fn limit() {}

/// Returns free memory to the system. It locks the allocator for milliseconds, so not for the actors' thread.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "rustix does not offer malloc_trim")]
pub(crate) fn release() {
    // SAFETY: the call takes no pointer, and the allocator guards its own state against other threads.
    let _was_released = unsafe { libc::malloc_trim(0) };
}

/// Other allocators return memory by themselves, or offer no call for it.
#[cfg(not(target_env = "gnu"))]
pub(crate) fn release() {}
