//! The canonical dump: every fact of the index as sorted lines of JSON. Two equal indexes dump equal bytes, whatever their history;
//! so nothing is in it that a history leaves behind: no ids, times, generations.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Map, Value, json};

use crate::facts::Position;
use crate::kinds::Language;
use crate::resolve::World;
use crate::store::{FileId, FileRow, ProjectStore, StoreError};

use super::page::{Course, PageBudget};
use super::{Options, Page, Query, QueryError, Report, Rows};

/// The canonical dump.
pub fn dump(_store: &ProjectStore) -> Result<Box<dyn Query>, QueryError> {
    let course = Course::new(&Options::default());
    Ok(Box::new(DumpQuery { course, files: Vec::new(), section: Section::Files, next: 0 }))
}

/// Lines are sorted by type first, so the files are gone through once for each.
#[derive(Clone, Copy)]
enum Section {
    Files,
    Imports,
    References,
    Symbols,
}

impl Section {
    fn next(self) -> Option<Section> {
        match self {
            Section::Files => Some(Section::Imports),
            Section::Imports => Some(Section::References),
            Section::References => Some(Section::Symbols),
            Section::Symbols => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Section::Files => "file",
            Section::Imports => "import",
            Section::References => "reference",
            Section::Symbols => "symbol",
        }
    }
}

struct DumpQuery {
    course: Course,
    files: Vec<FileId>,
    section: Section,
    next: usize,
}

impl Query for DumpQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        let mut lines = Vec::new();
        let mut changed = Ok(true);
        let mut done = false;
        store.snapshot(|snapshot| {
            changed = self.course.begin_page_of_one_generation(snapshot.generation());
            match changed {
                Ok(true) => snapshot.each_file(None, |row| {
                    self.files.push(row.id);
                    true
                })?,
                Ok(false) => {}
                Err(_) => return Ok(()),
            }
            let world = World::new(snapshot);
            let mut budget = PageBudget::new(page_bytes);
            while !done && !budget.is_over() {
                let before = lines.len();
                done = self.step(&world, &mut lines)?;
                budget.spend(lines.len() - before);
            }
            Ok(())
        })?;
        changed?;
        Ok(Page { rows: Rows::Dump(lines), done })
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl DumpQuery {
    /// Appends the lines of the next file in the section; `true` at the end of all.
    fn step(&mut self, world: &World<'_>, lines: &mut Vec<u8>) -> Result<bool, StoreError> {
        let Some(id) = self.files.get(self.next) else {
            self.next = 0;
            match self.section.next() {
                Some(section) => self.section = section,
                None => return Ok(true),
            }
            return Ok(false);
        };
        self.next += 1;
        let Some(file) = world.row(*id)? else { return Ok(false) };
        let writer = FileDump { world, file: &file, section: self.section };
        let mut found = match self.section {
            Section::Files => vec![writer.file_line()],
            Section::Imports => writer.imports()?,
            Section::References => writer.references()?,
            Section::Symbols => writer.symbols()?,
        };
        found.sort();
        for (_, line) in &found {
            self.course.take_row(|| None);
            lines.extend_from_slice(line.as_bytes());
            lines.push(b'\n');
        }
        Ok(false)
    }
}

/// What lines of one file and section are sorted by, and the line.
type Line = ((u32, u32, String, String), String);

struct FileDump<'a> {
    world: &'a World<'a>,
    file: &'a FileRow,
    section: Section,
}

impl FileDump<'_> {
    fn object(&self) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("type".into(), self.section.name().into());
        match std::str::from_utf8(&self.file.path) {
            Ok(path) => object.insert("path".into(), path.into()),
            Err(_) => object.insert("path_b64".into(), BASE64.encode(&self.file.path).into()),
        };
        object.insert("language".into(), self.file.language.map(Language::name).into());
        object
    }

    fn line(&self, position: Position, name: &str, kind: &str, fields: Value) -> Line {
        let mut object = self.object();
        object.insert("line".into(), position.line.into());
        object.insert("column".into(), position.column.into());
        object.insert("name".into(), name.into());
        if let Value::Object(fields) = fields {
            object.extend(fields);
        }
        let key = (position.line, position.column, name.to_owned(), kind.to_owned());
        (key, Value::Object(object).to_string())
    }

    fn file_line(&self) -> Line {
        let file = self.file;
        let mut object = self.object();
        object.insert("disposition".into(), file.disposition.name().into());
        object.insert("reason".into(), file.reason.as_str().into());
        object.insert("bytes".into(), file.stat.size.into());
        let hex = |hash: [u8; 16]| HEXLOWER.encode(&hash);
        object.insert("hash".into(), file.content_hash.map(hex).into());
        object.insert("structure_hash".into(), file.structure.as_ref().map(|s| hex(s.hash)).into());
        object.insert("lexical".into(), file.structure.as_ref().is_some_and(|s| s.lexical).into());
        ((0, 0, String::new(), String::new()), Value::Object(object).to_string())
    }

    fn imports(&self) -> Result<Vec<Line>, StoreError> {
        let Some(facts) = self.world.file(self.file.id)? else { return Ok(Vec::new()) };
        let mut lines = Vec::with_capacity(facts.imports.len());
        for import in &facts.imports {
            let fields = json!({
                "module": import.module,
                "alias": import.alias,
                "exported": import.exported,
                "enclosing": or_null(self.world.qualified(&facts, import.enclosing)?),
            });
            lines.push(self.line(import.position, &import.name, &import.module, fields));
        }
        Ok(lines)
    }

    fn references(&self) -> Result<Vec<Line>, StoreError> {
        let Some(facts) = self.world.file(self.file.id)? else { return Ok(Vec::new()) };
        let occurrences = self.world.occurrences(&facts)?;
        let mut lines = Vec::with_capacity(occurrences.references.len());
        let mut bindings = occurrences.bindings.iter().peekable();
        for (reference, id) in occurrences.references.iter().zip(0..) {
            let role = reference.role.name();
            let mut fields = json!({
                "role": role,
                "enclosing": or_null(self.world.qualified(&facts, reference.enclosing)?),
                "receiver": occurrences.receiver(reference).unwrap_or_default(),
            });
            if let Some(binding) = bindings.next_if(|binding| binding.at == id) {
                let visible = json!([binding.from, binding.to]);
                fields["binding"] = json!({
                    "kind": binding.kind.name(),
                    "visible": visible,
                    "declared_type": occurrences.text(binding.type_text),
                });
            }
            lines.push(self.line(reference.position, &self.world.text(&facts, reference.name)?, role, fields));
        }
        Ok(lines)
    }

    fn symbols(&self) -> Result<Vec<Line>, StoreError> {
        let Some(facts) = self.world.file(self.file.id)? else { return Ok(Vec::new()) };
        let mut lines = Vec::with_capacity(facts.definitions.len());
        for definition in &facts.definitions {
            let kind = definition.kind.name();
            let fields = json!({
                "kind": kind,
                "start_line": definition.start_line,
                "end_line": definition.end_line,
                "container": or_null(self.world.container(&facts, definition)?),
                "signature": definition.signature,
                "doc": definition.doc,
                "declaration": definition.declaration,
                "declared_type": definition.type_text,
                "bases": definition.bases,
            });
            lines.push(self.line(definition.position, &self.world.text(&facts, definition.name)?, kind, fields));
        }
        Ok(lines)
    }
}

fn or_null(text: String) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}
