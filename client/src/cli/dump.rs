//! `vigie dump`: the whole index as canonical lines of JSON. Nothing else goes to stdout, so that the dumps of two equal indexes
//! are equal bytes.

use vigie_proto::{DumpQuery, Freshness, QuerySummary};

use super::args::{DumpArgs, QueryArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::query::{self, Answer, Scope, Tier};

pub(crate) fn run(context: &mut Context, args: &DumpArgs) -> Result<Exit, CliError> {
    let scope = Scope::new(context, Tier::Structure, &QueryArgs::default(), &[]);
    let scope = match &args.path {
        Some(path) => scope.of(context.target(Some(&context.absolute(path)))),
        None => scope,
    };
    let question = |target, _| DumpQuery { target, partial: args.partial, ..DumpQuery::default() };
    let answer = query::ask(context, &scope, question, |printer, page| printer.out.write(&page.lines.0))?;
    let Some(Answer { summary, .. }) = answer else { return Ok(Exit::Done) };
    for note in &summary.notes {
        context.out.note(note);
    }
    if !is_partial(&summary) {
        return Ok(Exit::Done);
    }
    context.out.note("this dump is partial: the index is not complete");
    Ok(Exit::Partial)
}

fn is_partial(summary: &QuerySummary) -> bool {
    let coverage = &summary.coverage;
    summary.freshness == Freshness::INDEXING || coverage.text_pending > 0 || coverage.structure_pending > 0
}
