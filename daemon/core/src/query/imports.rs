//! What a file imports, and who imports it.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::facts::{Import, NameUses, OWN_MODULE, module_key};
use crate::kinds::{Language, SymbolKind};
use crate::resolve::{FileFacts, Resolution, Resolver, World, package_names};
use crate::source::SourceRoot;
use crate::store::{FileId, ProjectStore, StoreError};

use super::aliases::known_as;
use super::cursor::Cursor;
use super::filter::Filter;
use super::nothing;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::references::meaning_bytes;
use super::rows::{meaning, module_name, since};
use super::target::{file_at, path_in};
use super::{ImportRequest, ImportRow, Options, Page, Query, QueryError, Report, Rows, in_world, open_root};

/// By these names modules speak of what they belong to.
const RELATIVE: [&str; 4] = ["self", "super", "crate", "."];

/// Imports by a file, or of it, by path and place.
pub fn imports(store: &ProjectStore, request: ImportRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    Ok(Box::new(ImportsQuery {
        path: path_in(store, Path::new(OsStr::from_bytes(&request.file)))?,
        importers: request.importers,
        filter: Filter::new(&options)?,
        after: Cursor::unpack(&options.cursor)?,
        course: Course::new(&options),
        root: open_root(store)?,
        files: VecDeque::new(),
        rows: VecDeque::new(),
    }))
}

struct ImportsQuery {
    path: Vec<u8>,
    importers: bool,
    filter: Filter,
    after: Option<Cursor>,
    course: Course,
    root: SourceRoot,
    /// What was not looked at yet, by path.
    files: VecDeque<FileId>,
    /// Of the last file, what no page held.
    rows: VecDeque<(Cursor, ImportRow)>,
}

impl Query for ImportsQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        in_world(store, |world| self.page_in(world, page_bytes))
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl ImportsQuery {
    fn page_in(&mut self, world: &World<'_>, page_bytes: usize) -> Result<Page, QueryError> {
        let subject = file_at(world, &self.path)?;
        if self.course.begin_page(world.snapshot.generation()) {
            let files = if self.importers { may_import(world, &subject)? } else { BTreeSet::from([subject.id()]) };
            let first = self.after.as_ref().map(|after| after.path.as_slice());
            self.files = self.filter.by_path(world, files, first)?;
        }
        let mut budget = PageBudget::new(page_bytes);
        let mut rows: Vec<ImportRow> = Vec::new();
        while !budget.is_over() {
            let Some((key, row)) = self.rows.pop_front() else {
                let Some(file) = self.files.pop_front() else { break };
                self.look_at(world, file, &subject)?;
                continue;
            };
            if !self.course.take_row(|| self.after.clone()) {
                return Ok(Page { rows: Rows::Imports(rows), done: true });
            }
            let texts = row.path.len() + row.module.len() + row.name.len() + row.alias.len();
            budget.spend(ROW_BYTES + texts + meaning_bytes(&row.meaning));
            rows.push(row);
            self.after = Some(key);
        }
        let done = self.rows.is_empty() && self.files.is_empty();
        if done && self.course.lacks_reason() {
            self.course.explain(self.why_nothing(&subject));
        }
        Ok(Page { rows: Rows::Imports(rows), done })
    }

    /// Says why there is no row at all.
    fn why_nothing(&self, subject: &FileFacts) -> String {
        let (path, filters) = (subject.path(), self.filter.given());
        let language = subject.language;
        let has_imports = !matches!(language, Language::Json | Language::Toml | Language::Yaml | Language::Markdown);
        match (self.importers, has_imports) {
            (_, false) => format!("{path} is {}, in which nothing is imported", language.name()),
            (true, true) if filters.is_empty() => format!("nothing in the index imports {path}"),
            (false, true) if filters.is_empty() => format!("{path} imports nothing"),
            (true, true) => nothing::left_nothing(&filters, &format!("the imports of {path}")),
            (false, true) => nothing::left_nothing(&filters, &format!("the imports in {path}")),
        }
    }

    fn look_at(&mut self, world: &World<'_>, id: FileId, subject: &FileFacts) -> Result<(), StoreError> {
        let Some(file) = world.file(id)? else { return Ok(()) };
        let resolver = Resolver::new(world);
        let of_others = file.imports.iter().zip(1..).filter(|(import, _)| import.module != OWN_MODULE);
        for (import, number) in of_others {
            let found = resolver.import_of(&file, import)?;
            if self.importers && !is_of(&resolver, &file, import, &found, subject)? {
                continue;
            }
            let row = ImportRow {
                path: file.row.path.clone(),
                position: import.position,
                module: import.module.clone(),
                name: import.name.clone(),
                alias: import.alias.clone(),
                exported: import.exported,
                meaning: meaning(world, &found)?,
                since: since(&self.root, &file),
            };
            // Several may begin at one place.
            let key = Cursor { path: row.path.clone(), line: number, ..Cursor::default() };
            if self.after.as_ref().is_none_or(|after| key > *after) {
                self.rows.push_back((key, row));
            }
        }
        Ok(())
    }
}

/// The files that may import a file: they speak of its module, its directory, its package, or something it offers.
fn may_import(world: &World<'_>, subject: &FileFacts) -> Result<BTreeSet<FileId>, StoreError> {
    let path = subject.path();
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut keys: BTreeSet<String> = RELATIVE.map(str::to_owned).into();
    keys.insert(module_name(subject.row.path.as_slice()));
    keys.insert(directory.rsplit('/').next().unwrap_or(directory).to_owned());
    keys.extend(package_names(world, subject)?.iter().map(|name| module_key(name).to_owned()));
    for definition in &subject.definitions {
        let is_offered = definition.container.is_none_or(|outer| {
            subject
                .definitions
                .get(outer as usize)
                .is_some_and(|outer| matches!(outer.kind, SymbolKind::Namespace | SymbolKind::Module))
        });
        if is_offered {
            keys.extend(known_as(world, &world.text(subject, definition.name)?)?);
        }
    }
    let mut files = BTreeSet::new();
    for key in keys {
        let hits = world.hits(&key)?;
        files.extend(hits.iter().filter(|hit| hit.uses.has(NameUses::IMPORTS)).map(|hit| hit.file));
    }
    files.remove(&subject.id());
    Ok(files)
}

/// Whether an import is one of a file, or of something that the file defines.
fn is_of(
    resolver: &Resolver<'_, '_>,
    file: &FileFacts,
    import: &Import,
    found: &Resolution,
    subject: &FileFacts,
) -> Result<bool, StoreError> {
    Ok(found.is_in(subject.id()) || resolver.imported_from(file, import)?.contains(&subject.id()))
}
