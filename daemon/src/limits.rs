//! What the system allows this process and its user, and how much of that is used: for `Check`. Read when somebody asks. What may be
//! raised without more rights is raised at the start.

use std::fs;
use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, getuid, setrlimit};

/// File descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Descriptors {
    /// Open now.
    pub(crate) open: u64,
    /// Most that may be open; `None` = no limit.
    pub(crate) max: Option<u64>,
}

/// Watches of inotify, of all processes of this user as far as they can be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inotify {
    /// Watches.
    pub(crate) watches: u64,
    /// Most of them.
    pub(crate) watches_max: u64,
    /// Instances.
    pub(crate) instances: u64,
    /// Most of them.
    pub(crate) instances_max: u64,
}

/// Room on the file system of a directory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Disk {
    /// Free for this user.
    pub(crate) free_bytes: u64,
    /// All of it.
    pub(crate) bytes: u64,
}

/// Allows this process as many file descriptors as it may allow itself. The usual soft limit of 1024 is for programs that call `select`,
/// which neither the daemon nor its workers do.
pub(crate) fn raise_descriptors() {
    let Rlimit { current: _, maximum } = getrlimit(Resource::Nofile);
    // A hard limit above what the kernel has by now; then it stays as it is, and `Check` says what that comes to.
    let _refused = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// Most descriptors that this process may have open; `None` = no limit.
pub(crate) fn descriptors_max() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// Reads the file descriptors of this process.
pub(crate) fn descriptors() -> Option<Descriptors> {
    let limit = getrlimit(Resource::Nofile);
    let open = fs::read_dir("/proc/self/fd").ok()?.count() as u64;
    // One of them is that directory.
    Some(Descriptors { open: open.saturating_sub(1), max: limit.current })
}

/// Reads how inotify is used. `None` = the system does not say.
pub(crate) fn inotify() -> Option<Inotify> {
    let limit = |name: &str| number(Path::new("/proc/sys/fs/inotify").join(name).as_path());
    let mut inotify = Inotify {
        watches_max: limit("max_user_watches")?,
        instances_max: limit("max_user_instances")?,
        ..Inotify::default()
    };
    let uid = getuid().as_raw();
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let is_process = process.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit);
        if is_process && is_of(&process.path(), uid) {
            count(&process.path(), &mut inotify);
        }
    }
    Some(inotify)
}

fn is_of(process: &Path, uid: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    process.metadata().is_ok_and(|meta| meta.uid() == uid)
}

/// Adds what one process has. One that ends meanwhile, or that may not be looked at, adds nothing.
fn count(process: &Path, inotify: &mut Inotify) {
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else { return };
    for descriptor in descriptors.flatten() {
        if fs::read_link(descriptor.path()).is_ok_and(|target| target.as_os_str() == "anon_inode:inotify") {
            let info = fs::read_to_string(process.join("fdinfo").join(descriptor.file_name())).unwrap_or_default();
            inotify.instances += 1;
            inotify.watches += info.lines().filter(|line| line.starts_with("inotify ")).count() as u64;
        }
    }
}

fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Reads the room on a file system.
pub(crate) fn disk(dir: &Path) -> Option<Disk> {
    let room = rustix::fs::statvfs(dir).ok()?;
    Some(Disk {
        free_bytes: room.f_bavail.saturating_mul(room.f_frsize),
        bytes: room.f_blocks.saturating_mul(room.f_frsize),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_counted() {
        let before = descriptors().unwrap();
        let files: Vec<_> = (0..7).map(|_| fs::File::open("/proc/self/stat").unwrap()).collect();
        let after = descriptors().unwrap();
        // Other tests of this process open and close files too.
        assert!(after.open + 7 >= before.open && after.open >= files.len() as u64);
        assert!(disk(Path::new("/")).unwrap().bytes > 0);
    }

    #[test]
    fn all_that_may_be_open_may_be_open() {
        raise_descriptors();
        assert_eq!(descriptors().unwrap().max, getrlimit(Resource::Nofile).maximum);
    }

    #[test]
    fn watches_of_this_process_are_among_those_of_the_user() {
        let Some(before) = inotify() else { return };
        let dir = tempfile::tempdir().unwrap();
        let inotify_of_ours = ::inotify::Inotify::init().unwrap();
        inotify_of_ours.watches().add(dir.path(), ::inotify::WatchMask::CREATE).unwrap();
        let after = inotify().unwrap();
        assert!(after.instances >= 1 && after.watches >= 1, "{before:?} {after:?}");
        assert!(after.watches_max > 0 && after.instances_max > 0);
    }
}
