//! The definitions of one file, in their order.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::resolve::World;
use crate::source::SourceRoot;
use crate::store::ProjectStore;

use super::absent::why_not_parsed;
use super::cursor::Cursor;
use super::nothing;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::rows::symbol_row;
use super::target::{file_at, path_in};
use super::{Options, Page, Query, QueryError, Report, Rows, SymbolRow, open_root};
use crate::kinds::SymbolKind;

/// The definitions of a file, absolute or relative to the root.
pub fn outline(
    store: &ProjectStore,
    file: &[u8],
    kinds: &[SymbolKind],
    options: Options,
) -> Result<Box<dyn Query>, QueryError> {
    let path = path_in(store, Path::new(std::ffi::OsStr::from_bytes(file)))?;
    let after = Cursor::unpack(&options.cursor)?.map(|cursor| (cursor.line, cursor.column));
    Ok(Box::new(OutlineQuery {
        path,
        kinds: kinds.to_vec(),
        after,
        course: Course::new(&options),
        root: open_root(store)?,
    }))
}

struct OutlineQuery {
    path: Vec<u8>,
    kinds: Vec<SymbolKind>,
    /// Place of the last row.
    after: Option<(u64, u32)>,
    course: Course,
    root: SourceRoot,
}

impl Query for OutlineQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        let mut rows: Vec<SymbolRow> = Vec::new();
        let (mut failed, mut done) = (None, true);
        store.snapshot(|snapshot| {
            self.course.begin_page(snapshot.generation());
            let world = World::new(snapshot);
            let file = match file_at(&world, &self.path) {
                Ok(file) => file,
                Err(error) => {
                    failed = Some(error);
                    return Ok(());
                }
            };
            let mut in_order: Vec<u32> = (0..file.definitions.len() as u32).collect();
            let place = |id: u32| file.definitions[id as usize].position;
            in_order.sort_by_key(|id| place(*id));
            let mut budget = PageBudget::new(page_bytes);
            for id in in_order {
                let at = (u64::from(place(id).line), place(id).column);
                let of_kind = self.kinds.is_empty() || self.kinds.contains(&file.definitions[id as usize].kind);
                if !of_kind || self.after.is_some_and(|after| at <= after) {
                    continue;
                }
                if budget.is_over() {
                    done = false;
                    break;
                }
                let last = || self.after.map(|(line, column)| Cursor { line, column, ..Cursor::default() });
                if !self.course.take_row(last) {
                    break;
                }
                let row = symbol_row(&world, &self.root, &file, id, None)?;
                budget.spend(ROW_BYTES + row.path.len() + row.signature.len() + row.doc.len() + row.qualified.len());
                self.after = Some(at);
                rows.push(row);
            }
            if done && self.course.lacks_reason() {
                let path = file.path();
                self.course.explain(match nothing::of_kinds(&self.kinds) {
                    Some(kinds) => nothing::left_nothing(&[kinds], &format!("what {path} defines")),
                    None => match why_not_parsed(&file.row) {
                        Some(why) => format!("what {path} defines is not known: {why}"),
                        None => format!("{path} defines nothing"),
                    },
                });
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)?;
        Ok(Page { rows: Rows::Symbols(rows), done })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}
