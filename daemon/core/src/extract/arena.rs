//! Where syntax trees lie. A tree is hundreds of thousands of small blocks that are all done with at the same moment: taking them
//! from chunks that are given back as a whole costs a fraction of what `malloc` and `free` do, a sixth of all parsing.
//!
//! [`in_arena`] makes tree-sitter allocate from the arena of the calling thread. Blocks that are freed meanwhile are kept in a list
//! for each size class and used again (the segregated free lists of Knuth, The Art of Computer Programming, volume 1, 2.5).

#![allow(unsafe_code, reason = "tree-sitter takes an allocator as C functions")]

use std::alloc::{Layout, alloc, dealloc};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::mem;
use std::ptr::{self, NonNull};
use std::sync::OnceLock;

use tree_sitter::Tree;

/// What a chunk has room for, in bytes; a block that is larger has a chunk of its own.
const CHUNK_BYTES: usize = 1 << 20;

/// Chunks of the usual size that a thread keeps between two trees.
const CHUNKS_KEPT_MAX: usize = 4;

/// Blocks are aligned for everything C has, and so is what follows their header.
const ALIGN: usize = 16;
const HEADER_BYTES: usize = size_of::<Header>();
const _: () = assert!(HEADER_BYTES == ALIGN);

/// Up to here a size class is every 16 bytes, above every power of two.
const SMALL_BYTES_MAX: usize = 1 << 10;
const SMALL_CLASSES: usize = SMALL_BYTES_MAX / ALIGN;
const CLASSES: usize = SMALL_CLASSES + usize::BITS as usize;

/// What stands before every block.
#[repr(C, align(16))]
struct Header {
    /// Room of the block, in bytes without the header.
    room: usize,
    /// Its size class, or [`FOREIGN`].
    class: usize,
}

/// The class of a block that was taken while no arena was in use.
const FOREIGN: usize = usize::MAX;

thread_local! {
    static ARENA: RefCell<Arena> = const { RefCell::new(Arena::new()) };
    /// The arena that tree-sitter uses just now on this thread; null outside of [`in_arena`].
    static IN_USE: Cell<*mut Arena> = const { Cell::new(ptr::null_mut()) };
}

/// Whether tree-sitter has our allocator. Whoever is first decides for the process, because a block must go back to where it came
/// from.
static INSTALLED: OnceLock<bool> = OnceLock::new();

/// Leaves tree-sitter as it comes, for processes that measure it; too late once something was parsed in an arena.
pub(super) fn leave_as_it_comes() {
    INSTALLED.get_or_init(|| false);
}

/// Does some work that parses, and that lets nothing of what tree-sitter gave it live on.
pub(super) fn in_arena<T>(work: impl FnOnce() -> T) -> T {
    let is_ours = *INSTALLED.get_or_init(|| {
        let ours = tree_sitter::Allocator { malloc: take, calloc: take_zeroed, realloc: resize, free: give_back };
        // SAFETY: the four functions keep the contract of their C namesakes, and nothing was allocated before: every tree and
        // parser of this crate is made after a call of this function or of `leave_as_it_comes`, which excludes this line.
        unsafe { tree_sitter::set_allocator(Some(ours)) };
        true
    });
    if !is_ours {
        return work();
    }
    ARENA.with_borrow_mut(|arena| {
        let used = Used(arena);
        IN_USE.set(used.0);
        work()
    })
}

/// Drops a tree inside of [`in_arena`], which needs no walk over it.
pub(super) fn drop_tree(tree: Tree) {
    if INSTALLED.get() == Some(&true) {
        mem::forget(tree);
    }
}

/// An arena in use; empties it at the end, also when the work panicked.
struct Used(*mut Arena);

impl Drop for Used {
    fn drop(&mut self) {
        IN_USE.set(ptr::null_mut());
        // SAFETY: the pointer comes from the exclusive borrow that surrounds it, and the functions below no longer use it.
        unsafe { (*self.0).clear() };
    }
}

/// Chunks, the free part of the last one, and the blocks that were given back.
struct Arena {
    chunks: Vec<(NonNull<u8>, Layout)>,
    /// Chunks of the usual size to be filled again.
    spare: Vec<NonNull<u8>>,
    next: *mut u8,
    left: usize,
    /// For each class the last block given back; a free block begins with a pointer to the one before it.
    free: [*mut u8; CLASSES],
}

impl Arena {
    const fn new() -> Arena {
        let (next, free) = (ptr::null_mut(), [ptr::null_mut(); CLASSES]);
        Arena { chunks: Vec::new(), spare: Vec::new(), next, left: 0, free }
    }

    /// A block's payload.
    fn take(&mut self, bytes: usize) -> Option<NonNull<u8>> {
        let (class, room) = class_of(bytes)?;
        if let Some(block) = NonNull::new(self.free[class]) {
            // SAFETY: a free block begins with the pointer that `give_back` wrote there.
            self.free[class] = unsafe { block.cast::<*mut u8>().read() };
            return Some(block);
        }
        let whole = room.checked_add(HEADER_BYTES)?;
        if whole > self.left {
            self.add_chunk(whole)?;
        }
        let start = self.next;
        // SAFETY: `whole` bytes are left in the chunk, it is aligned to ALIGN, and so is every size taken from it.
        let payload = unsafe {
            start.cast::<Header>().write(Header { room, class });
            self.next = start.add(whole);
            start.add(HEADER_BYTES)
        };
        self.left -= whole;
        NonNull::new(payload)
    }

    fn add_chunk(&mut self, bytes: usize) -> Option<()> {
        let layout = Layout::from_size_align(bytes.max(CHUNK_BYTES), ALIGN).ok()?;
        let spare = if layout.size() == CHUNK_BYTES { self.spare.pop() } else { None };
        // SAFETY: the layout has a size.
        let chunk = spare.or_else(|| NonNull::new(unsafe { alloc(layout) }))?;
        self.chunks.push((chunk, layout));
        (self.next, self.left) = (chunk.as_ptr(), layout.size());
        Some(())
    }

    fn clear(&mut self) {
        for (chunk, layout) in self.chunks.drain(..) {
            if layout.size() == CHUNK_BYTES && self.spare.len() < CHUNKS_KEPT_MAX {
                self.spare.push(chunk);
            } else {
                // SAFETY: allocated with this layout, and nothing refers to it any more: see `in_arena`.
                unsafe { dealloc(chunk.as_ptr(), layout) };
            }
        }
        (self.next, self.left) = (ptr::null_mut(), 0);
        self.free.fill(ptr::null_mut());
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        self.clear();
        for chunk in self.spare.drain(..) {
            // SAFETY: every spare chunk was allocated with just this layout.
            unsafe { dealloc(chunk.as_ptr(), Layout::from_size_align_unchecked(CHUNK_BYTES, ALIGN)) };
        }
    }
}

/// The size class for some bytes, and the room that its blocks have.
fn class_of(bytes: usize) -> Option<(usize, usize)> {
    if bytes <= SMALL_BYTES_MAX {
        let class = bytes.div_ceil(ALIGN).max(1);
        return Some((class - 1, class * ALIGN));
    }
    let room = bytes.checked_next_power_of_two()?;
    Some((SMALL_CLASSES + room.trailing_zeros() as usize, room))
}

/// A block of no arena.
fn take_foreign(bytes: usize) -> Option<NonNull<u8>> {
    let layout = foreign(bytes)?;
    // SAFETY: the layout has the size of a header at least, and its alignment.
    unsafe {
        let start = NonNull::new(alloc(layout))?;
        start.cast::<Header>().write(Header { room: bytes, class: FOREIGN });
        Some(start.add(HEADER_BYTES))
    }
}

fn foreign(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes.checked_add(HEADER_BYTES)?, ALIGN).ok()
}

extern "C" fn take(bytes: usize) -> *mut c_void {
    let arena = IN_USE.get();
    // SAFETY: on this thread, and only while `in_arena` holds the arena for it.
    let block = if arena.is_null() { take_foreign(bytes) } else { unsafe { (*arena).take(bytes) } };
    match block {
        Some(block) => block.as_ptr().cast(),
        // As tree-sitter's own allocator does: it cannot go on without.
        None => std::process::abort(),
    }
}

extern "C" fn take_zeroed(count: usize, each: usize) -> *mut c_void {
    let Some(bytes) = count.checked_mul(each) else { std::process::abort() };
    let block = take(bytes);
    // SAFETY: a block of that many bytes, just taken.
    unsafe { block.write_bytes(0, bytes) };
    block
}

unsafe extern "C" fn resize(block: *mut c_void, bytes: usize) -> *mut c_void {
    if block.is_null() {
        return take(bytes);
    }
    // SAFETY: every block has a header before it; the new one has room for what is copied.
    unsafe {
        let room = (*header(block)).room;
        if bytes <= room {
            return block;
        }
        let larger = take(bytes);
        larger.cast::<u8>().copy_from_nonoverlapping(block.cast(), room);
        give_back(block);
        larger
    }
}

unsafe extern "C" fn give_back(block: *mut c_void) {
    if block.is_null() {
        return;
    }
    let arena = IN_USE.get();
    // SAFETY: every block has a header before it, and a block of an arena is given back while that is in use.
    unsafe {
        let Header { room, class } = header(block).read();
        match (class, foreign(room)) {
            (FOREIGN, Some(layout)) => dealloc(header(block).cast(), layout),
            (FOREIGN, None) => {}
            _ if arena.is_null() => {}
            _ => {
                block.cast::<*mut u8>().write((*arena).free[class]);
                (*arena).free[class] = block.cast();
            }
        }
    }
}

/// # Safety
///
/// The block came from [`take`].
unsafe fn header(block: *mut c_void) -> *mut Header {
    // SAFETY: a header stands before every block.
    unsafe { block.cast::<Header>().sub(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_room_for_what_they_are_for() {
        for bytes in [0, 1, 15, 16, 17, 1023, 1024, 1025, 4096, 4097, 1 << 20, (1 << 20) + 1] {
            let (class, room) = class_of(bytes).expect("it is not that large");
            assert!(room >= bytes && room < 2 * bytes.max(16) && class < CLASSES, "{bytes}: {class}, {room}");
            assert_eq!(class_of(room), Some((class, room)));
        }
        assert_eq!(class_of(usize::MAX), None);
    }

    #[test]
    fn a_block_given_back_is_taken_again() {
        in_arena(|| {
            let first = take(40);
            // SAFETY: taken above, and used no more.
            unsafe { give_back(first) };
            assert_eq!(take(33), first);
            assert_ne!(take(33), first);
        });
    }

    #[test]
    fn what_grows_keeps_what_it_held() {
        in_arena(|| {
            let mut block = take_zeroed(4, 4);
            for size in [17, 100, 5000, 3 << 20] {
                // SAFETY: the block has room for `size` bytes after it was resized.
                unsafe {
                    block = resize(block, size);
                    assert_eq!(block.cast::<[u8; 16]>().read(), [0; 16], "{size}");
                    block.cast::<u8>().add(size - 1).write(1);
                }
                assert_eq!(block as usize % ALIGN, 0);
            }
        });
        ARENA.with_borrow(|arena| {
            assert!(arena.chunks.is_empty() && (1..=CHUNKS_KEPT_MAX).contains(&arena.spare.len()))
        });
    }

    #[test]
    fn blocks_of_no_arena_come_and_go_inside_and_outside() {
        in_arena(|| {});
        let outside = take(100);
        // SAFETY: each block is given back once.
        in_arena(|| unsafe { give_back(outside) });
        unsafe { give_back(take(100)) };
    }

    #[test]
    fn a_panic_leaves_the_arena_usable() {
        let panicked = std::panic::catch_unwind(|| in_arena(|| panic!("in the middle of a tree")));
        assert!(panicked.is_err() && IN_USE.get().is_null());
        in_arena(|| assert!(!take(8).is_null()));
    }
}
