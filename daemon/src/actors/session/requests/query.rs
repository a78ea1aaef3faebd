//! Queries: each page is asked of a reader only when the client has taken most of the one before. Between pages a query holds
//! a saved position and nothing else: no store, no thread, no transaction.

use std::path::Path;
use std::time::{Duration, Instant};

use vigie_core::query::{Need, Options, Page, Query, QueryError, pending, why_no_matches};
use vigie_core::store::registry::JobState;
use vigie_core::store::{ProjectStore, StoreError, Summary};
use vigie_proto::{EventType, Failure, Freshness, Target, WatchState};

use super::{Call, demand};
use crate::actors::indexer::{Active, ActiveOf, RefreshEnd, RefreshFiles, WaitEnd, Waited, Which};
use crate::actors::storage::Lease;
use crate::actors::watcher::{CatchUp, Standing, StandingOf};
use crate::clock::now_ms;
use crate::convert::question::{self, Question, Tie};
use crate::convert::rows::{Part, parts};
use crate::convert::{failures, jobs, progress, projects, rows};

/// About what one page holds, in bytes.
const PAGE_BYTES: usize = 192 << 10;

/// How much longer than its deadline an answer may take that has waited for files until then.
const GRACE: Duration = Duration::from_secs(1);

/// How long a question waits for what happened to a project before anybody asked about it.
const LAG_PATIENCE: Duration = Duration::from_millis(500);

/// Said where that was not long enough.
const LAGS: &str = "what happened to the files while nobody asked may not be in the index yet; --fresh waits for it";

type Start = Box<dyn FnOnce(&ProjectStore, Options) -> Result<Box<dyn Query>, QueryError> + Send>;

/// A query, ready to be asked.
pub(super) struct Ask {
    target: Target,
    options: Options,
    /// What its cursors are tied to.
    tie: Tie,
    deadline_ms: u32,
    before: Before,
    /// What of an index that is being built it waits for.
    need: Option<Need>,
    /// It goes on from what it finds, to what may stand anywhere.
    goes_on: bool,
    start: Start,
}

impl Ask {
    /// A question as it came, and what answers it.
    pub(super) fn new(
        asked: impl Question,
        start: impl FnOnce(&ProjectStore, Options) -> Result<Box<dyn Query>, QueryError> + Send + 'static,
    ) -> Result<Ask, Failure> {
        let question::Split { target, options, tie, fresh, deadline_ms } = question::split(asked)?;
        let before = if fresh { Before::CaughtUp } else { Before::Nothing };
        Ok(Ask { target, options, tie, deadline_ms, before, need: None, goes_on: false, start: Box::new(start) })
    }

    /// The same, which waits for what it needs.
    pub(super) fn needing(self, need: Need) -> Ask {
        Ask { need: Some(need), ..self }
    }

    /// The same, which may go on from what it finds.
    pub(super) fn going_on(self, goes_on: bool) -> Ask {
        Ask { goes_on, ..self }
    }

    /// The same, whose answer is made of what was read for it.
    pub(super) fn read_now(self) -> Ask {
        Ask { before: Before::Read, ..self }
    }

    /// The same, asked when the jobs of the project have ended.
    pub(super) fn after_jobs(self) -> Ask {
        Ask { before: Before::JobsEnd, ..self }
    }
}

/// What must have happened before the first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Nothing: the index answers as it is.
    Nothing,
    /// Reading the files that the answer is about.
    Read,
    /// All that happened before the request must be in the index.
    CaughtUp,
    /// The end of the project's jobs.
    JobsEnd,
}

/// Asks and answers.
pub(super) async fn ask(call: &Call, ask: Ask) -> Result<(), Failure> {
    let deadline_ms = ask.deadline_ms;
    // What has waited for files is answered with what there is.
    let grace = if ask.need.is_some() { GRACE } else { Duration::ZERO };
    let answer = answer(call, ask);
    if deadline_ms == 0 {
        return answer.await;
    }
    let deadline = Duration::from_millis(deadline_ms.into());
    tokio::time::timeout(deadline + grace, answer).await.unwrap_or_else(|_| Err(failures::deadline(deadline_ms)))
}

async fn answer(call: &Call, ask: Ask) -> Result<(), Failure> {
    let began = Instant::now();
    tracing::trace!(deadline_ms = ask.deadline_ms, before = ?ask.before, "query");
    let root = call.resolve(&ask.target).await?;
    call.account.borrow_mut().root = Some(root.clone());
    let tie = ask.tie.within(&root);
    let options = Options { cursor: tie.open(&ask.options.cursor)?, ..ask.options };
    let mut is_fresh = match ask.before {
        Before::Nothing => false,
        Before::Read => true,
        Before::CaughtUp => catch_up(call, &root).await?,
        Before::JobsEnd => {
            jobs_end(call, &root).await?;
            false
        }
    };
    let before = active(call, &root).await?;
    let was_active = !before.moving.is_empty();
    let is_untended = before.moving.is_empty() && before.paused.is_empty();
    if ask.before == Before::Nothing && options.cursor.is_empty() && is_untended {
        let patience = LAG_PATIENCE.min(demand::patience(ask.deadline_ms));
        is_fresh = tokio::time::timeout(patience, has_caught_up(call, &root)).await.unwrap_or(false);
    }
    if let Some(need) = ask.need.as_ref().filter(|_| was_active) {
        demand::meet(call, &root, need, began + demand::patience(ask.deadline_ms)).await?;
    }
    let deadline = (ask.deadline_ms > 0).then(|| began + Duration::from_millis(ask.deadline_ms.into()));
    let Ask { need, goes_on, start, .. } = ask;
    let globs = if options.cursor.is_empty() { options.globs.clone() } else { Vec::new() };
    let start = Some((start, options));
    let (missing, elapsed) = (0, Duration::ZERO);
    let mut work = Work { query: None, start, globs, tie, need, goes_on, is_untended, deadline, missing, elapsed };
    loop {
        let room = call.ticket.outbox.room_for_page(call.ticket.id, PAGE_BYTES).await;
        let lease = call.lease(&root).await?;
        let (back, page) = call.services.readers.run(move || work.page(&lease)).await?;
        work = back;
        call.account.borrow_mut().worked = work.elapsed;
        let (page, summary) = page?;
        for part in parts(page.rows) {
            send(call, &part);
        }
        drop(room);
        if let Some(end) = summary {
            let is_whole = end.pending == 0 && end.summary.is_complete();
            // One that ran when the question was asked matters still, unless what is missing has another reason by now.
            let active = if was_active && is_whole { Active::default() } else { active(call, &root).await? };
            let is_active = was_active || !active.moving.is_empty();
            let freshness = if is_fresh { Freshness::FRESH } else { freshness(call, &root, is_active).await? };
            let paused = active.paused.first().filter(|_| !is_whole && active.moving.is_empty());
            finish(call, &root, &work, &end, freshness, paused.copied());
            return Ok(());
        }
    }
}

/// A query on its way between the session and the readers.
struct Work {
    query: Option<Box<dyn Query>>,
    start: Option<(Start, Options)>,
    /// Those it was narrowed by, unless it goes on where an earlier answer ended.
    globs: Vec<String>,
    tie: Tie,
    need: Option<Need>,
    goes_on: bool,
    /// The project had no job when it was asked.
    is_untended: bool,
    /// When an answer ends that can be cut.
    deadline: Option<Instant>,
    /// Files that the answer needed and the index did not hold when its first page was read: by its end they may have come.
    missing: u64,
    elapsed: Duration,
}

/// How the index stood at the end of an answer.
struct End {
    summary: Summary,
    /// Files that the answer needed and the index does not hold.
    pending: u64,
    /// Why the index holds nothing where it was looked.
    absent: Vec<String>,
}

impl Work {
    /// The next page, and with the last one how the index stands.
    fn page(mut self, lease: &Lease) -> (Work, Result<(Page, Option<End>), Failure>) {
        let began = Instant::now();
        let result = self.next(lease);
        self.elapsed += began.elapsed();
        (self, result)
    }

    fn next(&mut self, lease: &Lease) -> Result<(Page, Option<End>), Failure> {
        let store = lease.store().ok_or_else(failures::unavailable)?;
        if let Some((start, options)) = self.start.take() {
            if self.is_untended && store.summary().is_untouched() {
                // A damaged one was set aside, or its first job was cancelled at once.
                return Err(failures::empty(store.root()));
            }
            self.query = Some(start(store, options).map_err(|e| failed(lease, &e))?);
            self.missing = self.missing(lease, store, &store.summary())?;
        }
        let query = self.query.as_mut().ok_or_else(|| failures::internal("the query was lost"))?;
        let mut page = query.page(store, PAGE_BYTES).map_err(|e| failed(lease, &e))?;
        let is_late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        page.done = page.done || is_late && query.cut();
        let end = if page.done { Some(self.end(lease, store)?) } else { None };
        Ok((page, end))
    }

    fn end(&self, lease: &Lease, store: &ProjectStore) -> Result<End, Failure> {
        let summary = store.summary();
        let pending = self.missing(lease, store, &summary)?.max(self.missing);
        let has_rows = self.query.as_ref().is_some_and(|query| query.report().rows > 0);
        let globs = if has_rows { &[] } else { self.globs.as_slice() };
        let absent = why_no_matches(store, globs).map_err(|e| failed(lease, &e.into()))?;
        Ok(End { summary, pending, absent })
    }

    fn missing(&self, lease: &Lease, store: &ProjectStore, summary: &Summary) -> Result<u64, Failure> {
        let unparsed = match &self.need {
            _ if self.goes_on => summary.structure_pending,
            Some(need) if summary.structure_pending > 0 => {
                pending(store, need).map_err(|e| failed(lease, &e))?.len() as u64
            }
            Some(_) | None => 0,
        };
        // What is not read yet may hold anything.
        let unread = if self.need.is_some() { summary.text_pending } else { 0 };
        Ok(unparsed + unread)
    }
}

/// A damaged store is closed as soon as nobody uses it: opening it again sets it aside.
fn failed(lease: &Lease, error: &QueryError) -> Failure {
    if let QueryError::Store(StoreError::Corrupt { .. }) = error {
        lease.condemn();
    }
    failures::query(error)
}

/// How a leased store's index stands.
pub(super) fn summary_of(lease: &Lease) -> Result<Summary, Failure> {
    let store = lease.store().ok_or_else(failures::unavailable)?;
    Ok(store.summary())
}

fn send(call: &Call, part: &Part) {
    match part {
        Part::Text(part) => call.ticket.send(part),
        Part::FileMatches(part) => call.ticket.send(part),
        Part::Symbols(part) => call.ticket.send(part),
        Part::References(part) => call.ticket.send(part),
        Part::Calls(part) => call.ticket.send(part),
        Part::Hierarchy(part) => call.ticket.send(part),
        Part::Imports(part) => call.ticket.send(part),
        Part::Search(part) => call.ticket.send(part),
        Part::Changed(part) => call.ticket.send(part),
        Part::Context(part) => call.ticket.send(part),
        Part::Map(part) => call.ticket.send(part),
        Part::Impact(part) => call.ticket.send(part),
        Part::Files(part) => call.ticket.send(part),
        Part::Coverage(part) => call.ticket.send(part),
        Part::Dump(part) => call.ticket.send(part),
    }
}

fn finish(call: &Call, root: &Path, work: &Work, end: &End, freshness: Freshness, paused: Option<u64>) {
    let End { summary, pending, absent } = end;
    let mut report = work.query.as_ref().map(|query| query.report()).unwrap_or_default();
    report.cursor = work.tie.seal(report.cursor);
    {
        let mut account = call.account.borrow_mut();
        (account.rows, account.generation) = (report.rows, report.generation);
    }
    report.notes.extend(absent.iter().cloned());
    let is_whole = summary.is_complete() && freshness != Freshness::FRESH;
    report.notes.extend((is_whole && call.services.lagging.has(root)).then(|| LAGS.to_owned()));
    report.notes.extend(
        paused.map(|job| {
            format!("job {job}, which would complete the index, is paused: `vigie resume {job}` has it go on")
        }),
    );
    let age_ms = if freshness == Freshness::FRESH { 0 } else { projects::age_ms(summary, now_ms()) };
    call.ticket.finish(&vigie_proto::QuerySummary {
        root: progress::path_bytes(root),
        freshness,
        age_ms,
        coverage: projects::coverage(summary),
        pending: *pending,
        provisional: work.need.is_some() && *pending == 0 && summary.structure_pending > 0,
        elapsed_us: u64::try_from(work.elapsed.as_micros()).unwrap_or(u64::MAX),
        ..rows::summary(report)
    });
}

/// How current the index is, as far as that is known without looking.
pub(super) async fn freshness(call: &Call, root: &Path, is_active: bool) -> Result<Freshness, Failure> {
    let standing = call.services.watcher.send(StandingOf(root.to_path_buf())).await;
    let standing = standing.map_err(|_| failures::unavailable())?;
    let is_behind = |standing: &Standing| standing.state == WatchState::WATCHED && !standing.is_clean;
    Ok(match standing {
        Some(standing) if standing.is_clean && !is_active => Freshness::FRESH,
        Some(standing) if is_behind(&standing) => Freshness::INDEXING,
        _ if is_active => Freshness::INDEXING,
        _ => Freshness::UNVERIFIED,
    })
}

async fn active(call: &Call, root: &Path) -> Result<Active, Failure> {
    call.services.indexer.send(ActiveOf(root.to_path_buf())).await.map_err(|_| failures::unavailable())
}

/// Waits for the jobs that a project has now; not for one that is paused, which may be so for ever.
async fn jobs_end(call: &Call, root: &Path) -> Result<(), Failure> {
    for job in active(call, root).await?.moving {
        call.services.indexer.send(WaitEnd(job)).await.map_err(|_| failures::unavailable())?;
    }
    Ok(())
}

/// Waits until everything that happened to the tree before this request is in the index: by its watch, or else by a look at the whole
/// of it. Whether it is.
async fn catch_up(call: &Call, root: &Path) -> Result<bool, Failure> {
    if call.services.watcher.send(CatchUp(root.to_path_buf())).await.map_err(|_| failures::unavailable())? {
        return Ok(true);
    }
    let look = RefreshFiles { root: root.to_path_buf(), which: Which::All };
    match call.services.indexer.send(look).await.map_err(|_| failures::unavailable())?? {
        RefreshEnd::Done(_) => Ok(true),
        RefreshEnd::ByJob(job) => job_end(call, job).await,
    }
}

/// The same where the index may lack what happened before anybody asked about the project, and only there.
async fn has_caught_up(call: &Call, root: &Path) -> bool {
    let lagging = &call.services.lagging;
    lagging.known().await;
    // What stands in the way of a look is told to whoever asks for one.
    lagging.has(root) && catch_up(call, root).await.unwrap_or(false)
}

/// Waits for the end of a job. Whether it walked the tree whole.
async fn job_end(call: &Call, job: u64) -> Result<bool, Failure> {
    let end = call.services.indexer.send(WaitEnd(job)).await.map_err(|_| failures::unavailable())?;
    let end = match end {
        Waited::Ended(end) => *end,
        // It ended before it could be waited for, it is paused, or the daemon stops under it.
        Waited::NotHere | Waited::Halted => {
            let record = call.services.registry.call(move |registry| registry.job(job)).await?;
            if record.as_ref().is_some_and(|record| record.state == JobState::Paused) {
                return Ok(false);
            }
            record.as_ref().and_then(jobs::terminal).ok_or_else(failures::unavailable)?
        }
    };
    match end.r#type {
        EventType::COMPLETE => Ok(end.stats.is_none_or(|stats| stats.limit == vigie_proto::Limit::NONE)),
        EventType::CANCELLED => Ok(false),
        _ => Err(failures::walk_failed(&end.project, &end.message)),
    }
}
