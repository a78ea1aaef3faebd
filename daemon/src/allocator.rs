//! The memory allocator's own store: what jobs and stores gave back, the allocator keeps for later. A daemon that idles most of
//! its life has it returned to the system instead. Knows nothing of who used it.

/// Most arenas of the allocator. Each keeps what its threads gave back; jobs and readers are many threads, of which few allocate
/// at a time, so that more arenas hold more memory and save no time.
#[cfg(target_env = "gnu")]
const ARENAS_MAX: libc::c_int = 2;

/// Limits what the allocator keeps; to be called before the first thread starts.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "rustix does not offer mallopt")]
pub(crate) fn limit() {
    // SAFETY: the call takes no pointer, and no other thread runs yet.
    let _was_set = unsafe { libc::mallopt(libc::M_ARENA_MAX, ARENAS_MAX) };
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
