//! The files that may match, in the order of the answer, and how far the answer has come.

use std::path::Path;

use crate::source::{Source, SourceRoot, TEXT_BYTES_MAX};
use crate::store::{FileId, ProjectStore, Snapshot, StoreError, TextFile};
use crate::text::Plan;

use super::super::absent::why_not_searched;
use super::super::cursor::Cursor;
use super::super::filter::Filter;
use super::super::nothing;
use super::super::page::Course;
use super::super::select::Selector;
use super::super::{Options, QueryError, Report, open_root};
use super::{TextRequest, bad_pattern};

/// Most paths of which it is said one by one why they are not searched.
const ABSENT_MAX: usize = 3;
/// Candidates are few if there are so many times as many files: then all are looked up at once, and sorted.
const FEW: usize = 32;
/// Fewest and most candidates that are looked up at once if they are not few.
const BATCH_MIN: usize = 64;
const BATCH_MAX: usize = 8192;

/// Files to search, in the order of their paths.
pub(super) struct Candidates {
    plan: Plan,
    filter: Filter,
    root: SourceRoot,
    files: Vec<TextFile>,
    /// The one to read next.
    next: usize,
    /// Those behind them.
    rest: Option<Rest>,
    /// Those that are there and cannot be searched any more.
    unread: u64,
}

/// Candidates that are not looked up yet: with many of them most answers end at their limit long before the last.
struct Rest {
    /// By number, whether a file is one; `None` = all are.
    among: Option<Vec<bool>>,
    /// The least path of one.
    from: Vec<u8>,
    /// How many are looked up at once.
    batch: usize,
}

/// A file as it is now.
pub(super) struct Text<'a> {
    pub(super) path: &'a [u8],
    pub(super) bytes: Vec<u8>,
    /// It is not what was indexed.
    pub(super) changed: bool,
}

impl Candidates {
    /// Those of a request, none looked up yet.
    pub(super) fn new(
        store: &ProjectStore,
        request: &TextRequest,
        options: &Options,
    ) -> Result<Candidates, QueryError> {
        let root = open_root(store)?;
        let selector = Selector::new(&request.selection, store.root())?;
        Ok(Candidates {
            plan: Plan::new(&request.pattern).map_err(bad_pattern)?,
            filter: Filter::new(options)?.with_selector(selector),
            root,
            files: Vec::new(),
            next: 0,
            rest: None,
            unread: 0,
        })
    }

    /// Says so if the index does not help.
    pub(super) fn remark(&self, course: &mut Course) {
        if self.plan.is_scan() {
            let why = "no three characters in a row are certain in what the pattern matches";
            course.note(format!("{why}, so the index cannot narrow it down: every file asked about is read"));
        }
    }

    /// Finds them in one snapshot. An answer that was cut goes on in the file of its cursor; whether that is still there.
    pub(super) fn find(
        &mut self,
        store: &ProjectStore,
        course: &mut Course,
        after: Option<&Cursor>,
    ) -> Result<bool, StoreError> {
        let from = after.map_or(&[][..], |after| &after.path);
        store.snapshot(|snapshot| {
            course.begin_page(snapshot.generation());
            remark_absent(snapshot, store.root(), &self.filter, course)?;
            match snapshot.candidates(&self.plan)? {
                Some(ids) if ids.len() * FEW < snapshot.texts() => {
                    let (files, filter) = (&mut self.files, &self.filter);
                    snapshot.each_text(&ids, |file| {
                        if *file.path >= *from && filter.admits(&file.path, file.language) {
                            files.push(file);
                        }
                    })?;
                    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
                    Ok(())
                }
                ids => {
                    let among = ids.map(|ids| flags(&ids));
                    self.rest = Some(Rest { among, from: from.to_vec(), batch: BATCH_MIN });
                    self.look_up(snapshot)
                }
            }
        })?;
        if self.files.is_empty() && course.is_without_rows() {
            self.remark_no_file(store, course)?;
        }
        Ok(after.is_some() && self.files.first().is_some_and(|file| file.path == from))
    }

    /// Looks up the next of the rest.
    fn look_up(&mut self, snapshot: &Snapshot<'_>) -> Result<(), StoreError> {
        (self.next, self.files) = (0, Vec::new());
        let Some(rest) = &mut self.rest else { return Ok(()) };
        let (files, filter) = (&mut self.files, &self.filter);
        let is_candidate = |id: FileId| match &rest.among {
            Some(among) => among.get(id as usize).copied().unwrap_or(false),
            None => true,
        };
        snapshot.each_text_by_path(&rest.from, is_candidate, |file| {
            if filter.admits(&file.path, file.language) {
                files.push(file);
            }
            files.len() < rest.batch
        })?;
        match files.last().filter(|_| files.len() == rest.batch) {
            // What comes directly behind a path.
            Some(last) => rest.from = [&last.path[..], &[0]].concat(),
            None => self.rest = None,
        }
        self.rest.iter_mut().for_each(|rest| rest.batch = (rest.batch * 2).min(BATCH_MAX));
        Ok(())
    }

    /// Says so if the filters leave no file in which something could be found.
    fn remark_no_file(&self, store: &ProjectStore, course: &mut Course) -> Result<(), StoreError> {
        let given = self.filter.given();
        if given.is_empty() {
            return Ok(());
        }
        let mut is_any = false;
        store.snapshot(|snapshot| {
            let is_wanted = |_| true;
            snapshot.each_text_by_path(b"", is_wanted, |file| {
                is_any = self.filter.admits(&file.path, file.language);
                !is_any
            })
        })?;
        if !is_any {
            course.note(nothing::left_none(&self.filter.given_with_paths(), "file to search"));
            course.note_if(self.filter.how_to_name_a_directory());
        }
        Ok(())
    }

    /// Whether there is no further one.
    pub(super) fn is_done(&self) -> bool {
        self.next >= self.files.len()
    }

    /// Reads the next one; nothing if there is nothing to search in it any more.
    pub(super) fn read(&mut self, course: &mut Course) -> Option<Text<'_>> {
        let file = self.files.get(self.next)?;
        match self.root.read(&file.path, TEXT_BYTES_MAX) {
            Source::Read(bytes, stat, _) => return Some(Text { path: &file.path, bytes, changed: stat != file.stat }),
            Source::Vanished => course.vanish(),
            Source::TooLarge(_)
            | Source::Unstable(_)
            | Source::Special
            | Source::Unreadable(_)
            | Source::Exhausted(_) => self.unread += 1,
        }
        None
    }

    /// Goes on to the one behind.
    pub(super) fn advance(&mut self, store: &ProjectStore) -> Result<(), StoreError> {
        self.next += 1;
        if self.is_done() { store.snapshot(|snapshot| self.look_up(snapshot)) } else { Ok(()) }
    }

    /// The report of an answer that they are the ground of.
    pub(super) fn report(&self, course: &Course) -> Report {
        let mut report = course.report();
        if self.unread > 0 {
            let count = self.unread;
            report.notes.push(format!("files that may match but cannot be searched any more: {count}; index again"));
        }
        report
    }
}

/// For each number up to the highest, whether it is among these.
fn flags(ids: &[FileId]) -> Vec<bool> {
    let mut flags = vec![false; ids.iter().max().map_or(0, |max| *max as usize + 1)];
    ids.iter().for_each(|id| flags[*id as usize] = true);
    flags
}

/// Says which of the paths that were named are not searched, and why.
fn remark_absent(snapshot: &Snapshot<'_>, root: &Path, filter: &Filter, course: &mut Course) -> Result<(), StoreError> {
    let mut absent = 0;
    for path in filter.paths() {
        let Some(why) = why_not_searched(snapshot, root, path)? else { continue };
        absent += 1;
        if absent <= ABSENT_MAX {
            course.note(why);
        }
    }
    if absent > ABSENT_MAX {
        course.note(format!("more paths that were named and are not searched: {}", absent - ABSENT_MAX));
    }
    Ok(())
}
