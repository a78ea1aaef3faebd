//! The log and the panic hook. Neither ever holds a file's contents or a query: the hook writes where a panic happened and in
//! which thread, never its payload, because a slice panic's payload is the string it sliced.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::config::LogTarget;

/// A log larger than this is put aside when the daemon starts, in bytes.
const LOG_BYTES_MAX: u64 = 8 << 20;

/// Starts logging.
pub(crate) fn start(target: &LogTarget, filter: &str) -> std::io::Result<()> {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_target(false);
    // A second start in one process (tests) keeps the first subscriber.
    let _second = match target {
        LogTarget::Stderr => builder.with_writer(std::io::stderr).try_init(),
        LogTarget::File(path) => {
            put_aside(path);
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
            builder.with_writer(Mutex::new(file)).try_init()
        }
    };
    std::panic::set_hook(Box::new(|panic| log_panic(panic.location())));
    Ok(())
}

fn put_aside(path: &Path) {
    if path.metadata().is_ok_and(|log| log.len() > LOG_BYTES_MAX) {
        let mut old = path.as_os_str().to_owned();
        old.push(".old");
        let _kept = std::fs::rename(path, old);
    }
}

fn log_panic(place: Option<&std::panic::Location<'_>>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    match place {
        Some(place) => tracing::error!(thread, file = place.file(), line = place.line(), "panic"),
        None => tracing::error!(thread, "panic"),
    }
}
