//! What clients ask, one file a command or family. Each request runs as a task of its own and answers through its ticket.

mod connection;

mod index;

mod refresh;

mod jobs;

mod pause;

mod subscribe;

mod status;

mod config;

mod activity;

mod metrics;

mod check;

mod projects;

mod watch;

mod query;

mod demand;

mod text;

mod structure;

mod search;

mod changed;

mod reading;

mod target;

use std::cell::RefCell;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix::{Addr, Recipient};
use vigie_proto::{
    Activity, CallQuery, CancelJob, ChangedQuery, Check, Config, ContextQuery, CoverageQuery, DumpQuery, Failure,
    FileMatchQuery, FileQuery, Forget, Frame, HierarchyQuery, ImpactQuery, ImportQuery, Index, Kind, ListJobs,
    ListProjects, MapQuery, Message, Metrics, PauseJob, Ping, ReferenceQuery, Refresh, ResumeJob, SearchQuery,
    Shutdown, Status, Subscribe, SymbolQuery, TextQuery, Watch, decode,
};

use vigie_proto::kind::Sender;

pub(super) use self::target::Resolved;
use super::ticket::Ticket;
use super::{Services, Session};
use crate::actors::indexer::OwnerLeaves;
use crate::actors::storage::{Acquire, Lease};
use crate::convert::failures;
use crate::telemetry::{Client, SlowQuery};

/// What a request works with.
pub(super) struct Call {
    /// Where its answer goes.
    pub(super) ticket: Arc<Ticket>,
    /// Whom it asks.
    pub(super) services: Services,
    /// Who asks, as it called itself.
    pub(super) client: Arc<str>,
    /// Its session.
    pub(super) session: Addr<Session>,
    /// Which project the request before was about.
    pub(super) resolved: Rc<Resolved>,
    /// What comes of it, for whoever looks on.
    pub(super) account: Rc<RefCell<Account>>,
}

/// What came of a question: kept if it took long. What was asked is not in it.
#[derive(Debug, Default)]
pub(super) struct Account {
    root: Option<PathBuf>,
    rows: u64,
    generation: u64,
    worked: Duration,
}

impl Account {
    /// As it is remembered; when it was asked, and how it ended, who measures it knows.
    pub(super) fn slow_query(self, client: &Client) -> SlowQuery {
        let Account { root, rows, generation, worked } = self;
        let client = client.greeting.get().map(|(name, _)| name.clone()).unwrap_or_default();
        SlowQuery { root, rows, generation, worked, client, ..SlowQuery::default() }
    }
}

type Request = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// The task that answers a frame; an error if it is no request, or not now.
pub(super) fn begin(call: Call, frame: &Frame) -> Result<Request, Failure> {
    let kind = frame.header.kind;
    let is_stopping = call.services.about.stopping.load(Ordering::Relaxed);
    if is_stopping && ![Ping::KIND, Status::KIND, Shutdown::KIND].contains(&kind) {
        return Err(failures::unavailable());
    }
    Ok(match kind {
        Ping::KIND => Box::pin(connection::ping(call, body(frame)?)),
        Shutdown::KIND => Box::pin(connection::shutdown(call, body(frame)?)),
        Index::KIND => Box::pin(index::run(call, body(frame)?)),
        Refresh::KIND => Box::pin(refresh::run(call, body(frame)?)),
        ListJobs::KIND => Box::pin(jobs::list(call, body(frame)?)),
        CancelJob::KIND => Box::pin(jobs::cancel(call, body(frame)?)),
        Subscribe::KIND => Box::pin(subscribe::run(call, body(frame)?)),
        Status::KIND => Box::pin(status::run(call, body(frame)?)),
        Watch::KIND => Box::pin(watch::watch(call, body(frame)?)),
        Forget::KIND => Box::pin(watch::forget(call, body(frame)?)),
        Config::KIND => Box::pin(config::run(call, body(frame)?)),
        PauseJob::KIND => Box::pin(pause::pause(call, body(frame)?)),
        ResumeJob::KIND => Box::pin(pause::resume(call, body(frame)?)),
        Metrics::KIND => Box::pin(metrics::run(call, body(frame)?)),
        Activity::KIND => Box::pin(activity::run(call, body(frame)?)),
        Check::KIND => Box::pin(check::run(call, body(frame)?)),
        ListProjects::KIND => Box::pin(projects::list(call, body(frame)?)),
        TextQuery::KIND => Box::pin(text::text(call, body(frame)?)),
        FileMatchQuery::KIND => Box::pin(text::file_matches(call, body(frame)?)),
        FileQuery::KIND => Box::pin(text::files(call, body(frame)?)),
        CoverageQuery::KIND => Box::pin(text::coverage(call, body(frame)?)),
        DumpQuery::KIND => Box::pin(text::dump(call, body(frame)?)),
        SymbolQuery::KIND => Box::pin(structure::symbols(call, body(frame)?)),
        ReferenceQuery::KIND => Box::pin(structure::references(call, body(frame)?)),
        CallQuery::KIND => Box::pin(structure::calls(call, body(frame)?)),
        HierarchyQuery::KIND => Box::pin(structure::hierarchy(call, body(frame)?)),
        ContextQuery::KIND => Box::pin(reading::context(call, body(frame)?)),
        MapQuery::KIND => Box::pin(reading::map(call, body(frame)?)),
        ImpactQuery::KIND => Box::pin(structure::impact(call, body(frame)?)),
        SearchQuery::KIND => Box::pin(search::search(call, body(frame)?)),
        ChangedQuery::KIND => Box::pin(changed::changed(call, body(frame)?)),
        ImportQuery::KIND => Box::pin(structure::imports(call, body(frame)?)),
        _ => return Err(failures::unimplemented(&format!("message kind {} is not known here", kind.0))),
    })
}

/// Whether a kind is a client's to send.
pub(super) fn is_known(kind: Kind) -> bool {
    Kind::ALL.iter().any(|(known, _, sender)| *known == kind && *sender == Sender::Client)
}

fn body<M: Message>(frame: &Frame) -> Result<M, Failure> {
    decode(&frame.body).map_err(|e| failures::malformed(&e))
}

impl Call {
    /// The use of a project's store, opened if need be. Held for one page: between pages a request is a saved position.
    async fn lease(&self, root: &Path) -> Result<Lease, Failure> {
        let acquire = Acquire { root: root.to_path_buf(), job: None };
        self.services.storage.send(acquire).await.map_err(|_| failures::unavailable())?
    }

    /// Who asks, for sentences.
    fn client_name(&self) -> String {
        if self.client.is_empty() { "a client".to_owned() } else { self.client.to_string() }
    }

    /// Runs blocking work that touches the file system.
    async fn blocking<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> Result<R, Failure> {
        tokio::task::spawn_blocking(work).await.map_err(|_| failures::internal("the request failed inside the daemon"))
    }
}

/// Keeps an owned job alive; dropped, it gives the job up.
#[derive(Debug)]
pub(super) struct Owner {
    number: u64,
    indexer: Recipient<OwnerLeaves>,
}

impl Owner {
    fn new(services: &Services) -> Owner {
        let number = services.about.owners.fetch_add(1, Ordering::Relaxed);
        Owner { number, indexer: services.indexer.clone().recipient() }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.indexer.do_send(OwnerLeaves(self.number));
    }
}

/// A path as it came.
fn path_of(bytes: &vigie_proto::Bytes) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    PathBuf::from(std::ffi::OsString::from_vec(bytes.0.clone()))
}
