//! The Unix socket of a gateway: where it is, whose it may be, and that it is gone with it.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;
use vigie::Options;

use super::UnixPlace;
use super::server::GatewayError;

const NAME: &str = "http.sock";

/// A socket that is listened on.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) listener: UnixListener,
    pub(crate) path: PathBuf,
    inode: u64,
}

impl Socket {
    /// Listens; `None` if another gateway listens where this one would without having been told to.
    pub(crate) fn listen(place: &UnixPlace, options: &Options) -> Result<Option<Socket>, GatewayError> {
        match place {
            UnixPlace::At(path) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                bind(&path).map(Some).map_err(|error| GatewayError::Unix(path, error))
            }
            UnixPlace::Beside => {
                let daemon = options.places().map_err(GatewayError::Daemon)?.socket;
                let directory = daemon.parent().unwrap_or(Path::new("/"));
                let path = directory.join(NAME);
                // The daemon makes it when it starts, and may not have started yet.
                let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
                match made.and_then(|()| bind(&path)) {
                    Ok(socket) => Ok(Some(socket)),
                    Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
                    Err(error) => Err(GatewayError::Unix(path, error)),
                }
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Another gateway may have taken its place.
        if fs::symlink_metadata(&self.path).is_ok_and(|meta| meta.ino() == self.inode) {
            let _gone = fs::remove_file(&self.path);
        }
    }
}

/// Takes the place of a socket on which nobody listens any more.
fn bind(path: &Path) -> io::Result<Socket> {
    if let Ok(meta) = fs::symlink_metadata(path) {
        let is_stale = meta.file_type().is_socket()
            && UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if !is_stale {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    // Whoever connects before is looked at all the same.
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    let inode = fs::symlink_metadata(path)?.ino();
    Ok(Socket { listener, path: path.to_owned(), inode })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dead_socket_is_replaced_and_a_live_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let first = bind(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(bind(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(first);
        assert!(!path.exists());
        fs::write(&path, "somebody's file").unwrap();
        assert_eq!(bind(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        assert!(path.exists());
    }
}
