//! What happened, as sentences, newest first.

use std::collections::VecDeque;
use std::path::Path;

use vigie::human::{count, counted, duration_ms, escape};
use vigie::is_terminal;
use vigie_proto::{Bytes, EventType, JobState, ProgressEvent, ProjectEvent, ProjectEventType, Stage};

/// Most sentences that are kept.
const ENTRIES_MAX: usize = 500;
/// Files of a refresh that are named.
const NAMED_MAX: usize = 3;

/// How a sentence is meant. Its words say so too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It goes on.
    Plain,
    /// It ended well.
    Good,
    /// Somebody should know.
    Warning,
    /// It failed.
    Bad,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// When, in milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// How it is meant.
    pub(crate) tone: Tone,
    /// Root of the project that it is about; may be empty.
    pub(crate) project: Bytes,
    /// What.
    pub(crate) text: String,
    /// A commit, which the next one of the same project replaces.
    is_commit: bool,
}

/// The sentences.
#[derive(Debug, Default)]
pub(crate) struct Log(VecDeque<Entry>);

impl Log {
    /// Newest first.
    pub(crate) fn entries(&self) -> &VecDeque<Entry> {
        &self.0
    }

    /// Something about this screen, or the daemon.
    pub(crate) fn say(&mut self, at_ms: u64, tone: Tone, text: String) {
        self.push(Entry { at_ms, tone, project: Bytes::default(), text, is_commit: false });
    }

    /// A state event of a job.
    pub(crate) fn job(&mut self, event: &ProgressEvent) {
        let (tone, what) = step(event);
        let text = format!("job {} {what}", event.job);
        self.push(Entry { at_ms: event.timestamp_ms, tone, project: event.project.clone(), text, is_commit: false });
    }

    /// Something that happened to a project.
    pub(crate) fn project(&mut self, event: &ProjectEvent) {
        let is_commit = event.r#type == ProjectEventType::GENERATION && event.changed.is_empty();
        if is_commit && self.0.front().is_some_and(|last| last.is_commit && last.project == event.project) {
            self.0.pop_front();
        }
        let tone = if event.r#type == ProjectEventType::DROPPED { Tone::Warning } else { Tone::Plain };
        self.push(Entry {
            at_ms: event.timestamp_ms,
            tone,
            project: event.project.clone(),
            text: project_text(event),
            is_commit,
        });
    }

    fn push(&mut self, entry: Entry) {
        self.0.push_front(entry);
        self.0.truncate(ENTRIES_MAX);
    }
}

/// What a state event of a job says.
fn step(event: &ProgressEvent) -> (Tone, String) {
    let message = escape(event.message.as_bytes());
    let told = |what: &str| if message.is_empty() { what.to_owned() } else { format!("{what}: {message}") };
    match event.r#type {
        EventType::COMPLETE => {
            let stats = event.stats.clone().unwrap_or_default();
            let changed = format!("{} of {}", count(stats.files_indexed), counted(stats.files_seen, "file"));
            (Tone::Good, format!("done: {changed} indexed in {}", duration_ms(stats.elapsed_ms)))
        }
        EventType::ERROR => (Tone::Bad, told("failed")),
        EventType::CANCELLED => (Tone::Warning, told("cancelled")),
        _ if is_terminal(event) => (Tone::Plain, told("ended")),
        _ => match event.state {
            JobState::RUNNING if event.stage == Stage::SWITCHING_PROJECTS => (Tone::Plain, told("waits")),
            JobState::RUNNING => (Tone::Plain, event.stage.name().replace('_', " ")),
            state => (Tone::Plain, state.to_string()),
        },
    }
}

fn project_text(event: &ProjectEvent) -> String {
    let what = match event.r#type {
        ProjectEventType::GENERATION => format!("generation {}", count(event.generation)),
        ProjectEventType::OPENED => "store opened".to_owned(),
        ProjectEventType::CLOSED => "store closed".to_owned(),
        other => other.to_string(),
    };
    if !event.changed.is_empty() {
        let names: Vec<_> = event.changed.iter().take(NAMED_MAX).map(|path| escape(&path.0)).collect();
        let more = if event.changed.len() > NAMED_MAX || event.changed_many { ", …" } else { "" };
        return format!("{what}: {}{more}", names.join(", "));
    }
    if event.message.is_empty() { what } else { format!("{what}: {}", escape(event.message.as_bytes())) }
}

/// The name of a project: the last part of its root.
pub(crate) fn project_name(root: &Bytes) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let path = Path::new(std::ffi::OsStr::from_bytes(&root.0));
    escape(path.file_name().unwrap_or(path.as_os_str()).as_bytes())
}
