//! The project of calls that name none: the one the gateway was started for, else the first root of a client that has roots, else the
//! working directory.

#![expect(deprecated, reason = "the newest revision has no roots any more, and those before it have")]

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmcp::service::{RequestContext, RoleServer};

use crate::tools::Project;

/// How long a client may take to name its roots: somebody waits for an answer.
const WITHIN: Duration = Duration::from_secs(2);

/// What the gateway was started with, and what the client said.
#[derive(Debug)]
pub(super) struct Roots {
    given: Project,
    told: Mutex<Option<Project>>,
}

impl Roots {
    pub(super) fn new(given: Project) -> Roots {
        Roots { given, told: Mutex::default() }
    }

    /// The roots are others now.
    pub(super) fn forget(&self) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The project of a call that names none.
    pub(super) async fn usual(&self, context: &RequestContext<RoleServer>) -> Project {
        if let Project::Root(_) = &self.given {
            return self.given.clone();
        }
        let has_roots = context.client_capabilities().is_some_and(|capabilities| capabilities.roots.is_some());
        if !has_roots {
            return self.given.clone();
        }
        if let Some(told) = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return told;
        }
        // Over a revision or a transport without requests to the client this fails at once.
        let Ok(Ok(roots)) = tokio::time::timeout(WITHIN, context.peer.list_roots()).await else {
            return self.given.clone();
        };
        let first = roots.roots.iter().find_map(|root| path(&root.uri));
        let told = first.map_or_else(|| self.given.clone(), Project::Around);
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(told.clone());
        told
    }
}

/// The path of a `file:` URI of this machine.
fn path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), path.as_bytes());
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*byte);
        }
    }
    Some(PathBuf::from(OsString::from_vec(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_of_files_are_paths() {
        let path = |uri| path(uri).map(|path| path.to_string_lossy().into_owned());
        assert_eq!(path("file:///home/ann/a%20b").as_deref(), Some("/home/ann/a b"));
        assert_eq!(path("file://localhost/p").as_deref(), Some("/p"));
        assert_eq!(path("file:///%C3%A4").as_deref(), Some("/ä"));
        for other in ["https://example.org/p", "file://", "file:///%2", "file:///%zz"] {
            assert_eq!(path(other), None, "{other}");
        }
    }
}
