//! What the index holds, file by file.

use crate::kinds::Disposition;
use crate::store::{self, ProjectStore};

use super::absent::why_not_held;
use super::cursor::Cursor;
use super::filter::Filter;
use super::nothing;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::{CoverageRow, Options, Page, Query, QueryError, Report, Rows, StructureState};

/// What the index holds, file by file, by path: files committed after generation `since`, of these dispositions (empty = all).
pub fn coverage(
    _store: &ProjectStore,
    since: u64,
    dispositions: &[Disposition],
    options: Options,
) -> Result<Box<dyn Query>, QueryError> {
    Ok(Box::new(CoverageQuery {
        since,
        dispositions: dispositions.to_vec(),
        filter: Filter::new(&options)?,
        after: Cursor::unpack(&options.cursor)?.map(|cursor| cursor.path),
        course: Course::new(&options),
    }))
}

struct CoverageQuery {
    since: u64,
    dispositions: Vec<Disposition>,
    filter: Filter,
    /// The last path looked at.
    after: Option<Vec<u8>>,
    course: Course,
}

impl Query for CoverageQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        let CoverageQuery { since, dispositions, filter, after, course } = self;
        let mut rows = Vec::new();
        let mut done = true;
        store.snapshot(|snapshot| {
            let mut budget = PageBudget::new(page_bytes);
            course.begin_page(snapshot.generation());
            let from = after.clone();
            snapshot.each_file(from.as_deref(), |row| {
                if budget.is_over() {
                    done = false;
                    return false;
                }
                let row_generation = generation_of(&row);
                let wanted = row_generation > *since
                    && (dispositions.is_empty() || dispositions.contains(&row.disposition))
                    && filter.admits(&row.path, row.language);
                if wanted {
                    let last = || after.clone().map(|path| Cursor { path, ..Cursor::default() });
                    if !course.take_row(last) {
                        return false;
                    }
                    budget.spend(ROW_BYTES + row.path.len() + row.reason.len());
                    rows.push(row_of(&row));
                }
                *after = Some(row.path);
                true
            })?;
            if done && course.lacks_reason() {
                for path in filter.paths() {
                    why_not_held(snapshot, store.root(), path)?.into_iter().for_each(|why| course.explain(why));
                }
            }
            Ok(())
        })?;
        if done && self.course.lacks_reason() {
            let why = self.why_nothing();
            self.course.explain(why);
        }
        Ok(Page { rows: Rows::Coverage(rows), done })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl CoverageQuery {
    /// Says why there is no row at all.
    fn why_nothing(&self) -> String {
        let dispositions = nothing::filter("disposition", self.dispositions.iter().map(|wanted| wanted.name()));
        let since = (self.since > 0).then(|| format!("a generation after {}", self.since));
        let filters: Vec<String> =
            dispositions.into_iter().chain(since).chain(self.filter.given_with_paths()).collect();
        match filters.is_empty() {
            true => "the index has no files".to_owned(),
            false => format!("the index has no file of {}", nothing::joined(&filters)),
        }
    }
}

fn generation_of(row: &store::FileRow) -> u64 {
    row.scan_generation.max(row.structure.as_ref().map_or(0, |structure| structure.generation))
}

fn row_of(row: &store::FileRow) -> CoverageRow {
    let structure = row.structure.as_ref();
    CoverageRow {
        path: row.path.clone(),
        disposition: row.disposition,
        reason: row.reason.clone(),
        language: row.language,
        bytes: row.stat.size,
        structure: match structure {
            _ if row.structure_stale() => StructureState::Stale,
            _ if row.structure_pending() => StructureState::Pending,
            None => StructureState::None,
            Some(structure) if structure.lexical => StructureState::Lexical,
            Some(_) => StructureState::Current,
        },
        symbols: structure.map_or(0, |structure| structure.symbols),
        references: structure.map_or(0, |structure| structure.references),
        generation: generation_of(row),
    }
}
