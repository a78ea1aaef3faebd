//! Questions about the structure of code. Those about one name or file wait, while an index is being built, for what they need.

use vigie_core::query::{self as engine, NameMode, Need};
use vigie_core::store::ProjectStore;
use vigie_proto::{CallQuery, Failure, HierarchyQuery, ImportQuery, ReferenceQuery, SymbolQuery};

use super::Call;
use super::query::{Ask, ask};
use crate::convert::options;
use crate::convert::structure::{self, Symbols};

/// Answers a `SymbolQuery`.
pub(super) async fn symbols(call: Call, query: SymbolQuery) -> Result<(), Failure> {
    let (request, options) = (structure::symbols(&query)?, options::options(&query.options)?);
    let need = match &request {
        Symbols::Names(request) if request.mode == NameMode::Exact => Some(Need::Name(request.query.clone())),
        // Names that begin so, or are like it, may stand anywhere.
        Symbols::Names(_) => None,
        Symbols::Definitions(request) => Some(Need::Target(request.target.clone())),
        Symbols::Outline(file, _) => Some(Need::File(file.clone())),
    };
    let start = move |store: &ProjectStore| match request {
        Symbols::Names(request) => engine::symbols(store, request, options),
        Symbols::Definitions(request) => engine::definitions(store, request, options),
        Symbols::Outline(file, kinds) => engine::outline(store, &file, &kinds, options),
    };
    let question = Ask::new(query.target, &query.options, start);
    let question = match need {
        Some(need) => question.needing(need),
        None => question,
    };
    ask(&call, question).await
}

/// Answers a `ReferenceQuery`.
pub(super) async fn references(call: Call, query: ReferenceQuery) -> Result<(), Failure> {
    let (request, options) = (structure::references(&query)?, options::options(&query.options)?);
    let question = Ask::new(query.target, &query.options, move |store| engine::references(store, request, options));
    ask(&call, question.needing(Need::Uses(query.query))).await
}

/// Answers a `CallQuery`.
pub(super) async fn calls(call: Call, query: CallQuery) -> Result<(), Failure> {
    let (request, options) = (structure::calls(&query)?, options::options(&query.options)?);
    let goes_on = request.depth > 1;
    let question = Ask::new(query.target, &query.options, move |store| engine::calls(store, request, options));
    ask(&call, question.needing(Need::Uses(query.query)).going_on(goes_on)).await
}

/// Answers a `HierarchyQuery`.
pub(super) async fn hierarchy(call: Call, query: HierarchyQuery) -> Result<(), Failure> {
    let (request, options) = (structure::hierarchy(&query)?, options::options(&query.options)?);
    let goes_on = request.depth > 1;
    let question = Ask::new(query.target, &query.options, move |store| engine::hierarchy(store, request, options));
    ask(&call, question.needing(Need::Uses(query.query)).going_on(goes_on)).await
}

/// Answers an `ImportQuery`.
pub(super) async fn imports(call: Call, query: ImportQuery) -> Result<(), Failure> {
    let (request, options) = (structure::imports(&query)?, options::options(&query.options)?);
    // Any file may import it.
    let goes_on = request.importers;
    let question = Ask::new(query.target, &query.options, move |store| engine::imports(store, request, options));
    ask(&call, question.needing(Need::File(query.file.0)).going_on(goes_on)).await
}
