//! What changed, as a question takes it: the places of what was added or changed, the names of what is gone, and what there is to be
//! said of the rest.

use std::collections::BTreeSet;

use vigie_proto::{Bytes, ChangeKind, ChangedRow, SymbolKind};

use crate::human::{count as number, counted, escape};

/// Most definitions that one question may be about.
const ASKED_MAX: usize = 2_000;
/// Most bytes of them: what is left of a request is for the rest of the question.
const ASKED_BYTES_MAX: usize = 900 << 10;
/// Most files that are looked at without a job; the daemon takes no more either.
pub const REFRESHED_MAX: usize = 200;
/// Things of one sort that are named in a note.
const NAMED_MAX: usize = 3;
/// Languages whose definitions nothing calls: headings and keys.
const NO_CODE: [&str; 4] = ["markdown", "json", "toml", "yaml"];
/// What is said where the index could not be brought up to date.
pub const LAG: &str =
    "the index may be older than the files, and changed definitions be missed; `vigie index` brings it up to date";

/// What changed, as a question takes it.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// The places of what was added or changed.
    pub places: Vec<String>,
    /// The names of what was removed.
    pub removed: Vec<String>,
    /// What there is to be said of it.
    pub notes: Vec<String>,
    /// Some files could not be compared.
    pub is_partial: bool,
}

/// The files that rows tell of.
pub fn files(rows: &[ChangedRow]) -> BTreeSet<&Bytes> {
    rows.iter().map(|row| &row.path).collect()
}

impl Difference {
    /// What rows tell of, of definitions of these kinds; none = of all.
    pub fn of(mut rows: Vec<ChangedRow>, revision: &str, kinds: &[SymbolKind]) -> Difference {
        if !kinds.is_empty() {
            rows.retain(|row| kinds.contains(&row.kind));
        }
        // Of what is cut off, headings and keys are the least loss, and then what is new: others depended on what was there before.
        rows.sort_by_key(|row| (NO_CODE.contains(&row.language.as_str()), row.change == ChangeKind::ADDED));
        told(&rows, revision, !kinds.is_empty())
    }
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
pub fn named(all: &[String]) -> String {
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
