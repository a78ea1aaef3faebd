//! What every command works with: the client, the output, and the directory it was typed in.

use std::env;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vigie::{Client, Options};
use vigie_proto::{Bytes, Target};

use super::args::Global;
use super::exit::CliError;
use super::surroundings;
use crate::ui::output::Output;

/// How much later than the daemon the client gives up on a request's deadline: the daemon's own answer is the better one.
const DEADLINE_GRACE: Duration = Duration::from_secs(2);

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) out: Output,
    pub(crate) global: Global,
    pub(crate) cwd: PathBuf,
}

impl Context {
    /// Nothing is connected yet. `name` is what the daemon is told about who asks.
    pub(crate) fn new(global: Global, name: &str) -> Result<Context, CliError> {
        let cwd =
            env::current_dir().map_err(|source| CliError::System { what: "tell the current directory", source })?;
        let mut options = Options::new(name, env!("CARGO_PKG_VERSION"));
        options.socket.clone_from(&global.socket);
        options.spawn = !global.no_spawn;
        Ok(Context { client: Client::new(options), out: Output::new(surroundings::look(&global)), global, cwd })
    }

    /// How the daemon is reached.
    pub(crate) fn options(&self) -> Options {
        self.client.options().clone()
    }

    /// Gives up on requests some time after their deadline; 0 = never.
    pub(crate) fn set_deadline(&mut self, deadline_ms: u32) {
        if deadline_ms > 0 {
            let within = Duration::from_millis(u64::from(deadline_ms)) + DEADLINE_GRACE;
            self.client = Client::new(self.options()).answer_within(within);
        }
    }

    /// The project a request is about: that of an absolute path, by default that of the current directory.
    pub(crate) fn target(&self, path: Option<&Bytes>) -> Target {
        let path = path.cloned().unwrap_or_else(|| self.path_or_cwd(None));
        Target { path, project: self.project(), ..Target::default() }
    }

    /// The root given with `--project`, or nothing.
    pub(crate) fn project(&self) -> Bytes {
        self.global.project.as_deref().map(|root| self.absolute(root)).unwrap_or_default()
    }

    /// An argument that may be gone, as an absolute path: what there is of the way to it is without links.
    pub(crate) fn absolute_or_gone(&self, path: &Path) -> Bytes {
        let joined = self.cwd.join(path);
        let known = joined.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
        let path = known.and_then(|(above, real)| {
            let rest = joined.strip_prefix(above).ok()?;
            let is_plain = rest.components().all(|part| matches!(part, std::path::Component::Normal(_)));
            // Joined with nothing, a file would become a directory.
            is_plain.then(|| if rest.as_os_str().is_empty() { real } else { real.join(rest) })
        });
        Bytes(path.unwrap_or(joined).into_os_string().as_bytes().to_vec())
    }

    /// The absolute path of an argument, or the current directory.
    pub(crate) fn path_or_cwd(&self, path: Option<&Path>) -> Bytes {
        match path {
            Some(path) => self.absolute(path),
            None => Bytes(self.cwd.as_os_str().as_bytes().to_vec()),
        }
    }

    /// An argument as an absolute path; one that exists without links and dots, as the index knows it.
    pub(crate) fn absolute(&self, path: &Path) -> Bytes {
        let joined = self.cwd.join(path);
        let path = joined.canonicalize().unwrap_or(joined);
        Bytes(path.into_os_string().as_bytes().to_vec())
    }
}
