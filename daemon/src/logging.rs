//! The log and the panic hook. Neither ever holds a file's contents or a query: the hook writes where a panic happened and in
//! which thread, never its payload, because a slice panic's payload is the string it sliced.
//!
//! Under systemd standard error is the journal, which reads a line's priority from `<N>` before it (sd-daemon(3)). Nothing else is
//! needed: no socket of the journal's own, which may not be there, and no field that a line of text does not hold.

mod rotation;

use std::fmt;
use std::path::PathBuf;
use std::sync::Mutex;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::{Compact, Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use self::rotation::RotatingFile;
use crate::config::LogTarget;

/// A log that would be larger than this is put aside, and a new one begun, in bytes. One that was put aside is kept.
const LOG_BYTES_MAX: u64 = 8 << 20;
/// Crates whose words are known to hold neither contents nor queries.
const OUR_CRATES: [&str; 3] = ["vigied", "vigie_core", "vigie_proto"];

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the log {path}: {source}; pass --log FILE or --log stderr", path = path.display())]
pub(crate) struct LogError {
    path: PathBuf,
    source: std::io::Error,
}

/// Which lines the log has, to be changed.
pub(crate) struct LogFilter(Box<dyn Fn(EnvFilter) + Send + Sync>);

impl LogFilter {
    /// From now on the lines that this says.
    pub(crate) fn set(&self, filter: &str) {
        (self.0)(parse(filter));
    }
}

/// Whoever settled the configuration has seen that it is one.
fn parse(filter: &str) -> EnvFilter {
    EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Starts logging.
pub(crate) fn start(target: &LogTarget, filter: &str) -> Result<LogFilter, LogError> {
    // A terminal may be gone by now, and what cannot be written need not be told there.
    let builder = tracing_subscriber::fmt().with_env_filter(parse(filter)).with_ansi(false).with_target(false);
    let builder = builder.log_internal_errors(false);
    let filter = match target {
        LogTarget::Stderr => {
            let builder = builder.with_writer(std::io::stderr).with_filter_reloading();
            let filter = builder.reload_handle();
            install(builder.finish());
            // Only a subscriber that is gone takes no other filter.
            LogFilter(Box::new(move |new| drop(filter.reload(new))))
        }
        LogTarget::Journal => {
            let builder = builder.with_writer(std::io::stderr).event_format(JournalLine::default());
            let builder = builder.with_filter_reloading();
            let filter = builder.reload_handle();
            install(builder.finish());
            LogFilter(Box::new(move |new| drop(filter.reload(new))))
        }
        LogTarget::File(path) => {
            let opened = RotatingFile::open(path, LOG_BYTES_MAX);
            let file = opened.map_err(|source| LogError { path: path.clone(), source })?;
            let builder = builder.with_writer(Mutex::new(file)).with_filter_reloading();
            let filter = builder.reload_handle();
            install(builder.finish());
            LogFilter(Box::new(move |new| drop(filter.reload(new))))
        }
    };
    std::panic::set_hook(Box::new(|panic| log_panic(panic.location())));
    Ok(filter)
}

/// A line for the journal: its priority first, and no time, which the journal has itself.
struct JournalLine(Format<Compact, ()>);

impl Default for JournalLine {
    fn default() -> JournalLine {
        JournalLine(Format::default().compact().without_time().with_target(false).with_level(false).with_ansi(false))
    }
}

impl<S, N> FormatEvent<S, N> for JournalLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        self.0.format_event(context, writer, event)
    }
}

/// A level as syslog(3) numbers it.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

/// Only our own crates may write, whatever the filter says: a regex library logs the patterns it compiles.
fn install(subscriber: impl Subscriber + Send + Sync + for<'a> LookupSpan<'a>) {
    let ours = filter_fn(|meta| OUR_CRATES.iter().any(|name| is_of_crate(meta.target(), name)));
    // A second start in one process (tests) keeps the first subscriber.
    let _second = tracing::subscriber::set_global_default(subscriber.with(ours));
}

fn is_of_crate(target: &str, name: &str) -> bool {
    target.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn log_panic(place: Option<&std::panic::Location<'_>>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    match place {
        Some(place) => tracing::error!(thread, file = place.file(), line = place.line(), "panic"),
        None => tracing::error!(thread, "panic"),
    }
}
