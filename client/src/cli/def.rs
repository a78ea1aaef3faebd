//! `vigie def`: the definitions of a name, or of what is used at a place.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use vigie_proto::{SymbolMode, SymbolQuery, Target};

use super::args::DefArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::location::{Location, parse_location};
use super::query::{self, Scope, Tier};
use super::symbols;

pub(crate) fn run(context: &mut Context, args: &DefArgs) -> Result<Exit, CliError> {
    let (query, target) = match parse_location(&args.name) {
        Some(location) => at_place(context, location)?,
        None => (utf8(&args.name)?, context.target(None)),
    };
    let scope = Scope::new(context, Tier::Structure, &args.query, &[]).of(target);
    let question = |target, options| SymbolQuery {
        target,
        query: query.clone(),
        mode: SymbolMode::DEFINITION,
        kinds: args.kind.clone(),
        options,
        ..SymbolQuery::default()
    };
    query::run(context, &scope, question, symbols::print)
}

/// The place with its file absolute, and the project in which the file lies.
fn at_place(context: &Context, location: Location<'_>) -> Result<(String, Target), CliError> {
    let path = context.absolute(location.file);
    let file = utf8(OsStr::from_bytes(&path.0))?;
    Ok((format!("{file}:{}:{}", location.line, location.column), context.target(Some(&path))))
}

fn utf8(text: &OsStr) -> Result<String, CliError> {
    text.to_str().map(str::to_owned).ok_or_else(|| CliError::Usage {
        message: format!("{} is not UTF-8", text.display()),
        hint: "a definition is looked up by a name, or by a place in a file whose path is UTF-8".to_owned(),
    })
}
