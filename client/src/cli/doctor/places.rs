//! The directories and the socket: whose they are, who else may use them, and what they lie on.

use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use vigie::human::{bytes, count};
use vigie::{ClientError, Options};

use super::{Finding, quoted};

/// File systems that are elsewhere, by the magic number of `statfs(2)`: a database is not safe there.
const NETWORK_FILE_SYSTEMS: [(u64, &str); 9] = [
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

/// Looks at all of them.
pub(super) fn look(options: &Options) -> Vec<Finding> {
    let uid = options.environment.uid;
    let places = match options.places() {
        Ok(places) => places,
        Err(error) => return vec![unusable(&error)],
    };
    let mut findings = Vec::new();
    let writable = [places.socket.parent(), places.state.as_deref()].into_iter().flatten().filter_map(unwritable);
    findings.extend(writable);
    if let Some(dir) = places.socket.parent().filter(|_| !places.socket_overridden) {
        findings.push(directory("runtime", dir, uid));
    }
    findings.push(socket(&places.socket, uid));
    match &places.state {
        Some(dir) => {
            findings.push(directory("state", dir, uid));
            findings.extend(file_system(dir));
            findings.extend(set_aside(dir));
        }
        None => findings.push(Finding::fail(
            "state",
            "neither XDG_STATE_HOME nor HOME is an absolute path",
            "export HOME=~",
        )),
    }
    findings
}

fn unusable(error: &ClientError) -> Finding {
    let name = if matches!(error, ClientError::SocketPathTooLong { .. }) { "socket" } else { "runtime" };
    Finding::fail(name, error.to_string(), error.hint())
}

/// A directory that must be ours alone. One that is not there yet is made when it is needed.
fn directory(name: &'static str, dir: &Path, uid: u32) -> Finding {
    let shown = dir.display();
    let meta = match dir.symlink_metadata() {
        Ok(meta) => meta,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Finding::ok(name, format!("{shown} is not there; the daemon makes it"));
        }
        Err(e) => {
            return Finding::fail(name, format!("{shown} cannot be looked at: {e}"), format!("ls -ld {}", quoted(dir)));
        }
    };
    let place = quoted(dir);
    // The state directory may lie behind a link of the person's own.
    let is_link = meta.is_symlink() && name == "state";
    let meta = if is_link { dir.metadata().unwrap_or(meta) } else { meta };
    if !meta.is_dir() {
        return Finding::fail(name, format!("{shown} is no directory"), format!("mv {place} {place}.aside"));
    }
    if meta.uid() != uid {
        let found = format!("{shown} belongs to user {}, not to you ({uid})", meta.uid());
        return Finding::fail(name, found, format!("sudo chown -R {uid} {place}"));
    }
    match meta.mode() & 0o777 {
        mode if mode & 0o077 != 0 => {
            let found = format!("others may enter {shown} (mode {mode:03o})");
            let fix = format!("chmod 700 {place}");
            // The daemon closes its state directory by itself when it starts; in the other anybody could have put something.
            if name == "state" { Finding::warn(name, found, fix) } else { Finding::fail(name, found, fix) }
        }
        mode if mode & 0o700 != 0o700 => {
            Finding::fail(name, format!("{shown} is closed to you (mode {mode:03o})"), format!("chmod 700 {place}"))
        }
        mode => Finding::ok(name, format!("{shown}, mode {mode:03o}")),
    }
}

/// A directory that nothing can be written into, or made in, whatever its mode says: it is on a file system for reading only.
fn unwritable(dir: &Path) -> Option<Finding> {
    let there = dir.ancestors().find(|above| above.is_dir())?;
    match rustix::fs::access(there, rustix::fs::Access::WRITE_OK) {
        Err(rustix::io::Errno::ROFS) => {
            let found = format!("{} is on a file system that can only be read, so no daemon starts", dir.display());
            let fix = "mount it to be written, or set XDG_STATE_HOME (XDG_RUNTIME_DIR for the socket) to another place";
            Some(Finding::fail("writable", found, fix))
        }
        Ok(()) | Err(_) => None,
    }
}

/// Databases that turned out to be damaged: they are kept, for whoever wants to look, and used by nobody.
fn set_aside(state: &Path) -> Option<Finding> {
    let entries = [state.to_path_buf(), state.join("projects")].into_iter().filter_map(|dir| dir.read_dir().ok());
    let paths = entries.flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut damaged: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "corrupt")).collect();
    damaged.sort();
    if damaged.is_empty() {
        return None;
    }
    let taken: u64 = damaged.iter().filter_map(|path| path.metadata().ok()).map(|meta| meta.len()).sum();
    let found =
        format!("damaged databases that were set aside: {}, with {}", count(damaged.len() as u64), bytes(taken));
    let words: Vec<String> = damaged.iter().map(|path| quoted(path)).collect();
    Some(Finding::warn("set-aside", found, format!("rm {}", words.join(" "))))
}

fn socket(path: &Path, uid: u32) -> Finding {
    let (shown, place) = (path.display(), quoted(path));
    let meta: Metadata = match path.symlink_metadata() {
        Ok(meta) => meta,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Finding::ok("socket", format!("{shown} is not there; the daemon makes it"));
        }
        Err(e) => {
            return Finding::fail("socket", format!("{shown} cannot be looked at: {e}"), "make its directory yours");
        }
    };
    if !meta.file_type().is_socket() {
        let found = format!("{shown} is no socket");
        return Finding::fail("socket", found, format!("mv {place} {place}.aside; vigie daemon start"));
    }
    if meta.uid() != uid {
        let found = format!("{shown} belongs to user {}", meta.uid());
        return Finding::fail("socket", found, format!("rm -f {place}; vigie daemon restart"));
    }
    match meta.mode() & 0o777 {
        mode if mode & 0o077 != 0 => {
            let found = format!("others may connect to {shown} (mode {mode:03o}); the daemon closes their connections");
            Finding::warn("socket", found, format!("chmod 600 {place}"))
        }
        mode if mode & 0o600 != 0o600 => Finding::fail(
            "socket",
            format!("you may not connect to {shown} (mode {mode:03o})"),
            format!("chmod 600 {place}"),
        ),
        mode => Finding::ok("socket", format!("{shown}, mode {mode:03o}")),
    }
}

/// What the state directory, or what there is of the way to it, lies on.
fn file_system(dir: &Path) -> Option<Finding> {
    let there = dir.ancestors().find(|above| above.is_dir())?;
    let magic = u64::try_from(rustix::fs::statfs(there).ok()?.f_type).unwrap_or(0) & 0xffff_ffff;
    let network = NETWORK_FILE_SYSTEMS.iter().find(|(known, _)| *known == magic);
    Some(match network {
        Some((_, name)) => Finding::fail(
            "filesystem",
            format!("{} is on {name}, where a database is not safe", dir.display()),
            "export XDG_STATE_HOME=/a/directory/on/a/local/disk",
        ),
        None => Finding::ok("filesystem", format!("{} is on a local file system", dir.display())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getuid;
    use std::fs::{Permissions, create_dir, set_permissions, write};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;
    use vigie_proto::CheckState;

    #[test]
    fn directories_that_others_may_enter_are_told_with_the_command_that_closes_them() {
        let (temp, uid) = (tempfile::tempdir().unwrap(), getuid().as_raw());
        let dir = temp.path().join("run");
        let look = |name| directory(name, &dir, uid);
        assert_eq!(look("runtime").state, CheckState::OK, "not there");
        create_dir(&dir).unwrap();
        set_permissions(&dir, Permissions::from_mode(0o755)).unwrap();
        let open = look("runtime");
        assert_eq!((open.state, open.fix), (CheckState::FAIL, format!("chmod 700 {}", dir.display())));
        assert_eq!(look("state").state, CheckState::WARN);
        set_permissions(&dir, Permissions::from_mode(0o700)).unwrap();
        assert_eq!(look("runtime").state, CheckState::OK);
        assert!(directory("runtime", &dir, uid + 1).fix.starts_with("sudo chown"));
        write(temp.path().join("file"), "").unwrap();
        assert_eq!(directory("runtime", &temp.path().join("file"), uid).state, CheckState::FAIL);
    }

    #[test]
    fn damaged_databases_that_remain_are_named() {
        let temp = tempfile::tempdir().unwrap();
        create_dir(temp.path().join("projects")).unwrap();
        assert_eq!(set_aside(temp.path()), None);
        let path = temp.path().join("projects/a.sqlite.corrupt");
        write(&path, [0; 2048]).unwrap();
        let finding = set_aside(temp.path()).unwrap();
        assert_eq!((finding.state, finding.fix), (CheckState::WARN, format!("rm {}", path.display())));
        assert!(finding.found.ends_with("set aside: 1, with 2.0 KiB"), "{}", finding.found);
        assert_eq!(unwritable(temp.path()), None);
    }

    #[test]
    fn a_socket_is_a_socket_and_ours() {
        let (temp, uid) = (tempfile::tempdir().unwrap(), getuid().as_raw());
        let path = temp.path().join("vigied.sock");
        let _listener = UnixListener::bind(&path).unwrap();
        for (mode, state) in [(0o600, CheckState::OK), (0o666, CheckState::WARN), (0o400, CheckState::FAIL)] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(socket(&path, uid).state, state, "{mode:o}");
        }
        write(temp.path().join("file"), "").unwrap();
        assert_eq!(socket(&temp.path().join("file"), uid).state, CheckState::FAIL);
        assert_eq!(file_system(temp.path()).unwrap().name, "filesystem");
    }
}
