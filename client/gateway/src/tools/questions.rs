//! The questions that are answered by rows: each tool's arguments as a message of the daemon.

use std::path::Path;

use vigie::answer::Tier;
use vigie::json::Object;
use vigie::{Query, records};
use vigie_proto::{
    CallQuery, CoverageQuery, Direction, Ext, FileMatchQuery, FileQuery, ImpactQuery, QueryOptions, QuerySummary,
    ReferenceQuery, SearchQuery, SymbolMode, SymbolQuery, Target, TextQuery, call_tag, reference_flag, row_flag,
};

use super::answer::{self, Answer, Reading};
use super::args::{
    Asked, CallsArgs, CoverageArgs, DefinitionArgs, DispositionName, FilesArgs, ImpactArgs, Kind, OutlineArgs,
    ReferencesArgs, RoleName, SearchArgs, SymbolsArgs, TextArgs,
};
use super::ask::{self, Call, Scope};
use super::difference;
use super::error::Refusal;

/// Rows of an answer whose best come first, where nothing is said.
const BEST: u64 = 10;

pub(super) async fn search(call: &mut Call<'_>, args: SearchArgs) -> Result<Answer, Refusal> {
    let mut shared = args.shared()?;
    if shared.limit == 0 {
        shared.limit = BEST;
    }
    let scope = Scope::new(Tier::Structure, call.target(&shared.project, None)?, &shared);
    let (query, kinds) = (args.query, Kind::of(&args.kind));
    let question = move |target, options| SearchQuery {
        target,
        query: query.clone(),
        kinds: kinds.clone(),
        options,
        ..SearchQuery::default()
    };
    rows(call, &scope, question, |page| page.rows, records::search_row, |_| true).await
}

pub(super) async fn text(call: &mut Call<'_>, args: TextArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let scope = Scope::new(Tier::Text, call.target(&shared.project, None)?, &shared);
    let text = TextQuery {
        flags: args.flags(),
        pattern: args.pattern,
        before: args.context,
        after: args.context,
        ..TextQuery::default()
    };
    let Some(count) = args.show.count() else {
        let question = move |target, options| TextQuery { target, options, ..text.clone() };
        let is_match = |row: &vigie_proto::TextRow| row.flags & row_flag::CONTEXT == 0;
        return rows(call, &scope, question, |page| page.rows, records::text_row, is_match).await;
    };
    let question = move |target, options| FileMatchQuery {
        text: TextQuery { target, options, ..text.clone() },
        count,
        ..FileMatchQuery::default()
    };
    rows(call, &scope, question, |page| page.rows, move |row| records::file_match_row(count, row), |_| true).await
}

pub(super) async fn symbols(call: &mut Call<'_>, args: SymbolsArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let mode = SymbolMode::from(args.mode);
    let tier = if mode == SymbolMode::EXACT { Tier::Named } else { Tier::Structure };
    let scope = Scope::new(tier, call.target(&shared.project, None)?, &shared);
    definitions(call, &scope, args.name, mode, &args.kind).await
}

pub(super) async fn definition(call: &mut Call<'_>, args: DefinitionArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let (query, file) = Call::asked(&args.target);
    let scope = Scope::new(Tier::Named, call.target(&shared.project, file.as_deref())?, &shared);
    definitions(call, &scope, query, SymbolMode::DEFINITION, &args.kind).await
}

pub(super) async fn outline(call: &mut Call<'_>, args: OutlineArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let file = Path::new(&args.file);
    let scope = Scope::new(Tier::Named, call.target(&shared.project, Some(file))?, &shared);
    let query = if file.is_absolute() { ask::absolute(file).to_text() } else { args.file.clone() };
    definitions(call, &scope, query, SymbolMode::OUTLINE, &args.kind).await
}

async fn definitions(
    call: &mut Call<'_>,
    scope: &Scope,
    query: String,
    mode: SymbolMode,
    kinds: &[Kind],
) -> Result<Answer, Refusal> {
    let kinds = Kind::of(kinds);
    let question = move |target, options| SymbolQuery {
        target,
        query: query.clone(),
        mode,
        kinds: kinds.clone(),
        options,
        ..SymbolQuery::default()
    };
    rows(call, scope, question, |page| page.rows, records::symbol_row, |_| true).await
}

pub(super) async fn references(call: &mut Call<'_>, args: ReferencesArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let (query, file) = Call::asked(&args.target);
    let scope = Scope::new(Tier::Named, call.target(&shared.project, file.as_deref())?, &shared);
    let definitions = if args.definitions { reference_flag::DEFINITIONS } else { 0 };
    let certain = if args.certain { reference_flag::CERTAIN } else { 0 };
    let (kinds, roles) = (Kind::of(&args.kind), RoleName::of(&args.role));
    let question = move |target, options| ReferenceQuery {
        target,
        query: query.clone(),
        kinds: kinds.clone(),
        roles: roles.clone(),
        flags: definitions | certain | reference_flag::TEXT,
        options,
        ..ReferenceQuery::default()
    };
    rows(call, &scope, question, |page| page.rows, records::reference_row, |_| true).await
}

pub(super) async fn calls(call: &mut Call<'_>, args: CallsArgs, direction: Direction) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let (query, file) = Call::asked(&args.target);
    let scope = Scope::new(Tier::of_steps(args.depth), call.target(&shared.project, file.as_deref())?, &shared);
    let (kinds, depth, certain) = (Kind::of(&args.kind), args.depth, args.certain);
    let question = move |target, options| CallQuery {
        target,
        query: query.clone(),
        kinds: kinds.clone(),
        direction,
        depth,
        options,
        ext: Ext::flag(call_tag::CERTAIN, certain),
    };
    rows(call, &scope, question, |page| page.rows, records::call_row, |_| true).await
}

pub(super) async fn impact(call: &mut Call<'_>, args: ImpactArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    // No depth is any depth.
    let tier = Tier::of_steps(if args.depth == 0 { u32::MAX } else { args.depth });
    let kinds = Kind::of(&args.kind);
    let asked = ImpactQuery { depth: args.depth, certain: args.certain, ..ImpactQuery::default() };
    let (asked, scope) = if args.diff.is_empty() {
        let (targets, file) = all_asked("targets", &args.targets)?;
        let scope = Scope::new(tier, call.target(&shared.project, file.as_deref())?, &shared);
        (ImpactQuery { targets, kinds, ..asked }, scope)
    } else {
        difference::check(&args.diff, &args.targets, "")?;
        let mut scope = Scope::new(tier, call.target(&shared.project, None)?, &shared);
        let difference = difference::since(call, &scope, &args.diff, &kinds).await?;
        if difference.told.places.is_empty() && difference.told.removed.is_empty() {
            return Ok(difference.nothing(&scope)?);
        }
        scope.notes = difference.told.notes;
        (ImpactQuery { targets: difference.told.places, gone: difference.told.removed, ..asked }, scope)
    };
    let question = move |target, options| ImpactQuery { target, options, ..asked.clone() };
    rows(call, &scope, question, |page| page.rows, records::impact_row, |_| true).await
}

/// What several texts ask about, and the first file that one of them names.
pub(super) fn all_asked(field: &str, texts: &[String]) -> Result<(Vec<String>, Option<std::path::PathBuf>), Refusal> {
    if texts.is_empty() {
        return Err(Refusal::argument(field, "it is empty: name at least one"));
    }
    let (asked, files): (Vec<_>, Vec<_>) = texts.iter().map(|text| Call::asked(text)).unzip();
    Ok((asked, files.into_iter().flatten().next()))
}

pub(super) async fn files(call: &mut Call<'_>, args: FilesArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let scope = Scope::new(Tier::Text, call.target(&shared.project, None)?, &shared);
    let (mode, query) = (args.mode(), args.query);
    let question =
        move |target, options| FileQuery { target, query: query.clone(), mode, options, ..FileQuery::default() };
    rows(call, &scope, question, |page| page.rows, records::file_row, |_| true).await
}

pub(super) async fn coverage(call: &mut Call<'_>, args: CoverageArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let scope = Scope::new(Tier::Standing, call.target(&shared.project, None)?, &shared);
    let (since, dispositions) = (args.since, DispositionName::of(&args.disposition));
    let question = move |target, options| CoverageQuery {
        target,
        since,
        dispositions: dispositions.clone(),
        options,
        ..CoverageQuery::default()
    };
    rows(call, &scope, question, |page| page.rows, records::coverage_row, |_| true).await
}

/// Asks, and writes the rows under the budget.
pub(super) async fn rows<Q: Query, R: 'static>(
    call: &mut Call<'_>,
    scope: &Scope,
    question: impl Fn(Target, QueryOptions) -> Q + Clone + Send + 'static,
    rows: fn(Q::Page) -> Vec<R>,
    record: impl Fn(&R) -> Object + Clone + Send + 'static,
    counts: fn(&R) -> bool,
) -> Result<Answer, Refusal>
where
    Q::Page: 'static,
{
    let (target, tokens_max, tier) = (scope.target.clone(), scope.tokens_max, scope.tier);
    let said = scope.notes.clone();
    let asked = move |client: &mut vigie::Client, options: &QueryOptions, is_early| {
        let reading = Reading {
            question: &|options| question(target.clone(), options),
            rows,
            record: &record,
            counts,
            notes: &|summary: &QuerySummary, is_cut_short| {
                [said.clone(), ask::notes(tier, is_early, summary, is_cut_short)].concat()
            },
        };
        answer::rows(client, options, tokens_max, &reading)
    };
    Ok(ask::ask(call, scope, asked).await?)
}
