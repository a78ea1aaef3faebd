//! Follows a job's event stream to its end, to a point on the way, or to Ctrl-C, and shows it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Instant;

use vigie::{EventStream, StreamItem, Wait, is_terminal};
use vigie_proto::{
    Disposition, EventType, FileEvent, FileEvents, JobState, Limit, ProgressEvent, ProjectEvent, Resync, Stage,
};

use super::context::Context;
use super::exit::{CliError, Exit};
use super::interrupt::Interrupt;
use crate::ui::output::{Output, Reader, note, stderr_line};
use crate::ui::progress::{Live, Plain, summary};
use vigie::answer::is_text_ready;
use vigie::human::{count, counted, escape, relative};
use vigie::records;

/// Where following ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// With the job.
    End,
    /// When every file is searchable as text.
    TextReady,
    /// With Ctrl-C: the stream is of many jobs, and none of them is its end.
    Interrupt,
}

/// How a job is followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Follow {
    /// Where it ends.
    pub(crate) until: Until,
    /// Ctrl-C cancels the job instead of leaving it.
    pub(crate) own: bool,
    /// Files are printed, so what else is said goes to stderr.
    pub(crate) files: bool,
    /// The job is a means to an end: no events and no summary on stdout.
    pub(crate) aside: bool,
    /// A job that it joins was begun by this very command.
    pub(crate) begun: bool,
}

/// How events are shown.
#[derive(Debug)]
enum View {
    Json,
    Live(Live),
    Plain(Plain),
    /// One stream, many jobs: each with its own pace, on stdout.
    Log(HashMap<u64, Plain>),
}

/// Follows one job.
pub(crate) fn job(context: &mut Context, stream: EventStream, follow: Follow) -> Result<Exit, CliError> {
    // Without a deadline none passes.
    Ok(job_until(context, stream, follow, None)?.unwrap_or(Exit::Failure))
}

/// The same, no longer than to a deadline; `None` = it passed, and the job goes on.
pub(crate) fn job_until(
    context: &mut Context,
    stream: EventStream,
    follow: Follow,
    deadline: Option<Instant>,
) -> Result<Option<Exit>, CliError> {
    let view = if context.global.json && !follow.aside {
        View::Json
    } else if context.out.stderr_is_terminal() {
        View::Live(Live::new())
    } else {
        View::Plain(Plain::default())
    };
    Follower::new(context, view, follow).run(stream, deadline)
}

/// Follows all jobs of a stream that does not end by itself.
pub(crate) fn all(context: &mut Context, stream: EventStream) -> Result<Exit, CliError> {
    let view = if context.global.json { View::Json } else { View::Log(HashMap::new()) };
    let follow = Follow { until: Until::Interrupt, own: false, files: false, aside: false, begun: false };
    Ok(Follower::new(context, view, follow).run(stream, None)?.unwrap_or(Exit::Failure))
}

struct Follower<'a> {
    out: &'a mut Output,
    cwd: PathBuf,
    view: View,
    follow: Follow,
    root: Vec<u8>,
    interrupted: bool,
}

/// Whether to go on following.
type Step = Result<Option<Exit>, CliError>;

impl<'a> Follower<'a> {
    fn new(context: &'a mut Context, view: View, follow: Follow) -> Follower<'a> {
        let cwd = context.cwd.clone();
        Follower { out: &mut context.out, cwd, view, follow, root: Vec::new(), interrupted: false }
    }

    /// How following ended; `None` = with the deadline.
    fn run(mut self, mut stream: EventStream, deadline: Option<Instant>) -> Result<Option<Exit>, CliError> {
        let mut interrupt =
            Interrupt::listen().map_err(|source| CliError::System { what: "listen for Ctrl-C", source })?;
        loop {
            let wait = Wait { deadline, wake: Some(interrupt.fd()) };
            if wait.is_over() {
                return Ok(None);
            }
            let item = stream.next(&wait)?;
            let exit = match item {
                Some(StreamItem::Wake) if interrupt.take() => self.interrupt(&mut stream)?,
                Some(item) => self.show(item, stream.job())?,
                // Only a daemon that breaks its word ends the stream without a terminal event.
                None => Some(Exit::Failure),
            };
            if exit.is_some() {
                return Ok(exit);
            }
            // While more is there to be read, writing waits: a reader that writes each frame at once falls behind.
            if stream.is_idle() && self.out.flush() == Reader::Gone {
                return Ok(Some(Exit::Done));
            }
        }
    }

    /// The first Ctrl-C cancels a job of our own, and leaves any other; the second leaves.
    fn interrupt(&mut self, stream: &mut EventStream) -> Step {
        if let View::Live(live) = &self.view {
            live.take_back_key();
        }
        if self.follow.own && !self.interrupted {
            self.interrupted = true;
            self.say("cancelling; Ctrl-C again leaves at once");
            return match stream.cancel() {
                Ok(()) => Ok(None),
                // The stream sends it again once it has connected again.
                Err(error) if error.is_loss() => Ok(None),
                Err(error) => Err(error.into()),
            };
        }
        let job = stream.job();
        if job != 0 && !self.interrupted {
            self.say(&format!("job {job} goes on; `vigie cancel {job}` stops it, `vigie attach {job}` shows it again"));
        }
        Ok(Some(Exit::Interrupted))
    }

    fn show(&mut self, item: StreamItem, job: u64) -> Step {
        match item {
            StreamItem::Accepted(accepted) => {
                self.root.clone_from(&accepted.root.0);
                if accepted.resumed {
                    self.say(&format!("joined job {}, which was paused and goes on now", accepted.job));
                } else if accepted.joined && !self.follow.begun {
                    self.say(&format!("joined job {}, which was running already", accepted.job));
                }
            }
            StreamItem::Snapshot(snapshot) => {
                for event in &snapshot.jobs {
                    if let Some(exit) = self.event(event)? {
                        return Ok(Some(exit));
                    }
                }
            }
            StreamItem::Progress(event) => return self.event(&event),
            StreamItem::Files(files) => return Ok(self.files(&files)),
            StreamItem::Resync(resync) => return Ok(self.resync(&resync)),
            StreamItem::Project(event) => return Ok(self.project(&event)),
            StreamItem::Lost(reason) => self.say(&format!("{reason}; connecting again")),
            StreamItem::Resumed if job != 0 => self.say(&format!("connected again, following job {job}")),
            StreamItem::Resumed => self.say("connected again"),
            StreamItem::KeepAlive(_) | StreamItem::CancelAck(_) | StreamItem::Wake => {}
        }
        Ok(None)
    }

    fn event(&mut self, event: &ProgressEvent) -> Step {
        if self.root.is_empty() {
            self.root.clone_from(&event.project.0);
        }
        let reader = match &mut self.view {
            View::Json => self.out.line(records::progress(event).finish()),
            View::Live(live) => {
                live.show(event);
                Reader::Listening
            }
            View::Plain(plain) => {
                if let Some(line) = plain.line(event).filter(|_| !is_terminal(event)) {
                    note(&line);
                }
                Reader::Listening
            }
            View::Log(jobs) => log(self.out, jobs, event),
        };
        Ok(match reader {
            Reader::Gone => Some(Exit::Done),
            Reader::Listening if self.follow.until == Until::Interrupt => None,
            Reader::Listening => self.end(event),
        })
    }

    /// Whether this event is where following ends; says what the job did.
    fn end(&mut self, event: &ProgressEvent) -> Option<Exit> {
        // Whoever only wants to ask something does not wait for what may never come.
        if self.follow.aside && event.state == JobState::PAUSED {
            return Some(Exit::Partial);
        }
        if !is_terminal(event) {
            return (self.follow.until == Until::TextReady && is_text_ready(event)).then_some(Exit::Done);
        }
        let json = matches!(self.view, View::Json);
        // The display goes before the summary comes.
        self.view = View::Json;
        let exit = terminal_exit(event, self.interrupted);
        let ended_well = event.r#type == EventType::COMPLETE;
        let silent = json || (self.follow.aside && ended_well);
        if !silent {
            self.summary(event, ended_well && !self.follow.files);
        }
        Some(exit)
    }

    fn summary(&mut self, event: &ProgressEvent, on_stdout: bool) {
        for line in summary(event) {
            if on_stdout {
                // A reader that is gone misses the summary, no more.
                let _still = self.out.line(line);
            } else {
                stderr_line(&line);
            }
        }
    }

    fn files(&mut self, files: &FileEvents) -> Option<Exit> {
        let reader = match &mut self.view {
            View::Json => {
                let mut reader = Reader::Listening;
                for line in records::files_dropped(files)
                    .into_iter()
                    .chain(files.files.iter().map(|file| records::file_event(files.job, file)))
                {
                    reader = self.out.line(line.finish());
                }
                reader
            }
            // Only what goes to the terminal has to go around the display there.
            View::Live(live) if self.out.stdout_is_terminal() => live.suspend(|| {
                let _still = file_lines(self.out, &self.root, &self.cwd, files);
                self.out.flush()
            }),
            View::Live(_) | View::Plain(_) | View::Log(_) => file_lines(self.out, &self.root, &self.cwd, files),
        };
        (reader == Reader::Gone).then_some(Exit::Done)
    }

    fn resync(&mut self, resync: &Resync) -> Option<Exit> {
        if matches!(self.view, View::Json) {
            return (self.out.line(records::resync(resync).finish()) == Reader::Gone).then_some(Exit::Done);
        }
        self.say(&format!("{} events were dropped because this reader is slow", resync.dropped));
        None
    }

    fn project(&mut self, event: &ProjectEvent) -> Option<Exit> {
        let line = match &self.view {
            View::Json => records::project_event(event).finish(),
            View::Log(_) => project_line(event),
            View::Live(_) | View::Plain(_) => return None,
        };
        (self.out.line(line) == Reader::Gone).then_some(Exit::Done)
    }

    /// A sentence for the person, above a live display.
    fn say(&self, sentence: &str) {
        match &self.view {
            View::Live(live) => live.suspend(|| note(sentence)),
            View::Json | View::Plain(_) | View::Log(_) => note(sentence),
        }
    }
}

fn terminal_exit(event: &ProgressEvent, interrupted: bool) -> Exit {
    // What could not be read is in no answer, as what a limit left out.
    let limited = event.stats.as_ref().is_some_and(|stats| stats.limit != Limit::NONE || stats.files_unread > 0);
    match event.r#type {
        EventType::COMPLETE if limited => Exit::Partial,
        EventType::COMPLETE => Exit::Done,
        EventType::CANCELLED if interrupted => Exit::Interrupted,
        EventType::CANCELLED => Exit::Cancelled,
        _ => Exit::Failure,
    }
}

fn log(out: &mut Output, jobs: &mut HashMap<u64, Plain>, event: &ProgressEvent) -> Reader {
    let lines = if is_terminal(event) {
        jobs.remove(&event.job);
        summary(event)
    } else {
        let line = jobs.entry(event.job).or_default().line(event);
        line.map(|line| format!("job {}: {}: {line}", event.job, escape(&event.project.0))).into_iter().collect()
    };
    out.write(lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes())
}

fn project_line(event: &ProjectEvent) -> String {
    let message = if event.message.is_empty() { String::new() } else { format!(": {}", event.message) };
    let line = format!("project {}, generation {}{message}", event.r#type, event.generation);
    format!("{}: {}", escape(&event.project.0), escape(line.as_bytes()))
}

fn file_lines(out: &mut Output, root: &[u8], cwd: &std::path::Path, files: &FileEvents) -> Reader {
    if files.dropped > 0 {
        note(&format!("{} files are not shown because this reader is slow; `vigie coverage` has them", files.dropped));
    }
    for file in &files.files {
        let path = relative(root, &file.path.0, cwd);
        let mut line = out.safe(&path).into_owned();
        line.extend_from_slice(format!("\t{}", what_became(file)).as_bytes());
        if !file.reason.is_empty() {
            line.push(b'\t');
            line.extend_from_slice(&out.safe(file.reason.as_bytes()));
        }
        line.push(b'\n');
        if out.write(&line) == Reader::Gone {
            return Reader::Gone;
        }
    }
    Reader::Listening
}

/// What became of a file in a stage, and how long that took.
fn what_became(file: &FileEvent) -> String {
    let time = format!("{} µs", count(file.micros));
    match (file.disposition, file.stage) {
        (Disposition::INDEXED, Stage::SCANNING) => format!("read\t{time}"),
        (Disposition::INDEXED, _) => format!("parsed\t{time}\t{}", counted(u64::from(file.symbols), "symbol")),
        (other, _) => format!("{other}\t{time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_proto::Stats;

    #[test]
    fn a_file_is_first_read_and_then_parsed() {
        let file = FileEvent { disposition: Disposition::INDEXED, micros: 1_200, ..FileEvent::default() };
        assert_eq!(what_became(&FileEvent { stage: Stage::SCANNING, ..file.clone() }), "read\t1,200 µs");
        let parsed = FileEvent { stage: Stage::INDEXING, symbols: 1, ..file.clone() };
        assert_eq!(what_became(&parsed), "parsed\t1,200 µs\t1 symbol");
        let binary = FileEvent { disposition: Disposition::BINARY, stage: Stage::SCANNING, ..file };
        assert_eq!(what_became(&binary), "binary\t1,200 µs");
    }

    #[test]
    fn exit_codes_of_terminal_events() {
        let exit = |r#type, limit, interrupted| {
            let stats = Some(Stats { limit, ..Stats::default() });
            terminal_exit(&ProgressEvent { r#type, stats, ..ProgressEvent::default() }, interrupted).code()
        };
        assert_eq!(exit(EventType::COMPLETE, Limit::NONE, false), 0);
        assert_eq!(exit(EventType::COMPLETE, Limit::SECONDS, false), 3);
        let stats = Some(Stats { files_unread: 1, ..Stats::default() });
        let unread = ProgressEvent { r#type: EventType::COMPLETE, stats, ..ProgressEvent::default() };
        assert_eq!(terminal_exit(&unread, false).code(), 3);
        assert_eq!(exit(EventType::ERROR, Limit::NONE, false), 2);
        assert_eq!(exit(EventType::CANCELLED, Limit::NONE, false), 4);
        assert_eq!(exit(EventType::CANCELLED, Limit::NONE, true), 130);
    }
}
