//! `vigie outline`: what a file defines, in its order.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use vigie_proto::{SymbolMode, SymbolQuery};

use super::args::OutlineArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::location::utf8;
use super::places::Places;
use super::query::{self, Scope, Tier};
use super::symbols;

pub(crate) fn run(context: &mut Context, args: &OutlineArgs) -> Result<Exit, CliError> {
    let path = context.absolute(&args.file);
    let file = utf8(OsStr::from_bytes(&path.0))?;
    let target = context.target(Some(&path));
    let scope = Scope::new(context, Tier::Named, &args.query, &[]).of(target);
    let question = |target, options| SymbolQuery {
        target,
        query: file.clone(),
        mode: SymbolMode::OUTLINE,
        kinds: args.kind.clone(),
        options,
        ..SymbolQuery::default()
    };
    context.out.begin_document();
    let mut places = Places::new(args.heading.wanted(context.out.stdout_is_terminal()));
    query::run(context, &scope, question, |printer, page| symbols::print(printer, &page, &mut places))
}
