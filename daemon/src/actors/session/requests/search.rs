//! Questions in words. What answers may stand anywhere, so they wait for nothing.

use vigie_core::query as engine;
use vigie_proto::{Failure, SearchQuery};

use super::Call;
use super::query::{Ask, ask};
use crate::convert::search;

/// Answers a `SearchQuery`.
pub(super) async fn search(call: Call, query: SearchQuery) -> Result<(), Failure> {
    let (wanted, kinds) = search::search(&query)?;
    ask(&call, Ask::new(query, move |store, options| engine::search(store, &wanted, &kinds, options))?).await
}
