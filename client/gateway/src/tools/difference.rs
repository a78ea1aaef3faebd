//! `diff`: a question is about all that changed from a commit to the files as they are. Where the index has them otherwise, it is
//! brought up to date first, since what changed is named by its place.

use vigie::Client;
use vigie::revision::{ChangedSymbols, changed_symbols, difference};
use vigie_proto::{Bytes, Index, QueryOptions, QuerySummary, Refresh, Subscribe, SymbolKind};

use super::answer::{Answer, Part, room};
use super::ask::{self, Call, Scope};
use super::error::{Refusal, ToolError};

/// What changed, and how the index stood when that was told.
pub(super) struct Difference {
    /// As a question takes it.
    pub(super) told: difference::Difference,
    summary: QuerySummary,
}

impl Difference {
    /// An answer where there is nothing to ask about.
    pub(super) fn nothing(self, scope: &Scope) -> Result<Answer, ToolError> {
        let summary = QuerySummary { rows: 0, notes: Vec::new(), ..self.summary };
        Part { summary, more: Some(0), notes: self.told.notes, ..Part::default() }
            .write_shortened(room(scope.tokens_max))
    }
}

/// Refuses names beside a commit: whether they narrow what changed or are asked about too nobody could tell.
pub(super) fn check(diff: &str, targets: &[String], query: &str) -> Result<(), Refusal> {
    match (targets, query) {
        ([], "") => Ok(()),
        _ => Err(Refusal::argument(
            "diff",
            format!("it asks about all that changed since {diff}: ask about names apart"),
        )),
    }
}

/// What changed from a revision; the index has it as it is.
pub(super) async fn since(
    call: &mut Call<'_>,
    scope: &Scope,
    revision: &str,
    kinds: &[SymbolKind],
) -> Result<Difference, ToolError> {
    let (target, commit) = (scope.target.clone(), revision.to_owned());
    let asked = move |client: &mut Client, _: &QueryOptions, _| {
        changed_symbols(client, &target, &commit).map_err(ToolError::beside_names)
    };
    let ChangedSymbols { root, rows, summary } = ask::ask(call, scope, asked).await?;
    let files = difference::files(&rows).into_iter().cloned().collect();
    let is_current = agree(call, scope, root, files).await?;
    let mut told = difference::Difference::of(rows, revision, kinds);
    told.notes.extend((!is_current).then(|| difference::LAG.to_owned()));
    Ok(Difference { told, summary })
}

/// Sees to it that the index has the files as they are; says whether it has.
async fn agree(call: &mut Call<'_>, scope: &Scope, root: Bytes, files: Vec<Bytes>) -> Result<bool, ToolError> {
    if files.is_empty() {
        return Ok(true);
    }
    let mut following = if files.len() <= difference::REFRESHED_MAX {
        let refresh = Refresh { target: scope.target.clone(), files, ..Refresh::default() };
        let job = call.daemon.run(move |client: &mut Client| Ok::<_, ToolError>(client.ask(&refresh)?.job)).await?;
        if job == 0 {
            return Ok(true);
        }
        call.daemon.subscribe(Subscribe { job, ..Subscribe::default() }).await?
    } else {
        call.daemon.index(Index { path: root.clone(), project: root, ..Index::default() }).await?
    };
    let waited = ask::wait_until(call, &mut following, scope.until, |_| false).await;
    match waited {
        Ok(standing) => Ok(standing.is_none()),
        // What became of the job does not matter here: the index is not as the files are.
        Err(ToolError::IndexEnded(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
