//! `vigie def`: the definitions of a name, or of what is used at a place.

use vigie_proto::{SymbolMode, SymbolQuery};

use super::args::DefArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::location::asked;
use super::places::Places;
use super::query::{self, Scope, Tier};
use super::symbols;

pub(crate) fn run(context: &mut Context, args: &DefArgs) -> Result<Exit, CliError> {
    let (query, target) = asked(context, &args.target.name)?;
    let scope = Scope::new(context, Tier::Named, &args.query, &[]).of(target);
    let question = |target, options| SymbolQuery {
        target,
        query: query.clone(),
        mode: SymbolMode::DEFINITION,
        kinds: args.target.kind.clone(),
        options,
        ..SymbolQuery::default()
    };
    let mut places = Places::new(false);
    query::run(context, &scope, question, |printer, page| symbols::print(printer, &page, &mut places))
}
