//! `--diff REV`: a question is about all that changed from a commit to the files as they are. Where they are not as the index has
//! them, the index is brought up to date first, since what changed is named by its place.

use std::ffi::{OsStr, OsString};

use vigie::EventStream;
use vigie::revision::{ChangedSymbols, changed_symbols, difference};
use vigie_proto::{Bytes, ChangedRow, Index, QuerySummary, Refresh, Subscribe, SymbolKind};

use super::args::TargetsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::follow::{self, Follow, Until};
use super::query::{self, Scope, Tier};
use vigie::human::{counted, escape};

/// What changed, and what the index has to say of it.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// As a question takes it.
    pub(crate) told: difference::Difference,
    /// The index is not as the files are.
    is_late: bool,
    /// Of the answer that told it.
    summary: QuerySummary,
}

impl Difference {
    /// What to say where nothing is asked about, as an answer without rows.
    pub(crate) fn conclude(self, context: &mut Context, tier: Tier) -> Exit {
        let is_partial = self.is_partial();
        let summary = QuerySummary { rows: 0, notes: self.told.notes, ..self.summary };
        query::conclude(context, tier, &summary);
        if is_partial { Exit::Partial } else { Exit::Nothing }
    }

    fn is_partial(&self) -> bool {
        self.told.is_partial || self.is_late
    }

    /// How a question ends that was about it.
    pub(crate) fn ended(&self, exit: Exit) -> Exit {
        // What was not found where something is lacking is not yet nothing.
        if self.is_partial() && [Exit::Done, Exit::Nothing].contains(&exit) { Exit::Partial } else { exit }
    }
}

/// Refuses names beside `--diff`: whether they narrow what changed or are asked about too nobody could tell.
pub(crate) fn check(args: &TargetsArgs, words: Option<&OsStr>) -> Result<(), CliError> {
    let other = args.names.first().map(OsString::as_os_str).or(words);
    match (&args.diff, other) {
        (Some(revision), Some(other)) => Err(CliError::Usage {
            message: format!(
                "--diff asks about all that changed since {revision}, and {} is asked about too",
                other.display()
            ),
            hint: "ask once for each; --kind and --path narrow what is told".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What changed from a revision; the index has it as it is.
pub(crate) fn since(
    context: &mut Context,
    scope: &Scope,
    revision: &str,
    kinds: &[SymbolKind],
) -> Result<Difference, CliError> {
    // A project that is not indexed is indexed first.
    query::root(context, scope)?;
    let ChangedSymbols { root, rows, summary } =
        changed_symbols(&mut context.client, scope.target(), revision).map_err(CliError::beside_names)?;
    let is_late = !agree(context, scope, &root, &rows)?;
    let mut told = difference::Difference::of(rows, revision, kinds);
    told.notes.extend(is_late.then(|| difference::LAG.to_owned()));
    Ok(Difference { told, is_late, summary })
}

/// Sees to it that the index has the files as they are; says whether it has.
fn agree(context: &mut Context, scope: &Scope, root: &Bytes, rows: &[ChangedRow]) -> Result<bool, CliError> {
    let files = difference::files(rows);
    if files.is_empty() {
        return Ok(true);
    }
    let count = files.len();
    let may_index = !context.global.no_index;
    let stream = if count <= difference::REFRESHED_MAX {
        let files = files.into_iter().cloned().collect();
        let refresh = Refresh { target: scope.target().clone(), files, ..Refresh::default() };
        let job = context.client.ask(&refresh)?.job;
        if job == 0 {
            return Ok(true);
        }
        may_index.then(|| EventStream::subscribe(&context.options(), Subscribe { job, ..Subscribe::default() }))
    } else {
        let index = Index { path: root.clone(), project: root.clone(), ..Index::default() };
        may_index.then(|| EventStream::index(&context.options(), index))
    };
    if let Some(stream) = stream.transpose()? {
        let files = counted(count as u64, "file");
        context.out.note(&format!("the index is brought up to date first, since {files} changed: {}", escape(&root.0)));
        let follow = Follow { until: Until::End, own: false, files: false, aside: true, begun: false };
        if let Some(Exit::Done | Exit::Partial) = follow::job_until(context, stream, follow, scope.deadline())? {
            return Ok(true);
        }
    }
    Ok(false)
}
