//! What is known, and where the person is in it. News and keys change it, nothing else does; it asks nobody for the time.

mod coverage;
mod jobs;
mod log;

use std::cmp::Reverse;
use std::collections::VecDeque;

use vigie::human::escape;
use vigie_proto::{ActivityReply, Bytes, FileNow, ProjectRow, ProjectState, Snapshot, StatusReply, WatchState};

pub(crate) use coverage::Coverage;
pub(crate) use jobs::{Job, Jobs};
pub(crate) use log::{Entry, Log, Tone, project_name};

use crate::news::{News, Request};

/// How many seconds of the past the small curves show.
const PAST_SECONDS: usize = 240;

/// The way to the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Nothing was heard yet.
    Connecting,
    /// Events come.
    Up,
    /// They do not, since then and for this reason.
    Down {
        /// Milliseconds since 1970.
        since_ms: u64,
        /// A sentence.
        reason: String,
    },
}

/// A list on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panel {
    /// Known projects.
    Projects,
    /// Jobs.
    Jobs,
    /// Files that take or took long.
    Files,
    /// Questions that took long.
    Queries,
    /// Connections.
    Clients,
    /// What happened.
    Events,
}

impl Panel {
    /// In the order in which Tab goes through them.
    pub(crate) const ALL: [Panel; 6] =
        [Panel::Projects, Panel::Jobs, Panel::Files, Panel::Queries, Panel::Clients, Panel::Events];

    /// Those that share one place where the screen is small.
    pub(crate) const LOWER: [Panel; 4] = [Panel::Files, Panel::Queries, Panel::Clients, Panel::Events];

    /// What it is called.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Panel::Projects => "Projects",
            Panel::Jobs => "Jobs",
            Panel::Files => "Slow files",
            Panel::Queries => "Slow queries",
            Panel::Clients => "Clients",
            Panel::Events => "Events",
        }
    }
}

/// What lies over the panels.
#[derive(Debug)]
pub(crate) enum Over {
    /// Nothing.
    Nothing,
    /// What the keys do.
    Help,
    /// A question to be answered with y or n.
    Confirm(String, Request),
    /// What the index holds of a project.
    Coverage(Box<Coverage>),
}

/// A sentence in the status line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The sentence.
    pub(crate) text: String,
    /// It is about something that did not work.
    pub(crate) failed: bool,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct State {
    /// Milliseconds since 1970.
    pub(crate) now_ms: u64,
    /// Where the person is; what is indexed if there is no project to choose.
    pub(crate) cwd: Bytes,
    /// The home directory, shown as `~`.
    pub(crate) home: Vec<u8>,
    /// The only project shown, if the others are not wanted.
    pub(crate) only: Option<Bytes>,
    /// The way to the daemon.
    pub(crate) link: Link,
    /// Who it is.
    pub(crate) daemon: Option<StatusReply>,
    /// What goes on in it.
    pub(crate) activity: ActivityReply,
    /// It is too old to tell.
    pub(crate) no_activity: bool,
    /// The projects, by root.
    pub(crate) projects: Vec<ProjectRow>,
    /// The jobs.
    pub(crate) jobs: Jobs,
    /// What happened, newest first.
    pub(crate) log: Log,
    /// Files a second of all jobs together, one value a second, the last one newest.
    pub(crate) rates: VecDeque<u64>,
    /// Memory of daemon and workers together, likewise.
    pub(crate) memory: VecDeque<u64>,
    /// The panel that the keys are about.
    pub(crate) focus: Panel,
    /// The one of [`Panel::LOWER`] that was in focus last.
    pub(crate) lower: Panel,
    project: Option<Bytes>,
    job: Option<u64>,
    rows: [usize; 6],
    /// What lies over the panels.
    pub(crate) over: Over,
    /// What was said last.
    pub(crate) said: Option<Said>,
    /// Coverages asked for until now.
    pub(crate) coverages: u64,
    /// The person wants to leave.
    pub(crate) quit: bool,
}

impl State {
    /// Nothing is known yet.
    pub(crate) fn new(cwd: Bytes, home: Vec<u8>, only: Option<Bytes>) -> State {
        State {
            now_ms: 0,
            cwd,
            home,
            only,
            link: Link::Connecting,
            daemon: None,
            activity: ActivityReply::default(),
            no_activity: false,
            projects: Vec::new(),
            jobs: Jobs::default(),
            log: Log::default(),
            rates: VecDeque::new(),
            memory: VecDeque::new(),
            focus: Panel::Projects,
            lower: Panel::Files,
            project: None,
            job: None,
            rows: [0; 6],
            over: Over::Nothing,
            said: None,
            coverages: 0,
            quit: false,
        }
    }

    /// Takes in what happened.
    pub(crate) fn apply(&mut self, news: News) {
        match news {
            News::Snapshot(snapshot) => self.snapshot(&snapshot),
            News::Progress(event) => {
                if !event.sample {
                    self.log.job(&event);
                }
                self.jobs.event(&event);
            }
            News::Project(event) => self.log.project(&event),
            News::Resync(dropped) => {
                self.log.say(
                    self.now_ms,
                    Tone::Warning,
                    format!("{dropped} events were dropped: this screen was slow"),
                );
            }
            News::Down(reason) => self.down(reason),
            News::Status(status) => self.status(*status),
            News::Activity(activity) => self.activity(*activity),
            News::NoActivity => self.no_activity = true,
            News::Projects(rows) => {
                let is_shown = |row: &ProjectRow| self.only.as_ref().is_none_or(|only| *only == row.root);
                self.projects = rows.into_iter().filter(is_shown).collect();
            }
            News::Jobs(rows) => {
                let is_shown = |project: &Bytes| self.only.as_ref().is_none_or(|only| only == project);
                let rows: Vec<_> = rows.into_iter().filter(|row| is_shown(&row.project)).collect();
                self.jobs.list(&rows, self.now_ms);
            }
            News::Done(Ok(text)) => self.said = Some(Said { text, failed: false }),
            News::Done(Err(text)) => self.said = Some(Said { text, failed: true }),
            News::Coverage(number, rows) => {
                if let Some(coverage) = self.coverage(number) {
                    coverage.take(rows);
                }
            }
            News::CoverageEnd(number, end) => {
                if let Some(coverage) = self.coverage(number) {
                    coverage.end(end);
                }
            }
        }
    }

    fn status(&mut self, status: StatusReply) {
        let said = self.daemon.take().map(|before| before.warnings).unwrap_or_default();
        for warning in status.warnings.iter().filter(|warning| !said.contains(warning)) {
            self.log.say(self.now_ms, Tone::Warning, escape(warning.as_bytes()));
        }
        self.daemon = Some(status);
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        if let Link::Down { .. } = self.link {
            self.log.say(self.now_ms, Tone::Good, "connected again".to_owned());
        }
        self.link = Link::Up;
        for event in &snapshot.jobs {
            if vigie::is_terminal(event) && self.jobs.is_active(event.job) {
                self.log.job(event);
            }
            self.jobs.event(event);
        }
    }

    fn down(&mut self, reason: String) {
        let since_ms = match &self.link {
            Link::Down { since_ms, .. } => *since_ms,
            Link::Connecting | Link::Up => {
                self.log.say(self.now_ms, Tone::Bad, format!("no daemon: {reason}"));
                self.now_ms
            }
        };
        self.link = Link::Down { since_ms, reason };
        self.activity = ActivityReply::default();
        self.no_activity = false;
        self.daemon = None;
    }

    fn activity(&mut self, mut activity: ActivityReply) {
        if let Some(only) = &self.only {
            activity.files_now.retain(|file| file.project == *only);
            activity.slow_files.retain(|file| file.project == *only);
            activity.slow_queries.retain(|query| query.project == *only);
        }
        // The daemon tells the newest first.
        activity.slow_files.sort_by_key(|file| Reverse(file.elapsed_us));
        activity.slow_queries.sort_by_key(|query| Reverse(query.elapsed_us));
        self.activity = activity;
        self.no_activity = false;
    }

    /// A second has passed: the curves go on.
    pub(crate) fn second(&mut self) {
        let rate = self.jobs.second();
        for (past, now) in [(&mut self.rates, rate), (&mut self.memory, memory_bytes(&self.activity))] {
            past.push_back(now);
            if past.len() > PAST_SECONDS {
                past.pop_front();
            }
        }
    }

    fn coverage(&mut self, number: u64) -> Option<&mut Coverage> {
        match &mut self.over {
            Over::Coverage(coverage) if coverage.number == number => Some(coverage),
            _ => None,
        }
    }

    /// Files that are being parsed and take long already. The others would only flicker.
    pub(crate) fn slow_now(&self) -> impl Iterator<Item = &FileNow> {
        self.activity.files_now.iter().filter(|file| file.elapsed_ms * 1000 >= self.activity.slow_file_us)
    }

    /// How many rows a panel has.
    pub(crate) fn len(&self, panel: Panel) -> usize {
        match panel {
            Panel::Projects => self.projects.len(),
            Panel::Jobs => self.jobs.rows().len(),
            Panel::Files => self.slow_now().count() + self.activity.slow_files.len(),
            Panel::Queries => self.activity.slow_queries.len(),
            Panel::Clients => self.activity.clients.len(),
            Panel::Events => self.log.entries().len(),
        }
    }

    /// The selected row of a panel. Projects and jobs stay selected when others come and go.
    pub(crate) fn selected(&self, panel: Panel) -> usize {
        let at = match panel {
            Panel::Projects => {
                self.project.as_ref().and_then(|root| self.projects.iter().position(|row| row.root == *root))
            }
            Panel::Jobs => self.job.and_then(|job| self.jobs.rows().iter().position(|row| row.id == job)),
            Panel::Files | Panel::Queries | Panel::Clients | Panel::Events => None,
        };
        at.unwrap_or(self.rows[panel as usize]).min(self.len(panel).saturating_sub(1))
    }

    /// Selects another row of the panel in focus.
    pub(crate) fn select(&mut self, at: usize) {
        let at = at.min(self.len(self.focus).saturating_sub(1));
        self.rows[self.focus as usize] = at;
        match self.focus {
            Panel::Projects => self.project = self.projects.get(at).map(|row| row.root.clone()),
            Panel::Jobs => self.job = self.jobs.rows().get(at).map(|job| job.id),
            Panel::Files | Panel::Queries | Panel::Clients | Panel::Events => {}
        }
    }

    /// Puts a panel into focus.
    pub(crate) fn focus(&mut self, panel: Panel) {
        self.focus = panel;
        if Panel::LOWER.contains(&panel) {
            self.lower = panel;
        }
    }

    /// The job that a key is about: the selected one, or that of the selected project.
    pub(crate) fn job_meant(&self) -> Option<&Job> {
        match self.focus {
            Panel::Projects => self.project_meant().and_then(|row| self.jobs.active_of(&row.root)),
            _ => self.jobs.rows().get(self.selected(Panel::Jobs)),
        }
    }

    /// The project that a key is about: the selected one, or that of the selected job.
    pub(crate) fn project_meant(&self) -> Option<&ProjectRow> {
        match self.focus {
            Panel::Jobs => {
                let root = &self.jobs.rows().get(self.selected(Panel::Jobs))?.project;
                self.projects.iter().find(|row| row.root == *root)
            }
            _ => self.projects.get(self.selected(Panel::Projects)),
        }
    }

    /// Stores that are open, and projects that are followed.
    pub(crate) fn open_and_watched(&self) -> (usize, usize) {
        let count = |fits: fn(&ProjectRow) -> bool| self.projects.iter().filter(|row| fits(row)).count();
        (count(|row| row.state == ProjectState::OPEN), count(|row| row.watch != WatchState::NONE))
    }

    /// What else is to be known of the selected project, if the keys are about projects.
    pub(crate) fn remark(&self) -> Option<&str> {
        let row = self.project_meant().filter(|_| self.focus == Panel::Projects)?;
        let remarks = [&row.watch_note, &row.note].into_iter().chain(&row.warnings);
        remarks.map(String::as_str).find(|remark| !remark.is_empty())
    }

    /// Whether events come.
    pub(crate) fn is_up(&self) -> bool {
        self.link == Link::Up
    }
}

/// Memory of daemon and workers together.
pub(crate) fn memory_bytes(activity: &ActivityReply) -> u64 {
    activity.memory_bytes + workers_bytes(activity)
}

/// Memory of the workers.
pub(crate) fn workers_bytes(activity: &ActivityReply) -> u64 {
    activity.workers.iter().map(|worker| worker.memory_bytes).sum()
}

#[cfg(test)]
pub(crate) mod tests;
