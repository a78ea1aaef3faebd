//! `--diff REV`: a question is about all that changed from a commit to the files as they are. Where they are not as the index has
//! them, the index is brought up to date first, since what changed is named by its place.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use vigie::EventStream;
use vigie::revision::{ChangedSymbols, changed_symbols};
use vigie_proto::{Bytes, ChangeKind, ChangedRow, Index, QuerySummary, Refresh, Subscribe, SymbolKind};

use super::args::TargetsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::follow::{self, Follow, Until};
use super::query::{self, Scope, Tier};
use vigie::human::{count as number, counted, escape};

/// Most definitions that one question may be about.
const ASKED_MAX: usize = 2_000;
/// Most bytes of them: what is left of a request is for the rest of the question.
const ASKED_BYTES_MAX: usize = 900 << 10;
/// Most files that are looked at without a job; the daemon takes no more either.
const REFRESHED_MAX: usize = 200;
/// Things of one sort that are named in a note.
const NAMED_MAX: usize = 3;
/// Languages whose definitions nothing calls: headings and keys.
const NO_CODE: [&str; 4] = ["markdown", "json", "toml", "yaml"];

/// What changed, as a question takes it.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// The places of what was added or changed.
    pub(crate) places: Vec<String>,
    /// The names of what was removed.
    pub(crate) removed: Vec<String>,
    /// What there is to be said of it.
    pub(crate) notes: Vec<String>,
    /// Some files could not be compared, or the index is not as they are.
    is_partial: bool,
    /// Of the answer that told it.
    summary: QuerySummary,
}

impl Difference {
    /// What to say where nothing is asked about, as an answer without rows.
    pub(crate) fn conclude(self, context: &mut Context, tier: Tier) -> Exit {
        let summary = QuerySummary { rows: 0, notes: self.notes, ..self.summary };
        query::conclude(context, tier, &summary);
        if self.is_partial { Exit::Partial } else { Exit::Nothing }
    }

    /// How a question ends that was about it.
    pub(crate) fn ended(&self, exit: Exit) -> Exit {
        // What was not found where something is lacking is not yet nothing.
        if self.is_partial && [Exit::Done, Exit::Nothing].contains(&exit) { Exit::Partial } else { exit }
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
    let ChangedSymbols { root, mut rows, summary } = changed_symbols(&mut context.client, scope.target(), revision)?;
    let lag = agree(context, scope, &root, &rows)?;
    if !kinds.is_empty() {
        rows.retain(|row| kinds.contains(&row.kind));
    }
    // Of what is cut off, headings and keys are the least loss, and then what is new: others depended on what was there before.
    rows.sort_by_key(|row| (NO_CODE.contains(&row.language.as_str()), row.change == ChangeKind::ADDED));
    let mut difference = told(&rows, revision, !kinds.is_empty());
    difference.is_partial |= lag.is_some();
    difference.notes.extend(lag);
    Ok(Difference { summary, ..difference })
}

/// Sees to it that the index has the files as they are; if it has not, says so.
fn agree(context: &mut Context, scope: &Scope, root: &Bytes, rows: &[ChangedRow]) -> Result<Option<String>, CliError> {
    let files: BTreeSet<&Bytes> = rows.iter().map(|row| &row.path).collect();
    if files.is_empty() {
        return Ok(None);
    }
    let count = files.len();
    let may_index = !context.global.no_index;
    let stream = if count <= REFRESHED_MAX {
        let files = files.into_iter().cloned().collect();
        let refresh = Refresh { target: scope.target().clone(), files, ..Refresh::default() };
        let job = context.client.ask(&refresh)?.job;
        if job == 0 {
            return Ok(None);
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
            return Ok(None);
        }
    }
    Ok(Some(
        "the index may be older than the files, and changed definitions be missed; `vigie index` brings it up to date"
            .to_owned(),
    ))
}

/// What rows tell of.
fn told(rows: &[ChangedRow], revision: &str, is_narrowed: bool) -> Difference {
    let mut difference = Difference::default();
    let (mut tally, mut bytes) = (Tally::default(), 0);
    for row in rows {
        let Some(asked) = tally.count(row) else { continue };
        bytes += asked.len() + size_of::<u32>();
        if difference.places.len() + difference.removed.len() >= ASKED_MAX || bytes > ASKED_BYTES_MAX {
            tally.cut += 1;
        } else if row.change == ChangeKind::REMOVED {
            difference.removed.push(asked);
        } else {
            difference.places.push(asked);
        }
    }
    difference.is_partial = !tally.not_compared.is_empty();
    difference.notes = tally.notes(revision, is_narrowed);
    difference
}

/// What changed, in numbers.
#[derive(Debug, Default)]
struct Tally {
    added: u64,
    changed: u64,
    removed: u64,
    /// Definitions of which there are more than one question may be about.
    cut: u64,
    /// Definitions in files whose path no question can name.
    unnamed: Vec<String>,
    /// Files that changed as a whole.
    whole: Vec<String>,
    not_compared: Vec<String>,
}

impl Tally {
    /// Counts a row, and returns by what a question names it, if it can.
    fn count(&mut self, row: &ChangedRow) -> Option<String> {
        let shown = escape(&row.path.0);
        if row.change == ChangeKind::NOT_COMPARED {
            self.not_compared.push(if row.reason.is_empty() { shown } else { format!("{shown} ({})", row.reason) });
            return None;
        }
        if row.kind.0 == 0 {
            self.whole.push(shown);
            return None;
        }
        match row.change {
            ChangeKind::ADDED => self.added += 1,
            ChangeKind::REMOVED => self.removed += 1,
            _ => self.changed += 1,
        }
        if row.change == ChangeKind::REMOVED {
            return Some(row.qualified.clone());
        }
        let Ok(path) = std::str::from_utf8(&row.path.0) else {
            self.unnamed.push(shown);
            return None;
        };
        Some(format!("{path}:{}:{}", row.line, row.column))
    }

    fn notes(&self, revision: &str, is_narrowed: bool) -> Vec<String> {
        let parts = [(self.added, "added"), (self.changed, "changed"), (self.removed, "removed")];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", number(*count)))
            .collect();
        let all = self.added + self.changed + self.removed;
        let is_all_same = self.whole.is_empty() && self.not_compared.is_empty();
        let mut notes = vec![match all {
            0 if is_narrowed => format!("no definition of that kind differs from {revision}"),
            0 if is_all_same => format!("nothing differs from {revision}"),
            0 => format!("no definition differs from {revision}"),
            1 => format!("1 definition differs from {revision}: {}", parts.join(", ")),
            _ => format!("{} differ from {revision}: {}", counted(all, "definition"), parts.join(", ")),
        }];
        if self.cut > 0 {
            let asked = counted(all - self.cut, "definition");
            notes.push(format!(
                "that is more than one question may be about: {asked} are asked about, and {} left out",
                number(self.cut)
            ));
        }
        let mut name = |what: &str, files: &[String]| {
            if !files.is_empty() {
                notes.push(format!("{what}: {}", named(files)));
            }
        };
        name("changed outside of definitions, and not asked about", &self.whole);
        name("not compared, and not asked about", &self.not_compared);
        name("not asked about, since the path is not UTF-8", &self.unnamed);
        notes
    }
}

/// The first of several, and how many more there are.
pub(crate) fn named(all: &[String]) -> String {
    let first = all.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED_MAX) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(change: ChangeKind, kind: SymbolKind, line: u32) -> ChangedRow {
        let name = format!("name{line}");
        ChangedRow { path: "a.py".into(), change, kind, qualified: name, line, column: 5, ..ChangedRow::default() }
    }

    #[test]
    fn what_changed_is_asked_about_by_place_and_what_is_gone_by_name() {
        let whole = ChangedRow { path: "notes.txt".into(), change: ChangeKind::BODY, ..ChangedRow::default() };
        let lacking = ChangedRow { change: ChangeKind::NOT_COMPARED, reason: "missing".into(), ..whole.clone() };
        let rows = [
            row(ChangeKind::ADDED, SymbolKind::FUNCTION, 1),
            row(ChangeKind::SIGNATURE, SymbolKind::FUNCTION, 2),
            row(ChangeKind::REMOVED, SymbolKind::FUNCTION, 3),
            whole,
            lacking,
        ];
        let told = told(&rows, "HEAD", false);
        assert_eq!((told.places, told.removed), (vec!["a.py:1:5".into(), "a.py:2:5".into()], vec!["name3".into()]));
        assert!(told.is_partial);
        assert_eq!(
            told.notes,
            [
                "3 definitions differ from HEAD: 1 added, 1 changed, 1 removed",
                "changed outside of definitions, and not asked about: notes.txt",
                "not compared, and not asked about: notes.txt (missing)",
            ]
        );
    }

    #[test]
    fn no_more_are_asked_about_than_one_question_may_be() {
        let rows: Vec<_> = (1..=2_345).map(|line| row(ChangeKind::ADDED, SymbolKind::FUNCTION, line)).collect();
        let told = told(&rows, "v1", false);
        assert_eq!(told.places.len(), ASKED_MAX);
        let cut = "that is more than one question may be about: 2,000 definitions are asked about, and 345 left out";
        assert_eq!(told.notes, ["2,345 definitions differ from v1: 2,345 added", cut]);
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        assert_eq!(told(&[], "HEAD~1", false).notes, ["nothing differs from HEAD~1"]);
        assert_eq!(told(&[], "HEAD~1", true).notes, ["no definition of that kind differs from HEAD~1"]);
    }

    #[test]
    fn of_many_files_the_first_are_named() {
        let files: Vec<String> = ["a", "b", "c", "d", "e"].map(String::from).into();
        assert_eq!((named(&files[..2]), named(&files)), ("a, b".into(), "a, b, c and 2 more".into()));
    }
}
