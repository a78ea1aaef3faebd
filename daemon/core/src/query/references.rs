//! Where a name occurs, and what it means there. Asked by name, every occurrence answers, whatever it means; asked about one thing,
//! those that mean it, and those of which it cannot be told.

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};

use crate::facts::{NameId, NameUses, Position, ReferenceId};
use crate::kinds::{Role, SymbolKind};
use crate::resolve::{FileFacts, Resolution, Resolver, Target, World};
use crate::source::{STRUCTURE_BYTES_MAX, Source, SourceRoot};
use crate::store::{FileId, ProjectStore, StoreError};
use crate::text::decode;

use super::aliases::{known_as, renaming};
use super::cursor::Cursor;
use super::filter::Filter;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::rows::{meaning, module_name, since};
use super::target::{Asked, Spot, spot_of, symbol_at};
use super::users::is_certain;
use super::{
    Meaning, Options, Page, Query, QueryError, ReferenceRequest, ReferenceRow, Report, Rows, in_world, near, nothing,
    open_root,
};

/// Longest text of a row, in bytes.
const TEXT_BYTES_MAX: usize = 512;

/// Occurrences of what is asked for, by path and place.
pub fn references(
    store: &ProjectStore,
    request: ReferenceRequest,
    options: Options,
) -> Result<Box<dyn Query>, QueryError> {
    Ok(Box::new(ReferencesQuery {
        asked: Asked::new(store, &request.target.target)?,
        filter: Filter::new(&options)?,
        after: Cursor::unpack(&options.cursor)?,
        course: Course::new(&options),
        root: open_root(store)?,
        request,
        sought: Sought::default(),
        files: VecDeque::new(),
        rows: VecDeque::new(),
        uncertain: 0,
    }))
}

struct ReferencesQuery {
    asked: Asked,
    request: ReferenceRequest,
    filter: Filter,
    after: Option<Cursor>,
    course: Course,
    root: SourceRoot,
    sought: Sought,
    /// What was not looked at yet, by path.
    files: VecDeque<FileId>,
    /// Of the last file, what no page held or passed over.
    rows: VecDeque<ReferenceRow>,
    /// Rows that were passed over, since it is not certain what the name means there.
    uncertain: u64,
}

/// What occurrences must mean.
#[derive(Default)]
struct Sought {
    name: String,
    /// The name, and what else imports call what bears it.
    names: BTreeSet<String>,
    /// One of these; `None` = anything.
    goals: Option<Vec<Goal>>,
}

/// Something by its place, which holds from page to page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    Symbol(Spot),
    /// A class, whose constructor is called where it is called.
    Constructed(Spot),
    Local(Spot),
    Module(FileId),
}

impl Query for ReferencesQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        in_world(store, |world| self.page_in(world, page_bytes))
    }

    fn report(&self) -> Report {
        self.course.report()
    }
}

impl ReferencesQuery {
    fn page_in(&mut self, world: &World<'_>, page_bytes: usize) -> Result<Page, QueryError> {
        if self.course.begin_page(world.snapshot.generation()) {
            self.begin(world)?;
        }
        let mut budget = PageBudget::new(page_bytes);
        let mut rows: Vec<ReferenceRow> = Vec::new();
        while !budget.is_over() {
            let Some(row) = self.rows.pop_front() else {
                let Some(file) = self.files.pop_front() else { break };
                self.look_at(world, file)?;
                continue;
            };
            if !self.is_shown(&row) {
                self.uncertain += 1;
                // It is counted by one part of an answer alone.
                self.after = Some(key(&row));
                continue;
            }
            if !self.course.take_row(|| self.after.clone()) {
                self.course.note_uncertain(self.uncertain);
                return Ok(Page { rows: Rows::References(rows), done: true });
            }
            budget.spend(bytes(&row));
            self.after = Some(key(&row));
            rows.push(row);
        }
        let done = self.rows.is_empty() && self.files.is_empty();
        if done && self.course.lacks_reason() {
            self.course.explain(self.why_nothing(world)?);
        }
        if done {
            self.course.note_uncertain(self.uncertain);
        }
        Ok(Page { rows: Rows::References(rows), done })
    }

    /// Says why there is no row at all.
    fn why_nothing(&self, world: &World<'_>) -> Result<String, StoreError> {
        let name = &self.sought.name;
        if self.uncertain > 0 {
            return Ok(format!("no use of {name} is certain"));
        }
        let roles = nothing::filter("role", self.request.roles.iter().flatten().map(|role| role.name()));
        let filters: Vec<String> = roles.into_iter().chain(self.filter.given()).collect();
        if !filters.is_empty() {
            return Ok(nothing::left_nothing(&filters, &format!("the uses of {name}")));
        }
        Ok(match world.defining_files(name)?.is_empty() {
            true => format!("nothing in the index uses {name}"),
            false => format!("{name} is defined, and nothing in the index uses it; --with-defs shows its definitions"),
        })
    }

    /// Decides what is sought and where.
    fn begin(&mut self, world: &World<'_>) -> Result<(), QueryError> {
        self.sought = match &self.asked {
            // Whatever bears the name: what is defined under it need not be known.
            Asked::Name { name, qualified } if name == qualified && self.request.target.kinds.is_empty() => {
                Sought { names: known_as(world, name)?, name: name.clone(), goals: None }
            }
            asked => {
                let meant = asked.meant(world, &self.request.target)?;
                let goals = meant.is_specific.then(|| goals(world, &meant.found)).transpose()?;
                Sought { names: known_as(world, &meant.name)?, name: meant.name, goals }
            }
        };
        if self.sought.goals.as_ref().is_some_and(Vec::is_empty) {
            let filters = self.asked.filters(&self.request.target.kinds);
            self.course.explain(near::why_no_definition(world, &self.sought.name, &filters)?);
        } else if world.hits(&self.sought.name)?.is_empty() {
            self.course.explain(near::no_such_name(world, &self.sought.name)?);
        }
        let locals: Option<Vec<FileId>> =
            self.sought.goals.as_ref().and_then(|goals| goals.iter().map(Goal::file_of_local).collect());
        let may_answer = |uses: NameUses| {
            let defines = self.request.with_definitions && uses.has(NameUses::DEFINES);
            defines || uses.has(NameUses::MENTIONS) || uses.has(NameUses::IMPORTS)
        };
        let files = match locals {
            Some(files) if !files.is_empty() => files,
            _ => {
                let mut files = Vec::new();
                for name in &self.sought.names {
                    files.extend(world.hits(name)?.iter().filter(|hit| may_answer(hit.uses)).map(|hit| hit.file));
                }
                files
            }
        };
        let first = self.after.as_ref().map(|after| after.path.as_slice());
        self.files = self.filter.by_path(world, files, first)?;
        Ok(())
    }

    /// Finds the rows of a file that are not behind the cursor.
    fn look_at(&mut self, world: &World<'_>, id: FileId) -> Result<(), StoreError> {
        let Some(file) = world.file(id)? else { return Ok(()) };
        let mut rows = self.rows_of(world, &file)?;
        rows.sort_by_key(|row| row.position);
        rows.retain(|row| self.after.as_ref().is_none_or(|after| key(row) > *after));
        if self.request.with_text && rows.iter().any(|row| self.is_shown(row)) {
            self.add_text(&file, &mut rows);
        }
        self.rows.extend(rows);
        Ok(())
    }

    fn is_shown(&self, row: &ReferenceRow) -> bool {
        !self.request.only_certain || is_certain(row.meaning.confidence)
    }

    fn rows_of(&self, world: &World<'_>, file: &FileFacts) -> Result<Vec<ReferenceRow>, StoreError> {
        let mut rows = Vec::new();
        let own = world.name_id(file, &self.sought.name)?;
        let mut aliases = Vec::new();
        for name in self.sought.names.iter().filter(|name| **name != self.sought.name) {
            aliases.extend(world.name_id(file, name)?);
        }
        let resolver = Resolver::new(world);
        let occurrences = world.occurrences(file)?;
        let since = since(&self.root, file);
        let row = |name: NameId, role, position, enclosing, meaning| -> Result<ReferenceRow, StoreError> {
            Ok(ReferenceRow {
                path: file.row.path.clone(),
                name: world.text(file, name)?.to_string(),
                role,
                position,
                enclosing: world.qualified(file, enclosing)?,
                meaning,
                language: file.language,
                text: Vec::new(),
                since,
                stale: file.row.structure_stale(),
            })
        };
        for (reference, id) in occurrences.references.iter().zip(0..) {
            let is_alias = aliases.contains(&reference.name);
            let of_role = self.request.roles.as_ref().is_none_or(|roles| roles.contains(&reference.role));
            if !of_role || !(is_alias || own == Some(reference.name)) {
                continue;
            }
            let found = resolver.reference(file, id as ReferenceId)?;
            if self.is_sought(world, &found, reference.role)?
                && (!is_alias || self.is_by_alias(world, file, &found, reference.name)?)
            {
                let meaning = meaning(world, &found)?;
                rows.push(row(reference.name, Some(reference.role), reference.position, reference.enclosing, meaning)?);
            }
        }
        if self.request.with_definitions {
            for symbol in world.defined_in_file(file, &self.sought.name)? {
                let definition = &file.definitions[symbol.id as usize];
                let itself = Resolution::itself(symbol);
                if definition.kind != SymbolKind::Impl && self.is_sought(world, &itself, Role::Read)? {
                    let meaning = meaning(world, &itself)?;
                    rows.push(row(definition.name, None, definition.position, definition.container, meaning)?);
                }
            }
        }
        Ok(rows)
    }

    /// Whether what bears another name is what is sought, and not something else of that name.
    fn is_by_alias(
        &self,
        world: &World<'_>,
        file: &FileFacts,
        found: &Resolution,
        name: NameId,
    ) -> Result<bool, StoreError> {
        for target in &found.targets {
            let own = match target {
                Target::Symbol(symbol) => world.name(*symbol)?.to_string(),
                Target::Module(id) => world.row(*id)?.map(|row| module_name(&row.path)).unwrap_or_default(),
                Target::Local(..) => continue,
            };
            if own == self.sought.name {
                return Ok(true);
            }
        }
        // Of what lies outside of the index only its own imports say what it is.
        let name = world.text(file, name)?;
        Ok(found.external && renaming(file, &self.sought.name).any(|import| *import.alias == *name))
    }

    fn is_sought(&self, world: &World<'_>, found: &Resolution, role: Role) -> Result<bool, StoreError> {
        let Some(goals) = &self.sought.goals else { return Ok(true) };
        for target in &found.targets {
            let is_goal = match *target {
                Target::Symbol(symbol) => match spot_of(world, symbol)? {
                    Some(spot) => {
                        goals.contains(&Goal::Symbol(spot))
                            || role == Role::Call && goals.contains(&Goal::Constructed(spot))
                    }
                    None => false,
                },
                Target::Local(file, binding) => {
                    local_spot(world, file, binding.at)?.is_some_and(|spot| goals.contains(&Goal::Local(spot)))
                }
                Target::Module(file) => goals.contains(&Goal::Module(file)),
            };
            if is_goal {
                return Ok(true);
            }
        }
        // Candidates that are not named may be meant as well.
        if !found.is_ambiguous() || found.total <= found.targets.len() {
            return Ok(false);
        }
        for goal in goals {
            let symbol = match goal {
                Goal::Symbol(spot) | Goal::Constructed(spot) => symbol_at(world, *spot)?,
                Goal::Local(_) | Goal::Module(_) => return Ok(true),
            };
            if symbol.map_or(Ok(true), |symbol| found.may_be_unnamed(world, symbol))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn add_text(&self, file: &FileFacts, rows: &mut [ReferenceRow]) {
        let Source::Read(bytes, ..) = self.root.read(&file.row.path, STRUCTURE_BYTES_MAX) else { return };
        let text = decode(&bytes);
        let mut lines = text.split(|b| *b == b'\n').zip(1u32..);
        let mut line: (&[u8], u32) = (b"", 0);
        for row in rows {
            while line.1 < row.position.line
                && let Some(next) = lines.next()
            {
                line = next;
            }
            let stands_there = line.1 == row.position.line && stands_at(line.0, row.position, &row.name);
            row.text = if stands_there { cut(line.0).into_owned() } else { Vec::new() };
        }
    }
}

fn stands_at(line: &[u8], position: Position, name: &str) -> bool {
    line.get(position.column as usize - 1..).is_some_and(|rest| rest.starts_with(name.as_bytes()))
}

fn cut(line: &[u8]) -> Cow<'_, [u8]> {
    let line = line.trim_ascii();
    if line.len() <= TEXT_BYTES_MAX {
        Cow::Borrowed(line)
    } else {
        Cow::Owned([&line[..TEXT_BYTES_MAX], "…".as_bytes()].concat())
    }
}

impl Goal {
    /// The file to which what is sought is confined.
    fn file_of_local(&self) -> Option<FileId> {
        match self {
            Goal::Local(spot) => Some(spot.file),
            Goal::Symbol(_) | Goal::Constructed(_) | Goal::Module(_) => None,
        }
    }
}

fn goals(world: &World<'_>, found: &Resolution) -> Result<Vec<Goal>, StoreError> {
    let mut goals = Vec::new();
    for target in &found.targets {
        match *target {
            Target::Symbol(symbol) => {
                goals.extend(spot_of(world, symbol)?.map(Goal::Symbol));
                if let Some(class) = Resolver::new(world).constructed_by(symbol)? {
                    goals.extend(spot_of(world, class)?.map(Goal::Constructed));
                }
            }
            Target::Local(file, binding) => goals.extend(local_spot(world, file, binding.at)?.map(Goal::Local)),
            Target::Module(file) => goals.push(Goal::Module(file)),
        }
    }
    Ok(goals)
}

fn local_spot(world: &World<'_>, id: FileId, at: ReferenceId) -> Result<Option<Spot>, StoreError> {
    let Some(file) = world.file(id)? else { return Ok(None) };
    let declared = world.occurrences(&file)?.references.get(at as usize).map(|reference| reference.position);
    Ok(declared.map(|position| Spot { file: id, position }))
}

fn key(row: &ReferenceRow) -> Cursor {
    Cursor { path: row.path.clone(), line: row.position.line.into(), column: row.position.column, ..Cursor::default() }
}

fn bytes(row: &ReferenceRow) -> usize {
    ROW_BYTES + row.path.len() + row.name.len() + row.enclosing.len() + row.text.len() + meaning_bytes(&row.meaning)
}

/// Bytes of a meaning on the wire, roughly.
pub(super) fn meaning_bytes(meaning: &Meaning) -> usize {
    meaning.targets.iter().map(|target| 32 + target.qualified.len() + target.path.len()).sum()
}
