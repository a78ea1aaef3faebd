//! The definitions of a name, of `Container.name`, or of what stands at a place.

use crate::facts::Position;
use crate::kinds::{Confidence, SymbolKind};
use crate::resolve::{FileFacts, Target, World};
use crate::source::SourceRoot;
use crate::store::{ProjectStore, StoreError};

use super::filter::Filter;
use super::nothing;
use super::page::Course;
use super::rows::{FIRST, binding_kind, module_name, since, symbol_row};
use super::symbols::{SymbolsQuery, Wanted};
use super::target::{Asked, Meant};
use super::{Options, Page, Query, QueryError, Report, Rows, SymbolRow, TargetRequest, open_root};

/// Definitions of what is asked for.
pub fn definitions(
    store: &ProjectStore,
    request: TargetRequest,
    options: Options,
) -> Result<Box<dyn Query>, QueryError> {
    let asked = Asked::new(store, &request.target)?;
    let is_alias = store.snapshot(|snapshot| asked.is_alias(&World::new(snapshot)))?;
    if let Asked::Name { name, qualified } = &asked
        && !is_alias
    {
        let (name, qualified) = (name.clone(), qualified.clone());
        return Ok(Box::new(SymbolsQuery::new(
            store,
            Wanted::Definitions { name, qualified },
            request.kinds,
            &options,
        )?));
    }
    let (filter, course, root) = (Filter::new(&options)?, Course::new(&options), open_root(store)?);
    Ok(Box::new(MeantQuery { asked, request, filter, course, root }))
}

/// What stands at a place, or what imports mean by a name, is few things, so one page answers.
struct MeantQuery {
    asked: Asked,
    request: TargetRequest,
    filter: Filter,
    course: Course,
    root: SourceRoot,
}

impl Query for MeantQuery {
    fn page(&mut self, store: &ProjectStore, _page_bytes: usize) -> Result<Page, QueryError> {
        let mut rows = Vec::new();
        let mut failed = None;
        store.snapshot(|snapshot| {
            self.course.begin_page(snapshot.generation());
            let world = World::new(snapshot);
            match self.asked.meant(&world, &self.request) {
                Ok(meant) => rows = self.rows(&world, &meant)?,
                Err(error) => failed = Some(error),
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)?;
        Ok(Page { rows: Rows::Symbols(rows), done: true })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl MeantQuery {
    fn rows(&mut self, world: &World<'_>, meant: &Meant) -> Result<Vec<SymbolRow>, StoreError> {
        let confidence = meant.found.confidence;
        let mut rows = Vec::new();
        for target in &meant.found.targets {
            rows.extend(self.row(world, *target, confidence)?);
        }
        self.course.note_if(self.asked.other_name(world, meant)?);
        if rows.is_empty() && meant.found.total > 0 {
            let name = &meant.name;
            let filters = [self.asked.filters(&self.request.kinds), self.filter.given()].concat();
            self.course.note(match filters.is_empty() {
                true => format!("what {name} means is not in the index any more"),
                false => format!("what {name} means is left out by {}", nothing::joined(&filters)),
            });
        } else if meant.found.total > rows.len() {
            self.course.note(format!("{} definitions may be meant, the nearest of them are shown", meant.found.total));
        }
        if let Some((file, import)) = &meant.import {
            rows.push(self.import_row(world, file, *import)?);
        }
        if meant.found.external {
            self.course.note(format!("{} comes from outside of the index", meant.name));
        } else if rows.is_empty() && meant.found.total == 0 {
            self.course.note(format!("nothing in the index explains {}", meant.name));
        }
        rows.retain(|_| self.course.take_row(|| None));
        Ok(rows)
    }

    fn row(
        &self,
        world: &World<'_>,
        target: Target,
        confidence: Option<Confidence>,
    ) -> Result<Option<SymbolRow>, StoreError> {
        let id = match target {
            Target::Symbol(symbol) => symbol.file,
            Target::Local(file, _) | Target::Module(file) => file,
        };
        let Some(file) = world.file(id)?.filter(|file| self.filter.admits(&file.row.path, file.row.language)) else {
            return Ok(None);
        };
        Ok(Some(match target {
            Target::Symbol(symbol) => symbol_row(world, &self.root, &file, symbol.id, confidence)?,
            Target::Local(_, binding) => {
                let Some(at) = world.occurrences(&file)?.references.get(binding.at as usize) else { return Ok(None) };
                let name = world.text(&file, at.name)?.to_string();
                let container = world.qualified(&file, at.enclosing)?;
                SymbolRow {
                    container,
                    confidence,
                    ..self.bare_row(&file, name, binding_kind(binding.kind), at.position)
                }
            }
            Target::Module(_) => {
                let name = module_name(&file.row.path);
                SymbolRow { confidence, ..self.bare_row(&file, name, SymbolKind::Module, FIRST) }
            }
        }))
    }

    fn import_row(&self, world: &World<'_>, file: &FileFacts, import: usize) -> Result<SymbolRow, StoreError> {
        let import = &file.imports[import];
        let name = [&import.alias, &import.name, &import.module].into_iter().find(|name| !name.is_empty());
        let signature = format!("{} {}", import.module, import.name).trim_end().to_owned();
        let container = world.qualified(file, import.enclosing)?;
        let row = self.bare_row(file, name.cloned().unwrap_or_default(), SymbolKind::Import, import.position);
        Ok(SymbolRow { signature, container, ..row })
    }

    /// What is no symbol, as a row.
    fn bare_row(&self, file: &FileFacts, name: String, kind: SymbolKind, position: Position) -> SymbolRow {
        SymbolRow {
            qualified: name.clone(),
            name,
            kind,
            path: file.row.path.clone(),
            position,
            start_line: position.line,
            end_line: position.line,
            container: String::new(),
            signature: String::new(),
            doc: String::new(),
            language: file.language,
            declaration: false,
            since: since(&self.root, file),
            stale: file.row.structure_stale(),
            score: 0,
            confidence: None,
        }
    }
}
