//! Questions about the structure of code. Those about one name or file wait, while an index is being built, for what they need.

use vigie_core::query::{self as engine, NameMode, Need};
use vigie_core::store::ProjectStore;
use vigie_proto::{CallQuery, Failure, HierarchyQuery, ImpactQuery, ImportQuery, ReferenceQuery, SymbolQuery};

use super::Call;
use super::query::{Ask, ask};
use crate::convert::structure::{self, Symbols};

/// Answers a `SymbolQuery`.
pub(super) async fn symbols(call: Call, query: SymbolQuery) -> Result<(), Failure> {
    let request = structure::symbols(&query)?;
    let need = match &request {
        Symbols::Names(request) if request.mode == NameMode::Exact => Some(Need::Name(request.query.clone())),
        // Names that begin so, or are like it, may stand anywhere.
        Symbols::Names(_) => None,
        Symbols::Definitions(request) => Some(Need::Target(request.target.clone())),
        Symbols::Outline(file, _) => Some(Need::File(file.clone())),
    };
    let start = move |store: &ProjectStore, options| match request {
        Symbols::Names(request) => engine::symbols(store, request, options),
        Symbols::Definitions(request) => engine::definitions(store, request, options),
        Symbols::Outline(file, kinds) => engine::outline(store, &file, &kinds, options),
    };
    let question = Ask::new(query, start)?;
    let question = match need {
        Some(need) => question.needing(need),
        None => question,
    };
    ask(&call, question).await
}

/// Answers a `ReferenceQuery`.
pub(super) async fn references(call: Call, query: ReferenceQuery) -> Result<(), Failure> {
    let (request, need) = (structure::references(&query)?, Need::Uses(vec![query.query.clone()]));
    let question = Ask::new(query, move |store, options| engine::references(store, request, options))?;
    ask(&call, question.needing(need)).await
}

/// Answers a `CallQuery`.
pub(super) async fn calls(call: Call, query: CallQuery) -> Result<(), Failure> {
    let (request, need) = (structure::calls(&query)?, Need::Uses(vec![query.query.clone()]));
    let goes_on = request.depth > 1;
    let question = Ask::new(query, move |store, options| engine::calls(store, request, options))?;
    ask(&call, question.needing(need).going_on(goes_on)).await
}

/// Answers a `HierarchyQuery`.
pub(super) async fn hierarchy(call: Call, query: HierarchyQuery) -> Result<(), Failure> {
    let (request, need) = (structure::hierarchy(&query)?, Need::Uses(vec![query.query.clone()]));
    let goes_on = request.depth > 1;
    let question = Ask::new(query, move |store, options| engine::hierarchy(store, request, options))?;
    ask(&call, question.needing(need).going_on(goes_on)).await
}

/// Answers an `ImpactQuery`.
pub(super) async fn impact(call: Call, query: ImpactQuery) -> Result<(), Failure> {
    let names = query.targets.iter().chain(&query.gone).cloned().collect();
    let (request, need) = (structure::impact(&query)?, Need::Uses(names));
    let goes_on = request.depth != 1;
    let question = Ask::new(query, move |store, options| engine::impact(store, request, options))?;
    ask(&call, question.needing(need).going_on(goes_on)).await
}

/// Answers an `ImportQuery`.
pub(super) async fn imports(call: Call, query: ImportQuery) -> Result<(), Failure> {
    let (request, need) = (structure::imports(&query)?, Need::File(query.file.0.clone()));
    // Any file may import it.
    let goes_on = request.importers;
    let question = Ask::new(query, move |store, options| engine::imports(store, request, options))?;
    ask(&call, question.needing(need).going_on(goes_on)).await
}
