//! The directories: where they are, and making them safe. State must be on a local file system, because SQLite's locks and
//! shared memory do not work over a network; the runtime directory must be ours alone, because anybody may make names in `/tmp`.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::Environment;

/// Longest path that a socket's address holds, in bytes.
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// File systems that are elsewhere, by the magic number of `statfs(2)`: a database is not safe there.
const NETWORK_FILE_SYSTEMS: [(u32, &str); 9] = [
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x517b, "SMB"),
    (0x0102_1997, "9P"),
    (0x5346_414f, "AFS"),
    (0x7375_7245, "Coda"),
    (0x00c3_6400, "Ceph"),
    (0x564c, "NCP"),
];

/// More of them where others write, or may: Linux does not tell of what another machine, or the one that this one runs on, changes
/// there. The numbers are those of the kernel and of coreutils' `stat`.
const SHARED_FILE_SYSTEMS: [(u32, &str); 15] = [
    // SSHFS and virtiofs are some of these, and nothing tells them from one that is local.
    (0x6573_5546, "FUSE"),
    (0x786f_4256, "VirtualBox's shared folders"),
    (0xbacb_acbc, "VMware's shared folders"),
    (0x7c7c_6673, "Parallels' shared folders"),
    (0x6b41_4653, "AFS"),
    (0x6163_6673, "ACFS"),
    (0x1983_0326, "BeeGFS"),
    (0x0116_1970, "GFS2"),
    (0x4750_4653, "GPFS"),
    (0x0131_11a8, "IBRIX"),
    (0x0bd0_0bd0, "Lustre"),
    (0x7461_636f, "OCFS2"),
    (0x2003_0528, "OrangeFS"),
    (0xaad7_aaea, "PanFS"),
    (0xbeef_dead, "StorNext"),
];

/// Why a directory cannot be used. Each is a sentence with what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    /// Neither variable that names the state directory is set.
    #[error("there is no place for indexes: neither XDG_STATE_HOME nor HOME is an absolute path; pass --state-dir DIR")]
    NoState,
    /// Longer than an address.
    #[error(
        "the socket path {path} has {bytes} bytes and may have {SOCKET_PATH_BYTES_MAX}; set XDG_RUNTIME_DIR to a \
         shorter directory or pass --socket PATH"
    )]
    SocketTooLong {
        /// The path.
        path: PathBuf,
        /// Its length.
        bytes: usize,
    },
    /// On a network file system.
    #[error(
        "the state directory {path} is on {file_system}, where a database is not safe; set XDG_STATE_HOME to a directory \
         on a local disk or pass --state-dir DIR"
    )]
    Network {
        /// The directory.
        path: PathBuf,
        /// What it is on.
        file_system: &'static str,
    },
    /// Somebody else could interfere.
    #[error("the directory {path} is not safe: {reason}; remove it, or set XDG_RUNTIME_DIR to a directory of your own")]
    Unsafe {
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The system refused.
    #[error(
        "cannot prepare the directory {path}: {reason}; make it possible, or set XDG_STATE_HOME or XDG_RUNTIME_DIR to another place"
    )]
    Failed {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

pub(super) fn state_dir(environment: &Environment) -> Result<PathBuf, PlaceError> {
    if let Some(state) = Environment::absolute(environment.xdg_state_home.as_ref()) {
        return Ok(state.join("vigie"));
    }
    let home = Environment::absolute(environment.home.as_ref()).ok_or(PlaceError::NoState)?;
    Ok(home.join(".local/state/vigie"))
}

pub(super) fn runtime_dir(environment: &Environment) -> PathBuf {
    if let Some(runtime) = Environment::absolute(environment.xdg_runtime_dir.as_ref()) {
        return runtime.join("vigie");
    }
    let run = PathBuf::from(format!("/run/user/{}", environment.uid));
    if run.metadata().is_ok_and(|meta| meta.is_dir() && meta.uid() == environment.uid) {
        return run.join("vigie");
    }
    PathBuf::from(format!("/tmp/vigie-{}", environment.uid))
}

pub(super) fn check_socket_path(path: &Path) -> Result<(), PlaceError> {
    let bytes = path.as_os_str().as_bytes().len();
    if bytes <= SOCKET_PATH_BYTES_MAX {
        return Ok(());
    }
    Err(PlaceError::SocketTooLong { path: path.to_path_buf(), bytes })
}

/// Makes the state directory and its `projects/`.
pub(crate) fn prepare_state_dir(dir: &Path, uid: u32) -> Result<(), PlaceError> {
    let failed = |e: io::Error| PlaceError::Failed { path: dir.to_path_buf(), reason: e.to_string() };
    make(&dir.join("projects")).map_err(failed)?;
    if let Some(file_system) = network_file_system(dir) {
        return Err(PlaceError::Network { path: dir.to_path_buf(), file_system });
    }
    let meta = dir.metadata().map_err(failed)?;
    if meta.uid() != uid {
        let reason = format!("it belongs to user {}", meta.uid());
        return Err(PlaceError::Unsafe { path: dir.to_path_buf(), reason });
    }
    if meta.mode() & 0o077 != 0 {
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(dir, private).map_err(failed)?;
    }
    Ok(())
}

/// Makes the runtime directory, or checks that the one there is a directory of ours that nobody else may enter.
pub(crate) fn prepare_runtime_dir(dir: &Path, uid: u32) -> Result<(), PlaceError> {
    let failed = |e: io::Error| PlaceError::Failed { path: dir.to_path_buf(), reason: e.to_string() };
    make(dir).map_err(failed)?;
    let meta = dir.symlink_metadata().map_err(failed)?;
    let reason = if !meta.is_dir() {
        "it is a link or a file".to_owned()
    } else if meta.uid() != uid {
        format!("it belongs to user {}", meta.uid())
    } else if meta.mode() & 0o077 != 0 {
        format!("others may enter it (mode {:03o})", meta.mode() & 0o777)
    } else {
        return Ok(());
    };
    Err(PlaceError::Unsafe { path: dir.to_path_buf(), reason })
}

/// Makes a directory and those above it, for us alone. What is there already stays as it is.
fn make(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).or_else(|e| match e.kind() {
        // Something other than a directory is there: the caller's check says what.
        io::ErrorKind::AlreadyExists => Ok(()),
        _ => Err(e),
    })
}

/// The network file system that a directory is on, if it is on one.
fn network_file_system(dir: &Path) -> Option<&'static str> {
    name_of(magic(dir)?, &NETWORK_FILE_SYSTEMS)
}

/// The file system that a directory is on, if it is one where the system does not tell of all that changes.
pub(crate) fn untold_file_system(dir: &Path) -> Option<&'static str> {
    untold_file_system_of(magic(dir)?)
}

fn untold_file_system_of(magic: u32) -> Option<&'static str> {
    name_of(magic, &NETWORK_FILE_SYSTEMS).or_else(|| name_of(magic, &SHARED_FILE_SYSTEMS))
}

/// The type's width differs between architectures; the magic is its low 32 bits.
fn magic(dir: &Path) -> Option<u32> {
    let kind = i128::from(rustix::fs::statfs(dir).ok()?.f_type);
    u32::try_from(kind & 0xffff_ffff).ok()
}

fn name_of(magic: u32, among: &[(u32, &'static str)]) -> Option<&'static str> {
    among.iter().find(|(known, _)| *known == magic).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn uid() -> u32 {
        rustix::process::getuid().as_raw()
    }

    #[test]
    fn state_directory_is_made_private() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("a/state");
        prepare_state_dir(&dir, uid()).unwrap();
        assert!(dir.join("projects").is_dir());
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        prepare_state_dir(&dir, uid()).unwrap();
        assert_eq!(dir.metadata().unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn network_file_systems_are_known_by_their_magic() {
        assert_eq!(name_of(0x6969, &NETWORK_FILE_SYSTEMS), Some("NFS"));
        assert_eq!(name_of(0xff53_4d42, &NETWORK_FILE_SYSTEMS), Some("CIFS"));
        assert_eq!(untold_file_system_of(0x6969), Some("NFS"));
        assert_eq!(untold_file_system_of(0x6573_5546), Some("FUSE"));
        assert_eq!(name_of(0x6573_5546, &NETWORK_FILE_SYSTEMS), None, "a home may be on one, and its database is safe");
        let local = [0xef53, 0x9123_683e, 0x5846_5342, 0x0102_1994, 0x794c_7630];
        assert!(
            local.into_iter().all(|magic| untold_file_system_of(magic).is_none()),
            "ext4, btrfs, XFS, tmpfs, overlay"
        );
    }

    #[test]
    fn runtime_directory_is_refused_if_others_could_interfere() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("run");
        prepare_runtime_dir(&dir, uid()).unwrap();
        prepare_runtime_dir(&dir, uid()).unwrap();
        assert!(prepare_runtime_dir(&dir, uid() + 1).is_err(), "another's directory");
        symlink(&dir, temp.path().join("link")).unwrap();
        assert!(prepare_runtime_dir(&temp.path().join("link"), uid()).is_err(), "a link");
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(prepare_runtime_dir(&dir, uid()).is_err(), "others may enter");
        fs::write(temp.path().join("file"), "").unwrap();
        assert!(prepare_runtime_dir(&temp.path().join("file"), uid()).is_err(), "a file");
    }
}
