//! Questions about text and files.

use vigie_core::query as engine;
use vigie_proto::{CoverageQuery, DumpQuery, Failure, FileMatchQuery, FileQuery, QueryOptions, TextQuery};

use super::Call;
use super::query::{Ask, ask};
use crate::convert::options;

/// Answers a `TextQuery`.
pub(super) async fn text(call: Call, query: TextQuery) -> Result<(), Failure> {
    let (request, options) = (options::text(&query), options::options(&query.options)?);
    ask(&call, Ask::new(query.target, &query.options, move |store| engine::text(store, &request, options))).await
}

/// Answers a `FileMatchQuery`.
pub(super) async fn file_matches(call: Call, query: FileMatchQuery) -> Result<(), Failure> {
    let (count, query) = (options::match_count(query.count)?, query.text);
    let (request, options) = (options::text(&query), options::options(&query.options)?);
    let start = move |store: &_| engine::file_matches(store, &request, count, options);
    ask(&call, Ask::new(query.target, &query.options, start)).await
}

/// Answers a `FileQuery`.
pub(super) async fn files(call: Call, query: FileQuery) -> Result<(), Failure> {
    let (mode, options) = (options::path_mode(query.mode)?, options::options(&query.options)?);
    let wanted = query.query;
    ask(&call, Ask::new(query.target, &query.options, move |store| engine::files(store, &wanted, mode, options))).await
}

/// Answers a `CoverageQuery`.
pub(super) async fn coverage(call: Call, query: CoverageQuery) -> Result<(), Failure> {
    let (wanted, options) = (options::dispositions(&query.dispositions)?, options::options(&query.options)?);
    let since = query.since;
    ask(&call, Ask::new(query.target, &query.options, move |store| engine::coverage(store, since, &wanted, options)))
        .await
}

/// Answers a `DumpQuery`.
pub(super) async fn dump(call: Call, query: DumpQuery) -> Result<(), Failure> {
    let question = Ask::new(query.target, &QueryOptions::default(), engine::dump);
    ask(&call, if query.partial { question } else { question.after_jobs() }).await
}
