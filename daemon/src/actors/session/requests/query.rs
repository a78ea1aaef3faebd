//! Queries: each page is asked of a reader only when the client has taken most of the one before. Between pages a query holds
//! a saved position and nothing else: no store, no thread, no transaction.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vigie_core::query::{self as engine, Options, Page, Query, QueryError};
use vigie_core::store::{ProjectStore, StoreError, Summary};
use vigie_proto::{
    CoverageQuery, DumpQuery, EventType, Failure, FileMatchQuery, FileQuery, Freshness, JobKind, SymbolQuery, Target,
    TextQuery,
};

use super::Call;
use crate::actors::indexer::{ActiveOf, StartJob, WaitEnd};
use crate::actors::storage::Lease;
use crate::clock::now_ms;
use crate::convert::rows::{Part, parts};
use crate::convert::{failures, jobs, options, progress, projects, rows};

/// About what one page holds, in bytes.
const PAGE_BYTES: usize = 192 << 10;

type Start = Box<dyn FnOnce(&ProjectStore) -> Result<Box<dyn Query>, QueryError> + Send>;

/// A query, ready to be asked.
struct Ask {
    target: Target,
    deadline_ms: u32,
    before: Before,
    start: Start,
}

/// What must have happened before the first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Nothing: the index answers as it is.
    Nothing,
    /// A walk that began after the request.
    Walk,
    /// The end of the project's jobs.
    JobsEnd,
}

fn before(fresh: bool) -> Before {
    if fresh { Before::Walk } else { Before::Nothing }
}

/// Answers a `TextQuery`.
pub(super) async fn text(call: Call, query: TextQuery) -> Result<(), Failure> {
    let (request, options) = (options::text(&query), options::options(&query.options)?);
    let start: Start = Box::new(move |store| engine::text(store, &request, options));
    ask(&call, query.target, query.options.deadline_ms, before(query.options.fresh), start).await
}

/// Answers a `FileMatchQuery`.
pub(super) async fn file_matches(call: Call, query: FileMatchQuery) -> Result<(), Failure> {
    let (count, query) = (options::match_count(query.count)?, query.text);
    let (request, options) = (options::text(&query), options::options(&query.options)?);
    let start: Start = Box::new(move |store| engine::file_matches(store, &request, count, options));
    ask(&call, query.target, query.options.deadline_ms, before(query.options.fresh), start).await
}

/// Answers a `SymbolQuery`.
pub(super) async fn symbols(call: Call, query: SymbolQuery) -> Result<(), Failure> {
    let (request, options) = (options::symbols(&query)?, options::options(&query.options)?);
    let start: Start = Box::new(move |store| engine::symbols(store, request, options));
    ask(&call, query.target, query.options.deadline_ms, before(query.options.fresh), start).await
}

/// Answers a `FileQuery`.
pub(super) async fn files(call: Call, query: FileQuery) -> Result<(), Failure> {
    let (mode, options) = (options::path_mode(query.mode)?, options::options(&query.options)?);
    let wanted = query.query;
    let start: Start = Box::new(move |store| engine::files(store, &wanted, mode, options));
    ask(&call, query.target, query.options.deadline_ms, before(query.options.fresh), start).await
}

/// Answers a `CoverageQuery`.
pub(super) async fn coverage(call: Call, query: CoverageQuery) -> Result<(), Failure> {
    let (wanted, options): (_, Options) =
        (options::dispositions(&query.dispositions)?, options::options(&query.options)?);
    let since = query.since;
    let start: Start = Box::new(move |store| engine::coverage(store, since, &wanted, options));
    ask(&call, query.target, query.options.deadline_ms, before(query.options.fresh), start).await
}

/// Answers a `DumpQuery`.
pub(super) async fn dump(call: Call, query: DumpQuery) -> Result<(), Failure> {
    let before = if query.partial { Before::Nothing } else { Before::JobsEnd };
    ask(&call, query.target, 0, before, Box::new(engine::dump)).await
}

async fn ask(call: &Call, target: Target, deadline_ms: u32, before: Before, start: Start) -> Result<(), Failure> {
    let answer = answer(call, Ask { target, deadline_ms, before, start });
    if deadline_ms == 0 {
        return answer.await;
    }
    let deadline = Duration::from_millis(deadline_ms.into());
    tokio::time::timeout(deadline, answer).await.unwrap_or_else(|_| Err(failures::deadline(deadline_ms)))
}

async fn answer(call: &Call, ask: Ask) -> Result<(), Failure> {
    tracing::trace!(deadline_ms = ask.deadline_ms, before = ?ask.before, "query");
    let root = call.resolve(&ask.target).await?;
    let is_fresh = match ask.before {
        Before::Nothing => false,
        Before::Walk => walk(call, &root).await?,
        Before::JobsEnd => {
            jobs_end(call, &root).await?;
            false
        }
    };
    let was_active = is_active(call, &root).await?;
    let mut work = Work { query: None, start: Some(ask.start), elapsed: Duration::ZERO };
    loop {
        let room = call.ticket.outbox.room_for_page(call.ticket.id, PAGE_BYTES).await;
        let lease = call.lease(&root).await?;
        let (back, page) = call.services.readers.run(move || work.page(&lease)).await?;
        work = back;
        let (page, summary) = page?;
        for part in parts(page.rows) {
            send(call, &part);
        }
        drop(room);
        if let Some(summary) = summary {
            let is_active = was_active || is_active(call, &root).await?;
            let freshness = match (is_fresh, is_active) {
                (true, _) => Freshness::FRESH,
                (false, true) => Freshness::INDEXING,
                (false, false) => Freshness::UNVERIFIED,
            };
            finish(call, &root, &work, &summary, freshness);
            return Ok(());
        }
    }
}

/// A query on its way between the session and the readers.
struct Work {
    query: Option<Box<dyn Query>>,
    start: Option<Start>,
    elapsed: Duration,
}

impl Work {
    /// The next page, and with the last one how the index stands.
    fn page(mut self, lease: &Lease) -> (Work, Result<(Page, Option<Summary>), Failure>) {
        let began = Instant::now();
        let result = self.next(lease);
        self.elapsed += began.elapsed();
        (self, result)
    }

    fn next(&mut self, lease: &Lease) -> Result<(Page, Option<Summary>), Failure> {
        let store = lease.store().ok_or_else(failures::unavailable)?;
        if let Some(start) = self.start.take() {
            self.query = Some(start(store).map_err(|e| failed(lease, &e))?);
        }
        let query = self.query.as_mut().ok_or_else(|| failures::internal("the query was lost"))?;
        let page = query.page(store, PAGE_BYTES).map_err(|e| failed(lease, &e))?;
        let summary = if page.done { Some(summary_of(lease)?) } else { None };
        Ok((page, summary))
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
        Part::Files(part) => call.ticket.send(part),
        Part::Coverage(part) => call.ticket.send(part),
        Part::Dump(part) => call.ticket.send(part),
    }
}

fn finish(call: &Call, root: &Path, work: &Work, summary: &Summary, freshness: Freshness) {
    let report = work.query.as_ref().map(|query| query.report()).unwrap_or_default();
    let age_ms = if freshness == Freshness::FRESH { 0 } else { projects::age_ms(summary, now_ms()) };
    call.ticket.finish(&vigie_proto::QuerySummary {
        root: progress::path_bytes(root),
        freshness,
        age_ms,
        coverage: projects::coverage(summary),
        elapsed_us: u64::try_from(work.elapsed.as_micros()).unwrap_or(u64::MAX),
        ..rows::summary(report)
    });
}

async fn active(call: &Call, root: &Path) -> Result<Vec<u64>, Failure> {
    call.services.indexer.send(ActiveOf(root.to_path_buf())).await.map_err(|_| failures::unavailable())
}

async fn is_active(call: &Call, root: &Path) -> Result<bool, Failure> {
    Ok(!active(call, root).await?.is_empty())
}

/// Waits for the jobs that a project has now.
async fn jobs_end(call: &Call, root: &Path) -> Result<(), Failure> {
    for job in active(call, root).await? {
        call.services.indexer.send(WaitEnd(job)).await.map_err(|_| failures::unavailable())?;
    }
    Ok(())
}

/// Starts or joins a job, whose walk thus begins after this request, and waits for its end. Whether the tree was walked whole.
async fn walk(call: &Call, root: &Path) -> Result<bool, Failure> {
    let start = StartJob {
        root: PathBuf::from(root),
        kind: JobKind::INDEX.0,
        force: false,
        budget: vigie_core::index::Budget::default(),
        owner: None,
    };
    let started = call.services.indexer.send(start).await.map_err(|_| failures::unavailable())??;
    let end = call.services.indexer.send(WaitEnd(started.job)).await.map_err(|_| failures::unavailable())?;
    let end = match end {
        Some(end) => end,
        // It ended before it could be waited for, or the daemon stops under it.
        None => {
            let record = call.services.registry.call(move |registry| registry.job(started.job)).await?;
            record.as_ref().and_then(jobs::terminal).ok_or_else(failures::unavailable)?
        }
    };
    match end.r#type {
        EventType::COMPLETE => Ok(end.stats.is_none_or(|stats| stats.limit == vigie_proto::Limit::NONE)),
        EventType::CANCELLED => Ok(false),
        _ => Err(failures::walk_failed(&end.project, &end.message)),
    }
}
