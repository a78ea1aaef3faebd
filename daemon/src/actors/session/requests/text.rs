//! Questions about text and files.

use vigie_core::query as engine;
use vigie_proto::{CoverageQuery, DumpQuery, Failure, FileMatchQuery, FileQuery, TextQuery};

use super::Call;
use super::query::{Ask, ask};
use crate::convert::options;

/// Answers a `TextQuery`.
pub(super) async fn text(call: Call, query: TextQuery) -> Result<(), Failure> {
    let request = options::text(&query);
    ask(&call, Ask::new(query, move |store, options| engine::text(store, &request, options))?).await
}

/// Answers a `FileMatchQuery`.
pub(super) async fn file_matches(call: Call, query: FileMatchQuery) -> Result<(), Failure> {
    let (count, request) = (options::match_count(query.count)?, options::text(&query.text));
    ask(&call, Ask::new(query, move |store, options| engine::file_matches(store, &request, count, options))?).await
}

/// Answers a `FileQuery`.
pub(super) async fn files(call: Call, query: FileQuery) -> Result<(), Failure> {
    let (mode, wanted) = (options::path_mode(query.mode)?, query.query.clone());
    ask(&call, Ask::new(query, move |store, options| engine::files(store, &wanted, mode, options))?).await
}

/// Answers a `CoverageQuery`.
pub(super) async fn coverage(call: Call, query: CoverageQuery) -> Result<(), Failure> {
    let (since, wanted) = (query.since, options::dispositions(&query.dispositions)?);
    ask(&call, Ask::new(query, move |store, options| engine::coverage(store, since, &wanted, options))?).await
}

/// Answers a `DumpQuery`.
pub(super) async fn dump(call: Call, query: DumpQuery) -> Result<(), Failure> {
    let is_partial = query.partial;
    let question = Ask::new(query, |store, _| engine::dump(store))?;
    ask(&call, if is_partial { question } else { question.after_jobs() }).await
}
