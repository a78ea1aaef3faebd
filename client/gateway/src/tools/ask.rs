//! Asking the daemon within a call: which project, how long, what is done where it is not indexed yet, and what is said of an answer.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vigie::answer::{Advice, Tier, is_text_ready, lack, unread};
use vigie::human::{duration_ms, escape};
use vigie::location::Location;
use vigie::{Client, ClientError, StreamItem, is_terminal};
use vigie_proto::{Bytes, ErrorCode, EventType, Freshness, Index, ProgressEvent, QueryOptions, QuerySummary, Target};

use super::args::Shared;
use super::error::{Refusal, ToolError};
use super::steps::Steps;
use crate::daemon::{Daemon, Following};

/// What a question gets at least once the project is being indexed, though its deadline has passed: enough for what is there.
const LATE: Duration = Duration::from_millis(250);
/// How much later than the daemon the client gives up: the daemon's own answer is the better one.
const GRACE: Duration = Duration::from_secs(2);
/// An answer is not worth a word about its age before that.
const AGE_MIN_MS: u64 = 1000;

/// What an agent does about a partial answer.
const ADVICE: Advice = Advice {
    longer: "a larger deadline_ms waits longer",
    again: "ask again when the job has ended; `index` waits for it",
    names_unread: "`coverage` with the disposition unreadable",
};

/// What a call works with.
pub struct Call<'a> {
    /// The daemon.
    pub daemon: &'a Daemon,
    /// What `project` is where it is not given: an absolute path in it, and whether that is the root itself.
    pub project: &'a Project,
    /// Where the steps of a job are told.
    pub steps: Steps,
}

/// The project of calls that name none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Project {
    /// There is none: each call must name one.
    #[default]
    Unknown,
    /// The one around this path.
    Around(PathBuf),
    /// The one with this root.
    Root(PathBuf),
}

impl Call<'_> {
    /// The project that a call is about: the one it names, else that of a file it names, else the usual one.
    pub(super) fn target(&self, project: &str, file: Option<&Path>) -> Result<Target, Refusal> {
        let around = |path: &Path| Target { path: absolute(path), ..Target::default() };
        if !project.is_empty() {
            let path = Path::new(project);
            return match path.is_absolute() {
                true => Ok(around(path)),
                false => Err(Refusal::argument("project", format!("{project:?} is not an absolute path"))),
            };
        }
        match (self.project, file.filter(|file| file.is_absolute())) {
            (Project::Root(root), _) => {
                let root = absolute(root);
                Ok(Target { path: root.clone(), project: root, ..Target::default() })
            }
            (_, Some(file)) => Ok(around(file)),
            (Project::Around(path), None) => Ok(around(path)),
            (Project::Unknown, None) => {
                Err(Refusal::argument("project", "it is missing, and there is no usual project here"))
            }
        }
    }

    /// What NAME|FILE:LINE:COLUMN asks about, and the file that it names. An absolute one that exists is without links and dots, as the index knows it.
    pub(super) fn asked(text: &str) -> (String, Option<PathBuf>) {
        let Some(location) = Location::parse(text.as_ref()) else { return (text.to_owned(), None) };
        let file = if location.file.is_absolute() {
            PathBuf::from(std::ffi::OsStr::from_bytes(&absolute(location.file).0))
        } else {
            location.file.to_owned()
        };
        // What came as text is text.
        let name = location.name.to_string_lossy();
        (format!("{}:{}:{}{name}", file.display(), location.line, location.column), Some(file))
    }
}

/// One that exists without links and dots, as the index knows it.
pub(super) fn absolute(path: &Path) -> Bytes {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Bytes(path.into_os_string().as_encoded_bytes().to_vec())
}

/// What is asked about, apart from the question itself.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) tier: Tier,
    pub(super) target: Target,
    options: QueryOptions,
    pub(super) until: Instant,
    pub(super) tokens_max: u32,
    /// What there is to be said besides what is said of every answer.
    pub(super) notes: Vec<String>,
}

impl Scope {
    pub(super) fn new(tier: Tier, target: Target, shared: &Shared) -> Scope {
        let options = QueryOptions {
            limit: shared.limit,
            cursor: Bytes(shared.cursor.clone()),
            fresh: shared.fresh,
            languages: shared.lang.clone(),
            globs: shared.path.clone(),
            ..QueryOptions::default()
        };
        let until = Instant::now() + Duration::from_millis(shared.deadline_ms.into());
        Scope { tier, target, options, until, tokens_max: shared.max_tokens, notes: Vec::new() }
    }

    /// Options of a question that is asked now.
    fn options(&self) -> QueryOptions {
        QueryOptions { deadline_ms: left_ms(self.until), ..self.options.clone() }
    }
}

/// What a question gets that is asked now.
pub(super) fn left_ms(until: Instant) -> u32 {
    let left = until.saturating_duration_since(Instant::now()).max(LATE);
    u32::try_from(left.as_millis()).unwrap_or(u32::MAX)
}

/// Runs a question, which is told whether the deadline passed before the project was indexed as far as it needs: a project that is
/// not indexed yet is indexed first.
pub(super) async fn ask<T, Q>(call: &mut Call<'_>, scope: &Scope, question: Q) -> Result<T, ToolError>
where
    T: Send + 'static,
    Q: Fn(&mut Client, &QueryOptions, bool) -> Result<T, ToolError> + Clone + Send + 'static,
{
    let root = match ask_once(call, scope, false, question.clone()).await {
        Err(ToolError::Client(ClientError::Failure(failure)))
            if failure.code == ErrorCode::NOT_INDEXED && !failure.root.is_empty() =>
        {
            failure.root
        }
        answered => return answered,
    };
    let standing = index_first(call, scope, root).await?;
    ask_once(call, scope, standing.is_some(), question).await.map_err(|error| match standing {
        Some(standing) if is_too_early(&error) => ToolError::StillIndexing(standing),
        _ => error,
    })
}

async fn ask_once<T, Q>(call: &Call<'_>, scope: &Scope, is_early: bool, question: Q) -> Result<T, ToolError>
where
    T: Send + 'static,
    Q: Fn(&mut Client, &QueryOptions, bool) -> Result<T, ToolError> + Send + 'static,
{
    let options = scope.options();
    call.daemon
        .run(move |client| {
            client.set_answer_within(Some(Duration::from_millis(options.deadline_ms.into()) + GRACE));
            let answer = match question(client, &options, is_early) {
                // The daemon went away in the middle of its answer, and another one is there or can be started.
                Err(ToolError::Client(error)) if error.is_loss() => question(client, &options, is_early),
                answer => answer,
            };
            client.set_answer_within(None);
            answer
        })
        .await
}

/// Whether a question failed since nothing is indexed yet.
fn is_too_early(error: &ToolError) -> bool {
    match error {
        ToolError::Client(ClientError::Failure(failure)) => {
            [ErrorCode::NOT_INDEXED, ErrorCode::DEADLINE].contains(&failure.code)
        }
        ToolError::Client(ClientError::Deadline) => true,
        _ => false,
    }
}

/// Indexes a project because a question is asked about it, no longer than to the deadline: then it says how far the job is. The job is
/// nobody's: it goes on.
async fn index_first(call: &mut Call<'_>, scope: &Scope, root: Bytes) -> Result<Option<String>, ToolError> {
    let index = Index { path: root.clone(), project: root, ..Index::default() };
    let mut following = call.daemon.index(index).await?;
    let is_enough = |event: &ProgressEvent| scope.tier.needs_text_only() && is_text_ready(event);
    wait_until(call, &mut following, scope.until, is_enough).await
}

/// Waits for a job's end, or for an event that is enough, no longer than to a moment: then it says how far the job is.
pub(super) async fn wait_until(
    call: &mut Call<'_>,
    following: &mut Following,
    until: Instant,
    is_enough: impl Fn(&ProgressEvent) -> bool,
) -> Result<Option<String>, ToolError> {
    let until = tokio::time::Instant::from_std(until);
    let mut last = ProgressEvent::default();
    loop {
        let Ok(item) = tokio::time::timeout_at(until, following.next()).await else { return Ok(Some(standing(&last))) };
        let Some(item) = item.transpose()? else { return Ok(None) };
        for event in events(item) {
            call.steps.tell(&event).await;
            if is_terminal(&event) && event.r#type != EventType::COMPLETE {
                return Err(ToolError::IndexEnded(ended(&event)));
            }
            if is_terminal(&event) || is_enough(&event) {
                return Ok(None);
            }
            last = event;
        }
    }
}

/// The events of a job in what came.
pub(super) fn events(item: StreamItem) -> Vec<ProgressEvent> {
    match item {
        StreamItem::Progress(event) => vec![*event],
        StreamItem::Snapshot(snapshot) => snapshot.jobs,
        _ => Vec::new(),
    }
}

/// How far a job is.
fn standing(event: &ProgressEvent) -> String {
    if event.job == 0 {
        return "its job has just begun".to_owned();
    }
    format!("job {} is {} at {}", event.job, vigie::human::percent(event.permille), event.stage)
}

/// How a job ended that did not end well.
fn ended(event: &ProgressEvent) -> String {
    let how = if event.r#type == EventType::CANCELLED { "was cancelled" } else { "failed" };
    let why = if event.message.is_empty() { String::new() } else { format!(": {}", escape(event.message.as_bytes())) };
    format!("job {} {how}{why}", event.job)
}

/// What an agent should know about an answer.
pub(super) fn notes(tier: Tier, is_early: bool, summary: &QuerySummary, is_cut_short: bool) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(lack(tier, summary, &ADVICE));
    notes.extend(summary.notes.iter().cloned());
    if tier != Tier::Standing {
        notes.extend(unread(&summary.coverage, &ADVICE));
    }
    if is_early {
        notes.push("the project is still being indexed: the answer has what was there at the deadline".to_owned());
    } else if is_cut_short {
        notes.push("the deadline passed: the answer has what was found until then".to_owned());
    }
    if summary.freshness == Freshness::UNVERIFIED && summary.age_ms >= AGE_MIN_MS {
        let age = duration_ms(summary.age_ms);
        notes.push(format!("nobody looked at the files for {age}; `fresh: true` looks first"));
    }
    if summary.generation_changed {
        notes.push("the index changed while this answer was read".to_owned());
    }
    notes
}
