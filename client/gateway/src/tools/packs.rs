//! Answers whose budget the daemon keeps: `context` and `map`. It counts what a person reads of them, and an agent reads JSON, which
//! is longer: so the daemon is asked for less until that has room.

use std::ops::ControlFlow;

use vigie::answer::{Tier, is_cut_short};
use vigie::json::Object;
use vigie::revision::difference::named;
use vigie::{Client, Query, records};
use vigie_proto::{ContextQuery, ContextRows, MapQuery, MapRows, QueryOptions, QuerySummary, Target, TokenBudget};

use super::answer::{AROUND_BYTES, Answer, Part, room};
use super::args::{Asked, ContextArgs, Kind, MapArgs};
use super::ask::{self, Call, Scope};
use super::difference;
use super::error::{Refusal, ToolError};
use super::questions::all_asked;

/// How often the daemon is asked for less before rows are cut off.
const TRIES: u32 = 4;
/// Fewest tokens that it makes sense to ask it for.
const LEAST: u32 = 32;

pub(super) async fn context(call: &mut Call<'_>, args: ContextArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let kinds = Kind::of(&args.kind);
    let asked = ContextQuery { words: args.query.clone(), ..ContextQuery::default() };
    let (asked, scope) = if !args.diff.is_empty() {
        difference::check(&args.diff, &args.targets, &args.query)?;
        let mut scope = Scope::new(Tier::Linked, call.target(&shared.project, None)?, &shared);
        let mut difference = difference::since(call, &scope, &args.diff, &kinds).await?;
        let told = &mut difference.told;
        if !told.removed.is_empty() {
            told.notes.push(format!("removed, so that there is nothing to show of it: {}", named(&told.removed)));
        }
        if told.places.is_empty() {
            return Ok(difference.nothing(&scope)?);
        }
        scope.notes = difference.told.notes;
        (ContextQuery { targets: difference.told.places, ..asked }, scope)
    } else if args.targets.is_empty() && !args.query.is_empty() {
        (ContextQuery { kinds, ..asked }, Scope::new(Tier::Structure, call.target(&shared.project, None)?, &shared))
    } else {
        let (targets, file) = all_asked("targets", &args.targets)?;
        let scope = Scope::new(Tier::Linked, call.target(&shared.project, file.as_deref())?, &shared);
        (ContextQuery { targets, kinds, ..asked }, scope)
    };
    let question = move |target, options, tokens_max| ContextQuery { target, tokens_max, options, ..asked.clone() };
    let page = |page: ContextRows| (page.rows.iter().map(records::context_row).collect(), page.budget);
    pack(call, &scope, question, page).await
}

pub(super) async fn map(call: &mut Call<'_>, args: MapArgs) -> Result<Answer, Refusal> {
    let shared = args.shared()?;
    let scope = Scope::new(Tier::Structure, call.target(&shared.project, None)?, &shared);
    let depth = args.depth;
    let question =
        move |target, options, tokens_max| MapQuery { target, tokens_max, depth, options, ..MapQuery::default() };
    let page = |page: MapRows| (page.rows.iter().map(records::map_row).collect(), page.budget);
    pack(call, &scope, question, page).await
}

async fn pack<Q: Query>(
    call: &mut Call<'_>,
    scope: &Scope,
    question: impl Fn(Target, QueryOptions, u32) -> Q + Clone + Send + 'static,
    page: fn(Q::Page) -> (Vec<Object>, TokenBudget),
) -> Result<Answer, Refusal>
where
    Q::Page: 'static,
{
    let (target, tokens_max, tier) = (scope.target.clone(), scope.tokens_max, scope.tier);
    let said = scope.notes.clone();
    let asked = move |client: &mut Client, options: &QueryOptions, is_early| {
        let notes = |summary: &QuerySummary| {
            [said.clone(), ask::notes(tier, is_early, summary, is_cut_short(options, summary))].concat()
        };
        let question = |options, tokens_max| question(target.clone(), options, tokens_max);
        within(client, options, tokens_max, &question, page, &notes)
    };
    Ok(ask::ask(call, scope, asked).await?)
}

fn within<Q: Query>(
    client: &mut Client,
    options: &QueryOptions,
    tokens_max: u32,
    question: &dyn Fn(QueryOptions, u32) -> Q,
    page: fn(Q::Page) -> (Vec<Object>, TokenBudget),
    notes: &dyn Fn(&QuerySummary) -> Vec<String>,
) -> Result<Answer, ToolError> {
    let room = room(tokens_max);
    let mut asked = tokens_max;
    let mut options = options.clone();
    for attempt in 1.. {
        let mut part = Part::default();
        let mut budget = TokenBudget::default();
        part.summary = client.query(&question(options.clone(), asked), |rows| {
            let (rows, taken) = page(rows);
            part.rows.extend(rows.into_iter().map(Object::finish));
            budget = taken;
            ControlFlow::Continue(())
        })?;
        part.budget = Some(records::budget(&budget).finish());
        part.more = Some(budget.left_out);
        // What the daemon says of its own budget is not what was asked for.
        part.summary.notes.retain(|note| !note.starts_with(&format!("{} of at most ", budget.used)));
        part.notes = notes(&part.summary);
        if let Some(answer) = part.write(room) {
            return Ok(answer);
        }
        let bytes: usize = part.rows.iter().map(String::len).sum();
        if attempt == TRIES || asked <= LEAST {
            // What is left out stands at the end; so does what is least needed.
            while part.rows.pop().is_some() {
                part.more = part.more.map(|more| more + 1);
                if let Some(answer) = part.write(room) {
                    return Ok(answer);
                }
            }
            return part.write_shortened(room);
        }
        // It was looked at just now.
        options.fresh = false;
        let share = room as f64 / (bytes + AROUND_BYTES) as f64;
        asked = ((f64::from(asked) * share * 0.9) as u32).clamp(LEAST, asked - 1);
    }
    Err(ToolError::NoRoom)
}
