//! What to read before changing something, and the shape of a project.

use vigie_core::query::{self as engine, Need};
use vigie_proto::{ContextQuery, Failure, MapQuery};

use super::Call;
use super::query::{Ask, ask};
use crate::convert::reading;

/// Answers a `ContextQuery`. It waits for whatever holds the names; what is around them may stand anywhere.
pub(super) async fn context(call: Call, query: ContextQuery) -> Result<(), Failure> {
    let (request, need) = (reading::context(&query)?, Need::Uses(query.targets.clone()));
    let question = Ask::new(query, move |store, options| engine::context(store, request, options))?;
    ask(&call, question.needing(need).going_on(true)).await
}

/// Answers a `MapQuery`. It is about all files, and waits for none.
pub(super) async fn map(call: Call, query: MapQuery) -> Result<(), Failure> {
    let request = reading::map(&query);
    ask(&call, Ask::new(query, move |store, options| engine::map(store, request, options))?).await
}
